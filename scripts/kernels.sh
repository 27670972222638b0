# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2154 # top is of lib.sh
#
# Kernels: the list of them, and the source tree of one

# kernel_line KERNEL - its line of scripts/kernels
kernel_line()
{
	awk -v kernel="$1" '/^[^#]/ && $1 == kernel { print; found = 1 } END { exit !found }' \
		"$top/scripts/kernels" ||
		die "KERNEL=$1 is not supported; there are: $(
			awk '/^[^#]/ { print $1 }' "$top/scripts/kernels" |
			paste -s -d ' ')"
}

# check_kernel_tree DIR - is it the source of a kernel that we can patch?
check_kernel_tree()
{
	for file in Makefile Kbuild MAINTAINERS drivers/vfio/mdev/mdev_sysfs.c \
		    include/linux/mdev.h samples/vfio-mdev/mtty.c; do
		[ -f "$1/$file" ] ||
			die "KSRC=$1 is not a Linux source tree: it has no $file"
	done
	! grep -q migration_version "$1/include/linux/mdev.h" ||
		die "KSRC=$1 has the patches already: include/linux/mdev.h names migration_version"
	grep -q show_description "$1/include/linux/mdev.h" ||
		die "KSRC=$1 is too old: its struct mdev_driver has no show_description (Linux 6.1 or later has)"
}

# kernel_version DIR - 6.12.117
kernel_version()
{
	sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\) = //p' "$1/Makefile" |
		head -n 3 | paste -s -d .
}
