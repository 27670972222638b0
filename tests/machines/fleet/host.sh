#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In a machine of fleet.t: host.sh NAME - be a host with that name until /run/ended exists.  The
# host has an sshd for the steps of fleet.t, a node-exporter, and only a simulated driver.

hostname "$1"
ip link set eth0 up
cat > /address <<'END'
#!/bin/sh
[ "$1" != bound ] || ip address add "$ip/$mask" dev "$interface"
END
chmod +x /address
udhcpc -i eth0 -n -q -s /address || exit
rmmod mtty mdpy mbochs
sh /driver.sh acme-2.0 || exit
cp -R /installed/. /
# The machine's shell does not have this tool
cp /flock /usr/bin/
mkdir -p /run/sshd /var/lib/prometheus/node-exporter
echo 'sshd:x:100:65534::/run/sshd:/bin/false' >> /etc/passwd
/sshd -f /sshd_config || exit
/prometheus-node-exporter --web.listen-address=:9100 --collector.disable-defaults \
	--collector.textfile --collector.textfile.directory=/var/lib/prometheus/node-exporter \
	2> /run/node-exporter.log &
until [ -e /run/ended ]; do
	kill -0 $! || {
		cat /run/node-exporter.log
		exit 1
	}
	sleep 1
done
