#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# make conformance proves the example of the documentation and its KUnit tests in both of its
# kernels, and names the fault of a driver or of its own command line
#
# kernels: 6.12
# needs: machine
# seconds: 85

. "$(dirname -- "$0")/../lib/machine.sh"
. "$(dirname -- "$0")/../lib/page.sh"

# conformance VARIABLE... - run the command
conformance()
{
	env -u KERNEL make -s -C "$top" conformance "$@"
}

# in_uml VARIABLE... - run it in the kernel that boots in the shortest time
in_uml()
{
	conformance KERNEL=uml-7.3 "$@"
}

parent=example_mdev
type=example_mdev-live
example=$work/example.c
page_example_with_tests > "$example"

# The command line
check "make conformance requires SOURCE" comes_to 2 'SOURCE is missing' \
	conformance PARENT=$parent TYPE=$type
check "make conformance requires PARENT" comes_to 2 'PARENT is missing' \
	conformance SOURCE="$example" TYPE=$type
check "make conformance requires TYPE" comes_to 2 'TYPE is missing' \
	conformance SOURCE="$example" PARENT=$parent
check "make conformance names a SOURCE that is not there" comes_to 2 'acme.c, which is not there' \
	conformance SOURCE="$work/acme.c" PARENT=$parent TYPE=$type
check "make conformance names the parents if PARENT does not exist" \
	comes_to 2 'parent acme does not exist; parents:.* example_mdev' \
	in_uml SOURCE="$example" PARENT=acme TYPE=$type
check "make conformance names the types with the attribute if TYPE does not exist" \
	comes_to 2 'does not have the type acme-1; types with migration_version: example_mdev-live$' \
	in_uml SOURCE="$example" PARENT=$parent TYPE=acme-1
cp "$work/log" "$work/mistyped"
check "the last line of make conformance has the types that exist" \
	grep -q '^conformance: example_mdev/acme-1: uml-7\.3: no test was run: .* the type acme-1; .*: example_mdev-live$' "$work/mistyped"
check "make conformance names the types with the attribute if TYPE does not have it" \
	comes_to 2 'example_mdev-fixed .*does not have migration_version; types with it: example_mdev-live$' \
	in_uml SOURCE="$example" PARENT=$parent TYPE=example_mdev-fixed
mkdir "$work/empty"
check "make conformance names SECOND if its directory does not have a Kbuild" \
	comes_to 2 'empty of SECOND does not have a Kbuild' \
	in_uml SOURCE="$example" PARENT=$parent TYPE=$type SECOND="$work/empty"

# The driver
check "make conformance succeeds for the example in a stock kernel and in a debug kernel" \
	comes_to 0 '^conformance: example_mdev/example_mdev-live: 6\.12: [1-9][0-9]* passed, 0 failed, 3 skipped; debug-7\.3: [1-9][0-9]* passed, 0 failed, 3 skipped$' \
	conformance SOURCE="$example" PARENT=$parent TYPE=$type
grep '^\(6\.12\|debug-7\.3\|conformance\): ' "$work/log" > "$work/summary"
sed -n 's/^# kunit: # Totals: .* total:/cases /p' "$work/log" > "$work/expected"
sed 's/^/# /' "$work/summary"
check "make conformance shows the version and the KUnit cases of the example" \
	grep -q '^debug-7\.3: version "example-x1:3"; .*; KUnit cases: [1-9]' "$work/summary"
sed -n 's/^debug-7\.3: .*; KUnit cases: /cases /p' "$work/summary" > "$work/cases"
check_same "make conformance counts the KUnit cases as KUnit does" "$work/expected" "$work/cases"

# A driver that takes a version with anything behind it
patch -s -o "$work/prefix.c" "$example" "$top/tests/machine/mistakes/prefix.diff"
check "make conformance fails for a fault in the parser of the example, and names test and reason" \
	comes_to 2 '^  failed: version.one_byte_changes_are_refused_or_confirmed: any letter behind "example-x1:3" is accepted' \
	in_uml SOURCE="$work/prefix.c" PARENT=$parent TYPE=$type
cp "$work/log" "$work/faulty"
check "make conformance names the KUnit case that finds the fault in the parser" \
	grep -q '^  failed: KUnit case appended letter' "$work/faulty"
# No version can be read from this driver, so that most tests fail before they begin
patch -s -o "$work/nothing.c" "$example" "$top/tests/machine/mistakes/show-nothing.diff"
check "make conformance has the kernel's line in the reason if the version cannot be read" \
	comes_to 2 '^  failed: unload\.driver_answers_or_is_gone: reading the version fails with EIO: .* returned an empty string$' \
	in_uml SOURCE="$work/nothing.c" PARENT=$parent TYPE=$type
cp "$work/log" "$work/unread"
check "make conformance does not print a comparison of the harness as a reason" \
	sh -c "! grep '^  failed: .*: Expected ' '$work/unread'"
# A build whose devices would save an older format, although they cannot be created
sed 's/\(define EXAMPLE_FORMAT[[:blank:]]*\)3$/\12/' "$example" > "$work/older.c"
check "make conformance has the verdicts about two builds in the summary if no device can be created" \
	comes_to 0 '^  first -> second: no, EPROTONOSUPPORT$' \
	in_uml SOURCE="$example" PARENT=$parent TYPE=$type SECOND="$work/older.c"
cp "$work/log" "$work/builds"
check "the summary of make conformance has a yes for the state of the older build in the newer one" grep -q '^  second -> first: yes$' "$work/builds"
tests_end
