#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# apt installs, upgrades, removes and purges the packages of the command, the library and libvirt's
# hook in a root directory like an administrator's, without a network.  A purge leaves no file.
#
# needs: bookworm-admin trixie-admin bookworm-build root
# seconds: 60

. "$(dirname -- "$0")/../lib/packages.sh"

cd "$work" || exit

# The steps in the root directory, each in a run of its own
cat > steps.sh <<'END'
# steps.sh STEP - run the function STEP of this file
set -e
export DEBIAN_FRONTEND=noninteractive
names="libmdev-precheck-dev libmdev-precheck2 mdev-precheck mdev-precheck-libvirt"
wants=/etc/systemd/system/multi-user.target.wants
entry=/etc/libvirt/hooks/qemu.d/mdev-precheck

# fails COMMAND... - require that the command fails, because set -e ignores the status after "!"
fails()
{
	if "$@"; then
		return 1
	fi
}

# nothing - require that the standard input is empty
nothing()
{
	fails grep .
}

# files - print all files but caches and apt's and dpkg's own
files()
{
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /test \
		-o -path /packages -o -path /var/lib/dpkg -o -path /var/lib/apt \
		-o -path /var/cache -o -path /var/log -o -path /run \) -prune -o -print | sort
}

# dependencies - install the packages that ours depend on, so that later changes come from ours
dependencies()
{
	apt-get -y --no-install-recommends install $(cd /packages &&
		for name in $names; do dpkg-deb -f "$name"_*_amd64.deb Depends; done |
			sed 's/([^)]*)//g; s/|[^,]*//g' | tr -d ' ' | tr ',' '\n' |
			grep -v mdev | sort -u)
	mkdir -p /etc/libvirt/hooks/qemu.d
	touch /etc/libvirt/hooks/qemu.d/another
	files > /test/before
}

# install - install our packages, and require that apt installs no other one
install()
{
	dpkg-query -W -f '${Package}\n' | sort > /test/packages.before
	apt-get -y --no-install-recommends install $(cd /packages &&
		for name in $names; do ls /packages/"$name"_*_amd64.deb; done)
	dpkg-query -W -f '${Package}\n' | sort | comm -13 /test/packages.before - > /test/new
	printf '%s\n' $names | diff -u - /test/new
	dpkg-query -W -f '${Pre-Depends} ${Depends} ${Recommends}\n' $names > /test/relations
	fails grep python /test/relations
	dpkg -V $names
}

works()
{
	[ "$(mdev-precheck --version)" = "mdev-precheck 2.0.0" ]
	sh /fixture.sh host /tmp/host
	mdev-precheck --fixture /tmp/host check source/serial-1 accepts
	status=0
	mdev-precheck --fixture /tmp/host check source/serial-1 refuses || status=$?
	[ $status = 1 ]
	mdev-precheck stamp --help
	ldd /usr/sbin/mdev-precheck-hook /usr/libexec/mdev-precheck-libvirt /usr/bin/mdev-precheck \
		> /tmp/ldd
	fails grep 'not found' /tmp/ldd
	# The programs are linked with the static library, and the checker needs no other package
	fails grep libmdev-precheck /tmp/ldd
	[ -x $entry ]
	# The entry refuses an empty input, which is not a domain
	fails $entry guest migrate begin - < /dev/null
	for operation in start reconnect prepare stopped; do
		$entry guest $operation begin - < /dev/null
	done
}

# publishes - run the script that publishes, on a host without mdev
publishes()
{
	echo 'FACTER=/tmp/fact.json' >> /etc/mdev-precheck/publish.conf
	/usr/libexec/mdev-precheck-publish
	test -s /tmp/fact.json
	mdev-precheck check --from /var/lib/mdev-precheck/export.json || [ $? = 3 ]
}

pages()
{
	for page in man5/mdev-precheck.5 man8/mdev-precheck.8 man8/mdev-precheck-libvirt.8 \
		man8/mdev-precheck-hook.8 man8/mdev-precheck-publish.8 man3/libmdev-precheck.3 man3/mdev_precheck_ask.3; do
		gzip -t /usr/share/man/$page.gz
		gzip -d -c /usr/share/man/$page.gz | grep -q '^\.S[Hh] NAME'
	done
}

completions()
{
	test -f /usr/share/bash-completion/completions/mdev-precheck
	test -f /usr/share/zsh/vendor-completions/_mdev-precheck
	test -f /usr/share/fish/vendor_completions.d/mdev-precheck.fish
	for schema in types verdicts matrix; do
		test -f /usr/share/mdev-precheck/mdev-precheck-$schema.schema.json
	done
	for guide in fleet libvirt stacks; do
		test -f /usr/share/doc/mdev-precheck/guides/$guide.md
	done
	test -f /usr/share/doc/mdev-precheck-libvirt/libvirt.md
}

