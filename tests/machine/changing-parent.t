#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mdev-precheck and its library get a yes or "not asked" from a parent that is switched on and off
# while they ask it, and never a no
#
# kernels: uml-7.3 6.12 6.1 debug-*
# needs: machine precheck
# seconds: 40 uml-7.3=15 debug-*=90

. "$(dirname -- "$0")/../lib/machine.sh"

check "mdev-precheck compiles without a warning" \
	make -C "$top/tools/mdev" O="$work/tools"
check "the program that asks compiles without a warning" \
	gcc -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -I "$top/tools/mdev/lib" \
	-o "$work/changing_parent" "$top/tests/machine/changing_parent.c" \
	"$work/tools/libmdev-precheck.a"

run_scripts "--file $work/tools/mdev-precheck --file $work/changing_parent
	--file $top/tests/machine/precheck-lib.sh" \
	changing-parent.sh
tests_end
