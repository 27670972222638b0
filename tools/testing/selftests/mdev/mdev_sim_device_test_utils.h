/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers of the selftests that open and migrate simulated devices
 *
 * Functions return a negative errno where a system call would set errno.
 */

#ifndef MDEV_SIM_DEVICE_TEST_UTILS_H
#define MDEV_SIM_DEVICE_TEST_UTILS_H

#include <linux/types.h>

#include "mdev_sim_test_utils.h"
#include "vfio_test_utils.h"

/* BAR 0 of a device, and the stream of a migration */
#define SIM_REGS_SIZE	0x40
#define SIM_BUFFER	0x1000

/**
 * struct sim_header - beginning of a stream
 * @magic: same number for each stream
 * @format: version of the format
 * @version_len: length of the source's version, which follows the header
 * @state_size: size of the buffer, which follows the version and the registers
 */
struct sim_header {
	__le64 magic;
	__le32 format;
	__le32 version_len;
	__le64 state_size;
};

/* Reason for which a test is skipped */
#define SIM_LACKS_PRE_COPY	"VFIO of this kernel does not have PRE_COPY"

/**
 * sim_lacks_pre_copy - look whether VFIO is without PRE_COPY
 *
 * Return: true if mdev_sim cannot offer PRE_COPY; the test finds any other failure.
 */
static inline bool sim_lacks_pre_copy(void)
{
	int ret = sim_begin() ?: sim_make(SIM_TARGET);

	ret = ret ?: sim_set(SIM_TARGET, "pre_copy", "1");
	sim_remove_all();
	return ret == -EOPNOTSUPP;
}

/**
 * sim_create - create and open a device
 * @dev: filled in
 * @parent: parent that has the type of the device
 *
 * Return: 0 or a negative errno.
 */
static inline int sim_create(struct vfio_test_device *dev,
			     const char *parent)
{
	char type_dir[MDEV_PATH_SIZE];

	snprintf(type_dir, sizeof(type_dir), SIM_TYPE_DIR("%s", SIM_TYPE),
		 parent);
	return vfio_create(dev, type_dir);
}

/**
 * sim_read_bar - read from the BAR of a device
 * @dev: the device
 * @buf: filled
 * @len: number of bytes
 * @offset: offset in the BAR
 *
 * Return: the result of the read.
 */
static inline ssize_t sim_read_bar(struct vfio_test_device *dev, void *buf,
				   size_t len, size_t offset)
{
	__u64 size;

	return mdev_result(pread(dev->fd, buf, len, offset +
				 vfio_region(dev, VFIO_PCI_BAR0_REGION_INDEX,
					     &size)));
}

/**
 * sim_save - save a device, which then runs again
 * @dev: the device
 * @pre_copy: begin while the device runs
 * @buf: filled with the stream
 * @size: size of @buf
 *
 * Return: the length of the stream or a negative errno.
 */
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

/**
 * sim_device_require - skip all tests if devices of mdev_sim cannot be used
 */
static inline void sim_device_require(void)
{
	sim_require();
	if (access("/dev/vfio/vfio", F_OK))
		mdev_skip_all("/dev/vfio/vfio does not exist");
}

#endif /* MDEV_SIM_DEVICE_TEST_UTILS_H */
