/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers of the selftests that use the simulated vendor driver, mdev_sim: its parents,
 * its types and their knobs
 *
 * Functions return a negative errno where a system call would set errno.
 */

#ifndef MDEV_SIM_TEST_UTILS_H
#define MDEV_SIM_TEST_UTILS_H

#include <dirent.h>
#include <sys/mount.h>

#include "version_test_utils.h"

#define SIM_CONFIGFS	"/sys/kernel/config"
#define SIM_ROOT	SIM_CONFIGFS "/mdev-sim"
/* The names of parents and of types begin with this in sysfs */
#define SIM_PREFIX	"mdev-sim-"
#define SIM_PARENTS	"/sys/class/mdev_bus/" SIM_PREFIX

/* The names of the tests' parents begin with this, so that sim_remove_all() finds them */
#define SIM_OURS	"simtest-"
#define SIM_SOURCE	SIM_OURS "source"
#define SIM_TARGET	SIM_OURS "target"
#define SIM_TYPE	"type"

#define SIM_TYPE_DIR(parent, type) \
	MDEV_TYPE_DIR(SIM_PREFIX parent, SIM_PREFIX type)
#define SIM_TARGET_DIR	SIM_TYPE_DIR(SIM_TARGET, SIM_TYPE)
#define SIM_SOURCE_DIR	SIM_TYPE_DIR(SIM_SOURCE, SIM_TYPE)

/* The version of a new type, and the longest one */
#define SIM_VERSION	"mdev-sim-1.0"
#define SIM_VERSION_MAX	4095

/* Directories in configfs */

/**
 * sim_mkdir - make the directory of a parent or of a type
 * @parent: name of the parent
 * @type: name of the type, or NULL
 *
 * Return: 0 or a negative errno.
 */
static inline int sim_mkdir(const char *parent, const char *type)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), SIM_ROOT "/%s/%s", parent, type ?: "");
	return mdev_result(mkdir(path, 0755));
}

/**
 * sim_rmdir - remove the directory of a parent or of a type
 * @parent: name of the parent
 * @type: name of the type, or NULL
 *
 * Return: 0 or a negative errno.
 */
static inline int sim_rmdir(const char *parent, const char *type)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), SIM_ROOT "/%s/%s", parent, type ?: "");
	return mdev_result(rmdir(path));
}

/**
 * sim_live - register or unregister a parent
 * @parent: name of the parent
 * @value: text for its file live
 *
 * Return: 0 or a negative errno.
 */
static inline int sim_live(const char *parent, const char *value)
{
	char path[PATH_MAX];
	ssize_t ret;

	snprintf(path, sizeof(path), SIM_ROOT "/%s/live", parent);
	ret = mdev_write_file(path, value, strlen(value));
	return ret < 0 ? ret : 0;
}

/**
 * sim_is_live - look whether a parent is registered
 * @parent: name of the parent
 *
 * Return: 1 or 0, or a negative errno.
 */
static inline int sim_is_live(const char *parent)
{
	char path[PATH_MAX], buf[8];
	ssize_t ret;

	snprintf(path, sizeof(path), SIM_ROOT "/%s/live", parent);
	ret = mdev_read_file(path, buf, sizeof(buf));
	return ret < 0 ? ret : atoi(buf);
}

/**
 * sim_set_bytes - write to a knob
 * @parent: name of the parent
 * @knob: name of the knob
 * @bytes: bytes to write
 * @len: length of @bytes
 *
 * Return: the result of the write.
 */
static inline ssize_t sim_set_bytes(const char *parent, const char *knob,
				    const void *bytes, size_t len)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), SIM_ROOT "/%s/" SIM_TYPE "/%s", parent,
		 knob);
	return mdev_write_file(path, bytes, len);
}

/**
 * sim_set - write a line to a knob, as echo does
 * @parent: name of the parent
 * @knob: name of the knob
 * @value: the line without its newline
 *
 * Return: 0 if all was taken, or a negative errno.
 */
