#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/machine copies files into a machine, prints the output of the command, and fails if the
# kernel is not sound although the command succeeds
#
# kernels: 6.12 6.1
# needs: machine
# check: 6.12
# seconds: 15

. "$(dirname -- "$0")/../lib/machine.sh"

# A program that is linked dynamically, as people build it
printf '#include <stdio.h>\nint main(void) { puts("dynamic"); return 7; }\n' \
	> "$work/dynamic.c"
check 'a dynamically linked program compiles' gcc -o "$work/dynamic" "$work/dynamic.c"
mkdir "$work/directory"
echo content > "$work/directory/file"

# Two programs with a library each, in a directory that $ORIGIN or LD_LIBRARY_PATH names
for name in beside elsewhere; do
	mkdir "$work/$name"
	printf 'const char *text(void) { return "%s"; }\n' $name > "$work/$name/text.c"
	printf '#include <stdio.h>\nconst char *text(void);\nint main(void) { puts(text()); return 0; }\n' \
		> "$work/$name/main.c"
	# shellcheck disable=SC2016 # the loader's
	check "a program and its library compile: $name" sh -c '
		cd "$1" && gcc -shared -fPIC -Wl,-soname,lib$2.so -o lib$2.so text.c &&
		gcc -o $2 main.c -L . -l$2 $3' - "$work/$name" $name \
		"$([ $name = elsewhere ] || echo "-Wl,-rpath,\$ORIGIN")"
done
printf 'int main(void) { return 0; }\n' | gcc -static -x c -o "$work/directory/static" -
printf '#!/bin/sh\necho script\n' > "$work/directory/script"
chmod +x "$work/directory/script"

cat > "$work/expected" <<END
$modules
\$HOME is / and I am 0
dynamic
status 7
beside
elsewhere
content
script
status 0
to standard error
END
run="echo \$(for m in $modules; do grep -o \"^\$m \" /proc/modules; done)
echo '\$HOME' is \$HOME and I am \$(id -u); /dynamic; echo status \$?
/beside; /elsewhere; cat /directory/file; /directory/script; /directory/static; echo status \$?
echo to standard error >&2; exit 42"
LD_LIBRARY_PATH=$work/elsewhere make -s -C "$top" guest RUN="$run" \
	FILES="$work/dynamic $work/directory $work/beside/beside $work/elsewhere/elsewhere" > "$work/output" 2> "$work/messages"
check 'make guest fails if the command does' [ $? = 2 ]
check "make guest prints the exit status of the command" grep -q 'Error 42' "$work/messages"
check_same 'make guest prints the output of the command as it is, and nothing else' "$work/expected" \
	"$work/output"
check 'make guest prints its progress to standard error' grep -q '^==> booting' "$work/messages"

# A machine fails if the kernel log has a line that a sound kernel does not write
machine --log "$work/kernel.log" -- 'echo "<4>WARNING: CPU: 0 PID: 1 at test" > /dev/kmsg' \
	> "$work/output" 2> "$work/messages"
check 'scripts/machine fails because of a kernel warning although the command succeeds' [ $? = 123 ]
check 'scripts/machine prints a kernel warning' grep -q 'WARNING: CPU: 0 PID: 1 at test' "$work/messages"

check 'scripts/machine --log copies the kernel log to that file' \
	grep -q 'WARNING: CPU: 0 PID: 1 at test' "$work/kernel.log"
check 'scripts/machine --log names that file for a look at it' \
	grep -q "the whole log: $work/kernel.log\$" "$work/messages"

"$top/scripts/machine" --help > "$work/output" 2> "$work/messages"
check 'scripts/machine --help succeeds' [ $? = 0 ]
check 'scripts/machine --help prints all options' sh -c "
	sed -n 's/^\t\(--[a-z-]*\))\$/\1/p' '$top/scripts/machine' |
	while read -r option; do grep -q -e \"^  \$option\" '$work/output' || exit; done"

# refuses LINE OPTION... - require the error of that one line and the status for a machine that
# cannot be made; the line of a machine that is begun comes before it
refuses()
{
	echo "error: $1" > "$work/expected"
	shift
	"$top/scripts/machine" "$@" > "$work/output" 2>&1 < /dev/null
	[ $? = 125 ] && sed '/^==> making the machine /d' "$work/output" | diff -u "$work/expected" -
}

