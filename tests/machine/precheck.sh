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

if modprobe mdev_sim 2>/dev/null; then
	mkdir -p $sim/new/gpu $sim/old/gpu $sim/broken/gpu
	echo acme-2.1 > $sim/new/gpu/version
	echo 2.0 > $sim/new/gpu/accept_min
	echo acme-2.0 > $sim/old/gpu/version
	echo 95 > $sim/broken/gpu/show_errno
	for parent in "$sim"/*; do
		echo 1 > "$parent/live"
	done
fi
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
	ok "$source to each type: as by hand" '' "$differ"
done
ok 'some pairs are compatible' yes \
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
ok 'list --json: a document with as many types' "$(echo "$types" | wc -w)" \
	"$(/mdev-precheck list --json | grep -c '^{"parent"')"

#
# Reasons
#
ok 'a refusal has the status 1' 1 \
	"$(status /mdev-precheck check --type mdpy-hd 1b36:000f-99.0 mdpy-hd)"
said=$(dmesg | sed -n 's/^\[[^]]*\] //; /1b36:000f-99.0/p' | tail -n 1)
ok 'the kernel has said why' yes "$([ -n "$said" ] && echo yes)"
# A record has no name of driver and device in front, they are in its dictionary
ok 'and that is the reason shown' yes \
	"$(grep -q -F "kernel: $(echo "$said" | sed 's/.*migration version/migration version/')" /tmp/output ||
	   grep -q -F "kernel: $said" /tmp/output && echo yes)"
ok 'with the name of the errno' yes \
	"$(grep -q 'EPROTONOSUPPORT' /tmp/output && echo yes)"
ok 'mbochs has no version' 1 "$(status /mdev-precheck check mbochs/mbochs-small mbochs-small)"
ok 'which is the reason' yes \
	"$(grep -q "has no migration_version" /tmp/output && echo yes)"
ok 'another type is not compatible' 1 \
	"$(status /mdev-precheck check mtty/mtty-1 mtty/mtty-2)"
ok 'a parent that is not there is not asked' 3 \
	"$(status /mdev-precheck check mtty/mtty-1 gone/mtty-1)"
ok 'nor is a device that is not there' 3 "$(status /mdev-precheck check $uuid mtty-1)"

#
# Devices
#
echo $uuid > $parents/mtty/mdev_supported_types/mtty-2/create
ok 'a device as source and target' 0 "$(status /mdev-precheck check $uuid $uuid)"
ok 'of a type that another has not' 1 \
	"$(status /mdev-precheck check $uuid mtty/mtty-1)"
ok 'list --device: its type' mtty-2 \
	"$(/mdev-precheck list --device $uuid | awk 'NR > 1 { print $2 }')"
echo 1 > /sys/bus/mdev/devices/$uuid/remove

#
# Documents
#
/mdev-precheck export --output /tmp/export
ok 'check --from a document: as each by hand' 0 \
	"$(status /mdev-precheck check --type mtty-1 --from /tmp/export)"
ok 'the same from standard input' 0 \
	"$(status sh -c '/mdev-precheck check --type mtty-1 --from - < /tmp/export')"
sed 's/4348:3253-1.0/4348:3253-9.0/' /tmp/export > /tmp/changed
ok 'and another version is refused' 1 \
	"$(status /mdev-precheck check --type mtty-1 --from /tmp/changed)"

#
# Somebody
#
ok 'nobody may list' "$(/mdev-precheck)" "$(as_nobody /mdev-precheck)"
ok 'but not ask' 3 "$(status as_nobody /mdev-precheck check mtty/mtty-1 mtty-1)"
ok 'which is said' yes "$(grep -q EACCES /tmp/output && echo yes)"
chmod 666 $parents/mdpy/mdev_supported_types/mdpy-hd/migration_version
ok 'who may ask gets an answer' 1 \
	"$(status as_nobody /mdev-precheck check --type mdpy-hd 1b36:000f-99.0 mdpy-hd)"
ok 'and that the log was not readable' yes \
	"$(grep -q 'kernel log was not readable' /tmp/output && echo yes)"
chmod 644 $parents/mdpy/mdev_supported_types/mdpy-hd/migration_version

#
# The matrix, a driver that hangs, and a parent with an odd name
#
if [ -d $sim/new ]; then
	ok 'matrix: old to new, and not back' "yes no" \
		"$(/mdev-precheck matrix --type mdev-sim-gpu > /tmp/matrix
		   awk '/^FROM/ { answers = 1; next }
			/^$/ { answers = 0 }
			answers && $1 == 1 { old = $3 }
			answers && $1 == 2 { new = $2 }
			END { print old, new }' /tmp/matrix)"
	sed 's/^/# /' /tmp/matrix
	echo 60000 > $sim/new/gpu/delay_ms
	ok 'a driver that hangs was not asked' 3 \
		"$(status /mdev-precheck check --timeout 0.5 mdev-sim-old/mdev-sim-gpu mdev-sim-new/mdev-sim-gpu)"
	ok 'which is said' yes "$(grep -q ETIMEDOUT /tmp/output && echo yes)"
	# The kernel log has only a part of the name, and escapes the letter after "caf"
	odd=$(printf 'caf\303\251-with-a-name-that-is-longer-than-the-kernel-log-keeps')
	mkdir -p "$sim/$odd/gpu"
	echo acme-3.0 > "$sim/$odd/gpu/version"
	echo 3.0 > "$sim/$odd/gpu/accept_min"
	echo 1 > "$sim/$odd/live"
	ok 'a parent with an odd name refuses' 1 \
		"$(status /mdev-precheck check mdev-sim-old/mdev-sim-gpu \
			"mdev-sim-$odd/mdev-sim-gpu")"
	ok 'and what the kernel says of it is shown' yes \
		"$(grep -q 'kernel: .*acme-2\.0.*rejected' /tmp/output && echo yes)"
	sed 's/^/# /' /tmp/output
	for parent in "$sim"/*; do
		echo 0 > "$parent/live"
		rmdir "$parent"/gpu "$parent"
	done
	ok 'nothing holds the driver' yes "$(rmmod mdev_sim && echo yes)"
fi
tests_end
