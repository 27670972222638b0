#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In a fleet of 10,000 hosts whose drivers are being updated, mdev-precheck merge needs at most
# 64 MiB for their documents, and the documents answer for each two hosts as the target itself does.
# tests/bench counts the instructions of merge.
#
# needs: precheck scale
# seconds: 25

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX

make -C "$top/tools/mdev" O="$work/build" all > build.log 2>&1 ||
	bail_out "mdev-precheck does not build, log: $work/build.log"
export PATH="$work/build:$PATH"
hosts=10000
began=$(date +%s)
"$top/tools/mdev/tests/rolling-update.sh" fleet $hosts "$work/build/mdev-precheck" > fleet.log 2>&1 ||
	bail_out "the fleet was not made: $(tail -n 1 fleet.log)"
exec 3>&1

# merged FILE DOCUMENT... - merge the documents, and require at most 64 MiB and 10 files at a time
merged()
{
	output=$1
	shift
	# Standard input, output and error are three files; merge and its loader open few others
	/usr/bin/time -q -o cost -f '%M %U' prlimit --nofile=10 mdev-precheck merge "$@" \
		--output "$output" || return
	read -r peak seconds < cost
	echo "# $peak KiB at most, of 65536 KiB, and $seconds s: merge of $# documents," \
		"which writes $(stat -c %s "$output") bytes" >&3
	[ "$peak" -le 65536 ]
}

# Memory, files and output of merge

mkdir merged
check "merge of 10,000 documents needs at most 64 MiB, and at most 10 files at a time" \
	merged merged/known.json fleet/documents/*
check_same "merge of 10,000 documents writes each string of their groups once" \
	fleet/known.json merged/known.json
check "merge of 10,000 documents writes one file" [ "$(ls -A merged)" = known.json ]
find fleet/documents -name '*.json' | sort -r > reversed
backwards()
{
	xargs -a reversed -n $hosts -s 1000000 mdev-precheck merge | cmp - fleet/known.json
}
check "merge writes the same bytes for documents in another order" backwards
mkdir strings
awk -v hosts=$hosts '
	{ lines[NR] = $0 }
	END {
		for (i = 1; i <= hosts; i++) {
			file = "strings/" i ".json"
			for (j = 1; j <= NR; j++) {
				line = lines[j]
				gsub(/:1-15[.]4/, ":1-15." i, line)
				print line > file
			}
			close(file)
		}
	}' fleet/old.json
check "merge of 10,000 documents that have a string each needs at most 64 MiB" \
	merged merged/strings.json strings/*
check "merge of 10,000 documents that have a string each writes all of them" \
	[ "$(jq '[.types[] | select(.type == "nvidia-1")] | length' merged/strings.json)" = $hosts ]
# If merge kept the types of all documents, these would be 640,000
"$top/tools/mdev/tests/fixture.sh" vfs vfs || bail_out "the fixture vfs was not made"
mdev-precheck --fixture vfs export --output vfs.json || bail_out "export failed for the fixture vfs"
# shellcheck disable=SC2046 # names
check "merge of 1,000 documents of 640 types needs at most 64 MiB" \
	merged merged/large.json $(yes vfs.json | head -n 1000)

# bytes HOSTS - print the size of the strings of the fleet, merged from its first hosts
bytes()
{
	# shellcheck disable=SC2046 # names
	mdev-precheck merge $(find fleet/documents -name '*.json' | sort | head -n "$1") | wc -c
}
check "merge writes as many bytes for 100 hosts as for 10,000" \
	[ "$(bytes 100)" = "$(stat -c %s fleet/known.json)" ]

# Answers of the documents and of the targets

# The time is fixed, so that documents do not get too old if the test takes long
now=$began
join()
{
	jq -r -n --rawfile hosts fleet/hosts --argjson now "$now" --argjson max_age 1800 \
		-f "$top/tests/no-machine/fleet-scale.jq" fleet/documents/*.json
}
check "the file for the answers of 10,000 documents can be written" sh -c ': > joined'
join > joined 2> join.log || cat join.log

# answer SOURCE TARGET - print the exit status of check on a host of the group TARGET about all
# strings that a host of SOURCE shows.  A host that is down cannot be asked, nor does another host
# have its strings.
answer()
{
	case "$1 $2" in
	*stale*|*gone*)	echo 3; return ;;
	esac
	LD_PRELOAD="$work/fleet/driver.so" mdev-precheck --fixture "fleet/$2" check --json \
		--from "fleet/$1.json" > "asked-$1-$2"
	echo $?
}

# The number of hosts in each group
groups="failed gone middle mixed new old stale"
cut -d ' ' -f 2 fleet/hosts | sort | uniq -c | awk '{ print $2, $1 }' > numbers
number() { sed -n "s/^$1 //p" numbers; }
for source in $groups; do
	for target in $groups; do
		printf '%s\t%s\t%s\t%s\n' "$source" "$target" "$(answer "$source" "$target")" \
			$(($(number "$source") * $(number "$target")))
	done
done > asked
check "the documents answer for 10,000 times 10,000 pairs of hosts" \
	[ "$(awk '{ sum += $4 } END { printf "%d", sum }' joined)" = $((hosts * hosts)) ]
check_same "the documents answer for each two hosts as the target does when it is asked" asked joined

# answers SOURCE TARGET ANSWER - require this answer for two groups, because the comparison would
# also succeed if all answers were alike
answers() { grep -q -P "^$1\t$2\t$3\t" joined; }
for each in "old new 0" "new old 1" "middle new 0" "new middle 1" "middle old 1" "old middle 0" \
	"mixed old 1" "old mixed 0" "new mixed 0" "mixed mixed 0" "new new 0" "old failed 3" \
	"failed old 3" "failed failed 3" "old stale 3" "stale old 3" "gone new 3" "new gone 3"; do
	# shellcheck disable=SC2086 # three words
	check "the documents answer for two groups (source, target, answer): $each" answers $each
done
stale=$(sed -n 's/ stale$//p; T; q' fleet/hosts)
not_published()
{
	mdev-precheck --fixture fleet/old export --from "fleet/documents/$stale.json" \
		--format prometheus --output published.prom
	[ $? = 3 ] && [ ! -e published.prom ]
}
check "export --format prometheus does not publish a document that is two hours old" not_published
tests_end
