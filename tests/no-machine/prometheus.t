#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's Prometheus and node-exporter read the files of mdev-precheck.  The rules of
# tools/mdev/integrations/prometheus give the answers of hosts that are asked directly, and alerts
# and tables of the dashboard agree with them.  All daemons are on the loopback and end with this
# test.
#
# make check does not run this test, because it downloads 140 MB.
#
# needs: precheck prometheus grafana-data
# seconds: 120

# shellcheck disable=SC2016 # jq has variables

# Processes end with this test, even if it is killed
[ -n "${CONTAINED:-}" ] || exec "$(dirname -- "$0")/../../scripts/contained" sh "$0"
. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX http_proxy HTTP_PROXY
programs=$("$top/scripts/prometheus")/usr/bin || bail_out "scripts/prometheus failed"
modules=$("$top/scripts/grafana-data") || bail_out "scripts/grafana-data failed"
rules=$top/tools/mdev/integrations/prometheus
promtool=$programs/promtool
make -C "$top/tools/mdev" O="$work/build" all > build.log 2>&1
result $? "mdev-precheck builds" build.log
precheck=$work/build/mdev-precheck

# The rules alone

check "promtool accepts the rules" "$promtool" check rules "$rules/rules.yml"
check "promtool accepts the example of a configuration" "$promtool" check config \
	"$rules/prometheus.yml"
check "each rule and alert passes its tests" "$promtool" test rules "$rules/rules_test.yml"

# fails_with EXPRESSION - require that the tests of the rules fail if sed changes the rules
fails_with()
{
	mkdir -p changed
	sed "$1" "$rules/rules.yml" > changed/rules.yml
	cp "$rules/rules_test.yml" changed
	! cmp "$rules/rules.yml" changed/rules.yml &&
		"$promtool" check rules changed/rules.yml &&
		! "$promtool" test rules changed/rules_test.yml
}
while read -r expression; do
	check "the tests of the rules fail after sed '$expression'" fails_with "$expression"
done <<'END'
s/<= bool 1800/<= bool 1860/
s/verdict="compatible"} == 1/verdict=~"compatible|not asked"} == 1/
s/verdict="not compatible"} == 1/verdict=~"not compatible|not asked"} == 1/
s/min by (group, job, instance, type, version)/max by (group, job, instance, type, version)/
s/instance:mdev_precheck_fresh == 1/instance:mdev_precheck_fresh >= 0/
s/instance:mdev_precheck_taken == 0/instance:mdev_precheck_taken >= 0/
s/abs(time() - mdev_precheck_time_seconds)/time() - mdev_precheck_time_seconds/
s/{group!=""}//
END

# Hosts

# host NAME TYPE=ANSWERS... - make a host with a parent for each type.  A file of /proc answers, as
# in fixture.sh: comm shows mdev-precheck and takes all strings, coredump_filter shows 00000033 and
# takes hexadecimal digits, timerslack_ns shows 50000 and takes decimal digits, and mem does not
# answer.
host()
{
	host=$1
	shift
	rm -rf "hosts/$host"
	mkdir -p "hosts/$host/class/mdev_bus" "hosts/$host/bus/mdev/devices" "exported/$host"
	number=0
	for part; do
		number=$((number + 1))
		type=hosts/$host/class/mdev_bus/parent-$number/mdev_supported_types/${part%=*}
		mkdir -p "$type/devices"
		echo "$number" > "$type/available_instances"
		ln -s "/proc/self/${part#*=}" "$type/migration_version"
	done
}

