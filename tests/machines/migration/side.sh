# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# In the machine: one side of a migration.  The shell that executes the commands of migrate.c
# reads this first, and keeps its variables from one pair to the next.

# Name of the simulator's parent on both sides
sim_parent=simulator
parents=/sys/class/mdev_bus
devices=/sys/bus/mdev/devices
sim=/sys/kernel/config/mdev-sim
# The other side connects to these ports for QEMU's monitor and the stream of a migration
monitor_port=4444
stream_port=4445

# One variant of a driver is loaded at a time, and stock is the tree's own
loaded='mtty-stock mdpy-stock'

# load_driver NAME VARIANT - load a variant in place of another one
load_driver()
{
	case " $loaded " in
	*" $1-$2 "*)	return 0 ;;
	esac
	rmmod "$1" || return
	case $2 in
	stock)	modprobe "$1" ;;
	many)	modprobe "$1" count=16 ;;
	*)	insmod "/$1-$2.ko" ;;
	esac || return
	loaded=$(echo "$loaded" | sed "s/$1-[^ ]*/$1-$2/")
}

# make_sim KNOB=VALUE... - make a parent with one type, which has these knobs
make_sim()
{
	parent=$sim/$sim_parent
	mkdir -p "$parent/$type" || return
	for knob; do
		# shellcheck disable=SC2059 # bytes that are not text are escaped
		printf "${knob#*=}\n" > "$parent/$type/${knob%%=*}" || return
	done
	echo 1 > "$parent/live"
}

# make_device - make one more device of $type of $parent
make_device()
{
	number=$((number + 1))
	uuid=$(printf 'c5f2a9d4-7b1e-4c3a-9f60-%012d' "$number")
	path=$parents/$parent/mdev_supported_types/$type
	echo "$uuid" > "$path/create" || return
	options="$options -device vfio-pci,id=device$number,sysfsdev=$devices/$uuid"
	options="$options,enable-migration=$migration,x-device-dirty-page-tracking=off$more"
	case $made in
	*"$type $path") ;;
	*)	made="${made:+$made
}$type $path" ;;
	esac
}

# make_side WORD... - make the devices of one side, see pairs.sh; prints the name and the directory
# of each type, which stay in $made
make_side()
{
	number=0
	options=
	made=
	set -f
	# The last word ends the last device, because each device ends where the next begins
	set -- "$@" driver=
	knobs=
	driver=
	for word; do
		case $word in
		driver=*)
			[ -z "$driver" ] || make_devices || return
			driver=${word#*=}
			variant=stock count=1 migration=on more='' knobs='' ;;
		type=*)		type=${word#*=} ;;
		variant=*)	variant=${word#*=} ;;
		count=*)	count=${word#*=} ;;
		migration=*)	migration=${word#*=} ;;
		display=*)	more=,display=${word#*=} ;;
		*)		knobs="$knobs $word" ;;
		esac
	done
	echo "$made"
}

make_devices()
{
	case $driver in
	sim)
		# shellcheck disable=SC2086 # a list
		make_sim $knobs || return
		parent=mdev-sim-$sim_parent
		type=mdev-sim-$type ;;
	*)
		load_driver "$driver" "$variant" || return
		parent=$driver ;;
	esac
	while [ "$count" -gt 0 ]; do
		count=$((count - 1))
		make_device || return
	done
}

# clear_side - end QEMU, and remove each device and parent
clear_side()
{
	set +f
	stop_guest || return
	for device in "$devices"/*; do
		[ ! -e "$device" ] || echo 1 > "$device/remove" || return
	done
	for parent in "$sim"/*; do
		[ -e "$parent" ] || continue
		echo 0 > "$parent/live" && rmdir "$parent"/*/ "$parent" || return
	done
}

# start_guest MIB VALUE [OPTION...] - start a guest with the devices of make_side, and return when
# its monitor listens
start_guest()
{
	memory=$1
	value=$2
	shift 2
	starts=1
	rm -f /tmp/serial
	# shellcheck disable=SC2086 # options
	qemu-system-x86_64 -accel tcg -nodefaults -display none -machine pc -m "$memory" \
		-kernel /guest -append "scratch=$value" -serial file:/tmp/serial \
		-qmp "tcp:0.0.0.0:$monitor_port,server=on,wait=off" \
		-daemonize -pidfile /tmp/qemu.pid $options "$@"
}

# start_target MIB - start a QEMU that waits for a guest
start_target()
{
	start_guest "$1" 00 -incoming "tcp:0.0.0.0:$stream_port" && starts=0
}

stop_guest()
{
	[ -e /tmp/qemu.pid ] || return 0
	pid=$(cat /tmp/qemu.pid)
	kill -9 "$pid" 2> /dev/null
	for try in $(seq 100); do
		[ -e "/proc/$pid" ] || break
		sleep 0.1
	done
	rm -f /tmp/qemu.pid
	[ ! -e "/proc/$pid" ] || { echo "QEMU still runs after $try tries"; return 1; }
}

# guest_runs - succeed if QEMU runs
guest_runs()
{
	[ -e "/proc/$(cat /tmp/qemu.pid)" ]
}

# read_values - print the values that the guest reads in its devices from now on, if it runs here
read_values()
{
	before=$(wc -l < /tmp/serial 2> /dev/null) || before=0
	for try in $(seq 1200); do
		now=$(wc -l < /tmp/serial 2> /dev/null) || now=0
		[ "$now" -le $((before + 1)) ] || break
		guest_runs || return
		sleep 0.1
	done
	# The first new line may have begun before
	tail -n +$((before + 2)) /tmp/serial | sed -n '1s/.*scratch //p'
	[ "$now" -gt $((before + 1)) ] || { echo "nothing after"; tail -n 1 /tmp/serial; }
	# A guest on the target must go on, and not start again
	[ "$(grep -c start /tmp/serial)" = "$starts" ] || echo "and it has started again"
}
