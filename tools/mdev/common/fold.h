/* SPDX-License-Identifier: GPL-2.0-only */
/* Many names as a short text: ranges and a count */
#ifndef FOLD_H
#define FOLD_H

#include "output.h"

/**
 * struct fold_name - a name of a group
 * @name: name, which belongs to the caller of fold_add()
 * @position: its number among all names, also of other groups; names whose positions follow
 *	each other are a range
 */
struct fold_name {
	const char *name;
	size_t position;
};

/**
 * struct fold - a group of names; zeroed at the beginning
 * @names: names in any order; two entries with the same position are the same name
 * @num: number of entries in @names
 */
struct fold {
	struct fold_name *names;
	size_t num;
};

/* fold_add - add @name, which has to stay until fold_free() */
void fold_add(struct fold *fold, const char *name, size_t position);

/**
 * fold_text - write the names for people
 * @fold: at least one name
 * @noun: noun for the count, in the plural, as "parents"; NULL for a text without a count
 * @all: write all ranges, and not only the first four
 *
 * For example "0000:3b:00.4…00.5, 00.7…08.3 (63 parents)".  A name that has fewer colons and
 * slashes than the name before it begins like that name; every other name is whole.  A name is
 * never taken for another one, because the names of a range have the same number of colons and
 * slashes, and names with few of them come first.  A single name does not have a count.
 *
 * Return: the text, escaped and allocated.
 */
char *fold_text(const struct fold *fold, const char *noun, bool all);
/* fold_num - count the different names */
size_t fold_num(const struct fold *fold);
void fold_free(struct fold *fold);

#endif
