# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# booted.t runs this in a machine that has the packages; /mdev.ko is the kernel's own

# shellcheck source=SCRIPTDIR/../lib/in-machine.sh
. /in-machine.sh
types=/sys/class/mdev_bus/mtty/mdev_supported_types
uuid=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001

# log - print the kernel's messages since the last call, without times
log()
{
	dmesg | sed 's/^\[[^]]*\] //' > /tmp/log
	tail -n "+$((${logged:-0} + 1))" /tmp/log
	logged=$(wc -l < /tmp/log)
}

# load_kvmgt - load kvmgt, and print the status, the driver, the users of mdev, and the kernel's
# messages about these.  Other messages are left out, because udev may load other modules meanwhile.
load_kvmgt()
{
	log > /dev/null
	modprobe kvmgt
	echo "status $?"
	ls /sys/bus/mdev/drivers
	lsmod | awk '$1 == "mdev" { print $1, $3, $4 }'
	log | grep -i -e mdev -e vgpu -e gvt -e i915 -e vfio
}

modprobe vfio_iommu_type1
# kvmgt needs these modules.  They are loaded before, so that both times the kernel prints messages
# about kvmgt only.
modprobe i915
modprobe kvm
ok "the kernel's own mdev.ko is loaded" 0 "$(status insmod /mdev.ko)"
ok "the kernel's own mdev.ko has another version" 0.1 "$(cat /sys/module/mdev/version)"
load_kvmgt > /tmp/before
ok "kvmgt.ko registers with the kernel's own mdev.ko" intel_vgpu_mdev "$(sed -n 2p /tmp/before)"
ok "kvmgt.ko and the kernel's own mdev.ko are unloaded" 0 "$(status rmmod kvmgt mdev)"
ok "the kernel is not tainted by its own modules" 0 "$(cat /proc/sys/kernel/tainted)"

log > /dev/null
ok "modprobe mdev succeeds" 0 "$(status modprobe mdev)"
log > /tmp/ours
ok "modprobe mdev loads the mdev.ko of the package" 0.1+migration.1 "$(cat /sys/module/mdev/version)"
ok "modinfo prints the version of the package's mdev.ko" 0.1+migration.1 "$(modinfo -F version mdev)"
ok "the kernel prints that mdev.ko is not its own, and nothing else" '' "$(grep -v -x \
	-e 'mdev: loading out-of-tree module taints kernel\.' \
	-e 'mdev: module verification failed: signature and/or required key missing - tainting kernel' \
	/tmp/ours)"
ok "kvmgt.ko is the kernel's own" "/lib/modules/$(uname -r)/kernel" \
	"$(modinfo -F filename kvmgt | sed 's|\(/kernel\)/.*|\1|')"
load_kvmgt > /tmp/after
ok "kvmgt.ko loads beside the mdev.ko of the package as it does beside the kernel's own" \
	"$(cat /tmp/before)" "$(cat /tmp/after)"

for module in mtty mdpy mbochs mdev_sim; do
	ok "modprobe $module succeeds" 0 "$(status modprobe "$module")"
	case $(modinfo -F filename "$module") in
	*/updates/dkms/*)	from=package ;;
	*)			from=$(modinfo -F filename "$module") ;;
	esac
	ok "modprobe takes the $module.ko of the package" package "$from"
done
for type in "$types"/*; do
	version=$(cat "$type/migration_version")
	ok "cat prints a migration_version of ${type##*/}" 4348:3253-1.0 "$version"
	ok "echo succeeds with the migration_version of ${type##*/}" 0 \
		"$(status sh -c "echo '$version' > '$type/migration_version'")"
	ok "echo fails with another migration_version of ${type##*/}" 1 \
		"$(status sh -c "echo '$version.1' > '$type/migration_version'")"
done
mount -t configfs none /sys/kernel/config 2> /dev/null
card=/sys/kernel/config/mdev-sim/card
ok "mdev_sim gets a parent and a type" 0 "$(status mkdir -p "$card/serial")"
ok "the parent of mdev_sim is registered" 0 "$(status sh -c "echo 1 > '$card/live'")"
echo "$uuid" > "$types/mtty-1/create"

ok "mdev-precheck list succeeds" 0 "$(status mdev-precheck list)"
for text in mtty-1 mtty-2 4348:3253-1.0 mdev-sim-serial; do
	ok "mdev-precheck list prints $text" yes "$(said "$text")"
done
ok "mdev-precheck list --device prints the type of the device" mtty-1 \
	"$(mdev-precheck list --device "$uuid" --raw --noheadings --columns TYPE)"
ok "mdev-precheck check accepts the type of the device" 0 "$(status mdev-precheck check "$uuid" mtty)"
ok "mdev-precheck check prints that the driver accepts" yes "$(said "the target's driver accepts the version")"
ok "systemctl --failed prints nothing" '' "$(systemctl --failed --plain --no-legend)"

echo 1 > "/sys/bus/mdev/devices/$uuid/remove"
echo 0 > "$card/live"
rmdir "$card/serial" "$card"
ok "rmmod unloads all modules, mdev.ko as the last one" 0 \
	"$(status rmmod kvmgt mdev_sim mbochs mdpy mtty mdev)"
# 4096: a module of another tree, 8192: a module that is not signed with a key of the kernel's
tainted=$(cat /proc/sys/kernel/tainted)
ok "the kernel is tainted by unsigned modules of another tree, and by nothing else" 0 \
	"$((tainted & ~(4096 | 8192)))"
tests_end
