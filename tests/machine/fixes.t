#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Each fix has a test that fails on the commit before it: a selftest, or for the fix of the
# core a script with a faulty vendor driver
#
# kernels: uml-7.3
# needs: machine
# seconds: 100

. "$(dirname -- "$0")/../lib/machine.sh"

"$top/scripts/selftests" > "$work/built" 2> "$work/messages" ||
	bail_out "the selftests do not compile, see $work/messages"

series=$patched

# Fix, program, and a test of the program that fails without the fix
cat > "$work/fixes" <<'END'
vfio-mtty-Do-not-load-a-stream-that-was-rejected	mtty_state_test	rejected_stream_is_not_loaded
vfio-mtty-Check-the-state-of-a-port-before-it-is-loaded	mtty_state_test	indexes_of_a_port_are_those_of_its_fifo
vfio-mtty-Look-at-the-position-of-a-stream-under-its-lock	mtty_state_test	second_writer_does_not_write_behind_the_stream
vfio-mtty-Leave-the-device-alone-once-its-stream-has-ended	mtty_state_test	file_of_a_save_outlives_its_device
vfio-mtty-Hold-no-lock-of-the-device-while-a-stream-is-copied	mtty_state_test	stalled_copy_does_not_hold_up_a_reset
vfio-mtty-End-a-migration-when-its-device-is-closed	mtty_state_test	state_of_a_migration_ends_with_the_close
vfio-mtty-Keep-accesses-inside-of-their-region	mtty_access_test	config_space_ends_a_read
vfio-mtty-Keep-accesses-inside-of-their-region	mtty_access_test	bars_that_are_not_there_refuse_each_access
vfio-mtty-Take-only-the-written-bytes-of-a-base-address-register	mtty_access_test	short_write_of_a_bar_register_changes_what_it_writes
vfio-mtty-Do-not-return-bytes-of-the-stack-from-a-BAR	mtty_access_test	read_of_a_register_returns_only_the_register
vfio-mtty-Clear-a-device-when-it-is-closed-or-reset	mtty_access_test	reset_and_close_leave_a_new_device
vfio-mtty-Advertise-that-a-device-can-be-reset	mtty_access_test	reset_is_advertised
vfio-mdpy-Do-not-read-past-the-config-space	mdpy_access_test	config_space_can_be_read_at_each_offset
vfio-mdpy-Take-only-the-written-bytes-of-the-BAR	mdpy_access_test	short_write_of_the_bar_register_changes_what_it_writes
vfio-mdpy-Access-the-memory-at-the-offset-that-was-asked-for	mdpy_access_test	memory_is_written_at_its_offset
vfio-mdpy-Clear-a-device-when-it-is-closed	mdpy_access_test	reset_and_close_leave_a_new_device
vfio-mdpy-Report-that-devices-can-be-reset	mdpy_access_test	reset_is_advertised
END
core_fix=vfio-mdev-Do-not-pass-a-driver-s-internal-errnos-to-userspace
# The fault shows in a few instructions only, at which a test cannot stop a kernel
untested=vfio-mdev-Do-not-access-a-freed-device-in-mdev_device_remove

grep -l '^Fixes: ' "$top"/patches/[0-9]-*/[0-9]*.patch |
	sed 's|.*/[0-9]*-\(.*\)\.patch$|\1|' | sort > "$work/expected"
{ cut -f 1 "$work/fixes"; echo "$core_fix"; echo "$untested"; } | sort -u > "$work/listed"
check_same "each fix has a test" "$work/expected" "$work/listed"

# run_test PROGRAM TEST - run a test in a machine of its own, which a fault can bring down
run_test()
{
	machine --file "$(grep "/$1\$" "$work/built")" -- "/$1 -t $2" \
		> "$work/output" 2> "$work/messages"
	status=$?
	cat "$work/output" "$work/messages"
	return "$status"
}

# run_errnos MODULES - run internal-errnos.sh with the driver, built for these modules
run_errnos()
{
	driver=$("$top/scripts/driver" --werror --mdev "$1" "$top/tests/machine/errno_driver.c") ||
		return
	machine --file "$driver" --file "$top/tests/lib/in-machine.sh" \
		--file "$top/tests/machine/internal-errnos.sh" -- 'sh /internal-errnos.sh' \
		> "$work/output" 2> "$work/messages"
	status=$?
	cat "$work/output" "$work/messages"
	[ "$status" = 0 ] && grep -q '^1\.\.' "$work/output" &&
		! grep -q '^not ok' "$work/output"
}

# errnos_fail_before FIX - require that internal-errnos.sh begins before the fix, and fails
errnos_fail_before()
{
	patched=$("$top/scripts/modules" "patch/$1.patch^") || return
	! run_errnos "$top/build/$KERNEL/modules-revision" &&
		grep -q '^ok 1 - \|^not ok 1 - ' "$work/output"
}

# fails_before FIX PROGRAM TEST - require that the test begins before the fix, and fails
fails_before()
{
	patched=$("$top/scripts/modules" "patch/$1.patch^") || return
	! run_test "$2" "$3" && grep -q "^# *RUN .*\.$3" "$work/output"
}

while read -r fix program selftest; do
	patched=$series
	check "$program: $selftest passes with all patches" run_test "$program" "$selftest"
	check "$program: $selftest fails before $fix" fails_before "$fix" "$program" "$selftest"
done < "$work/fixes"

patched=$series
check "internal-errnos.sh passes with all patches" run_errnos "$top/build/$KERNEL/modules"
check "internal-errnos.sh fails before $core_fix" errnos_fail_before "$core_fix"
tests_end
