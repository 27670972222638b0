#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# libvirt's hook answers, when a test calls it in place of libvirt, for domains that libvirt could
# send and for input that libvirt would never send.  make install-libvirt installs it in steps of
# which each leaves a hook that works.
#
# needs: precheck
# check: yes
# seconds: 60

. "$(dirname -- "$0")/../lib/tap.sh"
. "$(dirname -- "$0")/../../tools/mdev/tests/transcripts.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX

# build DIRECTORY COMPILER [CFLAGS] - build the hook into the directory
build()
{
	make -C "$top/tools/mdev" O="$work/$1" CC="$2" ${3:+CFLAGS="$3"} \
		SYSCONFDIR="$work/etc" LOCALSTATEDIR="$work/var" all libvirt hook-of-fixtures
}

for compiler in gcc clang; do
	check "$compiler builds the hook" build "$compiler" "$compiler"
done
check "the hook builds with ASan and UBSan" build asan gcc \
	'-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all'
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99
transcripts_begin "$work/asan"
# The checker's log lines go to the file "logged" of its directory, in place of the system's log,
# with the name and the facility that openlog() got
cat > syslog.c <<-'END'
	#include <stdarg.h>
	#include <stdio.h>
	#include <stdlib.h>
	#include <syslog.h>
	#include <unistd.h>
	static const char *name;
	static int facility;
	void openlog(const char *ident, int option, int of)
	{
		(void)option;
		name = ident;
		facility = of;
	}
	void __syslog_chk(int priority, int flag, const char *format, ...)
	{
		FILE *logged = fopen("logged", "a");
		va_list args;

		(void)flag;
		if (getenv("LOG_HANGS"))
			pause();
		va_start(args, format);
		fprintf(logged, "%s.%s %s: ", facility == LOG_DAEMON ? "daemon" : "?",
			priority == LOG_WARNING ? "warning" : "?", name ? name : "?");
		vfprintf(logged, format, args);
		fputc('\n', logged);
		fclose(logged);
		va_end(args);
	}
END
check "a library that replaces syslog is built" gcc -O2 -Wall -shared -fPIC -o syslog.so syslog.c
# Only the checker that is built for this asks a directory that is not a sysfs
for program in installed-hook=mdev-precheck-hook mdev-precheck-hook=test/mdev-precheck-hook; do
	rm -f "bin/${program%=*}"
	cat > "bin/${program%=*}" <<-END
		#!/bin/sh
		export ASAN_OPTIONS="\$ASAN_OPTIONS:verify_asan_link_order=0"
		LD_PRELOAD='$work/syslog.so' exec '$work/asan/${program#*=}' "\$@"
	END
	chmod +x "bin/${program%=*}"
done
# conf LINE... - write the hook's configuration, with the directory in place of sysfs
cat > bin/conf <<-'END'
	#!/bin/sh
	printf '%s\n' "$@" "fixture = $PWD/groups" > ../etc/mdev-precheck/hook.conf
END
# room PARENT/TYPE NUMBER - give the type room for NUMBER more devices
cat > bin/room <<-'END'
	#!/bin/sh
	echo "$2" > "groups/devices/virtual/mtty/${1%/*}/mdev_supported_types/${1#*/}/available_instances"
END
chmod +x bin/conf bin/room
mkdir -p etc/mdev-precheck
echo "fixture = $work/transcripts/groups" > etc/mdev-precheck/hook.conf
transcript hook

# As libvirt itself writes a domain, with a stamp that virsh has set
rm -r etc/mdev-precheck/hook.conf
echo "fixture = $work/transcripts/groups" > etc/mdev-precheck/hook.conf
uuid=10000000-0000-4000-8000-000000000000
cat > defined.xml <<-END
	<domain type='test'>
	  <name>guest</name>
	  <memory>65536</memory>
	  <os><type>hvm</type></os>
	  <devices>
	    <hostdev mode='subsystem' type='mdev' model='vfio-pci'>
	      <source><address uuid='$uuid'/></source>
	    </hostdev>
	  </devices>
	</domain>
