#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The kselftests of the series, built in their place in the tree of KERNEL and
# run in the machine
#
# kernels: uml-7.3 6.12 6.1 uml-* debug-* kcsan-* arm64-*
# needs: machine
# check: uml-7.3 6.12
# seconds: 80 uml-*=30 debug-*=600 arm64-*=300 kcsan-*=600

. "$(dirname -- "$0")/../lib/machine.sh"

"$top/scripts/selftests" > "$work/built" 2> "$work/messages"
result $? "the selftests compile without a warning" "$work/messages"
[ -s "$work/built" ] || bail_out "there is nothing to run"

image=$("$top/scripts/kernel" image "$KERNEL") || bail_out "no Linux $KERNEL"
# cannot_run PROGRAM - why Linux $KERNEL has not what it tests, if so
cannot_run()
{
	case $1 in
	fail_nth_test)
		grep -q '^CONFIG_FAULT_INJECTION_STACKTRACE_FILTER=y' "$image"/boot/config-* ||
			echo "this kernel cannot inject faults where they are wanted, uml-7.3 can" ;;
	mtty_state_test|mtty_stream_test)
		[ "$KERNEL" != 6.1 ] ||
			echo "mtty has no VFIO migration in Linux 6.1" ;;
	esac
}

files=
alone=
set --
while read -r path; do
	program=${path##*/}
	why=$(cannot_run "$program")
	if [ -n "$why" ]; then
		echo "# $program is not run: $why"
	elif [ "$program" = fail_nth_test ]; then
		alone=$path
	else
		files="$files --file $path"
		set -- "$@" "/$program"
	fi
done < "$work/built"

# One thread that loads and unloads modules, hundreds of times: with a second CPU, each
# change to the kernel's memory waits for that.  In a debug kernel it takes minutes, so that
# it runs beside the others.
if [ -n "$alone" ]; then
	machine --cpus 1 --file "$alone" -- "$(each_program "/${alone##*/}")" \
		> "$work/alone" 2> "$work/alone-messages" &
fi
# shellcheck disable=SC2086 # options
machine $files -- "$(each_program "$@")" > "$work/output" 2> "$work/messages"
result $? "the machine runs them, and its kernel log is clean" "$work/messages"
if [ -n "$alone" ]; then
	wait $!
	result $? "so does the machine of ${alone##*/}" "$work/alone-messages"
	cat "$work/alone" >> "$work/output"
	set -- "$@" "/${alone##*/}"
fi
pass_on_programs "$@"
tests_end
