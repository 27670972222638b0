#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The programs of tools/mdev/integrations/ ask about each device of a guest, and take only an answer
# for a yes.  Programs of others have stand-ins: ssh and kubectl execute their command on this host.
#
# needs: precheck grpc
# check: yes
# seconds: 15

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX O
integrations=$top/tools/mdev/integrations
make -C "$top/tools/mdev" O="$work/build" > build.log 2>&1 ||
	bail_out "make failed: $work/build.log"
export LD_LIBRARY_PATH="$work/build" PYTHONDONTWRITEBYTECODE=1

# The hosts "here" and "there" are directories that look like a sysfs

# type HOST PARENT TYPE accepts|refuses|hangs|VERSION - add a type whose driver answers so, or shows
# the version
type()
{
	directory=$1/class/mdev_bus/$2/mdev_supported_types/$3
	mkdir -p "$directory/devices" "$1/bus/mdev/devices"
	echo "Card $3" > "$directory/name"
	case $4 in
	accepts) ln -s /dev/null "$directory/migration_version" ;;
	# Such a file takes digits alone, and returns EINVAL for others
	refuses) ln -s /proc/self/clear_refs "$directory/migration_version" ;;
	hangs)	 mkfifo "$directory/migration_version" ;;
	*)	 echo "$4" > "$directory/migration_version" ;;
	esac
}

# device HOST UUID PARENT TYPE - add a device of the type
device()
{
	mkdir -p "$1/devices/$3/$2"
	: > "$1/class/mdev_bus/$3/mdev_supported_types/$4/devices/$2"
	ln -s "../../../class/mdev_bus/$3/mdev_supported_types/$4" "$1/devices/$3/$2/mdev_type"
	ln -s "../../../devices/$3/$2" "$1/bus/mdev/devices/$2"
}

uuid=aaaaaaaa-1111-4222-8333-444444444444
yes=bbbbbbbb-1111-4222-8333-444444444444
no=cccccccc-1111-4222-8333-444444444444
hangs=dddddddd-1111-4222-8333-444444444444
gone=eeeeeeee-1111-4222-8333-444444444444

type there 0000:01:00.0 vgpu-1 1.0
type there 0000:01:00.0 vgpu-2 1.0
device there "$uuid" 0000:01:00.0 vgpu-1
type here 0000:3b:00.4 vgpu-1 accepts
type here 0000:3b:00.4 vgpu-2 accepts
type here 0000:3b:00.5 vgpu-1 refuses
type here 0000:3b:00.6 vgpu-1 hangs
type here 0000:3b:00.7 vgpu-3 accepts
device here "$yes" 0000:3b:00.4 vgpu-1
device here "$no" 0000:3b:00.5 vgpu-1
device here "$hangs" 0000:3b:00.6 vgpu-1

# Stand-ins of programs.  A limit is short if a test waits for it.

mkdir bin without
cat > bin/mdev-precheck <<STAND_IN
#!/bin/sh
for argument; do
	shift
	[ "\${SHORT:-}\$argument" != yes5 ] || argument=0.2
	set -- "\$@" "\$argument"
