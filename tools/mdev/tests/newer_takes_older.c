// SPDX-License-Identifier: GPL-2.0-only
/*
 * A library for LD_PRELOAD: the files migration_version of a fixture answer as a vendor driver
 *
 * Later versions of this driver accept the state of earlier ones, and not the reverse.  A write
 * of DEVICE-MAJOR.MINOR fails with EXDEV if the file has another device, and with
 * EPROTONOSUPPORT if it has an earlier version.  Nothing is written to these files.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MIGRATION_VERSION	"/migration_version"

/* struct version - the numbers in a string, and the length of the device before them */
struct version {
	size_t device_len;
	unsigned long major;
	unsigned long minor;
};

static int parse(const char *text, struct version *version)
{
	const char *dash = strrchr(text, '-');
	char *end;

	if (!dash)
		return -EINVAL;
	version->device_len = dash - text;
	version->major = strtoul(dash + 1, &end, 10);
	if (end == dash + 1 || *end != '.')
		return -EINVAL;
	version->minor = strtoul(end + 1, &end, 10);
	/* The file ends with a newline */
	return *end && *end != '\n' ? -EINVAL : 0;
}

/* check - answer as the driver with the version @own: 0, or a negative errno */
static int check(const char *own, const char *source)
{
	struct version target, other;

	if (parse(source, &other) || parse(own, &target))
		return -EINVAL;
	if (target.device_len != other.device_len || strncmp(own, source, target.device_len))
		return -EXDEV;
	if (other.major > target.major ||
	    (other.major == target.major && other.minor > target.minor))
		return -EPROTONOSUPPORT;
	return 0;
}

/* read_version - read the file @fd if it is a migration_version; otherwise return -1 */
static int read_version(int fd, char *text, int size)
{
	char link[64], path[PATH_MAX];
	ssize_t len;
	FILE *file;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < (ssize_t)strlen(MIGRATION_VERSION))
		return -1;
	path[len] = '\0';
	if (strcmp(path + len - strlen(MIGRATION_VERSION), MIGRATION_VERSION))
		return -1;
	file = fopen(path, "re");
	if (!file || !fgets(text, size, file)) {
		fprintf(stderr, "newer_takes_older.c: cannot read %s\n", path);
		abort();
	}
	fclose(file);
	return 0;
}

ssize_t write(int fd, const void *part, size_t size)
{
	static ssize_t (*next)(int fd, const void *part, size_t size);
	char own[PATH_MAX], source[PATH_MAX];
	int ret;

	if (!next)
		next = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
	if (read_version(fd, own, sizeof(own)))
		return next(fd, part, size);
	snprintf(source, sizeof(source), "%.*s", (int)size, (const char *)part);
	ret = check(own, source);
	if (!ret)
		return size;
	errno = -ret;
	return -1;
}
