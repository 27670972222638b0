// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The lines that the kernel logs for a target's parent while it is asked
 *
 * A read of /dev/kmsg returns one record, see Documentation/ABI/testing/dev-kmsg:
 * "priority,sequence,time,flags[,...];message", and then lines " KEY=value", of which
 * DEVICE names the device.  In the message and in values, a backslash and each byte that
 * is not printable ASCII is "\xHH".
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* A record with its dictionary: CONSOLE_EXT_LOG_MAX of the kernel is 8192 */
#define RECORD_SIZE	8192

/* Bytes of "+SUBSYSTEM:NAME" that the kernel keeps: PRINTK_INFO_DEVICE_LEN less a NUL */
#define DEVICE_MAX	47

/* Bytes of a string that mdev_migration_version_rejected() of linux/mdev.h logs */
#define LOGGED_VERSION	256

/* Enough for a name, or for LOGGED_VERSION bytes of a string, each as "\xHH", and a NUL */
#define ESCAPED_SIZE	(4 * LOGGED_VERSION + 1)

void log_begin(struct log *log)
{
	log->error = 0;
	log->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log->fd < 0 || lseek(log->fd, 0, SEEK_END) < 0)
		log->error = errno;
}

/* escape - write a byte as the log has it, with a NUL; return the length without the NUL */
static size_t escape(char written[sizeof("\\x00")], unsigned char byte)
{
	return snprintf(written, sizeof("\\x00"),
			byte < ' ' || byte > '~' || byte == '\\' ? "\\x%02x" : "%c", byte);
}

/* is_name - is @value the text that the log has for the first @max bytes of @name? */
static bool is_name(const char *value, const char *name, size_t max)
{
	char written[sizeof("\\x00")];
	size_t len;

	for (; *name && max; name++, max--) {
		len = escape(written, *name);
		if (strncmp(value, written, len))
			return false;
		value += len;
	}
	return !*value;
}

static bool is_device(const char *value, const struct log_device *device)
{
	const char *colon;

	if (*value == '+') {
		/* The name of a device may have a colon, the name of a subsystem may not */
		colon = strchr(value, ':');
		if (!colon || colon - value >= DEVICE_MAX)
			return false;
		return is_name(colon + 1, device->name,
			       DEVICE_MAX - (colon + 1 - value));
	}
	return *device->number && !strcmp(value, device->number);
}

