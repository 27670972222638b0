# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# The page for vendor driver authors, for the tests of what it has.  Read after tap.sh.

# shellcheck disable=SC2154 # top is of tap.sh
page=$top/Documentation/driver-api/vfio-mdev-migration-version.rst

# page_code TEXT - print the blocks of C that have the text, without their indentation
page_code()
{
	awk -v text="$1" '
		function end_block()
		{
			if (index(block, text))
				printf "%s", block
			block = empty = ""
			inside = 0
		}
		inside && /^[^ \t]/	{ end_block() }
		/^\.\. code-block:: c$/	{ inside = 1; next }
		inside && /^$/		{ empty = block == "" ? "" : empty "\n" }
		inside && /./ {
			if (block == "") {
				match($0, /^[ \t]+/)
				indentation = RLENGTH
			}
			block = block empty substr($0, indentation + 1) "\n"
			empty = ""
		}
		END	{ end_block() }' "$page"
}

# page_mistakes - print the first line of each common mistake
page_mistakes()
{
	awk '/^Common mistakes$/ { inside = 1 } inside && sub(/^\* /, "")' "$page"
}
