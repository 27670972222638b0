#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Manual pages, guides, the completions of three shells and the example describe each command,
# option, function and member of mdev-precheck and libmdev-precheck, and no other.  The page for
# authors of vendor drivers has the declarations of mdev.h.
#
# needs: precheck
# check: yes
# seconds: 5

. "$(dirname -- "$0")/../lib/tap.sh"
. "$(dirname -- "$0")/../lib/page.sh"

tool=$top/tools/mdev
page() { echo "$tool/man/$1"; }
unset PREFIX DESTDIR O MAKEFLAGS MFLAGS

make -C "$tool" O="$work/build" PREFIX="$work/usr" SYSCONFDIR="$work/etc" \
	LOCALSTATEDIR="$work/var" install install-libvirt install-publish > "$work/build.log" 2>&1
result $? "make install install-libvirt install-publish succeeds" "$work/build.log"
PATH="$work/usr/bin:$PATH"
export LD_LIBRARY_PATH="$work/usr/lib" PKG_CONFIG_PATH="$work/usr/lib/pkgconfig"
mdev-precheck --help > "$work/help" || bail_out "mdev-precheck does not run"

# The host has three cards of a kind, of which one refuses each version and does not show one.  It
# also has names that no vendor should choose.
sysfs=$work/sysfs
# type PARENT TYPE VERSION - add a type; one with the version "full" fails when it is asked
type()
{
	directory="$sysfs/class/mdev_bus/$1/mdev_supported_types/$2"
	mkdir -p "$directory/devices"
	echo 2 > "$directory/available_instances"
	if [ "$3" = full ]; then
		ln -s /dev/full "$directory/migration_version"
	else
		echo "$3" > "$directory/migration_version"
	fi
}
# shellcheck disable=SC2016 # nobody shall expand it
odd_parent='Big "card" $(touch evaluated) \x'
odd_type="it's a type"
uuid=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
type 0000:00:02.0 i915-GVTg_V5_4 1.0
type 0000:00:03.0 i915-GVTg_V5_4 full
type 0000:00:04.0 i915-GVTg_V5_4 1.0
type mtty mtty-1 4348:3253-1.0
type mtty mtty-2 4348:3253-1.0
type "$odd_parent" "$odd_type" 1.0
mkdir -p "$sysfs/bus/mdev/devices" "$sysfs/devices/mtty/$uuid"
: > "$sysfs/class/mdev_bus/mtty/mdev_supported_types/mtty-2/devices/$uuid"
ln -s "../../../devices/mtty/$uuid" "$sysfs/bus/mdev/devices/$uuid"
ln -s ../mdev_supported_types/mtty-2 "$sysfs/devices/mtty/$uuid/mdev_type"

# Manual pages

no_warning()
{
	groff -ww -man -Tutf8 -z "$1" > "$work/groff" 2>&1
	! grep . "$work/groff"
}

# rendered PAGE - print the page as plain text, without the overstrikes
rendered()
{
	mandoc -T ascii -O width=200 "$(page "$1")" | sed 's/.\x08//g'
}

has_version()
{
	grep '^\.TH ' "$1" | grep -F "\"$(mdev-precheck --version)\""
}

pages="mdev-precheck.8 mdev-precheck-hook.8 mdev-precheck-publish.8 mdev-precheck.5 libmdev-precheck.3"
for manual in $pages; do
	check "mandoc finds nothing in $manual" mandoc -T lint -W warning "$(page "$manual")"
	check "groff finds nothing in $manual" no_warning "$(page "$manual")"
	check "$manual has the version of mdev-precheck" has_version "$(page "$manual")"
	check "$manual is installed" cmp "$(page "$manual")" \
		"$work/usr/share/man/man${manual##*.}/$manual"
	rendered "$manual" > "$work/$manual.txt"
done

# options - print the options that a text names
options()
{
	grep -o -E -e '(^|[][ ,(])--?[a-zA-Z][a-z-]*' | tr -d '[](, ' | sort -u
}

