# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2154 # build is of lib.sh
#
# Packages that are installed, by apt

# need_packages PACKAGE... - install the packages that are missing, if the caller is root
need_packages()
{
	command -v dpkg-query >/dev/null ||
		die "Debian's packages $* are needed, and this system does not have dpkg to look for them"

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
	# apt runs once at a time, and all runs write to one log
	# shellcheck disable=SC2086 # a list of package names
	(
		flock 7
		apt_system install $missing ||
			{ apt_system update && apt_system install $missing; }
	) 7> "$build/apt.lock" ||
		die "apt-get install$missing failed: $(apt_reason "$build/apt.log")"
}

# by_apt COMMAND... - run it, and add its seconds to the file $APT_SECONDS, because a run of the
# tests does not count the seconds of apt
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

# apt_reason LOG - print the line of apt's output that names the error, without the address of a
# mirror
apt_reason()
{
	reason=$(grep -E '^E: ' "$1" | tail -n 1)
	[ -n "$reason" ] || reason=$(tail -n 1 "$1")
	printf '%s (is there a network? log: %s)' \
		"$(printf '%s' "$reason" | sed 's|[a-z+]*://[^ ]*|<mirror>|g')" "$1"
}
