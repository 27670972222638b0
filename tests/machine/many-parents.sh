#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: mdev-precheck prints readable lists of 64 parents that have ten types each.
# Prints TAP, and lines "@FILE " with the output of the commands of terminal.txt, hanging.txt
# and pipe.txt.  Needs these files, on_terminal and the locale C.utf8 in /.

# shellcheck source=tests/machine/precheck-lib.sh
. /precheck-lib.sh

# The characters of the locale are UTF-8, and its files are in /
export LOCPATH=/ LC_ALL=C.utf8 TERM=dumb
unset NO_COLOR COLUMNS LINES
numbers='63 64 65 66 67 68 69 70 71 72'
trace=/sys/kernel/tracing

# make_card - make 64 virtual functions, from 00.4 to 08.3
make_card()
{
	for slot in 0 1 2 3 4 5 6 7 8; do
		for function in 0 1 2 3 4 5 6 7; do
			case $slot.$function in
			0.[0-3]|8.[4-7])	continue ;;
			esac
			parent=$sim/3b:0$slot.$function
			# shellcheck disable=SC2046,SC2086 # a directory for each
			mkdir "$parent" && mkdir $(printf "$parent/vgpu-%s " $numbers)
			for number in $numbers; do
				echo "10de:2236-$number-16.2" > "$parent/vgpu-$number/version"
				echo 1 > "$parent/vgpu-$number/instances"
			done
		done
	done
	# One parent is not updated yet, and another one shows the others' version and refuses it
	for number in $numbers; do
		echo "10de:2236-$number-15.4" > "$sim/3b:03.2/vgpu-$number/version"
		echo 22 > "$sim/3b:06.1/vgpu-$number/check_errno"
	done
	for parent in "$sim"/*; do
		echo 1 > "$parent/live"
	done
}

# make_device DIGIT PARENT TYPE - make a device
make_device()
{
	echo "$1ee1a9c4-7f4b-4a38-9c0d-2b7d9b1e3f60" \
		> "$parents/mdev-sim-$2/mdev_supported_types/mdev-sim-$3/create"
}

# hang MILLISECONDS - let one parent answer after this time
hang()
{
	for number in $numbers; do
		echo "$1" > "$sim/3b:05.0/vgpu-$number/delay_ms"
	done
}

# run_commands FILE COMMAND... - run COMMAND with each command of the file as its argument.  The
# lines that the kernel logs are left out, because their number is limited in time.
run_commands()
{
	file=$1
	shift
	sed -n 's/^\$ //p' "/$file.txt" | while read -r line; do
		echo "\$ $line"
		"$@" "$line" 2>&1 < /dev/null
		status=$?
		[ "$status" = 0 ] || echo "[$status]"
	done | sed -e 's/; the kernel log.*//; s/; lines of the kernel log.*//' -e "/^the kernel log has lines/d" -e "s/^/@$file /"
}

# asked PARENT COMMAND... - print how often COMMAND asked the driver of matching parents
asked()
{
	pattern=$1
	shift
	echo > $trace/trace
	status "$@" > /dev/null
	grep -c "parent=$pattern type" $trace/trace
}

hostname node001
rmmod mtty mdpy mbochs
make_card
make_device 1 3b:00.4 vgpu-65
make_device 2 3b:00.5 vgpu-65
make_device 3 3b:00.6 vgpu-65
make_device 4 3b:02.0 vgpu-70
ok 'there are 64 parents' 64 "$(find $parents/ -type l | wc -l)"
export PATH="/:$PATH"

# Two other hosts have these documents: one has newer software, and one has a type more
mdev-precheck export > /tmp/all.json
mdev-precheck export --parent mdev-sim-3b:00.4 > /tmp/export
sed -e 's/"host":"[^"]*"/"host":"node002"/' -e 's/-16\.2"/-17.0"/' /tmp/export > /tmp/newer.json
sed -e 's/"host":"[^"]*"/"host":"node003"/' -e 's/vgpu-72/vgpu-474/g' \
	-e 's/2236-72/25b6-474/' /tmp/export > /tmp/other.json

run_commands terminal /on_terminal 100 sh -c
run_commands pipe sh -c

# Each check leaves an event
echo 4096 > $trace/buffer_size_kb
echo 1 > $trace/events/mdev/mdev_migration_check/enable
ok 'check of all types of the host asks each parent about each of its two versions once' 1280 \
	"$(asked '.*' mdev-precheck check --from /tmp/all.json)"
hang 60000
ok 'check of all types of the host asks a parent that hangs once' 1 \
	"$(asked mdev-sim-3b:05.0 mdev-precheck --timeout 5 check --from /tmp/all.json)"
run_commands hanging /on_terminal 100 sh -c
hang 0
remove_parents
modprobe -a mtty mdpy mbochs
tests_end
