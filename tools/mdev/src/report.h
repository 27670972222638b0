/* SPDX-License-Identifier: GPL-2.0-only */
/* Verdicts: what they come to, and how people see them */
#ifndef REPORT_H
#define REPORT_H

#include "command.h"
#include "document.h"

/**
 * overall - one verdict for all sources
 * @sources: the sources
 * @verdicts: about them, in their order
 *
 * For a source it is enough that one target takes it; one that could not be asked
 * might.  For the whole, each source has to be taken.
 */
enum mdev_precheck_verdict overall(const struct sources *sources,
				   const struct verdicts *verdicts);

/* print_verdict - on a line */
void print_verdict(const struct verdict *verdict, const struct source *source);

#endif
