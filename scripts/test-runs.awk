# SPDX-License-Identifier: GPL-2.0-only
#
# awk -v configs=scripts/kernel-configs -f scripts/test-runs.awk scripts/kernels TEST.t...
#
# Print a line for each test and kernel, from the headers of the tests, which scripts/check
# describes: test, kernel ("-" if the test is not about a kernel), seconds, target of make
# ("check", "all" or "request"), "default" for the test's default kernel, needs.

BEGIN {
	OFS = "\t"
	option["kunit"] = "CONFIG_KUNIT=y"
	option["gcov"] = "CONFIG_GCOV_KERNEL=y"
	option["kmemleak"] = "CONFIG_DEBUG_KMEMLEAK=y"
}

# A need that is an option of a kernel is only in kernels that are built here
function read_kernel(  i, file, line) {
	kernel[++kernels] = $1
	if ($2 ~ /^linux-source-/)
		return
	for (i = 4; i <= NF; i++) {
		file = configs "/" $i
		while ((getline line < file) > 0)
			has[$1, line] = 1
		close(file)
	}
}

FNR == NR {
	if (/^[^#]/)
		read_kernel()
	next
}

FNR == 1 {
	print_runs()
	test = FILENAME
	sub(/^.*tests\//, "", test)
	sub(/\.t$/, "", test)
	split("", header)
	inside = 1
}
/^$/ { inside = 0 }
inside && match($0, /^# (kernels|on request|needs|check|seconds): /) {
	name = substr($0, 3, RLENGTH - 4)
	header[name] = substr($0, RLENGTH + 1)
}
END { print_runs() }

# matches NAME PATTERNS - return the number of the first pattern that matches, or 0
function matches(name, patterns,  i, word, count, pattern) {
	count = split(patterns, word, " ")
	for (i = 1; i <= count; i++) {
		pattern = word[i]
		gsub(/\./, "[.]", pattern)
		gsub(/\*/, ".*", pattern)
		if (name ~ "^" pattern "$")
			return i
	}
	return 0
}

function has_needs(name,  i, need, count) {
	count = split(header["needs"], need, " ")
	for (i = 1; i <= count; i++)
		if (need[i] in option && !((name, option[need[i]]) in has))
			return 0
	return 1
}

function seconds_in(name,  i, word, count, pair, result) {
	count = split(header["seconds"], word, " ")
	for (i = 1; i <= count; i++)
		if (split(word[i], pair, "=") == 1)
			result = word[i]
		else if (matches(name, pair[1]))
			result = pair[2]
	return result
}

function print_runs(  i, name, where, target) {
	if (!test)
		return
	if (!("kernels" in header)) {
		print test, "-", seconds_in("-"),
		      header["check"] == "yes" ? "check" : "all", "default",
		      header["needs"]
		return
	}
	for (i = 1; i <= kernels; i++) {
		name = kernel[i]
		where = matches(name, header["kernels"])
		if (where)
			target = matches(name, header["check"]) ? "check" : "all"
		else if (matches(name, header["on request"]))
			target = "request"
		else
			continue
		if (has_needs(name))
			print test, name, seconds_in(name), target,
			      where == 1 ? "default" : "other", header["needs"]
	}
}
