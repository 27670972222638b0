/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Will the vendor driver of a target take the mediated device of a source?
 *
 * The attribute migration_version of an mdev type has the answer: the string that
 * is read on the source is written on the target, and the result of the write is
 * the verdict.  Only the vendor driver understands the string.
 *
 * Errors: a function that returns int returns 0, or a negative errno if it could not
 * do its work.  A verdict is not an error: it is in the answer.
 *
 * Ownership: an object that a function puts behind a pointer to a pointer belongs to
 * the caller, and has a function that frees it.  The arguments of a callback are
 * valid until it returns.
 *
 * Threads: the library does not have global state.  A struct mdev_precheck may be used
 * by one thread at a time; several threads may each use one of their own.
 *
 * The library prints nothing, sets no signal handler and never ends the process.
 */
#ifndef MDEV_PRECHECK_H
#define MDEV_PRECHECK_H

#include <stdbool.h>
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
/* The longest name of an errno, or its number, and a NUL */
#define MDEV_PRECHECK_ERROR_SIZE	24

struct mdev_precheck;

/**
 * mdev_precheck_new - begin to use a sysfs
 * @sysfs: directory where it is mounted; NULL is /sys
 * @precheck: where to put the new object, for mdev_precheck_free()
 *
 * The directory may be anything: mdev_precheck_host_state() returns whether a sysfs is
 * mounted there.  The library reads and writes migration_version only in a sysfs.
 *
 * Return: 0; -ENOMEM; another negative errno of opening @sysfs.
 */
int mdev_precheck_new(const char *sysfs, struct mdev_precheck **precheck);

/**
 * mdev_precheck_new_fixture - begin to use a directory that looks like a sysfs
 * @directory: copy of a sysfs, or a directory that a test has made
 * @precheck: as for mdev_precheck_new()
 *
 * Plain files and links answer in place of a driver.  The answers have the method
 * MDEV_PRECHECK_FIXTURE, because no driver gave them.
 *
 * Return: as mdev_precheck_new().
 */
int mdev_precheck_new_fixture(const char *directory,
			      struct mdev_precheck **precheck);

/**
 * mdev_precheck_free - end the use of a sysfs or of a fixture
 * @precheck: object of mdev_precheck_new() or mdev_precheck_new_fixture(), or NULL
 */
void mdev_precheck_free(struct mdev_precheck *precheck);

/**
 * mdev_precheck_set_timeout - limit the time that a vendor driver may take
 * @precheck: object of mdev_precheck_new()
 * @milliseconds: limit for one question; 0, as at the beginning, for no limit
 *
 * No signal reaches a task that sleeps in a driver.  So, with a limit, a child process
 * reads and writes the attributes for which the kernel calls a driver.  @precheck has one
 * child, which is made for the first of these accesses and kept until
 * mdev_precheck_free().  If the child does not answer in time, the library kills it.  The
 * child then ends as soon as the driver returns, and is never a zombie of the caller.
 *
 * The next question gets another child.  A question gets another child, too, if it comes
 * from another thread, from another process after fork(), or from another effective user
 * or group.  The child ends if the thread that has made it ends.  The child does not have
 * a file of the caller, and no signal handler is called in it.  The caller gets SIGCHLD
 * for each child that ends, and may reap it, because mdev_precheck_free() does not depend
 * on it.
 *
 * If a fault in the driver kills the child, the driver did not answer: the error is EIO,
 * and the question is not asked again.
 *
 * A parent that did not answer in time is not asked again with this object: each later
 * answer about it is "not asked" with ETIMEDOUT, and comes at once.
 */
void mdev_precheck_set_timeout(struct mdev_precheck *precheck,
			       unsigned int milliseconds);

/**
 * enum mdev_precheck_host_state - can a host have mediated devices at all?
 * @MDEV_PRECHECK_HOST_UNKNOWN: the directory class/mdev_bus could not be read
 * @MDEV_PRECHECK_HOST_NO_SYSFS: the directory does not have a sysfs
 * @MDEV_PRECHECK_HOST_NO_MDEV: the kernel does not have mdev, or did not load it yet
 * @MDEV_PRECHECK_HOST_NO_PARENT: no parent is registered with mdev
 * @MDEV_PRECHECK_HOST_HIDDEN: parents are registered, and none can be looked into, as
 *	in a container that has /sys/class and not /sys/devices
 * @MDEV_PRECHECK_HOST_READY: there is a parent that can be asked
 */
