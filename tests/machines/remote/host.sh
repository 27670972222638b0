# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# In the machine: functions that both hosts of remote.t share

sim=/sys/kernel/config/mdev-sim

# host_is NUMBER - set up the name, the address and a simulated type
host_is()
{
	hostname "host$1"
	ip address add "192.0.2.$1/24" dev eth0
	ip link set eth0 up
	mkdir -p $sim/gpus/gpu
}
