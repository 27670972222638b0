/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Declarations that the files of the library share */
#ifndef MDEV_PRECHECK_INTERNAL_H
#define MDEV_PRECHECK_INTERNAL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "mdev-precheck.h"

#define __printf(format, first)	__attribute__((__format__(__printf__, format, first)))

#define MIGRATION_VERSION	"migration_version"
#define SUPPORTED_TYPES		"mdev_supported_types"
#define MDEV_BUS		"class/mdev_bus"

/* The kernel's MAX_ERRNO, in include/linux/err.h */
#define MAX_ERRNO		4095

/* O_PATH is enough for a directory from which others are opened */
#define OPEN_DIR		(O_PATH | O_DIRECTORY | O_CLOEXEC)

/* The longest string, a newline, a byte that shows that a string is too long, a NUL */
#define VERSION_SIZE		(MDEV_PRECHECK_VERSION_MAX + 3)

/* Other attributes have one line; sysfs delivers at most a page */
#define ATTRIBUTE_SIZE		4096

/**
 * struct io_child - the child that accesses attributes for an object, see child.c
 * @socket: socket for questions, or -1 without a child
 * @keeper: process id of the keeper
 * @process: process that has made the child
 * @thread: thread that has made the child; the child ends with it
 * @user: effective user of that thread; the child opens attributes as this user
 * @group: effective group of that thread
 * @number: number of the last question
 */
struct io_child {
	int socket;
	pid_t keeper;
	pid_t process;
	pid_t thread;
	uid_t user;
	gid_t group;
	unsigned long long number;
};

/**
 * struct mdev_precheck - how to reach the types of a host
 * @sysfs: descriptor of the directory
 * @fixture: the directory only looks like a sysfs
 * @timeout: milliseconds for a driver; 0 for no limit
 * @child: child that accesses attributes if there is a limit
 * @late: names of the parents that did not answer in time, sorted, each allocated
 * @num_late: number of names in @late
 *
 * The directory class/mdev_bus is looked up for each question, because the module mdev
 * may be loaded, or loaded again, at any time.
 */
struct mdev_precheck {
	int sysfs;
	bool fixture;
	unsigned int timeout;
	struct io_child child;
	char **late;
	size_t num_late;
};

/* is_late - did @parent once not answer in time? */
bool is_late(const struct mdev_precheck *precheck, const char *parent);
/* add_late - remember that @parent must not be asked again; 0 or -ENOMEM */
int add_late(struct mdev_precheck *precheck, const char *parent);

/**
 * look_at_host - find the state of a host, and why
 * @precheck: object of mdev_precheck_new()
 * @error: result, positive errno behind a state that is not READY, otherwise 0
 */
enum mdev_precheck_host_state look_at_host(const struct mdev_precheck *precheck, int *error);

/**
 * struct names - names of directory entries, sorted
 * @names: pointers into @text
 * @num: number of names, also before @names is allocated
 * @text: the names, each with a NUL
 * @text_len: bytes of @text that are used
 * @text_size: bytes of @text
 */
struct names {
	const char **names;
	size_t num;
	char *text;
	size_t text_len;
	size_t text_size;
};

/* list_dir - read the entries of @path in @dir but "." and ".."; 0 or a negative errno */
int list_dir(int dir, const char *path, struct names *names);
void names_free(struct names *names);

/* is_file_name - can @name be an entry of a directory? */
bool is_file_name(const char *name);

/* copy_name - copy a name for which is_file_name() is true */
void copy_name(char to[MDEV_PRECHECK_NAME_SIZE], const char *name);

/**
 * struct type_dir - a type whose directory is open
 * @parent: name of its parent
 * @types: descriptor of the parent's directory mdev_supported_types, or -1
 * @type: descriptor of the type's directory in @types, or -1
 */
struct type_dir {
	const char *parent;
	int types;
	int type;
};

/* is_sysfs - is @fd a file of a sysfs?  1, 0, or a negative errno of fstatfs() */
int is_sysfs(int fd);
/*
 * require_sysfs - return @fd if it is a file of a sysfs
 *
 * Otherwise @fd is closed, and the result is -EMEDIUMTYPE or a negative errno of fstatfs().
 */
int require_sysfs(int fd);

