#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Three machines publish the versions and answers of their drivers, each with a real
# node-exporter, and a Prometheus scrapes them: one gets another driver, one publishes old
# answers, and one is down.  Prometheus joins the answers that each driver gives when it is asked.
#
# kernels: 6.12
# needs: machine precheck sshd prometheus root
# seconds: 90

. "$(dirname -- "$0")/../lib/machine.sh"

sshd=$("$top/scripts/sshd") || bail_out "scripts/sshd failed"
prometheus=$("$top/scripts/prometheus")/usr/bin || bail_out "scripts/prometheus failed"
check "mdev-precheck compiles without a warning, and is installed" \
	make -C "$top/tools/mdev" O="$work/tools" DESTDIR="$work/installed" PREFIX=/usr \
	install install-publish
precheck=$work/tools/mdev-precheck
integration=$top/tools/mdev/integrations/prometheus
known=/var/lib/mdev-precheck/known.json
own=/var/lib/mdev-precheck/export.json
hosts="host1 host2 host3"
here=$top/tests/machines/fleet
cd "$work" || exit

# An administrator chooses one of these files
sed -i 's/^#PROMETHEUS=/PROMETHEUS=/' installed/etc/mdev-precheck/publish.conf
for key in host_key user_key; do
	ssh-keygen -q -t ed25519 -N '' -C test -f $key || bail_out "ssh-keygen failed"
done
cp user_key.pub authorized_keys
# These algorithms take an emulated processor the least time, see remote.t
cat > sshd_config <<END
HostKey /host_key
AuthorizedKeysFile /authorized_keys
StrictModes no
UsePAM no
PidFile none
KexAlgorithms curve25519-sha256
Ciphers aes128-gcm@openssh.com
END
# The path of a socket is short, and one connection to each host is for all steps
links=/proc/$$/cwd
{
	for number in 1 2 3; do
		printf 'Host host%s\nPort 220%s\n' $number $number
	done
	cat <<-END
	Host *
	HostName 127.0.0.1
	User root
	IdentityFile $work/user_key
	StrictHostKeyChecking no
	UserKnownHostsFile /dev/null
	LogLevel ERROR
	ConnectTimeout 60
	ServerAliveInterval 60
	ControlMaster auto
	ControlPath $links/%n
	ControlPersist yes
	END
} > ssh_config

# end_all - end the processes in the background, which hold the output of this test open
end_all()
{
	# shellcheck disable=SC2046,SC2086 # numbers
	kill $(cat network prometheus.pid 2> /dev/null) ${pid_1-} ${pid_2-} ${pid_3-} 2> /dev/null
}
trap end_all EXIT

# A network name space of its own has the ports of this side
# shellcheck disable=SC2016 # the shell in the namespace has them
unshare --net sh -c 'ip link set lo up && echo $$ > network && exec sleep infinity' &
wait_for [ -s network ]
in_network()
{
	nsenter --net --target "$(cat network)" "$@"
}

# on HOST COMMAND - run a command in the shell of the host
on()
{
	# shellcheck disable=SC2029 # the command is expanded here
	in_network ssh -F ssh_config "$1" "$2"
}

# wait_longer_for COMMAND... - wait some minutes, because machines are emulated on a busy system
wait_longer_for()
{
	until_date=$(($(date +%s) + 300))
	until "$@"; do
		[ "$(date +%s)" -lt "$until_date" ] || return
		sleep 0.2
	done
}

# start_host NUMBER - start a machine in the background; sets pid_NUMBER
start_host()
{
	in_network env --default-signal=INT "$top/scripts/machine" --modules "$patched" \
		--timeout "$TIMEOUT" ${ACCEL:+--accel "$ACCEL"} --log "$work/console$1.log" \
		--forward "220$1:22" --forward "910$1:9100" \
		--file "$here/host.sh" --file "$here/driver.sh" --file installed --file "$(command -v flock)" \
		--file "$sshd" --file sshd_config --file host_key --file authorized_keys \
		--file "$prometheus/prometheus-node-exporter" \
		-- "sh /host.sh host$1" < /dev/null > "output$1" 2>&1 &
	eval "pid_$1=$!"
}

