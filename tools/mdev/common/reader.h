/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a document in parts of any size, as they come from a file or from another host
 *
 * A document of thousands of types has dozens of megabytes, and many times that as objects of
 * json-c.  So the reader parses one value at a time, hands it on and frees it: each element of
 * the arrays that the document's object has, and each other member of this object.
 */
#ifndef READER_H
#define READER_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

struct reader;

/**
 * struct reader_format - the format of a document, and the functions that use it
 * @format: value of the document's member "format"
 * @newest: newest version of the format that can be read, from 1
 * @array: name of an array that the document must have
 * @take: called for each element of each array of the document's object until the first
 *	mistake, with the name of the array, the number of the element, the element, which is
 *	freed afterwards, and @data of reader_new()
 * @drop: frees @data of reader_new()
 *
 * The results of @take count only after reader_end() has returned NULL.
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
 * @format: format of the document, static
 * @data: argument for the functions of @format; it belongs to the reader
 *
 * Return: the reader, for reader_free().
 */
struct reader *reader_new(const struct reader_format *format, void *data);

/**
 * reader_feed - read the next part of the document
 * @reader: reader
 * @bytes: part of any size
 * @len: bytes of the part
 *
 * The lengths of the parts do not change the result.
 */
void reader_feed(struct reader *reader, const char *bytes, size_t len);

/**
 * reader_text - return a member of the document's object that is a string
 * @reader: reader, which may not be at the end of the document
 * @name: name of the member
 *
 * Return: the string, which belongs to the reader; NULL if the member did not come so far, or
 * is not a string.
 */
const char *reader_text(struct reader *reader, const char *name);

/* reader_has_array - did the document's object have the array @name so far? */
bool reader_has_array(struct reader *reader, const char *name);

/**
 * reader_keeps - count memory that is kept of an element
 * @reader: reader
 * @bytes: bytes of memory
 *
 * The reader refuses a document if the memory is much larger than the document, so that nobody
 * can use up the memory of this host with millions of elements of some bytes.
 */
void reader_keeps(struct reader *reader, size_t bytes);
/* reader_drops - count @bytes of that memory that are not kept any more */
void reader_drops(struct reader *reader, size_t bytes);

/* Memory that json-c takes for a member of an object, beside its name */
#define MEMBER_SIZE	128

/**
 * struct seen - names that were in the document; zeroed at the beginning
 * @names: object with the names as members, for json_object_put()
 * @size: bytes of memory that the names take
 */
struct seen {
	json_object *names;
	size_t size;
};

/* reader_sees - add a name; false if it was added before */
bool reader_sees(struct reader *reader, struct seen *seen, const char *name);
/* reader_forgets - remove all names */
void reader_forgets(struct reader *reader, struct seen *seen);

/**
 * reader_end - check a document after its last part
 * @reader: reader
 *
 * Return: NULL; or a sentence about the mistake in the document, allocated, with line and
 * column if it is not JSON.
 */
char *reader_end(struct reader *reader);

/* reader_data - return @data of reader_new() */
void *reader_data(struct reader *reader);

/* reader_free - free a reader and its data, or nothing for NULL */
void reader_free(struct reader *reader);

#endif
