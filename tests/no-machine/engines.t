#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mdev-precheck export writes files for Prometheus, node-feature-discovery, Nova, Facter and Nagios.
# The files keep the rules of these engines for all names and strings of a driver.  A file that an
# engine would not take, or that cannot be written, does not replace the file before it.
# no-machine/real-engines has the engines themselves.
#
# needs: precheck root
# check: yes
# seconds: 20

# File systems that are mounted end with this test
[ -n "${CONTAINED:-}" ] || exec "$(dirname -- "$0")/../../scripts/contained" sh "$0"
. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX O
tool=$top/tools/mdev
make -C "$tool" O="$work/build" > build.log 2>&1 || bail_out "make failed: $work/build.log"
for fixture in host names groups unused; do
	"$tool/tests/fixture.sh" $fixture $fixture || bail_out "the fixture $fixture was not made"
done

export_as()
{
	format=$1
	shift
	build/mdev-precheck export --format "$format" "$@"
}

# These are documents of hosts, and the strings of a fleet

# document NAME LIST [AGE] - write NAME.json, see document.py
document()
{
	python3 "$top/tests/lib/document.py" "$2" "${3:-0}" > "$1.json" || bail_out "document.py failed for $1"
}

document usual '[("all", "1", 2, 2, 0, 0), ("some", "1", 3, 1, 2, 0), ("no", "1", 2, 0, 2, 0),
	("unasked", "1", 2, 0, 0, 2), ("part", "1", 2, 1, 0, 1), ("absent", "1", 0, 0, 0, 0)]'
document good '[("all", "1", 2, 2, 0, 0), ("some", "2", 3, 1, 2, 0)]'
document unasked '[("all", "1", 2, 2, 0, 0), ("unasked", "2", 3, 0, 0, 3)]'
document empty '[]'

# hash LINE... - print the hash of a label by the command of the manual page
hash()
{
	printf '%s\n' "$@" | sha256sum | cut -c 1-32
}

# Typing mistakes

check "export refuses a format with a missing letter, and names the format that is meant" \
	comes_to 2 'did you mean nagios' export_as nagis --from good.json
check "export refuses an unknown format, and lists the formats" \
	comes_to 2 'json, prometheus, nfd, provider-yaml, facter or nagios was expected' \
	export_as kubernetes --from good.json
check "export refuses an empty format" comes_to 2 'was expected' export_as '' --from good.json

# Prometheus

# prometheus_rules FILE - require that the file keeps the rules of the text format and of
# node-exporter: each sample belongs to the HELP and TYPE before it, comes once, and does not have a
# time, and the file ends with a newline
prometheus_rules()
{
	[ -s "$1" ] && [ -z "$(tail -c 1 "$1")" ] && iconv -f UTF-8 -t UTF-8 "$1" > /dev/null || return
	! awk '
		/^# HELP [a-z_]+ [^\\]+$/ {
			name = $3
			if (name in seen)
				print FILENAME ":" FNR ": " name " comes again"
			seen[name] = 1
			next
		}
		$0 == "# TYPE " name " gauge" || $0 == "# fixture: no driver was asked" { next }
		{
			line = $0
			gsub(/\\[\\"n]/, "", line)
			if (line !~ ("^" name "({([a-z]+=\"[^\"\\\\]*\",?)+})? [0-9]+$") ||
			    line ~ /,}/)
				print FILENAME ":" FNR ": " $0
			sub(/ [0-9]+$/, "")
			if ($0 in samples)
				print FILENAME ":" FNR ": " $0 " comes again"
			samples[$0] = 1
		}' "$1" | grep .
}

check "prometheus: metrics of the host usual are written" export_as prometheus --from usual.json --output usual.prom
build/mdev-precheck --fixture names export --output names.json 2> messages
build/mdev-precheck merge names.json --output names-known.json 2>> messages
build/mdev-precheck --fixture names export --takes names-known.json --format prometheus \
	> names.prom 2>> messages
build/mdev-precheck --fixture host export --format prometheus > host.prom
for host in usual names host; do
	check "prometheus: metrics of the host $host keep the rules of the text format" prometheus_rules $host.prom
