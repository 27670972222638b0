#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# README.md stays short, and the pages that it leads to are true of the tree: links, paths,
# commands, and the functions of the diagram
#
# needs: tree
# check: yes
# seconds: 3

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$top" || exit
pages="README.md ARCHITECTURE.md CONTRIBUTING.md INSTALL.md patches/README.md tests/README.md tools/mdev/README.md"
diagram_page=ARCHITECTURE.md

# readme_is_short - require at most two screens of 100 columns.  A line with a link may be longer,
# because it cannot be broken.
readme_is_short()
{
	awk '	length > 100 && !/\]\(/ { print "line " FNR " has " length " columns"; wrong = 1 }
		END { if (NR > 110) print NR " lines"; exit wrong || NR > 110 || !NR }' README.md
}

# anchors PAGE - print the anchors of the headings of the page, as GitHub makes them
anchors()
{
	sed -n 's/^##* //p' "$1" | tr '[:upper:] ' '[:lower:]-' | tr -d -c 'a-z0-9_\n-'
}

# links_lead_somewhere PAGE - require that each link leads to a file, folder or heading that exists
links_lead_somewhere()
{
	grep -o '](\([^):]*\))' "$1" | sed 's/^](//; s/)$//' > "$work/links"
	[ -s "$work/links" ] || { echo "$1 does not have a link"; return 1; }
	while read -r link; do
		target=$(dirname "$1")/${link%%#*}
		[ "${link%%#*}" ] || target=$1
		[ -e "$target" ] || { echo "$1 has a link to $link"; return 1; }
		case $link in
		*'#'*)
			anchors "$target" | grep -q -x -F -e "${link#*#}" ||
				{ echo "$1: $target does not have a heading for #${link#*#}"; return 1; } ;;
		esac
	done < "$work/links"
}

# paths PAGE - print the paths in backticks on the page that begin with a folder of the tree
paths()
{
	# shellcheck disable=SC2016 # Markdown's
	grep -o '`[A-Za-z0-9_.-]*/[A-Za-z0-9_./*?{},-]*`' "$1" | tr -d '`' | sort -u |
		while read -r path; do
			[ ! -d "${path%%/*}" ] || [ "${path%%/*}" = build ] || echo "$path"
		done
}

# paths_exist PAGE - require that the tree or upstream has each path
paths_exist()
{
	paths "$1" > "$work/paths"
	while read -r path; do
		# shellcheck disable=SC2086 # patterns
		set -- "$1" $path
		[ -e "$2" ] ||
			grep -q -x -F -e "$path" -e "${path%/*}" scripts/upstream-files ||
			{ echo "$1 names $path, which does not exist"; return 1; }
	done < "$work/paths"
}

# not_on_pages - print each target of the Makefile that does not have a command on a page
not_on_pages()
{
	make -s help | sed -n 's/^  \([a-z_-]*\) .*/\1/p' > "$work/targets"
	[ -s "$work/targets" ] || echo "make help does not list a target"
	# A command can go on in the next line
	# shellcheck disable=SC2086 # a list
	cat $pages tools/mdev/doc/*.md | tr -s '\n ' ' ' > "$work/text"
	while read -r target; do
		grep -q -E "make $target([^a-z_-]|\$)" "$work/text" || echo "$target"
	done < "$work/targets"
}

# named_in_diagram < PAGE - print FILE FUNCTION for each function of the diagram, where FILE is the
# last file that the same column names before the function
named_in_diagram()
{
	awk '
		function column(side, text,  name) {
			while (match(text, /[a-z\/_-]+\.(c|h|sh\.in)|[a-zA-Z_]+\(\)/)) {
				name = substr(text, RSTART, RLENGTH)
				if (name !~ /\)$/)
					file[side] = name
				else
					print file[side], substr(name, 1, length(name) - 2)
				text = substr(text, RSTART + RLENGTH)
			}
		}
		/^```/	{ inside = !inside; next }
		inside	{ column(1, substr($0, 1, 49)); column(2, substr($0, 50)) }'
}

# of_upstream FILE - print the lines that the series have for a file of drivers/vfio/mdev/
of_upstream()
{
	cat patches/[0-9]-*/*.patch | awk -v path="b/drivers/vfio/mdev/$1" '
		/^diff --git /	{ inside = $4 == path }
		inside && /^[+ ]/'
}

# source_of FILE - print the text of a file that the diagram names
source_of()
{
	if [ -f "tools/mdev/$1" ]; then
		cat "tools/mdev/$1"
	elif [ -f "drivers/vfio/mdev/$1" ]; then
		cat "drivers/vfio/mdev/$1"
	else
		of_upstream "$1"
	fi
}

# absent_functions - print each line of named_in_diagram whose file does not have the function
absent_functions()
{
	while read -r file function; do
		source_of "$file" > "$work/source"
		grep -q -e "\\<$function(" "$work/source" || echo "$file does not have $function()"
	done
}

check "README.md fits two screens" readme_is_short
for page in $pages; do
	check "the links of $page lead to files and headings" links_lead_somewhere "$page"
	check "the paths that $page names exist" paths_exist "$page"
done
not_on_pages > "$work/absent"
check_same "a page describes each target of make help" /dev/null "$work/absent"

named_in_diagram < $diagram_page > "$work/named"
check "the diagram of $diagram_page names functions of kernel, tool and hook" sh -c "
	grep -q '^mdev_migration.c mdev_migration_check\$' '$work/named' &&
	grep -q '^lib/ask.c judge\$' '$work/named' &&
	grep -q '^libvirt/hook.c entry_status\$' '$work/named'"
absent_functions < "$work/named" > "$work/absent"
check_same "each function of the diagram is in the file before it" /dev/null "$work/absent"
printf '%s\n' 'lib/ask.c judged' 'nowhere.c judge' 'mdev_sysfs.c no_function' |
	absent_functions > "$work/absent"
check "the check of the diagram finds a function that does not exist" \
	[ "$(wc -l < "$work/absent")" = 3 ]
tests_end
