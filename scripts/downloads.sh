# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2154 # top, cache and temporary are of lib.sh
#
# Packages that are unpacked into the cache directory and not installed.  They
# come with an apt configuration of our own, made from the mirrors that this
# system uses, because they are of several releases.  This needs apt.sh.

release=bookworm
apt=$cache/apt

# choose_release RELEASE - the one that packages are downloaded from, bookworm (the default) or
# trixie: both have packages of the same names, and the newest of a release is wanted
choose_release()
{
	release=$1
	[ "$release" = bookworm ] || apt=$cache/apt-$release
}

# begin_downloads ARCHITECTURE - of packages for it; one
# run at a time, as several may want the same package
begin_downloads()
{
	architecture=$1
	make_dir "$cache" "cache of downloaded kernels; XDG_CACHE_HOME chooses another"
	exec 9> "$cache/lock"
	flock 9
	# Nobody else has the lock: what is there was left by a run that was killed
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

# The system's mirrors, with the suites that the kernels come from
write_sources()
{
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -f "$keyring" ] || die "no $keyring: apt-get install debian-archive-keyring"

	# Whether or not their lists are here yet
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
	# The source of 7.3 is here for all
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
	# The list of another source is not here yet
	cmp -s "$temporary/debian.sources" "$apt/sources/debian.sources" || rm -f "$apt/updated"
	update_file "$temporary/debian.sources" "$apt/sources/debian.sources"
}

lists_are_fresh()
{
	[ -n "$(find "$apt/updated" -mtime -1 2>/dev/null)" ]
}

# Package lists of today: security updates replace the kernels' packages
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
	# Also without a network once a day is enough
	touch "$apt/updated"
}

# field PACKAGE NAME [SUITE] - a field of the newest version of a package, in the release
# or in that suite
field()
{
	apt_own apt-cache -o APT::Default-Release="${3:-}" show --no-all-versions "$1" \
		2>/dev/null | sed -n "s/^$2: //p"
}

# newest PACKAGE [SUITE] - its version
newest()
{
	version=$(field "$1" Version "${2:-}")
	[ -n "$version" ] || die "package $1 is not on this system's Debian mirror"
	echo "$version"
}

# newest_headers SERIES - the package of the headers of the newest kernel of a series, such as
# 6.12, whose metapackages are not the same in all releases
newest_headers()
{
	apt_own apt-cache pkgnames "linux-headers-$1." |
		grep -E "^linux-headers-$1\.[^-]*(-[0-9]+)?-amd64\$" | sort -V | tail -n 1 | grep . ||
		die "headers of Linux $1 are not on this system's Debian mirror"
}

# unpack PACKAGE... - into $temporary/root
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

# keep FROM TO - the finished directory gets its name
keep()
{
	mkdir -p "$(dirname "$2")"
	mv -T "$1" "$2"
}

