# SPDX-License-Identifier: GPL-2.0-only
#
# The report of scripts/coverage, from gcov's JSON (several objects may have one file), the
# lines that the series adds, their text, and the list of lines that are not reached

def table: split("\n") | map(select(length > 0 and (startswith("#") | not)) | split("\t"));

($added | table | map({ key: "\(.[0]):\(.[1])", value: true }) | from_entries) as $new
| ($text | table | map({ key: "\(.[0]):\(.[1])", value: (.[2] // "") }) | from_entries) as $source
| ($unreached | table | map({ file: .[0], text: .[1], reason: .[2] })) as $known

# One entry for each line of each function, because several objects may have the line
| [ $gcov[] | .file as $file
    | (.functions | map({ key: .name, value: . }) | from_entries) as $functions
    | .lines[] | select(.function_name)
    | $functions[.function_name] as $function
    | { file: $file, line: .line_number, function: .function_name,
	first: $function.start_line, last: $function.end_line,
	count: .count, branches: (.branches | map(.count)) } ]
| group_by([.file, .function, .line])
| map(.[0] + { count: (map(.count) | add),
	       branches: (map(.branches) | map(select(length > 0))
			  | if length == 0 then [] else transpose | map(map(. // 0) | add) end) })

# Functions that the series wrote or touched.  Tests are left out, and the simulator, because it
# exists for tests.
| group_by([.file, .function])
| map(select(.[0] as $f | ($f.file | test("/tests/|/mdev_sim") | not)
	     and any(range($f.first; $f.last + 1); $new["\($f.file):\(.)"])))
| . as $functions

| (map(map(select(.count == 0 or any(.branches[]; . == 0))
	   | { file, line, text: $source["\(.file):\(.line)"],
	       what: (if .count == 0 then "never run"
		      else "\(.branches | map(select(. == 0)) | length) of \(.branches | length) branches never taken" end) })[])
   | unique) as $missing
| ($missing | map(. as $m | . + { reason: ($known | map(select(.file == $m.file and .text == $m.text) | .reason) | first) })) as $explained
# A line that depends on a race or on a cache is not reached in each run
| ($known | map(select(.reason | startswith("sometimes: ") | not)
		| select(. as $k | any($missing[]; .file == $k.file and .text == $k.text) | not))) as $stale

| ([ $functions[][] ]) as $lines
| ([ $lines[].branches[] ]) as $branches
| "| function | file | lines | branches |", "|---|---|---|---|",
  ($functions[]
   | [.[].branches[]] as $b
   | "| \(.[0].function) | \(.[0].file) | \(map(select(.count > 0)) | length) of \(length) | \($b | map(select(. > 0)) | length) of \($b | length) |"),
  "| all | | \($lines | map(select(.count > 0)) | length) of \($lines | length) | \($branches | map(select(. > 0)) | length) of \($branches | length) |",
  "",
  ($explained[] | "\(.file):\(.line): \(.what): \(.text)", "\t\(.reason // "no reason is given in tests/coverage/unreached")"),
  ($stale[] | "\(.file): is reached, but tests/coverage/unreached has: \(.text)"),
  if all($explained[]; .reason) and ($stale | length) == 0
  then "Every line and branch is reached, or it is known why not."
  else "There are lines or branches that no test reaches." end
