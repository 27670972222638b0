// SPDX-License-Identifier: GPL-2.0-only
/* The documents of types and of verdicts; believe.c reads the latter */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "report.h"

void types_document_begin(struct types_document *document, FILE *file, long long time)
{
	json_object *object = new_document(TYPES_FORMAT, TYPES_VERSION);
	char text[TIME_SIZE];

	document->file = file;
	document->any = false;
	document->outcome = DONE;
	document->unread = new_array();
	if (time >= 0)
		add_member(object, "time", text_value(format_time(time, text)));
	begin_array(file, object, "types");
}

/* end_types - write the end of a document; the result of @write_takes, or DONE without it */
static enum outcome end_types(struct types_document *document,
			      enum outcome (*write_takes)(FILE *file, void *data), void *data)
{
	enum outcome outcome;

	fprintf(document->file, "\n],\"unread\":%s,\"takes\":", json_text(document->unread));
	if (!write_takes) {
		fputs("null}\n", document->file);
		return DONE;
	}
	putc('[', document->file);
	outcome = write_takes(document->file, data);
	fputs(outcome == FAILED ? "\n" : "\n]}\n", document->file);
	return outcome;
}

enum outcome types_document_end(struct types_document *document, enum outcome outcome,
				enum outcome (*write_takes)(FILE *file, void *data), void *data)
{
	enum outcome asked = DONE;

	if (outcome == DONE)
		outcome = document->outcome;
	if (outcome == DONE || outcome == PARTLY)
		asked = end_types(document, write_takes, data);
	else
		putc('\n', document->file);
	json_object_put(document->unread);
	return asked == DONE ? outcome : asked;
}

static void add_unread(struct types_document *document,
		       const struct mdev_precheck_place *place, int error)
{
	json_object *item = new_object();

	add_member(item, "parent", text_value(place->parent));
	add_member(item, "type", *place->type ? text_value(place->type) : NULL);
	add_member(item, "errno", error_value(error));
	add_element(document->unread, item);
}

int types_document_add(const struct mdev_precheck_type *type, void *data)
{
	struct types_document *document = data;
	json_object *item, *devices;
	size_t i;

	if (type->error) {
		add_unread(document, type->place, type->error);
		return 0;
	}
	/* A name with U+FFFD in place of other bytes could be the name of another type */
	if (!is_utf8(type->place->type, strlen(type->place->type)) ||
	    is_replaced(type->place->type)) {
		failed(EILSEQ, "%s/%s cannot be in a document", type->place->parent,
		       type->place->type);
		document->outcome = PARTLY;
		add_unread(document, type->place, EILSEQ);
		return 0;
	}
	item = new_object();
	devices = new_array();
	add_member(item, "parent", text_value(type->place->parent));
	add_member(item, "type", text_value(type->place->type));
	add_member(item, "name", text_value(type->name));
	add_member(item, "description", text_value(type->description));
	add_member(item, "device_api", text_value(type->device_api));
	add_member(item, "available_instances", type->available_instances < 0 ? NULL :
		   number_value(type->available_instances));
	for (i = 0; i < type->num_devices; i++)
		add_element(devices, text_value(type->devices[i]));
	add_member(item, "devices", devices);
	add_version(item, type->source);
	write_item(document->file, item, !document->any);
	document->any = true;
	return 0;
}

void write_sources(FILE *file, const struct sources *sources)
{
	struct types_document document;
	size_t i;

	types_document_begin(&document, file, -1);
	for (i = 0; i < sources->num; i++) {
		const struct mdev_precheck_source *source = sources->items[i];
		json_object *item = new_object();

		add_member(item, "host", text_value(source->host));
		add_member(item, "parent", text_value(source->parent));
		add_member(item, "type", text_value(source->type));
		add_member(item, "name", text_value(source_name(sources, i)));
		add_version(item, source);
		write_item(file, item, !i);
	}
	types_document_end(&document, DONE, NULL, NULL);
}

