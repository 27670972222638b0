#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mdev-precheck asks many hosts at once, over a real ssh.  Each host is an account of this system
# with a login shell of its own.  ssh itself starts the sshd, so that nobody else can reach it.  The
# drivers of all hosts are files.
#
# needs: precheck sshd root
# check: yes
# seconds: 15

# Accounts and processes end with this test, even if it is killed.  A test at the same time, in the
# namespaces of make check, may have processes of the same names.
[ -n "${ALONE:-}" ] || exec env ALONE=yes "$(dirname -- "$0")/../../scripts/contained" sh "$0"
. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX LD_LIBRARY_PATH
sshd=$("$top/scripts/sshd") || bail_out "scripts/sshd failed"
check "mdev-precheck builds" make -j 2 -C "$top/tools/mdev" O="$work/build" all
"$top/tools/mdev/tests/fixture.sh" groups groups || bail_out "the fixture groups was not made"

mkdir bin
cat > bin/sshd <<END
#!/bin/sh
echo session >> '$work/sessions'
exec '$sshd' -i -f '$work/sshd_config'
END
chmod +x bin/*

for key in host_key user_key; do
	ssh-keygen -q -t ed25519 -N '' -C test -f $key || bail_out "ssh-keygen failed"
done
cat > sshd_config <<END
HostKey $work/host_key
AuthorizedKeysFile $work/user_key.pub
StrictModes no
UsePAM no
PermitRootLogin yes
PidFile none
END
cat > ssh_config <<END
ProxyCommand $work/bin/sshd
IdentityFile $work/user_key
IdentitiesOnly yes
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
LogLevel ERROR
END

# The mount namespace of this test has accounts of its own
cp /etc/passwd passwd
echo 'sshd:x:65533:65534::/run/sshd:/bin/false' >> passwd
: > hosts
for shell in bash dash fish tcsh csh zsh; do
	path=$(command -v $shell) || continue
	echo "in-$shell:x:0:0::$work:$path" >> passwd
	echo "in-$shell@here" >> hosts
done
mount --bind passwd /etc/passwd || bail_out "/etc/passwd cannot be mounted"
mount -t tmpfs tmpfs /run || bail_out "/run cannot be mounted"
mkdir /run/sshd

# The command of --remote, which each account runs
groups="$work/build/mdev-precheck --fixture $work/groups"

# precheck COMMAND OPTION... - run mdev-precheck with the ssh_config of the accounts
precheck()
{
	command=$1
	shift
	build/mdev-precheck --fixture groups "$command" -F ssh_config "$@"
}

# ask COMMAND OPTION... - run precheck, with its output in the files "output" and "messages"
ask()
{
	: > sessions
	precheck "$@" > output 2> messages
	asked=$?
	cat output messages
	return $asked
}

matrix_of()
{
	ask matrix --json --type single --remote "$groups" \
		--hosts hosts || return
	jq -r '.hosts[] | select(.origin == "ssh" and .reason == null) | .name // .host' output |
		sort > answered
	sort hosts | diff - answered && ! grep . messages
}
number=$(wc -l < hosts)
check "matrix asks accounts with each login shell" matrix_of
check "matrix has one session for each account" [ "$(wc -l < sessions)" = "$number" ]

check_all()
{
	ask check --json --all --hosts hosts --remote "$groups" \
		--type single mdev-precheck b || return
	jq -r '.verdicts[] | select(.verdict == "compatible").target.host' output |
		diff hosts - && ! grep . messages
}
check "check asks accounts with each login shell" check_all
check "check has one session for each account" [ "$(wc -l < sessions)" = "$number" ]

# asked_about TARGET - require that the message of each host has the target as it was written,
# although a shell could take it apart
asked_about()
{
	ask check --hosts hosts --remote "$groups" \
		--type single mdev-precheck "$1"
	[ $? = 2 ] && [ "$(grep -c -F -e ": $1: this host does not have it" messages)" = "$number" ]
}
# shellcheck disable=SC2016 # the targets have characters of shells
for target in "it's" 'a!b' 'back\slash' '$HOME' 'two words;'; do
	check "each login shell passes on the target $target" asked_about "$target"
done

# alone - require that no process of a session is left
alone()
{
	! pgrep -l -x 'ssh|sshd|sleep|mdev-precheck'
}

nothing_to_ask()
{
	ask matrix --type nowhere --hosts hosts --remote "$groups"
	[ $? = 3 ] && echo 'mdev-precheck: no host has a type that matches nowhere' |
		diff - messages
}
check "matrix --type of no host prints no message about a session that ends" nothing_to_ask
check "matrix --type of no host leaves no session" alone

# One account hangs while the others wait for a question
ask_some_hang()
{
	build/mdev-precheck --fixture groups matrix -F ssh_config --timeout 100 --type single \
		--hosts hosts --remote "test \$USER != in-bash || sleep 1000; $groups" &
	asker=$!
	wait_for some_hang
}
# Each session has a shell, and the shell of the account that hangs has a child
some_hang()
{
	[ "$(pgrep -c -x sleep)" = 1 ] && [ "$(pgrep -c -f '^sh -c \(')" -ge "$number" ] &&
		! pgrep -f "^$work/build/mdev-precheck .* export "
}
check "matrix keeps sessions waiting for a question while one account hangs" ask_some_hang
kill -KILL "$asker"
# The shell reports a job that a signal has ended
wait "$asker" 2> /dev/null
no_ssh()
{
	! pgrep -l -x ssh
}
no_waiting()
{
	[ "$(pgrep -c -x sshd)" -le 2 ]
}
check "no ssh is left of a matrix that was killed" wait_for no_ssh
check "no session that waits for a question is left of a matrix that was killed" wait_for no_waiting
pkill -x sleep
check "no session is left of a matrix that was killed when the hanging one has ended" wait_for alone

too_few_files()
{
	seq -f host-%g 100 | prlimit --nofile=70 build/mdev-precheck check --json -F ssh_config --hosts - \
		--remote echo --type single 1 > output
	[ $? = 3 ] && [ "$(grep -c 'ulimit -n allows the files of 3 hosts' output)" = 97 ] &&
		[ "$(grep -c 'a JSON object was expected at .*check --json' output)" = 3 ]
}
check "hosts for which check cannot open files have the reason, and other hosts are asked" too_few_files

# on_terminal OPTION... - run check with a terminal as standard error, and print the terminal's text
cat > terminal.py <<'END'
import os, pty, subprocess, sys

master, slave = pty.openpty()
with open("output", "wb") as output:
    program = subprocess.Popen(sys.argv[1:], stdout=output, stderr=slave)
os.close(slave)
shown = b""
while True:
    try:
        part = os.read(master, 4096)
    except OSError:
        break
    shown += part
program.wait()
sys.stdout.buffer.write(shown.replace(b"\r", b"<CR>"))
END
on_terminal()
{
	python3 terminal.py build/mdev-precheck --fixture groups check -F ssh_config --timeout 1 \
		--remote "test \$USER = in-dash || sleep 100; $groups" \
		--to in-dash@here --to in-bash@here "$@" --type single mdev-precheck > shown
	cat shown
	pkill -x sleep
}
progress_shown()
{
	on_terminal
	grep -q '<CR>asked 1 of 2 hosts<CR>' shown && grep -q '<CR>                  <CR>$' shown
}
check "check shows on a terminal how many hosts were asked, and removes the line" progress_shown
not_shown()
{
	on_terminal -q
	! grep . shown
}
check "check -q does not show on a terminal how many hosts were asked" not_shown
tests_end
