/* SPDX-License-Identifier: GPL-2.0-only */
/* Another host, asked over ssh */
#ifndef REMOTE_H
#define REMOTE_H

#include "answers.h"

/**
 * ask_remote - ask the mdev-precheck of another host
 * @settings: the command line, with the options of ssh
 * @host: as ssh takes it
 * @sources: the sources
 * @target: operand of that host; NULL for each parent that has the source's type
 * @answers: where the answers are added, in the order of their sources
 *
 * A host that could not be asked, or that contradicts itself, has an answer for each
 * source all the same: not asked, with the reason.
 *
 * Return: DONE; MISUSED if the host calls @target a mistake, which it has printed.
 */
enum outcome ask_remote(const struct settings *settings, const char *host,
			const struct sources *sources, const char *target,
			struct answers *answers);

/**
 * export_remote - add the types of another host
 * @settings: the command line, with the options of ssh
 * @host: as ssh takes it; the name of each source's host
 * @sources: where they are added
 * @left_out: as for parse_sources()
 *
 * Return: NULL, or a sentence with the reason why there are none, allocated.
 */
char *export_remote(const struct settings *settings, const char *host,
		    struct sources *sources, struct list *left_out);

#endif
