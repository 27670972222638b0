#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The machine itself: what goes in, what comes out, and that a kernel which is
# not sound fails the run whatever the command says
#
# kernels: 6.12 6.1
# needs: machine
# check: 6.12
# seconds: 15

. "$(dirname -- "$0")/../lib/machine.sh"

# A program that is linked dynamically, as people build them
printf '#include <stdio.h>\nint main(void) { puts("dynamic"); return 7; }\n' \
	> "$work/dynamic.c"
check 'a dynamically linked program compiles' gcc -o "$work/dynamic" "$work/dynamic.c"
mkdir "$work/directory"
echo content > "$work/directory/file"

cat > "$work/expected" <<END
$modules
\$HOME is / and I am 0
dynamic
status 7
content
to standard error
END
run="echo \$(for m in $modules; do grep -o \"^\$m \" /proc/modules; done)
echo '\$HOME' is \$HOME and I am \$(id -u); /dynamic; echo status \$?
cat /directory/file; echo to standard error >&2; exit 42"
make -s -C "$top" guest RUN="$run" \
	FILES="$work/dynamic $work/directory" > "$work/output" 2> "$work/messages"
check 'make guest fails if the command does' [ $? = 2 ]
check "make guest prints the exit status of the command" grep -q 'Error 42' "$work/messages"
check_same 'make guest prints the output of the command as it is, and nothing else' "$work/expected" \
	"$work/output"
check 'make guest prints its progress to standard error' grep -q '^==> booting' "$work/messages"

# A line as a kernel in trouble writes it
machine -- 'echo "<4>WARNING: CPU: 0 PID: 1 at test" > /dev/kmsg' \
	> "$work/output" 2> "$work/messages"
check 'a kernel warning fails a command that succeeds' [ $? = 123 ]
check 'a kernel warning is printed' grep -q 'WARNING: CPU: 0 PID: 1 at test' "$work/messages"
tests_end
