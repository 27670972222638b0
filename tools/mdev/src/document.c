// SPDX-License-Identifier: GPL-2.0-only
/* JSON: what one host tells another, and programs; mdev-precheck(5) describes it */

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "document.h"

#define FORMAT_VERSION	1
#define TYPES_FORMAT	"mdev-precheck-types"
#define VERDICTS_FORMAT	"mdev-precheck-verdicts"
#define MATRIX_FORMAT	"mdev-precheck-matrix"

/* Ours has four levels */
#define DEPTH_MAX	8

static const char *const condition_names[] = {
	[MDEV_PRECHECK_ALL_HOLD] = NULL,
	[MDEV_PRECHECK_SAME_TYPE] = "same-type",
	[MDEV_PRECHECK_SOURCE_VERSION] = "source-version",
	[MDEV_PRECHECK_TARGET_VERSION] = "target-version",
	[MDEV_PRECHECK_ACCEPTED] = "accepted",
};

static const struct {
	enum mdev_precheck_verdict verdict;
	const char *name;
} verdict_names[] = {
	{ MDEV_PRECHECK_COMPATIBLE, "compatible" },
	{ MDEV_PRECHECK_INCOMPATIBLE, "not compatible" },
	{ MDEV_PRECHECK_NOT_ASKED, "not asked" },
};

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))

const char *verdict_name(enum mdev_precheck_verdict verdict)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verdict_names) - 1; i++) {
		if (verdict_names[i].verdict == verdict)
			break;
	}
	return verdict_names[i].name;
}

struct source *add_source(struct sources *sources)
{
	sources->items = reallocate(sources->items, (sources->num + 1) *
				    sizeof(*sources->items));
	return memset(&sources->items[sources->num++], 0,
		      sizeof(*sources->items));
}

struct verdict *add_verdict(struct verdicts *verdicts)
{
	verdicts->items = reallocate(verdicts->items, (verdicts->num + 1) *
				     sizeof(*verdicts->items));
	return memset(&verdicts->items[verdicts->num++], 0,
		      sizeof(*verdicts->items));
}

void sources_free(struct sources *sources)
{
	size_t i;

	for (i = 0; i < sources->num; i++) {
		free(sources->items[i].host);
		free(sources->items[i].parent);
		free(sources->items[i].type);
		free(sources->items[i].version);
	}
	free(sources->items);
	memset(sources, 0, sizeof(*sources));
}

void verdicts_free(struct verdicts *verdicts)
{
	size_t i, line;

	for (i = 0; i < verdicts->num; i++) {
		struct verdict *verdict = &verdicts->items[i];

		free(verdict->host);
		free(verdict->parent);
		free(verdict->type);
		free(verdict->reason);
		for (line = 0; line < verdict->num_log; line++)
			free(verdict->log[line]);
		free(verdict->log);
	}
	free(verdicts->items);
	memset(verdicts, 0, sizeof(*verdicts));
}

static void *made(void *object)
{
	if (!object) {
		complain("out of memory");
		exit(STATUS_NOT_ASKED);
	}
	return object;
}

static void add(json_object *to, const char *key, json_object *value)
{
	if (json_object_object_add(to, key, value)) {
		complain("out of memory");
		exit(STATUS_NOT_ASKED);
	}
}

static json_object *text_value(const char *text)
{
	json_object *value;
	char *valid;

	if (!text)
		return NULL;
	valid = utf8(text);
	value = made(json_object_new_string(valid));
	free(valid);
	return value;
}

static json_object *error_value(int error)
{
	char buffer[24];

	return error ? text_value(error_name(error, buffer)) : NULL;
}

static json_object *new_document(const char *format)
{
	json_object *document = made(json_object_new_object());
	char host[256] = "";

	if (gethostname(host, sizeof(host) - 1))
		host[0] = '\0';
	add(document, "format", text_value(format));
	add(document, "format_version",
	    made(json_object_new_int(FORMAT_VERSION)));
	add(document, "host", text_value(host));
	return document;
}

static const char *to_text(json_object *object)
{
	return made((void *)json_object_to_json_string_ext(object,
						JSON_C_TO_STRING_PLAIN |
						JSON_C_TO_STRING_NOSLASHESCAPE));
}

/*
 * All types of a host as json-c objects would take megabytes: only one is made at a
 * time, and the brackets around them are written here
 */
static void begin(FILE *file, const char *format, const char *array)
{
	json_object *document = new_document(format);
	const char *text = to_text(document);

	/* Without its closing brace */
	fprintf(file, "%.*s,\"%s\":[", (int)strlen(text) - 1, text, array);
	json_object_put(document);
}

