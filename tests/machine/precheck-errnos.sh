#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: some errnos of a driver are a no to mdev-precheck, and others mean that the
# question was not answered; it prints the fault of a faulty driver, and only lines of the kernel
# log that are about its own question.  Prints TAP.

# shellcheck source=tests/machine/precheck-lib.sh
. /precheck-lib.sh

type=mdev-sim-gpu
target=mdev-sim-target/$type
attribute=$parents/mdev-sim-target/mdev_supported_types/$type/migration_version

# EINTR EIO EAGAIN ENOMEM ENODEV
not_answered='4 5 11 12 19'
# EPERM ENOENT EBADF EACCES EBUSY EXDEV ENOTDIR EINVAL EFBIG ENOSPC EROFS EPIPE ENOSYS
# EBADMSG EPROTONOSUPPORT EOPNOTSUPP ETIMEDOUT ESTALE EMEDIUMTYPE, and the last errno
answered='1 2 9 13 16 18 20 22 27 28 30 32 38 74 93 95 110 116 124 511'

make_parent target acme-2.0
make_parent source acme-2.0

#
# A driver that is faulty
#
# The kernel logs ten faults in an hour, so that these come first
see="s host can have the fault: dmesg | grep mdev"
fault="mdev driver mdev_sim, type $type: check_migration_version returned "
echo 1 > $sim/target/gpu/check_result
ok 'check ends with 3 if the target returns 1' 3 \
	"$(status /mdev-precheck check mdev-sim-source/$type $target)"
ok 'check prints that the answer of the target is not valid' yes \
	"$(said "the target's driver gave no valid answer (EIO: ")"
ok "check prints the kernel's line about the target's fault" yes \
	"$(said "; the kernel logged meanwhile: mdev-sim mdev-sim-target: $fault")"
ok "check does not print where to look if it prints the kernel's line" 0 \
	"$(grep -c -F "$see" /tmp/output)"
ok "check --json has the kernel's line about the target's fault" 1 \
	"$(/mdev-precheck check --json mdev-sim-source/$type $target |
	   grep -c "\"kernel_log\":\[.*: $fault")"
for _ in 1 2 3 4 5 6 7 8 9 10; do
	echo acme-2.0 > $attribute
done 2> /dev/null
status /mdev-precheck check mdev-sim-source/$type $target > /tmp/status
ok "check prints where to look if the kernel no longer logs the target's fault" yes \
	"$(said "(EIO: Input/output error); the kernel log of the target'$see")"
echo > $sim/target/gpu/check_result
echo 5 > $sim/target/gpu/check_errno
status /mdev-precheck check mdev-sim-source/$type $target > /tmp/status
ok 'check prints where to look if the target returns EIO, which the kernel does not log' yes \
	"$(said "(EIO: Input/output error); the kernel log of the target'$see")"
echo 0 > $sim/target/gpu/check_errno
echo 7 > $sim/source/gpu/show_errno
status /mdev-precheck check mdev-sim-source/$type $target > /tmp/status
ok 'check prints another errno of the source without a place to look' 0 "$(grep -c dmesg /tmp/output)"
echo 0 > $sim/source/gpu/show_errno
echo -512 > $sim/source/gpu/show_result
ok 'check ends with 3 if the source returns -512' 3 \
	"$(status /mdev-precheck check mdev-sim-source/$type $target)"
ok 'check prints that the answer of the source is not valid, and where to look' yes \
	"$(said "the source's driver gave no valid answer (EIO: Input/output error); the kernel log of the source'$see")"
ok 'list ends with 0 if the source returns -512' 0 "$(status /mdev-precheck list --parent mdev-sim-source)"
ok 'list prints that the answer of the source is not valid' yes "$(said '(no valid answer: EIO)')"
ok 'list prints where to look' yes \
	"$(said 'a driver gave no valid answer; see the kernel log: dmesg | grep mdev')"
echo > $sim/source/gpu/show_result

# differing WANTED KNOB VALUE... - print the values with which a question ends differently
differing()
{
	wanted=$1
	knob=$2
	shift 2
	for value; do
		echo "$value" > "$knob"
		got=$(status /mdev-precheck check mdev-sim-source/$type $target)
		[ "$got" = "$wanted" ] || echo "$value: $got"
	done
	# An errno of 0, or an empty result, switches a knob off
	echo "$after" > "$knob"
}