/**
 * open_parent - open the directory mdev_supported_types of a parent
 * @precheck: object of mdev_precheck_new()
 * @parent: a name for which is_file_name() is true
 *
 * Return: an O_PATH descriptor; -ENODEV if the parent does not exist, or not any more;
 * -ENOTDIR for an entry of class/mdev_bus that is not a parent; -ENOENT for a link that
 * leads nowhere or to a directory without types; -EMEDIUMTYPE for a directory that is not
 * of a sysfs; another negative errno of opening it.
 */
int open_parent(const struct mdev_precheck *precheck, const char *parent);

/**
 * look_again - find out whether an entry that was not found does not exist
 * @precheck: object of mdev_precheck_new()
 * @dir: a type, of which at least @types is open
 * @in: @types or @type of @dir
 * @name: name of the entry that was not found in @in
 *
 * The kernel removes the link of a parent in class/mdev_bus before the first of its types,
 * and makes the link after the last of its types.  So an entry does not exist if it is
 * missing between two looks at the same directory through that link.
 *
 * Return: -ENOENT if the entry does not exist; 0 if it exists by now; -ENODEV if the
 * parent has gone, or is another one; another negative errno of looking for the entry.
 */
int look_again(const struct mdev_precheck *precheck, const struct type_dir *dir, int in,
	       const char *name);

/**
 * open_type - open a type of a parent that is open
 * @precheck: object of mdev_precheck_new()
 * @name: a name for which is_file_name() is true
 * @dir: its @parent and @types are set; its @type is the result, or -1
 *
 * Return: 0; -ENOENT if the parent does not have the type; -ENODEV if the parent has
 * gone; another negative errno of opening it.
 */
int open_type(const struct mdev_precheck *precheck, const char *name,
	      struct type_dir *dir);

/**
 * open_place - open a parent and a type of it
 * @precheck: object of mdev_precheck_new()
 * @place: two names for which is_file_name() is true
 * @dir: result, for close_place(), also after an error
 *
 * Return: as open_type(), or, if @types of @dir is -1, a negative errno of open_parent().
 */
int open_place(const struct mdev_precheck *precheck,
	       const struct mdev_precheck_place *place, struct type_dir *dir);
void close_place(struct type_dir *dir);

/**
 * enum io_step - how far an access to migration_version came
 * @IO_OPEN: the attribute could not be opened
 * @IO_CALL: read(2) or write(2) was called, and failed if there is an error
 * @IO_NO_ANSWER: the child that had to access it did not answer
 */
enum io_step {
	IO_OPEN,
	IO_CALL,
	IO_NO_ANSWER,
};

/**
 * struct io_result - the result of an access to migration_version
 * @step: how far the access came
 * @error: positive errno, 0 for success; with IO_OPEN, look_again() has confirmed ENOENT,
 *	and EMEDIUMTYPE means a file that is not of a sysfs
 * @count: result of read(2) or write(2)
 */
struct io_result {
	enum io_step step;
	int error;
	size_t count;
};

/**
 * struct io_call - an access to an attribute that calls the vendor driver
 * @dir: descriptor of the type's directory
 * @name: name of the attribute
 * @fixture: the attribute may be a plain file or a link
 * @flags: O_RDONLY or O_WRONLY
 * @to: buffer of a read
 * @from: bytes of a write
 * @size: bytes in the buffer, or bytes to write
 */
struct io_call {
	int dir;
	const char *name;
	bool fixture;
	int flags;
	char *to;
	const char *from;
	size_t size;
};

/* access_attribute - read or write an attribute; it makes system calls only, as after _Fork() */
void access_attribute(const struct io_call *call, struct io_result *result);

/**
 * access_in_child - call access_attribute() in a child, and give up if it takes too long
 * @child: child of the object, which is made if it does not exist yet
 * @call: the access
 * @timeout: milliseconds
 * @result: result; with IO_NO_ANSWER the error is ETIMEDOUT, EIO for a child that has ended,
 *	or the errno of fork() in the keeper
 *
 * Return: 0, or a negative errno of making the child or of asking it.
 */
int access_in_child(struct io_child *child, const struct io_call *call,
		    unsigned int timeout, struct io_result *result);

