# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
#
# Run transcripts of the command on the directories of fixture.sh, in a test that has sourced
# tests/lib/tap.sh.  A line "$ COMMAND", which may continue in lines "> ", is run.  The lines
# below it must be its output: standard output, standard error, and "[STATUS]" if this is not
# 0.  The new outputs stay in $work/transcripts; after a look at one, copy it to the transcripts.

transcripts=$top/tools/mdev/tests/transcripts
# Transcripts of mdev-precheck; hook.txt and libvirt.txt are about the programs in libvirt/
# shellcheck disable=SC2034 # for the test
of_command="list list-json hosts operands export fleet check check-json documents matrix html usage remote many-hosts answers output"

# Root could read files without permission, so that root drops this right for the transcripts.
# SIGPIPE ends a program even if the caller of the tests ignores it.
as_anybody="env --default-signal=PIPE"
[ "$(id -u)" != 0 ] || as_anybody="$as_anybody setpriv \
	--bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search"

# fixture NAME - make a fixture in $work/transcripts
fixture()
{
	"$top/tools/mdev/tests/fixture.sh" "$1" "$work/transcripts/$1" ||
		bail_out "fixture.sh cannot make the fixture $1"
}

# transcripts_begin DIRECTORY [COMMAND] - use the programs in DIRECTORY, which COMMAND executes
# shellcheck disable=SC2120 # the test's
transcripts_begin()
{
	mkdir -p "$work/bin" "$work/transcripts"
	for program in mdev-precheck mdev-precheck-hook; do
		cat > "$work/bin/$program" <<-END
			#!/bin/sh
			exec \${SIGNALS:+env \$SIGNALS} ${2-} '$1/$program' "\$@"
		END
	done
	# The domain that the hook gets
	ln -sf "$top/tools/mdev/tests/domain.sh" "$work/bin/domain"
	# Questions write to the files of a fixture: make it anew
	cat > "$work/bin/fresh" <<-END
		#!/bin/sh
		rm -rf "\$1"
		exec '$top/tools/mdev/tests/fixture.sh' "\$1" "\$1"
	END
	# Each host fails or answers in another way.  on-CASE has the fixture CASE, and node001 is
	# a host of fleet.sh.  The file "lasting" has the id of a process that hangs.
	cat > "$work/bin/ssh" <<-'END'
		#!/bin/sh
		echo "ssh $*" >> ssh.log
		while [ "$1" != -- ]; do shift; done
		case $2 in
		up) exec sh -c "$3" ;;
		on-*) exec sh -c "$(echo "$3" | sed "s/--fixture [a-z]*/--fixture ${2#on-}/g")" ;;
		node*) exec sh -c "$(echo "$3" | sed "s|--fixture [a-z]*|--fixture fleet/$2|g")" ;;
		down) echo "ssh: connect to host down port 22: No route to host" >&2; exit 255 ;;
		bare) echo "sh: 1: mdev-precheck: not found" >&2; exit 127 ;;
		mute) cat > /dev/null; exit 0 ;;
		deaf) exec echo '{}' ;;
		reader) cat > question; exec sh -c "$3" < question ;;
		chatty) echo 'Welcome!'; exec sh -c "$3" ;;
		killed) kill -KILL $$ ;;
		answering) cat > question; cat answer; exit "$(cat answer.status)" ;;
		hangs) echo $$ > lasting; exec sleep 100 ;;
		stubborn) echo $$ > lasting; trap '' TERM; exec sleep 100 ;;
		closing) echo $$ > lasting; exec sleep 100 < /dev/null > /dev/null ;;
		half) echo $$ > lasting; head -c 100 answer; exec sleep 100 ;;
		many-*) exec sh -c "$3" ;;
		slow-*) echo $$ > lasting; exec sleep 100 ;;
		meets-*) touch "met.$2"
			until [ "$(find . -name 'met.*' | wc -l)" -ge 20 ]; do sleep 0.05; done
			exec sh -c "$3" ;;
		stops) echo '{"format":'; exit 0 ;;
		forgets) sh -c "$3" | head -c 300; exit 0 ;;
		unmarked) sh -c "$3" | sed -u 's/status 0$/status none/' ;;
		early) exec sh -c "$(echo "$3" | sed 's/echo \(mdev-precheck-export-status $s\);/printf "\1\\n{}\\n";/')" ;;
		twice) sh -c "$3" > twice; cat twice twice; exit 0 ;;
		endless) exec yes '[' ;;
		talks) seq 100000 >&2; exec sh -c "$3" ;;
		later) echo $$ > lasting
			eval "exec $(echo "$3" | sed 's/\(read -r go &&\) .*/\1 exec sleep 100'"'/")" ;;
		esac
	END
	# answer STATUS EDIT - ask a host that answers with the file "right" after an edit by sed
	cat > "$work/bin/answer" <<-'END'
		#!/bin/sh
		echo "$1" > answer.status
		sed -e "$2" right > answer
		exec mdev-precheck --fixture host check --to answering \
			--remote 'mdev-precheck --fixture host' source/serial-1 accepts/serial-1
	END
	# ended - wait until the process of "lasting" has ended
	cat > "$work/bin/ended" <<-'END'
		#!/bin/sh
		for each in $(seq 100); do
			# A zombie does not have a program any more
			readlink "/proc/$(cat lasting)/exe" > /dev/null || exit 0
			sleep 0.05
		done
		exit 1
	END
	chmod +x "$work/bin"/*
	for each in none unused pod plain host names limits hang broken groups twins cards vfs \
		spellings renamed bare; do
		fixture $each
	done
}

# normalise FILE... - replace the host's name and times, and results about the kernel log
normalise()
{
	sed -i -e 's/\("format_version":[12],"host":\)"[^"]*"/\1"HOST"/' \
		-e 's/\("time":\)"[^"]*"/\1"2026-01-01T00:00:00Z"/' \
		-e 's/"kernel_log":null,"kernel_log_errno":"[A-Z]*"/"kernel_log":[],"kernel_log_errno":null/g' \
		-e 's/"kernel_log_lost":true/"kernel_log_lost":false/g' \
		-e 's/; the kernel log was not readable ([A-Z]*)//' \
		-e 's/; lines of the kernel log were lost meanwhile//' "$@"
}

# valid_documents TRANSCRIPT - check each whole document in the output by its schema
#
# A document that is cut is in the transcript on purpose.
valid_documents()
{
	find "$work/$1" -name '*.out' | sort | while read -r out; do
		case $(head -c 24 "$out")$(tail -c 2 "$out") in
		'{"format":"mdev-precheck}')	echo "$out" ;;
		esac
	done > "$work/valid"
	# shellcheck disable=SC2046 # a list of paths without blanks
	[ ! -s "$work/valid" ] || check "${2-}transcript $1.txt: each document is valid" \
		"$top/tools/mdev/tests/validate.py" $(cat "$work/valid")
}

# transcript NAME [PREFIX [EXCEPT]] - run a transcript, with a test for each of its commands
#
# The names of the tests begin with PREFIX.  Commands that match EXCEPT are left out.  A
# transcript has hundreds of commands, so that one process does the same work for all of them.
transcript()
{
	run=$work/$1
	rm -rf "${run:?}"
	mkdir "$run" "$run/command" "$run/header" "$run/expected" "$run/actual"
	awk -v dir="$run" -v name="${2-}transcript $1.txt:" -v except="${3-}" '
		function finish(	file)
		{
			if (command == "" || except != "" && command ~ except)
				return
			file = sprintf("%03d", ++number)
			printf "%s", command > (dir "/command/" file)
			printf "%s", header > (dir "/header/" file)
			printf "%s", header output > (dir "/expected/" file)
			close(dir "/command/" file)
			close(dir "/header/" file)
			close(dir "/expected/" file)
			first = substr(command, 1, index(command, "\n") - 1)
			gsub(/#/, "?", first)
			gsub(/\\/, "/", first)
			print file, name line ": " substr(first, 1, 100) > (dir "/names")
		}
		/^\$ /	{ finish()
			  command = substr($0, 3) "\n"; header = $0 "\n"; output = ""; line = FNR
			  next }
		/^> /	{ command = command substr($0, 3) "\n"; header = header $0 "\n"
			  next }
			{ output = output $0 "\n" }
		END	{ finish() }' "$transcripts/$1.txt"
	# This fixture takes longer than all others
	[ -d "$work/transcripts/many" ] || ! grep -q -r -F -e '--fixture many' "$run/command" ||
		fixture many

	# shellcheck disable=SC2016,SC2086 # for that shell, and a command
	(cd "$work/transcripts" && PATH="$work/bin:$PATH" $as_anybody sh -c '
		for command in "$1"/command/*; do
			each=${command##*/}
			sh "$command" > "$1/$each.out" 2> "$1/$each.err" < /dev/null
			echo $? > "$1/$each.status"
		done' transcript "$run")
	normalise "$run"/*.out "$run"/*.err
	for command in "$run"/command/*; do
		each=${command##*/}
		status=none
		[ ! -e "$run/$each.status" ] || read -r status < "$run/$each.status"
		{
			cat "$run/header/$each" "$run/$each.out" "$run/$each.err"
			[ "$status" = 0 ] || echo "[$status]"
		} > "$run/actual/$each"
	done
	{ sed '/^\$ /,$d' "$transcripts/$1.txt"; cat "$run"/actual/*; } > "$work/transcripts/$1.txt"

	[ -s "$run/names" ] || result 1 "${2-}transcript $1.txt has commands"
	diff -r "$run/expected" "$run/actual" > /dev/null && same=yes || same=no
	while read -r each name; do
		if [ "$same" = yes ]; then
			result 0 "$name"
		else
			check_same "$name" "$run/expected/$each" "$run/actual/$each"
		fi
	done < "$run/names"
	valid_documents "$1" "${2-}"
}

# library_test PREFIX COMMAND... - run the library's tests, and report each of them as a test
library_test()
{
	prefix=${1}library_test:
	shift
	CMOCKA_MESSAGE_OUTPUT=TAP "$@" > "$work/library.log" 2>&1 < /dev/null
	library_status=$?
	planned=$(sed -n 's/^1\.\.//p' "$work/library.log")
	# The reason of a failure follows the result of its test
	sed -n -e 's/^\(not \)\{0,1\}ok [0-9]* - /\1/p' "$work/library.log" > "$work/library.results"
	while read -r name; do
		case $name in
		'not '*)
			result 1 "$prefix ${name#not }" "$work/library.log" ;;
		*)
			result 0 "$prefix $name" ;;
		esac
	done < "$work/library.results"
	check "$prefix all $planned tests ran" \
		[ "$(wc -l < "$work/library.results")" = "${planned:-none}" ]
	result "$library_status" "$prefix the exit status is 0" "$work/library.log"
}