done
echo "\$*" >> "$work/asked"
exec "$work/build/mdev-precheck" --fixture "$work/\${HOST:-here}" "\$@"
STAND_IN
cat > bin/ssh <<STAND_IN
#!/bin/sh
echo "PATH=\$PATH \$*" >> "$work/ssh.called"
case \${SSH:-} in
down)	echo "ssh: connect to host: Connection timed out" >&2; exit 255 ;;
hangs)	exec sleep 1000 ;;
esac
while [ "\${1#root@}" = "\$1" ]; do shift; done
shift
HOST=there exec "\$@"
STAND_IN
cat > bin/timeout <<'STAND_IN'
#!/bin/sh
[ -n "${SHORT:-}" ] || exec /usr/bin/timeout "$@"
shift 3
exec /usr/bin/timeout -k 1 1 "$@"
STAND_IN
chmod +x bin/*
export PATH="$work/bin:$PATH"
HOST=there mdev-precheck export --device "$uuid" > document || bail_out "mdev-precheck export failed"
: > empty

# Two files of sysfs and coreutils: ask.sh

ask_sh()
{
	SYSFS=here sh "$integrations/ask.sh" "$@"
}

# given FILE COMMAND... - execute the command with the file on standard input
given()
{
	file=$1
	shift
	"$@" < "$file"
}

echo 1.0 > version
printf '1.0\n2.0\n' > lines
printf '%04096d\n' 1 > long
check "ask.sh: a driver that accepts is a yes" comes_to 0 '^compatible' \
	given version ask_sh 0000:3b:00.4 vgpu-1
check "ask.sh: a driver that refuses is a no with its errno" \
	comes_to 1 '^not compatible: .*: Invalid argument$' \
	given version ask_sh 0000:3b:00.5 vgpu-1
check "ask.sh: a type that the parent does not have is a no that names its types" \
	comes_to 1 'does not have the type vgpu-2; it has: vgpu-1$' \
	given version ask_sh 0000:3b:00.5 vgpu-2
check "ask.sh: a parent that does not exist is not asked, and the message names the parents" \
	comes_to 3 'this host does not have the parent 0000:3b:00.9; it has: 0000:3b:00.4 ' \
	given version ask_sh 0000:3b:00.9 vgpu-1
check "ask.sh: a source that printed nothing is not asked about" comes_to 3 '^not asked' \
	given empty ask_sh 0000:3b:00.4 vgpu-1
check "ask.sh: two lines are not a version" comes_to 2 'printable ASCII' \
	given lines ask_sh 0000:3b:00.4 vgpu-1
check "ask.sh: a version of 4096 characters is an error" comes_to 2 '4095' \
	given long ask_sh 0000:3b:00.4 vgpu-1
check "ask.sh: one operand is an error" comes_to 2 'two operands' given version ask_sh vgpu-1
check "ask.sh: an operand with a slash is an error" comes_to 2 'without a slash' \
	given version ask_sh 0000:3b:00.4/vgpu-1 ..
check "ask.sh: a driver that hangs is not asked" comes_to 3 '^not asked: .*did not answer' \
	given version env SHORT=yes SYSFS=here sh "$integrations/ask.sh" 0000:3b:00.6 vgpu-1
for file in /dev/full /proc/self/mem; do
	ln -sf "$file" here/class/mdev_bus/0000:3b:00.7/mdev_supported_types/vgpu-3/migration_version
	check "ask.sh: the errno of a write to $file is a no, or means \"not asked\"" comes_to \
		"$([ $file = /dev/full ] && echo 1 || echo 3)" . \
		given version ask_sh 0000:3b:00.7 vgpu-3
done

# The command: ask.py

ask_py()
{
	python3 "$integrations/ask.py" "$@"
}

check "ask.py: a device that is accepted is a yes" comes_to 0 '^compatible$' ask_py document "$yes"
check "ask.py: one of several devices that is refused is a no with its reason" \
	comes_to 1 '0000:3b:00.5/vgpu-1: .*EINVAL' ask_py document "$yes" document "$no"
check "ask.py: a no outweighs a question that was not asked" comes_to 1 '^not compatible$' \
	ask_py document "$no" document "$gone"
check "ask.py: several devices that are accepted are a yes" comes_to 0 '^compatible$' \
	ask_py document "$yes" document 0000:3b:00.4/vgpu-1
check "ask.py: no device is a wrong call" comes_to 2 usage ask_py
check "ask.py: a document without a target is a wrong call" comes_to 2 usage ask_py document
check "ask.py: a document that does not exist is a wrong call" comes_to 2 'nowhere' \
	ask_py nowhere "$yes"
check "ask.py: a type is a yes only if each parent accepts" comes_to 1 '^not compatible$' \
	env SHORT=yes python3 "$integrations/ask.py" document vgpu-1
check "ask.py: a source that printed nothing is not asked about" comes_to 3 '^not asked$' \
	ask_py empty "$yes"
check "ask.py: a device that does not exist is not asked" comes_to 3 "$gone" \
	ask_py document "$gone"
check "ask.py: a mistake in a target is not asked, and the message names a parent with a like name" \
	comes_to 3 'did you mean 0000:3b:00.4' ask_py document 0000:3b:0.4/vgpu-1
check "ask.py: a target that looks like an option is not one" comes_to 3 '^not asked$' \
	ask_py document --help
check "ask.py: a driver that hangs is not asked" comes_to 3 '^not asked$' \
	env SHORT=yes python3 "$integrations/ask.py" document "$hangs"
check "ask.py: a host without mdev-precheck is not asked" \
	comes_to 3 'did not end with an answer: .*No such file' \
	env PATH="$work/without" /usr/bin/python3 "$integrations/ask.py" document "$yes"

# python PROGRAM - execute it with the functions of ask.py
python()
{
	PYTHONPATH=$integrations timeout 20 python3 -c "$1"
}

check "ask(): a program that hangs is not asked" python "
import ask
answer = ask.ask('', 'x', before=['sh', '-c', 'exec sleep 1000'], limit=0.2)
assert answer[0] == ask.NOT_ASKED and 'timed out after 0.2 seconds' in answer[1][0], answer"
check "ask(): output that is not JSON, is incomplete or contradicts itself is not a yes" python "
import ask
for said in ('', 'yes', '[]', '{}', '{\"verdicts\":[]}', '{\"verdicts\":[{}]}',
             '{\"verdicts\":[{\"verdict\":\"yes\",\"reason\":\"\",'
             '\"target\":{\"parent\":\"p\",\"type\":\"t\"}}]}'):
    answer = ask.ask('', 'x', before=['sh', '-c', 'printf %s \"\$0\"', said])
    assert answer[0] == ask.NOT_ASKED, (said, answer)
said = ('{\"verdicts\":[{\"verdict\":\"compatible\",\"reason\":\"\",'
        '\"target\":{\"parent\":\"p\",\"type\":\"t\"}}]}')
answer = ask.ask('', 'x', before=['sh', '-c', 'printf %s \"\$0\"; exit 3', said])
assert answer[0] == ask.NOT_ASKED, answer"
check "ask_all(): nothing is asked about a guest without devices" python "
import ask
assert ask.ask_all([]) == (ask.NOT_ASKED, [])"

# The library: ask.c

# The library of the program has a fixture in place of /sys, and a shorter limit
cat > fixture.c <<'STAND_IN'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <mdev-precheck.h>
#include <stdlib.h>

int mdev_precheck_new(const char *sysfs, struct mdev_precheck **precheck)
{
	return mdev_precheck_new_fixture(sysfs ? sysfs : getenv("FIXTURE"), precheck);
}

void mdev_precheck_set_timeout(struct mdev_precheck *precheck, unsigned int milliseconds)
{
	void (*next)(struct mdev_precheck *p, unsigned int m);

	next = dlsym(RTLD_NEXT, "mdev_precheck_set_timeout");
	next(precheck, milliseconds && getenv("SHORT") ? 200 : milliseconds);
}
STAND_IN
check "ask.c compiles without a warning" cc -Wall -Wextra -Werror -I "$top/tools/mdev/lib" \
	-o ask "$integrations/ask.c" -L build -lmdev-precheck
check "the library's stand-in compiles" cc -Wall -Werror -I "$top/tools/mdev/lib" -shared -fPIC \
	-o fixture.so fixture.c -L build -lmdev-precheck
ask_c()
{
	LD_PRELOAD=$work/fixture.so FIXTURE=here ./ask "$@"
}
check "ask.c: a device that is accepted is a yes" comes_to 0 '^compatible' \
	ask_c "$yes" vgpu-1 1.0
check "ask.c: one of several devices that is refused is a no" comes_to 1 "^compatible: $yes" \
	ask_c "$no" vgpu-1 1.0 "$yes" vgpu-1 1.0
check "ask.c: a no outweighs a question that was not asked" comes_to 1 "^not asked: $gone" \
	ask_c "$no" vgpu-1 1.0 "$gone" vgpu-1 1.0
check "ask.c: a question that was not asked outweighs a yes" comes_to 3 "^compatible: $yes" \
	ask_c "$gone" vgpu-1 1.0 "$yes" vgpu-1 1.0
check "ask.c: a device of another type is a no" comes_to 1 '^not compatible' \
	ask_c "$yes" vgpu-2 1.0
check "ask.c: a driver that hangs is not asked" comes_to 3 "^not asked: $hangs" \
	env SHORT=yes LD_PRELOAD="$work/fixture.so" FIXTURE=here ./ask "$hangs" vgpu-1 1.0
check "ask.c: no device is a wrong call" comes_to 2 usage ask_c
check "ask.c: a device without a version is a wrong call" comes_to 2 usage ask_c "$yes" vgpu-1
check "ask.c: a mistake in a UUID is a wrong call" comes_to 2 'a UUID was expected' \
	ask_c "$yes" vgpu-1 1.0 "${no%4}" vgpu-1 1.0
check "ask.c: an empty version of a source is a wrong call" comes_to 2 '^ask: ' \
	ask_c "$yes" vgpu-1 ''

# Proxmox VE: the hookscript

# The files are as qemu-server and pmxcfs write them
pve=root/etc/pve
node=$(uname -n)
node=${node%%.*}
mkdir -p "$pve/mapping" "$pve/nodes/pve1/qemu-server" root/sys/bus/pci/devices/0000:41:00.4/nvidia
: > "$pve/nodes/pve1/ssh_known_hosts"
cat > "$pve/.members" <<END
{
"nodename": "$node",
"version": 4,
"cluster": { "name": "c", "version": 2, "nodes": 2, "quorate": 1 },
"nodelist": {
  "pve1": { "id": 1, "online": 1, "ip": "192.0.2.1"},
  "$node": { "id": 2, "online": 1, "ip": "192.0.2.2"}
  }
}
END
# mapping NAME PATH... - write a mapping of a card of pve1 and of these cards of this node
mapping()
{
	echo "$1"
	printf '\tlive-migration-capable 1\n\tmdev 1\n'
	printf '\tmap id=10de:2235,iommugroup=1,node=pve1,path=0000:01:00.0\n'
	shift
	for path; do
		printf '\tmap id=10de:2235,iommugroup=7,node=%s,path=%s,subsystem-id=10de:1\n' \
			"$node" "$path"
	done
	echo
}
{
	mapping good 0000:3b:00.4
	mapping bad 0000:3b:00.5
	mapping mixed 0000:3b:00.4 0000:3b:00.5
	mapping hangs 0000:3b:00.6
	mapping functions 0000:41:00.4
	mapping elsewhere
} > "$pve/mapping/pci.cfg"
for slot in 0 1 12; do
	device there "$(printf '%08d-0000-0000-0000-000000000100' $slot)" 0000:01:00.0 vgpu-1
done

# guest LINE... - write the configuration of VM 100 on pve1
guest()
{
	{
		echo '#hostpci7%3A mapping=bad,mdev=vgpu-1'
		echo 'memory: 4096'
		printf '%s\n' "$@"
		printf '\n[PENDING]\nhostpci8: mapping=bad,mdev=vgpu-1\n'
		printf '\n[before]\nhostpci9: mapping=bad,mdev=vgpu-1\n'
	} > "$pve/nodes/pve1/qemu-server/100.conf"
	rm -f asked ssh.called
}

# hookscript runs in the environment of qm start for a guest that comes from pve1, with qm's PATH
hookscript()
{
	env MDEV_PRECHECK_ROOT=root PVE_MIGRATED_FROM=pve1 \
		PATH="$work/bin:/sbin:/bin:/usr/sbin:/usr/bin" "$integrations/proxmox.sh" "$@"
}

# passes WORDS LINE... - require that the guest with these lines starts on this node
passes()
{
	words=$1
	shift
	guest "$@"
	comes_to 0 "$words" hookscript 100 pre-start
}

# stays WORDS LINE... - require that the guest with these lines does not start on this node
stays()
{
	words=$1
	shift
	guest "$@"
	comes_to 1 "$words" hookscript 100 pre-start
}

# unasked COMMAND... - require that the command succeeds, and that no driver is asked
unasked()
{
	rm -f asked ssh.called
	"$@" && ! [ -e asked ] && ! [ -e ssh.called ]
}

good='hostpci0: mapping=good,mdev=vgpu-1,pcie=1'
bad='hostpci0: mapping=bad,mdev=vgpu-1'
check "proxmox.sh: a guest whose device is accepted starts" passes '^compatible.*3b:00.4' "$good"
check "proxmox.sh: ssh is called as Proxmox VE calls it, and never asks for a password" grep -q \
	-e "BatchMode=yes .*root@192.0.2.1 mdev-precheck export" ssh.called
check "proxmox.sh: ssh takes the key of the node from the cluster" grep -q \
	-e "HostKeyAlias=pve1 .*UserKnownHostsFile=[^ ]*/nodes/pve1/ssh_known_hosts" ssh.called
