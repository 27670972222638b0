/* SPDX-License-Identifier: GPL-2.0-only */
/* Sources and answers, as people see them */
#ifndef REPORT_H
#define REPORT_H

#include "answers.h"

/* print_answer - on a line */
void print_answer(const struct mdev_precheck_source *source,
		  const struct mdev_precheck_answer *answer);

/* explained_reason - with what the kernel logged meanwhile; allocated */
char *explained_reason(const struct mdev_precheck_answer *answer);

/* find_source_state - the state of a name; -1 for another name, or for NULL */
int find_source_state(const char *name);

/* shown_version - the string in quotes, or why there is none; allocated */
char *shown_version(const struct mdev_precheck_source *source);

#endif
