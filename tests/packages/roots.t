#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A command of scripts/in-root does not change the root directory, does not reach this machine, and
# leaves no process and no file when it is killed.  scripts/debian-root refuses a release and a set
# that it does not have.
#
# needs: bookworm-clean root
# seconds: 10

# Mounts end with the test, even if the test is killed
[ -n "${CONTAINED:-}" ] || exec "$(dirname -- "$0")/../../scripts/contained" sh "$0"

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
root=$("$top/scripts/debian-root" bookworm clean) || bail_out "scripts/debian-root does not make a root directory"

in_root()
{
	"$top/scripts/in-root" "$@"
}

# state - print the modes, owners and times of all files of the root directory
state()
{
	find "$root" -printf '%p %M %U %G %s %T@ %C@\n' | sort
}

state > before

# Arguments that are refused
check "in-root without arguments prints its usage" \
	comes_to 1 '^error: usage: scripts/in-root' in_root
check "in-root names an option that it does not have" \
	comes_to 1 '^error: --netwrok is not an option' in_root --netwrok "$root" true
check "in-root names a directory that is not a root directory" \
	comes_to 1 "^error: $work is not the root directory" in_root "$work" true
check "in-root names a directory of --bind that does not exist" \
	comes_to 1 '^error: --bind /nowhere:/a: /nowhere does not exist' \
	in_root --bind /nowhere:/a "$root" true
check "in-root requires an absolute path in the root directory" \
	comes_to 1 '^error: --bind /tmp:a: expected FROM:TO' in_root --bind /tmp:a "$root" true
check "debian-root names a release that it does not have" \
	comes_to 1 '^error: buster is not a release' "$top/scripts/debian-root" buster clean
check "debian-root names a set that it does not have" \
	comes_to 1 '^error: cleen is not a set' "$top/scripts/debian-root" bookworm cleen
check "in-root requires to be root" \
	comes_to 1 '^error: .*sudo scripts/in-root' \
	setpriv --reuid 65534 --clear-groups sh "$top/scripts/in-root" "$root" true

# Status, arguments and environment of the command
check "in-root ends with the status of the command" comes_to 7 '' in_root "$root" sh -c 'exit 7'
check "in-root passes arguments as they are" \
	comes_to 0 '^a  b[*]$' in_root "$root" printf '%s\n' 'a  b*'
check "the command of in-root reads the standard input" \
	sh -c "[ \"\$(echo text | '$top/scripts/in-root' '$root' cat)\" = text ]"
check "the command of in-root does not get the environment" \
	sh -c "! SECRET=x '$top/scripts/in-root' '$root' env | grep SECRET"

# Changes in the root directory
check "the command of in-root can change the root directory" \
	in_root "$root" sh -ec 'rm /bin/cat; touch /new /tmp/new; ! [ -e /bin/cat ]'
check "the next command of in-root does not find the changes" in_root "$root" sh -ec '[ -e /bin/cat ]; ! [ -e /new ]'
check "the command of in-root --keep can change the root directory" \
	in_root --keep "$work/kept" "$root" sh -ec 'rm /bin/cat; echo text > /new'
# shellcheck disable=SC2016 # for the shell in the root directory
check "the next command of in-root --keep finds the changes" \
	in_root --keep "$work/kept" "$root" sh -ec '! [ -e /bin/cat ]; read -r text < /new; [ "$text" = text ]'
(cd kept/upper && find . -mindepth 1 ! -type d) | sort > changes
printf '%s\n' ./new ./usr/bin/cat > expected
check_same "in-root --keep keeps the changes of the commands only" expected changes
mkdir "bound: x"
check "the command of in-root writes to a directory of --bind" \
	in_root --bind "$work/expected:/a/file" --bind "$work:/b c" "$root" \
	sh -c 'grep -q new /a/file && touch "/b c/written"'
check "a directory of --bind has the file that the command has written" [ -e written ]

# Parts of this machine that the command must not reach
check "the command of in-root has no network" \
	sh -c "'$top/scripts/in-root' '$root' cat /proc/net/dev | sed '1,2d; s/:.*//; s/ //g' | diff - /dev/fd/3 3<<-END
	lo
	END"
check "the command of in-root --network has the network of this machine" \
	sh -c "'$top/scripts/in-root' --network '$root' cat /proc/net/dev | sed 's/:.*//' > network &&
		sed 's/:.*//' /proc/net/dev | diff - network"
check "the command of in-root cannot write to /sys" comes_to 1 '' in_root "$root" test -w /sys/power/state
check "the command of in-root has no disk" sh -c "! '$top/scripts/in-root' '$root' find /dev -type b | grep ."
check "the command of in-root does not see the processes of this machine" \
	in_root "$root" grep -q -a in-root /proc/1/cmdline
check "policy-rc.d forbids packages in a root directory to start services" \
	comes_to 101 '' in_root "$root" /usr/sbin/policy-rc.d ssh start

"$top/scripts/in-root" --keep "$work/used" --bind "$work:/w" "$root" \
	sh -c 'sleep 1000 & touch /w/begun; wait' "$work" > first 2>&1 &
first=$!
wait_for [ -e begun ]
check "two commands of in-root cannot keep their changes in one directory" \
	comes_to 1 "^error: --keep $work/used is in use" in_root --keep "$work/used" "$root" true

# left - print the processes of the first command
left()
{
	pgrep -f "^sh -c .* $work\$"
}

nothing_left()
{
	! left
}
check "the first command still runs beside the refused one" left
kill -KILL "$first"
wait "$first" 2> /dev/null
check "a command ends when its in-root is killed" wait_for nothing_left
check "the directory of --keep is free when its in-root was killed" \
	wait_for in_root --keep "$work/used" "$root" true
rm -f begun
"$top/scripts/in-root" --bind "$work:/w" "$root" \
	sh -c 'trap "" TERM; sleep 1000 & touch /w/begun; while :; do sleep 1; done' "$work" > second 2>&1 &
second=$!
wait_for [ -e begun ]
kill -TERM "$second"
wait "$second" 2> /dev/null && status=0 || status=$?
check "in-root ends with status 143 after SIGTERM" [ "$status" = 143 ]
check "in-root removes its temporary directory after SIGTERM" sh -c "! grep -l -s $work $top/build/tmp.*/binds"
check "a command that ignores signals ends with its in-root" wait_for nothing_left

state > after
check_same "no command of in-root has changed the root directory" before after
tests_end
