#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Machines with Debian 12 and Debian 13 on which apt has installed the packages: each boots each
# of its kernels, which answers and loads the kernel's own kvmgt.ko beside our mdev.ko
#
# needs: bookworm-build bookworm-admin trixie-admin root
# seconds: 330

. "$(dirname -- "$0")/../lib/packages.sh"

cd "$work" || exit
debs=$(cd "$packages" && printf '/packages/%s ' mdev-migration-dkms_*.deb \
	mdev-migration-samples-dkms_*.deb libmdev-precheck2_*.deb mdev-precheck_*.deb \
	mdev-precheck-libvirt_*.deb)

# install RELEASE ROOT - into RELEASE/, without a network
install()
{
	# shellcheck disable=SC2086 # a list
	in_root --keep "$1" --bind "$packages:/packages" "$2" apt-get -q -y install $debs &&
	in_root --keep "$1" --bind "$top/scripts:/scripts" "$2" sh -c '
		cp /scripts/machine-command.service /etc/systemd/system/ &&
		systemctl enable machine-command.service'
}

# boot RELEASE KERNEL - run installed.sh there, with the kernel's own mdev.ko, which a dkms that
# installs another one moves away
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
	# It comes from a terminal
	tr -d '\r' < output > "$1-$2"
	return "$machine_status"
}

for release in bookworm trixie; do
	root=$(root "$release" admin) || bail_out "scripts/debian-root does not make a root directory of $release"
	check "apt of $release installs the packages" install "$release" "$root"
	[ "$status" = 0 ] || continue
	{ merge "$root" "$release" && make_disk "$release"; } > log 2>&1 ||
		bail_out "$release has no disk: $(tail -n 1 log)"
	for kernel in "$release"/merged/boot/vmlinuz-*; do
		kernel=${kernel##*/vmlinuz-}
		boot "$release" "$kernel"
		result $? "Linux $kernel of $release runs the script, and its log is clean" messages
		pass_on "Linux $kernel of $release" "$release-$kernel"
	done
	# Some gigabytes
	umount "$release/merged"
	rm -rf "$release/disk" "$release/upper"
done
tests_end
