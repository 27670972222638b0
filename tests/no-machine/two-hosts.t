#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# libvirt's hook and mdev-precheck stamp work between two libvirtds with the QEMU driver: domains
# migrate from "source" to "target", guests are restored on "target", and stamp --watch runs on
# both.
#
# These hosts do not have mediated devices.  The hook and mdev-precheck stamp read directories of
# files instead, and a domain with such a device does not start here.  It migrates offline; for a
# live migration its stamp gets the mark of a running domain.  Its saved image comes from a guest
# without devices, into which this test writes the device and the stamp.  Guests that run do not
# have devices, so that no driver is asked about them.  They have an empty stamp, which the watcher
# removes when it looks at them.  The test of two machines has the states of devices, and stamps of
# guests that run.
#
# needs: precheck root
# check: yes
# seconds: 30

# Processes and mounts end with this test, even if it is killed
[ -n "${CONTAINED:-}" ] || exec "$(dirname -- "$0")/../../scripts/contained" sh "$0"
. "$(dirname -- "$0")/../lib/tap.sh"
. "$(dirname -- "$0")/../lib/hosts.sh"

unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX LD_LIBRARY_PATH
trap end_hosts EXIT
trap 'exit 1' HUP INT TERM

# device DIGIT - print the UUID of a device
device()
{
	echo "${1}0000000-0000-4000-8000-000000000000"
}

# add_type HOST PARENT TYPE ATTRIBUTE [ROOM] - add a type whose migration_version is a link to
# ATTRIBUTE
add_type()
{
	types=$1/sysfs/devices/virtual/mtty/$2/mdev_supported_types
	mkdir -p "$types/$3/devices" "$1/sysfs/class/mdev_bus" "$1/sysfs/bus/mdev/devices"
	ln -sfn "../../devices/virtual/mtty/$2" "$1/sysfs/class/mdev_bus/$2"
	echo "$3" > "$types/$3/name"
	echo vfio-pci > "$types/$3/device_api"
	echo "${5-24}" > "$types/$3/available_instances"
	ln -s "$4" "$types/$3/migration_version"
}

# add_device HOST PARENT TYPE DIGIT - add a device of the type
add_device()
{
	directory=devices/virtual/mtty/$2/$(device "$4")
	mkdir "$1/sysfs/$directory"
	ln -s "../mdev_supported_types/$3" "$1/sysfs/$directory/mdev_type"
	ln -s "../../../$directory" "$1/sysfs/bus/mdev/devices"
}

# policy [LINE] - write the configuration of the target's hook
policy()
{
	printf '%s\n' "fixture = $work/target/sysfs" "$@" > target/etc/mdev-precheck/hook.conf
}

# precheck HOST ARGUMENT... - run mdev-precheck stamp on the host
precheck()
{
	host=$1
	shift
	usr/libexec/mdev-precheck-libvirt --fixture "$host/sysfs" stamp \
		--connect "$(uri "$host")" "$@"
}

# has_stamp HOST NAME TEXT... - require each text in the stamp of the domain's configuration
has_stamp()
{
	of "$1" dumpxml --inactive "$2" | sed -n '/:devices /,/:devices>/p' > stamp
	[ -s stamp ] || return
	shift 2
	for text; do
		grep -F -e "$text" stamp || { cat stamp; return 1; }
	done
}

# unstamped HOST NAME [--inactive] - require that the host has the domain, without stamps
unstamped()
{
	host=$1
	shift
	of "$host" dumpxml "$@" > unstamped.xml && ! grep urn:mdev-precheck unstamped.xml
}

# mark HOST NAME --live|--config - give the domain an empty stamp, which the watcher removes,
# because the domain does not have devices
mark()
{
	of "$1" metadata "$2" "$3" --uri urn:mdev-precheck:stamp:1 --key stamp --set '<devices/>'
}

