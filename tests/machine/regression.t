#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The attribute is the only difference: the samples give the same answers with the patched
# modules as upstream's samples with the distribution's own mdev.ko, and mdevctl works on the
# patched core.  A driver of one source for kernels with and without the attribute is loaded
# beside the distribution's mdev.ko.
#
# kernels: 6.12 6.1
# needs: machine
# seconds: 25

. "$(dirname -- "$0")/../lib/machine.sh"
. "$(dirname -- "$0")/../lib/page.sh"

upstream=$work/upstream
distribution_mdev()
{
	image=$("$top/scripts/kernel" image "$KERNEL") || return
	file=$(find "$image/lib/modules" -name 'mdev.ko*' | head -n 1)
	unpack_module "$file" "$upstream/mdev.ko"
}

upstream_samples()
{
	base=$("$top/scripts/modules" base) &&
	cp "$base"/*.ko "$upstream/"
}

mkdir "$upstream"
check "upstream's samples build" upstream_samples
check "the distribution has an mdev.ko" distribution_mdev
page_one_source > "$work/acme.c"
check "a driver for kernels with and without the attribute compiles for the kernel's mdev" \
	"$top/scripts/driver" --werror --mdev stock --to "$work/stock" "$work/acme.c"
run_scripts "--file $upstream --file $work/stock/acme.ko --file $(command -v mdevctl)" mdevctl.sh same-answers.sh
tests_end
