/* SPDX-License-Identifier: GPL-2.0-only */
/* Print the verdicts of check, as lines or as a table */
#ifndef CHECK_OUTPUT_H
#define CHECK_OUTPUT_H

#include "questions.h"
#include "table.h"

/* The columns, in the order of check_columns */
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
 * struct check_output - how the verdicts are printed
 * @settings: the command line
 * @tabular: the options require a table
 * @whole: each source and each target has a line of its own
 * @colored: verdicts have colours
 * @table: the table, if @tabular is set
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
 * check_output_begin - check the options, before a target is asked
 * @output: result, for check_output_end() after DONE
 * @settings: the command line
 * @target: operand; NULL for the source's type
 *
 * Return: DONE, or MISUSED after a message.
 */
enum outcome check_output_begin(struct check_output *output, const struct settings *settings,
				const char *target);
/**
 * print_check - print all answers
 * @output: from check_output_begin()
 * @host: this host, whose other parents end ranges of names; NULL if it was not asked
 * @sources: all sources
 * @questions: questions of @sources
 * @answers: answers to @questions
 */
void print_check(struct check_output *output, struct mdev_precheck *host,
		 const struct sources *sources, const struct questions *questions,
		 const struct answers *answers);
void check_output_end(struct check_output *output);

#endif
