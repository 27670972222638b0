# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# publishing.t runs this in a machine that has the packages; the package of mdev-precheck is in /

# shellcheck source=SCRIPTDIR/../lib/in-machine.sh
. /in-machine.sh
name=mdev-precheck-publish
directory=/var/lib/mdev-precheck
metrics=/srv/node-exporter/mdev-precheck.prom
sim=/sys/kernel/config/mdev-sim

# wait_for COMMAND... - repeat the command until it succeeds, for at most a minute; print "yes", or
# the output of the command, the metrics and the state of the units
wait_for()
{
	began=$(cut -d ' ' -f 1 /proc/uptime)
	tries=600
	until "$@" > /tmp/output 2>&1; do
		tries=$((tries - 1))
		if [ "$tries" = 0 ]; then
			cat /tmp/output "$metrics"
			systemctl status $name.service $name.path
			return
		fi
		sleep 0.1
	done
	echo yes
	echo "# after $(cut -d ' ' -f 1 /proc/uptime | awk -v began="$began" '{ print $1 - began }') s: $*" >&2
}

# has LINE - require that the metrics have the line
has()
{
	grep -q -x -F -e "$1" "$metrics"
}

# runs - print how often the service has ended
runs()
{
	journalctl -q -o cat -u $name.service | grep -c '^Finished'
}

# is_quiet - require that the service does not run, and that no mark waits for it
is_quiet()
{
	[ ! -e /run/mdev-precheck.changed ] && [ "$(systemctl is-active $name.service)" = inactive ]
}

# load VERSION PARENT... - load a driver with these parents, whose type shows and takes VERSION
load()
{
	version=$1
	shift
	modprobe mdev_sim || return
	mount -t configfs none /sys/kernel/config 2> /dev/null
	for parent; do
		mkdir -p "$sim/$parent/serial" && echo "$version" > "$sim/$parent/serial/version" &&
			echo 1 > "$sim/$parent/live" || return
	done
}

