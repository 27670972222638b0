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

# status COMMAND... - its exit status; its output is in /tmp/output
status()
{
	"$@" > /tmp/output 2>&1
	echo $?
}

# said TEXT - "yes", or the output that does not have the text
said()
{
	if grep -q -F -e "$1" /tmp/output; then
		echo yes
	else
		cat /tmp/output
	fi
}

tests_end()
{
	echo "1..$tested"
}
