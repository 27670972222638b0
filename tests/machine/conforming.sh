#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: vendor drivers that keep the rules pass conformance_test.  Prints TAP.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh

sim=/sys/kernel/config/mdev-sim/acme

# passes NAME PARENT TYPE [VARIABLE...] - run the test with these variables in its environment,
# and with half of the unloads, because there are six drivers
passes()
{
	name=$1
	parent=$2
	type=$3
	shift 3
	ok "conformance_test passes for $name" 0 \
		"$(status env MDEV_UNLOAD_CYCLES=20 "$@" /conformance_test "$parent" "$type")"
	sed -n -e 's/^not ok/# &/p' -e '/^# /p' /tmp/output
	# A single processor may never ask while it unloads
	[ "$(grep -c '^processor' /proc/cpuinfo)" = 1 ] ||
		ok "$name is asked while it is unloaded" 0 \
			"$(grep -c 'driver_answers_or_is_gone # SKIP' /tmp/output)"
}

unload="echo 0 > $sim/live && rmdir $sim/gpu $sim"
passes 'the example' example_mdev example_mdev-live MDEV_MODULE=/example.ko
rmmod example
long=example_mdev_with_more_than_the_log_has_of_a_device
passes 'a driver with a long name and with backslashes in its version' $long $long-live \
	MDEV_MODULE=/mistakes/long-names.ko
passes 'mtty with one port' mtty mtty-1
passes 'mtty and a newer one' mtty mtty-2 MDEV_SECOND=/mistakes/mtty-newer.ko
passes mdpy mdpy mdpy-vga
passes 'mdpy and an older one' mdpy mdpy-xga MDEV_SECOND=/mistakes/mdpy-older.ko
passes mdev_sim mdev-sim-acme mdev-sim-gpu \
	MDEV_LOAD="mkdir -p $sim/gpu && echo 1 > $sim/live" MDEV_UNLOAD="$unload"
# The test leaves the driver loaded, or as the driver was before
sh -c "$unload"
tests_end
