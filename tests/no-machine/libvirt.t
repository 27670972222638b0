#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mdev-precheck stamp and domain work with a libvirtd of this test.  libvirt's driver for tests
# has domains, their metadata and the events, and does not run QEMU.
#
# needs: precheck
# check: yes
# seconds: 40

# Processes and mounts end with this test, even if it is killed
[ -n "${CONTAINED:-}" ] || exec "$(dirname -- "$0")/../../scripts/contained" sh "$0"
. "$(dirname -- "$0")/../lib/tap.sh"
. "$(dirname -- "$0")/../../tools/mdev/tests/transcripts.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX

# All processes that still run at the end are of this test
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

# The path of a socket is limited, and the path of this directory is too long.  This link of /proc
# leads to it from everywhere, and ends with this shell.
runtime=/proc/$$/cwd/runtime
mkdir runtime
export XDG_RUNTIME_DIR="$runtime" XDG_CONFIG_HOME="$runtime" XDG_CACHE_HOME="$runtime"
export LIBVIRT_DEFAULT_URI="test+unix:///default?socket=$runtime/libvirt-sock"
cat > libvirtd.conf <<-END
	unix_sock_dir = "$runtime"
	auth_unix_ro = "none"
	auth_unix_rw = "none"
END

# start_libvirtd - start it without its other drivers, which would look at this system.  The driver
# for tests forgets its domains when no client is connected.
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

# stop_libvirtd - end it as a crash would
stop_libvirtd()
{
	exec 9>&-
	kill -KILL "$libvirtd" "$held"
	# The shell reports a job that a signal has ended
	wait "$libvirtd" "$held" 2> /dev/null
	libvirtd='' held=''
}

check "mdev-precheck and its libvirt commands build with ASan and UBSan" make -C "$top/tools/mdev" O="$work/asan" CC=gcc \
	SYSCONFDIR="$work/etc" LIBEXECDIR="$work/asan" all libvirt hook-of-fixtures \
	CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all'
[ "$status" = 0 ] || bail_out "mdev-precheck does not build"
check "mdev-precheck needs neither libvirt nor libxml2" sh -c "
	readelf -d asan/mdev-precheck > needed && ! grep -e libvirt -e libxml2 needed"
check "mdev-precheck-hook needs libxml2 and not libvirt" sh -c "
	readelf -d asan/mdev-precheck-hook > needed && grep libxml2 needed && ! grep libvirt needed"
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99
transcripts_begin "$work/asan"
ln -sf "$work/asan/test/mdev-precheck-hook" bin/mdev-precheck-hook

# device FIXTURE PARENT TYPE NUMBER - make a device on a parent that has only this type, whose
# directory is in $type then
device()
{
	uuid=${4}0000000-0000-4000-8000-000000000000
	parent=transcripts/$1/devices/virtual/mtty/$2
	type=$parent/mdev_supported_types/$3
	mkdir -p "$type/devices" "$parent/$uuid"
	ln -s "../../devices/virtual/mtty/$2" "transcripts/$1/class/mdev_bus/$2"
	ln -s "../../../devices/virtual/mtty/$2/$uuid" "transcripts/$1/bus/mdev/devices"
	ln -s "../mdev_supported_types/$3" "$parent/$uuid/mdev_type"
}

# The source has a type with all characters that XML must not have, two types with names that it
# cannot have, a driver whose answer is EIO, and one that does not answer.  The type hexadecimal of
# the target refuses.
device groups quotes "<port & \"co'>" 5
printf '%s\n' "\"<&>' ]]>" > "$type/migration_version"
device groups control "$(printf 'port\001')" 6
echo 33 > "$type/migration_version"
device groups latin "$(printf 'port\344')" 7
echo 33 > "$type/migration_version"
device groups unanswered port 8
ln -s /proc/self/mem "$type/migration_version"
device groups silent port f
silent=$work/$type/migration_version
mkfifo "$silent"
cp -a transcripts/groups transcripts/target
ln -sf /proc/self/clear_refs \
	transcripts/target/class/mdev_bus/hexadecimal/mdev_supported_types/port/migration_version
mkdir -p etc/mdev-precheck
echo "fixture = $work/transcripts/groups" > etc/mdev-precheck/hook.conf

