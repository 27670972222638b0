/* SPDX-License-Identifier: GPL-2.0-only */
/* Hints at types of this host that have the same name as another type */
#ifndef HINT_H
#define HINT_H

#include "options.h"

/**
 * struct type_name - the name of a type
 * @place: parent and type
 * @name: attribute "name", allocated
 */
struct type_name {
	struct mdev_precheck_place place;
	char *name;
};

/**
 * struct type_names - the names of all types of this host; zeroed, but for @settings
 * @settings: the command line
 * @are_read: the names have been read, for the first hint
 * @items: names, in the order of parents
 * @num: number of names in @items
 */
struct type_names {
	const struct settings *settings;
	bool are_read;
	struct type_name *items;
	size_t num;
};

/**
 * add_hint - name a type with the same name in the reason of a no by MDEV_PRECHECK_SAME_TYPE
 * @names: names of this host's types
 * @type: type of the source
 * @name: attribute "name" of @type; NULL if it is not known, and then the name that @type has
 *	on this host is taken
 * @answer: answer of this host; only its reason changes
 *
 * A vendor can give the same vGPU another type in another version of the driver.
 */
void add_hint(struct type_names *names, const char *type, const char *name,
	      struct mdev_precheck_answer *answer);
void type_names_free(struct type_names *names);

#endif
