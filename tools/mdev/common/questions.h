/* SPDX-License-Identifier: GPL-2.0-only */
/* The questions to targets: each distinct source once */
#ifndef QUESTIONS_H
#define QUESTIONS_H

#include "answers.h"

/**
 * struct questions - the distinct sources among many
 * @asked: each type, state, errno and version once, in the order of compare_sources(),
 *	without host and parent, because sources of several hosts can share a question
 * @of: number in @asked of each source
 * @members: numbers of the sources; the members of a question are beside each other, in their
 *	order
 * @begin: index in @members of the first member of each question; the last entry is the number
 *	of members
 *
 * A target is asked each question once.  Targets whose strings are equal are asked all the
 * same, because they can answer differently.
 */
struct questions {
	struct sources asked;
	size_t *of;
	size_t *members;
	size_t *begin;
};

/* questions_make - find the questions of @sources; fast for hundreds of thousands of them */
void questions_make(struct questions *questions, const struct sources *sources);
void questions_free(struct questions *questions);

#endif
