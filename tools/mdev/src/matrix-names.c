// SPDX-License-Identifier: GPL-2.0-only
/* Write hosts, types, places and strings of a matrix as ranges of names */

#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "matrix-view.h"

/**
 * struct naming - names that become one text
 * @fold: names
 * @texts: names that this struct allocated
 * @num: entries in @texts
 */
struct naming {
	struct fold fold;
	char **texts;
	size_t num;
};

/* naming_add - add @text, which is freed by naming_end() */
static void naming_add(struct naming *naming, char *text, size_t position)
{
	naming->texts = grow(naming->texts, naming->num, sizeof(*naming->texts));
	naming->texts[naming->num++] = text;
	fold_add(&naming->fold, text, position);
}

static char *naming_end(struct naming *naming, const char *noun, bool all)
{
	char *text = fold_text(&naming->fold, noun, all);
	size_t i;

	for (i = 0; i < naming->num; i++)
		free(naming->texts[i]);
	free(naming->texts);
	fold_free(&naming->fold);
	return text;
}

/**
 * struct host_places - the places of one host in a text
 * @places: indices of places in the view
 * @num: entries in @places
 */
struct host_places {
	const size_t *places;
	size_t num;
};

/**
 * struct place_hosts - the hosts of the places in a text
 * @view: the matrix
 * @hosts: hosts in the order of their places
 * @num: entries in @hosts
 */
struct place_hosts {
	const struct matrix_view *view;
	struct host_places *hosts;
	size_t num;
};

/* Groups of hosts with different parents, in a text that is cut */
#define HOST_GROUPS_MAX	4

static int compare_place_numbers(const void *one, const void *other)
{
	size_t a = *(const size_t *)one, b = *(const size_t *)other;

	return (a > b) - (a < b);
}

/* compare_host_places - compare hosts; 0 if the same parents are beside each other */
static int compare_host_places(size_t one, size_t other, const void *data)
{
	const struct place_hosts *of = data;
	const struct host_places *a = &of->hosts[one], *b = &of->hosts[other];
	size_t i, in_a, in_b;
	int order;

	for (i = 0; i < a->num && i < b->num; i++) {
		order = strcmp(of->view->places[a->places[i]].parent,
			       of->view->places[b->places[i]].parent);
		in_a = a->places[i] - a->places[0];
		in_b = b->places[i] - b->places[0];
		if (!order)
			order = (in_a > in_b) - (in_a < in_b);
		if (order)
			return order;
	}
	return (a->num > b->num) - (a->num < b->num);
}

/* find_place_hosts - find the hosts of @num sorted places */
static void find_place_hosts(struct place_hosts *of, const size_t *places, size_t num)
{
	size_t first, end;

	for (first = 0; first < num; first = end) {
		size_t host = of->view->places[places[first]].host;

		for (end = first + 1; end < num && of->view->places[places[end]].host == host;
		     end++)
			;
		of->hosts = grow(of->hosts, of->num, sizeof(*of->hosts));
		of->hosts[of->num++] = (struct host_places){
			.places = places + first,
			.num = end - first,
		};
	}
}

/* host_names - allocate the names of hosts, for a text with their parents */
static char *host_names(const struct place_hosts *of, const size_t *hosts, size_t num, bool all)
{
	const struct matrix_view *view = of->view;
	struct naming naming = {};
	char *names, *before;
	size_t i, host;

	for (i = 0; i < num; i++) {
		host = view->places[*of->hosts[hosts[i]].places].host;
		/* This host does not have a name */
		if (num == 1 && !view->matrix->hosts[host].name)
			return duplicate("");
		fold_add(&naming.fold, view->labels[host], view->positions[host]);
	}
	names = naming_end(&naming, NULL, all);
	before = format_text(num == 1 ? "%s:" : "%s: ", names);
	free(names);
	return before;
}

/* write_host_places - write the names of hosts, and their parents once */
static void write_host_places(FILE *file, const struct place_hosts *of, const size_t *hosts,
			      size_t num, bool all)
{
	const struct host_places *first = &of->hosts[*hosts];
	char *names = host_names(of, hosts, num, all), *parents;
	struct naming naming = {};
	size_t i;

	for (i = 0; i < first->num; i++)
		fold_add(&naming.fold, of->view->places[first->places[i]].parent,
			 first->places[i]);
	parents = naming_end(&naming, NULL, all);
	fprintf(file, "%s%s", names, parents);
	free(names);
	free(parents);
}

/* write_places - write hosts with equal parents together */
static void write_places(FILE *file, const struct place_hosts *of, bool all)
{
	struct groups groups;
	size_t i, j, left = 0;

	groups_make(&groups, of->num, compare_host_places, of);
	for (i = 0; i < groups.num; i++) {
		if (all || i < HOST_GROUPS_MAX) {
			fputs(i ? "; " : "", file);
			write_host_places(file, of, group_members(&groups, i),
					  group_size(&groups, i), all);
			continue;
		}
		for (j = 0; j < group_size(&groups, i); j++)
			left += of->hosts[group_members(&groups, i)[j]].num;
	}
	if (left)
		fprintf(file, "; and %zu more", left);
	groups_free(&groups);
}

