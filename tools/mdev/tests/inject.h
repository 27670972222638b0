/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inject faults that a kernel has and a directory of plain files does not
 *
 * The linker's --wrap, see Makefile, redirects the library's calls to these functions, which
 * pass on each call without a fault.
 */
#ifndef INJECT_H
#define INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct inject - the next faults, and the calls so far
 * @open_error: errno of opening migration_version
 * @call_error: errno of reading or writing migration_version
 * @die: opening migration_version kills the process
 * @short_write: a write to migration_version returns this many bytes less
 * @path: opening a path with this end ...
 * @path_error: ... fails with this errno
 * @sysfs: directories are on a sysfs ...
 * @sysfs_attribute: ... and so is migration_version
 * @hook_after: before this look at a file, counted from 1 ...
 * @hook: ... this function is called
 * @getdents_error: errno of reading a directory
 * @fork_error: errno of _Fork(), with which the asker makes the keeper
 * @worker_error: errno of _Fork(), with which the keeper makes the worker
 * @link: after a read of a link whose path has this end ...
 * @link_to: ... the link leads there
 * @socketpair_error: errno of socketpair()
 * @send_error: errno of sending a question
 * @misnumber: number that is added to the numbers of answers
 * @no_kill: the worker stays when the keeper ends
 * @interrupt_poll: calls of poll() that are interrupted
 * @interrupt_receive: calls of recvmsg() that are interrupted
 * @interrupt_wait: calls of waitpid() that are interrupted
 * @fail_allocation: this allocation fails, counted from 1
 * @kmsg: descriptor that opening /dev/kmsg returns; -1 for @kmsg_error
 * @kmsg_error: errno of opening /dev/kmsg
 * @kmsg_seek_error: errno of moving to the end of /dev/kmsg
 * @kmsg_read_errors: errnos of the next reads of /dev/kmsg, up to a zero
 * @kmsg_writer: the other end of @kmsg
 * @records: records that are logged during a question, up to a NULL
 * @forks: keepers and workers that were made
 * @opens: number of times that migration_version was opened
 * @opener: process that opened migration_version last
 * @writes: number of times that migration_version was written
 * @written: bytes of the last write
 * @written_len: bytes in @written
 */
struct inject {
	int open_error;
	int call_error;
	bool die;
	size_t short_write;
	const char *path;
	int path_error;
	bool sysfs;
	bool sysfs_attribute;
	unsigned int hook_after;
	void (*hook)(void);
	int getdents_error;
	int fork_error;
	int worker_error;
	const char *link;
	const char *link_to;
	int socketpair_error;
	int send_error;
	int misnumber;
	bool no_kill;
	unsigned int interrupt_poll;
	unsigned int interrupt_receive;
	unsigned int interrupt_wait;
	unsigned int fail_allocation;
	int kmsg;
	int kmsg_error;
	int kmsg_seek_error;
	int kmsg_read_errors[4];
	int kmsg_writer;
	const char *const *records;
	unsigned int forks;
	unsigned int opens;
	pid_t opener;
	unsigned int writes;
	char written[8192];
	size_t written_len;
};

/* This memory is shared with children, so that their calls are counted as well */
extern struct inject *inject;

/* inject_init - map the shared memory; 0, or -1 with errno */
int inject_init(void);
/* inject_reset - remove all faults; /dev/kmsg exists and does not have records */
int inject_reset(void);

#endif
