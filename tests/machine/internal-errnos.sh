#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: internal errnos of the kernel, which a vendor driver returns by mistake,
# do not reach userspace or the VFS.  Prints TAP.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh

parameters=/sys/module/errno_driver/parameters
# mdev puts the name of the parent's driver in front of a type; this parent does not have one
type=/sys/class/mdev_bus/errno/mdev_supported_types/-type
uuid=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001

# reason COMMAND... - print why the command failed, or success
reason()
{
	output=$("$@" 2>&1) && echo success || echo "${output##*: }"
}

create()
{
	echo $uuid > $type/create
}

insmod /errno_driver.ko
# ERESTARTSYS without a signal, ERESTART_RESTARTBLOCK, EIOCBQUEUED, and a number that is
# not an errno
for errno in 512 516 529 5000; do
	echo "-$errno" > $parameters/probe_result
	ok "a create whose probe returns $errno fails with EIO" 'Input/output error' \
		"$(reason create)"
done
echo -19 > $parameters/probe_result
ok 'a create fails with an errno for userspace' 'No such device' "$(reason create)"
for errno in 512 516 5000 529; do
	echo "-$errno" > $parameters/description_result
	ok "a read of description that returns $errno fails with EIO" 'Input/output error' \
		"$(reason cat $type/description)"
done
echo -95 > $parameters/description_result
ok 'a read of description fails with an errno for userspace' 'Operation not supported' \
	"$(reason cat $type/description)"
rmmod errno_driver

tests_end
