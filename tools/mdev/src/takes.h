/* SPDX-License-Identifier: GPL-2.0-only */
/* Ask the parents of this host about the strings of a fleet */
#ifndef TAKES_H
#define TAKES_H

#include "answers.h"

/**
 * struct takes - the input of the array "takes"
 * @settings: the command line
 * @host: this host
 * @known: strings of the fleet; each source has a string
 */
struct takes {
	const struct settings *settings;
	struct mdev_precheck *host;
	struct sources known;
};

/**
 * takes_read - read the strings of --takes
 * @takes: its @settings are set; @known is the result, for sources_free()
 *
 * Return: DONE; PARTLY after a message if an element cannot be a source; FAILED after a message.
 */
enum outcome takes_read(struct takes *takes);

/*
 * takes_write - ask each parent about each string, and write the elements; @data is a struct
 * takes
 */
enum outcome takes_write(FILE *file, void *data);

#endif
