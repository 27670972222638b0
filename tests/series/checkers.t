#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's slower checkers accept the series on Linux KERNEL.  coccicheck reads each commit;
# Sphinx, docutils, kernel-doc, get_abi and get_maintainer.pl read the last one.  A finding of
# coccicheck counts if the commit before does not have it.
#
# kernels: 7.3 6.12 6.1
# needs: checkers
# seconds: 300

set -u
. "$(dirname -- "$0")/series.sh"

directories="drivers/vfio/mdev samples/vfio-mdev"
# The upstream page that the series extends, and the pages that the series adds
pages="vfio-mediated-device $(overlay_files |
	sed -n 's|^Documentation/driver-api/\(.*\)\.rst$|\1|p' | paste -s -d ' ')"

# cocci_results - print the file for the findings of coccicheck in each directory.  The file's name
# is a hash of everything that the findings depend on, so that the file stays for later runs.
cocci_results()
{
	for directory in $directories; do
		{
			spatch --version
			git -C "$linux" rev-parse "HEAD:$directory"
			echo "$ksrc"
		} | sha1sum | sed "s|^\([0-9a-f]*\) .*|$top/build/coccicheck/\1|"
	done
}

# cocci_collect NUMBER - copy the directories of the commit that is checked out.  One run of
# coccicheck reads the copies of all commits, because each run takes half a minute to begin.
cocci_collect()
{
	cocci_results > "$work/cocci.$1.results"
	for directory in $directories; do
		read -r results
		[ -f "$results" ] || [ -d "$work/cocci/${results##*/}" ] ||
			cp -R "$linux/$directory" "$work/cocci/${results##*/}" || return
	done < "$work/cocci.$1.results"
}

coccinelle()
{
	[ -n "$(ls "$work/cocci")" ] || return 0
	kbuild coccicheck MODE=report M="$work/cocci" J="$(nproc)" \
		DEBUG_FILE="$work/cocci.debug" > "$work/cocci.log" 2>&1 ||
		{ tail -n 5 "$work/cocci.log"; return 1; }
	# coccicheck also succeeds if it does not run spatch
	grep -q 'spatch -D report' "$work/cocci.debug" ||
		{ echo "coccicheck did not run spatch"; return 1; }
	mkdir -p "$top/build/coccicheck"
	for each in "$work/cocci"/*; do
		results=$top/build/coccicheck/${each##*/}
		sed -n "s|^$each/\(.*\.[ch]\):[0-9]*:[0-9-]*:|\1:|p" \
			"$work/cocci.log" | sed 's/ on line [0-9]*/ on line N/' |
			sort -u > "$results.new"
		mv "$results.new" "$results"
	done
}

# nothing_new_of_cocci BEFORE AFTER - compare the findings in two commits, by their numbers
nothing_new_of_cocci()
{
	for each in "$1" "$2"; do
		xargs cat < "$work/cocci.$each.results" | sort > "$work/cocci.$each" || return
	done
	nothing_new "$work/cocci.$1" "$work/cocci.$2"
}

# kernel-doc and get_abi exit with success although they print an error
kernel_doc()
{
	# The kernel-doc of 6.1 does not have the option
	wall=
	! scripts/kernel-doc -h 2>&1 | grep -q -e -Wall || wall=-Wall
	# shellcheck disable=SC2086 # none or one option
	nothing_printed scripts/kernel-doc -none $wall \
		drivers/vfio/mdev/mdev_migration.c \
		drivers/vfio/mdev/mdev_driver.c \
		include/linux/mdev.h samples/vfio-mdev/mdpy_migration.h \
		samples/vfio-mdev/migration_version.h
}

get_abi()
{
	mkdir -p "$work/abi/testing"
	cp Documentation/ABI/testing/sysfs-bus-vfio-mdev "$work/abi/testing/" || return
	if [ -f scripts/get_abi.pl ]; then
		nothing_printed perl scripts/get_abi.pl --dir "$work/abi" validate
	else
		nothing_printed python3 tools/docs/get_abi.py --dir "$work/abi" validate
	fi
}

nothing_printed()
{
	"$@" > "$work/printed" 2>&1 || { cat "$work/printed"; return 1; }
	cat "$work/printed"
	[ ! -s "$work/printed" ]
}

# rst PAGE - parse the page by docutils, without the directive of kernel-doc, which Sphinx adds
rst()
{
	sed '/^\.\. kernel-doc::/,/^$/d' "$1" > "$work/page.rst"
	rst2html --halt=2 --no-raw --file-insertion-enabled "$work/page.rst" /dev/null
}

# html_pages - make the pages of the series by Sphinx.  They get a chapter of their own, because
# Sphinx takes minutes for all of driver-api.
html_pages()
{
	chapter=Documentation/mdev-pages
	mkdir -p "$chapter"
	for page in $pages; do
		cp "Documentation/driver-api/$page.rst" "$chapter/" || return
	done
	{
		printf 'mdev\n====\n\n.. toctree::\n\n'
		# shellcheck disable=SC2086 # a list of names
		printf '   %s\n' $pages
	} > "$chapter/index.rst"
	make -s -C "$linux" O="$work/html" htmldocs SPHINXDIRS="${chapter##*/}" \
		> "$work/html.log" 2>&1
	status=$?
	rm -r "$chapter"
	[ "$status" = 0 ] || tail -n 20 "$work/html.log"
	return "$status"
}

# Sphinx succeeds although it prints a warning, which has a file's name.  This is the header's name
# if the description of a structure comes from there.  Some versions print the directory, too.
no_html_warning()
{
	! grep -E 'mdev-pages|vfio-mediated-device|sysfs-bus-vfio-mdev|include/linux/mdev.h' \
		"$work/html.log" | grep -i -E 'warning|error|severe'
}

# maintained - require that get_maintainer.pl prints our address for each new file
maintained()
{
	while read -r file; do
		perl scripts/get_maintainer.pl --nogit --nogit-fallback -f "$file" |
			grep -q -F "$(sed -n 's/^M:\t//p' "$top/MAINTAINERS")" ||
			{ echo "MAINTAINERS does not have an entry of ours for $file"; return 1; }
	done < "$work/added"
}

apply_series

git checkout -q base
check "Linux $KERNEL takes the options of tests/series/config" make_config
mkdir "$work/cocci"
cocci_collect 0 || bail_out "the directories cannot be copied for coccicheck"
number=0
for commit in $commits; do
	number=$((number + 1))
	git checkout -q "$commit"
	cocci_collect "$number" || bail_out "the directories cannot be copied for coccicheck"
done
check "coccicheck reads the directories of each commit" coccinelle
number=0
for commit in $commits; do
	number=$((number + 1))
	check "coccicheck has no new finding in \"$(git log -1 --format=%s "$commit")\"" \
		nothing_new_of_cocci "$((number - 1))" "$number"
done

check "kernel-doc has no warning on the sources of the series" kernel_doc
check "get_abi has no warning on the ABI entry of the series" get_abi
check "Sphinx makes the pages of the series" html_pages
check "Sphinx has no warning on the pages of the series" no_html_warning
for page in $pages; do
	check "docutils parses $page.rst" rst "Documentation/driver-api/$page.rst"
	check "driver-api/index.rst lists $page" \
		grep -q -x "   $page" Documentation/driver-api/index.rst
	check "Sphinx makes $page.html" test -s "$(find "$work/html" -name "$page.html")"
done
git diff --name-only --no-renames --diff-filter=A base series > "$work/added"
check "get_maintainer.pl names our entry for each new file" maintained
tests_end
