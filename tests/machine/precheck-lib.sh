# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# In the machine: functions that the scripts of precheck.t share.  They need mdev-precheck in /.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh

# shellcheck disable=SC2034 # for the scripts
parents=/sys/class/mdev_bus sim=/sys/kernel/config/mdev-sim

# make_parent NAME VERSION - make a simulated parent that has the type gpu
make_parent()
{
	mkdir -p "$sim/$1/gpu"
	echo "$2" > "$sim/$1/gpu/version"
	echo 1 > "$sim/$1/live"
}

# remove_parents - remove all simulated parents
remove_parents()
{
	for parent in "$sim"/*; do
		echo 0 > "$parent/live"
		rmdir "$parent"/*/ "$parent"
	done
}
