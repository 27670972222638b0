#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# dpkg installs, upgrades and removes mdev-precheck-libvirt beside a real libvirtd, and fails on the
# way.  The entry refuses a guest only while its checker is installed, a running guest lives through
# restarts of its daemon, and the administrator's choice about the entry stays.
#
# The host "target" is this machine with an /etc, a /usr and a database of dpkg of its own, which
# the test discards, see tests/lib/hosts.sh.  The host does not have mediated devices, so that the
# entry, if libvirt calls it, refuses a guest that has one.
#
# needs: precheck bookworm-build root
# seconds: 90

. "$(dirname -- "$0")/../lib/packages.sh"
. "$(dirname -- "$0")/../lib/hosts.sh"

restarts=2
package=mdev-precheck-libvirt
unit=mdev-precheck-stamp.service
device=10000000-0000-4000-8000-000000000000
hooks=target/etc/libvirt/hooks/qemu.d
entry=$hooks/mdev-precheck

trap end_hosts EXIT
trap 'exit 1' HUP INT TERM

# dpkg and apt must not ask, because they do not have a terminal
export DEBIAN_FRONTEND=noninteractive

# in_target COMMAND... - run the command on the target, and write its output to ./said
in_target()
{
	on target "$@" > said 2>&1 < /dev/null
	in_target_status=$?
	cat said
	return $in_target_status
}

# files - print the files of the target but libvirt's, dpkg's and apt's own
files()
{
	on target find /etc /usr /var/lib \
		\( -path /var/lib/dpkg -o -path /var/lib/libvirt -o -path /var/lib/apt \) -prune \
		-o -print | sort
}

# remake NAME VERSION - build a package of that version from the files in NAME/
remake()
{
	sed -i -e "s/^Version:.*/Version: $2/" -e 's/mdev-precheck (= [^)]*)/mdev-precheck/' \
		"$1/DEBIAN/control"
	dpkg-deb --root-owner-group -Znone -b "$1" "$1.deb"
}

# version NAME VERSION [COMMAND] - build NAME.deb, the package with that version, after COMMAND has
# changed its files in NAME/
version()
{
	dpkg-deb -R "$packages/$package"_*.deb "$1" && { [ -z "${3-}" ] || sh -e -c "$3"; } &&
		remake "$1" "$2"
} > version.log 2>&1

# migrate NAME - migrate the guest from the source to the target
migrate()
{
	of source migrate --offline --persistent "$1" "$(uri target)" > "$1.said" 2>&1
}

# comes NAME - require that the guest migrates to the target
comes()
{
	migrate "$1" || { cat "$1.said"; return 1; }
	of target undefine "$1"
}

# refuses - require that the target refuses a guest with a mediated device, for the reason of the
# checker
refuses()
{
	migrate with-device
	refused with-device target 'unexpected exit status 3: ' "device $device" \
		'this host does not have it'
}

# lives - require that the guest "bystander" still has the same QEMU.  libvirt takes a command for
# it after it has reconnected.
lives()
{
	of target qemu-monitor-command bystander --hmp 'info status' &&
		[ "$(of target domstate bystander)" = running ] &&
		cmp target/qemu target/run/libvirt/qemu/bystander.pid
}

# restarts - restart the daemon, which calls "reconnect begin" for the running guest
restarts()
{
	for _ in $(seq $restarts); do
		stop_libvirtd target
		start_libvirtd target && lives || return
	done
}

# guarded STATE - test that libvirt calls the entry, and that the entry has its checker
guarded()
{
	check "$1: the entry is switched on" [ -x $entry ]
	check "$1: a guest with a mediated device is refused by the checker" refuses
	check "$1: a guest without a mediated device migrates in" comes without
	check "$1: a running guest lives through restarts of its daemon" restarts
	check "$1: a guest with a mediated device is refused after the restarts" refuses
}

# open STATE - test that libvirt does not call an entry
open()
{
	check "$1: a guest with a mediated device migrates in" comes with-device
	check "$1: a guest without a mediated device migrates in" comes without
	check "$1: a running guest lives through restarts of its daemon" restarts
	check "$1: a guest with a mediated device migrates in after the restarts" comes with-device
}

# installs NAME ARGUMENT... - test under that name that dpkg succeeds on the target
installs()
{
	name=$1
	shift
	check "$name" in_target dpkg --force-confdef --force-confold "$@"
}

for each in source target; do
	make_host $each || bail_out "the mounts of $each failed: $(cat $each/mounts.log)"
done
mkdir -p target/overlay target/lib/apt/lists/partial target/lib/systemd target/log/apt \
	cache/apt/archives/partial
