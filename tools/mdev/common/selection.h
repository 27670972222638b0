/* SPDX-License-Identifier: GPL-2.0-only */
/* The types that --parent, --type and --device select */
#ifndef SELECTION_H
#define SELECTION_H

#include "options.h"

/**
 * name_matches - does the value of an option match a name?
 * @text: value of the option, which can be a pattern of fnmatch(3)
 * @literal: there is a name that is equal to @text, so that @text is not a pattern
 * @name: name of a parent or a type
 */
bool name_matches(const char *text, bool literal, const char *name);

/*
 * walk_matching - walk through types as mdev_precheck_walk_types() does, but with patterns
 *
 * A name that the host has is not a pattern.  Only the drivers of types that match are called.
 */
int walk_matching(struct mdev_precheck *host, const char *parent, const char *type,
		  mdev_precheck_visit_type visit, void *data);

/**
 * for_selected_types - visit the types of --parent, --type and --device
 * @host: this host
 * @settings: the command line
 * @visit: called for each type that could be looked into
 * @data: passed on to @visit and @skipped
 * @skipped: called for each other type, with its error; or NULL
 *
 * Return: DONE; PARTLY after a message if a type could not be looked into; FAILED after a
 * message, also if no type matches; MISUSED after a message.
 */
enum outcome for_selected_types(struct mdev_precheck *host,
				const struct settings *settings,
				mdev_precheck_visit_type visit,
				mdev_precheck_visit_type skipped, void *data);

/**
 * report_bare_parents - print a message about the parents that do not have types
 * @host: this host
 * @settings: the command line; with --type or --device, nothing is printed
 *
 * Return: true after a message.
 */
bool report_bare_parents(struct mdev_precheck *host, const struct settings *settings);

#endif
