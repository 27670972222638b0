/* SPDX-License-Identifier: GPL-2.0-only */
/* Functions that the fuzz targets share */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* REQUIRE - abort unless the condition holds, also with NDEBUG, which removes assert() */
#define REQUIRE(condition)						\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "%s:%d: does not hold: %s\n",	\
				__FILE__, __LINE__, #condition);	\
			abort();					\
		}							\
	} while (0)

/* LLVMFuzzerTestOneInput - try one input; libFuzzer calls it */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* text_of - copy the input to a string of its own, so that a read behind the NUL is found */
static inline char *text_of(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);

	REQUIRE(text);
	return text;
}

static inline bool same_text(const char *one, const char *other)
{
	return one && other ? !strcmp(one, other) : one == other;
}

static inline bool is_printable(const char *text)
{
	for (; *text; text++) {
		if (*text < 0x20 || *text > 0x7e)
			return false;
	}
	return true;
}

/*
 * character_length - return the bytes of the UTF-8 character at @text; 0 for anything else
 *
 * In contrast to common/output.c, which compares bytes with ranges, the character is decoded.
 */
static inline size_t character_length(const char *text)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *byte = (const unsigned char *)text;
	uint32_t number;
	size_t len, i;

	if (*byte < 0x80)
		return 1;
	if (*byte >> 5 == 0x06)
		len = 2;
	else if (*byte >> 4 == 0x0e)
		len = 3;
	else if (*byte >> 3 == 0x1e)
		len = 4;
	else
		return 0;

	number = *byte & (0x7f >> len);
	for (i = 1; i < len; i++) {
		if (byte[i] >> 6 != 2)
			return 0;
		number = number << 6 | (byte[i] & 0x3f);
	}
	if (number < least[len] || number > 0x10ffff || number >> 11 == 0x1b)
		return 0;
	return len;
}

static inline bool valid_utf8(const char *text)
{
	size_t len;

	for (; *text; text += len) {
		len = character_length(text);
		if (!len)
			return false;
	}
	return true;
}

#endif