enum mdev_precheck_host_state {
	MDEV_PRECHECK_HOST_UNKNOWN,
	MDEV_PRECHECK_HOST_NO_SYSFS,
	MDEV_PRECHECK_HOST_NO_MDEV,
	MDEV_PRECHECK_HOST_NO_PARENT,
	MDEV_PRECHECK_HOST_HIDDEN,
	MDEV_PRECHECK_HOST_READY,
};

/**
 * mdev_precheck_host_state - find the state of the host
 * @precheck: object of mdev_precheck_new()
 *
 * Return: the state now; it changes when a driver is loaded or unloaded.
 */
enum mdev_precheck_host_state
mdev_precheck_host_state(struct mdev_precheck *precheck);

/**
 * mdev_precheck_host_state_text - describe a state for people
 * @state: state of mdev_precheck_host_state()
 *
 * Return: a sentence without a full stop, static; NULL if @state is not a state.
 */
const char *mdev_precheck_host_state_text(enum mdev_precheck_host_state state);

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
 * @text: text of a user
 * @place: result
 *
 * Return: 0, or -EINVAL if @text is not two names of files with a slash in between.
 */
int mdev_precheck_parse_place(const char *text,
			      struct mdev_precheck_place *place);

/**
 * mdev_precheck_parse_uuid - check a UUID
 * @text: text of a user
 * @uuid: result, in lower case, as sysfs has it
 *
 * Return: 0, or -EINVAL if @text is not 8-4-4-4-12 hexadecimal digits.
 */
int mdev_precheck_parse_uuid(const char *text,
			     char uuid[MDEV_PRECHECK_UUID_SIZE]);

/**
 * mdev_precheck_find_device - find the type and the parent of a device
 * @precheck: object of mdev_precheck_new()
 * @uuid: UUID of the device, in upper or lower case
 * @place: result
 *
 * Return: 0; -EINVAL if @uuid is not a UUID; -ENODEV if the device does not exist; -ENOENT
 * if it exists, and its type cannot be found; another negative errno of reading sysfs.
 */
int mdev_precheck_find_device(struct mdev_precheck *precheck, const char *uuid,
			      struct mdev_precheck_place *place);

/**
 * mdev_precheck_check_version - would the kernel pass a version string to a driver?
 * @version: string, without a newline at its end
 * @offset: result for -EINVAL, number of the wrong byte from 0; may be NULL
 *
 * Return: 0; -EINVAL if @version is empty or has a byte that is not printable ASCII;
 * -E2BIG if it is longer than MDEV_PRECHECK_VERSION_MAX.
 */
int mdev_precheck_check_version(const char *version, size_t *offset);

/**
 * enum mdev_precheck_source_state - does a source have a migration version?
 * @MDEV_PRECHECK_SOURCE_UNKNOWN: the question was not answered, for example because the
 *	caller may not read the attribute, or because the errno is EINTR, EAGAIN, ENOMEM,
 *	ENODEV or EIO
 * @MDEV_PRECHECK_SOURCE_READ: yes, it was read
 * @MDEV_PRECHECK_SOURCE_NONE: no, the type does not have the attribute migration_version
 * @MDEV_PRECHECK_SOURCE_FAILED: no, the driver returned an errno, or a text that is
 *	not a version string
 */
enum mdev_precheck_source_state {
	MDEV_PRECHECK_SOURCE_UNKNOWN,
	MDEV_PRECHECK_SOURCE_READ,
	MDEV_PRECHECK_SOURCE_NONE,
	MDEV_PRECHECK_SOURCE_FAILED,
};

/**
 * struct mdev_precheck_source - the type that a device comes from
 * @host: name of the source's host, or NULL for this one
 * @parent: name of the parent there, or NULL if it is not known
 * @type: name of the type
 * @state: does the type have a migration version?
 * @error: positive errno for FAILED, and for UNKNOWN if it is known; otherwise 0.  EBADMSG
 *	means bytes that are not a version string, ETIMEDOUT a driver that did not answer
 *	in time, and EIO a driver whose answer was not valid.
 * @version: the version string if @state is READ, otherwise NULL
 *
 * Callers may make these objects as well as the library, so that members are added only
 * with another soname.
 */
