#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mdev-precheck and its version 1.0, which is built from the history, ask each other and read
# each other's documents
#
# needs: precheck
# check: yes
# seconds: 10

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX

# The last commit of version 1.0
old=4035f52
if ! git -C "$top" cat-file -e "$old^{commit}" 2> /dev/null; then
	# The checkout of a person may be shallow, but not the checkout of CI
	[ -z "${CI:-}" ] || bail_out "the checkout does not have the commit $old"
	echo "1..0 # SKIP the checkout does not have the commit $old; a shallow checkout does not"
	exit
fi

mkdir old
git -C "$top" archive "$old" tools/mdev | tar -x -C old || bail_out "git archive failed"
check "mdev-precheck 1.0 builds" make -C old/tools/mdev O="$work/old-build" all
check "mdev-precheck of this checkout builds" make -C "$top/tools/mdev" O="$work/new-build" all
"$top/tools/mdev/tests/fixture.sh" host host || bail_out "the fixture host was not made"
"$top/tools/mdev/tests/fixture.sh" cards cards || bail_out "the fixture cards was not made"

old_precheck()
{
	LD_LIBRARY_PATH=old-build PATH="$work/bin:$PATH" old-build/mdev-precheck --sysfs host "$@"
}

new_precheck()
{
	PATH="$work/bin:$PATH" new-build/mdev-precheck --fixture host "$@"
}

# The stand-in for ssh has the hosts "old" and "new"
mkdir bin
cat > bin/ssh <<-'STAND_IN'
	#!/bin/sh
	while [ "$1" != -- ]; do shift; done
	export LD_LIBRARY_PATH="$2-build" PATH="$2-build:$PATH"
	echo session >> sessions
	exec sh -c "$3"
STAND_IN
chmod +x bin/ssh

while read -r asker answerer remote status target; do
	check "check of the $asker version asks the $answerer version about $target, and ends with $status" \
		comes_to "$status" . \
		"${asker}_precheck" check --to "$answerer" --remote "mdev-precheck $remote" \
		source/serial-1 "$target"
done <<-ROWS
	new old --sysfs=host 0 accepts/serial-1
	new old --sysfs=host 1 refuses/serial-1
	new old --sysfs=host 1 absent/serial-1
	new old --sysfs=host 1 faulty/serial-1
	new old --sysfs=host 3 33333333-2222-4333-8444-55555555555
	new old --sysfs=host 3 serial-7
	old new --fixture=host 0 accepts/serial-1
	old new --fixture=host 1 refuses/serial-1
	old new --fixture=host 1 absent/serial-1
ROWS
check "check does not take an answer of version 1.0 about a word that is not a type" \
	comes_to 3 "not asked" \
	new_precheck check --to old --remote "mdev-precheck --sysfs=host" source/serial-1 serial-7

# matrix_with_old - require answers of the host with version 1.0 about types of both hosts
matrix_with_old()
{
	: > sessions
	new_precheck matrix --json --type serial-1 --to old \
		--remote "mdev-precheck --sysfs=host" > matrix.json
	jq -r '.verdicts[] | select(.target.host == "old") | "\(.target.parent) \(.verdict)"' \
		matrix.json | sort -u > verdicts
	jq -c '.hosts[] | select(.origin == "ssh") | .reason' matrix.json
	grep -x 'accepts compatible' verdicts && grep -x 'refuses not compatible' verdicts
}
check "matrix has the types and the answers of a host with version 1.0" matrix_with_old
check "matrix has one session for a host with version 1.0" [ "$(wc -l < sessions)" = 1 ]
new_precheck export --parent source --output new.json
old_precheck export --parent source > old.json
check "check of this checkout reads a document of version 1.0" comes_to 0 compatible \
	new_precheck check --from old.json --type serial-1 accepts
check "check of version 1.0 reads a document of this checkout" comes_to 0 compatible \
	old_precheck check --from new.json --type serial-1 accepts/serial-1
tests_end
