#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fixture.sh CASE DIR - make a directory that looks like the sysfs of a host
#
#	none		a host whose kernel does not have mdev
#	unused		a host with mdev, on which no parent is registered
#	pod		a container with the links of parents, and not the parents
#	plain		a directory without any file of a sysfs
#	host		parents with types for each state and each answer
#	names		parents and types whose names have blanks, control characters and so on
#	limits		versions of the longest length, and longer ones
#	many		5,000 types of four parents
#	hang		drivers that do not answer
#	broken		parents and a type that cannot be looked into, between others
#	groups		a type of several parents, some of which show the same string
#	twins		parents that show the same string and answer differently
#	spellings	names that look like other spellings or like patterns
#	renamed		types that have the same attribute "name"
#	bare		parents that do not have types
#	cards		parents with names of PCI devices, for typing mistakes
#	vfs		64 virtual functions of a card, each with the same ten types
#
# Unlike attributes of the kernel, plain files accept every write.  An attribute that refuses is
# a link to a file of /proc or /dev, whose writes fail with a certain errno.

set -eu
export LC_ALL=C

# add_parent NAME - make the directory of a device, and a link to it in its class
add_parent()
{
	mkdir -p "$dir/devices/virtual/mtty/$1/mdev_supported_types" "$dir/class/mdev_bus"
	ln -s "../../devices/virtual/mtty/$1" "$dir/class/mdev_bus/$1"
}

# add_type PARENT TYPE [NAME] - make a type without migration_version; $type is its directory
add_type()
{
	type=$dir/devices/virtual/mtty/$1/mdev_supported_types/$2
	mkdir -p "$type/devices"
	printf '%s\n' "${3-$2}" > "$type/name"
	echo vfio-pci > "$type/device_api"
	echo 24 > "$type/available_instances"
}

# add_device UUID PARENT [TYPE] - make a directory below its parent, with a link to its type
add_device()
{
	mkdir -p "$dir/devices/virtual/mtty/$2/$1" "$dir/bus/mdev/devices"
	ln -s "../../../devices/virtual/mtty/$2/$1" "$dir/bus/mdev/devices/$1"
	[ -n "${3-}" ] || return 0
	ln -s "../mdev_supported_types/$3" "$dir/devices/virtual/mtty/$2/$1/mdev_type"
	type=$dir/devices/virtual/mtty/$2/mdev_supported_types/$3
	[ ! -d "$type" ] || ln -s "../../../$1" "$type/devices/$1"
}

# characters N - print a version of N characters
characters()
{
	printf "%0${1}d" 0
}

accepts()
{
	ln -s /dev/null "$type/migration_version"
}

# The file accepts only digits (EINVAL); its owner may write it, and nobody may read it
refuses()
{
	ln -s /proc/self/clear_refs "$type/migration_version"
}

make_none()
{
	mkdir -p "$dir/class"
}

make_unused()
{
	mkdir -p "$dir/class/mdev_bus" "$dir/bus/mdev/devices"
}

make_pod()
{
	mkdir -p "$dir/class/mdev_bus" "$dir/bus/mdev/devices"
	for parent in 0000:3b:00.4 0000:3b:00.5; do
		ln -s "../../devices/pci0000:3a/$parent" "$dir/class/mdev_bus/$parent"
	done
}

make_plain()
{
	mkdir "$dir/nothing"
}

