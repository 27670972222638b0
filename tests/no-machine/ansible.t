#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Ansible's role mdev_precheck installs the packages on three hosts that systemd has booted, and
# lets them ask about the strings of all.  The matrix that it prints has the answers of check --from
# on each target.  The drivers are files.  ansible-lint and yamllint find nothing in the role.
#
# needs: precheck ansible bookworm-managed bookworm-build root
# seconds: 260

# Another test at the same time may have processes of ssh
[ -n "${ALONE:-}" ] || exec env ALONE=yes "$(dirname -- "$0")/../../scripts/contained" sh "$0"
. "$(dirname -- "$0")/../lib/packages.sh"

cd "$work" || exit
. "$top/tests/lib/booted.sh"
role=$top/tools/mdev/integrations/ansible
# Ansible refuses a locale without UTF-8
export LC_ALL=C.UTF-8
export ANSIBLE_CONFIG="$work/ansible.cfg" ANSIBLE_LOCAL_TEMP="$work/ansible" HOME="$work/home"
mkdir home
# The paths of ssh's sockets are limited
mount -t tmpfs tmpfs /run || bail_out "/run cannot be mounted"
cat > ansible.cfg <<END
[defaults]
nocows = true
retry_files_enabled = false
timeout = 20
[ssh_connection]
ssh_args = -F $work/ssh_config -o ControlMaster=auto -o ControlPersist=60s
control_path_dir = /run
pipelining = true
END

# The control node has the program of this checkout, and the hosts have the program of the package
check "mdev-precheck builds" make -C "$top/tools/mdev" O="$work/build" all
[ "$status" = 0 ] || bail_out "mdev-precheck does not build"
PATH="$work/build:$PATH"

lint_yaml()
{
	yamllint --strict -d '{extends: default, rules: {line-length: {max: 100}}}' "$role"
}
check "yamllint finds nothing in the role of Ansible" lint_yaml
lint()
{
	(cd "$role" && ansible-lint --nocolor --offline --profile production) || return
	! grep -i 'warning' "$work/log"
}
check "ansible-lint finds nothing in the role of Ansible, with its strictest profile" lint

# The local fact is a script of sh in a template
sed 's/{{ mdev_precheck_max_age }}/1800/' "$role/roles/mdev_precheck/templates/mdev_precheck.fact.j2" \
	> mdev_precheck.fact
check "shellcheck finds nothing in the local fact of Ansible" shellcheck mdev_precheck.fact

