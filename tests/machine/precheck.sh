#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: mdev-precheck gives the verdicts that cat and echo give, with the
# kernel's own reason.  Prints TAP.  Needs mdev-precheck and libmdev-precheck.so.1
# in /.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh

export LD_LIBRARY_PATH=/
parents=/sys/class/mdev_bus
uuid=a5ae0d9e-8c2b-4b8f-8d0c-6a1ec2c2f001
sim=/sys/kernel/config/mdev-sim

# status COMMAND... - its exit status; its output is in /tmp/output
status()
{
	"$@" > /tmp/output 2>&1
	echo $?
}

# by_hand SOURCE TARGET - what the four conditions come to with cat and echo
by_hand()
{
	source=$parents/${1%/*}/mdev_supported_types/${1#*/}
	target=$parents/${2%/*}/mdev_supported_types/${2#*/}
	[ "${source##*/}" = "${target##*/}" ] &&
		string=$(cat "$source/migration_version" 2>/dev/null) &&
		[ -e "$target/migration_version" ] &&
		echo "$string" 2>/dev/null > "$target/migration_version"
	echo $?
}

# as_nobody COMMAND
as_nobody()
{
	su -s /bin/sh nobody -c "LD_LIBRARY_PATH=/ $*"
}

mkdir -p $sim/new/gpu $sim/old/gpu $sim/broken/gpu
echo acme-2.1 > $sim/new/gpu/version
echo 2.0 > $sim/new/gpu/accept_min
echo acme-2.0 > $sim/old/gpu/version
echo 95 > $sim/broken/gpu/show_errno
for parent in "$sim"/*; do
	echo 1 > "$parent/live"
done
types=$(cd $parents && echo */mdev_supported_types/* |
	sed 's|/mdev_supported_types/|/|g')

#
# The verdict for each pair
#
for source in $types; do
	same=
	differ=
	for target in $types; do
		wanted=$(by_hand "$source" "$target")
		got=$(status /mdev-precheck check "$source" "$target")
		if [ "$wanted" = "$got" ]; then
			same="$same $target"
		else
			differ="$differ $target: $wanted by hand, $got"
		fi
	done
	ok "$source to each type: mdev-precheck answers as cat and echo do" '' "$differ"
done
ok 'mtty-1 is compatible with mtty-1' yes \
	"$(/mdev-precheck check mtty/mtty-1 mtty-1 > /dev/null && echo yes)"

#
# The list
#
/mdev-precheck > /tmp/list
ok 'list: a row for each type' "$types" \
	"$(awk 'NR > 1 { printf "%s%s/%s", sep, $1, $2; sep = " " }' /tmp/list)"
for type in $types; do
	file=$parents/${type%/*}/mdev_supported_types/${type#*/}/migration_version
	if [ ! -e "$file" ]; then
		wanted='(no migration_version)'
	elif ! wanted=$(cat "$file" 2>/dev/null); then
		wanted='(cannot migrate: EOPNOTSUPP)'
	fi
	ok "list: the version of $type" "$wanted" \
		"$(awk -v parent="${type%/*}" -v type="${type#*/}" '
			NR == 1 { column = index($0, "MIGRATION-VERSION") }
			$1 == parent && $2 == type { print substr($0, column) }' /tmp/list)"
done
ok 'list --json: the document has each type' "$(echo "$types" | wc -w)" \
	"$(/mdev-precheck list --json | grep -c '^{"parent"')"

#
# Reasons
#
ok 'check ends with 1 if the driver refuses' 1 \
	"$(status /mdev-precheck check --type mdpy-hd 1b36:000f-99.0 mdpy-hd)"
said=$(dmesg | sed -n 's/^\[[^]]*\] //; /1b36:000f-99.0/p' | tail -n 1)
ok 'the kernel log has the reason of the refusal' yes "$([ -n "$said" ] && echo yes)"
# A record has no name of driver and device in front, they are in its dictionary
ok 'check prints the reason that the kernel log has' yes \
	"$(grep -q -F "kernel: $(echo "$said" | sed 's/.*migration version/migration version/')" /tmp/output ||
	   grep -q -F "kernel: $said" /tmp/output && echo yes)"
ok 'check prints the name of the errno of the refusal' yes \
	"$(grep -q 'EPROTONOSUPPORT' /tmp/output && echo yes)"
ok 'check ends with 1 if the type has no migration_version (mbochs)' 1 "$(status /mdev-precheck check mbochs/mbochs-small mbochs-small)"
ok 'check prints that mbochs has no migration_version' yes \
	"$(grep -q "has no migration_version" /tmp/output && echo yes)"