void write_merged(FILE *file, const struct sources *sources)
{
	json_object *document = new_document(TYPES_FORMAT, TYPES_VERSION), *item;
	size_t i;

	add_member(document, "host", NULL);
	begin_array(file, document, "types");
	for (i = 0; i < sources->num; i++) {
		item = new_object();
		add_member(item, "type", text_value(sources->items[i]->type));
		add_member(item, "name", text_value(source_name(sources, i)));
		add_version(item, sources->items[i]);
		write_item(file, item, !i);
	}
	fputs("\n]}\n", file);
}

const char *parse_source(json_object *item, const char *host, struct sources *sources)
{
	struct mdev_precheck_source source = {
		.host = get_text(item, "host"),
		.parent = get_text(item, "parent"),
		.type = get_text(item, "type"),
		.version = get_text(item, "migration_version"),
	};
	int state = find_source_state(get_text(item, "state"));
	const char *wrong;

	if (!source.host || !*source.host)
		source.host = host;
	if (source.type && is_replaced(source.type))
		return "its type is not UTF-8 on its host";
	if (!is_text_or_null(item, "host") || !is_text_or_null(item, "parent") ||
	    !is_text_or_null(item, "migration_version") || !is_text_or_null(item, "errno"))
		return "a member of it is neither a string without NUL nor null";
	if (state < 0)
		return "its state is not read, none, failed or unknown";
	source.state = state;
	/* An errno that is unknown here may mean that the question was not answered */
	if (!get_error(item, "errno", &source.error) && get_text(item, "errno"))
		source.state = MDEV_PRECHECK_SOURCE_UNKNOWN;
	wrong = mdev_precheck_source_check(&source);
	if (!wrong)
		sources_copy(sources, &source, get_text(item, "name"));
	return wrong;
}

/* parse_unread - add a parent or type that the host could not look into, as parse_source() does */
static const char *parse_unread(json_object *item, const char *host, struct sources *sources)
{
	struct mdev_precheck_source source = {
		.host = host,
		.parent = get_text(item, "parent"),
		.type = get_text(item, "type"),
		.state = MDEV_PRECHECK_SOURCE_UNKNOWN,
	};

	get_error(item, "errno", &source.error);
	if (!source.type)
		return "its host could not look into the parent";
	if (is_replaced(source.type) || mdev_precheck_source_check(&source))
		return "its type is not UTF-8 on its host";
	sources_copy(sources, &source, NULL);
	return NULL;
}

/**
 * struct part - sources of one of the arrays
 * @sources: sources so far
 * @left_out: sentences about elements that cannot be a source
 */
struct part {
	struct sources sources;
	struct list left_out;
};

/**
 * struct types_read - a document of types that is being read
 * @types: sources of its array "types"
 * @unread: sources of its array "unread", which follow the others in the result
 */
struct types_read {
	struct part types;
	struct part unread;
};

/* source_size - count the memory of the last source */
static size_t source_size(const struct sources *sources)
{
	const struct mdev_precheck_source *source = sources->items[sources->num - 1];
	const char *const texts[] = {
		source->host, source->parent, source->type, source->version,
		source_name(sources, sources->num - 1)
	};
	size_t size = sizeof(*source) + sizeof(source) + sizeof(char *), i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		size += texts[i] ? strlen(texts[i]) + 1 : 0;
	return size;
}

static void take_type(struct reader *reader, const char *array, size_t number,
		      json_object *element, void *data)
{
	const char *host = reader_text(reader, "host"), *wrong, *parent;
	struct types_read *read = data;
	struct part *part = &read->types;
	char *text;

	/* The member "host" can also follow the array, see end_sources() */
	if (host && !*host)
		host = NULL;
	if (!strcmp(array, "types")) {
		wrong = parse_source(element, host, &part->sources);
	} else if (!strcmp(array, "unread")) {
		part = &read->unread;
		wrong = parse_unread(element, host, &part->sources);
	} else {
		return;
	}
	if (!wrong) {
		reader_keeps(reader, source_size(&part->sources));
		return;
	}
	parent = get_text(element, "parent");
	text = format_text("%s[%zu]%s%s is left out: %s", array, number,
			   parent ? ", parent " : "", parent ? parent : "", wrong);
	list_add(&part->left_out, text);
	reader_keeps(reader, strlen(text) + 1 + sizeof(text));
}

