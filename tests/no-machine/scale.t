#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mdev-precheck has limits for memory, questions to drivers, processes and calls of ssh, on hosts
# with hundreds of types and in fleets of hundreds of hosts.  tests/bench counts its instructions.
#
# needs: precheck scale
# seconds: 30

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX

make -C "$top/tools/mdev" O="$work/build" all > build.log 2>&1 ||
	bail_out "mdev-precheck does not build, log: $work/build.log"
export PATH="$work/build:$work/bin:$PATH"
"$top/tools/mdev/tests/fixture.sh" vfs vfs || bail_out "the fixture vfs was not made"
"$top/tools/mdev/tests/fleet.sh" fleet || bail_out "the fleet was not made"

# This host takes every string, and always shows the name of the program as its version
"$top/tools/mdev/tests/fleet.sh" here 1 || bail_out "the fleet of one host was not made"
own=here/node001/class/mdev_bus/0000:3b:00.4/mdev_supported_types/nvidia-63/migration_version
ln -sf /proc/self/comm "$own"

# The stand-in for ssh runs the command for a host of the fleet, which is a directory.  ssh.log has
# a line for each call.
mkdir bin
cat > bin/ssh <<-'END'
	#!/bin/sh
	echo "$*" >> ssh.log
	while [ "$1" != -- ]; do shift; done
	NODE=$2 exec sh -c "$3"
END
# The program on that host; the host "large" sends long answers
cat > bin/node-precheck <<-'END'
	#!/bin/sh
	[ "$NODE" != large ] || case $1 in
	export)	exec cat large.json ;;
	check)	cat > question; exec cat answer.json ;;
	esac
	exec mdev-precheck --fixture "fleet/$NODE" "$@"
END
chmod +x bin/ssh bin/node-precheck

# below KIB STATUS COMMAND... - run the command with its output in the file "output", and require
# the status, and at most so much memory for each of its processes
below()
{
	limit=$1
	expected_status=$2
	shift 2
	/usr/bin/time -q -o peak -f %M "$@" > output
	[ $? = "$expected_status" ] || return
	peak=$(cat peak)
	echo "# $peak KiB at most, of $limit KiB: $*" | cut -c 1-100 >&3
	[ "$peak" -le "$limit" ]
}
exec 3>&1

# entries FILE - print the number of answers in a document of verdicts
entries()
{
	grep -c -E '^\{"source":(\{|[0-9])' "$1"
}

# many_types NUMBER STRINGS - print a document of so many types, which have so many strings
many_types()
{
	"$top/tools/mdev/tests/many-types.sh" "$@"
}

# kib FILE - print the size of the file in KiB
kib()
{
	echo $(($(stat -c %s "$1") / 1024))
}

# The memory for 500 × 500 answers, in KiB
most=65536
# Each other host has a document, so that only this host is asked
documents=$(sed 's|.*|--from fleet/&.json|' fleet/hosts)
# shellcheck disable=SC2086 # options
{
	check "matrix of 500 documents needs at most 64 MiB" below $most 3 \
		mdev-precheck --fixture here/node001 matrix $documents
	check "matrix --json of 500 documents needs at most 64 MiB" below $most 3 \
		mdev-precheck --fixture here/node001 matrix --json $documents
	check "matrix --json of 500 documents has an answer of each host about each string" \
		[ "$(entries output)" = $((501 * 501)) ]
	check "matrix --html of 500 documents needs at most 64 MiB" below $most 3 \
		mdev-precheck --fixture here/node001 matrix --html page.html $documents
}

# Here all hosts are asked.  The limit is long, because 1,000 processes take long on a busy system.
check "matrix --json of 500 hosts that answer needs at most 64 MiB" below $most 0 \
	mdev-precheck --timeout 500 --fixture here/node001 matrix --json --remote node-precheck \
	--hosts fleet/hosts
check "matrix --json of 500 hosts has an answer of each host about each string" \
	[ "$(entries output)" = $((501 * 501)) ]
