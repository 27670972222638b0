// SPDX-License-Identifier: GPL-2.0-only
/* Make the table of answers about a type: equal rows and columns, and the reasons */

#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "matrix-view.h"
#include "report.h"

/* The answer of a target that lost the type between two questions */
static const char gone[] = "the target was gone";

/**
 * struct grid_work - a grid that is being made
 * @view: hosts of the matrix
 * @grid: the grid
 * @begin: index of the first target of each host
 * @full: index of the result of each target and each question
 * @results: results of @grid as struct known_result, for tsearch(3)
 * @last: answer of the last lookup
 * @last_result: index of its result
 */
struct grid_work {
	const struct matrix_view *view;
	struct grid *grid;
	size_t *begin;
	unsigned int *full;
	void *results;
	const struct mdev_precheck_answer *last;
	unsigned int last_result;
};

/**
 * struct known_result - a result in the tree of results
 * @verdict: verdict of the result
 * @reason: belongs to the grid's result
 * @number: index of the grid's result
 */
struct known_result {
	enum mdev_precheck_verdict verdict;
	const char *reason;
	unsigned int number;
};

static int compare_known(const void *one, const void *other)
{
	const struct known_result *a = one, *b = other;

	if (a->verdict != b->verdict)
		return a->verdict < b->verdict ? -1 : 1;
	return strcmp(a->reason, b->reason);
}

/* add_result - return the index of a result, which is added if it is new; @reason is freed */
static unsigned int add_result(struct grid_work *work, enum mdev_precheck_verdict verdict,
			       char *reason)
{
	struct grid *grid = work->grid;
	struct known_result *new = allocate(sizeof(*new)), *known;

	*new = (struct known_result){
		.verdict = verdict,
		.reason = reason,
		.number = grid->num_results,
	};
	known = *(struct known_result **)checked(tsearch(new, &work->results, compare_known));
	if (known != new) {
		free(new);
		free(reason);
		return known->number;
	}
	grid->results = grow(grid->results, grid->num_results, sizeof(*grid->results));
	grid->results[grid->num_results++] = (struct grid_result){
		.verdict = verdict,
		.reason = reason,
	};
	return known->number;
}

bool lacks_type(const struct mdev_precheck_answer *answer)
{
	return !answer->parent && answer->verdict == MDEV_PRECHECK_INCOMPATIBLE &&
	       answer->condition == MDEV_PRECHECK_SAME_TYPE;
}

/*
 * shown_reason - allocate the reason of an answer
 *
 * A host that does not have a type names this type in its reason.  The name is left out, because
 * otherwise each type would have a result of its own.  A hint may follow.
 */
static char *shown_reason(const struct mdev_precheck_answer *answer)
{
	const char *hint = strstr(answer->reason, "; ");

	if (!lacks_type(answer))
		return pointed_reason(answer);
	return format_text("no parent of the host has the type%s", hint ? hint : "");
}

static unsigned int result_of(struct grid_work *work, const struct mdev_precheck_answer *answer)
{
	/* Answers that follow each other are often the same object */
	if (answer != work->last) {
		work->last_result = add_result(work, answer->verdict, shown_reason(answer));
		work->last = answer;
	}
	return work->last_result;
}

/* compare_parents - compare names; NULL comes first */
static int compare_parents(const void *one, const void *other)
{
	return compare_optional(*(const char *const *)one, *(const char *const *)other);
}

/* has_rows - is a host in the table?  A host with a single reason is only in the last lines. */
static bool has_rows(const struct matrix_host *host)
{
	size_t i;

	for (i = 0; i < host->answers.num && host->reason; i++) {
		if (host->answers.items[i].answer->parent)
			return true;
	}
	return !host->reason;
}