ok 'check ends with 1 if the target is of another type' 1 \
	"$(status /mdev-precheck check mtty/mtty-1 mtty/mtty-2)"
ok 'check ends with 3 if the parent of the target does not exist' 3 \
	"$(status /mdev-precheck check mtty/mtty-1 gone/mtty-1)"
ok 'check ends with 3 if the device does not exist' 3 "$(status /mdev-precheck check $uuid mtty-1)"

#
# Devices
#
echo $uuid > $parents/mtty/mdev_supported_types/mtty-2/create
ok 'check ends with 0 for a device as source and target' 0 "$(status /mdev-precheck check $uuid $uuid)"
ok 'check ends with 1 for a device and another type' 1 \
	"$(status /mdev-precheck check $uuid mtty/mtty-1)"
ok 'list --device prints the type of the device' mtty-2 \
	"$(/mdev-precheck list --device $uuid | awk 'NR > 1 { print $2 }')"
echo 1 > /sys/bus/mdev/devices/$uuid/remove

#
# Documents
#
/mdev-precheck export --output /tmp/export
ok 'check --from FILE ends with 0 for an exported document' 0 \
	"$(status /mdev-precheck check --type mtty-1 --from /tmp/export)"
ok 'check --from - ends with 0 for an exported document' 0 \
	"$(status sh -c '/mdev-precheck check --type mtty-1 --from - < /tmp/export')"
sed 's/4348:3253-1.0/4348:3253-9.0/' /tmp/export > /tmp/changed
ok 'check --from FILE ends with 1 for a document with another version' 1 \
	"$(status /mdev-precheck check --type mtty-1 --from /tmp/changed)"

#
# Somebody
#
ok 'the user nobody gets the same list as root' "$(/mdev-precheck)" "$(as_nobody /mdev-precheck)"
ok 'check ends with 3 for the user nobody' 3 "$(status as_nobody /mdev-precheck check mtty/mtty-1 mtty-1)"
ok 'check prints EACCES for the user nobody' yes "$(grep -q EACCES /tmp/output && echo yes)"
chmod 666 $parents/mdpy/mdev_supported_types/mdpy-hd/migration_version
ok 'check ends with 1 for the user nobody if the attribute is writable' 1 \
	"$(status as_nobody /mdev-precheck check --type mdpy-hd 1b36:000f-99.0 mdpy-hd)"
ok 'check prints that the user nobody cannot read the kernel log' yes \
	"$(grep -q 'kernel log was not readable' /tmp/output && echo yes)"
chmod 644 $parents/mdpy/mdev_supported_types/mdpy-hd/migration_version

#
# The matrix, a driver that hangs, and a parent with an odd name
#
ok 'matrix: the old parent goes to the new one, and not back' "yes no" \
	"$(/mdev-precheck matrix --type mdev-sim-gpu > /tmp/matrix
	   awk '/^FROM/ { answers = 1; next }
		/^$/ { answers = 0 }
		answers && $1 == 1 { old = $3 }
		answers && $1 == 2 { new = $2 }
		END { print old, new }' /tmp/matrix)"
sed 's/^/# /' /tmp/matrix
echo 60000 > $sim/new/gpu/delay_ms
ok 'check --timeout ends with 3 if the driver hangs' 3 \
	"$(status /mdev-precheck check --timeout 0.5 mdev-sim-old/mdev-sim-gpu mdev-sim-new/mdev-sim-gpu)"
ok 'check --timeout prints ETIMEDOUT if the driver hangs' yes "$(grep -q ETIMEDOUT /tmp/output && echo yes)"
# The kernel log has only a part of the name, and escapes the letter after "caf"
odd=$(printf 'caf\303\251-with-a-name-that-is-longer-than-the-kernel-log-keeps')
mkdir -p "$sim/$odd/gpu"
echo acme-3.0 > "$sim/$odd/gpu/version"
echo 3.0 > "$sim/$odd/gpu/accept_min"
echo 1 > "$sim/$odd/live"
ok 'check ends with 1 if a parent with an odd name refuses' 1 \
	"$(status /mdev-precheck check mdev-sim-old/mdev-sim-gpu \
		"mdev-sim-$odd/mdev-sim-gpu")"
ok 'check prints what the kernel logs about a parent with an odd name' yes \
	"$(grep -q 'kernel: .*acme-2\.0.*rejected' /tmp/output && echo yes)"
sed 's/^/# /' /tmp/output
for parent in "$sim"/*; do
	echo 0 > "$parent/live"
	rmdir "$parent"/gpu "$parent"
done
ok 'mdev_sim unloads after all questions' yes "$(rmmod mdev_sim && echo yes)"
tests_end
