#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: vendor drivers that were built with the kernel's own mdev.h, beside our
# mdev.ko.  /stock has upstream's samples and stock_driver.ko.  /kvmgt has the distribution's
# kvmgt and the modules that it needs, and "list" has their order.  Prints TAP.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh

uuid=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
sim=/sys/kernel/config/mdev-sim

# types_of PARENT - print the directories of its types
types_of()
{
	ls -d /sys/class/mdev_bus/"$1"/mdev_supported_types/*
}

# drive PARENT - create a device of each type and remove it; print the types that fail
drive()
{
	for type in $(types_of "$1"); do
		if ! echo $uuid > "$type/create" ||
		   ! cat "$type/name" "$type/device_api" "$type/available_instances" > /tmp/read ||
		   ! [ -e "/sys/bus/mdev/devices/$uuid/mdev_type" ] ||
		   ! echo 1 > "/sys/bus/mdev/devices/$uuid/remove" ||
		   [ -e "/sys/bus/mdev/devices/$uuid" ]; then
			basename "$type"
		fi
	done 2>&1
}

# attributes PARENT - print how many of its types have migration_version
attributes()
{
	for type in $(types_of "$1"); do
		[ ! -e "$type/migration_version" ] || echo "$type"
	done | wc -l
}

ok 'the mdev that is loaded is ours' 0.1+migration.1 "$(cat /sys/module/mdev/version)"
# A type with the attribute answers beside all drivers that follow
mkdir -p $sim/beside/gpu
echo 1 > $sim/beside/live
answered()
{
	attribute=/sys/class/mdev_bus/mdev-sim-beside/mdev_supported_types/mdev-sim-gpu/migration_version
	version=$(cat $attribute) && echo "$version" > $attribute && echo yes
}

for first in 0 1; do
	order='driver before its parent'
	[ $first = 0 ] || order='parent before its driver'
	ok "a driver built with the kernel's mdev.h is loaded ($order)" 0 \
		"$(status insmod /stock/stock_driver.ko parent_first=$first)"
	ok "the description of a driver built with the kernel's mdev.h is read ($order)" 'built with the mdev.h of the kernel' \
		"$(cat /sys/class/mdev_bus/stock/mdev_supported_types/*/description)"
	ok "a driver built with the kernel's mdev.h does not get the attribute ($order)" 0 "$(attributes stock)"
	ok "a device of each type of a driver built with the kernel's mdev.h is created and removed ($order)" '' "$(drive stock)"
	ok "mdev does not write behind the structs of a driver built with the kernel's mdev.h ($order)" Y \
		"$(cat /sys/module/stock_driver/parameters/intact)"
	ok "a driver with the attribute answers beside a driver built with the kernel's mdev.h ($order)" yes "$(answered)"
	ok "a driver built with the kernel's mdev.h is unloaded ($order)" 0 "$(status rmmod stock_driver)"
done

for module in mtty mdpy mbochs; do
	rmmod $module
	ok "upstream's $module, built with the kernel's mdev.h, is loaded" 0 \
		"$(status insmod "/stock/$module.ko")"
	ok "upstream's $module does not have the attribute" 0 "$(attributes $module)"
	ok "a device of each type of upstream's $module is created and removed" '' "$(drive $module)"
	ok "upstream's $module is unloaded" 0 "$(status rmmod $module)"
	# This load uses memory again that an overrun of the structs would have changed
	ok "our $module is loaded again" 0 "$(status modprobe $module)"
done

# kvmgt registers its driver also without a graphics card
while read -r module; do
	[ "$module" = kvmgt ] || [ -e "/sys/module/$module" ] || insmod "/kvmgt/$module.ko"
done < /kvmgt/list
ok "the distribution's kvmgt is loaded" 0 "$(status insmod /kvmgt/kvmgt.ko)"
ok "the distribution's kvmgt uses our mdev" kvmgt "$(cd /sys/module/mdev/holders && echo kvmgt*)"
ok "the distribution's kvmgt has registered its driver" yes \
	"$([ -d /sys/bus/mdev/drivers/intel_vgpu_mdev ] && echo yes)"
ok "the distribution's kvmgt is unloaded" 0 "$(status rmmod kvmgt)"
ok 'a driver with the attribute answers after all others' yes "$(answered)"
tests_end
