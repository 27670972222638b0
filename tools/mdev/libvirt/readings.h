/* SPDX-License-Identifier: GPL-2.0-only */
/* Types and versions of a domain's devices on this host, each read once */
#ifndef READINGS_H
#define READINGS_H

#include "options.h"

/* RFC 3339, in UTC */
#define TIME_SIZE	sizeof("2026-11-22T12:00:00Z")

/**
 * struct late_parents - the parents whose drivers do not answer in time
 * @known: names of parents that are not asked: the version of their devices is unknown at once
 * @fd: a pipe for the name of each new late parent, with a NUL after it, or -1
 * @limit: the time for one read, in milliseconds, or 0 for no limit
 * @deadline: the time of now_ms() when all devices are to be read, or 0 for the host's limit alone
 */
struct late_parents {
	struct list known;
	int fd;
	long limit;
	long long deadline;
};

/**
 * struct reading - a device as it is on this host
 * @uuid: the device
 * @error: negative errno of the search for the device or its version, or 0
 * @type: its type, "" if it was not found because of @error
 * @source: its type and version, if @error is 0
 * @time: when it was read
 * @kept: does the device have an older stamp that stays?
 * @printed: was a line printed about it?
 */
struct reading {
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	int error;
	char type[MDEV_PRECHECK_NAME_SIZE];
	struct mdev_precheck_source *source;
	char time[TIME_SIZE];
	bool kept;
	bool printed;
};

/**
 * struct readings - the readings of a domain, which shares them with its configuration
 * @items: each device once
 * @num: entries in @items
 */
struct readings {
	struct reading *items;
	size_t num;
};

/**
 * read_once - read a device, unless @readings has it
 * @host: this host
 * @late: parents that do not answer in time
 * @readings: earlier readings, to which the new one is added
 * @uuid: the device
 *
 * Return: the reading, valid until the next one is added.  Its error is -ENODEV for a device
 * that is not here, and -EILSEQ for a type whose name XML cannot have.
 */
struct reading *read_once(struct mdev_precheck *host, const struct late_parents *late,
			  struct readings *readings, const char *uuid);
void readings_free(struct readings *readings);

/* is_unknown - is the version of a device unknown because its driver does not answer? */
bool is_unknown(const struct reading *reading);

#endif
