// SPDX-License-Identifier: GPL-2.0-only
/* Parse a document of types, and group its elements for the formats of export */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "matrix-groups.h"
#include "publish.h"

/**
 * struct found - an element of "types" or of "takes"
 * @parent: for "types": index of the first element with the same parent
 * @verdict: for "takes": verdict of the element
 * @parents: for "takes": length of the element's array "parents"
 * @room: available_instances; -1 for null
 */
struct found {
	size_t parent;
	enum mdev_precheck_verdict verdict;
	size_t parents;
	long room;
};

/**
 * struct found_items - the elements of "types" or of "takes"
 * @sources: type and string of each element
 * @items: elements, in the same order
 */
struct found_items {
	struct sources sources;
	struct found *items;
};

/**
 * struct found_document - a document that is being read
 * @types: elements of "types"
 * @takes: elements of "takes"
 * @parents: JSON object with a member for each parent; its value is the index of an element
 * @seen: parents that have answered about the last string of "takes"
 * @unread: length of "unread"
 * @fixture: an answer comes from a fixture
 * @wrong: mistake in an element, allocated; or NULL
 */
struct found_document {
	struct found_items types;
	struct found_items takes;
	json_object *parents;
	struct seen seen;
	size_t unread;
	bool fixture;
	char *wrong;
};

/* add_found - add @item for the source that was added last */
static void add_found(struct reader *reader, struct found_items *items, const struct found *item)
{
	size_t number = items->sources.num - 1;
	const struct mdev_precheck_source *source = items->sources.items[number];

	items->items = grow(items->items, number, sizeof(*items->items));
	items->items[number] = *item;
	reader_keeps(reader, 2 * sizeof(*item) + sizeof(*source) + strlen(source->type) +
		     (source->version ? strlen(source->version) : 0));
}

/* number_parent - find the index of the first element whose parent is @parent */
static size_t number_parent(struct reader *reader, struct found_document *document,
			    const char *parent)
{
	size_t number = document->types.sources.num - 1;
	json_object *first;

	/* Parents whose names are not UTF-8 on the host can get the same name */
	if (json_object_object_get_ex(document->parents, parent, &first) && !is_replaced(parent))
		return json_object_get_int64(first);
	add_member(document->parents, parent, number_value(number));
	reader_keeps(reader, MEMBER_SIZE + strlen(parent));
	return number;
}

/* get_room - read available_instances; false if it is not a number of instances */
static bool get_room(json_object *item, long *room)
{
	json_object *value;

	*room = -1;
	if (!json_object_object_get_ex(item, "available_instances", &value) || !value)
		return true;
	if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
		return false;
	*room = json_object_get_int64(value);
	return true;
}

static const char *take_shown(struct reader *reader, struct found_document *document,
			      json_object *element)
{
	const char *parent = get_text(element, "parent"), *wrong;
	struct found item = {};

	if (!parent || !*parent)
		return "it does not have the name of a parent";
	if (!get_room(element, &item.room))
		return "its available_instances is neither a number of devices nor null";
	wrong = parse_source(element, NULL, &document->types.sources);
	if (wrong)
		return wrong;
	item.parent = number_parent(reader, document, parent);
	add_found(reader, &document->types, &item);
	return NULL;
}

/* take_parents - count the parents of the last answer; a parent answers once about a string */
static const char *take_parents(struct reader *reader, struct found_document *document,
				json_object *element, size_t *num)
{
	json_object *parents, *parent;
	const char *name;
	size_t i;

	if (!json_object_object_get_ex(element, "parents", &parents) ||
	    !json_object_is_type(parents, json_type_array))
		return "its member parents is not an array";
	*num = json_object_array_length(parents);
	for (i = 0; i < *num; i++) {
		parent = json_object_array_get_idx(parents, i);
		if (!json_object_is_type(parent, json_type_string) ||
		    !json_object_get_string_len(parent))
			return "an element of its array parents is not a name";
		name = json_object_get_string(parent);
		if (!is_replaced(name) && !reader_sees(reader, &document->seen, name))
			return "one parent has two answers about the string";
	}
	return NULL;
}

/* parse_known - read the type and the string of an answer as a source */
static const char *parse_known(json_object *element, struct sources *sources)
{
	struct mdev_precheck_source source = {
		.type = get_text(element, "type"),
		.state = MDEV_PRECHECK_SOURCE_READ,
		.version = get_text(element, "migration_version"),
	};
	const char *wrong = mdev_precheck_source_check(&source);

	if (!wrong)
		sources_copy(sources, &source, NULL);
	return wrong;
}

