// SPDX-License-Identifier: GPL-2.0-only
/*
 * LD_PRELOAD of this library lets each recv(2) of a program take more than a second, as if the
 * program read many other sockets
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/socket.h>
#include <time.h>

ssize_t recv(int fd, void *part, size_t size, int flags)
{
	const struct timespec pause = { .tv_sec = 1, .tv_nsec = 100000000 };
	static ssize_t (*next)(int fd, void *part, size_t size, int flags);
	ssize_t count;

	if (!next)
		next = (ssize_t (*)(int, void *, size_t, int))dlsym(RTLD_NEXT, "recv");
	count = next(fd, part, size, flags);
	if (count > 0)
		nanosleep(&pause, NULL);
	return count;
}
