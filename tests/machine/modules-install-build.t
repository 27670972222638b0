#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# make modules_install and make modules_uninstall work for another kernel (KDIR=) and for a kernel
# without configfs.  A driver is built with the installed files, and the command that make
# modules_install prints shows whether a machine has loaded our mdev.ko.
#
# kernels: 6.12 6.1
# needs: machine root
# seconds: 50

. "$(dirname -- "$0")/../lib/machine.sh"
. "$(dirname -- "$0")/../lib/modules-install.sh"
. "$(dirname -- "$0")/../lib/page.sh"

# A machine that runs another kernel
make_on "$other" modules_install
kdir=$(printed 'make modules_install KDIR=/lib/modules.* make modules_install KDIR=' | cut -d ' ' -f 1)
make_on "$other" modules_install KDIR="$kdir"
result $? 'make modules_install takes the KDIR that it prints for another kernel' "$work/messages"
check 'make modules_install KDIR= calls depmod for that kernel' finds mdev_sim "$ours/mdev_sim\.ko"
check 'make modules_install prints that the other kernel has to be booted first' \
	prints "when Linux $release is booted: modprobe mdev"
make_on "$other" modules_uninstall
check 'make modules_uninstall without KDIR leaves the modules of another kernel' \
	[ -e "$running/$release/$ours/mdev.ko" ]
check 'make modules_uninstall names the kernel that has our modules' \
	prints "nothing to remove: .*/$other/.* of another kernel, which can be: $release"

# The headers of a kernel are removed before its modules are
ln -sfn "$work/removed" "$running/$release/build"
make_on "$other" modules_install KDIR="/lib/modules/$release/build"
check 'make modules_install names the package of the missing headers' \
	prints "error: KDIR=/lib/modules/$release/build does not exist; .*linux-headers-$release"
make_on "$other" modules_uninstall KDIR="/lib/modules/$release/build"
result $? 'make modules_uninstall does not need the headers' "$work/messages"
check 'make modules_uninstall removes the modules of another kernel if KDIR names it' \
	[ ! -e "$running/$release/updates" ]
ln -sfn "$headers" "$running/$release/build"

# A machine that runs this kernel
make_on "$release" modules_install
is_ours=$(printed '.* prints 0\.1+migration\.1: ')

# A driver that is built with our mdev.h calls a function that the other mdev.ko does not have
mkdir "$work/outside"
cp "$top/tests/machine/errno_driver.c" "$work/outside/"
{
	echo 'obj-m := errno_driver.o'
	guide_kbuild
} > "$work/outside/Kbuild"
on "$release" make -C "/lib/modules/$release/build" M="$work/outside" modules
result $? 'the Kbuild of the guide builds a driver' "$work/messages"
check 'the Kbuild of the guide finds the mdev.h and the Module.symvers that are installed' \
	has_versions "$work/outside/errno_driver.ko"
cp "$work/outside/errno_driver.ko" "$running/$release/updates/"
depmod -b "$work/running-root" "$release"
make_on "$release" modules_uninstall
check 'make modules_uninstall names a driver that was built with our mdev.h' \
	prints "These modules were built for the mdev.ko that was removed, .*: /lib/modules/$release/updates/errno_driver.ko$"
check 'make modules_uninstall does not name kvmgt' does_not_print kvmgt

# The build before had mdev_sim.ko
cp -R -l "$headers" "$work/headers" 2>/dev/null || cp -R "$headers" "$work/headers"
grep -v '^CONFIG_CONFIGFS_FS=' "$headers/include/config/auto.conf" > "$work/auto.conf"
cp --remove-destination "$work/auto.conf" "$work/headers/include/config/auto.conf"
make_here modules_install KDIR="$work/headers" INSTALL_MOD_PATH="$work/root" \
	> "$work/messages" 2>&1
result $? 'make modules_install succeeds for a kernel without configfs' "$work/messages"
check 'make modules_install prints that it leaves out the simulator for a kernel without configfs' \
	prints 'leaving out mdev_sim.ko: the kernel does not have CONFIG_CONFIGFS_FS'
check 'make modules_install leaves out the simulator that an earlier build has made' \
	[ ! -e "$root/$ours/mdev_sim.ko" ]
check 'make modules_install installs the other modules for a kernel without configfs' \
	[ -f "$root/$ours/mtty.ko" ]

# A machine executes the command that is printed, with our mdev.ko and then with the other one
mkdir "$work/stock"
for file in "$image/lib/modules/$release/kernel/drivers/vfio/mdev"/mdev.ko*; do
	unpack_module "$file" "$work/stock/mdev.ko"
done
cat > "$work/loaded" <<END
echo "ours: \$($is_ours)"
rmmod \$(ls /sys/module/mdev/holders) mdev
insmod /stock/mdev.ko
echo "the other: \$($is_ours)"
END
machine --file "$work/stock" --file "$work/loaded" -- 'sh /loaded' > "$work/output" 2> "$work/messages"
result $? 'a machine loads our mdev.ko, and then the other one' "$work/messages"
printf '%s\n' 'ours: 0.1+migration.1' 'the other: 0.1' > "$work/expected"
check_same 'the command that make modules_install prints shows which mdev.ko is loaded' \
	"$work/expected" "$work/output"
tests_end
