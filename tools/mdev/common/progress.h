/* SPDX-License-Identifier: GPL-2.0-only */
/* A line on a terminal that counts while the program waits */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "options.h"

/**
 * progress_begin - begin to count
 * @settings: the command line; with -q nothing is shown
 * @total: number of things that will be done
 * @what: word for the things, in the plural
 *
 * The line "asked 13 of 64 hosts" is shown if standard error is a terminal, and if the work has
 * taken a second.  It is erased before each message.
 */
void progress_begin(const struct settings *settings, size_t total, const char *what);
/* progress_step - show that @done things are done; call it often, also without progress */
void progress_step(size_t done);
void progress_end(void);
/* progress_clear - erase the line before something else is printed */
void progress_clear(void);

#endif