struct mdev_precheck_source {
	const char *host;
	const char *parent;
	const char *type;
	enum mdev_precheck_source_state state;
	int error;
	const char *version;
};

/**
 * mdev_precheck_source_check - do the members of a source go together?
 * @source: source
 *
 * Return: NULL if they do; otherwise a phrase for people about the mistake, static.
 */
const char *
mdev_precheck_source_check(const struct mdev_precheck_source *source);

/**
 * mdev_precheck_source_new - copy a source
 * @from: source; its strings are copied
 * @source: where to put the copy, for mdev_precheck_source_free()
 *
 * Return: 0; -EINVAL if mdev_precheck_source_check() returns a phrase; -ENOMEM.
 */
int mdev_precheck_source_new(const struct mdev_precheck_source *from,
			     struct mdev_precheck_source **source);

/**
 * mdev_precheck_source_read - read the version string of a type of this host
 * @precheck: object of mdev_precheck_new()
 * @place: a type of this host
 * @source: where to put the result, for mdev_precheck_source_free()
 *
 * Return: 0; -ENOENT if the parent does not have the type; -ENODEV if the parent does not
 * exist, is hidden, or goes away meanwhile; -EINVAL if a name of @place is not the name of
 * a file; another negative errno of opening the directories or of making a child process.
 */
int mdev_precheck_source_read(struct mdev_precheck *precheck,
			      const struct mdev_precheck_place *place,
			      struct mdev_precheck_source **source);

/**
 * mdev_precheck_source_free - free a source
 * @source: source of the library, or NULL
 */
void mdev_precheck_source_free(struct mdev_precheck_source *source);

/**
 * struct mdev_precheck_type - a type as sysfs has it
 * @place: parent and type; the type is "" if the parent could not be looked into
 * @error: positive errno if the parent or the type could not be looked into, and then the
 *	members below are not set; otherwise 0
 * @name: attribute name, or NULL if it cannot be read
 * @device_api: attribute device_api, or NULL if it cannot be read
 * @available_instances: attribute available_instances, or -1 if it cannot be read
 * @devices: UUIDs of the type's devices, sorted
 * @num_devices: number of UUIDs in @devices
 * @source: the type as a source
 * @description: attribute description, which may have several lines, without its last
 *	newline; NULL if the type does not have it or it cannot be read
 *
 * The library makes these objects: members may be added at the end.
 */
struct mdev_precheck_type {
	const struct mdev_precheck_place *place;
	int error;
	const char *name;
	const char *device_api;
	long available_instances;
	const char *const *devices;
	size_t num_devices;
	const struct mdev_precheck_source *source;
	const char *description;
};

/**
 * mdev_precheck_visit_type - use a type that a walk has found
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
 * @visit: called for each type, by parent and type in byte order
 * @data: passed on to @visit
 *
 * @visit is also called for a parent or a type that exists and cannot be looked into, such
 * as a link that leads nowhere.  A host that does not have mdev does not have types.
 *
 * Return: 0; the result of @visit if that is not 0; -ENOMEM; another negative errno of
 * reading class/mdev_bus or of making a child process.
 */
int mdev_precheck_walk_types(struct mdev_precheck *precheck,
			     const char *parent, const char *type,
			     mdev_precheck_visit_type visit, void *data);

/**
 * mdev_precheck_visit_place - use the name of a parent or of a type
 * @place: valid until the function returns; the type is "" for the parent itself
 * @error: positive errno if the parent cannot be looked into, otherwise 0
 * @data: the caller's
 *
 * Return: 0 to go on; anything else ends the walk, which then returns it.
 */
typedef int (*mdev_precheck_visit_place)(const struct mdev_precheck_place *place,
					 int error, void *data);

/**
 * mdev_precheck_walk_places - walk through the names of parents and their types
 * @precheck: object of mdev_precheck_new()
 * @visit: called for each parent and then for each of its types, in byte order
 * @data: passed on to @visit
 *
 * No driver is called.
 *
 * Return: 0; the result of @visit if that is not 0; -ENOMEM; another negative errno of
 * reading class/mdev_bus.
 */
int mdev_precheck_walk_places(struct mdev_precheck *precheck,
			      mdev_precheck_visit_place visit, void *data);

/**
 * mdev_precheck_visit_device - use the UUID of a device
 * @uuid: valid until the function returns
 * @data: the caller's
 *
 * Return: 0 to go on; anything else ends the walk, which then returns it.
 */