char *log_record_message(char *record, size_t len, const struct log_device *device,
			 bool *ours)
{
	static const char key[] = " DEVICE=";
	char *message, *line, *next;

	*ours = false;
	record[len] = '\0';
	message = strchr(record, ';');
	if (!message)
		return NULL;
	message++;

	next = strchr(message, '\n');
	while (next) {
		*next = '\0';
		line = next + 1;
		next = strchr(line, '\n');
		if (next)
			*next = '\0';
		if (!strncmp(line, key, sizeof(key) - 1))
			*ours = is_device(line + sizeof(key) - 1, device);
	}
	return message;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* goes_on - does a word go on at @end, also behind a dot as in "1.0.1"? */
static bool goes_on(const char *end)
{
	return is_word(*end) || (*end && strchr(".:+", *end) && is_word(end[1]));
}

/* comes_before - does the word at @start begin before it in @message?  See goes_on(). */
static bool comes_before(const char *message, const char *start)
{
	if (start == message)
		return false;
	return is_word(start[-1]) || (start - message > 1 && strchr(".:+", start[-1]) &&
				      is_word(start[-2]));
}

/* escape_text - write the first @max bytes of @text as the log has them; return the length */
static size_t escape_text(char written[ESCAPED_SIZE], const char *text, size_t max)
{
	size_t i, len = 0;

	written[0] = '\0';
	for (i = 0; i < max && text[i]; i++)
		len += escape(written + len, text[i]);
	return len;
}

/* has_word - does @message have the first @max bytes of @text, and not in a longer word? */
static bool has_word(const char *message, const char *text, size_t max)
{
	size_t len, text_len = strnlen(text, max + 1);
	char written[ESCAPED_SIZE];
	const char *found;

	len = escape_text(written, text, max);
	for (found = strstr(message, written); found; found = strstr(found + 1, written)) {
		if (is_word(written[0]) && comes_before(message, found))
			continue;
		/* If the kernel has cut the string, the log goes on right behind it */
		if (text_len > max || !is_word(written[len - 1]) || !goes_on(found + len))
			return true;
	}
	return false;
}

bool log_names(const char *message, const char *type, const char *version)
{
	return *type && *version && has_word(message, type, NAME_MAX) &&
	       has_word(message, version, LOGGED_VERSION);
}

bool log_has_fault(const char *message, const char *type)
{
	static const char before[] = ", type ";
	static const char after[] = ": check_migration_version returned ";
	char written[ESCAPED_SIZE];
	const char *found;
	size_t len;

	/* A driver's name can have these words, too, so that all places are looked at */
	found = strstr(message, "mdev driver ");
	len = escape_text(written, type, NAME_MAX);
	while (found && (found = strstr(found + 1, before))) {
		if (!strncmp(found + sizeof(before) - 1, written, len) &&
		    !strncmp(found + sizeof(before) - 1 + len, after, sizeof(after) - 1))
			return true;
	}
	return false;
}

/* find_log_device - find the names that the kernel log may have for @parent */
static void find_log_device(const struct mdev_precheck *precheck, const char *parent,
			    struct log_device *device)
{
	char path[sizeof(MDEV_BUS "/") + NAME_MAX + sizeof("/subsystem")];
	char target[PATH_MAX];
	char number[24];
	const char *subsystem = NULL;
	ssize_t len;
	int fd;

	device->name = parent;
	device->number[0] = '\0';

	snprintf(path, sizeof(path), MDEV_BUS "/%s/dev", parent);
	fd = openat(precheck->sysfs, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	len = read(fd, number, sizeof(number) - 1);
	close(fd);
	if (len <= 0)
		return;
	number[len] = '\0';
	number[strcspn(number, "\n")] = '\0';

	snprintf(path, sizeof(path), MDEV_BUS "/%s/subsystem", parent);
	len = readlinkat(precheck->sysfs, path, target, sizeof(target) - 1);
	if (len > 0) {
		target[len] = '\0';
		subsystem = strrchr(target, '/');
	}
	snprintf(device->number, sizeof(device->number), "%c%s",
		 subsystem && !strcmp(subsystem, "/block") ? 'b' : 'c', number);
}

/* add_message - add a line to an answer; 0 or -ENOMEM */
static int add_message(struct mdev_precheck_answer *answer, const char *message)
{
	int ret = mdev_precheck_answer_add_log(answer, message);

	/* The limit keeps a parent that floods the log from filling the memory */
	if (ret == -E2BIG) {
		answer->log_lost = true;
		return 0;
	}
	return ret;
}

int log_end(struct log *log, const struct mdev_precheck *precheck, const char *version,
	    bool faulty, struct mdev_precheck_answer *answer)
{
	char record[RECORD_SIZE + 1];
	struct log_device device;
	const char *message;
	ssize_t len;
	bool ours;
	int ret = 0;

	find_log_device(precheck, answer->parent, &device);
	while (!ret && !log->error) {
		len = read(log->fd, record, RECORD_SIZE);
		if (len < 0 && errno == EINTR)
			continue;
		/* The kernel has overwritten records before they were read */
		if (len < 0 && errno == EPIPE) {
			answer->log_lost = true;
			continue;
		}
		if (len < 0 && errno != EAGAIN)
			log->error = errno;
		if (len <= 0)
			break;
		message = log_record_message(record, len, &device, &ours);
		if (!message)
			continue;
		/* The message of ___ratelimit() in the kernel does not name a device */
		if (strstr(message, "callbacks suppressed"))
			answer->log_lost = true;
		if (ours && (log_names(message, answer->type, version) ||
			     (faulty && log_has_fault(message, answer->type))))
			ret = add_message(answer, message);
	}
	answer->log_error = log->error;
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
	return ret;
}