# guest NAME DEVICE... - print the XML for libvirt of a domain with devices such as 1
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
# metadata DOMAIN [--inactive] - print it, with TIME in place of a time of the last day
cat > bin/metadata <<'END'
#!/bin/sh
virsh -q dumpxml "$@" | sed -n '/<metadata>/,/<\/metadata>/p' |
	sed "s/read=\"\($(date -u +%F)\|$(date -u -d yesterday +%F)\)T[0-9:]\{8\}Z\"/read=\"TIME\"/"
END
chmod +x bin/guest bin/metadata

check "libvirtd with the driver for tests starts" start_libvirtd
[ "$status" = 0 ] || { cat libvirtd.log held; bail_out "libvirtd does not start"; }
transcript libvirt
grep -l '^{"format"' libvirt/*.out > documents
while read -r document; do
	check "a document of mdev-precheck domain is valid by its schema: ${document##*/}" \
		python3 "$top/tools/mdev/tests/validate.py" "$document"
done < documents
check "mdev-precheck domain has written documents" [ -s documents ]

# mdev-precheck-libvirt is not installed, or is not a program
mv asan/mdev-precheck-libvirt asan/moved
for command in "stamp --all" "domain --to up guest"; do
	# shellcheck disable=SC2086 # a command and its operands
	bin/mdev-precheck $command 2> said
	check "mdev-precheck ${command%% *} ends with 3 if mdev-precheck-libvirt is missing" [ $? = 3 ]
	echo "mdev-precheck: ${command%% *}: $work/asan/mdev-precheck-libvirt is not installed:" \
		"make install-libvirt, or apt install ./mdev-precheck-libvirt_*.deb" > expected
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

# --watch meets events and jobs that only QEMU's driver has.  pretend.so adds them to libvirt's
# driver for tests:
# - Metadata of urn:NAME that is set stands for the event NAME.
# - While the file "locked" exists, all domains are locked; "state" and "job" have the state with
#   its reason, and the job, of all domains.
# - "late" has the domain whose job libvirt does not return in time.
# - "host" has the UUID of the host, and "hostname" its name.  If "host" is empty, libvirt does not
#   return its description of the host, and pretend.so makes the file "refused".
# - "described" gets the domains whose XML was read, "asked" the domains whose job was asked for,
#   and "connected" a line for each connection.
# - The monitor of the domain "stuck" hangs, so that its metadata cannot be set before the file
#   "released" exists.
# - libvirt's usual URI, and its alias "usual", lead to the libvirtd of this test.  systemd runs
#   while the file "systemd" exists.
cat > pretend.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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
	if (!strcmp(uri, "urn:pause"))
		lifecycle(connection, domain, VIR_DOMAIN_EVENT_SUSPENDED,
			  VIR_DOMAIN_EVENT_SUSPENDED_PAUSED, data);
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

/* number_in - return one of the numbers in a file, or -1 if the file is missing */
static int number_in(const char *name, int which)
{
	int numbers[2] = { -1, -1 };
	FILE *file = fopen(name, "r");

	if (file) {
		if (fscanf(file, "%d %d", &numbers[0], &numbers[1]) < 1)
			abort();
		fclose(file);
	}
	return numbers[which];
}

int virDomainGetState(virDomainPtr domain, int *state, int *reason, unsigned int flags)
{
	if (number_in("state", 0) < 0)
		return REAL(virDomainGetState)(domain, state, reason, flags);
	*state = number_in("state", 0);
	*reason = number_in("state", 1);
	return 0;
}

/* note - add the name of a domain to a file */
static void note(const char *name, virDomainPtr domain)
{
	FILE *file = fopen(name, "a");

	fprintf(file, "%s\n", virDomainGetName(domain));
	fclose(file);
}

/* is_late - return whether the file "late" has the name of the domain */
static int is_late(virDomainPtr domain)
{
	FILE *file = fopen("late", "r");
	char name[99] = "";

	if (!file)
		return 0;
	if (fscanf(file, "%98s", name) < 1)
		abort();
	fclose(file);
	return !strcmp(name, virDomainGetName(domain));
}

char *virDomainGetXMLDesc(virDomainPtr domain, unsigned int flags)
{
	note("described", domain);
	return REAL(virDomainGetXMLDesc)(domain, flags);
}

