// SPDX-License-Identifier: GPL-2.0-only
/* The matrix as tables for people */

#include <libsmartcols.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "matrix-parts.h"
#include "terminal.h"

/* Lines below a reason */
#define BLOCKS_MAX	8

/**
 * struct printing - a matrix that is being printed
 * @view: the matrix
 * @all: nothing is folded
 * @colors: verdicts have colours
 */
struct printing {
	const struct matrix_view *view;
	bool all;
	bool colors;
};

/* drawn - @ret of libsmartcols; a lack of memory is all that can be */
static void drawn(int ret)
{
	if (ret < 0)
		checked(NULL);
}

static struct libscols_table *new_grid_table(const struct printing *printing)
{
	struct libscols_table *table = checked(scols_new_table());

	/* The cells are escaped already */
	drawn(scols_table_enable_noencoding(table, 1));
	drawn(scols_table_set_column_separator(table, "  "));
	drawn(scols_table_enable_colors(table, printing->colors));
	return table;
}

static void add_grid_column(struct libscols_table *table, const char *name, int flags)
{
	checked(scols_table_new_column(table, name, 0, flags));
}

/* set_text - a cell, of which @text is freed with the table */
static void set_text(struct libscols_line *line, size_t column, char *text)
{
	drawn(scols_line_refer_data(line, column, text));
}

/* set_verdict - the same with the colour of a verdict */
static void set_verdict(struct libscols_line *line, size_t column, char *text,
			enum mdev_precheck_verdict verdict)
{
	set_text(line, column, text);
	drawn(scols_cell_set_color(scols_line_get_cell(line, column), verdict_color(verdict)));
}

static void print_grid_table(struct libscols_table *table)
{
	drawn(scols_print_table(table));
	scols_unref_table(table);
	putchar('\n');
}

/* draw_sources - the strings of types whose grids are equal */
static void draw_sources(const struct printing *printing, const struct source_rows *rows)
{
	struct libscols_table *table = new_grid_table(printing);
	size_t i, num, *grids;

	add_grid_column(table, "#", 0);
	if (rows->typed)
		add_grid_column(table, "TYPE", 0);
	add_grid_column(table, "VERSION", 0);
	add_grid_column(table, "PARENTS", 0);
	for (i = 0; i < rows->equal.num; i++) {
		const struct source_row *row = &rows->rows[group_first(&rows->equal, i)];
		struct libscols_line *line = checked(scols_table_new_line(table, NULL));
		size_t column = 0;

		set_text(line, column++, format_text("%zu", row->column + 1));
		if (rows->typed) {
			grids = source_types(rows, i, &num);
			set_text(line, column++,
				 types_text(printing->view, grids, num, printing->all));
			free(grids);
		}
		set_text(line, column++, duplicate(row->version));
		set_text(line, column++, duplicate(row->members));
	}
	print_grid_table(table);
}

static const char *cell_text(enum mdev_precheck_verdict verdict)
{
	if (verdict == MDEV_PRECHECK_COMPATIBLE)
		return "yes";
	return verdict == MDEV_PRECHECK_INCOMPATIBLE ? "no" : "?";
}

static void print_cells(const struct printing *printing, const struct grid *grid)
{
	struct libscols_table *table = new_grid_table(printing);
	size_t row, column;
	char *name;

	add_grid_column(table, "TO\\FROM", 0);
	for (column = 0; column < grid->columns.num; column++) {
		name = format_text("%zu", column + 1);
		add_grid_column(table, name, 0);
		free(name);
	}
	for (row = 0; row < grid->rows.num; row++) {
		struct libscols_line *line = checked(scols_table_new_line(table, NULL));

		set_text(line, 0, targets_text(printing->view, grid,
					       group_members(&grid->rows, row),
					       group_size(&grid->rows, row), printing->all));
		for (column = 0; column < grid->columns.num; column++) {
			enum mdev_precheck_verdict verdict =
				grid_result(grid, row, column)->verdict;

			set_verdict(line, column + 1, duplicate(cell_text(verdict)), verdict);
		}
	}
	print_grid_table(table);
}

/* print_verdict - with its colour */
static void print_verdict(const struct printing *printing, enum mdev_precheck_verdict verdict)
{
	printf("%s%s%s", printing->colors ? verdict_color(verdict) : "", cell_text(verdict),
	       printing->colors ? COLOR_END : "");
}

static void print_block(const struct printing *printing, const struct grid *grid, size_t block)
{
	char *columns = block_columns(grid, block, printing->all);
	char *targets = block_targets(printing->view, grid, block, printing->all);

	printf("    %s to %s\n", columns, targets);
	free(columns);
	free(targets);
}

