# SPDX-License-Identifier: LGPL-2.1-or-later
"""OpenStack Nova: live migration goes only where the driver takes each mediated device

For Nova 31.  This file is nova/virt/mdev_precheck/__init__.py, ask.py is in the same place,
and nova.conf has "compute_driver = mdev_precheck.LibvirtDriver".  In Nova itself, the two
methods below belong into nova/virt/libvirt/driver.py, and the field into
nova/objects/migrate_data.py, which nova-conductor has as well.
"""

import subprocess

from oslo_utils import versionutils

from nova import exception
from nova.i18n import _
from nova import objects
from nova.objects import base
from nova.objects import fields
import nova.privsep
from nova.virt.libvirt import driver
from nova.virt.mdev_precheck import ask

# Seconds for each device, on the source and on the target.  The whole check ends after
# long_rpc_timeout, 1800 seconds.
LIMIT = 60


@base.NovaObjectRegistry.register
class LibvirtLiveMigrateData(objects.LibvirtLiveMigrateData):
    """The data of a live migration, with the documents of the source's devices"""

    # Version 1.14: Added source_mdev_documents
    VERSION = '1.14'

    fields = {
        # The key is the UUID of a mediated device, the value the document of mdev-precheck export
        'source_mdev_documents': fields.DictOfStringsField(),
    }

    def obj_make_compatible(self, primitive, target_version):
        """Leave out the field that an older Nova does not have"""
        super().obj_make_compatible(primitive, target_version)
        if versionutils.convert_version_to_tuple(target_version) < (1, 14):
            primitive.pop('source_mdev_documents', None)


# The write to the attribute takes CAP_DAC_OVERRIDE, which nova-compute does not have.  The daemon
# of privsep does not have CAP_SYSLOG, so the reasons do not have lines of the kernel log.
@nova.privsep.sys_admin_pctxt.entrypoint
def ask_driver(document, target):
    """Ask on the target"""
    return ask.ask(document, target, limit=LIMIT)


@nova.privsep.sys_admin_pctxt.entrypoint
def export(uuid):
    """Return the document of a device of the source, and the reason if it is empty"""
    try:
        done = subprocess.run(['mdev-precheck', 'export', '--device', uuid],
                              capture_output=True, text=True, timeout=LIMIT, check=False)
    except Exception as error:  # pylint: disable=broad-except
        # In nova-compute, subprocess is eventlet's, see ask.py
        return '', 'mdev-precheck did not end with a document: %s' % error
    if done.returncode:
        return '', done.stderr.strip() or 'mdev-precheck ended with %d' % done.returncode
    return done.stdout, ''


def refuse(instance, reasons):
    """End the check: the conductor then tries the next host, for a no and for no answer"""
    reason = (_('Unable to migrate %(instance_uuid)s: %(reasons)s') %
              {'instance_uuid': instance.uuid, 'reasons': '; '.join(reasons)})
    raise exception.MigrationPreCheckError(reason=reason)


class LibvirtDriver(driver.LibvirtDriver):
    """Nova's driver, which asks about each pair of devices before a live migration"""

    def check_can_live_migrate_source(self, context, instance, dest_check_data,
                                      block_device_info=None):
        """Add the documents of the instance's devices, on the source"""
        data = super().check_can_live_migrate_source(
            context, instance, dest_check_data, block_device_info)
        if 'source_mdev_types' not in data or not data.source_mdev_types:
            return data
        documents = {uuid: export(uuid) for uuid in data.source_mdev_types}
        reasons = ['%s: %s' % (uuid, reason)
                   for uuid, (document, reason) in documents.items() if not document]
        if reasons:
            refuse(instance, reasons)
        data.source_mdev_documents = {uuid: document
                                      for uuid, (document, _reason) in documents.items()}
        return data

    def check_source_migrate_data_at_dest(self, ctxt, instance, migrate_data, migration,
                                          limits, allocs):
        """Ask about each pair of a source's device and one of this host, on the target"""
        data = super().check_source_migrate_data_at_dest(
            ctxt, instance, migrate_data, migration, limits, allocs)
        if 'target_mdevs' not in data or not data.target_mdevs:
            return data
        documents = data.source_mdev_documents if 'source_mdev_documents' in data else {}
        reasons = []
        for source, target in data.target_mdevs.items():
            # A source whose Nova does not have the field does not send the document
            if source not in documents:
                reasons.append('the source did not send the version of %s' % source)
                continue
            verdict, said = ask_driver(documents[source], target)
            if verdict != ask.YES:
                reasons.append('%s of %s by %s: %s' % (verdict, source, target,
                                                       ', '.join(said)))
        if reasons:
            # The devices are claimed already, and the guest will not arrive
            self.instance_claimed_mdevs.pop(instance.uuid, None)
            refuse(instance, reasons)
        return data
