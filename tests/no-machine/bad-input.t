#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The scripts refuse bad input and bad surroundings with one line, which names the input and
# the expected value, and leave no half-made file
#
# needs: machine source-6.12
# check: yes
# seconds: 50

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$top" || exit
ksrc=$(scripts/kernel source 6.12) || bail_out "scripts/kernel source failed for Linux 6.12"
export KERNEL=6.12 ACCEL=tcg
# apt-get fails here on purpose, so that its seconds do not count as the run's
unset KSRC KDIR INSTALL_MOD_PATH APT_SECONDS

# The test has a checkout of its own, whose build/ nothing else uses
git clone -q . "$work/checkout" || bail_out "git clone failed"
cd "$work/checkout" || exit

# refuses NAME EXPECTED COMMAND... - test that the command fails with one line that has EXPECTED
refuses()
{
	name=$1
	expected=$2
	shift 2
	"$@" > "$work/log" 2>&1 < /dev/null && status=0 || status=$?
	if [ "$status" != 0 ] &&
	   [ "$(grep -c '^error: ' "$work/log")" = 1 ] &&
	   grep '^error: ' "$work/log" | grep -q -e "$expected"; then
		result 0 "$name"
	else
		echo "(status $status, expected an error with: $expected)" >> "$work/log"
		result 1 "$name" "$work/log"
	fi
}

# stub NAME COMMAND - make a program of that name, which stubbed finds first in PATH
stubs=$work/stubs
mkdir "$stubs"
stub()
{
	printf '#!/bin/sh\n%s\n' "$2" > "$stubs/$1"
	chmod +x "$stubs/$1"
}

