// SPDX-License-Identifier: GPL-2.0-only
/* The parts of documents, with the checks that json-c does not make */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"

/* New members may be as deep as they like; json-c frees a level with a call of itself */
#define DEPTH_MAX	1000

/* Characters that are quoted of a text that is not JSON */
#define QUOTE_MAX	40

/*
 * json-c takes some 800 bytes for an object or an array, and 100 for another value.  The
 * verdicts that a document of 64 MiB has are fewer than these.
 */
#define CONTAINERS_MAX	1000000
#define VALUES_MAX	8000000

json_object *new_object(void)
{
	return checked(json_object_new_object());
}

json_object *new_array(void)
{
	return checked(json_object_new_array());
}

void add_member(json_object *to, const char *key, json_object *value)
{
	if (json_object_object_add(to, key, value))
		checked(NULL);
}

void add_element(json_object *to, json_object *value)
{
	if (json_object_array_add(to, value))
		checked(NULL);
}

json_object *text_value(const char *text)
{
	json_object *value;
	char *valid;

	if (!text)
		return NULL;
	valid = utf8(text);
	value = checked(json_object_new_string(valid));
	free(valid);
	return value;
}

json_object *number_value(long long number)
{
	return checked(json_object_new_int64(number));
}

json_object *error_value(int error)
{
	char buffer[MDEV_PRECHECK_ERROR_SIZE];

	return error ? text_value(mdev_precheck_error_name(error, buffer)) : NULL;
}

json_object *new_document(const char *format, int version)
{
	json_object *document = new_object();
	char host[256] = "";

	if (gethostname(host, sizeof(host) - 1))
		host[0] = '\0';
	add_member(document, "format", text_value(format));
	add_member(document, "format_version", number_value(version));
	add_member(document, "host", text_value(host));
	return document;
}

static json_object *log_value(const struct mdev_precheck_answer *answer)
{
	json_object *log;
	size_t i;

	if (answer->log_error)
		return NULL;
	log = new_array();
	for (i = 0; i < answer->num_log; i++)
		add_element(log, text_value(answer->log[i]));
	return log;
}

json_object *target_value(const struct mdev_precheck_answer *answer)
{
	json_object *target = new_object();

	add_member(target, "host", text_value(answer->host));
	add_member(target, "parent", text_value(answer->parent));
	add_member(target, "type", text_value(answer->type));
	return target;
}

void add_answer(json_object *item, const struct mdev_precheck_answer *answer)
{
	const char *condition = NULL;

	if (answer->condition != MDEV_PRECHECK_ALL_HOLD)
		condition = mdev_precheck_condition_name(answer->condition);
	add_member(item, "verdict", text_value(mdev_precheck_verdict_name(answer->verdict)));
	add_member(item, "failed_condition", text_value(condition));
	add_member(item, "errno", error_value(answer->error));
	add_member(item, "reason", text_value(answer->reason));
	add_member(item, "available_instances", answer->available_instances < 0 ? NULL :
		   number_value(answer->available_instances));
	add_member(item, "method", text_value(mdev_precheck_method_name(answer->method)));
	add_member(item, "kernel_log", log_value(answer));
	add_member(item, "kernel_log_errno", error_value(answer->log_error));
	add_member(item, "kernel_log_lost",
		   checked(json_object_new_boolean(answer->log_lost)));
}

void add_version(json_object *item, const struct mdev_precheck_source *source)
{
	add_member(item, "migration_version", text_value(source->version));
	add_member(item, "state", text_value(mdev_precheck_source_state_name(source->state)));
	add_member(item, "errno", error_value(source->error));
}

const char *json_text(json_object *object)
{
	return checked((void *)json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
						JSON_C_TO_STRING_NOSLASHESCAPE));
}

/* not_json - where, why, and what is there */
static char *not_json(const char *text, size_t len, size_t offset, const char *why)
{
	const char *line = text, *at = text;
	size_t number = 1, left;
	char *part, *quote, *wrong;

	if (offset > len)
		offset = len;
	for (; at < text + offset; at++) {
		if (*at == '\n') {
			number++;
			line = at + 1;
		}
	}
	left = text + len - at;
	if (left > QUOTE_MAX)
		left = QUOTE_MAX;
	part = checked(strndup(at, left));
	part[strcspn(part, "\n")] = '\0';
	quote = escaped(part);
	wrong = format_text("line %zu, column %zu: %s%s%s%s", number, (size_t)(at - line) + 1,
			    why, *quote ? " at \"" : "", quote, *quote ? "\"" : "");
	free(part);
	free(quote);
	return wrong;
}