# set_running NAME [WORD] - give the configuration's stamp on the source the mark of a running
# domain, or WORD in its place
set_running()
{
	of source dumpxml --inactive "$1" > "$1.xml" &&
		grep -q ' running="no"' "$1.xml" &&
		sed -i "s/ running=\"no\"/ ${2-running=\"yes\"}/" "$1.xml" &&
		of source define "$1.xml"
}

# add NAME DIGIT - define a domain with that device on the source, stamped as if it ran
add()
{
	define source "$1" "$(device "$2")" && precheck source "$1" && set_running "$1"
}

# with_device DIGIT NAME - write the domain with another device to NAME.other, for virsh migrate
with_device()
{
	of source dumpxml --inactive "$2" |
		sed "s/<address uuid='[^']*'/<address uuid='$(device "$1")'/" > "$2.other"
}

# migrate NAME [OPTION...] - migrate the configuration, with virsh's messages in NAME.said
migrate()
{
	moving=$1
	shift
	of source migrate --offline --persistent "$@" "$moving" "$(uri target)" \
		> "$moving.said" 2>&1 || { cat "$moving.said"; return 1; }
}

# migrate_live NAME STATE [OPTION...] - migrate the guest, and require that it is in STATE then
migrate_live()
{
	moving=$1
	state=$2
	shift 2
	of source migrate --live --migrateuri "unix://$sockets/$moving" "$@" "$moving" \
		"$(uri target)" > "$moving.said" 2>&1 || { cat "$moving.said"; return 1; }
	[ "$(of target domstate "$moving")" = "$state" ]
}

# called NAME - print the operations for which libvirt has called the target's hooks about the
# domain
called()
{
	sed -n "s/^$1 //p" target/run/record
}

# nothing_left NAME - require that the target has no file of the domain, and that libvirt called
# hooks for "migrate begin" only
nothing_left()
{
	find target/etc/libvirt target/lib target/run -name "*$1*" > found
	[ "$(called "$1" | sort -u)" = 'migrate begin' ] && ! grep . found
}

# not_migrated CASE NAME TEXT... - test that the hook has refused a migration with each text
not_migrated()
{
	case_name=$1
	stays=$2
	shift 2
	check "$case_name: the migration is refused, and virsh prints the reason" \
		refused "$stays" target "$@"
	check "$case_name: the target has no file of the domain" nothing_left "$stays"
}

# logged TEXT... - require a warning with all texts in the target's log
logged()
{
	complete_log target || return
	grep "^$warning" target/logged > warnings
	for text; do
		grep -F -e "$text" warnings > with-text
		mv with-text warnings
	done
	grep . warnings || { cat target/logged; return 1; }
}

# warned NAME TEXT... - require, for each text, a warning about the domain in the target's log
warned()
{
	domain=$1
	shift
	for text; do
		logged "domain $domain: " "$text" || return
	done
}

# not_warned NAME - require that the target's log has no line about the domain
not_warned()
{
	complete_log target && ! grep -F "domain $1: " target/logged
}

# edit_image FILE XML STAMP - put a device and its stamp into the XML of a saved guest.  virsh
# save-image-define refuses this, because the XML describes another guest then.
edit_image()
{
	perl -e '
		my ($file, $device, $stamp) = @ARGV;
		open(my $image, "+<:raw", $file) or die "$file: $!";
		# The magic string, five numbers and reserved ones
		read($image, my $header, 92);
		my (undef, $size, undef, undef, $cookie_at) = unpack("x16L5", $header);
		read($image, my $data, $size);
		my $xml = unpack("Z*", $data);
		my $cookie = unpack("Z*", substr($data, $cookie_at));
		$xml =~ s|<metadata/>|<metadata>$stamp</metadata>| or die "no metadata";
		$xml =~ s|</devices>|$device</devices>| or die "no devices";
		my $new = pack("Z*Z*", $xml, $cookie);
		length($new) <= $size or die "no room in $file";
		substr($header, 32, 4) = pack("L", length($xml) + 1);
		seek($image, 0, 0);
		print $image $header, pack("a$size", $new);
		close($image) or die $!;' "$@"
}