static void write_item(FILE *file, json_object *item, bool first)
{
	fprintf(file, "%s\n%s", first ? "" : ",", to_text(item));
	json_object_put(item);
}

void types_document_begin(FILE *file)
{
	begin(file, TYPES_FORMAT, "types");
}

void types_document_end(FILE *file)
{
	fputs("\n]}\n", file);
}

static void add_version(json_object *item, enum mdev_precheck_version_state state,
			int error, const char *version)
{
	add(item, "migration_version",
	    state == MDEV_PRECHECK_VERSION_READ ? text_value(version) : NULL);
	add(item, "state", text_value(state_name(state)));
	add(item, "errno", error_value(error));
}

void types_document_add(FILE *file, const struct mdev_precheck_type *type,
			bool first)
{
	json_object *item = made(json_object_new_object());
	json_object *devices = made(json_object_new_array());
	size_t i;

	add(item, "parent", text_value(type->place->parent));
	add(item, "type", text_value(type->place->type));
	add(item, "name", text_value(type->name));
	add(item, "device_api", text_value(type->device_api));
	add(item, "available_instances", type->available_instances < 0 ? NULL :
	    made(json_object_new_int64(type->available_instances)));
	for (i = 0; i < type->num_devices; i++)
		json_object_array_add(devices, text_value(type->devices[i]));
	add(item, "devices", devices);
	add_version(item, type->version->state, type->version->error,
		    type->version->text);
	write_item(file, item, first);
}

void write_sources(FILE *file, const struct sources *sources)
{
	size_t i;

	types_document_begin(file);
	for (i = 0; i < sources->num; i++) {
		const struct source *source = &sources->items[i];
		json_object *item = made(json_object_new_object());

		add(item, "host", text_value(source->host));
		add(item, "parent", text_value(source->parent));
		add(item, "type", text_value(source->type));
		add_version(item, source->state, source->error, source->version);
		write_item(file, item, !i);
	}
	types_document_end(file);
}

/* get_text - a member that is a string without NUL, or NULL */
static const char *get_text(json_object *object, const char *key)
{
	json_object *value;
	const char *text;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	return (size_t)json_object_get_string_len(value) == strlen(text) ?
	       text : NULL;
}

/* get_error - a member that is null, or the name of an errno; -1 for another */
static int get_error(json_object *object, const char *key)
{
	json_object *value;
	const char *name;
	int error;

	if (!json_object_object_get_ex(object, key, &value) || !value)
		return 0;
	name = get_text(object, key);
	error = name ? error_number(name) : 0;
	return error ? error : -1;
}

/* get_name - which of @names a member is; -1 for another */
static int get_name(json_object *object, const char *key,
		    const char *const *names, size_t num)
{
	const char *text = get_text(object, key);
	size_t i;

	for (i = 0; i < num; i++) {
		if (text && names[i] && !strcmp(text, names[i]))
			return i;
	}
	return -1;
}

/* parse - a document of @format and its @array; NULL, or what is wrong */
static const char *parse(const char *text, size_t len, const char *format,
			 const char *array, json_object **document,
			 json_object **items)
{
	json_tokener *tokener = made(json_tokener_new_ex(DEPTH_MAX));
	json_object *version;
	const char *name;
	size_t end;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
			       JSON_TOKENER_VALIDATE_UTF8);
	*document = NULL;
	if (len <= INT_MAX)
		*document = json_tokener_parse_ex(tokener, text, len);
	end = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	if (!*document)
		return "it is not JSON";
	/* json-c lets overlong characters and surrogates pass */
	if (!is_utf8(text, len))
		return "it is not UTF-8";

	/* A document that was cut and put together is none */
	while (end < len && memchr(" \t\r\n", text[end], 4))
		end++;
	if (end != len)
		return "something follows the JSON";
	if (!json_object_is_type(*document, json_type_object))
		return "it is not a JSON object";
	name = get_text(*document, "format");
	if (!name || strcmp(name, format))
		return "its format is another one";
	if (!json_object_object_get_ex(*document, "format_version", &version) ||
	    !json_object_is_type(version, json_type_int))
		return "it has no format_version";
	if (json_object_get_int64(version) != FORMAT_VERSION)
		return "its format_version is not 1, which is what this program knows";
	if (!json_object_object_get_ex(*document, array, items) ||
	    !json_object_is_type(*items, json_type_array))
		return "its array is missing";
	return NULL;
}

