// SPDX-License-Identifier: GPL-2.0-only
/* Messages, exit statuses, and memory whose lack ends the program */

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <wchar.h>
#include <wctype.h>

#include "output.h"
#include "progress.h"
#include "terminal.h"

static bool complaints_are_logged;
static const char *help_command_name;
static char **log_lines;
static size_t num_log_lines;

bool log_complaints(bool wanted)
{
	bool before = complaints_are_logged;

	complaints_are_logged = wanted;
	return before;
}

void send_log(void)
{
	size_t i;

	for (i = 0; i < num_log_lines; i++) {
		syslog(LOG_WARNING, "%s", log_lines[i]);
		free(log_lines[i]);
	}
	free(log_lines);
	log_lines = NULL;
	num_log_lines = 0;
}

/* vcomplain - print a message, with the text of an errno after it unless that is 0 */
static void vcomplain(int error, const char *format, va_list args)
{
	const char *reason = error ? strerror(abs(error)) : "";
	const char *colon = error ? ": " : "";
	char *text = NULL, *line;
	int len = vasprintf(&text, format, args);

	line = escaped(len < 0 ? format : text);
	progress_clear();
	fprintf(stderr, "mdev-precheck: %s%s%s\n", line, colon, reason);
	if (complaints_are_logged) {
		log_lines = grow(log_lines, num_log_lines, sizeof(*log_lines));
		log_lines[num_log_lines++] = format_text("%s%s%s", line, colon, reason);
	}
	free(line);
	free(len < 0 ? NULL : text);
}

void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vcomplain(0, format, args);
	va_end(args);
}

enum outcome misused(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vcomplain(0, format, args);
	va_end(args);
	return try_help();
}

void set_help_command(const char *name)
{
	help_command_name = name;
}

enum outcome try_help(void)
{
	if (help_command_name)
		complain("try: mdev-precheck help %s", help_command_name);
	else
		complain("try: mdev-precheck --help");
	return MISUSED;
}

enum outcome failed(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vcomplain(error, format, args);
	va_end(args);
	return FAILED;
}

enum exit_status verdict_status(enum mdev_precheck_verdict verdict)
{
	switch (verdict) {
	case MDEV_PRECHECK_COMPATIBLE:
		return STATUS_COMPATIBLE;
	case MDEV_PRECHECK_INCOMPATIBLE:
		return STATUS_INCOMPATIBLE;
	default:
		return STATUS_NOT_ASKED;
	}
}

enum exit_status outcome_status(enum outcome outcome)
{
	switch (outcome) {
	case DONE:
		return STATUS_COMPATIBLE;
	case MISUSED:
		return STATUS_USAGE;
	default:
		return STATUS_NOT_ASKED;
	}
}

void *checked(void *memory)
{
	if (!memory) {
		complain("out of memory");
		exit(STATUS_NOT_ASKED);
	}
	return memory;
}

void *allocate(size_t size)
{
	return checked(calloc(1, size));
}

void *grow(void *items, size_t num, size_t size)
{
	return checked(array_grow(items, num, size));
}

char *duplicate(const char *text)
{
	return text ? checked(strdup(text)) : NULL;
}

char *format_text(const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	return checked(len < 0 ? NULL : text);
}

int compare_optional(const char *one, const char *other)
{
	if (!one || !other)
		return !!one - !!other;
	return strcmp(one, other);
}

long add_room(long sum, long room)
{
	if (sum < 0 || room < 0)
		return sum < 0 ? room : sum;
	/* Another host can claim to have any room */
	return room > LONG_MAX - sum ? LONG_MAX : sum + room;
}

long add_each_room(long sum, long room)
{
	return sum < 0 || room < 0 ? -1 : add_room(sum, room);
}

int find_value(const char *name, const char *(*name_of)(int value))
{
	const char *each;
	int i;

	for (i = 0; name && (each = name_of(i)); i++) {
		if (!strcmp(name, each))
			return i;
	}
	return -1;
}

/* sequence_length - return the bytes of the UTF-8 character at @text; 0 for anything else */
static size_t sequence_length(const unsigned char *text, size_t left)
{
	/* The second byte decides whether a character is overlong, a surrogate or too large */
	unsigned char min = 0x80, max = 0xbf;
	size_t len, i;

	if (*text < 0x80)
		return 1;
	if (*text >= 0xc2 && *text <= 0xdf)
		len = 2;
	else if (*text >= 0xe0 && *text <= 0xef)
		len = 3;
	else if (*text >= 0xf0 && *text <= 0xf4)
		len = 4;
	else
		return 0;
	if (len > left)
		return 0;

	if (*text == 0xe0)
		min = 0xa0;
	else if (*text == 0xed)
		max = 0x9f;
	else if (*text == 0xf0)
		min = 0x90;
	else if (*text == 0xf4)
		max = 0x8f;
	for (i = 1; i < len; i++) {
		if (text[i] < min || text[i] > max)
			return 0;
		min = 0x80;
		max = 0xbf;
	}
	return len;
}