host all port=comm
host hexadecimal port=coredump_filter
host decimal port=timerslack_ns
# These hosts have several versions, or several types
host mixed port=comm port=coredump_filter
host two port=coredump_filter serial=timerslack_ns
host serial serial=comm
host silent port=mem serial=comm
# Another group
host elsewhere port=comm
# These hosts have odd names, and a version of 4095 characters
"$top/tools/mdev/tests/fixture.sh" names hosts/names || bail_out "fixture.sh names failed"
"$top/tools/mdev/tests/fixture.sh" limits hosts/limits || bail_out "fixture.sh limits failed"
# A document cannot have this version
rm -r "$(printf 'hosts/names/class/mdev_bus/caf\303\251/mdev_supported_types/caf\351 \300\257 \355\240\200 \364\220\200\200')"
cp -r hosts/names hosts/other-names
for file in hosts/other-names/devices/virtual/mtty/*/mdev_supported_types/*/migration_version; do
	rm "$file"
	ln -s /proc/self/coredump_filter "$file"
done
mkdir -p exported/names exported/other-names exported/limits
hosts="all hexadecimal decimal mixed two serial silent elsewhere names other-names limits"
group_of()
{
	case $1 in
	elsewhere)			echo blue ;;
	names|other-names|limits)	echo 'odd "group" \ é' ;;
	*)				echo green ;;
	esac
}
in_green="all hexadecimal decimal mixed two serial silent"

# on HOST COMMAND... - execute mdev-precheck on a host.  Status 3 of a host that could not look into
# all parents is a success.
on()
{
	fixture=hosts/$1
	shift
	"$precheck" --fixture "$fixture" "$@"
}

# publish HOST - publish as mdev-precheck-publish does.  Not all documents are complete: status 3.
publish()
{
	on "$1" export --takes known.json --output "$1.json" 2>> publish.log
	on "$1" export --from "$1.json" --format prometheus \
		--output "exported/$1/mdev-precheck.prom" 2>> publish.log
}

for each in $hosts; do
	on "$each" export --output "$each.json" 2>> publish.log
	list="${list-} $each.json"
done
# shellcheck disable=SC2086 # a list
check "merge makes a document of the strings of all hosts" "$precheck" merge $list --output known.json
published=
for each in $hosts; do
	publish "$each" || published="$published $each"
done
check "each host publishes" [ -z "$published" ]

for each in $hosts; do
	check "promtool finds nothing in the file of $each" \
		sh -c "! '$promtool' check metrics < exported/$each/mdev-precheck.prom 2>&1 | grep ."
	check "the file of $each ends with a newline" \
		[ "$(tail -c 1 "exported/$each/mdev-precheck.prom" | od -An -c | tr -d ' ')" = '\n' ]
done
check "a version of 4095 characters is published" \
	grep -q -E 'version="0{4095}"' exported/limits/mdev-precheck.prom

# Daemons

# address LOG - print the address that a daemon of Prometheus logged, or an empty line
address()
{
	sed -n 's/.*msg="Listening on" address=//p' "$1" | head -n 1 | grep .
}

# exporter HOST - start a node-exporter, and print its address
exporter()
{
	"$programs/prometheus-node-exporter" --collector.disable-defaults --collector.textfile \
		--collector.textfile.directory="exported/$1" --web.disable-exporter-metrics \
		--web.listen-address=127.0.0.1:0 > "exported/$1.log" 2>&1 &
	echo $! > "exported/$1.pid"
	wait_for address "exported/$1.log"
}

cp "$rules/rules.yml" rules.yml
# The rules have seconds in place of minutes and hours, and are the same otherwise
sed -i 's/^\( *for: \).*/\13s/' rules.yml
{
	cat <<-END
	global:
	  scrape_interval: 1s
	  evaluation_interval: 1s
	rule_files: [ rules.yml ]
	scrape_configs:
	  - job_name: node
	    static_configs:
	END
	for each in $hosts; do
		printf '      - targets: [ "%s" ]\n' "$(exporter "$each")"
		printf "        labels: { instance: '%s', group: '%s' }\n" "$each" "$(group_of "$each")"
	done
} > prometheus.yml
"$programs/prometheus" --config.file=prometheus.yml --storage.tsdb.path=data \
	--web.listen-address=127.0.0.1:0 > prometheus.log 2>&1 &
wait_for address prometheus.log > /dev/null || bail_out "Prometheus does not listen"
url=http://$(address prometheus.log)