static const char *parse_source(json_object *item, const char *host,
				struct source *source)
{
	const char *type = get_text(item, "type");
	const char *parent = get_text(item, "parent");
	const char *version = get_text(item, "migration_version");
	const char *own_host = get_text(item, "host");
	int error = get_error(item, "errno");
	const char *wrong;

	if (!json_object_is_type(item, json_type_object) || !type || !*type)
		return "an item has no type";
	wrong = parse_state(get_text(item, "state"), error, version, &source->state);
	if (wrong)
		return wrong;

	source->host = duplicate(own_host ? own_host : host);
	source->parent = duplicate(parent);
	source->type = duplicate(type);
	source->error = error;
	source->version = duplicate(version);
	return NULL;
}

const char *parse_sources(const char *text, size_t len, struct sources *sources)
{
	json_object *document, *items;
	const char *wrong, *host;
	size_t i;

	wrong = parse(text, len, TYPES_FORMAT, "types", &document, &items);
	if (!wrong) {
		host = get_text(document, "host");
		for (i = 0; !wrong && i < json_object_array_length(items); i++)
			wrong = parse_source(json_object_array_get_idx(items, i),
					     host, add_source(sources));
	}
	json_object_put(document);
	return wrong;
}

static json_object *log_value(const struct verdict *verdict)
{
	json_object *log;
	size_t i;

	if (verdict->log_error)
		return NULL;
	log = made(json_object_new_array());
	for (i = 0; i < verdict->num_log; i++)
		json_object_array_add(log, text_value(verdict->log[i]));
	return log;
}

static void add_answer(json_object *item, const struct verdict *verdict)
{
	add(item, "verdict", text_value(verdict_name(verdict->verdict)));
	add(item, "failed_condition",
	    text_value(condition_names[verdict->condition]));
	add(item, "errno", error_value(verdict->error));
	add(item, "reason", text_value(verdict->reason));
	add(item, "kernel_log", log_value(verdict));
	add(item, "kernel_log_errno", error_value(verdict->log_error));
}

void write_verdicts(FILE *file, const struct sources *sources,
		    const struct verdicts *verdicts,
		    enum mdev_precheck_verdict overall)
{
	size_t i;

	begin(file, VERDICTS_FORMAT, "verdicts");
	for (i = 0; i < verdicts->num; i++) {
		const struct verdict *verdict = &verdicts->items[i];
		const struct source *from = &sources->items[verdict->source];
		json_object *item = made(json_object_new_object());
		json_object *source = made(json_object_new_object());
		json_object *target = made(json_object_new_object());

		add(source, "number",
		    made(json_object_new_int64(verdict->source)));
		add(source, "host", text_value(from->host));
		add(source, "parent", text_value(from->parent));
		add(source, "type", text_value(from->type));
		add(source, "migration_version", text_value(from->version));
		add(item, "source", source);
		add(target, "host", text_value(verdict->host));
		add(target, "parent", text_value(verdict->parent));
		add(target, "type", text_value(verdict->type));
		add(item, "target", target);
		add_answer(item, verdict);
		write_item(file, item, !i);
	}
	fprintf(file, "\n],\"verdict\":\"%s\"}\n", verdict_name(overall));
}

static const char *parse_log(json_object *item, struct verdict *verdict)
{
	json_object *log;
	size_t i;

	verdict->log_error = get_error(item, "kernel_log_errno");
	if (verdict->log_error < 0)
		return "a kernel_log_errno is no name of an errno";
	if (verdict->log_error)
		return NULL;
	if (!json_object_object_get_ex(item, "kernel_log", &log) ||
	    !json_object_is_type(log, json_type_array))
		return "a kernel_log is not an array";

	verdict->log = allocate((json_object_array_length(log) + 1) *
				sizeof(*verdict->log));
	for (i = 0; i < json_object_array_length(log); i++) {
		json_object *line = json_object_array_get_idx(log, i);

		if (!json_object_is_type(line, json_type_string))
			return "a line of a kernel_log is not a string";
		verdict->log[verdict->num_log++] =
			duplicate(json_object_get_string(line));
	}
	return NULL;
}

