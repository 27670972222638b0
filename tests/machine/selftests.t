#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The kselftests of the series pass in the machine.  They are built at their place in the tree of
# KERNEL.
#
# kernels: uml-7.3 6.12 6.1 trixie-* uml-* debug-* kcsan-* arm64-*
# needs: machine
# check: uml-7.3 6.12
# seconds: 105 uml-*=50 debug-*=400 arm64-*=400 kcsan-*=450

. "$(dirname -- "$0")/../lib/machine.sh"

"$top/scripts/selftests" > "$work/built" 2> "$work/messages"
result $? "the selftests compile without a warning" "$work/messages"
[ -s "$work/built" ] || bail_out "scripts/selftests did not build a program"

image=$("$top/scripts/kernel" image "$KERNEL") || bail_out "scripts/kernel image failed for Linux $KERNEL"

# A line of the list of skips for a program or kernel that does not exist would never be noticed
listed_programs_are_there()
{
	sed 's/[[:blank:]].*//; /^#/d; /^$/d' "$top/scripts/kernels" > "$work/kernels"
	sed '/^#/d' "$top/tests/machine/skips" > "$work/skips"
	while IFS=$tab read -r kernel program _; do
		[ "$program" = mdev_migration ] || grep -q "/$program\$" "$work/built" ||
			{ echo "$program is not a program"; return 1; }
		found=no
		while read -r name; do
			# shellcheck disable=SC2254 # a pattern
			case $name in
			$kernel)	found=yes ;;
			esac
		done < "$work/kernels"
		[ "$found" = yes ] || { echo "$kernel is not a kernel"; return 1; }
	done < "$work/skips"
}
check "each kernel and program of tests/machine/skips exists" listed_programs_are_there

files=
alone=
set --
while read -r path; do
	program=${path##*/}
	if [ "$program" = fail_nth_test ] &&
	   grep -q '^CONFIG_FAULT_INJECTION=y' "$image"/boot/config-*; then
		alone=$path
	else
		files="$files --file $path"
		set -- "$@" "/$program"
	fi
done < "$work/built"

# fail_nth_test loads and unloads modules in one thread, hundreds of times: with a second CPU,
# each change to the kernel's memory waits for that CPU.  In a debug kernel it takes minutes, so
# that it runs in a machine beside the others.
if [ -n "$alone" ]; then
	machine --cpus 1 --file "$alone" -- "$(each_program "/${alone##*/}")" \
		> "$work/alone" 2> "$work/alone-messages" &
	alone_machine=$!
fi

# With KASAN and lockdep, a repetition takes ten times as long, so that fewer are run.  Other
# kernels run all of them, and make check-debug runs all of them here.
numbers=
if grep -q '^CONFIG_PROVE_LOCKING=y' "$image"/boot/config-*; then
	numbers="MDEV_UNLOAD_CYCLES=${MDEV_UNLOAD_CYCLES:-40}"
	numbers="$numbers MDEV_SIM_PARENTS=${MDEV_SIM_PARENTS:-40}"
	echo "# $numbers"
fi
# shellcheck disable=SC2086 # options
machine $files -- "${numbers:+export $numbers; }$(each_program "$@")" > "$work/output" 2> "$work/messages"
result $? "the machine runs the selftests, and its kernel log is clean" "$work/messages"
if [ -n "$alone" ]; then
	wait "$alone_machine"
	result $? "the machine runs ${alone##*/}, and its kernel log is clean" "$work/alone-messages"
	cat "$work/alone" >> "$work/output"
	set -- "$@" "/${alone##*/}"
fi
pass_on_programs "$@"
tests_end
