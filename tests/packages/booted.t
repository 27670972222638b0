#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Machines with Debian 12 and Debian 13, on which apt has installed the packages, boot each of their
# kernels.  Each kernel has types with a version, and loads its own kvmgt.ko beside our mdev.ko.
#
# needs: bookworm-build bookworm-admin trixie-admin root
# seconds: 330

. "$(dirname -- "$0")/../lib/packages.sh"

cd "$work" || exit
debs=$(cd "$packages" && printf '/packages/%s ' mdev-migration-dkms_*.deb \
	mdev-migration-samples-dkms_*.deb libmdev-precheck2_*.deb mdev-precheck_*.deb \
	mdev-precheck-libvirt_*.deb)

# install RELEASE ROOT - install the packages in RELEASE/, without a network
install()
{
	# shellcheck disable=SC2086 # a list
	in_root --keep "$1" --bind "$packages:/packages" "$2" apt-get -q -y install $debs &&
	in_root --keep "$1" --bind "$top/scripts:/scripts" "$2" sh -c '
		cp /scripts/machine-command.service /etc/systemd/system/ &&
		systemctl enable machine-command.service'
}

# boot RELEASE KERNEL - run installed.sh in a machine with this kernel, and with a copy of the
# kernel's own mdev.ko, because dkms moves it away
boot()
{
	# shellcheck disable=SC2016 # for find's shell
	find "$root/lib/modules/$2/kernel/drivers/vfio/mdev" -name 'mdev.ko*' -exec \
		sh -c 'case $1 in *.xz) xz -d -c "$1" ;; *) cat "$1" ;; esac' - '{}' \; > mdev.ko
	"$top/scripts/machine" --disk "$1/disk" --boot "$1/merged/boot,$2" --log "$1-$2.log" \
		--cpus 1 --timeout 900 --file mdev.ko --file "$top/tests/lib/in-machine.sh" \
		--file "$top/tests/packages/installed.sh" -- 'sh /installed.sh' > output \
		2> messages < /dev/null
	machine_status=$?
	# The output comes from a terminal, whose lines end with a carriage return
	tr -d '\r' < output > "$1-$2"
	return "$machine_status"
}

for release in bookworm trixie; do
	root=$(root "$release" admin) || bail_out "scripts/debian-root does not make a root directory of $release"
	check "apt of $release installs the packages" install "$release" "$root"
	[ "$status" = 0 ] || continue
	{ merge "$root" "$release" && make_disk "$release"; } > log 2>&1 ||
		bail_out "the disk of $release was not made: $(tail -n 1 log)"
	for kernel in "$release"/merged/boot/vmlinuz-*; do
		kernel=${kernel##*/vmlinuz-}
		boot "$release" "$kernel"
		result $? "Linux $kernel of $release runs installed.sh, and its log is clean" messages
		pass_on "Linux $kernel of $release" "$release-$kernel"
	done
	# The disk and the packages have some gigabytes
	umount "$release/merged"
	rm -rf "$release/disk" "$release/upper"
done
tests_end
