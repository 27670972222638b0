/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of answers about a type: equal rows and columns, and the reasons */
#ifndef MATRIX_GRID_H
#define MATRIX_GRID_H

#include "matrix.h"
#include "matrix-groups.h"

/**
 * struct grid_target - a parent or a host that was asked about a type
 * @host: index of the host
 * @parent: parent, which belongs to the answers; NULL if the answers are about the whole host,
 *	which does not have the type or could not be asked
 */
struct grid_target {
	size_t host;
	const char *parent;
};

/**
 * struct grid_result - a verdict with its reason
 * @verdict: verdict
 * @reason: text for people; it belongs to the grid
 */
struct grid_result {
	enum mdev_precheck_verdict verdict;
	char *reason;
};

/**
 * struct grid_pair - a row in which a result occurs
 * @result: index of the result
 * @row: index of the row
 */
struct grid_pair {
	size_t result;
	size_t row;
};

/**
 * struct grid - the answers about a type
 * @first: index of the first question about the type
 * @end: index after the last question about the type
 * @targets: targets in the order of the hosts' names, and then of the parents' names
 * @num_targets: entries in @targets; a host that was not asked does not have one
 * @rows: groups of targets whose answers to each question are equal
 * @columns: groups of questions, counted from @first, that each target answers equally
 * @results: each verdict and reason once, in the order of the rows that have them
 * @num_results: entries in @results
 * @cells: index in @results for each row and column; a row's cells are contiguous
 * @pairs: a pair for each row of each result that is not a yes, in the order of the results
 * @blocks: groups of @pairs with the same result in the same columns; a result's groups are
 *	contiguous
 */
struct grid {
	size_t first;
	size_t end;
	struct grid_target *targets;
	size_t num_targets;
	struct groups rows;
	struct groups columns;
	struct grid_result *results;
	size_t num_results;
	unsigned int *cells;
	struct grid_pair *pairs;
	struct groups blocks;
};

/* grid_result - return the result in a row and a column */
const struct grid_result *grid_result(const struct grid *grid, size_t row, size_t column);

struct matrix_view;

/* lacks_type - was the host asked, and does it not have the type? */
bool lacks_type(const struct mdev_precheck_answer *answer);

/* grid_make - fill @grid, whose @first and @end are set, for view_make() */
void grid_make(struct grid *grid, const struct matrix_view *view, bool folded);
void grid_free(struct grid *grid);

#endif
