/* SPDX-License-Identifier: GPL-2.0-only */
/* The verdicts of check, as lines or as a table */
#ifndef CHECK_OUTPUT_H
#define CHECK_OUTPUT_H

#include "questions.h"
#include "table.h"

/* Numbers of the columns in check_columns */
enum check_column {
	CHECK_VERDICT,
	CHECK_SOURCE,
	CHECK_VERSION,
	CHECK_HOST,
	CHECK_TARGET,
	CHECK_AVAILABLE,
	CHECK_CONDITION,
	CHECK_ERRNO,
	CHECK_REASON,
	CHECK_COLUMNS,
};

extern const struct column check_columns[CHECK_COLUMNS];

/**
 * struct check_output - what is needed to print verdicts
 * @settings: the command line
 * @tabular: the options ask for a table
 * @whole: each source and each target has a line of its own
 * @colored: verdicts have colours
 * @table: table, if it is one
 * @source_device: UUID with which the source was given, or ""
 * @target_device: UUID with which the target was given, or ""
 */
struct check_output {
	const struct settings *settings;
	bool tabular;
	bool whole;
	bool colored;
	struct table table;
	char source_device[MDEV_PRECHECK_UUID_SIZE];
	char target_device[MDEV_PRECHECK_UUID_SIZE];
};

/**
 * check_output_begin - look at the options, before anybody is asked
 * @output: result
 * @settings: the command line
 * @target: operand, or NULL
 *
 * Return: DONE; MISUSED after a message, and then there is nothing to end.
 */
enum outcome check_output_begin(struct check_output *output, const struct settings *settings,
				const char *target);
/**
 * print_check - print the answers
 * @output: from check_output_begin()
 * @host: this host if it was asked, for the parents between those of a range; otherwise NULL
 * @sources: all sources
 * @questions: of the sources
 * @answers: to the questions
 */
void print_check(struct check_output *output, struct mdev_precheck *host,
		 const struct sources *sources, const struct questions *questions,
		 const struct answers *answers);
void check_output_end(struct check_output *output);

#endif