typedef int (*mdev_precheck_visit_device)(const char *uuid, void *data);

/**
 * mdev_precheck_walk_devices - walk through the UUIDs of the devices of the host
 * @precheck: object of mdev_precheck_new()
 * @visit: called for each UUID in byte order
 * @data: passed on to @visit
 *
 * Return: 0; the result of @visit if that is not 0; -ENOMEM; another negative errno of
 * reading bus/mdev/devices.
 */
int mdev_precheck_walk_devices(struct mdev_precheck *precheck,
			       mdev_precheck_visit_device visit, void *data);

/**
 * enum mdev_precheck_verdict - the answer to a question
 * @MDEV_PRECHECK_NOT_ASKED: the question was not answered; this is not a no
 * @MDEV_PRECHECK_COMPATIBLE: the target's driver takes the device
 * @MDEV_PRECHECK_INCOMPATIBLE: the target's driver does not take it
 */
enum mdev_precheck_verdict {
	MDEV_PRECHECK_NOT_ASKED,
	MDEV_PRECHECK_COMPATIBLE,
	MDEV_PRECHECK_INCOMPATIBLE,
};

/**
 * enum mdev_precheck_condition - the condition that does not hold, of the four for a yes
 * @MDEV_PRECHECK_ALL_HOLD: all hold
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
 * enum mdev_precheck_method - the origin of a verdict
 * @MDEV_PRECHECK_ATTRIBUTE: migration_version of a sysfs
 * @MDEV_PRECHECK_FIXTURE: a file in a directory that looks like a sysfs
 */
enum mdev_precheck_method {
	MDEV_PRECHECK_ATTRIBUTE,
	MDEV_PRECHECK_FIXTURE,
};

/**
 * struct mdev_precheck_answer - a target, its verdict and the reason
 * @host: name of the target's host, or NULL for this one
 * @parent: the target's parent, or NULL if the answer is about all parents of the host
 * @type: the target's type
 * @verdict: yes, no, or not asked
 * @condition: the first condition that does not hold, or that could not be looked at
 * @method: the origin of the verdict
 * @error: positive errno behind the verdict; 0 for a yes, and if an errno is not the reason
 * @reason: a sentence for people, without a full stop; never NULL
 * @log: lines that the kernel logged meanwhile for the target's parent and that name
 *	the type and the string; with EIO also the line about the driver's answer, which
 *	was not valid
 * @num_log: number of lines in @log, at most 64
 * @log_error: positive errno if the kernel log could not be read, otherwise 0
 * @log_lost: some lines may be missing, because the kernel dropped or suppressed lines
 *	meanwhile, or because there were more than 64
 * @available_instances: after a yes of this host, attribute available_instances of the
 *	target's type, read after the question; -1 if it cannot be read, and without a yes
 *
 * The library makes these objects: members may be added at the end.
 */
struct mdev_precheck_answer {
	const char *host;
	const char *parent;
	const char *type;
	enum mdev_precheck_verdict verdict;
	enum mdev_precheck_condition condition;
	enum mdev_precheck_method method;
	int error;
	const char *reason;
	const char *const *log;
	size_t num_log;
	int log_error;
	bool log_lost;
	long available_instances;
};

/**
 * mdev_precheck_ask - would a target take a device of a source?
 * @precheck: object of mdev_precheck_new() for the target's host
 * @source: the source, of this host or of another one; the driver gets its string byte
 *	for byte
 * @target: the type that the device would go to
 * @answer: where to put the answer, for mdev_precheck_answer_free()
 *
 * Return: 0 with an answer; -EINVAL if mdev_precheck_source_check() returns a phrase,
 * or if a name of @target is not the name of a file; -ENOMEM, or another negative errno
 * of making a child process.
 */
int mdev_precheck_ask(struct mdev_precheck *precheck,
		      const struct mdev_precheck_source *source,
		      const struct mdev_precheck_place *target,
		      struct mdev_precheck_answer **answer);

/**
 * mdev_precheck_visit_answer - use an answer
 * @answer: belongs to the function, which frees it with mdev_precheck_answer_free()
 * @data: the caller's
 *
 * Return: 0 to go on; anything else ends mdev_precheck_ask_all(), which then returns it.
 */
typedef int (*mdev_precheck_visit_answer)(struct mdev_precheck_answer *answer,
					  void *data);

