#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Vendor drivers other than the samples: the example of the documentation
# compiles and does what its page says, and the core withstands a faulty one

. "$(dirname -- "$0")/guest.sh"

page=$top/Documentation/driver-api/vfio-mdev-migration-version.rst

# The page has one block of C, indented by a tab, with empty lines in it
awk '/^\.\. code-block:: c$/ { block = 1; next }
     block && /^[^\t]/ { exit }
     block { begun = begun || /./ }
     begun { sub(/^\t/, ""); print }' \
	"$page" > "$work/example.c"
check "the example compiles without a warning" \
	build_module example "$work/example.c"
check "the faulty driver compiles without a warning" \
	build_module faulty_driver "$top/tests/guest/faulty_driver.c"
checkpatch=$("$top/scripts/kernel" source "$KERNEL")/scripts/checkpatch.pl
for driver in "$work/example.c" "$top/tests/guest/faulty_driver.c"; do
	check "checkpatch has nothing to say on ${driver##*/}" \
		perl "$checkpatch" --no-tree --strict --no-summary -f "$driver"
done

run_scripts "$work/example/example.ko $work/faulty_driver/faulty_driver.ko" \
	example.sh core-checks.sh
tests_end
