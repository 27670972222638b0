/* SPDX-License-Identifier: GPL-2.0-only */
/* A watch that stamps domains when they change */
#ifndef WATCH_H
#define WATCH_H

#include "stamp.h"

/**
 * watch_domains - stamp all domains, and each domain that changes, until SIGTERM or SIGINT
 * @stamping: the context for stamp_domain()
 *
 * Return: DONE; FAILED after a message, if libvirt cannot be watched.
 */
enum outcome watch_domains(struct stamping *stamping);

#endif
