// SPDX-License-Identifier: GPL-2.0-only
/* Hints at types of this host that have the same name as another type */

#include <stdlib.h>
#include <string.h>

#include "hint.h"
#include "host.h"

/* Milliseconds that a hint may wait for a driver that hangs */
#define HINT_LIMIT	1000

static int keep_name(const struct mdev_precheck_type *type, void *data)
{
	struct type_names *names = data;

	if (type->error || !type->name)
		return 0;
	names->items = grow(names->items, names->num, sizeof(*names->items));
	names->items[names->num++] = (struct type_name){
		.place = *type->place,
		.name = duplicate(type->name),
	};
	return 0;
}

/*
 * read_names - read the names of all types that can be read
 *
 * The host is opened once more, because questions must not leave out a parent that does not
 * answer in time here.
 */
static void read_names(struct type_names *names)
{
	struct mdev_precheck *host;

	if (names->are_read)
		return;
	names->are_read = true;
	host = open_host(names->settings, HINT_LIMIT);
	if (!host)
		return;
	mdev_precheck_set_timeout(host, HINT_LIMIT);
	mdev_precheck_walk_types(host, NULL, NULL, keep_name, names);
	mdev_precheck_free(host);
}

/* find_type_name - find the name of a type; NULL if this host does not have the type */
static const char *find_type_name(const struct type_names *names, const char *type)
{
	size_t i;

	for (i = 0; i < names->num; i++) {
		if (!strcmp(names->items[i].place.type, type))
			return names->items[i].name;
	}
	return NULL;
}

void add_hint(struct type_names *names, const char *type, const char *name,
	      struct mdev_precheck_answer *answer)
{
	const struct type_name *each;
	char *reason;
	size_t i;

	if (answer->verdict != MDEV_PRECHECK_INCOMPATIBLE ||
	    answer->condition != MDEV_PRECHECK_SAME_TYPE)
		return;
	read_names(names);
	if (!name)
		name = find_type_name(names, type);
	if (!name || !*name)
		return;
	for (i = 0; i < names->num; i++) {
		each = &names->items[i];
		if (strcmp(each->name, name) || !strcmp(each->place.type, type) ||
		    (answer->parent && strcmp(each->place.parent, answer->parent)))
			continue;
		reason = format_text("%s; its type %s has the same name, \"%s\"", answer->reason,
				     each->place.type, name);
		/* If memory is missing, the answer stays as it is, without the hint */
		mdev_precheck_answer_set(answer, answer->verdict, answer->condition,
					 answer->error, reason);
		free(reason);
		return;
	}
}

void type_names_free(struct type_names *names)
{
	size_t i;

	for (i = 0; i < names->num; i++)
		free(names->items[i].name);
	free(names->items);
	names->items = NULL;
	names->num = 0;
}
