#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# autopkgtest of Debian 12 and Debian 13 passes debian/tests/ on the packages, which it installs in
# a root directory that has only apt
#
# needs: bookworm-build bookworm-clean trixie-build trixie-clean root
# seconds: 90

. "$(dirname -- "$0")/../lib/packages.sh"

cd "$work" || exit
sed -n 's/^Tests: //p' "$top/debian/tests/control" | tr ' ' '\n' > described
check "debian/tests/control describes tests" [ -s described ]

# autopkgtest runs in a copy of the root directory, because it does not remove the packages
cat > autopkgtest.sh <<'END'
# autopkgtest.sh LOG - run autopkgtest on the packages, with its log in /test/LOG
set -e
bed=/var/tmp/bed
cp -a /copied "$bed"
cp -L /etc/resolv.conf /etc/hosts "$bed/etc/"
cp /usr/sbin/policy-rc.d "$bed/usr/sbin/"
for directory in proc sys dev; do
	mount --rbind "/$directory" "$bed/$directory"
done
autopkgtest --log-file "/test/$1" --summary-file "/test/$1.summary" --no-built-binaries \
	/packages/*.deb /packages/*.dsc -- chroot "$bed"
END

# autopkgtest RELEASE - run autopkgtest of the release, with its log in RELEASE
autopkgtest()
{
	build_root=$(root "$1" build) && copied=$(root "$1" clean) || return
	in_root --network --bind "$copied:/copied" --bind "$packages:/packages" --bind "$work:/test" \
		"$build_root" sh /test/autopkgtest.sh "$1" > "$1.out" 2>&1 && return
	autopkgtest_status=$?
	tail -n 40 "$1"
	return "$autopkgtest_status"
}

# passed RELEASE TEST - require that the summary has the test as passed
passed()
{
	cat "$1.summary"
	grep -q -x "$2 *PASS\( (superficial)\)*" "$1.summary"
}

for release in bookworm trixie; do
	check "autopkgtest of $release succeeds" autopkgtest "$release"
	while read -r test; do
		check "autopkgtest of $release passes $test" passed "$release" "$test"
	done < described
done
tests_end
