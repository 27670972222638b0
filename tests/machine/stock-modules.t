#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Modules that were built with the kernel's own mdev.h work beside our mdev.ko as they do beside
# the distribution's: a driver with bytes behind its structs, upstream's samples and the
# distribution's kvmgt
#
# kernels: 6.12 6.1 trixie-6.12 trixie-7.3
# needs: machine
# check: 6.12
# seconds: 25

. "$(dirname -- "$0")/../lib/machine.sh"

image=$("$top/scripts/kernel" image "$KERNEL") || bail_out "scripts/kernel image failed for Linux $KERNEL"
headers=$("$top/scripts/kernel" headers "$KERNEL") || bail_out "scripts/kernel headers failed for Linux $KERNEL"
release=$(basename "$image" | sed 's/_.*//')

# versions SYMVERS - print the symbols that the kernel's own mdev.ko exports, with their versions
versions()
{
	awk '$2 ~ /^mdev_(un)?register_(driver|parent)$/ { print $2, $1 }' "$1" | sort
}

versions "$headers/Module.symvers" > "$work/of-kernel"
versions "$patched/modules/Module.symvers" > "$work/of-ours"
check "the kernel's mdev.ko exports four symbols" [ "$(wc -l < "$work/of-kernel")" = 4 ]
check_same "our mdev.ko exports the four symbols with the same versions" "$work/of-kernel" "$work/of-ours"

mkdir "$work/stock" "$work/kvmgt"
check "the driver with bytes behind its structs compiles with the kernel's mdev.h" \
	"$top/scripts/driver" --werror --mdev stock --to "$work/driver" \
	"$top/tests/machine/stock_driver.c"
base=$("$top/scripts/modules" base) || bail_out "upstream's modules do not build"
cp "$work/driver/stock_driver.ko" "$base/mtty.ko" "$base/mdpy.ko" "$base/mbochs.ko" "$work/stock/"
modprobe -d "$image" -S "$release" --show-depends kvmgt | sed -n 's/^insmod \([^ ]*\).*/\1/p' |
while read -r file; do
	name=$(basename "$file" | sed 's/\.ko.*//' | tr - _)
	[ "$name" != mdev ] || continue
	unpack_module "$file" "$work/kvmgt/$name.ko"
	echo "$name"
done > "$work/kvmgt/list"
run_scripts "--file $work/stock --file $work/kvmgt" stock-modules.sh
tests_end
