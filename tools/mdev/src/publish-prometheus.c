// SPDX-License-Identifier: GPL-2.0-only
/* export --format prometheus: write the text format for the node exporter */

#include "publication.h"

/**
 * struct shown_metric, struct known_metric - a metric with a sample for each string
 * @name: name of the metric
 * @help: sentence without quotes and backslashes
 * @value: value for a string; negative if the string does not have a sample
 */
struct shown_metric {
	const char *name;
	const char *help;
	long (*value)(const struct shown_version *shown);
};

struct known_metric {
	const char *name;
	const char *help;
	long (*value)(const struct known_version *known);
};

static long shown_parents(const struct shown_version *shown)
{
	return shown->state == MDEV_PRECHECK_SOURCE_READ ? (long)shown->parents : -1;
}

static long shown_room(const struct shown_version *shown)
{
	return shown->state == MDEV_PRECHECK_SOURCE_READ ? shown->room : -1;
}

static long unshown_parents(const struct shown_version *shown)
{
	return shown->state == MDEV_PRECHECK_SOURCE_READ ? -1 : (long)shown->parents;
}

static const struct shown_metric shown_metrics[] = {
	{ "mdev_precheck_shown_parents",
	  "Parents whose driver shows this version for this type.", shown_parents },
	{ "mdev_precheck_shown_available_instances",
	  "Devices that can still be made of this type on parents that show this version.",
	  shown_room },
	{ "mdev_precheck_unshown_parents",
	  "Parents that do not show a version for this type, by the reason.", unshown_parents },
};

static long taking_parents(const struct known_version *known)
{
	return known->taking;
}

static long refusing_parents(const struct known_version *known)
{
	return known->refusing;
}

static long not_asked_parents(const struct known_version *known)
{
	return known->not_asked;
}

static long taking_room(const struct known_version *known)
{
	return known->room;
}

static const struct known_metric known_metrics[] = {
	{ "mdev_precheck_taking_parents", "Parents that took this version when last asked.",
	  taking_parents },
	{ "mdev_precheck_refusing_parents", "Parents that refused this version when last asked.",
	  refusing_parents },
	{ "mdev_precheck_not_asked_parents", "Parents that could not be asked about this version.",
	  not_asked_parents },
	{ "mdev_precheck_taking_available_instances",
	  "Devices that can still be made on the parents that took this version.", taking_room },
};

static void write_head(FILE *file, const char *name, const char *help)
{
	fprintf(file, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void write_number(FILE *file, const char *name, const char *help, long long value)
{
	write_head(file, name, help);
	fprintf(file, "%s %lld\n", name, value);
}

/* write_label - write a label after @before, a brace or a comma, with the escapes of the format */
static void write_label(FILE *file, char before, const char *name, const char *value)
{
	fprintf(file, "%c%s=\"", before, name);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", file);
		else if (*value == '\\' || *value == '"')
			fprintf(file, "\\%c", *value);
		else
			fputc(*value, file);
	}
	fputc('"', file);
}

/* begin_labels - begin the labels of a sample about a type and a string */
static void begin_labels(FILE *file, const char *type, const char *version)
{
	write_label(file, '{', "type", type);
	write_label(file, ',', "version", version);
}

/* begin_sample - write the name of a sample, and before the first one the head of the metric */
static void begin_sample(FILE *file, const char *name, const char *help, bool *any)
{
	if (!*any)
		write_head(file, name, help);
	*any = true;
	fputs(name, file);
}

static void write_shown_labels(FILE *file, const struct shown_version *shown)
{
	char buffer[MDEV_PRECHECK_ERROR_SIZE];

	if (shown->state == MDEV_PRECHECK_SOURCE_READ) {
		begin_labels(file, shown->type, shown->version);
		return;
	}
	write_label(file, '{', "type", shown->type);
	write_label(file, ',', "state", mdev_precheck_source_state_name(shown->state));
	write_label(file, ',', "errno",
		    shown->error ? mdev_precheck_error_name(shown->error, buffer) : "");
}

static void write_shown(FILE *file, const struct shown_metric *metric,
			const struct publication *publication)
{
	bool any = false;
	size_t i;

	for (i = 0; i < publication->num_shown; i++) {
		long value = metric->value(&publication->shown[i]);

		if (value < 0)
			continue;
		begin_sample(file, metric->name, metric->help, &any);
		write_shown_labels(file, &publication->shown[i]);
		fprintf(file, "} %ld\n", value);
	}
}

static void write_known(FILE *file, const struct known_metric *metric,
			const struct publication *publication)
{
	bool any = false;
	size_t i;

	for (i = 0; i < publication->num_known; i++) {
		const struct known_version *known = &publication->known[i];
		long value = metric->value(known);

		if (value < 0)
			continue;
		begin_sample(file, metric->name, metric->help, &any);
		begin_labels(file, known->type, known->version);
		fprintf(file, "} %ld\n", value);
	}
}

/*
 * write_verdicts - write a sample for each verdict, of which one is 1
 *
 * A series of a query would end if the answer changed and the sample of the old verdict were
 * left out.
 */
static void write_verdicts(FILE *file, const struct publication *publication)
{
	static const enum mdev_precheck_verdict verdicts[] = {
		MDEV_PRECHECK_COMPATIBLE,
		MDEV_PRECHECK_INCOMPATIBLE,
		MDEV_PRECHECK_NOT_ASKED,
	};
	size_t i, j;

	if (publication->num_known)
		write_head(file, "mdev_precheck_verdict",
			   "Whether a parent of this host took this version when last asked: 1 for the verdict that holds.");
	for (i = 0; i < publication->num_known; i++) {
		const struct known_version *known = &publication->known[i];

		for (j = 0; j < ARRAY_SIZE(verdicts); j++) {
			fputs("mdev_precheck_verdict", file);
			begin_labels(file, known->type, known->version);
			write_label(file, ',', "verdict",
				    mdev_precheck_verdict_name(verdicts[j]));
			fprintf(file, "} %d\n", verdicts[j] == known->verdict);
		}
	}
}

enum outcome publish_prometheus(FILE *file, const struct publication *publication)
{
	size_t i;

	if (publication->fixture)
		fputs("# fixture: no driver was asked\n", file);
	write_number(file, "mdev_precheck_time_seconds",
		     "When this host was asked, in seconds since 1970: all answers here are as old as that.",
		     publication->time);
	write_number(file, "mdev_precheck_parents", "Parents of this host that have types.",
		     publication->parents);
	write_number(file, "mdev_precheck_unread",
		     "Parents, and types of parents, that could not be looked into.",
		     publication->unread);
	for (i = 0; i < ARRAY_SIZE(shown_metrics); i++)
		write_shown(file, &shown_metrics[i], publication);
	write_number(file, "mdev_precheck_asked",
		     "Whether the drivers were asked about the versions of the fleet.",
		     publication->asked);
	write_verdicts(file, publication);
	for (i = 0; i < ARRAY_SIZE(known_metrics); i++)
		write_known(file, &known_metrics[i], publication);
	return DONE;
}
