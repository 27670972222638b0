#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# drop-traits.sh PROVIDER FILE - remove traits of mdev-precheck that are not in the file of a
# compute node.  PROVIDER is the UUID of the node in placement, and FILE its mdev-precheck.yaml.
#
# Nova adds the traits of the file, and does not remove any, so a trait that is out of date stays in
# placement for ever.  Restart nova-compute first, because it adds the traits of the file that it
# read at its start.  The script needs python3-openstackclient and osc-placement, and the role
# admin.

set -eu
export LC_ALL=C

usage='usage: drop-traits.sh PROVIDER FILE'
[ $# = 2 ] || { echo "$usage" >&2; exit 2; }
provider=$1
file=$2
grep -q '^meta:' "$file" || {
	echo "drop-traits.sh: $file is not a file of Nova about providers" >&2
	exit 3
}

# 1.6 is the first version of the API that has traits.  The client alone would wait for ever.
placement()
{
	timeout -k 10 60 openstack --os-placement-api-version 1.6 resource provider trait "$@"
}

traits=$(placement list "$provider" -f value -c name) || {
	echo "drop-traits.sh: placement did not list the traits of $provider" >&2
	exit 3
}
set --
dropped=
for trait in $traits; do
	case $trait in
	CUSTOM_MDEV_SHOWS_*|CUSTOM_MDEV_TAKES_*)
		if ! grep -q -x -e " *- $trait" "$file"; then
			dropped="$dropped $trait"
			continue
		fi ;;
	esac
	set -- "$@" --trait "$trait"
done
[ -n "$dropped" ] || exit 0
# The client can only replace all traits, so a trait that was added after the list is lost.
# nova-compute adds its own traits again within a minute.
placement set "$@" "$provider" > /dev/null || {
	echo "drop-traits.sh: placement did not set the traits of $provider" >&2
	exit 3
}
for trait in $dropped; do
	echo "dropped: $trait"
done
