# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# The tests of the series read this instead of tap.sh.  Each test has a tree of the
# pristine source of KERNEL, to which it applies the mails of make series.

. "$(dirname -- "$0")/../lib/tap.sh"

ksrc=$("$top/scripts/kernel" source "$KERNEL") ||
	bail_out "scripts/kernel source failed for Linux $KERNEL"
linux=$work/linux
mails=$work/mails

# make_tree - make a git tree of the pristine source.  Its files are hard links to the cache,
# because git replaces a file that it changes.  Only the files that the series changes are in git.
make_tree()
{
	cp -a -l "$ksrc" "$linux" 2>/dev/null ||
		{ rm -rf "$linux"; cp -a "$ksrc" "$linux"; }
	cd "$linux" || exit
	export GIT_CEILING_DIRECTORIES="$work"
	git init -q -b series
	git config user.name check
	git config user.email check
	sed '/^#/d' "$top/scripts/upstream-files" | while read -r path; do
		[ ! -e "$path" ] || git add -f "$path"
	done
	# spdxcheck, which checkpatch calls, reads the licences from the commit
	git add -f LICENSES
	git commit -q -m pristine
	git tag base
}

# apply_mails - apply the mails of one directory after the other, as the branch series, with
# a tag at the end of each directory; set $commits to the commits of the branch
apply_mails()
{
	for directory in "$mails"/*/; do
		folder=$(basename "$directory")
		# The first mail is the cover letter
		set -- "$directory"/[0-9]*.patch
		shift
		check "git am applies the mails of $folder to Linux $KERNEL and the series before" \
			git -C "$linux" am -q "$@"
		git -C "$linux" tag "$folder"
	done
	# shellcheck disable=SC2034 # for the test
	commits=$(git -C "$linux" rev-list --reverse base..series)
}

# apply_series - run make series, and apply its mails to a tree of the pristine source
apply_series()
{
	check "make series KERNEL=$KERNEL writes the mails" \
		make -C "$top" series O="$mails"
	make_tree
	apply_mails
}

kbuild()
{
	make -s -j "$(nproc)" -C "$linux" O="$work/obj" "$@"
}

# make_config - configure the tree as it is checked out, and prepare it for a build
make_config()
{
	kbuild KCONFIG_ALLCONFIG="$top/tests/series/config" allnoconfig &&
	while read -r line; do
		grep -q -x "$line" "$work/obj/.config" ||
			{ echo "$line did not take effect"; return 1; }
	done < "$top/tests/series/config" &&
	kbuild prepare modules_prepare
}

# add_options - set the options of the series.  olddefconfig drops an option before its commit.
add_options()
{
	"$linux/scripts/config" --file "$work/obj/.config" \
		--module VFIO_MDEV_KUNIT_TEST --module VFIO_MDEV_SIM &&
	kbuild olddefconfig
}

# build OUTPUT [ARGUMENT...] - compile changed files with W=1 and make's arguments.  Write the
# list of files that sparse has read to OUTPUT.checked, and warnings to OUTPUT.
build()
{
	output=$1
	shift
	make -j "$(nproc)" -C "$linux" O="$work/obj" W=1 "$@" \
		drivers/vfio/mdev/ samples/vfio-mdev/ > "$work/build.log" 2>&1
	status=$?
	sed -n 's|^  CHECK   *||p' "$work/build.log" | sed "s|^$linux/||" |
		sort -u > "$output.checked"
	# Line numbers are removed, because they change with the lines above
	grep -E '(warning|error|note):' "$work/build.log" |
		sed "s|$linux/||; s/:[0-9]*:[0-9]*:/:/" | sort -u > "$output"
	[ "$status" = 0 ] || tail -n 20 "$work/build.log"
	return "$status"
}

# nothing_new BEFORE AFTER - require that BEFORE has each line of AFTER
nothing_new()
{
	! comm -1 -3 "$1" "$2" | grep .
}
