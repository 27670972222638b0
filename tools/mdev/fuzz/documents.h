/* SPDX-License-Identifier: GPL-2.0-only */
/* Documents as the fuzz targets read them: whole, or in parts */
#ifndef DOCUMENTS_H
#define DOCUMENTS_H

#include <stdint.h>

#include "document.h"

/**
 * feed - read all of a document
 * @reader: reader
 * @text: document
 * @len: bytes of the document
 * @parts: read it in parts, most of which have less than eight bytes.  Their lengths depend on
 *	@len only, so that an input that breaks a target breaks it again.
 */
static inline void feed(struct reader *reader, const char *text, size_t len, bool parts)
{
	uint32_t state = len;
	size_t part;

	for (; len; text += part, len -= part) {
		state = state * 1664525 + 1013904223;
		part = state >> 24;
		part = part < 192 ? part % 8 : part;
		if (!parts || part > len)
			part = len;
		reader_feed(reader, text, part);
	}
}

/* parse_sources - read a document that is in memory, and call end_sources() */
static inline char *parse_sources(const char *text, size_t len, bool parts,
				  struct sources *sources, struct list *left_out)
{
	struct reader *reader = read_sources();

	feed(reader, text, len, parts);
	return end_sources(reader, sources, left_out);
}

#endif
