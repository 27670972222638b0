#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The drivers of KERNEL that use mdev compile with the patched header

. "$(dirname -- "$0")/../tap.sh"

make -s -C "$top" in-tree-users > "$work/compiled" 2> "$work/messages"
result $? "make in-tree-users KERNEL=$KERNEL" "$work/messages"
for object in 'x86_64 .*kvmgt' 's390 .*vfio_ccw_ops' 's390 .*vfio_ap_ops'; do
	check "${object##*.\*} compiles with the patched header" \
		grep "^$object\.o: compiled" "$work/compiled"
done
tests_end