# unload - remove the parents, and unload the driver
unload()
{
	for live in "$sim"/*/live; do
		echo 0 > "$live" && rmdir "${live%/live}/serial" "${live%/live}" || return
	done
	rmmod mdev_sim
}

# shown VERSION NUM - print the line of a version that so many parents show
shown()
{
	echo "mdev_precheck_shown_parents{type=\"mdev-sim-serial\",version=\"$1\"} $2"
}

# verdict VERSION VERDICT - print the line of a version that has this verdict
verdict()
{
	echo "mdev_precheck_verdict{type=\"mdev-sim-serial\",version=\"$1\",verdict=\"$2\"} 1"
}

modprobe vfio_iommu_type1
for unit in timer path; do
	ok "the installation does not enable the $unit" disabled "$(systemctl is-enabled $name.$unit)"
	ok "the installation does not start the $unit" inactive "$(systemctl is-active $name.$unit)"
done
ok "the installation makes an empty directory for the documents" '' "$(ls -A $directory)"

# The directory of an engine that belongs to another user
install -d -o nobody -m 750 /srv/node-exporter
mkdir -p /etc/nova/provider_config /etc/ansible/facts.d /etc/facter/facts.d \
	/etc/kubernetes/node-feature-discovery/features.d
sed -i -e 's/^#\([A-Z_]*=\)/\1/' -e "s|^PROMETHEUS=.*|PROMETHEUS=$metrics|" /etc/mdev-precheck/publish.conf

ok "a driver with version acme-1.0 is loaded" 0 "$(status load acme-1.0 card)"
udevadm settle
ok "udev makes the mark when a parent was registered" yes "$(wait_for [ -e /run/mdev-precheck.changed ])"
ok "the service does not run before a unit is enabled" '' "$(ls -A $directory)"

# The timer is late by minutes on purpose, but not here
mkdir /etc/systemd/system/$name.timer.d
printf '[Timer]\nAccuracySec=1s\nRandomizedDelaySec=0\n' > /etc/systemd/system/$name.timer.d/test.conf
systemctl daemon-reload
ok "the timer is enabled" 0 "$(status systemctl enable --now $name.timer)"
ok "the timer publishes version acme-1.0" yes "$(wait_for has "$(shown acme-1.0 1)")"
ok "the service ends after it has published version acme-1.0" yes "$(wait_for is_quiet)"
for file in $directory/export.json /etc/kubernetes/node-feature-discovery/features.d/mdev-precheck \
	/etc/nova/provider_config/mdev-precheck.yaml /etc/facter/facts.d/mdev_precheck.json \
	/etc/ansible/facts.d/mdev_precheck.fact; do
	ok "$file is published" 644 "$(stat -c %a "$file")"
done
ok "systemd has a next time for the timer" yes "$(systemctl show -P NextElapseUSecMonotonic $name.timer |
	grep -q -v -x -e '' -e 0 -e infinity && echo yes)"
# From here on, only a uevent starts the service
systemctl stop $name.timer
ok "the host asks about no string of the fleet without known.json" yes "$(wait_for has 'mdev_precheck_asked 0')"

# The strings of the fleet: the host's own, and the next driver's
mdev-precheck export --output /tmp/one.json
sed 's/acme-1\.0/acme-2.0/' /tmp/one.json > /tmp/two.json
ok "the strings of two hosts are merged" 0 \
	"$(status mdev-precheck merge /tmp/one.json /tmp/two.json --output $directory/known.json)"

ok "the path unit is enabled" 0 "$(status systemctl enable --now $name.path)"
ok "the driver with version acme-1.0 is unloaded" 0 "$(status unload)"
ok "the metrics lose the parent of an unloaded driver" yes "$(wait_for has 'mdev_precheck_parents 0')"
ok "the metrics lose the answers of an unloaded driver" yes "$(wait_for has "$(verdict acme-1.0 'not asked')")"
ok "a driver with version acme-2.0 is loaded" 0 "$(status load acme-2.0 card)"
ok "version acme-2.0 is published" yes "$(wait_for has "$(shown acme-2.0 1)")"
ok "the host takes the version of its driver" yes "$(wait_for has "$(verdict acme-2.0 compatible)")"
ok "the host does not take the version of the last driver" yes \
	"$(wait_for has "$(verdict acme-1.0 'not compatible')")"
ok "a new file in another user's directory belongs to root" root "$(stat -c %U $metrics)"
chown nobody $metrics

# A driver with many parents
ok "the service ends after the update" yes "$(wait_for is_quiet)"
before=$(runs)
ok "the driver with version acme-2.0 is unloaded" 0 "$(status unload)"
# shellcheck disable=SC2046 # a list
ok "a driver with 64 parents is loaded" 0 "$(status load acme-3.0 $(seq 64))"
ok "64 parents are published" yes "$(wait_for has "$(shown acme-3.0 64)")"
ok "the service ends after 64 parents" yes "$(wait_for is_quiet)"
ok "the last document has all 64 parents" yes "$(wait_for has 'mdev_precheck_parents 64')"
after=$(runs)
echo "# $((after - before)) runs for 65 events"
ok "the service runs at most once for four events" yes "$([ $((after - before)) -le 16 ] && echo yes)"
ok "a file that is replaced keeps its owner" nobody "$(stat -c %U $metrics)"

# A driver that does not answer in time
echo 30000 > "$sim/1/serial/delay_ms"
ok "the service succeeds with a driver that does not answer" 0 "$(status systemctl start $name.service)"
ok "the other parents are published" yes "$(wait_for has "$(shown acme-3.0 63)")"
ok "no process of mdev-precheck is left when a driver did not answer" '' "$(cat /proc/[0-9]*/comm | grep -x mdev-precheck)"
echo 0 > "$sim/1/serial/delay_ms"

# A process that no signal ends, as in a driver that never returns.  The server of a file system
# reads a request and does not answer it.
cat > /tmp/server <<'END_OF_SERVER'
$^F = 9;
open(my $fuse, "+<", "/dev/fuse") or die "/dev/fuse: $!";
system("mount -i -t fuse -o rootmode=40000,user_id=0,group_id=0,fd=" . fileno($fuse) .
       " stuck /mnt") == 0 or die "mount";