/* print_reasons - each reason once, and below it the cells that have it */
static void print_reasons(const struct printing *printing, const struct grid *grid)
{
	const struct groups *blocks = &grid->blocks;
	size_t last = SIZE_MAX, printed = 0, i;

	for (i = 0; i < blocks->num; i++) {
		size_t result = block_result(grid, i);

		if (result != last) {
			print_verdict(printing, grid->results[result].verdict);
			printf(": ");
			write_escaped(stdout, grid->results[result].reason);
			putchar('\n');
			printed = 0;
		}
		last = result;
		if (printing->all || printed < BLOCKS_MAX)
			print_block(printing, grid, i);
		else if (printed == BLOCKS_MAX)
			printf("    %s\n", ellipsis());
		printed++;
	}
	if (blocks->num)
		putchar('\n');
}

/* print_types - types whose grids are equal */
static void print_types(const struct printing *printing, size_t group)
{
	const struct groups *types = &printing->view->types;
	const struct grid *grid = &printing->view->grids[group_first(types, group)];
	char *names = types_text(printing->view, group_members(types, group),
				 group_size(types, group), printing->all);
	struct source_rows rows;

	printf("%s\n\n", names);
	free(names);
	source_rows_make(&rows, printing->view, group, printing->all);
	draw_sources(printing, &rows);
	source_rows_free(&rows);
	if (!grid->num_targets)
		return;
	print_cells(printing, grid);
	print_reasons(printing, grid);
}

/* summary_text - of a cell, allocated */
static char *summary_text(const struct summary_cell *cell)
{
	if (!cell->all)
		return duplicate("-");
	if (cell->unknown == cell->all)
		return duplicate("?");
	if (cell->unknown)
		return format_text("%u/%u, %u?", cell->taken, cell->all, cell->unknown);
	return format_text("%u/%u", cell->taken, cell->all);
}

static void print_summary(const struct printing *printing)
{
	const struct matrix_view *view = printing->view;
	const struct groups *hosts = &view->summary.hosts;
	struct libscols_table *table = new_grid_table(printing);
	size_t row, column;
	char *name;

	printf("types of the host FROM that the host TO takes:\n\n");
	add_grid_column(table, "#", 0);
	add_grid_column(table, "FROM\\TO", 0);
	for (column = 0; column < hosts->num; column++) {
		name = format_text("%zu", column + 1);
		add_grid_column(table, name, 0);
		free(name);
	}
	for (row = 0; row < hosts->num; row++) {
		struct libscols_line *line = checked(scols_table_new_line(table, NULL));

		set_text(line, 0, format_text("%zu", row + 1));
		set_text(line, 1, hosts_text(view, group_members(hosts, row),
					     group_size(hosts, row), printing->all));
		for (column = 0; column < hosts->num; column++) {
			const struct summary_cell *cell =
				&view->summary.cells[row * hosts->num + column];

			set_verdict(line, column + 2, summary_text(cell), summary_verdict(cell));
		}
	}
	print_grid_table(table);
}

/* print_without - the types that hosts do not have */
static void print_without(const struct printing *printing)
{
	const struct matrix_view *view = printing->view;
	const struct groups *without = &view->summary.without;
	size_t i, num, *grids;

	for (i = 0; i < without->num; i++) {
		char *hosts, *types;

		grids = lacked_types(view, i, &num);
		if (num) {
			hosts = hosts_text(view, group_members(without, i),
					   group_size(without, i), printing->all);
			types = types_text(view, grids, num, printing->all);
			printf("%s: without %s\n", hosts, types);
			free(hosts);
			free(types);
		}
		free(grids);
	}
}

/* print_states - which hosts were asked, and why the others were not */
static void print_states(const struct printing *printing)
{
	const struct matrix_view *view = printing->view;
	const struct groups *states = &view->summary.states;
	size_t i;

	for (i = 0; i < states->num; i++) {
		size_t first = group_first(states, i);
		const char *reason = view->matrix->hosts[first].reason;
		char *hosts = hosts_text(view, group_members(states, i), group_size(states, i),
					 printing->all);

		printf("%s: %sasked%s%s", hosts, reason ? "not " : "",
		       view->fixture[first] ? " (fixture)" : "", reason ? ": " : "");
		if (reason)
			write_escaped(stdout, reason);
		putchar('\n');
		free(hosts);
	}
}

void print_matrix(const struct settings *settings, const struct matrix *matrix)
{
	struct matrix_view view;
	struct printing printing = {
		.view = &view,
		.all = settings->verbosity > 0,
		.colors = wants_colors(settings),
	};
	size_t i;

	view_make(&view, matrix, !printing.all);
	for (i = 0; i < view.types.num; i++)
		print_types(&printing, i);
	if (view.num_grids && matrix->num_hosts > 1)
		print_summary(&printing);
	print_without(&printing);
	print_states(&printing);
	view_free(&view);
}
