#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Vendor drivers that keep the rules pass the conformance test.  The test finds each common
# mistake of the documentation, and some more.
#
# kernels: uml-7.3 6.12 debug-7.3
# needs: machine
# seconds: 170 uml-*=30 debug-*=240

# A mistake is a change of a driver, tests/machine/mistakes/NAME.diff.  These fields describe it
# before the first empty line:
#	Driver	the driver that is changed: a sample, or "example", which is the driver of the page
#	Page	the words with which the common mistake of the page begins
#	About	the fault of the driver, if the page does not have it
#	Parent	the parent, if it does not have the name that the driver usually gives it
#	Second	the second build of the driver: another NAME, or a sample as it is
#	Accepts	the one-byte changes of the version that the driver's author confirms
#	Test	the test of conformance_test that fails
#	Fails	text of the test's line that names the mistake
#	Log	text of the kernel log's line that names the mistake
#	Option	the option that a kernel requires to log that line; the kernel is to run nothing
#		afterwards
# If the page has the mistake, it also names the Test and the Option, which find the mistake.
# A change without Test and Log is another version of a driver, and not a mistake.

. "$(dirname -- "$0")/../lib/machine.sh"
. "$(dirname -- "$0")/../lib/page.sh"
mistakes=$top/tests/machine/mistakes
samples=$patched/modules/samples/vfio-mdev

"$top/scripts/selftests" > "$work/selftests" 2> "$work/messages"
result $? "the selftests compile without a warning" "$work/messages"
conformance_test=$(grep '/conformance_test$' "$work/selftests") ||
	bail_out "conformance_test is not a selftest"
image=$("$top/scripts/kernel" image "$KERNEL") || bail_out "scripts/kernel image failed for Linux $KERNEL"

# field NAME MISTAKE... - print the values of a field, a line each
field()
{
	field=$1
	shift
	sed -s -n -e '/^$/,$d' -e "s/^$field: //p" "$@"
}

# has_option NAME - succeed if the kernel has the option
has_option()
{
	grep -q "^CONFIG_$1=y" "$image"/boot/config-*
}

# make_source MISTAKE - make a directory of $work/drivers that builds the driver with the change
make_source()
{
	driver=$(field Driver "$1")
	change=$(basename "$1" .diff)
	source=$work/drivers/$change
	mkdir -p "$source"
	case $driver in
	example)	cp "$work/example.c" "$source" ;;
	*)		cp "$samples/$driver.c" "$samples"/*.h "$source" ;;
	esac
	patch -s -d "$source" < "$1" || return
	mv "$source/$driver.c" "$source/$change.c"
	echo "obj-m := $change.o" > "$source/Kbuild"
	echo "obj-m += $change/" >> "$work/drivers/Kbuild"
}

# build_mistakes - build the drivers in $work/mistakes, with the files that describe them
build_mistakes()
{
	mkdir "$work/mistakes"
	"$top/scripts/driver" --werror --to "$work/built" "$work/drivers" > "$work/paths" &&
	xargs cp -t "$work/mistakes" < "$work/paths" &&
	cp "$mistakes"/*.diff "$work/mistakes"
}

page_code 'module_init(example_init)' > "$work/example.c"
check "the example compiles without a warning" build_driver "$work/example.c"
example=$driver
for mistake in "$mistakes"/*.diff; do
	check "${mistake##*/} applies to its driver" make_source "$mistake"
done
check "the drivers with mistakes compile without a warning" build_mistakes

# mistakes_of_the_page - print the beginning of each mistake, a tab, and the text of the page
mistakes_of_the_page()
{
	awk '
		function end_mistake()
		{
			if (text != "")
				print text
			text = ""
		}
		/^Common mistakes$/	{ inside = 1 }
		inside && /^\* /	{ end_mistake(); text = substr($0, 3) "\t" }
		text != ""		{ text = text " " $0 }
		END			{ end_mistake() }' "$page"
}

# each_mistake_is_planted - compare the changes with the mistakes of the page, and their Tests
each_mistake_is_planted()
{
	mistakes_of_the_page > "$work/page"
	for mistake in "$mistakes"/*.diff; do
		begins=$(field Page "$mistake")
		[ -z "$begins" ] ||
			printf '%s\t%s\n' "$begins" "$(field '\(Test\|Option\)' "$mistake" | paste -s -d ' ')"
	done > "$work/planted"
	awk -F '\t' '
		FNR == NR { page[++lines] = $0; next }
		{
			for (i = 1; i <= lines && index(page[i], $1) != 1; i++)
				;
			if (i > lines) {
				print "the page does not have: " $1
				failed = 1
				next
			}
			planted[i] = 1
			num = split($2, finds, " ")
			for (j = 1; j <= num; j++) {
				if (index(page[i], finds[j]))
					continue
				print "the page does not name the test or option " finds[j] ": " $1
				failed = 1
			}
		}
		END {
			for (i = 1; i <= lines; i++)
				if (!planted[i]) {
					print "no change is about: " page[i]
					failed = 1
				}
			exit failed || !lines
		}' "$work/page" "$work/planted"
}
check "each common mistake of the page is planted, and found by the test or option of the page" \
	each_mistake_is_planted

# A mistake that the kernel log names needs a machine of its own.  In a kernel without the option,
# the test can find the mistake if there are several processors; it comes last then.
alone='' shared='' last=''
for mistake in "$mistakes"/*.diff; do
	name=$(basename "$mistake" .diff)
	option=$(field Option "$mistake")
	test=$(field Test "$mistake")
	if [ -n "$option" ] && has_option "$option"; then
		alone="$alone $name"
	elif [ -n "$test" ] && [ -z "$option" ]; then
		shared="$shared $name"
	elif [ -n "$test" ] && has_option SMP; then
		sed -i '/^Log: /d' "$work/mistakes/$name.diff"
		last="$last $name"
	fi
done
files="--file $conformance_test --file $example --file $work/mistakes"
if [ -n "$alone" ]; then
	run_scripts "$files" conforming.sh
else
	echo "$shared$last" > "$work/mistakes/order"
	run_scripts "$files" conforming.sh mistakes.sh
fi

# dies_of MISTAKE - run a machine of its own, whose log is not clean in the end
dies_of()
{
	echo "$1" > "$work/mistakes/order"
	# shellcheck disable=SC2086 # options
	machine $files --file "$top/tests/lib/in-machine.sh" --file "$top/tests/machine/mistakes.sh" \
		-- "sh /mistakes.sh" > "$work/output" 2> "$work/messages"
	check "$1: the machine ends because its kernel log is not clean" [ $? = 123 ]
	pass_on "$work/output"
}
for mistake in $alone; do
	dies_of "$mistake"
done
tests_end
