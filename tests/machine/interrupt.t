#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A machine ends with scripts/machine.  Each signal that ends the script ends each process of the
# machine, and the temporary directory is removed.
#
# kernels: uml-7.3 6.12
# needs: machine
# seconds: 40

. "$(dirname -- "$0")/../lib/machine.sh"

# Our processes have a mark in their environment, which their children inherit
mark=INTERRUPTED_BY=$work

# marked - print the processes that have the mark; a zombie no longer has an environment
marked()
{
	grep -l -z -x -F -e "$mark" /proc/[0-9]*/environ 2> /dev/null | cut -d / -f 3
}

none_marked()
{
	[ -z "$(marked)" ]
}

# scripts_running - print the shells that run scripts/machine
scripts_running()
{
	for process in $(marked); do
		tr '\0' ' ' < "/proc/$process/cmdline" | grep -q '^/bin/sh [^ ]*scripts/machine ' &&
			echo "$process"
	done
}

# begin - set $run to a machine whose command does not end; env resets the signals, because a
# process in the background ignores SIGINT, and a process of nohup ignores SIGHUP
begin()
{
	: > "$work/output"
	: > "$work/messages"
	env --default-signal=HUP,INT,TERM "$mark" "$top/scripts/machine" --modules "$patched" \
		--timeout "$TIMEOUT" 'echo begun; while :; do sleep 1; done' \
		> "$work/output" 2> "$work/messages" < /dev/null &
	run=$!
}

# directory_of PROCESS - print the temporary directory, whose descriptor is its lock
directory_of()
{
	readlink "/proc/$1/fd/6" | grep '/tmp\.'
}

log_has_begun()
{
	[ -s "$(directory_of "$run")/console.log" ]
}

# reach MOMENT - wait until $run has come to the moment
reach()
{
	case $1 in
	making)	wait_for grep -q '^==> making' "$work/messages" ;;
	booting) wait_for grep -q '^==> booting' "$work/messages" ;;
	kernel)	wait_for log_has_begun ;;
	command) wait_for grep -q begun "$work/output" ;;
	esac
	# A machine that did not begin cannot be interrupted
	result $? "scripts/machine comes to the moment to interrupt it: $1" "$work/messages"
	directory=$(directory_of "$run")
	[ -d "$directory" ] || result 1 "scripts/machine has a temporary directory at the moment: $1"
}

# interrupt SIGNAL STATUS MOMENT - send the signal, and test that the run ends with the status and
# leaves nothing behind
interrupt()
{
	begin
	reach "$3"
	kill -s "$1" "$run"
	wait "$run" 2> /dev/null && status=0 || status=$?
	check "SIG$1 at the moment \"$3\": scripts/machine ends with $2" [ "$status" = "$2" ]
	check "SIG$1 at the moment \"$3\": each process of the machine has ended" none_marked
	check "SIG$1 at the moment \"$3\": the temporary directory is removed" [ ! -e "$directory" ]
}

for moment in making booting kernel command; do
	interrupt TERM 143 $moment
done
interrupt INT 130 command
interrupt HUP 129 kernel

# The script cannot do anything after SIGKILL
for moment in making booting kernel command; do
	begin
	reach $moment
	left="${left:-} $directory"
	kill -s KILL "$run"
	wait "$run" 2> /dev/null && status=0 || status=$?
	check "SIGKILL at the moment \"$moment\": scripts/machine ends with 137" [ "$status" = 137 ]
	check "SIGKILL at the moment \"$moment\": each process of the machine ends" wait_for none_marked
done

begin
reach command
machine -- true > "$work/log" 2>&1
result $? "scripts/machine succeeds after runs that were killed" "$work/log"
# shellcheck disable=SC2086 # a list
for each in $left; do
	check "the next scripts/machine removes the directory that SIGKILL left: ${each##*/}" [ ! -e "$each" ]
done
check "a scripts/machine that still runs keeps its temporary directory" [ -d "$directory" ]
kill "$run"
wait "$run" 2> /dev/null
check "SIGTERM ends a machine after another machine has ended" none_marked

# Ctrl-C at a terminal is a signal to each process of a group
env --default-signal=INT "$mark" KERNEL="$KERNEL" setsid make -s -C "$top" guest \
	RUN='echo begun; while :; do sleep 1; done' > "$work/output" 2> "$work/messages" < /dev/null &
run=$!
wait_for grep -q begun "$work/output"
result $? "make guest begins" "$work/messages"
kill -s INT -- "-$run"
wait "$run" 2> /dev/null
check "Ctrl-C ends make guest, and each process has ended" none_marked

# hold - stop the kernels, so that they do not react to a signal and have to be killed
hold()
{
	for process in $(marked); do
		case $(readlink "/proc/$process/exe") in
		*/vmlinuz-*|*/qemu-system-*)	kill -s STOP "$process" ;;
		esac
	done
}

# The shell has the terminal in raw mode; make restores the settings in the end
mkfifo "$work/input"
script=$(command -v script)
env "$mark" KERNEL="$KERNEL" "$script" -q -c "stty -a > '$work/before'
	make -s -C '$top' shell; stty -a > '$work/after'" /dev/null \
	< "$work/input" > "$work/output" 2>&1 &
run=$!
exec 3> "$work/input"
# Input that comes before the shell is lost
wait_for grep -q ' # ' "$work/output"
echo 'echo be""gun' >&3
wait_for grep -q '^begun' "$work/output"
result $? "make shell has the terminal" "$work/output"
hold
for process in $(scripts_running); do
	kill "$process"
done
exec 3>&-
wait "$run" 2> /dev/null
check "SIGTERM ends make shell whose machine hangs, and each process has ended" none_marked
check_same "SIGTERM ends make shell whose machine hangs, and the terminal is as before" "$work/before" "$work/after"
tests_end