# query EXPRESSION - print its result as JSON
query()
{
	curl -s -S --noproxy '*' --max-time 10 --data-urlencode "query=$1" "$url/api/v1/query" |
		jq -e .data.result
}

# value EXPRESSION - print the value of one series, or an empty line if the result does not have one
value()
{
	query "$1" | jq -r 'if length == 1 then .[0].value[1] else "" end'
}
is()
{
	[ "$(value "$1")" = "$2" ]
}

# count_is NUMBER EXPRESSION - require that the result has that many series
count_is()
{
	[ "$(query "$2" | jq length)" = "$1" ]
}

check "Prometheus evaluates the rules on the answers of all hosts" \
	wait_for count_is 11 'instance:mdev_precheck_fresh == 1'
# A rule that reads another rule is evaluated after it
check "no evaluation of a rule fails" \
	wait_for is 'sum(prometheus_rule_evaluation_failures_total) or vector(0)' 0

# Prometheus has the metrics about strings that are shown and taken, and about the room

# series METRIC [LABEL...] - print lines with the instance, labels and the value, sorted
series()
{
	metric=$1
	shift
	query "$metric" | jq -c --args '.[] | . as $one |
		[$one.metric.instance] + [$ARGS.positional[] as $key | $one.metric[$key]] +
		[$one.value[1] | tonumber]' "$@" | sort
}

# documents FILTER - print lines of the same kind from the documents of the hosts, by a filter of jq
documents()
{
	for each in $hosts; do
		jq -c --arg host "$each" "$1" "$each.json"
	done | sort
}

documents '[.types[] | select(.state == "read")] | group_by([.type, .migration_version])[] |
	[$host, .[0].type, .[0].migration_version, length]' > expected
series mdev_precheck_shown_parents type version > shown
check_same "Prometheus has the versions that each host shows" expected shown
check "the hosts show more than 15 versions" [ "$(wc -l < shown)" -gt 15 ]

documents '[.types[] | select(.state == "read")] | group_by([.type, .migration_version])[] |
	[$host, .[0].type, .[0].migration_version, (map(.available_instances) | add)]' > expected
series mdev_precheck_shown_available_instances type version > room
check_same "Prometheus has the room of each host" expected room

documents '[.types[] | select(.state != "read")] | group_by([.type, .state, .errno])[] |
	[$host, .[0].type, .[0].state, .[0].errno, length]' > expected
series mdev_precheck_unshown_parents type state errno > unshown
check_same "Prometheus has the versions that could not be read" expected unshown
check "a host has a version that could not be read" grep -q '"silent","port","unknown","EIO",1' unshown

# One yes outweighs all other answers, and then one parent that could not be asked
documents '.takes | group_by([.type, .migration_version])[] |
	[$host, .[0].type, .[0].migration_version,
	 (map(.verdict) | if index("compatible") then "compatible"
		elif index("not asked") then "not asked" else "not compatible" end), 1]' > expected
series 'mdev_precheck_verdict == 1' type version verdict > verdicts
check_same "Prometheus has the verdict of each host about each version" expected verdicts
for verdict in compatible 'not compatible' 'not asked'; do
	check "a host answers $verdict" grep -q "\"$verdict\",1]" verdicts
done
check "Prometheus has three states of mdev_precheck_verdict for each version" [ "$(series mdev_precheck_verdict | wc -l)" = \
	"$(($(wc -l < verdicts) * 3))" ]

documents '.takes | group_by([.type, .migration_version])[] | map(select(.verdict == "compatible")) |
	select(length > 0) | [$host, .[0].type, .[0].migration_version,
	(map(.available_instances) | add)]' > expected
series 'mdev_precheck_taking_available_instances and mdev_precheck_taking_parents > 0' \
	type version > room
check_same "Prometheus has the room of the parents that took a version" expected room

# The join

