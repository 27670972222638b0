#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# make driver builds the files or the directory of a vendor driver author, prints the warnings of
# these files, and leaves their directory as it is
#
# kernels: 6.12 6.1 uml-7.3
# needs: machine
# check: 6.12 uml-7.3
# seconds: 20

. "$(dirname -- "$0")/../lib/tap.sh"
. "$(dirname -- "$0")/../lib/page.sh"

unset KSRC KDIR MDEV WERROR MAKEFLAGS MFLAGS
author=$work/author
mkdir -p "$author/other"
cd "$author" || exit
place=$top/build/$KERNEL/driver

cat > made_by_test.c <<'C'
// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mdev.h>
#include <linux/module.h>
#include "parse_by_test.h"

#pragma message "this driver is made by a test"

static struct mdev_driver made_by_test = {
	.device_api = PARSED_API,
};

static int __init made_by_test_init(void)
{
	return parse_by_test(made_by_test.device_api);
}
module_init(made_by_test_init);

MODULE_DESCRIPTION("Made by a test");
MODULE_LICENSE("GPL");
C
cat > parse_by_test.h <<'C'
/* SPDX-License-Identifier: GPL-2.0-only */
#define PARSED_API "parsed"

int parse_by_test(const char *string);
C
cat > parse_by_test.c <<'C'
// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include "parse_by_test.h"

int parse_by_test(const char *string)
{
	int never_used;

	return *string ? 0 : -EINVAL;
}
C
sed 's/^\(\t\.device_api\).*/&\n\t.show_migration_version = NULL,/' made_by_test.c > patched_by_test.c
files='made_by_test.c parse_by_test.c'

# The author's repair of the warning
sed '/never_used/,+1d' parse_by_test.c > other/parse_by_test.c
cp parse_by_test.h other/
quiet='made_by_test.c other/parse_by_test.c'

# A directory with its own Kbuild has another directory, a link that leads out of it, and files that
# are not for a build
mkdir -p directory/parse directory/.git outside
cp made_by_test.c directory/core.c
cp parse_by_test.c directory/parse/
mv parse_by_test.h outside/
ln -s ../../outside/parse_by_test.h directory/parse/parse_by_test.h
ln -s outside/parse_by_test.h parse_by_test.h
echo 'not an object' > directory/core.o
echo 'not an object' > directory/.git/core.o
# shellcheck disable=SC2016 # make's
printf '%s\n' 'obj-m := directory_by_test.o' 'directory_by_test-y := core.o parse/parse_by_test.o' \
	'ccflags-y := -I$(src)/parse' > directory/Makefile
mkdir no-kbuild no-module nothing-to-do
echo 'all:' > no-module/Makefile
# shellcheck disable=SC2016 # make's
echo 'obj-$(CONFIG_MADE_BY_TEST) := made_by_test.o' > nothing-to-do/Kbuild
sed '/parse_by_test.h/d; /PARSED_API/d; s/parse_by_test(.*)/0/' made_by_test.c > nothing-to-do/made_by_test.c
: > made_by_test.txt
mkdir everything "it's"
echo 'obj-m := made_by_test.o' > everything/Kbuild
ln -s / everything/root
: > "it's/quoted.c"
: > ./-dash.c
cp nothing-to-do/made_by_test.c mdev.c
find . -type f -exec cksum '{}' + | sort > "$work/before"

# driver VARIABLE... - run make driver from the author's directory
driver()
{
	make -s -C "$top" driver "$@" > "$work/module" 2> "$work/messages"
	status=$?
	cat "$work/module" "$work/messages"
	return "$status"
}

# builds MODULE VARIABLE... - require that make driver prints only the path of the module, and that
# modinfo reads the module
builds()
{
	echo "$place/$1" > "$work/expected"
	module_name=$(basename "$1" .ko)
	shift
	driver "$@" && diff -u "$work/expected" "$work/module" &&
		[ "$(modinfo -F name "$(cat "$work/module")")" = "$module_name" ]
}

