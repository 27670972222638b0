#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: conformance_test or the kernel log finds each mistake that /mistakes/order
# names.  tests/machine/conformance.t describes the files of /mistakes.  Prints TAP.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh

# field NAME MISTAKE - print the values of a field, a line each
field()
{
	sed -n -e '/^$/q' -e "s/^$1: //p" "/mistakes/$2.diff"
}

# module NAME - print the module of a mistake, or of a driver as it is
module()
{
	if [ -e "/mistakes/$1.ko" ]; then
		echo "/mistakes/$1.ko"
	else
		echo "/lib/modules/$(uname -r)/updates/$1.ko"
	fi
}

# try MISTAKE - run conformance_test for its driver; $ended is the exit status.  The output is
# in /tmp/output, and the kernel log in /tmp/log.
try()
{
	case $(field Driver "$1") in
	example)	parent=example_mdev type=live ;;
	mbochs)		parent=mbochs type=small ;;
	mdpy)		parent=mdpy type=vga ;;
	mtty)		parent=mtty type=2 ;;
	esac
	named=$(field Parent "$1")
	parent=${named:-$parent}
	second=$(field Second "$1")
	accepts=$(field Accepts "$1")

	dmesg -c > /tmp/log
	# Few unloads are enough to find one that hangs
	ended=$(status env MDEV_UNLOAD_CYCLES=20 "MDEV_MODULE=/mistakes/$1.ko" \
		${second:+"MDEV_SECOND=$(module "$second")"} \
		${accepts:+"MDEV_ACCEPTS=$accepts"} \
		/conformance_test "$parent" "$parent-$type")
	dmesg > /tmp/log
}

# has MISTAKE FIELD FILE - require each text of the field in the file, and print its line
has()
{
	field "$2" "$1" > /tmp/expected
	while read -r text; do
		found=$(grep -m 1 -F -e "$text" "$3")
		ok "$1: $text" yes "${found:+yes}"
		[ -z "$found" ] || echo "# $1: $found"
	done < /tmp/expected
}

# reload_core - unload the samples, because a changed one has the same names, and load mdev
# again, because its limit of the reports of a driver's faults is new then
reload_core()
{
	for module in $(ls /sys/module/mdev/holders) mdev; do
		rmmod "$module"
	done
	modprobe mdev
}

# shellcheck disable=SC2013 # words
for mistake in $(cat /mistakes/order); do
	reload_core
	try "$mistake"
	test=$(field Test "$mistake")
	if [ -n "$test" ]; then
		ok "$mistake: conformance_test fails" 1 "$ended"
		ok "$mistake: $test fails" 1 "$(grep -c "^not ok .*\.$test\$" /tmp/output)"
		has "$mistake" Fails /tmp/output
	fi
	has "$mistake" Log /tmp/log
done

# A driver that hangs can have the lock of a device, for which the kernel waits before it
# powers off.  This ends the machine after its status is known.
if grep -q '^State:.D' /proc/[0-9]*/status; then
	(
		sleep 10
		echo b > /proc/sysrq-trigger
	) > /dev/null 2>&1 &
fi
tests_end
