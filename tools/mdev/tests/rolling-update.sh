#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# rolling-update.sh DIRECTORY HOSTS PROGRAM [TYPE] - make a fleet during an update of its drivers
#
# A later version of the driver accepts the strings of an earlier version, and not the reverse:
# see newer_takes_older.c.  HOSTS is the number of hosts, and PROGRAM an mdev-precheck.
#
#	DIRECTORY/driver.so	the driver, for LD_PRELOAD
#	DIRECTORY/GROUP		a directory that looks like the sysfs of a host of this group
#	DIRECTORY/GROUP.json	the document that PROGRAM exports there
#	DIRECTORY/known.json	the strings of all groups
#	DIRECTORY/hosts		the name of each host and its group, a line each
#	DIRECTORY/documents	the documents NAME.json of the hosts: the document of the group,
#				with the name of the host, and the current time
#
# Each hundred hosts have these groups:
#
#	43	old		were not updated yet
#	20	middle		are one version behind
#	30	new		were updated
#	4	mixed		have one parent that was not updated, and one that was
#	1	failed		have a driver that does not answer
#	1	stale		are down: their documents are as for "old", but two hours old
#	1	gone		are down, and do not have documents
#
# A host has two parents with the types TYPE-1 and TYPE-2, or nvidia-1 and nvidia-2.

set -eu
export LC_ALL=C

[ $# = 3 ] || [ $# = 4 ] || {
	echo "usage: rolling-update.sh DIRECTORY HOSTS PROGRAM [TYPE]" >&2
	exit 2
}
dir=$1
hosts=$2
program=$3
type=${4-nvidia}
mkdir "$dir" "$dir/documents"
gcc -shared -fPIC -O2 -Wall -Wextra -Werror -o "$dir/driver.so" \
	"$(dirname -- "$0")/newer_takes_older.c"

# group NAME VERSION OTHER - make the sysfs of a group, whose two parents have these versions
group()
{
	name=$1
	shift
	for parent in 0000:3b:00.4 0000:86:00.4; do
		for number in 1 2; do
			place=$dir/$name/class/mdev_bus/$parent/mdev_supported_types/$type-$number
			mkdir -p "$place/devices"
			echo "NVIDIA A10-$number" > "$place/name"
			echo vfio-pci > "$place/device_api"
			echo 24 > "$place/available_instances"
			if [ "$1" = failed ]; then
				# Nothing is mapped at address 0, so that reads fail with EIO
				ln -s /proc/self/mem "$place/migration_version"
			else
				echo "10de:2236:$number-$1" > "$place/migration_version"
			fi
		done
		shift
	done
}

# publish GROUP [OPTION...] - export the document of a host of the group
publish()
{
	name=$1
	shift
	LD_PRELOAD="$dir/driver.so" "$program" --fixture "$dir/$name" export \
		--output "$dir/$name.json" "$@"
}

group old 15.4 15.4
group middle 16.2 16.2
group new 16.10 16.10
group mixed 15.4 16.10
group failed failed failed
groups="old middle new mixed failed"
for each in $groups; do
	publish "$each"
done
# shellcheck disable=SC2046,SC2086 # names
"$program" merge $(printf " $dir/%s.json" $groups) --output "$dir/known.json"
for each in $groups; do
	publish "$each" --takes "$dir/known.json"
done

# shellcheck disable=SC2046,SC2086 # names
awk -v dir="$dir" -v hosts="$hosts" -v groups="$groups" \
	-v now="$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
	-v earlier="$(date -u -d '2 hours ago' +%Y-%m-%dT%H:%M:%SZ)" '
	# document NAME GROUP TIME - write the document of a host
	function document(name, group, time,  file, first)
	{
		first = begin[group]
		sub(/"host":"[^"]*"/, "\"host\":\"" name "\"", first)
		sub(/"time":"[^"]*"/, "\"time\":\"" time "\"", first)
		file = dir "/documents/" name ".json"
		printf "%s\n%s", first, rest[group] > file
		close(file)
	}
	# share NUMBER GROUP - put hosts of each hundred in a group
	function share(number, group)
	{
		while (number--)
			of[num++] = group
	}
	BEGIN {
		split(groups, names, " ")
		share(43, "old")
		share(20, "middle")
		share(30, "new")
		share(4, "mixed")
		share(1, "failed")
		share(1, "stale")
		share(1, "gone")
	}
	FNR == 1 { group = names[++number]; begin[group] = $0; next }
	{ rest[group] = rest[group] $0 "\n" }
	END {
		for (i = 1; i <= hosts; i++) {
			# Hosts with adjacent numbers are in different groups
			group = of[i * 37 % 100]
			name = sprintf("node%05d", i)
			print name, group > (dir "/hosts")
			if (group == "stale")
				document(name, "old", earlier)
			else if (group != "gone")
				document(name, group, now)
		}
	}' $(printf " $dir/%s.json" $groups)
