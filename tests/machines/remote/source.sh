#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine that is the source of remote.t: mdev-precheck check --to another
# host.  Prints TAP.

# shellcheck source=tests/lib/in-machine.sh
. /in-machine.sh
# shellcheck source=tests/machines/remote/host.sh
. /host.sh

host_is 1
export PATH="$PATH:/"
mkdir -p /etc/ssh
cat > /etc/ssh/ssh_config <<END
IdentityFile /user_key
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
LogLevel ERROR
ConnectTimeout 5
Host target
HostName 192.0.2.2
Host unreachable
HostName 192.0.2.3
Host refused
HostName 192.0.2.2
Port 23
END
echo acme-2.1 > $sim/gpus/gpu/version
echo 2.0 > $sim/gpus/gpu/accept_min
echo 1 > $sim/gpus/live
parents=/sys/class/mdev_bus

# Machines do not boot at one time
tries=0
until ssh target true 2> /tmp/output || [ $tries = 100 ]; do
	tries=$((tries + 1))
	sleep 1
done
ok 'the sshd of the target answers' '' "$(cat /tmp/output)"

# by_hand PARENT/TYPE - read the version here, write it on the target, and print 0 or 1
by_hand()
{
	file=$parents/${1%/*}/mdev_supported_types/${1#*/}/migration_version
	# shellcheck disable=SC2029 # the string is this host's
	if string=$(cat "$file" 2>/dev/null) &&
	   ssh target "[ -e '$file' ] && echo '$string' > '$file'" 2>/dev/null; then
		echo 0
	else
		echo 1
	fi
}

for type in mtty/mtty-1 mdpy/mdpy-hd mbochs/mbochs-small mdev-sim-gpus/mdev-sim-gpu; do
	ok "check --to target $type ends as cat, ssh and echo do" "$(by_hand $type)" \
		"$(status mdev-precheck check --to target $type $type)"
done
ok 'check --to ends with 1 if the target refuses a simulated device' 1 \
	"$(status mdev-precheck check --to target mdev-sim-gpus/mdev-sim-gpu)"
ok 'check --to prints that the target has refused' yes \
	"$(said '-> target:mdev-sim-gpus/mdev-sim-gpu: ')"
ok 'check --to prints the errno of the refusal of the target' yes "$(said EPROTONOSUPPORT)"
ok 'check --to prints the line of the kernel log of the target' yes \
	"$(said 'the kernel logged meanwhile: mdev-sim mdev-sim-gpus: type mdev-sim-gpu: ')"
# The line of the target's kernel log about a faulty driver does not have the string
knob=/sys/kernel/config/mdev-sim/gpus/gpu/check_result
# shellcheck disable=SC2029 # both hosts have the same name for it
ssh target "echo 1 > $knob"
ok "check --to ends with 3 if the target's driver is faulty" 3 \
	"$(status mdev-precheck check --to target mdev-sim-gpus/mdev-sim-gpu)"
ok "check --to prints that the answer of the target's driver is not valid" yes \
	"$(said "the target's driver gave no valid answer (EIO: ")"
ok "check --to prints the line of the target's kernel log about the fault" yes \
	"$(said '; the kernel logged meanwhile: mdev-sim mdev-sim-gpus: mdev driver mdev_sim, type mdev-sim-gpu: ')"
ssh target "for each in 1 2 3 4 5 6 7 8 9 10; do
	echo acme-2.0 > /sys/class/mdev_bus/mdev-sim-gpus/mdev_supported_types/mdev-sim-gpu/migration_version
done" 2> /dev/null
status mdev-precheck check --to target mdev-sim-gpus/mdev-sim-gpu > /tmp/status
ok 'check --to prints where to look if the kernel of the target no longer logs the fault' yes \
	"$(said "; the kernel log of the target's host can have the fault: dmesg | grep mdev")"
# shellcheck disable=SC2029 # both hosts have the same name for it
ssh target "echo > $knob"
ok 'check --json --to ends with 1 if the target refuses' 1 \
	"$(status mdev-precheck check --json --to target mdev-sim-gpus/mdev-sim-gpu)"
ok 'check --json --to writes the host and parent of the target' yes "$(said '"target":{"host":"target","parent":"mdev-sim-gpus"')"
ok 'check --to --from ends with 0 for an export of the source' 0 "$(mdev-precheck export --output /tmp/export
	status mdev-precheck check --to target --from /tmp/export --type mtty-1)"
