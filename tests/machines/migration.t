#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Each verdict is true: two machines with Debian's QEMU migrate a guest with a mediated device,
# after a yes and after a no, and the outcome agrees.  README.md describes the measurements.  After
# a run without a failure, $work has
#
#	results.tsv	the measurements, a line each pair
#	table.md	the same for people
#	*.png, *.ppm	a guest's screen on the source and on the target
#
# kernels: 6.12
# on request: 6.1 base-7.3
# needs: machine precheck host-image
# seconds: 560

# Some hundred migrations, emulated twice
TIMEOUT=${TIMEOUT:-2400}
. "$(dirname -- "$0")/../lib/machine.sh"
here=$top/tests/machines/migration
samples=$patched/modules/samples/vfio-mdev

disk=$("$top/scripts/host-image") || bail_out "scripts/host-image failed"

# variant DRIVER NAME SED - build the driver with another source, as $work/DRIVER-NAME.ko
variant()
{
	variant=$work/$1-$2
	mkdir -p "$variant"
	for file in "$samples/$1.c" "$samples"/*.h; do
		sed "$3" "$file" > "$variant/${file##*/}"
	done
	! diff -q -r "$samples" "$variant" | grep -v '^Only in' | grep -q . &&
		bail_out "the sources of $1-$2 do not differ from $1"
	build_driver "$variant/$1.c" "-I$variant -Wno-unused -Wno-unused-const-variable"
	{ [ -n "$driver" ] && cp "$driver" "$variant.ko"; } || bail_out "$1-$2 does not build"
	variants="$variants --file $variant.ko"
}

callbacks='/^\t\.\(show\|check\)_migration_version = /d'
no_migration='/vdev->migration_flags = /,/;/d; /vdev->mig_ops = /d'
variants=
variant mdpy older 's/^\(#define MDPY_MIGRATION_MINOR\)\t.*/\1 0/'
variant mdpy newer 's/^\(#define MDPY_MIGRATION_MINOR\)\t.*/\1 2/'
variant mdpy major 's/^\(#define MDPY_MIGRATION_MAJOR\)\t.*/\1 2/'
variant mdpy byte 's/^\(#define MDPY_MIGRATION_MAJOR\)\t.*/\1 5/'
variant mdpy device 's/^\(#define MDPY_PCI_DEVICE_ID\)\t.*/\1 0x00ff/'
variant mdpy without "$callbacks; $no_migration"
# mtty of Linux 6.1 does not migrate
old=old
if grep -q mtty_migration_ops "$samples/mtty.c"; then
	old=
	late='/VFIO_MIGRATION_P2P |$/N; s/VFIO_MIGRATION_P2P |\n.*;/VFIO_MIGRATION_P2P;/'
	major='s/^\(#define MTTY_MAJOR_VER\) 1$/\1 2/'
	variant mtty minor 's/^\(#define MTTY_MINOR_VER\) 0$/\1 1/'
	variant mtty major "$major"
	variant mtty byte 's/^\(#define MTTY_MAJOR_VER\) 1$/\1 9/'
	variant mtty device 's/^\(#define MTTY_PCI_DEVICE_ID\)\t.*/\1 0x3254/'
	variant mtty late "$late"
	variant mtty late-major "$late; $major"
	variant mtty without "$callbacks; $no_migration"
fi

"$top/scripts/guest-program" "$work/guest" || bail_out "scripts/guest-program failed"
gcc -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -o "$work/migrate" "$here"/*.c -ljson-c ||
	bail_out "the program that migrates does not compile"
sh "$here/pairs.sh" $old > "$work/pairs" || bail_out "pairs.sh failed"

# on_disk OPTION... - run a machine with Debian's disk and all files, for one of the two hosts
on_disk()
{
	# shellcheck disable=SC2086 # options
	machine --disk "$disk" --no-services --file "$work/guest" --file "$work/migrate" \
		--file "$here/side.sh" $variants "$@"
}

# Paths of sockets are short
cd "$work" || exit
# host NUMBER COMMAND - print the commands of a host
host()
{
	echo "ip address add 192.0.2.$1/24 dev eth0 && ip link set eth0 up && $2"
}

on_disk --link target-link,source-link -- "$(host 2 '/migrate serve 4443')" > "$work/target" 2>&1 &
target=$!
# shellcheck disable=SC2016 # for the host's shell
on_disk --link source-link,target-link --file "$work/pairs" \
	-- "$(host 1 'echo "Linux $(uname -r), $(qemu-system-x86_64 --version | head -n 1)"
		/migrate pairs /pairs')" > "$work/output" 2> "$work/messages"
result $? "the source ends, and its kernel log is clean" "$work/messages"
wait "$target"
result $? "the target ends, and its kernel log is clean" "$work/target"
pass_on "$work/output"
check "the script on the source has ended" sh -c "
	tail -n 1 '$work/output' | cut -c 1-500; grep -q '^1\.\.' '$work/output'"

# The results, a line each
{
	printf 'pair\texpected\tverdict\treason\tverdict seconds\toutcome\thow\toutcome seconds\t'
	printf 'MiB of memory and devices\tMiB on the link\tsource\ttarget\tdevices\n'
	sed -n 's/^row\t//p' "$work/output"
} > "$work/results.tsv"
check "each pair has a result" [ "$(awk -F '|' '
	{ rows += match($3, /hops=/) ? substr($3, RSTART + 5) : 1 }
	END { print rows }' "$work/pairs")" = "$(sed 1d "$work/results.tsv" | wc -l)" ]

# The screen
sed -n 's/^file\t//p' "$work/output" | while IFS="$(printf '\t')" read -r name content; do
	echo "$content" | base64 -d | gzip -d > "$work/$name"
done
check "a guest's screen was taken" [ -s "$work/source.ppm" ]
check "a guest's screen is the same on source and target, to the byte" cmp "$work/source.ppm" "$work/target.ppm"
check "a guest's screen is not of one colour" awk -v size="$(gzip -c "$work/source.ppm" | wc -c)" \
	'BEGIN { exit size < 4000 }'
for side in source target; do
	check "the guest's screen on the $side is a PNG picture" sh -c \
		"head -c 4 '$work/$side.png' | grep -q -a PNG"
done

# table - print the results as a table for people
table()
{
	sed -n '1s/emulator version //p' "$work/output"
	echo
	awk -F '\t' '
	NR == 1 {
		print "| pair | verdict | known after, ms | outcome | known after, s | MiB sent | guest on the source | on the target |"
		print "|---|---|---:|---|---:|---:|---|---|"
		next
	}
	{
		printf "| %s | %s | %.2f | %s | %.2f | %.1f | %s | %s |\n", $1,
		       $3 == "no" ? "no: " $4 : $3, 1000 * $5,
		       $6 == "no" ? "no: " $7 : $6, $8, $9, $11, $12
		verdicts += $5
		if ($2 == "no") {
			refused++
			asked += $5
			tried += $8
			sent += $9
		}
	}
	END {
		printf "\n%d pairs are not compatible. Asking has found that in %.0f ms with 0 MiB, and trying in %.0f s with %.0f MiB.\n",
		       refused, 1000 * asked, tried, sent
	}' "$work/results.tsv"
}
[ "$failed" != 0 ] || table > "$work/table.md"
tests_end