/* end_child - end the child of an object, if it has one */
void end_child(struct io_child *child);

/*
 * is_no_answer - does @error of read(2) or write(2) mean that the question was not
 * answered?  The ABI has a list of these errnos.
 */
bool is_no_answer(int error);

/**
 * read_version - read migration_version
 * @precheck: object of mdev_precheck_new()
 * @dir: an open type
 * @text: buffer for the string, to which @version of @source points
 * @source: its state, error and version are the result
 *
 * Return: 0; -ENOMEM; another negative errno of making a child.
 */
int read_version(struct mdev_precheck *precheck, const struct type_dir *dir,
		 char text[VERSION_SIZE], struct mdev_precheck_source *source);

/**
 * read_limited - read an attribute that calls the vendor driver, within the time limit
 * @precheck: object of mdev_precheck_new()
 * @dir: an open type
 * @name: name of the attribute
 * @text: buffer for the attribute; its last byte is left for a NUL
 * @len: result, bytes that were read
 *
 * Return: 0, or a negative errno.
 */
int read_limited(struct mdev_precheck *precheck, const struct type_dir *dir,
		 const char *name, char text[ATTRIBUTE_SIZE], size_t *len);

/**
 * read_available - read available_instances
 * @precheck: object of mdev_precheck_new()
 * @dir: an open type
 *
 * Return: the value, or -1 if it cannot be read, is not a number or is negative.
 */
long read_available(struct mdev_precheck *precheck, const struct type_dir *dir);

/* write_version - write @version to the type in @dir; 0, or as read_version() */
int write_version(struct mdev_precheck *precheck, const struct type_dir *dir,
		  const char *version, struct io_result *result);

/* string_size - count the bytes of a string with its NUL; 0 for NULL */
size_t string_size(const char *string);
/*
 * put_string - copy @from to @at, and let @to point to it; NULL stays NULL
 *
 * Return: the place after the copy.
 */
char *put_string(const char *from, char *at, const char **to);
/* copy_string - allocate a copy of @from; NULL stays NULL; 0 or -ENOMEM */
int copy_string(const char *from, const char **to);

/**
 * struct log - a position in the kernel log
 * @fd: descriptor of /dev/kmsg, or -1
 * @error: positive errno if the log cannot be read, otherwise 0
 */
struct log {
	int fd;
	int error;
};

/* log_begin - remember where the log ends now */
void log_begin(struct log *log);
/**
 * log_end - add the lines about a question to its answer, and close the log
 * @log: position of log_begin()
 * @precheck: object of the question
 * @version: string of the question
 * @faulty: the driver's answer was not valid; the kernel logs that without the string
 * @answer: answer to the question; its parent is not NULL
 *
 * Return: 0 or -ENOMEM.
 */
int log_end(struct log *log, const struct mdev_precheck *precheck, const char *version,
	    bool faulty, struct mdev_precheck_answer *answer);

/**
 * struct log_device - the two names that the kernel log may have for a device
 * @name: NAME in "+SUBSYSTEM:NAME"
 * @number: "cMAJOR:MINOR" or "bMAJOR:MINOR", or "" for a device without a number
 */
struct log_device {
	const char *name;
	char number[32];
};

/**
 * log_record_message - take a record of /dev/kmsg apart
 * @record: record, which is overwritten, with room for a NUL after it
 * @len: bytes of the record, without that NUL
 * @device: device of the target's parent
 * @ours: result, whether the record is about @device
 *
 * Return: the message, or NULL if the record does not have one.
 */
char *log_record_message(char *record, size_t len, const struct log_device *device,
			 bool *ours);

/**
 * log_names - does a message name the type and the string of a question?
 * @message: message as /dev/kmsg has it
 * @type: name of the type
 * @version: version string, of which the kernel logs 256 characters
 *
 * Return: true if the message has both, and neither is a part of a longer word.
 */
bool log_names(const char *message, const char *type, const char *version);

/**
 * log_has_fault - does a message report that the result of a driver's check is not valid?
 * @message: message as /dev/kmsg has it
 * @type: name of the type that was asked
 *
 * Return: true for a message of mdev_driver_result() in the kernel about the type.
 */
bool log_has_fault(const char *message, const char *type);

#endif
