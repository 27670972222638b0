// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck merge: write each string of many hosts once */

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "write-file.h"

/**
 * struct merged - a type and a string that a host shows
 * @source: type and string, without a host and a parent
 * @name: attribute "name" of the type; NULL if hosts have different ones
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

/* merge_string - move source number @i of @from to the tree, unless the tree has the string */
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

/* merge_file - add the strings of a document, and forget the rest */
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

/* take_strings - move all strings from the tree to @sources */
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

/* merge_files - write all strings; PARTLY if a document, or a part of one, was left out */
static enum outcome merge_files(const struct settings *settings, FILE *file)
{
	enum outcome outcome = DONE;
	struct sources sources = {};
	struct questions sorted;
	size_t failures = 0, i;
	/* Tree of struct merged: a fleet has few strings, even if it has many hosts */
	void *strings = NULL;

	for (i = 0; i < settings->num_operands; i++) {
		enum outcome merged = merge_file(&strings, settings->operands[i]);

		failures += merged == FAILED;
		if (merged)
			outcome = PARTLY;
	}
	take_strings(&strings, &sources);
	questions_make(&sorted, &sources);
	/* An empty document would replace a good old file */
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
		return outcome_status(misused("merge: documents of export or merge were expected"));
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
		"type and version in these documents once, as a document.  export can ask its\n"
		"host about these versions, and check can take its sources from this document.\n",
	.options = OPTION_OUTPUT,
	.run = run_merge,
};
