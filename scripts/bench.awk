# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/bench.awk - print the results of scripts/bench as a table in Markdown, with -v
# kernel=RELEASE.  A line of the results has the machine that printed it (series, base or
# hosts), the name of a measurement, and numbers.
#
# Exit status: 1 if an aim is missed; 2 if a control fails.

function row(what, value, other, value2, result, aim, met) {
	printf "| %s | %s | %s | %s | %s | %s | %s |\n", what, value,
	       other, value2, result, aim, met
}

# A row with the limit "" does not have an aim
function compare(what, value, other, value2, limit) {
	ratio = value / value2
	good = ratio <= limit
	missed += limit != "" && !good
	row(what, value, other, value2, sprintf("%.3f", ratio),
	    limit == "" ? "" : "<= " limit,
	    limit == "" ? "" : good ? "yes" : "no")
}

function difference(what, value, other, value2, digits, unit, limit) {
	grown = sprintf("%.*f", digits, value - value2)
	good = grown + 0 <= limit
	missed += limit != "" && !good
	row(what, sprintf("%.*f", digits, value), other,
	    sprintf("%.*f", digits, value2), grown " " unit,
	    limit == "" ? "" : "<= " limit,
	    limit == "" ? "" : good ? "yes" : "no")
}

# per_answer NAME ENDING - compare the costs of an answer in two matrices.  N documents and the
# machine have N + 1 strings, and each of these N + 1 hosts answers about each string.
function per_answer(what, ending) {
	compare(what, sprintf("%.0f", series("matrix-500" ending) / (501 * 501)),
		"of 100 files",
		sprintf("%.0f", series("matrix-100" ending) / (101 * 101)), 1.5)
}

# memory NAME MEASUREMENT LIMIT - print the memory of a command, in KiB
function memory(what, measurement, limit,  most, good) {
	most = value["series", measurement, 2]
	good = most <= limit
	missed += !good
	row(what, most " KiB", "", "", "", "<= " limit, good ? "yes" : "no")
}

# of_fleet - compare 10,000 hosts, of which 9,900 have a document, with fewer hosts
function of_fleet(  formats, i) {
	compare("`mdev-precheck export --takes`, strings of 10,000 hosts", series("takes-10000"),
		"of 100 hosts", series("takes-100"), 1.05)
	compare("the same, of 1,000 hosts", series("takes-1000"), "the same", series("takes-100"),
		1.05)
	compare("the same, of 10,000 hosts", series("takes-10000"), "`export` alone",
		series("export"), "")
	split("prometheus nfd provider-yaml facter nagios", formats, " ")
	for (i = 1; i in formats; i++)
		compare((i == 1 ? "its document as" : "the same,") " `--format " formats[i] "`",
			series("format-" formats[i]), "as `json`", series("format-json"), "")
	compare("`mdev-precheck merge`, 10,000 hosts, a document",
		sprintf("%.0f", series("merge-10000") / 9900), "of 1,000 hosts",
		sprintf("%.0f", series("merge-1000") / 990), 1.1)
	memory("its memory at most", "merge-10000", 65536)
	difference("bytes of its result", series("known-10000"), "of 100 hosts",
		   series("known-100"), 0, "bytes", 0)
}

function control(what, good) {
	if (good)
		return
	print "control failed: " what > "/dev/stderr"
	unsound = 1
}

{
	for (i = 3; i <= NF; i++)
		value[$1, $2, i - 2] = $i
	# An interrupt changes few calls; all others are equal
	if ($2 ~ /^(read|write|control)-/)
		control($1 " " $2 ": " $5 " of 10000 calls are equal",
			$5 > 9500)
}

function series(what) { return value["series", what, 1] }
function base(what) { return value["base", what, 1] }
function hosts(what) { return value["hosts", what, 1] }

