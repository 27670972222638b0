#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: measurements for scripts/bench, a line each: what it is, and
# the numbers.
#
# [ROUNDS=n] sh /measure.sh
# kernel|instructions|memory|precheck|scale|hook|update|parallel|together...

set -eu

mtty=/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1
# A type is named after its parent's driver, and the parent has none
bench=/sys/class/mdev_bus/bench0/mdev_supported_types/-0
other=/sys/class/mdev_bus/bench0/mdev_supported_types/-1
copy=/sys/devices/bench0/copy
parameters=/sys/module/bench_driver/parameters

# As mtty reports it: has 13 characters
short=4348:3253-1.0
long=$(head -c 4095 /dev/zero | tr '\0' x)

newline='
'

kernel()
{
	echo "kernel $(uname -r)"
}

# count WHAT FILE [STRING]
count()
{
	what=$1
	shift
	echo "$what $(/instructions "$@")"
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
		# The control: a slower callback is seen, as slow as it is
		for rounds in 100 200 300; do
			echo $rounds > $parameters/burn
			count control-read-$rounds $bench/migration_version
			count control-write-$rounds $bench/migration_version "$short"
		done
	fi
	rmmod bench_driver
}

# Objects of the kernel's slab caches: those of kernfs nodes, and bytes of all.
# A cache that was shrunk counts what is used, and not what a CPU has in stock.
slabs()
{
	for cache in /sys/kernel/slab/*; do
		[ -L "$cache" ] || echo 1 > "$cache/shrink"
	done
	awk '$1 == "kernfs_node_cache" { nodes = $2 }
	     $2 ~ /^[0-9]+$/ { bytes += $2 * $4 }
	     END { print nodes, bytes }' /proc/slabinfo
}

# types WHAT PARAMETER... - what 5,000 types take: files and directories below
# the parents, kernfs nodes, bytes
types()
{
	what=$1
	shift
	before=$(slabs)
	insmod /bench_driver.ko parents=50 types=100 "$@"
	after=$(slabs)
	echo "$what $(find /sys/devices/bench*/mdev_supported_types/* | wc -l)" \
	     "$((${after% *} - ${before% *})) $((${after#* } - ${before#* }))"
	rmmod bench_driver
}

memory()
{
	# What the first of them leaves behind is not counted
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

# ask read|write DIRECTORY - once: cat would try again after an error
ask()
{
	case $1 in
	read)	read -r _ < "$2/migration_version" ;;
	write)	echo x > "$2/migration_version" ;;
	esac 2> /dev/null
}

# meet WHAT HOW DIRECTORY HOW DIRECTORY - are two callbacks in progress at once?
# Neither returns before both have begun.
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
	# The control: under a lock they cannot
	echo 1 > $parameters/lock
	meet meet-locked read $bench read $other
	rmmod bench_driver
}

# command_ends WHAT ROUNDS STATUS COMMAND... - what it costs, if it ends with the status
command_ends()
{
	what=$1
	shift
	costs=$(/command "$@")
	echo "$what $costs"
}

# command_costs WHAT ROUNDS COMMAND...
command_costs()
{
	what=$1
	rounds=$2
	shift 2
	command_ends "$what" "$rounds" 0 "$@"
}

# call_hook WHAT PROGRAM OPERATION - as libvirt does
call_hook()
{
	command_costs "$1" 9 /bin/sh -c "$2 guest $3 begin - < /domain.xml"
}

# use_checker PROGRAM - as what the hook's entry calls
use_checker()
{
	cp "$1" /usr/sbin/mdev-precheck-hook
}

# libvirt's hook, for a domain with one device
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

# The command, in place of what is done without it
precheck()
{
	insmod /bench_driver.ko parents=50 types=100
	# mdevctl does not run without them
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

# matrix_costs NUMBER - of so many documents, whose hosts are not asked themselves.  One parent
# is asked about the string of each.
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

# Many strings, and many hosts
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

# merge_costs HOSTS - of the documents of so many; of each hundred one does not have a document
merge_costs()
{
	number=$1
	# shellcheck disable=SC2046 # names
	set -- $(find /documents -name "*.json" | sort | head -n $((number * 99 / 100)))
	command_costs "merge-$number" 1 /mdev-precheck merge "$@"
}

# A fleet of many hosts and few strings: what one of them does, and what merges their documents
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

# After it has booted, the kernel tests its ciphers for a second, and a CPU that also does
# something else counts the instructions of both
while cat /proc/[0-9]*/comm 2> /dev/null | grep -q -x cryptomgr_test; do
	sleep 1
done
for measurement; do
	"$measurement"
done