# The module alone joins hosts of all kinds, with parents that cannot be looked into, types without
# a version, and odd names
cases="none unused plain host names limits broken groups twins spellings renamed bare cards vfs"
module=$role/roles/mdev_precheck/library/mdev_precheck_matrix.py
make_cases()
{
	mkdir cases
	for case in $cases; do
		"$top/tools/mdev/tests/fixture.sh" "$case" "cases/$case" || return
		mdev-precheck --fixture "cases/$case" export --output "cases/$case.json"
		[ $? != 2 ] && [ -s "cases/$case.json" ] || return
	done
	mdev-precheck merge cases/*.json --output cases/known
	[ -s cases/known ] || return
	for case in $cases; do
		mdev-precheck --fixture "cases/$case" export --takes cases/known |
			sed "1s/\"host\":\"[^\"]*\"/\"host\":\"$case\"/" > "cases/$case.json"
	done
}
# join_cases ARGUMENTS - write the answers of the module, which also gets ARGUMENTS
join_cases()
{
	# shellcheck disable=SC2086 # a list
	printf '%s\n' $cases | jq -R . | jq -s --argjson more "$1" '{ANSIBLE_MODULE_ARGS:
		({documents: map({(.): "cases/\(.).json"}) | add, fixture: true} + $more)}' |
		python3 "$module" > joined.json || { cat joined.json; return 1; }
	answers_of joined.json > answers
}
# answers_of FILE - print each pair in a line
answers_of()
{
	jq -r '. as $all | .group_of | keys[] as $from | keys[] as $to | select($from != $to) |
		"\($from) \($to) \($all.answers[.[$from]][.[$to]])"' "$1" | sort
}
# ask_cases [OPTION]... - print the answers of check --from in the same form
ask_cases()
{
	for from in $cases; do
		for to in $cases; do
			[ "$from" != "$to" ] || continue
			mdev-precheck --fixture "cases/$to" check -q --from "cases/$from.json" "$@" 2> /dev/null
			case $? in
			0)	echo "$from $to yes" ;;
			1)	echo "$from $to no" ;;
			*)	echo "$from $to ?" ;;
			esac
		done
	done | sort > direct
}
join_is_direct()
{
	join_cases "$1" || return
	shift
	ask_cases "$@"
	diff direct answers && grep ' yes$' answers
}
check "hosts of all kinds have documents for Ansible's module" make_cases
check "Ansible's module joins documents to the answers of check --from on each host" join_is_direct '{}'
check "Ansible's module joins documents to the answers of check --from --type about some types" \
	join_is_direct '{"types": ["po?t"]}' --type 'po?t'
no_controls()
{
	join_cases '{}' && jq -r '.lines[]' joined.json | grep '\\x07' || return
	! jq -r '.lines[]' joined.json | grep '[[:cntrl:]]'
}
check "Ansible's module escapes a control character of a name in the lines for people" no_controls

# type HOST FILE - make a type of the driver mtty of the host.  FILE is a file of the kernel, which
# shows a string and takes some strings.  It is linked, so that the kernel judges each write.
type()
{
	type=$1/upper/srv/sysfs/class/mdev_bus/mtty/mdev_supported_types/mtty-2
	mkdir -p "$type/devices"
	echo 24 > "$type/available_instances"
	ln -s "$2" "$type/migration_version"
}

# make_host HOST FILE - prepare a host on which mdev-precheck asks the files, and does not exist
# before the package is installed
make_host()
{
	type "$1" "$2"
	mkdir -p "$1/upper/usr/libexec/real"
	boot "$1" "$root" || return
	on "$1" dpkg-divert --local --rename --divert /usr/libexec/real/mdev-precheck \
		--add /usr/bin/mdev-precheck &&
	on "$1" sh -c 'printf "%s\n" "#!/bin/sh" \
		"[ -e /usr/libexec/real/mdev-precheck ] || exit 127" \
		"exec /usr/libexec/real/mdev-precheck --fixture /srv/sysfs \"\$@\"" > /usr/bin/mdev-precheck &&
		chmod +x /usr/bin/mdev-precheck'
}
root=$(root bookworm managed) || bail_out "scripts/debian-root does not make a root directory"
begin_ssh || bail_out "ssh-keygen failed"
# comm shows the name of the program, and takes all strings
make_host north /proc/self/comm > log 2>&1 || bail_out "north does not boot: $(tail -n 1 north/boot.log)"
# coredump_filter shows 00000033, and takes hexadecimal digits alone
make_host west /proc/self/coredump_filter > log 2>&1 || bail_out "west does not boot: $(tail -n 1 west/boot.log)"
# timerslack_ns shows 50000, and takes decimal digits alone
make_host east /proc/self/timerslack_ns > log 2>&1 || bail_out "east does not boot: $(tail -n 1 east/boot.log)"
up="north west east"

cat > inventory.yml <<END
mdev_precheck:
  hosts:
    north:
    west:
    east:
    down:
  vars:
    mdev_precheck_files: [$(for deb in "$packages"/mdev-precheck_*_amd64.deb \
		"$packages"/mdev-precheck-libvirt_*_amd64.deb; do printf '"%s", ' "$deb"; done)]
    mdev_precheck_libvirt: true
    mdev_precheck_hook_no_device: allow
    mdev_precheck_publish_prometheus: /srv/mdev-precheck.prom
    mdev_precheck_control_directory: $work/documents
    mdev_precheck_fixture: true
    ansible_user: root
    ansible_python_interpreter: /usr/bin/python3
END

# play STATUS BOOK ARGUMENT... - play a playbook, and keep its output in the file played
play()
{
	expected=$1
	book=$2
	shift 2
	ansible-playbook -i inventory.yml "$role/$book.yml" "$@" > played 2>&1
	played=$?
	cat played
	[ "$played" = "$expected" ]
}

# counted HOST WORD - print the number in the recap
counted()
{
	sed -n "s/^$1 .*[ ]$2=\([0-9]*\).*/\1/p" played
}

