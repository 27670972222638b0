# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For every script here: messages, directories, temporary and other files.  Progress and
# errors go to standard error, results to standard output.  The other files *.sh are of one
# subject each, for the scripts that it concerns.

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

# checkout_files - print the files of this checkout that packages are made of; needs $temporary
checkout_files()
{
	git -C "$top" ls-files -c -o --exclude-standard > "$temporary/names" ||
		die "$top is not a checkout: packages are made of the files that git lists"
	# Not those that were removed and are still in the index
	while read -r name; do
		[ ! -e "$top/$name" ] || echo "$name"
	done < "$temporary/names"
}

# update_file FROM TO - copy if different, so that make sees no news in vain
update_file()
{
	cmp -s "$1" "$2" && return
	mkdir -p "$(dirname "$2")"
	cp "$1" "$2.new"
	mv "$2.new" "$2"
}
