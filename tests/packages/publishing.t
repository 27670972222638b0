#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Machines with Debian 12 and Debian 13, on which apt has installed the packages, publish the
# versions that they show and take.  Each load and unload of a vendor driver is in the files within
# seconds.  systemd and udev find nothing in the units and in the rule.
#
# needs: bookworm-build bookworm-admin trixie-admin root
# seconds: 300

. "$(dirname -- "$0")/../lib/packages.sh"

cd "$work" || exit
debs=$(cd "$packages" && printf '/packages/%s ' mdev-migration-dkms_*.deb \
	mdev-migration-samples-dkms_*.deb mdev-precheck_*.deb)
precheck=$(echo "$packages"/mdev-precheck_*.deb)

# in_installed RELEASE ROOT COMMAND... - run the command in RELEASE/, without a network
in_installed()
{
	release=$1
	root=$2
	shift 2
	in_root --keep "$release" --bind "$packages:/packages" --bind "$top/scripts:/scripts" \
		"$root" "$@"
}

# install RELEASE ROOT - install the packages in RELEASE/
install()
{
	# shellcheck disable=SC2086 # a list
	in_installed "$1" "$2" apt-get -q -y install $debs &&
	in_installed "$1" "$2" sh -c '
		cp /scripts/machine-command.service /etc/systemd/system/ &&
		systemctl enable machine-command.service'
}

# silent COMMAND... - require that the command succeeds and prints nothing
silent()
{
	"$@" > printed 2>&1
	status=$?
	cat printed
	[ "$status" = 0 ] && [ ! -s printed ]
}

# boot RELEASE - run publishing.sh in a machine with the newest kernel of the release
boot()
{
	kernel=$(cd "$1/merged/boot" && printf '%s\n' vmlinuz-* | sort -V | tail -n 1)
	"$top/scripts/machine" --disk "$1/disk" --boot "$1/merged/boot,${kernel#vmlinuz-}" \
		--log "$1.log" --cpus 1 --timeout 900 --file "$precheck" \
		--file "$top/tests/lib/in-machine.sh" --file "$top/tests/packages/publishing.sh" \
		-- 'sh /publishing.sh' > output 2> messages < /dev/null
	machine_status=$?
	# The output comes from a terminal, whose lines end with a carriage return
	tr -d '\r' < output > "$1.output"
	return "$machine_status"
}

for release in bookworm trixie; do
	root=$(root "$release" admin) || bail_out "scripts/debian-root does not make a root directory of $release"
	check "apt of $release installs the packages" install "$release" "$root"
	[ "$status" = 0 ] || continue
	# The root directory does not have the command man
	check "systemd of $release finds nothing in the units" silent in_installed "$release" "$root" \
		systemd-analyze verify --man=no mdev-precheck-publish.service \
		mdev-precheck-publish.timer mdev-precheck-publish.path
	# udevadm of Debian 12 does not verify rules
	if [ "$release" != bookworm ]; then
		check "udev of $release finds nothing in the rule" in_installed "$release" "$root" \
			udevadm verify --resolve-names=never /usr/lib/udev/rules.d/60-mdev-precheck.rules
		check "udev of $release finds a mistake in the rule" comes_to 1 'Invalid key' \
			in_installed "$release" "$root" sh -c '
				sed s/ENV/ENF/ /usr/lib/udev/rules.d/60-mdev-precheck.rules > /tmp/1.rules
				udevadm verify /tmp/1.rules'
	fi
	{ merge "$root" "$release" && make_disk "$release"; } > log 2>&1 ||
		bail_out "the disk of $release was not made: $(tail -n 1 log)"
	boot "$release"
	result $? "a machine of $release runs publishing.sh, and its kernel's log is clean" messages
	pass_on "a machine of $release" "$release.output"
	# The disk and the packages have some gigabytes
	umount "$release/merged"
	rm -rf "$release/disk" "$release/upper"
done
tests_end
