#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: mdev-precheck asks a sysfs at any mount point, and does not ask a file or a
# directory in place of one.  Prints TAP.

# shellcheck source=tests/machine/precheck-lib.sh
. /precheck-lib.sh

version=$(cat $parents/mtty/mdev_supported_types/mtty-1/migration_version)
attribute=$parents/mtty/mdev_supported_types/mtty-1/migration_version

# ask OPTION... - ask whether mtty accepts its own version
ask()
{
	status /mdev-precheck check "$@" --type mtty-1 "$version" mtty/mtty-1
}

#
# Other mounts
#
mkdir /tmp/other /tmp/read-only
mount -t sysfs sysfs /tmp/other
mount -t sysfs -o ro sysfs /tmp/read-only
ok 'check --sysfs ends with 0 for another mount of sysfs' 0 "$(ask --sysfs /tmp/other)"
ok 'check --sysfs ends with 1 for another mount if the driver refuses' 1 \
	"$(status /mdev-precheck check --sysfs /tmp/other --type mtty-1 other-1.0)"
ok 'list --sysfs of another mount prints the same list' "$(/mdev-precheck)" \
	"$(/mdev-precheck list --sysfs /tmp/other)"
ok 'list --sysfs of a read-only mount prints the same list' "$(/mdev-precheck)" \
	"$(/mdev-precheck list --sysfs /tmp/read-only)"
ok 'check --sysfs ends with 3 for a read-only mount' 3 "$(ask --sysfs /tmp/read-only)"
ok 'check --sysfs prints EROFS for a read-only mount' yes "$(said 'EROFS')"
ok 'check --sysfs ends with 1 for a read-only mount if the type is another one' 1 \
	"$(status /mdev-precheck check --sysfs /tmp/read-only --type mtty-1 "$version" mtty/mtty-2)"
umount /tmp/other /tmp/read-only

#
# In place of the attribute
#
echo "$version" > /tmp/plain
mkfifo /tmp/fifo
hostname precheck
for file in /tmp/plain /tmp/fifo /dev/null /proc/sys/kernel/hostname; do
	mount --bind $file $attribute
	ok "check ends with 3 for the target if $file is mounted on its attribute" 3 \
		"$(ask --timeout 0)"
	# The open of a FIFO without a reader fails at once
	case $file in
	/tmp/fifo)	wanted='cannot be opened for write (ENXIO: ' ;;
	*)		wanted='is not a file of a sysfs' ;;
	esac
	ok "check prints the reason for which $file was not asked" yes "$(said "$wanted")"
	ok "check ends with 3 for the source if $file is mounted on its attribute" 3 \
		"$(status /mdev-precheck check mtty/mtty-1 mtty/mtty-1)"
	ok "matrix ends with 3 if $file is mounted on the attribute" 3 \
		"$(status /mdev-precheck matrix --type mtty-1)"
	umount $attribute
done
ok 'check does not change a file that is mounted on the attribute' "$version precheck" \
	"$(cat /tmp/plain) $(hostname)"
ok 'check ends with 0 if nothing is mounted on the attribute' 0 "$(ask)"
mkdir /tmp/types
mount --bind /tmp/types $parents/mtty/mdev_supported_types
ok 'check ends with 3 if another directory is mounted on the types of a parent' 3 "$(ask)"
umount $parents/mtty/mdev_supported_types

#
# In place of a sysfs
#
mkdir /tmp/empty
ok 'check --sysfs ends with 3 for a directory without a sysfs' 3 "$(ask --sysfs /tmp/empty)"
ok 'check --sysfs prints that a directory does not have a sysfs' yes \
	"$(said 'no sysfs is mounted in the directory')"
# A copy of a sysfs, as "cp -r" makes it
mkdir -p /tmp/copy/class/mdev_bus/mtty/mdev_supported_types/mtty-1
cp $attribute /tmp/copy/class/mdev_bus/mtty/mdev_supported_types/mtty-1/
ok 'check --sysfs ends with 3 for a copy of a sysfs' 3 "$(ask --sysfs /tmp/copy)"
ok 'check --sysfs does not change a copy of a sysfs' "$version" \
	"$(cat /tmp/copy/class/mdev_bus/mtty/mdev_supported_types/mtty-1/migration_version)"
mkdir /tmp/pod
mount -t tmpfs tmpfs /tmp/pod
mkdir /tmp/pod/class
mount --bind /sys/class /tmp/pod/class

# in_pod COMMAND... - run a command with /sys/class but without /sys/devices
in_pod()
{
	# shellcheck disable=SC2016 # for the shell that is started
	unshare -m sh -c 'mount --rbind /tmp/pod /sys && exec "$@"' sh "$@"
}

ok 'only /sys/class is in the container' class "$(in_pod ls /sys)"
for question in "--type mtty-1 $version" "--type mtty-1 $version mtty/mtty-1" \
		"--type mtty-1 $version mtty" "mtty/mtty-1 mtty/mtty-1" \
		"a5ae0d9e-8c2b-4b8f-8d0c-6a1ec2c2f001"; do
	# shellcheck disable=SC2086 # options
	ok "check $question ends with 3 in a container without /sys/devices" 3 \
		"$(status in_pod /mdev-precheck check $question)"
	ok "check $question prints that parents cannot be looked into" yes \
		"$(said 'none can be looked into, as in a container without /sys/devices')"
done
ok 'matrix ends with 3 in a container without /sys/devices' 3 \
	"$(status in_pod /mdev-precheck matrix)"
ok 'matrix prints that parents cannot be looked into in a container' yes \
	"$(said 'none can be looked into')"
sed 's/^/# /' /tmp/output
umount /tmp/pod/class /tmp/pod
tests_end
