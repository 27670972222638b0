// SPDX-License-Identifier: GPL-2.0-only
/* The questions to targets: each distinct source once */

#include <stdlib.h>
#include <string.h>

#include "questions.h"

/* compare_asked - compare the numbers of two sources of @data by question, then by number */
static int compare_asked(const void *one, const void *other, void *data)
{
	const struct sources *sources = data;
	size_t i = *(const size_t *)one, j = *(const size_t *)other;
	int order = compare_sources(sources->items[i], sources->items[j]);

	return order ? order : (i > j) - (i < j);
}

/* add_question - add the next question, whose first member is source @number */
static void add_question(struct questions *questions, const struct sources *sources,
			 size_t number)
{
	struct mdev_precheck_source asked = *sources->items[number];

	asked.host = NULL;
	asked.parent = NULL;
	sources_copy(&questions->asked, &asked, source_name(sources, number));
}

void questions_make(struct questions *questions, const struct sources *sources)
{
	const struct mdev_precheck_source *source, *last = NULL;
	size_t i;

	memset(questions, 0, sizeof(*questions));
	questions->of = allocate((sources->num + 1) * sizeof(*questions->of));
	questions->members = allocate((sources->num + 1) * sizeof(*questions->members));
	questions->begin = allocate((sources->num + 1) * sizeof(*questions->begin));
	for (i = 0; i < sources->num; i++)
		questions->members[i] = i;
	qsort_r(questions->members, sources->num, sizeof(*questions->members),
		compare_asked, (void *)sources);

	for (i = 0; i < sources->num; i++) {
		source = sources->items[questions->members[i]];
		if (!last || compare_sources(last, source)) {
			questions->begin[questions->asked.num] = i;
			add_question(questions, sources, questions->members[i]);
		}
		questions->of[questions->members[i]] = questions->asked.num - 1;
		last = source;
	}
	questions->begin[questions->asked.num] = sources->num;
}

void questions_free(struct questions *questions)
{
	sources_free(&questions->asked);
	free(questions->of);
	free(questions->members);
	free(questions->begin);
	memset(questions, 0, sizeof(*questions));
}
