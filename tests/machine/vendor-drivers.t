#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Vendor drivers other than the samples: the example of the documentation
# compiles and does what its page says, the core withstands a faulty one, and the
# simulator is unloaded when nothing refers to it
#
# kernels: 6.12 6.1 debug-*
# needs: machine
# seconds: 15 debug-*=50

. "$(dirname -- "$0")/../lib/machine.sh"

page=$top/Documentation/driver-api/vfio-mdev-migration-version.rst

# The page has one block of C, indented by a tab, with empty lines in it
awk '/^\.\. code-block:: c$/ { block = 1; next }
     block && /^[^\t]/ { exit }
     block { begun = begun || /./ }
     begun { sub(/^\t/, ""); print }' \
	"$page" > "$work/example.c"
check "the example compiles without a warning" \
	build_driver "$work/example.c"
drivers="--file $driver"
check "the faulty driver compiles without a warning" \
	build_driver "$top/tests/machine/faulty_driver.c"
drivers="$drivers --file $driver"
check "the holder of a device compiles without a warning" \
	build_driver "$top/tests/machine/device_holder.c"
drivers="$drivers --file $driver"
checkpatch=$("$top/scripts/kernel" source "$KERNEL")/scripts/checkpatch.pl
for source in "$work/example.c" "$top/tests/machine/faulty_driver.c" \
	"$top/tests/machine/device_holder.c" "$top/tests/machine/errno_driver.c"; do
	check "checkpatch has no remark on ${source##*/}" \
		perl "$checkpatch" --no-tree --strict --no-summary -f "$source"
done

run_scripts "$drivers" example.sh core-checks.sh unload-simulator.sh
tests_end
