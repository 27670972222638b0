// SPDX-License-Identifier: GPL-2.0-only
/* Print the matrix as tables for people */

#include <libsmartcols.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "matrix-parts.h"
#include "table.h"
#include "terminal.h"

/* Lines below a reason, unless -v is given */
#define BLOCKS_MAX	8

/* Hosts with a column each; a terminal of 100 columns has room for all of them */
#define HOST_COLUMNS_MAX	10

/* Characters of a string that can stand beside its places on a terminal */
#define VERSION_WIDTH	50

/* Columns of a terminal that are enough to wrap places between their names */
#define PLACES_WIDTH	30

/* Columns of a terminal for names and numbers, beside the cells of a table */
#define NAMES_WIDTH	40

/* Columns of a terminal for a verdict, or the number of a column, and the blanks behind it */
#define CELL_WIDTH	5

/**
 * struct printing - a matrix that is being printed
 * @view: the matrix
 * @all: fold nothing, because -v is given
 * @colors: print verdicts in colours
 */
struct printing {
	const struct matrix_view *view;
	bool all;
	bool colors;
};

static struct libscols_table *new_grid_table(const struct printing *printing)
{
	struct libscols_table *table = checked(scols_new_table());

	/* The cells are escaped already */
	done_scols(scols_table_enable_noencoding(table, 1));
	done_scols(scols_table_set_column_separator(table, COLUMN_SEPARATOR));
	done_scols(scols_table_enable_colors(table, printing->colors));
	return table;
}

static void add_grid_column(struct libscols_table *table, const char *name, int flags)
{
	checked(scols_table_new_column(table, name, 0, flags));
}

/* set_text - set a cell to @text, which is freed with the table */
static void set_text(struct libscols_line *line, size_t column, char *text)
{
	done_scols(scols_line_refer_data(line, column, text));
}

/* set_verdict - set a cell to @text in the colour of a verdict */
static void set_verdict(struct libscols_line *line, size_t column, char *text,
			enum mdev_precheck_verdict verdict)
{
	set_text(line, column, text);
	done_scols(scols_cell_set_color(scols_line_get_cell(line, column), verdict_color(verdict)));
}

static void print_grid_table(struct libscols_table *table)
{
	done_scols(scols_print_table(table));
	scols_unref_table(table);
	putchar('\n');
}

/* row_types - allocate the names of the types of equal lines, or "all" if they are @num types */
static char *row_types(const struct printing *printing, const struct source_rows *rows,
		       size_t equal, size_t num)
{
	size_t num_types, *types = source_types(rows, equal, &num_types);
	char *text;

	if (num_types == num)
		text = format_text("all %zu", num);
	else
		text = types_text(printing->view, types, num_types, printing->all);
	free(types);
	return text;
}

/* longest_version - count the characters of the longest text about strings */
static size_t longest_version(const struct source_rows *rows)
{
	size_t longest = 0, i;

	for (i = 0; i < rows->num; i++) {
		if (strlen(rows->rows[i].version) > longest)
			longest = strlen(rows->rows[i].version);
	}
	return longest;
}

/* column_width - measure the longest cell of a column, with the blanks behind it */
static size_t column_width(struct libscols_table *table, size_t column)
{
	struct libscols_column *cells = scols_table_get_column(table, column);
	struct libscols_iter *rows = checked(scols_new_iter(SCOLS_ITER_FORWARD));
	size_t longest = text_width(scols_column_get_name(cells)), width;
	struct libscols_line *line;

	while (!scols_table_next_line(table, rows, &line)) {
		width = text_width(scols_line_get_column_data(line, cells));
		if (width > longest)
			longest = width;
	}
	scols_free_iter(rows);
	return longest + strlen(COLUMN_SEPARATOR);
}

/* wrap_places - wrap the last column, number @last, between the names of places */
static void wrap_places(struct libscols_table *table, size_t last)
{
	size_t width = terminal_width(), used = 0, i;

	for (i = 0; i < last; i++)
		used += column_width(table, i);
	if (used + PLACES_WIDTH <= width)
		wrap_column(table, scols_table_get_column(table, last), width - used);
}

