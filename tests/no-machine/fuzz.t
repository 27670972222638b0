#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Each parser of input from others takes the inputs of its corpus, and then inputs that libFuzzer
# makes from them, which are the same each time.  "make -C tools/mdev/fuzz run" runs longer.
#
# needs: precheck
# seconds: 30

. "$(dirname -- "$0")/../lib/tap.sh"

# fuzz TARGET... - run make in the directory of the fuzz targets, without options of its callers.
# AddressSanitizer does not print its legend, because the end of the output is in a failure's log.
fuzz()
{
	env -u MAKEFLAGS -u MAKELEVEL -u UBSAN_OPTIONS -u LSAN_OPTIONS \
		ASAN_OPTIONS=print_legend=0 make -C "$top/tools/mdev/fuzz" O="$work/fuzz" "$@"
}

check "the fuzz targets compile without a warning" fuzz all

# has_seeds TARGET - require a corpus, because libFuzzer also succeeds without one
has_seeds()
{
	[ -n "$(ls "$top/tools/mdev/fuzz/corpus/$1")" ]
}

# runs TARGET NUMBER - run the target on its corpus, and on so many inputs made from it.  An input
# that breaks the target stays in $work/fuzz/broken, and the log has its name.
runs()
{
	echo "$1" >> "$work/targets"
	check "$1 has a corpus" has_seeds "$1"
	check "no input of its corpus breaks $1" fuzz "replay-$1"
	check "none of $2 inputs made from its corpus breaks $1" fuzz "run-$1" RUNS="$2" SEED=1
}

# Each number takes some five seconds at most
runs fuzz_attributes 5000
runs fuzz_domain 20000
runs fuzz_escaped 20000
runs fuzz_kmsg_record 400000
runs fuzz_place 400000
runs fuzz_publication 20000
runs fuzz_remote_answer 20000
runs fuzz_types_document 20000
runs fuzz_utf8 400000
runs fuzz_uuid 200000
runs fuzz_verdicts_document 50000

find "$top/tools/mdev/fuzz" -name 'fuzz_*.c' -exec basename {} .c \; |
	sort > "$work/expected"
check_same "fuzz.t runs each target of tools/mdev/fuzz" "$work/expected" "$work/targets"
tests_end