# links - require that each link of the guides to a program leads to a file
links()
{
	cd /usr/share/doc/mdev-precheck/guides
	for guide in fleet stacks; do
		sed -n 's/.*](\(\.\.\/integrations[^)#]*\).*/\1/p' $guide.md | sort -u > /tmp/links
		test -s /tmp/links
		while read -r link; do
			test -e "$link"
		done < /tmp/links
	done
	test -f /usr/share/ansible/roles/mdev_precheck/tasks/main.yml
}

library()
{
	directory=/usr/lib/x86_64-linux-gnu
	test -f $directory/libmdev-precheck.so.2.0.0
	[ "$(readlink $directory/libmdev-precheck.so.2)" = libmdev-precheck.so.2.0.0 ]
	ldconfig -p | grep '=> .*/lib/x86_64-linux-gnu/libmdev-precheck.so.2$'
	find /usr/lib -maxdepth 1 -name 'libmdev*' | nothing
	grep -x "libdir=$directory" $directory/pkgconfig/libmdev-precheck.pc
	grep -x 'includedir=/usr/include' $directory/pkgconfig/libmdev-precheck.pc
	grep -x 'Version: 2.0.0' $directory/pkgconfig/libmdev-precheck.pc
	for name in libmdev-precheck2 libmdev-precheck-dev; do
		[ "$(dpkg-query -W -f '${Multi-Arch}' $name)" = same ]
	done
}

unit()
{
	test -L $wants/mdev-precheck-stamp.service
	# An operator enables the units that publish
	find /etc/systemd -name 'mdev-precheck-publish*' | nothing
	# The root directory does not have the command man
	systemd-analyze verify --man=no mdev-precheck-stamp.service mdev-precheck-publish.service \
		mdev-precheck-publish.timer mdev-precheck-publish.path
}

# upgrade - install the same packages with another version, over choices of an administrator
upgrade()
{
	mkdir /tmp/next
	for name in $names; do
		dpkg-deb -R /packages/"$name"_*_amd64.deb /tmp/next/$name
		sed -i 's/2\.0\.0/2.0.0+next/' /tmp/next/$name/DEBIAN/control
		dpkg-deb --root-owner-group -Znone -b /tmp/next/$name /tmp/next/$name.deb
	done
	systemctl disable mdev-precheck-stamp.service
	echo 'restore = allow' >> /etc/mdev-precheck/hook.conf
	apt-get -y install /tmp/next/*.deb
	for name in $names; do
		[ "$(dpkg-query -W -f '${Version} ${Status}' $name)" = \
			"2.0.0+next install ok installed" ]
	done
	# The administrator's choices stay
	fails test -L $wants/mdev-precheck-stamp.service
	grep -x 'restore = allow' /etc/mdev-precheck/hook.conf
	grep -x 'FACTER=/tmp/fact.json' /etc/mdev-precheck/publish.conf
	[ -x $entry ]
}

remove()
{
	apt-get -y remove $names
	for file in $entry /etc/mdev-precheck/hook.conf /etc/mdev-precheck/publish.conf \
		/var/lib/mdev-precheck/export.json; do
		test -f $file
	done
	fails test -x $entry
	fails test -e /usr/sbin/mdev-precheck-hook
}

purge()
{
	apt-get -y purge mdev-precheck mdev-precheck-libvirt
	# dpkg does not have the other packages any more, because they do not have a configuration
	fails dpkg-query -W $names
	rm -rf /tmp/host /tmp/next
	files > /test/after
	diff -u /test/before /test/after
}

"$1"
END

# step NAME ROOT DIR FUNCTION - test that the step succeeds in that root directory, with the changes
# of the steps before
step()
{
	check "$1" in_root --keep "$3" --bind "$packages:/packages" --bind "$3/test:/test" \
		--bind "$work/steps.sh:/steps.sh" \
		--bind "$top/tools/mdev/tests/fixture.sh:/fixture.sh" "$2" sh /steps.sh "$4"
}

for release in bookworm trixie; do
	directory=$work/$release
	mkdir -p "$directory/test"
	machine=$(root "$release" admin) || bail_out "scripts/debian-root does not make a root directory of $release"
	step "$release: apt installs the packages that ours depend on" "$machine" "$directory" dependencies
	step "$release: apt installs our packages and no other" "$machine" "$directory" install
	step "$release: the command and libvirt's hook run" "$machine" "$directory" works
	step "$release: mdev-precheck-publish publishes" "$machine" "$directory" publishes
	step "$release: the packages have the manual pages" "$machine" "$directory" pages
	step "$release: the packages have completions, schemas and guides" "$machine" "$directory" completions
	step "$release: links of the guides to programs lead to files" "$machine" "$directory" links
	step "$release: the library is in the release's directory for libraries" "$machine" "$directory" library
	step "$release: only the unit of stamp is enabled, and systemd finds nothing in all units" \
		"$machine" "$directory" unit
	step "$release: an upgrade leaves the choices of the administrator" \
		"$machine" "$directory" upgrade
	step "$release: a removal leaves the configuration, and the hook switched off" \
		"$machine" "$directory" remove
	step "$release: a purge leaves no file" "$machine" "$directory" purge
done
tests_end
