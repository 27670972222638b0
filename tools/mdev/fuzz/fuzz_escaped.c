// SPDX-License-Identifier: GPL-2.0-only
/* What is printed of text that comes from elsewhere: nothing that a terminal obeys */

#include "fuzz.h"
#include "table.h"

/* require_escaped - @result says what @text does, byte for byte */
static void require_escaped(const char *text, const char *result)
{
	char code[5];

	for (; *text; text++) {
		if (*text >= 0x20 && *text <= 0x7e) {
			REQUIRE(*result == *text);
			result++;
		} else {
			snprintf(code, sizeof(code), "\\x%02x",
				 (unsigned char)*text);
			REQUIRE(!strncmp(result, code, 4));
			result += 4;
		}
	}
	REQUIRE(!*result);
}

/* require_printed - alone and in a table, @text is printed as @result */
static void require_printed(const char *text, const char *result)
{
	struct table table = { .columns = 3 };
	char *written, *expected;
	size_t len;
	FILE *file;

	file = open_memstream(&written, &len);
	REQUIRE(file);
	write_escaped(file, text);
	REQUIRE(!fclose(file));
	REQUIRE(len == strlen(result) && !strcmp(written, result));
	free(written);

	table_add(&table, text);
	table_add(&table, NULL);
	table_add(&table, text);
	file = open_memstream(&written, &len);
	REQUIRE(file);
	table_print(&table, file);
	table_free(&table);
	REQUIRE(!fclose(file));
	expected = format_text("%s  -  %s\n", result, result);
	REQUIRE(!strcmp(written, expected));
	free(expected);
	free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);
	char *result = escaped(text);

	REQUIRE(is_printable(result));
	require_escaped(text, result);
	require_printed(text, result);
	free(result);
	free(text);
	return 0;
}
