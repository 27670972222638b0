// SPDX-License-Identifier: GPL-2.0-only
/*
 * In place of the hook's checker: what it costs to load the checker's libraries.  scripts/bench
 * links it to them.
 */

/* The status of a checker whose answer is yes, see entry.sh.in */
#define ENTRY_COMPATIBLE	100

int main(void)
{
	return ENTRY_COMPATIBLE;
}
