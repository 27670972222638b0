#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The mails of make series, with a git tree of Linux KERNEL as KSRC, have a size, letters, bases,
# tags and recipients with which they can be sent and read
#
# kernels: 7.3
# needs: commits
# check: 7.3
# seconds: 40

set -u
. "$(dirname -- "$0")/series.sh"
. "$top/scripts/kernels.sh"

# A reviewer reads a mail in one go
mail_lines=1999
# A letter fits a page of small print.  Empty lines do not count.  The list of sources at the end
# does not count either, because a reader looks a source up.
letter_lines=80

letters()
{
	find "$mails" -name '0000-cover-letter.patch' | sort
}

# mails_of FOLDER... - print the mails of these series, without the letters
mails_of()
{
	(cd "$mails" && find "$@" -name '[0-9]*.patch' ! -name '0000-*' | sort)
}

no_long_mail()
{
	find "$mails" -name '*.patch' -exec awk -v most="$mail_lines" '
		FNR == most + 1 {
			print FILENAME " has more than " most " lines"
			status = 1
		}
		END { exit status }' '{}' +
}

# letter_text LETTER - print a letter from its header to its shortlog, which begins with the
# author and the number of patches
letter_text()
{
	sed -e '1,/^$/d' -e '/^[^ ].* ([0-9]*):$/,$d' "$1"
}

no_long_letter()
{
	for letter in $(letters); do
		letter_text "$letter" | awk -v most="$letter_lines" -v letter="$letter" '
			/^\[1\] / { sources = 1 }
			/^Based on / { sources = 0 }
			/./ && !sources { n++ }
			END {
				if (n <= most && n > 0)
					exit 0
				print letter " has " n + 0 " lines of text, at most " most " were expected"
				exit 1
			}' || return
	done
}

# letters_name_base - require that each letter names the kernel, and the series before if it
# has one
letters_name_base()
{
	version=$(kernel_version "$linux")
	before=
	for folder in $folders; do
		expected="Based on Linux $version${before:+ and the series \"$before\"}."
		letter_text "$mails/$folder/0000-cover-letter.patch" | paste -s -d ' ' |
			grep -F "$expected" || { echo "$folder lacks: $expected"; return 1; }
		before=$(head -n 1 "$top/patches/$folder/cover-letter.txt")
	done
	# shellcheck disable=SC2046 # a list of paths
	! grep -i -E 'debian|ubuntu|linux-source' $(letters)
}

letters_have_diffstat()
{
	for letter in $(letters); do
		grep -q '^ [0-9]* files* changed, ' "$letter" ||
			{ echo "$letter does not have a diffstat"; return 1; }
	done
}

# git_bases - require that base-commit is the commit of KSRC, and that the prerequisites are the
# patches between that commit and the series
git_bases()
{
	before=base
	: > "$work/prerequisites"
	for folder in $folders; do
		{
			echo "base-commit: $(git -C "$linux" rev-parse base)"
			cat "$work/prerequisites"
		} > "$work/expected"
		sed -n '/^base-commit: /,$p' "$mails/$folder/0000-cover-letter.patch" |
			diff -u "$work/expected" - || return
		git -C "$linux" log -p --reverse --no-renames "$before..$folder" |
			git patch-id --stable | sed 's/^\([0-9a-f]*\) .*/prerequisite-patch-id: \1/' \
			>> "$work/prerequisites"
		before=$folder
	done
	[ "$(wc -l < "$work/expected")" -gt 1 ]
}

# tags MAIL - print "Fixes" and "stable" if the mail has these tags, and "tests" for a selftest
tags()
{
	awk '/^---$/ { exit }
		/^Fixes: [0-9a-f]+ \(".*"\)$/ && !fixes++ { print "Fixes" }
		/^Cc: stable@vger.kernel.org$/ && !stable++ { print "stable" }
		/^Subject: .* selftests\// { print "tests" }' "$mails/$1" | sort | paste -s -d ' '
}

