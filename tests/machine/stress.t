#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# stress_test does MDEV_STRESS_OPERATIONS operations of all kinds at once, stress-ng reads and
# writes the same files, and kmemleak finds no lost memory in the end
#
# kernels: debug-7.3 debug-* kcsan-*
# needs: machine stress
# seconds: 180

. "$(dirname -- "$0")/../lib/machine.sh"

"$top/scripts/selftests" > "$work/built" 2> "$work/messages"
result $? "the selftests compile without a warning" "$work/messages"
stress=$(grep '/stress_test$' "$work/built")
image=$("$top/scripts/kernel" image "$KERNEL") || bail_out "scripts/kernel image failed for Linux $KERNEL"

files="--file $stress --file $top/tests/lib/in-machine.sh"
files="$files --file $top/tests/machine/stress-ng.sh --file $top/tests/machine/kmemleak.sh"
files="$files --file $(command -v stress-ng)"
files="$files --file $(dpkg -L libfaketime | grep '/libfaketimeMT\.so')"
set -- "MDEV_STRESS_OPERATIONS=${MDEV_STRESS_OPERATIONS:-10000} /stress_test" \
	'sh /stress-ng.sh'
leaks=no
if grep -q '^CONFIG_DEBUG_KMEMLEAK=y' "$image"/boot/config-*; then
	leaks=yes
	set -- "$@" 'sh /kmemleak.sh'
else
	echo "# kmemleak is not in Linux $KERNEL, so that lost memory is not looked for; debug-7.3 has it"
fi
# The control shows that a leak is found: the kernel's own module loses some memory, and the log
# must have a report of kmemleak.  Its machine needs one CPU, and runs beside the other machine.
if [ "$leaks" = yes ]; then
	module=$(find "$image/lib/modules" -name 'kmemleak-test.ko')
	machine --cpus 1 --file "$top/tests/lib/in-machine.sh" \
		--file "$top/tests/machine/kmemleak.sh" --file "$module" \
		-- 'sh /kmemleak.sh control' \
		> "$work/control" 2> "$work/control-messages" &
	control=$!
fi
# shellcheck disable=SC2086 # options
machine $files -- "$(each_program "$@")" > "$work/output" 2> "$work/messages"
result $? "the machine of the stress ends, and its kernel log is clean" "$work/messages"
pass_on_programs "$@"
# The programs print how often they did each operation
grep '^# [^ ]' "$work/output" | grep -v '^# \(program\|status\) '
if [ "$leaks" = yes ]; then
	wait "$control"
	check "the kernel log has the leak of the control, kmemleak-test" [ $? = 123 ]
	pass_on "$work/control"
fi
tests_end
