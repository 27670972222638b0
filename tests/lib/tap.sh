# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# All tests read this to print results as TAP, and to have a directory for their files.
# scripts/check runs a test, and describes the header of one.  prove runs one, too, from any
# directory, with KERNEL in the environment if the kernel is not the test's default.

export LC_ALL=C
# Debian's packages have modules of python, which only Debian's python finds
export PATH="/usr/sbin:/usr/bin:/sbin:/bin:$PATH"
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
tested=0
failed=0

# header NAME - print the line NAME of this test's header
header()
{
	sed -n "/^\$/q; s/^# $1: //p" "$0"
}

kernels=$(header kernels)
if [ -n "$kernels" ]; then
	export KERNEL="${KERNEL:-${kernels%% *}}"
else
	unset KERNEL
fi

# Files of this test stay until its next run, for a look after a failure
# shellcheck disable=SC2034 # for the test
work=$top/build/${KERNEL:-no-kernel}/check/$(basename "$0" .t)
rm -rf "$work"
mkdir -p "$work"

# result STATUS NAME [LOG] - print one result, and the end of the log if the status is not 0
result()
{
	tested=$((tested + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tested - $2"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $tested - $2"
	[ -z "${3:-}" ] || tail -n 40 "$3" | sed 's/^/#   /'
}

# check NAME COMMAND... - test that the command succeeds
check()
{
	name=$1
	shift
	"$@" > "$work/log" 2>&1 < /dev/null && status=0 || status=$?
	result "$status" "$name" "$work/log"
}

# comes_to STATUS WORDS COMMAND... - succeed if the command exits with the status and its output
# has WORDS, a pattern that may be empty.  Only check calls this, because the output is in its log.
comes_to()
{
	expected=$1
	words=$2
	shift 2
	"$@"
	status=$?
	[ "$status" = "$expected" ] || return
	[ -z "$words" ] || grep -q -e "$words" "$work/log"
}

# check_same NAME EXPECTED ACTUAL - test that two files are equal
check_same()
{
	check "$1" diff -u "$2" "$3"
}

# wait_for COMMAND... - repeat the command until it succeeds, for at most a minute
wait_for()
{
	tries=600
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return
		sleep 0.1
	done
}

# overlay_files - print the files that the series adds: tools/mdev is not a part of it
overlay_files()
{
	git -C "$top" ls-files -- Documentation drivers samples tools/testing
}

# bail_out WHY - end the test because it cannot be set up, which fails the whole run
bail_out()
{
	echo "Bail out! $*"
	exit 1
}

tests_end()
{
	echo "1..$tested"
	[ "$failed" = 0 ]
}

# shellcheck disable=SC2046 # a list
"$top/scripts/needs" $(header needs) >&2 || bail_out "scripts/needs failed for: $(header needs)"