done
# broken SCRIPT - require that prometheus_rules refuses a file that sed has changed
broken()
{
	sed "$1" names.prom > broken.prom
	! cmp -s names.prom broken.prom && ! prometheus_rules broken.prom
}
for script in '/^# HELP/d' p 's/\\n/\\x/' 's/\\"/"/' 's/$/ 1/'; do
	check "prometheus: the check of the text format finds the fault that sed '$script' makes" broken "$script"
done
printf %s "$(cat names.prom)" > broken.prom
# cut_file - require that prometheus_rules refuses a file without its last newline
cut_file()
{
	! prometheus_rules broken.prom
}
check "prometheus: the check of the text format finds a last line without a newline" cut_file
cat > expected <<'END'
mdev_precheck_not_asked_parents{type="all",version="1"} 0
mdev_precheck_not_asked_parents{type="part",version="1"} 1
mdev_precheck_refusing_parents{type="all",version="1"} 0
mdev_precheck_refusing_parents{type="part",version="1"} 0
mdev_precheck_taking_parents{type="all",version="1"} 2
mdev_precheck_taking_parents{type="part",version="1"} 1
mdev_precheck_verdict{type="all",version="1",verdict="compatible"} 1
mdev_precheck_verdict{type="all",version="1",verdict="not asked"} 0
mdev_precheck_verdict{type="all",version="1",verdict="not compatible"} 0
mdev_precheck_verdict{type="part",version="1",verdict="compatible"} 1
mdev_precheck_verdict{type="part",version="1",verdict="not asked"} 0
mdev_precheck_verdict{type="part",version="1",verdict="not compatible"} 0
END
grep -E '^mdev_precheck_(verdict|[a-z_]*(taking|refusing|asked)_parents)\{type="(all|part)"' usual.prom |
	sort > written
check_same "prometheus: metrics have each verdict, and the parents with each answer" expected written
check "prometheus: a version that was not read has its errno" grep -q \
	'^mdev_precheck_unshown_parents{type="faulty",state="unknown",errno="EIO"} 1$' host.prom
check "prometheus: a question that was not asked does not count as an answer" grep -q \
	'^mdev_precheck_verdict{type="unasked",version="1",verdict="not asked"} 1$' usual.prom
check "prometheus: metrics of a host without --takes do not have a verdict" sh -c \
	"grep -q '^mdev_precheck_asked 0$' host.prom && ! grep verdict host.prom"

# node-feature-discovery

# labels FILE - print the lines that are labels
labels()
{
	grep -v '^#' "$1"
}

# no_others FILE EXPRESSION - require that all lines of the file match
no_others()
{
	[ -s "$1" ] && ! grep -a -n -v -E -e "$2" "$1"
}

time='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z'
label='feature\.node\.kubernetes\.io/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?=(true|all|some)'

# nfd_rules NAME - require that NAME.nfd keeps the rules of Kubernetes and node-feature-discovery
nfd_rules()
{
	no_others "$1.nfd" "^($label|#.*)\$" || return
	head -n 1 "$1.nfd" | grep -x -E "# \\+expiry-time=$time" || return
	[ "$(stat -c %s "$1.nfd")" -le 65536 ] || return
	! labels "$1.nfd" | cut -d = -f 1 | sort | uniq -d | grep .
}

for host in usual good; do
	check "nfd: labels of the host $host are written" export_as nfd --from $host.json --output $host.nfd
	check "nfd: labels of the host $host keep the rules of Kubernetes" nfd_rules "$host"
done
prefix=feature.node.kubernetes.io
for type in all some no unasked part; do
	echo "$prefix/mdev-shows.$type.$(hash $type 1)=true"
done > expected
for type in all=all some=some part=some; do
	echo "$prefix/mdev-takes.${type%=*}.$(hash ${type%=*} 1)=${type#*=}"
done >> expected
sort expected > sorted
labels usual.nfd | sort > written
check_same "nfd: a label names a string that is shown, or that all or some parents take" sorted written
check "nfd: export without --takes does not write a label about a string that is taken" sh -c "
	build/mdev-precheck --fixture host export --format nfd > asked.nfd
	grep -q mdev-shows asked.nfd && ! grep mdev-takes asked.nfd"
check "nfd: labels of a fixture have the comment that no driver was asked" grep -q -x '# fixture: no driver was asked' asked.nfd

# expiry FILE - print the time when its labels expire, in seconds since 1970
expiry()
{
	date -d "$(sed -n 's/^# +expiry-time=//p' "$1")" +%s
}

