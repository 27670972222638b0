/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of a view that the text and the page have in common */
#ifndef MATRIX_PARTS_H
#define MATRIX_PARTS_H

#include "matrix-view.h"

/**
 * struct source_row - a line about strings
 * @column: number of the column
 * @grid: number of the type
 * @questions: numbers of the questions, which belong to the grid
 * @num: number of them
 * @version: strings, allocated
 * @members: places that have them, allocated
 */
struct source_row {
	size_t column;
	size_t grid;
	const size_t *questions;
	size_t num;
	char *version;
	char *members;
};

/**
 * struct source_rows - lines about the strings of types whose grids are equal
 * @rows: lines
 * @num: number of them
 * @equal: lines that differ in nothing but their type, by column
 * @typed: some of these are not of all types
 */
struct source_rows {
	struct source_row *rows;
	size_t num;
	struct groups equal;
	bool typed;
};

/* source_rows_make - of a group of @view->types; @all strings and places, or the first ones */
void source_rows_make(struct source_rows *rows, const struct matrix_view *view, size_t types,
		      bool all);
void source_rows_free(struct source_rows *rows);
/* source_types - numbers of the types of lines that are equal, allocated; @num is set */
size_t *source_types(const struct source_rows *rows, size_t equal, size_t *num);

/* block_columns - the columns in which the rows of a block have its result, as numbers_text() */
char *block_columns(const struct grid *grid, size_t block, bool all);
/* block_targets - the targets of these rows, as targets_text() */
char *block_targets(const struct matrix_view *view, const struct grid *grid, size_t block,
		    bool all);
/* block_result - number of the result */
size_t block_result(const struct grid *grid, size_t block);
/* blocks_end - number after that of the last block with the result of @block */
size_t blocks_end(const struct grid *grid, size_t block);

/* lacked_types - types that the hosts of a group of @without lack, allocated; @num is set */
size_t *lacked_types(const struct matrix_view *view, size_t without, size_t *num);

#endif
