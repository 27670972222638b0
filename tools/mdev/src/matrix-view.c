// SPDX-License-Identifier: GPL-2.0-only
/* Order and name hosts and places of a matrix, and group its types */

#include <stdlib.h>
#include <string.h>

#include "matrix-view.h"

static int compare_sizes(size_t one, size_t other)
{
	return (one > other) - (one < other);
}

/* compare_host_names - compare names in byte order; this host is first */
static int compare_host_names(const void *one, const void *other, void *data)
{
	const struct matrix *matrix = data;
	size_t i = *(const size_t *)one, j = *(const size_t *)other;
	int order = compare_optional(matrix->hosts[i].name, matrix->hosts[j].name);

	return order ? order : (i > j) - (i < j);
}

/* name_hosts - label the hosts; a document and --to can give the same name to two hosts */
static void name_hosts(struct matrix_view *view)
{
	const struct matrix *matrix = view->matrix;
	size_t num = matrix->num_hosts, i;

	view->order = allocate((num + 1) * sizeof(*view->order));
	view->labels = allocate((num + 1) * sizeof(*view->labels));
	view->positions = allocate((num + 1) * sizeof(*view->positions));
	for (i = 0; i < num; i++)
		view->order[i] = i;
	qsort_r(view->order, num, sizeof(*view->order), compare_host_names, (void *)matrix);
	for (i = 0; i < num; i++) {
		const struct matrix_host *host = &matrix->hosts[view->order[i]];
		bool twice = false;

		if (i)
			twice = !compare_optional(host->name,
						  matrix->hosts[view->order[i - 1]].name);
		if (i + 1 < num)
			twice |= !compare_optional(host->name,
						   matrix->hosts[view->order[i + 1]].name);
		view->positions[view->order[i]] = host->name ? i + 1 : i;
		view->labels[view->order[i]] =
			!host->name ? duplicate("this host") :
			twice ? format_text("%s (%s)", host->name, origin_name(host->origin)) :
				duplicate(host->name);
	}
}

/* compare_places - compare by the name of the host, and then by the name of the parent */
static int compare_places(const void *one, const void *other, void *data)
{
	const struct matrix_view *view = data;
	const struct grid_target *a = one, *b = other;
	int order = compare_sizes(view->positions[a->host], view->positions[b->host]);

	return order ? order : strcmp(a->parent, b->parent);
}

/* append_place - append a place, unless @parent is NULL */
static void append_place(struct matrix_view *view, size_t host, const char *parent)
{
	if (!parent)
		return;
	view->places = grow(view->places, view->num_places, sizeof(*view->places));
	view->places[view->num_places++] = (struct grid_target){
		.host = host,
		.parent = parent,
	};
}

/* find_places - collect the places of members and targets, each once */
static void find_places(struct matrix_view *view)
{
	const struct matrix *matrix = view->matrix;
	size_t num = 0, i, j;

	for (i = 0; i < matrix->members.num; i++)
		append_place(view, matrix->member_hosts[i], matrix->members.items[i]->parent);
	for (i = 0; i < view->num_grids; i++) {
		for (j = 0; j < view->grids[i].num_targets; j++)
			append_place(view, view->grids[i].targets[j].host,
				     view->grids[i].targets[j].parent);
	}
	if (view->num_places)
		qsort_r(view->places, view->num_places, sizeof(*view->places), compare_places,
			view);
	for (i = 0; i < view->num_places; i++) {
		if (!i || compare_places(&view->places[num - 1], &view->places[i], view))
			view->places[num++] = view->places[i];
	}
	view->num_places = num;
}

