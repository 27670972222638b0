/* SPDX-License-Identifier: GPL-2.0-only */
/* From a document of types to what an engine reads */
#ifndef PUBLISH_H
#define PUBLISH_H

#include "publication.h"

/**
 * struct publish_format - a value of --format
 * @name: the value
 * @publish: writes it, see publication.h
 * @is_verdict: the exit status is that of whole_verdict(), also if a part was left out
 */
struct publish_format {
	const char *name;
	enum outcome (*publish)(FILE *file, const struct publication *publication);
	bool is_verdict;
};

/* find_format - the one of --format, or the first one; NULL after a message */
const struct publish_format *find_format(const struct settings *settings);

/**
 * parse_publication - find out what a document has
 * @text: the document, which has to stay
 * @len: length of it
 * @publication: result, for free_publication(); @valid is 0
 *
 * The document can be of anybody: what is not consistent in itself is refused.
 *
 * Return: NULL; or what is wrong with it, allocated, and then nothing is to be freed.
 */
char *parse_publication(const char *text, size_t len, struct publication *publication);
void free_publication(struct publication *publication);

/*
 * whole_verdict - a no if a known string is refused, otherwise not asked if one could not be asked
 * about, if none is known, or if a part of the host or of the strings was left out
 */
enum mdev_precheck_verdict whole_verdict(const struct publication *publication);

#endif