static inline int sim_set(const char *parent, const char *knob,
			  const char *value)
{
	char line[SIM_VERSION_MAX + 2];
	ssize_t len, ret;

	len = snprintf(line, sizeof(line), "%s\n", value);
	ret = sim_set_bytes(parent, knob, line, len);
	return ret == len ? 0 : ret < 0 ? ret : -EIO;
}

/**
 * sim_get - read a knob
 * @parent: name of the parent
 * @knob: name of the knob
 * @buf: filled with the line without its newline
 * @size: size of @buf
 *
 * Return: the length of the text in @buf, or a negative errno.
 */
static inline ssize_t sim_get(const char *parent, const char *knob, char *buf,
			      size_t size)
{
	char path[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), SIM_ROOT "/%s/" SIM_TYPE "/%s", parent,
		 knob);
	len = mdev_read_file(path, buf, size);
	if (len <= 0 || buf[len - 1] != '\n')
		return len < 0 ? len : -EBADMSG;
	buf[len - 1] = '\0';
	return len - 1;
}

/**
 * sim_remove_parent - remove a parent and its types
 * @parent: name of the parent
 */
static inline void sim_remove_parent(const char *parent)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	sim_live(parent, "0");
	snprintf(path, sizeof(path), SIM_ROOT "/%s", parent);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			sim_rmdir(parent, entry->d_name);
	if (dir)
		closedir(dir);
	sim_rmdir(parent, NULL);
}

/**
 * sim_remove_all - remove each parent of the tests
 *
 * Return: the number of parents that are left, -1 if mdev_sim is not loaded.
 */
static inline int sim_remove_all(void)
{
	struct dirent *entry;
	int left = 0;
	DIR *dir;

	dir = opendir(SIM_ROOT);
	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, SIM_OURS, strlen(SIM_OURS)))
			sim_remove_parent(entry->d_name);
	if (dir)
		rewinddir(dir);
	while (dir && (entry = readdir(dir)))
		left += !strncmp(entry->d_name, SIM_OURS, strlen(SIM_OURS));
	if (dir)
		closedir(dir);
	return dir ? left : -1;
}

/**
 * sim_begin - load mdev_sim, and remove the parents that a test before has left behind
 *
 * Return: 0 if mdev_sim is loaded and does not have a parent of a test.
 */
static inline int sim_begin(void)
{
	int ret = mdev_module_ensure("mdev_sim");

	return ret ?: sim_remove_all();
}

/**
 * sim_make - make a parent with one type
 * @parent: name of the parent
 *
 * Return: 0 or a negative errno.
 */
static inline int sim_make(const char *parent)
{
	return sim_mkdir(parent, NULL) ?: sim_mkdir(parent, SIM_TYPE);
}

/* Knobs of the target in tables */

/**
 * struct sim_value - a value of a knob
 * @knob: name of the knob
 * @written: text that is written
 * @shown: text that is read then
 */
struct sim_value {
	const char *knob;
	const char *written;
	const char *shown;
};

/**
 * sim_expect_shown - require that a knob shows its value
 * @_metadata: data of the test
 * @value: the knob and its value
 */
static inline void sim_expect_shown(struct __test_metadata *_metadata,
				    const struct sim_value *value)
{
	char buf[64];

	EXPECT_EQ((ssize_t)strlen(value->shown),
		  sim_get(SIM_TARGET, value->knob, buf, sizeof(buf)));
	EXPECT_STREQ(value->shown, buf) {
		TH_LOG("%s", value->knob);
	}
}

/**
 * sim_expect_taken - require that a knob takes its value
 * @_metadata: data of the test
 * @value: the knob, the text that is written, and the text that is shown
 */
static inline void sim_expect_taken(struct __test_metadata *_metadata,
				    const struct sim_value *value)
{
	EXPECT_EQ(0, sim_set(SIM_TARGET, value->knob, value->written)) {
		TH_LOG("%s = \"%s\"", value->knob, value->written);
	}
	sim_expect_shown(_metadata, value);
}

/**
 * sim_expect_refused - require that a knob refuses a value, and keeps its own value
 * @_metadata: data of the test
 * @knob: name of the knob
 * @value: text that is written
 * @error: errno of the write
 */
