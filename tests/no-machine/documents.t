#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mdev-precheck reads documents of megabytes with no more memory than their size and 16 MiB
#
# needs: precheck
# check: yes
# seconds: 20

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX

check "mdev-precheck builds" make -C "$top/tools/mdev" O="$work/build" all
"$top/tools/mdev/tests/fixture.sh" host host || bail_out "the fixture host was not made"

# The stand-in for a host answers with the file "answer"
mkdir bin
cat > bin/ssh <<-'STAND_IN'
	#!/bin/sh
	cat > /dev/null
	cat answer
	exit 1
STAND_IN
chmod +x bin/ssh

# within DOCUMENT ARGUMENTS... - run mdev-precheck with a limit for data, which is the size of the
# document and 16 MiB.  Data are memory that a program can write to, and that is not mapped from a
# file.
within()
{
	kib=$(($(stat -c %s "$1") / 1024 + 16 * 1024))
	shift
	(
		# shellcheck disable=SC3045 # dash has it
		ulimit -d "$kib"
		PATH="$work/bin:$PATH" exec build/mdev-precheck \
			--fixture host "$@"
	)
}

# types NUMBER ITEM [REST] - print a document of so many types; ITEM is a format for their numbers
types()
{
	printf '{"format":"mdev-precheck-types","format_version":1,"types":['
	seq -f "$2" -s , "$1" | tr -d '\n'
	printf ']%s}\n' "${3-}"
}

one='{"type":"serial-2","state":"read","migration_version":"2","n":%.0f}'
types 100000 "$one" > short
types 30000 '{"parent":"0000:3b:%06.0f","type":"serial-2","name":"GRID T4-1Q","description":"num_heads=4, max_resolution=5120x2880, max_instance=16","device_api":"vfio-pci","available_instances":16,"devices":[],"migration_version":"2","state":"read","errno":null}' \
	> long
types 1 "$one" ",\"more\":[$(seq -s , 1000000)]" > array
types 1 "$one" ",\"more\":{\"a\":[$(seq -s , 1000000)]}" > object
types 1 "$one" ",\"more\":\"$(seq -s , 1000000)\"" > string
types 1000 '{"type":"serial-2","state":"read","migration_version":"%04.0f"}' > asked

# 1000 answers, each with 64 lines of a log, which is the limit
{
	printf '{"format":"mdev-precheck-verdicts","format_version":1,"host":"east","verdicts":['
	awk 'BEGIN {
		for (i = 0; i < 1000; i++) {
			printf "%s{\"source\":{\"number\":%d,\"host\":null,\"parent\":null," \
				"\"type\":\"serial-2\",\"migration_version\":\"%04d\"}," \
				"\"target\":{\"host\":null,\"parent\":\"accepts\"," \
				"\"type\":\"serial-2\"},\"verdict\":\"not compatible\"," \
				"\"failed_condition\":\"accepted\",\"errno\":\"EINVAL\"," \
				"\"reason\":\"no\",\"kernel_log\":[", i ? ",\n" : "", i, i + 1
			for (line = 0; line < 64; line++)
				printf "%s\"mtty mtty: type serial-2: version %d rejected, " \
					"this is the line %d of 64 lines\"", line ? "," : "", i, line
			printf "],\"kernel_log_errno\":null}"
		}
	}'
	printf '],"verdict":"not compatible"}\n'
} > answer
check "each document has some megabytes" sh -c "
	[ \"\$(find short long array object string answer -size +4M | wc -l)\" = 6 ]"

check "check reads 100,000 short types with no more memory than their size and 16 MiB" \
	comes_to 0 '' within short check -q --from short accepts
check "check reads 30,000 types of a usual length with no more memory than their size and 16 MiB" \
	comes_to 0 '' within long check -q --from long accepts
check "matrix reads 30,000 types, and writes its document, with no more memory than their size and 16 MiB" \
	comes_to 1 '^\],"verdict":"not compatible"}$' within long matrix --json --from long
check "check skips an array that the format does not have with no more memory than its size and 16 MiB" \
	comes_to 0 '' within array check -q --from array accepts
for document in object string; do
	check "check refuses a member that is a large $document with no more memory than its size and 16 MiB" \
		comes_to 3 "its member more is larger than is expected of a document" \
		within "$document" check --from "$document" accepts
done
check "check takes an answer with 64,000 lines of logs with no more memory than its size and 16 MiB" \
	comes_to 1 '' within answer check -q --to east --from asked accepts
tests_end