# expires_after SECONDS - require that the labels expire so long after the time of usual.json
expires_after()
{
	export_as nfd --from usual.json --max-age "$1" --output expiry.nfd || return
	[ $(($(expiry expiry.nfd) - $(date -d "$(jq -r .time usual.json)" +%s))) = "$1" ]
}
check "nfd: labels expire 1800 seconds after the time of the document" expires_after 1800
check "nfd: labels expire --max-age seconds after the time of the document" expires_after 86400
no_expiry()
{
	export_as nfd --from usual.json --max-age 0 | grep '^feature' | diff - usual.labels
}
grep '^feature' usual.nfd > usual.labels
check "nfd: labels do not expire with --max-age 0" no_expiry
document ahead '[("all", "1", 2, 2, 0, 0)]' -600
expires_from_now()
{
	export_as nfd --from ahead.json --output ahead.nfd || return
	left=$(($(expiry ahead.nfd) - $(date +%s)))
	[ "$left" -le 1800 ] && [ "$left" -gt 1700 ]
}
check "nfd: labels of a document whose clock is ahead expire by the clock of this host" expires_from_now

# A host with 64 parents, each of which has 79 types, in a fleet with three strings
document places '[(f"nvidia-long-name-{number}", f"10de:2236-{string}", 64 if not string else 0,
	64, 0, 0) for number in range(79) for string in range(3)]'
places()
{
	[ "$(jq '.types | length' places.json)" = 5056 ] || return
	export_as nfd --from places.json --output places.nfd && nfd_rules places || return
	[ "$(grep -c /mdev-shows. places.nfd)" = 79 ] && [ "$(grep -c /mdev-takes. places.nfd)" = 237 ]
}
check "nfd: labels of 5,056 types and three strings fit into the limit of 64 KiB" places
# A host with 512 parents, which all have 20 types, in a fleet with ten strings of each
document parents '[(f"nvidia-{number}", f"10de:2236-{string}", 0 if string else 512, 512, 0, 0)
	for number in range(20) for string in range(10)]'
check "nfd: labels of 512 parents, which were asked about 200 strings each, are written" export_as nfd \
	--from parents.json --output parents.nfd
check "nfd: labels of 512 parents keep the rules of Kubernetes" nfd_rules parents
# Labels of 5,000 types with one string do not fit if each type has its own
document many '[(f"nvidia-long-name-{number}", "10de:2236", 1, 1, 0, 0) for number in range(5000)]'
check "nfd: labels of 5,000 types with one string fit into the limit of 64 KiB" export_as nfd --from many.json --output many.nfd
check "nfd: labels of 5,000 types with one string keep the rules of Kubernetes" nfd_rules many
each=$(jq -r '.types[].type' many.json | sort | { echo 10de:2236; cat; } | sha256sum | cut -c 1-32)
printf '%s\n' "$prefix/mdev-shows-each.$each=true" "$prefix/mdev-takes-each.$each=all" > expected
labels many.nfd > written
check_same "nfd: one label is about all types with one string, if a label for each does not fit" expected written

# Half of the types show another string, of which one type is refused, or taken by one parent
split='[(f"type-{number}", "odd" if number % 2 else "even", 2, 1 if number == SOME else 2,
	1 if number == SOME else 0, 0) if number != NO else
	(f"type-{number}", "odd", 2, 0, 2, 0) for number in range(900)]'
document refused "$(echo "$split" | sed 's/SOME/-1/g; s/NO/7/')"
document partly "$(echo "$split" | sed 's/SOME/7/g; s/NO/-1/')"
refused_set()
{
	export_as nfd --from refused.json --output refused.nfd && nfd_rules refused || return
	[ "$(grep -c '/mdev-takes-each\..*=all$' refused.nfd)" = 1 ] || return
	[ "$(grep -c '/mdev-takes\.' refused.nfd)" = 449 ] || return
	! grep -e "mdev-takes.*$(hash type-7 odd)" refused.nfd
}
check "nfd: no label is about a set of types of which one is refused" refused_set
partly_set()
{
	export_as nfd --from partly.json --output partly.nfd && nfd_rules partly || return
	[ "$(labels partly.nfd | wc -l)" = 4 ] && [ "$(grep -c '/mdev-takes-each\..*=all$' partly.nfd)" = 1 ] &&
		[ "$(grep -c '/mdev-takes-each\..*=some$' partly.nfd)" = 1 ]
}
check "nfd: a label about a set of types has the value some if only some parents take one of them" partly_set
# "a" and "b" have the same lines as the type "a\nb"
document newline '[(f"type-{number}", "other", 1, 1, 0, 0) for number in range(900)] +
	[("a\nb", "1", 1, 1, 0, 0), ("c", "1", 1, 1, 0, 0)]'
