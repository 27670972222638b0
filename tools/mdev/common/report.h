/* SPDX-License-Identifier: GPL-2.0-only */
/* Sources and answers, as people see them */
#ifndef REPORT_H
#define REPORT_H

#include "answers.h"

/* print_answer - on a line */
void print_answer(const struct mdev_precheck_source *source,
		  const struct mdev_precheck_answer *answer);

/* shown_version - the string in quotes, or why there is none; allocated */
char *shown_version(const struct mdev_precheck_source *source);

#endif