# dpkg would remove the directory if it were empty
: > $hooks/another
cp -a /var/lib/dpkg target/lib || bail_out "the database of dpkg cannot be copied"
# shellcheck disable=SC2016 # for the shell in the namespace
on target sh -e -c '
	for name in etc usr; do
		mkdir "$1/overlay/$name" "$1/overlay/$name.work"
		mount -t overlay -o "lowerdir=/$name,upperdir=$1/overlay/$name,workdir=$1/overlay/$name.work" \
			overlay "/$name"
	done
	mount --bind "$1/etc/libvirt" /etc/libvirt
	mount --bind "$1/passwd" /etc/passwd
	mount --bind "$1/group" /etc/group
	# This machine may have the packages
	dpkg --purge mdev-precheck-libvirt mdev-precheck
	rm -rf /etc/mdev-precheck' - "$work/target" > log 2>&1 ||
	bail_out "the target does not have directories of its own: $(tail -n 1 log)"

# The target does not run systemd, so that this script takes the place of systemctl.  A file in /run
# lets a reload fail or hang.
cat > systemctl <<'END'
#!/bin/sh
echo "$*" >> /run/systemctl.log
case $* in
*is-active*libvirtd.service)
	exit 0 ;;
*is-active*|*is-enabled*)
	exit 3 ;;
"reload libvirtd.service")
	[ ! -e /run/reload-hangs ] || exec sleep 600
	[ ! -e /run/reload-fails ] || exit 1
	kill -HUP "$(cat /run/libvirtd.pid)" ;;
esac
END
# host_runs MANAGER POLICY - let the target have systemd as its manager, or not, and let policy-rc.d
# exit with POLICY
host_runs()
{
	printf '#!/bin/sh\nexit %s\n' "$2" > policy-rc.d
	chmod +x systemctl policy-rc.d
	# shellcheck disable=SC2016 # for the other shell
	on target sh -c 'rm -f /usr/bin/systemctl /usr/sbin/policy-rc.d &&
		cp "$1/systemctl" /usr/bin && cp "$1/policy-rc.d" /usr/sbin' - "$work" || return
	rm -rf target/run/systemd
	[ "$1" != systemd ] || mkdir -p target/run/systemd/system
	: > target/run/systemctl.log
}
# reloads NUMBER - require that the maintainer scripts have reloaded the daemon so often
reloads()
{
	cat target/run/systemctl.log
	[ "$(grep -c '^reload libvirtd.service$' target/run/systemctl.log)" = "$1" ] &&
		! grep -E '(restart|start|stop|reload) .*(libvirtd|virtqemud)' target/run/systemctl.log |
			grep -v '^reload libvirtd.service$'
}
host_runs systemd 0 || bail_out "the stand-in for systemctl does not run"

start_hosts source target
define source with-device $device "$(stamp "" $device/port/33)" > log 2>&1 &&
	define source without >> log 2>&1
result $? "the source has domains" log
define target bystander > log 2>&1 && of target start bystander >> log 2>&1
result $? "a guest runs on the target" log
cp target/run/libvirt/qemu/bystander.pid target/qemu || bail_out "the guest does not run"
files > before

set -- "$packages"/mdev-precheck_*.deb
command=$1
set -- "$packages/$package"_*.deb
deb=$1
# dpkg of Debian 12 also upgrades to the same version
check "packages are made: the next version" version next 3
check "packages are made: a version with another entry" version other 4 \
	'echo "# another one" >> other/etc/libvirt/hooks/qemu.d/mdev-precheck'
check "packages are made: a version that cannot be removed" version no-prerm 5 \
	'sed -i "/^#DEBHELPER#\|^# Automatically/i exit 1" no-prerm/DEBIAN/prerm'
check "packages are made: a version whose removal fails when its files are gone" version no-postrm 8 \
	'sed -i "2i exit 1" no-postrm/DEBIAN/postrm'
check "packages are made: a version that cannot be unpacked" version no-preinst 6 \
	'printf "#!/bin/sh\nexit 1\n" > no-preinst/DEBIAN/preinst
	chmod 755 no-preinst/DEBIAN/preinst'
check "packages are made: a version with a file of another package" version conflict 7 \
	'touch -d 2000-01-01 conflict/usr/sbin/mdev-precheck-hook
	mkdir -p conflict/usr/bin && cp conflict/usr/sbin/mdev-precheck-hook conflict/usr/bin/dpkg'

# A new installation.  dpkg has unpacked the entry as mdev-precheck.dpkg-new before the checker.
installs "dpkg unpacks the packages" --unpack "$command" "$deb"
check "mdev-precheck-libvirt is unpacked: libvirt cannot execute a file of the package" \
	sh -c "! find $hooks -name 'mdev-precheck*' -perm /111 | grep ."
