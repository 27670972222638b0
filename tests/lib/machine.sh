# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# The tests that boot machines read this instead of tap.sh

# Machines in the background end with the test, even if the test is killed
[ -n "${CONTAINED:-}" ] || exec "$(dirname -- "$0")/../../scripts/contained" sh "$0"

. "$(dirname -- "$0")/../lib/tap.sh"
. "$top/scripts/modules.sh"

# The seconds after which a machine is stopped, because it hangs: some ten times the time of the
# longest test, because the host may be busy.  A debug kernel, or another processor, is slower.
case $KERNEL in
debug-*|kcsan-*|arm64-*)	TIMEOUT=${TIMEOUT:-2700} ;;
esac
export KERNEL TIMEOUT="${TIMEOUT:-900}"

patched=$("$top/scripts/modules") || bail_out "scripts/modules failed for Linux $KERNEL"
# Each kernel that is tested here can load all of these modules
# shellcheck disable=SC2034 # for the test
modules=$(awk '/^[^#]/ && $4 == "loaded" { print $1 }' "$top/scripts/module-list" |
	paste -s -d ' ')

# machine [OPTION...] -- COMMAND - run scripts/machine with the patched modules.  A shell ignores
# SIGINT for its background processes, and without env Ctrl-C would not end a machine there.
machine()
{
	env --default-signal=INT "$top/scripts/machine" --modules "$patched" --timeout "$TIMEOUT" \
		${ACCEL:+--accel "$ACCEL"} "$@" < /dev/null
}

# build_driver SOURCE [CFLAGS] - build a driver for the patched mdev, and set $driver to the
# module's path
build_driver()
{
	# shellcheck disable=SC2034 # for the test
	driver=$("$top/scripts/driver" --werror --cflags "${2:-}" --mdev "$patched/modules" "$1")
}

# each_program COMMAND... - print a command that runs all commands in the machine and marks the
# output of each for pass_on_programs
each_program()
{
	for program; do
		echo "echo '# program $(program_name "$program")'; $program; echo \"# status \$?\""
	done
}

program_name()
{
	echo "$1" | sed 's|.*/||; s|\.sh$||'
}

# pass_on_programs COMMAND... - pass on the results of each command from $work/output
pass_on_programs()
{
	for program; do
		of=$(program_name "$program")
		results=$work/$of.tap
		sed -n "/^# program $of\$/,/^# status /p" "$work/output" > "$results"
		pass_on "$results" "$of"
		# A selftest that skips all its tests ends with the status 4
		if grep -q '^1\.\.0 # SKIP' "$results"; then
			check "$of skips all its tests and ends with 4" grep -q -x '# status 4' "$results"
			continue
		fi
		# A program can print good results, or nothing, and fail
		check "$of ends with success" grep -q -x '# status 0' "$results"
		check "$of has run each of its tests" sh -c "
			plan=\$(sed -n 's/^1\.\.//p' '$results')
			[ \"\${plan:-0}\" -gt 0 ] &&
			[ \"\$plan\" = \"\$(grep -c -E '^(not )?ok ' '$results')\" ]"
	done
}

# pass_on FILE [PROGRAM] - print the results of a TAP file with numbers of this test.  A test may
# skip if and only if tests/machine/skips lists it for $KERNEL and PROGRAM.
pass_on()
{
	prefix=${2:+$2: }
	listed_skips "${2:-}" > "$work/listed"
	: > "$work/met"
	begun=
	notes=
	last=ok
	while read -r word rest; do
		before=$failed
		case $word in
		ok)	pass_on_line 0 "$rest" ;;
		not)	pass_on_line 1 "${rest#ok }" ;;
		1..0)	pass_on_line 0 "* $rest" ;;
		esac
		# Some programs print the reason of a failure after the result, others before it
		case "$word $rest" in
		ok\ *|not\ *)
			[ "$failed" = "$before" ] || printf '%s' "$notes"
			notes=
			last=$word ;;
		'# RUN '*' ...')
			# Selftests of Linux 6.1 print the name of a skipped test only here
			begun=${rest% ...}
			begun=${begun##* }
			notes=
			last=ok ;;
		'#'*)
			if [ "$last" = not ]; then
				echo "$word $rest"
			else
				notes="$notes$word $rest$newline"
			fi ;;
		esac
	done < "$1"

	while IFS=$tab read -r test reason; do
		grep -q -x -F -e "$test" "$work/met" && continue
		result 1 "$prefix$test is skipped"
		echo "# the program does not have this test, which tests/machine/skips lists for Linux $KERNEL: $reason"
	done < "$work/listed"
}

# pass_on_line STATUS LINE - print a result, whose line does not have its "ok"
pass_on_line()
{
	test=${2#"${2%%[!0-9]*}"}
	test=${test# }
	test=${test#- }
	reason=
	case $test in
	*'# SKIP'*)
		reason=${test#*'# SKIP'}
		reason=${reason# }
		reason=${reason:-without a reason}
		test=${test%%'# SKIP'*}
		test=${test% } ;;
	esac
	test=${test:-$begun}
	shown=$prefix$test
	[ "$test" != '*' ] || shown="${prefix}each test"

	if ! is_listed "$test"; then
		[ -z "$reason" ] || set -- 1
		result "$1" "$shown"
		[ -z "$reason" ] ||
			echo "# the test skips, and tests/machine/skips does not list it for Linux $KERNEL: $reason"
		return
	fi
	echo "$listed" >> "$work/met"
	if [ "$reason" = "$expected" ]; then
		tested=$((tested + 1))
		echo "ok $tested - $shown # SKIP $reason"
	else
		result 1 "$shown"
		echo "# the test ${reason:+skips: }${reason:-does not skip}"
		echo "# tests/machine/skips has this reason for Linux $KERNEL: $expected"
	fi
}

tab=$(printf '\t')
newline='
'

# listed_skips PROGRAM - print the tests of PROGRAM that skip on $KERNEL, with the reasons
listed_skips()
{
	while IFS=$tab read -r _kernel _program _test _reason; do
		# shellcheck disable=SC2254 # $_kernel is a pattern
		case $KERNEL in
		$_kernel)
			[ "$_program" != "$1" ] ||
				printf '%s\t%s\n' "$_test" "$_reason" ;;
		esac
	done < "$top/tests/machine/skips"
}

# is_listed TEST - set $listed and $expected to the line of $work/listed about the test
is_listed()
{
	while IFS=$tab read -r listed expected; do
		# shellcheck disable=SC2254 # $listed is a pattern
		case $1 in
		$listed)	return ;;
		esac
	done < "$work/listed"
	return 1
}

# run_scripts OPTIONS SCRIPT... - run scripts of tests/machine in one machine, with
# options of scripts/machine, and pass their results on
run_scripts()
{
	options="$1 --file $top/tests/lib/in-machine.sh"
	command=
	shift
	for script; do
		options="$options --file $top/tests/machine/$script"
		command="$command; sh /$script"
	done
	# shellcheck disable=SC2086 # options
	machine $options -- "${command#; }" > "$work/output" 2> "$work/messages"
	result $? "the machine runs $*, and its kernel log is clean" "$work/messages"
	pass_on "$work/output"
	check "each script runs to its end: $*" \
		[ "$(grep -c '^1\.\.' "$work/output")" = $# ]
}
