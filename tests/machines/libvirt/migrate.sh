#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine that is host1: migrate a guest to host2 and back, whether a driver accepts its
# devices or not, and look at both hosts after each migration.  Prints TAP.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh
# shellcheck source=tests/machines/libvirt/host.sh
. /host.sh

host_is 1
ok 'host1 reaches host2' '' "$(wait_for_host host2)"

guest=guest
said=/tmp/said
watcher=mdev-precheck-stamp
hook=/etc/libvirt/hooks/qemu.d/mdev-precheck
checker=/usr/sbin/mdev-precheck-hook
uri=urn:mdev-precheck:stamp:1
# Options with which refused() and retried() migrate
live=--live

# migrate FROM TO [OPTION...] - migrate by virsh, whose messages are in $said
migrate()
{
	from=$1
	to=$2
	shift 2
	on "$from" "virsh migrate --persistent --undefinesource $* $guest qemu+ssh://$to/system" \
		> $said 2>&1
}

# answer COMMAND... - print yes or the messages
answer()
{
	if "$@"; then
		echo yes
	else
		cat $said
	fi
}

says()
{
	grep -q -F -e "$1" $said
}

# reads HOST - print the values that the guest reads in its devices from now on, if it runs there
reads()
{
	on "$1" "
		lines() { wc -l < /var/log/domain/$guest; }
		now=\$(lines)
		for try in \$(seq 600); do
			[ \$(lines) -gt \$((now + 1)) ] && break
			sleep 0.1
		done
		tail -n +\$((now + 2)) /var/log/domain/$guest | sed -n '1s/.*scratch //p'" 2>&1
}

# left HOST - print all traces of a guest that has left the host
left()
{
	on "$1" "virsh list --all --name | grep -x $guest
		pgrep -a qemu-system | grep -F guest=$guest,
		for group in /dev/vfio/[0-9]*; do
			[ ! -e \"\$group\" ] || fuser \"\$group\"
		done
		find /run/libvirt/qemu -name '*$guest*'" 2>&1
}

# took WHAT FROM TO VALUES - require that the guest was migrated, with the state of its devices
took()
{
	ok "$1: the guest runs on the target, with the state of its devices" "$4" "$(reads "$3")"
	ok "$1: the source does not have a trace of the guest" '' "$(left "$2")"
}

# refused WHAT FROM TO VALUES TEXT... - require that the target refuses with TEXT, without effect
refused()
{
	what=$1
	from=$2
	to=$3
	values=$4
	shift 4
	ok "$what: the migration is refused" 'Hook script execution failed' \
		"$(migrate "$from" "$to" "$live" && echo migrated ||
		   grep -o 'Hook script execution failed' $said || cat $said)"
	for text; do
		ok "$what: virsh prints $text" yes "$(answer says "$text")"
	done
	ok "$what: the guest runs on, its devices are as they were" "$values" "$(reads "$from")"
	ok "$what: the target does not have a trace of the guest" '' "$(left "$to")"
}

# retried WHAT FROM TO VALUES - migrate after the cause was removed
retried()
{
	ok "$1: the guest migrates after the cause was removed" yes "$(answer migrate "$2" "$3" "$live")"
	took "$1" "$2" "$3" "$4"
}

# predicted WHAT FROM TO STATUS - require the status of mdev-precheck domain before a migration
predicted()
{
	on "$2" "mdev-precheck domain $guest --to qemu+ssh://$3/system" > $said 2>&1
	status=$?
	[ $status = "$4" ] || status=$(cat $said)
	ok "$1: mdev-precheck domain ends with $4" "$4" "$status"
}

# stamp HOST - print the versions in the stamp, and when they were read
stamp()
{
	on "$1" "virsh dumpxml $guest | grep -o -e ' version=\"[^\"]*\" read=\"[^\"]*\"'"
}

# has_stamp HOST VERSION - wait for a stamp of the watcher in both configurations
has_stamp()
{
	until_true "$1" "virsh dumpxml $guest | grep -q 'version=\"$2\" read=' &&
		virsh dumpxml --inactive $guest | grep -q 'version=\"$2\" read='"
}

# marks HOST [OPTION] - print who wrote the stamp, for which devices, and whether the guest ran
marks()
{
	on "$1" "virsh dumpxml ${2:-} $guest" | grep -o -e ' running="[^"]*"' -e ' host="[^"]*"' \
		-e ' *<mdev-precheck:device uuid="[^"]*"' | sed 's/^ *//' | LC_ALL=C sort
}

