#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mdev-precheck on hosts with hundreds of types, and with hundreds of hosts: how much memory it
# needs, and how often it asks a driver, starts a process and calls ssh.  The instructions
# that it takes are in tests/bench.
#
# needs: precheck scale
# seconds: 30

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX

make -C "$top/tools/mdev" O="$work/build" all > build.log 2>&1 ||
	bail_out "mdev-precheck does not build, log: $work/build.log"
export PATH="$work/build:$work/bin:$PATH"
"$top/tools/mdev/tests/fixture.sh" vfs vfs || bail_out "no fixture"
"$top/tools/mdev/tests/fleet.sh" fleet || bail_out "no fleet"

# This host takes every string, and what it shows, the name of the program, stays the same
"$top/tools/mdev/tests/fleet.sh" here 1 || bail_out "no fleet"
own=here/node001/class/mdev_bus/0000:3b:00.4/mdev_supported_types/nvidia-63/migration_version
ln -sf /proc/self/comm "$own"

# A host of the fleet is a directory.  Each call of ssh is a line of ssh.log.
mkdir bin
cat > bin/ssh <<-'END'
	#!/bin/sh
	echo "$*" >> ssh.log
	while [ "$1" != -- ]; do shift; done
	NODE=$2 exec sh -c "$3"
END
# The program on that host; "large" is one that sends long answers
cat > bin/node-precheck <<-'END'
	#!/bin/sh
	[ "$NODE" != large ] || case $1 in
	export)	exec cat large.json ;;
	check)	cat > question; exec cat answer.json ;;
	esac
	exec mdev-precheck --fixture "fleet/$NODE" "$@"
END
chmod +x bin/ssh bin/node-precheck

# below KIB STATUS COMMAND... - for check: it ends with the status, its output is in "output",
# and none of its processes needed more memory than that
below()
{
	limit=$1
	wanted=$2
	shift 2
	/usr/bin/time -q -o peak -f %M "$@" > output
	[ $? = "$wanted" ] || return
	peak=$(cat peak)
	echo "# $peak KiB at most, of $limit KiB: $*" | cut -c 1-100 >&3
	[ "$peak" -le "$limit" ]
}
exec 3>&1

# entries FILE - how many answers a document of verdicts has
entries()
{
	grep -c -E '^\{"source":(\{|[0-9])' "$1"
}

# many_types NUMBER STRINGS - a document of so many types, which have so many strings
many_types()
{
	"$top/tools/mdev/tests/many-types.sh" "$@"
}

# kib FILE
kib()
{
	echo $(($(stat -c %s "$1") / 1024))
}

# 500 × 500: the memory of all answers
most=65536
# The hosts are known by a document, and only this one is asked
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

# Here all of them are asked, in whatever time 1,000 processes take on a busy system
check "matrix --json of 500 hosts that answer needs at most 64 MiB" below $most 0 \
	mdev-precheck --timeout 500 --fixture here/node001 matrix --json --remote node-precheck \
	--hosts fleet/hosts
check "matrix --json of 500 hosts has an answer of each host about each string" \
	[ "$(entries output)" = $((501 * 501)) ]
check "matrix of 500 hosts calls ssh once for each host" [ "$(wc -l < ssh.log)" = 500 ]
check "matrix of 500 hosts calls ssh for each of them" \
	sh -c "sed 's/.*-- \\(node[0-9]*\\) .*/\\1/' ssh.log | sort | cmp - fleet/hosts"
rm ssh.log

# Long documents, which are some 30 to 60 MB
many_types 150000 1 > large.json
size=$(kib large.json)
check "the long document has more than 30 MB" [ "$size" -gt 30000 ]
check "check --from of a long document needs at most its size and 16 MiB" \
	below $((size + 16384)) 0 mdev-precheck --fixture here/node001 check --json --from large.json
check "check --from of a long document has an answer about each of its types" \
	[ "$(entries output)" = 150000 ]
check "check --from - of a long document needs at most its size and 16 MiB" \
	below $((size + 16384)) 0 sh -c 'exec mdev-precheck --fixture here/node001 check --json --from - < large.json'
# The answer of the host: an entry for each of its parents
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
check "check --to a host with a long answer has each entry of it" [ "$(entries output)" = 80000 ]

# A host whose ssh has ended while its answer is read, which takes longer than a second
gcc -shared -fPIC -Wall -Wextra -Werror -o slow_recv.so "$top/tests/no-machine/slow_recv.c" ||
	bail_out "slow_recv.c does not compile"
many_types 700 700 > strings.json
check "check --to reads an answer to its end although ssh has ended more than a second ago" \
	env LD_PRELOAD="$work/slow_recv.so" mdev-precheck --fixture here/node001 check \
	--to node001 --remote node-precheck --from strings.json

# 64 parents with ten types, about themselves: each file that is opened to be written to is a
# question.  Three versions come to 30 strings.
mdev-precheck --fixture vfs export --output vfs.json
check "the host with 64 parents has 640 types" [ "$(grep -c '^{"parent"' vfs.json)" = 640 ]
strace -f -qq --seccomp-bpf -e trace=openat -o opened \
	mdev-precheck --fixture vfs check --json --from vfs.json > output
asked=$(jq '[.types[] | [.type, .migration_version]] | unique | length * 64' vfs.json)
check "check --from of a host with 64 parents has an answer for each source and target" \
	[ "$(entries output)" = $((640 * 64)) ]
check "check --from of a host with 64 parents asks each target about each string once" \
	[ "$(grep -c '"migration_version", O_WRONLY' opened)/$asked" = 1920/1920 ]

# The number of processes, as of strings to one target
# processes STRINGS - which check starts
processes()
{
	many_types "$1" "$1" > strings.json
	strace -f -qq --seccomp-bpf -e trace=fork,vfork,clone,clone3 -o started \
		mdev-precheck --fixture here/node001 check --json --from strings.json > output
	[ "$(entries output)" = "$1" ] && grep -c -e 'fork(' -e 'clone3\?(' started
}
few=$(processes 10)
check "check of 10,000 strings to a target starts as many processes as of 10, which are $few" \
	[ "$(processes 10000)" = "${few:-none}" ]
tests_end
