#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# libvirt's hook, stamps and mdev-precheck domain, with real migrations: two machines
# with Debian's libvirt and QEMU, and a guest with mediated devices

# Some thirty migrations, emulated twice
TIMEOUT=${TIMEOUT:-2400}
. "$(dirname -- "$0")/../guest/guest.sh"
here=$top/tests/libvirt

"$top/scripts/packages" precheck || bail_out "packages are missing"
disk=$("$top/scripts/host-image") || bail_out "no host with libvirt and QEMU"
export GUEST_DISK="$disk"

check "mdev-precheck is installed as a package has it" \
	make -C "$top/tools/mdev" O="$work/tools" DESTDIR="$work/installed" PREFIX=/usr \
		LIBDIR=/usr/lib/x86_64-linux-gnu install install-libvirt
tar -C "$work/installed" -c -f "$work/mdev-precheck.tar" . || bail_out "no archive"

# Freestanding: what a processor has when it is switched on
check "the guest compiles without a warning" \
	gcc -m32 -O2 -Wall -Wextra -Werror -ffreestanding -fno-pic -no-pie \
		-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
		-nostdlib -static -o "$work/guest" "$here/guest.c" \
		-Wl,-N,-Ttext=0x100000,--build-id=none,-z,noexecstack,--no-warn-rwx-segments

# build_mtty NAME SED - mtty with another source, as $work/NAME.ko
build_mtty()
{
	samples=$patched/modules/samples/vfio-mdev
	mkdir -p "$work/$1"
	sed "$2" "$samples/mtty.c" > "$work/$1/mtty.c"
	! cmp -s "$samples/mtty.c" "$work/$1/mtty.c" || return
	build_driver "$work/$1/mtty.c" "-I$samples -Wno-unused" &&
		cp "$driver" "$work/$1.ko"
}
# Without VFIO_MIGRATION_PRE_COPY, on both hosts: if only the target has it, QEMU waits for
# what the source never sends
late='/VFIO_MIGRATION_P2P |$/N; s/VFIO_MIGRATION_P2P |\n.*;/VFIO_MIGRATION_P2P;/'
build_mtty late "$late" || bail_out "no mtty that shows its state only at the end"
build_mtty newer "$late; s/^\(#define MTTY_MAJOR_VER\) 1\$/\1 2/" ||
	bail_out "no mtty of another version"
build_mtty without '/^\t\.\(show\|check\)_migration_version = /d' ||
	bail_out "no mtty without the attribute"

# Keys are of this run alone
for key in host_key user_key; do
	ssh-keygen -q -t ed25519 -N '' -C test -f "$work/$key" || bail_out "no key"
done

# Paths of sockets are short
links=$(mktemp -d)
trap 'rm -rf "$links"' EXIT
common="$here/host.sh $work/mdev-precheck.tar $work/guest $work/late.ko $work/newer.ko"
common="$common $work/without.ko $work/host_key $work/user_key $work/user_key.pub"
GUEST_LINK="$links/host2 $links/host1" \
	guest "$common $here/target.sh" 'sh /target.sh' > "$work/target" 2>&1 &
target=$!
GUEST_LINK="$links/host1 $links/host2" \
	guest "$common $top/tests/guest/in-guest.sh $here/migrate.sh" 'sh /migrate.sh' \
	> "$work/source" 2> "$work/messages"
result $? "the machine that is host1 ends, and its kernel log is clean" "$work/messages"
pass_on "$work/source"
check "it has come to its end" grep -q '^1\.\.' "$work/source"
wait "$target"
result $? "so does that of host2" "$work/target"
grep '^# .*: .* s, .* MiB$' "$work/source"
tests_end
