#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The C of mdev-precheck and of the tests, and the patch for installed modules, are in kernel style
#
# needs: source-7.3
# check: yes
# seconds: 15

. "$(dirname -- "$0")/../lib/tap.sh"

checkpatch=$("$top/scripts/kernel" source 7.3)/scripts/checkpatch.pl ||
	bail_out "scripts/kernel source failed for Linux 7.3"
# checkpatch leaves a file of names in the working directory
cd "$work" || exit

git -C "$top" ls-files -- 'tools/mdev/*.[ch]' 'tests/bench/*.c' 'tests/machine/*.c' 'tests/machines/*.c' > files
check "the tree has files of C for checkpatch" [ -s files ]

# The kernel's own types and attributes are not available here, and others chose some names.  One
# process takes all files, because checkpatch takes long to begin.
# shellcheck disable=SC2046 # names without blanks
perl "$checkpatch" --no-tree --strict --no-summary \
	--ignore CAMELCASE,PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO \
	-f $(sed "s|^|$top/|" files) > said 2>&1

# style FILE - print the findings of checkpatch in the file, and require its line about a file
# without findings
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
# tests/series runs checkpatch on the patches of the series
for patch in "$top"/patches/dkms/*.patch; do
	check "checkpatch finds nothing in patches/dkms/${patch##*/}" \
		perl "$checkpatch" --no-tree --strict -q --patch "$patch"
done

# long_functions FILE... - print functions that do not fit a reader's screen
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
check "no function of mdev-precheck or the tests has more than 60 lines" sh -c "! cat said | grep ."

# Each of two programs has a run_domain and a run_stamp of its own: one without libvirt, one with it
twice='main run_domain run_stamp'
# functions FILE... - print the name of each function, and its file
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
check "style.t finds a function of more than 60 lines" [ -n "$(long_functions long.c)" ]
check "style.t finds the name of a function" [ "$(functions long.c)" = "twice long.c" ]

printf '// SPDX-License-Identifier: GPL-2.0-only\nint\tf( void ){ return 0 ;}\n' > bad.c
check "checkpatch finds the fault of a control" sh -c "! perl '$checkpatch' --no-tree -q -f bad.c"
tests_end