# expected_marks HOST DEVICE RUNNING - print the marks that marks() should print
expected_marks()
{
	echo "<mdev-precheck:device uuid=\"$(device "$2")\""
	echo "host=\"$(on "$1" 'virsh capabilities' | sed -n 's|.*<uuid>\(.*\)</uuid>.*|\1|p')\""
	echo "running=\"$3\""
}

# put_stamp HOST VERSION OPTION... - stamp the first device as an older watcher did
put_stamp()
{
	host=$1
	version=$2
	shift 2
	on "$host" "virsh -q metadata $guest $* --uri $uri --key stamp --set '<devices>
		<device uuid=\"$(device 1)\" type=\"mtty-1\" state=\"read\" version=\"$version\"/>
		</devices>'"
}

remove_stamp()
{
	on "$1" "virsh -q metadata $guest --live --config --uri $uri --remove"
}

watcher()
{
	on "$1" "systemctl $2 $watcher"
}

# policy HOST LINE - set the policy of its hook
policy()
{
	on "$1" "echo '$2' > /etc/mdev-precheck/hook.conf"
}

# logged HOST TEXT... - wait for a line of the hook or its checker that has all texts
logged()
{
	host=$1
	lines="journalctl -q -o cat -t mdev-precheck-hook"
	shift
	for text; do
		lines="$lines | grep -F -e \"$text\""
	done
	until_true "$host" "$lines"
}

# start_guest MIB SCRATCH DEVICE... - start the guest on host1
start_guest()
{
	domain $guest "$@" > /tmp/guest.xml
	rm -f /var/log/domain/$guest
	virsh -q define /tmp/guest.xml && virsh -q start $guest
}

stop_guest()
{
	on "$1" "virsh -q destroy $guest; virsh -q undefine $guest" 2>&1
}

# restored COMMAND... - start the saved guest by a command of virsh, and print yes or the messages;
# the earlier output of the guest is removed
restored()
{
	rm -f /var/log/domain/$guest
	answer sh -c "virsh -q $* > $said 2>&1"
}

# bytes - print the bytes that were sent to the other host so far
bytes()
{
	cat /sys/class/net/eth0/statistics/tx_bytes
}

# measure LABEL COMMAND... - run a command, and print its time and bytes as a comment
measure()
{
	label=$1
	shift
	began=$(now)
	sent=$(bytes)
	"$@"
	status=$?
	printf '%s %s %s %s\n' "$(now)" "$began" "$(bytes)" "$sent" |
		awk -v label="$label" '{ printf "# %s: %.1f s, %.1f MiB\n", label, $1 - $2,
			($3 - $4) / 1048576 }' >> /tmp/figures
	return $status
}

# The hook does not care about a guest without mediated devices
start_guest 16 00
ok 'without a device: the guest migrates' yes "$(answer migrate host1 host2 --live)"
ok 'without a device: the guest runs on the target' '' "$(reads host2)"
ok 'without a device: the guest does not have a stamp' '' "$(stamp host2)"
stop_guest host2 > /dev/null

# Both hosts have the same driver
for host in host1 host2; do
	# shellcheck disable=SC2016 # for the host's shell
	ok "AppArmor confines libvirtd on $host" 'libvirtd (enforce)' \
		"$(on $host 'cat "/proc/$(pidof libvirtd)/attr/current"')"
	use_mtty "$host" mtty mtty-1
	watcher "$host" start
done
ok 'a device: the guest starts' '' "$(start_guest 64 a7 1 2>&1)"
ok 'a device: the guest reads its state' a7 "$(reads host1)"
ok 'a device: the watcher stamps the guest' yes "$(answer has_stamp host1 4348:3253-1.0)"
predicted 'equal versions' host1 host2 0
stamped=$(stamp host1)
ok 'equal versions: the guest migrates' yes "$(answer migrate host1 host2 --live)"
took 'equal versions' host1 host2 a7
ok 'equal versions: the target stamps the guest again' yes "$(answer until_true host2 \
	"virsh dumpxml $guest | grep -q -e ' version=\"4348:3253-1.0\" read=' &&
		! virsh dumpxml $guest | grep -q -F -e '$stamped'")"