END
# dump VERSION - let libvirt's driver for tests write the XML of the domain with the stamp
dump()
{
	virsh -q -c test:///default "define $work/defined.xml; metadata guest --config --key stamp \
		--uri urn:mdev-precheck:stamp:1 --set '<devices><device uuid=\"$uuid\" \
		type=\"port\" state=\"read\" version=\"$1\"/></devices>'; dumpxml guest" |
		sed -n '/^<domain/,/^<\/domain/p' > dumped.xml
	grep -q 'urn:mdev-precheck:stamp:1' dumped.xml
}
check "virsh stamps a domain with the version 33" dump 33
check "the hook takes the device that virsh has stamped with 33" \
	sh -c 'bin/mdev-precheck-hook guest migrate begin - < dumped.xml'
check "virsh stamps a domain with the version 3 < 33" dump '3 &lt; 33'
bin/mdev-precheck-hook guest migrate begin - < dumped.xml 2> said
check "the hook refuses the device that virsh has stamped with 3 < 33" [ $? = 1 ]
check "the hook's refusal has the version that virsh has stamped" \
	grep -F "source's version \"3 < 33\"" said

# An installation puts the entry where libvirt looks, and keeps the administrator's changes
in_root()
{
	make -C "$top/tools/mdev" O="$work/gcc" CC=gcc DESTDIR="$work/root" PREFIX=/usr \
		SYSCONFDIR="$work/etc" "$@"
}
installed="$work/root$work/etc"
check "make install-libvirt succeeds" in_root install-libvirt
sort > expected <<-END
	$work/etc/libvirt/hooks/qemu.d/mdev-precheck
	$work/etc/mdev-precheck/hook.conf
	/usr/lib/systemd/system/mdev-precheck-stamp.service
	/usr/libexec/mdev-precheck-libvirt
	/usr/sbin/mdev-precheck-hook
	/usr/share/man/man8/mdev-precheck-hook.8
END
find root ! -type d | sed 's|^root||' | sort > files
check_same "make install-libvirt installs the documented files" expected files
entry=$installed/libvirt/hooks/qemu.d/mdev-precheck
check "the hook's entry is a program and not a link" sh -c "
	[ -f '$entry' ] && [ -x '$entry' ] && [ ! -L '$entry' ]"
check "shellcheck finds nothing in the hook's entry" shellcheck "$entry"
check "the hook's entry calls the installed checker" grep -F /usr/sbin/mdev-precheck-hook "$entry"
check "the hook's checker does not need libmdev-precheck.so, nor have a RUNPATH" sh -c "
	readelf -d root/usr/sbin/mdev-precheck-hook > needed &&
	! grep -E 'libmdev-precheck|RPATH|RUNPATH' needed"
check "mdev-precheck-libvirt does not need libmdev-precheck.so, nor have a RUNPATH" sh -c "
	readelf -d root/usr/libexec/mdev-precheck-libvirt > needed &&
	! grep -E 'libmdev-precheck|RPATH|RUNPATH' needed"
check "the systemd unit executes the installed mdev-precheck-libvirt" grep -x \
	'ExecStart=/usr/libexec/mdev-precheck-libvirt stamp --watch' \
	root/usr/lib/systemd/system/mdev-precheck-stamp.service
cmp -s "$top/tools/mdev/libvirt/hook.conf" "$installed/mdev-precheck/hook.conf"
result $? "make install-libvirt installs the hook.conf of the tree"
cat "$installed/mdev-precheck/hook.conf" >> etc/mdev-precheck/hook.conf
check "the hook reads the installed hook.conf without an error" sh -c "
	bin/domain $uuid/port/33 | bin/mdev-precheck-hook guest migrate begin -"
echo 'no-stamp = allow' > "$installed/mdev-precheck/hook.conf"
check "make install-libvirt succeeds a second time" in_root install-libvirt
check "a second make install-libvirt leaves the administrator's hook.conf as it is" \
	grep -q -x 'no-stamp = allow' "$installed/mdev-precheck/hook.conf"

