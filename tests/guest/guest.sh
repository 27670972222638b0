# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What the tests of the machine share; they source it instead of ../tap.sh

. "$(dirname -- "$0")/../tap.sh"

# Many machines are booted here, and none is to be waited for for long; a debug
# kernel, or another processor, is ten times slower
case $KERNEL in
debug-*|kcsan-*|arm64-*)	TIMEOUT=${TIMEOUT:-1800} ;;
esac
export KERNEL TIMEOUT="${TIMEOUT:-240}"

"$top/scripts/packages" guest || bail_out "packages are missing"
patched=$("$top/scripts/modules") || bail_out "no modules for Linux $KERNEL"

# guest FILES COMMAND - output to standard output; what goes wrong is told by
# the result and on standard error
guest()
{
	GUEST_MODULES=$patched GUEST_FILES=$1 GUEST_RUN=$2 \
		"$top/scripts/guest" < /dev/null
}

# build_module NAME SOURCE - for the patched mdev, in $work/NAME/NAME.ko
build_module()
{
	headers=$("$top/scripts/kernel" headers "$KERNEL") || return
	mkdir -p "$work/$1"
	cp "$2" "$work/$1/$1.c" || return
	{
		echo "obj-m := $1.o"
		echo "LINUXINCLUDE := -I$patched/modules/include \$(LINUXINCLUDE)"
	} > "$work/$1/Kbuild"
	make -C "$headers" M="$work/$1" W=1 KCFLAGS=-Werror \
		KBUILD_EXTRA_SYMBOLS="$patched/modules/Module.symvers" modules
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

# run_scripts FILES SCRIPT... - run scripts of this directory in one machine, with
# FILES there as well, and pass their results on
run_scripts()
{
	files="$1 $top/tests/guest/in-guest.sh"
	command=
	shift
	for script; do
		files="$files $top/tests/guest/$script"
		command="$command; sh /$script"
	done
	guest "$files" "${command#; }" > "$work/output" 2> "$work/messages"
	result $? "the machine runs $*, and its kernel log is clean" "$work/messages"
	pass_on "$work/output"
	check "each of them has come to its end" \
		[ "$(grep -c '^1\.\.' "$work/output")" = $# ]
}

name_of()
{
	echo "$1" | sed 's/^[0-9]* *\(- \)*//; s/# SKIP/(skipped)/'
}
