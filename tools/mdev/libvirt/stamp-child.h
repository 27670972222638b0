/* SPDX-License-Identifier: GPL-2.0-only */
/* The process that stamps one domain for a watch */
#ifndef STAMP_CHILD_H
#define STAMP_CHILD_H

#include "stamp.h"

/**
 * enum child_result - the exit status of the process
 * @CHILD_DONE: the stamps agree with this host, or the domain is gone
 * @CHILD_AGAIN: a device could not be read, or a stamp could not be written
 * @CHILD_BUSY: libvirt has a job of the domain, after which it can be stamped
 */
enum child_result {
	CHILD_DONE,
	CHILD_AGAIN,
	CHILD_BUSY,
};

/**
 * start_child - stamp a domain in a process of its own
 * @stamping: the context for stamp_domain(); the child opens the host once more
 * @uuid: the domain
 * @arrived: its migration to this host ends now
 * @pipe: result: the names of parents that do not answer come from here, each with a NUL
 *	  after it; it ends when the process ends
 *
 * A driver, a monitor of QEMU or a libvirtd that hangs makes only this process wait.  It does
 * not survive the caller.
 *
 * Return: the process id, or a negative errno.
 */
pid_t start_child(const struct stamping *stamping, const char *uuid, bool arrived, int *pipe);

#endif
