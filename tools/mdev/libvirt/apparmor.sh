#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# apparmor.sh DIRECTORY PROGRAM - warn of profiles that keep libvirt from executing PROGRAM
#
# DIRECTORY is /etc/apparmor.d.  A warning is printed for each profile of a daemon of libvirt that
# does not have a rule by which the daemon may execute PROGRAM, or that has a rule that denies it.

set -eu
directory=$1
program=$2

# may_execute FILE... - look for a rule "PATH PERMISSIONS," for PROGRAM outside of child profiles
may_execute()
{
	awk -v program="$program" '
	# pattern GLOB - turn it into a regular expression
	function pattern(glob,  result, i, c, class, alternatives)
	{
		for (i = 1; i <= length(glob); i++) {
			c = substr(glob, i, 1)
			class = c == "[" && match(substr(glob, i), /^\[\^?[A-Za-z0-9_.-]+\]/)
			if (c == "*" && substr(glob, i + 1, 1) == "*") {
				result = result ".*"
				i++
			} else if (c == "*") {
				result = result "[^/]*"
			} else if (c == "?") {
				result = result "[^/]"
			} else if (c == "{") {
				result = result "("
				alternatives++
			} else if (c == "}" && alternatives) {
				result = result ")"
				alternatives--
			} else if (c == "," && alternatives) {
				result = result "|"
			} else if (class) {
				result = result substr(glob, i, RLENGTH)
				i += RLENGTH - 1
			} else if (c ~ /[A-Za-z0-9_\/-]/) {
				result = result c
			} else if (c ~ /[\\^]/) {
				result = result "\\" c
			} else {
				result = result "[" c "]"
			}
		}
		# AppArmor would not load an unbalanced pattern
		if (alternatives)
			return "^$"
		return "^" result "$"
	}
	FNR == 1		{ depth = 0 }
				{ sub(/#.*/, "") }
	# The daemon does not have the rules of its child profiles
	/^[ \t]*(profile|hat) .*[{][ \t]*$/ || /^[ \t]*[\/^].*[{][ \t]*$/ {
		depth++
		next
	}
	/^[ \t]*}/		{ depth--; next }
	depth > 1		{ next }
	{
		sub(/^[ \t]*(audit[ \t]+)?/, "")
		denies = sub(/^deny[ \t]+/, "")
		sub(/^(allow[ \t]+)?(owner[ \t]+)?(file[ \t]+)?/, "")
		gsub(/"/, "")
		# The value of a variable in a path is not known here
		if ($1 ~ /^[\/{]/ && $2 ~ /^[a-zA-Z]*[xX][a-zA-Z]*,?/ &&
		    program ~ pattern($1)) {
			if (denies)
				denied = 1
			else
				allowed = 1
		}
	}
	END			{ exit !allowed || denied }' "$@"
}

# The warning does not advise a PREFIX that is already in use
case $program in
/usr/sbin/*)
	other=A ;;
*)
	other="Install with PREFIX=/usr, or a" ;;
esac

for daemon in libvirtd virtqemud; do
	profile=$directory/usr.sbin.$daemon
	addition=$directory/local/usr.sbin.$daemon
	[ -f "$profile" ] || continue
	set -- "$profile"
	[ ! -f "$addition" ] || set -- "$@" "$addition"
	may_execute "$@" || cat >&2 <<-END
	warning: AppArmor: $profile does not have a rule by which $daemon may execute $program.
	warning: If AppArmor denies it, each migration to this host is refused,
	warning: unless the profile runs timeout unconfined, as Debian's does.
	warning: ${other}dd this line to $addition:
	warning:   $program PUx,
	END
done