prints()
{
	cat "$work/messages"
	grep -q -x -e "$1" "$work/messages"
}

# refuses LINE VARIABLE... - require that make driver fails with an error of one line
refuses()
{
	echo "error: $1" > "$work/expected"
	shift
	! driver "$@" && grep -v '^make' "$work/messages" | diff -u "$work/expected" -
}

check "make driver builds two files as a module with the name of the first" \
	builds made_by_test/made_by_test.ko SOURCE="$files"
check "make driver prints a warning with the path of the author's file" \
	prints "$author/parse_by_test.c:.*: warning: unused variable .*never_used.*"
check "make driver prints no warning of another file" sh -c "
	! grep ': warning: ' '$work/messages' | grep -v '^$author/parse_by_test.c'"
check "make driver prints a #pragma message" \
	prints "$author/made_by_test.c:.*this driver is made by a test.*"
header=$top/build/$KERNEL/modules/include/linux/mdev.h
check "make driver prints that it has found the patched mdev.h" \
	prints "==> linux/mdev.h is $header, which has migration_version"
driver SOURCE="$files" > "$work/log" 2>&1
check "make driver prints a warning again if nothing has changed" \
	prints "$author/parse_by_test.c:.*: warning: unused variable .*never_used.*"
check "make driver WERROR=1 fails because of a warning" \
	sh -c "! make -s -C '$top' driver SOURCE='$files' WERROR=1"
check "make driver WERROR=1 succeeds without a warning" \
	builds made_by_test/made_by_test.ko SOURCE="$quiet" WERROR=1
check "make driver builds a file by its absolute path, for the patched mdev.h" \
	builds patched_by_test/patched_by_test.ko \
	SOURCE="$author/patched_by_test.c $author/parse_by_test.c"
check "make driver MDEV=stock does not find migration_version" comes_to 2 \
	"has no member named .*show_migration_version" \
	make -s -C "$top" driver SOURCE='patched_by_test.c parse_by_test.c' MDEV=stock
check "make driver MDEV=stock builds a source that does not use migration_version" \
	builds made_by_test/made_by_test.ko SOURCE="$quiet" MDEV=stock
check "make driver MDEV=stock prints that it has found the kernel's own mdev.h" \
	prints "==> linux/mdev.h is /.*/include/linux/mdev.h, which does not have migration_version"

check "make driver builds a directory with its own Makefile" \
	builds directory/directory_by_test.ko SOURCE=directory
check "make driver prints a warning with the path of a file in the author's directory" \
	prints "$author/directory/parse/parse_by_test.c:.*: warning: unused variable .*never_used.*"
check "make driver copies neither objects nor files of git" \
	sh -c "! find '$place/directory/tree' -name .git | grep . &&
	! grep -r 'not an object' '$place/directory/tree'"
check "make driver passes a CONFIG_ variable on to the Kbuild" \
	builds nothing-to-do/made_by_test.ko SOURCE=nothing-to-do CONFIG_MADE_BY_TEST=m

check "make driver requires SOURCE" refuses \
	"SOURCE is missing, expected files that end in .c or a directory with a Kbuild"
check "make driver names a source that does not exist" refuses \
	"SOURCE names gone.c, which is not there" SOURCE='made_by_test.c gone.c'
check "make driver names a file that is not C" refuses \
	"SOURCE names $author/made_by_test.txt, expected a file that ends in .c or a directory" \
	SOURCE=made_by_test.txt
check "make driver refuses two files with the same name" refuses \
	"SOURCE names two files parse_by_test.c, expected different names in one module" \
	SOURCE="$files other/parse_by_test.c"
check "make driver refuses a directory and a file" refuses \
	"SOURCE names the directory $author/directory and more, expected one directory or files" \
	SOURCE='directory made_by_test.c'
check "make driver refuses a name with a quote, which the shell would read" refuses \
	"SOURCE names $author/it's/quoted.c, expected a path without blanks and any of , | & \\ : # \$ \" ' \` ; < > ( ) * ? % ~" \
	SOURCE="it's/quoted.c"