check "proxmox.sh: programs in /usr/local/bin are found" \
	grep -q -e '^PATH=[^ ]*:/usr/local/bin' ssh.called
check "proxmox.sh: a guest whose hostpci1 is refused stays" stays 'because of hostpci1$' \
	"$good" 'hostpci1: mdev=vgpu-1,mapping=bad'
check "proxmox.sh: the device before the one that is refused was asked about" \
	grep -q -e '3b:00.4/vgpu-1' asked
check "proxmox.sh: the devices after one that is refused are asked about" \
	stays 'because of hostpci0 hostpci12$' "$bad" \
	'hostpci1: mapping=good,mdev=vgpu-1' 'hostpci12: mapping=bad,mdev=vgpu-1'
check "proxmox.sh: a guest starts with several devices that are accepted" \
	passes 'hostpci12: asking' "$good" 'hostpci1: 3b:00.4,mdev=vgpu-1' \
	'hostpci12: host=0000:3B:00.4,mdev=vgpu-1'
check "proxmox.sh: each device of the source is asked about by its own UUID" \
	grep -q -e '--device 00000012-0000-0000-0000-000000000100' ssh.called
check "proxmox.sh: a mapping is a yes only if each of its parents here accepts" \
	stays '3b:00.5.*EINVAL' 'hostpci0: mapping=mixed,mdev=vgpu-1'
