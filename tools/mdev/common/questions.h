/* SPDX-License-Identifier: GPL-2.0-only */
/* The questions to targets: each distinct source once */
#ifndef QUESTIONS_H
#define QUESTIONS_H

#include "answers.h"

/**
 * struct questions - the distinct sources among many
 * @asked: each type, state, errno and version once, in the order of compare_sources(),
 *	without host and parent because they can be those of several
 * @of: number in @asked of each source
 * @members: numbers of the sources, those of a question beside each other and in their order
 * @begin: where the members of each question begin in @members; one entry more has the end
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

/* questions_make - @questions of @sources; n log n, for hundreds of thousands */
void questions_make(struct questions *questions, const struct sources *sources);
void questions_free(struct questions *questions);

#endif
