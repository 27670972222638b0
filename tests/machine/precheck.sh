#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: mdev-precheck has the verdicts of cat and echo, with the kernel's own reason.
# Prints TAP.

# shellcheck source=tests/machine/precheck-lib.sh
. /precheck-lib.sh

uuid=a5ae0d9e-8c2b-4b8f-8d0c-6a1ec2c2f001

# by_hand SOURCE TARGET - print the result of the four conditions with cat and echo
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

# as_nobody COMMAND - run a command as the user nobody
as_nobody()
{
	su -s /bin/sh nobody -c "$*"
}

make_parent new acme-2.1
echo 2.0 > $sim/new/gpu/accept_min
make_parent old acme-2.0
make_parent broken acme-2.0
echo 95 > $sim/broken/gpu/show_errno
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
	ok "check of $source and each type ends as cat and echo do" '' "$differ"
done
ok 'mtty-1 is compatible with mtty-1' yes \
	"$(/mdev-precheck check mtty/mtty-1 mtty-1 > /dev/null && echo yes)"

#
# The list
#
/mdev-precheck list --raw --noheadings --columns PARENT,TYPE,MIGRATION-VERSION --sort PARENT > /tmp/list
ok 'list --raw prints a row for each type' "$types" \
	"$(awk '{ printf "%s%s/%s", sep, $1, $2; sep = " " }' /tmp/list)"
for type in $types; do
	file=$parents/${type%/*}/mdev_supported_types/${type#*/}/migration_version
	if [ ! -e "$file" ]; then
		wanted='(no migration_version)'
	elif ! wanted=$(cat "$file" 2>/dev/null); then
		wanted='(cannot migrate: EOPNOTSUPP)'
	fi
	ok "list --raw prints the version of $type" "$wanted" \
		"$(awk -v parent="${type%/*}" -v type="${type#*/}" '
			$1 == parent && $2 == type { gsub(/\\x20/, " ", $3); print $3 }' /tmp/list)"
done
ok 'list --json prints each type' "$(echo "$types" | wc -w)" \
	"$(/mdev-precheck list --json | grep -c '^{"parent"')"

#
# Reasons
#
ok 'check ends with 1 if the driver refuses' 1 \
	"$(status /mdev-precheck check --type mdpy-hd 1b36:000f-99.0 mdpy-hd)"
line=$(dmesg | sed -n 's/^\[[^]]*\] //; /1b36:000f-99.0/p' | tail -n 1)
ok 'the kernel log has the reason of the refusal' yes "$([ -n "$line" ] && echo yes)"
ok 'check prints the line of the kernel log about the refusal' yes \
	"$(said "; the kernel logged meanwhile: $line")"
ok 'check prints the errno as the reason of the refusal' yes \
	"$(said "the target's driver does not accept the version (EPROTONOSUPPORT: ")"
ok 'check ends with 1 if the type does not have migration_version (mbochs)' 1 "$(status /mdev-precheck check mbochs/mbochs-small mbochs-small)"
ok 'check prints that mbochs does not have migration_version' yes \
	"$(said "the source's type has no migration_version")"
ok 'check ends with 1 if the target is of another type' 1 \
	"$(status /mdev-precheck check mtty/mtty-1 mtty/mtty-2)"
ok 'check takes a parent as target, and asks the type of the source there' 0 \
	"$(status /mdev-precheck check mtty/mtty-1 mtty)"
ok 'check ends with 1 if the parent that is the target does not have the type of the source' 1 \
	"$(status /mdev-precheck check mtty/mtty-1 mdpy)"
ok 'check ends with 1 for the type of the source and a parent that does not have it' 1 \
	"$(status /mdev-precheck check mtty/mtty-1 mdpy/mtty-1)"
ok 'check ends with 2 if the parent of the target does not exist' 2 \
	"$(status /mdev-precheck check mtty/mtty-1 gone/mtty-1)"
ok 'check prints that the parent of the target does not exist' yes \
	"$(said 'gone/mtty-1: this host does not have it')"