# tags PAGE PATTERN - print the tags of descriptions in sections whose heading matches
tags()
{
	awk -v pattern="$2" '
		/^\.S[SH] /	{ inside = $0 ~ "^.S[SH] \"?(" pattern ")\"?$" }
		inside && tag	{ print }
				{ tag = /^\.T[PQ]/ }' "$(page "$1")" |
		sed 's/^\.[A-Z]* //; s/\\-/-/g; s/\\f[A-Z]//g; s/"/ /g'
}

commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$work/help")
check "mdev-precheck --help lists commands" [ -n "$commands" ]
echo "$commands" > "$work/expected"
sed -n 's/^\.SS //p' "$(page mdev-precheck.8)" > "$work/described"
check_same "mdev-precheck(8) describes each command, and no other" \
	"$work/expected" "$work/described"
for command in $commands; do
	mdev-precheck "$command" --help | options > "$work/$command.options"
	tags mdev-precheck.8 "$command|OPTIONS" | options > "$work/$command.page"
	check_same "mdev-precheck(8) has the options of $command, and no other" \
		"$work/$command.options" "$work/$command.page"
	check "mdev-precheck(8) has a synopsis of $command" \
		grep -E "^\.SY \"mdev-precheck $command\"|^\.RB \[ $command \]" \
		"$(page mdev-precheck.8)"
done

# unused - print the options on standard input with which no test calls mdev-precheck.  The tests
# call two options only by a letter, and one only by its long name.
unused()
{
	while read -r option; do
		case $option in
		--quiet|--verbose|-h)	continue ;;
		esac
		grep -q -r -E -e "mdev-precheck .*$option([^a-z-]|\$)" "$tool/tests/transcripts" \
			"$top/tests" || echo "$option"
	done
}
cat "$work"/*.options | sort -u | unused > "$work/unused"
check_same "a test uses each option of mdev-precheck" /dev/null "$work/unused"
for command in $commands; do
	check "a transcript calls mdev-precheck $command" \
		grep -r -e "mdev-precheck .*$command" "$tool/tests/transcripts"
done

# all_of SOME ALL - require that each line of the first file is in the second one
all_of()
{
	[ -s "$1" ] && ! comm -2 -3 "$1" "$2" | grep .
}

# The page as a whole may name an option of any command
cat "$work"/*.options | sort -u > "$work/all"
options < "$work/mdev-precheck.8.txt" > "$work/named"
check "mdev-precheck(8) names only options that a command has" \
	all_of "$work/named" "$work/all"

# Documents

mdev-precheck --fixture "$sysfs" export --output "$work/shown.json"
mdev-precheck --fixture "$sysfs" export --takes "$work/shown.json" --output "$work/types.json"
mdev-precheck --fixture "$sysfs" check --json --from "$work/types.json" \
	> "$work/verdicts.json" 2> "$work/messages"
check "mdev-precheck check --json writes the document of verdicts" [ $? = 1 ]
mdev-precheck --fixture "$sysfs" matrix --json > "$work/matrix.json" 2> "$work/messages"
check "mdev-precheck matrix --json writes the document of the matrix" [ $? = 1 ]

common='MEMBERS OF ALL DOCUMENTS'
for document in types verdicts matrix; do
	heading="THE DOCUMENT OF $document"
	[ "$document" = types ] || heading="THE DOCUMENT OF (THE )?$document"
	heading=$(echo "$heading" | tr '[:lower:]' '[:upper:]')
	jq -r 'paths | .[] | strings' "$work/$document.json" | sort -u \
		> "$work/$document.members"
	# Members with a description, and members that the text takes from another document
	awk -v pattern="$common|$heading" '
		/^\.SH /	{ inside = $0 ~ "^.SH (" pattern ")$" }
		inside' "$(page mdev-precheck.5)" | grep -o -e '^\.BR\{0,1\} .*' -e '\\fB[^\]*' |
		tr -c 'a-z_\n' '\n' | sort -u > "$work/$document.named"
	check "mdev-precheck(5) names each member of the $document" \
		all_of "$work/$document.members" "$work/$document.named"
	tags mdev-precheck.5 "$common|$heading" | sort -u > "$work/$document.tags"
	check "mdev-precheck(5) describes no other member of the $document" \
		all_of "$work/$document.tags" "$work/$document.members"
	check "the document of $document is valid by its schema" \
		"$tool/tests/validate.py" "$work/$document.json"
	check "mdev-precheck(5) has the name of the format of the $document" grep -F \
		"\\(dq$(jq -r .format "$work/$document.json")\\(dq" "$(page mdev-precheck.5)"
	check "mdev-precheck(5) has the number of the format of the $document" grep -F -x \
		"The number $(jq .format_version "$work/$document.json")." "$(page mdev-precheck.5)"
done

# Library

sed -n '/^SYNOPSIS/,/^DESCRIPTION/s/^  *//p' "$work/libmdev-precheck.3.txt" \
	> "$work/synopsis.c"
