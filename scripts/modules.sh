# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2154 # top is of lib.sh
#
# The list of the modules that are built here, scripts/module-list

# modules_in DIR - the modules of the list in DIR that a machine loads, in that order
modules_in()
{
	awk '/^[^#]/ && $4 == "loaded" { print $1, $3 }' "$top/scripts/module-list" |
	while read -r module needs; do
		if [ -f "$1/$module.ko" ]; then
			echo "$module"
		elif [ "$needs" = - ]; then
			die "$1 does not have $module.ko, which scripts/modules builds"
		fi
	done
}
