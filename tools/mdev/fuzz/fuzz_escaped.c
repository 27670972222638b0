// SPDX-License-Identifier: GPL-2.0-only
/* Printed text from elsewhere, in which a terminal must not find a command */

#include <locale.h>
#include <wchar.h>

#include "fuzz.h"
#include "table.h"

/* is_harmless - does a character only stay where it was printed? */
static bool is_harmless(const char *text, size_t len)
{
	mbstate_t state = {};
	wchar_t character;

	if (mbrtowc(&character, text, len, &state) != len)
		return false;
	/* Marks and overrides of direction, isolates, joiners, and the planes of private use */
	return wcwidth(character) > 0 && !(character >= 0x200b && character <= 0x200f) &&
	       !(character >= 0x202a && character <= 0x202e) &&
	       !(character >= 0x2060 && character <= 0x206f) && character != 0xfeff &&
	       !(character >= 0xe000 && character <= 0xf8ff) && character < 0xe0000;
}

/* require_escaped - require that @result has all of @text; @characters allows others than ASCII */
static void require_escaped(const char *text, const char *result, bool characters)
{
	size_t len;
	char code[5];

	while (*text) {
		len = character_length(text);
		snprintf(code, sizeof(code), "\\x%02x", (unsigned char)*text);
		if (*text >= 0x20 && *text <= 0x7e) {
			REQUIRE(*result == *text);
			result++;
			text++;
		} else if (!strncmp(result, code, 4)) {
			result += 4;
			text++;
		} else {
			REQUIRE(characters && len > 1 && !strncmp(result, text, len));
			REQUIRE(is_harmless(text, len));
			result += len;
			text += len;
		}
	}
	REQUIRE(!*result);
}

/* require_printed - require that @text is printed as @result, alone and in a table */
static void require_printed(const char *text, const char *result)
{
	static const struct column columns[] = { { "1", 0 }, { "2", 0 }, { "3", 0 } };
	static const struct settings settings = { .given = OPTION_NOHEADINGS };
	const char *cell = *result ? result : "-";
	char *written, *expected;
	struct table table;
	size_t len;
	FILE *file;

	file = open_memstream(&written, &len);
	REQUIRE(file);
	write_escaped(file, text);
	REQUIRE(!fclose(file));
	REQUIRE(len == strlen(result) && !strcmp(written, result));
	free(written);

	REQUIRE(!table_begin(&table, &settings, columns, ARRAY_SIZE(columns)));
	table_add(&table, text);
	table_add(&table, NULL);
	table_add(&table, text);
	file = open_memstream(&written, &len);
	REQUIRE(file);
	table_print(&table, file);
	table_free(&table);
	REQUIRE(!fclose(file));
	expected = format_text("%s  -  %s\n", cell, cell);
	REQUIRE(!strcmp(written, expected));
	free(expected);
	free(written);
}

static void require_safe(const char *text, bool characters)
{
	char *result = escaped(text), *again = escaped(result);

	if (!characters)
		REQUIRE(is_printable(result));
	require_escaped(text, result, characters);
	REQUIRE(!strcmp(result, again));
	require_printed(text, result);
	free(again);
	free(result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static locale_t utf8_characters;
	char *text = text_of(data, size);

	if (!utf8_characters)
		utf8_characters = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
	REQUIRE(utf8_characters);
	require_safe(text, false);
	uselocale(utf8_characters);
	require_safe(text, true);
	uselocale(LC_GLOBAL_LOCALE);
	free(text);
	return 0;
}
