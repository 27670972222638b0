#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# ask.sh PARENT TYPE < VERSION - ask a driver with nothing but coreutils, where neither
# mdev-precheck nor its library can be
#
#	cat /sys/bus/mdev/devices/UUID/mdev_type/migration_version |
#		ssh target sh ask.sh PARENT TYPE
#
# TYPE is the type of the source's device.  The exit status is 0 for yes, 1 for no, 2 if the
# call is wrong, and 3 if the question could not be asked.  A guest with several devices takes
# one call for each.  SYSFS is the directory where sysfs is mounted, if that is not /sys.  Do not
# use a copy of a sysfs, which would take every version.

set -u
export LC_ALL=C

# names DIRECTORY - print the names in it
names()
(
	cd -- "$1" 2> /dev/null && set -- * && [ -e "$1" ] && echo "$*"
)

# end STATUS TEXT - print the result, and exit
end()
{
	case $1 in
	0) echo "compatible: $2" ;;
	1) echo "not compatible: $2" ;;
	2) echo "error: $2" >&2 ;;
	3) echo "not asked: $2" ;;
	esac
	exit "$1"
}

[ $# = 2 ] || end 2 "two operands were expected: ask.sh PARENT TYPE < VERSION"
case $1/$2 in
/*|*/|*/*/*) end 2 "$1 $2: a parent and a type were expected, without a slash" ;;
esac
version=$(timeout -k 1 30 cat) || end 3 "the version did not end within 30 seconds"
[ -n "$version" ] || end 3 "standard input does not have a version"
case $version in
*[!\ -~]*) end 2 "the version is not one line of printable ASCII" ;;
esac
[ ${#version} -le 4095 ] || end 2 "the version has more than 4095 characters"

# If the parent is registered again, it has another directory, and this one is gone
cd -P -- "${SYSFS:-/sys}/class/mdev_bus/$1" 2> /dev/null ||
	end 3 "this host does not have the parent $1; it has: $(names "${SYSFS:-/sys}/class/mdev_bus")"
attribute=mdev_supported_types/$2/migration_version
temporary=$(mktemp -d) || end 3 "a temporary directory cannot be made"
trap 'rm -rf "$temporary"' EXIT
trap 'exit 143' HUP INT TERM
printf '%s\n' "$version" > "$temporary/version"

# The whole version is one write.  No signal ends a write that waits in a driver, so this script
# does not wait longer than its limit, and leaves the process behind.
(
	timeout -k 1 5 dd "of=$attribute" bs=4096 conv=nocreat,notrunc status=none \
		< "$temporary/version" > "$temporary/said" 2>&1
	echo $? > "$temporary/status.new"
	mv "$temporary/status.new" "$temporary/status"
) > /dev/null 2>&1 &
tries=70
until [ -e "$temporary/status" ]; do
	tries=$((tries - 1))
	[ "$tries" -gt 0 ] || end 3 "the driver did not answer within 7 seconds"
	sleep 0.1
done
said=$(cat "$temporary/said")

case $(cat "$temporary/status") in
0)
	end 0 "the driver accepts the version" ;;
124|137)
	end 3 "the driver did not answer within 5 seconds" ;;
esac
errno=${said##*: }
case $said in
*"error writing"*)
	case $errno in
	"Interrupted system call"|"Resource temporarily unavailable"|\
	"Cannot allocate memory"|"No such device"|"Input/output error")
		end 3 "the driver did not give a valid answer: $errno" ;;
	*)
		end 1 "the driver does not accept the version: $errno" ;;
	esac ;;
*"failed to open"*"No such file or directory")
	# This is a no only if the parent still exists
	if ! [ -d mdev_supported_types ]; then
		end 3 "the parent $1 was unregistered"
	elif [ -d "mdev_supported_types/$2" ]; then
		end 1 "the type $2 does not have migration_version"
	fi
	end 1 "the parent $1 does not have the type $2; it has: $(
		names mdev_supported_types)" ;;
esac
end 3 "${said:-dd ended without a message}"