static inline void sim_expect_refused(struct __test_metadata *_metadata,
				      const char *knob, const char *value,
				      int error)
{
	char before[64], after[64];

	EXPECT_LT(0, sim_get(SIM_TARGET, knob, before, sizeof(before)));
	EXPECT_EQ(-error, sim_set(SIM_TARGET, knob, value)) {
		TH_LOG("%s = \"%s\"", knob, value);
	}
	EXPECT_LT(0, sim_get(SIM_TARGET, knob, after, sizeof(after)));
	EXPECT_STREQ(before, after) {
		TH_LOG("%s = \"%s\"", knob, value);
	}
}

/* Answers of the target */

/**
 * sim_read_target - read an attribute of the target's type
 * @attr: name of the attribute
 * @buf: filled with its content
 * @size: size of @buf
 *
 * Return: the result of the read.
 */
static inline ssize_t sim_read_target(const char *attr, char *buf, size_t size)
{
	return mdev_read_attr(SIM_TARGET_DIR, attr, buf, size);
}

/**
 * sim_verdict - ask the target
 * @version: version of a source
 * @len: length of @version
 *
 * Return: 0 or the errno of the verdict, negative.
 */
static inline int sim_verdict(const void *version, size_t len)
{
	ssize_t ret = mdev_check(SIM_TARGET_DIR, version, len);

	return ret == (ssize_t)len ? 0 : ret < 0 ? ret : -EIO;
}

/**
 * struct sim_rule - knobs of a type, the version of a source, and the verdict
 * @own: knob version
 * @min: knob accept_min
 * @max: knob accept_max
 * @source: version of the source
 * @error: errno of the verdict, 0 if the source is accepted
 */
struct sim_rule {
	const char *own;
	const char *min;
	const char *max;
	const char *source;
	int error;
};