newline_set()
{
	export_as nfd --from newline.json --output newline.nfd && nfd_rules newline || return
	[ "$(grep -c '/mdev-takes-each\.' newline.nfd)" = 1 ] && [ "$(grep -c '/mdev-takes\.' newline.nfd)" = 2 ]
}
check "nfd: no label is about a set of types of which one has a newline in its name" newline_set

# The file fits at each number of types
limit()
{
	for number in 330 333 334 335 336 337 338 339 340 341 342 343 344 345 350; do
		document limit "[(f'type-{number:015}', '1' if number else '2', 1, 1, 0, 0)
			for number in range($number)]"
		export_as nfd --from limit.json --output limit.nfd && nfd_rules limit || return
		labels limit.nfd | wc -l >> limits
	done
	grep -q -x 4 limits && grep -q -x 680 limits
}
check "nfd: labels fit into 64 KiB if each type has one, and if all types share one" limit

document distinct '[(f"type-{number}", f"{number}", 1, 1, 0, 0) for number in range(5000)]'
does_not_fit()
{
	cp usual.nfd kept
	export_as nfd --from distinct.json --output kept
	[ $? = 3 ] && cmp usual.nfd kept && [ -z "$(find . -maxdepth 1 -name '.kept*')" ]
}
check "nfd: the old file stays if the labels do not fit" does_not_fit
check "nfd: labels that do not fit are an error with the size, the limit and an option" comes_to 3 \
	'the labels have [0-9]* bytes, .* reads 65536 at most, export --type PATTERN ' \
	export_as nfd --from distinct.json

# integrations/kubernetes

label_sh()
{
	sh "$tool/integrations/kubernetes/label.sh" "$@"
}
takes_label()
{
	label_sh "$@" > labels || return
	while read -r taking; do
		grep -e "^$taking=" taken && return
	done < labels
	cat labels
	return 1
}
cat usual.nfd many.nfd > taken
check "label.sh prints the label of a type" takes_label some 1
check "label.sh prints the label of all types with a string" takes_label nvidia-long-name-17 10de:2236 many.json
build/mdev-precheck --fixture names export --output names.json 2> messages
build/mdev-precheck --fixture names export --takes names.json --format nfd > taken 2> messages
check "label.sh takes a type with odd characters" takes_label "$(printf 'caf\303\251')" 1
check "label.sh takes a version with odd characters" takes_label 'area two' ' leading, and trailing '
check "label.sh refuses a version that the document does not have for the type" \
	comes_to 1 'does not have the version 2 for the type all' label_sh all 2 usual.json
check "label.sh requires a type and a version" comes_to 2 usage label_sh all
for file in "$tool"/integrations/kubernetes/*.yaml; do
	printf '{"types":[%s,%s]}' '{"type":"mtty-1","migration_version":"4348:3253-1.0"}' \
		'{"type":"mtty-2","migration_version":"4348:3253-1.0"}' > mtty.json
	label_sh mtty-2 4348:3253-1.0 mtty.json > labels
	grep -o 'feature\.node\.kubernetes\.io/[^: ]*' "$file" | sort > used
	check "${file##*/} has the labels that label.sh prints" sh -c "
		[ -s used ] && ! grep -v -x -F -f labels used"
done

# Nova

# yaml_rules NAME - require that YAML and Nova's schema allow each line of NAME.yaml.  real-engines
# asks Nova itself.
yaml_rules()
{
	no_others "$1.yaml" "^([a-z]+:|  schema_version: '1\\.0'|  - identification:|      uuid: \\\$COMPUTE_NODE|    traits:|      additional:|providers: \\[\\]|          - CUSTOM_[A-Z0-9_]{1,248}| *# [ -~]*)\$"
}
check "provider-yaml: traits are written" export_as provider-yaml --from usual.json --output usual.yaml
check "provider-yaml: traits keep the rules of Nova" yaml_rules usual
traits()
{
	sed -n 's/^ *- CUSTOM_MDEV_/CUSTOM_MDEV_/p' "$1"
}
for type in all some no unasked part; do
	echo "CUSTOM_MDEV_SHOWS_$(hash $type 1 | tr a-f A-F)"