# Ansible ends with 4 if a host cannot be reached
check_mode()
{
	play 4 site --check || return
	for host in $up; do
		[ "$(counted "$host" failed)" = 0 ] || return
		! on "$host" test -e /etc/ansible/facts.d/mdev_precheck.fact || return
		! on "$host" test -e /usr/libexec/real/mdev-precheck || return
	done
}
check "site.yml --check finishes on hosts without the package, and changes nothing there" check_mode

site()
{
	play 4 site || return
	for host in $up; do
		[ "$(counted "$host" failed)/$(counted "$host" ignored)" = 0/0 ] &&
			[ "$(counted "$host" changed)" -gt 5 ] || return
	done
}
check "site.yml installs the packages on all hosts that are not down" site
installed()
{
	for host in $up; do
		on "$host" dpkg -s mdev-precheck mdev-precheck-libvirt | grep -c '^Status: install ok installed' |
			grep -x 2 &&
		on "$host" systemctl is-active mdev-precheck-publish.timer mdev-precheck-publish.path &&
		on "$host" systemctl is-enabled mdev-precheck-publish.timer mdev-precheck-publish.path &&
		on "$host" grep -x 'no-device = allow' /etc/mdev-precheck/hook.conf || return
	done
}
check "site.yml leaves the packages, units and policy on the hosts" installed
known()
{
	jq -r '.types[].migration_version' documents/known.json | sort | tr '\n' ' ' |
		grep -x '00000033 50000 mdev-precheck '
	for host in $up; do
		on "$host" cat /var/lib/mdev-precheck/known.json | cmp - documents/known.json || return
		jq -e '.takes | map(.migration_version) | unique | length == 3' documents/"$host".json ||
			return
		on "$host" grep '^mdev_precheck_verdict' /srv/mdev-precheck.prom || return
	done
}
check "each host has the strings of all, was asked about them, and publishes the answers" known

# nothing_changed STATUS ARGUMENT... - require that the playbook changes nothing on a host
nothing_changed()
{
	play "$@" || return
	for host in $up; do
		[ "$(counted "$host" changed)/$(counted "$host" failed)/$(counted "$host" ignored)" = 0/0/0 ] ||
			return
	done
}
check "site.yml changes nothing the second time" nothing_changed 4 site
check "--check finds nothing to change the second time" nothing_changed 4 site --check

# Facts

facts()
{
	ansible -i inventory.yml "$1" -m ansible.builtin.setup -a filter=ansible_local -t facts \
		> said 2>&1
	cat said
	jq -S ".ansible_facts.ansible_local.mdev_precheck" "facts/$1" > fact
}
fact_is_document()
{
	facts west || return
	on west cat /var/lib/mdev-precheck/export.json | jq -S . | diff - fact
}
check "the local fact is the document of the host" fact_is_document
# fact_is_reason WORDS COMMAND - run the command, require that the fact has a reason with WORDS in
# place of the document, and put the document back
fact_is_reason()
{
	on west cp -p /var/lib/mdev-precheck/export.json /srv/kept
	on west sh -c "$2" || return
	facts west
	on west mv /srv/kept /var/lib/mdev-precheck/export.json
	cat fact
	jq -e '.types == null and .takes == null' fact && jq -r .reason fact | grep -e "$1"
}
check "the local fact is the reason if the document does not exist" \
	fact_is_reason 'does not exist' 'rm /var/lib/mdev-precheck/export.json'
check "the local fact is the reason if the document is old" \
	fact_is_reason old 'sed -i "s/\"time\":\"[0-9]*/\"time\":\"2001/" /var/lib/mdev-precheck/export.json'
# shellcheck disable=SC2016 # for the shell of the host
check "the local fact is a reason in valid JSON if the document has bytes that are not JSON" \
	fact_is_reason . 'printf "%s\n\\\\ \"\001\377{{ 1 }}\n" "{\"fo" > /var/lib/mdev-precheck/export.json'
check "the local fact is the reason if the document is a pipe without a writer" \
	fact_is_reason . 'cd /var/lib/mdev-precheck && rm export.json && mkfifo export.json'
check "the local fact is the reason if the program does not exist" fact_is_reason 'not installed' \
	'mv /usr/bin/mdev-precheck /usr/bin/mdev-precheck.away'