bool is_utf8(const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		len = sequence_length((const unsigned char *)text, end - text);
		if (!len)
			return false;
		text += len;
	}
	return true;
}

char *utf8(const char *text)
{
	/* Three bytes, U+FFFD, take the place of each byte that is not a part of a character */
	const char *end = text + strlen(text);
	char *result = allocate(3 * (end - text) + 1);
	char *to = result;

	while (text < end) {
		size_t len = sequence_length((const unsigned char *)text, end - text);

		if (len) {
			memcpy(to, text, len);
			to += len;
			text += len;
		} else {
			memcpy(to, "\357\277\275", 3);
			to += 3;
			text++;
		}
	}
	*to = '\0';
	return result;
}

/*
 * Characters that wcwidth(3) counts and that are not shown as they are: the soft hyphen,
 * letters that are written from right to left and move their neighbours, blanks that look like
 * others or are not visible, and characters for private use
 */
static const struct {
	wchar_t first;
	wchar_t last;
} misleading[] = {
	{ 0x00a0, 0x00a0 }, { 0x00ad, 0x00ad }, { 0x0590, 0x08ff }, { 0x115f, 0x1160 },
	{ 0x1680, 0x1680 }, { 0x180e, 0x180e }, { 0x2000, 0x200f }, { 0x2028, 0x202f },
	{ 0x205f, 0x206f }, { 0x2800, 0x2800 }, { 0x3000, 0x3000 }, { 0x3164, 0x3164 },
	{ 0xe000, 0xf8ff }, { 0xfb1d, 0xfdff }, { 0xfe70, 0xfeff }, { 0xffa0, 0xffa0 },
	{ 0xfff9, 0xfffb }, { 0x10800, 0x10fff }, { 0x1e800, 0x1efff }, { 0xe0000, 0x10ffff },
};

/* is_shown - does a character stay where it was printed, and take a place of its own? */
static bool is_shown(wchar_t character)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(misleading); i++) {
		if (character >= misleading[i].first && character <= misleading[i].last)
			return false;
	}
	return iswprint(character) && wcwidth(character) > 0;
}

/* shown_length - return the bytes of the character at @text if it can be shown, otherwise 0 */
static size_t shown_length(const unsigned char *text, size_t left, bool characters)
{
	mbstate_t state = {};
	wchar_t character;
	size_t len;

	if (*text < 0x80)
		return *text >= 0x20 && *text <= 0x7e;
	len = characters ? sequence_length(text, left) : 0;
	if (!len || mbrtowc(&character, (const char *)text, len, &state) != len)
		return 0;
	return is_shown(character) ? len : 0;
}

char *escaped(const char *text)
{
	const unsigned char *from = (const unsigned char *)(text ? text : "-");
	size_t left = strlen((const char *)from), len;
	bool characters = utf8_locale();
	char *result = allocate(4 * left + 1);
	char *to = result;

	for (; left; left -= len, from += len) {
		len = shown_length(from, left, characters);
		if (len) {
			to = mempcpy(to, from, len);
		} else {
			to += sprintf(to, "\\x%02x", *from);
			len = 1;
		}
	}
	*to = '\0';
	return result;
}

void write_escaped(FILE *file, const char *text)
{
	char *safe = escaped(text);

	fputs(safe, file);
	free(safe);
}

char *quoted(const char *text)
{
	char *result = allocate(4 * strlen(text) + 3);
	char *to = result;

	*to++ = '\'';
	for (; *text; text++) {
		/* In quotes, the backslash is special in fish, and the exclamation mark in csh */
		if (strchr("'\\!", *text))
			to += sprintf(to, "'\\%c'", *text);
		else
			*to++ = *text;
	}
	*to++ = '\'';
	*to = '\0';
	return result;
}

char *shell_word(const char *text)
{
	const char *end = text;

	while (*end && (isalnum((unsigned char)*end) || strchr("@%+=:,./_-", *end)))
		end++;
	return *text && !*end ? duplicate(text) : quoted(text);
}
