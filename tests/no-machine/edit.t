#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# make edit and make refresh change no byte if the tree was not changed.  make
# refresh writes each change to its patch or file, in its series.
#
# needs: tree source-6.1 source-6.12 source-7.3
# check: yes
# seconds: 80

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$top" || exit
unset KSRC
export GIT_AUTHOR_NAME=editor GIT_AUTHOR_EMAIL=editor
export GIT_COMMITTER_NAME=editor GIT_COMMITTER_EMAIL=editor
git clone -q . "$work/checkout" || bail_out "git clone failed"
cd "$work/checkout" || exit

unchanged()
{
	git status --porcelain > "$work/status"
	cat "$work/status"
	[ ! -s "$work/status" ]
}

# changed PATH... - require that git finds changes in these files and no others
changed()
{
	git status --porcelain | cut -c 4- | sort > "$work/changed"
	printf '%s\n' "$@" | sort | diff -u - "$work/changed"
}

amend()
{
	(cd "$tree" && git commit -q -a --fixup "$1" &&
	 GIT_SEQUENCE_EDITOR=: git rebase -q -i --autosquash base)
}

commit_of()
{
	git -C "$tree" log -1 --format=%H --grep "$1" base..HEAD
}

kernels=$(awk '/^[0-9]/ { print $1 }' scripts/kernels)
for kernel in $kernels; do
	check "make edit opens the series on Linux $kernel" make -s edit KERNEL="$kernel"
	check "a second make edit succeeds on Linux $kernel" make -s edit KERNEL="$kernel"
	check "make refresh writes the series of Linux $kernel" make -s refresh KERNEL="$kernel"
	check "a second make refresh succeeds on Linux $kernel" make -s refresh KERNEL="$kernel"
	check "make edit and make refresh change no byte on Linux $kernel" unchanged
done

tree=$PWD/build/6.12/edit
# patch SLUG - print the path of a patch, which has any series and number
patch()
{
	echo patches/[0-9]-*/[0-9][0-9][0-9][0-9]-"$1".patch
}

callbacks=$(patch vfio-mdev-Add-callbacks-for-a-migration-version)
attribute=$(patch vfio-mdev-Add-the-migration_version-attribute)
mtty=vfio-mtty-Report-and-check-a-migration-version.patch

# The line is added, because the text of a line could change later
echo '/* One line more */' >> "$tree/samples/vfio-mdev/migration_version.h"
check 'make refresh refuses a change that is not committed' \
	sh -c '! make -s refresh KERNEL=6.12'
check 'make refresh writes nothing if a change is not committed' unchanged
amend "$(commit_of 'vfio/mtty: Report')"
check 'make edit succeeds if the tree has work that is not written' make -s edit KERNEL=6.12
check 'make refresh takes a change of a new file' make -s refresh KERNEL=6.12
check 'make refresh writes the new file that a commit changes, and no other' changed samples/vfio-mdev/migration_version.h

sed -i 's/this type cannot migrate/devices of this type cannot migrate/' \
	"$tree/include/linux/mdev.h"
amend "$(commit_of 'Add callbacks')"
check 'make refresh takes a change of an upstream file' make -s refresh KERNEL=6.12
check 'make refresh writes the patch of the upstream file that a commit changes' changed \
	"$callbacks" samples/vfio-mdev/migration_version.h
abi=Documentation/ABI/testing/sysfs-bus-vfio-mdev
(cd "$tree" && git checkout -q base -- $abi)
amend "$(commit_of 'Add the migration_version attribute')"
check 'make refresh takes a commit that does not edit a file any more' \
	make -s refresh KERNEL=6.12
check 'a patch loses its hunks of a file that its commit does not edit any more' sh -c "! grep -q '^diff.*$abi' '$attribute'"
check 'a patch keeps its other hunks if its commit does not edit a file any more' grep -q '^diff.*mdev_sysfs.c' \
	"$attribute"
git checkout -q "$attribute"
rm -rf build/6.12/edit
make -s edit KERNEL=6.12 > "$work/log" 2>&1
for kernel in $kernels; do
	check "the series with a changed hunk applies to Linux $kernel" make -s edit KERNEL="$kernel"
done