ok 'check --to passes options on to ssh' 0 "$(status mdev-precheck check -p 2222 -l root -i /user_key \
	-o ConnectTimeout=9 -F /etc/ssh/ssh_config --to target mtty/mtty-1)"
ok 'check --to ends with 3 if the device does not exist on the target' 3 "$(status mdev-precheck check --to target mtty/mtty-1 \
	a5ae0d9e-8c2b-4b8f-8d0c-6a1ec2c2f001)"

ok 'check --to takes a parent of the target' 0 \
	"$(status mdev-precheck check --to target mtty/mtty-1 mtty)"
ok 'check --to ends with 2 if the target does not have the parent' 2 \
	"$(status mdev-precheck check --to target mtty/mtty-1 mtt/mtty-1)"
ok 'check --to prints the nearest name that the target has' yes \
	"$(said 'did you mean mtty/mtty-1?')"

# A question that does not have an answer is an error (3), and not a refusal (1)
ok 'check --to ends with 3 if the host cannot be reached' 3 \
	"$(status mdev-precheck check --to unreachable mtty/mtty-1)"
ok 'check --to names the host that cannot be reached' yes "$(said '-> unreachable:mtty-1: the host could not be reached')"
ok 'check --to ends with 3 if the host does not have mdev-precheck' 3 \
	"$(status mdev-precheck check --to target --remote no-precheck mtty/mtty-1)"
ok 'check --to names the host that does not have mdev-precheck' yes "$(said 'mdev-precheck is not installed on the host')"
ok 'check --to ends with 3 if the remote command refuses an option' 3 \
	"$(status mdev-precheck check --to target --remote 'mdev-precheck --new' mtty/mtty-1)"
ok 'check --to prints that the remote mdev-precheck is of another version' yes "$(said "the host's mdev-precheck is of another version")"
ok 'check --to ends with 3 if the remote command fails without a message' 3 \
	"$(status mdev-precheck check --to target --remote false mtty/mtty-1)"
ok 'check --to ends with 3 if the remote command prints another document' 3 \
	"$(status mdev-precheck check --to target --remote 'echo {}' mtty/mtty-1)"
ok 'check --to prints that another document is not believed' yes \
	"$(said "the host's answer is not believed: ")"
ok 'check --to ends with 3 if the document is of a later format' 3 "$(status mdev-precheck check --to target --remote \
	'mdev-precheck check --json --from - | sed s/_version\":1/_version\":2/;:' mtty/mtty-1)"
ok 'check --to prints format_version for a document of a later format' yes "$(said 'format_version')"
ok 'check --to ends with 2 for a type whose name is a shell command' 2 "$(status mdev-precheck check --to target mtty/mtty-1 \
	"x'; touch broken; '")"
ok 'the target does not run the type whose name is a shell command' no "$(ssh target test -e broken && echo yes || echo no)"

# A row is a target, and a column is a source: 1 is acme-2.0 of the target, and 2 is acme-2.1
ok 'matrix --to ends with 1 for simulated devices of both hosts' 1 \
	"$(status mdev-precheck matrix --to target --type mdev-sim-gpu)"
ok 'matrix --to prints that the target refuses the new version' 'yes no' \
	"$(awk '$1 == "target:mdev-sim-gpus" { print $2, $3 }' /tmp/output)"
ok 'matrix --to prints the reason for which the target refuses the new version' yes \
	"$(said "the target's driver does not accept the version (EPROTONOSUPPORT")"
ok 'matrix --to prints that the source accepts both versions' 'yes yes' \
	"$(awk '$1 == "mdev-sim-gpus" { print $2, $3 }' /tmp/output)"
ok 'matrix --to ends with 0 if both hosts accept each other' 0 \
	"$(status mdev-precheck matrix --to target --type mtty-1)"
ok 'matrix --to asks each of two targets about an equal version' yes \
	"$(awk '/mtty.*\(2 parents\) +yes$/ { print "yes" }' /tmp/output)"
ok 'matrix --to ends with 3 if one of two hosts refuses the connection' 3 \
	"$(status mdev-precheck matrix --to refused --to target --type mtty-1)"
ok 'matrix --to prints that one host was not reached' yes \
	"$(said 'refused: not asked: the host could not be reached')"
ok 'matrix --to prints the message of ssh with the name of the host' yes \
	"$(said 'mdev-precheck: refused: ssh: connect to host 192.0.2.2 port 23: Connection refused')"
