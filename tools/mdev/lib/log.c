// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a target's parent logs while it is asked
 *
 * A read of /dev/kmsg gives one record: "priority,sequence,time,flags[,...];message"
 * and then lines " KEY=value", of which DEVICE tells the device, as in
 * Documentation/ABI/testing/dev-kmsg.  Other bytes than printable ASCII, and the
 * backslash, are "\xHH" in the message and in values.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* A record with its dictionary: CONSOLE_EXT_LOG_MAX of the kernel is 8192 */
#define RECORD_SIZE	8192

/* The kernel keeps so much of "+SUBSYSTEM:NAME": PRINTK_INFO_DEVICE_LEN less a NUL */
#define DEVICE_MAX	47

/* Parents are asked one after the other, and log a line or two for each question */
#define LINES_MAX	64

void log_begin(struct log *log)
{
	memset(log, 0, sizeof(*log));
	log->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log->fd < 0 || lseek(log->fd, 0, SEEK_END) < 0)
		log->error = errno;
}

/* is_name - is @value how the log writes the first @max bytes of @name? */
static bool is_name(const char *value, const char *name, size_t max)
{
	const unsigned char *byte = (const unsigned char *)name;
	char written[sizeof("\\x00")];
	size_t len;

	for (; *byte && max; byte++, max--) {
		if (*byte < ' ' || *byte > '~' || *byte == '\\')
			len = snprintf(written, sizeof(written), "\\x%02x", *byte);
		else
			len = snprintf(written, sizeof(written), "%c", *byte);
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
		/* A subsystem has no colon, a device may */
		colon = strchr(value, ':');
		if (!colon || colon - value >= DEVICE_MAX)
			return false;
		return is_name(colon + 1, device->name,
			       DEVICE_MAX - (colon + 1 - value));
	}
	return *device->number && !strcmp(value, device->number);
}

char *log_record_message(char *record, size_t len,
			 const struct log_device *device)
{
	static const char key[] = " DEVICE=";
	char *message, *line, *next;
	bool ours = false;

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
			ours = is_device(line + sizeof(key) - 1, device);
	}
	return ours ? message : NULL;
}

static int add_line(struct log *log, const char *message)
{
	char **lines, *line;

	if (log->num == LINES_MAX)
		return 0;

	line = strdup(message);
	if (!line)
		return -ENOMEM;
	lines = realloc(log->lines, (log->num + 1) * sizeof(*lines));
	if (!lines) {
		free(line);
		return -ENOMEM;
	}
	lines[log->num++] = line;
	log->lines = lines;
	return 0;
}

/* find_device - what @parent may be called in the log */
static void find_device(const struct mdev_precheck *precheck, const char *parent,
			struct log_device *device)
{
	char path[NAME_MAX + sizeof("/subsystem")];
	char target[PATH_MAX];
	char number[24];
	const char *subsystem = NULL;
	ssize_t len;
	int fd;

	device->name = parent;
	device->number[0] = '\0';

	snprintf(path, sizeof(path), "%s/dev", parent);
	fd = openat(precheck->parents, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	len = read(fd, number, sizeof(number) - 1);
	close(fd);
	if (len <= 0)
		return;
	number[len] = '\0';
	number[strcspn(number, "\n")] = '\0';

	snprintf(path, sizeof(path), "%s/subsystem", parent);
	len = readlinkat(precheck->parents, path, target, sizeof(target) - 1);
	if (len > 0) {
		target[len] = '\0';
		subsystem = strrchr(target, '/');
	}
	snprintf(device->number, sizeof(device->number), "%c%s",
		 subsystem && !strcmp(subsystem, "/block") ? 'b' : 'c', number);
}

int log_end(struct log *log, const struct mdev_precheck *precheck,
	    const char *parent)
{
	char record[RECORD_SIZE + 1];
	struct log_device device;
	const char *message;
	ssize_t len;
	int ret = 0;

	if (log->error)
		return 0;

	find_device(precheck, parent, &device);
	while (!ret) {
		len = read(log->fd, record, RECORD_SIZE);
		/* Records that were overwritten before they were read */
		if (len < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (len <= 0)
			break;
		message = log_record_message(record, len, &device);
		if (message)
			ret = add_line(log, message);
	}
	/* Answers may be kept, and are more than files may be open */
	close(log->fd);
	log->fd = -1;
	return ret;
}

void log_free(struct log *log)
{
	size_t i;

	for (i = 0; i < log->num; i++)
		free(log->lines[i]);
	free(log->lines);
	if (log->fd >= 0)
		close(log->fd);
	memset(log, 0, sizeof(*log));
	log->fd = -1;
}
