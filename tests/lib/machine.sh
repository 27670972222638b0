# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What the tests of the machine share; they source it instead of tap.sh

. "$(dirname -- "$0")/../lib/tap.sh"

# Many machines are booted here, and none is to be waited for for long; a debug
# kernel, or another processor, is ten times slower
case $KERNEL in
debug-*|kcsan-*|arm64-*)	TIMEOUT=${TIMEOUT:-2700} ;;
esac
export KERNEL TIMEOUT="${TIMEOUT:-240}"

patched=$("$top/scripts/modules") || bail_out "no modules for Linux $KERNEL"
# Each kernel that is tested here has what all of these need
# shellcheck disable=SC2034 # for the test
modules=$(awk '/^[^#]/ && $4 == "loaded" { print $1 }' "$top/scripts/module-list" |
	paste -s -d ' ')

# machine [OPTION...] -- COMMAND - scripts/machine with the patched modules
machine()
{
	"$top/scripts/machine" --modules "$patched" --timeout "$TIMEOUT" \
		${ACCEL:+--accel "$ACCEL"} "$@" < /dev/null
}

# build_driver SOURCE [CFLAGS] - for the patched mdev; sets $driver to the module's path
build_driver()
{
	# shellcheck disable=SC2034 # for the test
	driver=$("$top/scripts/driver" "$1" "$patched/modules" "${2:-}")
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
		pass_on "$results"
		# Whatever the lines say, and if there are none
		check "$of ends with success" grep -q -x '# status 0' "$results"
		check "$of has run each of its tests" sh -c "
			plan=\$(sed -n 's/^1\.\.//p' '$results')
			[ \"\${plan:-0}\" -gt 0 ] &&
			[ \"\$plan\" = \"\$(grep -c -E '^(not )?ok ' '$results')\" ]"
	done
}

# pass_on FILE - the results of a TAP file, numbered as ours.  What a machine
# of ours skips is a mistake in the machine, and fails.
pass_on()
{
	why=no
	while read -r word rest; do
		case $word in
		ok)
			why=no
			case $rest in
			*'# SKIP'*)
				result 1 "$(name_of "$rest")" ;;
			*)
				result 0 "$(name_of "$rest")" ;;
			esac ;;
		not)
			why=yes
			result 1 "$(name_of "${rest#ok }")" ;;
		'#'*)
			[ "$why" = no ] || echo "$word $rest" ;;
		esac
	done < "$1"
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
	check "each of them has come to its end" \
		[ "$(grep -c '^1\.\.' "$work/output")" = $# ]
}

name_of()
{
	echo "$1" | sed 's/^[0-9]* *\(- \)*//; s/# SKIP/(skipped)/'
}
