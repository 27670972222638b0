#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# label.sh TYPE VERSION [KNOWN.json] - print the names of the labels that a node has if its host
# took VERSION, the string that a source shows for TYPE, when it was last asked
#
# The first name is the label of "mdev-precheck export --format nfd" for the type.  A host with very
# many types has one label for all types that have VERSION.  KNOWN.json, the document of
# "mdev-precheck merge" that the hosts have, has these types, and the second name is this label.
#
# The script needs coreutils, and jq if KNOWN.json is given.

set -eu
export LC_ALL=C

usage='usage: label.sh TYPE VERSION [KNOWN.json]'
[ $# = 2 ] || [ $# = 3 ] || { echo "$usage" >&2; exit 2; }
type=$1
version=$2
known=${3:-}
if [ -z "$type" ] || [ -z "$version" ]; then
	echo "label.sh: a type and a version were expected; $usage" >&2
	exit 2
fi

# name_of LINE... - print half of the SHA-256 of the lines
name_of()
{
	printf '%s\n' "$@" | sha256sum | cut -c 1-32
}

prefix=feature.node.kubernetes.io/mdev-takes
shown=$(printf %s "$type" | tr -c A-Za-z0-9._- - | cut -c 1-19)
echo "$prefix.$shown.$(name_of "$type" "$version")"
[ -n "$known" ] || exit 0

# shellcheck disable=SC2016 # jq's
types=$(jq -r --arg version "$version" \
	'[.types[] | select(.migration_version == $version).type] | unique[]' "$known")
printf '%s\n' "$types" | grep -q -x -F -e "$type" || {
	echo "label.sh: $known does not have the version $version for the type $type" >&2
	exit 1
}
# A host with one type has the first label
[ "$types" != "$type" ] || exit 0
echo "$prefix-each.$(name_of "$version" "$types")"