open "mdev-precheck-libvirt is unpacked"
check "mdev-precheck-libvirt is unpacked: the daemon was not reloaded" reloads 0
installs "dpkg configures the packages" --configure -a
check "mdev-precheck-libvirt is installed: the daemon was reloaded, and not restarted" reloads 1
guarded "mdev-precheck-libvirt is installed"
check "mdev-precheck-libvirt is installed: the unit is enabled" \
	grep "preset $unit" target/run/systemctl.log
check "mdev-precheck-libvirt is installed: dpkg has the entry and hook.conf as conffiles" sh -c "
	nsenter --mount --target '$(cat target/namespace)' \
		dpkg-query -W -f '\${Conffiles}' $package | grep -c -e qemu.d/mdev-precheck \
		-e /etc/mdev-precheck/hook.conf | grep -x 2"

# The entry goes off before its checker: when dpkg calls prerm, the checker is still there
check "apt-get remove mdev-precheck-libvirt succeeds" in_target apt-get -y remove $package
check "mdev-precheck-libvirt is removed: dpkg leaves the entry" [ -f $entry ]
check "mdev-precheck-libvirt is removed: the entry is switched off" [ ! -x $entry ]
check "mdev-precheck-libvirt is removed: the checker is gone" \
	on target test ! -e /usr/sbin/mdev-precheck-hook
open "mdev-precheck-libvirt is removed"
: > target/run/systemctl.log
installs "dpkg installs the package again" -i "$deb"
check "mdev-precheck-libvirt is installed again: the daemon was reloaded once" reloads 1
guarded "mdev-precheck-libvirt is installed again"
check "mdev-precheck-libvirt is installed again: the mode that the removal has kept is gone" \
	[ ! -e target/lib/$package ]