# image FILE DIGIT [STAMP] - copy the saved image of the guest "saved", and add a device
image()
{
	cp saved.image "$1" && edit_image "$1" "$(hostdev "$(device "$2")")" "${3-}"
}

# restore IMAGE - restore the guest on the target, with virsh's messages in IMAGE.said
restore()
{
	of target restore "$work/$1" > "$1.said" 2>&1
}

# restore_refused SAID TEXT... - require that the hook has refused the restore with each text,
# because of a "no" and not because it could not ask
restore_refused()
{
	cat "$1"
	grep -q 'Hook script execution failed' "$1" &&
		grep -q 'unexpected exit status 1: ' "$1" || return
	said=$1
	shift
	for text; do
		grep -q -F -e "$text" "$said" || return
	done
}

# past_hook NAME SAID - require that the restore has passed the hook.  The restore fails later,
# because these hosts do not have the device.
past_hook()
{
	cat "$2"
	called "$1" | awk '{ print }
		/^restore/	{ next_one = ""; next }
		next_one == ""	{ next_one = $0 }
		END	{ exit next_one != "prepare begin" }' &&
		! grep 'Hook script execution failed' "$2"
}

# The element of stamps that a domain without devices has, until the watcher removes it
empty='<stamp:devices xmlns:stamp="urn:mdev-precheck:stamp:1"/>'

# start_watch HOST - start stamp --watch on the host
start_watch()
{
	usr/libexec/mdev-precheck-libvirt --fixture "$1/sysfs" --timeout 100 stamp --watch \
		--connect "$(uri "$1")" > "$1/told" 2> "$1/said" &
	echo $! > "$1/watcher"
	started="$started $!"
}

# stop_watch HOST - stop stamp --watch, and require that it ends with 0
stop_watch()
{
	kill "$(cat "$1/watcher")" && wait "$(cat "$1/watcher")"
}

# processes PROGRAM - print the number of processes of this test's program
processes()
{
	readlink /proc/[0-9]*/exe 2> /dev/null | grep -c -x "$work/usr/$1"
}

# The checker has a child for a driver, and this child has a child that may hang in the driver.  So
# does the child of the watcher that stamps a domain.
hook_waits()
{
	[ "$(processes sbin/mdev-precheck-hook)" -ge 3 ]
}
watcher_waits()
{
	[ "$(processes libexec/mdev-precheck-libvirt)" -ge 4 ]
}
no_watcher()
{
	[ "$(processes libexec/mdev-precheck-libvirt)" = 0 ]
}

# errors FILE COMMAND... - run the command, and write the errors that the target's libvirtd logs
# meanwhile to FILE, without their times and UUIDs
errors()
{
	file=$1
	lines=$(wc -l < target/libvirtd.log)
	shift
	"$@" || return
	tail -n "+$((lines + 1))" target/libvirtd.log |
		sed -n 's/[0-9a-f]\{8\}-[0-9a-f-]\{27\}/UUID/g; s/.*: error : //p' |
		sort -u > "$file"
}

for each in source target; do
	make_host $each || bail_out "the mounts of $each failed: $(cat $each/mounts.log)"
done
check "make install-libvirt succeeds, and the checker for directories builds" \
	make -j 2 -C "$top/tools/mdev" O="$work/build" PREFIX="$work/usr" \
	SYSCONFDIR="$work/target/etc" install-libvirt hook-of-fixtures
[ "$status" = 0 ] || bail_out "mdev-precheck was not built"
cp build/test/mdev-precheck-hook usr/sbin/mdev-precheck-hook

# A hook that comes before ours records the operations for which libvirt calls hooks
cat > target/etc/libvirt/hooks/qemu.d/a-record <<-'END'
	#!/bin/sh
	echo "$1 $2 $3" >> /run/record
END
chmod +x target/etc/libvirt/hooks/qemu.d/a-record
: > target/run/record

