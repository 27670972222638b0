/* SPDX-License-Identifier: GPL-2.0-only */
/* Put equal numbers in groups */
#ifndef MATRIX_GROUPS_H
#define MATRIX_GROUPS_H

#include "output.h"

/**
 * struct groups - the numbers from 0 on, in groups of equal ones
 * @members: each number once; a group's numbers are contiguous and ascend
 * @begin: index in @members at which each group begins; the last entry is the end
 * @num: groups, in the order of their first members
 */
struct groups {
	size_t *members;
	size_t *begin;
	size_t num;
};

/**
 * groups_make - group equal numbers, in n log n comparisons
 * @groups: result, for groups_free()
 * @num: the numbers are 0 to @num - 1
 * @compare: order of two numbers, 0 if they are equal; NULL if all numbers differ
 * @data: argument of @compare
 */
void groups_make(struct groups *groups, size_t num,
		 int (*compare)(size_t one, size_t other, const void *data), const void *data);
void groups_free(struct groups *groups);

/* group_size, group_members - count the members of a group, and return them */
size_t group_size(const struct groups *groups, size_t group);
const size_t *group_members(const struct groups *groups, size_t group);
/* group_first - return the first member, which represents the group */
size_t group_first(const struct groups *groups, size_t group);

#endif
