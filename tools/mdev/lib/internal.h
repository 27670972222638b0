/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the library share */
#ifndef MDEV_PRECHECK_INTERNAL_H
#define MDEV_PRECHECK_INTERNAL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "mdev-precheck.h"

#define __printf(format, first)	__attribute__((__format__(__printf__, format, first)))

#define MIGRATION_VERSION	"migration_version"
#define SUPPORTED_TYPES		"mdev_supported_types"

/**
 * struct mdev_precheck - how to reach the types of a host
 * @sysfs: directory
 * @parents: class/mdev_bus in it, or -1 if the host has none
 * @timeout: milliseconds for a driver, 0: for ever
 */
struct mdev_precheck {
	int sysfs;
	int parents;
	unsigned int timeout;
};

/**
 * struct names - names of directory entries, sorted
 * @names: pointers into @text
 * @num: their number
 * @text: the names, each with a NUL
 */
struct names {
	const char **names;
	size_t num;
	char *text;
	size_t text_len;
	size_t text_size;
};

/* list_dir - the entries of @path in @dir but "." and ".."; 0 or a negative errno */
int list_dir(int dir, const char *path, struct names *names);
void names_free(struct names *names);

/* is_file_name - can @name be an entry of a directory? */
bool is_file_name(const char *name);

/* copy_name - @name is one for which is_file_name() is true */
void copy_name(char to[MDEV_PRECHECK_NAME_SIZE], const char *name);

/* open_type - an O_PATH descriptor of a type's directory, or a negative errno */
int open_type(const struct mdev_precheck *precheck,
	      const struct mdev_precheck_place *place);

/**
 * enum io_step - how far an access to migration_version came
 * @IO_OPEN: opening was what failed
 * @IO_CALL: read(2) or write(2) was called, and failed if there is an error
 * @IO_NO_ANSWER: the child that was to do it did not come back
 */
enum io_step {
	IO_OPEN,
	IO_CALL,
	IO_NO_ANSWER,
};

/**
 * struct io_result - what an access to migration_version led to
 * @step: how far it came
 * @error: positive errno, 0 for success
 * @count: result of read(2) or write(2)
 */
struct io_result {
	enum io_step step;
	int error;
	size_t count;
};

/*
 * is_no_answer - does @error of read(2) or write(2) mean that the question was not
 * answered?  The ABI keeps these from being a no.
 */
bool is_no_answer(int error);

/* read_version - of the type in @dir; 0, or a negative errno of making a child */
int read_version(const struct mdev_precheck *precheck, int dir,
		 struct mdev_precheck_version *version);

/* write_version - to the type in @dir; 0, or a negative errno of making a child */
int write_version(const struct mdev_precheck *precheck, int dir,
		  const char *version, struct io_result *result);

/**
 * struct log - a position in the kernel log, and lines from there on
 * @fd: /dev/kmsg, or -1
 * @error: positive errno why it is not to be read
 * @lines: lines found, each allocated
 * @num: their number
 */
struct log {
	int fd;
	int error;
	char **lines;
	size_t num;
};

/* log_begin - remember where the log ends now */
void log_begin(struct log *log);
/* log_end - take the lines of @parent that were written since; 0 or -ENOMEM */
int log_end(struct log *log, const struct mdev_precheck *precheck,
	    const char *parent);
void log_free(struct log *log);

/**
 * struct log_device - how the kernel log may call a device
 * @name: its name, as in "+SUBSYSTEM:NAME"
 * @number: "cMAJOR:MINOR" or "bMAJOR:MINOR", or "" if it has none
 */
struct log_device {
	const char *name;
	char number[32];
};

/**
 * log_record_message - take a record of /dev/kmsg apart
 * @record: the record, which is overwritten
 * @len: its length; there is room for a NUL after it
 * @device: whose records are wanted
 *
 * Return: the message, or NULL if the record is of another device or is none.
 */
char *log_record_message(char *record, size_t len,
			 const struct log_device *device);

#endif
