#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In a machine of fleet.t: driver.sh VERSION [OLDEST] - replace the simulated driver by a driver of
# that version, which also accepts the versions from OLDEST on, as "2.0".  It has two parents.

sim=/sys/kernel/config/mdev-sim
set -e
for card in card0 card1; do
	[ -d $sim/$card ] || continue
	echo 0 > $sim/$card/live
	rmdir $sim/$card/vgpu $sim/$card
done
rmmod mdev_sim
modprobe mdev_sim
for card in card0 card1; do
	mkdir -p $sim/$card/vgpu
	echo "$1" > $sim/$card/vgpu/version
	echo "${2-}" > $sim/$card/vgpu/accept_min
	echo 1 > $sim/$card/live
done