/* places_text - allocate the text of places, whose indices come in any order and are freed */
static char *places_text(const struct matrix_view *view, size_t *places, size_t num, bool all)
{
	struct place_hosts of = { .view = view };
	size_t kept = 0, i, len;
	char *text = NULL;
	FILE *file;

	if (num)
		qsort(places, num, sizeof(*places), compare_place_numbers);
	for (i = 0; i < num; i++) {
		if (!i || places[i] != places[kept - 1])
			places[kept++] = places[i];
	}
	find_place_hosts(&of, places, kept);
	file = checked(open_memstream(&text, &len));
	write_places(file, &of, all);
	if (kept > 1)
		fprintf(file, " (%zu parents)", kept);
	if (fclose(file))
		checked(NULL);
	free(of.hosts);
	free(places);
	return text;
}

char *hosts_text(const struct matrix_view *view, const size_t *hosts, size_t num, bool all)
{
	struct naming naming = {};
	size_t i;

	for (i = 0; i < num; i++)
		fold_add(&naming.fold, view->labels[hosts[i]], view->positions[hosts[i]]);
	return naming_end(&naming, "hosts", all);
}

char *types_text(const struct matrix_view *view, const size_t *grids, size_t num, bool all)
{
	const char *name = NULL;
	struct naming naming = {};
	size_t i;

	if (num == 1)
		name = source_name(&view->matrix->questions.asked, view->grids[*grids].first);
	if (name && strcmp(name, type_name(view, *grids)))
		naming_add(&naming, format_text("%s (%s)", type_name(view, *grids), name),
			   *grids);
	for (i = 0; i < num && !naming.num; i++)
		fold_add(&naming.fold, type_name(view, grids[i]), grids[i]);
	return naming_end(&naming, "types", all);
}

char *targets_text(const struct matrix_view *view, const struct grid *grid,
		   const size_t *targets, size_t num, bool all)
{
	size_t *numbers = allocate((num + 1) * sizeof(*numbers)), i;
	bool parents = num && grid->targets[*targets].parent;
	char *text;

	for (i = 0; i < num; i++) {
		const struct grid_target *target = &grid->targets[targets[i]];

		numbers[i] = parents ? place_number(view, target->host, target->parent) :
				       target->host;
	}
	if (parents)
		return places_text(view, numbers, num, all);
	text = hosts_text(view, numbers, num, all);
	free(numbers);
	return text;
}

char *numbers_text(const size_t *numbers, size_t num, bool all)
{
	struct naming naming = {};
	size_t position = 0, i;

	for (i = 0; i < num; i++) {
		bool after = i && numbers[i] == numbers[i - 1] + 1;
		bool before = i + 1 < num && numbers[i + 1] == numbers[i] + 1;
		bool long_before = i > 1 && numbers[i] == numbers[i - 2] + 2;

		/* A range of two numbers is not shorter than both */
		position += after && (before || long_before) ? 1 : 2;
		naming_add(&naming, format_text("%zu", numbers[i] + 1), position);
	}
	return naming_end(&naming, NULL, all);
}

/* version_text - allocate the string, or in parentheses the reason why it is missing */
static char *version_text(const struct mdev_precheck_source *source)
{
	char buffer[MDEV_PRECHECK_ERROR_SIZE];

	if (source->version)
		return duplicate(source->version);
	if (source->state == MDEV_PRECHECK_SOURCE_NONE)
		return duplicate("(no migration_version)");
	if (!source->error)
		return duplicate("(version not known)");
	return format_text("(no version: %s)", mdev_precheck_error_name(source->error, buffer));
}

char *versions_text(const struct matrix_view *view, const struct grid *grid,
		    const size_t *questions, size_t num, bool all)
{
	const struct sources *asked = &view->matrix->questions.asked;
	struct naming naming = {};
	size_t i;

	for (i = 0; i < num; i++)
		naming_add(&naming, version_text(asked->items[grid->first + questions[i]]),
			   questions[i]);
	return naming_end(&naming, "strings", all);
}

/* holders_text - join hosts with an unknown parent, and places; both arrays are freed */
static char *holders_text(const struct matrix_view *view, size_t *hosts, size_t num_hosts,
			  size_t *places, size_t num_places, bool all)
{
	char *host_text, *place_text, *both;

	if (!num_hosts)
		return places_text(view, places, num_places, all);
	host_text = hosts_text(view, hosts, num_hosts, all);
	free(hosts);
	if (!num_places)
		return host_text;
	place_text = places_text(view, places, num_places, all);
	both = format_text("%s, %s", host_text, place_text);
	free(host_text);
	free(place_text);
	return both;
}

char *members_text(const struct matrix_view *view, const struct grid *grid,
		   const size_t *questions, size_t num, bool all)
{
	const struct matrix *matrix = view->matrix;
	const struct questions *from = &matrix->questions;
	size_t *hosts = NULL, *places = NULL, num_hosts = 0, num_places = 0, i, j;

	for (i = 0; i < num; i++) {
		size_t question = grid->first + questions[i];

		for (j = from->begin[question]; j < from->begin[question + 1]; j++) {
			const char *parent = matrix->members.items[from->members[j]]->parent;
			size_t host = matrix->member_hosts[from->members[j]];

			if (!parent) {
				hosts = grow(hosts, num_hosts, sizeof(*hosts));
				hosts[num_hosts++] = host;
				continue;
			}
			places = grow(places, num_places, sizeof(*places));
			places[num_places++] = place_number(view, host, parent);
		}
	}
	return holders_text(view, hosts, num_hosts, places, num_places, all);
}
