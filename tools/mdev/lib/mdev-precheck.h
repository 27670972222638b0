/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Will the vendor driver of a target take the mediated device of a source?
 *
 * The attribute migration_version of an mdev type has the answer: the string that
 * is read on the source is written on the target, and the result of the write is
 * the verdict.  Only the vendor driver understands the string.
 *
 * Errors: a function that returns int returns 0, or a negative errno for what kept
 * it from doing its work.  A verdict of "no" is none: it is in the answer.
 *
 * Ownership: what a function hands out through a pointer to a pointer belongs to
 * the caller, and has a function that frees it.  What a callback is given is valid
 * until it returns.
 *
 * Threads: there is no global state.  A struct mdev_precheck may be used by one
 * thread at a time, another one by another thread at the same time.
 *
 * Nothing is printed, no signal handler is set and the process is never ended.
 */
#ifndef MDEV_PRECHECK_H
#define MDEV_PRECHECK_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The kernel's limit on write: PATH_MAX with its NUL, on every page size */
#define MDEV_PRECHECK_VERSION_MAX	4095
/* NAME_MAX of Linux and a NUL */
#define MDEV_PRECHECK_NAME_SIZE		256
/* 36 characters and a NUL */
#define MDEV_PRECHECK_UUID_SIZE		37

struct mdev_precheck;

/**
 * mdev_precheck_new - begin to use a sysfs
 * @sysfs: directory where it is mounted, or a copy of one; NULL is /sys
 * @precheck: where to put the new object, for mdev_precheck_free()
 *
 * Return: 0, or a negative errno: of opening @sysfs, or -ENOMEM.
 */
int mdev_precheck_new(const char *sysfs, struct mdev_precheck **precheck);

/**
 * mdev_precheck_free - end it
 * @precheck: object of mdev_precheck_new(), or NULL
 */
void mdev_precheck_free(struct mdev_precheck *precheck);

/**
 * mdev_precheck_set_timeout - do not wait for ever for a vendor driver
 * @precheck: object of mdev_precheck_new()
 * @milliseconds: for one question; 0, as at the beginning, for no limit
 *
 * No signal reaches a task that sleeps in a driver.  With a limit each read and
 * write of migration_version is therefore done by a child process of its own, which
 * is left behind if it does not come back.  It is waited for by its process id, and
 * one that was left behind not at all; the caller gets SIGCHLD as for its own ones.
 */
void mdev_precheck_set_timeout(struct mdev_precheck *precheck,
			       unsigned int milliseconds);

/**
 * struct mdev_precheck_place - a type of a parent
 * @parent: name of the parent, a directory of class/mdev_bus
 * @type: name of the type, a directory of the parent's mdev_supported_types
 */
struct mdev_precheck_place {
	char parent[MDEV_PRECHECK_NAME_SIZE];
	char type[MDEV_PRECHECK_NAME_SIZE];
};

/**
 * mdev_precheck_parse_place - take PARENT/TYPE apart
 * @text: what somebody has written
 * @place: result
 *
 * Return: 0, or -EINVAL if it is not two names of files with a slash in between.
 */
int mdev_precheck_parse_place(const char *text,
			      struct mdev_precheck_place *place);

/**
 * mdev_precheck_parse_uuid - check a UUID
 * @text: what somebody has written
 * @uuid: result, in lower case, as sysfs has it
 *
 * Return: 0, or -EINVAL if @text is not 8-4-4-4-12 hexadecimal digits.
 */
int mdev_precheck_parse_uuid(const char *text,
			     char uuid[MDEV_PRECHECK_UUID_SIZE]);

/**
 * mdev_precheck_find_device - which type is a device of, and of which parent?
 * @precheck: object of mdev_precheck_new()
 * @uuid: as mdev_precheck_parse_uuid() writes it
 * @place: result
 *
 * Return: 0; -ENODEV if there is no such device; -ENOENT if the device has no type
 * that could be found; another negative errno of reading sysfs.
 */
int mdev_precheck_find_device(struct mdev_precheck *precheck, const char *uuid,
			      struct mdev_precheck_place *place);

/**
 * enum mdev_precheck_version_state - has a type a migration version?
 * @MDEV_PRECHECK_VERSION_READ: yes, it was read
 * @MDEV_PRECHECK_VERSION_NONE: no, the type has no attribute migration_version
 * @MDEV_PRECHECK_VERSION_FAILED: no, the driver gave an errno, or no version string
 * @MDEV_PRECHECK_VERSION_UNKNOWN: the question was not answered, as for want of
 *	permission, or because the errno is EINTR, EAGAIN, ENOMEM, ENODEV or EIO
 */
enum mdev_precheck_version_state {
	MDEV_PRECHECK_VERSION_READ,
	MDEV_PRECHECK_VERSION_NONE,
	MDEV_PRECHECK_VERSION_FAILED,
	MDEV_PRECHECK_VERSION_UNKNOWN,
};

/**
 * struct mdev_precheck_version - a migration version, or why there is none
 * @state: is there one?
 * @error: positive errno for FAILED and UNKNOWN: EBADMSG for bytes that are no version
 *	string, ETIMEDOUT for a driver that did not answer; otherwise 0
 * @text: the version string if @state is READ; printable ASCII if it is sysfs'
 */
struct mdev_precheck_version {
	enum mdev_precheck_version_state state;
	int error;
	char text[MDEV_PRECHECK_VERSION_MAX + 1];
};