after=0
# shellcheck disable=SC2086 # lists
{
	ok 'check ends with 3 if the target returns an errno that is not an answer' '' \
		"$(differing 3 $sim/target/gpu/check_errno $not_answered)"
	ok 'check ends with 1 if the target returns another errno' '' \
		"$(differing 1 $sim/target/gpu/check_errno $answered)"
	ok 'check ends with 3 if the source returns an errno that is not an answer' '' \
		"$(differing 3 $sim/source/gpu/show_errno $not_answered)"
	ok 'check ends with 1 if the source returns another errno' '' \
		"$(differing 1 $sim/source/gpu/show_errno $answered)"
}
# The kernel returns EIO in place of a result that is not an errno for userspace
after=
ok 'check ends with 3 if the target returns a number that is not an errno for userspace' '' \
	"$(differing 3 $sim/target/gpu/check_result 1 -512 -530)"
ok 'check ends with 3 if the source returns a number that is not an errno for userspace' '' \
	"$(differing 3 $sim/source/gpu/show_result 0 -512 -530)"
ok 'check ends with 0 if neither source nor target returns an errno' 0 \
	"$(status /mdev-precheck check mdev-sim-source/$type $target)"

#
# The log
#
remove_parents
mkdir -p $sim/target/gpu $sim/target/gpu-2
make_parent target acme-2.0
make_parent other acme-2.0
rejected='migration version "acme-9.0" rejected'

# is_asking PID - succeed if it has the attribute open, because it reads the log then
is_asking()
{
	for file in /proc/"$1"/fd/*; do
		[ "$(readlink -f "$file")" = "$(readlink -f "$attribute")" ] && return
	done
	return 1
}

# ask_during MILLISECONDS COMMAND... - ask a driver that takes as long, and run the command
# meanwhile; it fails if the question ended before the command did
ask_during()
{
	echo "$1" > $sim/target/gpu/delay_ms
	shift
	dmesg -c > /dev/null
	/mdev-precheck check --timeout 0 --type $type acme-9.0 $target > /tmp/output 2>&1 &
	asker=$!
	until is_asking $asker; do
		[ -d /proc/$asker ] || return
	done
	sleep 0.1
	# The question already has its delay, and the command must not have one
	echo 0 > $sim/target/gpu/delay_ms
	"$@"
	[ -d /proc/$asker ] || asker_ended=yes
	wait $asker
	[ -z "$asker_ended" ]
}

# others - ask another type and another parent with the string, and the same type with others
others()
{
	for place in mdev-sim-target/mdev-sim-gpu-2 mdev-sim-other/$type; do
		echo acme-9.0 > "$parents/${place%/*}/mdev_supported_types/${place#*/}/migration_version"
	done
	for string in acme-9.1 acme-9.01 the-acme-9.0; do
		echo $string > $attribute
	done
} 2> /dev/null

flood()
{
	line="<7>$(printf '%0900d' 0)"
	count=0
	while [ $count -lt 6000 ]; do
		echo "$line"
		count=$((count + 1))
	done > /dev/kmsg
}

# ask_in_time COMMAND... - ask with more and more time, because a slow machine needs more
ask_in_time()
{
	for delay in 2000 8000 32000 128000; do
		asker_ended=
		ask_during $delay "$@" && return
	done
	return 1
}

ask_in_time others
ok 'the question of check and five others at the same time log a line each' 6 \
	"$(dmesg | grep -c 'type mdev-sim-gpu.* rejected: ')"
ok 'check prints one line of the kernel log, about its own question' \
	"1 type $type: $rejected" \
	"$(grep -o 'the kernel logged meanwhile' /tmp/output | wc -l) $(
	   grep -o "type [^:]*: migration version [^ ]* rejected" /tmp/output)"
sed 's/^/# /' /tmp/output

ask_in_time flood
ok 'check prints that lines of the kernel log were lost in a flood' yes \
	"$(said 'lines of the kernel log were lost meanwhile')"
ok 'check prints the errno as the reason in a flood' yes \
	"$(said "the target's driver does not accept the version (EPROTONOSUPPORT: ")"

# The kernel suppresses lines until some time has passed, and logs the number then
tries=0
until [ "$(said 'were lost meanwhile')" = yes ] && grep -q -F "$rejected" /tmp/output ||
      [ $tries = 300 ]; do
	for count in 1 2 3 4 5 6 7 8 9 10 11 12; do
		echo acme-9.9 > $attribute
	done 2> /dev/null
	status /mdev-precheck check --type $type acme-9.0 $target > /tmp/status
	tries=$((tries + 1))
	sleep 0.2
done
ok 'check prints that lines of the kernel log were lost if the kernel suppressed some' yes \
	"$(said 'lines of the kernel log were lost meanwhile')"
remove_parents
tests_end
