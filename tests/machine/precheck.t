#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mdev-precheck asks the drivers of a machine
#
# kernels: 6.12 6.1 trixie-* uml-7.3
# needs: machine precheck
# seconds: 40

. "$(dirname -- "$0")/../lib/machine.sh"

check "mdev-precheck compiles without a warning" \
	make -C "$top/tools/mdev" O="$work/tools"

run_scripts "--file $work/tools/mdev-precheck --file $top/tests/machine/precheck-lib.sh" \
	precheck.sh precheck-errnos.sh precheck-mounts.sh precheck-no-parents.sh
tests_end
