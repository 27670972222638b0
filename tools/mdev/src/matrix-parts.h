/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of a matrix that the tables and the page have in common */
#ifndef MATRIX_PARTS_H
#define MATRIX_PARTS_H

#include "matrix-view.h"

/**
 * struct source_row - a line about one or more strings
 * @column: index of the column
 * @grid: index of the type's grid
 * @questions: indices of the questions in the type; the array belongs to the grid
 * @num: entries in @questions
 * @version: strings, allocated
 * @members: places that show the strings, allocated
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
 * @rows: lines, each type by itself
 * @num: entries in @rows
 * @equal: groups of lines that differ only in their type, by column
 * @typed: a group lacks some of the types, so that lines name their types
 */
struct source_rows {
	struct source_row *rows;
	size_t num;
	struct groups equal;
	bool typed;
};

/* source_rows_make - make the lines of a group of types; @all keeps strings and places uncut */
void source_rows_make(struct source_rows *rows, const struct matrix_view *view, size_t types,
		      bool all);
void source_rows_free(struct source_rows *rows);
/* source_types - allocate the indices of the types of a group of lines; @num is their number */
size_t *source_types(const struct source_rows *rows, size_t equal, size_t *num);

/* block_columns - list the columns with the block's result, as numbers_text() does */
char *block_columns(const struct grid *grid, size_t block, bool all);
/* block_targets - name the targets of the block's rows, as targets_text() does */
char *block_targets(const struct matrix_view *view, const struct grid *grid, size_t block,
		    bool all);
/* block_result - return the index of the block's result */
size_t block_result(const struct grid *grid, size_t block);
/* blocks_end - return the index after the last block with the result of @block */
size_t blocks_end(const struct grid *grid, size_t block);

/* lacked_types - allocate the indices of @num types that a group of @without lacks */
size_t *lacked_types(const struct matrix_view *view, size_t without, size_t *num);

#endif
