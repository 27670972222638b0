#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mdev-precheck --to another host: two machines, a cable and a real sshd
#
# kernels: 6.12 6.1
# needs: machine precheck sshd
# seconds: 75

# Each of some thirty connections takes emulated processors seconds
TIMEOUT=${TIMEOUT:-900}
. "$(dirname -- "$0")/../lib/machine.sh"

sshd=$("$top/scripts/sshd") || bail_out "no sshd"
check "mdev-precheck compiles without a warning" \
	make -C "$top/tools/mdev" O="$work/tools"

# Keys are of this run alone
for key in host_key user_key; do
	ssh-keygen -q -t ed25519 -N '' -C test -f "$work/$key" ||
		bail_out "no key"
done
cp "$work/user_key.pub" "$work/authorized_keys"
cat > "$work/sshd_config" <<END
Port 22
Port 2222
HostKey /host_key
AuthorizedKeysFile /authorized_keys
StrictModes no
UsePAM no
PidFile none
END

# Paths of sockets are short
links=$(mktemp -d)
trap 'rm -rf "$links"' EXIT
here=$top/tests/machines/remote
export LD_LIBRARY_PATH="$work/tools"
common="$top/tests/lib/in-machine.sh $here/host.sh $work/tools/mdev-precheck"
common="$common $work/tools/libmdev-precheck.so.1"

GUEST_LINK="$links/target $links/source" \
	guest "$common $here/target.sh $sshd $work/host_key $work/sshd_config $work/authorized_keys" \
	'sh /target.sh' > "$work/target" 2> "$work/target-messages" &
target=$!
GUEST_LINK="$links/source $links/target" \
	guest "$common $here/source.sh $(command -v ssh) $work/user_key" \
	'sh /source.sh' > "$work/source" 2> "$work/messages"
result $? "the machine that is the source ends, and its kernel log is clean" "$work/messages"
pass_on "$work/source"
check "it has come to its end" grep -q '^1\.\.' "$work/source"
wait "$target"
result $? "so does that of the target" "$work/target-messages"
pass_on "$work/target"
tests_end