/* free_part - free the sources and sentences that were not moved elsewhere */
static void free_part(struct part *part)
{
	size_t i;

	sources_free(&part->sources);
	for (i = 0; i < part->left_out.num; i++)
		free((char *)part->left_out.items[i]);
	free(part->left_out.items);
}

static void drop_types(void *data)
{
	struct types_read *read = data;

	free_part(&read->types);
	free_part(&read->unread);
	free(read);
}

static void move_part(struct part *part, struct sources *sources, struct list *left_out)
{
	size_t i;

	sources_move(sources, &part->sources);
	for (i = 0; i < part->left_out.num; i++)
		list_add(left_out, part->left_out.items[i]);
	part->left_out.num = 0;
}

struct reader *read_sources(void)
{
	static const struct reader_format format = {
		.format = TYPES_FORMAT,
		.newest = TYPES_VERSION,
		.array = "types",
		.take = take_type,
		.drop = drop_types,
	};

	return reader_new(&format, allocate(sizeof(struct types_read)));
}

/* late_host - return the document's host, or NULL; count its memory for sources before it */
static const char *late_host(struct reader *reader, const struct sources *sources)
{
	const char *host = reader_text(reader, "host");
	size_t i;

	if (!host || !*host)
		return NULL;
	for (i = 0; i < sources->num; i++) {
		if (!sources->items[i]->host)
			reader_keeps(reader, strlen(host) + 1);
	}
	return host;
}

char *end_sources(struct reader *reader, struct sources *sources, struct list *left_out)
{
	struct types_read *read = reader_data(reader);
	size_t first = sources->num;
	const char *host;
	char *wrong;

	late_host(reader, &read->types.sources);
	host = late_host(reader, &read->unread.sources);
	wrong = reader_end(reader);
	if (!wrong) {
		move_part(&read->types, sources, left_out);
		move_part(&read->unread, sources, left_out);
		if (host)
			sources_set_host(sources, first, host, false);
	}
	reader_free(reader);
	return wrong;
}

/* write_verdict - write the entry of an answer about source @number */
static void write_verdict(FILE *file, const struct sources *sources, size_t number,
			  const struct mdev_precheck_answer *answer, bool first)
{
	const struct mdev_precheck_source *from = sources->items[number];
	json_object *item = new_object(), *source = new_object();

	add_member(source, "number", number_value(number));
	add_member(source, "host", text_value(from->host));
	add_member(source, "parent", text_value(from->parent));
	add_member(source, "type", text_value(from->type));
	add_member(source, "migration_version", text_value(from->version));
	add_member(item, "source", source);
	add_member(item, "target", target_value(answer));
	add_answer(item, answer);
	write_item(file, item, first);
}

void write_answers(FILE *file, const struct sources *sources,
		   const struct questions *questions, const struct answers *answers,
		   enum mdev_precheck_verdict verdict)
{
	size_t source, asked, i;
	bool first = true;

	begin_array(file, new_document(VERDICTS_FORMAT, VERDICTS_VERSION), "verdicts");
	for (source = 0; source < sources->num; source++) {
		asked = questions ? questions->of[source] : source;
		for (i = first_answer(answers, asked);
		     i < answers->num && answers->items[i].source == asked; i++) {
			write_verdict(file, sources, source, answers->items[i].answer, first);
			first = false;
		}
	}
	fprintf(file, "\n],\"verdict\":\"%s\"}\n", mdev_precheck_verdict_name(verdict));
}
