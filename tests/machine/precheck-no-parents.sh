#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: mdev-precheck does not give a verdict about a host whose drivers are
# unloaded.  Prints TAP.

# shellcheck source=tests/machine/precheck-lib.sh
. /precheck-lib.sh

uuid=a5ae0d9e-8c2b-4b8f-8d0c-6a1ec2c2f001
version=$(cat $parents/mtty/mdev_supported_types/mtty-1/migration_version)
echo $uuid > $parents/mtty/mdev_supported_types/mtty-1/create
/mdev-precheck export --type mtty-1 --output /tmp/export
ok 'check ends with 0 for a device while its driver is loaded' 0 \
	"$(status /mdev-precheck check $uuid $uuid)"
echo 1 > /sys/bus/mdev/devices/$uuid/remove

# ask STATUS TEXT WHEN OPERAND... - ask with the output as text and as JSON
ask()
{
	wanted=$1
	text=$2
	when=$3
	shift 3
	ok "check $* ends with $wanted $when" "$wanted" "$(status /mdev-precheck check "$@")"
	ok "check $* prints the reason $when" yes "$(said "$text")"
	ok "check --json $* ends with $wanted $when" "$wanted" \
		"$(status /mdev-precheck check --json "$@")"
}

# ask_all STATUS TEXT WHEN - ask in each form, if all have one status and one text
ask_all()
{
	ask "$@" $uuid
	ask "$@" $uuid mtty
	ask "$@" mtty/mtty-1
	ask "$@" mtty/mtty-1 mtty-1
	for target in $uuid mtty/mtty-1 mtty mtty-1; do
		ask "$@" --type mtty-1 "$version" "$target"
		ask "$@" --from /tmp/export "$target"
	done
	ask "$@" --type mtty-1 "$version"
	ask "$@" --from /tmp/export
	ok "matrix ends with $1 $3" "$1" "$(status /mdev-precheck matrix)"
	ok "matrix prints the reason $3" yes "$(said "$2")"
	ok "matrix --from ends with $1 $3" "$1" \
		"$(status /mdev-precheck matrix --from /tmp/export)"
	ok "matrix --from prints the reason $3" yes "$(said "$2")"
	ok "matrix --json ends with $1 $3" "$1" "$(status /mdev-precheck matrix --json)"
	ok "list --type mtty-1 ends with $1 $3" "$1" \
		"$(status /mdev-precheck list --type mtty-1)"
}

#
# mtty is unloaded
#
rmmod mtty
when='without mtty'
no_type="no parent of the target's host has a type mtty-1"
ask 1 "$no_type" "$when" --type mtty-1 "$version"
ask 1 "$no_type" "$when" --type mtty-1 "$version" mtty-1
ask 1 "$no_type" "$when" --from /tmp/export
ask 1 'the target mdpy has no type mtty-1' "$when" --type mtty-1 "$version" mdpy
ask 1 'the target mdpy has no type mtty-1' "$when" --type mtty-1 "$version" mdpy/mtty-1
ask 2 'mtty/mtty-1: this host does not have it' "$when" --type mtty-1 "$version" mtty/mtty-1
ask 2 'mtty: this host does not have it' "$when" --type mtty-1 "$version" mtty
ask 2 'mtty/mtty-1: this host does not have it' "$when" mtty/mtty-1
ask 3 'mediated device' "$when" --type mtty-1 "$version" $uuid
ask 3 'mediated device' "$when" $uuid

#
# No parent is registered, and then mdev is unloaded
#
rmmod mdpy mbochs mdev_sim
ok 'mdev does not have a parent' '' "$(ls $parents)"
ask_all 3 'no parent is registered with mdev on the host' 'without a parent'
ok 'list ends with 0 without a parent' 0 "$(status /mdev-precheck list)"
rmmod mdev
ok 'the kernel does not have mdev' no "$([ -e $parents ] && echo yes || echo no)"
ask_all 3 'the module mdev is not loaded, or the kernel does not have it' 'without mdev'
ok 'list ends with 0 without mdev' 0 "$(status /mdev-precheck list)"
tests_end
