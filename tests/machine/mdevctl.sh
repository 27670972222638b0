#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: mdevctl lists, defines, starts and stops devices of the
# patched core.  Prints TAP.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh

uuid=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
mkdir -p /etc/mdevctl.d/scripts.d/callouts /etc/mdevctl.d/scripts.d/notifiers

# shows NAME PATTERN COMMAND... - test that the command succeeds with the pattern in its output
shows()
{
	name=$1
	pattern=$2
	shift 2
	if output=$("$@" 2>&1) && echo "$output" | grep -q -e "$pattern"; then
		output=$pattern
	else
		output="failed, with: $output"
	fi
	ok "mdevctl $name" "$pattern" "$output"
}

for type in mtty-1 mtty-2 mdpy-vga mbochs-small; do
	shows "types prints $type" "$type" /mdevctl types
done
shows 'defines a device' '' /mdevctl define -u $uuid -p mtty -t mtty-2
shows 'lists the device as defined' "$uuid mtty mtty-2" /mdevctl list --defined
shows 'starts the defined device' '' /mdevctl start -u $uuid
shows 'lists the device as active' "$uuid mtty mtty-2" /mdevctl list
shows 'has started a device whose type has the attribute' 4348:3253-1.0 \
	cat /sys/bus/mdev/devices/$uuid/mdev_type/migration_version
shows 'stops the defined device' '' /mdevctl stop -u $uuid
shows 'does not list the device that was stopped' '' sh -c "! /mdevctl list | grep -q $uuid"
shows 'undefines the device' '' /mdevctl undefine -u $uuid
shows 'starts a device that was not defined' '' \
	/mdevctl start -u $uuid -p mdpy -t mdpy-hd
shows 'stops a device that was not defined' '' /mdevctl stop -u $uuid
tests_end
