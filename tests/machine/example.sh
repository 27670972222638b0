#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: the example driver of the documentation has the verdicts and log lines
# of its page.  Prints TAP.

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
ok 'example: the type shows its version' example-x1:3 "$(cat $types/example_mdev-live/migration_version)"
ok 'example: its own version is accepted' accepted "$(ask example-x1:3)"
ok 'example: the older format is accepted' accepted "$(ask example-x1:2)"
ok 'example: a newer format is refused' 'Protocol not supported' "$(ask example-x1:4)"
ok 'example: another device is refused' 'Invalid cross-device link' "$(ask example-y1:3)"
ok 'example: a string of another form is refused' 'Invalid argument' "$(ask example)"
ok 'example: each reason is logged' "formats 2 to 3 load here
the target is an example-x1
expected <model>:<format>" \
	"$(dmesg | sed -n 's/.*example_mdev-live: migration version ".*" rejected: //p')"
rmmod example
ok 'one source for all kernels is loaded beside the patched mdev' 0 "$(status insmod /acme.ko)"
rmmod acme
tests_end
