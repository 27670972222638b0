# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# shellcheck disable=SC2154 # top and build are of lib.sh
#
# Trees of git in build/, and the files in patches/ that they are made of

# The trees in build/ are not a part of the repository around them, and what git prints
# of them must not depend on the settings of a user
export GIT_CEILING_DIRECTORIES="$build"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1

# has_work DIR - does a tree of make edit have anything that patches/ and the
# overlay do not have?  They are the branch "written" there.
has_work()
{
	[ -d "$1/.git" ] || return 1
	[ -z "$(git -C "$1" status --porcelain)" ] || return 0
	[ "$(git -C "$1" rev-parse HEAD)" != "$(git -C "$1" rev-parse written)" ]
}

# find_patch SLUG - set $patch to the patch of a series whose name is a number and SLUG, or
# to nothing
find_patch()
{
	for patch in "$top"/patches/[0-9]-*/[0-9][0-9][0-9][0-9]-"$1"; do
		[ ! -f "$patch" ] || return 0
	done
	patch=
}