stubbed()
{
	PATH="$stubs:$PATH" "$@"
	status=$?
	rm -f "$stubs"/*
	return "$status"
}

# nothing_left DIR - require that the directory does not have a temporary file of ours
nothing_left()
{
	! find "$1" -name 'tmp.*' | grep .
}

for target in run modules series edit cross-compile; do
	refuses "make $target refuses KERNEL=5.10" 'KERNEL=5.10 is not supported; the kernels are: 6.1 6.12 7.3' \
		make $target KERNEL=5.10
done
refuses 'make modules refuses KERNEL=6.12x' 'KERNEL=6.12x is not supported' make modules KERNEL=6.12x
refuses 'make modules does not take KERNEL=.* as a pattern' 'is not supported' make modules 'KERNEL=.*'
refuses 'make run refuses a kernel whose source alone is available' 'KERNEL=7.3 is here as source only' \
	make run KERNEL=7.3

mkdir "$work/no-kernel"
refuses 'make series refuses a KSRC that is not a kernel tree' "KSRC=$work/no-kernel is not a Linux source tree: it does not have Makefile" \
	make series KSRC="$work/no-kernel"
refuses 'make edit refuses a KSRC that does not exist' "KSRC=$work/nowhere is not a Linux source tree" \
	make edit KSRC="$work/nowhere"
make -s edit > "$work/log" 2>&1
mkdir "$work/patched"
(cd "$ksrc" && cp -R -l -- * "$work/patched/")
cp --remove-destination build/6.12/edit/include/linux/mdev.h \
	"$work/patched/include/linux/mdev.h"
refuses 'make series refuses a KSRC that has the patches already' "KSRC=$work/patched has the patches already" \
	make series KSRC="$work/patched"
refuses 'make modules refuses a KSRC that is not configured' "KSRC=$ksrc is not configured: give KDIR=" \
	make modules KSRC="$ksrc"
refuses 'make modules refuses a KDIR that is not a build directory' "KDIR=$work/no-kernel is not the build directory" \
	make modules KSRC="$ksrc" KDIR="$work/no-kernel"
# A removal of the package of the headers leaves such a link
mkdir -p "$work/lib/modules/5.10.0-9-amd64"
ln -s "$work/nowhere" "$work/lib/modules/5.10.0-9-amd64/build"
for target in modules modules_install; do
	refuses "make $target names the package of headers that are not installed" \
		'/lib/modules/5.10.0-9-amd64/build does not exist; .* linux-headers-5.10.0-9-amd64$' \
		make $target KDIR="$work/lib/modules/5.10.0-9-amd64/build"
done
refuses 'make driver names the package of headers that are not installed' 'linux-headers-5.10.0-9-amd64$' \
	make driver SOURCE="$top/tests/machine/errno_driver.c" \
		KDIR="$work/lib/modules/5.10.0-9-amd64/build"
# shellcheck disable=SC2016 # the stub's own arguments
stub uname 'if [ "$*" = -r ]; then echo 5.10.0-9-amd64; else exec /usr/bin/uname "$@"; fi'
refuses 'make modules_install requires KDIR for another kernel than the running one' \
	'this machine runs Linux 5.10.0-9-amd64, and the modules are for 6.12.*; make modules_install KDIR=' \
	stubbed make modules_install
check 'make modules_install refuses another kernel than the running one before it builds' sh -c "
	! grep -q building '$work/log' && [ ! -e build/6.12/mdev.ko ]"
refuses 'make run refuses KSRC, which cannot be booted' 'the machine boots a kernel of the distribution' \
	make run KSRC="$ksrc"

refuses 'make guest requires RUN' "RUN='command' is missing" make guest
refuses 'make guest refuses FILES with a file that does not exist' 'FILES names nowhere, which is not there' \
	make guest RUN=true FILES=nowhere
mkdir "$work/etc"
refuses 'make guest refuses FILES with a name that the machine has already' "the machine has a /etc already" \
	make guest RUN=true FILES="$work/etc"
refuses 'make guest refuses a TIMEOUT that is not a number' 'TIMEOUT=soon is not a number of seconds' \
	make guest RUN=true TIMEOUT=soon

refuses 'make conformance requires SOURCE' 'SOURCE is missing' make conformance PARENT=acme TYPE=acme-1
refuses 'make conformance requires PARENT' 'PARENT is missing' make conformance SOURCE=acme.c TYPE=acme-1
refuses 'make conformance requires TYPE' 'TYPE is missing, expected .* of acme' \
	make conformance SOURCE=acme.c PARENT=acme
refuses 'make conformance refuses a PARENT that is a path' 'PARENT=/sys/class/mdev_bus/acme is not a name in sysfs' \
	make conformance SOURCE=samples PARENT=/sys/class/mdev_bus/acme TYPE=acme-1
refuses 'make conformance refuses a TYPE that is another directory' 'TYPE=.. is not a name in sysfs' \
	make conformance SOURCE=samples PARENT=acme TYPE=..
refuses 'make conformance requires UNLOAD beside LOAD' 'LOAD is set and UNLOAD is missing' \
	make conformance SOURCE=acme.c PARENT=acme TYPE=acme-1 LOAD=true
refuses 'make conformance names a source that does not exist' 'SOURCE names acme.c, which is not there' \
	make conformance SOURCE=acme.c PARENT=acme TYPE=acme-1
refuses 'make conformance names a second source that does not exist' 'SECOND names old.c, which is not there' \
	make conformance SOURCE=samples PARENT=acme TYPE=acme-1 SECOND=old.c
refuses 'make conformance refuses a TIMEOUT of 0' 'TIMEOUT=0 is not a number of seconds' \
	make conformance SOURCE=samples PARENT=acme TYPE=acme-1 TIMEOUT=0

stub qemu-system-x86_64 'exec sleep 1000'
refuses 'make guest fails after TIMEOUT if QEMU hangs' 'the machine was stopped after TIMEOUT=2 seconds' \
	stubbed make guest RUN=true TIMEOUT=2
stub qemu-system-x86_64 'exit 1'
refuses 'make guest fails if QEMU ends with an error' 'the machine ended (status 1) before the command did' \
	stubbed make guest RUN=true
# A PATH with all programs but QEMU
ln -s /usr/bin/* /usr/sbin/* "$stubs/" 2>/dev/null
rm "$stubs/qemu-system-x86_64"
refuses 'make guest fails if QEMU is missing' 'qemu-system-x86_64 is not in PATH: apt-get install qemu-system-x86' \
	env PATH="$stubs" make guest RUN=true
rm "$stubs"/*
check 'make guest leaves no temporary file if QEMU hangs, dies or is missing' nothing_left build

stub dpkg-query 'exit 1'
# shellcheck disable=SC2016 # the stub's own arguments
stub id 'if [ "$1" = -u ]; then echo 1000; else exec /usr/bin/id "$@"; fi'
refuses 'make guest names missing packages if the user is not root' 'missing packages; as root: apt-get install .*qemu-system-x86' \
	stubbed make guest RUN=true
stub dpkg-query 'exit 1'
# shellcheck disable=SC2016 # the stub's own arguments
stub apt-get 'echo "E: Unable to locate package $5"; exit 100'
refuses 'make guest fails with the reason of apt-get if packages cannot be installed' 'apt-get install .* failed: E: Unable to locate' \
	stubbed make guest RUN=true

# An empty cache and no network: a new network namespace has only a loopback that is down
refuses 'make modules fails without a network if the cache does not have package lists' 'could not get package lists' \
	env XDG_CACHE_HOME="$work/cache" unshare -n make modules
check 'make modules leaves no half-made kernel in the cache without package lists' sh -c "
	! find '$work/cache' -mindepth 2 -maxdepth 2 \( -name 'tmp.*' -o -name source -o -name kernel \) | grep ."
mkdir -p "$work/cache/mdev-migration-version"
cp -R "${XDG_CACHE_HOME:-$HOME/.cache}/mdev-migration-version/apt" \
	"$work/cache/mdev-migration-version/"
touch "$work/cache/mdev-migration-version/apt/updated"
refuses 'make modules fails without a network if the cache does not have a package' 'could not download linux-headers' \
	env XDG_CACHE_HOME="$work/cache" unshare -n make modules
check 'make modules leaves no half-made kernel in the cache without a package' sh -c "
	! find '$work/cache' -mindepth 2 -maxdepth 2 \( -name 'tmp.*' -o -name source -o -name kernel \) | grep ."
check 'make modules does not need a network if the cache has the kernel' unshare -n make modules
# A run that was killed leaves such a directory
mkdir -p "$work/cache/mdev-migration-version/tmp.killed/root"
env XDG_CACHE_HOME="$work/cache" unshare -n make modules >/dev/null 2>&1
check 'make modules removes temporary files of a killed run from the cache' nothing_left "$work/cache"

: > "$work/file"
refuses 'make modules fails if the cache cannot be written' "cannot write to $work/file/mdev-migration-version" \
	env XDG_CACHE_HOME="$work/file" make modules
rm -rf build
: > build
for target in run modules series edit cross-compile; do
	refuses "make $target fails if build/ cannot be written" 'cannot write to .*/build' \
		make $target
done
rm build

mkdir "$work/letters"
: > "$work/letters/letter"
refuses 'make series refuses an O= with other files' "O=$work/letters has files that are not of a series, such as letter" \
	make series O="$work/letters"
rm "$work/letters/letter"
: > "$work/letters/0001-vfio-other.patch"
refuses 'make series refuses an O= with mails outside of the folders of the series' "O=$work/letters has files that are not of a series, such as 0001-vfio-other.patch" \
	make series O="$work/letters"
rm "$work/letters/0001-vfio-other.patch"
mkdir "$work/letters/1-others"
: > "$work/letters/1-others/0001-vfio-other.patch"
refuses 'make series refuses an O= with a folder of another series' "O=$work/letters has files that are not of a series, such as 1-others" \
	make series O="$work/letters"
rm -r "$work/letters/1-others"
mkdir "$work/letters/1-mtty-fixes"
: > "$work/letters/1-mtty-fixes/notes"
refuses 'make series refuses an O= with other files beside its mails' "O=$work/letters has files that are not of a series, such as 1-mtty-fixes/notes" \
	make series O="$work/letters"
refuses 'make series fails if O= cannot be written' "cannot write to $work/file/series" \
	make series O="$work/file/series"
refuses 'make refresh requires make edit' 'make edit KERNEL=6.12 makes it' make refresh

sed -i 's/^-\t\(.*\)/-\tno such line \1/' patches/2-*/*-vfio-mtty-Report-*.patch
refuses 'make modules names a patch that does not apply' 'patches/.*-vfio-mtty-Report-.* does not apply to Linux 6.12' \
	make modules
git checkout -q patches
rm drivers/vfio/mdev/trace.h
refuses 'make modules names a file that a patch lists and the overlay does not have' 'lists drivers/vfio/mdev/trace.h, which is not there' \
	make modules
git checkout -q drivers
echo 'int broken' >> drivers/vfio/mdev/mdev_migration.c
refuses 'make modules fails if a file does not compile' 'building the modules for 6.12 failed, log: ' \
	make modules
git checkout -q drivers
check 'make modules succeeds after each failure is repaired' make modules
check 'no failure leaves a temporary file in build/' nothing_left build
tests_end
