/* SPDX-License-Identifier: GPL-2.0-only */
/* Sources and answers, as people see them */
#ifndef REPORT_H
#define REPORT_H

#include "answers.h"

/**
 * struct verdict_line - a verdict as people see it, with texts that are escaped already
 * @verdict: yes, no, or not asked
 * @method: what it comes from
 * @colored: the verdict has its colour
 * @source: the source, or several of them
 * @version: the source's string, or NULL
 * @target: the target, or several of them
 * @reason: sentence
 * @available: instances that the targets have, or -1 if that is not to be shown
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
/* verdict_text - the verdict, and whether it is a fixture's; allocated */
char *verdict_text(enum mdev_precheck_verdict verdict, enum mdev_precheck_method method);
/* place_text - HOST:PARENT/TYPE, as far as they are known, escaped; allocated */
char *place_text(const char *host, const char *parent, const char *type);

/* print_answer - on a line, without the available_instances of the target */
void print_answer(const struct mdev_precheck_source *source,
		  const struct mdev_precheck_answer *answer);

/* Prints what mdev has logged about answers that are not valid, and a fault within a callback */
#define FIND_FAULTS	"dmesg | grep mdev"

/* pointed_reason - with where the log of a fault of the driver is; allocated */
char *pointed_reason(const struct mdev_precheck_answer *answer);
/*
 * explained_reason - with what the kernel logged meanwhile, or where the log of a fault of the
 * driver is; allocated
 */
char *explained_reason(const struct mdev_precheck_answer *answer);

/* find_source_state - the state of a name; -1 for another name, or for NULL */
int find_source_state(const char *name);

/* shown_version - the string in quotes, or why there is none; allocated */
char *shown_version(const struct mdev_precheck_source *source);

#endif