done > expected
echo "CUSTOM_MDEV_TAKES_$(hash all 1 | tr a-f A-F)" >> expected
sort expected > sorted
traits usual.yaml | sort > written
check_same "provider-yaml: a trait names a string that is shown, or that each parent takes" sorted written
check "provider-yaml: traits of a host without parents are an empty list" sh -c "
	build/mdev-precheck --fixture unused export --format provider-yaml > unused.yaml
	grep -q -x 'providers: \[\]' unused.yaml"
check "provider-yaml: a file without traits keeps the rules of Nova" yaml_rules unused
check "provider-yaml: traits of 5,000 types are written" export_as provider-yaml --from many.json --output many.yaml
check "provider-yaml: 5,000 types have a trait for each string that is shown, and for each that is taken" [ "$(traits many.yaml | wc -l)" = 10000 ]

# integrations/nova, with a stand-in for the client of placement

mkdir bin
cat > bin/openstack <<STAND_IN
#!/bin/sh
echo "\$*" >> '$work/called'
[ ! -e '$work/down' ] || exit 1
[ ! -e '$work/hangs' ] || exec sleep 1000
case "\$*" in
*' trait list node '*)	cat '$work/in-placement' ;;
*' trait set '*' node')	printf '%s\n' "\$@" | grep '_' > '$work/in-placement' ;;
*)			exit 1 ;;
esac
STAND_IN
cat > bin/timeout <<'STAND_IN'
#!/bin/sh
shift 3
exec /usr/bin/timeout -k 1 "${LIMIT:-60}" "$@"
STAND_IN
chmod +x bin/*
drop_traits()
{
	: > called
	PATH="$work/bin:$PATH" sh "$tool/integrations/nova/drop-traits.sh" "$@"
}
old=CUSTOM_MDEV_TAKES_$(hash old 1 | tr a-f A-F)
{ printf '%s\n' CUSTOM_OTHER HW_CPU_X86_VMX COMPUTE_NODE; traits usual.yaml; } > expected
drops()
{
	{ echo "$old"; cat expected; } > in-placement
	drop_traits node usual.yaml > output || return
	echo "dropped: $old" | diff - output && diff expected in-placement
}
check "drop-traits.sh removes a trait that the file does not have, and no other" drops
kept()
{
	drop_traits node usual.yaml && ! grep ' set ' called
}
check "drop-traits.sh changes nothing if all traits are in the file" kept
touch down
check "drop-traits.sh names a provider that placement does not list" comes_to 3 \
	'did not list the traits of node' drop_traits node usual.yaml
check "drop-traits.sh does not set traits that it could not list" sh -c '! grep " set " called'
rm down
touch hangs
check "drop-traits.sh ends if placement hangs" comes_to 3 'did not list the traits of node' \
	env LIMIT=0.2 PATH="$work/bin:$PATH" sh "$tool/integrations/nova/drop-traits.sh" node usual.yaml
rm hangs
check "drop-traits.sh refuses a file that does not have providers" comes_to 3 'is not a file of Nova' \
	drop_traits node usual.json
check "drop-traits.sh requires a file" comes_to 2 usage drop_traits node

# Facter

for host in usual many; do
	export_as facter --from "$host.json" > "$host.facts"
	jq -S . "$host.json" > expected
	jq -S .mdev_precheck "$host.facts" > fact
	check_same "facter: the fact of the host $host is the document" expected fact
	check "facter: the host $host does not have another fact" [ "$(jq -c keys "$host.facts")" = '["mdev_precheck"]' ]
done

# Nagios

# one_line OK|WARNING|UNKNOWN TEXT - require that the output is one line of a plugin, with
# performance data
one_line()
{
	[ "$(wc -l < line)" = 1 ] && no_others line '^[ -~]*$' || return
	grep -a -E -e "^MDEV $1 - [^|]*\\|known=[0-9]+;;;0( [a-z_]+=[0-9]+s?;;;0(;[0-9]+)?)+\$" line |
		grep -a -e "$2"
}
nagios()
{
	expected=$1
	word=$2
	text=$3
	shift 3
	export_as nagios "$@" > line 2> messages
	status=$?
	cat line messages
	[ "$status" = "$expected" ] && one_line "$word" "$text"
}
check "nagios: the status is OK and 0 if all strings are taken" nagios 0 OK \
	'2 of 2 strings taken, 1 by each parent|.* taken=2;;;0;2 ' --from good.json
check "nagios: the status is WARNING and 1 if a string is refused" nagios 1 WARNING \
	'2 of 6 strings refused: absent 1, no 1|.* refused=2;;;0;6 not_asked=1;;;0;6 ' --from usual.json
check "nagios: the status is UNKNOWN and 3 if a string is not asked about" nagios 3 UNKNOWN \
	'1 of 2 strings not asked about: unasked 2|' --from unasked.json
check "nagios: the status is UNKNOWN and 3 if the fleet is empty" nagios 3 UNKNOWN 'no string of the fleet is known' \
	--from empty.json
check "nagios: the status is UNKNOWN and 3 if the host was not asked" nagios 3 UNKNOWN 'see export --takes' \
	--fixture host
check "nagios: the line of a fixture has the words that no driver was asked" grep -q 'of a fixture: no driver was asked|' line
document nos '[(f"type-{number}", "1", 1, 0, 1, 0) for number in range(9)]'
check "nagios: the line names three of nine refused strings" nagios 1 WARNING \
	'9 of 9 strings refused: type-0 1, type-1 1, type-2 1, and 6 more|' --from nos.json

# An enemy chose these names and strings

document enemy "$(cat "$top/tests/lib/enemy-strings")"
check "nfd: labels of hostile names and strings are written" export_as nfd --from enemy.json --output enemy.nfd
check "nfd: labels of hostile names and strings keep the rules of Kubernetes" nfd_rules enemy
check "nfd: each hostile string that is taken has a label" [ "$(grep -c /mdev-takes. enemy.nfd)" = 25 ]
check "provider-yaml: traits of hostile names and strings are written" export_as provider-yaml --from enemy.json --output enemy.yaml
check "provider-yaml: traits of hostile names and strings keep the rules of Nova" yaml_rules enemy
check "provider-yaml: each hostile string that is taken has a trait" [ "$(grep -c -e '- CUSTOM_MDEV_TAKES_' enemy.yaml)" = 25 ]
check "nagios: the status of hostile names and strings is one line" nagios 1 WARNING '25 of 50 strings refused: ' --from enemy.json
document ends '[(name, "|taken=9", 1, 0, 1, 0) for name in ("|", "\n", "<b>\x7f")]'
check "nagios: a hostile name of a type does not end the text" nagios 1 WARNING \
	': ? ?taken=9, ?b?? ?taken=9, ? ?taken=9|' --from ends.json
check "nagios: the status of hostile names has fewer than 1024 bytes" [ "$(wc -c < line)" -lt 1024 ]
export_as facter --from enemy.json > enemy.facts
jq -S . enemy.json > expected
jq -S .mdev_precheck enemy.facts > fact
check_same "facter: the fact of hostile names and strings is the document" expected fact
for format in nfd provider-yaml facter nagios; do
	printf '{"format":"mdev-precheck-types"}' > bad.json
	check "$format: a document that does not have types is an error" comes_to 3 'bad.json' \
		export_as $format --from bad.json
	head -c 300 usual.json > cut.json
	check "$format: a document that was cut is an error" comes_to 3 'cut.json' \
		export_as $format --from cut.json
done

# An old document

old_stays()
{
	export_as "$1" --from old.json --output kept
	[ $? = 3 ] && [ "$(cat kept)" = old ]
}
document old '[("all", "1", 2, 2, 0, 0)]' 1900
for format in nfd provider-yaml facter nagios; do
	echo old > kept
	check "$format: an old document leaves the old file" old_stays "$format"
	check "$format: an old document is an error with its age" comes_to 3 \
		'old.json is 19[0-9][0-9] seconds old: 1800 at most' export_as $format --from old.json
	check "$format: an old document is written with a longer --max-age" comes_to 0 . \
		export_as $format --from old.json --max-age 4000
done

# An export is killed, or the disk is full

mkdir -p crash small
mkfifo pipe
# began NAME - succeed if a hidden file is beside crash/NAME
began()
{
	[ -n "$(find crash -name ".$1.*")" ]
}
# stopped SIGNAL FORMAT NAME - end an export that waits for the rest of its document by the signal,
# and require that the old file stays
stopped()
{
	cp "$3" "crash/$3" || return
	build/mdev-precheck export --format "$2" --from - --output "crash/$3" < pipe &
	child=$!
	exec 8> pipe
	head -c 300 usual.json >&8
	wait_for began "$3" || return
	kill "-$1" "$child"
	wait "$child"
	[ $? -gt 128 ] || return
	exec 8>&-
	cmp "$3" "crash/$3"
}
cp usual.nfd mdev-precheck
cp usual.yaml mdev-precheck.yaml
cp usual.facts mdev_precheck.json
check "nfd: the old file stays if an export is killed" stopped KILL nfd mdev-precheck
check "provider-yaml: the old file stays if an export is killed" stopped KILL provider-yaml mdev-precheck.yaml
check "facter: the old file stays if an export is killed" stopped KILL facter mdev_precheck.json
check "an export that was killed leaves hidden files" [ "$(find crash -name '.*.*' -type f | wc -l)" = 3 ]
# Nova reads *.yaml, and Facter reads *.json
check "an export that was killed leaves no file that an engine reads" sh -c "
	[ \"\$(cd crash && echo *)\" = 'mdev-precheck mdev-precheck.yaml mdev_precheck.json' ] &&
	! find crash -name '.*' | grep -E '\\.(yaml|json)\$'"
after_crash()
{
	export_as nfd --from good.json --output crash/mdev-precheck && cmp good.nfd crash/mdev-precheck
}
check "an export after one that was killed writes its file" after_crash
rm -f crash/.m*
check "nfd: the old file stays if an export is stopped" stopped TERM nfd mdev-precheck
check "an export that was stopped leaves nothing" [ -z "$(find crash -name '.*.*' -type f)" ]

check "nfd: a full disk is an error on standard output" sh -c "
	build/mdev-precheck export --format nfd --from usual.json > /dev/full; [ \$? = 3 ]"
check "nfd: export --output does not replace a device" comes_to 3 'a file was expected' \
	export_as nfd --from usual.json --output /dev/full
mount -t tmpfs -o size=64k tmpfs small || bail_out "a tmpfs cannot be mounted"
full_disk()
{
	rm -f small/*
	echo old > small/file
	head -c 57344 /dev/zero > small/other
	export_as "$1" --from many.json --output small/file
	[ $? = 3 ] && [ "$(cat small/file)" = old ] && [ -z "$(find small -name '.file*')" ]
}
for format in provider-yaml facter; do
	check "$format: the old file stays on a full disk" full_disk $format
	check "$format: a full disk is an error" comes_to 3 'small/file: No space left on device' \
		export_as $format --from many.json --output small/file
done

# The guide has a program of jq to join documents by hand

mkdir documents
cp usual.json source.json
cp usual.json documents/fresh.json
document documents/old '[("all", "1", 2, 2, 0, 0)]' 2000
document documents/ahead '[("all", "1", 2, 2, 0, 0)]' -2000
for name in fresh old ahead; do
	jq --arg name $name '.host = $name' documents/$name.json > named.json
	mv named.json documents/$name.json
done
jq '.host = "unasked" | .takes = null' usual.json > documents/unasked.json
sed -n "/^jq -r --slurpfile from/,/^\`\`\`$/p" "$tool/doc/fleet.md" | grep -v '^```' > by-hand
check "fleet.md has a program of jq that joins documents" [ -s by-hand ]
check "the program of jq in fleet.md succeeds" sh -c 'sh ./by-hand > joined'
sort > expected <<-END_OF_ANSWERS
	ahead all ?
	old all ?
	unasked all ?
	fresh all yes
	fresh no no
	fresh part yes
	fresh some yes
	fresh unasked ?
END_OF_ANSWERS
awk -F '\t' '$1 == "fresh" || $2 == "all" { print $1, $2, $4 }' joined | sort > actual
check_same "the program of jq in fleet.md answers as the verdicts do, and with ? if one is missing or old" \
	expected actual
tests_end
