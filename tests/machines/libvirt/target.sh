#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine that is host2: execute the commands that host1 sends by ssh, until host1 ends

# shellcheck source=tests/machines/libvirt/host.sh
. /host.sh

host_is 2
touch $ready
until [ -e /run/ended ]; do
	sleep 1
done
