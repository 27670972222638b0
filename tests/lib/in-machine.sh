# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Scripts that run in a machine read this, and print their results as TAP

tested=0

# ok NAME EXPECTED ACTUAL - test that two strings are equal
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

# status COMMAND... - print the exit status of the command, and write its output to /tmp/output
status()
{
	"$@" > /tmp/output 2>&1
	echo $?
}

# Print "yes" if /tmp/output has the text $1, or else print /tmp/output
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