use_mtty host1 mtty mtty-1
ok '--p2p: the guest migrates' yes "$(answer migrate host2 host1 --live --p2p)"
took '--p2p' host2 host1 a7
use_mtty host2 mtty mtty-1
ok '--tunnelled: the guest migrates' yes "$(answer migrate host1 host2 --live --p2p --tunnelled)"
took '--tunnelled' host1 host2 a7

# The target's type differs from the source's
use_mtty host1 mtty mtty-2
predicted 'another type' host2 host1 1
refused 'another type' host2 host1 a7 "device $(device 1), type mtty-1" \
	"the source's type is mtty-1, the target's is mtty-2"
use_mtty host1 mtty mtty-1
retried 'another type' host2 host1 a7

# The target's type does not have the attribute
use_mtty host2 without mtty-1
predicted 'no attribute' host1 host2 1
refused 'no attribute' host1 host2 a7 "device $(device 1), type mtty-1" \
	'version of mtty/mtty-1 here none' "the target's type has no migration_version"
use_mtty host2 mtty mtty-1
retried 'no attribute' host1 host2 a7

# The guest does not have a stamp, and migrates with libvirt's plain and peer-to-peer way
watcher host2 stop
remove_stamp host2
use_mtty host1 mtty mtty-1
advice="mdev-precheck stamp $(on host2 "virsh -q domuuid $guest")"
refused 'no stamp' host2 host1 a7 "device $(device 1)" "$advice"
ok 'no stamp, --p2p: the migration is refused' 1 "$(migrate host2 host1 --live --p2p; echo $?)"
ok 'no stamp, --p2p: virsh or a journal has the reason' yes "$(
	says "$advice" ||
	until_true host2 "journalctl -u libvirtd | grep -q '$advice'" ||
	until_true host1 "journalctl -u libvirtd | grep -q '$advice'" && echo yes)"
ok 'no stamp, --p2p: the guest runs on' a7 "$(reads host2)"
ok 'no stamp, --p2p: the target does not have a trace of the guest' '' "$(left host1)"
ok 'no stamp: mdev-precheck stamps the guest' 0 "$(on host2 "mdev-precheck stamp $guest" > $said 2>&1; echo $?)"
retried 'no stamp' host2 host1 a7

# The stamp is from a driver that was replaced meanwhile: its version would be refused
watcher host1 stop
put_stamp host1 4348:3253-9.0 --live --config
use_mtty host2 mtty mtty-1
refused 'a stale stamp' host1 host2 a7 'source'"'"'s version "4348:3253-9.0"'
watcher host1 start
ok 'a stale stamp: the watcher repairs it' yes "$(answer has_stamp host1 4348:3253-1.0)"
retried 'a stale stamp' host1 host2 a7

# The watcher finds a libvirtd that has restarted
watcher host2 start
remove_stamp host2
on host2 "systemctl restart libvirtd"
ok 'libvirtd has restarted: the watcher stamps again' yes "$(answer has_stamp host2 4348:3253-1.0)"
ok 'libvirtd has restarted: the guest runs on' a7 "$(reads host2)"

# systemd starts a libvirtd that was stopped as soon as a program connects to its socket, so that
# the watcher waits until another program has done that
ok 'systemd starts libvirtd when a program connects' active "$(on host2 "systemctl is-active libvirtd.socket")"
remove_stamp host2
closed="journalctl -q -o cat -u $watcher | grep -c 'libvirt has closed the connection'"
before=$(on host2 "$closed")
on host2 "systemctl stop libvirtd" 2> /dev/null
ok 'libvirtd is stopped: the watcher sees it' yes \
	"$(answer until_true host2 "[ \$($closed) -gt $before ]")"
# The process sleeps twice more each time it has asked systemd about libvirtd
slept="awk '/^voluntary_ctxt/ { print \$2 }' \
	/proc/$(on host2 "systemctl show -p MainPID --value $watcher")/status"
before=$(on host2 "$slept")
ok 'libvirtd is stopped: the watcher goes on to look for libvirtd' yes \
	"$(answer until_true host2 "[ \$($slept) -gt $((before + 6)) ]")"
ok 'libvirtd is stopped: the watcher does not start libvirtd' inactive \
	"$(on host2 'systemctl is-active libvirtd')"
ok 'libvirtd is started for virsh: the guest still runs' running \
	"$(on host2 'virsh -q list --state-running' | awk '{ print $3 }')"
