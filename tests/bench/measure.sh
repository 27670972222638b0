#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/bench runs this in a machine.  A measurement is a line of output, with
# its name and its numbers.
#
# [ROUNDS=n] sh /measure.sh MEASUREMENT..., which are kernel, instructions, memory,
# precheck, scale, hook, update, parallel and together

set -eu

mtty=/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1
# The name of a type begins with the name of its parent's driver, which this parent does not have
bench=/sys/class/mdev_bus/bench0/mdev_supported_types/-0
other=/sys/class/mdev_bus/bench0/mdev_supported_types/-1
copy=/sys/devices/bench0/copy
parameters=/sys/module/bench_driver/parameters

# The version of mtty, which has 13 characters
short=4348:3253-1.0
long=$(head -c 4095 /dev/zero | tr '\0' x)

newline='
'

kernel()
{
	echo "kernel $(uname -r)"
}

# count NAME FILE [STRING] - print the instructions of a read or of a write
count()
{
	measured=$1
	shift
	echo "$measured $(/instructions "$@")"
}

instructions()
{
	insmod /bench_driver.ko
	count read-name-mtty $mtty/name
	count read-name-bench $bench/name
	count write-copy-13 $copy "$short"
	count write-copy-4095 $copy "$long"
	count write-copy-14 $copy "$short$newline"
	count write-copy-4096 $copy "$long$newline"
	if [ -e $mtty/migration_version ]; then
		count read-version-mtty $mtty/migration_version
		count read-version-bench $bench/migration_version
		count write-version-mtty-13 $mtty/migration_version "$short"
		count write-version-bench-13 $bench/migration_version "$short"
		count write-version-bench-4095 $bench/migration_version "$long"
		count write-version-bench-14 $bench/migration_version \
			"$short$newline"
		count write-version-bench-4096 $bench/migration_version \
			"$long$newline"
		# The control: a slower callback must show in the counts
		for rounds in 100 200 300; do
			echo $rounds > $parameters/burn
			count control-read-$rounds $bench/migration_version
			count control-write-$rounds $bench/migration_version "$short"
		done
	fi
	rmmod bench_driver
}