/* check_taken - return the mistake if the last answer contradicts its string or its parents */
static const char *check_taken(const struct found_document *document,
			       const struct mdev_precheck_answer *answer, size_t parents)
{
	const struct sources *sources = &document->takes.sources;
	bool of_type = answer->condition != MDEV_PRECHECK_SAME_TYPE;

	if (answer->verdict == MDEV_PRECHECK_COMPATIBLE && !parents)
		return "its verdict is compatible, but its array parents is empty";
	/* Each parent that has the type was asked */
	if (answer->verdict == MDEV_PRECHECK_INCOMPATIBLE && of_type != !!parents)
		return of_type ? "a parent refused its string, but its array parents is empty" :
				 "the host does not have its type, but parents is not empty";
	return check_string(sources->items[sources->num - 1], answer);
}

/* is_next - do the last two answers differ in their strings? */
static bool is_next(const struct sources *sources)
{
	return sources->num == 1 || compare_sources(sources->items[sources->num - 2],
						    sources->items[sources->num - 1]);
}

static const char *take_taken(struct reader *reader, struct found_document *document,
			      json_object *element)
{
	struct mdev_precheck_answer *answer;
	struct found item = {};
	const char *wrong;
	int verdict;

	if (!json_object_is_type(element, json_type_object))
		return "it is not an object";
	verdict = parse_verdict(element);
	if (verdict < 0)
		return "its verdict is unknown";
	wrong = parse_known(element, &document->takes.sources);
	if (wrong)
		return wrong;
	add_found(reader, &document->takes, &item);
	if (is_next(&document->takes.sources))
		reader_forgets(reader, &document->seen);

	checked(mdev_precheck_answer_new(NULL, NULL, get_text(element, "type"), &answer) ? NULL :
		answer);
	wrong = parse_result(element, verdict, answer);
	item.verdict = answer->verdict;
	item.room = answer->available_instances;
	document->fixture |= answer->method == MDEV_PRECHECK_FIXTURE;
	if (!wrong)
		wrong = take_parents(reader, document, element, &item.parents);
	if (!wrong)
		wrong = check_taken(document, answer, item.parents);
	mdev_precheck_answer_free(answer);
	document->takes.items[document->takes.sources.num - 1] = item;
	return wrong;
}

static void take_part(struct reader *reader, const char *array, size_t number,
		      json_object *element, void *data)
{
	struct found_document *document = data;
	const char *wrong = NULL;

	if (document->wrong)
		return;
	if (!strcmp(array, "types"))
		wrong = take_shown(reader, document, element);
	else if (!strcmp(array, "takes"))
		wrong = take_taken(reader, document, element);
	else if (!strcmp(array, "unread"))
		document->unread++;
	if (wrong)
		document->wrong = format_text("%s[%zu]: %s", array, number, wrong);
}

static void free_items(struct found_items *items)
{
	sources_free(&items->sources);
	free(items->items);
}

static void drop_document(void *data)
{
	struct found_document *document = data;

	free_items(&document->types);
	free_items(&document->takes);
	json_object_put(document->parents);
	json_object_put(document->seen.names);
	free(document->wrong);
	free(document);
}

/* compare_found - compare two elements; 0 if they are about the same string */
static int compare_found(size_t one, size_t other, const void *data)
{
	const struct sources *sources = data;

	return compare_sources(sources->items[one], sources->items[other]);
}

/* compare_owners - compare two elements; 0 if they are about the same type of the same parent */
static int compare_owners(size_t one, size_t other, const void *data)
{
	const struct found_items *items = data;
	size_t a = items->items[one].parent, b = items->items[other].parent;
	int order = (a > b) - (a < b);

	return order ? order : strcmp(items->sources.items[one]->type,
				      items->sources.items[other]->type);
}

/* has_twice - do two elements have the same type of the same parent? */
static bool has_twice(const struct found_items *items)
{
	struct groups groups;
	bool twice;

	groups_make(&groups, items->sources.num, compare_owners, items);
	twice = groups.num != items->sources.num;
	groups_free(&groups);
	return twice;
}

static int order_shown(const void *one, const void *other)
{
	const struct shown_version *a = one, *b = other;
	const struct mdev_precheck_source sources[] = {
		{ .type = a->type, .version = a->version, .state = a->state, .error = a->error },
		{ .type = b->type, .version = b->version, .state = b->state, .error = b->error },
	};

	return compare_sources(&sources[0], &sources[1]);
}

static int order_known(const void *one, const void *other)
{
	const struct known_version *a = one, *b = other;
	int order = strcmp(a->type, b->type);

	return order ? order : strcmp(a->version, b->version);
}

