#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mdev-precheck stamp and domain, with a libvirtd of our own and its driver for tests:
# that has domains, their metadata and the events, and no QEMU
#
# needs: precheck
# check: yes
# seconds: 20

# Processes and mounts end with this test, even if it is killed
[ -n "${CONTAINED:-}" ] || exec "$(dirname -- "$0")/../../scripts/contained" sh "$0"
. "$(dirname -- "$0")/../lib/tap.sh"
. "$(dirname -- "$0")/../../tools/mdev/tests/transcripts.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX

# Everything that still runs at the end is ours
libvirtd='' held='' watch=''
cleanup()
{
	for pid in $watch $held $libvirtd; do
		kill -CONT "$pid"
		kill "$pid"
	done 2> /dev/null
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

# The longest path of a socket is short, and that of this directory is not: this one leads to it
# from everywhere, and ends with this shell
runtime=/proc/$$/cwd/runtime
mkdir runtime
export XDG_RUNTIME_DIR="$runtime" XDG_CONFIG_HOME="$runtime" XDG_CACHE_HOME="$runtime"
export LIBVIRT_DEFAULT_URI="test+unix:///default?socket=$runtime/libvirt-sock"
cat > libvirtd.conf <<-END
	unix_sock_dir = "$runtime"
	auth_unix_ro = "none"
	auth_unix_rw = "none"
END

# start_libvirtd - without its other drivers, which would look at this system.  The one for
# tests forgets its domains when nobody is connected.
start_libvirtd()
{
	rm -f "$runtime"/libvirt-sock* hold held
	LIBVIRT_DRIVER_DIR=/nowhere libvirtd --config libvirtd.conf \
		--pid-file "$runtime/pid" > libvirtd.log 2>&1 &
	libvirtd=$!
	wait_for [ -S "$runtime/libvirt-sock" ] || return
	mkfifo hold
	virsh -q < hold > held 2>&1 &
	held=$!
	exec 9> hold
	echo list >&9
	wait_for grep -q running held
}

# stop_libvirtd - as a crash would
stop_libvirtd()
{
	exec 9>&-
	kill -KILL "$libvirtd" "$held"
	wait "$libvirtd" "$held"
	libvirtd='' held=''
}

check "mdev-precheck and its libvirt commands build with ASan and UBSan" make -C "$top/tools/mdev" O="$work/asan" CC=gcc \
	SYSCONFDIR="$work/etc" LIBEXECDIR="$work/asan" all libvirt hook-of-fixtures \
	CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all'
[ "$status" = 0 ] || bail_out "there is no mdev-precheck"
check "mdev-precheck needs neither libvirt nor libxml2" sh -c "
	readelf -d asan/mdev-precheck > needed && ! grep -e libvirt -e libxml2 needed"
check "mdev-precheck-hook needs libxml2 and not libvirt" sh -c "
	readelf -d asan/mdev-precheck-hook > needed && grep libxml2 needed && ! grep libvirt needed"
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99
transcripts_begin "$work/asan"
ln -sf "$work/asan/test/mdev-precheck-hook" bin/mdev-precheck-hook

# A type with all that XML must not have; and a target whose hexadecimal refuses
types=transcripts/groups/devices/virtual/mtty/quotes/mdev_supported_types
quotes=50000000-0000-4000-8000-000000000000
mkdir -p "$types/<port & \"co'>/devices" "${types%/*}/$quotes"
printf '%s\n' "\"<&>' ]]>" > "$types/<port & \"co'>/migration_version"
ln -s ../../devices/virtual/mtty/quotes transcripts/groups/class/mdev_bus/quotes
ln -s "../../../devices/virtual/mtty/quotes/$quotes" transcripts/groups/bus/mdev/devices
ln -s "../mdev_supported_types/<port & \"co'>" "${types%/*}/$quotes/mdev_type"
cp -a transcripts/groups transcripts/target
ln -sf /proc/self/clear_refs \
	transcripts/target/class/mdev_bus/hexadecimal/mdev_supported_types/port/migration_version
mkdir -p etc/mdev-precheck
echo "fixture = $work/transcripts/groups" > etc/mdev-precheck/hook.conf

# guest NAME DEVICE... - the XML of a domain with devices such as 1, as it is for libvirt
cat > bin/guest <<'END'
#!/bin/sh
name=$(printf '%s' "$1" | sed 's/&/\&amp;/g; s/</\&lt;/g')
shift
echo "<domain type='test'><name>$name</name><memory>65536</memory>"
echo "<metadata><other:x xmlns:other='http://example.org/'>kept</other:x></metadata>"
echo "<os><type>hvm</type></os><devices>"
for device; do
	echo "<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source>"
	echo "<address uuid='${device}0000000-0000-4000-8000-000000000000'/></source></hostdev>"
done
echo "</devices></domain>"
END
# metadata DOMAIN [--inactive] - all of it, with TIME for one that is no older than a day
cat > bin/metadata <<'END'
#!/bin/sh
virsh -q dumpxml "$@" | sed -n '/<metadata>/,/<\/metadata>/p' |
	sed "s/read=\"\($(date -u +%F)\|$(date -u -d yesterday +%F)\)T[0-9:]\{8\}Z\"/read=\"TIME\"/"
END
chmod +x bin/guest bin/metadata

check "libvirtd with the driver for tests starts" start_libvirtd
[ "$status" = 0 ] || { cat libvirtd.log held; bail_out "there is no libvirtd"; }
transcript libvirt
grep -l '^{"format"' libvirt/*.out > documents
while read -r document; do
	check "a document of mdev-precheck domain has the form of its schema: ${document##*/}" \
		python3 "$top/tools/mdev/tests/validate.py" "$document"