check "matrix of 500 hosts calls ssh once for each host" [ "$(wc -l < ssh.log)" = 500 ]
check "matrix of 500 hosts calls ssh for each of them" \
	sh -c "sed 's/.*-- \\(node[0-9]*\\) .*/\\1/' ssh.log | sort | cmp - fleet/hosts"
rm ssh.log

# Long documents have some 30 to 60 MB
many_types 150000 1 > large.json
size=$(kib large.json)
check "the long document has more than 30 MB" [ "$size" -gt 30000 ]
check "check --from of a long document needs at most its size and 16 MiB" \
	below $((size + 16384)) 0 mdev-precheck --fixture here/node001 check --json --from large.json
check "check --from of a long document has an answer about each of its types" \
	[ "$(entries output)" = 150000 ]
check "check reads a long document from standard input with at most its size and 16 MiB" \
	below $((size + 16384)) 0 sh -c 'exec mdev-precheck --fixture here/node001 check --json --from - < large.json'
# The answer of the host "large" has an entry for each of its 80,000 parents
mdev-precheck --fixture here/node001 check --json --type nvidia-63 10de:2236-63-16.0 | awk '
	/"source":/	{ begin = $0; sub(/0000:3b:00[.]4.*/, "", begin)
			  end = $0; sub(/.*0000:3b:00[.]4/, "", end)
			  for (i = 0; i < 80000; i++)
				printf "%sparent-%06d%s%s\n", begin, i, end, i < 79999 ? "," : ""
			  next }
			{ print }' > answer.json
size=$(kib answer.json)
check "the long answer has more than 30 MB" [ "$size" -gt 30000 ]
check "check --to a host with a long answer needs at most its size and 16 MiB" \
	below $((size + 16384)) 0 mdev-precheck --timeout 500 --fixture here/node001 check --json \
	--to large --remote node-precheck --type nvidia-63 10de:2236-63-16.0
check "check --to a host with a long answer has each entry of the answer" [ "$(entries output)" = 80000 ]

# slow_recv.c makes a reader slow, so that ssh ends more than a second before its answer is read
gcc -shared -fPIC -Wall -Wextra -Werror -o slow_recv.so "$top/tests/no-machine/slow_recv.c" ||
	bail_out "slow_recv.c does not compile"
many_types 700 700 > strings.json
check "check --to reads an answer to its end although ssh has ended more than a second ago" \
	env LD_PRELOAD="$work/slow_recv.so" mdev-precheck --fixture here/node001 check \
	--to node001 --remote node-precheck --from strings.json

# A host with 64 parents of ten types is asked about its own types, which have 30 strings: ten types
# with three versions.  Each open of a file for writing is a question.
mdev-precheck --fixture vfs export --output vfs.json
check "the host with 64 parents has 640 types" [ "$(grep -c '^{"parent"' vfs.json)" = 640 ]
strace -f -qq --seccomp-bpf -e trace=openat -o opened \
	mdev-precheck --fixture vfs check --json --from vfs.json > output
asked=$(jq '[.types[] | [.type, .migration_version]] | unique | length * 64' vfs.json)
check "check --from of a host with 64 parents has an answer for each source and target" \
	[ "$(entries output)" = $((640 * 64)) ]
check "check --from of a host with 64 parents asks each target about each string once" \
	[ "$(grep -c '"migration_version", O_WRONLY' opened)/$asked" = 1920/1920 ]

# processes STRINGS - print the number of processes that check starts for so many strings to one
# target
processes()
{
	many_types "$1" "$1" > strings.json
	strace -f -qq --seccomp-bpf -e trace=fork,vfork,clone,clone3 -o started \
		mdev-precheck --fixture here/node001 check --json --from strings.json > output
	[ "$(entries output)" = "$1" ] && grep -c -e 'fork(' -e 'clone3\?(' started
}
few=$(processes 10)
check "check of 10,000 strings to a target starts $few processes, as for 10 strings" \
	[ "$(processes 10000)" = "${few:-none}" ]
tests_end
