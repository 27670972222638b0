# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2154 # $work is of tap.sh
#
# Hosts on this machine that systemd has booted.  Each host is a root directory of
# scripts/debian-root with changes of its own, in namespaces of its own.  Its network has only lo.
# A test that is contained, see scripts/contained, reads this after tap.sh as root.  The working
# directory is then $work.
#
#	HOST/upper	the files that the host has changed in its root directory
#	HOST/init	the process ID of its first process, systemd
#	HOST/boot.log	the output of that systemd
#	HOST/hangs	connections to the host hang while this file exists
#
# ssh -F ssh_config HOST reaches the sshd of the host without a network, so that nobody else can.

# Control groups outlive their processes.  The groups of tests that were killed go now.
mkdir cgroup
mount -t cgroup2 cgroup2 cgroup || bail_out "control groups of version 2 cannot be mounted"
groups=mdev-precheck-test
ours=$groups.$CONTAINED
remove_groups()
{
	find cgroup -mindepth 1 -depth -path "cgroup/$groups.*" -type d -exec rmdir {} + 2> /dev/null
}
remove_groups

# end_hosts - kill the first process of each host, with which all others end
end_hosts()
{
	for init in */init; do
		[ ! -s "$init" ] || kill -KILL "$(cat "$init")" 2> /dev/null
	done
	tries=100
	until remove_groups; ! ls -d "cgroup/$ours."* > /dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || break
		sleep 0.1
	done
}
trap end_hosts EXIT

# begin_ssh - make a key and an ssh_config for all hosts
begin_ssh()
{
	ssh-keygen -q -t ed25519 -N '' -C test -f user_key || return
	cat > ssh_config <<-END
		ProxyCommand $work/reach %h
		User root
		IdentityFile $work/user_key
		IdentitiesOnly yes
		StrictHostKeyChecking no
		UserKnownHostsFile /dev/null
		LogLevel ERROR
	END
	cat > reach <<-END
		#!/bin/sh
		[ ! -e '$work'/"\$1"/hangs ] || exec sleep 1000
		init=\$(cat '$work'/"\$1"/init) && [ -d "/proc/\$init" ] || exit
		exec nsenter --all --root --wd --target "\$init" /usr/sbin/sshd -i -o StrictModes=no
	END
	chmod +x reach
}

# on HOST COMMAND... - run the command as root of the host
on()
{
	on=$(cat "$1/init")
	shift
	nsenter --all --root --wd --target "$on" env -i \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
}

# boot HOST ROOT - boot a host, and wait for its units.  The host leaves the network of this
# machine before it mounts /sys, because a mount of /sys belongs to a network.  /sys is read-only,
# so that systemd does not start udevd.
boot()
{
	mkdir -p "$1/upper/etc" "$1/upper/root/.ssh" "$1/work" "$1/merged" \
		"cgroup/$ours.$1" || return
	echo "$1" > "$1/upper/etc/hostname"
	cp user_key.pub "$1/upper/root/.ssh/authorized_keys"
	# The links and mounts that systemd requires of a container
	# shellcheck disable=SC2016 # for the shell in the namespaces
	set_up='
	mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/merged"
	cd "$1/merged"
	mount -t proc proc proc
	mount -t sysfs -o ro sysfs sys
	mount -t cgroup2 cgroup2 sys/fs/cgroup
	mount -t tmpfs -o mode=755 tmpfs dev
	for device in null zero full random urandom tty; do
		: > "dev/$device"
		mount --bind "/dev/$device" "dev/$device"
	done
	mkdir dev/pts dev/shm
	mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
	mount -t tmpfs -o mode=1777 tmpfs dev/shm
	ln -s pts/ptmx dev/ptmx
	ln -s /proc/self/fd dev/fd
	mount -t tmpfs -o mode=755 tmpfs run
	mount -t tmpfs -o mode=1777 tmpfs tmp
	pivot_root . mnt
	umount -l /mnt
	exec env -i container=other /lib/systemd/systemd --log-target=console'
	# shellcheck disable=SC2016 # for the shell that is in the control group
	sh -c 'echo $$ > "$1" && shift && exec "$@"' sh "cgroup/$ours.$1/cgroup.procs" \
		unshare --mount --pid --fork --kill-child --uts --ipc --net --cgroup \
		sh -e -c "$set_up" sh "$1" "$2" > "$1/boot.log" 2>&1 < /dev/null &
	# unshare has one child, which is the first process of the host
	unshare=$!
	wait_for grep -q -s . "/proc/$unshare/task/$unshare/children" || return
	tr -d ' ' < "/proc/$unshare/task/$unshare/children" > "$1/init"
	wait_for booted "$1"
}
booted()
{
	case $(on "$1" systemctl is-system-running 2>&1) in
	running)	;;
	*)		return 1 ;;
	esac
}