done < documents
check "mdev-precheck domain has written documents" [ -s documents ]

# Not installed, or of another kind
mv asan/mdev-precheck-libvirt asan/moved
for command in "stamp --all" "domain --to up guest"; do
	# shellcheck disable=SC2086 # a command and its operands
	bin/mdev-precheck $command 2> said
	check "mdev-precheck ${command%% *} ends with 3 if mdev-precheck-libvirt is missing" [ $? = 3 ]
	echo "mdev-precheck: ${command%% *}: $work/asan/mdev-precheck-libvirt is not installed:" \
		"make install-libvirt" > expected
	check_same "mdev-precheck ${command%% *} prints how to install mdev-precheck-libvirt" expected said
done
mkdir asan/mdev-precheck-libvirt
bin/mdev-precheck stamp --all 2> said
check "mdev-precheck stamp ends with 3 if mdev-precheck-libvirt is a directory" [ $? = 3 ]
check "mdev-precheck stamp names the mdev-precheck-libvirt that is a directory" \
	grep -F 'mdev-precheck-libvirt: Permission denied' said
rmdir asan/mdev-precheck-libvirt
mv asan/moved asan/mdev-precheck-libvirt
bin/mdev-precheck stamp --connect "test+unix:///default?socket=$runtime/none" x 2> said
check "mdev-precheck stamp ends with 3 if libvirt does not run" [ $? = 3 ]
check "mdev-precheck stamp prints one line if libvirt does not run" sh -c "
	grep -x 'mdev-precheck: libvirt at test.*: Failed to connect socket .*' said &&
	[ \$(wc -l < said) = 1 ]"

# --watch, with the events that only QEMU's driver has.  What is set as metadata of urn:NAME
# stands for them; and while there is a file of the name, a domain has a job or is locked.
cat > pretend.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
#include <unistd.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

static virConnectDomainEventCallback lifecycle;
static virConnectDomainEventDeviceAddedCallback added;
static virConnectDomainEventDeviceRemovedCallback removed;

static void on_metadata(virConnectPtr connection, virDomainPtr domain, int type,
			const char *uri, void *data)
{
	if (!strcmp(uri, "urn:attach"))
		added(connection, domain, "hostdev0", data);
	if (!strcmp(uri, "urn:detach"))
		removed(connection, domain, "hostdev0", data);
	if (!strcmp(uri, "urn:arrive"))
		lifecycle(connection, domain, VIR_DOMAIN_EVENT_STARTED,
			  VIR_DOMAIN_EVENT_STARTED_MIGRATED, data);
	if (!strcmp(uri, "urn:arrived"))
		lifecycle(connection, domain, VIR_DOMAIN_EVENT_RESUMED,
			  VIR_DOMAIN_EVENT_RESUMED_MIGRATED, data);
}