# end_host NUMBER - end a machine; fails if its kernel log is not clean
end_host()
{
	on "host$1" "touch /run/ended"
	eval "wait \"\$pid_$1\"" && return
	cat "output$1"
	return 1
}

# The steps of an operator

# publish HOST - publish as its timer does
publish()
{
	on "$1" /usr/libexec/mdev-precheck-publish
}

# distribute - copy the strings of all hosts to all hosts, which publish then
distribute()
{
	for host in $hosts; do
		on "$host" "cat $own" > "$host.json" || return
	done
	"$precheck" merge host1.json host2.json host3.json --output known.json || return
	for host in $hosts; do
		on "$host" "mdev-precheck merge --output $known -" < known.json &&
			publish "$host" || return
	done
}

# new_driver HOST VERSION OLDEST - replace the driver and publish at once, as udev and its unit do
new_driver()
{
	on "$1" "sh /driver.sh $2 $3 && touch /run/mdev-precheck.changed" && publish "$1" &&
		on "$1" "[ ! -e /run/mdev-precheck.changed ]"
}

# The results of Prometheus

# query EXPRESSION - print the hosts for which it has a result, and the result, a line each
query()
{
	in_network curl -s -S -f --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query |
		jq -r '.data.result[] | .metric.instance + " " + .value[1]' | sort
}

# is_query EXPRESSION HOST... - succeed if these hosts have a result, and no other host has
is_query()
{
	expression=$1
	shift
	printf '%s\n' "$@" | grep . > expected
	query "$expression" | cut -d ' ' -f 1 > found && diff expected found
}

# The query of the dashboard, which has the hosts that take all that a source shows
title="Which hosts take all that \$source shows?"
jq -r --arg title "$title" '.panels[] | select(.title == $title).targets[].expr' \
	"$integration/dashboard.json" > expression
check "the dashboard has a query for the hosts that take all that a source shows" [ -s expression ]

# join - print each source and target, and 0 for yes, 1 for no, 3 for not known
join()
{
	for source in $hosts; do
		query "$(sed "s/[$]group/rack/g; s/[$]source/$source/g" expression)" > results || return
		for target in $hosts; do
			case $(sed -n "s/^$target //p" results) in
			1)	echo "$source $target 0" ;;
			0)	echo "$source $target 1" ;;
			-1)	echo "$source $target 3" ;;
			esac
		done
	done
}

# ask [HOST] - print the answers of the drivers to a question now, except for HOST, about which
# an answer is not known
ask()
{
	for source in $hosts; do
		for target in $hosts; do
			case $source-$target in
			"${1:-none}"-*|*-"${1:-none}")	echo "$source $target 3"; continue ;;
			esac
			on "$target" "mdev-precheck -q check --from -" < "$source.json"
			echo "$source $target $?"
		done
	done
}

is_joined()
{
	join > joined && cmp -s joined asked
}

# check_joined NAME [HOST] - require that the join becomes the answers of the drivers
check_joined()
{
	ask ${2:+"$2"} > asked
	cp asked "asked${asks:=1}"
	asks=$((asks + 1))
	check "$1: Prometheus joins the answers of the drivers" wait_longer_for is_joined
	[ "$status" = 0 ] || diff -u asked joined | sed 's/^/# /'
}

# since - print the seconds since $began
since()
{
	echo $(($(date +%s) - began))
}

began=$(date +%s)
for number in 1 2 3; do
	start_host $number
done
for host in $hosts; do
	check "the sshd of $host answers" wait_longer_for on "$host" true
done
echo "# three machines run after $(since) s"

cat > prometheus.yml <<END
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [ rules.yml ]
scrape_configs:
  - job_name: node
    static_configs:
      - targets: [ "127.0.0.1:9101" ]
        labels: { instance: host1, group: rack }
      - targets: [ "127.0.0.1:9102" ]
        labels: { instance: host2, group: rack }
      - targets: [ "127.0.0.1:9103" ]
        labels: { instance: host3, group: rack }
