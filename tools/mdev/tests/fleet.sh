#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fleet.sh DIRECTORY [HOSTS [TYPE]] - make many hosts, which are named node001 and so on
#
#	DIRECTORY/NAME.json	the document of types of a host: one type, which is TYPE or
#				nvidia-63, and shows a string that no other host shows
#	DIRECTORY/NAME		a directory that looks like the sysfs of this host, and accepts
#				every string.  As with fixture.sh, a file then shows the string
#				of the last write.
#	DIRECTORY/hosts		the names, a line each
#
# The default of HOSTS is 500.  bin/ssh of transcripts.sh reaches the hosts in the directory
# "fleet" below the current directory.

set -eu
export LC_ALL=C

dir=${1:?usage: fleet.sh DIRECTORY [HOSTS [TYPE]]}
hosts=${2:-500}
type=${3:-nvidia-63}
mkdir "$dir"
seq -f 'node%03g' "$hosts" > "$dir/hosts"
sed "s|.*|$dir/&/class/mdev_bus/0000:3b:00.4/mdev_supported_types/$type/devices|" "$dir/hosts" |
	xargs mkdir -p
awk -v dir="$dir" -v type="$type" '
	# attribute FILE VALUE - write an attribute of the type
	function attribute(file, value)
	{
		file = place "/" file
		print value > file
		close(file)
	}
	{
		place = dir "/" $0 "/class/mdev_bus/0000:3b:00.4/mdev_supported_types/" type
		version = sprintf("10de:2236-63-16.%d", NR)
		attribute("name", "NVIDIA A10-1B")
		attribute("device_api", "vfio-pci")
		attribute("available_instances", 24)
		attribute("migration_version", version)
		file = dir "/" $0 ".json"
		printf "{\"format\":\"mdev-precheck-types\",\"format_version\":1," \
			"\"host\":\"%s\",\"types\":[\n" \
			"{\"parent\":\"0000:3b:00.4\",\"type\":\"%s\"," \
			"\"name\":\"NVIDIA A10-1B\",\"device_api\":\"vfio-pci\"," \
			"\"available_instances\":24,\"devices\":[]," \
			"\"migration_version\":\"%s\",\"state\":\"read\",\"errno\":null}\n" \
			"],\"unread\":[]}\n", $0, type, version > file
		close(file)
	}' "$dir/hosts"