int virDomainGetJobStats(virDomainPtr domain, int *type, virTypedParameterPtr *params, int *num,
			 unsigned int flags)
{
	int max = 0;

	(void)flags;
	note("asked", domain);
	if (is_late(domain))
		return -1;
	*type = VIR_DOMAIN_JOB_NONE;
	if (number_in("job", 0) < 0)
		return 0;
	*type = VIR_DOMAIN_JOB_UNBOUNDED;
	return virTypedParamsAddInt(params, num, &max, VIR_DOMAIN_JOB_OPERATION,
				    number_in("job", 0));
}

int virDomainSetMetadata(virDomainPtr domain, int type, const char *metadata, const char *key,
			 const char *uri, unsigned int flags)
{
	if (!access("locked", F_OK))
		return -1;
	while (!strcmp(virDomainGetName(domain), "stuck") && access("released", F_OK))
		usleep(10000);
	return REAL(virDomainSetMetadata)(domain, type, metadata, key, uri, flags);
}

int virGetLastErrorCode(void)
{
	return access("locked", F_OK) && access("late", F_OK) ? REAL(virGetLastErrorCode)() :
							  VIR_ERR_OPERATION_TIMEOUT;
}

char *virConnectGetCapabilities(virConnectPtr connection)
{
	FILE *file = fopen("host", "r");
	char uuid[37], *text;

	if (!file)
		return REAL(virConnectGetCapabilities)(connection);
	if (!fgets(uuid, sizeof(uuid), file)) {
		fclose(file);
		file = fopen("refused", "w");
		text = NULL;
	} else if (asprintf(&text, "<capabilities><host><uuid>%s</uuid></host></capabilities>",
			    uuid) < 0) {
		abort();
	}
	fclose(file);
	return text;
}

char *virConnectGetHostname(virConnectPtr connection)
{
	FILE *file = fopen("hostname", "r");
	char name[99];

	if (!file)
		return REAL(virConnectGetHostname)(connection);
	if (fscanf(file, "%98s", name) < 1)
		abort();
	fclose(file);
	return strdup(name);
}

static int is_usual;

virConnectPtr virConnectOpen(const char *name)
{
	FILE *file = fopen("connected", "a");

	fprintf(file, "%d\n", getpid());
	fclose(file);
	is_usual = name && (!strcmp(name, "qemu:///system") || !strcmp(name, "usual"));
	return REAL(virConnectOpen)(is_usual ? getenv("LIBVIRT_DEFAULT_URI") : name);
}

char *virConnectGetURI(virConnectPtr connection)
{
	return is_usual ? strdup("qemu:///system") : REAL(virConnectGetURI)(connection);
}

int access(const char *name, int mode)
{
	return REAL(access)(strcmp(name, "/run/systemd/system") ? name : "systemd", mode);
}
END
# shellcheck disable=SC2046 # options
check "the library that pretends to be QEMU's driver compiles" gcc -Wall -Werror -shared -fPIC -o pretend.so pretend.c \
	$(pkg-config --cflags --libs libvirt)

# stamp ARGUMENT... - execute mdev-precheck stamp with $preload
preload=''
stamp()
{
	exec env PATH="$work/bin:$PATH" \
		LD_PRELOAD="$(gcc -print-file-name=libasan.so) $preload" \
		asan/mdev-precheck --fixture transcripts/groups stamp "$@"
}

# start_watch OPTION... - start mdev-precheck stamp --watch in the background
start_watch()
{
	stamp --watch "$@" > told 2> said &
	watch=$!
}

# stop_watch SIGNAL - send the signal to the watcher, and require that it ends with 0 and that its
# processes do not report a bug
stop_watch()
{
	kill "-$1" "$watch"
	wait "$watch" 2> /dev/null
	status=$?
	watch=''
	! grep -e Sanitizer -e 'runtime error' -e 'the process that stamps it' said &&
		[ "$status" = 0 ]
}

# define NAME DEVICE... - define a domain with devices such as 1
define()
{
	bin/guest "$@" > guest.xml
	virsh -q define guest.xml > log 2>&1
}

# stamped NAME [--inactive] - require that the domain has a stamp
stamped()
{
	virsh -q dumpxml "$@" | grep -q mdev-precheck:device
}
# unstamp NAME --live|--config - remove the stamps of the domain
unstamp()
{
	virsh -q metadata "$1" --uri urn:mdev-precheck:stamp:1 --remove "$2"
	! virsh -q metadata "$1" --uri urn:mdev-precheck:stamp:1 "$2" 2> /dev/null
}

