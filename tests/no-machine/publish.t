#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mdev-precheck-publish writes its files, or leaves them as they were.  It reports a mistake in its
# configuration, and ends if drivers do not answer.  Files stand for drivers.  systemd finds nothing
# in the units.
#
# needs: precheck publish root
# check: yes
# seconds: 15

# Mounts and processes end with this test, even if it is killed
[ -n "${CONTAINED:-}" ] || exec "$(dirname -- "$0")/../../scripts/contained" sh "$0"
. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX LD_LIBRARY_PATH
umask 022

# An installation writes each file to its directory, and nothing else

# in_tree TARGET... - make it, below this directory
in_tree()
{
	make -C "$top/tools/mdev" O="$work/build" PREFIX="$work/usr" SYSCONFDIR="$work/etc" \
		LOCALSTATEDIR="$work/var" RUNSTATEDIR="$work/run" "$@"
}
check "make install-publish succeeds" in_tree install-publish
sort > expected <<-END_OF_FILES
	etc/mdev-precheck/publish.conf
	usr/lib/systemd/system/mdev-precheck-publish.path
	usr/lib/systemd/system/mdev-precheck-publish.service
	usr/lib/systemd/system/mdev-precheck-publish.timer
	usr/lib/udev/rules.d/60-mdev-precheck.rules
	usr/libexec/mdev-precheck-publish
	usr/share/man/man8/mdev-precheck-publish.8
	var/lib/mdev-precheck
END_OF_FILES
find etc usr var ! -type d -o -path var/lib/mdev-precheck > found
sort found > files
check_same "make install-publish installs the documented files, and a directory" expected files
check "make install-publish puts each path into its place" sh -c "! grep -r -E '@[A-Z]+@' etc usr"
check "the configuration of the tree is installed" \
	cmp "$top/tools/mdev/publish/publish.conf" etc/mdev-precheck/publish.conf
check "each variable of the installed configuration is a comment" \
	sh -c "! grep -v -e '^#' -e '^$' etc/mdev-precheck/publish.conf"
echo '# of the administrator' > etc/mdev-precheck/publish.conf
check "make install-publish succeeds a second time" in_tree install-publish
check "a second make install-publish leaves the administrator's publish.conf as it is" \
	grep -q -x '# of the administrator' etc/mdev-precheck/publish.conf
publish=$work/usr/libexec/mdev-precheck-publish
check "shellcheck finds nothing in mdev-precheck-publish" shellcheck "$publish"

