# SPDX-License-Identifier: GPL-2.0-only
#
# The closing line of runs of the tests, and whether all passed, from lines that have the
# numbers of results that passed, failed and were skipped

{ passed += $1; failed += $2; skipped += $3 }
END {
	printf "%d passed, %d failed", passed, failed
	if (skipped)
		printf ", %d skipped", skipped
	print ""
	exit failed > 0 || passed == 0
}
