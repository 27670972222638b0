#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Every parser of what others write, with the inputs of the corpus and then with some
# that are made from them: the same ones each time.  A long run is
# make -C tools/mdev/fuzz run
#
# needs: precheck
# seconds: 30

. "$(dirname -- "$0")/../lib/tap.sh"


# fuzz TARGET... - make in the directory of the fuzz targets, with options of nobody
# else; of what AddressSanitizer says, the beginning is to be in the output
fuzz()
{
	env -u MAKEFLAGS -u MAKELEVEL -u UBSAN_OPTIONS -u LSAN_OPTIONS \
		ASAN_OPTIONS=print_legend=0 make -C "$top/tools/mdev/fuzz" O="$work/fuzz" "$@"
}

check "the fuzz targets compile without a warning" fuzz all

# has_seeds TARGET - libFuzzer would also be content without
has_seeds()
{
	[ -n "$(ls "$top/tools/mdev/fuzz/corpus/$1")" ]
}

# runs TARGET NUMBER - what breaks it is left in $work/fuzz/broken, and the log says so
runs()
{
	echo "$1" >> "$work/targets"
	check "$1 has a corpus" has_seeds "$1"
	check "$1: no input of the corpus breaks it" fuzz "replay-$1"
	check "$1: none of $2 inputs made from the corpus breaks it" fuzz "run-$1" RUNS="$2" SEED=1
}

# As many as take some five seconds
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

# None was forgotten here
find "$top/tools/mdev/fuzz" -name 'fuzz_*.c' -exec basename {} .c \; |
	sort > "$work/expected"
check_same "each fuzz target was run" "$work/expected" "$work/targets"
tests_end
