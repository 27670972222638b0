#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# pairs.sh [old] - print the pairs that are migrated, a line each, with "|" between the fields
#
#	title	title of the pair
#	expected yes or no: verdict and outcome agree on that.  A control has to show a
#		disagreement: wrong-yes is a verdict yes and an outcome no, and wrong-no is
#		a verdict no and an outcome yes.
#	options	mib=N of memory, default 16; state=N MiB of the devices that may be sent
#		while the guest is stopped, default 3; hops=N migrations, to and fro; blind:
#		the target cannot report to the source that it failed; picture: compare the
#		screen
#	source	a device, or several, each with
#			driver=mtty|mdpy|sim
#			type=NAME		sim: without mdev-sim-
#			variant=NAME		variant of mtty or mdpy, see tests/machines/migration.t; stock is the tree's
#			count=N			number of such devices, default 1
#			migration=auto		the guest starts with a device that does not migrate
#			display=on		QEMU shows its screen
#			KNOB=VALUE		sim: see vfio-mdev-sim.rst; the value is a format
#						of printf
#	target	the same
#
# Before Linux 6.2 VFIO did not have PRE_COPY, and before 6.7 mtty did not migrate: "old" is for
# 6.1, which does not have either.

set -eu

pre_copy=pre_copy=1
state=
case ${1:-} in
old)
	pre_copy=pre_copy=0
	# A device of 6.1 cannot report how much state it has: QEMU takes 100 GiB for each
	state=state=4194304 ;;
esac

# pair TITLE EXPECTED SOURCE TARGET [OPTIONS] - print a pair
pair()
{
	printf '%s|%s|%s|%s|%s\n' "$1" "$2" "${5:-} $state" "$3" "$4"
}

without='no_migration_version=1 migration=auto'

# simulated NAME DEVICE MAJOR MINOR KNOB... - print each kind of pair of a simulated driver.  Pairs
# that fail and have the same source follow each other, because its guest still runs.
simulated()
{
	name="sim $1"
	device=$2
	major=$3
	minor=$4
	own="driver=sim type=$1"
	shift 4
	own="$own $*"
	same="$own version=$device-$major.$minor"
	newer="$own version=$device-$major.$((minor + 1))"
	older="$own version=$device-$major.$((minor - 1))"
	other="driver=sim type=other $* state_size=12288"

	pair "$name: equal" yes "$same" "$same"
	pair "$name: older to newer minor, accepted" yes "$same" "$newer accept_min=$major.$minor"
	pair "$name: newer to older minor, accepted" yes "$same" "$older accept_max=$major.$minor"
	pair "$name: older to newer minor, not accepted" no "$same" "$newer"
	pair "$name: newer to older minor" no "$same" "$older"
	pair "$name: other major" no "$same" "$own version=$device-$((major + 1)).$minor"
	pair "$name: other device id" no "$same" "$own version=x$device-$major.$minor"
	pair "$name: other type" no "$same" "$other version=$device-$major.$minor"
	pair "$name: target without the attribute" no "$same" "$same $without"
	pair "$name: source without the attribute" no "$same $without" "$same"
	pair "$name: one byte is another letter" no "$own version=$device-$major.x" "$same"
	pair "$name: one byte is a control character" no "$own 'version=$device-$major.\\001'" "$same"
	pair "$name: one byte is above 0x7e" no "$own 'version=${device%?}\\377-$major.$minor'" "$same"
}

# Versions without numbers, and the longest version that can be read
opaque='driver=sim type=opaque version=built-on-a-Tuesday'
pair 'sim opaque: equal' yes "$opaque" "$opaque"
pair 'sim opaque: one byte is another letter' no "${opaque%y}Y" "$opaque"
pair 'sim opaque: one byte is missing' no "${opaque%y}" "$opaque"
pair 'sim opaque: to numbers' no "$opaque" 'driver=sim type=opaque version=acme-1.0'
pair 'sim opaque: source without the attribute' no "$opaque $without" "$opaque"
pair 'sim opaque: target without the attribute' no "$opaque" "$opaque $without"
long="driver=sim type=long $pre_copy version="$(printf '%04090d' 0)
pair 'sim 4094 characters: equal' yes "$long-1.0" "$long-1.0"
pair 'sim 4094 characters: the last is another digit' no "$long-1.1" "$long-1.0"

# One side sends or expects the version early, and the other side late
early="driver=sim type=gpu version=acme-1.0 $pre_copy"
late='driver=sim type=gpu version=acme-1.0'
both()
{
	pair 'sim PRE_COPY to a target without it: equal' yes "$early" "$late"
	pair 'sim PRE_COPY to a target without it: other version' no "$early" "$late version=acme-1.1"
	pair 'sim without PRE_COPY to a target with it: equal' yes "$late" "$early"
	pair 'sim without PRE_COPY to a target with it: other version' no "$late" \
		"$early version=acme-1.1"
}

