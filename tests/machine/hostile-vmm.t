#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A hostile VMM sets each byte of a header to each value, and takes more random steps than
# in selftests.t: MDEV_HOSTILE_STEPS, from another seed each time.  The output has the seed,
# and MDEV_HOSTILE_SEED=SEED repeats the steps.
#
# make check-debug takes 100,000 steps, and requires that kernels with KASAN, lockdep or
# KCSAN do not report anything.  hostile_access_test does not have random steps: selftests.t
# runs it in each kernel, and in kernels with KCSAN, too.
#
# kernels: 6.12 6.1 uml-7.3
# on request: debug-* kcsan-*
# needs: machine
# seconds: 80 6.1=70 uml-*=30 debug-*=350 kcsan-*=600

. "$(dirname -- "$0")/../lib/machine.sh"

"$top/scripts/selftests" > "$work/built" 2> "$work/messages"
result $? "the selftests compile without a warning" "$work/messages"
program=$(grep '/hostile_vmm_test$' "$work/built")

numbers="MDEV_HOSTILE_VALUES=256 MDEV_HOSTILE_STEPS=${MDEV_HOSTILE_STEPS:-5000}"
numbers="$numbers MDEV_HOSTILE_SEED=${MDEV_HOSTILE_SEED:-$(date +%s)}"
echo "# $numbers"
machine --file "$program" -- "export $numbers; $(each_program /hostile_vmm_test)" \
	> "$work/output" 2> "$work/messages"
result $? "the machine of the hostile VMM ends, and its kernel log is clean" "$work/messages"
pass_on_programs /hostile_vmm_test
grep -E '^# .*: *([0-9]+ headers|[0-9]+ of [0-9]+ steps)' "$work/output"
tests_end