#define REAL(name)	((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int virConnectDomainEventRegisterAny(virConnectPtr connection, virDomainPtr domain, int id,
				     virConnectDomainEventGenericCallback callback, void *data,
				     virFreeCallback done)
{
	if (id == VIR_DOMAIN_EVENT_ID_DEVICE_ADDED)
		added = (virConnectDomainEventDeviceAddedCallback)callback;
	if (id == VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED)
		removed = (virConnectDomainEventDeviceRemovedCallback)callback;
	if (id == VIR_DOMAIN_EVENT_ID_LIFECYCLE) {
		lifecycle = (virConnectDomainEventCallback)callback;
		REAL(virConnectDomainEventRegisterAny)(connection, domain,
			VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
			VIR_DOMAIN_EVENT_CALLBACK(on_metadata), data, NULL);
	}
	return REAL(virConnectDomainEventRegisterAny)(connection, domain, id, callback, data,
						      done);
}

int virDomainGetJobInfo(virDomainPtr domain, virDomainJobInfoPtr info)
{
	memset(info, 0, sizeof(*info));
	info->type = access("job", F_OK) ? VIR_DOMAIN_JOB_NONE : VIR_DOMAIN_JOB_UNBOUNDED;
	return 0;
}

int virDomainSetMetadata(virDomainPtr domain, int type, const char *metadata, const char *key,
			 const char *uri, unsigned int flags)
{
	if (!access("locked", F_OK))
		return -1;
	return REAL(virDomainSetMetadata)(domain, type, metadata, key, uri, flags);
}

int virGetLastErrorCode(void)
{
	return access("locked", F_OK) ? REAL(virGetLastErrorCode)() : VIR_ERR_OPERATION_TIMEOUT;
}
END
# shellcheck disable=SC2046 # options
check "the library that pretends to be QEMU's driver compiles" gcc -Wall -Werror -shared -fPIC -o pretend.so pretend.c \
	$(pkg-config --cflags --libs libvirt)

# start_watch OPTION... - with $preload
preload=''
start_watch()
{
	env LD_LIBRARY_PATH="$work/asan" LD_PRELOAD="$(gcc -print-file-name=libasan.so) $preload" \
		asan/mdev-precheck --fixture transcripts/groups stamp --watch "$@" > told 2> said &
	watch=$!
}

# stop_watch SIGNAL - and its status
stop_watch()
{
	kill "-$1" "$watch"
	wait "$watch"
	status=$?
	watch=''
	[ "$status" = 0 ]
}

# define NAME DEVICE...
define()
{
	bin/guest "$@" > guest.xml
	virsh -q define guest.xml > log 2>&1
}

# stamped NAME [--inactive], and unstamp NAME --live|--config
stamped()
{
	virsh -q dumpxml "$@" | grep -q mdev-precheck:device
}
unstamp()
{
	virsh -q metadata "$1" --uri urn:mdev-precheck:stamp:1 --remove "$2"
	! virsh -q metadata "$1" --uri urn:mdev-precheck:stamp:1 "$2" 2> /dev/null
}

# event NAME URN - which pretend.so takes for something else
event()
{
	virsh -q metadata "$1" --uri "urn:$2" --key x --set '<x/>' --live
}
# told NUMBER - has it stamped so often, and no more?
told()
{
	[ "$(wc -l < told)" = "$1" ]
}

virsh -q list --all --name | while read -r name; do
	virsh -q destroy "$name"
	virsh -q undefine "$name"
done > log 2>&1
define first 1
preload=$work/pretend.so
start_watch -v
check "stamp --watch stamps a domain that is there when it starts" wait_for stamped first
define second 1 2
check "stamp --watch stamps a domain that is defined later" wait_for stamped second
check "stamp --watch prints a line for each device of two domains" wait_for told 3
unstamp second --config
check "a domain whose stamp was removed is started" sh -c 'virsh start second'
check "stamp --watch stamps the running domain after its start" wait_for stamped second
check "stamp --watch stamps the configuration of a domain after its start" wait_for stamped second --inactive
check "stamp --watch prints one line for a device in both" wait_for told 5
unstamp second --live
virsh -q suspend second
check "stamp --watch stamps a domain that was suspended" wait_for stamped second
unstamp second --live
virsh -q resume second
check "stamp --watch stamps a domain that was resumed" wait_for stamped second
for change in attach detach arrived; do
	unstamp second --live
	event second $change
	check "stamp --watch stamps a domain after the event $change" wait_for stamped second
