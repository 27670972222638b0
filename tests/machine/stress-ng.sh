#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: the sysfs stressor of stress-ng, for the directories of the
# parents.  Prints TAP.  Needs stress-ng and libfaketimeMT.so.1 in /.
#
# The stressor does not take a path, but walks /sys, so it gets a /sys that has only the parents.
# It runs as a user other than root, opens each file that this user may write, and writes zero
# bytes.  It does not write create and remove, because only root may.
#
# The stressor forks before it opens a file, and skips the file if the fork took a fifth of a
# second.  On an emulated debug kernel it would skip all files, so its clock is slow.  It prints
# only the number of files.  The log shows that it has called a driver, because one parent has a
# version that is not valid.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh

# This number is larger than the number of files and directories
operations=120
slow_clock='LD_PRELOAD=/libfaketimeMT.so.1 FAKETIME=+0x0.05'
parents=/sys/class/mdev_bus
version=mdev_supported_types/mtty-1/migration_version
sim=/sys/kernel/config/mdev-sim/faulty

set_mode()
{
	find $parents/*/mdev_supported_types/ -name migration_version \
		-exec chmod "$1" {} +
}

# only_parents COMMAND... - run a command as nobody, with a /sys of its own
only_parents()
{
	# shellcheck disable=SC2016 # for the shell that is started
	unshare -m sh -e -c '
		mount -t tmpfs -o mode=755 tmpfs /mnt
		for parent in /sys/class/mdev_bus/*; do
			mkdir "/mnt/${parent##*/}"
			mount --bind "$(readlink -f "$parent")" "/mnt/${parent##*/}"
		done
		mount --move /mnt /sys
		cd /tmp
		exec su -s /bin/sh nobody -c "$*"' sh "$@"
}

# stressed FILE - print yes if FILE has all operations and does not have a failure.  After a
# given number of operations, and only then, stress-ng 0.15 kills its own worker and takes that
# for a failure, on any kernel, so that its exit status has no meaning.
stressed()
{
	done=$(awk '$4 == "sysfs" && $5 ~ /^[0-9]+$/ { print $5 }' "$1")
	if [ "${done:-0}" -ge $operations ] &&
	   ! grep -E 'fail:|SIG(BUS|ILL|SEGV|TRAP|SYS)|skipping' "$1" > /tmp/why; then
		echo yes
	else
		echo "no: ${done:-0} of $operations operations; $(cat /tmp/why)"
	fi
}

# reported - print yes if the log has the version that is not valid, and not more often than the
# limit of the core allows, however often it is read
reported()
{
	faults=$(dmesg | grep -c 'faulty: .* show_migration_version returned a string whose byte 1 ')
	case $faults in
	0) echo no ;;
	[1-9]|10) echo yes ;;
	*) echo "$faults times" ;;
	esac
}

mkdir -p /mnt
# Each machine loads it at first, but stress_test unloads all modules
modprobe mdev_sim
mkdir -p $sim/type
printf 'a\nb' > $sim/type/version
echo 1 > $sim/live
set -- a5ae0d9e-8c2b-4b8f-8d0c-6a1ec2c2f001 a5ae0d9e-8c2b-4b8f-8d0c-6a1ec2c2f002
echo "$1" > $parents/mtty/mdev_supported_types/mtty-1/create
echo "$2" > $parents/mbochs/mdev_supported_types/mbochs-small/create
before=$(find $parents/*/ | sort)
set_mode 666
ok 'before the run of stress-ng, the version that is not valid was not read' no "$(reported)"

# One worker is four threads
only_parents "$slow_clock" /stress-ng --sysfs 1 --sysfs-ops $operations --timeout 0 \
	--metrics-brief > /tmp/output 2>&1
ok "a run of stress-ng does $operations operations" yes "$(stressed /tmp/output)"
sed -n 's/^.*metrc: .*\] sysfs/# sysfs/p' /tmp/output
ok 'the run of stress-ng has read the version that is not valid' yes "$(reported)"

set_mode 644
ok 'the run of stress-ng does not change the files of the parents' "$before" "$(find $parents/*/ | sort)"
ok 'after the run of stress-ng, mtty has its version' 4348:3253-1.0 "$(cat $parents/mtty/$version)"
ok 'after the run of stress-ng, mtty accepts its version' yes \
	"$(echo 4348:3253-1.0 > $parents/mtty/$version && echo yes)"
ok 'after the run of stress-ng, mtty refuses another version' no \
	"$(echo 4348:3253-2.0 2>/dev/null > $parents/mtty/$version || echo no)"
for uuid; do
	ok "after the run of stress-ng, device $uuid can be removed" yes \
		"$(echo 1 > "/sys/bus/mdev/devices/$uuid/remove" && echo yes)"
done
echo 0 > $sim/live
rmdir $sim/type $sim
ok 'after the run of stress-ng, mdev_sim can be unloaded' yes "$(rmmod mdev_sim && echo yes)"
tests_end
