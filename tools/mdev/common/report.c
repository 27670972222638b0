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

char *explained_reason(const struct mdev_precheck_answer *answer)
{
	char buffer[MDEV_PRECHECK_ERROR_SIZE];
	char *text = NULL;
	FILE *file;
	size_t len, i;

	file = checked(open_memstream(&text, &len));
	fputs(answer->reason, file);
	for (i = 0; i < answer->num_log; i++)
		fprintf(file, "; the kernel logged meanwhile: %s", answer->log[i]);
	/* A line that is missing can have the reason of what is not a yes */
	if (answer->verdict != MDEV_PRECHECK_COMPATIBLE && answer->log_error)
		fprintf(file, "; the kernel log was not readable (%s)",
			mdev_precheck_error_name(answer->log_error, buffer));
	if (answer->verdict != MDEV_PRECHECK_COMPATIBLE && answer->log_lost)
		fputs("; lines of the kernel log were lost meanwhile", file);
	if (fclose(file))
		checked(NULL);
	return text;
}

static const char *name_of_source_state(int value)
{
	return mdev_precheck_source_state_name(value);
}

int find_source_state(const char *name)
{
	return find_value(name, name_of_source_state);
}

void print_answer(const struct mdev_precheck_source *source,
		  const struct mdev_precheck_answer *answer)
{
	char *reason;

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
	reason = explained_reason(answer);
	write_escaped(stdout, reason);
	free(reason);
	putchar('\n');
}
