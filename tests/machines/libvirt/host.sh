# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# In the machine: functions of both hosts.  host1 has the guest at first and gives the orders by
# ssh to host2.

# A host is ready when this file exists
ready=/run/host-ready

# host_is NUMBER - set up name, address and keys, and install mdev-precheck
host_is()
{
	own=host$1
	hostname "$own"
	printf '%s\n' '127.0.0.1 localhost' '192.0.2.1 host1' '192.0.2.2 host2' > /etc/hosts
	ip address add "192.0.2.$1/24" dev eth0
	ip link set eth0 up

	mkdir -p "$HOME"/.ssh
	cp /user_key "$HOME"/.ssh/id_ed25519
	cp /user_key.pub "$HOME"/.ssh/authorized_keys
	cp /host_key /etc/ssh/ssh_host_ed25519_key
	chmod 700 "$HOME"/.ssh
	chmod 600 "$HOME"/.ssh/* /etc/ssh/ssh_host_ed25519_key
	# A connection takes an emulated processor seconds, so that all commands share one
	cat > "$HOME"/.ssh/config <<-'CONFIG'
	StrictHostKeyChecking no
	UserKnownHostsFile /dev/null
	LogLevel ERROR
	ConnectTimeout 5
	ControlMaster auto
	ControlPath /run/ssh-%h
	ControlPersist yes
	CONFIG
	systemctl start ssh

	# libvirt finds the hook when it is reloaded, as after an installation of the package
	tools_on "$own"
	systemctl daemon-reload
	systemctl reload libvirtd
	# The domain's serial port writes to this directory
	mkdir -p /var/log/domain
}

# tools_on HOST - install mdev-precheck, with all of its files
tools_on()
{
	on "$1" "tar -x --no-overwrite-dir -f /mdev-precheck.tar -C / && ldconfig"
}

# on HOST COMMAND - run a command in the shell of the host
on()
{
	on_stdin "$1" "$2" < /dev/null
}

# on_stdin HOST COMMAND - run a command with our standard input
on_stdin()
{
	if [ "$1" = "$own" ]; then
		sh -c "$2"
	else
		# shellcheck disable=SC2029 # the command is expanded here
		ssh "$1" "$2"
	fi
}

# now - print the seconds since this host has started
now()
{
	cut -d ' ' -f 1 /proc/uptime
}

# until_true HOST COMMAND - wait until the command succeeds, two minutes at most
until_true()
{
	on "$1" "for try in \$(seq 600); do
			{ $2; } > /dev/null 2>&1 && exit
			sleep 0.2
		done
		exit 1"
}

# wait_for_host HOST - wait until a host is ready
wait_for_host()
{
	for try in $(seq 300); do
		ssh "$1" test -e $ready < /dev/null 2> /dev/null && return
		sleep 1
	done
	echo "$1 does not answer after $try tries"
	return 1
}

# use_mtty HOST MODULE [TYPE|NUMBER:TYPE]... - load that mtty in place of another one, "mtty" for
# the installed one, and make a device of each type, with that number or its place, see device()
use_mtty()
{
	host=$1
	insert="insmod /$2.ko"
	[ "$2" != mtty ] || insert="modprobe mtty"
	create=
	number=0
	shift 2
	for type; do
		number=$((number + 1))
		case $type in
		*:*)	number=${type%%:*} ;;
		esac
		create="$create && $(creation "$number" "${type#*:}")"
	done
	on "$host" "rmmod mtty && $insert $create"
}

# creation NUMBER TYPE - print the command that makes a device of mtty
creation()
{
	echo "echo $(device "$1") > /sys/class/mdev_bus/mtty/mdev_supported_types/$2/create"
}

# device NUMBER - print its UUID, which is the same on both hosts
device()
{
	echo "c5f2a9d4-7b1e-4c3a-9f60-00000000000$1"
}

# domain NAME MIB SCRATCH DEVICE... - print the XML of a domain; its program is guest.c
domain()
{
	cat <<-END_DOMAIN
	<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
	  <name>$1</name>
	  <memory unit='MiB'>$2</memory>
	  <vcpu>1</vcpu>
	  <os>
	    <type arch='x86_64' machine='pc'>hvm</type>
	    <kernel>/guest</kernel>
	    <cmdline>scratch=$3</cmdline>
	  </os>
	  <features><acpi/></features>
	  <cpu mode='custom' match='exact' check='none'><model>qemu64</model></cpu>
	  <devices>
	    <emulator>/usr/bin/qemu-system-x86_64</emulator>
	    <controller type='usb' model='none'/>
	    <memballoon model='none'/>
	    <video><model type='none'/></video>
	    <serial type='file'><source path='/var/log/domain/$1'/></serial>
	END_DOMAIN
	shift 3
	for number; do
		hostdev "$number"
	done
	echo "  </devices>"
	[ $# = 0 ] || override $#
	echo "</domain>"
}

# hostdev NUMBER - print the XML of a device
hostdev()
{
	cat <<-END_DEVICE
	    <hostdev mode='subsystem' type='mdev' model='vfio-pci'>
	      <source><address uuid='$(device "$1")'/></source>
	    </hostdev>
	END_DEVICE
}

# override NUM - print settings that QEMU needs to migrate NUM devices, and libvirt does not set
override()
{
	echo "  <qemu:override>"
	for alias in $(seq 0 $(($1 - 1))); do
		cat <<-END_OVERRIDE
		    <qemu:device alias='hostdev$alias'>
		      <qemu:frontend>
		        <qemu:property name='enable-migration' type='string' value='on'/>
		        <qemu:property name='x-device-dirty-page-tracking' type='string' value='off'/>
		      </qemu:frontend>
		    </qemu:device>
		END_OVERRIDE
	done
	echo "  </qemu:override>"
}
