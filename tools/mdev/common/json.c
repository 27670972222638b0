// SPDX-License-Identifier: GPL-2.0-only
/* Parts of JSON documents */

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "json.h"

/* For strftime() and strptime() */
#define TIME_FORMAT	"%Y-%m-%dT%H:%M:%SZ"

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

bool is_replaced(const char *text)
{
	return strstr(text, "\357\277\275");
}

char *format_time(long long time, char text[TIME_SIZE])
{
	time_t seconds = time;
	struct tm parts = {};

	/* parse_time() refuses 1900-01-00, which is the result of a year that is too large */
	gmtime_r(&seconds, &parts);
	strftime(text, TIME_SIZE, TIME_FORMAT, &parts);
	return text;
}

bool parse_time(const char *text, long long *time)
{
	char written[TIME_SIZE];
	struct tm parts = {};

	if (!text || !strptime(text, TIME_FORMAT, &parts))
		return false;
	*time = timegm(&parts);
	/* strptime() accepts blanks, single digits, and days that a month does not have */
	return *time >= 0 && !strcmp(format_time(*time, written), text);
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

void add_answered(json_object *item, const struct mdev_precheck_answer *answer, long room)
{
	const char *condition = NULL;

	if (answer->condition != MDEV_PRECHECK_ALL_HOLD)
		condition = mdev_precheck_condition_name(answer->condition);
	add_member(item, "verdict", text_value(mdev_precheck_verdict_name(answer->verdict)));
	add_member(item, "failed_condition", text_value(condition));
	add_member(item, "errno", error_value(answer->error));
	add_member(item, "reason", text_value(answer->reason));
	add_member(item, "available_instances", room < 0 ? NULL : number_value(room));
	add_member(item, "method", text_value(mdev_precheck_method_name(answer->method)));
}

void add_answer(json_object *item, const struct mdev_precheck_answer *answer)
{
	add_answered(item, answer, answer->available_instances);
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

void begin_array(FILE *file, json_object *object, const char *array)
{
	const char *text = json_text(object);

	fprintf(file, "%.*s,\"%s\":[", (int)strlen(text) - 1, text, array);
	json_object_put(object);
}

void write_item(FILE *file, json_object *item, bool first)
{
	fprintf(file, "%s\n%s", first ? "" : ",", json_text(item));
	json_object_put(item);
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
