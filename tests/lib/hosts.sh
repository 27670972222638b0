# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Hosts on this machine: each host is a mount namespace with a libvirtd that has the QEMU driver.
# A test that is contained, see scripts/contained, reads this after tap.sh.  The working directory
# is then $work.  The test runs as root, because libvirt sets the groups of a guest, which a user
# namespace does not allow.
#
# Each host has a directory in $work:
#
#	HOST/etc, HOST/lib, HOST/run ...	mounted on /etc/libvirt, /var/lib, /run ...
#	HOST/uuid				the UUID of the host for libvirt
#	HOST/libvirtd.log			the output of its libvirtd
#	HOST/logged				messages to its system log, a line each
#	HOST/daemon				the process ID of its libvirtd

# shellcheck disable=SC2034,SC2154 # for the test; $work and $status are of tap.sh

# A daemon's warning in the system log begins with its facility and severity: 3 * 8 + 4
warning='<28>'

# The seconds after which a call of virsh is killed
limit=120

# The path of a socket has at most 107 bytes, which $work may exceed.  This path leads there from
# each namespace, while this shell lives.
cd "$work" || exit
sockets=/proc/$$/cwd/sockets
mkdir drivers sockets
ln -s "$(find /usr/lib -name libvirt_driver_qemu.so)" drivers

# The processes of the hosts, which end with the test.  libvirt writes the process ID of each guest
# to a file.
started='' daemons=''

# kill_all SIGNAL FILE... - send the signal to each process whose ID is in one of the files
kill_all()
{
	signal=$1
	shift
	for file; do
		while read -r pid || [ -n "$pid" ]; do
			kill "-$signal" "$pid"
		done < "$file"
	done
}

