#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The dkms packages build their modules for the kernels of Debian 12 and 13, beside kernels that
# they do not fit.  They are installed, upgraded, removed and purged; kernels come and go.
#
# needs: bookworm-build bookworm-admin trixie-admin root
# seconds: 700

# shellcheck disable=SC2016 # for the shell in the root directory
. "$(dirname -- "$0")/../lib/packages.sh"

cd "$work" || exit

samples=$(awk '/^[^#]/ && $4 == "loaded" && $1 != "mdev" { print $1 }' "$top/scripts/module-list" |
	paste -s -d ' ')
version=$(dpkg-deb -f "$packages"/mdev-migration-dkms_*.deb Version)

# Functions for the commands in a root directory
cat > functions.sh <<'END_OF_FUNCTIONS'
# kernels - print the releases of Debian's kernels in the root directory
kernels()
{
	for directory in /lib/modules/*; do
		release=${directory##*/}
		case $release in
		*-no)	;;
		*)	echo "$release" ;;
		esac
	done
}

# is_ours RELEASE [MODULE] - require that modprobe takes our module
is_ours()
{
	modinfo -k "$1" -n "${2:-mdev}" | grep "^/lib/modules/$1/updates/dkms/${2:-mdev}\.ko"
}

# is_stock RELEASE - require that modprobe takes the kernel's own mdev.ko, and that dpkg finds all
# files of the kernel as they were
is_stock()
{
	modinfo -k "$1" -n mdev | grep "^/lib/modules/$1/kernel/drivers/vfio/mdev/mdev\.ko" &&
	[ "$(modinfo -k "$1" -F version mdev)" = 0.1 ] &&
	verified=$(dpkg -V "linux-image-$1") && [ -z "$verified" ] || { echo "$verified"; return 1; }
}

# other_files - print the files in /lib/modules that neither a kernel nor its headers own
other_files()
{
	find /lib/modules -mindepth 1 -path '/lib/modules/*/kernel' -prune -o \
			-path '/lib/modules/*/build' -prune -o -print |
		grep -v '/modules\.[^/]*$' | sort
}

# hooks NAME RELEASE - run the hooks of that directory as the packages of kernels do
hooks()
{
	run-parts --exit-on-error --arg="$2" --arg="/boot/vmlinuz-$2" "/etc/kernel/$1.d"
}

# versions MODULE RELEASE - print the symbols that the module takes from mdev.ko, with their
# versions
versions()
{
	modprobe --dump-modversions "$(modinfo -k "$2" -n "$1")" | grep -E '	(__)?mdev_' | sort
}

# exported FILE - print the symbols of mdev.ko in a Module.symvers, with their versions
exported()
{
	awk '$3 ~ /\/mdev$/ && $2 ~ /mdev_/ { print $1 "\t" $2 }' "$1" | sort
}

ours=/var/lib/dkms/mdev-migration
END_OF_FUNCTIONS

# on COMMANDS - run the commands in the root directory $root, with the changes of earlier commands
on()
{
	in_root --keep "$keep" --bind "$packages:/packages" --bind "$work:/test" "$root" \
		sh -c ". /test/functions.sh; $1"
}

# with_each COMMANDS - run the commands for each of Debian's kernels there, with its release in
# $release
with_each()
{
	on "for release in \$(kernels); do ( $1 ) || exit; done"
}

# apt ARGUMENTS - run apt-get without a network, with its output in the file "messages"
apt()
{
	on "apt-get -q -y -o Dpkg::Use-Pty=0 $1" > messages 2>&1
	apt_status=$?
	cat messages
	return $apt_status
}

# prints WORDS - require that the messages of apt have WORDS
prints()
{
	grep -q -e "$1" messages || { cat messages; return 1; }
}

# Packages of a newer version, whose mdev.ko has another MODULE_VERSION
newer=$version.1
for package in mdev-migration mdev-migration-samples; do
	dpkg-deb -R "$packages/${package}-dkms_${version}_all.deb" newer
	mv "newer/usr/src/$package-$version" "newer/usr/src/$package-$newer"
	find newer -path '*/doc/*' -o -type f -exec sed -i "s/$version/$newer/g" '{}' +
	find newer -name mdev_core.c -exec sed -i 's/0\.1+migration\.1/0.1+migration.2/' '{}' +
	rm newer/DEBIAN/md5sums
	dpkg-deb --root-owner-group -b newer "${package}_$newer.deb" > /dev/null
	rm -r newer
