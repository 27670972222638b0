#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The mails of make series apply to the pristine source of KERNEL, give what the
# overlay has, and each commit builds and passes the kernel's own checkers.
# A checker's finding counts if the commit before did not have it.
#
# kernels: 7.3 6.12 6.1
# needs: series
# check: 7.3
# seconds: 400

set -u
. "$(dirname -- "$0")/../lib/tap.sh"

ksrc=$("$top/scripts/kernel" source "$KERNEL") || bail_out "no source of Linux $KERNEL"
sparse=$("$top/scripts/sparse") || bail_out "no sparse"
linux=$work/linux
mails=$work/mails
directories="drivers/vfio/mdev samples/vfio-mdev"

# The pristine tree, its unchanged files shared with the cache: git replaces a
# file that it changes.  git needs to know only what the series touches.
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

make_config()
{
	kbuild KCONFIG_ALLCONFIG="$top/tests/series/config" allnoconfig &&
	while read -r line; do
		grep -q -x "$line" "$work/obj/.config" ||
			{ echo "$line did not take effect"; return 1; }
	done < "$top/tests/series/config" &&
	kbuild prepare modules_prepare
}

kbuild()
{
	make -s -j "$(nproc)" -C "$linux" O="$work/obj" "$@"
}

# build OUTPUT - compile what has changed with W=1 and sparse; the list of files
# that sparse has seen goes to OUTPUT.checked, warnings go to OUTPUT
build()
{
	# Until their commits they do not exist, and are dropped
	"$linux/scripts/config" --file "$work/obj/.config" \
		--module VFIO_MDEV_KUNIT_TEST --module VFIO_MDEV_SIM
	kbuild olddefconfig > "$work/build.log" 2>&1 &&
	make -j "$(nproc)" -C "$linux" O="$work/obj" W=1 C=1 CHECK="$sparse" \
		drivers/vfio/mdev/ samples/vfio-mdev/ >> "$work/build.log" 2>&1
	status=$?
	sed -n 's|^  CHECK   *||p' "$work/build.log" | sed "s|^$linux/||" |
		sort -u > "$1.checked"
	# Without line numbers, which change with what stands above
	grep -E '(warning|error|note):' "$work/build.log" |
		sed "s|$linux/||; s/:[0-9]*:[0-9]*:/:/" | sort -u > "$1"
	[ "$status" = 0 ] || tail -n 20 "$work/build.log"
	return "$status"
}

# cocci_results - for each directory, the file with what coccicheck finds in it as it is
# now.  It is named by what it depends on, and kept as long as the checkout.
cocci_results()
{
	for directory in $directories; do
		{
			spatch --version
			git -C "$linux" rev-parse "HEAD:$directory"
			echo "$ksrc"
		} | sha1sum | sed "s|^\([0-9a-f]*\) .*|$top/build/coccicheck/\1|"
	done
}

# cocci_collect NUMBER - of the commit that is checked out: coccicheck needs half a
# minute to begin with, so that it is run once over what all commits have
cocci_collect()
{
	cocci_results > "$work/cocci.$1.results"
	for directory in $directories; do
		read -r results
		[ -f "$results" ] || [ -d "$work/cocci/${results##*/}" ] ||
			cp -R "$linux/$directory" "$work/cocci/${results##*/}" || return
	done < "$work/cocci.$1.results"
}

coccinelle()
{
	[ -n "$(ls "$work/cocci")" ] || return 0
	kbuild coccicheck MODE=report M="$work/cocci" J="$(nproc)" \
		DEBUG_FILE="$work/cocci.debug" > "$work/cocci.log" 2>&1 ||
		{ tail -n 5 "$work/cocci.log"; return 1; }
	# It must have looked at something
	grep -q 'spatch -D report' "$work/cocci.debug" ||
		{ echo "coccicheck ran nothing"; return 1; }
	mkdir -p "$top/build/coccicheck"
	for each in "$work/cocci"/*; do
		results=$top/build/coccicheck/${each##*/}
		sed -n "s|^$each/\(.*\.[ch]\):[0-9]*:[0-9-]*:|\1:|p" \
			"$work/cocci.log" | sed 's/ on line [0-9]*/ on line N/' |
			sort -u > "$results.new"
		mv "$results.new" "$results"
	done
}

# nothing_new_of_cocci BEFORE AFTER - numbers of commits, as nothing_new
nothing_new_of_cocci()
{
	for each in "$1" "$2"; do
		xargs cat < "$work/cocci.$each.results" | sort > "$work/cocci.$each" || return
	done
	nothing_new "$work/cocci.$1" "$work/cocci.$2"
}

# nothing_new BEFORE AFTER - what AFTER has and BEFORE has not
nothing_new()
{
	! comm -1 -3 "$1" "$2" | grep .
}

# Every C file that a commit touches was seen by sparse
sparse_saw()
{
	git -C "$linux" diff --name-only HEAD^ HEAD -- 'drivers/*.c' 'samples/*.c' |
		sort > "$work/touched"
	! comm -2 -3 "$work/touched" "$1" | grep .
}

# The repository here does not have the commits of Linux that a Fixes: tag names, and
# whether MAINTAINERS has a line for each new file is a test of its own
checkpatch()
{
	(cd "$linux" && perl scripts/checkpatch.pl --strict --no-summary \
		--ignore UNKNOWN_COMMIT_ID,FILE_PATH_CHANGES "$1") \
		> "$work/checkpatch" 2>&1
	cat "$work/checkpatch"
	! grep -E '^(ERROR|WARNING|CHECK):' "$work/checkpatch"
}

