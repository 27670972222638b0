#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The KUnit suite passes as a module of KERNEL, and so do the KUnit tests of the documentation's
# example
#
# kernels: uml-7.3 uml-* debug-* arm64-*
# needs: machine kunit
# check: uml-7.3
# seconds: 15 debug-*=90

. "$(dirname -- "$0")/../lib/machine.sh"
. "$(dirname -- "$0")/../lib/page.sh"

"$top/scripts/kunit" "$KERNEL" > "$work/ktap" 2> "$work/messages"
result $? "the KUnit suite succeeds, and the kernel log is clean" "$work/messages"

# A case with all its parameters is one test here; a skipped parameter is a test of its own
awk '/^        # Subtest: / { subtest = $3 }
     /^        ok .*# SKIP/ { sub(/^        ok [0-9]+ (- )?/, "&" subtest ": ") }
     /^    (ok|not ok) / || /^        ok .*# SKIP/ { sub(/^ */, ""); print }' \
	"$work/ktap" > "$work/tap"
pass_on "$work/tap" mdev_migration
[ "$failed" = 0 ] || grep -v "^ *ok " "$work/ktap" | sed "s/^/# /"
check "each KUnit case of the plan has a result" sh -c "
	plan=\$(sed -n 's/^    1\.\.//p' '$work/ktap')
	[ \"\${plan:-0}\" -gt 0 ] &&
	[ \"\$plan\" = \"\$(grep -c -E '^    (not )?ok ' '$work/ktap')\" ]"

# cases_are_called - require that the list of cases, or a function, has the name of each function
# that can be a case
cases_are_called()
{
	suite=$top/drivers/vfio/mdev/tests/mdev_migration_kunit.c
	sed -n 's/^static void \([a-z0-9_]*\)(struct kunit \*test)$/\1/p' "$suite" > "$work/cases"
	[ -s "$work/cases" ] || return
	while read -r each; do
		[ "$(grep -c -w -e "$each" "$suite")" -gt 1 ] ||
			{ echo "mdev_migration_cases[] does not have $each"; return 1; }
	done < "$work/cases"
}
check "the KUnit suite runs each case of its file" cases_are_called

page_example_with_tests > "$work/example_kunit.c"
check "the KUnit tests of the example compile without a warning" \
	build_driver "$work/example_kunit.c"
machine --file "$driver" -- 'insmod /example_kunit.ko && dmesg' \
	> "$work/example" 2> "$work/messages"
result $? "the example is loaded, and the kernel log is clean" "$work/messages"
sed -n 's/^\[[^]]*\] \{9\}\(ok\|not ok\) [0-9]* /\1 - /p' "$work/example" > "$work/tap"
check "the example has KUnit tests" [ -s "$work/tap" ]
pass_on "$work/tap" example
# In one source, the functions of both kinds have a caller without the callbacks, too
check "the example as one source with its KUnit tests compiles with the patched and the stock mdev.h" \
	build_one_source
tests_end