END
# The test waits for an alert, which has to fire soon
sed 's/^\( *for:\) .*/\1 3s/' "$integration/rules.yml" > rules.yml
check "promtool takes the configuration" "$prometheus/promtool" check config prometheus.yml
# shellcheck disable=SC2016 # the shell that becomes Prometheus has them
in_network sh -c 'echo $$ > prometheus.pid && exec "$@"' sh "$prometheus/prometheus" \
	--config.file=prometheus.yml --storage.tsdb.path=data \
	--web.listen-address=127.0.0.1:9090 > prometheus.log 2>&1 &
check "Prometheus is ready" wait_longer_for in_network curl -s -f http://127.0.0.1:9090/-/ready

# Each host shows the same version, and accepts it

for host in $hosts; do
	check "$host publishes its versions" publish "$host"
	[ "$status" = 0 ] || bail_out "$host does not publish"
done
check "the strings of all hosts are merged, distributed, asked about and published" distribute
check "three hosts with the same driver have one string" \
	[ "$(jq -c '[.types[].migration_version]' known.json)" = '["acme-2.0"]' ]
check "Prometheus scrapes all three machines" wait_longer_for is_query 'up == 1' host1 host2 host3
check_joined "one driver"
check "one driver: Prometheus has a yes for each pair" [ "$(cut -d ' ' -f 3 joined | sort -u)" = 0 ]
check "one driver: no alert fires" is_query 'ALERTS{alertstate="firing"}'

# The driver of host3 is replaced

check "host3 gets a later driver, and publishes its versions" new_driver host3 acme-2.1 2.0
began=$(date +%s)
check "the strings are merged and distributed again" distribute
for host in $hosts; do
	on "$host" "cat $own" > "$host.json"
done
check "the fleet has two strings" \
	[ "$(jq -c '[.types[].migration_version]' known.json)" = '["acme-2.0","acme-2.1"]' ]
check "each answer has the method attribute" \
	[ "$(jq -r '.takes[].method' host?.json | sort -u)" = attribute ]
check_joined "a later driver"
echo "# Prometheus has the answers $(since) s after the driver was replaced"
cat > expected <<END
host1 host1 0
host1 host2 0
host1 host3 0
host2 host1 0
host2 host2 0
host2 host3 0
host3 host1 1
host3 host2 1
host3 host3 0
END
check_same "a later driver accepts the earlier drivers' string, and they refuse its string" \
	expected joined
check "an alert fires for each host that no longer takes a guest of host3" wait_longer_for is_query \
	'ALERTS{alertstate="firing", alertname="MdevPrecheckNoLongerTaken", version="acme-2.1"}' \
	host1 host2
echo "# the alert fires $(since) s after the driver was replaced"

# The answers of host2 are old, because its clock is two hours slow

# shellcheck disable=SC2016 # the host's
on host2 'date -s "@$(($(date +%s) - 7200))" > /dev/null'
check "host2 publishes as it did two hours ago" publish host2
check_joined "old answers" host2
check "old answers: the alert about old answers fires for host2 alone" wait_longer_for is_query \
	'ALERTS{alertstate="firing", alertname="MdevPrecheckStale"}' host2
# shellcheck disable=SC2016
on host2 'date -s "@$(($(date +%s) + 7200))" > /dev/null'
check "host2 publishes anew" publish host2
check_joined "new answers of host2"
check "new answers of host2: the alert about old answers does not fire" wait_longer_for is_query \
	'ALERTS{alertstate="firing", alertname="MdevPrecheckStale"}'

# host2 is down

check "host2 ends, and its kernel log is clean" end_host 2
check "Prometheus does not reach host2" wait_longer_for is_query 'up == 0' host2
check_joined "host2 is down" host2
check "host2 is down: the verdict of each of its pairs is not known" \
	[ "$(grep host2 joined | cut -d ' ' -f 3 | sort -u)" = 3 ]
for number in 1 3; do
	check "host$number ends, and its kernel log is clean" end_host $number
done
check "Prometheus does not report an error of a rule" sh -c "! grep -E 'level=(error|warn)' prometheus.log"
tests_end
