#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Code, kernel documentation, ABI, manual pages, guides and tests have the same errnos for a no,
# and the same errnos that mean "not answered"
#
# needs: tree
# check: yes
# seconds: 5

. "$(dirname -- "$0")/../lib/tap.sh"

errnos=$top/tests/lib/errnos.pl
cd "$top" || exit
git ls-files > "$work/files"
perl "$errnos" . < "$work/files" > "$work/wrong" 2>&1
status=$?
check "errnos.pl reads each file" [ "$status" -le 1 ]

# The part of the tree that must have lists, for faults
tree=$work/tree
perl "$errnos" --places > "$work/places"
while IFS="$(printf '\t')" read -r place sets; do
	# shellcheck disable=SC2086 # a pattern
	for file in $place; do
		printf '%s\t%s\n' "$file" "$sets"
	done
done < "$work/places" > "$work/listed"
{
	cut -f 1 "$work/listed"
	git ls-files -- 'tools/mdev/man/*' tools/mdev/lib/ask.c tools/mdev/src/list.c
} | sort -u > "$work/some"

# copy_tree - make $tree as it was
copy_tree()
{
	rm -rf "$tree"
	mkdir "$tree"
	xargs cp --parents -t "$tree" < "$work/some"
}

# finds FILE SED - change a file of the tree by sed, and require a line of errnos.pl
finds()
{
	sed -i -e "$2" "$tree/$1"
	! cmp "$tree/$1" "$1" || return
	perl "$errnos" "$tree" < "$work/some" > "$work/printed" 2>&1 || :
	cp "$1" "$tree/$1"
	cat "$work/printed"
	[ -s "$work/printed" ]
}

copy_tree
while IFS="$(printf '\t')" read -r file sets; do
	grep -F -e "$file:" "$work/wrong" > "$work/lines" && status=1 || status=0
	result "$status" "the errnos of $file are in the code" "$work/lines"
	for set in $sets; do
		case $set in
		no*)		fault='s/EPROTONOSUPPORT/ESTALE/g' ;;
		unanswered*)	fault='s/EAGAIN/ESTALE/g' ;;
		core*)		fault='s/E2BIG/ESTALE/g' ;;
		*)		continue ;;
		esac
		check "errnos.pl finds another errno in a list of $file" finds "$file" "$fault"
		case $set in
		no=)		fault='s/another/any/g' ;;
		core=|*d=)	fault='s/ signal interrupted/ signal stopped/' ;;
		*)		continue ;;
		esac
		check "errnos.pl finds another meaning of an errno in $file" finds "$file" "$fault"
	done
done < "$work/listed"
cut -f 1 "$work/listed" | sed 's/$/:/' > "$work/known"
grep -v -F -f "$work/known" "$work/wrong" > "$work/lines" && status=1 || status=0
result "$status" "no other file has errnos that differ from the code" "$work/lines"

for_a_no=$(perl "$errnos" --for-a-no)
check "errnos.pl --for-a-no prints the errnos of the code" [ -n "$for_a_no" ]
echo "A driver returns ${for_a_no#* } for a no." > "$tree/new.md"
(cat "$work/some" && echo new.md) > "$work/more"
perl "$errnos" "$tree" < "$work/more" > "$work/printed"
check "errnos.pl finds a list in a new file that does not have one errno for a no" \
	grep -x "new.md: a list of errnos for a no does not have ${for_a_no%% *}" "$work/printed"
echo "A driver returns $for_a_no for a no." > "$tree/new.md"
perl "$errnos" "$tree" < "$work/more" > "$work/printed"
check "errnos.pl accepts a list in a new file that has each errno for a no" sh -c "! grep ^new.md: '$work/printed'"
echo "A driver returns EPROTONOSUP for a no." > "$tree/new.md"
perl "$errnos" "$tree" < "$work/more" > "$work/printed"
check "errnos.pl finds a name that is not an errno" \
	grep -x 'new.md: EPROTONOSUP is not an errno of Linux' "$work/printed"
check "errnos.pl finds another errno of a text that is not a version string" \
	finds tools/mdev/lib/io.c 's/EBADMSG/EBADE/'
tests_end