tree=$PWD/build/6.1/edit
sed -i 's/Numbers of the migration stream/Numbers of the stream/' "$tree/samples/vfio-mdev/mtty.c"
amend "$(commit_of 'vfio/mtty')"
check 'make refresh takes a change of a hunk for which Linux 6.1 has its own patch' make -s refresh KERNEL=6.1
check 'make refresh writes the patch of Linux 6.1' changed samples/vfio-mdev/migration_version.h \
	"$callbacks" "patches/6.1/$mtty"
check 'the patch of Linux 6.1 keeps its explanation' grep -q '^mtty of Linux 6.1 does not migrate' \
	"patches/6.1/$mtty"
git checkout -q .

check 'make refresh refuses to overwrite a change by hand since make edit' \
	sh -c '! make -s refresh KERNEL=6.1'
check 'make refresh writes nothing after a change by hand' unchanged
rm -rf build

make -s edit KERNEL=7.3 > "$work/log" 2>&1
tree=$PWD/build/7.3/edit
(
	cd "$tree" || exit
	printf '// SPDX-License-Identifier: GPL-2.0-only\n' > drivers/vfio/mdev/news.c
	sed -i 's/mdev_migration\.o$/mdev_migration.o news.o/' drivers/vfio/mdev/Makefile
	sed -i 's|^F:	drivers/vfio/mdev/mdev_migration|F:	drivers/vfio/mdev/news.c\n&|' \
		MAINTAINERS
	git add drivers
	git commit -q -a -m 'vfio/mdev: Add news' -m 'A commit of its own.'
)
check 'make refresh takes a new commit' make -s refresh KERNEL=7.3
check 'make refresh writes the patch, the new file and the entry of a new commit' changed MAINTAINERS \
	drivers/vfio/mdev/news.c "$(patch vfio-mdev-Add-news)"
last=$(find patches -path 'patches/[0-9]-*' -type d | sort | tail -n 1)
check 'make refresh puts a new last commit into the last series' \
	[ "$(patch vfio-mdev-Add-news)" = "$(find "$last" -name '*.patch' | sort | tail -n 1)" ]
check 'make distclean refuses to remove work that is not written' sh -c "
	echo >> '$tree/drivers/vfio/mdev/news.c'; ! make -s distclean && [ -d '$tree' ]"
check 'make clean leaves the tree of make edit, and removes the rest of build/' sh -c "
	mkdir -p build/6.12 && : > build/6.12/mdev.ko && make -s clean && [ -d '$tree' ] && [ ! -e build/6.12 ]"
git -C "$tree" checkout -q .
(cd "$tree" && git reset -q --hard HEAD^)
check 'make refresh takes a series without a former commit' make -s refresh KERNEL=7.3
check 'make refresh removes the files and the part of the entry of a former commit' unchanged

news=drivers/vfio/mdev/news.c
(
	cd "$tree" || exit
	printf '/* %s text */\n' First a b c d e > $news
	git add $news
	git commit -q -m 'vfio/mdev: Add news'
	echo '/* Second text */' >> $news
	git commit -q -a -m 'vfio/mdev: Print more news'
	echo '/* Third text */' >> $news
	git commit -q -a -m 'vfio/mdev: Print all news'
)
check 'make refresh takes a new file that later commits change' make -s refresh KERNEL=7.3
check 'make refresh writes the last text of a file that grows, and a patch for each commit' \
	changed $news "$(patch vfio-mdev-Add-news)" "$(patch vfio-mdev-Print-more-news)" \
	"$(patch vfio-mdev-Print-all-news)"
check 'the overlay has the last text of a file that grows' grep -q 'Third text' $news
check 'the patch of a commit that changes a new file has hunks for it' \
	grep -q "^diff --git a/$news" "$(patch vfio-mdev-Print-more-news)"
check 'the patch of a commit that changes a new file does not list it' \
	sh -c "! grep -q '^ $news' '$(patch vfio-mdev-Print-more-news)'"
rm -rf "$tree"
make -s edit KERNEL=7.3 > "$work/log" 2>&1
check 'make edit takes later hunks back from a file that grows in the commit that adds it' \
	[ "$(git -C "$tree" show "HEAD~2:$news" | tail -n 1)" = '/* e text */' ]
check 'make edit takes later hunks back from a file that grows in a commit between' \
	[ "$(git -C "$tree" show "HEAD~1:$news" | tail -n 1)" = '/* Second text */' ]
