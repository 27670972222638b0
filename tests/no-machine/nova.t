#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# OpenStack Nova's functional tests of vGPU live migration pass with the driver of
# tools/mdev/integrations/nova.py, and Nova accepts and refuses guests by the answers of
# mdev-precheck.  Nova is Debian 13's, in a chroot: 150 MB of packages, 800 MB in the cache.
#
# needs: precheck nova-root root
# seconds: 75

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX O
root=$("$top/scripts/nova-root") || bail_out "Nova cannot be installed"
make -C "$top/tools/mdev" O="$work/precheck/build" > build.log 2>&1 ||
	bail_out "make failed: $work/build.log"
"$top/tools/mdev/tests/fixture.sh" host precheck/host || bail_out "the fixture host was not made"
# The device 55555555-... has a driver that does not answer
hangs=precheck/host/class/mdev_bus/hangs/mdev_supported_types/serial-1
device=precheck/host/devices/hangs/55555555-2222-4333-8444-555555555555
mkdir -p "$hangs/devices" "$device"
mkfifo "$hangs/migration_version"
ln -s ../../../class/mdev_bus/hangs/mdev_supported_types/serial-1 "$device/mdev_type"
ln -s "../../../devices/hangs/${device##*/}" precheck/host/bus/mdev/devices/
cp -r "$top/tests/no-machine/in-nova" precheck/bin
mkdir package
cp "$top/tools/mdev/integrations/nova.py" package/__init__.py
cp "$top/tools/mdev/integrations/ask.py" package/ask.py

# The tests do not write to the directory of the cache, and do not have a network
cat > in_root <<'END'
# in_root ROOT COMMAND... - execute it in mount and network namespaces of its own
root=$1
shift
modules=$root/usr/lib/python3/dist-packages
ip link set lo up &&
mount --bind "$root" "$root" &&
mount -o remount,bind,ro "$root" &&
mount --bind precheck "$root/precheck" &&
mount --bind package "$modules/nova/virt/mdev_precheck" &&
mount -t tmpfs none "$root/tmp" &&
mount -t proc none "$root/proc" &&
mount --rbind /dev "$root/dev" || exit
exec chroot "$root" env -i PATH=/precheck/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp \
	LC_ALL=C.UTF-8 PYTHONPATH=/precheck/bin PYTHONDONTWRITEBYTECODE=1 "$@"
END

# nova COMMAND... - execute it in the root directory with Nova, with limits
nova()
{
	timeout -k 10 300 unshare --mount --net sh in_root "$root" "$@"
}

nova python3 -m testtools.run --list asking_tests < /dev/null 2> list.log |
	sed -n 's/^asking_tests\.AskingTests\.//p' > tests
check "the tests of Nova load" grep -q -x test_refused_guest_migrates_when_the_driver_accepts_it tests
nova python3 -m testtools.run asking_tests < /dev/null > nova.log 2>&1
check "Nova's tests run to their end" grep -a -x -e "Ran $(wc -l < tests) tests in .*" nova.log

# passed TEST - require that Nova's log does not have the heading of a failure of the test, and that
# the run came to its end
passed()
{
	grep -a -q -e '^Ran [0-9]* tests in ' nova.log || return
	! awk -v heading="asking_tests.AskingTests.$1" '
		/^(ERROR|FAIL|UNEXPECTED SUCCESS): /	{ inside = $NF == heading }
		inside' nova.log | grep -a .
}
while read -r test; do
	check "Nova: $(echo "${test#test_}" | tr _ ' ')" passed "$test"
done < tests
tests_end
