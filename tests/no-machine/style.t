#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The C of mdev-precheck is in kernel style, as far as that is about C
#
# needs: source-7.3
# check: yes
# seconds: 25

. "$(dirname -- "$0")/../lib/tap.sh"

checkpatch=$("$top/scripts/kernel" source 7.3)/scripts/checkpatch.pl ||
	bail_out "no source of Linux 7.3"
# It leaves a file of names in the directory that it is called in
cd "$work" || exit

# Left out: the kernel's own types and attributes, and names that others chose
style()
{
	perl "$checkpatch" --no-tree --strict --no-summary \
		--ignore CAMELCASE,PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO \
		-f "$top/$1" > "$work/said" 2>&1
	cat "$work/said"
	# It says so of each file that it has looked at
	grep -q -F -x "$top/$1 has no obvious style problems and is ready for submission." \
		"$work/said"
}

git -C "$top" ls-files -- 'tools/mdev/*.[ch]' 'tests/bench/*.c' 'tests/machines/*.c' > "$work/files"
while read -r file; do
	check "checkpatch: $file" style "$file"
done < "$work/files"
check "there were some" [ -s "$work/files" ]

printf '// SPDX-License-Identifier: GPL-2.0-only\nint\tf( void ){ return 0 ;}\n' > "$work/bad.c"
check "checkpatch finds a fault" sh -c "! perl '$checkpatch' --no-tree -q -f '$work/bad.c'"
tests_end