on west mv /usr/bin/mdev-precheck.away /usr/bin/mdev-precheck

# Matrix

# The playbook of the test has one more task
cat > keep.yml <<END
- name: Pre-flight
  ansible.builtin.import_playbook: $role/preflight.yml
- name: Keep the matrix
  hosts: mdev_precheck
  gather_facts: false
  tasks:
    - name: Write it
      ansible.builtin.copy:
        content: "{{ mdev_precheck_matrix | to_json }}"
        dest: $work/matrix.json
        mode: "0644"
      delegate_to: localhost
      run_once: true
END
# preflight STATUS ARGUMENT... - play preflight.yml, and write matrix.json, and answers with a pair
# in each line
preflight()
{
	expected=$1
	shift
	rm -f matrix.json
	ansible-playbook -i inventory.yml keep.yml "$@" > played 2>&1
	played=$?
	cat played
	[ "$played" = "$expected" ] || return
	[ ! -e matrix.json ] || answers_of matrix.json > answers
}
# asked_directly - write the same answers by check --from on each target
asked_directly()
{
	for from in north west east down; do
		for to in north west east down; do
			[ $from != $to ] || continue
			answer='?'
			if [ $from != down ] && [ $to != down ]; then
				cp documents/$from.json $to/merged/srv/from.json 2> /dev/null ||
					on $to sh -c 'cat > /srv/from.json' < documents/$from.json
				on $to mdev-precheck check -q --from /srv/from.json
				case $? in
				0)	answer=yes ;;
				1)	answer=no ;;
				esac
			fi
			echo "$from $to $answer"
		done
	done | sort > direct
	cat direct
}
same_as_direct()
{
	preflight 0 -e '{"mdev_precheck_require_target": false}' && asked_directly &&
		diff direct answers && grep ' yes$' answers && grep ' no$' answers
}
check "the matrix of preflight.yml has the answers of check --from for each pair" same_as_direct
# The recap of a play has an ignored task of a host that could not be reached
check "preflight.yml does not fail because of a host that is down" \
	[ "$(counted down ignored)/$(counted down unreachable)/$(counted down failed)" = 1/0/0 ]
check "preflight.yml prints the reasons of the matrix" \
	grep -q 'no: the target does not take mtty-2 .*mdev-precheck.* (3 to 2, 3 to 4)' played
check "preflight.yml prints the host that is down" grep -q '"down: ?, it could not be reached"' played

# answer FROM TO - print the answer in the file answers
answer()
{
	sed -n "s/^$1 $2 //p" answers
}
no_target()
{
	preflight 2 || return
	grep 'down, north: the matrix does not have another host with a yes' played
}
check "preflight.yml fails if a host does not have another host that takes its guests" no_target
check "preflight.yml passes if each host that is to be emptied has another host that takes its guests" \
	preflight 0 -e '{"mdev_precheck_sources": ["west", "east"]}'

# A driver takes fewer strings than before
new_driver()
{
	ln -sfn /dev/full north/new && on north ln -sfn /dev/full \
		/srv/sysfs/class/mdev_bus/mtty/mdev_supported_types/mtty-2/migration_version
}
now_no()
{
	new_driver || return
	preflight 0 -e '{"mdev_precheck_require_target": false}' || return
	asked_directly
	diff direct answers && [ "$(answer west north)" = no ]
}
check "preflight.yml asks the drivers again" now_no
on north ln -sfn /proc/self/comm \
	/srv/sysfs/class/mdev_bus/mtty/mdev_supported_types/mtty-2/migration_version
now_yes()
{
	preflight 0 -e '{"mdev_precheck_require_target": false}' || return
	[ "$(answer west north)" = yes ]
}
check "preflight.yml has the answer of the earlier driver after the driver was put back" now_yes

# Some documents do not count

# with_document HOST COMMAND WORDS - change the document of the host by the command, and require "?"
# in the row and column of the host, and the other answers as before
with_document()
{
	on "$1" sh -c "cd /var/lib/mdev-precheck && $2" || return
	preflight 0 -e '{"mdev_precheck_require_target": false, "mdev_precheck_ask": false}' || return
	grep -e "$3" played || return
	! grep -e "^$1 .* [yn]" -e "^[a-z]* $1 [yn]" answers || return
	[ "$(answer east west)" = yes ]
}
check "a stale document is neither a yes nor a no in the matrix" with_document north \
	'sed -i "s/\"time\":\"[0-9]*/\"time\":\"2001/" export.json' '"north: ?, its document is [0-9]* s old"'
