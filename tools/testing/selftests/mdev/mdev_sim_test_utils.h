/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the selftests share that use the simulated vendor driver, mdev_sim
 *
 * Functions return a negative errno where a system call would set errno.
 */

#ifndef MDEV_SIM_TEST_UTILS_H
#define MDEV_SIM_TEST_UTILS_H

#include <dirent.h>
#include <sys/mount.h>
#include <linux/types.h>

#include "version_test_utils.h"
#include "vfio_test_utils.h"

#define SIM_CONFIGFS	"/sys/kernel/config"
#define SIM_ROOT	SIM_CONFIGFS "/mdev-sim"
/* In sysfs, the names of parents and of types begin so */
#define SIM_PREFIX	"mdev-sim-"
#define SIM_PARENTS	"/sys/class/mdev_bus/" SIM_PREFIX

/* Parents of the tests begin so, whichever test has left them behind */
#define SIM_OURS	"simtest-"
#define SIM_SOURCE	SIM_OURS "source"
#define SIM_TARGET	SIM_OURS "target"
#define SIM_TYPE	"type"

#define SIM_TYPE_DIR(parent, type) \
	MDEV_TYPE_DIR(SIM_PREFIX parent, SIM_PREFIX type)
#define SIM_TARGET_DIR	SIM_TYPE_DIR(SIM_TARGET, SIM_TYPE)
#define SIM_SOURCE_DIR	SIM_TYPE_DIR(SIM_SOURCE, SIM_TYPE)

#define SIM_VERSION_MAX	4095

/* BAR 0 of a device, and the stream of a migration */
#define SIM_REGS_SIZE	0x40
#define SIM_BUFFER	0x1000

struct sim_header {
	__le64 magic;
	__le32 format;
	__le32 version_len;
	__le64 state_size;
};

/* Directories in configfs */

static inline int sim_mkdir(const char *parent, const char *type)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), SIM_ROOT "/%s/%s", parent, type ?: "");
	return mdev_result(mkdir(path, 0755));
}

static inline int sim_rmdir(const char *parent, const char *type)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), SIM_ROOT "/%s/%s", parent, type ?: "");
	return mdev_result(rmdir(path));
}

static inline int sim_live(const char *parent, const char *value)
{
	char path[PATH_MAX];
	ssize_t ret;

	snprintf(path, sizeof(path), SIM_ROOT "/%s/live", parent);
	ret = mdev_write_file(path, value, strlen(value));
	return ret < 0 ? ret : 0;
}

static inline ssize_t sim_set_bytes(const char *parent, const char *knob,
				    const void *bytes, size_t len)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), SIM_ROOT "/%s/" SIM_TYPE "/%s", parent,
		 knob);
	return mdev_write_file(path, bytes, len);
}

/* As echo does; 0 if all was taken */
static inline int sim_set(const char *parent, const char *knob,
			  const char *value)
{
	char line[SIM_VERSION_MAX + 2];
	ssize_t len, ret;

	len = snprintf(line, sizeof(line), "%s\n", value);
	ret = sim_set_bytes(parent, knob, line, len);
	return ret == len ? 0 : ret < 0 ? ret : -EIO;
}

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

/* Nothing of ours; the number of parents that do not go */
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

static inline int sim_begin(void)
{
	int ret = mdev_module_ensure("mdev_sim");

	return ret ?: sim_remove_all();
}

static inline int sim_make(const char *parent)
{
	return sim_mkdir(parent, NULL) ?: sim_mkdir(parent, SIM_TYPE);
}

/* Why a test is skipped */
#define SIM_LACKS_PRE_COPY	"VFIO of this kernel does not have PRE_COPY"

/* Any other failure is for the test to find */
static inline bool sim_lacks_pre_copy(void)
{
	int ret = sim_begin() ?: sim_make(SIM_TARGET);

	ret = ret ?: sim_set(SIM_TARGET, "pre_copy", "1");
	sim_remove_all();
	return ret == -EOPNOTSUPP;
}

/* Devices */

/* A new device of the type of @parent */
static inline int sim_create(struct vfio_test_device *dev,
			     const char *parent)
{
	char type_dir[MDEV_PATH_SIZE];

	snprintf(type_dir, sizeof(type_dir), SIM_TYPE_DIR("%s", SIM_TYPE),
		 parent);
	return vfio_create(dev, type_dir);
}

static inline ssize_t sim_read_bar(struct vfio_test_device *dev, void *buf,
				   size_t len, size_t offset)
{
	__u64 size;

	return mdev_result(pread(dev->fd, buf, len, offset +
				 vfio_region(dev, VFIO_PCI_BAR0_REGION_INDEX,
					     &size)));
}

/* Save @dev, which then runs again; the length of the stream or an errno */
static inline ssize_t sim_save(struct vfio_test_device *dev, bool pre_copy,
			       unsigned char *buf, size_t size)
{
	size_t len = 0;
	int ret;

	if (pre_copy) {
		ret = vfio_set_state(dev, VFIO_DEVICE_STATE_PRE_COPY);
		if (ret)
			return ret;
		ret = vfio_read_stream(dev, buf, size, &len);
		if (ret != -ENOMSG)
			return ret ?: -ENODATA;
	}

	return vfio_save(dev, buf, size, len);
}

/* Preconditions, for main() */

static inline void sim_require(void)
{
	if (geteuid())
		mdev_skip_all("needs root");
	if (mdev_module_ensure("mdev_sim"))
		mdev_skip_all("module mdev_sim is neither loaded nor found, set MDEV_MODULE_DIR");
	if (access(SIM_ROOT, F_OK) &&
	    mount("configfs", SIM_CONFIGFS, "configfs", 0, NULL))
		mdev_skip_all("no configfs on " SIM_CONFIGFS);
	if (access("/dev/vfio/vfio", F_OK))
		mdev_skip_all("no /dev/vfio/vfio");
	mdev_require_module("mdev_sim");
	mdev_require_log();
}

#endif /* MDEV_SIM_TEST_UTILS_H */
