/* SPDX-License-Identifier: GPL-2.0-only */
/* This host: what the commands need of the library */
#ifndef HOST_H
#define HOST_H

#include "options.h"

#define ASK_TIMEOUT_MS	(ASK_TIMEOUT_S * 1000)

/* host_directory - the sysfs of this host, or the fixture in its place */
const char *host_directory(const struct settings *settings);

/* open_host - with the limit @timeout if none was given; NULL after a message */
struct mdev_precheck *open_host(const struct settings *settings,
				unsigned int timeout);

/**
 * share_time - limit the next question, so that there is always time for those after it
 * @host: this host
 * @deadline: when the last one ends, as now_ms() counts
 * @most: milliseconds for one at most, or 0
 *
 * The question gets half of the time that is left.
 */
void share_time(struct mdev_precheck *host, long long deadline, unsigned int most);

/**
 * shows_parents - can all parents that a host has be seen?
 * @state: state of the host
 *
 * A directory that is not a sysfs, or a container's view of one, could have any type and any
 * device, and none could be asked about.
 *
 * Return: true also if the host does not have a parent.
 */
bool shows_parents(enum mdev_precheck_host_state state);

/* locate_device - the type of a device, and its parent; @typed is for messages */
enum outcome locate_device(struct mdev_precheck *host, const char *typed, const char *uuid,
			   struct mdev_precheck_place *place);

#endif
