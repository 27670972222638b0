#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: the example driver of the documentation does what its page
# says.  Prints TAP.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh

insmod /example.ko || exit
types=/sys/class/mdev_bus/example_mdev/mdev_supported_types

ask()
{
	output=$({ echo "$1" > $types/example_mdev-live/migration_version; } 2>&1) &&
		echo accepted || echo "${output##*: }"
}

ok 'example: one type has the attribute, the other opted out' \
	"$types/example_mdev-live/migration_version" \
	"$(ls $types/*/migration_version)"
ok 'example: its version' example-x1:3 "$(cat $types/example_mdev-live/migration_version)"
ok 'example: takes its own version' accepted "$(ask example-x1:3)"
ok 'example: takes the older format' accepted "$(ask example-x1:2)"
ok 'example: does not take a newer one' 'Protocol not supported' "$(ask example-x1:4)"
ok 'example: does not take another device' 'Invalid cross-device link' "$(ask example-y1:3)"
ok 'example: does not take what it does not know' 'Invalid argument' "$(ask example)"
ok 'example: logs each reason' "formats 2 to 3 load here
the target is an example-x1
expected <model>:<format>" \
	"$(dmesg | sed -n 's/.*example_mdev-live: migration version ".*" rejected: //p')"
rmmod example
ok 'one source for all kernels is loaded beside the patched mdev' 0 "$(status insmod /acme.ko)"
rmmod acme
tests_end
