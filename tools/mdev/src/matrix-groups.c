// SPDX-License-Identifier: GPL-2.0-only
/* Put equal numbers in groups */

#include <stdlib.h>
#include <string.h>

#include "matrix-groups.h"

/**
 * struct order - order of the numbers, for qsort_r(3)
 * @compare: as for groups_make(), or NULL
 * @data: argument of @compare
 */
struct order {
	int (*compare)(size_t one, size_t other, const void *data);
	const void *data;
};

static int compare_members(const void *one, const void *other, void *data)
{
	const struct order *by = data;
	size_t i = *(const size_t *)one, j = *(const size_t *)other;
	int order = by->compare ? by->compare(i, j, by->data) : 0;

	return order ? order : (i > j) - (i < j);
}

/**
 * struct span - a group before the groups are sorted
 * @members: members in ascending order, which belong to the sorted array
 * @num: entries in @members
 */
struct span {
	const size_t *members;
	size_t num;
};

static int compare_spans(const void *one, const void *other)
{
	const struct span *a = one, *b = other;

	return (*a->members > *b->members) - (*a->members < *b->members);
}

/* find_spans - find the groups in numbers that @by has sorted, and return how many there are */
static size_t find_spans(const size_t *sorted, size_t num, const struct order *by,
			 struct span *spans)
{
	size_t first, end, found = 0;

	for (first = 0; first < num; first = end) {
		for (end = first + 1; end < num && by->compare &&
		     !by->compare(sorted[first], sorted[end], by->data); end++)
			;
		spans[found++] = (struct span){ .members = sorted + first, .num = end - first };
	}
	return found;
}

void groups_make(struct groups *groups, size_t num,
		 int (*compare)(size_t one, size_t other, const void *data), const void *data)
{
	struct order by = { .compare = compare, .data = data };
	size_t *sorted = allocate((num + 1) * sizeof(*sorted));
	struct span *spans = allocate((num + 1) * sizeof(*spans));
	size_t i, used = 0;

	for (i = 0; i < num; i++)
		sorted[i] = i;
	qsort_r(sorted, num, sizeof(*sorted), compare_members, &by);
	groups->num = find_spans(sorted, num, &by, spans);
	qsort(spans, groups->num, sizeof(*spans), compare_spans);

	groups->members = allocate((num + 1) * sizeof(*groups->members));
	groups->begin = allocate((groups->num + 1) * sizeof(*groups->begin));
	for (i = 0; i < groups->num; i++) {
		groups->begin[i] = used;
		memcpy(groups->members + used, spans[i].members,
		       spans[i].num * sizeof(*groups->members));
		used += spans[i].num;
	}
	groups->begin[groups->num] = used;
	free(sorted);
	free(spans);
}

void groups_free(struct groups *groups)
{
	free(groups->members);
	free(groups->begin);
	memset(groups, 0, sizeof(*groups));
}

size_t group_size(const struct groups *groups, size_t group)
{
	return groups->begin[group + 1] - groups->begin[group];
}

const size_t *group_members(const struct groups *groups, size_t group)
{
	return groups->members + groups->begin[group];
}

size_t group_first(const struct groups *groups, size_t group)
{
	return *group_members(groups, group);
}
