#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# make edit and make refresh: to the byte there and back, twice the same as
# once, and what is changed in the tree arrives where it belongs
#
# needs: tree source-6.1 source-6.12 source-7.3
# check: yes
# seconds: 45

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

# changed PATH... - these files, and no others
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
# patch SUBJECT - its file, whatever number it has
patch()
{
	(cd patches && echo [0-9][0-9][0-9][0-9]-"$1".patch)
}

callbacks=$(patch vfio-mdev-Add-callbacks-for-a-migration-version)
attribute=$(patch vfio-mdev-Add-the-migration_version-attribute)
mtty=$(patch vfio-mtty-Report-and-check-a-migration-version)

sed -i 's/^\/\* Vendors log the strings.*/\/* A changed comment *\//' \
	"$tree/drivers/vfio/mdev/mdev_migration.c"
check 'make refresh refuses a change that is not committed' \
	sh -c '! make -s refresh KERNEL=6.12'
check 'make refresh writes nothing if a change is not committed' unchanged
amend "$(commit_of 'Add callbacks')"
check 'make edit succeeds if the tree has work that is not written' make -s edit KERNEL=6.12
check 'make refresh takes a change of a new file' make -s refresh KERNEL=6.12
check 'make refresh writes the new file that a commit changes, and no other' changed drivers/vfio/mdev/mdev_migration.c

sed -i 's/this type cannot migrate/devices of this type cannot migrate/' \
	"$tree/include/linux/mdev.h"
amend "$(commit_of 'Add callbacks')"
check 'make refresh takes a change of an upstream file' make -s refresh KERNEL=6.12
check 'make refresh writes the patch of the upstream file that a commit changes' changed drivers/vfio/mdev/mdev_migration.c \
	"patches/$callbacks"
abi=Documentation/ABI/testing/sysfs-bus-vfio-mdev
(cd "$tree" && git checkout -q base -- $abi)
amend "$(commit_of 'Add the migration_version attribute')"
check 'make refresh takes a commit that does not edit a file any more' \
	make -s refresh KERNEL=6.12
check 'a patch loses its hunks of a file that its commit does not edit any more' sh -c "! grep -q '^diff.*$abi' 'patches/$attribute'"
check 'a patch keeps its other hunks if its commit does not edit a file any more' grep -q '^diff.*mdev_sysfs.c' \
	"patches/$attribute"
git checkout -q "patches/$attribute"
rm -rf build/6.12/edit
make -s edit KERNEL=6.12 > "$work/log" 2>&1
for kernel in $kernels; do
	check "the series with a changed hunk applies to Linux $kernel" make -s edit KERNEL="$kernel"
done

tree=$PWD/build/6.1/edit
sed -i 's/Of the migration stream/Of the stream/' "$tree/samples/vfio-mdev/mtty.c"
amend "$(commit_of 'vfio/mtty')"
check 'make refresh takes a change of a hunk that Linux 6.1 has its own patch for' make -s refresh KERNEL=6.1
check 'make refresh writes the patch of Linux 6.1' changed drivers/vfio/mdev/mdev_migration.c \
	"patches/$callbacks" "patches/6.1/$mtty"
check 'the patch of Linux 6.1 keeps its explanation' grep -q '^Linux 6.1 has no VFIO migration' \
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
	sed -i 's/mdev_driver\.o$/mdev_driver.o news.o/' drivers/vfio/mdev/Makefile
	sed -i 's|^F:	drivers/vfio/mdev/mdev_migration|F:	drivers/vfio/mdev/news.c\n&|' \
		MAINTAINERS
	git add drivers
	git commit -q -a -m 'vfio/mdev: Add news' -m 'A commit of its own.'
)
check 'make refresh takes a new commit' make -s refresh KERNEL=7.3
check 'make refresh writes the patch, the new file and the entry of a new commit' changed MAINTAINERS \
	drivers/vfio/mdev/news.c "patches/$(patch vfio-mdev-Add-news)"
check 'make distclean refuses to remove work that is not written' sh -c "
	echo >> '$tree/drivers/vfio/mdev/news.c'; ! make -s distclean && [ -d '$tree' ]"
check 'make clean leaves the tree of make edit, and removes the rest of build/' sh -c "
	mkdir -p build/6.12 && : > build/6.12/mdev.ko && make -s clean && [ -d '$tree' ] && [ ! -e build/6.12 ]"
git -C "$tree" checkout -q .
(cd "$tree" && git reset -q --hard HEAD^)
check 'make refresh takes a series without a former commit' make -s refresh KERNEL=7.3
check 'make refresh removes the files and the part of the entry of a former commit' unchanged
check 'make distclean leaves nothing of build/' sh -c 'make -s distclean && [ ! -e build ]'
tests_end
