# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # for the test; build and work are of lib.sh and tap.sh
#
# The tests of packages read this instead of tap.sh

# Mounts and machines end with the test, even if the test is killed
[ -n "${CONTAINED:-}" ] || exec "$(dirname -- "$0")/../../scripts/contained" sh "$0"

. "$(dirname -- "$0")/../lib/tap.sh"

# inputs_of_packages - print a hash of each file of the checkout, all of which are in the source
# package
inputs_of_packages()
{
	(cd "$top" && git ls-files -z -c -o --exclude-standard |
		xargs -0 sha1sum 2>&1) | sha1sum
}

# build_packages - build the packages in build/packages/, once for all tests of this checkout, and
# again if a file has changed
build_packages()
{
	mkdir -p "$top/build"
	(
		flock 9
		inputs=$(inputs_of_packages)
		[ -d "$top/build/packages" ] &&
			[ "$inputs" = "$(cat "$top/build/packages-of-tests.inputs" 2> /dev/null)" ] && exit
		"$top/scripts/packages" >&2 && echo "$inputs" > "$top/build/packages-of-tests.inputs"
	) 9> "$top/build/packages-of-tests.lock"
}

build_packages > "$work/packages.log" 2>&1 ||
	bail_out "scripts/packages failed: $(tail -n 1 "$work/packages.log")"
packages=$top/build/packages

# root RELEASE SET - print the path of a root file system
root()
{
	"$top/scripts/debian-root" "$1" "$2"
}

# in_root ARGUMENT... - run scripts/in-root without standard input
in_root()
{
	"$top/scripts/in-root" "$@" < /dev/null
}

# merge ROOT DIR - mount the root directory at DIR/merged, read-only, with the changes that the
# commands of in_root --keep DIR ROOT have made
merge()
{
	mkdir -p "$2/merged" &&
	mount -t overlay -o "ro,lowerdir=$2/upper:$1" overlay "$2/merged"
}

# make_disk DIR - make the image DIR/disk of the system in DIR/merged, which runs a command of
# scripts/machine
make_disk()
{
	truncate -s 6G "$1/disk" &&
	mke2fs -q -t ext4 -d "$1/merged" "$1/disk"
}

# pass_on WHERE FILE - print the results of a script that ran there with tests/lib/in-machine.sh,
# with numbers of this test
pass_on()
{
	while read -r word rest; do
		case "$word $rest" in
		ok\ *)		result 0 "$1: ${rest#* - }" ;;
		not\ *)		result 1 "$1: ${rest#* - }" ;;
		'#'*)		echo "$word $rest" ;;
		esac
	done < "$2"
	check "$1: the script runs to its end" grep -q -x '1\.\.[1-9][0-9]*' "$2"
}
