#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/libvirt-hosts runs this in the machine host1.  The script prints the seconds of
# libvirt's hook and of a migration.  Each number is the least of some, because other work of
# the machine makes it larger and never smaller.

set -e
# shellcheck source=tests/machines/libvirt/host.sh
. /host.sh

host_is 1
wait_for_host host2 >&2
hook=/etc/libvirt/hooks/qemu.d/mdev-precheck

# since BEGIN [NUM] - print the seconds since the beginning, divided by NUM
since()
{
	echo "$1 $(now) ${2:-1}" | awk '{ printf "%.4f\n", ($2 - $1) / $3 }'
}

# least FILE - print the least number of the file
least()
{
	sort -n "$1" | head -n 1
}

# use_hook PROGRAM - let the program be the only hook on both hosts
use_hook()
{
	for host in host1 host2; do
		on "$host" "ln -sf $1 $hook"
	done
}

# call_hook PROGRAM - call the hook twenty times, as libvirt does, and print the mean
call_hook()
{
	began=$(now)
	for call in $(seq 20); do
		"$1" guest migrate begin - < /tmp/domain.xml
	done
	since "$began" "$call"
}

# migrate FROM TO - migrate the guest to a new device, and print the seconds
migrate()
{
	use_mtty "$2" mtty mtty-1
	began=$(now)
	on "$1" "virsh -q migrate --live --persistent --undefinesource guest \
		qemu+ssh://$2/system" >&2
	since "$began"
	on "$2" "mdev-precheck -q stamp guest" >&2
}

# AppArmor lets libvirtd run programs in this directory
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

# The entry gets another path, because use_hook replaces it
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