sed -i '1i /* Text of a hand */' $news
rm -rf "$tree"
cp -R patches "$work/patches"
make -s edit KERNEL=7.3 > "$work/log" 2>&1
check 'make refresh takes a file that grows and was changed by hand' make -s refresh KERNEL=7.3
check 'make refresh keeps later hunks of a file that grows and was changed by hand elsewhere' \
	diff -r patches "$work/patches"
rm -r "$work/patches"
sed -i 's/First/Other/' "$tree/$news"
(cd "$tree" && git commit -q -a -m 'vfio/mdev: Replace news')
check 'make refresh takes another change of a file that grows' make -s refresh KERNEL=7.3
sed -i 's/Second text/Hand-written text/' $news
check 'make edit names the patch and the file if a later hunk cannot be taken back' sh -c "
	rm -rf '$tree'
	! make -s edit KERNEL=7.3 > '$work/refused' 2>&1 &&
	grep 'the hunks of patches/.*-news.patch cannot be taken back from the overlay.s $news' '$work/refused'"
git checkout -q .
git clean -q -f patches drivers
make -s edit KERNEL=7.3 > "$work/log" 2>&1

first=$(basename patches/1-*)
second=$(basename patches/2-*)
(
	cd "$tree" || exit
	git checkout -q --detach "series/$first"
	echo '/* New */' > $news
	git add $news
	git commit -q -m 'vfio/mdev: Add news'
	git rebase -q --onto HEAD "series/$first" series
)
check 'make refresh takes a new commit in the middle' make -s refresh KERNEL=7.3
check 'make refresh puts a new commit behind the last commit of a series into that series' \
	[ -f "patches/$first/$(printf '%04d' "$(find "patches/$first" -name '*.patch' | wc -l)")-vfio-mdev-Add-news.patch" ]
check 'make refresh renumbers no patch of another series' \
	changed "$(patch vfio-mdev-Add-news)" $news
mv "$(patch vfio-mdev-Add-news)" "patches/$second/0000-vfio-mdev-Add-news.patch"
check 'make refresh takes a patch that was moved to another series' make -s refresh KERNEL=7.3
check 'a patch that was moved to another series gets its number there' \
	[ -f "patches/$second/0001-vfio-mdev-Add-news.patch" ]
check 'the patches behind a moved patch get the next numbers' \
	[ ! -e "patches/$second/0000-vfio-mdev-Add-news.patch" ]
mv "patches/$second/0001-vfio-mdev-Add-news.patch" "patches/$first/0001-vfio-mdev-Add-news.patch"
cp -R patches "$work/patches"
(cd "$tree" &&
 GIT_SEQUENCE_EDITOR="sed -i -e '/Add news/{h;d}' -e '/Add callbacks/G'" git rebase -q -i base)
check 'make refresh refuses a commit between commits of another series, and names its file' sh -c "
	! make -s refresh KERNEL=7.3 > '$work/refused' 2>&1 &&
	grep 'the commit of patches/$first/0001-vfio-mdev-Add-news.patch follows the commit of patches/$second/.*-Add-callbacks.*git mv one of the files' '$work/refused'"
check 'make refresh writes nothing if a commit is between commits of another series' \
	diff -r patches "$work/patches"
mv "patches/$first/0001-vfio-mdev-Add-news.patch" "patches/$second/9999-vfio-mdev-Add-news.patch"
check 'make refresh takes a commit after its file was moved to the series around it' \
	make -s refresh KERNEL=7.3
check 'a commit whose file was moved gets its number in the series around it' sh -c "
	ls 'patches/$second/' | grep -A 1 Add-callbacks | grep Add-news"
(cd "$tree" && git commit -q --allow-empty -m 'vfio/mdev: Add news')
check 'make refresh refuses two commits with one subject' sh -c "
	! make -s refresh KERNEL=7.3 > '$work/refused' 2>&1 &&
	grep 'two commits would have the file name vfio-mdev-Add-news.patch' '$work/refused'"
(cd "$tree" && git checkout -q -B series written && GIT_SEQUENCE_EDITOR="sed -i '/Add news/d'" git rebase -q -i base)
check 'make refresh takes the series without the second commit of a subject' make -s refresh KERNEL=7.3
check 'make refresh writes the former patches and numbers after all moves' unchanged
check 'make distclean removes build/' sh -c 'make -s distclean && [ ! -e build ]'
tests_end