for mistake in mtt:mtty mtty/mtty-3:mtty/mtty-1 mttty/mtty-1:mtty/mtty-1 mtty_1:mtty-1; do
	ok "check ends with 2 for the target ${mistake%:*}" 2 \
		"$(status /mdev-precheck check mtty/mtty-1 "${mistake%:*}")"
	ok "check prints the nearest name that exists for the target ${mistake%:*}" yes \
		"$(said "did you mean ${mistake#*:}?")"
done
ok 'check ends with 3 if the source is a device that does not exist' 3 \
	"$(status /mdev-precheck check $uuid mtty-1)"
ok 'check ends with 3 if the target is a device that does not exist' 3 \
	"$(status /mdev-precheck check mtty/mtty-1 $uuid)"

#
# Devices
#
echo $uuid > $parents/mtty/mdev_supported_types/mtty-2/create
ok 'check ends with 0 for a device as source and target' 0 "$(status /mdev-precheck check $uuid $uuid)"
ok 'check ends with 1 for a device and another type' 1 \
	"$(status /mdev-precheck check $uuid mtty/mtty-1)"
ok 'check ends with 2 for a UUID without hyphens' 2 \
	"$(status /mdev-precheck check mtty/mtty-2 "$(echo $uuid | tr -d -)")"
ok 'check prints the device for a UUID without hyphens' yes "$(said "did you mean $uuid?")"
ok 'list --device prints the type of the device' mtty-2 \
	"$(/mdev-precheck list --device $uuid --noheadings --columns TYPE)"
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
# Another user
#
ok 'the user nobody gets the same list as root' "$(/mdev-precheck)" "$(as_nobody /mdev-precheck)"
ok 'check ends with 3 for the user nobody' 3 "$(status as_nobody /mdev-precheck check mtty/mtty-1 mtty-1)"
ok 'check prints EACCES for the user nobody' yes "$(said EACCES)"
# The distribution's kernels have this as the default
echo 1 > /proc/sys/kernel/dmesg_restrict
chmod 666 $parents/mdpy/mdev_supported_types/mdpy-hd/migration_version
ok 'check ends with 1 for the user nobody if the attribute is writable' 1 \
	"$(status as_nobody /mdev-precheck check --type mdpy-hd 1b36:000f-99.0 mdpy-hd)"
unreadable='the kernel log was not readable (E'
ok 'check prints that the user nobody cannot read the kernel log' yes "$(said "$unreadable")"
chmod 644 $parents/mdpy/mdev_supported_types/mdpy-hd/migration_version

#
# The matrix, a driver that hangs, and a parent with an odd name
#
# row PARENT - print three answers of a target, whose row has all targets with the same answers
row()
{
	awk -v parent="$1" 'index($0, parent) && $NF ~ /^(yes|no|\?)$/ {
		print $(NF - 2), $(NF - 1), $NF }' /tmp/output
}
# A row is a target, and a column is a source; the source whose driver fails comes last
ok 'matrix ends with 1 if the driver of a target refuses' 1 \
	"$(status /mdev-precheck matrix --type mdev-sim-gpu)"
ok 'matrix prints that the old parent refuses the new version' "yes no no" \
	"$(row mdev-sim-old)"
ok 'matrix prints that the new parent accepts the old version' "yes yes no" \
	"$(row mdev-sim-new)"
ok 'matrix asks a parent whose driver does not show a version, too' "yes no no" \
	"$(row mdev-sim-broken)"
ok 'matrix prints the reason of each refusal' yes \
	"$(said "no: the target's driver does not accept the version (EPROTONOSUPPORT")"
sed 's/^/# /' /tmp/output
echo 60000 > $sim/new/gpu/delay_ms
ok 'check --timeout ends with 3 if the driver hangs' 3 \
	"$(status /mdev-precheck check --timeout 0.5 mdev-sim-old/mdev-sim-gpu mdev-sim-new/mdev-sim-gpu)"
ok 'check --timeout prints ETIMEDOUT if the driver hangs' yes "$(said ETIMEDOUT)"
# The version that could not be read is a source of its own, in the first column
status /mdev-precheck matrix --timeout 0.5 --type mdev-sim-gpu > /dev/null
ok 'matrix does not print an answer of a driver that hangs' "? ? no" \
	"$(row mdev-sim-new)"
ok 'matrix prints the answers of other parents if a driver hangs' "? yes no" \
	"$(row mdev-sim-old)"
sed 's/^/# /' /tmp/output
# The kernel log has only a part of the name, and escapes the letter after "caf"
odd=$(printf 'caf\303\251-with-a-name-that-is-longer-than-the-kernel-log-keeps')
make_parent "$odd" acme-3.0
ok 'check ends with 1 if a parent with an odd name refuses' 1 \
	"$(status /mdev-precheck check mdev-sim-old/mdev-sim-gpu \
		"mdev-sim-$odd/mdev-sim-gpu")"
ok 'check prints the line of the kernel log about a parent with an odd name' yes \
	"$(grep -q 'the kernel logged meanwhile: .*acme-2\.0.*rejected' /tmp/output && echo yes)"
sed 's/^/# /' /tmp/output
remove_parents
ok 'mdev_sim unloads after all questions' yes "$(rmmod mdev_sim && echo yes)"
modprobe mdev_sim
tests_end
