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
ok 'the sshd of the target answers' '' "$(cat /tmp/output)"

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
	ok "check --to target $type answers as cat, ssh and echo do" "$(by_hand $type)" \
		"$(status mdev-precheck check --to target $type $type)"
done
ok 'check --to ends with 1 if the target refuses a simulated device' 1 \
	"$(status mdev-precheck check --to target mdev-sim-gpus/mdev-sim-gpu)"
ok 'check --to prints that the target has refused' yes "$(said 'target:mdev-sim-gpus/mdev-sim-gpu: ')"
ok 'check --to prints the errno of the refusal of the target' yes "$(said EPROTONOSUPPORT)"
ok 'check --json --to ends with 1 if the target refuses' 1 \
	"$(status mdev-precheck check --json --to target mdev-sim-gpus/mdev-sim-gpu)"
ok 'check --json --to writes the host and parent of the target' yes "$(said '"target":{"host":"target","parent":"mdev-sim-gpus"')"
ok 'check --to --from ends with 0 for an export of the source' 0 "$(mdev-precheck export --output /tmp/export
	status mdev-precheck check --to target --from /tmp/export --type mtty-1)"
ok 'check --to passes options on to ssh' 0 "$(status mdev-precheck check -p 2222 -l root -i /user_key \
	-o ConnectTimeout=9 -F /etc/ssh/ssh_config --to target mtty/mtty-1)"
ok 'check --to ends with 3 if the device does not exist on the target' 3 "$(status mdev-precheck check --to target mtty/mtty-1 \
	a5ae0d9e-8c2b-4b8f-8d0c-6a1ec2c2f001)"

# A question that does not have an answer is an error (3), and not a refusal (1)
ok 'check --to ends with 3 if the host cannot be reached' 3 \
	"$(status mdev-precheck check --to unreachable mtty/mtty-1)"
ok 'check --to names the host that cannot be reached' yes "$(said 'unreachable: could not be reached')"
ok 'check --to ends with 3 if the host does not have mdev-precheck' 3 \
	"$(status mdev-precheck check --to target --remote no-precheck mtty/mtty-1)"
ok 'check --to names the host that does not have mdev-precheck' yes "$(said 'target: mdev-precheck is not installed there')"
ok 'check --to ends with 3 if the remote command refuses an option' 3 \
	"$(status mdev-precheck check --to target --remote 'mdev-precheck --new' mtty/mtty-1)"
ok 'check --to prints that the remote mdev-precheck is of another version' yes "$(said 'target: its mdev-precheck is of another version')"
ok 'check --to ends with 3 if the remote command fails without a message' 3 \
	"$(status mdev-precheck check --to target --remote false mtty/mtty-1)"
ok 'check --to ends with 3 if the remote command prints another document' 3 \
	"$(status mdev-precheck check --to target --remote 'echo {}' mtty/mtty-1)"
ok 'check --to prints that another document was not to be understood' yes "$(said 'not to be understood')"
ok 'check --to ends with 3 if the document is of a later format' 3 "$(status mdev-precheck check --to target --remote \
	'mdev-precheck check --json --from - | sed s/_version\":1/_version\":2/;:' mtty/mtty-1)"
ok 'check --to prints format_version for a document of a later format' yes "$(said 'format_version')"
ok 'check --to ends with 1 for a type whose name is a shell command' 1 "$(status mdev-precheck check --to target mtty/mtty-1 \
	"x'; touch broken; '")"
ok 'the target does not run the type whose name is a shell command' no "$(ssh target test -e broken && echo yes || echo no)"

ok 'matrix --to ends with 1 for simulated devices of both hosts' 1 \
	"$(status mdev-precheck matrix --to target --type mdev-sim-gpu)"
ok 'matrix --to: the new version does not go to the old one' yes "$(said '2 to 1: ')"
ok 'matrix --to: the old version goes to the new one' yes \
	"$(awk '/^FROM/ { answers = 1; next } answers && $1 == 1 { print $3; exit }' /tmp/output)"
ok 'matrix --to: equal versions are asked once' yes \
	"$(status mdev-precheck matrix --to target --type mtty-1 > /tmp/status
	   said '1 question for 2 pairs of parents: 1 write saved')"

ssh target touch /tmp/ended
tests_end
