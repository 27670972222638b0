/* SPDX-License-Identifier: GPL-2.0-only */
/* What the devices of a domain are on this host, each read once */
#ifndef READINGS_H
#define READINGS_H

#include "options.h"

/* RFC 3339, in UTC */
#define TIME_SIZE	sizeof("2026-11-22T12:00:00Z")

/**
 * struct late_parents - the parents whose drivers do not answer in time
 * @known: names of those that are left alone: what is asked of them is unknown at once
 * @fd: a pipe for the name of each other one, with a NUL after it, or -1
 * @limit: what a driver has for one read, in milliseconds, or 0 for no limit
 * @deadline: when all devices are to be read, of now_ms(), or 0 for no limit but that of the host
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
 * @error: negative errno of finding it or its version, or 0
 * @type: its type, "" if @error kept it from being known
 * @source: its type and version, if @error is 0
 * @time: when it was read
 * @kept: does the device have an older stamp that stays?
 * @printed: was something printed about it?
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
 * struct readings - those of a domain, where a device is running and configured
 * @items: each device once
 * @num: their number
 */
struct readings {
	struct reading *items;
	size_t num;
};

/**
 * read_once - read a device, unless that was done before
 * @host: this host
 * @late: parents that do not answer in time
 * @readings: what was read; this is added
 * @uuid: the device
 *
 * Return: the reading, until the next one is added.  Its error is -ENODEV for a device that
 * is not here, and -EILSEQ for a type whose name XML cannot have.
 */
struct reading *read_once(struct mdev_precheck *host, const struct late_parents *late,
			  struct readings *readings, const char *uuid);
void readings_free(struct readings *readings);

/* is_unknown - does the driver of a device that is here not answer? */
bool is_unknown(const struct reading *reading);

#endif
