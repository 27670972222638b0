/* SPDX-License-Identifier: GPL-2.0-only */
/* Stamps: what the source's version is, written on a domain */
#ifndef STAMP_H
#define STAMP_H

#include <libvirt/libvirt.h>

#include "busy.h"
#include "readings.h"

/**
 * struct stamping - what domains are stamped with
 * @settings: the command line
 * @host: this host
 * @host_uuid: libvirt's UUID of it, allocated, or NULL
 * @may_be_gone: a domain that is not there any more is not an error
 * @only_changes: nothing is printed about a stamp that is as it was
 * @again: the last time something could not be read, which is not printed once more
 * @gives_way: nothing is written on a domain with which libvirt does something else
 * @arrived: the migration of the domain to this host ends now
 * @late: parents that do not answer in time
 * @busy: result: why libvirt did not write on the last domain, if something else goes on
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
 * @stamping: see there
 * @domain: the domain
 *
 * Those of the running domain are of the devices that it has now, those of its
 * configuration of the devices that it will have when it is started.  A good stamp of this
 * host stays if what it is about cannot be read, and nothing is written if only the time
 * would differ.
 *
 * Return: DONE; FAILED after a message.
 */
enum outcome stamp_domain(struct stamping *stamping, virDomainPtr domain);

#endif
