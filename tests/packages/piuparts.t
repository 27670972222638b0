#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# piuparts of Debian 12 and Debian 13 installs, removes and purges the packages, and finds no file
# that they leave, in a root directory that has only apt, and in one where dkms builds modules for
# the kernels of the release
#
# needs: bookworm-build bookworm-clean bookworm-admin trixie-build trixie-clean trixie-admin root
# seconds: 260

. "$(dirname -- "$0")/../lib/packages.sh"

cd "$work" || exit
debs=$(cd "$packages" && printf '/packages/%s\n' *.deb | grep -v -e -dbgsym_)

# piuparts RELEASE SET OPTION... - run piuparts in a copy of that root directory; /test gets the log
piuparts()
{
	release=$1
	log=$1-$2.log
	build_root=$(root "$1" build) && copied=$(root "$1" "$2") || return
	shift 2
	# The release's archive has the packages that ours depend on, but not an older version of
	# ours for a test of the upgrade
	# shellcheck disable=SC2086 # a list
	in_root --network --bind "$copied:/copied" --bind "$packages:/packages" --bind "$work:/test" \
		"$build_root" piuparts --distribution "$release" --existing-chroot /copied \
		--keep-sources-list --no-upgrade-test --no-eatmydata --tmpdir /var/tmp \
		--pedantic-purge-test --log-file "/test/$log" "$@" $debs > /dev/null 2>&1 &&
		grep -x '.* INFO: PASS: All tests\.' "$log" && return
	grep -A 30 -E ' (ERROR|FAIL):' "$log"
	return 1
}

for release in bookworm trixie; do
	check "piuparts of $release passes in a root directory that has only apt" \
		piuparts "$release" clean --install-remove-install
	# update-initramfs makes the initramfs anew.  dkms of Debian 13 moves the mdev.ko of the
	# kernel away as long as ours is installed, which piuparts would report as an error.
	check "piuparts of $release passes in a root directory that has kernels" \
		piuparts "$release" admin --ignore-regex '^/boot/initrd\.img-.*' \
		--warn-on-debsums-errors
done
tests_end