/**
 * mdev_precheck_read_version - read the version string of a type of this host
 * @precheck: object of mdev_precheck_new()
 * @place: the type
 * @version: result: a string or the reason why there is none
 *
 * Return: 0; -ENOENT if there is no such type; another negative errno of opening its
 * directory or of making a child process.
 */
int mdev_precheck_read_version(struct mdev_precheck *precheck,
			       const struct mdev_precheck_place *place,
			       struct mdev_precheck_version *version);

/**
 * mdev_precheck_set_version - take a version string that another host has read
 * @version: result
 * @text: the string as it was read there, without the newline that ended it
 *
 * Return: 0; -EINVAL for an empty string, which a write would not deliver, and -E2BIG
 * for one longer than MDEV_PRECHECK_VERSION_MAX, which it would deliver in pieces.
 */
int mdev_precheck_set_version(struct mdev_precheck_version *version,
			      const char *text);

/**
 * struct mdev_precheck_type - what sysfs says of a type
 * @place: parent and type
 * @name: attribute name, or NULL if it cannot be read
 * @device_api: attribute device_api, or NULL
 * @available_instances: attribute available_instances, or -1
 * @devices: UUIDs of the devices there are, sorted
 * @num_devices: their number
 * @version: the migration version
 *
 * The library makes these objects: members may be added at the end.
 */
struct mdev_precheck_type {
	const struct mdev_precheck_place *place;
	const char *name;
	const char *device_api;
	long available_instances;
	const char *const *devices;
	size_t num_devices;
	const struct mdev_precheck_version *version;
};

/**
 * mdev_precheck_visit_type - what is called for each type
 * @type: valid until the function returns
 * @data: the caller's
 *
 * Return: 0 to go on; anything else ends the walk, which then returns it.
 */
typedef int (*mdev_precheck_visit_type)(const struct mdev_precheck_type *type,
					void *data);

/**
 * mdev_precheck_walk_types - walk through the types of the host
 * @precheck: object of mdev_precheck_new()
 * @parent: only the types of this parent; NULL for all
 * @type: only types of this name; NULL for all
 * @visit: called for each, by parent and type in byte order
 * @data: passed on
 *
 * What vanishes meanwhile is left out.  A host that has no mdev has no types.
 *
 * Return: 0, what @visit returned, or a negative errno of reading a directory.
 */
int mdev_precheck_walk_types(struct mdev_precheck *precheck,
			     const char *parent, const char *type,
				mdev_precheck_visit_type visit, void *data);

/**
 * enum mdev_precheck_verdict - the answer, with the exit status of the command
 * @MDEV_PRECHECK_COMPATIBLE: the target's driver takes the device
 * @MDEV_PRECHECK_INCOMPATIBLE: it does not
 * @MDEV_PRECHECK_NOT_ASKED: the question could not be asked; this is not a no
 */
enum mdev_precheck_verdict {
	MDEV_PRECHECK_COMPATIBLE = 0,
	MDEV_PRECHECK_INCOMPATIBLE = 1,
	MDEV_PRECHECK_NOT_ASKED = 3,
};

/**
 * enum mdev_precheck_condition - which one of the four does not hold
 * @MDEV_PRECHECK_ALL_HOLD: all do
 * @MDEV_PRECHECK_SAME_TYPE: the target has the source's type
 * @MDEV_PRECHECK_SOURCE_VERSION: the source has a migration version
 * @MDEV_PRECHECK_TARGET_VERSION: the target's type has the attribute
 * @MDEV_PRECHECK_ACCEPTED: the write succeeds
 */
enum mdev_precheck_condition {
	MDEV_PRECHECK_ALL_HOLD,
	MDEV_PRECHECK_SAME_TYPE,
	MDEV_PRECHECK_SOURCE_VERSION,
	MDEV_PRECHECK_TARGET_VERSION,
	MDEV_PRECHECK_ACCEPTED,
};

/**
 * struct mdev_precheck_answer - a verdict and its reason
 * @verdict: yes, no, or not asked
 * @condition: the first one that does not hold, or could not be looked at
 * @error: positive errno behind it, 0 if there is none
 * @reason: a sentence for people, without a full stop; never NULL
 * @log: what the kernel logged for the target's parent meanwhile, a line each
 * @num_log: their number
 * @log_error: positive errno if the kernel log could not be read, otherwise 0
 *
 * The library makes these objects: members may be added at the end.
 */
struct mdev_precheck_answer {
	enum mdev_precheck_verdict verdict;
	enum mdev_precheck_condition condition;
	int error;
	const char *reason;
	const char *const *log;
	size_t num_log;
	int log_error;
};

/**
 * mdev_precheck_ask - would a target take a device of a source?
 * @precheck: object of mdev_precheck_new(), of the target's host
 * @type: the source's type
 * @version: the source's version, of this host or of another one; a string is passed
 *	on byte for byte
 * @target: where the device would go to
 * @answer: where to put the answer, for mdev_precheck_answer_free()
 *
 * Return: 0 with an answer; -EINVAL for a version that was read and is empty, which a
 * write would not deliver; -ENOMEM, or another negative errno of making a child
 * process.
 */
int mdev_precheck_ask(struct mdev_precheck *precheck, const char *type,
		      const struct mdev_precheck_version *version,
		      const struct mdev_precheck_place *target,
		      struct mdev_precheck_answer **answer);

/**
 * mdev_precheck_answer_free - free an answer
 * @answer: answer of mdev_precheck_ask(), or NULL
 */
void mdev_precheck_answer_free(struct mdev_precheck_answer *answer);

#ifdef __cplusplus
}
#endif

#endif
