#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Real libvirtds with the QEMU driver call libvirt's hook.  Each runs in a mount namespace that
# stands for a host, and an offline migration has a real "migrate begin".  A broken checker
# causes only the refusal of a migration, and a guest lives through restarts of its daemon.
#
# Guests migrate from "source" to "target", whose checker is broken in one way after the
# other, and to "waiting", whose checker hangs: that host waits beside the other one.
#
# needs: precheck root
# check: yes
# seconds: 45

# Processes and mounts end with this test, even if it is killed
[ -n "${CONTAINED:-}" ] || exec "$(dirname -- "$0")/../../scripts/contained" sh "$0"
. "$(dirname -- "$0")/../lib/tap.sh"
. "$(dirname -- "$0")/../lib/hosts.sh"

unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX LD_LIBRARY_PATH

restarts=5

# All processes that still run at the end are of this test; timeout ends its own children
cleanup()
{
	{
		kill_all TERM timeouts
		kill_all KILL hung
	} 2> /dev/null
	end_hosts
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

# migrate NAME HOST - migrate a domain from the source, with virsh's messages in NAME.said
migrate()
{
	of source migrate --offline --persistent "$1" "$(uri "$2")" > "$1.said" 2>&1
}

# lives HOST - require that the guest runs in the same QEMU.  libvirt takes the command after it has
# reconnected.
lives()
{
	of "$1" qemu-monitor-command bystander --hmp 'info status' &&
		[ "$(of "$1" domstate bystander)" = running ] &&
		cmp "$1/qemu" "$1/run/libvirt/qemu/bystander.pid" &&
		grep -q -a 'guest=bystander,' "/proc/$(cat "$1/qemu")/cmdline"
}

# restart HOST - restart the daemon of the host
restart()
{
	stop_libvirtd "$1"
	start_libvirtd "$1" && lives "$1"
}

# in_turn HOST - start, save, restore and stop a guest, for which libvirt calls hooks
in_turn()
{
	of "$1" create guest.xml && of "$1" save guest "$1/saved" &&
		of "$1" restore "$1/saved" && of "$1" destroy guest && rm "$1/saved"
}

# checker SHELL - put a script in the place of the real checker
checker()
{
	printf '%s\n' '#!/bin/sh' "$1" > sbin.new
	chmod +x sbin.new
	mv sbin.new "$installed"
}

# logged HOST WHY - require one warning in the system log, about the restore and with that reason
logged()
{
	complete_log "$1" || return
	cat "$1/logged"
	grep -F "domain guest: allowed all the same: restored without a verdict: $2" \
		"$1/logged" && [ "$(grep -c "^$warning" "$1/logged")" = 1 ]
}

# harmless WHAT HOST - test that the guest on the host does not depend on the checker
harmless()
{
	: > "$2/run/record"
	: > "$2/logged"
	for try in $(seq $restarts); do
		check "$1: a running guest lives through restart $try of its libvirtd" restart "$2"
		# The guest is dead, so that the other tests are not possible
		[ "$status" = 0 ] || { tests_end; exit 1; }
	done
	check "$1: \"reconnect begin\" was called each time" \
		[ "$(grep -c -x 'reconnect begin' "$2/run/record")" = $restarts ]
}

# all_called WHAT HOST - test that libvirt has called hooks for all operations, and that the guest
# still runs
all_called()
{
	sort -u "$2/run/record" > called
	check_same "$1: libvirt has called hooks for all operations" operations called
	check "$1: the running guest is still there" lives "$2"
}

# broken WHAT WHY - test the target while its checker is broken, and require that the entry reports
# WHY
broken()
{
	harmless "$1" target
	check "$1: a guest starts, is saved, restored and stopped" in_turn target
	check "$1: the restore is logged" logged target "$2"
	migrate taken target
	check "$1: a migration is refused, with the reason" refused taken target \
		'unexpected exit status 3: ' "the vendor drivers could not be asked: $2"
	all_called "$1" target
}

printf '%s\n' 'migrate begin' 'prepare begin' 'reconnect begin' 'release end' 'restore begin' \
	'start begin' 'started begin' 'stopped end' > operations

for each in source target waiting; do
	make_host $each || bail_out "the mounts of $each failed: $(cat $each/mounts.log)"
done

# The library and the command are removed after the installation
in_usr()
{
	make -C "$top/tools/mdev" O="$work/build" PREFIX="$work/usr" \
		SYSCONFDIR="$work/target/etc" "$@"
}
entry=target/etc/libvirt/hooks/qemu.d/mdev-precheck
installed=$work/usr/sbin/mdev-precheck-hook
check "make install install-libvirt succeeds" in_usr install install-libvirt
check "make uninstall of the library and the command succeeds" in_usr uninstall
check "make uninstall leaves no library" sh -c "! find usr -name '*.so*' | grep ."
# The installed checker asks only a sysfs, and this one asks a directory of files.  It is linked
# with a library that libvirtd does not need, and that can be taken away from the checker.
check "the checker for directories builds" in_usr hook-of-fixtures \
	LDFLAGS='-Wl,--no-as-needed -lcmocka'
cp build/test/mdev-precheck-hook "$installed"
rm -r build
cp "$installed" real

# The target has two devices: 10... takes hexadecimal digits alone, and 60... does not answer
"$top/tools/mdev/tests/fixture.sh" groups sysfs || bail_out "the fixture groups was not made"
silent=60000000-0000-4000-8000-000000000000
mkdir -p sysfs/devices/virtual/mtty/silent/mdev_supported_types/port \
	sysfs/devices/virtual/mtty/silent/$silent
mkfifo sysfs/devices/virtual/mtty/silent/mdev_supported_types/port/migration_version
ln -s ../../devices/virtual/mtty/silent sysfs/class/mdev_bus/silent
ln -s ../../../devices/virtual/mtty/silent/$silent sysfs/bus/mdev/devices
ln -s ../mdev_supported_types/port sysfs/devices/virtual/mtty/silent/$silent/mdev_type
echo "fixture = $work/sysfs" > target/etc/mdev-precheck/hook.conf

# Another hook, which comes before ours, records the operations that libvirt calls hooks for
cat > target/etc/libvirt/hooks/qemu.d/a-record <<-'END'
	#!/bin/sh
	echo "$2 $3" >> /run/record
END
chmod +x target/etc/libvirt/hooks/qemu.d/a-record
cp -p target/etc/libvirt/hooks/qemu.d/* waiting/etc/libvirt/hooks/qemu.d

# The entry of the host waiting finds a checker that hangs
mkdir waiting/sbin
cat > "waiting/sbin/${installed##*/}" <<-END
	#!/bin/sh
	echo \$PPID >> "$work/timeouts"
	[ "\$1" != silent ] || exec "$work/real" "\$@"
	echo \$\$ >> "$work/hung"
	exec sleep 600
