/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel does that a directory of plain files does not.  The library's calls
 * come here by the linker's --wrap, see Makefile; what is not asked for is passed on.
 */
#ifndef INJECT_H
#define INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct inject - what to do wrong, and what was done
 * @open_error: errno of opening migration_version
 * @call_error: errno of reading or writing it
 * @vanish: the attribute goes before that read or write
 * @die: opening it is the end of the process
 * @short_write: of a write to it, take all but so many bytes
 * @path: opening a path that ends so ...
 * @path_error: ... fails with this errno
 * @getdents_error: errno of reading a directory
 * @fork_error: errno of fork()
 * @pipe_error: errno of pipe2()
 * @no_kill: kill() does nothing
 * @interrupt_poll: so many calls of poll() are interrupted
 * @interrupt_read: so many calls of read() of a pipe
 * @interrupt_wait: so many calls of waitpid()
 * @piecemeal: read() of a pipe gives one byte
 * @fail_allocation: the so-manieth allocation from now fails, from 1
 * @kmsg: what opening /dev/kmsg gives, or -1 for @kmsg_error
 * @kmsg_error: errno of opening it
 * @kmsg_seek_error: errno of going to its end
 * @kmsg_read_errors: errnos of the next reads, up to a zero
 * @kmsg_writer: the other end of @kmsg
 * @records: what is logged during a question, up to a NULL
 * @opens: how often migration_version was opened
 * @writes: how often it was written
 * @written: what was written last
 * @written_len: its length
 * @child: last process id of fork()
 */
struct inject {
	int open_error;
	int call_error;
	bool vanish;
	bool die;
	size_t short_write;
	const char *path;
	int path_error;
	int getdents_error;
	int fork_error;
	int pipe_error;
	bool no_kill;
	unsigned int interrupt_poll;
	unsigned int interrupt_read;
	unsigned int interrupt_wait;
	bool piecemeal;
	unsigned int fail_allocation;
	int kmsg;
	int kmsg_error;
	int kmsg_seek_error;
	int kmsg_read_errors[4];
	int kmsg_writer;
	const char *const *records;
	unsigned int opens;
	unsigned int writes;
	char written[8192];
	size_t written_len;
	pid_t child;
};

/* In memory that is shared with children, whose calls are counted as well */
extern struct inject *inject;

/* inject_init - 0, or -1 with errno */
int inject_init(void);
/* inject_reset - do nothing wrong; /dev/kmsg is there and has no records */
int inject_reset(void);

#endif