sed -n 's/^\t\(mdev_precheck_[a-z_]*\);/\1/p' "$tool/lib/libmdev-precheck.map" \
	> "$work/functions"
check "the library's map has functions" test -s "$work/functions"
while read -r function; do
	check "libmdev-precheck(3) declares $function" \
		grep -E "(^|[ *])$function\(" "$work/synopsis.c"
	check "libmdev-precheck(3) describes $function" \
		grep -F "\\fB$function\\fR()" "$(page libmdev-precheck.3)"
	check "$function(3) is installed" \
		cmp "$(page libmdev-precheck.3)" "$work/usr/share/man/man3/$function.3"
done < "$work/functions"
check "libmdev-precheck(3) declares all functions as the header does" \
	gcc -Wall -Werror -fsyntax-only -I "$work/usr/include" "$work/synopsis.c"
grep -o -w -E 'MDEV_PRECHECK_[A-Z_]+|struct mdev_precheck[a-z_]*' \
	"$tool/lib/mdev-precheck.h" | grep -v -x MDEV_PRECHECK_H | sort -u > "$work/names"
# Members of the structures that the library makes and callers read
awk '/^struct .* {$/,/^};/' "$tool/lib/mdev-precheck.h" |
	sed -n 's/^\t.*[ *]\([a-z_]*\)\(\[.*\]\)\?;$/\1/p' | sort -u >> "$work/names"
check "the library's header has names" test -s "$work/names"
while read -r word; do
	check "libmdev-precheck(3) has $word" grep -w "$word" "$work/libmdev-precheck.3.txt"
done < "$work/names"

# Example

# shellcheck disable=SC2046 # options
cc -Wall -Wextra -Werror -o "$work/ask" "$tool/examples/ask.c" \
	$(pkg-config --cflags --libs libmdev-precheck) > "$work/log" 2>&1
result $? "the example compiles with the installed library" "$work/log"
check "examples/ask.c has fewer than 80 lines" [ "$(wc -l < "$tool/examples/ask.c")" -lt 80 ]
"$work/ask" nowhere/mtty-2 4348:3253-1.0 > "$work/said" 2>&1
check "examples/ask.c ends with 3 if a parent does not exist" [ $? = 3 ]
check "examples/ask.c names a parent that does not exist" grep '^not asked: .*nowhere' "$work/said"
"$work/ask" mtty 4348:3253-1.0 > "$work/said" 2>&1
check "examples/ask.c ends with 2 if its argument is not PARENT/TYPE" [ $? = 2 ]

# Guides: calls of mdev-precheck, and links

