// SPDX-License-Identifier: GPL-2.0-only
/* What a kernel does that a directory of plain files does not: see inject.h */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inject.h"
#include "internal.h"
#include "wrapped.h"

struct inject *inject;

/* Descriptors of the one attribute and of the log, in this process */
static int version_fd = -1, version_dir = -1;
static int kmsg_fd = -1;

int inject_init(void)
{
	inject = mmap(NULL, sizeof(*inject), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (inject == MAP_FAILED)
		return -1;
	inject->kmsg = -1;
	inject->kmsg_writer = -1;
	return 0;
}

int inject_reset(void)
{
	int ends[2];

	if (inject->kmsg >= 0)
		close(inject->kmsg);
	if (inject->kmsg_writer >= 0)
		close(inject->kmsg_writer);
	memset(inject, 0, sizeof(*inject));
	inject->kmsg = -1;
	inject->kmsg_writer = -1;
	/* One read gives one record, as of /dev/kmsg */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		       ends))
		return -1;
	inject->kmsg = ends[0];
	inject->kmsg_writer = ends[1];
	return 0;
}

static int fail(int error)
{
	errno = error;
	return -1;
}

static bool ends_with(const char *path, const char *end)
{
	size_t len = strlen(path), end_len = strlen(end);

	return len >= end_len && !strcmp(path + len - end_len, end);
}

static bool allocation_fails(void)
{
	return inject && inject->fail_allocation && !--inject->fail_allocation;
}

static bool interrupted(unsigned int *left)
{
	if (!*left)
		return false;
	--*left;
	return true;
}

static bool is_pipe(int fd)
{
	struct stat stat;

	return fd != version_fd && !fstat(fd, &stat) && S_ISFIFO(stat.st_mode);
}

static void log_records(void)
{
	const char *const *record;

	for (record = inject->records; record && *record; record++)
		send(inject->kmsg_writer, *record, strlen(*record), MSG_NOSIGNAL);
}

static int open_any(int dir, const char *path, int flags, mode_t mode)
{
	int fd;

	if (inject->path && ends_with(path, inject->path))
		return fail(inject->path_error);
	if (strcmp(path, MIGRATION_VERSION))
		return __real_openat(dir, path, flags, mode);

	inject->opens++;
	if (inject->die)
		_exit(0);
	if (inject->open_error)
		return fail(inject->open_error);
	fd = __real_openat(dir, path, flags, mode);
	version_fd = fd;
	version_dir = dir;
	return fd;
}

int __wrap_openat(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	if (flags & O_CREAT) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	return open_any(dir, path, flags, mode);
}

int __wrap___openat_2(int dir, const char *path, int flags)
{
	return open_any(dir, path, flags, 0);
}

int __wrap_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	if (!strcmp(path, "/dev/kmsg")) {
		if (inject->kmsg_error)
			return fail(inject->kmsg_error);
		kmsg_fd = fcntl(inject->kmsg, F_DUPFD_CLOEXEC, 0);
		return kmsg_fd;
	}
	if (flags & O_CREAT) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	return __real_open(path, flags, mode);
}

int __wrap_close(int fd)
{
	if (fd == version_fd)
		version_fd = -1;
	if (fd == kmsg_fd)
		kmsg_fd = -1;
	return __real_close(fd);
}

/* To the end: what is there now is not read */
off_t __wrap_lseek(int fd, off_t offset, int whence)
{
	char record[16];

	if (fd != kmsg_fd)
		return __real_lseek(fd, offset, whence);
	if (inject->kmsg_seek_error)
		return fail(inject->kmsg_seek_error);
	while (whence == SEEK_END && recv(fd, record, sizeof(record), 0) > 0)
		;
	return 0;
}

static int access_fails(void)
{
	if (inject->vanish)
		unlinkat(version_dir, MIGRATION_VERSION, 0);
	return inject->call_error;
}

ssize_t __wrap_read(int fd, void *to, size_t size)
{
	int *errors = inject->kmsg_read_errors;

	if (fd < 0)
		return __real_read(fd, to, size);
	if (fd == kmsg_fd && *errors) {
		int error = *errors;

		memmove(errors, errors + 1, sizeof(inject->kmsg_read_errors) -
			sizeof(*errors));
		return fail(error);
	}
	if (fd == version_fd && access_fails())
		return fail(inject->call_error);
	if ((inject->interrupt_read || inject->piecemeal) && is_pipe(fd)) {
		if (interrupted(&inject->interrupt_read))
			return fail(EINTR);
		if (inject->piecemeal && size)
			size = 1;
	}
	return __real_read(fd, to, size);
}

ssize_t __wrap___read_chk(int fd, void *to, size_t size, size_t room)
{
	if (size > room)
		abort();
	return __wrap_read(fd, to, size);
}

ssize_t __wrap_write(int fd, const void *from, size_t size)
{
	if (fd < 0 || fd != version_fd)
		return __real_write(fd, from, size);

	inject->writes++;
	inject->written_len = size < sizeof(inject->written) ? size :
			      sizeof(inject->written);
	memcpy(inject->written, from, inject->written_len);
	log_records();
	if (access_fails())
		return fail(inject->call_error);
	return __real_write(fd, from, size - inject->short_write);
}

ssize_t __wrap_getdents64(int fd, void *to, size_t size)
{
	if (inject->getdents_error)
		return fail(inject->getdents_error);
	return __real_getdents64(fd, to, size);
}

int __wrap_poll(struct pollfd *fds, nfds_t num, int timeout)
{
	return interrupted(&inject->interrupt_poll) ? fail(EINTR) :
		__real_poll(fds, num, timeout);
}

int __wrap___poll_chk(struct pollfd *fds, nfds_t num, int timeout, size_t room)
{
	if (num > room / sizeof(*fds))
		abort();
	return __wrap_poll(fds, num, timeout);
}

pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
	return interrupted(&inject->interrupt_wait) ? fail(EINTR) :
		__real_waitpid(pid, status, options);
}

int __wrap_kill(pid_t pid, int signal)
{
	return inject->no_kill ? 0 : __real_kill(pid, signal);
}

pid_t __wrap_fork(void)
{
	pid_t pid;

	if (inject->fork_error)
		return fail(inject->fork_error);
	pid = __real_fork();
	/* The child has none of our files when it writes */
	if (pid > 0) {
		inject->child = pid;
		log_records();
	}
	return pid;
}

int __wrap_pipe2(int ends[2], int flags)
{
	return inject->pipe_error ? fail(inject->pipe_error) :
				    __real_pipe2(ends, flags);
}

void *__wrap_calloc(size_t num, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(num, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return allocation_fails() ? NULL : __real_realloc(memory, size);
}

char *__wrap_strdup(const char *text)
{
	return allocation_fails() ? NULL : __real_strdup(text);
}

int __wrap_vasprintf(char **to, const char *format, va_list args)
{
	if (allocation_fails())
		return -1;
	return __real___vasprintf_chk(to, 0, format, args);
}

int __wrap___vasprintf_chk(char **to, int flag, const char *format, va_list args)
{
	if (allocation_fails())
		return -1;
	return __real___vasprintf_chk(to, flag, format, args);
}

int __wrap_asprintf(char **to, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = __wrap_vasprintf(to, format, args);
	va_end(args);
	return len;
}

int __wrap___asprintf_chk(char **to, int flag, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = __wrap___vasprintf_chk(to, flag, format, args);
	va_end(args);
	return len;
}
