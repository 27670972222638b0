#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Messages, pages, comments and test names keep the rules of plain English that a regular
# expression can check; CONTRIBUTING.md has the rules
#
# needs: tree
# check: yes
# seconds: 5

. "$(dirname -- "$0")/../lib/tap.sh"

language=$top/tests/lib/language.pl
allowed=tests/lib/language.allowed
cd "$top" || exit

# The corpora and COPYING are data.  The test and its tools have the words that they look for.
git ls-files -- ':!:*/corpus/*' ':!:COPYING' ':!:*.gitignore' ':!:debian/changelog' \
	":!:tests/lib/language.*" ':!:tests/no-machine/language.t' > "$work/files"
# shellcheck disable=SC2046 # names without blanks
perl "$language" --allowed "$allowed" $(cat "$work/files") > "$work/found" 2>&1
status=$?
check "language.pl reads each file" [ "$status" -le 1 ]
while read -r file; do
	grep -e "^$file:" "$work/found" > "$work/lines" && status=1 || status=0
	result "$status" "$file is in plain English" "$work/lines"
done < "$work/files"
grep -e "^$allowed:" "$work/found" > "$work/lines" && status=1 || status=0
result "$status" "each allowed text is in its file" "$work/lines"
check "the list of allowed texts is short" sh -c "[ \"\$(grep -c -v -e '^#' -e '^\$' $allowed)\" -le 20 ]"

cd "$work" || exit
# finds SAMPLE RULE LINE... - succeed if the checker prints one line for the file, with RULE
finds()
{
	sample=$1
	rule=$2
	shift 2
	printf '%s\n' "$@" > "$sample"
	! perl "$language" "$sample" > printed || return
	cat printed
	[ "$(wc -l < printed)" = 1 ] && grep -q -F -e ": $rule: " printed
}
# leaves SAMPLE LINE... - succeed if the checker prints nothing for the file
leaves()
{
	sample=$1
	shift
	printf '%s\n' "$@" > "$sample"
	perl "$language" "$sample"
}

noun='a sentence begins with a noun'
what='a noun is what a sentence is about, not "what"'
negated='a verb is negated, not a noun'
code='code returns, prints, logs and requires'
check "a sentence that begins with Of is found" finds a.md "$noun" "It is here. Of the two, one is."
check "a comment of C that begins with Without is found" finds a.c "$noun" "/* Without a parent */"
check "a function that is described by a relative is found" \
	finds a.h 'a description begins with a verb or a noun' "/* owner - of a parent */"
check "a comment that begins with a pronoun is found" \
	finds g.c 'a comment begins with a noun or a verb' "/* It is freed by the caller */"
check "a headless relative of a script is found" finds a.sh "$what" "# See what the driver has"
check "a comment behind an apostrophe of a heredoc is found" \
	finds c.sh "$what" 'cat <<END' "the driver's" 'END' "# See what the driver has"
check "text behind an indented example of a page is found" \
	finds c.md "$what" '1. One:' '   ```' '   `a' '   ```' '2. See what it has.'
check "a headless relative across two lines is found" finds b.c 'a noun has a name, not "that of" or "those"' \
	"/*" " * The name, and that" " * of the parent" " */"
check "a negated noun across two lines is found" finds c.c "$negated" \
	'f("the operand is"' '  " no type of a parent");'
check "a negated perfect tense is found" finds a.rst 'a verb is negated by "does not" or "did not"' \
	"A driver that has not answered."
check "a message in which code wants is found" finds d.c "$code" 'f("the driver wants a string");'
check "the name of a test in which code says is found" finds a.t "$code" 'check "it says yes to all" true'
check "a description that repeats the name is found" finds e.c 'a description does not repeat the name' \
	"/**" " * f - Print names" " * @num: their number" " */"
check "an added line of a patch is found" finds a.patch "$what" \
	"Subject: a" "" "Text." "diff --git a/a.c b/a.c" "+/* See what it has */" "-/* what it had */"
check "a word alone on a line of a man page is found" finds a.8 'a line of a man page has several words' \
	'.TH A 8' '.SH DESCRIPTION' 'Read' '.TP' '.B --all' 'All parents are asked.'
check "names and code are left" leaves f.c \
	"/* See @want, told() and what.h.  A parent is no longer there. */" 'int what, say = want(said);'
# shellcheck disable=SC2016 # backquotes of Markdown
check "examples of a page are left" leaves b.md "The command:" "" "    say what is no type" "" 'See `what`.'
check "examples and the synopsis of a man page are left" leaves b.8 '.TH B 8' '.SH SYNOPSIS' 'b' \
	'.SH EXAMPLE' '.EX' 'say' 'what is no type' '.EE'
check "a text that is allowed is left" sh -c "
	printf 'a.sh\tSee what the driver has\n' > list
	perl '$language' --allowed list a.sh"
check "an allowed text that the file does not have is found" sh -c "
	printf 'f.c\tSee what it has\n' > list
	! perl '$language' --allowed list f.c"
tests_end
