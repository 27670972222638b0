# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2154 # top, cache and temporary are of lib.sh
#
# Packages that are unpacked into the cache directory and not installed.  They are of several
# releases, so apt gets a configuration of its own, made from the mirrors of this system.  The
# script that reads this file reads apt.sh before it.

release=bookworm
apt=$cache/apt

# choose_release RELEASE - download packages of bookworm (the default) or trixie.  Each release
# has lists of its own, because both have packages of the same names.
choose_release()
{
	release=$1
	[ "$release" = bookworm ] || apt=$cache/apt-$release
}

# begin_downloads ARCHITECTURE - prepare downloads of packages for it, and hold the lock of the
# cache: two runs may need the same package
begin_downloads()
{
	architecture=$1
	make_dir "$cache" "cache of downloaded kernels; XDG_CACHE_HOME chooses another"
	exec 9> "$cache/lock"
	flock 9
	# Because this run holds the lock, each temporary directory here is of a run that was
	# killed
	rm -rf "$cache"/tmp.*
	temporary_in "$cache"
	[ "$architecture" = amd64 ] || apt=$apt-$architecture
	mkdir -p "$apt"
	write_sources
	update_lists
}

apt_own()
{
	by_apt "$@" -o Dir::Etc::sourcelist=/dev/null \
	     -o Dir::Etc::sourceparts="$apt/sources" \
	     -o Dir::State::Lists="$apt/lists" \
	     -o Dir::Cache="$apt/cache" \
	     -o Dir::Cache::pkgcache=pkgcache.bin \
	     -o Dir::Cache::srcpkgcache=srcpkgcache.bin \
	     -o APT::Architecture="$architecture" \
	     -o APT::Sandbox::User="$(id -un)" \
	     -o APT::Update::Error-Mode=any -o Acquire::Retries=2 \
	     -o Acquire::Languages=none
}

# write_sources - write the mirrors of this system with the suites that have the kernels
write_sources()
{
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -f "$keyring" ] || die "$keyring does not exist: apt-get install debian-archive-keyring"

	# apt prints the addresses even if the lists were never downloaded
	apt-get --print-uris update 2>/dev/null |
		sed -n "s|^'\(.*\)/dists/\([^/]*\)/InRelease' .*|\1/ \2|p" \
		> "$temporary/targets"
	mirror=$(awk '$2 ~ /^(bookworm|trixie|forky|sid|(old)*stable|testing|unstable)$/ { print $1; exit }' \
		 "$temporary/targets")
	security=$(awk '$2 ~ /-security$/ { print $1; exit }' "$temporary/targets")
	[ -n "$mirror" ] ||
		die "this system's apt configuration does not name a Debian mirror"

	mkdir -p "$apt/sources" "$apt/lists/partial" \
		 "$apt/cache/archives/partial"
	suites="$release $release-updates $release-backports"
	# Every release uses the source of 7.3 from here
	[ "$release" != bookworm ] || suites="$suites trixie-backports"
	{
		cat <<-END
		Types: deb
		URIs: $mirror
		Suites: $suites
		Components: main
		Architectures: $architecture
		Signed-By: $keyring
		END
		[ "$release" != bookworm ] || cat <<-END

		Types: deb-src
		URIs: $mirror
		Suites: sid
		Components: main
		Signed-By: $keyring
		END
		[ -z "$security" ] || cat <<-END

		Types: deb
		URIs: $security
		Suites: $release-security
		Components: main
		Architectures: $architecture
		Signed-By: $keyring
		END
	} > "$temporary/debian.sources"
	# A changed source needs a new list
	cmp -s "$temporary/debian.sources" "$apt/sources/debian.sources" || rm -f "$apt/updated"
	update_file "$temporary/debian.sources" "$apt/sources/debian.sources"
}

lists_are_fresh()
{
	[ -n "$(find "$apt/updated" -mtime -1 2>/dev/null)" ]
}

# update_lists - get the package lists of today, because security updates replace the packages
# of kernels
update_lists()
{
	if [ "${1:-}" != now ] && lists_are_fresh; then
		return
	fi

	say "updating the package lists of the kernels"
	if ! apt_own apt-get update > "$apt/update.log" 2>&1; then
		[ -f "$apt/updated" ] ||
			die "could not get package lists: $(apt_reason "$apt/update.log")"
		say "could not update the package lists, going on with the last ones"
	fi
	# A machine without a network tries once a day, too
	touch "$apt/updated"
}

# field PACKAGE NAME [SUITE] - print a field of the newest version of a package in the release
# or in that suite
field()
{
	apt_own apt-cache -o APT::Default-Release="${3:-}" show --no-all-versions "$1" \
		2>/dev/null | sed -n "s/^$2: //p"
}

# newest PACKAGE [SUITE] - print its newest version
newest()
{
	version=$(field "$1" Version "${2:-}")
	[ -n "$version" ] || die "package $1 is not on this system's Debian mirror"
	echo "$version"
}

# newest_headers SERIES - print the package of the headers of the newest kernel of a series,
# such as 6.12.  Each release has other metapackages, so the name of the kernel's package is
# used.
newest_headers()
{
	apt_own apt-cache pkgnames "linux-headers-$1." |
		grep -E "^linux-headers-$1\.[^-]*(-[0-9]+)?-amd64\$" | sort -V | tail -n 1 | grep . ||
		die "headers of Linux $1 are not on this system's Debian mirror"
}

# unpack PACKAGE... - download packages and unpack them into $temporary/root
unpack()
{
	say "downloading $*"
	mkdir -p "$temporary/deb" "$temporary/root"
	cd "$temporary/deb" || die "cannot enter $temporary/deb"
	apt_own apt-get download "$@" > "$apt/download.log" 2>&1 ||
	{
		update_lists now
		apt_own apt-get download "$@" > "$apt/download.log" 2>&1
	} || die "could not download $*: $(apt_reason "$apt/download.log")"
	for deb in *.deb; do
		dpkg-deb -x "$deb" "$temporary/root"
	done
	cd "$top" || die "cannot enter $top"
	rm -rf "$temporary/deb"
}

# keep FROM TO - rename a finished directory to its place in the cache
keep()
{
	mkdir -p "$(dirname "$2")"
	mv -T "$1" "$2"
}