check "make driver refuses a name that begins like an option" refuses \
	"SOURCE names -dash.c, expected a name of letters, digits, '-', '_' and '.', which begins with a letter, a digit or '_'" \
	SOURCE=-dash.c
check "make driver refuses the name of the core's module" comes_to 2 \
	"^error: SOURCE builds mdev.ko, and the core of mdev has this name: expected another name" \
	make -s -C "$top" driver SOURCE=mdev.c
check "make driver refuses a directory in which a link leads to many files" comes_to 2 \
	"the directory $author/everything of SOURCE has more than 10000 files, such as ./.*, expected the files of a driver" \
	make -s -C "$top" driver SOURCE=everything
check "make driver names a directory without a Kbuild" refuses \
	"the directory $author/no-kbuild of SOURCE does not have a Kbuild or Makefile: expected one with obj-m, or names of files" \
	SOURCE=no-kbuild
check "make driver names a directory whose Makefile does not have obj-m" refuses \
	"Makefile in the directory $author/no-module of SOURCE does not have obj-m, expected one with the modules that it builds" \
	SOURCE=no-module
check "make driver names a directory that builds no module" refuses \
	"the directory $author/nothing-to-do of SOURCE builds no module, because its obj-m is empty; a CONFIG_ variable that the kernel does not have can be given to make, such as CONFIG_ACME=m" \
	SOURCE=nothing-to-do
check "make driver names a value of MDEV that it does not have" refuses \
	"MDEV=none: expected stock or a directory that has include/linux/mdev.h" \
	SOURCE=made_by_test.c MDEV=none

# The author can also build without the scripts, by lines of the guide
mkdir "$work/own" "$work/guide"
{
	echo 'obj-m := own_build.o'
	guide_kbuild
} > "$work/own/Kbuild"
sed '/parse_by_test.h/d; s/PARSED_API/""/; s/parse_by_test(.*)/mdev_register_driver(\&made_by_test)/' \
	patched_by_test.c > "$work/own/own_build.c"
cp "$work/own"/* "$work/guide/"
headers=$("$top/scripts/kernel" headers "$KERNEL")
options=$("$top/scripts/kernel" options "$KERNEL")

# own_build VARIABLE... - build the driver without the scripts
own_build()
{
	# shellcheck disable=SC2086 # options
	make -C "$headers" M="$work/own" $options "$@" modules
}

# has_version_of TREE - require that the module is for the mdev that was built in the tree
has_version_of()
{
	grep -q '^CONFIG_MODVERSIONS=y' "$headers/include/config/auto.conf" || return 0
	sed -n 's/\t__mdev_register_driver\t.*//p' "$1/Module.symvers" > "$work/expected"
	modprobe --dump-modversions "$work/own/own_build.ko" |
		sed -n 's/\t__mdev_register_driver$//p' | diff -u "$work/expected" -
}

check "the Kbuild of the guide finds the patched mdev.h by MDEV" \
	own_build MDEV="$top/build/$KERNEL/modules"
check "the Kbuild of the guide finds the symbols of the patched mdev by MDEV" \
	has_version_of "$top/build/$KERNEL/modules"
check "the Kbuild of the guide finds the kernel's own mdev.h if MDEV does not exist" comes_to 2 \
	"has no member named .*show_migration_version" own_build MDEV="$work/nowhere"
check "make driver finds the patched mdev.h with the Kbuild of the guide" \
	builds guide/own_build.ko SOURCE=../guide WERROR=1
check "make driver MDEV=stock finds the kernel's own mdev.h with the Kbuild of the guide" \
	comes_to 2 "has no member named .*show_migration_version" \
	make -s -C "$top" driver SOURCE=../guide MDEV=stock

find . -type f -exec cksum '{}' + | sort > "$work/after"
check_same "make driver leaves the author's directory as it was" "$work/before" "$work/after"
tests_end