# grep_live NAME PATTERN - require the pattern in the element of the running domain's stamps
grep_live()
{
	virsh -q dumpxml "$1" | grep -q "mdev-precheck:devices.*$2"
}

# grep_stamp NAME PATTERN - require the pattern in a stamp of the domain's configuration
grep_stamp()
{
	virsh -q dumpxml "$1" --inactive | grep -q "mdev-precheck:device.*$2"
}

# event NAME URN - set metadata, which pretend.so takes for the event URN
event()
{
	virsh -q metadata "$1" --uri "urn:$2" --key x --set '<x/>' --live
}
# stamps_printed NUMBER - require that the watcher has printed so many stamps, and no more
stamps_printed()
{
	[ "$(wc -l < told)" = "$1" ]
}
# messages NUMBER TEXT - require that the watcher has printed so many messages with TEXT
messages()
{
	[ "$(grep -c -F -e "$2" said)" = "$1" ]
}

# descendants PID - print the children of the process, and their descendants
descendants()
{
	tr ' ' '\n' < "/proc/$1/task/$1/children" | while read -r each; do
		echo "$each"
		descendants "$each"
	done
}
# has_descendants NUMBER - require that the watcher has so many descendants.  The process of a
# domain has two processes of the library, from its first question to its end.
has_descendants()
{
	[ "$(descendants "$watch" | wc -l)" = "$1" ]
}
# gone PID... - require that all processes have ended
gone()
{
	for each; do
		[ ! -e "/proc/$each/exe" ] || ! readlink "/proc/$each/exe" || return
	done
}

# forget_domains - remove all domains, of this test and of libvirt's driver for tests
forget_domains()
{
	virsh -q list --all --name | while read -r name; do
		virsh -q destroy "$name"
		virsh -q undefine "$name"
	done > log 2>&1
}

# The host's UUID is in stamps, and a stamp of another host is not kept
preload=$work/pretend.so
own=0a0a0a0a-0000-4000-8000-00000000000a
echo $own > host
forget_domains
define hosted 1 8
(stamp hosted) > told 2> said
check "stamp ends with 3 because a driver did not answer" [ $? = 3 ]
check "stamp writes libvirt's UUID of the host" sh -c "
	virsh -q dumpxml hosted | grep '<mdev-precheck:devices .* running=\"no\" host=\"$own\">'"
# stamp_hosted ATTRIBUTE - stamp the domain hosted, whose element of stamps has the attribute
stamp_hosted()
{
	virsh -q metadata hosted --uri urn:mdev-precheck:stamp:1 --key x --config --set \
		"<devices running='no' $1><device type='port' state='read' version='5'
		  uuid='80000000-0000-4000-8000-000000000000'/></devices>"
	(stamp hosted) > told 2> said
}
stamp_hosted "host='$own'"
virsh -q dumpxml hosted > stamped.$own
: > host
(stamp hosted) > told 2> said
check "stamp ends with 3 if libvirt does not return its description of the host" [ $? = 3 ]
check "stamp prints one line if libvirt does not return its description of the host" sh -c "
	grep -x 'mdev-precheck: libvirt did not return the UUID of this host: .*' said &&
	[ \$(wc -l < said) = 1 ]"
virsh -q dumpxml hosted > unchanged
check_same "stamp changes no stamp if libvirt does not return its description of the host" \
	stamped.$own unchanged
# A socket can be the end of a tunnel to another host
echo other.example > hostname
(stamp hosted) > told 2> said
check "stamp ends with 3 if the socket leads to libvirt of another host" [ $? = 3 ]
check "stamp prints one line if the socket leads to libvirt of another host" sh -c "
	grep -F 'it is on the host other.example, and libvirt of $(hostname) was expected' said &&
	[ \$(wc -l < said) = 1 ]"
(stamp hosted --connect "$LIBVIRT_DEFAULT_URI") > told 2> said
check "stamp ends with 2 if --connect leads to libvirt of another host" [ $? = 2 ]
echo "$(hostname | sed 's/\..*//').example" > hostname
echo $own > host
(stamp hosted) > told 2> said
check "stamp reads devices if the name of libvirt's host is this host's name and a DNS domain" \
	grep -F 'domain hosted: device 1' told
