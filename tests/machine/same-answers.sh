#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: each file of mdev and the samples in sysfs, and their answers, are the same
# with the patched modules and with the modules in /upstream.  Prints TAP.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh

uuid=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001

# dump DIRECTORY - print names, modes and contents, and the targets of links; the files of power/
# have times in them
dump()
{
	find "$1" ! -path '*/power/*' | sort | xargs stat -c '%A %N'
	find "$1" ! -path '*/power/*' -type f -perm -400 | sort |
		xargs grep -H '' 2>&1
}

# ask COMMAND - print the command, its output and its status
ask()
{
	echo "# $1"
	sh -c "$1" 2>&1
	echo "status $?"
}

answers()
{
	dump /sys/bus/mdev
	ask 'ls /sys/class/mdev_bus'
	for parent in /sys/class/mdev_bus/*; do
		parent=${parent##*/}
		dump "/sys/devices/virtual/$parent/$parent"
		for type in "/sys/class/mdev_bus/$parent/mdev_supported_types/"*; do
			ask "echo $uuid > $type/create"
			ask "echo $uuid > $type/create"
			ask "echo not-a-uuid > $type/create"
			ask "cat $type/available_instances"
			dump "/sys/devices/virtual/$parent/$parent"
			ask "echo 0 > /sys/bus/mdev/devices/$uuid/remove"
			ask "echo 1 > /sys/bus/mdev/devices/$uuid/remove"
			ask "ls $type/devices"
		done
	done
}

# The answers of a driver that upstream does not have would differ
loaded=
for module in /sys/module/mdev/holders/*; do
	module=${module##*/}
	if [ -e "/upstream/$module.ko" ]; then
		loaded="$loaded $module"
	else
		rmmod "$module"
	fi
done
answers > /tmp/patched
# shellcheck disable=SC2086 # names without blanks
rmmod $loaded mdev
for module in mdev $loaded; do
	insmod "/upstream/$module.ko" || exit
done
answers > /tmp/upstream
ok 'a driver for kernels with and without the attribute is loaded beside this mdev' 0 \
	"$(status insmod /acme.ko)"
rmmod acme

ok 'the samples of upstream answer' yes \
	"$([ "$(grep -c '^status 0' /tmp/upstream)" -gt 20 ] && echo yes)"
grep -v migration_version /tmp/patched > /tmp/patched.rest
ok 'all files and answers except the attribute are the same with upstream' '' \
	"$(diff /tmp/upstream /tmp/patched.rest | head -n 40)"
# mtty has 2 types and mdpy has 3, each seen once and once more for each device
ok 'only types of mtty and mdpy have the attribute' \
	$((2 + 2 * 2 + 3 + 3 * 3)) \
	"$(grep -c "migration_version'\{0,1\}\$" /tmp/patched)"
ok 'upstream does not have the attribute' 0 "$(grep -c migration_version /tmp/upstream)"
tests_end
