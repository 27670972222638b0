// SPDX-License-Identifier: GPL-2.0-only
/* A record of /dev/kmsg */

#include "fuzz.h"
#include "internal.h"

/*
 * Devices with a number, without a number and with a colon in the name, with a name that the
 * log escapes, and with a name that is too long for the log
 */
static const struct log_device devices[] = {
	{ "mtty", "c235:0" },
	{ "0000:00:02.0", "" },
	{ "a\\\xc3\xa9\t", "" },
	{ "0123456789012345678901234567890123456789\x7f, too long", "" },
};

/* cut_name - write the part of a name that the log has after @used other bytes; its length */
static size_t cut_name(const char *name, size_t used, char *written)
{
	size_t i, len = 0;

	for (i = 0; name[i] && used + i < 47; i++)
		len += sprintf(written + len, strchr("\\\xc3\xa9\t\x7f", name[i]) ?
			       "\\x%02x" : "%c", (unsigned char)name[i]);
	return len;
}

/* names_device - is @line, of @len bytes, about @device? */
static bool names_device(const char *line, size_t len,
			 const struct log_device *device)
{
	static const char key[] = " DEVICE=";
	size_t key_len = sizeof(key) - 1, name_len;
	const char *colon;
	char name[256];

	if (len < key_len || memcmp(line, key, key_len))
		return false;
	line += key_len;
	len -= key_len;
	if (!len || *line != '+')
		return len && len == strlen(device->number) &&
		       !memcmp(line, device->number, len);
	colon = memchr(line, ':', len);
	if (!colon || colon - line >= 47)
		return false;
	name_len = cut_name(device->name, colon + 1 - line, name);
	return (size_t)(line + len - colon - 1) == name_len &&
	       !memcmp(colon + 1, name, name_len);
}

/**
 * wanted_message - find the message of a record, and whether the record is about @device
 * @record: record without a NUL in it
 * @len: bytes of the record
 * @device: device of the parent
 * @message_len: result, bytes of the message
 * @ours: result, is the record about @device?
 *
 * This function only reads the record, and the parser changes it.
 *
 * Return: the message in @record, or NULL.
 */
static const char *wanted_message(const char *record, size_t len,
				  const struct log_device *device,
				  size_t *message_len, bool *ours)
{
	const char *end = record + len, *message, *line, *next;

	*ours = false;
	message = memchr(record, ';', len);
	if (!message)
		return NULL;
	message++;
	next = memchr(message, '\n', end - message);
	*message_len = (next ? next : end) - message;

	while (next) {
		line = next + 1;
		next = memchr(line, '\n', end - line);
		/* The kernel writes one such line; if there are several, the last one counts */
		if ((size_t)((next ? next : end) - line) >= 8 &&
		    !memcmp(line, " DEVICE=", 8))
			*ours = names_device(line, (next ? next : end) - line, device);
	}
	return message;
}

/* Type and string of the question that the messages of the corpus are about */
#define TYPE	"mtty-2"
#define STRING	"4348:3253-1.0"

/* joins - does @byte beside a word belong to it?  @next is the byte behind @byte, seen from it. */
static bool joins(char byte, char next)
{
	static const char word[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	if (byte && strchr(word, byte))
		return true;
	return byte && strchr(".:+", byte) && next && strchr(word, next);
}

/* has_alone - does @message have @word, and not as a part of a longer word? */
static bool has_alone(const char *message, const char *word)
{
	size_t len = strlen(message), word_len = strlen(word), at;

	for (at = 0; at + word_len <= len; at++) {
		const char *end = message + at + word_len;

		if (memcmp(message + at, word, word_len))
			continue;
		if (at && joins(message[at - 1], at > 1 ? message[at - 2] : '\0'))
			continue;
		if (!*end || !joins(*end, end[1]))
			return true;
	}
	return false;
}

/* has_fault - does @message report what the driver's check of the type returned? */
static bool has_fault(const char *message)
{
	const char *driver = strstr(message, "mdev driver ");

	return driver && strstr(driver, ", type " TYPE ": check_migration_version returned ");
}

static void take_apart(const uint8_t *data, size_t size,
		       const struct log_device *device)
{
	size_t wanted_len, len = strnlen((const char *)data, size);
	/* Room for a NUL and no more, as the header requires */
	char *record = malloc(size + 1);
	const char *message, *wanted;
	bool ours, wanted_ours;

	REQUIRE(record);
	memcpy(record, data, size);
	message = log_record_message(record, size, device, &ours);
	wanted = wanted_message((const char *)data, len, device, &wanted_len, &wanted_ours);

	REQUIRE(!message == !wanted);
	REQUIRE(ours == wanted_ours);
	if (message) {
		REQUIRE(message > record && message <= record + size);
		REQUIRE(message - record == wanted - (const char *)data);
		REQUIRE(strlen(message) == wanted_len);
		REQUIRE(!memcmp(message, wanted, wanted_len));
		REQUIRE(!strchr(message, '\n'));
		REQUIRE(log_names(message, TYPE, STRING) ==
			(has_alone(message, TYPE) && has_alone(message, STRING)));
		REQUIRE(log_has_fault(message, TYPE) == has_fault(message));
	}
	free(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t i;

	for (i = 0; i < sizeof(devices) / sizeof(*devices); i++)
		take_apart(data, size, &devices[i]);
	return 0;
}
