// SPDX-License-Identifier: GPL-2.0-only
/* The parts of a matrix that the tables and the page have in common */

#include <stdlib.h>
#include <string.h>

#include "matrix-parts.h"

/* Strings with the same answers that get a line each; more strings share one line */
#define STRINGS_MAX	4

static int compare_source_rows(size_t one, size_t other, const void *data)
{
	const struct source_rows *rows = data;
	const struct source_row *a = &rows->rows[one], *b = &rows->rows[other];
	int order = (a->column > b->column) - (a->column < b->column);

	if (!order)
		order = strcmp(a->version, b->version);
	return order ? order : strcmp(a->members, b->members);
}

static void add_source_row(struct source_rows *rows, const struct matrix_view *view,
			   const struct source_row *row, bool all)
{
	struct source_row *added;

	rows->rows = grow(rows->rows, rows->num, sizeof(*rows->rows));
	added = &rows->rows[rows->num++];
	*added = *row;
	added->version = versions_text(view, &view->grids[row->grid], row->questions, row->num,
				       all);
	added->members = members_text(view, &view->grids[row->grid], row->questions, row->num,
				      all);
}

/* add_source_rows - add the lines of a column of a type */
static void add_source_rows(struct source_rows *rows, const struct matrix_view *view,
			    size_t grid, size_t column, bool all)
{
	const struct groups *columns = &view->grids[grid].columns;
	struct source_row row = {
		.column = column,
		.grid = grid,
		.questions = group_members(columns, column),
		.num = 1,
	};
	size_t num = group_size(columns, column), i;

	if (num > STRINGS_MAX) {
		row.num = num;
		add_source_row(rows, view, &row, all);
		return;
	}
	for (i = 0; i < num; i++, row.questions++)
		add_source_row(rows, view, &row, all);
}

void source_rows_make(struct source_rows *rows, const struct matrix_view *view, size_t types,
		      bool all)
{
	const size_t *grids = group_members(&view->types, types);
	size_t num = group_size(&view->types, types), column, i;

	memset(rows, 0, sizeof(*rows));
	for (column = 0; column < view->grids[*grids].columns.num; column++) {
		for (i = 0; i < num; i++)
			add_source_rows(rows, view, grids[i], column, all);
	}
	groups_make(&rows->equal, rows->num, compare_source_rows, rows);
	rows->typed = rows->equal.num * num > rows->num;
}

void source_rows_free(struct source_rows *rows)
{
	size_t i;

	for (i = 0; i < rows->num; i++) {
		free(rows->rows[i].version);
		free(rows->rows[i].members);
	}
	free(rows->rows);
	groups_free(&rows->equal);
}

size_t *source_types(const struct source_rows *rows, size_t equal, size_t *num)
{
	const size_t *members = group_members(&rows->equal, equal);
	size_t *grids, i;

	*num = group_size(&rows->equal, equal);
	grids = allocate(*num * sizeof(*grids));
	for (i = 0; i < *num; i++)
		grids[i] = rows->rows[members[i]].grid;
	return grids;
}

size_t block_result(const struct grid *grid, size_t block)
{
	return grid->pairs[group_first(&grid->blocks, block)].result;
}

size_t blocks_end(const struct grid *grid, size_t block)
{
	size_t result = block_result(grid, block);

	while (block < grid->blocks.num && block_result(grid, block) == result)
		block++;
	return block;
}

char *block_columns(const struct grid *grid, size_t block, bool all)
{
	const struct grid_pair *pair = &grid->pairs[group_first(&grid->blocks, block)];
	size_t *columns = allocate(grid->columns.num * sizeof(*columns)), num = 0, i;
	char *text;

	for (i = 0; i < grid->columns.num; i++) {
		if (grid->cells[pair->row * grid->columns.num + i] == pair->result)
			columns[num++] = i;
	}
	text = numbers_text(columns, num, all);
	free(columns);
	return text;
}

char *block_targets(const struct matrix_view *view, const struct grid *grid, size_t block,
		    bool all)
{
	size_t *targets = allocate((grid->num_targets + 1) * sizeof(*targets)), num = 0, i;
	char *text;

	for (i = 0; i < group_size(&grid->blocks, block); i++) {
		size_t row = grid->pairs[group_members(&grid->blocks, block)[i]].row;

		memcpy(targets + num, group_members(&grid->rows, row),
		       group_size(&grid->rows, row) * sizeof(*targets));
		num += group_size(&grid->rows, row);
	}
	text = targets_text(view, grid, targets, num, all);
	free(targets);
	return text;
}

size_t *lacked_types(const struct matrix_view *view, size_t without, size_t *num)
{
	const bool *lacks = view->summary.lacks +
			    group_first(&view->summary.without, without) * view->num_grids;
	size_t *grids = allocate((view->num_grids + 1) * sizeof(*grids)), grid;

	*num = 0;
	for (grid = 0; grid < view->num_grids; grid++) {
		if (lacks[grid])
			grids[(*num)++] = grid;
	}
	return grids;
}
