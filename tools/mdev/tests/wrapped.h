/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The linker's names for what inject.c takes the place of: __real_ is the function itself,
 * __wrap_ what is called instead of it.  With _FORTIFY_SOURCE some have other names.
 */
#ifndef WRAPPED_H
#define WRAPPED_H

#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

int __wrap_asprintf(char **to, const char *format, ...);
int __wrap___asprintf_chk(char **to, int flag, const char *format, ...);
void *__real_calloc(size_t num, size_t size);
void *__wrap_calloc(size_t num, size_t size);
int __real_close(int fd);
int __wrap_close(int fd);
pid_t __real_fork(void);
pid_t __wrap_fork(void);
ssize_t __real_getdents64(int fd, void *to, size_t size);
ssize_t __wrap_getdents64(int fd, void *to, size_t size);
int __real_kill(pid_t pid, int signal);
int __wrap_kill(pid_t pid, int signal);
off_t __real_lseek(int fd, off_t offset, int whence);
off_t __wrap_lseek(int fd, off_t offset, int whence);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int __real___openat_2(int dir, const char *path, int flags);
int __wrap___openat_2(int dir, const char *path, int flags);
int __real_pipe2(int ends[2], int flags);
int __wrap_pipe2(int ends[2], int flags);
int __real_poll(struct pollfd *fds, nfds_t num, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t num, int timeout);
int __wrap___poll_chk(struct pollfd *fds, nfds_t num, int timeout, size_t room);
ssize_t __real_read(int fd, void *to, size_t size);
ssize_t __wrap_read(int fd, void *to, size_t size);
ssize_t __real___read_chk(int fd, void *to, size_t size, size_t room);
ssize_t __wrap___read_chk(int fd, void *to, size_t size, size_t room);
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
int __wrap_vasprintf(char **to, const char *format, va_list args);
int __real___vasprintf_chk(char **to, int flag, const char *format, va_list args);
int __wrap___vasprintf_chk(char **to, int flag, const char *format, va_list args);
pid_t __real_waitpid(pid_t pid, int *status, int options);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);
ssize_t __real_write(int fd, const void *from, size_t size);
ssize_t __wrap_write(int fd, const void *from, size_t size);

#endif
