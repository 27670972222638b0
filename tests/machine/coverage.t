#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# tests/coverage/unreached has the reason for each line and branch that the tests do not reach
#
# kernels: uml-7.3
# needs: machine gcov
# seconds: 30

. "$(dirname -- "$0")/../lib/tap.sh"

"$top/scripts/coverage" > "$work/report" 2> "$work/messages"
result $? "each line and branch is reached, or tests/coverage/unreached has a reason" \
	"$work/report"
check "the report has our functions" grep -q '^| mdev_migration_check |' "$work/report"
sed -n 's/^| all /# all /p' "$work/report"
tests_end