make_host()
{
	# Sources with and without a version
	add_parent source
	add_type source serial-1 'Single port serial'
	echo 4348:3253-1.0 > "$type/migration_version"
	add_device 11111111-2222-4333-8444-555555555555 source serial-1
	add_device 00000000-0000-4000-8000-00000000000a source serial-1
	add_type source serial-2 'Dual port serial'
	printf '4348:3253-1.0 without a newline' > "$type/migration_version"
	printf 'twelve\n' > "$type/available_instances"
	add_type source absent
	add_type source bare
	rm -r "$type/name" "$type/device_api" "$type/available_instances" "$type/devices"
	add_type source dangling
	ln -s nowhere "$type/migration_version"
	add_type source directory
	mkdir "$type/migration_version"
	add_type source empty
	: > "$type/migration_version"
	add_type source escape
	printf 'red \033[31m\n' > "$type/migration_version"
	add_type source latin
	printf 'caf\351\n' > "$type/migration_version"
	add_type source loop
	ln -s migration_version "$type/migration_version"
	add_type source newline
	echo > "$type/migration_version"
	add_type source nul
	printf '4348:\0003253\n' > "$type/migration_version"
	add_type source two-lines
	printf '4348:3253\n1.0\n' > "$type/migration_version"
	add_type source unreadable
	echo 4348:3253-1.0 > "$type/migration_version"
	chmod 0 "$type/migration_version"

	# Targets and their answers
	add_parent refuses
	add_type refuses serial-1
	refuses
	add_device 22222222-2222-4333-8444-555555555555 refuses serial-1
	add_parent accepts
	add_type accepts serial-1
	accepts
	add_device 33333333-2222-4333-8444-555555555555 accepts serial-1
	add_type accepts serial-2
	accepts
	add_parent full
	add_type full serial-1
	ln -s /dev/full "$type/migration_version"
	add_type full serial-2
	ln -s /dev/full "$type/migration_version"
	add_type full mixed
	ln -s /dev/full "$type/migration_version"
	add_parent readonly
	add_type readonly mixed
	echo 1 > "$type/migration_version"
	chmod 444 "$type/migration_version"
	add_type readonly serial-1
	echo 4348:3253-1.0 > "$type/migration_version"
	chmod 444 "$type/migration_version"
	add_parent absent
	add_type absent serial-1
	# Nothing is mapped at address 0: EIO, which is not an answer of a driver
	add_parent faulty
	add_type faulty faulty
	ln -s /proc/self/mem "$type/migration_version"

	# A device whose type is gone, one without a type, one that is gone, and a plain directory
	add_device dddddddd-2222-4333-8444-555555555555 source gone
	add_device eeeeeeee-2222-4333-8444-555555555555 source
	ln -s ../../../devices/virtual/mtty/source/nowhere \
		"$dir/bus/mdev/devices/ffffffff-2222-4333-8444-555555555555"
	mkdir "$dir/bus/mdev/devices/99999999-2222-4333-8444-555555555555"

	# An entry that is not a parent, and an entry that is not a type
	: > "$dir/class/mdev_bus/file"
	: > "$dir/devices/virtual/mtty/accepts/mdev_supported_types/file"
}

make_names()
{
	add_parent 'two words'
	add_type 'two words' 'area two' 'a name "in quotes" \ and all'
	echo ' leading, and trailing ' > "$type/migration_version"
	control=$(printf 'bell\007 line\nup\033[A')
	add_parent "$control"
	add_type "$control" "$control" "$control"
	echo '~!@#$%^&*()_+{}|:"<>?' > "$type/migration_version"
	utf8=$(printf 'caf\303\251')
	invalid=$(printf 'caf\351 \300\257 \355\240\200 \364\220\200\200')
	add_parent "$utf8"
	add_type "$utf8" "$utf8" "$utf8"
	echo 1 > "$type/migration_version"
	add_type "$utf8" "$invalid" "$invalid"
	echo 2 > "$type/migration_version"
	add_parent -dash
	add_type -dash --json
	echo 3 > "$type/migration_version"
}

make_limits()
{
	add_parent limits
	add_type limits 4095
	{ characters 4095; echo; } > "$type/migration_version"
	add_type limits 4095-bare
	characters 4095 > "$type/migration_version"
	for len in 4096 4097 10000; do
		add_type limits "$len"
		{ characters "$len"; echo; } > "$type/migration_version"
	done
	add_type limits 4096-bare
	characters 4096 > "$type/migration_version"
	long=$(characters 255)
	add_parent "$long"
	add_type "$long" "$long"
	echo 5 > "$type/migration_version"
	add_parent target
	for name in 4095 4095-bare; do
		add_type target "$name"
		: > "$type/migration_version"
	done
}

