#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mdev-precheck prints readable output on a host with 64 parents that have ten types each.  The
# commands and their output are in many-parents/: terminal.txt is for a terminal of 100 columns,
# hanging.txt for the same terminal while one parent does not answer, and pipe.txt for a pipe.
#
# kernels: uml-7.3 6.12 6.1
# needs: machine precheck
# seconds: 80 uml-7.3=40

. "$(dirname -- "$0")/../lib/machine.sh"

golden=$top/tests/machine/many-parents
check "mdev-precheck compiles without a warning" \
	make -C "$top/tools/mdev" O="$work/tools"
check "the program that makes a terminal compiles without a warning" \
	gcc -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -o "$work/on_terminal" \
	"$top/tests/machine/on_terminal.c"

options="--file $work/tools/mdev-precheck
	--file $work/on_terminal --file /usr/lib/locale/C.utf8
	--file $top/tests/lib/in-machine.sh --file $top/tests/machine/precheck-lib.sh
	--file $top/tests/machine/many-parents.sh"
for file in terminal hanging pipe; do
	options="$options --file $golden/$file.txt"
done
# shellcheck disable=SC2086 # options
machine $options -- 'sh /many-parents.sh' > "$work/all" 2> "$work/messages"
result $? "the machine runs many-parents.sh, and its kernel log is clean" "$work/messages"
grep -v '^@' "$work/all" > "$work/output"
pass_on "$work/output"
check "many-parents.sh runs to its end" grep '^1\.\.' "$work/output"
# The outputs are kept, because a person reads a new one before it is copied
for file in terminal hanging pipe; do
	sed -n "s/^@$file //p" "$work/all" > "$work/$file.txt"
	check_same "the commands of $file.txt print the output that a person has read" \
		"$golden/$file.txt" "$work/$file.txt"
done
# A sentence may be longer, because the terminal breaks it; a row of a table may not.  grep counts
# bytes, so all bytes of a letter but the first are removed.
check "no row of a table is longer than the terminal of 100 columns" sh -c "
	! cat '$work/terminal.txt' '$work/hanging.txt' | tr -d '\200-\277' |
		grep -v -e '^\\$' -e ': ' | grep '.\{101\}'"
tests_end