check "a document from the future is neither a yes nor a no in the matrix" with_document north \
	'sed -i "s/\"time\":\"[0-9]*/\"time\":\"2101/" export.json' '"north: ?, .* clock'
check "garbage in place of a document is neither a yes nor a no in the matrix" with_document north \
	'head -c 100000 /dev/urandom > export.json' '"north: ?, its document cannot be read: JSON was expected"'
check "a document in which a member comes twice is neither a yes nor a no in the matrix" with_document north \
	'printf "{\"format\":\"a\",\"format\":\"b\"}" > export.json' 'in which no member comes twice'
check "a document that is missing is neither a yes nor a no in the matrix" with_document north \
	'rm export.json' 'export.json does not exist there'
check "an object that is not a document is neither a yes nor a no in the matrix" with_document north \
	'printf "{}" > export.json' 'format: mdev-precheck-types was expected'

not_fixture()
{
	preflight 0 -e '{"mdev_precheck_require_target": false, "mdev_precheck_fixture": false}' || return
	! grep -v ' ?$' answers
}
check "answers of files in place of drivers are not counted without mdev_precheck_fixture" not_fixture

# A host merges the documents for a control node without the program
without_program()
{
	rm -f documents/known.json
	(PATH=${PATH#"$work"/build:} && preflight 0 -e '{"mdev_precheck_require_target": false}') || return
	asked_directly
	diff direct answers && [ -s documents/known.json ] && ! on north sh -c 'ls -d /tmp/mdev-precheck.*'
}
check "a host merges the documents if the control node does not have mdev-precheck" without_program

# Hosts go down or hang

go_down()
{
	rm -f documents/known.json
	: > east/hangs
	pkill -x ssh
	ANSIBLE_TIMEOUT=5 preflight 0 -e '{"mdev_precheck_require_target": false}' || return
	rm east/hangs
	jq -e '.types | map(.migration_version) | index("50000")' documents/known.json || return
	! grep -e '^east .* [yn]' -e '^[a-z]* east [yn]' answers && [ "$(answer west north)" = yes ]
}
check "the other hosts are asked about the strings of a host whose connection hangs" go_down
hang_unit()
{
	on east mkdir -p /etc/systemd/system/mdev-precheck-publish.service.d
	on east sh -c 'printf "%s\n" "[Service]" "ExecStartPre=/bin/sleep 1000" \
		> /etc/systemd/system/mdev-precheck-publish.service.d/hang.conf'
	on east systemctl daemon-reload
	preflight 0 -e mdev_precheck_ask_timeout=3 -e mdev_precheck_max_age=600 \
		-e mdev_precheck_require_target=false || return
	[ "$(counted east ignored)" -ge 1 ] && [ "$(answer west north)" = yes ]
}
check "a host that does not finish its questions does not stop the other hosts" hang_unit

# Mistakes in typing

check "site.yml refuses a variable with a wrong name, and names the variable" comes_to 2 mdev_precheck_max_ages \
	ansible-playbook -i inventory.yml "$role/site.yml" --limit west -e mdev_precheck_max_ages=3
check "preflight.yml refuses a value of another kind, and names the variable" comes_to 2 mdev_precheck_max_age \
	ansible-playbook -i inventory.yml "$role/preflight.yml" --limit west -e mdev_precheck_max_age=soon
check "site.yml refuses a policy that does not exist, and lists the policies that exist" comes_to 2 'refuse, allow' \
	ansible-playbook -i inventory.yml "$role/site.yml" --limit west -e mdev_precheck_hook_restore=alow
check "site.yml refuses a path that is not absolute" comes_to 2 'an absolute path was expected' \
	ansible-playbook -i inventory.yml "$role/site.yml" --limit west -e mdev_precheck_publish_nfd=nfd
check "preflight.yml refuses a source that is not a host of the play" comes_to 2 'nrth is not a host of the play' \
	ansible-playbook -i inventory.yml "$role/preflight.yml" -e '{"mdev_precheck_sources": ["nrth"]}'
tests_end
