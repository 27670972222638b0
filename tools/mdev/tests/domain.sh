#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# domain.sh DEVICE... - print the XML of a libvirt domain with these mediated devices
#
# A DEVICE is a UUID, and with a stamp UUID/TYPE/VERSION, UUID/TYPE/none or
# UUID/TYPE/failed=ERRNO.

set -eu

xml_text()
{
	printf '%s' "$1" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/"/\&quot;/g'
}

stamp()
{
	uuid=$(xml_text "${1%%/*}")
	version=${1#*/}
	type=$(xml_text "${version%%/*}")
	version=$(xml_text "${version#*/}")
	case $version in
	none)		state='state="none"' ;;
	failed=*)	state="state=\"failed\" errno=\"${version#*=}\"" ;;
	*)		state="state=\"read\" version=\"$version\"" ;;
	esac
	echo "      <stamp:device uuid=\"$uuid\" type=\"$type\" $state"
	echo '          read="2026-11-22T12:00:00Z"/>'
}

cat <<'END'
<domain type='kvm'>
  <name>guest</name>
  <metadata>
    <other:devices xmlns:other="http://example.org/"><other:device uuid="x"/></other:devices>
    <stamp:devices xmlns:stamp="urn:mdev-precheck:stamp:1">
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
    <hostdev mode='subsystem' type='pci' managed='yes'>
      <source><address domain='0x0000' bus='0x06' slot='0x02' function='0x0'/></source>
    </hostdev>
END
for device; do
	cat <<-END
	    <hostdev mode='subsystem' type='mdev' managed='no' model='vfio-pci'>
	      <source>
	        <address uuid='$(xml_text "${device%%/*}")'/>
	      </source>
	    </hostdev>
	END
done
cat <<'END'
  </devices>
</domain>
END
