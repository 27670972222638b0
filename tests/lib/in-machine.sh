# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# In the machine: results as TAP, for the scripts that are run there

tested=0

# ok NAME EXPECTED ACTUAL - two strings are equal
ok()
{
	tested=$((tested + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $tested - $1"
	else
		echo "not ok $tested - $1"
		echo "# expected: $2"
		echo "# got:      $3"
	fi
}

tests_end()
{
	echo "1..$tested"
}
