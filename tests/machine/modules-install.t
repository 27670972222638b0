#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# make modules_install into a copy of what the distribution has of KERNEL's
# modules: ours win, and those that were built for the other mdev.h are named
#
# kernels: 6.12 6.1
# needs: machine
# check: 6.12
# seconds: 2

. "$(dirname -- "$0")/../lib/machine.sh"

image=$("$top/scripts/kernel" image "$KERNEL") || bail_out "no Linux $KERNEL"
release=$(basename "$image" | sed 's/_.*//')
installed=$modules
modules=$work/root/lib/modules/$release
mkdir -p "$modules/kernel/drivers/gpu/drm"
cp -R "$image/lib/modules/$release"/modules.* "$modules/"
cp -R "$image/lib/modules/$release/kernel/drivers/vfio" "$modules/kernel/drivers/"
cp -R "$image/lib/modules/$release/kernel/drivers/gpu/drm/i915" \
	"$modules/kernel/drivers/gpu/drm/"

install_modules()
{
	make -s -C "$top" modules_install INSTALL_MOD_PATH="$work/root"
}

says()
{
	grep -q -e "$1" "$work/messages"
}

modprobe_takes()
{
	modprobe -d "$work/root" -S "$release" --show-depends "$1" |
		grep "insmod .*/updates/mdev-migration-version/$1\.ko"
}

install_modules > "$work/messages" 2>&1
result $? 'make modules_install succeeds' "$work/messages"
check 'make modules_install names kvmgt, which was built for the other header' \
	says "refuses to load modules .*kvmgt.ko"
for module in $installed; do
	check "modprobe takes our $module" modprobe_takes "$module"
done
check 'make modules_install succeeds a second time' install_modules
check 'make modules_install leaves nothing temporary' sh -c \
	"[ \"\$(ls '$modules/updates')\" = mdev-migration-version ]"

# vermagic, as a kernel without symbol versions has it
mkdir "$work/stubs"
printf '#!/bin/sh\necho %s SMP preempt mod_unload\n' "$release" > "$work/stubs/modinfo"
chmod +x "$work/stubs/modinfo"
rm -r "$modules/updates"
PATH="$work/stubs:$PATH" install_modules > "$work/messages" 2>&1
check 'make modules_install fails if the kernel would load the old kvmgt' [ $? != 0 ]
check 'make modules_install prints that it fails because of kvmgt' says 'error: not installed: .*kvmgt.ko'
check 'make modules_install that fails installs nothing' [ ! -e "$modules/updates" ]
tests_end
