/* SPDX-License-Identifier: GPL-2.0-only */
/* Stamps: what the source's version is, written on a domain */
#ifndef STAMP_H
#define STAMP_H

#include <libvirt/libvirt.h>

#include "options.h"

/**
 * struct stamping - what domains are stamped with
 * @settings: the command line
 * @host: this host
 * @may_be_gone: a domain that is not there any more is not an error
 * @may_pass: result: the last domain failed for a reason that may pass
 */
struct stamping {
	const struct settings *settings;
	struct mdev_precheck *host;
	bool may_be_gone;
	bool may_pass;
};

/**
 * stamp_domain - write the stamps of a domain, and print them
 * @stamping: see there
 * @domain: the domain
 *
 * Those of the running domain are of the devices that it has now, those of its
 * configuration of the devices that it will have when it is started.
 *
 * Return: DONE; FAILED after a message.
 */
enum outcome stamp_domain(struct stamping *stamping, virDomainPtr domain);

#endif
