#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What make modules_install builds and prints for other kernels, other modules and a machine: by
# KDIR, for kvmgt, for a kernel without configfs, and whether a machine loads our mdev.ko
#
# kernels: 6.12 6.1
# needs: machine root
# seconds: 50

. "$(dirname -- "$0")/../lib/machine.sh"
. "$(dirname -- "$0")/../lib/modules-install.sh"

# A machine that runs another kernel
make_on "$other" modules_install
kdir=$(printed 'make modules_install KDIR=/lib/modules.* make modules_install KDIR=' | cut -d ' ' -f 1)
make_on "$other" modules_install KDIR="$kdir"
result $? 'make modules_install takes the KDIR that it prints for another kernel' "$work/messages"
check 'make modules_install KDIR= calls depmod for that kernel' finds mdev_sim "$ours/mdev_sim\.ko"
check 'make modules_install prints that another kernel is booted first' \
	prints "when Linux $release is booted: modprobe mdev"
make_on "$other" modules_uninstall
check 'make modules_uninstall without KDIR removes nothing of another kernel' \
	[ -e "$running/$release/$ours/mdev.ko" ]
check 'make modules_uninstall names the kernel that has our modules' \
	prints "nothing to remove: .*/$other/.* there are modules for: $release"

# The headers of a kernel go before its modules do
ln -sfn "$work/removed" "$running/$release/build"
make_on "$other" modules_install KDIR="/lib/modules/$release/build"
check 'make modules_install names the package of headers that are missing' \
	prints "error: KDIR=/lib/modules/$release/build does not exist; .*linux-headers-$release"
make_on "$other" modules_uninstall KDIR="/lib/modules/$release/build"
result $? 'make modules_uninstall does not need the headers' "$work/messages"
check 'make modules_uninstall removes the modules of another kernel if KDIR names it' \
	[ ! -e "$running/$release/updates" ]
ln -sfn "$headers" "$running/$release/build"

# A machine that runs this one
make_on "$release" modules_install
is_ours=$(printed 'is this one if this prints a line: ')

# The commands for kvmgt, in the source of the kernel
mkdir -p "$work/source/drivers/gpu/drm" "$work/source/include"
cp -R "$source/drivers/gpu/drm/i915" "$work/source/drivers/gpu/drm/"
cp -R "$source/include/trace" "$work/source/include/"
awk '/^To build kvmgt /	{ inside = 1; next }
	inside && !/^ /	{ exit }
	inside' "$work/messages" > "$work/build-again"
(cd "$work/source" && on "$release" sh -ex "$work/build-again")
result $? 'the commands that make modules_install prints build kvmgt again' "$work/messages"
check 'the kvmgt that was built again has the symbol versions of our mdev.ko' \
	has_versions "$running/$release/updates/kvmgt.ko"
check 'modprobe takes the kvmgt that was built again' sh -c "
	grep '^updates/kvmgt\.ko:.* $ours/mdev\.ko' '$running/$release/modules.dep'"
make_on "$release" modules_install
check 'make modules_install does not name a kvmgt that was built again' does_not_print 'refuses to load'

make_on "$release" modules_uninstall
check 'make modules_uninstall names the kvmgt that was built again' \
	prints "refuses modules .*: /lib/modules/$release/updates/kvmgt.ko"

# The build before had mdev_sim.ko
cp -R -l "$headers" "$work/headers" 2>/dev/null || cp -R "$headers" "$work/headers"
grep -v '^CONFIG_CONFIGFS_FS=' "$headers/include/config/auto.conf" > "$work/auto.conf"
cp --remove-destination "$work/auto.conf" "$work/headers/include/config/auto.conf"
make_here modules_install KDIR="$work/headers" INSTALL_MOD_PATH="$work/root" \
	> "$work/messages" 2>&1
result $? 'make modules_install succeeds for a kernel without configfs' "$work/messages"
check 'make modules_install prints that a kernel without configfs has no simulator' \
	prints 'leaving out mdev_sim.ko: the kernel does not have CONFIG_CONFIGFS_FS'
check 'make modules_install leaves out the simulator that an earlier build has made' \
	[ ! -e "$root/$ours/mdev_sim.ko" ]
check 'make modules_install installs the other modules for a kernel without configfs' \
	[ -f "$root/$ours/mtty.ko" ]

# The command that is printed, in a machine with ours and then with the distribution's
mkdir "$work/stock"
for file in "$image/lib/modules/$release/kernel/drivers/vfio/mdev"/mdev.ko*; do
	case $file in
	*.xz)	xz -d -c "$file" > "$work/stock/mdev.ko" ;;
	*)	cp "$file" "$work/stock/" ;;
	esac
done
cat > "$work/loaded" <<END
$is_ours > /dev/null && echo 'with ours: yes'
rmmod \$(ls /sys/module/mdev/holders) mdev
$is_ours > /dev/null || echo 'with none: no'
insmod /stock/mdev.ko
grep -q -w mdev_register_driver /proc/kallsyms && echo 'the other is loaded'
$is_ours > /dev/null || echo 'with the other: no'
END
machine --file "$work/stock" --file "$work/loaded" -- 'sh /loaded' > "$work/output" 2> "$work/messages"
result $? 'a machine loads our mdev.ko, and then the other one' "$work/messages"
printf '%s\n' 'with ours: yes' 'with none: no' 'the other is loaded' 'with the other: no' \
	> "$work/expected"
check_same 'the command that make modules_install prints finds our mdev.ko only' \
	"$work/expected" "$work/output"
tests_end