# end_hosts - kill the daemons, and then the guests, whose end the daemons would report
end_hosts()
{
	{
		for pid in $daemons; do
			kill -KILL "$pid"
		done
		kill_all KILL ./*/run/libvirt/qemu/*.pid
		for pid in $started; do
			kill -KILL "$pid"
		done
		wait
	} 2> /dev/null
}

# on HOST COMMAND... - run the command in the mount namespace of the host
on()
{
	host=$1
	shift
	nsenter --mount --target "$(cat "$host/namespace")" "$@"
}

# uri HOST - print the URI with which libvirt connects to the daemon of the host
uri()
{
	echo "qemu+unix:///system?socket=$sockets/$1/libvirt-sock"
}

# "of HOST ARGUMENT..." runs virsh with the daemon of the host
of()
{
	host=$1
	shift
	timeout $limit virsh -q -c "$(uri "$host")" "$@"
}

# receive_log HOST - append messages to the system log of the host to HOST/logged
receive_log()
{
	perl -MSocket -e '
		$| = 1;
		socket(my $log, AF_UNIX, SOCK_DGRAM, 0) or die $!;
		bind($log, pack_sockaddr_un($ARGV[0])) or die "$ARGV[0]: $!";
		while (defined recv($log, my $message, 65536, 0)) {
			print "$message\n";
		}' "$1/dev/log" >> "$1/logged" 2>&1 &
	started="$started $!"
	wait_for [ -S "$1/dev/log" ]
}

# complete_log HOST - wait until HOST/logged has all messages that were sent before
complete_log()
{
	marks=$((${marks:-0} + 1))
	on "$1" logger --socket-errors=on "mark $marks of $$" &&
		wait_for grep -q "mark $marks of $$\$" "$1/logged"
}

# make_host HOST - start a mount namespace with directories of its own for libvirt.  Its /dev does
# not have KVM, because some machines do not have it, nor the log of this system.  The hosts share a
# cache, because libvirt takes seconds to find the capabilities of QEMU.
make_host()
{
	mkdir -p "$1/etc/libvirt/hooks/qemu.d" "$1/lib/libvirt" "$1/log/libvirt" \
		"$1/run/libvirt" "$1/dev" cache/libvirt "$sockets/$1"
	cat /proc/sys/kernel/random/uuid > "$1/uuid"
	{ getent passwd; echo "libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin"; } \
		> "$1/passwd"
	{ getent group; echo "libvirt-qemu:x:64055:"; echo "kvm:x:64056:"; } > "$1/group"
	cat > "$1/etc/libvirt/qemu.conf" <<-END
		security_driver = "none"
		user = "root"
		group = "root"
		remember_owner = 0
		namespaces = []
		cgroup_controllers = []
		stdio_handler = "file"
	END
	cat > "$1/etc/libvirt/libvirtd.conf" <<-END
		unix_sock_dir = "$sockets/$1"
		auth_unix_ro = "none"
		auth_unix_rw = "none"
		host_uuid = "$(cat "$1/uuid")"
	END
	receive_log "$1" || return
	# shellcheck disable=SC2016 # for the shell in the namespace
	unshare --mount sh -c '
		for node in full null random tty urandom zero; do
			: > "$1/dev/$node" && mount --bind "/dev/$node" "$1/dev/$node" || exit
		done
		ln -s /proc/self/fd "$1/dev/fd" &&
		mount --rbind "$1/dev" /dev &&
		mount --bind "$1/etc/libvirt" /etc/libvirt &&
		mount --bind "$1/lib" /var/lib &&
		mount --bind "$1/log" /var/log &&
		mount --bind cache /var/cache &&
		mount --bind "$1/run" /run &&
		mount --bind "$1/passwd" /etc/passwd &&
		mount --bind "$1/group" /etc/group || exit
		echo $$ > "$1/namespace"
		exec sleep 900' make_host "$1" > "$1/mounts.log" 2>&1 &
	started="$started $!"
	wait_for [ -s "$1/namespace" ]
}

# The processor for each libvirtd: if libvirtd starts on another processor, it spends seconds to ask
# QEMU for its capabilities again
cpu=$(taskset --cpu-list --pid $$ | sed 's/.*: \([0-9]*\).*/\1/')

# start_libvirtd HOST - start the daemon of the host with the QEMU driver alone
start_libvirtd()
{
	LIBVIRT_DRIVER_DIR="$work/drivers" \
		nsenter --mount --target "$(cat "$1/namespace")" \
		taskset --cpu-list "$cpu" libvirtd --config /etc/libvirt/libvirtd.conf \
		--pid-file /run/libvirtd.pid >> "$1/libvirtd.log" 2>&1 &
	echo $! > "$1/daemon"
	daemons="$daemons $!"
	wait_for of "$1" uri > /dev/null 2>&1
}

# stop_libvirtd HOST - stop the daemon of the host with SIGTERM, as systemd does
stop_libvirtd()
{
	kill "$(cat "$1/daemon")" && wait "$(cat "$1/daemon")"
}

# start_hosts HOST... - start the daemons one after the other, because all others take the
# capabilities of QEMU from the first one
start_hosts()
{
	for each; do
		check "the libvirtd of the host $each starts" start_libvirtd "$each"
		[ "$status" = 0 ] ||
			bail_out "the libvirtd of $each did not start: $(tail -n 1 "$each/libvirtd.log")"
		of "$each" domcapabilities --virttype qemu > /dev/null
	done
}

# stamp MARKS UUID/TYPE/VERSION[/ADDRESS]... - print the element of the stamps, which has the
# attributes MARKS
stamp()
{
	echo "<stamp:devices xmlns:stamp='urn:mdev-precheck:stamp:1' $1>"
	shift
	printf '%s\n' "$@" | awk -F / '{
		print "<stamp:device uuid=\"" $1 "\" type=\"" $2 "\" state=\"read\" version=\"" $3 \
			"\"" ($4 ? " address=\"" $4 "\"" : "") "/>"
	}'
	echo "</stamp:devices>"
}

# hostdev UUID - print the XML of a mediated device, always at the same address of the guest
hostdev()
{
	cat <<-END
		<hostdev mode='subsystem' type='mdev' model='vfio-pci'>
		  <source><address uuid='$1'/></source>
		  <address type='pci' domain='0x0000' bus='0x00' slot='0x05' function='0x0'/>
		</hostdev>
	END
}

# domain NAME [UUID [STAMP]] - print the XML of a domain, with a device and the element of its stamp
domain()
{
	cat <<-END
		<domain type='qemu'>
		  <name>$1</name>
		  <memory unit='MiB'>16</memory>
		  <os><type arch='x86_64' machine='pc'>hvm</type></os>
		  <metadata>${3-}</metadata>
		  <devices>
		    <emulator>/usr/bin/qemu-system-x86_64</emulator>
		    <controller type='usb' model='none'/>
		    <memballoon model='none'/>
		    <video><model type='none'/></video>
		    ${2:+$(hostdev "$2")}
		  </devices>
		</domain>
	END
}

# define HOST NAME [UUID [STAMP]] - define a domain on the host
define()
{
	host=$1
	shift
	domain "$@" > "$1.xml"
	of "$host" define "$1.xml"
}

# last_refusal NAME HOST - print the last refusal of the hook from the log of the host's libvirtd,
# where each message begins with the time and may have several lines
last_refusal()
{
	awk -v call="/qemu.d/mdev-precheck $1 migrate begin" '
		/^[0-9-]+ [0-9:.]+\+0000: / {
			inside = index($0, "Hook script execution failed") && index($0, call)
			if (inside)
				refusal = ""
		}
		inside	{ refusal = refusal $0 "\n" }
		END	{ printf "%s", refusal }' "$2/libvirtd.log"
}

# refused NAME HOST TEXT... - require that the hook of the host refused the migration of the guest,
# that the messages of virsh in NAME.said have each TEXT, and that the guest is not on the host
refused()
{
	# virsh asks for the progress every half second, and prints nothing if the migration fails
	# meanwhile; with --p2p it can print only that the connection has ended
	grep -q 'Hook script execution failed' "$1.said" ||
		last_refusal "$1" "$2" >> "$1.said"
	grep -F 'Hook script execution failed' "$1.said" || { cat "$1.said"; return 1; }
	of "$2" domstate "$1" && return 1
	said=$1.said
	shift 2
	for text; do
		grep -F -e "$text" "$said" || { cat "$said"; return 1; }
	done
}
