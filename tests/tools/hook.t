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

# As libvirt itself writes a domain, with a stamp that virsh has set
rm -r etc/mdev-precheck/hook.conf
echo "sysfs = $work/transcripts/groups" > etc/mdev-precheck/hook.conf
uuid=10000000-0000-4000-8000-000000000000
cat > defined.xml <<-END
	<domain type='test'>
	  <name>guest</name>
	  <memory>65536</memory>
	  <os><type>hvm</type></os>
	  <devices>
	    <hostdev mode='subsystem' type='mdev' model='vfio-pci'>
	      <source><address uuid='$uuid'/></source>
	    </hostdev>
	  </devices>
	</domain>
END
# dump VERSION - the XML of the domain with the stamp, by libvirt's driver for tests
dump()
{
	virsh -q -c test:///default "define $work/defined.xml; metadata guest --config --key stamp \
		--uri urn:mdev-precheck:stamp:1 --set '<devices><device uuid=\"$uuid\" \
		type=\"port\" state=\"read\" version=\"$1\"/></devices>'; dumpxml guest" |
		sed -n '/^<domain/,/^<\/domain/p' > dumped.xml
	grep -q 'urn:mdev-precheck:stamp:1' dumped.xml
}
check "virsh stamps a domain" dump 33
check "whose device is taken" sh -c 'bin/mdev-precheck-hook guest migrate begin - < dumped.xml'
check "and with a version that is none" dump '3 &lt; 33'
bin/mdev-precheck-hook guest migrate begin - < dumped.xml 2> said
check "it is not" [ $? = 1 ]
check "for the version that was stamped" grep -F "source's version \"3 < 33\"" said

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
	/usr/lib/systemd/system/mdev-precheck-stamp.service
	/usr/libexec/mdev-precheck-libvirt
	/usr/sbin/mdev-precheck-hook
	/usr/share/man/man8/mdev-precheck-hook.8
END
find root ! -type d | sed 's|^root||' | sort > files
check_same "it installs what it says" expected files
check "the link is to the hook" [ "$(readlink "$installed/libvirt/hooks/qemu.d/mdev-precheck")" = \
	/usr/sbin/mdev-precheck-hook ]
cmp -s "$top/tools/mdev/libvirt/hook.conf" "$installed/mdev-precheck/hook.conf"
result $? "with the configuration that is here"
cat "$installed/mdev-precheck/hook.conf" >> etc/mdev-precheck/hook.conf
check "which the hook takes" sh -c "
	bin/domain $uuid/port/33 | bin/mdev-precheck-hook guest migrate begin -"
echo 'no-stamp = allow' > "$installed/mdev-precheck/hook.conf"
check "make install-libvirt once more" in_root install-libvirt
check "the configuration stays" grep -q -x 'no-stamp = allow' "$installed/mdev-precheck/hook.conf"
check "make uninstall-libvirt" in_root uninstall-libvirt
check "only the configuration is left" \
	[ "$(find root ! -type d | sed 's|^root||')" = "$work/etc/mdev-precheck/hook.conf" ]
tests_end
