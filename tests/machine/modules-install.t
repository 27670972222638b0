#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# make modules_install and make modules_uninstall, in copies of what the distribution has of
# KERNEL's modules: below INSTALL_MOD_PATH, and in a name space of mounts whose /lib/modules
# is a copy, as on a machine that runs KERNEL
#
# kernels: 6.12 6.1
# needs: machine root
# check: 6.12
# seconds: 75

. "$(dirname -- "$0")/../lib/machine.sh"

image=$("$top/scripts/kernel" image "$KERNEL") || bail_out "no Linux $KERNEL"
headers=$("$top/scripts/kernel" headers "$KERNEL")
source=$("$top/scripts/kernel" source "$KERNEL")
release=$(basename "$image" | sed 's/_.*//')
other=5.10.0-other
ours=updates/mdev-migration-version
installed=$modules
unset KSRC KDIR INSTALL_MOD_PATH

# copy_modules DIR - what is used here of the distribution's modules
copy_modules()
{
	mkdir -p "$1/$release/kernel/drivers/gpu/drm"
	cp -R "$image/lib/modules/$release"/modules.* "$1/$release/"
	cp -R "$image/lib/modules/$release/kernel/drivers/vfio" "$1/$release/kernel/drivers/"
	cp -R "$image/lib/modules/$release/kernel/drivers/gpu/drm/i915" \
		"$1/$release/kernel/drivers/gpu/drm/"
	ln -s "$headers" "$1/$release/build"
}

# Programs that come first in PATH
stubs=$work/stubs
mkdir "$stubs" "$work/overlay" "$work/sys-module"
stub()
{
	printf '#!/bin/sh\n%s\n' "$2" > "$stubs/$1"
	chmod 755 "$stubs/$1"
}

# on RELEASE COMMAND... - as root of a machine that runs it and has the modules of $running;
# what it prints is in $work/messages
running=$work/running
on()
{
	stub uname "if [ \"\$*\" = -r ]; then echo $1; else exec /usr/bin/uname \"\$@\"; fi"
	shift
	# shellcheck disable=SC2016 # the inner shell's own arguments
	unshare -m sh -ec '
		mount -t tmpfs tmpfs "$1/overlay"
		mkdir "$1/overlay/upper" "$1/overlay/work"
		mount -t overlay -o "lowerdir=/usr/lib,upperdir=$1/overlay/upper,workdir=$1/overlay/work" \
			overlay /usr/lib
		mkdir -p /usr/lib/modules
		mount --bind "$1/running" /usr/lib/modules
		mount --bind "$1/sys-module" /sys/module
		PATH="$1/stubs:$PATH"
		shift
		umask 077
		exec "$@"' sh "$work" "$@" > "$work/messages" 2>&1
}

# make_on RELEASE ARGUMENT...
make_on()
{
	host=$1
	shift
	on "$host" make -s -C "$top" "$@"
}

# make_here ARGUMENT... - for a root whose files are closed to others
make_here()
(
	umask 077
	make -s -C "$top" "$@"
)

# says WORDS - in the messages
says()
{
	grep -q -e "$1" "$work/messages" || { cat "$work/messages"; return 1; }
}

does_not_say()
{
	! says "$1" > /dev/null || { cat "$work/messages"; return 1; }
}

# printed TEXT - what the line of the messages has after it
printed()
{
	sed -n "s|.*$1||p" "$work/messages"
}

# left_over DIR - the files in it that are neither the kernel's nor those of an installation
left_over()
{
	find "$1" -mindepth 1 ! -path "$1/$release" ! -path "$1/$release/*"
	find "$1/$release" -mindepth 1 ! -name 'modules.*' ! -name build \
		! -path "$1/$release/kernel*" ! -path "$1/$release/updates" \
		! -path "$1/$release/$ours" ! -path "$1/$release/$ours/*"
}

nothing_left_over()
{
	! left_over "$1" | grep .
}

# finds MODULE FILE [DIR] - modprobe takes FILE, a pattern, for MODULE
finds()
{
	modprobe -d "${3:-$work/running-root}" -S "$release" --show-depends "$1" > "$work/insmod" &&
		tail -n 1 "$work/insmod" | grep "insmod .*/lib/modules/$release/$2"
}

# files_of_depmod DIR - a sum of each
files_of_depmod()
{
	find "$1" -maxdepth 1 -name 'modules.*' | sort | xargs sha1sum
}

copy_modules "$running"
mkdir -p "$work/running-root/lib"
ln -s "$running" "$work/running-root/lib/modules"
copy_modules "$work/root/lib/modules"
root=$work/root/lib/modules/$release

# Below INSTALL_MOD_PATH
files_of_depmod "$root" > "$work/before"
make_here modules_install INSTALL_MOD_PATH="$work/root" > "$work/messages" 2>&1
result $? 'make modules_install succeeds' "$work/messages"
check 'make modules_install names kvmgt, which was built for the other header' \
	says 'refuses to load modules .*kvmgt.ko'
