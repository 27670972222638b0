#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# proxmox.sh VMID PHASE - refuse a guest whose mediated devices this node would not take
#
# This is a hookscript of Proxmox VE.  A migration of a running guest ends before anything is
# sent, unless the drivers of this node take the state of each device.
#
# mdev-precheck has to be on all nodes.  Copy this file to a storage for snippets that all
# nodes have, and make it executable:
#
#	qm set VMID --hookscript local:snippets/proxmox.sh
#
# "qm start" of the target calls it at pre-start, before it makes the devices, with the source
# in PVE_MIGRATED_FROM.  The source still owns the guest's configuration.  Each other call
# passes, and so does a guest without mediated devices.  The script asks about all devices, also
# after a no, so that the log of the migration has each reason.
#
# MDEV_PRECHECK_ROOT is a directory with another etc and sys, for tests.

set -u
export LC_ALL=C
# The PATH of qm and pvedaemon does not have the default directories of "make install"
PATH=$PATH:/usr/local/sbin:/usr/local/bin
root=${MDEV_PRECHECK_ROOT:-}

refuse()
{
	echo "mdev-precheck: $*" >&2
	exit 1
}

[ $# = 2 ] || refuse "two operands were expected: a VMID and a phase"
vmid=$1
source=${PVE_MIGRATED_FROM:-}
[ "$2" = pre-start ] && [ -n "$source" ] || exit 0
case $vmid in
[!1-9]*|*[!0-9]*|'') refuse "the VMID $vmid is not a number" ;;
esac
case $source in
-*|*[!A-Za-z0-9-]*) refuse "PVE_MIGRATED_FROM=$source is not the name of a node" ;;
esac
node=$(uname -n)
node=${node%%.*}

# mediated - print "INDEX host|mapping WHERE TYPE" for each mediated device in a configuration on
# standard input.  Sections of snapshots and of pending changes follow after the first bracket.
mediated()
{
	awk '
	/^\[/	{ exit }
	/^hostpci[0-9]+:/ {
		index_of = $0
		sub(/^hostpci/, "", index_of)
		sub(/:.*/, "", index_of)
		value = $0
		sub(/^[^:]*:[ \t]*/, "", value)
		sub(/[ \t\r]+$/, "", value)
		values[index_of + 0] = value
	}
	END {
		for (i = 0; i < 16; i++) {
			if (!(i in values))
				continue
			type = where = ""
			n = split(values[i], parts, ",")
			for (j = 1; j <= n; j++) {
				if (sub(/^mdev=/, "", parts[j]))
					type = parts[j]
				else if (sub(/^mapping=/, "", parts[j]))
					where = "mapping " parts[j]
				else if (sub(/^host=/, "", parts[j]) || parts[j] !~ /=/)
					where = "host " parts[j]
			}
			if (type != "")
				print i, where, type
		}
	}'
}

# mapped NAME - print the paths that a mapping has on this node, from the file of the cluster
mapped()
{
	awk -v name="$1" -v node="$node" '
	/^[^ \t#]/	{ inside = $1 == name && NF == 1 }
	inside && $1 == "map" {
		path = here = ""
		sub(/^[ \t]*map[ \t]+/, "")
		n = split($0, parts, ",")
		for (i = 1; i <= n; i++) {
			if (sub(/^path=/, "", parts[i]))
				path = parts[i]
			here = here || parts[i] == "node=" node
		}
		if (here && path != "")
			print path
	}' "$root/etc/pve/mapping/pci.cfg"
}

# parents KIND WHERE - print the parents on which qm start may make a device, as sysfs names them
parents()
{
	case $1 in
	mapping) mapped "$2" ;;
	host)	 echo "$2" ;;
	esac | tr 'A-F' 'a-f' | sed -e 's/;.*//' -e '/^..:..\(\..\)\{0,1\}$/s/^/0000:/' \
		-e '/\./!s/$/.0/'
}

# is_mediated PARENT TYPE - check that the type is of mediated devices.  NVIDIA's vGPUs of Linux 6.8
# and later are virtual functions, for which qemu-server takes a type of the same form.
is_mediated()
{
	case $2 in
	nvidia-*[!0-9]*|nvidia-) ;;
	nvidia-*)
		pci=$root/sys/bus/pci/devices/$1
		! [ -d "$pci/nvidia" ] || [ -d "$pci/mdev_supported_types" ] ;;
	esac
}

# exported UUID - print the source's document of the device; calls ssh as qemu-server does, with
# limits
exported()
{
	address=$(sed -n 's/^ *"'"$source"'": .*"ip": "\([^"]*\)".*/\1/p' \
		"$root/etc/pve/.members" 2> /dev/null)
	set -- "root@${address:-$source}" mdev-precheck export --device "$1"
	keys=$root/etc/pve/nodes/$source/ssh_known_hosts
	[ ! -f "$keys" ] ||
		set -- -o UserKnownHostsFile="$keys" -o GlobalKnownHostsFile=none "$@"
	timeout -k 1 20 ssh -e none -o BatchMode=yes -o ConnectTimeout=5 \
		-o HostKeyAlias="$source" "$@" < /dev/null
}

# ask INDEX KIND WHERE TYPE - ask about one device.  Each parent that it may come to has to take it,
# because qm start takes the first parent that has room.
ask()
{
	device="VM $vmid, hostpci$1"
	parents "$2" "$3" > "$temporary/parents"
	[ -s "$temporary/parents" ] || {
		echo "mdev-precheck: $device: the $2 $3 does not have a device on $node" >&2
		return 1
	}
	while read -r parent; do
		is_mediated "$parent" "$4" || {
			echo "mdev-precheck: $device: $parent does not have mediated devices, and is not asked" >&2
			return 0
		}
	done < "$temporary/parents"
	exported "$(printf '%08d-0000-0000-0000-%012d' "$1" "$vmid")" > "$temporary/document" || {
		echo "mdev-precheck: $device: the node $source did not export the device" >&2
		return 1
	}
	taken=0
	while read -r parent; do
		echo "mdev-precheck: $device: asking $parent/$4" >&2
		timeout -k 1 30 mdev-precheck check --timeout 5 --from "$temporary/document" -- \
			"$parent/$4" < /dev/null >&2 || taken=1
	done < "$temporary/parents"
	return "$taken"
}

temporary=$(mktemp -d) || refuse "a temporary directory cannot be made"
trap 'rm -rf "$temporary"' EXIT
trap 'exit 143' HUP INT TERM

configuration=$root/etc/pve/nodes/$source/qemu-server/$vmid.conf
mediated < "$configuration" > "$temporary/devices" ||
	refuse "the guest's configuration $configuration cannot be read"
refused=
while read -r index kind where type; do
	ask "$index" "$kind" "$where" "$type" || refused="$refused hostpci$index"
done < "$temporary/devices"
[ -z "$refused" ] || refuse "VM $vmid stays on $source because of$refused"
