# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# In the machine: what both hosts of remote.t have

sim=/sys/kernel/config/mdev-sim

# host_is NUMBER
host_is()
{
	hostname "host$1"
	ip address add "192.0.2.$1/24" dev eth0
	ip link set eth0 up
	mkdir -p $sim/gpus/gpu
}
