// SPDX-License-Identifier: GPL-2.0-only
/* Verdicts: what they come to, and how people see them */

#include "report.h"

static int rank(enum mdev_precheck_verdict verdict)
{
	switch (verdict) {
	case MDEV_PRECHECK_COMPATIBLE:
		return 0;
	case MDEV_PRECHECK_NOT_ASKED:
		return 1;
	default:
		return 2;
	}
}

enum mdev_precheck_verdict overall(const struct sources *sources,
				   const struct verdicts *verdicts)
{
	enum mdev_precheck_verdict worst = MDEV_PRECHECK_COMPATIBLE;
	size_t i, j;

	for (i = 0, j = 0; i < sources->num; i++) {
		enum mdev_precheck_verdict best = MDEV_PRECHECK_NOT_ASKED;
		bool any = false;

		/* They are in the order of their sources */
		for (; j < verdicts->num && verdicts->items[j].source == i; j++) {
			if (!any || rank(verdicts->items[j].verdict) < rank(best))
				best = verdicts->items[j].verdict;
			any = true;
		}
		if (rank(best) > rank(worst))
			worst = best;
	}
	return worst;
}

static void print_source(const struct source *source)
{
	if (source->host && *source->host) {
		write_escaped(stdout, source->host);
		putchar(':');
	}
	if (source->parent) {
		write_escaped(stdout, source->parent);
		putchar('/');
	}
	write_escaped(stdout, source->type);
	if (source->version) {
		printf(" \"");
		write_escaped(stdout, source->version);
		putchar('"');
	}
}

void print_verdict(const struct verdict *verdict, const struct source *source)
{
	char buffer[24];
	size_t i;

	printf("%s: ", verdict_name(verdict->verdict));
	print_source(source);
	printf(" -> ");
	if (verdict->host) {
		write_escaped(stdout, verdict->host);
		putchar(':');
	}
	if (verdict->parent) {
		write_escaped(stdout, verdict->parent);
		putchar('/');
	}
	write_escaped(stdout, verdict->type);
	printf(": ");
	write_escaped(stdout, verdict->reason);
	for (i = 0; i < verdict->num_log; i++) {
		printf("; kernel: ");
		write_escaped(stdout, verdict->log[i]);
	}
	if (verdict->log_error && verdict->verdict)
		printf("; the kernel log was not readable (%s)",
		       error_name(verdict->log_error, buffer));
	putchar('\n');
}
