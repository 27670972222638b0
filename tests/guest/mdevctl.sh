#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: mdevctl lists, defines, starts and stops devices of the
# patched core.  Prints TAP.

uuid=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
tested=0
mkdir -p /etc/mdevctl.d/scripts.d/callouts /etc/mdevctl.d/scripts.d/notifiers

# ok NAME EXPECTED COMMAND... - the output of mdevctl has it
ok()
{
	name=$1
	expected=$2
	shift 2
	tested=$((tested + 1))
	if output=$("$@" 2>&1) && echo "$output" | grep -q -e "$expected"; then
		echo "ok $tested - mdevctl $name"
	else
		echo "not ok $tested - mdevctl $name"
		echo "# expected: $expected"
		echo "$output" | sed 's/^/# /'
	fi
}

for type in mtty-1 mtty-2 mdpy-vga mbochs-small; do
	ok "knows type $type" "$type" /mdevctl types
done
ok 'defines a device' '' /mdevctl define -u $uuid -p mtty -t mtty-2
ok 'lists it' "$uuid mtty mtty-2" /mdevctl list --defined
ok 'starts it' '' /mdevctl start -u $uuid
ok 'lists it as active' "$uuid mtty mtty-2" /mdevctl list
ok 'its type has the attribute' 4348:3253-1.0 \
	cat /sys/bus/mdev/devices/$uuid/mdev_type/migration_version
ok 'stops it' '' /mdevctl stop -u $uuid
ok 'has stopped it' '' sh -c "! /mdevctl list | grep -q $uuid"
ok 'undefines it' '' /mdevctl undefine -u $uuid
ok 'starts a device that was not defined' '' \
	/mdevctl start -u $uuid -p mdpy -t mdpy-hd
ok 'stops that' '' /mdevctl stop -u $uuid
echo "1..$tested"
