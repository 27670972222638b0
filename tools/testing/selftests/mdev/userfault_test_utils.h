/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A system call that stalls in the middle, because the kernel copies from or to a page
 * that userfaultfd(2) holds back until the test releases it
 *
 * With it, a test of the driver during such a call does not depend on timing:
 *
 *	userfault_begin(&uf);
 *	userfault_stall(&uf, call, arg);
 *	... calls that must not wait for the stalled one ...
 *	userfault_release(&uf, bytes, len);
 *	ret = userfault_result(&uf);
 *	userfault_end(&uf);
 *
 * Functions return a negative errno where a system call would set errno.
 */

#ifndef USERFAULT_TEST_UTILS_H
#define USERFAULT_TEST_UTILS_H

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/types.h>
#include <linux/userfaultfd.h>

#include "mdev_test_utils.h"

/**
 * struct userfault - a page that stalls each access, and a call that accesses it
 * @fd: file of userfaultfd(2)
 * @ended: an eventfd, which can be read when @call has returned
 * @size: size of a page
 * @before: an ordinary page of zeros, for the bytes before @page
 * @page: the page that stalls, right behind @before
 * @thread: thread that makes the call
 * @called: @thread was started and not yet joined
 * @call: the call
 * @arg: argument of @call
 * @result: result of @call
 */
struct userfault {
	int fd;
	int ended;
	size_t size;
	unsigned char *before;
	unsigned char *page;
	pthread_t thread;
	bool called;
	ssize_t (*call)(struct userfault *uf, void *arg);
	void *arg;
	ssize_t result;
};

static const struct userfault userfault_none = { .fd = -1, .ended = -1 };

/**
 * userfault_end - release the page, wait for the call, and free both
 * @uf: from userfault_begin(), or a copy of &userfault_none
 *
 * A call that is still stalled finds zeros in the page.
 */
static inline void userfault_end(struct userfault *uf)
{
	/* The close releases the page, so that the thread ends */
	if (uf->fd >= 0)
		close(uf->fd);
	if (uf->called)
		pthread_join(uf->thread, NULL);
	if (uf->ended >= 0)
		close(uf->ended);
	if (uf->before)
		munmap(uf->before, 2 * uf->size);
	*uf = userfault_none;
}

/**
 * userfault_begin - map a page that stalls each access
 * @uf: filled in
 *
 * Return: 0, or a negative errno: -ENOSYS from a kernel without userfaultfd.
 */
static inline int userfault_begin(struct userfault *uf)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int ret;

	*uf = userfault_none;
	uf->size = sysconf(_SC_PAGESIZE);
	uf->ended = eventfd(0, EFD_CLOEXEC);
	/* A file without O_NONBLOCK cannot be polled */
	uf->fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (uf->ended < 0 || uf->fd < 0)
		goto err;

	uf->before = mmap(NULL, 2 * uf->size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (uf->before == MAP_FAILED) {
		uf->before = NULL;
		goto err;
	}
	uf->page = uf->before + uf->size;
	memset(uf->before, 0, uf->size);

	range.range.start = (unsigned long)uf->page;
	range.range.len = uf->size;
	if (ioctl(uf->fd, UFFDIO_API, &api) ||
	    ioctl(uf->fd, UFFDIO_REGISTER, &range))
		goto err;
	return 0;

err:
	ret = -errno;
	userfault_end(uf);
	return ret;
}

static inline void *userfault_thread(void *data)
{
	struct userfault *uf = data;

	uf->result = uf->call(uf, uf->arg);
	eventfd_write(uf->ended, 1);
	return NULL;
}

/**
 * userfault_stall - make a call in a thread, and wait until the page stalls it
 * @uf: from userfault_begin()
 * @call: makes the call and returns its result
 * @arg: argument of @call
 *
 * Return: 0 when the page has stalled the call, -ENODATA if the call has returned
 * without an access to the page (see userfault_result()), or another negative
 * errno.
 */
static inline int userfault_stall(struct userfault *uf,
				  ssize_t (*call)(struct userfault *uf,
						  void *arg),
				  void *arg)
{
	struct pollfd files[] = {
		{ .fd = uf->fd, .events = POLLIN },
		{ .fd = uf->ended, .events = POLLIN },
	};
	struct uffd_msg msg;
	int ret;

	uf->call = call;
	uf->arg = arg;
	ret = pthread_create(&uf->thread, NULL, userfault_thread, uf);
	if (ret)
		return -ret;
	uf->called = true;

	do
		ret = poll(files, ARRAY_SIZE(files), -1);
	while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return -errno;
	if (!(files[0].revents & POLLIN))
		return -ENODATA;
	if (read(uf->fd, &msg, sizeof(msg)) != sizeof(msg))
		return -EIO;
	return msg.event == UFFD_EVENT_PAGEFAULT ? 0 : -EIO;
}

/**
 * userfault_release - let the call go on
 * @uf: from userfault_begin()
 * @bytes: bytes that the call finds in the page, or that it overwrites
 * @len: number of bytes, at most a page; zeros follow
 *
 * Return: 0 or a negative errno.
 */
static inline int userfault_release(struct userfault *uf, const void *bytes,
				    size_t len)
{
	struct uffdio_copy copy = { .len = uf->size };
	unsigned char *content;
	int ret;

	content = calloc(1, uf->size);
	if (!content)
		return -ENOMEM;
	memcpy(content, bytes, len);
	copy.dst = (unsigned long)uf->page;
	copy.src = (unsigned long)content;
	ret = mdev_result(ioctl(uf->fd, UFFDIO_COPY, &copy));
	free(content);
	return ret;
}

/**
 * userfault_result - wait until the call has returned
 * @uf: from userfault_begin(), its page released
 *
 * Return: the result of the call.
 */
static inline ssize_t userfault_result(struct userfault *uf)
{
	if (uf->called)
		pthread_join(uf->thread, NULL);
	uf->called = false;
	return uf->result;
}

/**
 * userfault_is_blocked - look whether another thread waits for a stalled call
 * @tid: thread of this process
 *
 * Return: whether the thread is asleep in the kernel, or at its end.
 */
static inline bool userfault_is_blocked(pid_t tid)
{
	char path[MDEV_PATH_SIZE], stat[256], *end;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	if (mdev_read_file(path, stat, sizeof(stat)) < 0)
		return true;
	end = strrchr(stat, ')');
	return end && strchr("DSZX", end[2]);
}

#endif /* USERFAULT_TEST_UTILS_H */
