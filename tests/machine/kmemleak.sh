#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: look for memory that was lost since the machine was started.
# Prints TAP.  For the end of a run of other tests.
#
# A run may end with "sh /kmemleak.sh control" in a machine of its own: with the
# kernel's own module that loses memory, as /kmemleak-test.ko, it shows that
# a leak is found here.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh

kmemleak=/sys/kernel/debug/kmemleak

# What is in use may be known only to a register or a list of the moment: what
# is new is reported only if the second scan does not find it either
scan()
{
	echo scan > $kmemleak && sleep 5 && echo scan > $kmemleak
}

reports()
{
	grep -c '^unreferenced object' $kmemleak
}

# It writes an errno if it has switched itself off, for want of memory
ok 'kmemleak is there and is on' yes \
	"$([ -r $kmemleak ] && echo scan 2>/dev/null > $kmemleak && echo yes)"
case ${1:-} in
control)
	insmod /kmemleak-test.ko
	ok 'the module that loses memory has been loaded' yes \
		"$(grep -q '^kmemleak_test ' /proc/modules && echo yes)"
	rmmod kmemleak-test
	ok 'two scans of kmemleak come to their end' yes "$(scan && echo yes)"
	found=$(reports)
	echo "# $found objects lost by it are reported"
	ok 'the memory that the module has lost is reported' yes \
		"$([ "$found" -gt 0 ] && echo yes)"
	echo clear > $kmemleak ;;
*)
	ok 'two scans of kmemleak come to their end' yes "$(scan && echo yes)"
	ok 'no memory is lost' 0 "$(reports)"
	sed 's/^/# /' $kmemleak ;;
esac
tests_end
