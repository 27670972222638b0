#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# On a terminal and in a pipe, mdev-precheck prints tables of the right width, characters that are
# safe, and verdicts in colour if they are for a person
#
# needs: precheck
# check: yes
# seconds: 10

. "$(dirname -- "$0")/../lib/tap.sh"
. "$(dirname -- "$0")/../../tools/mdev/tests/transcripts.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX NO_COLOR
export TERM=xterm
check "make builds mdev-precheck" make -C "$top/tools/mdev" O="$work/build" all
fixtures="$work/fixtures"
mkdir "$fixtures"
for each in host names vfs; do
	"$top/tools/mdev/tests/fixture.sh" $each "$fixtures/$each" || bail_out "the fixture $each was not made"
done
cat > precheck <<-END
	#!/bin/sh
	exec $as_anybody '$work/build/mdev-precheck' "\$@"
END
chmod +x precheck

# on_terminal COLUMNS COMMAND - run the command on a terminal of so many columns, and write the
# terminal's text to the file "screen"
on_terminal()
{
	# The standard input of script(1) is a file, so that it does not wait for a keyboard
	script -qec "stty cols $1; $2" /dev/null < /dev/null | tr -d '\r' > screen
}

# as_utf8 COLUMNS COMMAND - run the command on a terminal in a locale with UTF-8
as_utf8()
{
	on_terminal "$1" "LC_ALL=C.UTF-8 $2"
}

# fits COLUMNS FILE - require that the file has lines, and that no line is wider
fits()
{
	wide=$(LC_ALL=C.UTF-8 wc -L < "$2")
	echo "the longest line has $wide columns"
	[ "$wide" -gt 0 ] && [ "$wide" -le "$1" ]
}

# text FILE - print the characters of the file, sorted, without blanks and line ends, which depend
# on the width of a terminal
text()
{
	tr -d ' \n' < "$1" | fold -w 1 | sort
}

list="./precheck --fixture fixtures/vfs list"
check="./precheck --fixture fixtures/vfs check 3b:00.7/nvidia-65"

as_utf8 100 "$list"
check "list of 64 parents with ten types fits into 100 columns" fits 100 screen
check "list of 64 parents with ten types has at most 52 lines of 100 columns" [ "$(wc -l < screen)" -le 52 ]
LC_ALL=C.UTF-8 $list > pipe
text pipe > expected
text screen > actual
check_same "list on a terminal has each character of list in a pipe" expected actual
check "list in a pipe has a line for each row" [ "$(wc -l < pipe)" = 31 ]
COLUMNS=40 LC_ALL=C.UTF-8 $list > columns
check_same "list in a pipe ignores COLUMNS" pipe columns

as_utf8 300 "$list"
sed 's/ *$//' screen > actual
check_same "list on a wide terminal prints the lines of list in a pipe" pipe actual
as_utf8 86 "./precheck --fixture fixtures/host list --color=never"
check "list on a narrow terminal cuts names, and ends them in an ellipsis" grep -q 'Sin… ' screen
check "list on a terminal of 86 columns fits into it" fits 86 screen
on_terminal 86 "./precheck --fixture fixtures/host list --color=never"
check "list in a locale without UTF-8 ends a name that is cut in dots" grep -q 'S\.\.\. ' screen
on_terminal 60 "$list --raw"
LC_ALL=C $list --raw > pipe
check_same "list --raw on a terminal prints the lines of list --raw in a pipe" pipe screen

as_utf8 100 "$check --sort verdict --color=never"
check "the table of check fits into 100 columns" fits 100 screen
check "the table of check has each word of a reason" sh -c "tr -s ' \n' ' ' < screen | grep -q 'EINVAL'"
as_utf8 100 "$check"
check "check of 64 targets has three lines" [ "$(wc -l < screen)" = 3 ]
# A new fixture is made, because the questions have changed the files of the first one
"$top/tools/mdev/tests/fixture.sh" vfs whole || bail_out "the fixture vfs was not made"
./precheck --fixture whole export > whole.json
as_utf8 100 "./precheck --fixture whole check --from whole.json --color=never"
check "check of a document of 64 parents with ten types has at most 40 lines" \
	[ "$(wc -l < screen)" -le 40 ]
