// SPDX-License-Identifier: GPL-2.0-only
/* Ask the parents of this host about the strings of a fleet */

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "matrix-groups.h"
#include "questions.h"
#include "takes.h"

enum outcome takes_read(struct takes *takes)
{
	struct sources all = {};
	enum outcome outcome = add_file(takes->settings->takes, &all);
	size_t i;

	/* A document of a host also has types without a string */
	for (i = 0; i < all.num; i++) {
		if (all.items[i]->state == MDEV_PRECHECK_SOURCE_READ)
			sources_take(&takes->known, &all, i);
	}
	sources_free(&all);
	if (takes->settings->type)
		sources_keep(&takes->known, takes->settings->type);
	return outcome;
}

/* compare_answers - compare two answers of @data; 0 if they have the same result */
static int compare_answers(size_t one, size_t other, const void *data)
{
	const struct answered *items = data;

	return compare_results(items[one].answer, items[other].answer);
}

/* new_answer - make an element for a group of equal answers */
static json_object *new_answer(const struct mdev_precheck_source *source,
			       const struct answered *items, const size_t *members, size_t num)
{
	const struct mdev_precheck_answer *answer = items[*members].answer;
	json_object *item = new_object(), *parents = new_array();
	long room = answer->available_instances;
	size_t i;

	for (i = 1; i < num; i++)
		room = add_each_room(room, items[members[i]].answer->available_instances);
	for (i = 0; i < num; i++) {
		if (items[members[i]].answer->parent)
			add_element(parents, text_value(items[members[i]].answer->parent));
	}
	add_member(item, "type", text_value(source->type));
	add_member(item, "migration_version", text_value(source->version));
	add_answered(item, answer, room);
	add_member(item, "parents", parents);
	return item;
}

/*
 * write_taken - write the answers about a string, equal ones as one element; return the next
 * @first
 */
static bool write_taken(FILE *file, const struct mdev_precheck_source *source,
			const struct answered *items, size_t num, bool first)
{
	struct groups groups;
	size_t i;

	groups_make(&groups, num, compare_answers, items);
	for (i = 0; i < groups.num; i++) {
		write_item(file, new_answer(source, items, group_members(&groups, i),
					    group_size(&groups, i)), first);
		first = false;
	}
	groups_free(&groups);
	return first;
}

enum outcome takes_write(FILE *file, void *data)
{
	struct takes *takes = data;
	struct answers answers = {};
	struct questions questions;
	enum outcome outcome;
	bool first = true;
	size_t i, begin, end = 0;

	questions_make(&questions, &takes->known);
	outcome = ask_host(takes->settings, takes->host, &questions.asked, NULL, false, &answers);
	for (i = 0; !outcome && i < questions.asked.num; i++) {
		begin = end;
		end = first_answer(&answers, i + 1);
		first = write_taken(file, questions.asked.items[i], answers.items + begin,
				    end - begin, first);
	}
	answers_free(&answers);
	questions_free(&questions);
	return outcome;
}
