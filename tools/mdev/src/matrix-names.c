// SPDX-License-Identifier: GPL-2.0-only
/* What is in a matrix, as names in ranges */

#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "matrix-view.h"

/**
 * struct naming - names that become a text
 * @fold: the names
 * @texts: those that were made for it, each allocated
 * @num: number of them
 */
struct naming {
	struct fold fold;
	char **texts;
	size_t num;
};

/* naming_add - @text is freed with the naming */
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

static int compare_place_numbers(const void *one, const void *other)
{
	size_t a = *(const size_t *)one, b = *(const size_t *)other;

	return (a > b) - (a < b);
}

/* places_text - of numbers of @view->places, which are sorted, each once; they are freed */
static char *places_text(const struct matrix_view *view, size_t *places, size_t num, bool all)
{
	struct naming naming = {};
	size_t i;

	if (num)
		qsort(places, num, sizeof(*places), compare_place_numbers);
	for (i = 0; i < num; i++) {
		const struct grid_target *place = &view->places[places[i]];
		bool named = view->matrix->hosts[place->host].name;

		if (i && places[i] == places[i - 1])
			continue;
		/* This host is not beside another one, as in @view->positions */
		naming_add(&naming, named ? format_text("%s:%s", view->labels[place->host],
							place->parent) :
			   duplicate(place->parent), places[i] + named);
	}
	free(places);
	return naming_end(&naming, "parents", all);
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
	struct naming naming = {};
	size_t i;

	for (i = 0; i < num; i++)
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
	size_t i;

	for (i = 0; i < num; i++)
		naming_add(&naming, format_text("%zu", numbers[i] + 1), numbers[i]);
	return naming_end(&naming, NULL, all);
}

char *version_text(const struct mdev_precheck_source *source)
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

/* holders_text - hosts that show a string at a place that is not known, and places */
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