# The files of the overlay, in the tree as they are here
same_as_overlay()
{
	overlay_files > "$work/overlay"
	git -C "$linux" diff --name-only --no-renames --diff-filter=A base HEAD \
		> "$work/added"
	diff -u "$work/overlay" "$work/added" || return
	while read -r file; do
		# It may have hunks for this kernel
		! grep -q -s -x -F "diff --git a/$file b/$file" \
			"$top/patches/$KERNEL"/*.patch || continue
		cmp "$top/$file" "$linux/$file" || return
	done < "$work/overlay"
	# Of these two files the overlay has what we add
	tail -n "$(wc -l < "$top/Kconfig")" "$linux/drivers/vfio/mdev/Kconfig" |
		cmp "$top/Kconfig" - || return
	sed -n "/^$(head -n 1 "$top/MAINTAINERS")\$/,/^\$/p" "$linux/MAINTAINERS" |
		sed '$d' | cmp "$top/MAINTAINERS" -
}

builds_without_option()
{
	"$linux/scripts/config" --file "$work/obj/.config" \
		--disable VFIO_MDEV_MIGRATION_VERSION &&
	build "$work/warnings.off" &&
	! grep -q VFIO_MDEV_MIGRATION_VERSION=y "$work/obj/.config" &&
	nothing_new "$1" "$work/warnings.off"
}

# Both of these tell of an error only in what they print
kernel_doc()
{
	# 6.1 has no such option yet
	wall=
	! scripts/kernel-doc -h 2>&1 | grep -q -e -Wall || wall=-Wall
	# shellcheck disable=SC2086 # none or one option
	nothing_printed scripts/kernel-doc -none $wall \
		drivers/vfio/mdev/mdev_migration.c \
		drivers/vfio/mdev/mdev_migration.h \
		include/linux/mdev.h samples/vfio-mdev/mdpy_migration.h \
		samples/vfio-mdev/migration_version.h
}

get_abi()
{
	mkdir -p "$work/abi/testing"
	cp Documentation/ABI/testing/sysfs-bus-vfio-mdev "$work/abi/testing/" || return
	if [ -f scripts/get_abi.pl ]; then
		nothing_printed perl scripts/get_abi.pl --dir "$work/abi" validate
	else
		nothing_printed python3 tools/docs/get_abi.py --dir "$work/abi" validate
	fi
}

nothing_printed()
{
	"$@" > "$work/printed" 2>&1 || { cat "$work/printed"; return 1; }
	cat "$work/printed"
	[ ! -s "$work/printed" ]
}

# docutils knows everything in the pages but the directive of kernel-doc
rst()
{
	sed '/^\.\. kernel-doc::/,/^$/d' "$1" > "$work/page.rst"
	rst2html --halt=2 --no-raw --file-insertion-enabled "$work/page.rst" /dev/null
}

# Whoever touches one of our files is told to write to us
maintained()
{
	while read -r file; do
		perl scripts/get_maintainer.pl --nogit --nogit-fallback -f "$file" |
			grep -q -F "$(sed -n 's/^M:\t//p' "$top/MAINTAINERS")" ||
			{ echo "MAINTAINERS has no entry of ours for $file"; return 1; }
	done < "$work/added"
}

in_tree_selftests()
{
	make -C tools/testing/selftests/mdev CC="gcc -Werror" OUTPUT="$work"
}

check "make series KERNEL=$KERNEL writes the mails" \
	make -C "$top" series O="$mails"
make_tree
# All but the first, which is the cover letter
set -- "$mails"/[0-9]*.patch
shift
check "git am applies them to the pristine tree" git am -q "$@"
check "the result is the overlay" same_as_overlay
series=$(git rev-parse series)

git checkout -q base
check "the kernel is configured as wanted" make_config
check "the pristine tree builds" build "$work/warnings.0"
mkdir "$work/cocci"
cocci_collect 0 || bail_out "no copy for coccicheck"

commits=$(git rev-list --reverse "base..$series")
number=0
for commit in $commits; do
	number=$((number + 1))
	git checkout -q "$commit"
	subject=$(git log -1 --format=%s)
	before=$((number - 1))
	check "checkpatch: $subject" \
		checkpatch "$(printf '%s/%04d-' "$mails" "$number")"*
	check "builds: $subject" build "$work/warnings.$number"
	check "no new warning of gcc or sparse: $subject" \
		nothing_new "$work/warnings.$before" "$work/warnings.$number"
	check "sparse saw it: $subject" sparse_saw "$work/warnings.$number.checked"
	cocci_collect "$number" || bail_out "no copy for coccicheck"
	[ -z "$(git diff --name-only HEAD^ HEAD -- tools/testing/selftests/mdev)" ] ||
		check "the selftests compile in the tree: $subject" in_tree_selftests
done
check "coccicheck looks at all of them" coccinelle
number=0
for commit in $commits; do
	number=$((number + 1))
	check "no new finding of coccicheck: $(git log -1 --format=%s "$commit")" \
		nothing_new_of_cocci "$((number - 1))" "$number"
done
check "builds with VFIO_MDEV_MIGRATION_VERSION off" \
	builds_without_option "$work/warnings.0"
check "kernel-doc has no warning" kernel_doc
check "get_abi has no warning on the ABI entry" get_abi
for page in vfio-mediated-device vfio-mdev-migration-version; do
	check "$page.rst parses" rst "Documentation/driver-api/$page.rst"
done
check "get_maintainer knows whose the new files are" maintained
tests_end
