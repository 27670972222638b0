#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# many-types.sh NUMBER STRINGS [TYPE] - print the document of a host with NUMBER parents
#
# Each parent has one type, TYPE or nvidia-63.  The parents show STRINGS strings in turns.

set -eu
export LC_ALL=C

awk -v number="${1:?usage: many-types.sh NUMBER STRINGS [TYPE]}" \
	-v strings="${2:?usage: many-types.sh NUMBER STRINGS [TYPE]}" -v type="${3:-nvidia-63}" '
	BEGIN {
		print "{\"format\":\"mdev-precheck-types\",\"format_version\":1," \
			"\"host\":\"many\",\"types\":["
		for (i = 0; i < number; i++)
			printf "{\"parent\":\"parent-%06d\",\"type\":\"%s\"," \
				"\"name\":\"NVIDIA A10-1B\",\"description\":" \
				"\"num_heads=4, frl_config=60, framebuffer=1024M\"," \
				"\"device_api\":\"vfio-pci\",\"available_instances\":24," \
				"\"devices\":[],\"migration_version\":\"10de:2236-63-16.%d\"," \
				"\"state\":\"read\",\"errno\":null}%s\n",
				i, type, i % strings, i < number - 1 ? "," : ""
		print "],\"unread\":[]}"
	}'