/* add_targets - add the targets of host @number that have answers about the type */
static void add_targets(struct grid *grid, const struct matrix *matrix, size_t number)
{
	const struct answers *answers = &matrix->hosts[number].answers;
	size_t first = first_answer(answers, grid->first);
	size_t num = first_answer(answers, grid->end) - first, i;
	const char **parents = allocate((num + 1) * sizeof(*parents));

	for (i = 0; i < num; i++)
		parents[i] = answers->items[first + i].answer->parent;
	qsort(parents, num, sizeof(*parents), compare_parents);
	for (i = 0; i < num; i++) {
		if (i && !compare_parents(&parents[i - 1], &parents[i]))
			continue;
		grid->targets = grow(grid->targets, grid->num_targets, sizeof(*grid->targets));
		grid->targets[grid->num_targets++] = (struct grid_target){
			.host = number,
			.parent = parents[i],
		};
	}
	free(parents);
}

/* find_targets - add the targets of all hosts, in the order of the hosts' names */
static void find_targets(struct grid_work *work)
{
	const struct matrix *matrix = work->view->matrix;
	size_t i, host;

	work->begin = allocate((matrix->num_hosts + 1) * sizeof(*work->begin));
	for (i = 0; i < matrix->num_hosts; i++) {
		host = work->view->order[i];
		work->begin[host] = work->grid->num_targets;
		if (has_rows(&matrix->hosts[host]))
			add_targets(work->grid, matrix, host);
	}
}