/* draw_sources - print the strings of @num types whose grids are equal */
static void draw_sources(const struct printing *printing, const struct source_rows *rows,
			 size_t num)
{
	struct libscols_table *table = new_grid_table(printing);
	size_t i;

	add_grid_column(table, "#", 0);
	if (rows->typed)
		add_grid_column(table, "TYPE", 0);
	/* The places are cut first; a string is cut only if it is longer than VERSION_WIDTH */
	add_grid_column(table, "VERSION", longest_version(rows) > VERSION_WIDTH ?
			SCOLS_FL_TRUNC : 0);
	add_grid_column(table, "PARENTS", SCOLS_FL_WRAP);
	for (i = 0; i < rows->equal.num; i++) {
		const struct source_row *row = &rows->rows[group_first(&rows->equal, i)];
		struct libscols_line *line = checked(scols_table_new_line(table, NULL));
		size_t column = 0;

		set_text(line, column++, format_text("%zu", row->column + 1));
		if (rows->typed)
			set_text(line, column++, row_types(printing, rows, i, num));
		set_text(line, column++, duplicate(row->version));
		set_text(line, column++, duplicate(row->members));
	}
	if (on_terminal())
		wrap_places(table, rows->typed ? 3 : 2);
	print_grid_table(table);
}

static const char *cell_text(enum mdev_precheck_verdict verdict)
{
	if (verdict == MDEV_PRECHECK_COMPATIBLE)
		return "yes";
	return verdict == MDEV_PRECHECK_INCOMPATIBLE ? "no" : "?";
}

/* shown_columns - return how many of @num columns fit on a terminal; a pipe gets all */
static size_t shown_columns(size_t num)
{
	size_t width = terminal_width(), most;

	if (!on_terminal())
		return num;
	most = width > NAMES_WIDTH + CELL_WIDTH ? (width - NAMES_WIDTH) / CELL_WIDTH : 1;
	return num < most ? num : most;
}

/* add_numbers - add @shown columns with numbers, and an ellipsis if @num is larger */
static void add_numbers(struct libscols_table *table, size_t shown, size_t num)
{
	char *name;
	size_t i;

	for (i = 0; i < shown; i++) {
		name = format_text("%zu", i + 1);
		add_grid_column(table, name, 0);
		free(name);
	}
	if (shown < num)
		add_grid_column(table, ellipsis(), 0);
}

static void print_cells(const struct printing *printing, const struct grid *grid)
{
	struct libscols_table *table = new_grid_table(printing);
	size_t shown = shown_columns(grid->columns.num), row, column;

	add_grid_column(table, "TO\\FROM", SCOLS_FL_TRUNC);
	add_numbers(table, shown, grid->columns.num);
	for (row = 0; row < grid->rows.num; row++) {
		struct libscols_line *line = checked(scols_table_new_line(table, NULL));

		set_text(line, 0, targets_text(printing->view, grid,
					       group_members(&grid->rows, row),
					       group_size(&grid->rows, row), printing->all));
		for (column = 0; column < shown; column++) {
			enum mdev_precheck_verdict verdict =
				grid_result(grid, row, column)->verdict;

			set_verdict(line, column + 1, duplicate(cell_text(verdict)), verdict);
		}
		if (shown < grid->columns.num)
			set_text(line, shown + 1, duplicate(ellipsis()));
	}
	print_grid_table(table);
}

/* print_verdict - print a verdict in its colour */
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

/* print_reasons - print each reason once, and below it the cells that have it */
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

/* print_types - print the tables of types whose grids are equal */
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
	draw_sources(printing, &rows, group_size(types, group));
	source_rows_free(&rows);
	if (!grid->num_targets)
		return;
	print_cells(printing, grid);
	print_reasons(printing, grid);
}

/* summary_text - allocate the text of a cell */
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

static const struct summary_cell *cell_of_hosts(const struct printing *printing, size_t from,
						size_t to)
{
	const struct summary *summary = &printing->view->summary;

	return &summary->cells[from * summary->hosts.num + to];
}

static char *group_text(const struct printing *printing, const struct groups *hosts, size_t group)
{
	return hosts_text(printing->view, group_members(hosts, group), group_size(hosts, group),
			  printing->all);
}