# first_series_is_for_stable - require that the first series has fixes and their tests only
first_series_is_for_stable()
{
	first=$(echo "$folders" | head -n 1)
	for mail in $(mails_of "$first"); do
		case $(tags "$mail") in
		'Fixes stable'|tests)	;;
		*)
			echo "$mail is neither a fix with Fixes: and Cc: stable, nor a selftest without them: $(
				tags "$mail")"
			return 1 ;;
		esac
	done
}

only_fixes_are_for_stable()
{
	# shellcheck disable=SC2086 # a list of folders
	for mail in $(mails_of $folders); do
		case $(tags "$mail") in
		stable*|*tests*stable*|'Fixes stable tests')
			echo "$mail is for stable, but it is not a fix with a Fixes: tag"
			return 1 ;;
		esac
	done
	# shellcheck disable=SC2046 # a list of paths
	! grep -l '^Cc: stable' $(letters)
}

# recipients_of MAIL - print To and Cc in one line each
recipients_of()
{
	awk '/^$/ { exit }
		/^ / && ours { line = line $0; next }
		{ if (ours) print line; ours = /^(To|Cc): /; line = $0 }
		END { if (ours) print line }' "$mails/$1"
}

list_is_complete()
{
	awk -F '\t+' '/^#/ { next }
		$1 !~ /^[0-9]+$/ || $2 !~ /^[ -~]+ <[^ <>]+@[^ <>]+>$/ || $3 == "" {
			print "line " NR " of patches/recipients is not series, address, reason: " $0
			status = 1
		}
		END { exit status || NR == 0 }' "$top/patches/recipients"
}

list_is_in_mails()
{
	sed '/^#/d' "$top/patches/recipients" > "$work/recipients"
	while IFS='	' read -r digits recipient _; do
		for folder in $folders; do
			case $digits in
			*"${folder%%-*}"*)	;;
			*)			continue ;;
			esac
			for mail in "$folder/0000-cover-letter.patch" $(mails_of "$folder"); do
				recipients_of "$mail" | grep -q -F "${recipient##*<}" ||
					{ echo "$mail does not go to $recipient"; return 1; }
			done
		done
	done < "$work/recipients"
}

# maintainers_are_in_mails - require that each mail goes to a maintainer of VFIO's mediated devices
# and to their list
maintainers_are_in_mails()
{
	# shellcheck disable=SC2086 # a list of folders
	for mail in $(mails_of $folders); do
		recipients_of "$mail" > "$work/recipients"
		if ! grep -q '^To: .*@' "$work/recipients" ||
		   ! grep -q '^Cc: .*kvm@vger\.kernel\.org' "$work/recipients"; then
			echo "$mail does not go to a maintainer and to kvm"
			return 1
		fi
	done
}

make_tree
check "make series writes the mails for a git tree as KSRC" \
	make -C "$top" series KSRC="$linux" O="$mails"
folders=$(cd "$mails" && find . -mindepth 1 -maxdepth 1 -type d | sed 's|^\./||' | sort)
apply_mails

check "each folder of patches/ has its folder of mails" \
	[ "$folders" = "$(cd "$top/patches" && find . -name '[0-9]-*' | sed 's|^\./||' | sort)" ]
check "each mail has fewer than 2,000 lines" no_long_mail
check "the text of each letter has at most $letter_lines lines" no_long_letter
check "each letter has a diffstat" letters_have_diffstat
check "each letter names the kernel and the series that it is based on" letters_name_base
check "each letter has the commit of KSRC and the patches before as its base" git_bases
check "the first series has fixes that are for stable, and selftests that are not" \
	first_series_is_for_stable
check "only fixes with Fixes: are for stable" only_fixes_are_for_stable
check "each line of patches/recipients has series, address and reason" list_is_complete
check "each mail goes to the recipients that patches/recipients has for it" list_is_in_mails
check "each mail goes to a maintainer and to kvm's list" maintainers_are_in_mails
git checkout -q base
check "a second make series replaces the mails of the first" \
	make -C "$top" series KSRC="$linux" O="$mails"
tests_end
