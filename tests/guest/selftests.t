#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The kselftests of the series, built in their place in the tree of KERNEL and
# run in the machine

. "$(dirname -- "$0")/guest.sh"

"$top/scripts/selftests" > "$work/built" 2> "$work/messages"
result $? "the selftests compile without a warning" "$work/messages"

image=$("$top/scripts/kernel" image "$KERNEL") || bail_out "no Linux $KERNEL"
# cannot_run PROGRAM - why Linux $KERNEL has not what it tests, if so
cannot_run()
{
	case $1 in
	fail_nth_test)
		grep -q '^CONFIG_FAULT_INJECTION_STACKTRACE_FILTER=y' "$image"/boot/config-* ||
			echo "this kernel cannot inject faults where they are wanted, debug-7.3 can" ;;
	mtty_stream_test)
		[ "$KERNEL" != 6.1 ] ||
			echo "mtty has no VFIO migration in Linux 6.1" ;;
	esac
}

programs=
files=
command=
while read -r path; do
	program=${path##*/}
	why=$(cannot_run "$program")
	if [ -n "$why" ]; then
		echo "# $program is not run: $why"
		continue
	fi
	programs="$programs $program"
	files="$files $path"
	command="$command; echo '# program $program'; /$program; echo \"# status \$?\""
done < "$work/built"
guest "$files" "${command#; }" > "$work/output" 2> "$work/messages"
result $? "the machine runs them, and its kernel log is clean" "$work/messages"

for program in $programs; do
	sed -n "/^# program $program\$/,/^# status /p" "$work/output" > "$work/$program.tap"
	pass_on "$work/$program.tap"
	# Whatever the lines say, and if there are none
	check "$program ends with success" \
		grep -q -x '# status 0' "$work/$program.tap"
	check "$program has run each of its tests" sh -c "
		plan=\$(sed -n 's/^1\.\.//p' '$work/$program.tap')
		[ \"\${plan:-0}\" -gt 0 ] &&
		[ \"\$plan\" = \"\$(grep -c -E '^(not )?ok ' '$work/$program.tap')\" ]"
done
tests_end
