#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The page of mdev-precheck matrix --html is valid HTML, has the answers of the text, does not need
# another file, and escapes the names and the reasons of hosts
#
# needs: precheck tidy
# check: yes
# seconds: 10

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX

make -C "$top/tools/mdev" O="$work/build" all > build.log 2>&1
result $? "mdev-precheck builds" build.log
for each in host names none vfs; do
	"$top/tools/mdev/tests/fixture.sh" "$each" "$each" || bail_out "the fixture $each was not made"
done
"$top/tools/mdev/tests/fleet.sh" fleet || bail_out "the fleet was not made"

# A fixture's name is a host; "down" cannot be reached, and "enemy" has markup in its reasons
mkdir bin
cat > bin/ssh <<'END'
#!/bin/sh
while [ "$1" != -- ]; do shift; done
case $2 in
down) echo "ssh: connect to host down port 22: No route to host" >&2; exit 255 ;;
enemy)
	{ sh -c "$3"; echo $? > enemy.status; } |
		sed -u 's|"reason":"|&\\"></td></table><script>alert(1)</script><!-- \\u202e\\u0007 -->|'
	exit "$(cat enemy.status)" ;;
*) exec sh -c "$(echo "$3" | sed "s/--fixture [a-z]*/--fixture $2/g")" ;;
esac
END
chmod +x bin/ssh
PATH="$work/bin:$PATH"

# precheck FIXTURE PAGE [OPTION...] - write a page, and the text to PAGE.txt
precheck()
{
	fixture=$1
	page=$2
	shift 2
	build/mdev-precheck --fixture "$fixture" matrix --html "$page.html" "$@" \
		> "$page.txt" 2> "$page.err"
	wrote=$?
	[ "$wrote" != 2 ] && [ -s "$page.html" ]
}

# silent COMMAND... - require that the command succeeds and prints nothing
silent()
{
	"$@" > silent.log 2>&1
	silent=$?
	cat silent.log
	[ "$silent" = 0 ] && ! [ -s silent.log ]
}

# answers PAGE - print the cells of the text: the name of a row, and its answers
answers()
{
	awk '/^TO\\FROM/ { inside = 1; next }
		/^$/	{ inside = 0 }
		inside	{ gsub(/  +/, "\t"); print }' "$1.txt"
}

# check_page NAME PAGE - test a page that precheck() has written
check_page()
{
	check "tidy finds nothing in the page of $1" silent tidy -errors -quiet "$2.html"
	check "page.py finds a whole structure and no other file in the page of $1" \
		"$top/tools/mdev/tests/page.py" "$2.html"
	answers "$2" > "$2.expected"
	"$top/tools/mdev/tests/page.py" --answers "$2.html" > "$2.actual"
	check_same "the page of $1 has the answers of the text" "$2.expected" "$2.actual"
}

# The page is UTF-8 in each locale, and the text has to be UTF-8 for a comparison
export LC_ALL=C.UTF-8
remote="$work/build/mdev-precheck --fixture host"
precheck vfs one
result $? "matrix writes the page of one host"
check_page "one host" one
check "the page of one host has yes and no" sh -c "grep -q yes one.actual && grep -q no one.actual"
precheck vfs several --to host --to down --to names --remote "$remote"
result $? "matrix writes the page of several hosts"
check_page "several hosts" several
check "the page of several hosts has a verdict that was not asked" grep -F '?' several.actual
check "the page of several hosts names the host that was not reached" \
	grep '>down: <b>not asked' several.html
precheck names names
check_page "names with control bytes" names
check "the page of names does not escape UTF-8" grep -F "$(printf 'caf\303\251')" names.html
precheck none none
check_page "a host without mdev" none
# shellcheck disable=SC2046 # names without blanks
precheck vfs fleet-page --type nvidia-63 $(sed 's|.*|--from fleet/&.json|' fleet/hosts)
check_page "500 documents" fleet-page
check "the page of 500 documents has less than 100 kB" \
	[ "$(wc -c < fleet-page.html)" -lt 100000 ]
LC_ALL=C precheck names ascii
sed 's|<time.*</time>||' ascii.html > ascii
sed 's|<time.*</time>||' names.html > utf8
check_same "the page is the same in a locale without UTF-8" utf8 ascii

# Markup in a type, a parent, a host and a version of a document, and in the reason of a host
cat > enemy.json <<'END'
{"format":"mdev-precheck-types","format_version":1,"host":"h\"><script>alert(1)</script>","types":[
{"parent":"p' onclick='alert(1)\u202egnp\u0007\u2028","type":"t\"><script>alert(1)<b a='","name":null,"device_api":null,"available_instances":null,"devices":[],"migration_version":"</code><img src=x onerror=alert(1)>&amp;","state":"read","errno":null}
],"unread":[]}
END
precheck host enemy --from enemy.json --to enemy --remote "$remote"
result $? "matrix writes the page of names that are markup" enemy.err
check_page "names that are markup" enemy
# shellcheck disable=SC2016 # for the inner shell
check "the page has each name that is markup as text" sh -c '
	for text in "h&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" "p&#39; onclick=&#39;alert(1)" \
		"t&quot;&gt;&lt;script&gt;alert(1)&lt;b a=&#39;" \
		"&lt;/code&gt;&lt;img src=x onerror=alert(1)&gt;&amp;amp;" \
		"&quot;&gt;&lt;/td&gt;&lt;/table&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;!--"; do
		grep -q -F -e "$text" enemy.html || { echo "$text"; exit 1; }
	done'

# Pages with a fault, which page.py must find
mkdir faults
sed 's/ scope="row"//' one.html > faults/header.html
sed 's/<caption.*//' one.html > faults/caption.html
sed 's/<td class="yes">yes/<td class="no">yes/' one.html > faults/word.html
sed 's/ id="t1-r[0-9]*"//' one.html > faults/reason.html
sed 's/--yes-text: #004028/--yes-text: #80c0a0/' one.html > faults/contrast.html
sed 's/<h3>/<h4>/; s/<\/h3>/<\/h4>/' one.html > faults/heading.html
sed 's/yes<\/td>/<script>alert(1)<\/script>&/' one.html > faults/script.html
for fault in faults/*.html; do
	name=${fault#faults/}
	check "page.py finds the fault of a page: ${name%.html}" sh -c \
		"! cmp -s $fault one.html && ! '$top/tools/mdev/tests/page.py' $fault"
done
tests_end
