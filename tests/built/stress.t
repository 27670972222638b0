#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Operations of all kinds at once, as many as MDEV_STRESS_OPERATIONS, a stressor of
# other authors over the same files, and in the end no memory that was lost

. "$(dirname -- "$0")/../guest/guest.sh"

"$top/scripts/packages" stress || bail_out "packages are missing"
"$top/scripts/selftests" > "$work/built" 2> "$work/messages"
result $? "the selftests compile without a warning" "$work/messages"
stress=$(grep '/stress_test$' "$work/built")
image=$("$top/scripts/kernel" image "$KERNEL") || bail_out "no Linux $KERNEL"

# passed_on NAME - all that a program or script has printed, and its end
passed_on()
{
	sed -n "/^# program $1\$/,/^# status /p" "$work/output" > "$work/$1.tap"
	pass_on "$work/$1.tap"
	check "$1 ends with success" grep -q -x '# status 0' "$work/$1.tap"
	grep '^# [^ ]' "$work/$1.tap" | grep -v '^# \(program\|status\) '
}

files="$stress $top/tests/guest/in-guest.sh $top/tests/built/stress-ng.sh"
files="$files $top/tests/built/kmemleak.sh $(command -v stress-ng) $(command -v strace)"
run="echo '# program stress_test'
MDEV_STRESS_OPERATIONS=${MDEV_STRESS_OPERATIONS:-10000} /stress_test
echo \"# status \$?\"; echo '# program stress-ng'; sh /stress-ng.sh; echo \"# status \$?\""
programs='stress_test stress-ng'
if grep -q '^CONFIG_DEBUG_KMEMLEAK=y' "$image"/boot/config-*; then
	run="$run; echo '# program kmemleak'; sh /kmemleak.sh; echo \"# status \$?\""
	programs="$programs kmemleak"
else
	echo "# memory that is lost is not looked for: Linux $KERNEL has no kmemleak, debug-7.3 has"
fi
guest "$files" "$run" > "$work/output" 2> "$work/messages"
result $? "the machine runs $programs, and its kernel log is clean" "$work/messages"
for program in $programs; do
	passed_on "$program"
done

# A leak would be found: the kernel's own module for this loses some memory.  That
# kmemleak tells the log of it is what is wanted here.
case $programs in
*kmemleak)
	module=$(find "$image/lib/modules" -name 'kmemleak-test.ko')
	guest "$top/tests/guest/in-guest.sh $top/tests/built/kmemleak.sh $module" \
		'sh /kmemleak.sh control' > "$work/output" 2> "$work/messages"
	check "the kernel log of the control tells of the leak" [ $? = 123 ]
	pass_on "$work/output" ;;
esac
tests_end