# Devices 1 and 5 of the source have the version 33, and devices 2, 6 and 7 have xyz.  The target
# has the devices 1 to 4, and its drivers take hexadecimal digits only.  The parents "all" and
# "full" take everything, but "full" does not have room.
hexadecimal=/proc/self/coredump_filter
echo 33 > version-33
echo xyz > version-xyz
mkfifo restore-hangs watch-hangs
add_type source words vgpu "$work/version-33"
add_type source letters vgpu "$work/version-xyz"
add_type source letters lane "$work/version-xyz"
add_type target first vgpu $hexadecimal
add_type target first vgpu-2 $hexadecimal
add_type target first lane $hexadecimal
add_type target second vgpu $hexadecimal
add_type target full vgpu /dev/null 0
add_type target all lane /dev/null
add_type target silent restored "$work/restore-hangs"
add_type target silent watched "$work/watch-hangs"
for digit in 1 5; do
	add_device source words vgpu $digit
done
for digit in 2 6; do
	add_device source letters vgpu $digit
done
add_device source letters lane 7
for digit in 1 2 3; do
	add_device target first vgpu $digit
done
add_device target first vgpu-2 4
add_device target silent restored 8
add_device target silent watched 9
policy
start_hosts source target

# The restore of a guest whose driver hangs lasts until the hook's limit, beside the next tests
define target slow > log 2>&1 && of target start slow >> log 2>&1 &&
	of target save slow "$work/slow.image" >> log 2>&1 &&
	edit_image slow.image "$(hostdev "$(device 8)")" \
		"$(stamp 'running="yes"' "$(device 8)/restored/33")" >> log 2>&1
result $? "a guest is saved on the target, and its image gets a device whose driver hangs" log
of target restore "$work/slow.image" > slow.said 2>&1 &
slow=$!
check "the hook asks the driver of a restore that hangs" wait_for hook_waits

# The hook reads stamps at "migrate begin"
define source stamped "$(device 1)" > log 2>&1 && precheck source stamped >> log 2>&1
result $? "mdev-precheck stamp stamps a domain of the source" log
check "the stamp of a configuration has its mark, the host, the address and the version" \
	has_stamp source stamped 'running="no"' "host=\"$(cat source/uuid)\"" \
	'address="pci:0000:00:05.0"' 'version="33"'

check "an accepted version: the source has the domain" add accepted 1
check "an accepted version: the domain is migrated" errors errors.offline migrate accepted
check "an accepted version: the target has the domain" of target domstate accepted
check "an accepted version: the hook logs nothing" not_warned accepted

check "a refused version: the source has the domain" add refused 2
migrate refused > log
not_migrated "a refused version" refused 'unexpected exit status 1: ' \
	"device $(device 2), type vgpu, source's version \"xyz\"" 'EINVAL'
define source old "$(device 2)" > log 2>&1 && precheck source old >> log 2>&1 &&
	set_running old '' >> log 2>&1
result $? "a refused version in a stamp without the mark: the source has the domain" log
migrate old > log
not_migrated "a refused version in a stamp without the mark" old 'unexpected exit status 1: ' \
	"source's version \"xyz\"" 'EINVAL'

# A configuration migrates without a state, so that the hook only logs a refusal
define source offline "$(device 2)" > log 2>&1 && precheck source offline >> log 2>&1
result $? "a refused version in a configuration's stamp: the source has the domain" log
check "a refused version in a configuration's stamp: the domain is migrated" migrate offline
check "a refused version in a configuration's stamp: the target has the domain" \
	of target domstate offline
check "a refused version in a configuration's stamp: the hook logs the driver's answer" \
	warned offline 'the domain is shut off' "source's version \"xyz\"" 'EINVAL'
policy 'no-stamp = perhaps'
define source mistake "$(device 1)" > log 2>&1 && precheck source mistake >> log 2>&1
result $? "an error in hook.conf: the source has the domain" log
migrate mistake > log
not_migrated "an error in hook.conf" mistake 'unexpected exit status 3: ' 'hook.conf:2'

