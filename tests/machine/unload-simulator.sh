#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: mdev_sim is not unloaded while another part of the kernel refers to
# one of its devices, and the attempt does not wait for that.  Prints TAP.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh

sim=/sys/kernel/config/mdev-sim
uuid=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001

# unload MODULE - print "unloaded", or why not
unload()
{
	output=$(rmmod "$1" 2>&1) && echo unloaded || echo "${output##*: }"
}

busy='Resource temporarily unavailable'
mkdir -p $sim/held/gpu
echo 1 > $sim/held/live
insmod /device_holder.ko name=mdev-sim-held
echo 0 > $sim/held/live
rmdir $sim/held/gpu $sim/held
ok 'the device of a parent that is gone keeps mdev_sim' "$busy" "$(unload mdev_sim)"
ok 'a parent of the same name is another device' 1 \
	"$(mkdir $sim/held && echo 1 > $sim/held/live && cat $sim/held/live)"
echo 0 > $sim/held/live
rmdir $sim/held
ok 'the holder of the device of a parent can be unloaded' unloaded "$(unload device_holder)"
ok 'mdev_sim can be unloaded when the device of a parent is free' unloaded "$(unload mdev_sim)"

modprobe mdev_sim
mkdir -p $sim/held/gpu
echo 1 > $sim/held/live
echo $uuid > /sys/class/mdev_bus/mdev-sim-held/mdev_supported_types/mdev-sim-gpu/create
insmod /device_holder.ko name="$(ls /sys/bus/mdev/devices/$uuid/vfio-dev)"
echo 1 > /sys/bus/mdev/devices/$uuid/remove
echo 0 > $sim/held/live
rmdir $sim/held/gpu $sim/held
ok 'the device of VFIO that is gone keeps mdev_sim' "$busy" "$(unload mdev_sim)"
ok 'the holder of the device of VFIO can be unloaded' unloaded "$(unload device_holder)"
ok 'mdev_sim can be unloaded when the device of VFIO is free' unloaded "$(unload mdev_sim)"
tests_end
