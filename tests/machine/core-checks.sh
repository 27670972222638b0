#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: the mdev core checks strings before and after the vendor driver, with a
# driver that a test makes wrong.  Prints TAP.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh

parameters=/sys/module/faulty_driver/parameters
parent=/sys/class/mdev_bus/faulty/mdev_supported_types
# The name of a type begins with the driver of the parent, and this parent does not have one
asked=$parent/-asked
opted_out=$parent/-opted_out

# set_parameters NAME=VALUE... - set module parameters
set_parameters()
{
	for parameter; do
		echo "${parameter#*=}" > "$parameters/${parameter%%=*}"
	done
}

# answer COMMAND... - print success and the output of the command, or why it failed
answer()
{
	output=$("$@" 2>&1) && echo "success: $output" ||
		echo "${output##*: }"
}

# write FORMAT - write a string of any length by one write(2)
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

# show_fault - print the last fault of show in the log, without the names in front of it
show_fault()
{
	dmesg | sed -n 's/.*faulty: mdev driver faulty_driver, type .*asked: show_migration_version returned //p' |
		tail -n 1
}

# faulty_show FAULT NAME=VALUE... - require this fault of a show with these parameters in the log
faulty_show()
{
	fault=$1
	shift
	set_parameters "$@"
	ok "a read fails because show returns $fault" "$eio" "$(answer read_version)"
	ok "the log has: show returned $fault" "$fault" "$(show_fault)"
}

# reports - print how many faults of the driver the log has
reports()
{
	dmesg | grep -c 'faulty: mdev driver faulty_driver, type .* returned '
}

# reload_core - load mdev again, because its limit of the reports is new then
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

# not_called NAME EXPECTED FORMAT - require that a write fails without a call of the driver
not_called()
{
	before=$(cat $parameters/checks)
	ok "a write of $1: $2" "$2" "$(answer write "$3")"
	ok "a write of $1: the driver is not called" "$before" "$(cat $parameters/checks)"
}

# refusals - print how many refusals of a driver the log has
refusals()
{
	dmesg | grep -c 'mdev driver faulty_driver: .* must be set together'
}

for callback in show check; do
	before=$(refusals)
	ok "a driver with $callback alone is refused" \
		"can't insert '/faulty_driver.ko': Invalid argument" \
		"$(insmod /faulty_driver.ko callbacks=$callback 2>&1 | sed 's/^insmod: //')"
	# insmod tries twice
	ok "the log names the driver with $callback alone" yes \
		"$([ "$(refusals)" -gt "$before" ] && echo yes)"
done
insmod /faulty_driver.ko callbacks=none
ok 'a driver without callbacks does not have the attribute' '' \
	"$(find $parent/ -name migration_version)"
rmmod faulty_driver

# The tests before may have used up the reports
reload_core
insmod /faulty_driver.ko
ok 'the type that opted out does not have the attribute' no \
	"$([ -e $opted_out/migration_version ] && echo yes || echo no)"
ok 'the type that opted out has all other files' \
	"$(find $asked/* ! -name migration_version | sed 's|.*/||')" \
	"$(find $opted_out/* | sed 's|.*/||')"

ok 'the string that show writes is read' "success: xxxx" "$(answer read_version)"
ok 'the string that is read ends with one newline' 5 "$(length_read)"
ok 'the string that is read ends with one newline if the driver did not write one' 5 "$(length_read show_newline=0)"
ok 'the longest string that fits into a page is read' 4095 \
	"$(length_read show_length=4094 show_newline=0)"
ok 'the longest string is read with the newline of the driver' 4095 "$(length_read show_newline=1)"
ok 'sound strings are not reported as faults' 0 "$(reports)"

eio='Input/output error'
set_parameters show_length=4095 show_newline=0
ok 'a read ends with EIO if show writes a string that does not have room for its newline' "$eio" "$(answer read_version)"
set_parameters show_length=0
ok 'a read ends with EIO if show writes an empty string' "$eio" "$(answer read_version)"
set_parameters show_newline=1
ok 'a read ends with EIO if show writes a bare newline' "$eio" "$(answer read_version)"
set_parameters show_length=4
for byte in 0 9 10 31 127 128 255; do
	set_parameters show_byte=$byte
	ok "a read ends with EIO if show writes byte $byte at the end" "$eio" "$(answer read_version)"
done
set_parameters show_byte=120
for result in 4097 100000 -512 -513 -529 -4095 -4096 -100000; do
	set_parameters show_result=$result
	ok "a read ends with EIO if show returns $result" "$eio" "$(answer read_version)"
done
set_parameters show_result=-95
ok 'an errno of show is passed on' 'Operation not supported' \
	"$(answer read_version)"
set_parameters show_result=0

ok 'a write succeeds if check returns 0' 'success: ' "$(answer write 'abcd')"
ok 'check gets the string that is written' 4 "$(cat $parameters/checked_length)"
ok 'a write with a newline at the end succeeds' 'success: ' "$(answer write 'abcd\n')"
ok 'check gets the string without the newline at its end' 4 "$(cat $parameters/checked_length)"
ok 'a write of 4095 characters succeeds' 'success: ' "$(answer write "$(repeat 4095)")"
ok 'check gets all of 4095 characters' 4095 "$(cat $parameters/checked_length)"
ok 'a write of 4095 characters and a newline succeeds' 'success: ' \
	"$(answer write "$(repeat 4095)\\n")"
ok 'check gets all of 4095 characters without the newline' 4095 "$(cat $parameters/checked_length)"

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
	ok "a write ends with EIO if check returns $result" "$eio" "$(answer write abcd)"
done
ok 'only ten faults of the driver are reported' 10 "$(reports)"

rmmod faulty_driver
insmod /faulty_driver.ko check_result=1
ok 'a write ends with EIO if check returns 1 after another load of the driver' "$eio" "$(answer write abcd)"
ok 'another load of the driver does not have more reports' 10 "$(reports)"
rmmod faulty_driver
reload_core
insmod /faulty_driver.ko check_result=1
ok 'a write ends with EIO if check returns 1 after another load of the core' "$eio" "$(answer write abcd)"
ok 'another load of the core has reports again' 1 \
	"$(dmesg | grep -c 'check_migration_version returned an invalid answer (1)')"
rmmod faulty_driver

# Each of these faults has one report or two, because cat may read twice
reload_core
insmod /faulty_driver.ko
faulty_show 'a string of 4095 characters, at most 4094 are allowed' \
	show_length=4095 show_newline=0
faulty_show 'an empty string' show_length=0
faulty_show 'a string whose byte 4 (counted from 0) is 0x09, expected 0x20 to 0x7e' \
	show_length=5 show_byte=9
faulty_show 'an invalid answer (4097)' show_result=4097
rmmod faulty_driver

tests_end
