/* SPDX-License-Identifier: GPL-2.0-only */
/* Domains that change, and have their stamps written again */
#ifndef WATCH_H
#define WATCH_H

#include "stamp.h"

/**
 * watch_domains - stamp all domains, and each that changes, until SIGTERM or SIGINT
 * @stamping: for stamp_domain()
 *
 * Return: DONE; FAILED after a message, if libvirt cannot be watched.
 */
enum outcome watch_domains(struct stamping *stamping);

#endif
