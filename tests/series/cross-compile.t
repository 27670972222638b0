#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The series compiles for s390 and i386, and so do the drivers of KERNEL that use mdev
#
# kernels: 7.3 6.12 6.1
# needs: commits
# seconds: 40

. "$(dirname -- "$0")/../lib/tap.sh"

make -s -C "$top" cross-compile > "$work/compiled" 2> "$work/messages"
result $? "make cross-compile KERNEL=$KERNEL succeeds" "$work/messages"
for object in 'x86_64 .*kvmgt' 's390 .*vfio_ccw_ops' 's390 .*vfio_ap_ops' \
	      's390 .*mdev_sim' 's390 .*mtty' 's390 .*mdpy' \
	      'i386 .*mdev_sim' 'i386 .*mtty' 'i386 .*mdpy'; do
	check "${object##*.\*} compiles for ${object%% *}" \
		grep "^$object\.o: compiled" "$work/compiled"
done
tests_end
