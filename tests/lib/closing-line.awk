# SPDX-License-Identifier: GPL-2.0-only
#
# Print the closing line of runs of the tests, and exit with 1 if a test failed.  A line of input
# has the numbers of results that passed, failed and were skipped.

{ passed += $1; failed += $2; skipped += $3 }
END {
	printf "%d passed, %d failed", passed, failed
	if (skipped)
		printf ", %d skipped", skipped
	print ""
	exit failed > 0 || passed == 0
}
