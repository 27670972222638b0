/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of JSON documents */
#ifndef JSON_H
#define JSON_H

#include <json-c/json.h>

#include "output.h"

/* The formats of mdev-precheck(5), and the newest version of each */
#define TYPES_FORMAT		"mdev-precheck-types"
#define TYPES_VERSION		1
#define VERDICTS_FORMAT		"mdev-precheck-verdicts"
#define VERDICTS_VERSION	1
#define MATRIX_FORMAT		"mdev-precheck-matrix"
#define MATRIX_VERSION		2

/* Size of a time in a document, with the largest year of struct tm */
#define TIME_SIZE		sizeof("2147485547-12-31T23:59:59Z")

/* new_object, new_array - make an empty value, for json_object_put() */
json_object *new_object(void);
json_object *new_array(void);
/* new_document - make an object with the members that all documents have */
json_object *new_document(const char *format, int version);

/* add_member, add_element - add @value, which belongs to @to then; NULL becomes null */
void add_member(json_object *to, const char *key, json_object *value);
void add_element(json_object *to, json_object *value);
/* text_value - make a string of @text, with U+FFFD for bytes that are not UTF-8; null for NULL */
json_object *text_value(const char *text);
/* is_replaced - does a text have U+FFFD, so that it can stand for several texts? */
bool is_replaced(const char *text);
json_object *number_value(long long number);
/* format_time - write seconds since 1970 as in RFC 3339, in UTC; return @text */
char *format_time(long long time, char text[TIME_SIZE]);
/* parse_time - read a time of format_time(); false for any other @text, or NULL */
bool parse_time(const char *text, long long *time);
/* error_value - make a string of the name of an errno; null for 0 */
json_object *error_value(int error);
/* target_value - make an object with host, parent and type of an answer's target */
json_object *target_value(const struct mdev_precheck_answer *answer);
/* add_answered - add the result of an answer, with @room as its available_instances */
void add_answered(json_object *item, const struct mdev_precheck_answer *answer, long room);
/* add_answer - add the members of an answer but source and target */
void add_answer(json_object *item, const struct mdev_precheck_answer *answer);
/* add_version - add the members of a source's version */
void add_version(json_object *item, const struct mdev_precheck_source *source);
/**
 * begin_array - begin a document, or an item of it, whose last member is an array
 * @file: file of the document
 * @object: object with at least one other member, which is freed
 * @array: name of the array, whose brackets and the object's brace are left open
 */
void begin_array(FILE *file, json_object *object, const char *array);
/* write_item - write an item of an array on a line of its own; @item is freed */
void write_item(FILE *file, json_object *item, bool first);
/* json_text - write an object on one line; the text belongs to @object */
const char *json_text(json_object *object);

/* get_text - return a member that is a string without NUL, or NULL */
const char *get_text(json_object *object, const char *key);
/* is_text_or_null - is a member a string without NUL, or null, or missing? */
bool is_text_or_null(json_object *object, const char *key);

/**
 * get_error - read a member that is null, or the name of an errno
 * @object: object with the member
 * @key: name of the member
 * @error: result, 0 for null
 *
 * Return: false if the member is missing, or is not the name of an errno of this host.
 */
bool get_error(json_object *object, const char *key, int *error);

#endif