ok 'libvirtd is started for virsh: the watcher stamps again' yes \
	"$(answer has_stamp host2 4348:3253-1.0)"
ok 'libvirtd is started for virsh: the guest runs on' a7 "$(reads host2)"

# A device is attached and detached
on host2 "echo $(device 2) > /sys/class/mdev_bus/mtty/mdev_supported_types/mtty-2/create"
hostdev 2 | on_stdin host2 'cat > /tmp/device.xml'
ok 'a device is attached' 0 "$(on host2 "virsh -q attach-device $guest /tmp/device.xml --live" \
	> $said 2>&1; echo $?)"
ok 'a device is attached: the device has a stamp' yes "$(answer until_true host2 \
	"virsh dumpxml $guest | grep -q 'device uuid=\"$(device 2)\" .*type=\"mtty-2\"'")"
ok 'a device is detached' 0 "$(on host2 "virsh -q detach-device $guest /tmp/device.xml --live" \
	> $said 2>&1; echo $?)"
ok 'a device is detached: its stamp is removed' yes "$(answer until_true host2 \
	"! virsh dumpxml $guest | grep -q '$(device 2)'")"
stop_guest host2 > /dev/null

# The guest has two devices, and one is refused
use_mtty host1 mtty mtty-1 mtty-2
use_mtty host2 mtty mtty-1 mtty-1
ok 'two devices: the guest starts' '' "$(start_guest 64 3c 1 2 2>&1)"
ok 'two devices: the watcher stamps the guest' yes "$(answer has_stamp host1 4348:3253-1.0)"
predicted 'two devices' host1 host2 1
refused 'two devices' host1 host2 '3c 3d' "device $(device 2), type mtty-2"
ok 'two devices: virsh does not name the device that is accepted' no \
	"$(says "device $(device 1)" && echo yes || echo no)"
use_mtty host2 mtty mtty-1 mtty-2
retried 'two devices' host1 host2 '3c 3d'
stop_guest host2 > /dev/null

# The target's device has another UUID, because a program above libvirt has made it there: its
# stamp is found by its address in the guest
use_mtty host1 newer mtty-1
ok 'another UUID: the guest starts' '' "$(start_guest 64 d2 1 2>&1)"
ok 'another UUID: the watcher stamps the guest' yes "$(answer has_stamp host1 4348:3253-2.0)"
virsh dumpxml --migratable $guest |
	sed "s|<address uuid='$(device 1)'|<address uuid='$(device 2)'|" > /tmp/other.xml
live="--live --xml /tmp/other.xml --persistent-xml /tmp/other.xml"
use_mtty host2 newer 2:mtty-2
refused 'another UUID, another type' host1 host2 d2 "device $(device 2), type mtty-2" \
	"$(device 1) (type mtty-1"
use_mtty host2 late 2:mtty-1
refused 'another UUID, another driver' host1 host2 d2 \
	"device $(device 2), on the source $(device 1), type mtty-1" \
	'"4348:3253-2.0"' 'version of mtty/mtty-1 here "4348:3253-1.0"' 'EPROTONOSUPPORT'
use_mtty host2 newer 2:mtty-1
retried 'another UUID' host1 host2 d2
live=--live
ok 'another UUID: the target stamps the device that it has' yes "$(answer until_true host2 \
	"virsh dumpxml $guest | grep -q 'device uuid=\"$(device 2)\"' &&
		virsh dumpxml --inactive $guest | grep -q 'device uuid=\"$(device 2)\"'")"
ok 'another UUID: the target writes the stamp of the running guest' \
	"$(expected_marks host2 2 yes)" "$(marks host2)"
ok 'another UUID: the target writes the stamp of its configuration' \
	"$(expected_marks host2 2 no)" "$(marks host2 --inactive)"

# The target's own hook makes the device, after our hook was asked whether the guest may come
maker=/etc/libvirt/hooks/qemu.d/z-make
printf '%s\n' '#!/bin/sh' "[ \"\$2 \$3\" != 'prepare begin' ] || $(creation 2 mtty-1)" > $maker
chmod +x $maker
policy host1 'no-device = allow'
use_mtty host1 late
refused 'no device, and each driver refuses it' host2 host1 d2 "device $(device 2)" \
	'"4348:3253-2.0"' 'mtty/mtty-1' 'EPROTONOSUPPORT'