# A domain without a stamp, which may get another name on the way
policy
check "no stamp: the source has the domain" define source bare "$(device 1)"
migrate bare > log
not_migrated "no stamp" bare 'unexpected exit status 3: ' "device $(device 1)" \
	"mdev-precheck stamp $(of source domuuid bare)"
of source migrate --offline --persistent --dname renamed bare "$(uri target)" > renamed.said 2>&1
not_migrated "no stamp, --dname" renamed 'unexpected exit status 3: ' \
	"mdev-precheck stamp $(of source domuuid bare)"
policy 'no-stamp = allow'
check "no stamp, no-stamp = allow: the domain is migrated" migrate bare
check "no stamp, no-stamp = allow: the hook logs a warning" warned bare "device $(device 1)" \
	"allowed all the same"
policy
# The administrator follows the advice of the hook
check "the advice about --dname: the source has the domain" define source advised "$(device 1)"
of source migrate --offline --persistent --dname by-advice advised "$(uri target)" > log 2>&1
advice=$(last_refusal by-advice target | sed -n 's/.*mdev-precheck stamp \([^ ]*\)$/\1/p')
check "the advice about --dname: mdev-precheck stamp takes its operand" precheck source "$advice"
check "the advice about --dname: the domain is migrated once it is stamped" migrate advised --dname by-advice
check "the advice about --dname: the target has the domain" of target domstate by-advice

# A stack above libvirt gives the target's device another UUID by virsh migrate --xml
check "another UUID by --xml: the source has the domain" add moved 1
with_device 3 moved
check "another UUID by --xml: the domain is migrated" migrate moved --xml moved.other
of target dumpxml moved > moved.dump
check "another UUID by --xml: the target's domain has the device" grep -F "$(device 3)" moved.dump
check "another UUID by --xml: the hook logs nothing" not_warned moved
check "another UUID by --persistent-xml: the source has the domain" add kept 1
with_device 3 kept
check "another UUID by --persistent-xml: the domain is migrated" \
	migrate kept --xml kept.other --persistent-xml kept.other
of target dumpxml kept > kept.dump
check "another UUID by --persistent-xml: the target's domain has the device" \
	grep -F "$(device 3)" kept.dump
check "another UUID and a refused version: the source has the domain" add moved-not 2
with_device 3 moved-not
migrate moved-not --xml moved-not.other --persistent-xml moved-not.other > log
not_migrated "another UUID and a refused version" moved-not 'unexpected exit status 1: ' \
	"device $(device 3)" "$(device 2)" "source's version \"xyz\"" 'EINVAL'
check "another UUID and type: the source has the domain" add moved-type 1
with_device 4 moved-type
migrate moved-type --xml moved-type.other > log
not_migrated "another UUID and type" moved-type 'unexpected exit status 3: ' \
	"device $(device 4), type vgpu-2" "$(device 1) (type vgpu, address pci:0000:00:05.0" \
	"mdev-precheck stamp $(of source domuuid moved-type)"

# The target's device may be made only when the domain arrives
check "a missing device: the source has the domain" add missing 6
migrate missing > log
not_migrated "a missing device" missing 'unexpected exit status 3: ' \
	"device $(device 6): this host does not have it"
policy 'no-device = allow'
migrate missing > log
not_migrated "a missing device that all parents refuse, no-device = allow" missing \
	'unexpected exit status 1: ' "device $(device 6)" "source's version \"xyz\"" \
	'first/vgpu' 'second/vgpu' 'EINVAL'
check "a missing device that all parents refuse: a parent without room is not asked" \
	sh -c '! grep full/vgpu missing.said'
check "a missing device that a parent accepts, no-device = allow: the source has the domain" \
	add possible 7
check "a missing device that a parent accepts, no-device = allow: the domain is migrated" \
	migrate possible
check "a missing device that a parent accepts, no-device = allow: the hook logs the answers" \
	warned possible "device $(device 7)" 'first/lane' 'EINVAL' 'all/lane'
policy

