#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the machinery does with bad input and bad surroundings: one line that
# names the input and what was expected, and nothing half-made left behind
#
# needs: machine source-6.12
# check: yes
# seconds: 50

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$top" || exit
ksrc=$(scripts/kernel source 6.12) || bail_out "no source of Linux 6.12"
export KERNEL=6.12 ACCEL=tcg
unset KSRC KDIR INSTALL_MOD_PATH

# A checkout of its own, whose build/ nothing else uses
git clone -q . "$work/checkout" || bail_out "git clone failed"
cd "$work/checkout" || exit

# refuses NAME EXPECTED COMMAND... - it fails with one line that says EXPECTED
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

# stub NAME COMMAND - a program of that name, first in PATH of $stubs
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

# nothing_left DIR - no temporary file of ours in it
nothing_left()
{
	! find "$1" -name 'tmp.*' | grep .
}

for target in run modules series edit cross-compile; do
	refuses "KERNEL=5.10: make $target" 'KERNEL=5.10 is not supported; there are: 6.1 6.12 7.3' \
		make $target KERNEL=5.10
done
refuses 'KERNEL=6.12x' 'KERNEL=6.12x is not supported' make modules KERNEL=6.12x
refuses 'KERNEL=.* is no pattern' 'is not supported' make modules 'KERNEL=.*'
refuses 'no machine of a kernel that is source only' 'KERNEL=7.3 is here as source only' \
	make run KERNEL=7.3

mkdir "$work/no-kernel"
refuses 'KSRC is not a kernel tree' "KSRC=$work/no-kernel is not a Linux source tree: it has no Makefile" \
	make series KSRC="$work/no-kernel"
refuses 'KSRC is not there' "KSRC=$work/nowhere is not a Linux source tree" \
	make edit KSRC="$work/nowhere"
make -s edit > "$work/log" 2>&1
mkdir "$work/patched"
(cd "$ksrc" && cp -R -l -- * "$work/patched/")
cp --remove-destination build/6.12/edit/include/linux/mdev.h \
	"$work/patched/include/linux/mdev.h"
refuses 'KSRC has the patches already' "KSRC=$work/patched has the patches already" \
	make series KSRC="$work/patched"
refuses 'modules of a KSRC that is not configured' "KSRC=$ksrc is not configured: give KDIR=" \
	make modules KSRC="$ksrc"
refuses 'KDIR is no build directory' "KDIR=$work/no-kernel is not the build directory" \
	make modules KSRC="$ksrc" KDIR="$work/no-kernel"
refuses 'KSRC cannot be booted' 'the machine boots a kernel of the distribution' \
	make run KSRC="$ksrc"

refuses 'make guest without RUN' "RUN='command' is missing" make guest
refuses 'FILES names what is not there' 'FILES names nowhere, which is not there' \
	make guest RUN=true FILES=nowhere
mkdir "$work/etc"
refuses 'FILES names what the machine has' "the machine has a /etc already" \
	make guest RUN=true FILES="$work/etc"
refuses 'TIMEOUT is not a number' 'TIMEOUT=soon is not a number of seconds' \
	make guest RUN=true TIMEOUT=soon

stub qemu-system-x86_64 'exec sleep 1000'
refuses 'QEMU hangs' 'the machine was stopped after TIMEOUT=2 seconds' \
	stubbed make guest RUN=true TIMEOUT=2
stub qemu-system-x86_64 'exit 1'
refuses 'QEMU dies' 'the machine ended (status 1) before the command did' \
	stubbed make guest RUN=true
# Everything but QEMU
ln -s /usr/bin/* /usr/sbin/* "$stubs/" 2>/dev/null
rm "$stubs/qemu-system-x86_64"
refuses 'QEMU is missing' 'no qemu-system-x86_64 in PATH: apt-get install qemu-system-x86' \
	env PATH="$stubs" make guest RUN=true
rm "$stubs"/*
check 'and nothing is left of these machines' nothing_left build

stub dpkg-query 'exit 1'
# shellcheck disable=SC2016 # the stub's own arguments
stub id 'if [ "$1" = -u ]; then echo 1000; else exec /usr/bin/id "$@"; fi'
refuses 'packages are missing, and no root' 'missing packages; as root: apt-get install .*qemu-system-x86' \
	stubbed make guest RUN=true
stub dpkg-query 'exit 1'
# shellcheck disable=SC2016 # the stub's own arguments
stub apt-get 'echo "E: Unable to locate package $5"; exit 100'
refuses 'packages are missing, and cannot be had' 'apt-get install .* failed: E: Unable to locate' \
	stubbed make guest RUN=true

# An empty cache and no network: a name space has no more than a loopback that
# is down
refuses 'no network and no package lists' 'could not get package lists' \
	env XDG_CACHE_HOME="$work/cache" unshare -n make modules
check 'no half-made kernel is left in the cache' sh -c "
	! find '$work/cache' -mindepth 2 -maxdepth 2 \( -name 'tmp.*' -o -name source -o -name kernel \) | grep ."
mkdir -p "$work/cache/mdev-migration-version"
cp -R "${XDG_CACHE_HOME:-$HOME/.cache}/mdev-migration-version/apt" \
	"$work/cache/mdev-migration-version/"
touch "$work/cache/mdev-migration-version/apt/updated"
refuses 'no network, and a package that is not in the cache' 'could not download linux-headers' \
	env XDG_CACHE_HOME="$work/cache" unshare -n make modules
check 'no half-made kernel is left in the cache' sh -c "
	! find '$work/cache' -mindepth 2 -maxdepth 2 \( -name 'tmp.*' -o -name source -o -name kernel \) | grep ."
check 'a cached kernel needs no network' unshare -n make modules
# What a run leaves that was killed in the middle
mkdir -p "$work/cache/mdev-migration-version/tmp.killed/root"
env XDG_CACHE_HOME="$work/cache" unshare -n make modules >/dev/null 2>&1
check 'the next run removes what a killed one left' nothing_left "$work/cache"

: > "$work/file"
refuses 'the cache cannot be written' "cannot write to $work/file/mdev-migration-version" \
	env XDG_CACHE_HOME="$work/file" make modules
rm -rf build
: > build
for target in run modules series edit cross-compile; do
	refuses "build/ cannot be written: make $target" 'cannot write to .*/build' \
		make $target
done
rm build

mkdir "$work/letters"
: > "$work/letters/letter"
refuses 'O= has other files' "O=$work/letters has files that are not of a series, such as letter" \
	make series O="$work/letters"
refuses 'O= cannot be written' "cannot write to $work/file/series" \
	make series O="$work/file/series"
refuses 'make refresh without make edit' 'make edit KERNEL=6.12 makes it' make refresh

sed -i 's/^-\t\(.*\)/-\tno such line \1/' patches/*-vfio-mtty-Report-*.patch
refuses 'a patch that does not apply' 'patches/.*-vfio-mtty-Report-.* does not apply to Linux 6.12' \
	make modules
git checkout -q patches
rm drivers/vfio/mdev/mdev_migration.h
refuses 'an overlay file that is not there' 'lists drivers/vfio/mdev/mdev_migration.h, which is not there' \
	make modules
git checkout -q drivers
echo 'int broken' >> drivers/vfio/mdev/mdev_migration.c
refuses 'a file that does not compile' 'building the modules for 6.12 failed, log: ' \
	make modules
git checkout -q drivers
check 'after all this, it works' make modules
check 'and nothing temporary is left' nothing_left build
tests_end
