/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers of the selftests of the attribute migration_version: questions,
 * modules and the kernel log
 *
 * Functions return a negative errno where a system call would set errno.
 */

#ifndef VERSION_TEST_UTILS_H
#define VERSION_TEST_UTILS_H

#include <sys/utsname.h>

#include "mdev_test_utils.h"

#define MDEV_DEBUG_CONTROL	"/proc/dynamic_debug/control"

#define MTTY_VERSION		"4348:3253-1.0"
#define MDPY_VERSION		"1b36:000f-1.1"
/* A version of the form that the samples have, but of another device */
#define OTHER_VERSION		"1234:5678-1.0"

/* A vendor driver of the tests, one of its types, and the version of that type */
struct mdev_sample {
	const char *module;
	const char *type_dir;
	const char *version;
};

static const struct mdev_sample mtty_sample = {
	.module = "mtty",
	.type_dir = MDEV_TYPE_DIR("mtty", "mtty-1"),
	.version = MTTY_VERSION,
};

static const struct mdev_sample mdpy_sample = {
	.module = "mdpy",
	.type_dir = MDEV_TYPE_DIR("mdpy", "mdpy-vga"),
	.version = MDPY_VERSION,
};

/*
 * The log has this number of rejections of one kind for certain, if they are the first
 * ones after the vendor driver was loaded (DEFAULT_RATELIMIT_BURST).
 */
#define MDEV_LOG_BURST		10

/**
 * mdev_check - ask a type about a version
 * @dir: directory of the type
 * @version: any bytes
 * @len: number of bytes
 *
 * Return: the result of the write, or a negative errno.
 */
static inline ssize_t mdev_check(const char *dir, const void *version,
				 size_t len)
{
	return mdev_write_attr(dir, "migration_version", version, len);
}

/**
 * mdev_check_string - ask a type about a version
 * @dir: directory of the type
 * @version: the string
 *
 * Return: the result of the write, or a negative errno.
 */
static inline ssize_t mdev_check_string(const char *dir, const char *version)
{
	return mdev_check(dir, version, strlen(version));
}

/**
 * mdev_number_from - read a number from the environment
 * @variable: name of the variable
 * @value: number if the variable is not set
 *
 * Return: the number, 0 if the variable is not a number.
 */
static inline unsigned long mdev_number_from(const char *variable,
					     unsigned long value)
{
	const char *text = getenv(variable);
	char *end;

	if (!text)
		return value;
	value = strtoul(text, &end, 0);
	return *end || end == text ? 0 : value;
}

/* A directory of a type: its own directory, or the link in a device */
struct mdev_node {
	char dir[MDEV_PATH_SIZE / 2];
	char uuid[MDEV_UUID_SIZE];
};

/**
 * mdev_node_get - find a directory of a type
 * @node: filled in
 * @type_dir: directory of the type
 * @by_device: create a device, and take the link in it
 *
 * Return: 0 or a negative errno.
 */
static inline int mdev_node_get(struct mdev_node *node, const char *type_dir,
				bool by_device)
{
	int ret;

	node->uuid[0] = '\0';
	if (!by_device) {
		snprintf(node->dir, sizeof(node->dir), "%s", type_dir);
		return 0;
	}

	ret = mdev_create(type_dir, node->uuid);
	if (ret)
		node->uuid[0] = '\0';
	snprintf(node->dir, sizeof(node->dir), MDEV_DEVICES "%s/mdev_type",
		 node->uuid);
	return ret;
}

/**
 * mdev_node_put - remove the device that mdev_node_get() has created, if any
 * @node: directory from mdev_node_get()
 *
 * Return: 0 or a negative errno.
 */
static inline int mdev_node_put(struct mdev_node *node)
{
	return node->uuid[0] ? mdev_remove(node->uuid) : 0;
}

/* Modules */

/**
 * mdev_module_loaded - look whether a module is loaded
 * @name: name of the module
 *
 * Return: whether the module is loaded.
 */
static inline bool mdev_module_loaded(const char *name)
{
	char path[MDEV_PATH_SIZE];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return !access(path, F_OK);
}

/**
 * mdev_module_open - open the file of a module, because a machine can be without modprobe
 * @name: name of the module
 *
 * Return: a file descriptor, or a negative errno.
 */
static inline int mdev_module_open(const char *name)
{
	static const char * const dirs[] = {
		"updates", "kernel/samples/vfio-mdev",
		"kernel/drivers/vfio/mdev",
	};
	const char *own = getenv("MDEV_MODULE_DIR");
	char path[PATH_MAX];
	struct utsname uts;
	size_t i;
	int fd;

	if (own) {
		snprintf(path, sizeof(path), "%s/%s.ko", own, name);
		return mdev_result(open(path, O_RDONLY));
	}

	if (uname(&uts))
		return -errno;
	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		snprintf(path, sizeof(path), "/lib/modules/%s/%s/%s.ko",
			 uts.release, dirs[i], name);
		fd = open(path, O_RDONLY);
		if (fd >= 0)
			return fd;
	}

	return -ENOENT;
}

/**
 * mdev_module_load_with - load a module
 * @name: name of the module
 * @params: parameters of the module
 *
 * Return: 0 or a negative errno.
 */
static inline int mdev_module_load_with(const char *name, const char *params)
{
	int fd = mdev_module_open(name);
	int ret;

	if (fd < 0)
		return fd;
	ret = mdev_result(syscall(SYS_finit_module, fd, params, 0));
	close(fd);
	return ret;
}

/**
 * mdev_module_load - load a module without parameters
 * @name: name of the module
 *
 * Return: 0 or a negative errno.
 */
static inline int mdev_module_load(const char *name)
{
	return mdev_module_load_with(name, "");
}

