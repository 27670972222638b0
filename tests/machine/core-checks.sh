#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: what the mdev core does before and after the vendor driver,
# with a driver that can be told to be wrong.  Prints TAP.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh

parameters=/sys/module/faulty_driver/parameters
parent=/sys/class/mdev_bus/faulty/mdev_supported_types
# A type is named after its parent's driver, and the parent has none
asked=$parent/-asked
opted_out=$parent/-opted_out

# set NAME=VALUE...
set_parameters()
{
	for parameter; do
		echo "${parameter#*=}" > "$parameters/${parameter%%=*}"
	done
}

# answer COMMAND... - success and what it printed, or why it failed
answer()
{
	output=$("$@" 2>&1) && echo "success: $output" ||
		echo "${output##*: }"
}

# In one write(2), whatever the length
write()
{
	# shellcheck disable=SC2059 # a format, for bytes that are not text
	printf "$1" > /tmp/version
	dd if=/tmp/version of=$asked/migration_version bs=8192 conv=notrunc \
		2> /tmp/dd || { grep -v records /tmp/dd; return 1; }
}

read_version()
{
	cat $asked/migration_version
}

length_read()
{
	set_parameters "$@"
	cat $asked/migration_version 2>&1 | wc -c
}

# How many faults of the driver the log has
reports()
{
	dmesg | grep -c 'faulty: mdev driver faulty_driver, type .* returned '
}

# reload_core - load mdev again, with the limit of the reports that it has anew
reload_core()
{
	loaded=$(ls /sys/module/mdev/holders)
	for module in $loaded mdev; do
		rmmod "$module"
	done
	for module in mdev $loaded; do
		modprobe "$module"
	done
}

repeat()
{
	head -c "$1" /dev/zero | tr '\0' x
}

# not_called NAME EXPECTED FORMAT
not_called()
{
	before=$(cat $parameters/checks)
	ok "$1: $2" "$2" "$(answer write "$3")"
	ok "$1: the driver is not called" "$before" "$(cat $parameters/checks)"
}

for callback in show check; do
	ok "a driver with $callback alone is refused" \
		"can't insert '/faulty_driver.ko': Invalid argument" \
		"$(insmod /faulty_driver.ko callbacks=$callback 2>&1 | sed 's/^insmod: //')"
	# insmod tries twice
	ok 'and the log names driver and missing callback' yes \
		"$(dmesg | grep -q "mdev driver faulty_driver: ${callback}_migration_version is set without" && echo yes)"
done
insmod /faulty_driver.ko callbacks=none
ok 'a driver with no callback has no attribute' '' \
	"$(find $parent/ -name migration_version)"
rmmod faulty_driver

# What ran before this may have used reports up
reload_core
insmod /faulty_driver.ko
ok 'the type that opted out has no attribute' no \
	"$([ -e $opted_out/migration_version ] && echo yes || echo no)"
ok 'nothing else about that type changes' \
	"$(find $asked/* ! -name migration_version | sed 's|.*/||')" \
	"$(find $opted_out/* | sed 's|.*/||')"

ok 'what show writes is read' "success: xxxx" "$(answer read_version)"
ok 'with one newline' 5 "$(length_read)"
ok 'also if the driver wrote none' 5 "$(length_read show_newline=0)"
ok 'the longest string that fits into a page' 4095 \
	"$(length_read show_length=4094 show_newline=0)"
ok 'the same with the newline of the driver' 4095 "$(length_read show_newline=1)"
ok 'no fault was reported' 0 "$(reports)"

eio='Input/output error'
set_parameters show_length=4095 show_newline=0
ok 'a string that leaves no room for its newline: EIO' "$eio" "$(answer read_version)"
# cat may read twice
ok 'the fault is reported with the name of the driver' yes \
	"$(dmesg | grep -q 'faulty: mdev driver faulty_driver, type .*asked: show_migration_version returned no valid version string (4095)' && echo yes)"
set_parameters show_length=0
ok 'an empty string: EIO' "$eio" "$(answer read_version)"
set_parameters show_newline=1
ok 'a bare newline: EIO' "$eio" "$(answer read_version)"
set_parameters show_length=4
for byte in 0 9 10 31 127 128 255; do
	set_parameters show_byte=$byte
	ok "byte $byte at the end: EIO" "$eio" "$(answer read_version)"
done
set_parameters show_byte=120
for result in 4097 100000 -512 -513 -529 -4095 -4096 -100000; do
	set_parameters show_result=$result
	ok "show returns $result: EIO" "$eio" "$(answer read_version)"
done
set_parameters show_result=-95
ok 'an errno of show is passed on' 'Operation not supported' \
	"$(answer read_version)"
set_parameters show_result=0

ok 'check returns 0: the whole count' 'success: ' "$(answer write 'abcd')"
ok 'and has seen the string' 4 "$(cat $parameters/checked_length)"
ok 'a newline at the end' 'success: ' "$(answer write 'abcd\n')"
ok 'is not part of it' 4 "$(cat $parameters/checked_length)"
ok 'a string of 4095 characters' 'success: ' "$(answer write "$(repeat 4095)")"
ok 'arrives whole' 4095 "$(cat $parameters/checked_length)"
ok 'and so with a newline, in 4096 bytes' 'success: ' \
	"$(answer write "$(repeat 4095)\\n")"
ok 'without it in the string' 4095 "$(cat $parameters/checked_length)"

not_called 'a bare newline' 'Invalid argument' '\n'
not_called 'two newlines' 'Invalid argument' 'abcd\n\n'
not_called 'a NUL' 'Invalid argument' 'ab\0cd'
not_called 'a NUL at the end' 'Invalid argument' 'abcd\0'
not_called 'a control character' 'Invalid argument' 'ab\tcd'
not_called 'a byte above 0x7e' 'Invalid argument' 'abcd\177'
not_called 'a byte above 0x7f' 'Invalid argument' 'abcd\200'
not_called '4096 characters' 'Argument list too long' "$(repeat 4096)"
not_called '4096 characters and a newline' 'Argument list too long' "$(repeat 4096)\\n"

for errno in '18 Invalid cross-device link' '22 Invalid argument' \
	     '93 Protocol not supported' '1 Operation not permitted' \
	     '12 Cannot allocate memory' '110 Connection timed out'; do
	set_parameters "check_result=-${errno%% *}"
	ok "errno ${errno%% *} of check is passed on" "${errno#* }" \
		"$(answer write abcd)"
done
for result in 1 4 4096 -512 -513 -529 -4095 -4096 -2147483648; do
	set_parameters check_result=$result
	ok "check returns $result: EIO" "$eio" "$(answer write abcd)"
done
ok 'ten of these faults are reported' 10 "$(reports)"

rmmod faulty_driver
insmod /faulty_driver.ko check_result=1
ok 'another load of the driver: EIO' "$eio" "$(answer write abcd)"
ok 'it does not have more reports' 10 "$(reports)"
rmmod faulty_driver
reload_core
insmod /faulty_driver.ko check_result=1
ok 'another load of the core: EIO' "$eio" "$(answer write abcd)"
ok 'it has reports again, now for check' 1 \
	"$(dmesg | grep -c 'check_migration_version returned neither success nor an errno for userspace (1)')"
rmmod faulty_driver

tests_end
