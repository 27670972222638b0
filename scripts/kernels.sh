# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # lib.sh sets top, and the scripts use the variables that are set here
#
# The list of kernels, and the source tree and the headers of a kernel

# kernel_line KERNEL - print the line of scripts/kernels for it
kernel_line()
{
	awk -v kernel="$1" '/^[^#]/ && $1 == kernel { print; found = 1 } END { exit !found }' \
		"$top/scripts/kernels" ||
		die "KERNEL=$1 is not supported; the kernels are: $(
			awk '/^[^#]/ { print $1 }' "$top/scripts/kernels" |
			paste -s -d ' ')"
}

# is_built_here KERNEL - succeed for a kernel that is built from the source of another one
is_built_here()
{
	kernel_line "$1" | awk '{ exit $2 ~ /^linux-source-/ }'
}

# check_kernel_tree DIR - require the source of a kernel to which the patches can apply
check_kernel_tree()
{
	for file in Makefile Kbuild MAINTAINERS drivers/vfio/mdev/mdev_sysfs.c \
		    include/linux/mdev.h samples/vfio-mdev/mtty.c; do
		[ -f "$1/$file" ] ||
			die "KSRC=$1 is not a Linux source tree: it does not have $file"
	done
	! grep -q migration_version "$1/include/linux/mdev.h" ||
		die "KSRC=$1 has the patches already: include/linux/mdev.h names migration_version"
	grep -q show_description "$1/include/linux/mdev.h" ||
		die "KSRC=$1 is too old: its struct mdev_driver does not have show_description, expected Linux 6.1 or later"
}

# kernel_version DIR - print the version of a source tree, such as 6.12.117
kernel_version()
{
	sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\) = //p' "$1/Makefile" |
		head -n 3 | paste -s -d .
}

# check_headers DIR - require a directory in which modules can be built.  A link of /lib/modules
# leads nowhere if the package of the headers was removed.
check_headers()
{
	case $1 in
	*/lib/modules/*/build)	package=${1%/build} ;;
	*/linux-headers-*)	package=${1##*/linux-headers-} ;;
	*)			package= ;;
	esac
	package=${package:+"; the package of its headers is linux-headers-${package##*/}"}
	[ -d "$1" ] || die "KDIR=$1 does not exist$package"
	for file in Makefile include/config/auto.conf include/generated/utsrelease.h; do
		[ -f "$1/$file" ] ||
			die "KDIR=$1 is not the build directory or the headers of a kernel: it does not have $file$package"
	done
}

# choose_headers - by $KDIR, $KSRC and $KERNEL, set $headers to the directory in which modules
# are built, $options to its options of make, and $own to yes if the kernel is not the
# distribution's.  $compiler_root is the root directory with the compiler, or empty if this
# system's compiler is used.
choose_headers()
{
	options=
	compiler_root=
	own=yes
	headers=${KDIR:-${KSRC:-}}
	if [ -z "$headers" ]; then
		own=no
		headers=$("$top/scripts/kernel" headers "${KERNEL:-6.12}")
		options=$("$top/scripts/kernel" options "${KERNEL:-6.12}")
		suite=$(kernel_line "${KERNEL:-6.12}" |
			awk '$2 ~ /^linux-source-/ { sub(/-backports$/, "", $4); print $4 }')
		case $suite in
		''|bookworm)	;;
		*)		compiler_root=$("$top/scripts/debian-root" "$suite" kernel) ;;
		esac
		return
	fi
	[ -n "${KDIR:-}" ] || [ -f "$KSRC/.config" ] ||
		die "KSRC=$KSRC is not configured: give KDIR=, the directory it was built in"
	check_headers "$headers"
}

# kernel_make DIR... -- ARGUMENT... - call make for modules with the kernel's compiler.  If the
# compiler is in a root directory, it sees the directories, the kernel's headers and the cache.
kernel_make()
{
	if [ -z "$compiler_root" ]; then
		while [ "$1" != -- ]; do
			shift
		done
		shift
		make "$@"
		return
	fi
	binds="--bind $cache:$cache"
	while [ "$1" != -- ]; do
		binds="$binds --bind $1:$1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # options; kbuild does not take paths with blanks
	"$top/scripts/in-root" $binds "$compiler_root" make "$@"
}

# kernel_release DIR - print the release of the kernel whose headers are in DIR, as uname -r
# does.  The Makefile and kernel.release of Debian's headers of 6.1 have another release.
kernel_release()
{
	sed -n 's/^#define UTS_RELEASE "\(.*\)"$/\1/p' "$1/include/generated/utsrelease.h"
}
