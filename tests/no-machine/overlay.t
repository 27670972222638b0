#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Each file of the tree is either overlay, or changed by a patch, or not of the series; shellcheck
# accepts each script
#
# needs: tree
# check: yes
# seconds: 10

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$top" || exit

# listed_once - require that one patch lists each file of the overlay
listed_once()
{
	overlay_files | sort > "$work/overlay"
	for patch in patches/[0-9]-*/*.patch; do
		sed -n '/^---$/,/^diff --git /s/^ \([^ ].*\)$/\1/p' "$patch"
	done | grep -v -x -e MAINTAINERS -e Kconfig | sort > "$work/listed"
	diff -u "$work/overlay" "$work/listed"
}

# folders_are_series - require that each folder has a letter, and patches with consecutive numbers
folders_are_series()
{
	for folder in patches/[0-9]-*/; do
		[ -s "$folder/cover-letter.txt" ] ||
			{ echo "$folder does not have a cover-letter.txt"; return 1; }
		find "$folder" -name '*.patch' | sort | awk -v folder="$folder" '
			{ sub(/.*\//, "") }
			substr($0, 1, 5) != sprintf("%04d-", NR) {
				print folder $0 " is not patch " NR
				wrong = 1
			}
			END { exit wrong || NR == 0 }' || return
	done
	[ -z "$(find patches -maxdepth 1 -name '*.patch')" ]
}

# slugs_differ - require that names of patches differ without their numbers, because
# scripts/series-tree finds overrides by these names
slugs_differ()
{
	! printf '%s\n' patches/[0-9]-*/*.patch | sed 's|.*/[0-9]*-||' | sort | uniq -d | grep .
}

overrides_have_originals()
{
	for override in patches/[0-9]*.*/*.patch; do
		find patches/[0-9]-*/ -name "????-${override##*/}" | grep -q . ||
			{ echo "$override replaces nothing"; return 1; }
	done
}

nothing_of_a_system()
{
	! git grep -n -I -E 'https?://[^ )]*/debian|https?://registry\.|[ =]/root/|/home/' \
		-- . ':!tests/no-machine/overlay.t' ':!COPYING'
}

kernels_have_a_line()
{
	for directory in patches/[0-9]*.*/; do
		kernel=$(basename "$directory")
		awk '/^[0-9]/ { print $1 }' scripts/kernels | grep -q -x -F "$kernel" ||
			{ echo "scripts/kernels does not have the kernel of patches/$kernel"; return 1; }
	done
}

# modules_are_listed - require that scripts/modules builds each module that the series add, and
# that the packages of dkms install each module that a machine loads
modules_are_listed()
{
	awk '/^[^#]/ { print $1 }' scripts/module-list > "$work/modules"
	sed -n 's/^+obj-.*+= \([a-z_]*\)\.o$/\1/p' patches/[0-9]-*/*.patch > "$work/built"
	[ -s "$work/built" ] || return
	while read -r module; do
		grep -q -x -e "$module" "$work/modules" ||
			{ echo "scripts/module-list does not have $module"; return 1; }
	done < "$work/built"
	awk '/^[^#]/ && $4 == "loaded" { print $1 }' scripts/module-list > "$work/loaded"
	while read -r module; do
		grep -q -e "^BUILT_MODULE_NAME.*\"$module\"\$" debian/dkms/*.conf ||
			{ echo "no file of debian/dkms/ has $module"; return 1; }
	done < "$work/loaded"
}

# tests_have_headers - require that scripts/check finds each test, which it does by the headers
tests_have_headers()
{
	awk -v configs=scripts/kernel-configs -f scripts/test-runs.awk scripts/kernels \
		tests/*/*.t > "$work/runs" || return
	for test in tests/*/*.t; do
		awk -F '\t' -v test="$(echo "$test" | sed 's|tests/\(.*\)\.t$|\1|')" '$1 == test && $3 > 0 && $6 { found = 1 }
			END { exit !found }' "$work/runs" && continue
		echo "$test does not have a line of needs or seconds that scripts/check reads"
		return 1
	done
}

check "one patch lists each new file" listed_once
check "each folder of a series has a letter and numbered patches" folders_are_series
check "the names of all patches differ, even without their numbers" slugs_differ
check "each override replaces a patch" overrides_have_originals
check "each directory of overrides is for a kernel of scripts/kernels" kernels_have_a_line
check "no file has a path or address of the system that it was written on" nothing_of_a_system
check "each test has a header with its kernels, needs and seconds" tests_have_headers
check "scripts/module-list and debian/dkms/ have each module of the series" modules_are_listed
check "git does not track build/" sh -c '! git ls-files | grep "^build/"'
check "git does not track the files that checkpatch leaves" sh -c '! git ls-files | grep -F .checkpatch-'

find scripts tests tools .ci -type f ! -name '*.md' -exec grep -l '^#!/bin/sh\|shellcheck shell=sh' '{}' + \
	> "$work/scripts"
check "the tree has scripts for shellcheck" test -s "$work/scripts"
check "shellcheck accepts scripts/machine-init" shellcheck -s sh scripts/machine-init
# Each directory has a process of its own, because shellcheck takes one -P for all its files
sed 's|/[^/]*$||' "$work/scripts" | sort -u | while read -r directory; do
	# shellcheck disable=SC2046 # a list of paths without blanks
	shellcheck -x -f gcc -P "$directory" $(grep -x "$directory/[^/]*" "$work/scripts") ||
		[ $? = 1 ] || echo "shellcheck did not read $directory"
done > "$work/shellcheck" 2>&1
check "shellcheck reads each script" sh -c "! grep 'did not read' '$work/shellcheck'"
while read -r script; do
	check "shellcheck accepts $script" sh -c "! grep '^$script:' '$work/shellcheck'"
done < "$work/scripts"

make -s help > "$work/help"
sed -n 's/^\([a-z_-]*\):.*/\1/p' Makefile > "$work/targets"
while read -r target; do
	check "make help lists $target" grep "^  $target " "$work/help"
done < "$work/targets"
check "make help lists only targets that exist" sh -c "
	sed -n 's/^  \([a-z_-]*\) .*/\1/p' '$work/help' |
	while read -r target; do make -n \"\$target\" RUN=true >/dev/null || exit 1; done"
tests_end