# libvirt may call at any time, so the entry has to be whole and to have its checker.  These
# programs look at both after each step of make.
mkdir shims
for program in install mv rm; do
	cat > shims/$program <<-END
		#!/bin/sh
		for last; do :; done
		[ $program != install ] || case \$last in
		*/qemu.d/*|*/qemu.d|*/sbin|*/mdev-precheck-hook)
			case \$1 in -d) ;; *) echo "\$* is not a rename" >> "$work/steps" ;; esac ;;
		esac
		/usr/bin/$program "\$@" || exit
		[ ! -e "$entry" ] || [ -x "$work/root/usr/sbin/mdev-precheck-hook" ] ||
			echo "no checker after $program \$*" >> "$work/steps"
		[ -x "$entry" ] || [ ! -e "$work/upgrade" ] ||
			echo "no entry after $program \$*" >> "$work/steps"
		for found in "$installed"/libvirt/hooks/qemu.d/*; do
			[ "\$found" = "$entry" ] || [ ! -e "\$found" ] ||
				echo "\$found is called too" >> "$work/steps"
		done
	END
	chmod +x shims/$program
done
# in_steps TARGET - make TARGET, and require that no step leaves a fault
in_steps()
{
	: > steps
	PATH="$work/shims:$PATH" in_root "$1" && ! grep . steps
}
: > upgrade
check "each step of an upgrade leaves a hook that works" in_steps install-libvirt
# Older versions had a link to the checker in place of the entry
ln -sf "$work/root/usr/sbin/mdev-precheck-hook" "$entry"
check "each step of an upgrade from a link leaves a hook that works" in_steps install-libvirt
check "an upgrade replaces the link of an older version by the entry" [ ! -L "$entry" ]
rm upgrade
check "make uninstall-libvirt removes the entry before the checker" in_steps uninstall-libvirt
check "make uninstall-libvirt leaves only hook.conf" \
	[ "$(find root ! -type d | sed 's|^root||')" = "$work/etc/mdev-precheck/hook.conf" ]
check "each step of an install leaves a hook that works, or none" in_steps install-libvirt
rm root/usr/sbin/mdev-precheck-hook
ln -sf /nowhere "$entry"
check "make install-libvirt succeeds where the entry is a link that leads nowhere" \
	in_root install-libvirt
check "the entry has replaced the link that led nowhere" [ ! -L "$entry" ]

# An older version's hook needs the library
check "make install succeeds, and the hook of an older version is set up" sh -c "
	make -C '$top/tools/mdev' O='$work/gcc' CC=gcc DESTDIR='$work/root' PREFIX=/usr \
		SYSCONFDIR='$work/etc' install && ln -sf /usr/sbin/mdev-precheck-hook '$entry'"
in_root uninstall > said 2>&1
check "make uninstall fails while the hook is a link" [ $? != 0 ]
check "the error of make uninstall has the link and the command to run first" \
	grep -F -x "$entry is the hook of an older \
version, which needs the library: run make install-libvirt or make uninstall-libvirt first" said
check "a make uninstall that fails leaves the library" [ -e root/usr/lib/libmdev-precheck.so.2 ]
check "make uninstall uninstall-libvirt succeeds while the hook is a link" \
	in_root uninstall uninstall-libvirt
check "make uninstall uninstall-libvirt removes the link" [ ! -L "$entry" ]
check "make uninstall uninstall-libvirt removes the library" [ ! -e root/usr/lib/libmdev-precheck.so.2 ]
check "make install-libvirt succeeds after make uninstall uninstall-libvirt" in_root install-libvirt
check "make uninstall succeeds beside the entry of this version" in_root uninstall

# An installation replaces a link to a directory, and writes nothing into the directory
mkdir directory
ln -sfn "$work/directory" "$entry"
ln -sfn "$work/directory" root/usr/sbin/mdev-precheck-hook
check "make install-libvirt succeeds where links lead to a directory" in_root install-libvirt
check "the entry has replaced the link to a directory" [ ! -L "$entry" ]
check "the checker has replaced the link to a directory" [ ! -L root/usr/sbin/mdev-precheck-hook ]
check "make install-libvirt writes nothing into the directory that links lead to" \
	[ -z "$(ls -A directory)" ]

# half/sed writes an entry that is not complete, so that make fails.  twice/PROGRAM runs such a make
# at each step at which another make writes its own entry.
cp "$entry" whole
mkdir half twice
cat > half/sed <<-END
	#!/bin/sh
	case \$* in
	*@SBINDIR@*)	/usr/bin/sed "\$@" | head -c "\$(cat "$work/length")" ;;
	*)		exec /usr/bin/sed "\$@" ;;
	esac
END
for program in chmod install mv; do
	cat > twice/$program <<-END
		#!/bin/sh
		case \$* in
		*/hooks/*mdev-precheck*|*entry*)
			echo "\$*" >> "$work/steps"
			PATH="$work/half:/usr/bin:/bin" env -u MAKEFLAGS -u MAKELEVEL \
				make -C "$top/tools/mdev" O="$work/gcc" CC=gcc DESTDIR="$work/root" \
				PREFIX=/usr SYSCONFDIR="$work/etc" install-libvirt > "$work/other" 2>&1 &&
				echo "no failure" >> "$work/other.passed" ;;
		esac
		exec /usr/bin/$program "\$@"
	END
done
chmod +x half/* twice/*
# in_path DIRECTORY - make install-libvirt with the programs in DIRECTORY
in_path()
{
	PATH="$work/$1:$PATH" in_root install-libvirt
}
for length in 0 "$(grep -b -m 1 '^esac' whole | cut -d : -f 1)"; do
	echo "$length" > length
	in_path half > log 2>&1
	check "make install-libvirt fails with $length bytes of the entry" [ $? != 0 ]
	check_same "a make install-libvirt that fails leaves the old entry: $length bytes" whole "$entry"
	: > steps
	check "make install-libvirt succeeds beside another one that writes $length bytes" in_path twice
	check "the other make install-libvirt ran and failed: $length bytes" \
		sh -c "grep . steps && grep -i error other && [ ! -e other.passed ]"
	check_same "the entry is whole after two make install-libvirt at once: $length bytes" \
		whole "$entry"
	check "two make install-libvirt at once leave no temporary file: $length bytes" \
		[ -z "$(find root -name '*.new*')" ]
done

# Both shells execute the entry by itself, with checkers that end in each way
own=own/usr/sbin/mdev-precheck-hook
own_entry=own/etc/libvirt/hooks/qemu.d/mdev-precheck
check "make install-libvirt succeeds without DESTDIR" make -C "$top/tools/mdev" O="$work/gcc" CC=gcc \
	PREFIX="$work/own/usr" SYSCONFDIR="$work/own/etc" install-libvirt
cat > shims/logger <<-END
	#!/bin/sh
	echo "\$@" >> "$work/logged"
	exec /usr/bin/logger --no-act "\$@"
END
chmod +x shims/logger

# libvirt also calls the files that dpkg and rpm leave beside the entry
for suffix in dpkg-new dpkg-dist dpkg-old rpmnew rpmorig rpmsave; do
	cp "$own_entry" "$own_entry.$suffix"
	check "the entry as $suffix passes, and does not execute the checker" \
		"$own_entry.$suffix" guest migrate begin -
	rm "$own_entry.$suffix"
done

# real OPERATION DEVICE STATUS - require that the entry ends with STATUS, with the checker that asks
# a directory
cp gcc/test/mdev-precheck-hook $own
real()
{
	rm -f logged
	# shellcheck disable=SC2086 # options and a device
	bin/domain $2 | PATH="$work/shims:$PATH" LD_PRELOAD="$work/syslog.so" \
		sh $own_entry guest "$1" begin -
	[ $? = "$3" ]
}
for operation in migrate restore; do
	check "the entry with its checker: $operation begin: a device that the driver takes passes" \
		real $operation $uuid/port/33 0
	check "the entry with its checker: $operation begin: it does not log a device that passes" \
		[ ! -e logged ]
	check "the entry with its checker: $operation begin: a device that the driver does not take is refused" \
		real $operation $uuid/port/xyz 1
done
# passes DEVICE REASON - require that a restore passes, and that the checker and the entry log a
# line each
passes()
{
	real restore "$1" 0 && cat logged && [ "$(wc -l < logged)" = 2 ] && grep -F "$2" logged
}
check "the entry with its checker: migrate begin: a device without a stamp is refused" \
	real migrate $uuid 3
check "the entry with its checker: restore begin: a device without a stamp passes, and the log has the reason" \
	passes $uuid "mdev-precheck-hook: domain guest: allowed all the same: device $uuid, type port here: the domain does not have the source's version"
cp etc/mdev-precheck/hook.conf right
echo 'no-stmap = allow' >> etc/mdev-precheck/hook.conf
wrong=$(wc -l < etc/mdev-precheck/hook.conf)
check "the entry with its checker: migrate begin: with a mistake in hook.conf a device is refused" \
	real migrate $uuid/port/33 3
check "the entry with its checker: restore begin: with a mistake in hook.conf a device passes, and the log has its line" \
	passes $uuid/port/33 "mdev-precheck-hook: $work/etc/mdev-precheck/hook.conf:$wrong: "
cp right etc/mdev-precheck/hook.conf
# hangs OPERATION DEVICE STATUS - do as real() does, while the system's log hangs
hangs()
(
	export LOG_HANGS=1
	real "$@"
)
check "the entry with its checker: restore begin: a driver's no refuses although the log hangs" \
	hangs restore $uuid/port/xyz 1
check "the entry with its checker: restore begin: a device without a stamp passes although the log hangs" \
	hangs restore $uuid 0
check "the entry with its checker: migrate begin: a yes passes although the log of a warning hangs" \
	hangs migrate "--pci 2 $uuid/port/33" 0

# One driver refuses, and then four hang: the checker has to answer before its limit ends.  It
# waits beside the tests below, which do not need hook.conf.
slow=transcripts/groups
devices=
for number in 1 2 3 4; do
	parent=$slow/devices/virtual/mtty/slow-$number
	each=${number}1000000-0000-4000-8000-000000000000
	mkdir -p $parent/mdev_supported_types/port $parent/$each
	mkfifo $parent/mdev_supported_types/port/migration_version
	ln -s ../../devices/virtual/mtty/slow-$number $slow/class/mdev_bus
	ln -s ../../../devices/virtual/mtty/slow-$number/$each $slow/bus/mdev/devices
	ln -s ../mdev_supported_types/port $parent/$each/mdev_type
	devices="$devices $each/port/33"
done
limit=$(sed -n 's/^limit=//p' $own_entry)
# shellcheck disable=SC2086 # a list
bin/domain $uuid/port/xyz $devices > slow.xml
{
	LD_PRELOAD="$work/syslog.so" timeout "${limit:-1}" gcc/test/mdev-precheck-hook \
		guest restore begin - --entry < slow.xml > slow.log 2>&1
	echo $? > slow.status
} &
slow=$!

# answers SHELL STATUS OPERATION... - require that the entry ends with STATUS, and write its
# standard output to the file printed
answers()
{
	shell=$1
	expected=$2
	shift 2
	: > logged
	# A test in the background ignores SIGINT
	# shellcheck disable=SC2086 # a shell and its options
	PATH="$work/shims:$PATH" env --default-signal=HUP,INT,TERM $shell "$own_entry" guest \
		"$@" < /dev/null > printed 2> said
	ended=$?
	cat printed said logged
	[ "$ended" = "$expected" ]
}
# ends HOW - make a checker that ends in this way, after a line on its standard output
ends()
{
	printf '%s\n' '#!/bin/sh' 'echo "called with $*"' "$1" > $own
	chmod +x $own
}
# silent ARGUMENT... - require that the entry prints nothing where it cannot execute another program
silent()
{
	PATH=/nowhere "$work/shell" "$own_entry" "$@" < /dev/null > said 2>&1 && ! grep . said
}

# without_process SHELL OPERATION - run an entry that cannot fork; write its status to the file
# without.OPERATION.SHELL.  The limit does not apply to root, and another user may not be able to
# read the entry, so the shell gets its text.
without_process()
{
	nobody=
	[ "$(id -u)" != 0 ] || nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
	# shellcheck disable=SC2016,SC2086 # for that shell, and each has its words
	(cd / && $nobody bash -c 'ulimit -u 0 && exec "$@"' bash \
		$1 -c "$(cat "$work/$own_entry")" entry guest "$2" begin -) < /dev/null > \
		"without.$2.${1%% *}.log" 2>&1
	echo $? > "without.$2.${1%% *}"
}
# bash tries again for seconds
waiting=
for shell in dash "bash --posix"; do
	for operation in migrate restore; do
		without_process "$shell" $operation &
		waiting="$waiting $!"
	done
done

# If a library loses a version of its symbols, the loader ends the program with 1
mkdir unversioned
echo 'V1 { f; };' > map
echo 'int f(void) { return 0; }' > f.c
echo 'int f(void); int main(void) { return f(); }' > main.c
head -c 4096 /dev/zero > zeros
sh zeros > log 2>&1
zeros=$?
check "a program is built that the loader refuses" sh -c "
	gcc -shared -fPIC -Wl,--version-script=map -Wl,-soname,libf.so -o unversioned/libf.so f.c &&
	gcc -o unversioned/program main.c unversioned/libf.so -Wl,-rpath,'$work/unversioned' &&
	unversioned/program &&
	echo 'V2 { f; };' > map &&
	gcc -shared -fPIC -Wl,--version-script=map -Wl,-soname,libf.so -o unversioned/libf.so f.c &&
	! unversioned/program"

for shell in dash "bash --posix"; do
	# shellcheck disable=SC2016 # for that shell
	printf '#!/bin/sh\nexec /bin/%s "$@"\n' "$shell" > shell
	chmod +x shell
	ends 'exit 1'
	while read -r operation sub; do
		check "the entry in $shell: $operation${sub:+ $sub} passes without the checker" \
			silent guest "$operation" "$sub" -
	done <<-END
		prepare begin
		start begin
		started begin
		stopped end
		release end
		reconnect begin
		attach begin
		migrate end
		migrate
		migrated begin
		restore end
		unknown
	END
	check "the entry in $shell: a call without an operation passes" silent guest
	check "the entry in $shell: a call without arguments passes" silent
	for ended in 0 1; do
		ends "exit 10$ended"
		for operation in migrate restore; do
			check "the entry in $shell: $operation begin, status 10$ended: it ends with $ended" \
				answers "$shell" $ended $operation begin -
			check "the entry in $shell: $operation begin, status 10$ended: it prints nothing in place of the XML" \
				[ ! -s printed ]
			check "the entry in $shell: $operation begin, status 10$ended: the checker has all arguments" \
				grep -x "called with guest $operation begin - --entry" said
			check "the entry in $shell: $operation begin, status 10$ended: it logs nothing" [ ! -s logged ]
		done
	done
	while read -r how why; do
		case $how in
		missing)	rm $own ;;
		denied)		ends 'exit 100'; chmod -x $own ;;
		nowhere)	printf '#!/nowhere\n' > $own; chmod +x $own ;;
		unversioned)	cp unversioned/program $own ;;
		empty)		: > $own; chmod +x $own ;;
		zeros)		head -c 4096 /dev/zero > $own; chmod +x $own ;;
		signal-*)	ends "kill -${how#signal-} \$\$" ;;
		*)		ends "exit $how" ;;
		esac
		case $why in
		the*|timeout*)	;;
		*)		why="$work/$own $why" ;;
		esac
		check "the entry in $shell: checker $how: migrate begin is refused" \
			answers "$shell" 3 migrate begin -
		[ "$how" = 3 ] || check "the entry in $shell: checker $how: the message has the reason" grep -x \
			"mdev-precheck: the vendor drivers could not be asked: $why" said
		check "the entry in $shell: checker $how: a refused migration is not logged" [ ! -s logged ]
		check "the entry in $shell: checker $how: restore begin passes" answers "$shell" 0 restore begin -
		check "the entry in $shell: checker $how: the log has the restore and the reason" grep -F -x -e "-t mdev-precheck-hook -p \
daemon.warning domain guest: allowed all the same: restored without a verdict: $why" logged
	done <<-END
		missing could not be run (status 127)
		denied could not be run (status 126)
		nowhere could not be run (status 127)
		unversioned ended with status 1
		empty ended with status 0
		zeros ended with status $zeros
		0 ended with status 0
		1 ended with status 1
		2 ended with status 2
		3 the vendor drivers could not be asked
		124 did not end within 25 seconds
		125 timeout itself failed (status 125)
		255 ended with status 255
		signal-TERM ended with status 143
		signal-KILL did not end within 25 seconds or was killed
		signal-SEGV ended with status 139
	END
	: > logged
	ends 'exit 3'
	PATH="$work/shims:$PATH" $shell $own_entry "$(printf 'a\nforged: b')" restore begin - \
		< /dev/null > log 2>&1
	check "the entry in $shell: a line break in a domain's name does not begin a line of the log" \
		grep -F -x -e "-t mdev-precheck-hook -p daemon.warning domain with control \
characters in its name: allowed all the same: restored without a verdict: the vendor drivers could \
not be asked" logged
	# The parent of timeout, which executes the checker, is the entry
	for signal in HUP INT TERM; do
		ends "kill -$signal \$(cut -d ' ' -f 4 /proc/\$PPID/stat); exit 101"
		check "the entry in $shell: SIG$signal to the entry: restore begin passes" \
			answers "$shell" 0 restore begin -
	done
	ends 'exit 100'
	PATH=/nowhere "$work/shell" "$own_entry" guest migrate begin - < /dev/null > log 2>&1
	check "the entry in $shell: without timeout a migration is refused" [ $? = 3 ]
	check "the entry in $shell: without timeout a restore passes" sh -c "
		PATH=/nowhere '$work/shell' '$own_entry' guest restore begin - < /dev/null"
done
wait $slow
check "the checker ends within the limit of its entry although four drivers hang" \
	grep -v -x 124 slow.status
check "a restore is refused because of a driver's no although four others hang" \
	grep -x 101 slow.status
# shellcheck disable=SC2086 # each has a word
wait $waiting
for shell in dash bash; do
	for operation in migrate restore; do
		check "the entry in $shell: $operation begin: fork fails in the shell" \
			grep -i fork without.$operation.$shell.log
	done
	check "the entry in $shell: a migration is refused if the shell cannot fork" \
		[ "$(cat without.migrate.$shell)" -gt 1 ]
	check "the entry in $shell: a restore passes if the shell cannot fork" [ "$(cat without.restore.$shell)" = 0 ]
done

# AppArmor's profile of libvirtd on Debian, with rules about the programs that it may execute
mkdir -p root/etc/apparmor.d/local
cat > root/etc/apparmor.d/usr.sbin.libvirtd <<'END'
#include <tunables/global>
profile libvirtd /usr/sbin/libvirtd flags=(attach_disconnected) {
  #include <abstractions/base>
  capability kill,
  # Very lenient profile for libvirtd
  /** rwmkl,

  /bin/* PUx,
  /sbin/* PUx,
  /usr/bin/* PUx,
  /usr/sbin/* PUx,
  /usr/{lib,lib64,lib/qemu,libexec}/virtiofsd PUx,
  audit deny /opt/denied/sbin/mdev-precheck-hook rwxl,
  /opt/*/sbin/mdev-precheck-hoo[a-z] PUx, # {
  deny /opt/overruled/** wx,
  /unbalanced/[ PUx,
  /unbalanced/[^] PUx,
  /unbalanced/{a PUx,
  /unbalanced/} PUx,
  /etc/libvirt/hooks/** rmix,
  profile qemu_bridge_helper { # }
   /child/sbin/mdev-precheck-hook rmix,
  }
  # Site-specific additions and overrides. See local/README for details.
  #include <local/usr.sbin.libvirtd>
}
END
# warns PREFIX - require that make install-libvirt with PREFIX warns of the profile
warns()
{
	make -C "$top/tools/mdev" O="$work/gcc" CC=gcc DESTDIR="$work/root" PREFIX="$1" \
		install-libvirt SYSCONFDIR=/etc > log 2>&1 || return 2
	grep '^warning: ' log > warning
}
warns /usr
[ $? = 1 ]
result $? "AppArmor: make install-libvirt does not warn with PREFIX=/usr" log
warns /opt/allowed
[ $? = 1 ]
result $? "AppArmor: make install-libvirt takes a rule with a class of characters and a comment" log
check "AppArmor: make install-libvirt prints no error about unbalanced brackets" sh -c "! grep -i -E 'awk|regular' log"
for prefix in /usr/local /opt/denied /opt/overruled /child /usr/share/x; do
	check "AppArmor: make install-libvirt warns with PREFIX=$prefix" warns $prefix
	check "AppArmor: the warning names profile and program, PREFIX=$prefix" grep -F \
		"root/etc/apparmor.d/usr.sbin.libvirtd does not have a rule by which libvirtd may execute $prefix/sbin/mdev-precheck-hook." warning
done
sed -n 's/^warning:   \(.*,\)$/\1/p' warning > root/etc/apparmor.d/local/usr.sbin.libvirtd
check "AppArmor: the warning has the line to add to the profile" \
	grep -x '/usr/share/x/sbin/mdev-precheck-hook PUx,' root/etc/apparmor.d/local/usr.sbin.libvirtd
warns /usr/share/x
[ $? = 1 ]
result $? "AppArmor: make install-libvirt does not warn once the line of the warning was added" log
sed 's/libvirtd/virtqemud/g' root/etc/apparmor.d/usr.sbin.libvirtd \
	> root/etc/apparmor.d/usr.sbin.virtqemud
check "AppArmor: make install-libvirt warns about the profile of virtqemud" warns /usr/share/x
check "AppArmor: the warning about its profile names virtqemud" grep -F 'by which virtqemud may execute' warning
tests_end