# slabs - print the number of kernfs nodes, and the bytes of all slab caches.
# The caches are shrunk first, because a CPU keeps free objects.
slabs()
{
	for cache in /sys/kernel/slab/*; do
		[ -L "$cache" ] || echo 1 > "$cache/shrink"
	done
	awk '$1 == "kernfs_node_cache" { nodes = $2 }
	     $2 ~ /^[0-9]+$/ { bytes += $2 * $4 }
	     END { print nodes, bytes }' /proc/slabinfo
}

# types NAME PARAMETER... - print the files and directories, kernfs nodes and
# bytes of 5,000 types
types()
{
	measured=$1
	shift
	before=$(slabs)
	insmod /bench_driver.ko parents=50 types=100 "$@"
	after=$(slabs)
	echo "$measured $(find /sys/devices/bench*/mdev_supported_types/* | wc -l)" \
	     "$((${after% *} - ${before% *})) $((${after#* } - ${before#* }))"
	rmmod bench_driver
}

memory()
{
	# The first load leaves allocations that later loads reuse
	types warm-up > /dev/null
	types types callbacks=1
	types types-no-callbacks callbacks=0
}

parallel()
{
	insmod /bench_driver.ko
	set -- $bench/migration_version $other/migration_version \
	       $bench/name $other/name
	echo "parallel $(/parallel "${ROUNDS:-40}" "$@")"
	rmmod bench_driver
}

# ask read|write DIRECTORY - ask the driver once; cat would read again after an error
ask()
{
	case $1 in
	read)	read -r _ < "$2/migration_version" ;;
	write)	echo x > "$2/migration_version" ;;
	esac 2> /dev/null
}

# meet NAME HOW DIRECTORY HOW DIRECTORY - print whether two callbacks can be in
# progress at once.  Neither returns before both have begun.
meet()
{
	echo 2 > $parameters/meet
	ask "$2" "$3" &
	ask "$4" "$5" && one=yes || one=no
	wait $! && both=$one || both=no
	echo "$1 $both"
}

together()
{
	insmod /bench_driver.ko
	meet meet-read-one-type read $bench read $bench
	meet meet-read-two-types read $bench read $other
	meet meet-write-one-type write $bench write $bench
	meet meet-write-two-types write $bench write $other
	meet meet-read-write read $bench write $bench
	# The control: under a lock two callbacks cannot be in progress at once
	echo 1 > $parameters/lock
	meet meet-locked read $bench read $other
	rmmod bench_driver
}

# command_ends NAME ROUNDS STATUS COMMAND... - print the costs of a command that ends with the status
command_ends()
{
	measured=$1
	shift
	costs=$(/command "$@")
	echo "$measured $costs"
}

# command_costs NAME ROUNDS COMMAND... - print the costs of a command that succeeds
command_costs()
{
	measured=$1
	rounds=$2
	shift 2
	command_ends "$measured" "$rounds" 0 "$@"
}

# call_hook NAME PROGRAM OPERATION - print the costs of a call as libvirt does it
call_hook()
{
	command_costs "$1" 9 /bin/sh -c "$2 guest $3 begin - < /domain.xml"
}

# use_checker PROGRAM - let the hook's entry call the program as its checker
use_checker()
{
	cp "$1" /usr/sbin/mdev-precheck-hook
}

# hook - measure libvirt's hook for a domain with one device
hook()
{
	device=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
	entry=/qemu.d/mdev-precheck
	echo $device > $mtty/create
	sh /domain.sh "$device/mtty-1/$(cat $mtty/migration_version)" > /domain.xml
	printf '#!/bin/sh\nexit 0\n' > /no-op
	chmod +x /no-op
	call_hook no-op /no-op migrate
	use_checker /mdev-precheck-hook
	call_hook hook-prepare $entry prepare
	call_hook hook-migrate $entry migrate
	use_checker /nothing
	call_hook hook-nothing $entry migrate
}

# precheck - measure mdev-precheck, and programs that do its work without it
precheck()
{
	insmod /bench_driver.ko parents=50 types=100
	# mdevctl does not run without these directories
	mkdir -p /etc/mdevctl.d/scripts.d/callouts /etc/mdevctl.d/scripts.d/notifiers
	place=bench0/-0
	command_costs list 3 /mdev-precheck list
	command_costs list-json 3 /mdev-precheck list --json
	command_costs list-bare 3 /list_types
	command_costs list-mdevctl 1 /mdevctl types
	# shellcheck disable=SC2016 # for the shell that is measured
	command_costs list-shell 1 /bin/sh -c '
		for type in /sys/class/mdev_bus/*/mdev_supported_types/*; do
			cd "$type"
			cat name device_api available_instances migration_version 2>/dev/null
		done'
	command_costs check 9 /mdev-precheck check $place $place
	command_costs check-without-limit 9 /mdev-precheck check --timeout 0 \
		$place $place
	command_costs check-shell 9 /dash -c "
		version=\$(/cat $bench/migration_version) &&
		echo \"\$version\" > $bench/migration_version"
	command_costs check-busybox 9 /bin/sh -c "
		version=\$(cat $bench/migration_version) &&
		echo \"\$version\" > $bench/migration_version"
	rmmod bench_driver
}

# matrix_costs NUMBER - print the costs of a matrix of so many documents.  Only the one parent of this
# machine is asked, about the string of each document.
matrix_costs()
{
	number=$1
	set --
	for file in /fleet/node*; do
		[ $# = $((2 * number)) ] || set -- "$@" --from "$file"
	done
	command_ends "matrix-$number" 1 3 /mdev-precheck matrix "$@"
	command_ends "matrix-$number-json" 1 3 /mdev-precheck matrix --json "$@"
	command_ends "matrix-$number-html" 1 3 /mdev-precheck matrix --html /tmp/page "$@"
}

# scale - measure mdev-precheck with many strings and with many hosts
scale()
{
	# The parents of other drivers do not have the type
	rmmod mtty mdpy mbochs
	insmod /bench_driver.ko parents=1 types=1
	command_costs strings 1 /mdev-precheck -q check --from /strings.json bench0/-0
	command_costs strings-without-limit 1 /mdev-precheck -q check --timeout 0 \
		--from /strings.json bench0/-0
	matrix_costs 100
	matrix_costs 500
	rmmod bench_driver
	modprobe -a mtty mdpy mbochs
}

# merge_costs HOSTS - print the costs to merge the documents of so many hosts, without one in a
# hundred, which does not have a document
merge_costs()
{
	number=$1
	# shellcheck disable=SC2046 # names
	set -- $(find /documents -name "*.json" | sort | head -n $((number * 99 / 100)))
	command_costs "merge-$number" 1 /mdev-precheck merge "$@"
}

# update - measure a host of a fleet with many hosts and few strings, and the merge of all documents
update()
{
	# The parents of other drivers do not have the types
	rmmod mtty mdpy mbochs
	insmod /bench_driver.ko parents=2 types=3
	command_costs export 3 /mdev-precheck export
	for hosts in 100 1000 10000; do
		command_costs "takes-$hosts" 3 /mdev-precheck export --takes "/known-$hosts.json"
	done
	/mdev-precheck export --takes /known-10000.json --output /tmp/export.json
	for format in json prometheus nfd provider-yaml facter nagios; do
		command_costs "format-$format" 3 /mdev-precheck export --from /tmp/export.json \
			--format "$format"
	done
	rmmod bench_driver
	merge_costs 1000
	merge_costs 10000
	modprobe -a mtty mdpy mbochs
}

# The kernel tests its ciphers for a second after its boot, and their instructions would count, too
while cat /proc/[0-9]*/comm 2> /dev/null | grep -q -x cryptomgr_test; do
	sleep 1
done
for measurement; do
	"$measurement"
done
