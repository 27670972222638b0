/* SPDX-License-Identifier: GPL-2.0-only */
/* Sources, and what this host says to them */
#ifndef ASK_H
#define ASK_H

#include "command.h"
#include "document.h"

/* add_file - the types of a document (-: standard input); not STATUS_COMPATIBLE after a
 * message
 */
enum status add_file(const char *name, struct sources *sources);

/* add_local_source - a type of this host, with what its version was read as */
void add_local_source(struct sources *sources,
		      const struct mdev_precheck_place *place,
		      const struct mdev_precheck_version *version);

/**
 * find_place - what a UUID or PARENT/TYPE is about
 * @host: this host
 * @text: as it was written
 * @place: result
 *
 * Return: STATUS_USAGE without a message if @text is neither, STATUS_NOT_ASKED after
 * a message if there is no such device.
 */
enum status find_place(struct mdev_precheck *host, const char *text,
		       struct mdev_precheck_place *place);

/**
 * ask_host - ask this host about each source
 * @settings: the command line
 * @host: this host
 * @sources: the sources
 * @target: a UUID, PARENT/TYPE or TYPE as it was written; NULL for the source's type
 * @verdicts: where the answers are added, in the order of their sources
 *
 * Return: STATUS_COMPATIBLE, whatever the answers are; STATUS_NOT_ASKED after a
 * message.
 */
enum status ask_host(const struct settings *settings, struct mdev_precheck *host,
		     const struct sources *sources, const char *target,
		     struct verdicts *verdicts);

#endif
