#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# On the target of remote.t: answer.sh PART WHO ARGUMENT... - run mdev-precheck with the arguments,
# and kill it in the middle of its answer: after PART of its output (half, whole), with the sshd of
# the connection (WHO is sshd) or alone

part=$1
who=$2
shift 2
mdev-precheck "$@" > /tmp/answer
size=$(wc -c < /tmp/answer)
[ "$part" = whole ] || size=$((size / 2))
head -c "$size" /tmp/answer

process=$$
while [ "$who" = sshd ] && ! grep -q '^Name:.*sshd' "/proc/$process/status"; do
	process=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$process/status")
done
kill -s KILL "$process"
# Wait until the signal has come
sleep 60
