#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine that is the target of remote.t: a host with sshd, until the source
# has ended.  Prints TAP.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh
# shellcheck source=tests/machines/remote/host.sh
. /host.sh

host_is 2
# A shell does not look for a command in /
mkdir -p /run/sshd
cp /mdev-precheck /usr/bin/
echo 'sshd:x:100:65534::/run/sshd:/bin/false' >> /etc/passwd
echo acme-2.0 > $sim/gpus/gpu/version
echo 1 > $sim/gpus/live
# The parent is not registered until it is needed, because a matrix calls all drivers
mkdir -p $sim/slow/slow
echo acme-2.0 > $sim/slow/slow/version
echo 3600000 > $sim/slow/slow/delay_ms
/sshd -f /sshd_config
while [ ! -e /tmp/ended ]; do
	sleep 1
done
ok 'the source has asked the target and has ended' yes "$([ -e /tmp/ended ] && echo yes)"
tests_end
