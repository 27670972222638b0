#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The KUnit suite as a module of KERNEL
#
# kernels: uml-7.3 uml-* debug-* arm64-*
# needs: machine kunit
# check: uml-7.3
# seconds: 15 debug-*=90

. "$(dirname -- "$0")/../lib/machine.sh"

"$top/scripts/kunit" "$KERNEL" > "$work/ktap" 2> "$work/messages"
result $? "the suite succeeds, and the kernel log is clean" "$work/messages"

# A case is one test here, with all its parameters
while read -r word rest; do
	case $word in
	ok)	result 0 "${rest#* }" ;;
	not)	result 1 "${rest#ok * }" "$work/ktap" ;;
	esac
done <<END_OF_CASES
$(sed -n 's/^    \(ok\|not ok\) /\1 /p' "$work/ktap")
END_OF_CASES
check "every case that was planned has ended" sh -c "
	plan=\$(sed -n 's/^    1\.\.//p' '$work/ktap')
	[ \"\${plan:-0}\" -gt 0 ] &&
	[ \"\$plan\" = \"\$(grep -c -E '^    (not )?ok ' '$work/ktap')\" ]"
check "no case was skipped" sh -c "! grep '# SKIP' '$work/ktap'"
tests_end
