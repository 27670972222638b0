# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# The tests share this: results as TAP, and a place for their files.
# A test is run by scripts/check, which has a description of its header, or by prove, from
# any directory, with KERNEL in the environment if it is not to be the test's default.

export LC_ALL=C
# The packages are Debian's, and so must be the python that finds them
export PATH="/usr/sbin:/usr/bin:/sbin:/bin:$PATH"
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
tested=0
failed=0

# header NAME - of this test
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

# Files of this test, kept for a look after it; those of the last run go
# shellcheck disable=SC2034 # for the test
work=$top/build/${KERNEL:-no-kernel}/check/$(basename "$0" .t)
rm -rf "$work"
mkdir -p "$work"

# result STATUS NAME [LOG] - one test; the log says why it failed
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

# check NAME COMMAND... - the command succeeds
check()
{
	name=$1
	shift
	"$@" > "$work/log" 2>&1 < /dev/null && status=0 || status=$?
	result "$status" "$name" "$work/log"
}

# comes_to STATUS WORDS COMMAND... - for check: the exit status, and what is in the output, or
# anything if WORDS are empty
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

# check_same NAME EXPECTED ACTUAL - two files are equal
check_same()
{
	check "$1" diff -u "$2" "$3"
}

# wait_for COMMAND... - until it succeeds, for at most a minute
wait_for()
{
	tries=600
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return
		sleep 0.1
	done
}

# Files that the series adds: all in the kernel's own directories but tools/mdev,
# which is a project of its own
overlay_files()
{
	git -C "$top" ls-files -- Documentation drivers samples tools/testing
}

# bail_out WHY - an error of set-up is an error of the run
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
"$top/scripts/needs" $(header needs) >&2 || bail_out "the test does not have what it needs"