# Guests that run, --p2p and --suspend.  The errors of libvirtd are compared later with errors that
# it logs while stamp --watch runs.
check "--p2p: the source has a domain with an accepted version" add peer 1
check "--p2p: a domain with an accepted version is migrated" migrate peer --p2p
check "--p2p: the target has the domain with an accepted version" of target domstate peer
check "--p2p: the source has a domain with a refused version" add peer-not 2
migrate peer-not --p2p > log
not_migrated "--p2p, a refused version" peer-not "source's version \"xyz\"" 'EINVAL'
for each in alive alive-peer alive-paused watched watched-peer watched-paused; do
	if ! define source $each || ! of source start $each; then
		false
		break
	fi
done > log 2>&1
result $? "the source has guests that run" log
check "a guest that runs is migrated" errors errors.live migrate_live alive running
check "a guest that runs is migrated with --p2p" migrate_live alive-peer running --p2p
check "a guest that runs is migrated with --suspend" migrate_live alive-paused paused --suspend
for each in alive alive-peer alive-paused; do
	of target destroy $each
done > log 2>&1

# A saved guest is restored
define target saved > log 2>&1 && of target start saved >> log 2>&1 &&
	of target save saved "$work/saved.image" >> log 2>&1
result $? "a guest is saved on the target" log
image accepted-image 1 "$(stamp 'running="yes"' "$(device 1)/vgpu/33")" > log 2>&1 &&
	image refused-image 1 "$(stamp 'running="yes"' "$(device 1)/vgpu/xyz")" >> log 2>&1 &&
	image offline-image 1 "$(stamp 'running="no"' "$(device 1)/vgpu/xyz")" >> log 2>&1 &&
	image bare-image 1 >> log 2>&1 &&
	image missing-image 6 "$(stamp 'running="yes"' "$(device 6)/vgpu/xyz")" >> log 2>&1
result $? "devices and stamps are written into saved images" log
check "virsh reads a saved image that has a device" sh -c "
	virsh -q -c '$(uri target)' save-image-dumpxml '$work/refused-image' | grep xyz"

restore accepted-image
check "a restore, an accepted version: the guest passes the hook" past_hook saved accepted-image.said
check "a restore, an accepted version: the hook logs nothing" not_warned saved
cp refused-image before
restore refused-image
check "a restore, a refused version: the restore is refused, and virsh prints the reason" \
	restore_refused refused-image.said "device $(device 1)" "source's version \"xyz\"" 'EINVAL'
check "a restore, a refused version: the saved image is as it was" cmp before refused-image
restore offline-image
check "a restore, a refused version in a configuration's stamp: the restore is refused" \
	restore_refused offline-image.said "source's version \"xyz\"" 'EINVAL'
restore bare-image
check "a restore, no stamp: the guest passes the hook" past_hook saved bare-image.said
check "a restore, no stamp: the hook logs a warning" warned saved \
	"the domain does not have the source's version"
restore missing-image
check "a restore, a missing device: the guest passes the hook" past_hook saved missing-image.said
check "a restore, a missing device: the hook logs a warning" warned saved \
	"device $(device 6): this host does not have it"
policy 'no-device = allow'
restore missing-image
check "a restore, a missing device that all parents refuse: the restore is refused" \
	restore_refused missing-image.said 'first/vgpu' 'second/vgpu' 'EINVAL'
policy 'restore = allow'
restore refused-image
check "a restore, restore = allow: the guest with a refused version passes the hook" \
	past_hook saved refused-image.said
policy 'restore = perhaps'
restore refused-image
check "a restore, an error in hook.conf: the guest passes the hook" past_hook saved refused-image.said
check "a restore, an error in hook.conf: the hook logs a warning" \
	logged "$work/target/etc/mdev-precheck/hook.conf:2: "
policy

# A guest of managedsave: virsh start restores it
define target managed > log 2>&1 && of target start managed >> log 2>&1 &&
	of target managedsave managed >> log 2>&1
