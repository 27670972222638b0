#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# make modules_install and make modules_uninstall work in copies of the distribution's modules of
# KERNEL: below INSTALL_MOD_PATH, and in a mount namespace whose /lib/modules is a copy, as on a
# machine that runs KERNEL
#
# kernels: 6.12 6.1
# needs: machine root
# check: 6.12
# seconds: 15

. "$(dirname -- "$0")/../lib/machine.sh"
. "$(dirname -- "$0")/../lib/modules-install.sh"

# Below INSTALL_MOD_PATH
files_of_depmod "$root" > "$work/before"
make_here modules_install INSTALL_MOD_PATH="$work/root" > "$work/messages" 2>&1
result $? 'make modules_install succeeds' "$work/messages"
check 'make modules_install prints a command that shows which mdev is loaded' \
	prints 'prints 0\.1+migration\.1: cat /sys/module/mdev/version$'
files_of_depmod "$root" > "$work/after"
check_same 'make modules_install INSTALL_MOD_PATH= leaves the files of depmod as they are' \
	"$work/before" "$work/after"
check 'make modules_install prints that it did not call depmod if INSTALL_MOD_PATH is set' \
	prints 'depmod was not called'
check 'make modules_install prints how to go back with INSTALL_MOD_PATH' \
	prints "make modules_uninstall KERNEL=$KERNEL INSTALL_MOD_PATH=$work/root"
check 'the directories and files that make modules_install makes are open to all' sh -c "
	! find '$root/updates' -type d ! -perm 755 -o -type f ! -perm 644 | grep ."
cp -R "$work/root" "$work/with-depmod"
depmod -b "$work/with-depmod" "$release"
for module in $installed; do
	check "modprobe takes our $module" finds "$module" "$ours/$module\.ko" "$work/with-depmod"
done
touch "$root/$ours/old.ko"
check 'make modules_install succeeds a second time' \
	make_here modules_install INSTALL_MOD_PATH="$work/root"
check 'make modules_install replaces the modules that were installed before' [ ! -e "$root/$ours/old.ko" ]
check 'make modules_install leaves no temporary file' nothing_left_over "$work/root/lib/modules"
check 'make modules_install takes a relative INSTALL_MOD_PATH' sh -c "
	cd '$work' && make -s -f '$top/Makefile' -C '$top' modules_install \
		INSTALL_MOD_PATH='build/$KERNEL/check/modules-install/relative' &&
	[ -f 'relative/lib/modules/$release/$ours/mdev.ko' ]"
check 'make modules_install makes only the modules in an empty INSTALL_MOD_PATH' sh -c "
	[ \"\$(ls -A '$work/relative/lib/modules/$release')\" = updates ]"

# A driver with a build of its own, which has paths of that directory only
mkdir "$work/outside"
cp "$top/tests/machine/errno_driver.c" "$work/outside/"
cat > "$work/outside/Kbuild" <<END
obj-m := errno_driver.o
LINUXINCLUDE := -I$root/$ours/include \$(LINUXINCLUDE)
KBUILD_EXTRA_SYMBOLS := $root/$ours/Module.symvers
END
check 'a driver is built with the mdev.h and the Module.symvers that are installed' \
	make -C "$headers" M="$work/outside" modules

check 'the driver that is built with the installed mdev.h has the symbol versions of our mdev.ko' has_versions "$work/outside/errno_driver.ko"

check 'make modules_uninstall INSTALL_MOD_PATH= succeeds' \
	make_here modules_uninstall INSTALL_MOD_PATH="$work/root"
check 'make modules_uninstall removes the installed modules, and updates/ with them' [ ! -e "$root/updates" ]
check 'make modules_uninstall leaves no temporary file' nothing_left_over "$work/root/lib/modules"
files_of_depmod "$root" > "$work/after"
check_same 'make modules_uninstall INSTALL_MOD_PATH= leaves the files of depmod as they are' \
	"$work/before" "$work/after"

# A machine that runs another kernel
make_on "$other" modules_install
check 'make modules_install without KDIR fails if the running kernel is another one' [ $? != 0 ]
check 'make modules_install names both kernels if the running kernel is another one' \
	prints "^error: not installed: this machine runs Linux $other, and the modules are for $release; "
check 'make modules_install leaves no temporary file if the running kernel is another one' \
	nothing_left_over "$running"
check 'make modules_install does not make updates/ if the running kernel is another one' \
	[ ! -e "$running/$release/updates" ]
# shellcheck disable=SC2016 # as it is typed
check 'make modules_install prints the command for the running kernel' \
	prints 'make modules_install KDIR=/lib/modules/$(uname -r)/build '
# A machine that runs this kernel, with mdev and kvmgt loaded
mkdir -p "$work/sys-module/mdev/holders/kvmgt"
make_on "$release" modules_install
result $? 'make modules_install without KDIR installs for the running kernel' "$work/messages"
check 'make modules_install calls depmod for the running kernel' finds mdev "$ours/mdev\.ko"
check 'make modules_install prints how to load the modules' \
	prints 'rmmod kvmgt mdev; modprobe mdev$'
check 'make modules_install prints how to go back' prints 'make modules_uninstall$'

make_on "$release" modules_uninstall
result $? 'make modules_uninstall succeeds for the running kernel' "$work/messages"
check "make modules_uninstall prints that modprobe loads the distribution's mdev.ko again" \
	prints "modprobe mdev loads /lib/modules/$release/kernel/drivers/vfio/mdev/mdev\.ko.* again"
check 'make modules_uninstall prints how to load it' \
	prints 'stays until it is loaded again: rmmod kvmgt mdev; modprobe mdev$'
check "make modules_uninstall leaves the distribution's mdev.ko to modprobe" \
	finds mdev 'kernel/drivers/vfio/mdev/mdev\.ko'
make_on "$release" modules_uninstall
result $? 'make modules_uninstall succeeds if nothing is installed' "$work/messages"
check 'make modules_uninstall prints that nothing is installed' prints 'nothing to remove: '

# A signal comes in the middle, and then one that ends each process at once
make_on "$release" modules_install
# shellcheck disable=SC2016 # the stub's own arguments
stub depmod 'kill -TERM 0; exec /usr/sbin/depmod "$@"'
on "$release" setsid -w make -s -C "$top" modules_uninstall
check 'a signal ends make modules_uninstall with an error' [ $? != 0 ]
check 'make modules_uninstall finishes the removal when a signal comes' \
	finds mdev 'kernel/drivers/vfio/mdev/mdev\.ko'
rm "$stubs/depmod"
make_on "$release" modules_install
stub depmod 'kill -KILL 0'
on "$release" setsid -w make -s -C "$top" modules_install
check 'make modules_install that is killed leaves one whole installation' \
	[ -f "$running/$release/$ours/mdev.ko" ]
on "$release" setsid -w make -s -C "$top" modules_uninstall
check 'make modules_uninstall that is killed does not leave a module that depmod finds' sh -c "
	! find '$running/$release' -path '*mdev-migration-version*' | grep ."
rm "$stubs/depmod"
make_on "$release" modules_uninstall
result $? 'make modules_uninstall succeeds after another one that was killed' "$work/messages"
check 'make modules_uninstall calls depmod after another one that was killed' \
	finds mdev 'kernel/drivers/vfio/mdev/mdev\.ko'
check 'make modules_uninstall leaves no temporary file of another one that was killed' nothing_left_over "$running"

tests_end
