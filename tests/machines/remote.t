#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mdev-precheck check and matrix ask another host (--to): a second machine, by a real sshd
#
# kernels: 6.12 6.1
# needs: machine precheck sshd
# seconds: 85

# Each of some sixty connections takes emulated processors seconds
TIMEOUT=${TIMEOUT:-900}
. "$(dirname -- "$0")/../lib/machine.sh"

sshd=$("$top/scripts/sshd") || bail_out "scripts/sshd failed"
check "mdev-precheck compiles without a warning" \
	make -C "$top/tools/mdev" O="$work/tools"

# The keys are made for this run
for key in host_key user_key; do
	ssh-keygen -q -t ed25519 -N '' -C test -f "$work/$key" ||
		bail_out "ssh-keygen failed"
done
cp "$work/user_key.pub" "$work/authorized_keys"
# By default both sides agree on a key exchange that takes an emulated processor seconds, and on a
# cipher for processors without instructions for AES
cat > "$work/sshd_config" <<END
Port 22
Port 2222
HostKey /host_key
AuthorizedKeysFile /authorized_keys
StrictModes no
UsePAM no
PidFile none
KexAlgorithms curve25519-sha256
Ciphers aes128-gcm@openssh.com
END

here=$top/tests/machines/remote
# Paths of sockets and options are short
cd "$work" || exit
# host OPTION... - run a machine with the files of both hosts
host()
{
	machine --file "$top/tests/lib/in-machine.sh" --file "$here/host.sh" \
		--file tools/mdev-precheck "$@"
}

host --link target-link,source-link --file "$here/target.sh" --file "$sshd" --file host_key \
	--file "$here/answer.sh" --file "$here/asked.sh" \
	--file sshd_config --file authorized_keys -- 'sh /target.sh' \
	> target 2> target-messages &
target=$!
host --link source-link,target-link --file "$here/source.sh" --file "$(command -v ssh)" \
	--file user_key -- 'sh /source.sh' > source 2> messages
result $? "the machine that is the source ends, and its kernel log is clean" "$work/messages"
pass_on "$work/source"
check "source.sh runs to its end on the source" grep -q '^1\.\.' "$work/source"
wait "$target"
result $? "the machine that is the target ends, and its kernel log is clean" "$work/target-messages"
pass_on "$work/target"
tests_end
