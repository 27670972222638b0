// SPDX-License-Identifier: GPL-2.0-only
/*
 * nothing - take the place of the hook's checker
 *
 * scripts/bench links this program to the checker's libraries, so that it costs as much as their
 * load.
 */

/* The status of a checker whose answer is yes, see entry.sh.in */
#define ENTRY_COMPATIBLE	100

int main(void)
{
	return ENTRY_COMPATIBLE;
}
