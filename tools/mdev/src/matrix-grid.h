/* SPDX-License-Identifier: GPL-2.0-only */
/* The answers about a type: rows and columns that are equal, and the reasons */
#ifndef MATRIX_GRID_H
#define MATRIX_GRID_H

#include "matrix.h"
#include "matrix-groups.h"

/**
 * struct grid_target - what a type was asked of
 * @host: number of the host
 * @parent: parent, which belongs to the answers, or NULL if the answers are about the host:
 *	it does not have the type, or could not be asked about this one
 */
struct grid_target {
	size_t host;
	const char *parent;
};

/**
 * struct grid_result - what the answers of some cells came to
 * @verdict: verdict
 * @reason: for people; it belongs to the grid
 */
struct grid_result {
	enum mdev_precheck_verdict verdict;
	char *reason;
};

/**
 * struct grid_pair - a row that has a result
 * @result: number of the result
 * @row: number of the row
 */
struct grid_pair {
	size_t result;
	size_t row;
};

/**
 * struct grid - the answers about a type
 * @first: number of the first question about the type
 * @end: number after that of the last one
 * @targets: in the order of the hosts' names, and of the parents' names
 * @num_targets: number of them; a host that was not asked has none
 * @rows: targets, numbered from 0, whose answers to each question are equal
 * @columns: questions, numbered from 0 for @first, to which each target answers equally
 * @results: each verdict and reason once, in the order of the rows that have them
 * @num_results: number of them
 * @cells: number of the result in each row and column, those of a row beside each other
 * @pairs: each result but a yes, and each row that has it, in the order of the results
 * @blocks: numbers of @pairs with the same result in the same columns; those of a result
 *	are beside each other
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

/* grid_result - the result in a row and a column */
const struct grid_result *grid_result(const struct grid *grid, size_t row, size_t column);

struct matrix_view;

/* lacks_type - is it the answer of a host that was asked, and does not have the type? */
bool lacks_type(const struct mdev_precheck_answer *answer);

/* grid_make - @grid has the numbers of its questions; see view_make() */
void grid_make(struct grid *grid, const struct matrix_view *view, bool folded);
void grid_free(struct grid *grid);

#endif
