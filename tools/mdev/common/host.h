/* SPDX-License-Identifier: GPL-2.0-only */
/* This host: what the commands need of the library */
#ifndef HOST_H
#define HOST_H

#include "options.h"

/* A driver that takes longer for one question is taken for one that hangs */
#define ASK_TIMEOUT_MS	10000

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

/* locate_device - the type of a device */
enum outcome locate_device(struct mdev_precheck *host, const char *uuid,
			   struct mdev_precheck_place *place);

/**
 * for_selected_types - visit the types of --parent, --type and --device
 * @host: this host
 * @settings: the command line
 * @visit: called for each type that could be looked into
 * @data: passed on
 * @skipped: called for each other one, with its error; NULL for none
 *
 * Return: DONE; PARTLY after a message if one could not be looked into; FAILED after a
 * message, also if no type matches.
 */
enum outcome for_selected_types(struct mdev_precheck *host,
				const struct settings *settings,
				mdev_precheck_visit_type visit,
				mdev_precheck_visit_type skipped, void *data);

#endif