# code GUIDE - print the blocks of code of the guide
code()
{
	awk '
		/^ *```/	{ inside = !inside
				  next }
		inside' "$1"
}

# calls GUIDE - print the command, options and operands of each mdev-precheck in the guide
calls()
{
	{
		code "$1" | sed -e ':a' -e '/\\$/ { N; s/\\\n//; ta' -e '}'
		# shellcheck disable=SC2016 # Markdown's
		grep -o '`mdev-precheck [^`]*' "$1"
	} | grep -o -E '(^|[^/])mdev-precheck [a-z][^|;&>)]*' | sed 's/^.*mdev-precheck //'
}

# absent - print the commands and options of calls on standard input that mdev-precheck does not
# have
absent()
{
	while read -r command arguments; do
		if [ -f "$work/$command.options" ]; then
			echo "$arguments" | options | comm -2 -3 - "$work/$command.options"
		else
			echo "$command"
		fi
	done
}

# dead_links GUIDE - print the links of the guide to files that do not exist
dead_links()
{
	grep -o '](\([^):#]*\)' "$1" | cut -c 3- | while read -r link; do
		[ -e "$tool/doc/$link" ] || echo "$link"
	done
}

for guide in fleet.md libvirt.md stacks.md; do
	calls "$tool/doc/$guide" > "$work/$guide.calls"
	check "$guide calls mdev-precheck" [ -s "$work/$guide.calls" ]
	absent < "$work/$guide.calls" > "$work/absent"
	check_same "$guide calls only commands and options that mdev-precheck has" \
		/dev/null "$work/absent"
done
for guide in fleet.md libvirt.md stacks.md vendor-drivers.md; do
	dead_links "$tool/doc/$guide" > "$work/dead"
	check_same "the links of $guide lead to files" /dev/null "$work/dead"
done
# A result of conformance_test is named by fixture and test
sed -n 's/^TEST_F(\(.*\), \(.*\))$/\1.\2/p' "$top/tools/testing/selftests/mdev/conformance_test.c" |
	sort > "$work/expected"
# shellcheck disable=SC2016 # Markdown's
sed -n 's/^| `\([a-z]*\.[a-z_]*\)` |.*/\1/p' "$tool/doc/vendor-drivers.md" | sort > "$work/described"
check_same "vendor-drivers.md describes each test of conformance_test, and no other" \
	"$work/expected" "$work/described"
# no-machine/integrations and no-machine/nova execute these programs.  Directories beside them are
# for engines of a fleet.
(cd "$tool" && find integrations -maxdepth 1 -type f | sort) > "$work/programs"
while read -r program; do
	check "stacks.md has a link to $program" grep -q -F "](../$program)" "$tool/doc/stacks.md"
done < "$work/programs"
check "tools/mdev/integrations has programs for stacks.md" [ -s "$work/programs" ]

# Completion: words that it offers

check "bash's completion is installed" cmp "$tool/completion/mdev-precheck" \
	"$work/usr/share/bash-completion/completions/mdev-precheck"
check "zsh's completion is installed" cmp "$tool/completion/_mdev-precheck" \
	"$work/usr/share/zsh/site-functions/_mdev-precheck"
check "fish's completion is installed" cmp "$tool/completion/mdev-precheck.fish" \
	"$work/usr/share/fish/vendor_completions.d/mdev-precheck.fish"
check "shellcheck finds nothing in bash's completion" shellcheck "$tool/completion/mdev-precheck"
cat > "$work/offer" <<'END'
# Print the words that the completion offers for the last word of a command line, and the calls of
# compopt, which switches bash's own completions on
. "$1/completion/mdev-precheck"
shift
compopt() { echo "bash: $*"; }
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
COMP_LINE=$*
COMP_POINT=${#COMP_LINE}
_mdev_precheck
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
END

# offers NAME EXPECTED WORD... - test that bash's completion offers the lines EXPECTED after the
# words of a call of mdev-precheck
offers()
{
	printf '%s' "$2" > "$work/expected"
	name=$1
	shift 2
	bash "$work/offer" "$tool" mdev-precheck "$@" > "$work/offered" 2>&1
	check_same "bash's completion offers $name" "$work/expected" "$work/offered"
}

# lines WORD... - print a line for each word, and a dot that keeps the last line end in $()
lines()
{
	printf '%s\n' "$@"
	echo .
}

# expect WORD... - set $expected to the words, a line each
expect()
{
	expected=$(lines "$@")
	expected=${expected%.}
}

for command in $commands; do
	bash "$work/offer" "$tool" mdev-precheck "$command" - 2>&1 | sort \
		> "$work/offered"
	check_same "bash's completion offers the options of $command" "$work/$command.options" \
		"$work/offered"
done
bash "$work/offer" "$tool" mdev-precheck - 2>&1 | sort > "$work/offered"
check_same "bash's completion offers the options of list if a command is missing" \
	"$work/list.options" "$work/offered"
bash "$work/offer" "$tool" mdev-precheck '' 2>&1 | sort > "$work/offered"
echo "$commands" | sort > "$work/commands"
check_same "bash's completion offers the commands" "$work/commands" "$work/offered"

quoted_parent='Big\ \"card\"\ \$\(touch\ evaluated\)\ \\x'
quoted_type="it\\'s\\ a\\ type"
expect 0000:00:02.0 0000:00:03.0 0000:00:04.0 "$quoted_parent" mtty
offers "parents for --parent" "$expected" --sysfs "$sysfs" --parent ''
expect i915-GVTg_V5_4 "$quoted_type" mtty-1 mtty-2
offers "each type once for --type" "$expected" list --sysfs "$sysfs" --type ''
expect "$uuid"
offers "devices for --device" "$expected" export --sysfs "$sysfs" --device 83
expect "$uuid" 0000:00:02.0/i915-GVTg_V5_4 0000:00:03.0/i915-GVTg_V5_4 \
	0000:00:04.0/i915-GVTg_V5_4 "$quoted_parent/$quoted_type" mtty/mtty-1 mtty/mtty-2
offers "devices and types as a source" "$expected" --sysfs "$sysfs" check ''
expect mtty-1 mtty-2 mtty mtty/mtty-1 mtty/mtty-2
offers "types and parents as a target" "$expected" --sysfs "$sysfs" check mtty/mtty-1 mt
offers "targets as the first operand beside --from" "$expected" \
	--sysfs "$sysfs" check --from types.json mt
expect mtty-1 mtty-2
offers "types as targets of another host" "$expected" \
	--sysfs "$sysfs" check --to east mtty/mtty-1 mt
offers "no version for check --type, because the version is of another host" "" --sysfs "$sysfs" check --type mtty-1 ''
offers "no third operand of check" "" --sysfs "$sysfs" check mtty/mtty-1 mtty-1 ''
offers "no operand of list" "" --sysfs "$sysfs" list ''
expect "--type=$quoted_type"
offers "a value after = if bash does not split there" "$expected" --sysfs "$sysfs" list --type=it
# Bash splits the line at colons, which become words, too
cat > "$work/colons" <<'END'
. "$1/completion/mdev-precheck"
COMP_WORDS=(mdev-precheck --sysfs "$2" --parent 0000 : 00 : 03)
COMP_CWORD=8
COMP_LINE="mdev-precheck --sysfs $2 --parent 0000:00:03"
COMP_POINT=${#COMP_LINE}
_mdev_precheck
echo "${COMPREPLY[@]}"
END
bash "$work/colons" "$tool" "$sysfs" > "$work/offered" 2>&1
echo 03.0 > "$work/expected"
check_same "bash's completion offers the rest of a PCI address after its last colon" "$work/expected" \
	"$work/offered"
mkdir "$work/virsh"
# shellcheck disable=SC2016 # the fake's
printf '#!/bin/sh\necho "$*" > "%s"\nprintf "a guest\\nother\\n\\n"\n' "$work/asked" \
	> "$work/virsh/virsh"
chmod +x "$work/virsh/virsh"
PATH="$work/virsh:$PATH"
expect 'a\ guest' other
offers "domains for stamp" "$expected" stamp ''
offers "domains that are not on the line already" "$expected" stamp other ''
offers "no domain beside --all" "" stamp --all ''
expect other
offers "domains of another libvirt" "$expected" domain --connect test:///default --to up o
check "bash's completion asks the libvirt of --connect for domains" grep -x -e '-c test:///default -q list --all --name' "$work/asked"
offers "no second domain for the command domain" "" domain other ''
expect 'bash: -o default'
offers "files for --from" "$expected" check --from ''
offers "files for --output" "$expected" export --output ''
expect 'bash: -o dirnames'
offers "directories for --sysfs" "$expected" --sysfs ''
offers "directories for --fixture" "$expected" --fixture ''
expect mtty-1 mtty-2
offers "types of the host of --fixture" "$expected" --fixture "$sysfs" --type mtty
offers "no parent on a host without mdev" "" --sysfs "$work/nowhere" list --parent ''

# bash-completion reads the names of hosts from a configuration of ssh
printf 'Host east west\n' > "$work/ssh_config"
cat > "$work/hosts" <<'END'
. /usr/share/bash-completion/bash_completion
. "$1/completion/mdev-precheck"
COMP_WORDS=(mdev-precheck check -F "$2" --to ea)
COMP_CWORD=5
COMP_LINE="mdev-precheck check -F $2 --to ea"
COMP_POINT=${#COMP_LINE}
_mdev_precheck
printf '%s\n' "${COMPREPLY[@]}" | grep -x east
END
check "bash's completion offers hosts of an ssh_config" bash "$work/hosts" "$tool" "$work/ssh_config"

# fish_offers LINE - print the words that fish offers after the line of a call of mdev-precheck.
# fish itself prints a tab and a description after a word.
fish_offers()
{
	# shellcheck disable=SC2016 # fish's
	(cd "$work" && ln -sfn sysfs S && HOME=$work XDG_CONFIG_HOME=$work timeout 60 fish \
		--no-config -c 'source $argv[1]; complete -C "mdev-precheck $argv[2]"' \
		"$tool/completion/mdev-precheck.fish" "$1") 2>&1 | cut -f 1 | LC_ALL=C sort
}

# check_fish NAME LINE WORD... - test that fish offers the words, which are in byte order
check_fish()
{
	name=$1
	fish_offers "$2" > "$work/offered"
	shift 2
	printf '%s\n' "$@" | grep . > "$work/expected"
	check_same "fish's completion offers $name" "$work/expected" "$work/offered"
}

for command in $commands; do
	fish_offers "$command -" > "$work/offered"
	check_same "fish's completion offers the options of $command" \
		"$work/$command.options" "$work/offered"
done
# shellcheck disable=SC2046 # a list
check_fish "the commands" "" $(echo "$commands" | sort)
check_fish "types for --type" "--sysfs S list --type " i915-GVTg_V5_4 "$odd_type" mtty-1 mtty-2
check_fish "parents for --parent" "export --sysfs=S --parent " 0000:00:02.0 0000:00:03.0 0000:00:04.0 \
	"$odd_parent" mtty
check_fish "devices for --device" "--sysfs S list --device " "$uuid"
check_fish "types as a source" "--sysfs S check mtty/" mtty/mtty-1 mtty/mtty-2
check_fish "types and parents as a target" "--sysfs S check mtty/mtty-1 mt" mtty mtty-1 mtty-2 mtty/mtty-1 mtty/mtty-2
check_fish "types as targets of another host" "--sysfs S check --to east mtty/mtty-1 mt" \
	mtty-1 mtty-2
check_fish "no version for check --type, because the version is of another host" "--sysfs S check --type mtty-1 " ""
check_fish "no operand of list" "--sysfs S list " ""
check_fish "no parent on a host without mdev" "--sysfs nowhere list --parent " ""

# columns COMMAND - print the columns that the help of the command has, in byte order
columns()
{
	mdev-precheck help "$1" | tr -s ' \n' ' ' | sed 's/.*in between: \(.*\) --noheadings.*/\1/' |
		grep -o '[A-Z][A-Z-]*' | LC_ALL=C sort
}

for command in list check; do
	columns "$command" > "$work/columns"
	check "the help of $command has columns" [ -s "$work/columns" ]
	awk -v command="$command" '/^\.SS /	{ inside = $2 == command }
		inside' "$(page mdev-precheck.8)" | sed 's/\\-/-/g; s/\\f[A-Z]//g' |
		grep -o -w -F -f "$work/columns" | LC_ALL=C sort -u > "$work/described"
	check_same "mdev-precheck(8) has the columns of $command" "$work/columns" "$work/described"
	bash "$work/offer" "$tool" mdev-precheck "$command" --columns '' 2>&1 | LC_ALL=C sort \
		> "$work/offered"
	check_same "bash's completion offers the columns of $command" "$work/columns" "$work/offered"
	fish_offers "$command --columns " > "$work/offered"
	check_same "fish's completion offers the columns of $command" "$work/columns" "$work/offered"
	# The completion quotes by printf %q, which writes a backslash before a comma
	sed -e '/^AVAILABLE$/d' -e 's/^/AVAILABLE\\,/' "$work/columns" > "$work/expected"
	bash "$work/offer" "$tool" mdev-precheck "$command" --columns 'AVAILABLE,' 2>&1 |
		LC_ALL=C sort > "$work/offered"
	check_same "bash's completion offers one more column of $command" "$work/expected" \
		"$work/offered"
	sed -e '/^AVAILABLE$/d' -e 's/^/AVAILABLE,/' "$work/columns" > "$work/expected"
	fish_offers "$command --columns AVAILABLE," > "$work/offered"
	check_same "fish's completion offers one more column of $command" "$work/expected" \
		"$work/offered"
done

# Completion: arguments of the program when somebody presses Tab in a line

cat > "$work/tab" <<'END'
# tab SHELL COMPLETION RESULT LINE - type LINE in an interactive shell.  zsh also writes the words
# that it offers to the file "offered" in this directory.
import os, pty, sys

shell, completion, result, line = sys.argv[1:]
child, terminal = pty.fork()
if not child:
    os.environ.update(PS1="READY> ", TERM="dumb", INPUTRC="/dev/null", HISTFILE="",
                      HOME=os.getcwd(), LC_ALL="C.UTF-8")
    if shell == "zsh":
        os.execlp("zsh", "zsh", "-f", "-i")
    os.execlp("bash", "bash", "--norc", "--noprofile", "-i")
output = b""

def wait_for(text):
    global output
    while text not in output:
        output += os.read(terminal, 4096)
    output = output[output.index(text) + len(text):]

def send(text):
    wait_for(b"READY> ")
    os.write(terminal, text.encode() + b"\n")

if shell == "zsh":
    send("unsetopt banghist beep prompt_sp; unset zle_bracketed_paste; "
         "bindkey '^I' complete-word")
    send("fpath=(" + os.path.dirname(completion) + " $fpath); autoload -Uz compinit; compinit -u -D")
    # Calls with -O, -A and -D only ask which words would match
    send("compadd() { local -a hits; [[ -n ${(M)@:#-[OAD]} ]] || { builtin compadd -A hits \"$@\"; "
         "print -rl -- $hits >> offered }; builtin compadd \"$@\" }")
else:
    send("bind 'set bell-style none'; bind 'set enable-bracketed-paste off'; "
         "set +o histexpand; . " + completion)
send("mdev-precheck() { printf '%s\\n' \"$@\" > " + result + "; }")
send(line)
send("exit")
os.waitpid(child, 0)
END

# arrives NAME LINE WORD... - test that LINE, which has a Tab, calls mdev-precheck with the words;
# "S" in them is the fixture
arrives()
{
	name=$1
	line=$2
	shift 2
	printf '%s\n' "$@" > "$work/expected"
	rm -f "$work/arrived"
	case $shell in
	bash)	completion=mdev-precheck ;;
	zsh)	completion=_mdev-precheck ;;
	esac
	(cd "$work" && ln -sfn sysfs S && rm -f offered && timeout 60 python3 "$work/tab" \
		"$shell" "$tool/completion/$completion" "$work/arrived" "$line") > "$work/log" 2>&1
	check_same "Tab in $shell completes $name" "$work/expected" "$work/arrived"
}

tab=$(printf '\t')
for shell in bash zsh; do
	arrives "a type with blanks and a quote" "mdev-precheck --sysfs S list --type it$tab" \
		--sysfs S list --type "$odd_type"
	arrives "a type with blanks and a quote after =" "mdev-precheck --sysfs=S list --type=it$tab" \
		--sysfs=S list "--type=$odd_type"
	for quote in '' '"' "'"; do
		arrives "PARENT/TYPE with the special characters of shells, after ${quote:-no quote}" \
			"mdev-precheck --sysfs S check ${quote}Bi$tab" \
			--sysfs S check "$odd_parent/$odd_type"
	done
	arrives "a PCI address" "mdev-precheck --sysfs S list --parent 0000:00:03$tab" \
		--sysfs S list --parent 0000:00:03.0
	arrives "a PCI address and a type" "mdev-precheck --sysfs S check 0000:00:04.0/$tab" \
		--sysfs S check 0000:00:04.0/i915-GVTg_V5_4
	arrives "two operands" "mdev-precheck --sysfs S check 83$tab mtty/${tab}2$tab" \
		--sysfs S check "$uuid" mtty/mtty-2
done
# zsh_offers LINE - sort the words that zsh offers for a Tab after "mdev-precheck LINE"
zsh_offers()
{
	(cd "$work" && rm -f offered && timeout 60 python3 "$work/tab" zsh \
		"$tool/completion/_mdev-precheck" /dev/null "mdev-precheck $1$tab") \
		> "$work/log" 2>&1
	sed 's/=$//' "$work/offered" | grep . | LC_ALL=C sort -u > "$work/offered.sorted"
}
for command in $commands; do
	zsh_offers "$command -"
	check_same "zsh's completion offers the options of $command" \
		"$work/$command.options" "$work/offered.sorted"
done
for command in list check; do
	columns "$command" > "$work/columns"
	for option in --columns --sort; do
		zsh_offers "$command $option "
		check_same "zsh's completion offers the columns of $command for $option" \
			"$work/columns" "$work/offered.sorted"
	done
done
zsh_offers ""
check_same "zsh's completion offers the commands" "$work/commands" "$work/offered.sorted"
zsh_offers "--sysfs S check --to east mtty/mtty-1 mt"
printf '%s\n' mtty-1 mtty-2 > "$work/expected"
check_same "zsh's completion offers types as targets of another host" "$work/expected" \
	"$work/offered.sorted"
check "no shell evaluates a name of a parent or type for its completion" sh -c "
	! find '$work' '$tool' . -maxdepth 1 -name evaluated | grep ."

# The page for authors of vendor drivers

# statements - print the statements of C on standard input that are about migration_version, a line
# each
statements()
{
	sed -e '/^[[:space:]]*\/\{0,1\}\*/d' -e '/^#/s/$/;/' | tr -s '[:space:]' ' ' |
		tr ';' '\n' | sed 's/^ //' | grep -i migration_version | sort
}

cat "$top"/patches/[0-9]-*/*.patch |
	sed -n '/^diff --git a\/include\/linux\/mdev\.h /,/^diff --git a\/[^i]/s/^+\([^+]\)/\1/p' |
	statements > "$work/expected"
page_code 'bool no_migration_version;' | statements > "$work/described"
check "the series add declarations to mdev.h" [ -s "$work/expected" ]
check_same "the page for authors of vendor drivers has the declarations of mdev.h" \
	"$work/expected" "$work/described"
tests_end