# direct SOURCE TARGET - print yes, no or ?, as the drivers of the target answer now.  If the
# version of a source was not read, nothing is published, although a target without its type would
# refuse.
direct()
{
	on "$2" check --json --from "$1.json" 2> direct.log |
		jq -r '[.verdicts[] | if .source.migration_version then . else .verdict = "not asked" end] |
			group_by(.source.number) |
			map(map(.verdict) | if index("compatible") then "yes"
				elif index("not asked") then "?" else "no" end) |
			if index("no") then "no" elif index("?") then "?" else "yes" end'
}

# panel TITLE NAME=VALUE... - print a table of the dashboard
panel()
{
	title=$1
	shift
	node "$top/tests/no-machine/dashboard.js" "$modules" "$rules/dashboard.json" "$url" \
		"$title" "$@"
}

# pairs - print source, target and cell of the first panel for each pair, sorted
pairs()
{
	panel 'May it move?' "group=$1" > table || return
	awk -F '\t' '
		NR == 1	{ for (i = 2; i <= NF; i++) target[i] = $i; next }
			{ for (i = 2; i <= NF; i++) print $1 "\t" target[i] "\t" $i }' table | sort
}

# expect_pairs - write the pairs of the group green to the file expected
expect_pairs()
{
	for source in $in_green; do
		for target in $in_green; do
			printf '%s\t%s\t%s\n' "$source" "$target" "$(direct "$source" "$target")"
		done
	done | sort > expected
}

# one_source - print the same pairs by the table of one source
one_source()
{
	for source in $in_green; do
		panel 'Which hosts take' group=green "source=$source" |
			awk -F '\t' -v source="$source" 'NR > 1 { print source "\t" $1 "\t" $2 }'
	done | sort
}

expect_pairs
pairs green > cells
check_same "the table of hosts has the answer of mdev-precheck check --from for each pair" \
	expected cells
for cell in yes no '?'; do
	check "a cell of the table of hosts is $cell" grep -q "	[$cell]*\$" cells
done
one_source > one
check_same "the table of one source has the same answers for each source" expected one
cat > expected <<'END'
limits	limits	yes
limits	names	no
limits	other-names	no
names	limits	no
names	names	yes
names	other-names	no
other-names	limits	no
other-names	names	yes
other-names	other-names	yes
END
pairs 'odd "group" \ é' > odd
check_same "the table of hosts of a group with an odd name is about hosts with odd names" expected odd

panel 'How old' group=green > old
check "the table of ages has each host with answers that count" \
	[ "$(grep -c '	yes$' old)" = 7 ]
panel 'Answers about the versions of two' group=green source=two > answers
check "the table of answers has the parents that took a version, and the room" \
	grep -q '^mixed	port	00000033	2	0	0	3$' answers
check "the table of answers has headings" \
	grep -q '^target	type	version	take it	refuse it	not asked	room$' answers
panel 'Versions' group=green > versions
check "the table of versions counts hosts" grep -q '^port	00000033	3	5	1	1$' versions
panel 'Room' group=green > rooms
check "the table of room has each host that shows a version" \
	grep -q '^two	serial	50000	2$' rooms

# Alerts

# alerts - print name and host of each alert that fires, sorted
alerts()
{
	curl -s -S --noproxy '*' --max-time 10 "$url/api/v1/alerts" | jq -r '.data.alerts[] |
		select(.state == "firing") | [.labels.alertname, .labels.instance] | @tsv' | sort -u
}

# fires ALERT HOST - require that the alert fires for the host
fires()
{
	alerts | grep -q -x "$1	$2"
}

# settled ALERT HOST - wait for an alert, and require that no other host has it
settled()
{
	wait_for fires "$1" "$2" || { alerts; return 1; }
	! alerts | grep "^$1	" | grep -v -x "$1	$2"
}

# has_time HOST - require that the rules have the answers that the host published last
has_time()
{
	is "timestamp(instance:mdev_precheck_age_seconds{instance=\"$1\"}) - instance:mdev_precheck_age_seconds{instance=\"$1\"} >= bool $(jq -r '.time | fromdate' "$1.json")" 1
}

