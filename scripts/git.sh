# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2154 # top and build are of lib.sh
#
# The trees of git in build/, and the files in patches/ from which they are made

# Git neither looks for a repository around the trees in build/, nor reads the settings of a
# user, which change its output
export GIT_CEILING_DIRECTORIES="$build"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1

# has_work DIR - succeed if a tree of make edit has changes that patches/ and the overlay do not
# have.  The branch "written" is the state of these.
has_work()
{
	[ -d "$1/.git" ] || return 1
	[ -z "$(git -C "$1" status --porcelain)" ] || return 0
	[ "$(git -C "$1" rev-parse HEAD)" != "$(git -C "$1" rev-parse written)" ]
}

# find_patch SLUG - set $patch to the patch of a series whose name is a number and SLUG, or to
# the empty string
find_patch()
{
	for patch in "$top"/patches/[0-9]-*/[0-9][0-9][0-9][0-9]-"$1"; do
		[ ! -f "$patch" ] || return 0
	done
	patch=
}