check "check of a document of 64 parents with ten types has each string" \
	[ "$(grep -c '^nvidia-[67][0-9] "[^"]*" of ' screen)" = 30 ]
check "check of a document of 64 parents with ten types has no line over 120 columns" \
	fits 120 screen

# colours - require that "screen" has the colours of a yes, a no and a question that was not asked
colours()
{
	for code in 32 31 33; do
		grep -q "$(printf '\033')\[${code}m" screen || return
	done
}
verdicts="./precheck --fixture fixtures/host check source/serial-1"
on_terminal 100 "$verdicts"
check "check has the colours of three verdicts on a terminal" colours
on_terminal 100 "$verdicts --columns VERDICT"
check "the table of check has the colours of three verdicts on a terminal" colours
# plain COMMAND - require that the command prints lines on a terminal, and no escape
plain()
{
	on_terminal 100 "$1"
	[ -s screen ] && ! grep "$(printf '\033')" screen
}
check "check --color=never prints no colours on a terminal" plain "$verdicts --color=never"
check "check prints no colours on a terminal if NO_COLOR is set" plain "NO_COLOR=1 $verdicts"
check "check prints no colours on a terminal if TERM is not set" plain "env -u TERM $verdicts"
check "check prints no colours on a terminal if TERM is dumb" plain "TERM=dumb $verdicts"
check "check --raw prints no colours on a terminal" plain "$verdicts --raw"
check "check --raw --color=always prints no colours on a terminal" plain "$verdicts --raw --color=always"
on_terminal 100 "NO_COLOR= $verdicts"
check "check prints colours on a terminal if NO_COLOR is empty" colours
on_terminal 100 "NO_COLOR=1 TERM=dumb $verdicts --color=always"
check "check --color=always prints colours with NO_COLOR and a dumb terminal" colours
$verdicts --color=always > screen
check "check --color=always prints colours in a pipe" colours
$verdicts > pipe
check "check prints no colours in a pipe" sh -c "[ -s pipe ] && ! grep '$(printf '\033')' pipe"

# A driver's text has characters that must not reach a terminal: a move of the cursor, C1's CSI,
# overrides and isolates of direction, marks without a width, and bytes that are not UTF-8
type=fixtures/host/class/mdev_bus/source/mdev_supported_types/serial-1
printf 'GRID caf\303\251 \346\227\245\346\234\254 \033[2J \302\233 \342\200\256 \342\201\246 \342\200\213 a\314\201 \356\200\200 \377\n' > $type/name
hostile="./precheck --fixture fixtures/host list --parent source --type serial-1 --columns NAME"
escapes='\\x1b\[2J \\xc2\\x9b \\xe2\\x80\\xae \\xe2\\x81\\xa6 \\xe2\\x80\\x8b a\\xcc\\x81 \\xee\\x80\\x80 \\xff$'
as_utf8 200 "$hostile"
check "list in a locale with UTF-8 prints letters, and escapes bytes that could change the terminal" \
	grep -q "^GRID café 日本 $escapes" screen
on_terminal 200 "$hostile"
check "list in a locale without UTF-8 escapes each byte that is not ASCII" \
	grep -q "^GRID caf\\\\xc3\\\\xa9 \\\\xe6\\\\x97\\\\xa5\\\\xe6\\\\x9c\\\\xac $escapes" screen
as_utf8 40 "./precheck --fixture fixtures/names list --columns TYPE,NAME --color=never"
check "list prints names in UTF-8 below their heading" sh -c "grep -q '^café  *café' screen"
# A number of JSON does not have a comma, and --timeout must read 0.5 in each locale
check "list does not use the numbers of a locale" sh -c 'LC_ALL=de_DE.UTF-8 ./precheck --fixture fixtures/vfs \
	list --timeout 0.5 --type nvidia-63 > /dev/null'
tests_end
