#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The engines themselves read the files of mdev-precheck export: kubectl of Kubernetes looks at the
# labels, Nova of Debian 13 starts with the traits and chooses hosts by them, Facter has the fact,
# and negate of the monitoring plugins maps the status.  no-machine/engines has the rules.
#
# needs: precheck kubectl facter negate nova-root root
# seconds: 50

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX O
# kubectl looks for a cluster in these variables
unset KUBECONFIG
export HOME="$work"
root=$("$top/scripts/nova-root") || bail_out "Nova cannot be installed"
make -C "$top/tools/mdev" O="$work/build" > build.log 2>&1 || bail_out "make failed: $work/build.log"

# host NAME LIST - write NAME.json, the document of a host, see document.py
host()
{
	python3 "$top/tests/lib/document.py" "$2" > "$1.json" || bail_out "document.py makes no document of the host $1"
}
host takes '[("vgpu-1", "1.0", 2, 2, 0, 0)]'
host refuses '[("vgpu-1", "1.0", 2, 1, 1, 0)]'
host no '[("vgpu-1", "1.0", 2, 0, 2, 0)]'
host unasked '[("vgpu-1", "1.0", 2, 0, 0, 2)]'
host empty '[]'
host many '[(f"vgpu-{number}", "1.0", 1, 1, 0, 0) for number in range(5000)]'
host places '[(f"vgpu-{number}", f"{string}.0", 64 if not string else 0, 64, 0, 0)
	for number in range(79) for string in range(3)]'
host enemy "$(cat "$top/tests/lib/enemy-strings")"

# published FORMAT HOST... - write HOST.FORMAT for each host
published()
{
	format=$1
	shift
	for each; do
		build/mdev-precheck export --format "$format" --from "$each.json" \
			--output "$each.$format" || bail_out "export --format $format of $each.json failed"
	done
}
published nfd takes refuses enemy many places
published provider-yaml takes refuses empty enemy many
published facter enemy many

# Kubernetes: set selector looks at names and values, label at values

cat > service.yaml <<'END_OF_YAML'
apiVersion: v1
kind: Service
metadata:
  name: service
END_OF_YAML
sed 's/Service/Node/' service.yaml > node.yaml

kubernetes_takes()
{
	grep -v '^#' "$1" > labels
	kubectl set selector --local -f service.yaml "$(paste -s -d , labels)" -o json > output || return
	jq -r '.spec.selector | to_entries[] | .key + "=" + .value' output | sort > selected
	xargs kubectl label --local -f node.yaml -o json < labels > output || return
	jq -r '.metadata.labels | to_entries[] | .key + "=" + .value' output | sort > labelled
	sort labels | diff - selected && sort labels | diff - labelled
}
for host in takes refuses enemy many places; do
	check "Kubernetes takes the labels of the host $host" kubernetes_takes $host.nfd
done
sed 's/mdev-takes\.vgpu-1/&-and-more-than-63/' takes.nfd > long.nfd
check "Kubernetes refuses a label that is too long" sh -c "
	! kubectl set selector --local -f service.yaml \"\$(grep takes long.nfd)\" -o json"
examples=$top/tools/mdev/integrations/kubernetes
example_is_read()
{
	kubectl label --local -f "$examples/$1" a=b -o json > output && jq -e "$2" output
}
check "Kubernetes reads the example of a pod" example_is_read pod.yaml '[.spec.affinity.nodeAffinity
	.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[].matchExpressions[].key] | length == 2'
selector_of_example()
{
	example_is_read migration.yaml .spec.addedNodeSelector || return
	kubectl set selector --local -f service.yaml -o json \
		"$(jq -r '.spec.addedNodeSelector | to_entries[] | .key + "=" + .value' output)"
}
check "Kubernetes takes the label in the example of a migration" selector_of_example

# Nova

mkdir nova
cp "$top/tests/no-machine/in-nova/trait_tests.py" nova
for host in takes refuses empty enemy many; do
	cp $host.provider-yaml nova/$host.yaml
done
hash=$(printf '%s\n' vgpu-1 1.0 | sha256sum | cut -c 1-32 | tr a-f A-F)
jq -n --arg hash "$hash" --argjson enemy "$(grep -c -e '- CUSTOM_' enemy.provider-yaml)" \
	'{shows: "CUSTOM_MDEV_SHOWS_\($hash)", takes: "CUSTOM_MDEV_TAKES_\($hash)", enemy: $enemy}' \
	> nova/traits.json
# in_nova COMMAND... - execute it in the root directory with Nova, with limits
in_nova()
{
	timeout -k 10 300 "$top/scripts/in-root" --bind "$work/nova:/precheck" "$root" \
		env PYTHONPATH=/precheck PYTHONDONTWRITEBYTECODE=1 "$@"
}
in_nova python3 -m testtools.run --list trait_tests < /dev/null 2> list.log |
	sed -n 's/^trait_tests\.TraitTests\.//p' > tests