rm hostname
echo $own > host
stamp_hosted ''
for number in 1 2; do
	check "stamp keeps a stamp without a host when it has stamped $number times" \
		grep_stamp hosted 'uuid="8.*state="read" version="5"'
	check "stamp does not write its own host on a stamp without a host when it has stamped $number times" sh -c "
		virsh -q dumpxml hosted | grep '<mdev-precheck:devices .* running=\"no\">'"
	(stamp hosted) > told 2> said
done
host=0b0b0b0b-0000-4000-8000-00000000000b
stamp_hosted "host='$host'"
virsh -q dumpxml hosted > stamped.$host
check "stamp keeps a stamp of this host whose device cannot be read" \
	grep 'uuid="8.*state="read" version="5"' stamped.$own
check "stamp does not keep a stamp of another host whose device cannot be read" \
	grep 'uuid="8.*state="unknown" errno="EIO"' stamped.$host
check "stamp writes the UUID of this host in the place of another host's" \
	grep " host=\"$own\"" stamped.$host
rm host refused
forget_domains
define first 1
start_watch -v
check "stamp --watch stamps a domain that is there when it starts" wait_for stamped first
define second 1 2
check "stamp --watch stamps a domain that is defined later" wait_for stamped second
check "stamp --watch prints a line for each device of two domains" wait_for stamps_printed 3
unstamp second --config
check "a domain whose stamp was removed is started" sh -c 'virsh start second'
check "stamp --watch stamps the running domain after its start" wait_for stamped second
check "stamp --watch stamps the configuration of a domain after its start" wait_for stamped second --inactive
check "stamp --watch prints one line for a device of a running domain and its configuration" wait_for stamps_printed 5
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
check "stamp --watch prints one line for each device and event" wait_for stamps_printed 15
unstamp second --live
event second arrive
# Events come in their order
define third 1
check "stamp --watch stamps a domain that is defined after the event arrive" wait_for stamped third
check "stamp --watch does not stamp a domain before its arrival ends" sh -c "
	! virsh -q dumpxml second | grep mdev-precheck:device"
check "a stamp that stamp --watch writes does not cause another one" stamps_printed 16

# busy NUMBER - require that the watcher has printed so often that the domain second is busy
busy()
{
	messages "$1" 'domain second: it is busy'
}
# The job is a migration to another host; a domain that is shut off does not have one
echo 5 > job
event second attach
check "stamp --watch prints that a domain is busy" wait_for busy 1
check "stamp --watch does not stamp a domain that migrates" sh -c "! virsh -q dumpxml second | grep mdev-precheck:device"
: > locked
define fourth 1
check "stamp --watch prints an error about a domain that is locked" wait_for grep -q '^mdev-precheck: domain fourth:' said
rm locked job
echo first > late
virsh -q start first
check "stamp --watch prints an error about a domain whose job it cannot ask for" \
	wait_for grep -q '^mdev-precheck: domain first:' said
check "stamp --watch does not write on a domain whose job it cannot ask for" \
	grep_live first 'running="no"'
rm late
check "stamp --watch stamps a domain once it is not locked" wait_for stamped fourth
check "stamp --watch stamps a domain after its job" wait_for stamped second
check "stamp --watch writes on a domain once it can ask for its job" \
	wait_for grep_live first 'running="yes"'
check "stamp --watch stamps a domain once after its job" wait_for stamps_printed 20
# Its process ends without a question if nothing is to be written
rm asked described
event second detach
check "stamp --watch reads a domain after an event that changes nothing" \
	wait_for grep -q -s second described
check "stamp --watch keeps no process for a domain that nothing has changed" wait_for has_descendants 0
check "stamp --watch does not ask for the job of a domain whose stamp does not change" \
	sh -c '! grep . asked'
unstamp second --live
echo 9 > job
event second attach
check "stamp --watch stamps a domain during a backup" wait_for stamped second
# The domain is paused because of a migration, and then runs although the job did not end
rm job asked
unstamp second --live
echo 3 2 > state
event second attach
check "stamp --watch does not yet stamp a domain that waits for its memory" wait_for busy 2
event second arrive
rm state
echo 4 > job
event second pause
check "stamp --watch stamps a domain that arrives and is paused" wait_for stamped second
unstamp second --live
event second arrive
event second arrived
check "stamp --watch stamps a domain whose migration ends" wait_for stamped second
check "stamp --watch asks libvirtd neither about the job of a domain that arrives nor of one that is shut off" \
	sh -c '! grep . asked'
