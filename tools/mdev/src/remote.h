/* SPDX-License-Identifier: GPL-2.0-only */
/* Another host, asked over ssh */
#ifndef REMOTE_H
#define REMOTE_H

#include "command.h"
#include "document.h"

/* ask_remote - ask the mdev-precheck of a host about @sources, with @target as it was
 * written or NULL; not STATUS_COMPATIBLE after a message
 */
enum status ask_remote(const struct settings *settings, const char *host,
		       const struct sources *sources, const char *target,
		       struct verdicts *verdicts);

/* export_remote - add the types of a host; not STATUS_COMPATIBLE after a message */
enum status export_remote(const struct settings *settings, const char *host,
			  struct sources *sources);

#endif
