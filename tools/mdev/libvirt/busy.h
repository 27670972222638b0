/* SPDX-License-Identifier: GPL-2.0-only */
/* What libvirt does with a domain, for which a change of its metadata would wait */
#ifndef BUSY_H
#define BUSY_H

#include <libvirt/libvirt.h>
#include <stdbool.h>

/**
 * enum busy - would a change of a domain's metadata wait?
 * @BUSY_NOT: as far as libvirt shows
 * @BUSY_JOB: libvirt does something with the domain, for example a migration
 * @BUSY_STUCK: libvirt could not ask, because something else with the domain does not end
 */
enum busy {
	BUSY_NOT,
	BUSY_JOB,
	BUSY_STUCK,
};

/**
 * domain_busy - is a domain busy?
 * @domain: libvirt's
 * @arrived: its migration to this host ends now
 *
 * A thread of libvirtd waits for half a minute in this if QEMU's monitor hangs, so it is only
 * for a domain whose metadata is to change.
 *
 * Return: see there.
 */
enum busy domain_busy(virDomainPtr domain, bool arrived);

/* is_stuck - is libvirt's last error that something else with the domain does not end? */
bool is_stuck(void);

#endif
