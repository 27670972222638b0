# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # lib.sh sets top, and the scripts use the variables that are set here
#
# The list of the modules that are built here, scripts/module-list, and the place where they are
# installed

# modules_in DIR - print the modules of the list that are in DIR and that a machine loads, in
# the order of the list
modules_in()
{
	awk '/^[^#]/ && $4 == "loaded" { print $1, $3 }' "$top/scripts/module-list" |
	while read -r module needs; do
		if [ -f "$1/$module.ko" ]; then
			echo "$module"
		elif [ "$needs" = - ]; then
			die "$1 does not have $module.ko, which scripts/modules builds"
		else
			say "leaving out $module.ko: the kernel does not have CONFIG_$needs"
		fi
	done
}

# set_place RELEASE - set $modules to the directory of all modules of Linux RELEASE, and $place
# to the directory of our modules below updates/, where modprobe finds them before the
# distribution's mdev.ko
set_place()
{
	modules=${INSTALL_MOD_PATH:-}/lib/modules/$1
	place=$modules/updates/mdev-migration-version
	# A change that was killed leaves $staging behind, so it is outside $modules, where
	# depmod looks
	staging=${modules%/*}/.mdev-migration-version.$1
}

# begin_change - prepare a change of $place: set $temporary to a new directory beside $modules,
# from which a finished result can be renamed
begin_change()
{
	make_dir "$modules/updates" "modules of Linux ${modules##*/}; root may, or INSTALL_MOD_PATH= chooses another place"
	# The lock protects $staging, too
	exec 9< "${modules%/*}"
	flock 9
	temporary=$staging
	rm -rf "$staging"
	mkdir "$staging"
}

# run_depmod - call depmod for $modules.  Below INSTALL_MOD_PATH a package or an image calls it
# after it has unpacked the modules.
run_depmod()
{
	[ -n "${INSTALL_MOD_PATH:-}" ] || depmod "${modules##*/}" ||
		die "depmod ${modules##*/} failed: modprobe does not find the modules of $modules until it succeeds"
}

# unpack_module FILE TO - copy a module of the distribution, which may be compressed
unpack_module()
{
	case $1 in
	*.xz)	xz -d -c "$1" > "$2" ;;
	*)	cp "$1" "$2" ;;
	esac
}

# is_running RELEASE - succeed if this machine runs that release.  No kernel runs below
# INSTALL_MOD_PATH.
is_running()
{
	[ -z "${INSTALL_MOD_PATH:-}" ] && [ "$1" = "$(uname -r)" ]
}

# reload - print the commands with which a machine loads the mdev.ko that modprobe finds
reload()
{
	if [ -d /sys/module/mdev ]; then
		users=$(find /sys/module/mdev/holders -mindepth 1 -printf '%f ' 2>/dev/null | sort)
		echo "rmmod ${users}mdev; modprobe mdev"
	else
		echo "modprobe mdev"
	fi
}
