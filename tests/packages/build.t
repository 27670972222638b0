#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian 12 and Debian 13 build the same packages to the byte in any directory, for any user.
# Debian's checkers find nothing in the packages.
#
# needs: bookworm-build trixie-build root
# seconds: 150

. "$(dirname -- "$0")/../lib/packages.sh"

cd "$work" || exit

# Build the packages in the root directory from the source package, as USER in PATH.  /out gets the
# log and the packages.  The locales C.UTF-8 and C do not need a package.
cat > build.sh <<'END'
# build.sh PATH USER UMASK LOCALE ZONE - build the packages in the directory PATH
set -e
path=$1 user=$2 umask=$3 locale=$4 zone=$5
hostname "$user"
[ "$user" = root ] || useradd --no-create-home "$user"
mkdir -p "$path"
chown "$user" "$path" /out
cd "$path"
runuser -u "$user" -- sh -e -c "
	umask $umask
	export LC_ALL=$locale TZ=$zone HOME=/nonexistent USER=$user
	dpkg-source -x /packages/*.dsc source
	cd source
	dpkg-buildpackage -us -uc -b
	cp ../*.deb ../*.changes ../*.buildinfo /out" > /out/log 2>&1
END

# build RELEASE NAME ARGUMENT... - build the packages into NAME/, with arguments of build.sh
build()
{
	root=$(root "$1" build)
	out=$2
	shift 2
	mkdir "$out"
	in_root --bind "$packages:/packages" --bind "$out:/out" --bind build.sh:/build.sh \
		"$root" sh /build.sh "$@" || { tail -n 30 "$out/log"; return 1; }
}

# sums DIR - print checksums of the binary packages and of the source package
sums()
{
	(cd "$1" && find . -name '*.deb' -o -name '*.dsc' -o -name '*.tar.*' | sort | xargs sha256sum)
}

# names NAME - print the names of the packages in NAME/, without packages of debugging symbols
names()
{
	(cd "$1" && printf '%s\n' ./*.deb) | sed 's|^\./||; s/_.*//' | grep -v -e '-dbgsym$' | sort
}
sed -n 's/^Package: //p' "$top/debian/control" | sort > described

# unpack NAME - write all files of the packages in NAME/ to NAME.unpacked/, and uncompress them
unpack()
{
	mkdir "$1.unpacked"
	for deb in "$1"/*.deb; do
		dpkg-deb -R "$deb" "$1.unpacked/$(basename "$deb" .deb)" || return
	done
	find "$1.unpacked" -name '*.gz' -exec gzip -d -f '{}' +
	find "$1.unpacked" -name '*.xz' -exec xz -d -f '{}' +
}

# programs NAME - print the programs and shared libraries in NAME.unpacked/
programs()
{
	find "$1.unpacked" -name '*-dbgsym_*' -prune -o -type f -exec sh -c '
		for file; do
			case $(dd if="$file" bs=4 count=1 2> /dev/null | tr -d "\177") in
			ELF)	echo "$file" ;;
			esac
		done' - '{}' + | sort
}

# in_build_root RELEASE COMMAND... - run the command in the root directory, with $work as /test
in_build_root()
{
	root=$(root "$1" build)
	shift
	in_root --bind "$work:/test" "$root" "$@"
}

# lintian RELEASE NAME - run lintian of the release on the packages in NAME/
lintian()
{
	in_build_root "$1" lintian --allow-root --display-info --fail-on error,warning,info \
		"/test/$2/$(cd "$2" && echo *.changes)"
}

# copy_checkout DIR - copy the files of this checkout, with other times and modes
copy_checkout()
{
	mkdir -p "$1" && (
		cd "$1" &&
		(cd "$top" && git ls-files -z -c -o --exclude-standard |
			xargs -0 ls -d 2> /dev/null | tar -c -T -) | tar -x -m &&
		chmod -R go-rwx . &&
		git init -q && git add -A
	)
}

# hardened RELEASE PROGRAM - require each hardening flag of Debian's defaults.  Control flow
# integrity, whose name on arm64 is branch protection, is not among them.
hardened()
{
	in_build_root "$1" hardening-check "/test/$2"
	grep -q '^ Read-only relocations: yes' log &&
		! grep ': no' log | grep -v -e '(ignored)' \
			-e '^ Position Independent Executable: no, regular shared library' \
			-e '^ Control flow integrity: ' -e '^ Branch Protection: '
}

# have_reasons - require a comment before each override of lintian, or before a group of them
have_reasons()
{
	for file in "$top"/debian/*lintian-overrides* "$top"/debian/source/lintian-overrides; do
		[ -e "$file" ] || continue
		awk '
			/^#/	{ reason = !/SPDX/; next }
			/^$/	{ reason = 0; next }
			!reason	{ print FILENAME ": " $0; wrong = 1 }
			END	{ exit wrong }' "$file" || return
	done
}
check "each override of lintian has a reason" have_reasons

for release in bookworm trixie; do
	one=$release-one two=$release-two
	check "$release builds the packages" \
		build "$release" "$one" /srv/first/place root 022 C.UTF-8 UTC
	check "$release builds the packages at another place, for another user" \
		build "$release" "$two" /var/lib/second somebody 077 C Pacific/Auckland
	ls "$one"/*.deb "$two"/*.deb > /dev/null ||
		bail_out "the packages are not built, logs: $work/$one/log $work/$two/log"
	names "$one" > "$one.names"
	check_same "$release builds each package of debian/control" described "$one.names"
	sums "$one" > "$one.sums"
	sums "$two" > "$two.sums"
	check_same "$release builds the same packages at both places" "$one.sums" "$two.sums"

	check "the packages of $release are unpacked" unpack "$one"
	check "the packages of $release do not name the place where they were built" sh -c "
		! grep -r -l -F /srv/first '$one.unpacked'"
	# blhc requires flags of the linker, which the object of the static library does not need
	check "blhc finds each flag in the log of $release" in_build_root "$release" \
		blhc --all --ignore-line '.* -r -nostdlib .*' "/test/$one/log"
	programs "$one" > "$one.programs"
	check "the packages of $release have two programs and a library" \
		[ "$(wc -l < "$one.programs")" -ge 3 ]
	while read -r program; do
		check "${program##*/} of $release is hardened" hardened "$release" "$program"
	done < "$one.programs"
	check "lintian of $release finds nothing in the packages of $release" \
		lintian "$release" "$one"
done

copy_checkout another/checkout || bail_out "the checkout was not copied"
check "make packages succeeds in another checkout, for a user with another umask" \
	env LC_ALL=C.UTF-8 TZ=Pacific/Auckland sh -c "umask 077 && another/checkout/scripts/packages"
sums "$packages" > packages.sums
sums another/checkout/build/packages > another.sums
check "make packages makes a source package" grep -q '\.dsc$' packages.sums
check_same "make packages makes the same packages in another checkout" packages.sums another.sums
# The source package has the Standards-Version of Debian 12, for which Debian 13 is too new
cp "$packages"/*.dsc "$packages"/*.tar.xz .
for release in bookworm trixie; do
	check "lintian of $release finds nothing in the source package" \
		in_build_root "$release" lintian --allow-root --display-info \
		--fail-on error,warning,info --suppress-tags out-of-date-standards-version \
		"/test/$(echo *.dsc)"
done
grep '\.deb$' packages.sums > debs.sums
check_same "Debian 12 builds the packages of make packages from the source package" \
	bookworm-one.sums debs.sums
tests_end