ok 'no device, and each driver refuses it: the hook does not make a device' '' "$(ls /sys/bus/mdev/devices)"
use_mtty host1 newer
retried 'no device, and a driver accepts it' host2 host1 d2
ok 'no device, and a driver accepts it: the journal has the answer' yes \
	"$(answer logged host1 "domain $guest: allowed all the same" "device $(device 2)" 'mtty/mtty-1')"
rm $maker
policy host1 ''

# The driver of a saved guest is replaced before the guest is restored
image=/var/lib/libvirt/qemu/save/$guest.save
moved=/var/lib/libvirt/$guest.moved
what='a saved guest, virsh restore'
ok 'a saved guest: the guest is saved' 0 "$(virsh -q managedsave $guest > $said 2>&1; echo $?)"
mv $image $moved
sum=$(cksum < $moved)
use_mtty host1 late 2:mtty-1
ok "$what: the hook refuses it" 'Hook script execution failed' \
	"$(restored "restore $moved" | grep -o 'Hook script execution failed' || cat $said)"
for text in "device $(device 2), type mtty-1" '"4348:3253-2.0"' EPROTONOSUPPORT; do
	ok "$what: virsh prints $text" yes "$(answer says "$text")"
done
ok "$what: the guest does not run" 'shut off' "$(virsh -q domstate $guest)"
ok "$what: the image is unchanged" "$sum" "$(cksum < $moved)"
ok "$what: the journal has the reason" yes "$(answer logged host1 "device $(device 2)" EPROTONOSUPPORT)"
# libvirt 11.3 takes a hook that refuses a managed image for a success, and removes the image:
# only QEMU refuses such a guest
mv $moved $image
what='a saved guest, virsh start'
reasons="journalctl -q -o cat -t mdev-precheck-hook | grep -c EPROTONOSUPPORT"
before=$(on host1 "$reasons")
ok "$what: the guest does not start" 1 "$(virsh -q start $guest > $said 2>&1; echo $?)"
ok "$what: the guest does not run" 'shut off' "$(virsh -q domstate $guest)"
ok "$what: the guest is still saved" $guest "$(virsh -q list --all --with-managed-save --name)"
ok "$what: the image is unchanged" "$sum" "$(cksum < $image)"
ok "$what: the journal has the reason, too" yes \
	"$(answer until_true host1 "[ \$($reasons) -gt $before ]")"
policy host1 'restore = allow'
restored "start $guest" > /dev/null
ok 'a saved guest, restore = allow: the hook does not refuse it' no \
	"$(says 'Hook script execution failed' && echo yes || echo no)"
# The hook does not refuse now, but QEMU does
sed 's/^/# a saved guest, restore = allow: virsh: /' $said
ok 'a saved guest, restore = allow: the guest does not run without its state' 'shut off' \
	"$(virsh -q domstate $guest)"
ok 'a saved guest, restore = allow: the guest is still saved' $guest \
	"$(virsh -q list --all --with-managed-save --name)"
policy host1 ''
use_mtty host1 newer 2:mtty-1
ok 'a saved guest, with the driver that it had: the guest is restored' yes "$(restored "start $guest")"
ok 'a saved guest, with the driver that it had: the guest runs with its state' d2 "$(reads host1)"
ok 'a saved guest, with the driver that it had: the guest goes on, and does not start again' '' \
	"$(grep start /var/log/domain/$guest)"
stop_guest host1 > /dev/null

# A guest that does not run does not have a state to load.  The drivers are asked about its devices
# all the same, but only a stamp of a running guest lets the hook refuse it: a stamp without a mark
# is an old one.  If the drivers do not give a verdict, the administrator's policy decides.
use_mtty host1 mtty mtty-1
use_mtty host2 mtty mtty-1
watcher host1 stop
domain $guest 64 a7 1 > /tmp/guest.xml
virsh -q define /tmp/guest.xml
policy host2 'no-stamp = perhaps'
ok 'a wrong policy: the migration is refused' 1 "$(migrate host1 host2 --offline; echo $?)"
ok 'a wrong policy: virsh prints the line of the file' yes "$(answer says '/etc/mdev-precheck/hook.conf:1: ')"
policy host2 ''
ok 'offline, without a stamp: the migration is refused' 1 "$(migrate host1 host2 --offline; echo $?)"
ok 'offline, without a stamp: the target does not have a trace of the guest' '' "$(left host2)"
policy host2 'no-stamp = allow'
ok 'a policy that allows: the guest migrates' yes "$(answer migrate host1 host2 --offline)"
ok 'a policy that allows: the journal has a warning' yes \
	"$(answer logged host2 "domain $guest: allowed all the same")"
