/* SPDX-License-Identifier: GPL-2.0-only */
/* Sources and answers, as people see them */
#ifndef REPORT_H
#define REPORT_H

#include "answers.h"

/**
 * struct verdict_line - a verdict as people see it; its texts are escaped
 * @verdict: yes, no, or not asked
 * @method: origin of the verdict
 * @colored: the verdict is printed in its colour
 * @source: one source, or several in one text
 * @version: string of the source, or NULL
 * @target: one target, or several in one text
 * @reason: sentence
 * @available: available_instances of the targets, or -1 to print nothing
 */
struct verdict_line {
	enum mdev_precheck_verdict verdict;
	enum mdev_precheck_method method;
	bool colored;
	const char *source;
	const char *version;
	const char *target;
	const char *reason;
	long available;
};

void print_verdict_line(const struct verdict_line *line);
/* verdict_text - write a verdict, with a mark if it is a fixture's; allocated */
char *verdict_text(enum mdev_precheck_verdict verdict, enum mdev_precheck_method method);
/* place_text - write HOST:PARENT/TYPE without the parts that are NULL, escaped; allocated */
char *place_text(const char *host, const char *parent, const char *type);

/* print_answer - print an answer on a line, without the available_instances of the target */
void print_answer(const struct mdev_precheck_source *source,
		  const struct mdev_precheck_answer *answer);

/* Prints the lines of mdev about answers that are not valid, and a fault within a callback */
#define FIND_FAULTS	"dmesg | grep mdev"

/* pointed_reason - write the reason and the place of the log of a driver's fault; allocated */
char *pointed_reason(const struct mdev_precheck_answer *answer);
/*
 * explained_reason - write the reason and the lines that the kernel logged meanwhile, and the
 * place of the log of a driver's fault if no line is about it; allocated
 */
char *explained_reason(const struct mdev_precheck_answer *answer);

/* find_source_state - find the state of a name; -1 for another name, or for NULL */
int find_source_state(const char *name);

/* shown_version - write the string in quotes, or the reason why it is missing; allocated */
char *shown_version(const struct mdev_precheck_source *source);

#endif
