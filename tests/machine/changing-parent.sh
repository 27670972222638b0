#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: a parent that is switched on and off gives yes or not asked, and never no.
# Prints TAP.  Needs changing_parent in /.

# shellcheck source=tests/machine/precheck-lib.sh
. /precheck-lib.sh

type=mdev-sim-gpu
uuid=a5ae0d9e-8c2b-4b8f-8d0c-6a1ec2c2f001

# storm SECONDS - ask for some seconds, write the counts to /tmp/counts, and print the exit status
storm()
{
	/changing_parent "$1" 20 gpus $type acme-2.0 $uuid > /tmp/counts
	echo $?
}

# number NAME [FORM] - print how many results of the name the matching forms have
number()
{
	awk -v name="$1=" -v form="${2:-}" '
		!/^#/ && match($0, ": ") && substr($0, 1, RSTART - 1) ~ form {
			for (i = 1; i <= NF; i++)
				if (index($i, name) == 1)
					sum += substr($i, length(name) + 1)
		}
		END { print sum + 0 }' /tmp/counts
}

# some NAME [FORM] - print "some" if the number is 1 or more, and the number if it is not
some()
{
	count=$(number "$@")
	[ "$count" -lt 1 ] && echo "$count" || echo some
}

make_parent gpus acme-2.0
# With another parent, a type that only this parent has would be a no while it is switched off
rmmod mtty mdpy mbochs
ok 'twenty askers ask a parent that is switched on and off, for ten seconds or more' 0 "$(storm 10)"
sed 's/^#* */# /' /tmp/counts
ok 'the parent is switched on and off' some "$(some switched-on)"
ok 'the parent has a device now and then' some "$(some devices)"
ok 'no answer is a no' 0 "$(number no)"
ok 'no asker crashes or has another status' 0 "$(number else)"
for form in 'library PARENT/TYPE' 'library TYPE' '^(check|matrix) '; do
	ok "some answers are a yes: $form" some "$(some yes "$form")"
	ok "some questions are not asked: $form" some "$(some not-asked "$form")"
done
# While the parent is switched off, its name is one that the host does not have
ok 'only a question that names the parent ends as a mistake in the command line' "$(number mistake)" \
	"$(number mistake 'check .*PARENT')"
echo 1 > $sim/gpus/live
ok 'check ends with 0 when the parent stays' 0 \
	"$(status /mdev-precheck check --type $type acme-2.0 mdev-sim-gpus)"
ok 'each process of an asker has ended' '' "$(pidof mdev-precheck)"
remove_parents
modprobe -a mtty mdpy mbochs
tests_end