static const struct sim_rule sim_rules[] = {
	/* A type without limits accepts its own version only */
	{ "dev-1.2", "", "", "dev-1.2", 0 },
	{ "dev-1.2", "", "", "dev-1.1", EPROTONOSUPPORT },
	{ "dev-1.2", "", "", "dev-1.3", EPROTONOSUPPORT },
	{ "dev-1.2", "", "", "dev-0.2", EPROTONOSUPPORT },
	{ "dev-1.2", "", "", "dev-2.2", EPROTONOSUPPORT },
	/* Limits accept older versions, newer ones, or both */
	{ "dev-1.2", "1.0", "", "dev-1.0", 0 },
	{ "dev-1.2", "1.0", "", "dev-1.2", 0 },
	{ "dev-1.2", "1.0", "", "dev-0.9", EPROTONOSUPPORT },
	{ "dev-1.2", "1.0", "", "dev-1.3", EPROTONOSUPPORT },
	{ "dev-1.2", "", "2.0", "dev-1.10", 0 },
	{ "dev-1.2", "", "2.0", "dev-2.0", 0 },
	{ "dev-1.2", "", "2.0", "dev-2.1", EPROTONOSUPPORT },
	{ "dev-1.2", "", "2.0", "dev-1.1", EPROTONOSUPPORT },
	{ "dev-1.2", "1.9", "1.10", "dev-1.9", 0 },
	{ "dev-1.2", "1.9", "1.10", "dev-1.10", 0 },
	{ "dev-1.2", "1.9", "1.10", "dev-1.2", EPROTONOSUPPORT },
	{ "dev-1.2", "1.9", "1.10", "dev-1.11", EPROTONOSUPPORT },
	{ "dev-1.2", "0.0", "4294967295.4294967295",
	  "dev-4294967295.4294967295", 0 },
	{ "dev-1.2", "0.0", "4294967295.4294967295", "dev-0.0", 0 },
	/* A lower limit above the upper one accepts no version */
	{ "dev-1.2", "2.0", "1.0", "dev-1.2", EPROTONOSUPPORT },
	{ "dev-1.2", "2.0", "1.0", "dev-1.5", EPROTONOSUPPORT },
	/* Sources are other devices */
	{ "dev-1.2", "0.0", "9.9", "dev2-1.2", EXDEV },
	{ "dev-1.2", "0.0", "9.9", "de-1.2", EXDEV },
	{ "dev-1.2", "0.0", "9.9", "DEV-1.2", EXDEV },
	{ "dev-1.2", "0.0", "9.9", "dev--1.2", EXDEV },
	{ "dev-1.2", "0.0", "9.9", " dev-1.2", EXDEV },
	{ "a-b-1.2", "", "", "a-b-1.2", 0 },
	{ "a-b-1.2", "", "", "b-1.2", EXDEV },
	/* Sources do not have a version of the form */
	{ "dev-1.2", "0.0", "9.9", "dev", EINVAL },
	{ "dev-1.2", "0.0", "9.9", "dev-1", EINVAL },
	{ "dev-1.2", "0.0", "9.9", "dev-1.", EINVAL },
	{ "dev-1.2", "0.0", "9.9", "dev-.2", EINVAL },
	{ "dev-1.2", "0.0", "9.9", "-1.2", EINVAL },
	{ "dev-1.2", "0.0", "9.9", "1.2", EINVAL },
	{ "dev-1.2", "0.0", "9.9", "dev-1.2.3", EINVAL },
	{ "dev-1.2", "0.0", "9.9", "dev-1.02", EINVAL },
	{ "dev-1.2", "0.0", "9.9", "dev-1.2 ", EINVAL },
	{ "dev-1.2", "0.0", "9.9", "dev-1.+2", EINVAL },
	{ "dev-1.2", "0.0", "9.9", "dev-1.4294967298", EINVAL },
	{ "dev-1.2", "0.0", "9.9", "dev-1.2-", EINVAL },
	{ "dev-1.2", "0.0", "9.9", "dev-000000000001.000000000002", EINVAL },
	/* The version of the target does not have the form */
	{ "just text", "", "", "just text", 0 },
	{ "just text", "0.0", "9.9", "just text", 0 },
	{ "just text", "0.0", "9.9", "just tex", EINVAL },
	{ "just text", "0.0", "9.9", "just text ", EINVAL },
	{ "just text", "0.0", "9.9", "dev-1.2", EINVAL },
	{ "dev-1.02", "", "", "dev-1.02", 0 },
	{ "dev-1.02", "0.0", "9.9", "dev-1.2", EINVAL },
	{ "\tdev-1.2", "0.0", "9.9", "dev-1.2", EINVAL },
};

/**
 * sim_set_rule - set the knobs of the target
 * @rule: values of the knobs
 *
 * Return: 0 or a negative errno.
 */
static inline int sim_set_rule(const struct sim_rule *rule)
{
	return sim_set(SIM_TARGET, "version", rule->own) ?:
	       sim_set(SIM_TARGET, "accept_min", rule->min) ?:
	       sim_set(SIM_TARGET, "accept_max", rule->max);
}

/**
 * sim_rule_text - describe a rule
 * @rule: the rule
 *
 * Return: the text, for the message of a failed test.
 */
static inline const char *sim_rule_text(const struct sim_rule *rule)
{
	static char text[256];

	snprintf(text, sizeof(text), "\"%s\" at \"%s\", %s to %s",
		 rule->source, rule->own, rule->min, rule->max);
	return text;
}

/**
 * sim_on_alarm - handle a signal that only has to interrupt a call
 * @signal: number of the signal
 */
static inline void sim_on_alarm(int signal)
{
	(void)signal;
}

/* Preconditions, for main() */

/**
 * sim_require - skip all tests if mdev_sim cannot be used
 */
static inline void sim_require(void)
{
	if (geteuid())
		mdev_skip_all("the test needs root");
	if (mdev_module_ensure("mdev_sim"))
		mdev_skip_all("module mdev_sim is neither loaded nor found: set MDEV_MODULE_DIR");
	if (access(SIM_ROOT, F_OK) &&
	    mount("configfs", SIM_CONFIGFS, "configfs", 0, NULL))
		mdev_skip_all("configfs is not mounted on " SIM_CONFIGFS);
	mdev_require_module("mdev_sim");
	mdev_require_log();
}

#endif /* MDEV_SIM_TEST_UTILS_H */
