/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers, those that are equal together */
#ifndef MATRIX_GROUPS_H
#define MATRIX_GROUPS_H

#include "output.h"

/**
 * struct groups - numbers from 0 on, those that are equal together
 * @members: each number once: those of a group beside each other, in their order
 * @begin: where each group begins in @members; one entry more has the end
 * @num: number of groups, which are in the order of their first members
 */
struct groups {
	size_t *members;
	size_t *begin;
	size_t num;
};

/**
 * groups_make - find out which numbers are equal, n log n
 * @groups: result
 * @num: how many numbers there are
 * @compare: order of two numbers, 0 if they are equal; NULL if no two are
 * @data: for @compare
 */
void groups_make(struct groups *groups, size_t num,
		 int (*compare)(size_t one, size_t other, const void *data), const void *data);
void groups_free(struct groups *groups);

/* group_size - the number of members; group_members - the first of them */
size_t group_size(const struct groups *groups, size_t group);
const size_t *group_members(const struct groups *groups, size_t group);
/* group_first - the member that stands for its group */
size_t group_first(const struct groups *groups, size_t group);

#endif