done

# The script makes kernels that the packages do not fit, with names that end in -no
cat > other-kernels.sh <<'END_OF_SCRIPT'
set -e
release=$(kernels | tail -n 1)
# other RELEASE - make a kernel with a copy of the headers of one of Debian's
other()
{
	mkdir -p "/lib/modules/$1/kernel"
	touch "/lib/modules/$1/modules.order" "/lib/modules/$1/modules.builtin"
	cp -r -L "/lib/modules/$release/build" "/lib/modules/$1/build"
}
# configurations RELEASE - print two files: dkms 3.0.10 reads the first, and dkms 3.2.2 the second
configurations()
{
	echo "/lib/modules/$1/build/.config" "/lib/modules/$1/build/include/config/auto.conf"
}
other 6.6.1-unknown-no
other 6.1.0-cloud-no
sed -i '/CONFIG_VFIO_MDEV/d' $(configurations 6.1.0-cloud-no)
other 6.12.1-builtin-no
sed -i 's/CONFIG_VFIO_MDEV=m/CONFIG_VFIO_MDEV=y/' $(configurations 6.12.1-builtin-no)
other 6.12.4-patched-no
mkdir -p /lib/modules/6.12.4-patched-no/build/include/linux
echo '/* migration_version */' > /lib/modules/6.12.4-patched-no/build/include/linux/mdev.h
other 6.12.2-fails-no
echo '$(error These headers are for a test)' > /lib/modules/6.12.2-fails-no/build/Makefile
mkdir -p /lib/modules/6.12.3-headers-no/kernel
# A release that begins like 6.1 and 6.12, but for the dot
other 61.12.0-no
END_OF_SCRIPT

# The script builds a vendor driver with the lines of README.Debian
cat > readme.sh <<'END_OF_SCRIPT'
set -e
mkdir /tmp/driver
cp /test/errno_driver.c /tmp/driver
{
	echo 'obj-m := errno_driver.o'
	zcat -f /usr/share/doc/mdev-migration-dkms/README.Debian* |
		sed -n '/^    MDEV := /,/^$/s/^    //p'
} > /tmp/driver/Kbuild
cat /tmp/driver/Kbuild
make -C "/lib/modules/$1/build" M=/tmp/driver modules
END_OF_SCRIPT
cp "$top/tests/machine/errno_driver.c" .