# Choices of the administrator
installs "an upgrade succeeds" -i "$work/next.deb"
guarded "after an upgrade"
chmod a-x $entry
for each in "an upgrade:-i $work/other.deb" "a removal:-r $package" \
	"an installation:-i $work/other.deb"; do
	# shellcheck disable=SC2086 # words
	installs "the administrator has switched the entry off: ${each%%:*} succeeds" ${each#*:}
	check "the administrator has switched the entry off: ${each%%:*} leaves it off" [ ! -x $entry ]
done
open "the administrator has switched the entry off"
chmod 750 $entry
installs "a removal of an entry with mode 750 succeeds" -r $package
check "a removal switches off the entry with mode 750" [ ! -x $entry ]
installs "an installation over the entry that had mode 750 succeeds" -i "$deb"
check "an installation gives the entry its mode 750 again" [ "$(stat -c %a $entry)" = 750 ]
installs "a removal before dpkg-statoverride succeeds" -r $package
check "dpkg-statoverride takes a mode for the removed entry" in_target \
	dpkg-statoverride --add root root 0644 /etc/libvirt/hooks/qemu.d/mdev-precheck
installs "an installation with an override succeeds" -i "$deb"
check "an installation takes the mode of dpkg-statoverride" [ "$(stat -c %a $entry)" = 644 ]
check "dpkg-statoverride forgets the mode" in_target \
	dpkg-statoverride --remove /etc/libvirt/hooks/qemu.d/mdev-precheck
chmod 755 $entry

# If the administrator has changed the entry, dpkg leaves the new one beside it, and libvirt calls
# both
echo '# mine' >> $entry
installs "an upgrade over a changed entry succeeds" -i "$work/other.deb"
check "an upgrade leaves a changed entry as it was" grep -x '# mine' $entry
check "an upgrade leaves the new entry beside a changed one" [ -f $entry.dpkg-dist ]
guarded "the administrator has changed the entry"
installs "a removal with a changed entry succeeds" -r $package
open "mdev-precheck-libvirt is removed, and the entry was changed"
installs "an installation over a changed entry succeeds" -i "$deb"
rm -f $entry $entry.dpkg-dist
installs "an upgrade over an entry that was deleted succeeds" -i "$work/other.deb"
check "an upgrade does not bring back an entry that was deleted" [ ! -e $entry ]
open "the administrator has deleted the entry"
installs "a removal without the entry succeeds" -r $package
installs "an installation without the entry succeeds" -i "$deb"
check "an installation does not bring back an entry that was deleted" [ ! -e $entry ]

# The entry is a link of the administrator's, to a file that is not dpkg's
cp -p "$work/other/etc/libvirt/hooks/qemu.d/mdev-precheck" mine
chmod 755 mine
ln -s "$work/mine" $entry
check "a removal with a link in place of the entry succeeds, and warns" \
	comes_to 0 "^warning: .* is a symbolic link: remove it" in_target dpkg -r $package
check "a removal leaves the mode of the link's file" [ "$(stat -c %a mine)" = 755 ]

# A purge leaves nothing
rm $entry
check "apt-get purge of both packages succeeds" in_target apt-get -y purge $package mdev-precheck
files > after
rm -f target/run/systemctl.log
check_same "a purge leaves no file of the packages" before after
check "a purge leaves no file in qemu.d" sh -c "! ls -A $hooks | grep -v another"
open "mdev-precheck-libvirt is purged"

# A new installation after a purge forgets all choices.  The host does not have systemd.
host_runs nothing 0
installs "dpkg installs the packages where systemd does not run" -i "$command" "$deb"
check "without systemd: the daemon was not reloaded" reloads 0
check "without systemd: the entry is switched on" [ -x $entry ]
check "without systemd: the daemon is reloaded by hand" \
	sh -c "kill -HUP $(cat target/daemon)"
guarded "without systemd"
host_runs systemd 0 || bail_out "the stand-in for systemctl does not run"

# Maintainer scripts that fail
installs "a version whose prerm fails is installed" -i "$work/no-prerm.deb"
check "a removal whose prerm fails ends with an error" comes_to 1 "" in_target dpkg -r $package
guarded "after a removal that was aborted"
check "dpkg has the package as installed after a removal that was aborted" sh -c "
	nsenter --mount --target '$(cat target/namespace)' \
		dpkg-query -W -f '\${Status}' $package | grep ' ok installed'"
installs "a good version replaces the version whose prerm fails" -i "$deb"
installs "a version whose postrm fails is installed" -i "$work/no-postrm.deb"
check "a removal whose postrm fails ends with an error" comes_to 1 "" in_target dpkg -r $package
check "mdev-precheck-libvirt is removed half way: the checker is gone" \
	on target test ! -e /usr/sbin/mdev-precheck-hook
check "mdev-precheck-libvirt is removed half way: the entry is switched off" [ ! -x $entry ]
open "mdev-precheck-libvirt is removed half way"
installs "a good version replaces the version that was removed half way" -i "$deb"
guarded "mdev-precheck-libvirt is installed over a version that was removed half way"
for each in no-preinst conflict; do
	check "an upgrade to the version \"$each\" ends with an error" comes_to 1 "" in_target dpkg -i "$work/$each.deb"
	guarded "after an aborted upgrade to the version \"$each\""
done
installs "dpkg unpacks another entry, and does not configure it" --unpack "$work/other.deb"
guarded "mdev-precheck-libvirt is unpacked over an installed version"
installs "a removal of an unpacked version succeeds" -r $package
check "mdev-precheck-libvirt is unpacked and removed: the entry is switched off" [ ! -x $entry ]
open "mdev-precheck-libvirt is unpacked and removed"
installs "an installation after the removal of an unpacked version succeeds" -i "$deb"
guarded "mdev-precheck-libvirt is installed after the removal of an unpacked version"

# The mode is not kept if a removal was interrupted in prerm, or if the disk is full
installs "a removal that will lose the mode succeeds" -r $package
: > target/lib/$package/entry-mode
installs "an installation after the mode was lost succeeds" -i "$deb"
check "an installation after the mode was lost gives the entry mode 755" \
	[ "$(stat -c %a $entry)" = 755 ]
installs "a removal before that with a full disk succeeds" -i "$deb"
: > target/lib/$package
check "a removal that cannot keep the mode succeeds, and warns" \
	comes_to 0 "^warning: the next installation does not switch on" in_target dpkg -r $package
open "mdev-precheck-libvirt is removed, and the mode is not kept"
rm -f target/lib/$package
installs "an installation after the mode was not kept succeeds" -i "$deb"
check "an installation after the mode was not kept leaves the entry off" [ ! -x $entry ]
chmod 755 $entry

# Reloads of the daemon that do not succeed
for each in "policy-rc.d forbids a reload:101:" "the daemon cannot be reloaded:0:reload-fails" \
	"the daemon does not answer:0:reload-hangs"; do
	when=${each%%:*}
	fault=${each##*:}
	rest=${each#*:}
	installs "$when: a removal succeeds" -r $package
	host_runs systemd "${rest%%:*}"
	[ -z "$fault" ] || : > "target/run/$fault"
	installs "$when: an installation succeeds" -i "$deb"
	if [ -z "$fault" ]; then
		check "$when: the daemon was not reloaded" reloads 0
	else
		check "$when: the installation calls systemctl reload once" reloads 1
		check "$when: the installation warns" grep \
			'^warning: libvirtd does not call the hook until this command succeeds: systemctl reload libvirtd' said
		rm "target/run/$fault"
	fi
	check "$when: the entry is switched on" [ -x $entry ]
done
check "the guest of the beginning still runs" lives
tests_end
