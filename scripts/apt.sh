# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2154 # build is of lib.sh
#
# Packages that are installed, by apt

# need_packages PACKAGE... - install what is missing, if we may
need_packages()
{
	command -v dpkg-query >/dev/null ||
		die "this needs Debian's packages $* and a system that has dpkg"

	missing=
	for package; do
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" \
				    2>/dev/null) || status=
		[ "$status" = installed ] || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0

	[ "$(id -u)" = 0 ] ||
		die "missing packages; as root: apt-get install$missing"

	say "installing$missing"
	make_dir "$build" "build directory"
	# apt lets one in at a time, and there is one log
	# shellcheck disable=SC2086 # a list of package names
	(
		flock 7
		apt_system install $missing ||
			{ apt_system update && apt_system install $missing; }
	) 7> "$build/apt.lock" ||
		die "apt-get install$missing failed: $(apt_reason "$build/apt.log")"
}

# by_apt COMMAND... - run it, and add the seconds that it takes to the file $APT_SECONDS, for
# a run of the tests, which does not count them
by_apt()
{
	read -r apt_began _ < /proc/uptime
	"$@" && apt_status=0 || apt_status=$?
	read -r apt_ended _ < /proc/uptime
	[ -z "${APT_SECONDS:-}" ] ||
		echo "$apt_ended $apt_began" | awk '{ print $1 - $2 }' >> "$APT_SECONDS"
	return "$apt_status"
}

apt_system()
{
	DEBIAN_FRONTEND=noninteractive \
	by_apt apt-get -q -y -o Dpkg::Use-Pty=0 -o APT::Update::Error-Mode=any \
		-o Acquire::Retries=2 --no-install-recommends "$@" \
		>"$build/apt.log" 2>&1 </dev/null
}

# The one line of apt's output that says most, and never a mirror's address
apt_reason()
{
	reason=$(grep -E '^E: ' "$1" | tail -n 1)
	[ -n "$reason" ] || reason=$(tail -n 1 "$1")
	printf '%s (is there a network? log: %s)' \
		"$(printf '%s' "$reason" | sed 's|[a-z+]*://[^ ]*|<mirror>|g')" "$1"
}