check "proxmox.sh: a guest without a device starts, and no driver is asked" unasked passes ''
check "proxmox.sh: a guest with whole PCI devices starts, and no driver is asked" \
	unasked passes '' 'hostpci0: 0000:3b:00.5,pcie=1' 'hostpci1: mapping=bad'
check "proxmox.sh: a guest with a virtual function of NVIDIA starts, and no driver is asked" \
	unasked passes 'does not have mediated devices' 'hostpci0: mapping=functions,mdev=nvidia-558'
guest "$bad"
check "proxmox.sh: a start that is not a migration passes" unasked \
	env MDEV_PRECHECK_ROOT=root "$integrations/proxmox.sh" 100 pre-start
for phase in post-start pre-stop post-stop; do
	check "proxmox.sh: the phase $phase passes" unasked hookscript 100 $phase
done
export SSH=down
check "proxmox.sh: a source that cannot be reached keeps the guest" \
	stays 'timed out' "$good"
export SSH=hangs SHORT=yes
check "proxmox.sh: a source that hangs keeps the guest" \
	stays 'hostpci0: the node pve1 did not export the device' "$good"
unset SSH
check "proxmox.sh: a driver that hangs keeps the guest" \
	stays '^not asked.*3b:00.6.*ETIMEDOUT' 'hostpci0: mapping=hangs,mdev=vgpu-1'
