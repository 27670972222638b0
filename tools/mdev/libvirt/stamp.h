/* SPDX-License-Identifier: GPL-2.0-only */
/* Stamps: the source's versions, written on a domain */
#ifndef STAMP_H
#define STAMP_H

#include <libvirt/libvirt.h>

#include "busy.h"
#include "readings.h"

/**
 * struct stamping - the context in which domains are stamped
 * @settings: the command line
 * @host: this host
 * @host_uuid: libvirt's UUID of @host, allocated, or NULL
 * @may_be_gone: a domain that does not exist any more is not an error
 * @only_changes: a stamp that did not change is not printed
 * @again: a reading that failed the last time is not printed once more
 * @gives_way: a domain with a job of libvirt is not written
 * @arrived: the migration of the domain to this host ends now
 * @late: parents that do not answer in time
 * @busy: result: the job that kept the last domain from being written
 */
struct stamping {
	const struct settings *settings;
	struct mdev_precheck *host;
	char *host_uuid;
	bool may_be_gone;
	bool only_changes;
	bool again;
	bool gives_way;
	bool arrived;
	struct late_parents late;
	enum busy busy;
};

/**
 * stamp_domain - write the stamps of a domain, and print them
 * @stamping: the context
 * @domain: the domain
 *
 * The stamps of the running domain are about its devices now, the stamps of its configuration
 * about the devices that it will have when it is started.  If a device cannot be read, a good
 * stamp of this host stays.  If only the time would differ, the stamp is not written.
 *
 * Return: DONE; FAILED after a message.
 */
enum outcome stamp_domain(struct stamping *stamping, virDomainPtr domain);

#endif