result $? "a guest is saved on the target by managedsave" log
managed=target/lib/libvirt/qemu/save/managed.save
check "a device and a refused version are written into the image of managedsave" \
	edit_image $managed "$(hostdev "$(device 1)")" \
	"$(stamp 'running="yes"' "$(device 1)/vgpu/xyz")"
cp $managed before
of target start managed > managed.said 2>&1
check "a start after managedsave, a refused version: the guest passes the hook" \
	past_hook managed managed.said
check "a start after managedsave, a refused version: the hook logs a warning" warned managed \
	"device $(device 1)" "source's version \"xyz\"" 'EINVAL' 'libvirt can lose the state'
check "a start after managedsave, a refused version: the image is as it was" cmp before $managed
check "a start after managedsave, a refused version: libvirt still has the image" sh -c "
	virsh -q -c '$(uri target)' list --all --with-managed-save --name | grep -x managed"
policy 'restore = allow'
of target start managed > managed.said 2>&1
check "a start after managedsave, restore = allow: the guest passes the hook" \
	past_hook managed managed.said
policy
wait $slow
check "a restore, a driver that hangs: the guest passes the hook" past_hook slow slow.said
check "a restore, a driver that hangs: the hook logs a warning" warned slow "device $(device 8)" \
	"the target's driver does not answer"

# stamp --watch runs on both hosts
for each in source target; do
	start_watch $each
done
check "stamp --watch stamps domains that have arrived before with the target's UUID and version" \
	wait_for has_stamp target accepted "host=\"$(cat target/uuid)\"" 'version="00000033"'
check "a domain is defined on the source" define source arrives "$(device 1)"
check "stamp --watch stamps a domain that is defined" wait_for has_stamp source arrives \
	'running="no"' "host=\"$(cat source/uuid)\"" 'version="33"'
# arrive NAME - migrate the domain, and wait until the watcher has stamped it with the target's UUID
# and version
arrive()
{
	migrate "$1" && wait_for has_stamp target "$1" 'running="no"' \
		"host=\"$(cat target/uuid)\"" 'version="00000033"'
}
check "stamp --watch stamps a domain that arrives with the target's UUID and version" \
	errors errors.arrives arrive arrives
check_same "libvirtd logs the same errors about a domain that arrives with and without stamp --watch" \
	errors.offline errors.arrives

# The watcher removes the empty stamp of a guest without devices after each event
domain events "" "$empty" > events.xml
check "a domain is defined on the target" of target define events.xml
check "stamp --watch looks at a domain that is defined" wait_for unstamped target events --inactive
mark target events --config > log 2>&1 && of target start events >> log 2>&1
result $? "a guest starts on the target" log
check "stamp --watch looks at a guest that has started" wait_for unstamped target events
check "stamp --watch looks at the configuration of a guest that has started" \
	wait_for unstamped target events --inactive
for event in suspend resume; do
	mark target events --live > log 2>&1 && of target $event events >> log 2>&1
	result $? "virsh $event succeeds for a guest of the target" log
	check "stamp --watch looks at a guest after virsh $event" wait_for unstamped target events
done
domain events "$(device 1)" "" | sed "s|<name>|<uuid>$(of target domuuid events)</uuid>&|" > events.xml
check "the configuration of a guest that runs gets a device" of target define events.xml
check "stamp --watch stamps the configuration of a guest that runs" wait_for has_stamp target \
	events 'running="no"' 'version="00000033"'
check "stamp --watch does not stamp a guest that runs without devices" unstamped target events
check "a guest that runs is undefined" of target undefine events
mark target events --live > log 2>&1 && of target suspend events >> log 2>&1
result $? "a transient guest is suspended" log
check "stamp --watch looks at a transient guest" wait_for unstamped target events
check "a transient guest is destroyed" of target destroy events

# arrive_live NAME STATE [OPTION...] - migrate the guest with an empty stamp, and wait until the
# watcher has looked at it
arrive_live()
{
	mark source "$1" --live && migrate_live "$@" && wait_for unstamped target "$1"
}
check "a guest is migrated while both hosts watch, and the watcher looks at it" \
	errors errors.watched arrive_live watched running