/**
 * mdev_module_unload - unload a module, without waiting for its users
 * @name: name of the module
 *
 * Return: 0 or a negative errno.
 */
static inline int mdev_module_unload(const char *name)
{
	return mdev_result(syscall(SYS_delete_module, name, O_NONBLOCK));
}

/**
 * mdev_module_ensure - load a module if it is not loaded
 * @name: name of the module
 *
 * Fixtures call this, because the test before may have ended at any point.
 *
 * Return: 0 or a negative errno.
 */
static inline int mdev_module_ensure(const char *name)
{
	return mdev_module_loaded(name) ? 0 : mdev_module_load(name);
}

/**
 * mdev_module_reload - unload a module if it is loaded, and load it
 * @name: name of the module
 *
 * The rate limits of the driver are new then; a test would have to wait long for the old
 * ones.
 *
 * Return: 0 or a negative errno.
 */
static inline int mdev_module_reload(const char *name)
{
	int ret = 0;

	if (mdev_module_loaded(name))
		ret = mdev_module_unload(name);
	return ret ?: mdev_module_load(name);
}

/* Kernel log */

struct mdev_log_line {
	int level;
	char text[2048];
	char subsystem[64];
	char device[64];
};

/**
 * mdev_log_open - open the kernel log at its end
 *
 * Return: a file descriptor, or a negative errno.
 */
static inline int mdev_log_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0)
		return -errno;
	return fd;
}

/**
 * mdev_log_field - copy the text behind a key, up to the end of its line
 * @record: record of the log
 * @key: the key
 * @value: filled in
 * @size: size of @value
 */
static inline void mdev_log_field(const char *record, const char *key,
				  char *value, size_t size)
{
	const char *start = strstr(record, key);

	value[0] = '\0';
	if (start) {
		start += strlen(key);
		snprintf(value, size, "%.*s", (int)strcspn(start, "\n"), start);
	}
}

/**
 * mdev_log_unescape - restore each backslash that /dev/kmsg has escaped
 * @text: text of a line, changed in place
 */
static inline void mdev_log_unescape(char *text)
{
	while ((text = strstr(text, "\\x5c"))) {
		text++;
		memmove(text, text + 3, strlen(text + 3) + 1);
	}
}

/**
 * mdev_log_next - read the next line about a version
 * @fd: from mdev_log_open()
 * @line: filled in
 *
 * Return: 1, or 0 at the end of the log, or a negative errno: -EPIPE if records were
 * overwritten before they could be read, so that nothing is certain.
 */
static inline int mdev_log_next(int fd, struct mdev_log_line *line)
{
	char record[8192];
	ssize_t len;

	for (;;) {
		len = read(fd, record, sizeof(record) - 1);
		if (len < 0)
			return errno == EAGAIN ? 0 : -errno;
		record[len] = '\0';

		mdev_log_field(record, ";", line->text, sizeof(line->text));
		mdev_log_unescape(line->text);
		if (!strstr(line->text, "migration version \""))
			continue;

		line->level = atoi(record) & 7;
		mdev_log_field(record, "\n SUBSYSTEM=", line->subsystem,
			       sizeof(line->subsystem));
		mdev_log_field(record, "\n DEVICE=", line->device,
			       sizeof(line->device));
		return 1;
	}
}

/**
 * mdev_log_has - search for a text
 * @fd: from mdev_log_open(); at the end of the log if the text is not found
 * @text: the text
 *
 * Return: whether a record after the position of @fd has the text.
 */
static inline bool mdev_log_has(int fd, const char *text)
{
	char record[8192];
	ssize_t len;

	while ((len = read(fd, record, sizeof(record) - 1)) > 0) {
		record[len] = '\0';
		if (strstr(record, text))
			return true;
	}
	return false;
}

/**
 * mdev_log_count - count the lines about versions up to the end of the log
 * @fd: from mdev_log_open()
 *
 * Return: the number, or a negative errno.
 */
static inline int mdev_log_count(int fd)
{
	struct mdev_log_line line;
	int count = 0, ret;

	while ((ret = mdev_log_next(fd, &line)) > 0)
		count++;
	return ret ?: count;
}

/* Preconditions, for main() */

/**
 * mdev_require_samples - skip all tests if the parents of the samples do not exist
 */
static inline void mdev_require_samples(void)
{
	mdev_require_parent("mtty");
	mdev_require_parent("mdpy");
}

/**
 * mdev_require_module - skip all tests if a module cannot be reloaded
 * @module: name of the module
 *
 * A reload requires that the module can be unloaded, and that its file is found.
 */
static inline void mdev_require_module(const char *module)
{
	char path[MDEV_PATH_SIZE];
	int fd;

	/* Code that is built in does not have this file */
	snprintf(path, sizeof(path), "/sys/module/%s/initstate", module);
	if (access(path, F_OK))
		mdev_skip_all("%s is not a module that can be reloaded", module);

	fd = mdev_module_open(module);
	if (fd < 0)
		mdev_skip_all("the file %s.ko is not found: set MDEV_MODULE_DIR",
			      module);
	close(fd);
}

/**
 * mdev_require_modules - skip all tests if the samples cannot be reloaded
 */
static inline void mdev_require_modules(void)
{
	mdev_require_module("mtty");
	mdev_require_module("mdpy");
}

/**
 * mdev_require_log - skip all tests if the kernel log cannot be read
 */
static inline void mdev_require_log(void)
{
	int fd = mdev_log_open();

	if (fd < 0)
		mdev_skip_all("cannot read /dev/kmsg: %s", strerror(-fd));
	close(fd);
}

#endif /* VERSION_TEST_UTILS_H */
