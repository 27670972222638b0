#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A browser shows the page of mdev-precheck matrix --html.  Each verdict has its colour, the
# keyboard and a screen reader reach the reasons, and the names of a host are not executed.  The
# pictures NAME-light.png, -dark, -narrow and -print are for people.
#
# make check does not run this test, because a browser has hundreds of megabytes.
#
# needs: precheck chromium
# seconds: 20

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX

make -C "$top/tools/mdev" O="$work/build" all > build.log 2>&1
result $? "mdev-precheck builds" build.log
"$top/tools/mdev/tests/fixture.sh" host host || bail_out "the fixture host was not made"

# Names and a version that would be markup if they were not escaped
cat > enemy.json <<'END'
{"format":"mdev-precheck-types","format_version":1,"host":"h\"><script>alert(1)</script>","types":[
{"parent":"p' onclick='alert(1)","type":"serial-1","name":null,"device_api":null,"available_instances":null,"devices":[],"migration_version":"</code><img src=x onerror=alert(1)><script>alert(1)</script>","state":"read","errno":null}
],"unread":[]}
END
build/mdev-precheck --fixture host matrix -q --html page.html --from enemy.json
check "matrix --html writes a page" [ -s page.html ]

# look NAME - open NAME.html in the browser, and write the facts about it to NAME.facts
look()
{
	timeout 300 "$top/tools/mdev/tests/browser.py" "$1.html" "$1" > "$1.facts"
}

cat > expected <<'END'
light yes: rgb(201, 239, 219) rgb(0, 64, 40)
light no: rgb(179, 38, 30) rgb(255, 255, 255)
light unknown: rgb(255, 224, 138) rgb(69, 49, 0)
light is as wide as the window: True
dark yes: rgb(15, 74, 51) rgb(211, 246, 228)
dark no: rgb(242, 164, 155) rgb(74, 6, 2)
dark unknown: rgb(92, 71, 0) rgb(255, 234, 176)
dark is as wide as the window: True
narrow is as wide as the window: True
focus: no
title: the source's type has no migration_version
reason: no: the source's type has no migration_version
role main: some
role navigation: some
role heading: some
role table: some
role columnheader: some
role rowheader: some
role region: some
description: the source's type has no migration_version
END
check "chromium shows the page of matrix" look page
check_same "verdicts have colours, reasons can be reached, and no script is executed" expected page.facts
for picture in light dark narrow print; do
	check "chromium makes a picture of the page: $picture" [ -s "page-$picture.png" ]
done

# Pages with a fault, which the comparison must find
sed 's/--no: #b3261e/--no: #b3261f/' page.html > style.html
sed 's/<td class="no">/<td class="nothing">/' page.html > class.html
sed 's/&lt;script&gt;/<script>/; s/&lt;\/script&gt;/<\/script>/' page.html > script.html
sed 's/ title="[^"]*"//' page.html > title.html
sed 's/ id="t1-r1"//' page.html > reason.html
for fault in style class script title reason; do
	look "$fault"
	check "the comparison of facts finds the fault of a page: $fault" sh -c \
		"! cmp page.html $fault.html && [ -s $fault.facts ] && ! cmp expected $fault.facts"
done
tests_end