expected="expected an option of scripts/machine --help"
check 'scripts/machine refuses an option that it does not have' refuses \
	"--kernle is not an option, $expected" --kernle 6.12 true
check 'scripts/machine refuses an option with = and a value' refuses \
	"--kernel=6.12 is not an option, $expected" --kernel=6.12 true
check 'scripts/machine refuses an option without its value' refuses \
	'--file is the last argument, expected: --file PATH' --file
check 'scripts/machine refuses a file that is not there' refuses \
	'--file nowhere is not there, expected a file or directory' --file nowhere true
check 'scripts/machine refuses a log in a directory that is not there' refuses \
	'--log nowhere/log: nowhere is not there, expected a directory' --log nowhere/log true
check 'scripts/machine refuses a program whose library is not found' refuses \
	"--file $work/elsewhere/elsewhere: ldd does not find libelsewhere.so, expected each shared library of the program" \
	--file "$work/elsewhere/elsewhere" true
mkdir "$work/tree" "$work/tree/bin"
cp "$work/beside/beside" "$work/tree/bin/program"
check 'scripts/machine refuses a directory with a program whose library is not found' refuses \
	"--file $work/tree/bin/program: ldd does not find libbeside.so, expected each shared library of the program" \
	--file "$work/tree" true
cp "$work/beside/beside" "$work/tree/bin/"
cp "$work/elsewhere/libelsewhere.so" "$work/tree/bin/libbeside.so"
check 'scripts/machine refuses two programs that need different libraries of one name' refuses \
	"$work/beside/libbeside.so and $work/tree/bin/libbeside.so are not the same, expected one libbeside.so for all programs of --file" \
	--file "$work/beside/beside" --file "$work/tree" true
# The number of the architecture is in the ELF header: 183 is AArch64
cp "$work/dynamic" "$work/foreign"
printf '\267' | dd of="$work/foreign" bs=1 seek=18 conv=notrunc status=none
check 'scripts/machine refuses a dynamic program of another architecture' refuses \
	"--file $work/foreign: ldd prints \"not a dynamic executable\", expected a program of this system, or a static one" \
	--file "$work/foreign" true
check 'scripts/machine refuses a limit that is not a number' refuses \
	'--timeout soon: expected a number of seconds' --timeout soon true
check 'scripts/machine refuses one socket for a link' refuses \
	'--link own: expected OWN,PEER, the paths of two sockets' --link own true
for each in 2201 2201:ssh :22 1:2:3; do
	check "scripts/machine refuses to forward $each" refuses \
		"--forward $each: expected PORT:OWN, two numbers" --forward $each true
done
check 'scripts/machine refuses a port to forward beside a link' refuses \
	'--forward with --link a,b: expected one of them, as the machine has one card' \
	--link a,b --forward 2201:22 true
check 'scripts/machine refuses a boot directory without a release' refuses \
	'--boot own: expected DIR,RELEASE, a directory and the release of a kernel in it' --boot own true
check 'scripts/machine refuses a release whose kernel is not there' refuses \
	'--boot own,6.12: own/vmlinuz-6.12 is not there, expected a kernel of Debian' --boot own,6.12 true
mkdir "$work/boot"
touch "$work/boot/vmlinuz-6.12" "$work/boot/initrd.img-6.12" "$work/boot/config-6.12"
check 'scripts/machine refuses to boot a system without its disk' refuses \
	"--boot $work/boot,6.12 without a disk, expected --disk IMAGE too" --boot "$work/boot,6.12" true
check 'scripts/machine refuses modules for a system that has its own' refuses \
	"--boot $work/boot,6.12: expected a COMMAND, and neither --no-services nor --modules" \
	--boot "$work/boot,6.12" --disk "$work/boot/config-6.12" --modules "$work" true
check 'scripts/machine refuses a command of two arguments' refuses \
	'hello follows the command echo, expected one argument: quote the command' echo hello
check 'scripts/machine refuses an empty command' refuses \
	"the command is empty, expected one for the machine's /bin/sh" -- ''

mkdir "$work/a directory"
echo 'a name with blanks' > "$work/a directory/a file"
echo 'a name with blanks' > "$work/expected"
machine --file "$work/a directory/a file" -- 'cat "/a file"' > "$work/output" 2> "$work/messages"
check_same 'scripts/machine copies a file whose name has blanks' "$work/expected" "$work/output"
tests_end