# Stock mtty sends its version in PRE_COPY, and late-* sends it only at the end
mtty()
{
	one='driver=mtty type=mtty-1 variant'
	two='driver=mtty type=mtty-2 variant'
	pair 'mtty-1: equal' yes "$one=stock" "$one=stock"
	pair 'mtty-2: equal' yes "$two=stock" "$two=stock"
	pair 'mtty-1: older to newer minor' no "$one=stock" "$one=minor"
	pair 'mtty-1: other major on the target' no "$one=stock" "$one=major"
	pair 'mtty-1: other device id on the target' no "$one=stock" "$one=device"
	pair 'mtty-1: other type' no "$one=stock" "$two=stock"
	pair 'mtty-1: target without the attribute' no "$one=stock" "$one=without migration=auto"
	pair 'mtty-1: source without the attribute' no "$one=without migration=auto" "$one=stock"
	pair 'mtty-1: newer to older minor' no "$one=minor" "$one=stock"
	pair 'mtty-1: other major' no "$one=major" "$one=stock"
	pair 'mtty-1: other device id' no "$one=device" "$one=stock"
	pair 'mtty-1: one byte is another digit' no "$one=byte" "$one=stock"
	pair 'mtty-2: other type' no "$two=stock" "$one=stock"
	pair 'mtty-1 without PRE_COPY: equal' yes "$one=late" "$one=late"
	pair 'mtty-1 without PRE_COPY: other major on the target' no "$one=late" "$one=late-major"
	pair 'mtty-1 without PRE_COPY: other type' no "$one=late" "$two=late"
	pair 'mtty-1 without PRE_COPY: other major' no "$one=late-major" "$one=late"
	pair 'mtty-1 without PRE_COPY to a target with it: equal' yes "$one=late" "$one=stock"
	pair 'mtty-1 PRE_COPY to a target without it: equal' yes "$one=stock" "$one=late"
	pair 'mtty-2: there and back, twice' yes "$two=stock" "$two=stock" hops=4
}

mdpy()
{
	vga='driver=mdpy type=mdpy-vga variant'
	xga='driver=mdpy type=mdpy-xga variant'
	hd='driver=mdpy type=mdpy-hd variant'
	pair 'mdpy-vga: equal' yes "$vga=stock" "$vga=stock"
	pair 'mdpy-xga: equal' yes "$xga=stock" "$xga=stock" state=5
	pair 'mdpy-hd: equal' yes "$hd=stock" "$hd=stock" state=9
	pair 'mdpy-vga: older to newer minor' yes "$vga=older" "$vga=stock"
	pair 'mdpy-vga: older to newer minor, above 1' yes "$vga=stock" "$vga=newer"
	pair 'mdpy-vga: newer to older minor' no "$vga=stock" "$vga=older"
	pair 'mdpy-vga: other major on the target' no "$vga=stock" "$vga=major"
	pair 'mdpy-vga: other device id on the target' no "$vga=stock" "$vga=device"
	pair 'mdpy-vga: other type' no "$vga=stock" "$xga=stock"
	pair 'mdpy-vga: target without the attribute' no "$vga=stock" "$vga=without migration=auto"
	pair 'mdpy-vga: source without the attribute' no "$vga=without migration=auto" "$vga=stock"
	pair 'mdpy-vga: newer to older minor, above 1' no "$vga=newer" "$vga=stock"
	pair 'mdpy-vga: other major' no "$vga=major" "$vga=stock"
	pair 'mdpy-vga: other device id' no "$vga=device" "$vga=stock"
	pair 'mdpy-vga: one byte is another digit' no "$vga=byte" "$vga=stock"
	pair 'mdpy-xga: other type' no "$xga=stock" "$vga=stock" state=5
	pair 'mdpy-xga: there and back, twice' yes "$xga=stock" "$xga=stock" 'state=5 hops=4'
	pair 'mdpy-vga: on the screen' yes "$vga=stock display=on" "$vga=stock display=on" picture
	# The outcome is known only when all memory was sent
	pair 'mdpy-vga: newer to older minor, 256 MiB' no "$vga=stock" "$vga=older" mib=256
	pair 'mdpy-vga: newer to older minor, no way back' no "$vga=stock" "$vga=older" blind
}

many="$early count=4 driver=mdpy type=mdpy-vga variant=many"
case ${1:-} in
old)
	many="$many count=12"
	pair '16 devices' yes "$many" "$many" state=40
	# The type has the attribute, but its devices cannot migrate
	pair 'control: an attribute without migration' wrong-yes \
		'driver=mtty type=mtty-1 migration=auto' 'driver=mtty type=mtty-1 migration=auto' ;;
*)
	many="$many count=6 driver=mtty type=mtty-1 count=6"
	pair '16 devices' yes "$many" "$many" state=40
	pair '16 devices: one kind has another version' no "$many" "$many variant=major" state=40
	mtty
	both ;;
esac
mdpy
pair 'sim gpu: there and back, twice' yes "$early" "$early" hops=4
simulated gpu acme-gpu 2 1 $pre_copy
simulated crypto crypto-card 4 7 state_size=65536
simulated nic nic 1 10 state_size=0
simulated storage 12345678 10 3 $pre_copy state_size=1048576

# Each control has a verdict that differs from the outcome, which migrate.c has to find
pair 'control: the load is rejected all the same' wrong-yes "$early" "$early load=reject"
pair 'control: the load is rejected at the end all the same' wrong-yes "$late" "$late load=reject"
pair 'control: the size of the state is not asked for' wrong-yes "$late" "$late state_size=8192"
pair 'control: a rejected state is loaded all the same' wrong-no "$early" \
	"$early version=acme-2.0 load=accept"
pair 'control: the version cannot be read at present' wrong-no "$late show_errno=95" "$late"