unset SHORT
check "proxmox.sh: a mistake in the name of a mapping keeps the guest" \
	stays 'mapping god does not have a device on' 'hostpci0: mapping=god,mdev=vgpu-1'
check "proxmox.sh: a mapping of other nodes alone keeps the guest" \
	stays 'mapping elsewhere does not have a device on' 'hostpci0: mapping=elsewhere,mdev=vgpu-1'
check "proxmox.sh: a mistake in a type keeps the guest" \
	stays 'because of hostpci0$' 'hostpci0: mapping=good,mdev=vgpu-11'
check "proxmox.sh: a device that the source does not have keeps the guest" \
	stays 'because of hostpci2$' 'hostpci2: mapping=good,mdev=vgpu-1'
guest
rm "$pve/nodes/pve1/qemu-server/100.conf"
check "proxmox.sh: a configuration that cannot be read keeps the guest" \
	comes_to 1 'cannot be read' hookscript 100 pre-start
check "proxmox.sh: a VMID that is not a number is an error" comes_to 1 'not a number' \
	hookscript 1/../100 pre-start
check "proxmox.sh: a call without a phase is an error" comes_to 1 'two operands' hookscript 100
check "proxmox.sh: a node with a slash in its name is an error" \
	comes_to 1 'not the name of a node' \
	env PVE_MIGRATED_FROM=../pve1 "$integrations/proxmox.sh" 100 pre-start

# KubeVirt: the node hook

cat > bin/kubectl <<STAND_IN
#!/bin/sh
echo "\$*" >> "$work/kubectl.called"
pods=\$(cat "$work/pods")
case \$pods,\$1 in
down,*)		echo "Unable to connect to the server" >&2; exit 1 ;;
hangs,*)	exec sleep 1000 ;;
*,get)		printf '%s' "\$pods"; exit ;;
esac
while [ "\$1" != -- ]; do shift; done
shift
HOST=\$(cat "$work/target") exec "\$@"
STAND_IN
chmod +x bin/kubectl

