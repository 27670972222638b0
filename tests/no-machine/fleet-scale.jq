# SPDX-License-Identifier: GPL-2.0-only
#
# fleet-scale.jq - answer by the documents of a fleet whether a device may move between two hosts
#
# fleet-scale.t runs this query as an engine could.
#
#	jq -r -n --rawfile hosts HOSTS --argjson now SECONDS --argjson max_age SECONDS \
#		-f fleet-scale.jq DOCUMENT...
#
# HOSTS has the name of a host and its group in each line.  The query prints a line for each two
# groups, with tabs: the source's group, the target's group, the answers of such pairs of hosts, and
# the number of pairs.  An answer is 0 (yes), 1 (no) or 3 (not asked), as the exit status of check.

# worst - take the worst of the answers about several strings
def worst:
	if length == 0 then 3 elif any(. == 1) then 1 elif any(. == 3) then 3 else 0 end;

# best - take the best of the answers of several parents about a string
def best:
	if any(. == "compatible") then 0 elif any(. == "not asked") then 3 else 1 end;

# summary - reduce a document to the strings that are shown and the answer about each string, or to
# null if the document is too old
def summary:
	if $now - (.time | fromdateiso8601) > $max_age then null else {
		shows: [.types[] | [.type, .state, .migration_version]] | unique,
		takes: [.takes[]] | group_by([.type, .migration_version]) |
			map({ key: [.[0].type, .[0].migration_version] | tojson,
				value: map(.verdict) | best }) | from_entries
	} end;

# answer SOURCE TARGET - answer for two hosts by their summaries
def answer($source; $target):
	if $source == null or $target == null then 3 else
		[$source.shows[] | . as [$type, $state, $version] |
			if $state == "none" then 1 elif $state != "read" then 3
			else $target.takes[[$type, $version] | tojson] // 3 end] | worst
	end;

# A fleet has few different summaries, so that hosts of one group with the same summary are counted
reduce inputs as $document ({}; .[$document.host] = ($document | summary | tojson)) |
. as $summaries |
[$hosts | split("\n")[] | select(. != "") | split(" ") |
	{ group: .[1], summary: ($summaries[.[0]] // "null") }] |
group_by([.group, .summary]) |
map({ group: .[0].group, number: length, summary: .[0].summary | fromjson }) | . as $classes |
[$classes[] as $source | $classes[] as $target | {
	groups: [$source.group, $target.group],
	number: ($source.number * $target.number),
	answer: answer($source.summary; $target.summary)
}] | group_by(.groups)[] |
.[0].groups + [(map(.answer) | unique | map(tostring) | join(" ")), (map(.number) | add)] | @tsv
