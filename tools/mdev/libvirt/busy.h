/* SPDX-License-Identifier: GPL-2.0-only */
/* Jobs of libvirt for which a change of a domain's metadata would wait */
#ifndef BUSY_H
#define BUSY_H

#include <libvirt/libvirt.h>
#include <stdbool.h>

/**
 * enum busy - would a change of a domain's metadata wait?
 * @BUSY_NOT: libvirt does not show a job
 * @BUSY_JOB: a job of the domain goes on, for example a migration
 * @BUSY_STUCK: libvirt could not ask, because another call about the domain does not end
 */
enum busy {
	BUSY_NOT,
	BUSY_JOB,
	BUSY_STUCK,
};

/**
 * domain_busy - ask libvirt whether a domain is busy
 * @domain: the domain
 * @arrived: its migration to this host ends now
 *
 * If QEMU's monitor hangs, a thread of libvirtd waits for half a minute in this call.  So it is
 * only for a domain whose metadata is to change.
 *
 * Return: a value of enum busy.
 */
enum busy domain_busy(virDomainPtr domain, bool arrived);

/* is_stuck - did libvirt's last call fail because another call about the domain does not end? */
bool is_stuck(void);

#endif