/* find_target - find the index of an existing target of a host */
static size_t find_target(const struct grid_work *work, size_t host, const char *parent)
{
	const struct grid *grid = work->grid;
	size_t low = work->begin[host], high = grid->num_targets, middle;

	while (low < high) {
		const struct grid_target *target;

		middle = low + (high - low) / 2;
		target = &grid->targets[middle];
		/* The targets of other hosts follow */
		if (target->host == host && compare_parents(&target->parent, &parent) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void fill_host(struct grid_work *work, size_t host)
{
	const struct answers *answers = &work->view->matrix->hosts[host].answers;
	const struct grid *grid = work->grid;
	size_t columns = grid->end - grid->first, i, target;

	for (i = first_answer(answers, grid->first);
	     i < answers->num && answers->items[i].source < grid->end; i++) {
		const struct answered *answered = &answers->items[i];

		target = find_target(work, host, answered->answer->parent);
		work->full[target * columns + answered->source - grid->first] =
			result_of(work, answered->answer);
	}
}

static void fill_cells(struct grid_work *work)
{
	const struct matrix *matrix = work->view->matrix;
	const struct grid *grid = work->grid;
	size_t num = grid->num_targets * (grid->end - grid->first), i;

	work->full = allocate((num + 1) * sizeof(*work->full));
	for (i = 0; i < num; i++)
		work->full[i] = UINT_MAX;
	for (i = 0; i < matrix->num_hosts; i++) {
		if (has_rows(&matrix->hosts[i]))
			fill_host(work, i);
	}
	for (i = 0; i < num; i++) {
		if (work->full[i] == UINT_MAX)
			work->full[i] = add_result(work, MDEV_PRECHECK_NOT_ASKED,
						   duplicate(gone));
	}
}

static int compare_rows(size_t one, size_t other, const void *data)
{
	const struct grid_work *work = data;
	const struct grid_target *targets = work->grid->targets;
	size_t columns = work->grid->end - work->grid->first;

	/* A row has either parents or hosts */
	if (!targets[one].parent != !targets[other].parent)
		return targets[one].parent ? 1 : -1;
	return memcmp(work->full + one * columns, work->full + other * columns,
		      columns * sizeof(*work->full));
}

static int compare_columns(size_t one, size_t other, const void *data)
{
	const struct grid_work *work = data;
	const struct grid *grid = work->grid;
	struct mdev_precheck_source **asked =
		work->view->matrix->questions.asked.items + grid->first;
	size_t columns = grid->end - grid->first, i;

	/* A range of strings cannot have a source without a string */
	if (!asked[one]->version != !asked[other]->version)
		return asked[one]->version ? -1 : 1;
	for (i = 0; i < grid->rows.num; i++) {
		const unsigned int *row = work->full + group_first(&grid->rows, i) * columns;

		if (row[one] != row[other])
			return row[one] < row[other] ? -1 : 1;
	}
	return 0;
}

/* copy_cells - copy the cell of the first target and the first question of each group */
static void copy_cells(const struct grid_work *work)
{
	struct grid *grid = work->grid;
	size_t questions = grid->end - grid->first, row, column;

	grid->cells = allocate((grid->rows.num * grid->columns.num + 1) * sizeof(*grid->cells));
	for (row = 0; row < grid->rows.num; row++) {
		for (column = 0; column < grid->columns.num; column++)
			grid->cells[row * grid->columns.num + column] =
				work->full[group_first(&grid->rows, row) * questions +
					   group_first(&grid->columns, column)];
	}
}

/* order_results - number the results in the order of the cells that have them first */
static void order_results(struct grid *grid)
{
	size_t cells = grid->rows.num * grid->columns.num, num = 0, i;
	struct grid_result *results = allocate((grid->num_results + 1) * sizeof(*results));
	unsigned int *numbers = allocate((grid->num_results + 1) * sizeof(*numbers));

	for (i = 0; i < cells; i++) {
		unsigned int *number = &numbers[grid->cells[i]];

		/* 0 stands for a result without a new number */
		if (!*number) {
			results[num] = grid->results[grid->cells[i]];
			*number = ++num;
		}
		grid->cells[i] = *number - 1;
	}
	free(grid->results);
	free(numbers);
	grid->results = results;
}

const struct grid_result *grid_result(const struct grid *grid, size_t row, size_t column)
{
	return &grid->results[grid->cells[row * grid->columns.num + column]];
}

/* compare_pairs - compare by result, and then by the columns in which the row has the result */
static int compare_pairs(size_t one, size_t other, const void *data)
{
	const struct grid *grid = data;
	const struct grid_pair *a = &grid->pairs[one], *b = &grid->pairs[other];
	const unsigned int *row_of_a = grid->cells + a->row * grid->columns.num;
	const unsigned int *row_of_b = grid->cells + b->row * grid->columns.num;
	size_t i;

	if (a->result != b->result)
		return a->result < b->result ? -1 : 1;
	for (i = 0; i < grid->columns.num; i++) {
		bool in_a = row_of_a[i] == a->result, in_b = row_of_b[i] == b->result;

		if (in_a != in_b)
			return in_a - in_b;
	}
	return 0;
}

static int compare_pair_results(const void *one, const void *other)
{
	const struct grid_pair *a = one, *b = other;

	if (a->result != b->result)
		return a->result < b->result ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

/* find_pairs - find the rows of each result that is not a yes */
static void find_pairs(struct grid *grid)
{
	size_t *last = allocate((grid->num_results + 1) * sizeof(*last)), num = 0, row, column;

	for (row = 0; row < grid->rows.num; row++) {
		for (column = 0; column < grid->columns.num; column++) {
			size_t result = grid->cells[row * grid->columns.num + column];

			if (grid->results[result].verdict == MDEV_PRECHECK_COMPATIBLE ||
			    last[result] == row + 1)
				continue;
			last[result] = row + 1;
			grid->pairs = grow(grid->pairs, num, sizeof(*grid->pairs));
			grid->pairs[num++] = (struct grid_pair){ .result = result, .row = row };
		}
	}
	free(last);
	if (num)
		qsort(grid->pairs, num, sizeof(*grid->pairs), compare_pair_results);
	groups_make(&grid->blocks, num, compare_pairs, grid);
}

void grid_make(struct grid *grid, const struct matrix_view *view, bool folded)
{
	struct grid_work work = { .view = view, .grid = grid };

	find_targets(&work);
	fill_cells(&work);
	groups_make(&grid->rows, grid->num_targets, folded ? compare_rows : NULL, &work);
	groups_make(&grid->columns, grid->end - grid->first, folded ? compare_columns : NULL,
		    &work);
	copy_cells(&work);
	order_results(grid);
	find_pairs(grid);
	tdestroy(work.results, free);
	free(work.full);
	free(work.begin);
}

void grid_free(struct grid *grid)
{
	size_t i;

	for (i = 0; i < grid->num_results; i++)
		free(grid->results[i].reason);
	free(grid->results);
	free(grid->targets);
	free(grid->cells);
	free(grid->pairs);
	groups_free(&grid->rows);
	groups_free(&grid->columns);
	groups_free(&grid->blocks);
}
