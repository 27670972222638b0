/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The linker's names for the functions that inject.c replaces: __real_ is the function itself,
 * and __wrap_ is called instead of it.  With _FORTIFY_SOURCE, some functions have other names.
 */
#ifndef WRAPPED_H
#define WRAPPED_H

#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/vfs.h>

void *__real_calloc(size_t num, size_t size);
void *__wrap_calloc(size_t num, size_t size);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_faccessat(int dir, const char *path, int mode, int flags);
int __wrap_faccessat(int dir, const char *path, int mode, int flags);
pid_t __real__Fork(void);
pid_t __wrap__Fork(void);
ssize_t __real_readlinkat(int dir, const char *path, char *to, size_t size);
ssize_t __wrap_readlinkat(int dir, const char *path, char *to, size_t size);
int __real_fstatat(int dir, const char *path, struct stat *stat, int flags);
int __wrap_fstatat(int dir, const char *path, struct stat *stat, int flags);
int __real_fstatfs(int fd, struct statfs *stat);
int __wrap_fstatfs(int fd, struct statfs *stat);
ssize_t __real_getdents64(int fd, void *to, size_t size);
ssize_t __wrap_getdents64(int fd, void *to, size_t size);
off_t __real_lseek(int fd, off_t offset, int whence);
off_t __wrap_lseek(int fd, off_t offset, int whence);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int __real___openat_2(int dir, const char *path, int flags);
int __wrap___openat_2(int dir, const char *path, int flags);
int __real_poll(struct pollfd *fds, nfds_t num, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t num, int timeout);
int __wrap___poll_chk(struct pollfd *fds, nfds_t num, int timeout, size_t room);
int __real_prctl(int option, ...);
int __wrap_prctl(int option, ...);
ssize_t __real_read(int fd, void *to, size_t size);
ssize_t __wrap_read(int fd, void *to, size_t size);
ssize_t __real___read_chk(int fd, void *to, size_t size, size_t room);
ssize_t __wrap___read_chk(int fd, void *to, size_t size, size_t room);
ssize_t __real_recvmsg(int socket, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int socket, struct msghdr *message, int flags);
ssize_t __real_sendmsg(int socket, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int socket, const struct msghdr *message, int flags);
int __real_socketpair(int domain, int type, int protocol, int ends[2]);
int __wrap_socketpair(int domain, int type, int protocol, int ends[2]);
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__real_reallocarray(void *memory, size_t num, size_t size);
void *__wrap_reallocarray(void *memory, size_t num, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
pid_t __real_waitpid(pid_t pid, int *status, int options);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);
ssize_t __real_write(int fd, const void *from, size_t size);
ssize_t __wrap_write(int fd, const void *from, size_t size);

#endif