END
chmod +x "waiting/sbin/${installed##*/}"
on waiting mount --bind "$work/waiting/sbin" "${installed%/*}" || bail_out "the checker that hangs cannot be mounted"

start_hosts source target waiting
hexadecimal=10000000-0000-4000-8000-000000000000
define source taken $hexadecimal "$(stamp "" $hexadecimal/port/33)" > log 2>&1 &&
	define source not-taken $hexadecimal "$(stamp "" $hexadecimal/port/xyz)" >> log 2>&1 &&
	define source late $hexadecimal "$(stamp "" $hexadecimal/port/33)" >> log 2>&1 &&
	define source silent $silent "$(stamp "" $silent/port/33)" >> log 2>&1 &&
	define source without >> log 2>&1
result $? "the source has domains with mediated devices" log
domain guest > guest.xml
for each in target waiting; do
	define $each bystander > log 2>&1 && of $each start bystander >> log 2>&1
	result $? "a guest without mediated devices runs on the host $each" log
	cp $each/run/libvirt/qemu/bystander.pid $each/qemu || bail_out "the guest of $each does not run"
done

# The checker and a driver take their time, so these commands wait beside each other
harmless "a checker that hangs" waiting
migrate late waiting &
late=$!
migrate silent waiting &
driver=$!
in_turn waiting > waiting/in_turn 2>&1 &
in_turn=$!

harmless "a working checker" target
check "a working checker: a guest starts, is saved, restored and stopped" in_turn target
# nothing_logged HOST - require that the log does not have a line of a program of this project
nothing_logged()
{
	complete_log "$1" && ! grep mdev-precheck "$1/logged"
}
check "a working checker: nothing is logged" nothing_logged target
check "a working checker: a device that the driver accepts is migrated" migrate taken target
check "a working checker: the target has the domain that was migrated" of target undefine taken
check "a working checker: a guest without mediated devices is migrated" migrate without target
migrate not-taken target
check "a working checker: a device that the driver does not accept is refused" \
	refused not-taken target \
	'unexpected exit status 1: ' 'does not accept the version (EINVAL: Invalid argument)'
all_called "a working checker" target

rm "$installed"
broken "no checker" "$installed could not be run (status 127)"

cp real "$installed"
chmod -x "$installed"
broken "a checker that may not be executed" "$installed could not be run (status 126)"
chmod +x "$installed"

# The library is missing, as if another soname of it were installed; libvirtd does not need it
library=$(ldd real | sed -n 's/^\tlibcmocka.* => \(.*\) (.*/\1/p')
: > empty
check "libcmocka is hidden on the target" on target mount --bind "$work/empty" "$library"
broken "a checker without its library" "$installed could not be run (status 127)"
check "a checker without its library: the message names the library" grep -F libcmocka taken.said
check "libcmocka is back on the target" on target umount "$library"

# shellcheck disable=SC2016 # for the other shell
checker 'kill -SEGV $$'
broken "a checker that a signal ends" "$installed ended with status 139"

wait $in_turn
result $? "a checker that hangs: a guest starts, is saved, restored and stopped" waiting/in_turn
check "a checker that hangs: the restore is logged" logged waiting \
	"$installed did not end within 25 seconds"
wait $late
check "a checker that hangs: a migration is refused, with the reason" refused late waiting \
	'unexpected exit status 3: ' \
	"the vendor drivers could not be asked: $installed did not end within 25 seconds"
wait $driver
check "a driver that hangs: a migration is refused, with the reason" refused silent waiting \
	'unexpected exit status 3: ' "the target's driver does not answer"
all_called "a checker that hangs" waiting
# gone - require that each process that hung has ended
gone()
{
	[ "$(wc -l < hung)" = 2 ] || return
	while read -r pid; do
		! grep -x sleep "/proc/$pid/comm" || return
	done < hung
}
check "a checker that hangs: its processes have ended" gone
[ "$status" != 0 ] || rm hung timeouts

# libvirt takes the present checker without a restart
mv real "$installed"
check "a checker that works again: a device that the driver accepts is migrated" \
	migrate taken target
check "make uninstall-libvirt succeeds" in_usr uninstall-libvirt
check "make uninstall-libvirt removes the entry" [ ! -e "$entry" ]
harmless "after make uninstall-libvirt" target
tests_end
