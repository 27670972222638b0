/* SPDX-License-Identifier: GPL-2.0-only */
/* Many names as a short text: ranges and a count */
#ifndef FOLD_H
#define FOLD_H

#include "output.h"

/**
 * struct fold_name - a name of a group
 * @name: it belongs to somebody else
 * @position: its number among all names, of which the group has some: names whose positions
 *	follow each other are a range
 */
struct fold_name {
	const char *name;
	size_t position;
};

/**
 * struct fold - a group of names; zeroed at the beginning
 * @names: in any order; those with the same position are the same name
 * @num: number of names
 */
struct fold {
	struct fold_name *names;
	size_t num;
};

/* fold_add - @name, which has to stay until fold_free() */
void fold_add(struct fold *fold, const char *name, size_t position);

/**
 * fold_text - the names for people
 * @fold: at least one name
 * @noun: plural of what the names are of, for the count: "parents"; NULL for no count
 * @all: all ranges, and not only the first four
 *
 * For example "0000:3b:00.4…00.5, 00.7…08.3 (63 parents)".  A name that has fewer colons and
 * slashes than the one before it begins as that one does; every other one is whole.  Because
 * a range has names with the same number of them, and names with few come first, a name is
 * never taken for another one.  A single name does not have a count.
 *
 * Return: the text, escaped and allocated.
 */
char *fold_text(const struct fold *fold, const char *noun, bool all);
/* fold_num - number of different names */
size_t fold_num(const struct fold *fold);
void fold_free(struct fold *fold);

#endif