static const char *parse_verdict(json_object *item, const char *host,
				 size_t num_sources, struct verdict *verdict)
{
	json_object *source, *target, *number;
	const char *name, *reason, *type;
	bool fails, compatible;
	int condition;
	size_t i;

	if (!json_object_is_type(item, json_type_object) ||
	    !json_object_object_get_ex(item, "source", &source) ||
	    !json_object_object_get_ex(source, "number", &number) ||
	    !json_object_is_type(number, json_type_int) ||
	    json_object_get_int64(number) < 0 ||
	    (size_t)json_object_get_int64(number) >= num_sources)
		return "a verdict is about none of the sources";
	if (!json_object_object_get_ex(item, "target", &target) ||
	    !json_object_is_type(target, json_type_object))
		return "a verdict has no target";
	type = get_text(target, "type");
	reason = get_text(item, "reason");
	name = get_text(item, "verdict");
	if (!type || !reason || !name)
		return "a verdict has no type, no reason or no name";

	for (i = 0; i < ARRAY_SIZE(verdict_names); i++) {
		if (!strcmp(verdict_names[i].name, name))
			break;
	}
	if (i == ARRAY_SIZE(verdict_names))
		return "a verdict is none of compatible, not compatible, not asked";
	condition = get_name(item, "failed_condition", condition_names,
			     ARRAY_SIZE(condition_names));
	fails = condition >= 0;
	compatible = verdict_names[i].verdict == MDEV_PRECHECK_COMPATIBLE;
	if (fails == compatible)
		return "a failed_condition does not go with its verdict";

	verdict->source = json_object_get_int64(number);
	verdict->host = duplicate(host);
	verdict->parent = duplicate(get_text(target, "parent"));
	verdict->type = duplicate(type);
	verdict->verdict = verdict_names[i].verdict;
	verdict->condition = fails ? (enum mdev_precheck_condition)condition :
				     MDEV_PRECHECK_ALL_HOLD;
	verdict->reason = duplicate(reason);
	verdict->error = get_error(item, "errno");
	if (verdict->error < 0)
		return "an errno is no name of an errno";
	return parse_log(item, verdict);
}

const char *parse_verdicts(const char *text, size_t len, const char *host,
			   const struct sources *sources,
			   struct verdicts *verdicts)
{
	json_object *document, *items;
	struct verdict *verdict;
	size_t i, last = 0;
	const char *wrong;

	wrong = parse(text, len, VERDICTS_FORMAT, "verdicts", &document, &items);
	for (i = 0; !wrong && i < json_object_array_length(items); i++) {
		verdict = add_verdict(verdicts);
		wrong = parse_verdict(json_object_array_get_idx(items, i), host,
				      sources->num, verdict);
		if (!wrong && verdict->source < last)
			wrong = "its verdicts are not in the order of the sources";
		last = verdict->source;
	}
	json_object_put(document);
	return wrong;
}

/**
 * struct matrix_document - a document that is not yet written
 * @versions: groups of types
 * @members: array of the last one of them
 * @verdicts: answers
 */
struct matrix_document {
	json_object *versions;
	json_object *members;
	json_object *verdicts;
};

struct matrix_document *matrix_document_new(void)
{
	struct matrix_document *document = allocate(sizeof(*document));

	document->versions = made(json_object_new_array());
	document->verdicts = made(json_object_new_array());
	return document;
}

void matrix_document_add_group(struct matrix_document *document,
			       const struct source *source)
{
	json_object *item = made(json_object_new_object());

	document->members = made(json_object_new_array());
	add(item, "type", text_value(source->type));
	add_version(item, source->state, source->error, source->version);
	add(item, "parents", document->members);
	json_object_array_add(document->versions, item);
}

void matrix_document_add_member(struct matrix_document *document,
				const struct source *source)
{
	json_object *item = made(json_object_new_object());

	add(item, "host", text_value(source->host));
	add(item, "parent", text_value(source->parent));
	json_object_array_add(document->members, item);
}

void matrix_document_add_verdict(struct matrix_document *document, size_t target,
				 const struct verdict *verdict)
{
	json_object *item = made(json_object_new_object());

	add(item, "source", made(json_object_new_int64(verdict->source)));
	add(item, "target", made(json_object_new_int64(target)));
	add_answer(item, verdict);
	json_object_array_add(document->verdicts, item);
}

void matrix_document_write(FILE *file, struct matrix_document *document,
			   size_t pairs, size_t writes)
{
	json_object *whole = new_document(MATRIX_FORMAT);

	add(whole, "versions", document->versions);
	add(whole, "verdicts", document->verdicts);
	add(whole, "pairs", made(json_object_new_int64(pairs)));
	add(whole, "writes", made(json_object_new_int64(writes)));
	fprintf(file, "%s\n", to_text(whole));
	json_object_put(whole);
	free(document);
}