static void group_shown(const struct found_items *items, struct publication *publication)
{
	struct groups groups;
	size_t i, j;

	groups_make(&groups, items->sources.num, compare_found, &items->sources);
	publication->num_shown = groups.num;
	publication->shown = allocate((groups.num + 1) * sizeof(*publication->shown));
	for (i = 0; i < groups.num; i++) {
		const size_t *members = group_members(&groups, i);
		const struct mdev_precheck_source *source = items->sources.items[*members];
		struct shown_version *shown = &publication->shown[i];

		*shown = (struct shown_version){
			.type = duplicate(source->type),
			.version = duplicate(source->version),
			.state = source->state,
			.error = source->error,
			.parents = group_size(&groups, i),
		};
		for (j = 0; j < shown->parents; j++)
			shown->room = add_each_room(shown->room, items->items[members[j]].room);
	}
	groups_free(&groups);
	qsort(publication->shown, publication->num_shown, sizeof(*publication->shown),
	      order_shown);
}

/* count_found - count an element about a string; false if it contradicts another element */
static bool count_found(struct known_version *known, const struct found *item, bool *about_host)
{
	bool first = !*about_host && !known->taking && !known->refusing && !known->not_asked;

	/* An answer about the host is the only answer about its string */
	if (!first && (*about_host || !item->parents))
		return false;
	*about_host = !item->parents;
	known->verdict = first ? item->verdict : better_verdict(known->verdict, item->verdict);
	switch (item->verdict) {
	case MDEV_PRECHECK_COMPATIBLE:
		known->taking += item->parents;
		known->room = add_each_room(known->room, item->room);
		break;
	case MDEV_PRECHECK_INCOMPATIBLE:
		known->refusing += item->parents;
		break;
	default:
		known->not_asked += item->parents;
	}
	return true;
}

/* group_known - group the answers; NULL, or the way in which they contradict each other */
static const char *group_known(const struct found_items *items, struct publication *publication)
{
	const char *wrong = NULL;
	struct groups groups;
	size_t i, j;

	groups_make(&groups, items->sources.num, compare_found, &items->sources);
	publication->num_known = groups.num;
	publication->known = allocate((groups.num + 1) * sizeof(*publication->known));
	for (i = 0; i < groups.num; i++) {
		const size_t *members = group_members(&groups, i);
		const struct mdev_precheck_source *source = items->sources.items[*members];
		struct known_version *known = &publication->known[i];
		bool about_host = false;

		known->type = duplicate(source->type);
		known->version = duplicate(source->version);
		for (j = 0; j < group_size(&groups, i); j++) {
			if (!count_found(known, &items->items[members[j]], &about_host))
				wrong = "takes has answers about both the host and its parent";
			/* take_parents() compares only answers that follow each other */
			if (members[j] != members[0] + j)
				wrong = "takes has answers about a string in two separate places";
		}
	}
	groups_free(&groups);
	qsort(publication->known, publication->num_known, sizeof(*publication->known),
	      order_known);
	return wrong;
}

/* group_document - group the elements; NULL, or the mistake in the document, allocated */
static char *group_document(struct reader *reader, struct found_document *document,
			    struct publication *publication)
{
	if (document->wrong)
		return duplicate(document->wrong);
	if (!parse_time(reader_text(reader, "time"), &publication->time))
		return duplicate("it does not have the time at which it was written");
	publication->host = duplicate(reader_text(reader, "host"));
	publication->fixture = document->fixture;
	publication->parents = json_object_object_length(document->parents);
	publication->unread = document->unread;
	publication->partly = document->unread;
	publication->asked = reader_has_array(reader, "takes");
	if (has_twice(&document->types))
		return duplicate("types has the same type of the same parent twice");
	group_shown(&document->types, publication);
	return duplicate(group_known(&document->takes, publication));
}

char *parse_publication(const char *text, size_t len, struct publication *publication)
{
	static const struct reader_format format = {
		.format = TYPES_FORMAT,
		.newest = TYPES_VERSION,
		.array = "types",
		.take = take_part,
		.drop = drop_document,
	};
	struct found_document *document = allocate(sizeof(*document));
	struct reader *reader = reader_new(&format, document);
	char *wrong;

	document->parents = new_object();
	*publication = (struct publication){ .text = text };
	reader_feed(reader, text, len);
	wrong = reader_end(reader);
	if (!wrong)
		wrong = group_document(reader, document, publication);
	reader_free(reader);
	if (wrong)
		free_publication(publication);
	return wrong;
}

void free_publication(struct publication *publication)
{
	size_t i;

	for (i = 0; i < publication->num_shown; i++) {
		free((char *)publication->shown[i].type);
		free((char *)publication->shown[i].version);
	}
	for (i = 0; i < publication->num_known; i++) {
		free((char *)publication->known[i].type);
		free((char *)publication->known[i].version);
	}
	free(publication->shown);
	free(publication->known);
	free((char *)publication->host);
	memset(publication, 0, sizeof(*publication));
}
