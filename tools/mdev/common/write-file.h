/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that is replaced when its new text is complete */
#ifndef WRITE_FILE_H
#define WRITE_FILE_H

#include <limits.h>
#include <sys/stat.h>

#include "output.h"

/**
 * struct new_file - a file that is being written
 * @file: temporary file beside the file that it replaces, or standard output
 * @name: name on the command line
 * @path: path of the file that is replaced, behind any link; "" for standard output
 * @now: state of the old file; st_mode is 0 if it does not exist
 */
struct new_file {
	FILE *file;
	const char *name;
	char path[PATH_MAX];
	struct stat now;
};

/**
 * open_new_file - begin a file; only one can be open at a time
 * @new: result, for close_new_file()
 * @option: option with the name, for a message
 * @name: name of the file; - for standard output
 *
 * A signal, and the end of the program, remove the temporary file.
 *
 * Return: DONE; MISUSED after a message if @name is empty; FAILED after a message, also for
 * a device, a directory, or a link that leads nowhere, which are not replaced.
 */
enum outcome open_new_file(struct new_file *new, const char *option, const char *name);

/**
 * close_new_file - replace the file, which keeps its owner and its mode
 * @new: file of open_new_file()
 * @outcome: outcome of the writing; after FAILED the old file stays as it is
 *
 * Return: @outcome, or FAILED after a message if not all could be written.
 */
enum outcome close_new_file(struct new_file *new, enum outcome outcome);

#endif
