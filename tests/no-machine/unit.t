#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# libmdev-precheck and mdev-precheck read directories that look like the sysfs of hosts.  The
# library passes its own tests with both compilers, the command prints its transcripts, and make
# install installs all files.
#
# needs: precheck
# check: yes
# seconds: 40

. "$(dirname -- "$0")/../lib/tap.sh"
. "$(dirname -- "$0")/../../tools/mdev/tests/transcripts.sh"

cd "$work" || exit
unset CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS DESTDIR PREFIX

# silent COMMAND... - require that the command succeeds and prints no message
silent()
{
	"$@" 2> "$work/messages"
	silent=$?
	cat "$work/messages"
	[ "$silent" = 0 ] && ! [ -s "$work/messages" ]
}

for compiler in gcc clang; do
	check "$compiler builds mdev-precheck, its library and the tests without a message" silent \
		make -C "$top/tools/mdev/tests" O="$work/$compiler" CC="$compiler"
	check "$compiler: a second make builds nothing" sh -c "
		make -C '$top/tools/mdev' O='$work/$compiler' CC='$compiler' | grep -v '^make'
		[ \$? = 1 ]"
	library_test "$compiler: " "$work/$compiler/library_test"
done

# names_package PACKAGE TARGET - require that make names the missing package before a compiler fails
names_package()
{
	PKG_CONFIG_LIBDIR=/nowhere make -C "$top/tools/mdev" O="$work/bare" "$2" \
		> messages 2>&1 && return 1
	grep -x "error: .* is missing: install $1" messages && ! grep 'fatal error' messages
}
check "make without json-c names the package to install" names_package libjson-c-dev all
check "make libvirt without libxml2 names the package to install" names_package libxml2-dev libvirt

# shellcheck disable=SC2016 # for the inner shell
check "make uses -Werror and _FORTIFY_SOURCE by default" sh -c '
	make -n -C "$1" O="$2/default" all > commands
	grep -q -e -Werror commands && grep -q -e -D_FORTIFY_SOURCE=2 commands' - "$top/tools/mdev" "$work"
# shellcheck disable=SC2016
check "make WERROR= FORTIFY= uses neither -Werror nor _FORTIFY_SOURCE" sh -c '
	make -n -C "$1" O="$2/neither" WERROR= FORTIFY= all > commands
	grep -q -e "-c -o .*ask.o" commands && ! grep -e -Werror -e FORTIFY_SOURCE commands' - "$top/tools/mdev" "$work"
# shellcheck disable=SC2016
check "make takes FORTIFY and CPPFLAGS of a distribution" sh -c '
	make -n -C "$1" O="$2/neither" FORTIFY= CPPFLAGS=-D_FORTIFY_SOURCE=3 all > commands
	grep -q -e "-D_FORTIFY_SOURCE=3.*-c -o .*ask.o" commands' - "$top/tools/mdev" "$work"

transcripts_begin "$work/gcc"
for transcript in $of_command; do
	transcript "$transcript"