done
check "stamp --watch prints one line for each device and event" wait_for told 15
unstamp second --live
event second arrive
# Events come in their order
define third 1
check "stamp --watch stamps a domain that is defined after the event arrive" wait_for stamped third
check "stamp --watch does not stamp a domain before its arrival ends" sh -c "
	! virsh -q dumpxml second | grep mdev-precheck:device"
check "no stamp of stamp --watch causes another one" told 16

: > locked
define fourth 1
check "stamp --watch prints an error about a domain that is locked" wait_for grep -q '^mdev-precheck: domain fourth:' said
rm locked
check "stamp --watch stamps a domain once it is not locked" wait_for stamped fourth
: > job
event second attach
check "stamp --watch prints an error about a domain that has a job" wait_for grep -q '^mdev-precheck: domain second:' said
check "stamp --watch does not stamp a domain that has a job" sh -c "! virsh -q dumpxml second | grep mdev-precheck:device"
rm job
check "stamp --watch stamps a domain after its job" wait_for stamped second
check "stamp --watch stamps a domain once after its job" wait_for told 19
check "stamp --watch ends with 0 at SIGTERM" stop_watch TERM

# libvirtd goes away; when it is there again, so is a domain that has no stamp
preload=
start_watch
check "another stamp --watch stamps all domains" wait_for told 5
# Files of the watcher; libvirt closes some only when its loop has run
files()
{
	set -- "/proc/$watch/fd"/*
	echo $#
}
has_files()
{
	[ "$(files)" = "$1" ]
}
before=$(files)
stop_libvirtd
check "stamp --watch prints that libvirt has closed the connection" wait_for \
	grep -q -x 'mdev-precheck: libvirt has closed the connection: waiting for it' said
kill -STOP "$watch"
check "libvirtd starts again after a crash" start_libvirtd
define fifth 1
kill -CONT "$watch"
check "stamp --watch stamps a domain that was defined before it connects again" wait_for stamped fifth
check "stamp --watch prints that libvirt is there again" wait_for \
	grep -q -x 'mdev-precheck: libvirt is there again' said
check "stamp --watch prints two lines about a crash of libvirtd" [ "$(wc -l < said)" = 2 ]
define sixth 1
check "stamp --watch has events after it has connected again" wait_for stamped sixth
check "stamp --watch has as many files open as before libvirt closed the connection" \
	wait_for has_files "$before"
check "stamp --watch ends with 0 at SIGINT" stop_watch INT

# Nobody reads its output any more
mkfifo pipe
head -n 1 pipe > first-line &
env LD_LIBRARY_PATH="$work/asan" LD_PRELOAD="$(gcc -print-file-name=libasan.so)" \
	asan/mdev-precheck --fixture transcripts/groups stamp --watch > pipe 2> said &
watch=$!
check "stamp --watch prints its first line into a pipe" wait_for [ -s first-line ]
define seventh 1
check "stamp --watch stamps a domain after its output was closed" wait_for stamped seventh
kill "$watch"
wait "$watch"
watch=

# It is also told to end while libvirt does not answer; before it catches SIGTERM, which is
# the 15th signal, that ends any program.  This shell catches it too, and is what the process
# is until it executes the program.
catches_sigterm()
{
	awk '$1 == "Name:" { name = $2 }
	     $1 == "SigCgt:" { catches = $2 ~ /[4-7c-f]...$/ }
	     END { exit !(name ~ /^mdev-precheck/ && catches) }' "/proc/$watch/status"
}
kill -STOP "$libvirtd"
start_watch
check "stamp --watch catches SIGTERM while libvirtd hangs" wait_for catches_sigterm
check "stamp --watch ends with 0 at SIGTERM while libvirtd hangs" stop_watch TERM
kill -CONT "$libvirtd"
tests_end
