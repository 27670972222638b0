#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# libvirt's hook, stamps and mdev-precheck domain work in real migrations: two machines with
# Debian's libvirt and QEMU migrate a guest with mediated devices
#
# kernels: 6.12
# needs: machine precheck host-image
# seconds: 600

# The limit is for some forty migrations, because both the machine and the guest are emulated
TIMEOUT=${TIMEOUT:-2400}
. "$(dirname -- "$0")/../lib/machine.sh"
here=$top/tests/machines/libvirt

# build_mtty NAME SED - build mtty with another source, as $work/NAME.ko
build_mtty()
{
	samples=$patched/modules/samples/vfio-mdev
	mkdir -p "$work/$1"
	sed "$2" "$samples/mtty.c" > "$work/$1/mtty.c"
	! cmp -s "$samples/mtty.c" "$work/$1/mtty.c" || return
	build_driver "$work/$1/mtty.c" "-I$samples -Wno-unused" &&
		cp "$driver" "$work/$1.ko"
}
# mtty loses VFIO_MIGRATION_PRE_COPY on both hosts: if only the target had it, QEMU would wait for
# data that the source never sends
late='/VFIO_MIGRATION_P2P |$/N; s/VFIO_MIGRATION_P2P |\n.*;/VFIO_MIGRATION_P2P;/'
build_mtty late "$late" || bail_out "mtty without PRE_COPY does not build"
build_mtty newer "$late; s/^\(#define MTTY_MAJOR_VER\) 1\$/\1 2/" ||
	bail_out "mtty with another version does not build"
build_mtty without '/^\t\.\(show\|check\)_migration_version = /d' ||
	bail_out "mtty without the attribute does not build"

"$top/scripts/libvirt-hosts" "$here/migrate.sh" --modules "$patched" \
	--file "$top/tests/lib/in-machine.sh" --file "$work/late.ko" --file "$work/newer.ko" \
	--file "$work/without.ko" > "$work/output" 2> "$work/messages" < /dev/null
result $? "both hosts end, and their kernel logs are clean" "$work/messages"
pass_on "$work/output"
check "migrate.sh on host1 runs to its end" grep -q '^1\.\.' "$work/output"
# The measurements, and the message of QEMU about a state that the hook did not refuse
grep -e '^# .*: .* s, .* MiB$' -e '^# .*: virsh: ' "$work/output"
tests_end