sysread($fuse, $request, 1 << 17);
$reply = pack("L4S2L2", 7, 31, 0, 0, 12, 10, 4096, 1) . "\0" x 36;
syswrite($fuse, pack("LlQ", 16 + length($reply), 0, unpack("x8Q", $request)) . $reply);
open(my $ready, ">", "/tmp/ready");
sysread($fuse, $request, 1 << 17);
sleep 1 until -e "/tmp/end";
END_OF_SERVER
modprobe fuse
perl /tmp/server &
server=$!
ok "the stuck file system is mounted" yes "$(wait_for [ -e /tmp/ready ])"
cp /bin/cat /usr/local/bin/mdev-precheck
mkdir /run/systemd/system/$name.service.d
printf '[Service]\nExecStart=/bin/sh -c "/usr/local/bin/mdev-precheck /mnt/file & sleep 1"\n' \
	> /run/systemd/system/$name.service.d/stuck.conf
systemctl daemon-reload
systemctl start $name.service 2> /dev/null
rm -r /run/systemd/system/$name.service.d
systemctl daemon-reload
is_failed()
{
	[ "$(systemctl is-active $name.service)" = failed ]
}
ok "the service fails because a process is left" yes "$(wait_for is_failed)"
ok "systemd stops waiting for a process that no signal ends" timeout "$(systemctl show -P Result $name.service)"
time=$(grep '^mdev_precheck_time_seconds' $metrics)
systemctl start $name.service 2> /dev/null
ok "the service fails as long as the process is left" yes "$(wait_for is_failed)"
ok "the journal names the process that keeps the service" yes "$(journalctl -q -o cat -u $name.service |
	grep -q 'keeps mdev-precheck, process [0-9]*: this host is not asked until it ends' && echo yes)"
ok "runs of the service do not add processes that no signal ends" 1 "$(cat /proc/[0-9]*/comm | grep -c -x mdev-precheck)"
ok "the metrics stay while the service fails" "$time" "$(grep '^mdev_precheck_time_seconds' $metrics)"
touch /tmp/end
wait "$server"
rm /usr/local/bin/mdev-precheck
umount /mnt
ok "the service succeeds when the process has ended" 0 "$(status systemctl start $name.service)"

# A run of the service is killed, and the configuration has a mistake
touch /run/mdev-precheck.changed
is_asking()
{
	[ "$(systemctl is-active $name.service)" = activating ]
}
ok "the mark starts the service" yes "$(wait_for is_asking)"
systemctl kill -s KILL $name.service
echo 'PROMETEUS=/x' >> /etc/mdev-precheck/publish.conf
touch /run/mdev-precheck.changed
is_mistaken()
{
	[ ! -e /run/mdev-precheck.changed ] &&
		journalctl -q -o cat -u $name.service | grep -q 'line [0-9]*: PROMETEUS=/x'
}
ok "a mistake in the configuration is in the journal" yes "$(wait_for is_mistaken)"
ok "the service fails with a mistake in the configuration" failed \
	"$(sleep 1; systemctl is-active $name.service)"
ok "the path unit is active after the service has failed" active "$(systemctl is-active $name.path)"
sed -i '/^PROMETEUS/d' /etc/mdev-precheck/publish.conf
ok "the driver with version acme-3.0 is unloaded" 0 "$(status unload)"
ok "the uevents are published after the service has failed" yes \
	"$(wait_for has 'mdev_precheck_parents 0')"
ok "the service ends after it has published the uevents" yes "$(wait_for is_quiet)"
ok "systemctl --failed prints nothing" '' "$(systemctl --failed --plain --no-legend)"

# An upgrade and a removal
systemctl start $name.timer
ok "dpkg installs the package once more" 0 "$(status dpkg -i --force-confold /mdev-precheck_*.deb)"
for unit in timer path; do
	ok "an upgrade leaves the $unit active" active "$(systemctl is-active $name.$unit)"
	ok "an upgrade leaves the $unit enabled" enabled "$(systemctl is-enabled $name.$unit)"
done
ok "dpkg removes the package" 0 "$(status dpkg -r mdev-precheck)"
for unit in timer path; do
	ok "a removal stops the $unit" inactive "$(systemctl is-active $name.$unit)"
done
ok "dpkg purges the package" 0 "$(status dpkg -P mdev-precheck)"
ok "a purge leaves the strings of the fleet" known.json "$(ls -A $directory)"
ok "systemctl --failed prints nothing after the removal" '' "$(systemctl --failed --plain --no-legend)"
ok "rmmod unloads mdev" 0 "$(status rmmod mdev)"
tests_end
