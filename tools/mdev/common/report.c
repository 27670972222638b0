// SPDX-License-Identifier: GPL-2.0-only
/* Sources and answers, as people see them */

#include <stdlib.h>

#include "report.h"

char *shown_version(const struct mdev_precheck_source *source)
{
	char buffer[MDEV_PRECHECK_ERROR_SIZE];

	if (source->version)
		return format_text("\"%s\"", source->version);
	if (!source->error)
		return duplicate("none");
	return format_text("none (%s)", mdev_precheck_error_name(source->error, buffer));
}

/* print_place - HOST:PARENT/TYPE, as far as they are known */
static void print_place(const char *host, const char *parent, const char *type)
{
	if (host && *host) {
		write_escaped(stdout, host);
		putchar(':');
	}
	if (parent) {
		write_escaped(stdout, parent);
		putchar('/');
	}
	write_escaped(stdout, type);
}

static void print_log(const struct mdev_precheck_answer *answer)
{
	char buffer[MDEV_PRECHECK_ERROR_SIZE];
	size_t i;

	for (i = 0; i < answer->num_log; i++) {
		printf("; the kernel logged meanwhile: ");
		write_escaped(stdout, answer->log[i]);
	}
	/* Only a reason can be missing */
	if (answer->verdict == MDEV_PRECHECK_COMPATIBLE)
		return;
	if (answer->log_error)
		printf("; the kernel log was not readable (%s)",
		       mdev_precheck_error_name(answer->log_error, buffer));
	if (answer->log_lost)
		printf("; lines of the kernel log were lost meanwhile");
}

void print_answer(const struct mdev_precheck_source *source,
		  const struct mdev_precheck_answer *answer)
{
	printf("%s%s: ", mdev_precheck_verdict_name(answer->verdict),
	       answer->method == MDEV_PRECHECK_FIXTURE ? " (fixture)" : "");
	print_place(source->host, source->parent, source->type);
	if (source->version) {
		printf(" \"");
		write_escaped(stdout, source->version);
		putchar('"');
	}
	printf(" -> ");
	print_place(answer->host, answer->parent, answer->type);
	printf(": ");
	write_escaped(stdout, answer->reason);
	print_log(answer);
	putchar('\n');
}