check "the tests of Nova load" grep -q -x test_compute_node_has_the_traits_of_the_file tests
in_nova python3 -m testtools.run trait_tests < /dev/null > nova.log 2>&1
check "Nova's tests run to their end" grep -a -x -e "Ran $(wc -l < tests) tests in .*" nova.log

# passed TEST - require that Nova's log does not have the heading of its failure, and that the run
# came to its end
passed()
{
	grep -a -q -e '^Ran [0-9]* tests in ' nova.log || return
	! awk -v heading="trait_tests.TraitTests.$1" '
		/^(ERROR|FAIL|UNEXPECTED SUCCESS): /	{ inside = $NF == heading }
		inside' nova.log | grep -a .
}
while read -r test; do
	check "Nova: $(echo "${test#test_}" | tr _ ' ')" passed "$test"
done < tests

# drop-traits.sh removes traits with the client of placement

cp "$top/tests/no-machine/in-nova/with-placement" "$top/tools/mdev/integrations/nova/drop-traits.sh" nova
cat > nova/session <<'END_OF_SESSION'
set -eu
cd /precheck
# placement MINOR COMMAND... - execute a command of the API 1.MINOR
placement()
{
	minor=$1
	shift
	openstack --os-placement-api-version "1.$minor" "$@"
}
takes=$(sed -n 's/^ *- \(.*TAKES.*\)/\1/p' takes.yaml)
shows=$(sed -n 's/^ *- \(.*SHOWS.*\)/\1/p' takes.yaml)
node=$(placement 20 resource provider create node -f value -c uuid)
placement 20 resource provider create other > log
for trait in "$takes" "$shows" CUSTOM_OTHER; do
	placement 6 trait create "$trait"
done
placement 6 resource provider trait set --trait "$takes" --trait "$shows" --trait CUSTOM_OTHER \
	--trait COMPUTE_NODE "$node" > log
# list NAME - write the traits that placement has, and the hosts that take the string
list()
{
	placement 6 resource provider trait list "$node" -f value | sort > "$1.traits"
	placement 18 resource provider list --required "$takes" -f value -c name > "$1.hosts"
}
list before
sh drop-traits.sh "$node" takes.yaml
list same
sh drop-traits.sh "$node" refuses.yaml > dropped
list after
status=0
sh drop-traits.sh aaaaaaaa-1111-4222-8333-444444444444 refuses.yaml || status=$?
[ "$status" = 3 ]
END_OF_SESSION
check "placement and its client run to the end of drop-traits.sh" \
	in_nova sh /precheck/with-placement sh /precheck/session
check "placement lists the host that takes a string" [ "$(cat nova/before.hosts)" = node ]
check_same "drop-traits.sh leaves traits that are in the file in placement" \
	nova/before.traits nova/same.traits
grep -v TAKES nova/before.traits > expected
check_same "drop-traits.sh removes a trait from placement that is not in the file" \
	expected nova/after.traits
check "placement does not list a host whose trait was removed" [ ! -s nova/after.hosts ]

# Facter

fact_is()
{
	mkdir -p "facts-$1" || return
	cp "$1.facter" "facts-$1/mdev_precheck.json" || return
	# An export that was killed leaves this file
	head -c 100 "$1.facter" > "facts-$1/.mdev_precheck.json.aB3dE6" || return
	facter --external-dir "facts-$1" --json mdev_precheck > output 2> messages || return
	cat messages
	! grep . messages && jq -S .mdev_precheck output > fact && jq -S . "$1.json" | cmp - fact
}
check "Facter has a document of hostile names as a fact" fact_is enemy
check "Facter has a document of 5,000 types as a fact" fact_is many

# Nagios

# negate does not map the status of a plugin that prints nothing on standard output
negate()
{
	# shellcheck disable=SC2016 # for the other shell
	/usr/lib/nagios/plugins/negate -s -o OK -w CRITICAL -c UNKNOWN -u UNKNOWN \
		/bin/sh -c 'exec "$0" "$@" 2>&1' "$work/build/mdev-precheck" export --format nagios "$@"
}
check "negate: a string that is taken is OK" comes_to 0 '^MDEV OK - 1 of 1 strings taken' negate --from takes.json
check "negate: a string that is refused is CRITICAL" comes_to 2 '^MDEV CRITICAL - 1 of 1 strings refused: vgpu-1 1.0|' \
	negate --from no.json
check "negate: a string that is not asked about is UNKNOWN" comes_to 3 '^MDEV UNKNOWN - ' negate --from unasked.json
check "negate: a document that does not exist is UNKNOWN, with a reason" comes_to 3 \
	'nowhere.json: No such file' negate --from nowhere.json
check "negate: an old document is UNKNOWN, with a reason" comes_to 3 \
	'takes.json is [0-9]* seconds old' negate --from takes.json --max-age 1
check "negate: a typing mistake is UNKNOWN, with a reason" comes_to 3 \
	'did you mean --max-age' negate --from takes.json --max-agee 3
tests_end
