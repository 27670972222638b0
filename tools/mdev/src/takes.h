/* SPDX-License-Identifier: GPL-2.0-only */
/* What this host answers about the strings of a fleet */
#ifndef TAKES_H
#define TAKES_H

#include "answers.h"

/**
 * struct takes - what is asked for the array "takes" of a document
 * @settings: the command line
 * @host: this host
 * @known: the strings; only sources that have one
 */
struct takes {
	const struct settings *settings;
	struct mdev_precheck *host;
	struct sources known;
};

/**
 * takes_read - the strings of --takes
 * @takes: @settings are set; result is @known, for sources_free()
 *
 * Return: DONE; PARTLY after a message if a part of the document cannot be a source; FAILED
 * after a message.
 */
enum outcome takes_read(struct takes *takes);

/* takes_write - ask each parent about each string, and write the elements; @data is the takes */
enum outcome takes_write(FILE *file, void *data);

#endif
