#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: the sysfs stressor of stress-ng, for the directories of the
# parents.  Prints TAP.  Needs stress-ng and strace in /.
#
# The stressor takes no path: it walks /sys, so that it is given a /sys in which
# there is nothing else.  It writes nothing unless it runs as an ordinary user,
# and then only zero bytes, to what this user may write: opening for write is
# what is added to reading.  Files of root alone, as create and remove, are left
# out.  STRESS_NG_OPERATIONS is the number of files that it takes.

# shellcheck source=tests/guest/in-guest.sh
. /in-guest.sh

operations=${STRESS_NG_OPERATIONS:-300}
# There are about a hundred files
traced=400
parents=/sys/class/mdev_bus
version=mdev_supported_types/mtty-1/migration_version
read_version='read\([0-9]+</sys/[^>]*/migration_version>, "[0-9a-f]{4}:'
wrote_version='write\([0-9]+<[^>]*/migration_version>, "", 0'

set_mode()
{
	find $parents/*/mdev_supported_types/ -name migration_version \
		-exec chmod "$1" {} +
}

# only_parents COMMAND... - with a /sys of its own, as nobody
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

# stressed OPERATIONS FILE - says yes if FILE tells of as many and of no failure.
# After a given number of operations, and only then, stress-ng 0.15 kills its own
# worker and calls that a failure, on any kernel: its exit status says nothing.
stressed()
{
	done=$(awk '$4 == "sysfs" && $5 ~ /^[0-9]+$/ { print $5 }' "$2")
	if [ "${done:-0}" -ge "$1" ] &&
	   ! grep -E 'fail:|SIG(BUS|ILL|SEGV|TRAP|SYS)|skipping' "$2" > /tmp/why; then
		echo yes
	else
		echo "no: ${done:-0} of $1 operations; $(cat /tmp/why)"
	fi
}

# count PATTERN - system calls of the traced run
count()
{
	grep -c -E "$1" /tmp/trace
}

# some PATTERN
some()
{
	[ "$(count "$1")" -gt 0 ] && echo yes || echo no
}

mkdir -p /mnt
set -- a5ae0d9e-8c2b-4b8f-8d0c-6a1ec2c2f001 a5ae0d9e-8c2b-4b8f-8d0c-6a1ec2c2f002
echo "$1" > $parents/mtty/mdev_supported_types/mtty-1/create
echo "$2" > $parents/mbochs/mdev_supported_types/mbochs-small/create
before=$(find $parents/*/ | sort)
set_mode 666

# It takes files at random, so that one run may pass the versions by.  A file for
# each thread: in one, a call that another interrupts is two halves.
run=0
while [ $run -lt 20 ]; do
	run=$((run + 1))
	only_parents /strace -ff -y -o /tmp/thread -e trace=openat,read,write \
		/stress-ng --sysfs 1 --sysfs-ops $traced --timeout 0 \
		--metrics-brief > /tmp/output 2>&1
	cat /tmp/thread.* >> /tmp/trace
	rm -f /tmp/thread.*
	[ "$(stressed $traced /tmp/output)" = yes ] || break
	[ "$(some "$read_version")$(some "$wrote_version")" != yesyes ] || break
done
ok "a traced run does $traced operations" yes "$(stressed $traced /tmp/output)"
ok "it has read versions" yes "$(some "$read_version")"
# Tracing makes it slow, and it leaves out what is late
ok "it has opened a version for write and written zero bytes" yes \
	"$(some "$wrote_version")"
ok 'it has opened nothing else in /sys' '' \
	"$(grep -o -E '= [0-9]+</sys/[^>]*>' /tmp/trace |
	   grep -v -E '</sys/(mtty|mdpy|mbochs)[/>]' | head -n 3)"
echo "# $(count '<[^>]*/migration_version>, "[0-9a-f]') reads and $(
	count 'write\([0-9]+<[^>]*/migration_version>') writes of migration_version in $run traced runs"

only_parents /stress-ng --sysfs 2 --sysfs-ops "$operations" --timeout 0 \
	--metrics-brief > /tmp/output 2>&1
ok "a run does $operations operations" yes "$(stressed "$operations" /tmp/output)"
sed -n 's/^.*metrc: .*\] sysfs/# sysfs/p' /tmp/output

set_mode 644
ok 'the tree is as it was' "$before" "$(find $parents/*/ | sort)"
ok 'mtty still has its version' 4348:3253-1.0 "$(cat $parents/mtty/$version)"
ok 'and still accepts it' yes \
	"$(echo 4348:3253-1.0 > $parents/mtty/$version && echo yes)"
ok 'and still refuses others' no \
	"$(echo 4348:3253-2.0 2>/dev/null > $parents/mtty/$version || echo no)"
for uuid; do
	ok "device $uuid can be removed" yes \
		"$(echo 1 > "/sys/bus/mdev/devices/$uuid/remove" && echo yes)"
done
tests_end