END {
	print "Linux " kernel ", x86_64 emulated by QEMU (TCG)"
	print ""
	print "| measured | value | compared with | value | ratio or difference | aim | met |"
	print "|---|---:|---|---:|---:|---:|---|"
	compare("read, baseline driver", series("read-version-bench"),
		"read of `name`", series("read-name-bench"), 1.1)
	compare("read, mtty", series("read-version-mtty"),
		"read of `name`", series("read-name-mtty"), "")
	compare("write of 13 characters, baseline driver",
		series("write-version-bench-13"),
		"write to a copying file", series("write-copy-13"), 1.5)
	compare("the same with a newline",
		series("write-version-bench-14"),
		"the same", series("write-copy-14"), "")
	compare("write of 13 characters, mtty",
		series("write-version-mtty-13"),
		"the same", series("write-copy-13"), "")
	compare("write of 4095 characters, baseline driver",
		series("write-version-bench-4095"),
		"the same", series("write-copy-4095"), "")
	compare("the same with a newline",
		series("write-version-bench-4096"),
		"the same", series("write-copy-4096"), "")
	compare("read of `name`, mtty, patched",
		series("read-name-mtty"), "upstream",
		base("read-name-mtty"), 1.001)
	difference("`mdev.ko`, code, patched", series("size"),
		   "upstream", base("size"), 0, "bytes", "")
	difference("`mdev.ko`, code and data, patched",
		   series("size") + value["series", "size", 2],
		   "upstream", base("size") + value["base", "size", 2],
		   0, "bytes", 3827)
	difference("`mdev.ko`, all that size(1) counts, patched",
		   series("size-all") + value["series", "size-all", 2],
		   "upstream",
		   base("size-all") + value["base", "size-all", 2],
		   0, "bytes", "")
	difference("files and directories a type, with callbacks",
		   series("types") / 5000, "upstream",
		   base("types") / 5000, 3, "", 1)
	difference("the same, without callbacks",
		   series("types-no-callbacks") / 5000, "upstream",
		   base("types-no-callbacks") / 5000, 3, "", 0)
	difference("kernfs nodes a type, with callbacks",
		   value["series", "types", 2] / 5000, "upstream",
		   value["base", "types", 2] / 5000,
		   2, "", 1)
	difference("the same, without callbacks",
		   value["series", "types-no-callbacks", 2] / 5000,
		   "upstream",
		   value["base", "types-no-callbacks", 2] / 5000,
		   2, "", 0)
	difference("slab bytes a type, with callbacks",
		   value["series", "types", 3] / 5000, "upstream",
		   value["base", "types", 3] / 5000,
		   0, "bytes", "")
	difference("the same, without callbacks",
		   value["series", "types-no-callbacks", 3] / 5000,
		   "upstream",
		   value["base", "types-no-callbacks", 3] / 5000,
		   0, "bytes", "")
	compare("`mdev-precheck list`, 5,000 types", series("list"),
		"bare loop in C over the same files",
		series("list-bare"), 1)
	compare("the same, `--json`", series("list-json"), "the same",
		series("list-bare"), "")
	compare("`mdev-precheck list`, 5,000 types", series("list"),
		"`mdevctl types`", series("list-mdevctl"), "")
	compare("the same", series("list"), "shell loop with `cat`",
		series("list-shell"), "")
	memory("its memory at most", "list", 8192)
	compare("`mdev-precheck check`, one pair", series("check"),
		"a shell with `cat` and `echo`", series("check-shell"), 1.25)
	compare("the same, `--timeout 0`", series("check-without-limit"),
		"the same", series("check-shell"), "")
	compare("the same, with the limit", series("check"),
		"the machine's own shell, busybox", series("check-busybox"), "")
	compare("`mdev-precheck check --from`, 10,000 strings", series("strings"),
		"the same, `--timeout 0`", series("strings-without-limit"), 3)
	per_answer("`mdev-precheck matrix`, 500 files, an answer", "")
	memory("its memory at most", "matrix-500", 65536)
	per_answer("the same, `--json`", "-json")
	memory("its memory at most", "matrix-500-json", 65536)
	per_answer("the same, `--html`", "-html")
	memory("its memory at most", "matrix-500-html", 65536)
	of_fleet()
	compare("libvirt's hook, another operation", series("hook-prepare"),
		"a hook script that does nothing", series("no-op"), 1.5)
	compare("libvirt's hook, `migrate begin`, one device", series("hook-migrate"),
		"its entry, a checker that does nothing", series("hook-nothing"), 1.5)
	compare("the same", series("hook-migrate"), "a hook script that does nothing",
		series("no-op"), "")
	compare("the same between two hosts, seconds", hosts("call-mdev-precheck-hook"),
		"the same", hosts("call-no-op"), "")
	compare("the same", hosts("call-mdev-precheck-hook"), "`virsh migrate` of 64 MiB",
		hosts("migration-mdev-precheck-hook"), "")
	compare("`virsh migrate` with the hook, seconds", hosts("migration-mdev-precheck-hook"),
		"with one that does nothing", hosts("migration-no-op"), "")
	parallel("speed-up by a second reader of the same type",
		 "parallel", 3, 1)
	parallel("the same, of two types", "parallel", 4, 2)
	fact("two reads of one type at once", "meet-read-one-type")
	fact("two reads of two types", "meet-read-two-types")
	fact("two writes of one type", "meet-write-one-type")
	fact("two writes of two types", "meet-write-two-types")
	fact("a read and a write of one type", "meet-read-write")
	control("callbacks meet in spite of a lock",
		series("meet-locked") == "no")

	burnt("read")
	burnt("write")
	exit unsound ? 2 : (missed > 0)
}

# parallel - print the ratio of two speed-ups: above 1, the attribute is faster than name
function parallel(what, measurement, attribute, name,  of, to) {
	of = value["series", measurement, attribute]
	to = value["series", measurement, name]
	row(what, of, "of `name`", to, sprintf("%.3f", of / to),
	    "about 1", "")
}

function fact(what, measurement) {
	missed += series(measurement) != "yes"
	row(what, series(measurement), "", "", "", "yes",
	    series(measurement))
}

# burnt - require that 100 rounds more in the callback cost the same each time, and at least 100
# instructions
function burnt(how,  first, second) {
	first = series("control-" how "-200")
	second = series("control-" how "-300") - first
	first -= series("control-" how "-100")
	control("a slower callback does not show in the " how,
		first == second && first >= 100)
}
