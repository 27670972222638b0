#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# On the target of remote.t: asked.sh called|gone|mdev-precheck|sshd - wait until mdev-precheck
# has called the driver that does not answer, and then kill the processes of mdev-precheck, or
# the sshd that has started it; or wait until all of mdev-precheck have ended (gone).  Prints the
# condition that is met, or the processes that run after a minute.

# called - set $process to the process that waits for the driver
called()
{
	for process in $(pidof mdev-precheck); do
		for file in /proc/"$process"/fd/*; do
			case $(readlink "$file") in
			*/mdev-sim-slow/migration_version)	return ;;
			esac
		done
	done
	return 1
}

gone()
{
	! pidof mdev-precheck > /dev/null
}

condition=called
[ "$1" != gone ] || condition=gone
tries=0
until $condition; do
	tries=$((tries + 1))
	if [ $tries = 120 ]; then
		ps -o pid,ppid,args
		exit 1
	fi
	sleep 0.5
done
echo $condition

if [ "$1" = sshd ]; then
	until grep -q '^Name:.*sshd' "/proc/$process/status"; do
		process=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$process/status")
	done
	kill -s KILL "$process"
fi
# A program whose sshd was killed waits until its limit
case $1 in
sshd|mdev-precheck)
	# shellcheck disable=SC2046 # numbers
	kill -s KILL $(pidof mdev-precheck) ;;
esac
