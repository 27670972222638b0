#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The RPM packages have the files that "make install install-libvirt install-publish" installs, and
# rpm installs, upgrades and removes them.  libvirt's hook does not refuse a migration because its
# checker is gone.
#
# needs: rpm bookworm-clean root
# seconds: 60

# Mounts end with the test, even if the test is killed
[ -n "${CONTAINED:-}" ] || exec "$(dirname -- "$0")/../../scripts/contained" sh "$0"

. "$(dirname -- "$0")/../lib/tap.sh"

cd "$work" || exit
spec=$top/rpm/mdev-precheck.spec
packages=$top/build/rpm

check "make rpm builds the packages" "$top/scripts/rpm"
[ "$failed" = 0 ] || bail_out "the packages are not built, log: $work/log"
of_spec()
{
	rpmspec -q --qf "$1" "$spec" | sort -u
}
(cd "$packages" && printf '%s\n' *.rpm) | grep -v -F .src.rpm > built
of_spec '%{name}-%{version}-%{release}.%{arch}.rpm\n' > described
check_same "make rpm builds each package of the spec" described built
check "the RPM packages have the version of mdev-precheck" \
	grep -q -x "VERSION := $(of_spec '%{version}\n')" "$top/tools/mdev/Makefile"

# build_elsewhere - build the packages from a copy of this checkout, as nobody, in another directory
build_elsewhere()
{
	mkdir copy &&
	(cd "$top" && git ls-files -z -c -o --exclude-standard |
		xargs -0 ls -d 2> /dev/null | tar -c -T -) | tar -x -C copy &&
	git -C copy init -q && git -C copy add -A && chown -R nobody copy &&
	mount --bind copy /srv &&
	(cd /srv && umask 077 &&
		runuser -u nobody -- env HOME=/nonexistent scripts/rpm)
}
check "a user who is not root builds the RPM packages in another directory" build_elsewhere
# The source package is not compared, because it has the names of the directories
sums()
{
	(cd "$1" && sha256sum ./*."$(rpm --eval '%{_arch}')".rpm)
}
sums "$packages" > one.sums
sums copy/build/rpm > two.sums
check_same "the RPM packages of both directories are the same" one.sums two.sums

# Debian's rpm makes a database in the home of a user who asks about a package: here in $work
check "rpmlint finds no error in the packages" env HOME="$work" rpmlint -r "$top/rpm/mdev-precheck.rpmlintrc" \
	"$packages"/*.rpm "$spec"
# reasons - require a comment before each filter of rpmlint, or before a group of them
reasons()
{
	awk '
		/^#/	{ reason = !/SPDX/; next }
		/^$/	{ reason = 0; next }
		!reason	{ print; wrong = 1 }
		END	{ exit wrong }' "$top/rpm/mdev-precheck.rpmlintrc"
}
check "each filter of rpmlint has a reason" reasons

# "expected" gets the files of make install with their modes, but the entry of libvirt's hook is
# off, because a scriptlet switches it on
entry=/etc/libvirt/hooks/qemu.d/mdev-precheck
check "make installs files to compare with the RPM packages" make -C "$top/tools/mdev" O="$work/tools" DESTDIR="$work/installed" \
	PREFIX=/usr LIBDIR="$(rpm --eval '%{_libdir}')" install install-libvirt install-publish
mkdir -p installed/usr/share/ansible/roles
cp -R "$top/tools/mdev/integrations/ansible/roles/mdev_precheck" installed/usr/share/ansible/roles
find installed ! -type d -printf '%M /%P\n' | sed "\|$entry|s/^-rwxr-xr-x/-rw-r--r--/" | sort > expected
(cd "$packages" && HOME="$work" xargs rpm -q --qf '[%{FILEMODES:perms} %{FILENAMES}\n]' -p) < built |
	grep -v -e '^d' -e ' /usr/share/doc/' -e ' /usr/share/licenses/' -e ' /usr/lib/.build-id/' |
	sed 's/\(\/man\/.*\)\.gz$/\1/' | sort > packaged
check_same "the RPM packages have the files and modes of make install" expected packaged

# save_scriptlet PACKAGE SCRIPTLET FILE - write the scriptlet to the file, and test that the shell
# and shellcheck accept it
save_scriptlet()
{
	{ echo '#!/bin/sh' && HOME="$work" rpm -q --qf "%{$2}\n" -p "$packages/$1"-[0-9]*.x86_64.rpm; } > "$3"
	check "the shell reads the scriptlet $2 of $1" sh -n "$3"
	check "shellcheck accepts the scriptlet $2 of $1" shellcheck "$3"
}
for scriptlet in prein postin preun postun; do
	save_scriptlet mdev-precheck-libvirt $scriptlet $scriptlet.sh
done
for scriptlet in postin preun postun; do
	save_scriptlet mdev-precheck $scriptlet publish-$scriptlet.sh
done
check "each systemctl of a scriptlet has a limit of 30 seconds" sh -c "
	grep -h systemctl ./*.sh | grep -v -e 'command -v systemctl' -e 'echo \"warning' > calls
	[ -s calls ] && ! grep -v 'timeout 30 systemctl' calls"

# A root directory in which scriptlets find a systemd and a libvirt that run
root=$work/root
clean=$("$top/scripts/debian-root" bookworm clean)
mkdir upper work "$root"
mount -t overlay -o "lowerdir=$clean,upperdir=upper,workdir=work" overlay "$root" ||
	bail_out "scripts/debian-root does not make a root directory to install in"
mkdir -p "$root/run/systemd/system" "$root/etc/libvirt/hooks"
cat > "$root/usr/bin/systemctl" <<'END'
#!/bin/sh
echo "$*" >> /calls
case $* in
*is-active*virtqemud*)	exit 0 ;;
*is-active*)		exit 3 ;;
esac
[ ! -e /broken ]
END
chmod +x "$root/usr/bin/systemctl"

# by_rpm OPTION... - run rpm in the root directory, without dependencies, whose names are Debian's
# there.  rpm succeeds even if a scriptlet fails, so that its output is read, too.
by_rpm()
{
	rpm --root "$root" --dbpath /var/lib/rpm --force-debian --nodeps "$@" > printed 2>&1
	status=$?
	cat printed
	[ "$status" = 0 ] && ! grep -q -e '^error' -e 'scriptlet failed' printed
}

# mode EXPECTED - require that the entry has the mode
mode()
{
	stat -c %a "$root$entry"
	[ "$(stat -c %a "$root$entry")" = "$1" ]
}
switch_off()
{
	chmod a-x "$root$entry"
}
has_checker()
{
	[ -x "$root/usr/sbin/mdev-precheck-hook" ]
}
# entry_has WORDS - require that the entry has WORDS
entry_has()
{
	grep -q "$1" "$root$entry"
}
# calls - print the calls of systemctl since the last time
calls()
{
	cat "$root/calls"
	rm "$root/calls"
}

# all_do COMMAND... - require that each command succeeds
all_do()
{
	for command; do
		eval "$command" || { echo "failed: $command"; return 1; }
	done
}

# tree - print the files of the root directory but rpm's and ldconfig's own, and our directories
tree()
{
	(cd "$root" && find . -path ./var/lib/rpm -prune -o -name aux-cache -o ! -type d -print \
		-o -name '*mdev*precheck*' -print -o -path '*/libvirt/hooks/*' -print | sort)
}

# The next version, which has another entry
mkdir -p next/SOURCES next/SPECS
cp copy/build/rpm/*.src.rpm next
rpm_next()
{
	rpm2cpio next/*.src.rpm | (cd next/SOURCES && cpio -i --quiet) &&
	sed -e 's/^Release:.*/Release: 2/' \
	    -e "s|^%check|echo '# of the next version' >> %{buildroot}%{entry}\n&|" \
		"next/SOURCES/mdev-precheck.spec" > next/SPECS/mdev-precheck.spec &&
	HOME="$work" rpmbuild -bb --nodeps --define "_topdir $work/next" next/SPECS/mdev-precheck.spec
}
check "rpm: the next version is built from the source package" rpm_next

all=$(sed "s|^|$packages/|" built)
# shellcheck disable=SC2086 # a list
install_all()
{
	by_rpm -i $all
}
remove_all()
{
	# shellcheck disable=SC2046 # a list
	by_rpm -e $(of_spec '%{name}\n')
}
tree > before
check "rpm installs the packages" install_all
check "rpm: an installation switches the entry on" mode 755
calls > called
check "rpm: an installation reloads only the daemon of libvirt that runs" sh -c "
	grep -q -x 'reload virtqemud.service' called && ! grep -q 'reload libvirtd' called"
check "rpm: an installation leaves the unit to the presets" \
	grep -q -x -e '--no-reload preset mdev-precheck-stamp.service' called
check "rpm: an installation leaves the units that publish to the presets" grep -q -x \
	-e '--no-reload preset mdev-precheck-publish.path mdev-precheck-publish.timer' called
check "rpm -V finds no change after the installation" by_rpm -V -a

# upgrade and downgrade change between the two versions
upgrade()
{
	by_rpm -U next/RPMS/*/*.rpm
}
downgrade()
{
	# shellcheck disable=SC2086 # a list
	by_rpm -U --oldpackage $all
}
echo 'no-stamp = allow' >> "$root/etc/mdev-precheck/hook.conf"
check "rpm upgrades the packages" upgrade
check "rpm: an upgrade installs the entry of the next version" entry_has "of the next version"
check "rpm: an upgrade leaves the entry switched on" mode 755
check "rpm: an upgrade leaves the configuration of the administrator" \
	grep -q -x 'no-stamp = allow' "$root/etc/mdev-precheck/hook.conf"
calls > called
check "rpm: an upgrade restarts the units only if they run" sh -c "
	grep -q -x 'try-restart mdev-precheck-stamp.service' called &&
	grep -q -x 'try-restart mdev-precheck-publish.path mdev-precheck-publish.timer' called &&
	! grep -q -e preset -e stop -e disable called"

chmod 750 "$root$entry"
check "rpm: an upgrade leaves the entry with the mode of the administrator" \
	all_do downgrade 'mode 750'
switch_off
check "rpm: an upgrade does not switch on an entry that the administrator has switched off" \
	all_do upgrade 'mode 644'
rm "$root$entry"
check "rpm: an upgrade does not switch on an entry that the administrator has removed" \
	all_do downgrade 'mode 644'

# The file of the mode is empty if the power failed while a scriptlet wrote the mode
chmod 755 "$root$entry"
mkdir -p "$root/var/lib/rpm-state/mdev-precheck-libvirt"
: > "$root/var/lib/rpm-state/mdev-precheck-libvirt/entry-mode"
check "rpm: an upgrade switches the entry on after an upgrade that was interrupted" \
	all_do switch_off upgrade 'mode 755'

# The administrator has changed the entry
echo '# of the administrator' >> "$root$entry"
check "rpm: an upgrade leaves an entry that the administrator has changed" \
	all_do downgrade 'mode 755' 'entry_has "of the administrator"'
check "rpm: libvirt cannot execute a file that an upgrade leaves beside the entry" sh -c "
	! find '$root/etc/libvirt/hooks/qemu.d' -type f -executable | grep -v -x '$root$entry'"

# scriptlet NAME ARGUMENT - run the scriptlet as rpm does
scriptlet()
{
	cp "$1.sh" "$root/scriptlet"
	chroot "$root" sh /scriptlet "$2"
}
check "rpm: the removal of the old version in an upgrade leaves the entry switched on" \
	all_do 'scriptlet preun 1' 'mode 755'
touch "$root/broken"
check "rpm: a removal switches the entry off while the checker is there, even if systemctl fails" \
	all_do 'scriptlet preun 0' 'mode 644' has_checker
check "rpm upgrades the packages if systemctl fails" upgrade
chmod 755 "$root$entry"
check "rpm removes the packages if systemctl fails" remove_all
rm "$root/broken"
check "rpm: libvirt cannot execute a changed entry that a removal leaves" sh -c "
	ls '$root$entry.rpmsave' &&
	! find '$root/etc/libvirt/hooks' -type f -executable | grep ."
rm "$root$entry.rpmsave" "$root$entry.rpmnew" "$root/etc/mdev-precheck/hook.conf.rpmsave"

check "rpm installs the packages again" all_do install_all 'mode 755'
touch "$root/var/lib/mdev-precheck/export.json" "$root/var/lib/mdev-precheck/.export.json.a1B2c3"
check "rpm removes the packages again" remove_all
check "rpm: a removal stops the units that publish" grep -q -x \
	'stop mdev-precheck-publish.path mdev-precheck-publish.timer mdev-precheck-publish.service' \
	"$root/calls"
rm -f "$root/calls" "$root/scriptlet"
tree > after
check_same "a removal by rpm leaves no file of the packages" before after

# The hook of an older mdev-precheck is a link to its checker
check "rpm installs the packages once more" install_all
ln -sf /usr/sbin/mdev-precheck-hook "$root$entry"
check "rpm: a removal leaves a link in place of the entry as it is, and prints a warning" \
	all_do 'comes_to 0 "is a symbolic link: remove it" scriptlet preun 0' has_checker
tests_end
