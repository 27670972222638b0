# SPDX-License-Identifier: GPL-2.0-only
"""Run Nova's tests of vGPU live migration with tools/mdev/integrations/nova.py, and tests of nova.py

The inherited tests run with drivers that take each device.  The program mdev-precheck beside this
file answers for the devices that Nova's fake libvirt made up.
"""

# Nova's threads are eventlet's, which has to come before each module that has locks
import nova.monkey_patch  # pylint: disable=unused-import

import pathlib
import tempfile

import fixtures

from nova import objects
from nova.tests import fixtures as nova_fixtures
from nova.tests.functional.api import client
from nova.tests.functional.libvirt import test_vgpu
from nova.virt.libvirt import driver

# Devices of the fixture
ACCEPTS = "33333333-2222-4333-8444-555555555555"
REFUSES = "22222222-2222-4333-8444-555555555555"
MISSING = "44444444-2222-4333-8444-555555555555"
HANGS = "55555555-2222-4333-8444-555555555555"


class AskingTests(test_vgpu.VGPULiveMigrationTests):
    """Live migrations from src to dest"""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.answer_with(ACCEPTS, ACCEPTS)
        super().setUp()
        # The calls run in this process and not in the daemon of privsep
        self.useFixture(nova_fixtures.PrivsepFixture())
        self.useFixture(fixtures.EnvironmentVariable("PRECHECK", directory.name))

    def start_compute_with_vgpu(self, hostname, pci_info=None):
        """Start a compute with the driver that asks"""
        self.flags(compute_driver="mdev_precheck.LibvirtDriver")
        return super().start_compute_with_vgpu(hostname, pci_info=pci_info)

    def answer_with(self, *devices):
        """Answer each question as a device of the fixture, and forget the questions"""
        (self.directory / "answers").write_text("".join(f"{uuid}\n" for uuid in devices))
        (self.directory / "asked").write_text("")

    def asked(self):
        """Return the devices that were asked about, and the devices that were exported"""
        calls = (self.directory / "asked").read_text().splitlines()
        words = [call.split() for call in calls]
        return ([call[-1] for call in words if call[0] == "check"],
                [call[-1] for call in words if call[0] == "export"])

    def create(self, vgpus=1):
        """Create a server on src"""
        flavor = self._create_flavor(extra_spec={
            "resources:VGPU": str(vgpus), "trait:CUSTOM_NVIDIA_11": "required"} if vgpus else {})
        self.server = self._create_server(
            image_uuid="155d900f-4e14-4e4c-a73d-069cbf4541e6", flavor_id=flavor,
            networks="auto", host="src")
        self.assert_mdev_usage(self.src, vgpus)

    def devices(self, compute):
        """Return the UUIDs of the devices that guests of a compute have"""
        return sorted(compute.driver._get_all_assigned_mediated_devices())

    def assert_refused(self, vgpus, *words):
        """Fail to migrate, for a reason with these words"""
        error = self.assertRaises(client.OpenStackApiException, self._live_migrate, self.server,
                                  "completed")
        self.assertIn("NoValidHost", str(error))
        for word in ("Migration pre-check error: ", *words):
            self.assertIn(word, self.stdlog.logger.output)
        self.assertFalse(self.migrate_stub_ran)
        self.assert_mdev_usage(self.src, vgpus)
        # dest does not keep a device for a guest that does not come
        self.assert_mdev_usage(self.dest, 0)

    def test_guest_with_an_accepted_device_migrates(self):
        """The driver of dest is asked about the device that the guest gets there"""
        self.create()
        exported = self.devices(self.src)
        self._live_migrate(self.server, "completed")
        self.assertTrue(self.migrate_stub_ran)
        self.assert_mdev_usage(self.dest, 1)
        self.assertEqual((self.devices(self.dest), exported), self.asked())

    def test_guest_with_two_accepted_devices_migrates(self):
        """Each of two devices is asked about"""
        self.create(vgpus=2)
        self._live_migrate(self.server, "completed")
        self.assert_mdev_usage(self.dest, 2)
        self.assertEqual(self.devices(self.dest), sorted(self.asked()[0]))

    def test_refused_guest_migrates_when_the_driver_accepts_it(self):
        """A guest that was refused stays, and goes when the driver takes it"""
        self.create()
        self.answer_with(REFUSES)
        self.assert_refused(1, "not compatible of ", "EINVAL")
        self.answer_with(ACCEPTS)
        self._live_migrate(self.server, "completed")
        self.assert_mdev_usage(self.dest, 1)

    def test_refusal_of_the_second_device_keeps_the_guest(self):
        """A guest stays because of the second of its devices"""
        self.create(vgpus=2)
        self.answer_with(ACCEPTS, REFUSES)
        self.assert_refused(2, "not compatible of ", "EINVAL")
        self.assertEqual(2, len(self.asked()[0]))

    def test_refusal_of_the_first_device_keeps_the_guest(self):
        """A guest stays because of the first of its devices, and the second is asked about"""
        self.create(vgpus=2)
        self.answer_with(REFUSES, ACCEPTS)
        self.assert_refused(2, "not compatible of ", "EINVAL")
        self.assertEqual(2, len(self.asked()[0]))

    def test_question_that_is_not_asked_keeps_the_guest(self):
        """A question that could not be asked is not a yes"""
        self.create()
        self.answer_with(MISSING)
        self.assert_refused(1, "not asked of ", MISSING)

    def test_driver_that_hangs_keeps_the_guest(self):
        """A driver that does not answer in time keeps the guest"""
        self.create()
        self.useFixture(fixtures.MonkeyPatch("nova.virt.mdev_precheck.ask.DRIVER_LIMIT", 0.2))
        self.answer_with(HANGS)
        self.assert_refused(1, "not asked of ", "ETIMEDOUT")

    def test_target_that_hangs_keeps_the_guest(self):
        """A target whose mdev-precheck does not end keeps the guest"""
        self.create()
        self.useFixture(fixtures.MonkeyPatch("nova.virt.mdev_precheck.LIMIT", 3))
        self.answer_with("hang")
        self.assert_refused(1, "not asked of ", "timed out after 3 seconds")

    def test_source_that_hangs_keeps_the_guest(self):
        """A source whose mdev-precheck does not end keeps the guest"""
        self.create()
        self.useFixture(fixtures.MonkeyPatch("nova.virt.mdev_precheck.LIMIT", 0.5))
        (self.directory / "hang").touch()
        self.assert_refused(1, "Unable to migrate ", "timed out after 0.5 seconds")

    def test_source_without_an_answer_keeps_the_guest(self):
        """A source that cannot export a device keeps the guest"""
        self.create()
        (self.directory / "asked").unlink()
        (self.directory / "answers").unlink()
        self.assert_refused(1, "Unable to migrate ", "mdev-precheck: a test took the answers")

    def test_host_without_the_program_keeps_the_guest(self):
        """A host without mdev-precheck keeps the guest"""
        self.create()
        self.useFixture(fixtures.EnvironmentVariable("PATH", "/nowhere"))
        self.assert_refused(1, "Unable to migrate ", "mdev-precheck did not end with a document: ")

    def test_source_with_an_older_nova_keeps_the_guest(self):
        """A source whose Nova does not send the documents keeps the guest"""
        self.create()
        self.useFixture(fixtures.MonkeyPatch(
            "nova.virt.mdev_precheck.LibvirtDriver.check_can_live_migrate_source",
            driver.LibvirtDriver.check_can_live_migrate_source))
        self.assert_refused(1, "the source did not send the version of ")

    def test_guest_without_devices_migrates_unasked(self):
        """No driver is asked about a guest without mediated devices"""
        self.create(vgpus=0)
        self._live_migrate(self.server, "completed")
        self.assertEqual(([], []), self.asked())

    def test_object_for_an_older_conductor_lacks_the_field(self):
        """The object that an older Nova gets does not have the new field"""
        data = objects.LibvirtLiveMigrateData(source_mdev_types={"a": "b"},
                                              source_mdev_documents={"a": "{}"})
        self.assertIn("source_mdev_documents", data.obj_to_primitive()["nova_object.data"])
        older = data.obj_to_primitive(target_version="1.13")["nova_object.data"]
        self.assertEqual({"source_mdev_types": {"a": "b"}}, older)