rm job
define stuck 1
check "stamp --watch starts a process for a domain whose monitor hangs" wait_for has_descendants 3
define unstuck 1
check "stamp --watch stamps a domain while the monitor of another one hangs" wait_for stamped unstuck
check "stamp --watch leaves only the process of the monitor that hangs" wait_for has_descendants 3
left=$(descendants "$watch")
check "stamp --watch ends with 0 at SIGTERM while a monitor hangs" stop_watch TERM
# shellcheck disable=SC2086 # numbers
check "no process of stamp --watch survives SIGTERM" wait_for gone $left
forget_domains

# A driver does not answer.  A process of the watcher and two of the library wait for it.
preload=
for number in 1 2 3 4 5 f; do
	define "domain-$number" $number
done
start_watch --timeout 300
for number in 1 2 3 4 5; do
	check "stamp --watch stamps domain $number of five while a driver hangs" \
		wait_for stamped domain-$number
done
check "stamp --watch has the processes that wait for a driver, and no other" \
	wait_for has_descendants 3
check "stamp --watch does not stamp the domain whose driver hangs" \
	sh -c "! virsh -q dumpxml domain-f | grep mdev-precheck:device"
left=$(descendants "$watch")
stop_watch KILL
# shellcheck disable=SC2086 # numbers
check "no process of stamp --watch survives SIGKILL" wait_for gone $left
start_watch --timeout 300
check "stamp --watch has processes again that wait for a driver" wait_for has_descendants 3
left=$(descendants "$watch")
check "stamp --watch ends with 0 at SIGTERM while a driver hangs" stop_watch TERM
# shellcheck disable=SC2086 # numbers
check "no process of stamp --watch survives SIGTERM while a driver hangs" wait_for gone $left
# The domain runs, and one of its devices is not on this host
define gone 9 f
virsh -q start gone
start_watch --timeout 0.5
check "stamp --watch prints for how long it does not ask a parent" wait_for grep -x \
	'mdev-precheck: parent silent: its driver does not answer, so it is not asked for 5 seconds' said
check "stamp --watch stamps a version as unknown because the driver did not answer" \
	wait_for grep_stamp domain-f 'state="unknown" errno="ETIMEDOUT"'
rm "$silent"
echo 34 > "$silent"
check "stamp --watch reads a version that was unknown again" \
	wait_for grep_stamp domain-f 'state="read" version="34"'
check "stamp --watch reads a version again of a domain that has a missing device" \
	wait_for grep_stamp gone 'version="34"'
check "stamp --watch keeps no process for domains whose versions it has read" wait_for has_descendants 0
check "stamp --watch prints once that a device is missing, and not each time" \
	messages 1 'device 90000000-0000-4000-8000-000000000000: this host does not have'
