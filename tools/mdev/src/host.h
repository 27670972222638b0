/* SPDX-License-Identifier: GPL-2.0-only */
/* This host: what the commands need of the library */
#ifndef HOST_H
#define HOST_H

#include "command.h"

/* A driver that takes longer for one question is taken for one that hangs */
#define ASK_TIMEOUT_MS	10000

/* open_host - with the limit @timeout if none was given; NULL after a message */
struct mdev_precheck *open_host(const struct settings *settings,
				unsigned int timeout);

/* find_device - the type of a device; not STATUS_COMPATIBLE after a message */
enum status find_device(struct mdev_precheck *host, const char *uuid,
			struct mdev_precheck_place *place);

/* for_selected_types - those of --parent, --type and --device; the status is not
 * STATUS_COMPATIBLE after a message, also if there is none such
 */
enum status for_selected_types(struct mdev_precheck *host,
			       const struct settings *settings,
			       mdev_precheck_visit_type visit, void *data);

#endif
