# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
#
# Transcripts of the command on the directories of fixture.sh, for a test that has
# sourced tests/lib/tap.sh.  A line "$ COMMAND", which may go on in lines "> ", is run; what
# is below it must be what comes out: standard output, standard error, and "[STATUS]" if
# it is not 0.  What came out is kept in $work/transcripts: once it is what is wanted, it
# can be copied to the transcripts.

transcripts=$top/tools/mdev/tests/transcripts
# Those of the command; hook and libvirt are of what is in libvirt/
# shellcheck disable=SC2034 # for the test
of_command="list list-json export check check-json documents matrix usage remote output"

# What root may read that nobody else may is not to be read here either.  A pipe that is
# closed ends the program, whatever the caller of the tests does about it.
# shellcheck disable=SC2120 # the test's
transcripts_begin()
{
	mkdir -p "$work/bin" "$work/transcripts"
	drop=
	[ "$(id -u)" != 0 ] ||
		drop='setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search'
	for program in mdev-precheck mdev-precheck-hook; do
		cat > "$work/bin/$program" <<-END
			#!/bin/sh
			export LD_LIBRARY_PATH='$1'
			exec env "\${SIGNALS:---default-signal=PIPE}" $drop ${2-} '$1/$program' "\$@"
		END
	done
	# A domain for the hook
	ln -sf "$top/tools/mdev/tests/domain.sh" "$work/bin/domain"
	# Hosts that differ in how they are reached
	cat > "$work/bin/ssh" <<-'END'
		#!/bin/sh
		echo "ssh $*" >> ssh.log
		while [ "$1" != -- ]; do shift; done
		case $2 in
		up) exec sh -c "$3" ;;
		down) echo "ssh: connect to host down port 22: No route to host" >&2; exit 255 ;;
		bare) echo "sh: 1: mdev-precheck: not found" >&2; exit 127 ;;
		old) echo "mdev-precheck: --from: unknown option" >&2; exit 2 ;;
		mute) cat > /dev/null; exit 0 ;;
		deaf) exec echo '{}' ;;
		chatty) cat > /dev/null; echo 'Welcome!'; exit 0 ;;
		killed) kill -KILL $$ ;;
		esac
	END
	chmod +x "$work/bin/mdev-precheck" "$work/bin/mdev-precheck-hook" "$work/bin/ssh"
	for fixture in none unused host names limits many hang broken groups; do
		"$top/tools/mdev/tests/fixture.sh" "$fixture" "$work/transcripts/$fixture" ||
			bail_out "no fixture $fixture"
	done
}

# What depends on the machine: its name, and whether its log may be read
normalise()
{
	sed -e 's/\("format_version":1,"host":\)"[^"]*"/\1"HOST"/' \
		-e 's/"kernel_log":null,"kernel_log_errno":"[A-Z]*"/"kernel_log":[],"kernel_log_errno":null/' \
		-e 's/; the kernel log was not readable ([A-Z]*)//'
}

# transcript NAME [EXCEPT] - run one, a test for each command in it; those that have
# EXCEPT in them are left out
transcript()
{
	rm -rf "${work:?}/$1"
	mkdir "$work/$1"
	awk -v dir="$work/$1" '
		/^\$ /	{ n = sprintf("%s/%03d", dir, ++num)
			  print substr($0, 3) > (n ".command"); print > (n ".expected")
			  next }
		/^> /	{ print substr($0, 3) > (n ".command") }
		n	{ print > (n ".expected") }' "$transcripts/$1.txt"
	sed '/^\$ /,$d' "$transcripts/$1.txt" > "$work/transcripts/$1.txt"
	for command in "$work/$1"/*.command; do
		each=${command%.command}
		[ -z "${2-}" ] || ! grep -q -F -e "$2" "$command" || continue
		(cd "$work/transcripts" && PATH="$work/bin:$PATH" sh "$command") \
			> "$each.out" 2> "$each.err" < /dev/null
		status=$?
		{
			sed -e '1s/^/$ /' -e '2,$s/^/> /' "$command"
			cat "$each.out" "$each.err" | normalise
			[ "$status" = 0 ] || echo "[$status]"
		} > "$each.actual"
		cat "$each.actual" >> "$work/transcripts/$1.txt"
		check_same "$1: $(head -n 1 "$command" | tr '#\134' '?/' | cut -c -100)" \
			"$each.expected" "$each.actual"
	done
}

# library_test PREFIX COMMAND... - run the library's tests; each is a test here
library_test()
{
	prefix=$1
	shift
	CMOCKA_MESSAGE_OUTPUT=TAP "$@" > "$work/library.log" 2>&1 < /dev/null
	status=$?
	planned=$(sed -n 's/^1\.\.//p' "$work/library.log")
	# What a test says comes after its result, at least the reason of a failure
	sed -n -e 's/^\(not \)\{0,1\}ok [0-9]* - /\1/p' "$work/library.log" > "$work/library.results"
	while read -r name; do
		case $name in
		'not '*)
			result 1 "$prefix${name#not }" "$work/library.log" ;;
		*)
			result 0 "$prefix$name" ;;
		esac
	done < "$work/library.results"
	check "${prefix}all $planned tests ran" \
		[ "$(wc -l < "$work/library.results")" = "${planned:-none}" ]
	result "$status" "${prefix}their status" "$work/library.log"
}
