# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of machine.sh, and for the tests
#
# The tests of make modules_install read this after machine.sh.  It copies the distribution's
# modules of KERNEL to $root, below INSTALL_MOD_PATH=$work/root, and to $running, which is
# /lib/modules in a mount namespace, as on a machine that runs KERNEL.

image=$("$top/scripts/kernel" image "$KERNEL") ||
	bail_out "scripts/kernel image failed for Linux $KERNEL"
headers=$("$top/scripts/kernel" headers "$KERNEL")
release=$(basename "$image" | sed 's/_.*//')
other=5.10.0-other
ours=updates/mdev-migration-version
installed=$modules
unset KSRC KDIR INSTALL_MOD_PATH

# copy_modules DIR - copy the modules of the distribution that the tests use
copy_modules()
{
	mkdir -p "$1/$release/kernel/drivers/gpu/drm"
	cp -R "$image/lib/modules/$release"/modules.* "$1/$release/"
	cp -R "$image/lib/modules/$release/kernel/drivers/vfio" "$1/$release/kernel/drivers/"
	cp -R "$image/lib/modules/$release/kernel/drivers/gpu/drm/i915" \
		"$1/$release/kernel/drivers/gpu/drm/"
	ln -s "$headers" "$1/$release/build"
}

stubs=$work/stubs
mkdir "$stubs" "$work/overlay" "$work/sys-module"
# stub NAME COMMANDS - make a program of that name, which comes first in PATH
stub()
{
	printf '#!/bin/sh\n%s\n' "$2" > "$stubs/$1"
	chmod 755 "$stubs/$1"
}

# on RELEASE COMMAND... - run the command as root of a machine that runs the release and has the
# modules of $running; write its output to $work/messages
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

# make_on RELEASE ARGUMENT... - run make as on does
make_on()
{
	host=$1
	shift
	on "$host" make -s -C "$top" "$@"
}

# make_here ARGUMENT... - run make as a root whose umask closes files to others
make_here()
(
	umask 077
	make -s -C "$top" "$@"
)

# prints WORDS - require that the messages have WORDS
prints()
{
	grep -q -e "$1" "$work/messages" || { cat "$work/messages"; return 1; }
}

does_not_print()
{
	! prints "$1" > /dev/null || { cat "$work/messages"; return 1; }
}

# printed TEXT - print the rest of the messages' line that has the text
printed()
{
	sed -n "s|.*$1||p" "$work/messages"
}

# left_over DIR - print the files in the directory that neither the kernel nor an installation has
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

# finds MODULE FILE [DIR] - require that modprobe takes FILE, a pattern, for MODULE
finds()
{
	modprobe -d "${3:-$work/running-root}" -S "$release" --show-depends "$1" > "$work/insmod" &&
		tail -n 1 "$work/insmod" | grep "insmod .*/lib/modules/$release/$2"
}

# files_of_depmod DIR - print a checksum of each file that depmod writes
files_of_depmod()
{
	find "$1" -maxdepth 1 -name 'modules.*' | sort | xargs sha1sum
}

copy_modules "$running"
mkdir -p "$work/running-root/lib"
ln -s "$running" "$work/running-root/lib/modules"
copy_modules "$work/root/lib/modules"
root=$work/root/lib/modules/$release

# has_versions MODULE - require that the module takes each symbol of mdev.ko with the version that
# the patched mdev.ko exports
has_versions()
{
	modprobe --dump-modversions "$1" | grep -E '	(__)?mdev_' | sort > "$work/taken"
	cut -f 1,2 "$patched/modules/Module.symvers" | sort > "$work/exported"
	grep -q __mdev_register_driver "$work/taken" && comm -23 "$work/taken" "$work/exported" |
		( ! grep . )
}