/* count_members - in an object, and in all that is in it */
static size_t count_members(json_object *object)
{
	size_t num = 0, i;

	if (json_object_is_type(object, json_type_array)) {
		for (i = 0; i < json_object_array_length(object); i++)
			num += count_members(json_object_array_get_idx(object, i));
	} else if (json_object_is_type(object, json_type_object)) {
		json_object_object_foreach(object, key, value) {
			(void)key;
			num += 1 + count_members(value);
		}
	}
	return num;
}

/**
 * check_members - find what json-c hides
 * @document: what it made of the text
 * @text: valid JSON
 * @len: length of it
 *
 * json-c keeps the last one of two members with the same name, but each has a colon in the
 * text.  json-c ends a name at a NUL.
 *
 * Return: NULL, or what is wrong, static.
 */
static const char *check_members(json_object *document, const char *text, size_t len)
{
	bool in_string = false;
	size_t colons = 0, i;

	for (i = 0; i < len; i++) {
		if (in_string && text[i] == '\\') {
			i++;
			if (len - i >= 5 && !memcmp(text + i, "u0000", 5))
				return "a string has a NUL";
		} else if (text[i] == '"') {
			in_string = !in_string;
		} else if (!in_string && text[i] == ':') {
			colons++;
		}
	}
	return colons != count_members(document) ? "an object has a member twice" : NULL;
}

/* is_too_large - would json-c take more memory than a machine has to spare? */
static bool is_too_large(const char *text, size_t len)
{
	size_t containers = 0, values = 0, i;

	/* Characters in strings count as well: none of our strings has so many */
	for (i = 0; i < len; i++) {
		containers += text[i] == '{' || text[i] == '[';
		values += text[i] == ',';
	}
	return containers > CONTAINERS_MAX || values > VALUES_MAX;
}

/* parse_json - one value, in UTF-8, with nothing behind it and no member twice */
static char *parse_json(const char *text, size_t len, json_object **document)
{
	enum json_tokener_error error;
	json_tokener *tokener;
	size_t end;

	*document = NULL;
	if (is_too_large(text, len))
		return duplicate("it has more values than are expected of a document");
	tokener = checked(json_tokener_new_ex(DEPTH_MAX));
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	*document = json_tokener_parse_ex(tokener, text, len);
	error = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);

	if (!len)
		return duplicate("it is empty");
	if (error == json_tokener_continue)
		return not_json(text, len, len, "the JSON ends too early");
	if (error != json_tokener_success)
		return not_json(text, len, end, json_tokener_error_desc(error));
	/* json-c lets overlong characters and surrogates pass */
	if (!is_utf8(text, len))
		return duplicate("it is not UTF-8");
	/* Two documents in one file are not one document */
	while (end < len && memchr(" \t\r\n", text[end], 4))
		end++;
	if (end != len)
		return not_json(text, len, end, "something follows the JSON");
	return duplicate(check_members(*document, text, len));
}

char *parse_document(const char *text, size_t len, const char *format, int newest,
		     const char *array, json_object **document, json_object **items)
{
	json_object *version;
	const char *name;
	char *wrong;

	*items = NULL;
	wrong = parse_json(text, len, document);
	if (wrong)
		return wrong;
	name = get_text(*document, "format");
	if (!name || strcmp(name, format))
		return format_text("its format is %s, %s was expected", name ? name : "missing",
				   format);
	if (!json_object_object_get_ex(*document, "format_version", &version) ||
	    !json_object_is_type(version, json_type_int))
		return duplicate("its format_version is missing, or is not a number");
	if (json_object_get_int64(version) < 1 || json_object_get_int64(version) > newest)
		return format_text("its format_version is %lld: %s%d was expected",
				   (long long)json_object_get_int64(version),
				   newest > 1 ? "1 to " : "", newest);
	if (!json_object_object_get_ex(*document, array, items) ||
	    !json_object_is_type(*items, json_type_array))
		return format_text("its array %s is missing", array);
	return NULL;
}

const char *get_text(json_object *object, const char *key)
{
	json_object *value;
	const char *text;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	return (size_t)json_object_get_string_len(value) == strlen(text) ? text : NULL;
}

bool is_text_or_null(json_object *object, const char *key)
{
	json_object *value;

	return !json_object_object_get_ex(object, key, &value) || !value ||
	       get_text(object, key);
}

bool get_error(json_object *object, const char *key, int *error)
{
	json_object *value;
	const char *name;

	*error = 0;
	if (!json_object_object_get_ex(object, key, &value))
		return false;
	if (!value)
		return true;
	name = get_text(object, key);
	*error = name ? mdev_precheck_error_number(name) : 0;
	return *error;
}
