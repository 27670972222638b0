/* SPDX-License-Identifier: GPL-2.0-only */
/* From a document of types to what an engine reads */
#ifndef PUBLISH_H
#define PUBLISH_H

#include "publication.h"

/**
 * struct publish_format - a value of --format
 * @name: the value
 * @publish: writes it, see publication.h
 * @is_verdict: the exit status is that of whole_verdict()
 */
struct publish_format {
	const char *name;
	enum outcome (*publish)(FILE *file, const struct publication *publication);
	bool is_verdict;
};

/* find_format - the one of --format, or the first one; NULL after a message */
const struct publish_format *find_format(const struct settings *settings);

/**
 * read_publication - find out what a document has
 * @settings: the command line
 * @name: name of the document, for messages
 * @text: the document, which has to stay
 * @len: length of it
 * @publication: result, for free_publication() after DONE
 *
 * The document can be of anybody: what is not consistent in itself is refused.
 *
 * Return: DONE; or FAILED after a message.
 */
enum outcome read_publication(const struct settings *settings, const char *name,
			      const char *text, size_t len, struct publication *publication);
void free_publication(struct publication *publication);

/*
 * whole_verdict - a no if a known string is refused, otherwise not asked if one could not be asked
 * about, or if none is known
 */
enum mdev_precheck_verdict whole_verdict(const struct publication *publication);

#endif
