/* SPDX-License-Identifier: GPL-2.0-only */
/* Formats of export, and the parser of the documents for them */
#ifndef PUBLISH_H
#define PUBLISH_H

#include "publication.h"

/**
 * struct publish_format - a value of --format
 * @name: the value
 * @publish: function that writes the format, see publication.h
 * @is_verdict: the exit status comes from whole_verdict(), even if a part was left out
 */
struct publish_format {
	const char *name;
	enum outcome (*publish)(FILE *file, const struct publication *publication);
	bool is_verdict;
};

/* find_format - find the format of --format; NULL after a message */
const struct publish_format *find_format(const struct settings *settings);

/**
 * parse_publication - parse a document of types
 * @text: document, which has to stay until free_publication()
 * @len: bytes of @text
 * @publication: result, for free_publication(); @valid is 0
 *
 * A document that contradicts itself is refused, because it can come from any host.
 *
 * Return: NULL; or the mistake in the document, allocated, and then @publication is empty.
 */
char *parse_publication(const char *text, size_t len, struct publication *publication);
void free_publication(struct publication *publication);

/*
 * whole_verdict - unite the verdicts about all known strings
 *
 * One string that is refused makes it a no.  Otherwise it is not asked if a string could not be
 * asked about, if no string is known, or if a part of the host or of the strings was left out.
 */
enum mdev_precheck_verdict whole_verdict(const struct publication *publication);

#endif
