# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Every script reads this file: messages, directories, temporary and other files.  Progress and
# errors go to standard error, results to standard output.  Each other file *.sh has one
# subject.

# Sorted lists and parsed messages do not depend on the locale of the user
export LC_ALL=C

# Only root has the directory of depmod in its PATH
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

# make_dir DIR PURPOSE - make a directory in which files can be written, or end with a line that
# names its purpose.  Root passes each test of permissions, so a file is written.
make_dir()
{
	if ! mkdir -p "$1" 2>/dev/null ||
	   ! (: > "$1/.writable") 2>/dev/null; then
		die "cannot write to $1 ($2)"
	fi
	rm -f "$1/.writable"
}

# Every temporary file is in the directory of temporary_in, which each end of the script removes
temporary=
remove_temporary()
{
	if [ -n "$temporary" ]; then
		rm -rf "$temporary"
		temporary=
	fi
}
# A second signal does not interrupt the removal
trap 'trap "" HUP INT TERM; remove_temporary' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# temporary_in DIR - set $temporary to a new directory in DIR, from which a finished result can
# be renamed into its place
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
	# The lock is held until this run and all its children have ended
	exec 6< "$temporary"
	flock 6
	exec 5>&-
}

# remove_left DIR - remove the temporary directories of runs that were killed: no process holds
# their locks
remove_left()
{
	for left in "$1"/tmp.*; do
		[ ! -d "$left" ] || flock -n "$left" rm -rf "$left" || :
	done
}

# checkout_files - print the files of this checkout that go into packages; needs $temporary
checkout_files()
{
	git -C "$top" ls-files -c -o --exclude-standard > "$temporary/names" ||
		die "$top is not a checkout: packages are made of the files that git lists"
	# The index still has files that were removed
	while read -r name; do
		[ ! -e "$top/$name" ] || echo "$name"
	done < "$temporary/names"
}

# update_file FROM TO - copy a file that differs, so that make does not build for an equal one
update_file()
{
	cmp -s "$1" "$2" && return
	mkdir -p "$(dirname "$2")"
	cp "$1" "$2.new"
	mv "$2.new" "$2"
}