check_same "libvirtd logs the same errors about a guest that arrives with and without stamp --watch" \
	errors.live errors.watched
check "a guest is migrated with --p2p while both hosts watch, and the watcher looks at it" \
	arrive_live watched-peer running --p2p
check "a guest is migrated with --suspend while both hosts watch, and the watcher looks at it" \
	arrive_live watched-paused paused --suspend
for each in source target; do
	check "stamp --watch on the host $each has printed no error" sh -c "! grep . $each/said"
done
check "stamp --watch of the source ends with 0" stop_watch source

# 40 domains migrate at once, while stamp --watch runs on the target
{
	for number in $(seq 20); do
		domain "many-$number" "$(device 1)" \
			"$(stamp 'running="yes"' "$(device 1)/vgpu/33")" > "many-$number.xml"
		domain "many-not-$number" "$(device 2)" \
			"$(stamp 'running="yes"' "$(device 2)/vgpu/xyz")" > "many-not-$number.xml"
		echo "define $work/many-$number.xml"
		echo "define $work/many-not-$number.xml"
	done
} > many
check "the source has 40 domains" sh -c "virsh -q -c '$(uri source)' < many"
migrations=''
for number in $(seq 20); do
	migrate "many-$number" > "many-$number.log" &
	migrations="$migrations $!/0"
	migrate "many-not-$number" > "many-not-$number.log" &
	migrations="$migrations $!/1"
done
# ended - require that each migration has ended with its status
ended()
{
	ended=0
	for each in $migrations; do
		wait "${each%/*}"
		[ $? = "${each#*/}" ] || ended=1
	done
	return $ended
}
ended
result $? "40 migrations at once: 20 domains are migrated, and 20 are not"
# all_arrived - wait until the watcher has stamped each domain on the target
all_arrived()
{
	for number in $(seq 20); do
		wait_for has_stamp target "many-$number" "host=\"$(cat target/uuid)\"" || return
	done
}
all_refused()
{
	for number in $(seq 20); do
		refused "many-not-$number" target 'unexpected exit status 1: ' \
			"device $(device 2)" 'EINVAL' && nothing_left "many-not-$number" || return
	done
}
check "40 migrations at once: 20 domains are on the target, and stamp --watch stamps them" all_arrived
check "40 migrations at once: 20 domains are refused, each with the reason" all_refused

# libvirtd is killed while a driver hangs
check "a domain whose driver hangs is defined on the target" define target hangs "$(device 9)"
check "stamp --watch asks a driver that hangs" wait_for watcher_waits
check "a domain is defined beside the one whose driver hangs" define target beside "$(device 1)"
check "stamp --watch stamps the domain beside the one whose driver hangs" \
	wait_for has_stamp target beside 'version="00000033"'
check "the driver that hangs still hangs when another domain is stamped" watcher_waits
kill -STOP "$(cat target/watcher)"
kill -KILL "$(cat target/daemon)"
# The shell reports a job that a signal has ended
wait "$(cat target/daemon)" 2> /dev/null
check "libvirtd starts again after it was killed" start_libvirtd target
check "a domain is defined before stamp --watch has connected again" define target after "$(device 1)"
kill -CONT "$(cat target/watcher)"
check "stamp --watch connects again, and stamps a domain that was defined meanwhile" \
	wait_for has_stamp target after 'version="00000033"'
check "stamp --watch prints that libvirt is connected again" wait_for \
	grep -q 'libvirt is connected again' target/said
check "stamp --watch asks the driver that hangs again after libvirtd was killed" wait_for watcher_waits
check "stamp --watch ends with 0 while a driver hangs" stop_watch target
check "no process of stamp --watch is left after its end" wait_for no_watcher
check "guests live through the end of their libvirtd" \
	[ "$(of target domstate watched)" = running ]
tests_end