files_of_depmod "$root" > "$work/after"
check_same 'make modules_install INSTALL_MOD_PATH= leaves the files of depmod as they are' \
	"$work/before" "$work/after"
check 'make modules_install prints that depmod is called by others if INSTALL_MOD_PATH is set' \
	says 'depmod was not called'
check 'make modules_install prints how to go back with INSTALL_MOD_PATH' \
	says "make modules_uninstall KERNEL=$KERNEL INSTALL_MOD_PATH=$work/root"
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
check 'make modules_install replaces what was installed before' [ ! -e "$root/$ours/old.ko" ]
check 'make modules_install leaves nothing temporary' nothing_left_over "$work/root/lib/modules"
check 'make modules_install takes a relative INSTALL_MOD_PATH' sh -c "
	cd '$work' && make -s -f '$top/Makefile' -C '$top' modules_install \
		INSTALL_MOD_PATH='build/$KERNEL/check/modules-install/relative' &&
	[ -f 'relative/lib/modules/$release/$ours/mdev.ko' ]"
check 'make modules_install makes nothing but the modules in an empty INSTALL_MOD_PATH' sh -c "
	[ \"\$(ls -A '$work/relative/lib/modules/$release')\" = updates ]"

# A driver that has a build of its own and knows only of that directory
mkdir "$work/outside"
cp "$top/tests/machine/errno_driver.c" "$work/outside/"
cat > "$work/outside/Kbuild" <<END
obj-m := errno_driver.o
LINUXINCLUDE := -I$root/$ours/include \$(LINUXINCLUDE)
KBUILD_EXTRA_SYMBOLS := $root/$ours/Module.symvers
END
check 'a driver is built with the mdev.h and the Module.symvers that are installed' \
	make -C "$headers" M="$work/outside" modules

# has_versions MODULE - does each symbol that it takes of mdev.ko have the version of ours?
has_versions()
{
	modprobe --dump-modversions "$1" | grep '	mdev_' | sort > "$work/taken"
	cut -f 1,2 "$patched/modules/Module.symvers" | sort > "$work/exported"
	grep -q mdev_register_driver "$work/taken" && comm -23 "$work/taken" "$work/exported" |
		( ! grep . )
}
check 'that driver has the symbol versions of our mdev.ko' has_versions "$work/outside/errno_driver.ko"

check 'make modules_uninstall INSTALL_MOD_PATH= succeeds' \
	make_here modules_uninstall INSTALL_MOD_PATH="$work/root"
check 'make modules_uninstall removes what was installed, and updates/ with it' [ ! -e "$root/updates" ]
check 'make modules_uninstall leaves nothing temporary' nothing_left_over "$work/root/lib/modules"
files_of_depmod "$root" > "$work/after"
check_same 'make modules_uninstall INSTALL_MOD_PATH= leaves the files of depmod as they are' \
	"$work/before" "$work/after"

# A machine that runs another kernel
make_on "$other" modules_install
check 'make modules_install without KDIR fails if the running kernel is another one' [ $? != 0 ]
check 'make modules_install names both kernels if the running one is another' \
	says "^error: not installed: this machine runs Linux $other, and the modules are for $release; "
check 'make modules_install installs nothing if the running kernel is another one' \
	nothing_left_over "$running"
check 'make modules_install installs nothing in updates/ if the running kernel is another one' \
	[ ! -e "$running/$release/updates" ]
# shellcheck disable=SC2016 # as it is typed
check 'make modules_install prints the command for the running kernel' \
	says 'make modules_install KDIR=/lib/modules/$(uname -r)/build '
kdir=$(printed 'make modules_install KDIR=/lib/modules.* make modules_install KDIR=' | cut -d ' ' -f 1)
make_on "$other" modules_install KDIR="$kdir"
result $? 'make modules_install takes the KDIR that it prints for another kernel' "$work/messages"
check 'make modules_install KDIR= calls depmod for that kernel' finds mdev_sim "$ours/mdev_sim\.ko"
check 'make modules_install prints that another kernel is booted first' \
	says "when Linux $release is booted: modprobe mdev"
make_on "$other" modules_uninstall
check 'make modules_uninstall without KDIR removes nothing of another kernel' \
	[ -e "$running/$release/$ours/mdev.ko" ]
check 'make modules_uninstall names the kernel that has our modules' \
	says "nothing to remove: .*/$other/.* there are modules for: $release"

# The headers of a kernel go before its modules do
ln -sfn "$work/removed" "$running/$release/build"
make_on "$other" modules_install KDIR="/lib/modules/$release/build"
check 'make modules_install names the package of headers that are missing' \
	says "error: KDIR=/lib/modules/$release/build does not exist; .*linux-headers-$release"
make_on "$other" modules_uninstall KDIR="/lib/modules/$release/build"
result $? 'make modules_uninstall does not need the headers' "$work/messages"
check 'make modules_uninstall removes the modules of another kernel if KDIR names it' \
	[ ! -e "$running/$release/updates" ]
ln -sfn "$headers" "$running/$release/build"

# A machine that runs this one, with mdev and kvmgt loaded
mkdir -p "$work/sys-module/mdev/holders/kvmgt"
make_on "$release" modules_install
result $? 'make modules_install without KDIR installs for the running kernel' "$work/messages"
check 'make modules_install calls depmod for the running kernel' finds mdev "$ours/mdev\.ko"
check 'make modules_install prints how to load the modules' \
	says 'rmmod kvmgt mdev; modprobe mdev$'
is_ours=$(printed 'is this one if this prints a line: ')
check 'make modules_install prints how to go back' says 'make modules_uninstall$'

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
check 'make modules_install does not name a kvmgt that was built again' does_not_say 'refuses to load'

make_on "$release" modules_uninstall
result $? 'make modules_uninstall succeeds for the running kernel' "$work/messages"
check "make modules_uninstall prints that the distribution's mdev.ko is the one again" \
	says "modprobe mdev loads /lib/modules/$release/kernel/drivers/vfio/mdev/mdev\.ko.* again"
check 'make modules_uninstall prints how to load it' \
	says 'stays until it is loaded again: rmmod kvmgt mdev; modprobe mdev$'
check 'make modules_uninstall names the kvmgt that was built again' \
	says "refuses modules .*: /lib/modules/$release/updates/kvmgt.ko"
check "make modules_uninstall leaves the distribution's mdev.ko to modprobe" \
	finds mdev 'kernel/drivers/vfio/mdev/mdev\.ko'
rm "$running/$release/updates/kvmgt.ko"
make_on "$release" modules_uninstall
result $? 'make modules_uninstall succeeds if nothing is installed' "$work/messages"
check 'make modules_uninstall prints that nothing is installed' says 'nothing to remove: '

# A signal, and no time for anything
make_on "$release" modules_install
# shellcheck disable=SC2016 # the stub's own arguments
stub depmod 'kill -TERM 0; exec /usr/sbin/depmod "$@"'
on "$release" setsid -w make -s -C "$top" modules_uninstall
check 'a signal ends make modules_uninstall with an error' [ $? != 0 ]
check 'make modules_uninstall finishes what it does when a signal comes' \
	finds mdev 'kernel/drivers/vfio/mdev/mdev\.ko'
rm "$stubs/depmod"
make_on "$release" modules_install
stub depmod 'kill -KILL 0'
on "$release" setsid -w make -s -C "$top" modules_install
check 'make modules_install that is killed leaves one of the installations' \
	[ -f "$running/$release/$ours/mdev.ko" ]
on "$release" setsid -w make -s -C "$top" modules_uninstall
check 'make modules_uninstall that is killed leaves nothing that depmod finds' sh -c "
	! find '$running/$release' -path '*mdev-migration-version*' | grep ."
rm "$stubs/depmod"
make_on "$release" modules_uninstall
result $? 'make modules_uninstall succeeds after one that was killed' "$work/messages"
check 'make modules_uninstall calls depmod after one that was killed' \
	finds mdev 'kernel/drivers/vfio/mdev/mdev\.ko'
check 'make modules_uninstall leaves nothing of one that was killed' nothing_left_over "$running"

# vermagic, as a kernel without symbol versions has it
stub modinfo "echo $release SMP preempt mod_unload"
PATH="$stubs:$PATH" make_here modules_install INSTALL_MOD_PATH="$work/root" \
	> "$work/messages" 2>&1
check 'make modules_install fails if the kernel would load the old kvmgt' [ $? != 0 ]
check 'make modules_install prints that it fails because of kvmgt' says 'error: not installed: .*kvmgt.ko'
check 'make modules_install that fails installs nothing' [ ! -e "$root/updates" ]
rm "$stubs/modinfo"

# The build before had mdev_sim.ko
cp -R -l "$headers" "$work/headers" 2>/dev/null || cp -R "$headers" "$work/headers"
grep -v '^CONFIG_CONFIGFS_FS=' "$headers/include/config/auto.conf" > "$work/auto.conf"
cp --remove-destination "$work/auto.conf" "$work/headers/include/config/auto.conf"
make_here modules_install KDIR="$work/headers" INSTALL_MOD_PATH="$work/root" \
	> "$work/messages" 2>&1
result $? 'make modules_install succeeds for a kernel without configfs' "$work/messages"
check 'make modules_install prints that a kernel without configfs has no simulator' \
	says 'leaving out mdev_sim.ko: the kernel does not have CONFIG_CONFIGFS_FS'
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
