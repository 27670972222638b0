# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What every script here needs: messages, the directories, packages by apt.
# Progress and errors go to standard error, results to standard output.

# Sorted lists and parsed messages are the same for everyone
export LC_ALL=C

# depmod and the like are where only root looks
PATH=$PATH:/usr/sbin:/sbin

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$top/build
# shellcheck disable=SC2034 # for the scripts
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mdev-migration-version

say()
{
	echo "==> $*" >&2
}

die()
{
	echo "error: $*" >&2
	exit "${die_status:-1}"
}

# make_dir DIR WHAT - a directory that can be written to, or one line that says
# what it was for.  Root may write where no one may, so that the test is a file.
make_dir()
{
	if ! mkdir -p "$1" 2>/dev/null ||
	   ! (: > "$1/.writable") 2>/dev/null; then
		die "cannot write to $1 ($2)"
	fi
	rm -f "$1/.writable"
}

# The trees in build/ are no part of the repository around them, and what git
# prints of them must not depend on anybody's settings
export GIT_CEILING_DIRECTORIES="$build"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1

# Everything temporary is made by temporary_in and gone at the end, however it comes
temporary=
remove_temporary()
{
	if [ -n "$temporary" ]; then
		rm -rf "$temporary"
		temporary=
	fi
}
# A signal that comes meanwhile does not end the end
trap 'trap "" HUP INT TERM; remove_temporary' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# temporary_in DIR - set $temporary to a new directory in DIR, so that a
# finished result can be renamed into its place
temporary_in()
{
	make_dir "$1" "temporary files"
	remove_temporary
	case $1 in
	"$build"|"$build"/*)
		exec 5> "$build/temporary.lock"
		flock 5
		remove_left "$1" ;;
	esac
	temporary=$(mktemp -d "$1/tmp.${CONTAINED:-}XXXXXX") || die "cannot write to $1"
	# Until this run and all its children have ended
	exec 6< "$temporary"
	flock 6
	exec 5>&-
}

# remove_left DIR - the temporary directories of runs that were killed: nobody has their
# locks
remove_left()
{
	for left in "$1"/tmp.*; do
		[ ! -d "$left" ] || flock -n "$left" rm -rf "$left" || :
	done
}

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

apt_system()
{
	DEBIAN_FRONTEND=noninteractive \
	apt-get -q -y -o Dpkg::Use-Pty=0 -o APT::Update::Error-Mode=any \
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

# kernel_line KERNEL - its line of scripts/kernels
kernel_line()
{
	awk -v kernel="$1" '/^[^#]/ && $1 == kernel { print; found = 1 } END { exit !found }' \
		"$top/scripts/kernels" ||
		die "KERNEL=$1 is not supported; there are: $(
			awk '/^[^#]/ { print $1 }' "$top/scripts/kernels" |
			paste -s -d ' ')"
}

# check_kernel_tree DIR - is it the source of a kernel that we can patch?
check_kernel_tree()
{
	for file in Makefile Kbuild MAINTAINERS drivers/vfio/mdev/mdev_sysfs.c \
		    include/linux/mdev.h samples/vfio-mdev/mtty.c; do
		[ -f "$1/$file" ] ||
			die "KSRC=$1 is not a Linux source tree: it has no $file"
	done
	! grep -q migration_version "$1/include/linux/mdev.h" ||
		die "KSRC=$1 has the patches already: include/linux/mdev.h names migration_version"
	grep -q show_description "$1/include/linux/mdev.h" ||
		die "KSRC=$1 is too old: its struct mdev_driver has no show_description (Linux 6.1 or later has)"
}

# kernel_version DIR - 6.12.117
kernel_version()
{
	sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\) = //p' "$1/Makefile" |
		head -n 3 | paste -s -d .
}

# update_file FROM TO - copy if different, so that make sees no news in vain
update_file()
{
	cmp -s "$1" "$2" && return
	mkdir -p "$(dirname "$2")"
	cp "$1" "$2.new"
	mv "$2.new" "$2"
}

# replace_table PAGE NAME FILE - in a page, between the lines that say where the table of
# that name begins and ends
replace_table()
{
	awk -v table="$3" -v begin="<!-- $2 begins -->" -v end="<!-- $2 ends -->" '
	$0 == begin {
		print
		while ((getline line < table) > 0)
			print line
		inside = 1
	}
	$0 == end { inside = 0; found = 1 }
	!inside { print }
	END { exit !found }' "$1" > "$3.page" ||
		die "$1 has no markers for the table"
	update_file "$3.page" "$1"
	rm "$3.page"
}

# has_work DIR - does a tree of make edit have anything that patches/ and the
# overlay have not?  They are the branch "written" there.
has_work()
{
	[ -d "$1/.git" ] || return 1
	[ -z "$(git -C "$1" status --porcelain)" ] || return 0
	[ "$(git -C "$1" rev-parse HEAD)" != "$(git -C "$1" rev-parse written)" ]
}
