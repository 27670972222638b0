/* SPDX-License-Identifier: GPL-2.0-only */
/* Access of the commands to this host */
#ifndef HOST_H
#define HOST_H

#include "options.h"

#define ASK_TIMEOUT_MS	(ASK_TIMEOUT_S * 1000)

/* host_directory - return the directory of the sysfs, or of the fixture in its place */
const char *host_directory(const struct settings *settings);

/* open_host - open this host, with the limit of --timeout or @timeout; NULL after a message */
struct mdev_precheck *open_host(const struct settings *settings,
				unsigned int timeout);

/**
 * share_time - limit the next question, so that there is time for the questions after it
 * @host: this host
 * @deadline: end of the last question, as now_ms() counts
 * @most: milliseconds for one question at most; 0 for no limit
 *
 * The question gets half of the time until @deadline.
 */
void share_time(struct mdev_precheck *host, long long deadline, unsigned int most);

/**
 * shows_parents - are all parents of the host visible?
 * @state: state of the host
 *
 * In a directory that is not a sysfs, or in a container, the host can have parents, types and
 * devices that are not visible.
 *
 * Return: true also if the host does not have a parent.
 */
bool shows_parents(enum mdev_precheck_host_state state);

/* locate_device - find the type and the parent of a device; @typed is for messages */
enum outcome locate_device(struct mdev_precheck *host, const char *typed, const char *uuid,
			   struct mdev_precheck_place *place);

#endif