# The loop does not start a program for each type, which would take long
make_many()
{
	for parent in pci-0 pci-1 pci-2 pci-3; do
		add_parent "$parent"
		types=$dir/devices/virtual/mtty/$parent/mdev_supported_types
		seq -f "$types/type-%04g/devices" 0 1249 | xargs mkdir -p
		for type in "$types"/*; do
			echo "Type ${type##*-} of $parent" > "$type/name"
			echo vfio-pci > "$type/device_api"
			echo 1 > "$type/available_instances"
			echo "1234:5678-${type##*-}" > "$type/migration_version"
		done
	done
}

# Each access has its own type, because a process that was killed can keep a file open for a while
make_hang()
{
	add_parent hang
	for name in 1 2 3 4 5; do
		add_type hang "$name"
		mkfifo "$type/migration_version"
	done
	add_parent accepts
	add_type accepts 2
	accepts
	add_type accepts 3
	accepts
}

make_broken()
{
	add_parent a
	add_type a serial-1
	ln -s /proc/self/comm "$type/migration_version"
	add_type a vanished
	rm -r "$type"
	ln -s nowhere "$type"
	ln -s b "$dir/class/mdev_bus/b"
	add_parent c
	add_type c serial-1
	ln -s /proc/self/comm "$type/migration_version"
	mkdir "$dir/class/mdev_bus/without-types"
	# A link to a parent that is gone
	ln -s ../../devices/virtual/mtty/unregistered "$dir/class/mdev_bus/unregistered"
}

# The attributes are settings of the process that asks, so that a write has no effect after it
make_groups()
{
	# This file shows the name of the program, and accepts every string
	for parent in a b; do
		add_parent "$parent"
		add_type "$parent" port
		ln -s /proc/self/comm "$type/migration_version"
		add_device "${parent}0000000-0000-4000-8000-000000000000" "$parent" port
	done
	add_type b single
	ln -s /proc/self/comm "$type/migration_version"
	# This file shows 00000033, and accepts only hexadecimal digits (EINVAL)
	add_parent hexadecimal
	add_type hexadecimal port
	ln -s /proc/self/coredump_filter "$type/migration_version"
	add_device 10000000-0000-4000-8000-000000000000 hexadecimal port
	# This file shows 50000, and accepts only decimal digits (EINVAL)
	add_parent decimal
	add_type decimal port
	ln -s /proc/self/timerslack_ns "$type/migration_version"
	add_device 20000000-0000-4000-8000-000000000000 decimal port
	add_parent absent
	add_type absent port
	add_device 30000000-0000-4000-8000-000000000000 absent port
	add_parent readonly
	add_type readonly port
	echo 0x33 > "$type/migration_version"
	chmod 444 "$type/migration_version"
	add_device 40000000-0000-4000-8000-000000000000 readonly port
}

# All three parents show 00000033.  One accepts only hexadecimal digits, one accepts and then
# shows every string, and nobody may write to the third.
make_twins()
{
	add_parent hexadecimal
	add_type hexadecimal port
	ln -s /proc/self/coredump_filter "$type/migration_version"
	add_parent all
	add_type all port
	echo 00000033 > "$type/migration_version"
	add_parent readonly
	add_type readonly port
	echo 00000033 > "$type/migration_version"
	chmod 444 "$type/migration_version"
	# Their answers about this version differ
	add_parent words
	add_type words port
	echo words > "$type/migration_version"
	chmod 444 "$type/migration_version"
}

make_cards()
{
	for parent in 0000:3b:00.4 0000:3b:00.5 0000:86:00.4; do
		add_parent "$parent"
		add_type "$parent" nvidia-558
		accepts
		add_type "$parent" nvidia-559
		accepts
	done
	add_device 5ee1a9c4-7f4b-4a38-9c0d-2b7d9b1e3f60 0000:3b:00.4 nvidia-558
	add_parent 0000:86:00.5
	add_type 0000:86:00.5 nvidia-560
	accepts
}

# vf SLOT FUNCTION - make a virtual function of the card, with its types
vf()
{
	parent=0000:3b:0$1.$2
	version=16.2
	# The software of this function was not updated yet
	[ "$1.$2" != 3.2 ] || version=15.4
	ln -s "../../devices/pci0000:3a/$parent" "$dir/class/mdev_bus/$parent"
	number=63
	while read -r name memory room; do
		type=$dir/devices/pci0000:3a/$parent/mdev_supported_types/nvidia-$number
		echo "NVIDIA $name" > "$type/name"
		echo vfio-pci > "$type/device_api"
		echo "num_heads=4, frl_config=60, framebuffer=${memory}M, max_instance=$room" \
			> "$type/description"
		echo 1 > "$type/available_instances"
		# This file shows 00000033, and accepts only hexadecimal digits (EINVAL)
		if [ "$1.$2" = 6.1 ]; then
			ln -s /proc/self/coredump_filter "$type/migration_version"
		else
			echo "10de:2236-$number-$version" > "$type/migration_version"
		fi
		number=$((number + 1))
	done <<-END
		A10-1B 1024 24
		A10-2B 2048 12
		A10-1Q 1024 24
		A10-2Q 2048 12
		A10-3Q 3072 8
		A10-4Q 4096 6
		A10-6Q 6144 4
		A10-8Q 8192 3
		A10-12Q 12288 2
		A10-24Q 24576 1
	END
}

# vf_device DIGIT PARENT TYPE - make a device of a virtual function, which is then full
vf_device()
{
	place=$dir/devices/pci0000:3a/$2
	uuid=$1ee1a9c4-7f4b-4a38-9c0d-2b7d9b1e3f60
	mkdir "$place/$uuid"
	ln -s "../mdev_supported_types/$3" "$place/$uuid/mdev_type"
	ln -s "../../../$uuid" "$place/mdev_supported_types/$3/devices/$uuid"
	ln -s "../../../devices/pci0000:3a/$2/$uuid" "$dir/bus/mdev/devices/$uuid"
	for type in "$place/mdev_supported_types"/*; do
		echo 0 > "$type/available_instances"
	done
}

# The physical function is 0000:3b:00.0, and the virtual functions are 00.4 to 08.3.  All of them
# except one accept every string, and another one shows an older version.  A plain file then shows
# the string of the last write, so that a question about another string changes the version.
make_vfs()
{
	mkdir -p "$dir/class/mdev_bus" "$dir/bus/mdev/devices"
	for slot in 0 1 2 3 4 5 6 7 8; do
		for function in 0 1 2 3 4 5 6 7; do
			case $slot.$function in
			0.[0-3]|8.[4-7])	continue ;;
			esac
			seq -f "$dir/devices/pci0000:3a/0000:3b:0$slot.$function/mdev_supported_types/nvidia-%g/devices" 63 72
		done
	done | xargs mkdir -p
	for parent in "$dir/devices/pci0000:3a"/*; do
		parent=${parent##*:0}
		vf "${parent%.*}" "${parent#*.}"
	done
	vf_device 1 0000:3b:00.4 nvidia-65
	vf_device 2 0000:3b:00.5 nvidia-65
	vf_device 3 0000:3b:00.6 nvidia-65
	vf_device 4 0000:3b:02.0 nvidia-70
}

make_spellings()
{
	for parent in 3b:00.4 0000:3b:00.4 pci_0000_3b_00_4 0000:05:00.0 0001:05:00.0 0001:06:00.0 \
		0.0.002a; do
		add_parent "$parent"
		add_type "$parent" a
		accepts
	done
	add_parent matrix
	add_type matrix vfio_ap-passthrough
	accepts
	# fnmatch(3) reads some of these names as patterns of others
	for parent in 'card[01]' card0 card1 card2; do
		add_parent "$parent"
		for each in 'a[bc]' ab ac ad; do
			add_type "$parent" "$each"
			accepts
		done
	done
	add_parent bare-1
	add_parent bare-2
}

# Types with the same attribute "name", as after an update of a driver
make_renamed()
{
	for each in 0000:3b:00.4/nvidia-63 0000:3b:00.5/nvidia-105 0000:86:00.4/nvidia-106; do
		[ -e "$dir/devices/virtual/mtty/${each%/*}" ] || add_parent "${each%/*}"
		add_type "${each%/*}" "${each#*/}" 'GRID P4-2Q'
		accepts
	done
	add_type 0000:86:00.4 nvidia-200 'GRID P4-4Q'
	accepts
}

make_bare()
{
	for parent in 0000:3b:00.4 0000:3b:00.5 0000:3b:00.6; do
		add_parent "$parent"
	done
}

dir=${2:?usage: fixture.sh CASE DIR}
mkdir "$dir"
case $1 in
none|unused|pod|plain|host|names|limits|many|hang|broken|groups|twins|cards|vfs|spellings|renamed|bare)
	"make_$1" ;;
*)
	echo "error: $1 is not a case of fixture.sh" >&2
	exit 2 ;;
esac
