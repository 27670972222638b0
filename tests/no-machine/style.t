#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The C of mdev-precheck is in kernel style, as far as that is about C, and so is the patch for
# installed modules
#
# needs: source-7.3
# check: yes
# seconds: 15

. "$(dirname -- "$0")/../lib/tap.sh"

checkpatch=$("$top/scripts/kernel" source 7.3)/scripts/checkpatch.pl ||
	bail_out "no source of Linux 7.3"
# It leaves a file of names in the directory that it is called in
cd "$work" || exit

git -C "$top" ls-files -- 'tools/mdev/*.[ch]' 'tests/bench/*.c' 'tests/machine/*.c' 'tests/machines/*.c' > files
check "there are files of C to check" [ -s files ]

# Left out: the kernel's own types and attributes, and names that others chose.  One process
# takes all files, because it needs most of its time to begin.
# shellcheck disable=SC2046 # names without blanks
perl "$checkpatch" --no-tree --strict --no-summary \
	--ignore CAMELCASE,PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO \
	-f $(sed "s|^|$top/|" files) > said 2>&1

# style FILE - what checkpatch prints of it, and whether that is the line about a file that it
# has looked at and finds nothing in
style()
{
	awk -v file="$top/$1" '
		/^-+$/		{ next }
		/^\/[^ ]*$/	{ inside = $0 == file; next }
		inside		{ print }' said
	grep -q -F -x "$top/$1 has no obvious style problems and is ready for submission." said
}
while read -r file; do
	check "checkpatch finds nothing in $file" style "$file"
done < files
# tests/series looks at those of the series
for patch in "$top"/patches/dkms/*.patch; do
	check "checkpatch finds nothing in patches/dkms/${patch##*/}" \
		perl "$checkpatch" --no-tree --strict -q --patch "$patch"
done

# Functions that a reader sees at once; a long one hides what it is about
long_functions()
{
	awk '
		/^[a-zA-Z_].*\(/ && !/;$/	{ head = $0 }
		/^\{/	{ begin = FNR }
		/^\}/	{ if (begin && FNR - begin + 1 > 60)
				print FILENAME ":" begin ": " head ": " FNR - begin + 1 " lines"
			  begin = 0 }' "$@"
}
# shellcheck disable=SC2046 # names without blanks
long_functions $(sed "s|^|$top/|" files) > said
check "no function has more than 60 lines" sh -c "! cat said | grep ."

# Programs that call stamp and domain link one of two functions
twice='main run_domain run_stamp'
# functions FILE... - the name of each, and its file
functions()
{
	awk '/^[a-z].*\(/ && !/;$/ && !/=/ {
		name = $0
		sub(/\(.*/, "", name)
		sub(/.*[ *]/, "", name)
		print name, FILENAME }' "$@"
}
# shellcheck disable=SC2046 # names without blanks
functions $(grep -E '^tools/mdev/(lib|common|src|libvirt)/.*\.c$' files | sed "s|^|$top/|") |
	awk -v twice="$twice" '
		BEGIN	{ n = split(twice, names, " "); for (i = 1; i <= n; i++) allowed[names[i]] = 1 }
		{ where[$1] = where[$1] " " $2; num[$1]++ }
		END	{ for (name in num) if (num[name] > 1 && !(name in allowed))
				print name ":" where[name] }' > said
check "no two functions of the library and its programs have the same name" sh -c "! cat said | grep ."
# shellcheck disable=SC2016 # for awk
{
	echo 'static int twice(void)'
	echo '{'
	yes '	;' | head -n 60
	echo '}'
} > long.c
check "the check of lengths finds a function of 62 lines" [ -n "$(long_functions long.c)" ]
check "the check of names finds the name of a function" [ "$(functions long.c)" = "twice long.c" ]

printf '// SPDX-License-Identifier: GPL-2.0-only\nint\tf( void ){ return 0 ;}\n' > bad.c
check "checkpatch finds the fault of a control" sh -c "! perl '$checkpatch' --no-tree -q -f bad.c"
tests_end
