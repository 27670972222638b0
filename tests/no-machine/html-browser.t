#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A browser shows the page of mdev-precheck matrix --html: each verdict in its colour, reasons that
# the keyboard and a screen reader come to, and nothing that a host's names could execute.
# The pictures are for people: NAME-light.png, -dark, -narrow and -print.
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
"$top/tools/mdev/tests/fixture.sh" host host || bail_out "no fixture"

# Names and a version that are markup, if they are not escaped
cat > enemy.json <<'END'
{"format":"mdev-precheck-types","format_version":1,"host":"h\"><script>alert(1)</script>","types":[
{"parent":"p' onclick='alert(1)","type":"serial-1","name":null,"device_api":null,"available_instances":null,"devices":[],"migration_version":"</code><img src=x onerror=alert(1)><script>alert(1)</script>","state":"read","errno":null}
],"unread":[]}
END
build/mdev-precheck --fixture host matrix -q --html page.html --from enemy.json
check "matrix writes a page" [ -s page.html ]

# look NAME - what the browser makes of NAME.html
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
check "chromium shows the page" look page
check_same "verdicts have colours, reasons are found, and nothing is executed" expected page.facts
for picture in light dark narrow print; do
	check "there is a picture of the page: $picture" [ -s "page-$picture.png" ]
done

# Faults that the check finds
sed 's/--no: #b3261e/--no: #b3261f/' page.html > style.html
sed 's/<td class="no">/<td class="nothing">/' page.html > class.html
sed 's/&lt;script&gt;/<script>/; s/&lt;\/script&gt;/<\/script>/' page.html > script.html
sed 's/ title="[^"]*"//' page.html > title.html
sed 's/ id="t1-r1"//' page.html > reason.html
for fault in style class script title reason; do
	look "$fault"
	check "a page with a fault is another one: $fault" sh -c \
		"! cmp page.html $fault.html && [ -s $fault.facts ] && ! cmp expected $fault.facts"
done
tests_end