check "no pair of hosts has an alert at first" sh -c "! echo '$(alerts)' | grep NoLongerTaken"
check "a host that could not ask has alerts" settled MdevPrecheckNotAsked silent
check "a host whose versions could not be read has an alert" settled MdevPrecheckNotRead silent

# A driver that does not answer any more does not count as a driver that refuses
host decimal port=mem
publish decimal
check "a host that cannot ask any more has an alert" wait_for fires MdevPrecheckNotAsked decimal
check "a host that cannot ask any more does not refuse" \
	sh -c "! echo '$(alerts)' | grep NoLongerTaken"
expect_pairs
pairs green > cells
check_same "the table of hosts has ? for a host that cannot ask any more" expected cells
host decimal port=timerslack_ns
publish decimal

# A target's driver is replaced: it took the version of mixed
host all port=coredump_filter
publish all
check "a target that no longer takes the version of another host has an alert" \
	settled MdevPrecheckNoLongerTaken all
curl -s --noproxy '*' "$url/api/v1/alerts" | jq -r '.data.alerts[] |
	select(.labels.alertname == "MdevPrecheckNoLongerTaken") |
	.labels.version, .annotations.description' > described
check "the alert has the version that is refused" grep -q -x mdev-precheck described
check "the alert names the host that shows the refused version" grep -q ': mixed\. Guests' described

# A source's driver is replaced: hexadecimal took the version before
host two port=comm serial=timerslack_ns
publish two
check "a source with another version makes an alert for the target that refuses it" \
	wait_for fires MdevPrecheckNoLongerTaken hexadecimal
check "a host that takes everything does not have an alert" sh -c "! echo '$(alerts)' | grep 'Taken.*mixed'"
check "Prometheus has the version that the host two published last" wait_for is \
	'instance:mdev_precheck_shown{instance="two", version="mdev-precheck"}' 1
expect_pairs
wait_for has_time two
pairs green > cells
check_same "the table of hosts follows new drivers" expected cells

# Answers get old
jq -c '.time |= (fromdate - 1801 | todate)' hexadecimal.json > old.json
check "a document of more than half an hour ago is not published" comes_to 3 'seconds' \
	on hexadecimal export --from old.json --format prometheus --output exported/hexadecimal/mdev-precheck.prom
check "a document of any age is published with --max-age 0" \
	on hexadecimal export --from old.json --max-age 0 --format prometheus \
	--output exported/hexadecimal/mdev-precheck.prom
touch -d '-31 minutes' exported/mixed/mdev-precheck.prom
check "a host with old answers has an alert" wait_for fires MdevPrecheckStale hexadecimal
check "a host with an old file has an alert" wait_for fires MdevPrecheckStale mixed
check "old answers are neither a yes nor a no" \
	count_is 0 'instance:mdev_precheck_taken{instance=~"hexadecimal|mixed"}'
pairs green > cells
check "the table of hosts has ? for each pair of a host with old answers" \
	sh -c "! grep -E 'hexadecimal|mixed' cells | grep -v '?\$'"
check "the table of hosts has other pairs as before" grep -q 'all	all	yes' cells
panel 'How old' group=green > old
check "the table of ages shows old answers that do not count" \
	grep -q '^hexadecimal	3.* mins	no$' old

# A host is down, and the file of another host was cut
kill "$(cat exported/serial.pid)"
printf %s "$(cat exported/two/mdev-precheck.prom)" > exported/two/cut
mv exported/two/cut exported/two/mdev-precheck.prom
check "a file that node-exporter cannot read makes an alert" settled MdevPrecheckMissing two
check "a host that is down does not have a series" \
	wait_for count_is 0 '{__name__=~"(instance:)?mdev_precheck_.*", __name__!~".*_seconds", instance="serial"}'
pairs green > cells
check "the table of hosts has ? for each pair of a host that is down" \
	[ "$(grep -c 'serial.*?$' cells)" = 13 ]

tests_end