stop_guest host2 > /dev/null
policy host2 ''
virsh -q define /tmp/guest.xml
ok 'offline: mdev-precheck stamps the guest' 0 "$(mdev-precheck stamp $guest > $said 2>&1; echo $?)"
ok 'offline: the stamp is for a configuration' "$(expected_marks host1 1 no)" "$(marks host1)"
use_mtty host2 without mtty-1
ok 'offline, no attribute: the guest migrates' yes "$(answer migrate host1 host2 --offline)"
ok 'offline, no attribute: the journal has a warning' yes "$(answer logged host2 \
	'shut off' "device $(device 1)" "the target's type has no migration_version")"
use_mtty host1 mtty mtty-2
ok 'offline, another type: the guest migrates' yes "$(answer migrate host2 host1 --offline)"
ok 'offline, another type: the journal has a warning' yes "$(answer logged host1 \
	'shut off' "device $(device 1)" "the source's type is mtty-1, the target's is mtty-2")"
# AppArmor's profile does not have a rule for a checker in this directory, but has a rule for the
# timeout that executes the checker
put_stamp host1 4348:3253-1.0 --config
use_mtty host2 mtty mtty-2
on host2 "mv $checker /usr/local/sbin && sed -i 's|/usr/sbin/|/usr/local/sbin/|' $hook"
ok 'a checker in /usr/local/sbin: the migration is refused' 1 "$(migrate host1 host2 --offline; echo $?)"
ok 'a checker in /usr/local/sbin: virsh prints the reason' yes \
	"$(answer says "the source's type is mtty-1, the target's is mtty-2")"
use_mtty host2 mtty mtty-1
# If the checker cannot be run, the migration is refused and the guest stays on the source
on host2 "rm /usr/local/sbin/${checker##*/}"
ok 'no checker: the migration is refused' 1 "$(migrate host1 host2 --offline; echo $?)"
reason='could not be run (status 127)'
ok 'no checker: virsh prints the reason' yes "$(answer says "$reason")"
tools_on host2
ok 'offline: the guest migrates' yes "$(answer migrate host1 host2 --offline)"
ok 'offline: the guest is on the target' 'shut off' "$(on host2 "virsh -q domstate $guest")"
stop_guest host2 > /dev/null
watcher host1 start

# The source has a later version, and its device shows its state only at the end: the migration is
# measured with the hook, and without it
use_mtty host1 newer mtty-1
use_mtty host2 late mtty-1
ok 'a later version: the guest starts' '' "$(start_guest 256 5e 1 2>&1)"
ok 'a later version: the watcher stamps the guest' yes "$(answer has_stamp host1 4348:3253-2.0)"
predicted 'a later version' host1 host2 1
ok 'a later version: the measured migration is refused' 1 \
	"$(measure 'refused by the hook' migrate host1 host2 --live; echo $?)"
refused 'a later version' host1 host2 5e "device $(device 1), type mtty-1" \
	'"4348:3253-2.0"' 'version of mtty/mtty-1 here "4348:3253-1.0"' \
	'EPROTONOSUPPORT' 'the kernel logged meanwhile: '
on host2 "mv $hook /tmp/hook && systemctl restart libvirtd"
ok 'a later version, without the hook: the migration fails' 1 \
	"$(measure 'failed without the hook' migrate host1 host2 --live; echo $?)"
ok 'a later version, without the hook: virsh does not print the reason' no \
	"$(says 4348:3253 && echo yes || echo no)"
ok 'a later version, without the hook: the guest runs on' 5e "$(reads host1)"
cat /tmp/figures
ok 'a later version, without the hook: memory was sent' yes "$(awk '{
	mib[NR] = $(NF - 1)
} END { print (NR == 2 && mib[1] < 1 && mib[2] > 200 ? "yes" : "no") }' /tmp/figures)"
on host2 "mv /tmp/hook $hook && systemctl restart libvirtd"
use_mtty host2 newer mtty-1
retried 'a later version' host1 host2 5e
stop_guest host2 > /dev/null

for host in host1 host2; do
	ok "AppArmor does not deny mdev-precheck anything on $host" '' \
		"$(on $host 'dmesg | grep DENIED | grep mdev-precheck')"
done
tests_end