size_t place_number(const struct matrix_view *view, size_t host, const char *parent)
{
	const struct grid_target place = { .host = host, .parent = parent };
	size_t low = 0, high = view->num_places, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (compare_places(&view->places[middle], &place, (void *)view) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void find_fixtures(struct matrix_view *view)
{
	const struct matrix *matrix = view->matrix;
	size_t i, j;

	view->fixture = allocate((matrix->num_hosts + 1) * sizeof(*view->fixture));
	for (i = 0; i < matrix->num_hosts; i++) {
		const struct answers *answers = &matrix->hosts[i].answers;

		for (j = 0; j < answers->num && !view->fixture[i]; j++)
			view->fixture[i] =
				answers->items[j].answer->method == MDEV_PRECHECK_FIXTURE;
	}
}

const char *type_name(const struct matrix_view *view, size_t grid)
{
	return view->matrix->questions.asked.items[view->grids[grid].first]->type;
}

/* find_types - make a grid for each type; the questions of a type are contiguous */
static void find_types(struct matrix_view *view)
{
	const struct sources *asked = &view->matrix->questions.asked;
	size_t first, end;

	for (first = 0; first < asked->num; first = end) {
		for (end = first + 1; end < asked->num &&
		     !strcmp(asked->items[first]->type, asked->items[end]->type); end++)
			;
		view->grids = grow(view->grids, view->num_grids, sizeof(*view->grids));
		view->grids[view->num_grids++] = (struct grid){ .first = first, .end = end };
	}
}

static int compare_targets(const struct grid *a, const struct grid *b)
{
	int order = compare_sizes(a->num_targets, b->num_targets);
	size_t i;

	for (i = 0; i < a->num_targets && !order; i++) {
		order = compare_sizes(a->targets[i].host, b->targets[i].host);
		if (!order)
			order = compare_optional(a->targets[i].parent, b->targets[i].parent);
	}
	return order;
}

static int compare_grid_results(const struct grid *a, const struct grid *b)
{
	int order = compare_sizes(a->num_results, b->num_results);
	size_t i;

	for (i = 0; i < a->num_results && !order; i++) {
		order = (int)a->results[i].verdict - (int)b->results[i].verdict;
		if (!order)
			order = strcmp(a->results[i].reason, b->results[i].reason);
	}
	return order;
}

/* compare_grids - compare types; 0 if the answers of all targets to their questions are equal */
static int compare_grids(size_t one, size_t other, const void *data)
{
	const struct matrix_view *view = data;
	const struct grid *a = &view->grids[one], *b = &view->grids[other];
	int order = compare_sizes(a->end - a->first, b->end - b->first);

	if (!order)
		order = compare_sizes(a->rows.num, b->rows.num);
	if (!order)
		order = compare_sizes(a->columns.num, b->columns.num);
	if (!order)
		order = compare_targets(a, b);
	if (!order)
		order = memcmp(a->rows.members, b->rows.members,
			       a->num_targets * sizeof(*a->rows.members));
	if (!order)
		order = memcmp(a->rows.begin, b->rows.begin,
			       a->rows.num * sizeof(*a->rows.begin));
	if (!order)
		order = memcmp(a->cells, b->cells,
			       a->rows.num * a->columns.num * sizeof(*a->cells));
	return order ? order : compare_grid_results(a, b);
}

void view_make(struct matrix_view *view, const struct matrix *matrix, bool folded)
{
	size_t i;

	memset(view, 0, sizeof(*view));
	view->matrix = matrix;
	name_hosts(view);
	find_fixtures(view);
	find_types(view);
	for (i = 0; i < view->num_grids; i++)
		grid_make(&view->grids[i], view, folded);
	find_places(view);
	groups_make(&view->types, view->num_grids, folded ? compare_grids : NULL, view);
	summary_make(view, folded);
}

void view_free(struct matrix_view *view)
{
	size_t i;

	for (i = 0; i < view->num_grids; i++)
		grid_free(&view->grids[i]);
	for (i = 0; i < view->matrix->num_hosts; i++)
		free(view->labels[i]);
	free(view->grids);
	free(view->labels);
	free(view->order);
	free(view->positions);
	free(view->places);
	free(view->fixture);
	groups_free(&view->types);
	summary_free(&view->summary);
}