check "another stamp --watch prints only the stamps that it has written" stamps_printed 2
before_crash=$(wc -l < said)
# files - print the number of files of the watcher; libvirt closes some only in its loop
files()
{
	set -- "/proc/$watch/fd"/*
	echo $#
}
has_files()
{
	[ "$(files)" = "$1" ]
}
wait_for has_descendants 0
before=$(files)
# libvirtd goes away; when it is back, it has a domain without a stamp
stop_libvirtd
check "stamp --watch prints that libvirt has closed the connection" wait_for \
	grep -q -x 'mdev-precheck: libvirt has closed the connection: the watch waits for it' said
kill -STOP "$watch"
check "libvirtd starts again after a crash" start_libvirtd
define fifth 1
kill -CONT "$watch"
check "stamp --watch stamps a domain that was defined before it connects again" wait_for stamped fifth
check "stamp --watch prints that libvirt is connected again" wait_for \
	grep -q -x 'mdev-precheck: libvirt is connected again' said
check "stamp --watch prints two lines about a crash of libvirtd" \
	[ "$(wc -l < said)" = $((before_crash + 2)) ]
define sixth 1
check "stamp --watch has events after it has connected again" wait_for stamped sixth
check "stamp --watch has as many files open as before libvirtd crashed" \
	wait_for has_files "$before"
# disconnect_often NUMBER - let libvirtd close all connections but the connection of virsh so often.
# The watcher prints when it is connected again, which takes less time than a step of wait_for.
disconnect_often()
{
	admin="libvirtd:///session?socket=$runtime/libvirt-admin-sock"
	known=$(grep -c 'connected again' said)
	for number in $(seq "$1"); do
		virt-admin -q -c "$admin" client-list libvirtd |
			awk '$1 ~ /^[0-9]+$/ && seen++ { print "client-disconnect libvirtd", $1 }' |
			virt-admin -q -c "$admin" > /dev/null
		sleep 0.02
		wait_for messages $((known + number)) 'connected again' || return
	done
}
forget_domains
check "stamp --watch connects a hundred times more" disconnect_often 100
check "stamp --watch has as many files open as before a hundred connections" \
	wait_for has_files "$before"
check "stamp --watch ends with 0 at SIGINT" stop_watch INT

# A connection would start the daemon that was stopped
cat > bin/systemctl <<'END'
#!/usr/bin/env -S -u LD_PRELOAD sh
echo "$*" >> systemctl.log
exit "$(cat systemctl.status)"
END
chmod +x bin/systemctl
: > systemd
preload=$work/pretend.so
start_watch --connect usual
define eighth 1
check "stamp --watch uses an alias of libvirt's usual URI" wait_for stamped eighth
wait_for has_descendants 0
define stuck 1
check "stamp --watch starts a process that waits while libvirtd stops" \
	wait_for has_descendants 3
# restart_libvirtd STATUS - systemctl ends with STATUS then, and processes that wait have ended
restart_libvirtd()
{
	echo "$1" > systemctl.status
	kill -STOP "$watch"
	stop_libvirtd
	rm connected
	: > released
	# shellcheck disable=SC2046 # numbers
	wait_for gone $(descendants "$watch")
	: >> connected
	mv connected connected-by-processes
	start_libvirtd
	status=$?
	kill -CONT "$watch"
	return $status
}
check "libvirtd starts again, and systemctl prints that it is not active" restart_libvirtd 3
check "stamp --watch asks systemctl after libvirt has closed the connection" \
	wait_for [ -s systemctl.log ]
check "a process of stamp --watch does not connect because libvirtd has stopped" \
	cmp /dev/null connected-by-processes
check "a process of stamp --watch prints nothing because libvirtd has stopped" \
	messages 0 'domain stuck'
echo is-active --quiet libvirtd.service virtqemud.service > expected
check_same "stamp --watch asks systemctl whether libvirt's daemon is active" expected systemctl.log
check "stamp --watch does not connect while systemctl prints that the daemon is not active" \
	messages 0 'connected again'
: > host
echo 1 > systemctl.status
check "stamp --watch tries to connect while libvirt does not return its description of the host" \
	wait_for [ -e refused ]
check "stamp --watch does not go on without libvirt's description of the host" messages 0 'connected again'
rm host
check "stamp --watch connects when systemctl fails" wait_for messages 1 'connected again'
check "libvirtd starts again, and systemctl prints that it is active" restart_libvirtd 0
check "stamp --watch connects when the daemon is active" wait_for messages 2 'connected again'
check "stamp --watch ends with 0 after the daemon was stopped" stop_watch TERM
rm systemd
preload=

# The output of the watcher was closed
mkfifo pipe
head -n 1 pipe > first-line &
define ninth 1
stamp --watch > pipe 2> said &
watch=$!
check "stamp --watch prints its first line into a pipe" wait_for [ -s first-line ]
define seventh 1
check "stamp --watch stamps a domain after its output was closed" wait_for stamped seventh
kill "$watch"
wait "$watch"
watch=

# The watcher gets SIGTERM, the 15th signal, while libvirt does not answer.  SIGTERM would end any
# program that does not catch it yet.  The process is this shell until it executes the watcher, and
# the shell catches SIGTERM, too.
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
start_watch
define tenth 1
check "stamp --watch stamps a domain after libvirtd goes on" wait_for stamped tenth
kill -STOP "$libvirtd"
check "stamp --watch ends with 0 at SIGTERM while libvirtd does not close the connection" stop_watch TERM
kill -CONT "$libvirtd"
tests_end
