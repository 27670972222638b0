# SPDX-License-Identifier: GPL-2.0-only
"""Run Nova with files of mdev-precheck export --format provider-yaml, which are beside this file

The hosts of takes.yaml and refuses.yaml show the string of traits.json, and only the first one
takes it.  empty.yaml is of a host without parents, enemy.yaml of a host whose types have odd
names, and many.yaml of a host with 5,000 types.
"""

# Nova's threads are eventlet's, which has to come before each module that has locks
import nova.monkey_patch  # pylint: disable=unused-import

import json
import pathlib
import shutil

import fixtures

from nova import context
from nova import exception
from nova.compute import provider_config
from nova.tests.functional import integrated_helpers

FILES = pathlib.Path(__file__).parent
TRAITS = json.loads((FILES / "traits.json").read_text())
NAME = "mdev-precheck.yaml"
OTHER = """meta:
  schema_version: '1.0'
providers:
  - identification: %s
    traits:
      additional:
        - CUSTOM_OTHER
"""


class TraitTests(integrated_helpers.ProviderUsageBaseTestCase):
    """Tests with a directory of files, which a compute reads when it starts"""

    compute_driver = "fake.FakeDriver"

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.flags(provider_config_location=str(self.directory), group="compute")

    def publish(self, file):
        """Replace the file of the host"""
        shutil.copy(FILES / file, self.directory / NAME)

    def configs(self):
        """Return the files that Nova has read"""
        return provider_config.get_provider_configs(str(self.directory))

    def assert_traits(self, expected, host="host"):
        """Compare the traits of a host in placement that are of mdev-precheck"""
        traits = self._get_provider_traits(self._get_provider_uuid_by_host(host))
        self.assertEqual(sorted(expected),
                         sorted(trait for trait in traits if "MDEV" in trait))

    def update(self, compute):
        """Run the task that nova-compute runs each minute"""
        compute.manager.update_available_resource(context.get_admin_context())

    def test_compute_node_has_the_traits_of_the_file(self):
        """The provider of the host has the traits of the file"""
        self.publish("takes.yaml")
        self._start_compute("host")
        self.assert_traits([TRAITS["shows"], TRAITS["takes"]])

    def test_file_of_a_killed_export_is_not_read(self):
        """A hidden temporary file changes nothing"""
        self.publish("takes.yaml")
        expected = self.configs()
        (self.directory / f".{NAME}.aB3dE6").write_text("providers: [")
        self.assertEqual(expected, self.configs())
        self.assertEqual(["$COMPUTE_NODE"], list(expected))

    def test_empty_list_has_no_traits(self):
        """A host without parents starts, and does not have a trait of mdev-precheck"""
        self.publish("empty.yaml")
        self.assertEqual({}, self.configs())
        self._start_compute("host")
        self.assert_traits([])

    def test_file_of_an_enemy_is_read(self):
        """Types with odd names are comments"""
        self.publish("enemy.yaml")
        self.assertEqual(TRAITS["enemy"],
                         len(self.configs()["$COMPUTE_NODE"]["traits"]["additional"]))

    def test_file_of_5000_types_is_read(self):
        """All of 10,000 traits are read"""
        self.publish("many.yaml")
        self.assertEqual(10000, len(self.configs()["$COMPUTE_NODE"]["traits"]["additional"]))

    def test_name_that_is_not_a_trait_stops_nova(self):
        """nova-compute does not start with a name that mdev-precheck would refuse to write"""
        self.publish("takes.yaml")
        text = (self.directory / NAME).read_text()
        for wrong in "CUSTOM_MDEV-", "custom_MDEV_", "MDEV_", "CUSTOM_" + 249 * "A":
            (self.directory / NAME).write_text(text.replace("CUSTOM_MDEV_", wrong))
            self.assertRaises(exception.ProviderConfigException, self.configs)

    def test_second_file_about_the_compute_node_stops_nova(self):
        """nova-compute does not start with another file that has $COMPUTE_NODE"""
        self.publish("takes.yaml")
        (self.directory / "other.yaml").write_text(OTHER % "{uuid: $COMPUTE_NODE}")
        error = self.assertRaises(exception.ProviderConfigException, self.configs)
        self.assertIn("$COMPUTE_NODE has multiple definitions", str(error))

    def test_file_about_the_name_of_the_node_hides_ours(self):
        """A file that names the node keeps Nova from reading a file with $COMPUTE_NODE"""
        self.publish("takes.yaml")
        (self.directory / "other.yaml").write_text(OTHER % "{name: host}")
        self._start_compute("host")
        self.assert_traits([])
        self.assertIn("CUSTOM_OTHER",
                      self._get_provider_traits(self._get_provider_uuid_by_host("host")))

    def test_file_about_an_unknown_provider_changes_nothing(self):
        """A file about a provider that does not exist is a warning"""
        self.publish("takes.yaml")
        (self.directory / "other.yaml").write_text(OTHER % "{name: elsewhere}")
        self._start_compute("host")
        self.assert_traits([TRAITS["shows"], TRAITS["takes"]])
        self.assertIn("Provider 'elsewhere' specified in provider config file 'other.yaml' does "
                      "not exist", self.stdlog.logger.output)

    def test_file_is_read_when_nova_starts(self):
        """A file that changes is read by the next nova-compute"""
        self.publish("refuses.yaml")
        compute = self._start_compute("host")
        self.publish("takes.yaml")
        self.update(compute)
        self.assert_traits([TRAITS["shows"]])
        self.restart_compute_service(compute)
        self.assert_traits([TRAITS["shows"], TRAITS["takes"]])

    def test_trait_that_is_gone_stays_in_placement(self):
        """Nova adds traits, so another program has to remove an old one"""
        self.publish("takes.yaml")
        compute = self._start_compute("host")
        self.publish("refuses.yaml")
        compute = self.restart_compute_service(compute)
        self.assert_traits([TRAITS["shows"], TRAITS["takes"]])
        uuid = self._get_provider_uuid_by_host("host")
        kept = [trait for trait in self._get_provider_traits(uuid) if trait != TRAITS["takes"]]
        self._set_provider_traits(uuid, kept)
        # Nova does this after SIGHUP, and after resource_provider_association_refresh, five minutes
        compute.manager.reportclient.clear_provider_cache()
        self.update(compute)
        self.assert_traits([TRAITS["shows"]])

    def create(self, extra_spec=None, image=None, **arguments):
        """Create a server"""
        return self._create_server(
            flavor_id=self._create_flavor(extra_spec=extra_spec),
            image_uuid=image or "155d900f-4e14-4e4c-a73d-069cbf4541e6", networks="none",
            **arguments)

    def test_flavor_finds_the_host_that_takes_the_string(self):
        """A flavor that requires the trait is for a host that has it"""
        for host in "refuses", "takes":
            self.publish(f"{host}.yaml")
            self._start_compute(host)
        for _ in range(3):
            server = self.create({f"trait:{TRAITS['takes']}": "required"})
            self.assertEqual("takes", server["OS-EXT-SRV-ATTR:host"])
        self.create({"trait:CUSTOM_MDEV_TAKES_0": "required"}, expected_state="ERROR")

    def test_guest_of_the_flavor_migrates_to_a_host_that_takes_the_string(self):
        """The scheduler leaves out a target that does not have the trait of the flavor"""
        self.publish("takes.yaml")
        self._start_compute("source")
        server = self.create({f"trait:{TRAITS['takes']}": "required"})
        for host in "refuses", "takes":
            self.publish(f"{host}.yaml")
            self._start_compute(host)
        server = self._live_migrate(server, "completed")
        self.assertEqual("takes", server["OS-EXT-SRV-ATTR:host"])

    def test_image_finds_the_host_that_takes_the_string(self):
        """An image that requires the trait is for a host that has it"""
        for host in "refuses", "takes":
            self.publish(f"{host}.yaml")
            self._start_compute(host)
        image = self.glance.show(None, "155d900f-4e14-4e4c-a73d-069cbf4541e6")
        image["properties"][f"trait:{TRAITS['takes']}"] = "required"
        image["id"] = "aaaaaaaa-1111-4222-8333-444444444444"
        self.glance.create(None, image)
        for _ in range(3):
            server = self.create(image=image["id"])
            self.assertEqual("takes", server["OS-EXT-SRV-ATTR:host"])
