/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults that a kernel has and a directory of plain files does not.  The library's calls
 * come here by the linker's --wrap, see Makefile; a call without a fault is passed on.
 */
#ifndef INJECT_H
#define INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct inject - the next faults, and what was called
 * @open_error: errno of opening migration_version
 * @call_error: errno of reading or writing it
 * @die: opening it is the end of the process
 * @short_write: of a write to it, take all but so many bytes
 * @path: opening a path that ends so ...
 * @path_error: ... fails with this errno
 * @sysfs: directories are of a sysfs ...
 * @sysfs_attribute: ... and migration_version is, too
 * @hook_after: before the so-manieth look at a file from now, from 1 ...
 * @hook: ... this is called
 * @getdents_error: errno of reading a directory
 * @fork_error: errno of _Fork(), by which the asker makes the keeper
 * @worker_error: the same, by which the keeper makes the worker
 * @link: a link with a path that ends so, once it was read ...
 * @link_to: ... leads there
 * @socketpair_error: errno of socketpair()
 * @send_error: errno of sending a question
 * @misnumber: so much is added to the numbers of answers
 * @no_kill: the worker is not killed when the keeper ends
 * @interrupt_poll: so many calls of poll() are interrupted
 * @interrupt_receive: so many calls of recvmsg()
 * @interrupt_wait: so many calls of waitpid()
 * @fail_allocation: the so-manieth allocation from now fails, from 1
 * @kmsg: descriptor that opening /dev/kmsg gives, or -1 for @kmsg_error
 * @kmsg_error: errno of opening it
 * @kmsg_seek_error: errno of going to its end
 * @kmsg_read_errors: errnos of the next reads, up to a zero
 * @kmsg_writer: the other end of @kmsg
 * @records: records that are logged during a question, up to a NULL
 * @forks: how many keepers and workers were made
 * @opens: how often migration_version was opened
 * @opener: process that has opened it last
 * @writes: how often it was written
 * @written: bytes that were written last
 * @written_len: number of them
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

/* In memory that is shared with children, whose calls are counted as well */
extern struct inject *inject;

/* inject_init - 0, or -1 with errno */
int inject_init(void);
/* inject_reset - remove the faults; /dev/kmsg is there and does not have records */
int inject_reset(void);

#endif