cat > call.py <<'END'
# call.py SOCKET HOOK-POINT FILE - call the hook as virt-handler does, with a guest, or with the
# whole request if the hook point is "raw", and print the status and its details
import pathlib
import sys

import grpc

def field(number, content):
    length = len(content)
    message = [number << 3 | 2]
    while length > 0x7f:
        message.append(length & 0x7f | 0x80)
        length >>= 7
    return bytes([*message, length]) + content

socket, point, file = sys.argv[1:]
request = pathlib.Path(file).read_bytes()
if point != "raw":
    request = (field(1, point.encode()) + field(2, request) + field(3, field(1, b"node1")))
channel = grpc.insecure_channel(f"unix:{socket}")
call = channel.unary_unary("/kubevirt.hooks.plugins.v1alpha1.NodeHookService/ExecuteNodeHook")
try:
    assert call(request, timeout=60, wait_for_ready=True) == b""
    print("passes")
except grpc.RpcError as error:
    print(error.code().name, error.details())
END

# guest_of_kubevirt RESOURCE... - print a VirtualMachineInstance with these vGPUs, on its way to
# node2
guest_of_kubevirt()
{
	gpus=
	for resource; do
		gpus="$gpus${gpus:+,}{\"name\":\"gpu\",\"deviceName\":\"$resource\"}"
	done
	cat <<-END
	{"kind":"VirtualMachineInstance","metadata":{"name":"guest"},
	 "spec":{"domain":{"devices":{"disks":[]${gpus:+,\"gpus\":[$gpus]}}}},
	 "status":{"migrationState":{"sourceNode":"node1","targetNode":"node2"}}}
	END
}

type node1 0000:01:00.0 vgpu-1 1.0
type node1 0000:02:00.0 vgpu-1 2.0
type node1 0000:02:00.0 vgpu-2 3.0
device node1 "$uuid" 0000:01:00.0 vgpu-1
device node1 "$yes" 0000:02:00.0 vgpu-2
type accepts 0000:3b:00.4 vgpu-1 accepts
type accepts 0000:3b:00.4 vgpu-2 accepts
type refuses 0000:3b:00.4 vgpu-1 accepts
type refuses 0000:3b:00.5 vgpu-1 refuses
type refuses 0000:3b:00.4 vgpu-2 accepts
type hangs 0000:3b:00.6 vgpu-1 hangs

# serve [OPTION...] - start the hook in the background, with a short limit for drivers that hang
serve()
{
	: > served
	HOST=node1 SHORT=yes "$integrations/kubevirt.py" --socket socket "$@" > served 2>&1 &
	server=$!
	wait_for grep -q serving served
}

# returns STATUS HOOK-POINT FILE - require that the hook returns STATUS, which can have the first
# words of the details
returns()
{
	timeout 60 python3 call.py socket "$2" "$3" > said
	cat said
	grep -q -e "^$1" said
}

# hook STATUS TARGET RESOURCE... - call the hook for a guest that goes to the target
hook()
{
	expected=$1
	echo "$2" > target
	shift 2
	guest_of_kubevirt "$@" > guest
	rm -f kubectl.called asked
	returns "$expected" PreMigrationSource guest
}

# request STATUS HOOK-POINT TEXT - call the hook with another request
request()
{
	printf '%b' "$3" > request
	returns "$1" "$2" request
}

# occurs NUMBER WORD FILE - require that the word is in the file so often
occurs()
{
	[ "$(grep -o -e "$2" "$3" | wc -l)" = "$1" ]
}

echo pod-on-node2 > pods
check "kubevirt.py serves a socket" serve --resource example.com/gpu=vgpu-2
check "kubevirt.py: a vGPU that each parent of the target accepts passes" \
	hook passes accepts example.com/Card_vgpu-1
check "kubevirt.py: the pod of the target node is asked" \
	grep -q -e 'get pods .*spec.nodeName=node2' kubectl.called
check "kubevirt.py asks one question about a type of the source" occurs 1 ' --from ' asked
check "kubevirt.py: a vGPU that one parent of the target refuses fails" \
	hook 'FAILED_PRECONDITION gpu .* is refused by node2: .*EINVAL' refuses example.com/Card_vgpu-1
check "kubevirt.py: the version of a parent without a device is not asked about" \
	occurs 1 EINVAL said
check "kubevirt.py: one of several vGPUs that is refused fails" \
	hook 'FAILED_PRECONDITION gpu (example.com/Card_vgpu-1) is refused' refuses \
	example.com/gpu example.com/Card_vgpu-1
check "kubevirt.py: several vGPUs that are accepted pass" \
	hook passes accepts example.com/gpu example.com/Card_vgpu-1
check "kubevirt.py: a guest without a vGPU passes" hook passes refuses
check "kubevirt.py: no driver is asked about a guest without a vGPU" [ ! -e kubectl.called ]
check "kubevirt.py: a resource that does not name a type of the node fails" \
	hook 'FAILED_PRECONDITION the resource example.com/Cart does not name a type' accepts example.com/Cart
check "kubevirt.py: a driver that hangs fails" \
	hook 'FAILED_PRECONDITION gpu .* was not asked about on node2' hangs example.com/Card_vgpu-1
check "kubevirt.py: a target without the type fails" \
	hook 'FAILED_PRECONDITION gpu .* is refused by node2' hangs example.com/gpu
echo down > pods
check "kubevirt.py: a cluster that cannot be reached fails" \
	hook 'FAILED_PRECONDITION Unable to connect' accepts example.com/gpu
: > pods
check "kubevirt.py: a node without a pod of the hook fails" \
	hook 'FAILED_PRECONDITION 0 pods with app=mdev-precheck run on node2' accepts example.com/gpu
echo pod-1 pod-2 > pods
check "kubevirt.py: a node with two pods of the hook fails" \
	hook 'FAILED_PRECONDITION 2 pods' accepts example.com/gpu
echo pod-on-node2 > pods
check "kubevirt.py: another hook point passes" request passes PreVMStart ''
check "kubevirt.py: a guest that is not JSON is an error" \
	request INVALID_ARGUMENT PreMigrationSource gpus
check "kubevirt.py: a guest that is a list is an error" \
	request INVALID_ARGUMENT PreMigrationSource '[]'
check "kubevirt.py: a GPU that is a number is an error" \
	request INVALID_ARGUMENT PreMigrationSource '{"spec":{"domain":{"devices":{"gpus":[7]}}},
		"status":{"migrationState":{"targetNode":"node2"}}}'
check "kubevirt.py: a request that ends in its middle is an error" \
	request INVALID_ARGUMENT raw '\0012\0177'
check "kubevirt.py: a length without an end is an error" \
	request INVALID_ARGUMENT raw '\0012\0377\0377\0377\0377\0377\0377\0377\0377\0377\0377\0377'
check "kubevirt.py: a field of another form is an error" request INVALID_ARGUMENT raw '\0010\0001'
check "kubevirt.py: a guest without a target node fails" \
	request FAILED_PRECONDITION PreMigrationSource \
	'{"spec":{"domain":{"devices":{"gpus":[{"name":"a","deviceName":"b/c"}]}}}}'
check "kubevirt.py: a node whose name has a comma fails" \
	request "FAILED_PRECONDITION status.migrationState.targetNode is 'a,b'" PreMigrationSource \
	'{"spec":{"domain":{"devices":{"gpus":[{"name":"a","deviceName":"b/c"}]}}},
		"status":{"migrationState":{"targetNode":"a,b"}}}'
kill -KILL "$server"
wait "$server" 2> /dev/null
check "kubevirt.py serves the socket that was left by a hook that was killed" serve
check "kubevirt.py answers on a socket that a killed hook left" hook passes accepts example.com/Card_vgpu-1
kill "$server"
wait "$server" 2> /dev/null
echo hangs > pods
: > served
HOST=node1 PYTHONPATH=$integrations python3 -c '
import sys, kubevirt
kubevirt.LIMIT = 0.5
sys.exit(kubevirt.main())' --socket socket > served 2>&1 &
server=$!
wait_for grep -q serving served
check "kubevirt.py: a cluster that hangs fails" \
	hook 'FAILED_PRECONDITION kubectl did not end within 0.5 seconds' accepts example.com/Card_vgpu-1
kill "$server"
wait "$server" 2> /dev/null
: > file
check "kubevirt.py ends with an error if a file is in the place of its socket" comes_to 1 \
	'^kubevirt.py: file: ' timeout 60 "$integrations/kubevirt.py" --socket file
check "kubevirt.py leaves a file in the place of its socket as it is" [ -f file ]
check "kubevirt.py: a resource without a type is a wrong call" comes_to 2 'NAME=TYPE was expected' \
	timeout 60 "$integrations/kubevirt.py" --resource example.com/gpu
tests_end
