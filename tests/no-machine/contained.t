#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A run of the tests that was interrupted or killed leaves no process, mount or temporary directory
#
# needs: tree
# check: yes
# seconds: 5

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$top" || exit

# The run starts a process of another session and group and a process that ignores signals.  It
# makes a mount, a temporary directory, and a temporary directory of scripts/lib.sh.
cat > "$work/run" <<END
. $top/scripts/lib.sh
temporary_in "$work"
# The argument $work is in the command line of each process, so that left finds it
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

# ended PID - require that the process has ended; a zombie does not have a command line
ended()
{
	! [ -s "/proc/$1/cmdline" ]
}

# stopped_by SIGNAL - send the signal to a run, and require that the run leaves nothing.  The run
# has default signals, because a shell ignores SIGINT for its background processes, and nohup
# SIGHUP.
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
	# If scripts/contained itself is killed, another process cleans up
	wait_for nothing_left
}

while read -r signal number; do
	check "SIG$signal to scripts/contained leaves no process, mount or temporary directory" \
		stopped_by "$signal"
	check "a scripts/contained that SIG$signal ends has the status $number" [ "${ended_with:-}" = "$number" ]
done <<END
HUP 129
INT 130
KILL 137
TERM 143
END

scripts/contained sh -c 'exit 7'
check "scripts/contained ends with the status of its command" [ $? = 7 ]
check "the command of scripts/contained reads its standard input" \
	[ "$(echo text | scripts/contained cat)" = text ]
check "a scripts/contained that ends by itself leaves no temporary directory" sh -c \
	"scripts/contained sh -c 'sleep 1000 & echo \$TMPDIR' > '$work/tmpdir' &&
	 ! [ -e \"\$(cat '$work/tmpdir')\" ]"
tests_end