ok 'matrix --to prints that the other host was asked' yes \
	"$(said 'this host, target (2 hosts): asked')"
ok 'matrix --to has a row for the host that was not reached, and one row for the others' \
	'both yes, refused - -, ' \
	"$(awk '/mtty.*\(2 parents\) +yes$/ { printf "both yes, " }
		$2 == "refused" { printf "%s, ", $2 " " $3 " " $4 }' /tmp/output)"
sed 's/^/# /' /tmp/output

# verdicts - print the verdicts in the output, without the messages of ssh
verdicts()
{
	sed -n 's/^\(compatible\|not compatible\|not asked\): .*/\1/p' /tmp/output
}

#
# An answer that ends in its middle
#
# broken PART WHO PLACE - require "not asked" after an answer that is cut by answer.sh
broken()
{
	ok "check --to ends with 3 if the target kills $2 after the $1 answer about $3" 3 \
		"$(status mdev-precheck check --to target --remote "sh /answer.sh $1 $2" "$3" "$3")"
	ok "check --to prints one verdict after the $1 answer about $3, not asked" 'not asked' \
		"$(verdicts)"
}
for part in half whole; do
	for who in sshd mdev-precheck; do
		broken $part $who mtty/mtty-1
	done
done
broken half mdev-precheck mdev-sim-gpus/mdev-sim-gpu
broken whole sshd mdev-sim-gpus/mdev-sim-gpu
sed 's/^/# /' /tmp/output

#
# A host that hangs
#
# any_process NAME - print "none" when each such process has ended, or their numbers after a minute
any_process()
{
	tries=0
	while pidof "$1" > /dev/null && [ $tries -lt 120 ]; do
		tries=$((tries + 1))
		sleep 0.5
	done
	pidof "$1" || echo none
}

ok 'check --to ends with 3 if the command on the target does not end' 3 \
	"$(status mdev-precheck check --timeout 1 --to target --remote 'sleep 10000; :' mtty/mtty-1)"
ok 'check --to prints that the command on the target does not end' yes \
	"$(said 'the host did not answer in time')"
ok 'matrix --to ends with 3 if the command on the target does not end' 3 \
	"$(status mdev-precheck matrix --timeout 1 --to target --remote 'sleep 10000; :' --type mtty-1)"
ok 'matrix --to names the target whose command does not end' yes \
	"$(said 'target: not asked: the host did not answer in time')"
ok 'an ssh to a command that does not end is ended' none "$(any_process ssh)"
# From now on the target has a driver that takes an hour
# shellcheck disable=SC2029 # both hosts have the same name for it
ssh target "echo 1 > '$sim/slow/live'"
ok 'check --to ends with 3 if a driver of the target does not answer' 3 \
	"$(status mdev-precheck check --timeout 4 --to target --type mdev-sim-slow acme-2.0)"
ok 'check --to prints that a driver of the target does not answer' yes \
	"$(grep -q -e ETIMEDOUT -e 'did not answer in time' /tmp/output && echo yes)"
sed 's/^/# /' /tmp/output

# ask_slowly SECONDS WHAT - ask this driver in the background, until asked.sh WHAT has ended
ask_slowly()
{
	mdev-precheck check --timeout "$1" --to target --type mdev-sim-slow acme-2.0 \
		> /tmp/output 2>&1 &
	asker=$!
	# shellcheck disable=SC2029 # the word is this host's
	ssh target sh /asked.sh "$2" > /tmp/asked
}

for who in mdev-precheck sshd; do
	ask_slowly 60 $who
	ok "the driver of the target is called before $who is killed" called "$(cat /tmp/asked)"
	wait $asker && got=0 || got=$?
	ok "check --to ends with 3 if $who is killed while the driver is called" 3 "$got"
	ok "check --to prints one verdict if $who is killed while the driver is called" \
		'not asked' "$(verdicts)"
	sed 's/^/# /' /tmp/output
done
ask_slowly 15 called
ok 'the driver of the target is called before the asker is killed' called "$(cat /tmp/asked)"
kill -s KILL $asker
wait $asker 2> /dev/null
ok 'an asker that is killed does not leave an ssh' none "$(any_process ssh)"
ok 'an asker that is killed does not leave a mdev-precheck' none "$(any_process mdev-precheck)"
ok 'an asker that is killed does not leave a mdev-precheck on the target' gone \
	"$(ssh target sh /asked.sh gone)"

ssh target touch /tmp/ended
tests_end
