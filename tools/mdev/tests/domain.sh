#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# domain.sh [OPTION VALUE]... DEVICE... - print the XML of a libvirt domain with these
# mediated devices
#
# A DEVICE is NAMES, and with a stamp NAMES/TYPE/VERSION, NAMES/TYPE/none,
# NAMES/TYPE/failed=ERRNO or NAMES/TYPE/unknown.  NAMES are UUID[@SLOT][%ALIAS]: the device's
# UUID, its slot in the guest and its alias.  NAMES=NAMES gives the device the first names and
# the stamp the second ones; an empty side leaves out the device or the stamp.
#
#	--running VALUE		set the attribute "running" of the stamps
#	--uuid UUID		set the UUID of the domain
#	--pci SLOT		add a PCI host device
#	--argument VALUE	add an argument of QEMU
#	--element XML		add an element of the domain

set -eu

xml_text()
{
	printf '%s' "$1" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/"/\&quot;/g'
}

# take_names NAMES - set $uuid, $slot and $alias
take_names()
{
	uuid=$(xml_text "${1%%[@%]*}")
	slot='' alias=''
	case $1 in
	*%*)	alias=$(xml_text "${1##*%}") ;;
	esac
	case ${1%%"%"*} in
	*@*)	slot=${1##*@}; slot=${slot%%"%"*} ;;
	esac
}

stamp()
{
	names=${1%%/*}
	take_names "${names#*=}"
	[ -n "$uuid" ] || return 0
	version=${1#*/}
	type=$(xml_text "${version%%/*}")
	version=$(xml_text "${version#*/}")
	case $version in
	none|unknown)	state="state=\"$version\"" ;;
	failed=*)	state="state=\"failed\" errno=\"${version#*=}\"" ;;
	*)		state="state=\"read\" version=\"$version\"" ;;
	esac
	echo "      <stamp:device uuid=\"$uuid\"${slot:+ address=\"pci:0000:00:0$slot.0\"}"
	echo "          ${alias:+alias=\"$alias\" }type=\"$type\" $state"
	echo '          read="2026-11-22T12:00:00Z"/>'
}

device()
{
	names=${1%%/*}
	take_names "${names%%=*}"
	[ -n "$uuid" ] || return 0
	cat <<-END
	    <hostdev mode='subsystem' type='mdev' managed='no' model='vfio-pci'>
	      <source>
	        <address uuid='$uuid'/>
	      </source>
	END
	[ -z "$alias" ] || echo "      <alias name='$alias'/>"
	[ -z "$slot" ] || echo "      <address type='pci' domain='0x0000' bus='0x00'" \
		"slot='0x0$slot' function='0x0'/>"
	echo '    </hostdev>'
}

running='' domain_uuid='' pci='' argument='' element=''
while [ $# -gt 1 ]; do
	case $1 in
	--running)	running=$(xml_text "$2") ;;
	--uuid)		domain_uuid=$(xml_text "$2") ;;
	--pci)		pci=$2 ;;
	--argument)	argument=$(xml_text "$2") ;;
	--element)	element=$2 ;;
	*)		break ;;
	esac
	shift 2
done

cat <<END
<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>guest</name>
END
[ -z "$domain_uuid" ] || echo "  <uuid>$domain_uuid</uuid>"
[ -z "$element" ] || echo "  $element"
cat <<END
  <metadata>
    <other:devices xmlns:other="http://example.org/"><other:device uuid="x"/></other:devices>
    <stamp:devices xmlns:stamp="urn:mdev-precheck:stamp:1"${running:+ running=\"$running\"}>
END
for device; do
	case $device in
	*/*)	stamp "$device" ;;
	esac
done
cat <<'END'
    </stamp:devices>
  </metadata>
  <devices>
END
[ -z "$pci" ] || cat <<END
    <hostdev mode='subsystem' type='pci' managed='yes'>
      <source><address domain='0x0000' bus='0x06' slot='0x0$pci' function='0x0'/></source>
    </hostdev>
END
for device; do
	device "$device"
done
echo '  </devices>'
# The second argument sets a property of a driver, and does not add a device
[ -z "$argument" ] || echo "  <qemu:commandline><qemu:arg value='-device'/>" \
	"<qemu:arg value='$argument'/>" \
	"<qemu:arg value='-global'/><qemu:arg value='vfio-pci.x-no-mmap=on'/></qemu:commandline>"
echo '</domain>'