/* print_host_cells - print a table with a row and a column for each group of hosts */
static void print_host_cells(const struct printing *printing)
{
	const struct groups *hosts = &printing->view->summary.hosts;
	struct libscols_table *table = new_grid_table(printing);
	size_t row, column;

	add_grid_column(table, "#", 0);
	add_grid_column(table, "FROM\\TO", SCOLS_FL_TRUNC);
	add_numbers(table, hosts->num, hosts->num);
	for (row = 0; row < hosts->num; row++) {
		struct libscols_line *line = checked(scols_table_new_line(table, NULL));

		set_text(line, 0, format_text("%zu", row + 1));
		set_text(line, 1, group_text(printing, hosts, row));
		for (column = 0; column < hosts->num; column++) {
			const struct summary_cell *cell = cell_of_hosts(printing, row, column);

			if (cell->all)
				set_verdict(line, column + 2, summary_text(cell),
					    summary_verdict(cell));
			else
				set_text(line, column + 2, summary_text(cell));
		}
	}
	print_grid_table(table);
}

/**
 * enum taken - types of a host that another host takes
 * @TAKEN_ALL: all types
 * @TAKEN_PARTLY: some types
 * @TAKEN_UNKNOWN: no type so far, but some could not be asked about
 * @TAKEN_NONE: no type
 */
enum taken {
	TAKEN_ALL,
	TAKEN_PARTLY,
	TAKEN_UNKNOWN,
	TAKEN_NONE,
};

static enum taken taken_of(const struct summary_cell *cell)
{
	if (cell->taken)
		return cell->taken == cell->all ? TAKEN_ALL : TAKEN_PARTLY;
	return cell->unknown ? TAKEN_UNKNOWN : TAKEN_NONE;
}

/* takers_text - allocate the names of the hosts that take @taken of a group's types; or NULL */
static char *takers_text(const struct printing *printing, size_t from, enum taken taken)
{
	const struct groups *hosts = &printing->view->summary.hosts;
	size_t *takers = allocate((printing->view->matrix->num_hosts + 1) * sizeof(*takers));
	size_t num = 0, to;
	char *text = NULL;

	for (to = 0; to < hosts->num; to++) {
		if (taken_of(cell_of_hosts(printing, from, to)) != taken)
			continue;
		memcpy(takers + num, group_members(hosts, to),
		       group_size(hosts, to) * sizeof(*takers));
		num += group_size(hosts, to);
	}
	if (num)
		text = hosts_text(printing->view, takers, num, printing->all);
	free(takers);
	return text;
}

/* print_takers - print the summary as a list, because it has more hosts than HOST_COLUMNS_MAX */
static void print_takers(const struct printing *printing)
{
	static const char *const headings[] = {
		[TAKEN_ALL] = "ALL TAKEN BY",
		[TAKEN_PARTLY] = "PARTLY BY",
		[TAKEN_UNKNOWN] = "NOT ASKED",
	};
	const struct groups *hosts = &printing->view->summary.hosts;
	struct libscols_table *table = new_grid_table(printing);
	size_t row, taken;

	add_grid_column(table, "FROM", SCOLS_FL_TRUNC);
	for (taken = 0; taken < ARRAY_SIZE(headings); taken++)
		add_grid_column(table, headings[taken], SCOLS_FL_TRUNC);
	for (row = 0; row < hosts->num; row++) {
		struct libscols_line *line = checked(scols_table_new_line(table, NULL));

		set_text(line, 0, group_text(printing, hosts, row));
		for (taken = 0; taken < ARRAY_SIZE(headings); taken++) {
			/* A host without a string does not have a type that others could take */
			char *text = cell_of_hosts(printing, row, 0)->all ?
				     takers_text(printing, row, taken) : NULL;

			set_text(line, taken + 1, text ? text : duplicate("-"));
		}
	}
	print_grid_table(table);
}

static void print_summary(const struct printing *printing)
{
	printf("types of the host FROM that the host TO takes:\n\n");
	if (printing->view->summary.hosts.num > HOST_COLUMNS_MAX)
		print_takers(printing);
	else
		print_host_cells(printing);
}

/* print_without - print the types that hosts do not have */
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
			printf("%s: missing: %s\n", hosts, types);
			free(hosts);
			free(types);
		}
		free(grids);
	}
}

/* print_states - print which hosts were asked, and the reasons why others were not */
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
