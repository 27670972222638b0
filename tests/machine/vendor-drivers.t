#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Vendor drivers other than the samples: the example of the documentation compiles and has the
# verdicts of its page, the core withstands a faulty driver, and the simulator is unloaded when
# all of its devices are free
#
# kernels: 6.12 6.1 trixie-* debug-*
# needs: machine
# seconds: 15 debug-*=50

. "$(dirname -- "$0")/../lib/machine.sh"
. "$(dirname -- "$0")/../lib/page.sh"

page_code 'module_init(example_init)' > "$work/example.c"
check "the example compiles without a warning" \
	build_driver "$work/example.c"
drivers="--file $driver"
check "the faulty driver compiles without a warning" \
	build_driver "$top/tests/machine/faulty_driver.c"
drivers="$drivers --file $driver"
check "the holder of a device compiles without a warning" \
	build_driver "$top/tests/machine/device_holder.c"
drivers="$drivers --file $driver"
# Debian's kernels do not have KUnit, so that the module is without its tests there:
# machine/kunit runs them
page_example_with_tests > "$work/example_kunit.c"
check "the example with its KUnit tests compiles without a warning" \
	build_driver "$work/example_kunit.c"

page_one_source > "$work/acme.c"
check "one source for all kernels compiles with the patched mdev.h, and a note names that header" \
	comes_to 0 'note: .*linux/mdev.h has migration_version' \
	"$top/scripts/driver" --werror --to "$work/patched" "$work/acme.c"
drivers="$drivers --file $work/patched/acme.ko"
check "one source for all kernels compiles with the kernel's mdev.h, and a note names that header" \
	comes_to 0 'note: .*linux/mdev.h does not have migration_version' \
	"$top/scripts/driver" --werror --mdev stock --to "$work/stock" "$work/acme.c"
check "the example as one source with its KUnit tests compiles with the patched and the stock mdev.h" \
	build_one_source

checkpatch=$("$top/scripts/kernel" source "$KERNEL")/scripts/checkpatch.pl
for source in "$work/example.c" "$work/example_kunit.c" \
	"$top/tests/machine/faulty_driver.c" \
	"$top/tests/machine/device_holder.c" "$top/tests/machine/errno_driver.c"; do
	check "checkpatch finds nothing in ${source##*/}" \
		perl "$checkpatch" --no-tree --strict --no-summary -f "$source"
done

run_scripts "$drivers" example.sh core-checks.sh unload-simulator.sh
tests_end
