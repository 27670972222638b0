// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck merge: the strings of many hosts, each once */

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "write-file.h"

/**
 * struct merged - a string that hosts show
 * @source: type and string, without a host and a parent
 * @name: attribute "name" of the type, or NULL if hosts have different ones
 */
struct merged {
	struct mdev_precheck_source *source;
	char *name;
};

static int compare_merged(const void *one, const void *other)
{
	return compare_sources(((const struct merged *)one)->source,
			       ((const struct merged *)other)->source);
}

/* merge_string - source number @i of @from, which is moved to the tree @strings or stays */
static void merge_string(void **strings, struct sources *from, size_t i)
{
	struct merged *new = allocate(sizeof(*new)), *merged;

	new->source = from->items[i];
	merged = *(struct merged **)checked(tsearch(new, strings, compare_merged));
	if (merged == new) {
		new->name = from->names[i];
		from->items[i] = NULL;
		from->names[i] = NULL;
		return;
	}
	free(new);
	if (compare_optional(merged->name, from->names[i])) {
		free(merged->name);
		merged->name = NULL;
	}
}

/* merge_file - add the strings of a document, of which nothing else is kept */
static enum outcome merge_file(void **strings, const char *name)
{
	struct sources sources = {};
	enum outcome outcome = add_file(name, &sources);
	size_t i;

	for (i = 0; i < sources.num; i++) {
		if (sources.items[i]->state == MDEV_PRECHECK_SOURCE_READ)
			merge_string(strings, &sources, i);
	}
	sources_free(&sources);
	return outcome;
}

/* take_strings - all strings, of which none is left in the tree */
static void take_strings(void **strings, struct sources *sources)
{
	struct merged *merged;

	while (*strings) {
		merged = *(struct merged **)*strings;
		tdelete(merged, strings, compare_merged);
		sources_add(sources, merged->source, merged->name);
		free(merged->name);
		free(merged);
	}
}

/* merge_files - PARTLY if a document, or a part of one, is not in the result */
static enum outcome merge_files(const struct settings *settings, FILE *file)
{
	enum outcome outcome = DONE;
	struct sources sources = {};
	struct questions sorted;
	size_t failures = 0, i;
	/* For tsearch(3): a fleet has few, however many hosts show them */
	void *strings = NULL;

	for (i = 0; i < settings->num_operands; i++) {
		enum outcome merged = merge_file(&strings, settings->operands[i]);

		failures += merged == FAILED;
		if (merged)
			outcome = PARTLY;
	}
	take_strings(&strings, &sources);
	questions_make(&sorted, &sources);
	/* The old file is better than a document without anything */
	if (failures == settings->num_operands)
		outcome = FAILED;
	else
		write_merged(file, &sorted.asked);
	questions_free(&sorted);
	sources_free(&sources);
	return outcome;
}

static enum exit_status run_merge(const struct settings *settings)
{
	size_t inputs = 0, i;
	enum outcome outcome;
	struct new_file file;

	if (!settings->num_operands)
		return outcome_status(misused("merge: documents that export or merge wrote were expected"));
	for (i = 0; i < settings->num_operands; i++)
		inputs += !strcmp(settings->operands[i], "-");
	if (inputs > 1)
		return outcome_status(misused("merge - -: standard input can be read only once"));
	outcome = open_new_file(&file, "--output", settings->output ? settings->output : "-");
	if (!outcome)
		outcome = close_new_file(&file, merge_files(settings, file.file));
	return outcome_status(outcome);
}

const struct command merge_command = {
	.name = "merge",
	.operands = "FILE...",
	.summary = "write the versions of many hosts, each once, as one document",
	.help =
		"FILE is a document that export or merge wrote (-: standard input).  Write each\n"
		"type and version in these documents, once, as a document.  export asks this host\n"
		"about its versions, and check takes its sources from it.\n",
	.options = OPTION_OUTPUT,
	.run = run_merge,
};