# The units and the script have the same paths, and systemd reads the units
units=$work/usr/lib/systemd/system
# verified - require that systemd-analyze verify succeeds for each unit, and prints nothing
verified()
{
	systemd-analyze verify --man=no "$units"/* > verified 2>&1
	status=$?
	cat verified
	[ "$status" = 0 ] && [ ! -s verified ]
}
check "systemd finds nothing in the units" verified
sed -i 's/^StateDirectory=/StateDirectry=/' "$units/mdev-precheck-publish.service"
check "systemd finds a mistake in a unit" comes_to 1 StateDirectry verified
check "the units are installed once more" in_tree install-publish

# The installed program asks a directory.  The file "before" has commands that a test runs before
# it.
mkdir real run out usr/bin
check "mdev-precheck builds" make -j 2 -C "$top/tools/mdev" O="$work/build" all
cp build/mdev-precheck real/
cat > usr/bin/mdev-precheck <<END_OF_PROGRAM
#!/bin/sh
cd "$work"
[ ! -e before ] || . ./before
exec real/mdev-precheck --fixture host "\$@"
END_OF_PROGRAM
chmod +x usr/bin/mdev-precheck
document=$work/var/lib/mdev-precheck/export.json
known=$work/var/lib/mdev-precheck/known.json
changed=$work/run/mdev-precheck.changed
conf=$work/etc/mdev-precheck/publish.conf

# host CASE - make a case of fixture.sh the host
host()
{
	rm -rf host
	sh "$top/tools/mdev/tests/fixture.sh" "$1" host || bail_out "fixture.sh $1 failed"
}

# fresh - make a host that did not publish
fresh()
{
	rm -rf out before run/*
	mkdir out
	rm -f var/lib/mdev-precheck/* var/lib/mdev-precheck/.[!.]*
	host groups
}

# published NAME... - require that out/ has these files and no other one, with hidden files
published()
{
	printf '%s\n' "$@" | grep . | LC_ALL=C sort > expected
	find out -mindepth 1 -printf '%P\n' | LC_ALL=C sort > found
	diff -u expected found
}

# comes_to_nothing STATUS WORDS - require that the script ends with this status and message, and
# leaves all published files as they were
comes_to_nothing()
{
	find "$document" out -printf '%i %T@ %s %p\n' | sort > before.state
	comes_to "$1" "$2" "$publish" || return
	find "$document" out -printf '%i %T@ %s %p\n' | sort | diff -u before.state -
}

# all - write a configuration with all files
all()
{
	cat > "$conf" <<-END_OF_CONF
		PROMETHEUS=$work/out/mdev-precheck.prom
		  # A comment: NAME=PATH, a "quote"

		NFD="$work/out/a blank"
		  PROVIDER_YAML='$work/out/mdev-precheck.yaml'
		FACTER=$work/out/mdev_precheck.json
	END_OF_CONF
	printf 'ANSIBLE=%s' "$work/out/mdev_precheck.fact" >> "$conf"
}

fresh
cp "$top/tools/mdev/publish/publish.conf" "$conf"
check "mdev-precheck-publish succeeds with the configuration of the tree" comes_to 0 '' "$publish"
check "mdev-precheck-publish prints nothing about the configuration of the tree" [ ! -s log ]
check "mdev-precheck-publish writes the document" [ "$(jq .takes "$document")" = null ]
check "mdev-precheck-publish writes nothing else with the configuration of the tree" published
rm "$conf"
check "mdev-precheck-publish succeeds without a configuration" "$publish"
all
check "mdev-precheck-publish succeeds with all files" comes_to 0 '' "$publish"
check "mdev-precheck-publish writes all files" published mdev-precheck.prom 'a blank' \
	mdev-precheck.yaml mdev_precheck.json mdev_precheck.fact
check "mdev-precheck-publish prints nothing if it writes all files" [ ! -s log ]
for format in prometheus:mdev-precheck.prom nfd:'a blank' provider-yaml:mdev-precheck.yaml \
	facter:mdev_precheck.json json:mdev_precheck.fact; do
	usr/bin/mdev-precheck export --from "$document" --format "${format%%:*}" > expected
	check_same "export --format ${format%%:*} prints the published file" expected "out/${format#*:}"
done
check "everybody may read the published files" [ "$(stat -c %a out/* "$document" | sort -u)" = 644 ]
chmod 640 out/mdev-precheck.prom
check "mdev-precheck-publish succeeds a second time" "$publish"
check "a published file that is replaced keeps its mode" [ "$(stat -c %a out/mdev-precheck.prom)" = 640 ]

# The host asks about the strings of the fleet
cp "$document" known
usr/bin/mdev-precheck merge known --output "$known"
check "mdev-precheck-publish asks about the strings of the fleet" "$publish"
check "the document has an answer to each string of the fleet" [ \
	"$(jq '[.takes[] | .type + .migration_version] | unique | length' "$document")" -gt 0 ]
echo '{' > "$known"
check "publish: a known.json that cannot be read leaves all files, and a message has its name" \
	comes_to_nothing 3 "known\.json"
ln -sf nowhere "$known"
check "a link in place of known.json that leads nowhere is an error" \
	comes_to_nothing 3 "known\.json"
rm "$known"

# The host does not answer, or answers in part
for end in 'exit 3' 'exit 1' 'kill -KILL $$'; do
	fresh
	"$publish"
	echo "$end" > before
	check "publish: if mdev-precheck ends with '$end', all files stay as they were" \
		comes_to_nothing 3 "^error: this host could not be asked: the files of the last run stay"
done
fresh
host broken
check "mdev-precheck-publish publishes a host of which it cannot read all, and ends with 3" \
	comes_to 3 '' "$publish"
check "mdev-precheck-publish writes all files of a host of which it cannot read all" published \
	mdev-precheck.prom 'a blank' mdev-precheck.yaml mdev_precheck.json mdev_precheck.fact
check "publish: the document has the places that could not be read" [ \
	"$(jq '.unread | length' "$document")" -gt 0 ]
for without in none unused; do
	host $without
	check "a host without parents ($without) is published" comes_to 0 '' "$publish"
	check "the document of a host without parents ($without) does not have a type" \
		[ "$(jq -c .types "$document")" = '[]' ]
	cp known "$known"
	check "a host without parents ($without) is published with the strings of the fleet" \
		"$publish"
	rm "$known"
done

# A driver hangs.  The limit is short, so that the test is short, too
fresh
host hang
# shellcheck disable=SC2016 # for the program
echo 'case $* in *--timeout\ 10*) set -- "$@" --timeout 0.2 ;; esac' > before
check "a host with a driver that hangs is published" comes_to 0 '' "$publish"
check "publish: the document has the driver that hangs, and the other driver" [ "$(jq -r \
	'.types[] | .parent + " " + .errno' "$document" | sort -u | paste -s -d ' ')" = \
	"accepts EBADMSG hang ETIMEDOUT" ]

# A file system whose server never answers keeps a process as a driver can: no signal ends the wait
# for a request that the server has read
cat > stuck.py <<END_OF_SERVER
import ctypes, os, struct, time

server = os.open("/dev/fuse", os.O_RDWR)
options = b"fd=%d,rootmode=40000,user_id=0,group_id=0" % server
if ctypes.CDLL(None).mount(b"stuck", b"stuck", b"fuse", 0, options):
    raise OSError("fuse cannot be mounted")
unique = struct.unpack_from("<Q", os.read(server, 1 << 17), 8)[0]
reply = struct.pack("<4I2H2I", 7, 31, 0, 0, 12, 10, 4096, 1) + bytes(36)
os.write(server, struct.pack("<IiQ", 16 + len(reply), 0, unique) + reply)
open("mounted", "w")
os.read(server, 1 << 17)
while not os.path.exists("end"):
    time.sleep(0.1)
END_OF_SERVER
fresh
all
"$publish"
mkdir stuck
attribute=$(find host/ -name migration_version | sort | head -n 1)
ln -sf "$work/stuck/version" "$attribute"
python3 stuck.py &
server=$!
wait_for [ -e mounted ] || bail_out "stuck.py mounts no file system: /dev/fuse is needed"
echo 'case $* in *--timeout\ 10*) set -- "$@" --timeout 0.2 ;; esac' > before
check "a host with a driver that keeps a process is published" comes_to 0 '' "$publish"
# kept - print the processes of the program here, because other tests have processes of this name
kept()
{
	for each in /proc/[0-9]*; do
		[ "$(readlink "$each/exe")" != "$work/real/mdev-precheck" ] || echo "${each#/proc/}"
	done
}
check "publish: the driver keeps one process of mdev-precheck" [ "$(kept | wc -w)" = 1 ]
process=$(kept)
check "mdev-precheck-publish does not ask a host that keeps a process, and a message has its number" \
	comes_to_nothing 3 "process $process: this host is not asked until it ends"
check "publish: the driver does not keep another process of mdev-precheck" [ "$(kept)" = "$process" ]
touch end
wait "$server"
none_is_kept()
{
	[ -z "$(kept)" ]
}
wait_for none_is_kept
umount stuck
host groups
check "mdev-precheck-publish asks the host after the process has ended" "$publish"

# The udev rule leaves a mark
fresh
mkdir shims
cat > shims/sleep <<END_OF_SLEEP
#!/bin/sh
echo "\$*" >> "$work/slept"
END_OF_SLEEP
chmod +x shims/sleep
quickly()
{
	PATH="$work/shims:$PATH" "$publish"
}
check "mdev-precheck-publish succeeds without a mark of the udev rule" quickly
check "mdev-precheck-publish does not wait without a mark of the udev rule" [ ! -e slept ]
echo "[ ! -e '$changed' ] || touch late; touch '$changed.next'" > before
touch "$changed"
check "mdev-precheck-publish succeeds after a change of a parent" quickly
check "mdev-precheck-publish waits a second for further changes" grep -q -x 1 slept
check "publish: the mark of the udev rule is removed before mdev-precheck reads" [ ! -e late ]
check "publish: the mark of the udev rule is removed" [ ! -e "$changed" ]
echo "touch '$changed'" > before
check "mdev-precheck-publish succeeds while a parent changes" quickly
check "publish: a mark that is made while mdev-precheck reads stays, for another run" \
	[ -e "$changed" ]
fresh
touch "$changed"
echo 'PROMETEUS=' > "$conf"
check "mdev-precheck-publish ends with 2 if its configuration has a mistake" comes_to 2 '' quickly
check "publish: the mark is removed even if the configuration has a mistake" [ ! -e "$changed" ]
mv var/lib/mdev-precheck moved
touch "$changed"
check "publish: the error about a missing /var/lib/mdev-precheck names the directory" \
	comes_to 3 "^error: $work/var/lib/mdev-precheck does not exist" quickly
check "publish: the mark is removed even if /var/lib/mdev-precheck is missing" [ ! -e "$changed" ]
mv moved var/lib/mdev-precheck
all
mkdir "$changed"
check "publish: a mark that cannot be removed is an error" \
	comes_to 3 "^error: $changed could not be removed" quickly
check "publish: the files are written even if the mark cannot be removed" \
	[ -s out/mdev-precheck.prom ]
check "mdev-precheck-publish waits a second if it cannot remove the mark, before the next run" \
	grep -q -x 1 slept

# Two runs at once
fresh
# shellcheck disable=SC2016 # for the program
echo 'mkdir asking || touch both
n=0; until [ -e second ] || [ $n = 600 ]; do sleep 0.1; n=$((n + 1)); done
rmdir asking' > before
"$publish" > first.log 2>&1 &
first=$!
wait_for [ -d asking ]
"$publish" > second.log 2>&1 &
second=$!
# waits_for_lock - require that the second run executes flock
waits_for_lock()
{
	pgrep -x flock > /dev/null
}
wait_for waits_for_lock
touch second
wait "$first"
check "publish: the first of two runs at once succeeds" [ $? = 0 ]
wait "$second"
check "publish: the second of two runs at once succeeds" [ $? = 0 ]
check "publish: two runs at once ask the host one after the other" [ ! -e both ]
rm before
cat > shims/flock <<END_OF_FLOCK
#!/bin/sh
[ "\$1 \$2" = "-w 60" ] && shift 2 && exec /usr/bin/flock -w 0.1 "\$@"
END_OF_FLOCK
chmod +x shims/flock
flock var/lib/mdev-precheck sh -c 'touch locked; until [ -e unlock ]; do sleep 0.1; done' &
lock=$!
wait_for [ -e locked ]
check "publish: the next run fails after a minute if a run does not end" \
	comes_to 3 '^error: another mdev-precheck-publish did not end in 60 seconds' quickly
touch unlock
wait "$lock"

# A file cannot be written
fresh
all
sed -i "s|^NFD=.*|NFD=$work/out/nowhere/mdev-precheck|" "$conf"
check "publish: a directory of NFD= that does not exist is an error with line, name and path" comes_to 3 \
	"^error: $conf: line 4: NFD=$work/out/nowhere/mdev-precheck: the directory $work/out/nowhere does not exist" \
	"$publish"
check "publish: the other files are written even if the directory of NFD= does not exist" \
	published mdev-precheck.prom mdev-precheck.yaml mdev_precheck.json mdev_precheck.fact
fresh
all
mkdir out/mdev-precheck.prom
touch out/mdev-precheck.prom/kept
check "publish: a directory in place of a file is an error" comes_to 3 \
	"^error: PROMETHEUS=$work/out/mdev-precheck.prom was not written" "$publish"
check "publish: the other files are written even if a directory is in place of a file" \
	published mdev-precheck.prom mdev-precheck.prom/kept 'a blank' mdev-precheck.yaml \
	mdev_precheck.json mdev_precheck.fact
fresh
all
mkdir small
mount -t tmpfs -o size=4k tmpfs small
dd if=/dev/zero of=small/full bs=4k count=1 2> /dev/null
sed -i "s|^FACTER=.*|FACTER=$work/small/mdev_precheck.json|" "$conf"
check "publish: a full file system is an error" comes_to 3 'No space left' "$publish"
check "publish: a full file system gets no incomplete file" [ "$(ls -A small)" = full ]
check "publish: the next file is written even if a file system is full" \
	[ -s out/mdev_precheck.fact ]
umount small

# A crash leaves temporary files
fresh
all
touch out/.mdev-precheck.prom.a1B2c3 out/.other.prom.a1B2c3 out/.mdev-precheck.prom.swp \
	var/lib/mdev-precheck/.export.json.a1B2c3 var/lib/mdev-precheck/.known.json.a1B2c3
check "mdev-precheck-publish succeeds after a crash" "$publish"
check "mdev-precheck-publish removes its temporary files that a crash has left, and no other" published \
	mdev-precheck.prom 'a blank' mdev-precheck.yaml mdev_precheck.json mdev_precheck.fact \
	.other.prom.a1B2c3 .mdev-precheck.prom.swp
check "mdev-precheck-publish removes the temporary document that a crash has left" \
	[ ! -e var/lib/mdev-precheck/.export.json.a1B2c3 ]
check "mdev-precheck-publish leaves the temporary file of another program" [ -e var/lib/mdev-precheck/.known.json.a1B2c3 ]
: > "$document"
check "mdev-precheck-publish succeeds if the document is empty" "$publish"
check "mdev-precheck-publish replaces an empty document" jq -e .types "$document"

# Mistakes in typing

# mistaken NAME LINE WORDS - require that LINE in third place is an error with WORDS, and that the
# other lines count
mistaken()
{
	fresh
	printf 'PROMETHEUS=%s\n\n%s\nFACTER=%s\n' "$work/out/first" "$2" "$work/out/last" > "$conf"
	check "publish.conf: $1 is an error with its line" \
		comes_to 2 "^error: $conf: line 3: $3" "$publish"
	check "publish.conf: the other files are written even if a line has $1" published first last
}
mistaken "a variable that does not exist" "PROMETEUS=$work/out/x" "PROMETEUS=$work/out/x: PROMETHEUS=, NFD=, .* was expected"
mistaken "a path without a variable" "$work/out/x" "$work/out/x: PROMETHEUS=, NFD=, .* was expected"
mistaken "a blank before =" "NFD =$work/out/x" "NFD =$work/out/x: PROMETHEUS=, NFD=, .* was expected"
mistaken "a relative path" "NFD=out/x" "NFD=out/x: the absolute path of a file was expected"
mistaken "a directory" "NFD=$work/out/" "NFD=$work/out/: the absolute path of a file was expected"
mistaken "a path that another line has" "NFD=$work/out/first" "NFD=$work/out/first: another file has this path"
mistaken "the path of the document" "NFD=$document" "NFD=$document: another file has this path"
mistaken "a blank without quotes" "NFD=$work/out/a b" "NFD=$work/out/a b: NAME=PATH was expected"
mistaken "a quote without its end" "NFD='$work/out/x" "NFD='$work/out/x: NAME=PATH was expected"
# shellcheck disable=SC2016 # for the configuration
mistaken "a command" 'NFD=$(touch executed)/x' 'NFD=$(touch executed)/x: NAME=PATH was expected'
# shellcheck disable=SC2016 # for the configuration
mistaken "a variable of a shell" 'NFD="$HOME/x"' 'NFD="$HOME/x": NAME=PATH was expected'
mistaken "the line end of DOS" "NFD=$work/out/x$(printf '\r')" "NFD=$work/out/x.: NAME=PATH was expected"
check "publish.conf: no line is executed" [ ! -e executed ]
printf 'NFD=\nPROMETHEUS=""\n' > "$conf"
fresh
check "publish.conf: an empty path is not a mistake" "$publish"
check "publish.conf: an empty path lets no file be written" published
check "mdev-precheck-publish refuses an argument" comes_to 2 '^error: --now: mdev-precheck-publish does not have arguments' \
	"$publish" --now

# The manual page
sed -n 's/^#\([A-Z_]*\)=.*/\1/p' "$top/tools/mdev/publish/publish.conf" | sort > expected
sed -n 's/^\t\([A-Z_]*\)=\*).*/\1/p' "$publish" | sort > parsed
check_same "publish.conf has each variable that mdev-precheck-publish reads, and no other" expected parsed
sed -n '/^\.SH CONFIGURATION/,/^\.SH FILES/s/^\.B \([A-Z_]*\)$/\1/p' \
	"$top/tools/mdev/man/mdev-precheck-publish.8" | sort > described
check_same "mdev-precheck-publish(8) has each variable, and no other" expected described

check "make uninstall-publish succeeds" in_tree uninstall-publish
rm -r usr/bin
check "make uninstall-publish leaves only the configuration and the directory" [ \
	"$(find etc usr var ! -type d | sort | paste -s -d ' ')" = \
	"etc/mdev-precheck/publish.conf var/lib/mdev-precheck/export.json" ]
tests_end
