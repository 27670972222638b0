#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine that is host1, see scripts/libvirt-hosts: what libvirt's hook takes, by
# itself and of a migration.  Prints seconds; of each the least of some, as other work of
# the machine makes it longer and never shorter.

set -e
# shellcheck source=tests/machines/libvirt/host.sh
. /host.sh

host_is 1
wait_for_host host2 >&2
hook=/etc/libvirt/hooks/qemu.d/mdev-precheck

# since BEGIN [NUM] - seconds, for each of NUM
since()
{
	echo "$1 $(now) ${2:-1}" | awk '{ printf "%.4f\n", ($2 - $1) / $3 }'
}

# least FILE
least()
{
	sort -n "$1" | head -n 1
}

# use_hook PROGRAM - in place of any other, on both hosts
use_hook()
{
	for host in host1 host2; do
		on "$host" "ln -sf $1 $hook"
	done
}

# call_hook PROGRAM - twenty times, as libvirt does
call_hook()
{
	began=$(now)
	for call in $(seq 20); do
		"$1" guest migrate begin - < /tmp/domain.xml
	done
	since "$began" "$call"
}

# migrate FROM TO - to a device that is new there
migrate()
{
	use_mtty "$2" mtty mtty-1
	began=$(now)
	on "$1" "virsh -q migrate --live --persistent --undefinesource guest \
		qemu+ssh://$2/system" >&2
	since "$began"
	on "$2" "mdev-precheck -q stamp guest" >&2
}

# AppArmor lets libvirtd run what is there
no_op=/usr/sbin/no-op
for host in host1 host2; do
	printf '#!/bin/sh\nexit 0\n' | on_stdin "$host" "cat > $no_op; chmod +x $no_op"
done

use_mtty host1 mtty mtty-1
domain guest 64 00 1 > /tmp/guest.xml
virsh -q define /tmp/guest.xml
virsh -q start guest
mdev-precheck -q stamp guest
virsh dumpxml guest > /tmp/domain.xml

# The entry, as libvirt calls it: use_hook takes the place that it has now
own_hook=/usr/bin/mdev-precheck-hook
for host in host1 host2; do
	on "$host" "cp -p $hook $own_hook"
done
for program in $own_hook $no_op $own_hook $no_op $own_hook $no_op; do
	call_hook "$program" >> "/tmp/call-${program##*/}"
done
for program in $own_hook $no_op $own_hook $no_op; do
	use_hook "$program"
	migrate host1 host2 >> "/tmp/migration-${program##*/}"
	migrate host2 host1 >> "/tmp/migration-${program##*/}"
done
for result in call-mdev-precheck-hook call-no-op migration-mdev-precheck-hook migration-no-op; do
	echo "$result $(least /tmp/$result)"
done
