#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The mails of make series, directory after directory, apply to the pristine source of
# KERNEL and give the files of the overlay.  Each commit builds without a new warning of
# gcc, sparse or checkpatch.
#
# kernels: 7.3 6.12 6.1
# needs: commits sparse
# check: 7.3
# seconds: 150

set -u
. "$(dirname -- "$0")/series.sh"

sparse=$("$top/scripts/sparse") || bail_out "scripts/sparse failed"

# same_as_overlay - compare the files that the series adds with the overlay
same_as_overlay()
{
	overlay_files > "$work/overlay"
	git -C "$linux" diff --name-only --no-renames --diff-filter=A base HEAD \
		> "$work/added"
	diff -u "$work/overlay" "$work/added" || return
	while read -r file; do
		# patches/KERNEL may have hunks for the file
		! grep -q -s -x -F "diff --git a/$file b/$file" \
			"$top/patches/$KERNEL"/*.patch || continue
		cmp "$top/$file" "$linux/$file" || return
	done < "$work/overlay"
	# The overlay's Kconfig and MAINTAINERS have only the lines that the series adds to these files
	tail -n "$(wc -l < "$top/Kconfig")" "$linux/drivers/vfio/mdev/Kconfig" |
		cmp "$top/Kconfig" - || return
	sed -n "/^$(head -n 1 "$top/MAINTAINERS")\$/,/^\$/p" "$linux/MAINTAINERS" |
		sed '$d' | cmp "$top/MAINTAINERS" -
}

# build_commit OUTPUT - build the commit that is checked out.  Only a commit that changes Kconfig is
# configured again, because that takes longer than the build of most commits.
build_commit()
{
	if git rev-parse -q --verify HEAD^ > /dev/null &&
	   [ -n "$(changed_by_commit '*Kconfig')" ]; then
		add_options || return
	fi
	build "$1" C=1 CHECK="$sparse"
}

# changed_by_commit PATTERN... - print the files that the commit that is checked out changes
changed_by_commit()
{
	git -C "$linux" diff --name-only HEAD^ HEAD -- "$@"
}

# sparse_saw CHECKED - require that sparse has read each C file that the commit changes
sparse_saw()
{
	changed_by_commit 'drivers/*.c' 'samples/*.c' | sort > "$work/touched"
	! comm -2 -3 "$work/touched" "$1" | grep .
}

# checkpatch MAIL - run checkpatch without two of its tests: this repository does not have the
# commits of Linux that a Fixes: tag names, and tests/series/checkers tests the lines of MAINTAINERS
checkpatch()
{
	(cd "$linux" && perl scripts/checkpatch.pl --strict --no-summary \
		--ignore UNKNOWN_COMMIT_ID,FILE_PATH_CHANGES "$1") \
		> "$work/checkpatch" 2>&1
	cat "$work/checkpatch"
	! grep -E '^(ERROR|WARNING|CHECK):' "$work/checkpatch"
}

in_tree_selftests()
{
	make -C tools/testing/selftests/mdev CC="gcc -Werror" OUTPUT="$work"
}

apply_series
check "the series adds the files of the overlay" same_as_overlay

git checkout -q base
check "Linux $KERNEL takes the options of tests/series/config" make_config
check "the pristine tree compiles" build_commit "$work/warnings.0"

find "$mails" -name '[0-9]*.patch' ! -name '0000-*' | sort > "$work/mails.list"
number=0
for commit in $commits; do
	before=$number
	number=$((number + 1))
	git checkout -q "$commit"
	subject=$(git log -1 --format=%s)
	check "checkpatch has no finding in \"$subject\"" \
		checkpatch "$(sed -n "${number}p" "$work/mails.list")"
	check "the commit \"$subject\" compiles" build_commit "$work/warnings.$number"
	check "gcc and sparse have no new warning on \"$subject\"" \
		nothing_new "$work/warnings.$before" "$work/warnings.$number"
	check "sparse read each C file of \"$subject\"" \
		sparse_saw "$work/warnings.$number.checked"
	[ -z "$(changed_by_commit tools/testing/selftests/mdev)" ] ||
		check "the selftests of \"$subject\" compile in the tree" in_tree_selftests
done
tests_end