/**
 * mdev_precheck_ask_all - ask each parent that has a type
 * @precheck: object of mdev_precheck_new() for the targets' host
 * @source: source, as for mdev_precheck_ask()
 * @type: the targets' type; NULL for the source's type
 * @visit: called with each answer, by parent in byte order
 * @data: passed on to @visit
 *
 * There is at least one answer.  The answer of a parent that cannot be looked into is
 * "not asked".  If no parent has the type, there is one answer without a parent: a no if
 * a parent could be looked into, otherwise "not asked".
 *
 * Return: 0; the result of @visit if that is not 0; otherwise as mdev_precheck_ask().
 */
int mdev_precheck_ask_all(struct mdev_precheck *precheck,
			  const struct mdev_precheck_source *source,
			  const char *type, mdev_precheck_visit_answer visit,
			  void *data);

/**
 * mdev_precheck_answer_new - begin an answer that comes from another host
 * @host: name of the target's host, or NULL
 * @parent: the target's parent, or NULL
 * @type: the target's type
 * @answer: where to put the new answer, for mdev_precheck_answer_free()
 *
 * The verdict is "not asked" until mdev_precheck_answer_set() sets another one.  The caller
 * sets the members method, log_error, log_lost and available_instances itself.
 *
 * Return: 0; -EINVAL without a type; -ENOMEM.
 */
int mdev_precheck_answer_new(const char *host, const char *parent,
			     const char *type,
			     struct mdev_precheck_answer **answer);

/**
 * mdev_precheck_answer_set - set verdict, condition, errno and reason of an answer
 * @answer: answer of mdev_precheck_answer_new()
 * @verdict: yes, no, or not asked
 * @condition: the first condition that does not hold; ALL_HOLD for a yes, and only for it
 * @error: positive errno behind the verdict, or 0; a yes has 0
 * @reason: a sentence, which is copied
 *
 * Return: 0; -EINVAL if the values contradict each other, or if one of them is not a value
 * of its type; -ENOMEM.  After an error the answer is as before.
 */
int mdev_precheck_answer_set(struct mdev_precheck_answer *answer,
			     enum mdev_precheck_verdict verdict,
			     enum mdev_precheck_condition condition, int error,
			     const char *reason);

/**
 * mdev_precheck_answer_add_log - add a line of the kernel log
 * @answer: answer of mdev_precheck_answer_new()
 * @line: line, which is copied
 *
 * Return: 0; -E2BIG if the answer has 64 lines already; -ENOMEM.
 */
int mdev_precheck_answer_add_log(struct mdev_precheck_answer *answer,
				 const char *line);

/**
 * mdev_precheck_answer_free - free an answer
 * @answer: answer of the library, or NULL
 */
void mdev_precheck_answer_free(struct mdev_precheck_answer *answer);

/*
 * Names as documents have them, see mdev-precheck(5).  They are static, and NULL for a
 * number that is not a value of the type, so that a loop from 0 to NULL finds the value
 * of a name.
 */
const char *mdev_precheck_verdict_name(enum mdev_precheck_verdict verdict);
/* "all-hold" for ALL_HOLD, where documents have null */
const char *
mdev_precheck_condition_name(enum mdev_precheck_condition condition);
const char *mdev_precheck_method_name(enum mdev_precheck_method method);
const char *
mdev_precheck_source_state_name(enum mdev_precheck_source_state state);

/**
 * mdev_precheck_error_name - find the name of an errno
 * @error: positive errno
 * @buffer: gets the number if the errno does not have a name
 *
 * Return: the name as in errno.h, static, or @buffer.
 */
const char *mdev_precheck_error_name(int error,
				     char buffer[MDEV_PRECHECK_ERROR_SIZE]);

/**
 * mdev_precheck_error_number - find the errno of a name
 * @name: name as in errno.h, also the second name of an errno that has two, such as
 *	ENOTSUP, EWOULDBLOCK or EDEADLOCK; or a number as mdev_precheck_error_name()
 *	writes it
 *
 * Return: positive errno, or 0 if @name is not such a name.
 */
int mdev_precheck_error_number(const char *name);

/**
 * mdev_precheck_library_version - return the version of the library
 *
 * Return: for example "2.0.0", static.
 */
const char *mdev_precheck_library_version(void);

#ifdef __cplusplus
}
#endif

#endif
