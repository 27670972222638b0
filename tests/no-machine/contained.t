#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Nothing is left of a run of the tests that was interrupted or killed
#
# needs: tree
# check: yes
# seconds: 5

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$top" || exit

# A test that is killed leaves this: a process of another session and group, one that
# ignores signals, a mount, a temporary directory and one of scripts/lib.sh
cat > "$work/run" <<END
. $top/scripts/lib.sh
temporary_in "$work"
# The name of the directory is the argument by which the processes are found
setsid sh -c 'while :; do sleep 1; done' "$work" &
timeout 1000 sh -c 'trap "" HUP INT TERM; while :; do sleep 1; done' "$work" &
mkdir "$work/mount"
mount -t tmpfs none "$work/mount"
touch "\$TMPDIR/file" "\$temporary/file" "$work/mount/file"
echo "\$TMPDIR" > "$work/tmpdir"
touch "$work/begun"
wait
END

left()
{
	pgrep -a -f "^sh -c .* $work\$"
	ls -d "$work"/tmp.* "$(cat "$work/tmpdir")" 2> /dev/null
	grep -F " $work/mount " /proc/mounts
}

nothing_left()
{
	! left | grep .
}

# ended PID - a zombie does not have a command line
ended()
{
	! [ -s "/proc/$1/cmdline" ]
}

# stopped_by SIGNAL - a shell begins what is in its background without SIGINT, and nohup
# begins all without SIGHUP
stopped_by()
{
	rm -rf "$work/begun" "$work/mount"
	env --default-signal=HUP,INT,TERM scripts/contained sh "$work/run" \
		> "$work/output" 2>&1 &
	run=$!
	wait_for [ -e "$work/begun" ] || return
	left | grep -q . || return
	kill -s "$1" "$run"
	wait_for ended "$run" || kill -KILL "$run"
	wait "$run" 2> /dev/null
	ended_with=$?
	# Another process removes what is left if the script itself is killed
	wait_for nothing_left
}

while read -r signal number; do
	check "SIG$signal leaves no process, mount or temporary directory of a run" \
		stopped_by "$signal"
	check "a run that SIG$signal ends has the status of that" [ "${ended_with:-}" = "$number" ]
done <<END
HUP 129
INT 130
KILL 137
TERM 143
END

scripts/contained sh -c 'exit 7'
check "a run ends with the status of its command" [ $? = 7 ]
check "the command of a run reads what the run reads" \
	[ "$(echo text | scripts/contained cat)" = text ]
check "nothing is left of a run that ended by itself" sh -c \
	"scripts/contained sh -c 'sleep 1000 & echo \$TMPDIR' > '$work/tmpdir' &&
	 ! [ -e \"\$(cat '$work/tmpdir')\" ]"
tests_end
