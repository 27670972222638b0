# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For the tests of a machine, which source it instead of tap.sh

# Machines in the background end with a test, even if that is killed
[ -n "${CONTAINED:-}" ] || exec "$(dirname -- "$0")/../../scripts/contained" sh "$0"

. "$(dirname -- "$0")/../lib/tap.sh"
. "$top/scripts/modules.sh"

# A machine that hangs is stopped, and not one whose host is busy: this is some ten times
# what the longest takes.  A debug kernel, or another processor, is ten times slower.
case $KERNEL in
debug-*|kcsan-*|arm64-*)	TIMEOUT=${TIMEOUT:-2700} ;;
esac
export KERNEL TIMEOUT="${TIMEOUT:-900}"

patched=$("$top/scripts/modules") || bail_out "no modules for Linux $KERNEL"
# Each kernel that is tested here has what all of these need
# shellcheck disable=SC2034 # for the test
modules=$(awk '/^[^#]/ && $4 == "loaded" { print $1 }' "$top/scripts/module-list" |
	paste -s -d ' ')

# machine [OPTION...] -- COMMAND - scripts/machine with the patched modules; Ctrl-C ends one
# in the background as well, where a shell has SIGINT ignored
machine()
{
	env --default-signal=INT "$top/scripts/machine" --modules "$patched" --timeout "$TIMEOUT" \
		${ACCEL:+--accel "$ACCEL"} "$@" < /dev/null
}

# build_driver SOURCE [CFLAGS] - for the patched mdev; sets $driver to the module's path
build_driver()
{
	# shellcheck disable=SC2034 # for the test
	driver=$("$top/scripts/driver" --werror --cflags "${2:-}" --mdev "$patched/modules" "$1")
}

# each_program COMMAND... - the command that runs all of them in the machine, so
# that pass_on_programs can tell their outputs apart
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

# pass_on_programs COMMAND... - the results of each, from $work/output
pass_on_programs()
{
	for program; do
		of=$(program_name "$program")
		results=$work/$of.tap
		sed -n "/^# program $of\$/,/^# status /p" "$work/output" > "$results"
		pass_on "$results" "$of"
		# A selftest that skips all its tests ends with the status 4
		if grep -q '^1\.\.0 # SKIP' "$results"; then
			check "$of ends as a skipped program" grep -q -x '# status 4' "$results"
			continue
		fi
		# Whatever the lines say, and if there are none
		check "$of ends with success" grep -q -x '# status 0' "$results"
		check "$of has run each of its tests" sh -c "
			plan=\$(sed -n 's/^1\.\.//p' '$results')
			[ \"\${plan:-0}\" -gt 0 ] &&
			[ \"\$plan\" = \"\$(grep -c -E '^(not )?ok ' '$results')\" ]"
	done
}

# pass_on FILE [PROGRAM] - the results of a TAP file, numbered as ours.  A test is
# skipped if and only if tests/machine/skips lists it for $KERNEL and PROGRAM.
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
		# Why a test failed is behind the result in some programs, before it in others
		case "$word $rest" in
		ok\ *|not\ *)
			[ "$failed" = "$before" ] || printf '%s' "$notes"
			notes=
			last=$word ;;
		'# RUN '*' ...')
			# Linux 6.1 prints the name of a skipped test here only
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
		echo "# tests/machine/skips lists it for Linux $KERNEL, but the program does not have this test: $reason"
	done < "$work/listed"
}

# pass_on_line STATUS LINE - a result without "ok"
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
		reason=${reason:-no reason}
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
			echo "# skipped, which tests/machine/skips does not list for Linux $KERNEL: $reason"
		return
	fi
	echo "$listed" >> "$work/met"
	if [ "$reason" = "$expected" ]; then
		tested=$((tested + 1))
		echo "ok $tested - $shown # SKIP $reason"
	else
		result 1 "$shown"
		echo "# ${reason:+skipped: }${reason:-not skipped}"
		echo "# tests/machine/skips lists for Linux $KERNEL: $expected"
	fi
}

tab=$(printf '\t')
newline='
'

# listed_skips PROGRAM - the tests of PROGRAM that $KERNEL skips, with the reasons
listed_skips()
{
	while IFS=$tab read -r _kernel _program _test _reason; do
		# shellcheck disable=SC2254 # a pattern
		case $KERNEL in
		$_kernel)
			[ "$_program" != "$1" ] ||
				printf '%s\t%s\n' "$_test" "$_reason" ;;
		esac
	done < "$top/tests/machine/skips"
}

# is_listed TEST - sets $listed and $expected to the line of $work/listed about it
is_listed()
{
	while IFS=$tab read -r listed expected; do
		# shellcheck disable=SC2254 # a pattern
		case $1 in
		$listed)	return ;;
		esac
	done < "$work/listed"
	return 1
}

# run_scripts OPTIONS SCRIPT... - run scripts of this directory in one machine, with
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
	check "each of $* has come to its end" \
		[ "$(grep -c '^1\.\.' "$work/output")" = $# ]
}
