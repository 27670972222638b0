/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A document in parts of any size, as they come from a file or from another host
 *
 * A document of thousands of types is dozens of megabytes, and many times that as objects of
 * json-c.  So one value of it at a time is parsed, handed on and freed: each element of the
 * arrays that the document's object has, and each other member of this object.
 */
#ifndef READER_H
#define READER_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

struct reader;

/**
 * struct reader_format - what a document has to be, and who reads it
 * @format: its member "format"
 * @newest: the newest version of the format that is understood, from 1
 * @array: name of the array that it has to have
 * @take: called for each element of each array of the document's object, as they come, while
 *	nothing is wrong with the document: with the name of the array, the number of the
 *	element, the element, which is freed afterwards, and what reader_new() got
 * @drop: frees that
 *
 * The result of @take counts only once reader_end() has found nothing wrong.
 */
struct reader_format {
	const char *format;
	int newest;
	const char *array;
	void (*take)(struct reader *reader, const char *array, size_t number, json_object *element,
		     void *data);
	void (*drop)(void *data);
};

/**
 * reader_new - begin to read a document
 * @format: the format, static
 * @data: for the functions of @format; it belongs to the reader
 *
 * Return: the reader, for reader_free().
 */
struct reader *reader_new(const struct reader_format *format, void *data);

/**
 * reader_feed - read the next part of the document
 * @reader: reader
 * @bytes: part
 * @len: length of it
 *
 * How the document is cut into parts does not change the result.
 */
void reader_feed(struct reader *reader, const char *bytes, size_t len);

/**
 * reader_text - a member of the document's object that is a string, as far as it was read
 * @reader: reader
 * @name: name of the member
 *
 * Return: the string, which belongs to the reader; NULL if there is none, or another value.
 */
const char *reader_text(struct reader *reader, const char *name);

/* reader_has_array - is a member of the document's object, as far as it was read, an array? */
bool reader_has_array(struct reader *reader, const char *name);

/**
 * reader_keeps - count memory that is kept of an element
 * @reader: reader
 * @bytes: number of bytes
 *
 * A document of which much more is kept than its own size is refused, so that nobody can use
 * up the memory of this host with millions of elements of some bytes.
 */
void reader_keeps(struct reader *reader, size_t bytes);
/* reader_drops - so many bytes of that are not kept any more */
void reader_drops(struct reader *reader, size_t bytes);

/* Memory that json-c takes for a member of an object, beside its name */
#define MEMBER_SIZE	128

/**
 * struct seen - names that were in the document, from { } on
 * @names: the names, as members, for json_object_put()
 * @size: memory that they take
 */
struct seen {
	json_object *names;
	size_t size;
};

/* reader_sees - false if the name has been seen before */
bool reader_sees(struct reader *reader, struct seen *seen, const char *name);
/* reader_forgets - no name has been seen */
void reader_forgets(struct reader *reader, struct seen *seen);

/**
 * reader_end - the document has ended
 * @reader: reader
 *
 * Return: NULL; or what is wrong with the document, allocated: with line and column if it is
 * not JSON.
 */
char *reader_end(struct reader *reader);

/* reader_data - what reader_new() got */
void *reader_data(struct reader *reader);

/* reader_free - free a reader and its data; NULL is nothing */
void reader_free(struct reader *reader);

#endif
