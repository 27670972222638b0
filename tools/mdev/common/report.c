// SPDX-License-Identifier: GPL-2.0-only
/* Sources and answers, as people see them */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "terminal.h"

char *shown_version(const struct mdev_precheck_source *source)
{
	char buffer[MDEV_PRECHECK_ERROR_SIZE];

	if (source->version)
		return format_text("\"%s\"", source->version);
	if (!source->error)
		return duplicate("none");
	return format_text("none (%s)", mdev_precheck_error_name(source->error, buffer));
}

char *place_text(const char *host, const char *parent, const char *type)
{
	bool has_host = host && *host;
	char *text = format_text("%s%s%s%s%s", has_host ? host : "", has_host ? ":" : "",
				 parent ? parent : "", parent ? "/" : "", type);
	char *safe = escaped(text);

	free(text);
	return safe;
}

/* where_to_look - return the text after the reason of an answer if the kernel log has more */
static const char *where_to_look(const struct mdev_precheck_answer *answer)
{
	if (answer->verdict != MDEV_PRECHECK_NOT_ASKED || answer->error != EIO)
		return "";
	switch (answer->condition) {
	case MDEV_PRECHECK_SOURCE_VERSION:
		return "; the kernel log of the source's host can have the fault: " FIND_FAULTS;
	case MDEV_PRECHECK_ACCEPTED:
		return "; the kernel log of the target's host can have the fault: " FIND_FAULTS;
	default:
		return "";
	}
}

char *pointed_reason(const struct mdev_precheck_answer *answer)
{
	return format_text("%s%s", answer->reason, where_to_look(answer));
}

/* has_fault - has the kernel logged meanwhile that the driver's answer was not valid? */
static bool has_fault(const struct mdev_precheck_answer *answer)
{
	size_t i;

	for (i = 0; i < answer->num_log; i++) {
		if (strstr(answer->log[i], "mdev driver "))
			return true;
	}
	return false;
}

char *explained_reason(const struct mdev_precheck_answer *answer)
{
	char buffer[MDEV_PRECHECK_ERROR_SIZE];
	char *text = NULL;
	FILE *file;
	size_t len, i;

	file = checked(open_memstream(&text, &len));
	fputs(answer->reason, file);
	if (!has_fault(answer))
		fputs(where_to_look(answer), file);
	for (i = 0; i < answer->num_log; i++)
		fprintf(file, "; the kernel logged meanwhile: %s", answer->log[i]);
	/* The reason of a no can be in a line that is missing */
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

char *verdict_text(enum mdev_precheck_verdict verdict, enum mdev_precheck_method method)
{
	return format_text("%s%s", mdev_precheck_verdict_name(verdict),
			   method == MDEV_PRECHECK_FIXTURE ? " (fixture)" : "");
}

void print_verdict_line(const struct verdict_line *line)
{
	char *verdict = verdict_text(line->verdict, line->method);

	printf("%s%s%s: %s", line->colored ? verdict_color(line->verdict) : "", verdict,
	       line->colored ? COLOR_END : "", line->source);
	if (line->version)
		printf(" \"%s\"", line->version);
	printf(" -> %s: %s", line->target, line->reason);
	if (line->available >= 0)
		printf("; available_instances: %ld", line->available);
	putchar('\n');
	free(verdict);
}

void print_answer(const struct mdev_precheck_source *source,
		  const struct mdev_precheck_answer *answer)
{
	char *from = place_text(source->host, source->parent, source->type);
	char *to = place_text(answer->host, answer->parent, answer->type);
	char *version = source->version ? escaped(source->version) : NULL;
	char *explained = explained_reason(answer), *reason = escaped(explained);
	struct verdict_line line = {
		.verdict = answer->verdict,
		.method = answer->method,
		.source = from,
		.version = version,
		.target = to,
		.reason = reason,
		.available = -1,
	};

	print_verdict_line(&line);
	free(from);
	free(to);
	free(version);
	free(explained);
	free(reason);
}