done
check "unit.t runs each transcript that does not belong to hook.t or libvirt.t" sh -c "
	cd '$transcripts' && for file in *.txt; do
		case \$file in hook.txt|libvirt.txt) continue ;; esac
		[ -d \"$work/\${file%.txt}\" ] || exit
	done"

# processes_of ASKER - write the children of a question that hangs in a driver, a keeper and its
# worker, to the file "children" when both exist
processes_of()
{
	keeper=$(pgrep -P "$1") && worker=$(pgrep -P "$keeper") &&
		echo "$keeper $worker" > children
}

# have_ended - require that each process of "children" has ended or is a zombie
have_ended()
{
	read -r keeper worker < children
	! readlink "/proc/$keeper/exe" && ! readlink "/proc/$worker/exe"
}

# asker_is_killed SIGNAL - kill mdev-precheck while a driver does not answer
asker_is_killed()
{
	rm -f children
	gcc/mdev-precheck --fixture transcripts/hang check --timeout 600 \
		--type 1 1 hang/1 > asker 2>&1 &
	asker=$!
	wait_for processes_of "$asker"
	kill "-$1" "$asker"
	wait "$asker" 2> /dev/null
	[ -s children ] && wait_for have_ended
}
for signal in KILL TERM; do
	check "the children of mdev-precheck end if SIG$signal ends it while a driver hangs" \
		asker_is_killed "$signal"
done

# runs_anywhere - run mdev-precheck in the directory of its build, and after a move of the directory
runs_anywhere()
{
	(cd / && env -i "$work/gcc/mdev-precheck" --version) && mv gcc moved &&
		(cd / && env -i "$work/moved/mdev-precheck" --version)
	status=$?
	[ ! -d moved ] || mv moved gcc
	return "$status"
}
check "mdev-precheck runs in the directory of its build and elsewhere, without an environment" runs_anywhere

# The library exports the functions of its map, and no other
sed -n 's/^\t\(mdev_precheck_[a-z_]*\);/\1@@MDEV_PRECHECK_2/p' \
	"$top/tools/mdev/lib/libmdev-precheck.map" | sort > map
for compiler in gcc clang; do
	nm -D --defined-only "$compiler/libmdev-precheck.so" | awk '$2 != "A" { print $3 }' |
		sort > exported
	check_same "$compiler: the library exports the functions of its map" map exported
done
sed -n 's/.*\(mdev_precheck_[a-z_]*\)(.*/\1@@MDEV_PRECHECK_2/p' \
	"$top/tools/mdev/lib/mdev-precheck.h" | grep -v -e mdev_precheck_visit_ | sort -u > declared
for compiler in gcc clang; do
	nm --defined-only --extern-only "$compiler/libmdev-precheck.a" |
		awk 'NF == 3 { print $3 "@@MDEV_PRECHECK_2" }' | sort > exported
	check_same "$compiler: the static library exports only the functions of the map" map exported
done
check_same "the header declares the functions of the library's map" map declared

# make install installs each file in its directory, and no other file
check "make install prints no message" silent make -C "$top/tools/mdev" O="$work/gcc" CC=gcc \
	DESTDIR="$work/root" PREFIX=/opt/mdev install
{
	echo "bin/mdev-precheck"
	echo "include/mdev-precheck.h"
	echo "lib/libmdev-precheck.a"
	echo "lib/libmdev-precheck.so"
	echo "lib/libmdev-precheck.so.2"
	echo "lib/libmdev-precheck.so.2.0.0"
	echo "lib/pkgconfig/libmdev-precheck.pc"
	echo "share/bash-completion/completions/mdev-precheck"
	echo "share/zsh/site-functions/_mdev-precheck"
	echo "share/fish/vendor_completions.d/mdev-precheck.fish"
	for page in "$top"/tools/mdev/man/*.[1-9]; do
		case ${page##*/} in
		# hook.t and publish.t test the installation of these
		mdev-precheck-hook.8|mdev-precheck-publish.8)	;;
		*)	echo "share/man/man${page##*.}/${page##*/}" ;;
		esac
	done
	for schema in "$top"/tools/mdev/schema/*.json; do
		echo "share/mdev-precheck/${schema##*/}"
	done
	sed 's|\(.*\)@@.*|share/man/man3/\1.3|' map
} | sort > expected
(cd root/opt/mdev && find . ! -type d | sed 's|^\./||' | sort) > installed
check_same "make install installs the documented files" expected installed
check "make install with PREFIX=/opt/mdev writes nothing elsewhere" sh -c "! find root ! -type d ! -path 'root/opt/mdev/*' | grep ."
check "each link that make install makes leads to a file" sh -c "! find -L root -type l | grep ."
check "the installed mdev-precheck prints its version without the shared library" \
	root/opt/mdev/bin/mdev-precheck --version
# With a RUNPATH a program would look for libraries in the directory of its build
check "no file that make install installs has a RUNPATH" sh -c "
	! find root -type f \( -path '*/bin/*' -o -name '*.so.*' \) -exec readelf -d {} + |
		grep -E 'RPATH|RUNPATH'"
# shellcheck disable=SC2046 # a list of options
check "the objects of mdev-precheck can be linked with the shared library as well" silent gcc \
	-o shared gcc/common/*.o gcc/src/*.o -Lgcc -lmdev-precheck \
	$(pkg-config --libs json-c libmd smartcols)
check "mdev-precheck with the shared library prints its version" env LD_LIBRARY_PATH=gcc \
	./shared --version
check "the installed library has the soname libmdev-precheck.so.2" sh -c "
	readelf -d root/opt/mdev/lib/libmdev-precheck.so | grep 'SONAME.*\[libmdev-precheck.so.2\]'"

# pkg_config OPTION... - run pkg-config as for a program of others
pkg_config()
{
	PKG_CONFIG_PATH="$work/root/opt/mdev/lib/pkgconfig" pkg-config \
		--define-variable=prefix="$work/root/opt/mdev" \
		--define-variable=libdir="$work/root/opt/mdev/lib" \
		--define-variable=includedir="$work/root/opt/mdev/include" \
		"$@" libmdev-precheck
}
example="$top/tools/mdev/examples/ask.c"
check "pkg-config prints the version of the installed library" [ "$(pkg_config --modversion)" = 2.0.0 ]
# shellcheck disable=SC2046 # a list of options
check "the example compiles with the shared library" silent gcc -std=c11 -Wall -Wextra -Werror -pedantic -o ask \
	"$example" $(pkg_config --cflags --libs)
# shellcheck disable=SC2046 # a list of options
check "the example compiles with the static library" silent gcc -o ask-static "$example" \
	$(pkg_config --cflags) "$work/root/opt/mdev/lib/libmdev-precheck.a"
check "the header compiles as C++" silent clang -x c++ -std=c++11 -Wall -Wextra -Werror \
	-fsyntax-only "$top/tools/mdev/lib/mdev-precheck.h"
for program in ask ask-static; do
	LD_LIBRARY_PATH="$work/root/opt/mdev/lib" ./$program nowhere/type 1 > log 2>&1
	check "the example ($program) ends with 3 for a parent that does not exist" [ $? = 3 ]
	LD_LIBRARY_PATH="$work/root/opt/mdev/lib" ./$program nowhere > log 2>&1
	check "the example ($program) ends with 2 if an argument is missing" [ $? = 2 ]
done
check "make uninstall prints no message" silent make -C "$top/tools/mdev" O="$work/gcc" \
	DESTDIR="$work/root" PREFIX=/opt/mdev uninstall
check "make uninstall leaves no file" sh -c "! find root ! -type d | grep ."
tests_end
