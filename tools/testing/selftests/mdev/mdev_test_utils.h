/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers of the selftests of mediated devices
 *
 * Functions return a negative errno where a system call would set errno, so
 * that one comparison checks both the result and the reason.
 */

#ifndef MDEV_TEST_UTILS_H
#define MDEV_TEST_UTILS_H

/* The harness has parameters of its own that -Wextra calls unused */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "../kselftest_harness.h"
#pragma GCC diagnostic pop

/*
 * Seconds.  The limit is for a test that hangs: with KASAN, on an emulated CPU of a busy
 * host, a test takes a hundred times as long as on hardware.
 */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	900

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define MDEV_PATH_SIZE		256
#define MDEV_UUID_SIZE		37
#define MDEV_DEVICES		"/sys/bus/mdev/devices/"

/* Directory of a type of one of the sample drivers */
#define MDEV_TYPE_DIR(parent, type) \
	"/sys/class/mdev_bus/" parent "/mdev_supported_types/" type

/**
 * mdev_result - turn errno into a result
 * @ret: return value of a system call
 *
 * Return: @ret, or a negative errno if it is negative.
 */
static inline ssize_t mdev_result(ssize_t ret)
{
	return ret < 0 ? -errno : ret;
}

/**
 * mdev_read_file - open a file and read from it once
 * @path: the file
 * @buf: filled, with a NUL at the end
 * @size: size of @buf
 *
 * Return: the number of bytes, or a negative errno.
 */
static inline ssize_t mdev_read_file(const char *path, char *buf, size_t size)
{
	ssize_t ret;
	int fd;

	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -errno;
	ret = mdev_result(read(fd, buf, size - 1));
	close(fd);
	buf[ret < 0 ? 0 : ret] = '\0';
	return ret;
}

/**
 * mdev_write_file - open a file and write to it once, so that sysfs sees one string
 * @path: the file
 * @data: bytes to write
 * @len: length of @data
 *
 * Return: the result of the write, or a negative errno.
 */
static inline ssize_t mdev_write_file(const char *path, const void *data,
				      size_t len)
{
	ssize_t ret;
	int fd;

	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	ret = mdev_result(write(fd, data, len));
	close(fd);
	return ret;
}

/**
 * mdev_read_attr - read an attribute
 * @dir: directory of the attribute
 * @attr: name of the attribute
 * @buf: filled, with a NUL at the end
 * @size: size of @buf
 *
 * Return: the number of bytes, or a negative errno.
 */
static inline ssize_t mdev_read_attr(const char *dir, const char *attr,
				     char *buf, size_t size)
{
	char path[MDEV_PATH_SIZE];

	if (snprintf(path, sizeof(path), "%s/%s", dir, attr) >= MDEV_PATH_SIZE)
		return -ENAMETOOLONG;
	return mdev_read_file(path, buf, size);
}

/**
 * mdev_write_attr - write an attribute
 * @dir: directory of the attribute
 * @attr: name of the attribute
 * @data: bytes to write
 * @len: length of @data
 *
 * Return: the result of the write, or a negative errno.
 */
static inline ssize_t mdev_write_attr(const char *dir, const char *attr,
				      const void *data, size_t len)
{
	char path[MDEV_PATH_SIZE];

	if (snprintf(path, sizeof(path), "%s/%s", dir, attr) >= MDEV_PATH_SIZE)
		return -ENAMETOOLONG;
	return mdev_write_file(path, data, len);
}

/**
 * mdev_guard_map - map a page, and right behind it a page that cannot be accessed
 *
 * Return: the end of the first page, or NULL.
 */
static inline unsigned char *mdev_guard_map(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	unsigned char *pages;

	pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED)
		return NULL;
	if (mprotect(pages + page, page, PROT_NONE)) {
		munmap(pages, 2 * page);
		return NULL;
	}
	return pages + page;
}

/**
 * mdev_guard_unmap - unmap the pages of mdev_guard_map()
 * @guard: end of the first page, from mdev_guard_map()
 *
 * Return: 0 or a negative errno.
 */
static inline int mdev_guard_unmap(unsigned char *guard)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return mdev_result(munmap(guard - page, 2 * page));
}

/**
 * mdev_available_memory - look how much memory the kernel could give
 *
 * Return: number of bytes, or a negative errno.
 */
static inline long long mdev_available_memory(void)
{
	char meminfo[4096], *line;
	ssize_t ret;

	ret = mdev_read_file("/proc/meminfo", meminfo, sizeof(meminfo));
	if (ret < 0)
		return ret;
	line = strstr(meminfo, "MemAvailable:");
	return line ? atoll(line + strlen("MemAvailable:")) * 1024 : -ENODATA;
}

/* Devices */

/**
 * mdev_create - create a device
 * @type_dir: directory of its type
 * @uuid: filled in, of MDEV_UUID_SIZE bytes
 *
 * Return: 0 or a negative errno.
 */
static inline int mdev_create(const char *type_dir, char *uuid)
{
	ssize_t ret;

	ret = mdev_read_file("/proc/sys/kernel/random/uuid", uuid,
			     MDEV_UUID_SIZE);
	if (ret < 0)
		return ret;
	ret = mdev_write_attr(type_dir, "create", uuid, strlen(uuid));
	return ret < 0 ? ret : 0;
}

/**
 * mdev_remove - remove a device
 * @uuid: UUID of the device
 *
 * Return: 0 or a negative errno.
 */
static inline int mdev_remove(const char *uuid)
{
	char dir[MDEV_PATH_SIZE];
	ssize_t ret;

	snprintf(dir, sizeof(dir), MDEV_DEVICES "%s", uuid);
	ret = mdev_write_attr(dir, "remove", "1", 1);
	return ret < 0 ? ret : 0;
}

/*
 * Preconditions, for main(): if each test of a program would be skipped, the
 * program skips them all at once, so that its exit code shows it.
 */

#define mdev_skip_all(fmt, ...) do { \
	ksft_print_header(); \
	ksft_exit_skip(fmt "\n", ##__VA_ARGS__); \
} while (0)

/**
 * mdev_require_parent - skip all tests if a parent does not exist
 * @module: name of the parent, and of its module
 */
static inline void mdev_require_parent(const char *module)
{
	char path[MDEV_PATH_SIZE];

	if (geteuid())
		mdev_skip_all("the test needs root");

	snprintf(path, sizeof(path), "/sys/class/mdev_bus/%s", module);
	if (access(path, F_OK))
		mdev_skip_all("%s does not exist: module %s is not loaded", path, module);
}

#endif /* MDEV_TEST_UTILS_H */
