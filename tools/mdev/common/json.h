/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of documents */
#ifndef JSON_H
#define JSON_H

#include <json-c/json.h>

#include "output.h"

/* The formats, see mdev-precheck(5), and the newest version of each */
#define TYPES_FORMAT		"mdev-precheck-types"
#define TYPES_VERSION		1
#define VERDICTS_FORMAT		"mdev-precheck-verdicts"
#define VERDICTS_VERSION	1
#define MATRIX_FORMAT		"mdev-precheck-matrix"
#define MATRIX_VERSION		2

/* Room for a time of a document, with the largest year of struct tm */
#define TIME_SIZE		sizeof("2147485547-12-31T23:59:59Z")

/* new_object, new_array - for json_object_put() */
json_object *new_object(void);
json_object *new_array(void);
/* new_document - an object with the members that all documents have */
json_object *new_document(const char *format, int version);

/* add_member, add_element - @value, which may be NULL for null, belongs to @to then */
void add_member(json_object *to, const char *key, json_object *value);
void add_element(json_object *to, json_object *value);
/* text_value - @text with U+FFFD for what is not UTF-8; null for NULL */
json_object *text_value(const char *text);
/* is_replaced - does a text of a document have U+FFFD, so that it can stand for several texts? */
bool is_replaced(const char *text);
json_object *number_value(long long number);
/* format_time - seconds since 1970, as in RFC 3339 and in UTC; @text */
char *format_time(long long time, char text[TIME_SIZE]);
/* parse_time - what format_time() has written; false if @text, which can be NULL, is not that */
bool parse_time(const char *text, long long *time);
/* error_value - the name of an errno; null for 0 */
json_object *error_value(int error);
/* target_value - an object with host, parent and type of an answer's target */
json_object *target_value(const struct mdev_precheck_answer *answer);
/* add_answered - what an answer came to, with @room as its available_instances */
void add_answered(json_object *item, const struct mdev_precheck_answer *answer, long room);
/* add_answer - the members of an answer but for source and target */
void add_answer(json_object *item, const struct mdev_precheck_answer *answer);
/* add_version - the members of a source's version */
void add_version(json_object *item, const struct mdev_precheck_source *source);
/**
 * begin_array - begin a document, or an item of one, of which an array is the last member
 * @file: where to
 * @object: the other members, of which there is at least one; it is freed
 * @array: name of the array, whose brackets and the object's brace are left open
 */
void begin_array(FILE *file, json_object *object, const char *array);
/* write_item - on a line of its own, into an array; @item is freed */
void write_item(FILE *file, json_object *item, bool first);
/* json_text - on one line; belongs to @object */
const char *json_text(json_object *object);

/* get_text - a member that is a string without NUL, or NULL */
const char *get_text(json_object *object, const char *key);
/* is_text_or_null - is a member a string without NUL, or null, or missing? */
bool is_text_or_null(json_object *object, const char *key);

/**
 * get_error - a member that is null, or the name of an errno
 * @object: object
 * @key: name of the member
 * @error: result, 0 for null
 *
 * Return: false if it is missing, or is not a name that is known here.
 */
bool get_error(json_object *object, const char *key, int *error);

#endif
