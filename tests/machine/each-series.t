#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The selftests at the end of a series pass with the modules of the same commit, so that
# each series can be taken without the next ones
#
# kernels: uml-7.3
# needs: machine
# seconds: 90

. "$(dirname -- "$0")/../lib/machine.sh"

# run_series FOLDER - run the selftests of a series with its modules
run_series()
{
	revision=series/$1
	patched=$("$top/scripts/modules" "$revision" 2> "$work/messages")
	result $? "the modules of $1 compile" "$work/messages"
	"$top/scripts/selftests" "$revision" > "$work/built" 2> "$work/messages"
	result $? "the selftests of $1 compile without a warning" "$work/messages"
	files=
	set --
	while read -r path; do
		files="$files --file $path"
		set -- "$@" "/${path##*/}"
	done < "$work/built"
	check "${revision#*/} has selftests" [ $# -gt 0 ]
	# shellcheck disable=SC2086 # options
	machine $files -- "$(each_program "$@")" > "$work/output" 2> "$work/messages"
	result $? "the machine runs the selftests of ${revision#*/}, and its kernel log is clean" \
		"$work/messages"
	pass_on_programs "$@"
}

# All other tests run with the modules of the last series
last=
for folder in "$top"/patches/[0-9]-*/; do
	[ -z "$last" ] || run_series "$last"
	last=$(basename "$folder")
done
tests_end
