// SPDX-License-Identifier: GPL-2.0-only
/* Inject faults that a kernel has and a directory of plain files does not, see inject.h */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "inject.h"
#include "internal.h"
#include "wrapped.h"

struct inject *inject;

/* Descriptors of the attribute and of the log in this process */
static int version_fd = -1;
static int kmsg_fd = -1;

/* The process in which a function of the library runs, or a process of a test */
enum place { ASKER, KEEPER, WORKER };
static enum place current;

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
	/* /dev/kmsg returns one record in each read */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		       ends))
		return -1;
	inject->kmsg = ends[0];
	inject->kmsg_writer = ends[1];
	return 0;
}

static int fail_with(int error)
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

/* look - count a look at a file, which is opened, read or written next */
static void look(void)
{
	if (inject->hook_after && !--inject->hook_after)
		inject->hook();
}

static bool interrupted(unsigned int *left)
{
	if (!*left)
		return false;
	--*left;
	return true;
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

	look();
	if (inject->path && ends_with(path, inject->path))
		return fail_with(inject->path_error);
	if (strcmp(path, MIGRATION_VERSION))
		return __real_openat(dir, path, flags, mode);

	inject->opens++;
	inject->opener = getpid();
	if (inject->die)
		_exit(0);
	if (inject->open_error)
		return fail_with(inject->open_error);
	fd = __real_openat(dir, path, flags, mode);
	version_fd = fd;
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
			return fail_with(inject->kmsg_error);
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

/* The library moves to the end, so that older records are not read */
off_t __wrap_lseek(int fd, off_t offset, int whence)
{
	char record[16];

	if (fd != kmsg_fd)
		return __real_lseek(fd, offset, whence);
	if (inject->kmsg_seek_error)
		return fail_with(inject->kmsg_seek_error);
	while (whence == SEEK_END && recv(fd, record, sizeof(record), 0) > 0)
		;
	return 0;
}

int __wrap_fstatat(int dir, const char *path, struct stat *stat, int flags)
{
	look();
	return __real_fstatat(dir, path, stat, flags);
}

int __wrap_faccessat(int dir, const char *path, int mode, int flags)
{
	look();
	return __real_faccessat(dir, path, mode, flags);
}

int __wrap_fstatfs(int fd, struct statfs *stat)
{
	int ret = __real_fstatfs(fd, stat);

	if (fd == version_fd ? inject->sysfs_attribute : inject->sysfs)
		stat->f_type = SYSFS_MAGIC;
	return ret;
}

static int access_fails(void)
{
	look();
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
		return fail_with(error);
	}
	if (fd == version_fd && access_fails())
		return fail_with(inject->call_error);
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
		return fail_with(inject->call_error);
	return __real_write(fd, from, size - inject->short_write);
}

ssize_t __wrap_getdents64(int fd, void *to, size_t size)
{
	if (inject->getdents_error)
		return fail_with(inject->getdents_error);
	return __real_getdents64(fd, to, size);
}

int __wrap_poll(struct pollfd *fds, nfds_t num, int timeout)
{
	return interrupted(&inject->interrupt_poll) ? fail_with(EINTR) :
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
	/* With WNOHANG, waitpid() does not block and is not interrupted */
	if (!(options & WNOHANG) && interrupted(&inject->interrupt_wait))
		return fail_with(EINTR);
	return __real_waitpid(pid, status, options);
}

int __wrap_prctl(int option, ...)
{
	va_list args;
	unsigned long signal;

	va_start(args, option);
	signal = va_arg(args, unsigned long);
	va_end(args);
	if (option == PR_SET_PDEATHSIG && inject->no_kill && current == WORKER)
		return 0;
	return __real_prctl(option, signal, 0UL, 0UL, 0UL);
}

pid_t __wrap__Fork(void)
{
	int error = current == ASKER ? inject->fork_error : inject->worker_error;
	pid_t pid;

	if (error)
		return fail_with(error);
	inject->forks++;
	pid = __real__Fork();
	if (!pid)
		current++;
	return pid;
}

ssize_t __wrap_readlinkat(int dir, const char *path, char *to, size_t size)
{
	ssize_t len = __real_readlinkat(dir, path, to, size);

	if (inject->link && ends_with(path, inject->link)) {
		inject->link = NULL;
		if (unlinkat(dir, path, 0) || symlinkat(inject->link_to, dir, path))
			return -1;
	}
	return len;
}

int __wrap_socketpair(int domain, int type, int protocol, int ends[2])
{
	return inject->socketpair_error ? fail_with(inject->socketpair_error) :
					  __real_socketpair(domain, type, protocol, ends);
}

/* misnumber - add @by to the first number of a message */
static void misnumber(const struct msghdr *message, long long by)
{
	unsigned long long number;

	memcpy(&number, message->msg_iov->iov_base, sizeof(number));
	number += by;
	memcpy(message->msg_iov->iov_base, &number, sizeof(number));
}

ssize_t __wrap_sendmsg(int socket, const struct msghdr *message, int flags)
{
	ssize_t len;

	if (current == ASKER && inject->send_error)
		return fail_with(inject->send_error);
	if (current == WORKER && inject->misnumber)
		misnumber(message, inject->misnumber);
	len = __real_sendmsg(socket, message, flags);
	/* The asker logs the records, because the worker has closed the socket of the log */
	if (current == ASKER && len > 0)
		log_records();
	return len;
}

ssize_t __wrap_recvmsg(int socket, struct msghdr *message, int flags)
{
	return interrupted(&inject->interrupt_receive) ? fail_with(EINTR) :
		__real_recvmsg(socket, message, flags);
}

void *__wrap_calloc(size_t num, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(num, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return allocation_fails() ? NULL : __real_realloc(memory, size);
}

void *__wrap_reallocarray(void *memory, size_t num, size_t size)
{
	return allocation_fails() ? NULL : __real_reallocarray(memory, num, size);
}

char *__wrap_strdup(const char *text)
{
	return allocation_fails() ? NULL : __real_strdup(text);
}
