#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# libvirt's hook by itself: what it says of domains that libvirt could send, and of what
# it would never send

. "$(dirname -- "$0")/../tap.sh"
. "$(dirname -- "$0")/../../tools/mdev/tests/transcripts.sh"

"$top/scripts/packages" precheck || bail_out "packages are missing"
cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX

# build DIRECTORY COMPILER [CFLAGS]
build()
{
	make -C "$top/tools/mdev" O="$work/$1" CC="$2" ${3:+CFLAGS="$3"} \
		SYSCONFDIR="$work/etc" all libvirt
}

for compiler in gcc clang; do
	check "$compiler builds it" build "$compiler" "$compiler"
done
check "it builds with ASan and UBSan" build asan gcc \
	'-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all'
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99
transcripts_begin "$work/asan"
mkdir -p etc/mdev-precheck
echo "sysfs = $work/transcripts/groups" > etc/mdev-precheck/hook.conf
transcript hook

# Installed: where libvirt looks, and what the administrator has changed stays
in_root()
{
	make -C "$top/tools/mdev" O="$work/gcc" CC=gcc DESTDIR="$work/root" PREFIX=/usr \
		SYSCONFDIR="$work/etc" "$@"
}
installed="$work/root$work/etc"
check "make install-libvirt" in_root install-libvirt
sort > expected <<-END
	$work/etc/libvirt/hooks/qemu.d/mdev-precheck
	$work/etc/mdev-precheck/hook.conf
	/usr/libexec/mdev-precheck-hook
	/usr/share/man/man8/mdev-precheck-hook.8
END
find root ! -type d | sed 's|^root||' | sort > files
check_same "it installs what it says" expected files
check "the link is to the hook" [ "$(readlink "$installed/libvirt/hooks/qemu.d/mdev-precheck")" = \
	/usr/libexec/mdev-precheck-hook ]
cmp -s "$top/tools/mdev/libvirt/hook.conf" "$installed/mdev-precheck/hook.conf"
result $? "with the configuration that is here"
rm -r etc/mdev-precheck/hook.conf
{ cat "$installed/mdev-precheck/hook.conf"; echo "sysfs = $work/transcripts/groups"; } \
	> etc/mdev-precheck/hook.conf
bin/domain a0000000-0000-4000-8000-000000000000/port/1.0 > domain.xml
bin/hook guest migrate begin - < domain.xml > log 2>&1
result $? "which the hook takes" log
echo 'no-stamp = allow' > "$installed/mdev-precheck/hook.conf"
check "make install-libvirt once more" in_root install-libvirt
check "the configuration stays" grep -q -x 'no-stamp = allow' "$installed/mdev-precheck/hook.conf"
check "make uninstall-libvirt" in_root uninstall-libvirt
check "only the configuration is left" \
	[ "$(find root ! -type d | sed 's|^root||')" = "$work/etc/mdev-precheck/hook.conf" ]
tests_end
