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
export LD_LIBRARY_PATH=/ PATH="$PATH:/"
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
ok 'the target is there' '' "$(cat /tmp/output)"

# status COMMAND... - its exit status; its output is in /tmp/output
status()
{
	"$@" > /tmp/output 2>&1
	echo $?
}

said()
{
	if grep -q -F -e "$1" /tmp/output; then
		echo yes
	else
		cat /tmp/output
	fi
}

# by_hand PARENT/TYPE - read here, written there
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
	ok "$type to the target: as by hand" "$(by_hand $type)" \
		"$(status mdev-precheck check --to target $type $type)"
done
ok 'the simulated one was refused' 1 \
	"$(status mdev-precheck check --to target mdev-sim-gpus/mdev-sim-gpu)"
ok 'by the target' yes "$(said 'target:mdev-sim-gpus/mdev-sim-gpu: ')"
ok 'with its reason' yes "$(said EPROTONOSUPPORT)"
ok 'JSON is the same verdict' 1 \
	"$(status mdev-precheck check --json --to target mdev-sim-gpus/mdev-sim-gpu)"
ok 'of that host' yes "$(said '"target":{"host":"target","parent":"mdev-sim-gpus"')"
ok 'an export of this host' 0 "$(mdev-precheck export --output /tmp/export
	status mdev-precheck check --to target --from /tmp/export --type mtty-1)"
ok 'ssh options' 0 "$(status mdev-precheck check -p 2222 -l root -i /user_key \
	-o ConnectTimeout=9 -F /etc/ssh/ssh_config --to target mtty/mtty-1)"
ok 'a device that is there' 3 "$(status mdev-precheck check --to target mtty/mtty-1 \
	a5ae0d9e-8c2b-4b8f-8d0c-6a1ec2c2f001)"

# What is no answer is not a no
ok 'a host that cannot be reached' 3 \
	"$(status mdev-precheck check --to unreachable mtty/mtty-1)"
ok 'is named' yes "$(said 'unreachable: could not be reached')"
ok 'a host without mdev-precheck' 3 \
	"$(status mdev-precheck check --to target --remote no-precheck mtty/mtty-1)"
ok 'is named too' yes "$(said 'target: mdev-precheck is not installed there')"
ok 'one that does not know a command or an option' 3 \
	"$(status mdev-precheck check --to target --remote 'mdev-precheck --new' mtty/mtty-1)"
ok 'is of another version' yes "$(said 'target: its mdev-precheck is of another version')"
ok 'one that fails without a word' 3 \
	"$(status mdev-precheck check --to target --remote false mtty/mtty-1)"
ok 'one that says something else' 3 \
	"$(status mdev-precheck check --to target --remote 'echo {}' mtty/mtty-1)"
ok 'which is told' yes "$(said 'not to be understood')"
ok 'a document of a later format' 3 "$(status mdev-precheck check --to target --remote \
	'mdev-precheck check --json --from - | sed s/_version\":1/_version\":2/;:' mtty/mtty-1)"
ok 'is not guessed at' yes "$(said 'format_version')"
ok 'a name is no command there' 1 "$(status mdev-precheck check --to target mtty/mtty-1 \
	"x'; touch broken; '")"
ok 'it was not run' no "$(ssh target test -e broken && echo yes || echo no)"

ok 'matrix: both hosts' 1 \
	"$(status mdev-precheck matrix --to target --type mdev-sim-gpu)"
ok 'the new one does not go to the old one' yes "$(said '2 to 1: ')"
ok 'the old one goes to the new one' 'yes' \
	"$(awk '/^FROM/ { answers = 1; next } answers && $1 == 1 { print $3; exit }' /tmp/output)"
ok 'matrix: equal versions are asked once' yes \
	"$(status mdev-precheck matrix --to target --type mtty-1 > /tmp/status
	   said '1 question for 2 pairs of parents: 1 write saved')"

ssh target touch /tmp/ended
tests_end
