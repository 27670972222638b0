#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The tests of unit.t pass under ASan and UBSan, and some of them under valgrind, which end
# the program if it uses memory or arithmetic wrongly.  clang-tidy and cppcheck find nothing
# in the sources.
#
# needs: precheck
# check: yes
# seconds: 85

. "$(dirname -- "$0")/../lib/tap.sh"
. "$(dirname -- "$0")/../../tools/mdev/tests/transcripts.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS VALGRIND_OPTS

# tidy - run clang-tidy with the checks of tools/mdev/.clang-tidy.  It runs in the background,
# because it takes as long as all other tests of this file.
tidy()
{
	cd "$top/tools/mdev" || return
	# shellcheck disable=SC2046 # a list of options
	printf '%s\n' lib/*.c common/*.c src/*.c libvirt/*.c tests/*.c examples/*.c |
		xargs -I '{}' clang-tidy --quiet '{}' -- -std=gnu11 -D_GNU_SOURCE -Ilib -Icommon \
			-DPRECHECK_VERSION='"0"' -DSYSCONFDIR='"/etc"' -DLOCALSTATEDIR='"/var"' -DLIBEXECDIR='"/usr/libexec"' \
			$(pkg-config --cflags json-c libxml-2.0 smartcols)
}
tidy > tidy.log 2> tidy.messages &
tidy=$!

# The compiler is gcc, because clang does not link the sanitizers' runtime into a library
check "mdev-precheck builds with ASan and UBSan" make -C "$top/tools/mdev/tests" O="$work/asan" CC=gcc \
	CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all'
check "mdev-precheck builds for valgrind" make -C "$top/tools/mdev/tests" O="$work/plain" CC=gcc CFLAGS='-O1 -g'

# The control has mistakes that each tool must find
cat > control.c <<-END
	#include <limits.h>
	#include <stdlib.h>
	int main(int argc, char **argv)
	{
		char *volatile memory = malloc(argc);
		volatile int number = INT_MAX;

		(void)argv;
		if (argc == 1)
			number += argc;
		if (argc == 2)
			memory[argc] = 1;
		if (argc != 3)
			free(memory);
		memory = NULL;
		return 0;
	}
END
gcc -g -fsanitize=address,undefined -fno-sanitize-recover=all -o control control.c
gcc -g -o control-plain control.c
# valgrind spends half of a start on the debug information of libc.  A copy without the sections
# that lead to this information saves the time.
libc=$(ldd control-plain | sed -n 's/^\tlibc\.so.* => \(.*\) (.*/\1/p')
objcopy --remove-section .note.gnu.build-id --remove-section .gnu_debuglink "$libc" \
	"plain/${libc##*/}" || bail_out "objcopy cannot copy the C library"
# valgrind logs to a file that is open before.  Standard error may be closed in a program, and a
# program without privileges cannot make a file.
exec 9>> valgrind.log
valgrind="env LD_LIBRARY_PATH=$work/plain valgrind -q --error-exitcode=99 --leak-check=full --log-fd=9"
# tsearch() of the C library marks its pointers in a bit, so that valgrind reports memory behind
# them as possibly lost
valgrind="$valgrind --show-leak-kinds=definite --errors-for-leak-kinds=definite"
# mdev-precheck does not end with this status
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99
while read -r mistake arguments; do
	# shellcheck disable=SC2086 # none, one or two arguments
	check "the sanitizers find the control's $mistake" sh -c '! "$@"' - ./control $arguments
	[ "$mistake" != overflow ] || continue
	# shellcheck disable=SC2086
	$valgrind ./control-plain $arguments > log 2>&1
	check "valgrind finds the control's $mistake" [ $? = 99 ]
done <<-END
	overflow
	write-after-the-end x
	leak x x
END
: > valgrind.log

library_test "ASan and UBSan: " "$work/asan/library_test"
transcripts_begin "$work/asan"
for transcript in $of_command; do
	transcript "$transcript" "ASan and UBSan: "
done

# valgrind is 30 times slower, so that it runs only the transcripts with documents of small hosts.
# Some types of other hosts show the name of the program, which is another one under valgrind.
# shellcheck disable=SC2086 # a command
library_test "valgrind: " $valgrind "$work/plain/library_test"
rm -rf transcripts bin
transcripts_begin "$work/plain" "$valgrind"
for transcript in list-json check-json documents remote; do
	transcript "$transcript" "valgrind: " '--fixture (many|groups|broken list)'
done
# The log also has findings in a child, whose status mdev-precheck may ignore
check "valgrind finds nothing in a process of mdev-precheck" sh -c 'cat valgrind.log; ! [ -s valgrind.log ]'

wait "$tidy"
result $? "clang-tidy finds nothing in lib, common, src, libvirt, tests and examples" "$work/tidy.log"
cd "$top/tools/mdev" || exit
# This check is for the library alone
check "clang-tidy finds no function in the library that is not safe in threads" clang-tidy --quiet \
	--checks=-*,concurrency-mt-unsafe lib/*.c -- -std=gnu11 -D_GNU_SOURCE -Ilib \
	-DPRECHECK_VERSION='"0"'
check "cppcheck finds nothing in lib, common, src, libvirt, tests and examples" cppcheck --quiet --error-exitcode=1 --std=c11 \
	--enable=warning,performance,portability -D_GNU_SOURCE -Ilib -Icommon \
	-DPRECHECK_VERSION='"0"' -DSYSCONFDIR='"/etc"' -DLOCALSTATEDIR='"/var"' -DLIBEXECDIR='"/usr/libexec"' lib common src libvirt tests examples
tests_end
