#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The command mdev-precheck in the machine, against the drivers there

. "$(dirname -- "$0")/../lib/machine.sh"

"$top/scripts/packages" precheck || bail_out "packages are missing"
check "mdev-precheck compiles without a warning" \
	make -C "$top/tools/mdev" O="$work/tools"

# ldd finds it, so that the machine has what both need
export LD_LIBRARY_PATH="$work/tools"
run_scripts "$work/tools/mdev-precheck $work/tools/libmdev-precheck.so.1" precheck.sh
tests_end