for release in bookworm trixie; do
	root=$(root "$release" admin) || bail_out "scripts/debian-root does not make a root directory of $release"
	keep=$work/$release
	on 'kernels' > kernels
	kernel=$(tail -n 1 kernels)
	first=$(head -n 1 kernels)
	check "the root directory of $release has two kernels or more" [ "$(wc -l < kernels)" -ge 2 ]
	check "the test adds kernels that the packages do not fit to $release" on '. /test/other-kernels.sh'
	check "the initramfs of $kernel gets the kernel's own mdev.ko" on "
		echo mdev >> /etc/initramfs-tools/modules &&
		sed -i 's/^MODULES=.*/MODULES=list/' /etc/initramfs-tools/initramfs.conf &&
		update-initramfs -u -k $kernel || update-initramfs -c -k $kernel &&
		lsinitramfs /boot/initrd.img-$kernel | grep kernel/drivers/vfio/mdev/mdev.ko"
	on other_files > before
	on "cp \$(modinfo -k $kernel -n mdev) /test/$release.ko &&
		cp /lib/modules/$kernel/modules.dep /test/$release.dep"

	check "$release installs the packages" apt 'install /packages/mdev-migration-*dkms_*.deb'
	check "$release has the packages as installed" on "
		[ \"\$(dpkg-query -W -f '\${db:Status-Status} ' 'mdev-migration-*dkms')\" = 'installed installed ' ]"
	for words in \
		'Linux 6.6.1-unknown-no: not built, because the sources are for' \
		'Linux 6.1.0-cloud-no: not built, because the sources are for' \
		'Linux 6.12.1-builtin-no: not built, because the sources are for' \
		'Linux 6.12.4-patched-no: not built, because the sources are for' \
		'Linux 61.12.0-no: not built, because the sources are for' \
		'Linux 6.12.2-fails-no: not built, and .* own mdev.ko stays: Error' \
		'Linux 6.12.3-headers-no: not built, because linux-headers-6.12.3-headers-no is not installed' \
		'when no guest has a mediated device, this command loads the new mdev.ko: .*modprobe mdev$' \
		'the new mdev.ko runs if this command prints 0.1+migration.1: cat /sys/module/mdev/version$'; do
		check "the installation in $release prints: $words" prints "$words"
	done
	check "a kernel of $release that does not fit gets no module" on '
		! find /lib/modules/*-no -name updates | grep .'
	check "modprobe takes our mdev.ko in each kernel of $release" with_each '
		is_ours $release &&
		[ "$(modinfo -k $release -F version mdev)" = 0.1+migration.1 ]'
	for module in $samples; do
		check "modprobe takes our $module in each kernel of $release" \
			with_each "is_ours \$release $module"
	done
	check "dkms of $release installs no other module than mdev and the samples" with_each "
		[ \$(ls /lib/modules/\$release/updates/dkms | wc -l) = $(echo "mdev $samples" | wc -w) ]"
	check "our mdev.ko exports the symbols of the kernel's own with equal versions in $release" with_each '
		modinfo -k $release -F vermagic mdev | grep -q modversions || exit 0
		exported /lib/modules/$release/build/Module.symvers > stock
		exported $ours/kernel-$release-x86_64/Module.symvers > ours
		[ $(wc -l < stock) = 4 ] && comm -23 stock ours | ( ! grep . )'
	check "each sample takes symbols of our mdev.ko in $release" with_each "
		modinfo -k \$release -F vermagic mdev | grep -q modversions || exit 0
		exported \$ours/kernel-\$release-x86_64/Module.symvers > ours
		for module in $samples; do
			versions \$module \$release > taken
			grep -q __mdev_register_driver taken &&
			comm -23 taken ours | ( ! grep . ) || exit
		done"
	check "the kernel's own kvmgt depends on our mdev.ko in $release" with_each '
		grep "/kvmgt\.ko[^:]*:.* updates/dkms/mdev\.ko" /lib/modules/$release/modules.dep'
	check "depmod of $release finds each symbol that a module needs" with_each '
		depmod -n -e -E /lib/modules/$release/build/Module.symvers $release 2>&1 > /dev/null |
			( ! grep . )'
	check "a vendor driver is built in $release with the lines of README.Debian" with_each '
		sh /test/readme.sh $release && nm -u /tmp/driver/errno_driver.ko | grep __mdev_register_driver &&
		rm -r /tmp/driver'
	check "the initramfs of $kernel has our mdev.ko" on "
		lsinitramfs /boot/initrd.img-$kernel | grep updates/dkms/mdev.ko"

	# Hooks for packages of kernels
	for other in 6.6.1-unknown-no 6.1.0-cloud-no 6.12.1-builtin-no 6.12.2-fails-no 6.12.3-headers-no; do
		check "the hooks of dkms and our hooks succeed for $other in $release" on "
			/etc/kernel/postinst.d/dkms $other &&
			/etc/kernel/postinst.d/dkms-mdev-migration $other &&
			/etc/kernel/header_postinst.d/dkms-mdev-migration $other &&
			/etc/kernel/preinst.d/dkms-mdev-migration $other"
	done
	check "the preinst hooks for another version of $kernel put its own mdev.ko back" on "
		hooks preinst $kernel && is_stock $kernel && ! is_stock $first"
	check "the postinst hooks for a new $kernel build our modules" on "
		hooks postinst $kernel && is_ours $kernel && is_ours $kernel mdev_sim"
	check "the package of a kernel builds our modules in $release" on "
		dkms remove mdev-migration/$version --all &&
		dpkg-reconfigure linux-image-$kernel && is_ours $kernel"
	check "the hooks of $release build nothing if /etc/dkms/no-autoinstall exists" on "
		dkms remove mdev-migration/$version --all && touch /etc/dkms/no-autoinstall &&
		hooks postinst $kernel && is_stock $kernel && rm /etc/dkms/no-autoinstall"
	check "the package of headers builds our modules in $release" on "
		dpkg-reconfigure linux-headers-$kernel && is_ours $kernel"
	check "the hooks of $release build our modules after a dkms that was killed" on "
		dkms remove mdev-migration/$version --all &&
		dkms add mdev-migration/$version && mkdir -p \$ours/$version/$kernel/x86_64/log &&
		hooks header_postinst $kernel && is_ours $kernel"

	check "the preinst hooks leave a newer mdev.ko that another version of $kernel has unpacked" on "
		file=/lib/modules/$kernel/\$(sed -n 's|^\(kernel/.*/mdev\.ko[^:]*\):.*|\1|p' /test/$release.dep)
		mkdir -p \${file%/*} && echo newer > \$file && hooks preinst $kernel &&
		grep -x newer \$file && cp /test/$release.ko \$file && hooks postinst $kernel && is_ours $kernel"
	check "the installation in $release succeeds without /run/lock" on "
		rmdir /run/lock && dpkg-reconfigure mdev-migration-dkms && is_ours $kernel"
	check "the installation in $release succeeds if the mdev.ko of another kernel is damaged" on '
		damaged=/lib/modules/6.6.1-unknown-no/updates
		mkdir -p $damaged/dkms && : > $damaged/dkms/mdev.ko &&
		dpkg-reconfigure mdev-migration-dkms && rm -r $damaged'
	check "the hooks of $release succeed when dkms does not remove the modules" on "
		printf '%s\n' '#!/bin/sh' '[ \$1 != remove ] || exit 1' 'exec /usr/sbin/dkms \"\$@\"' \
			> /usr/local/sbin/dkms && chmod +x /usr/local/sbin/dkms &&
		/usr/libexec/mdev-migration-dkms/modules remove mdev-migration $version &&
		rm /usr/local/sbin/dkms && mv /usr/src/mdev-migration-$version /tmp/sources &&
		hooks postinst $kernel && mv /tmp/sources /usr/src/mdev-migration-$version &&
		hooks header_postinst $kernel && is_ours $kernel"

	check "$release upgrades the packages" \
		apt "install /test/mdev-migration_$newer.deb /test/mdev-migration-samples_$newer.deb"
	check "modprobe takes the newer mdev.ko in each kernel of $release" with_each '
		is_ours $release && is_ours $release mdev_sim &&
		[ "$(modinfo -k $release -F version mdev)" = 0.1+migration.2 ]'
	check "the upgrade in $release removes the sources and modules of the version before" on "
		! dkms status | grep '${version}[,:]' && [ ! -e \$ours/$version ] &&
		[ ! -e /usr/src/mdev-migration-$version ]"
	check "$release removes a kernel" apt "remove linux-image-$first linux-headers-$first"
	check "apt of $release removes our modules of a kernel with the kernel" on "
		! find /lib/modules/$first/updates /lib/modules/$first/kernel | grep . &&
		is_ours $kernel"
	check "an upgrade to sources that do not compile succeeds in $release" on "
		for file in /usr/src/mdev-migration-$newer/*/drivers/vfio/mdev/mdev_core.c; do echo '#error' >> \$file; done
		dpkg-reconfigure mdev-migration-dkms && is_stock $kernel"

	check "$release removes the packages" apt 'remove mdev-migration-dkms'
	check "$release has each kernel's own mdev.ko when the packages are removed" \
		on "for release in \$(kernels); do
			[ \$release = $first ] || is_stock \$release || exit
		done"
	check "the initramfs of $kernel has its own mdev.ko again" on "
		lsinitramfs /boot/initrd.img-$kernel | grep kernel/drivers/vfio/mdev/mdev.ko"
	check "the hooks of $release succeed when the packages are removed" on "
		hooks preinst $kernel && hooks postinst $kernel && hooks header_postinst $kernel &&
		is_stock $kernel"
	check "$release purges the packages" apt 'purge mdev-migration-dkms mdev-migration-samples-dkms'
	on other_files > after
	grep -v "^/lib/modules/$first" before > expected
	grep -v "^/lib/modules/$first" after > left
	check_same "the packages leave nothing in /lib/modules in $release" expected left
	check "the packages leave nothing elsewhere in $release" on '
		! find /etc /usr /var/lib/dkms /run -name "*mdev-migration*" | grep .'
done
tests_end
