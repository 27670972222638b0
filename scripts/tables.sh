# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Tables in pages that are committed

# replace_table PAGE NAME FILE - replace the table of that name in a page, between the markers
# of its begin and end
replace_table()
{
	awk -v table="$3" -v begin="<!-- $2 begins -->" -v end="<!-- $2 ends -->" '
	$0 == begin {
		print
		while ((getline line < table) > 0)
			print line
		inside = 1
	}
	$0 == end { inside = 0; found = 1 }
	!inside { print }
	END { exit !found }' "$1" > "$3.page" ||
		die "$1 has no markers for the table"
	update_file "$3.page" "$1"
	rm "$3.page"
}
