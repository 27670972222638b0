#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: look for memory that was lost since the machine was started, at the end of
# other tests.  Prints TAP.
#
# "sh /kmemleak.sh control" in a machine of its own shows that a leak is found: it loads
# /kmemleak-test.ko, the kernel's own module that loses memory.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh

kmemleak=/sys/kernel/debug/kmemleak

# A pointer to memory in use may be only in a register for a moment, so that a new object
# is reported only if the second scan does not find a pointer either
scan()
{
	echo scan > $kmemleak && sleep 5 && echo scan > $kmemleak
}

reports()
{
	grep -c '^unreferenced object' $kmemleak
}

# The file refuses the write if kmemleak has switched itself off, because memory ran out
ok 'kmemleak exists and is on' yes \
	"$([ -r $kmemleak ] && echo scan 2>/dev/null > $kmemleak && echo yes)"
case ${1:-} in
control)
	insmod /kmemleak-test.ko
	ok 'the module that loses memory has been loaded' yes \
		"$(grep -q '^kmemleak_test ' /proc/modules && echo yes)"
	rmmod kmemleak-test
	ok 'two scans of kmemleak end' yes "$(scan && echo yes)"
	found=$(reports)
	echo "# $found objects lost by the module are reported"
	ok 'the memory that the module has lost is reported' yes \
		"$([ "$found" -gt 0 ] && echo yes)"
	echo clear > $kmemleak ;;
*)
	ok 'two scans of kmemleak end' yes "$(scan && echo yes)"
	ok 'kmemleak does not report a lost object' 0 "$(reports)"
	sed 's/^/# /' $kmemleak ;;
esac
tests_end
