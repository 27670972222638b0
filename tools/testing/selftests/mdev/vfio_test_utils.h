/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers of the selftests that migrate a mediated device through VFIO
 *
 * Functions return a negative errno where a system call would set errno.
 */

#ifndef VFIO_TEST_UTILS_H
#define VFIO_TEST_UTILS_H

#include <sys/ioctl.h>
#include <linux/types.h>
#include <linux/vfio.h>

#include "mdev_test_utils.h"

/* The headers of this machine may be older than the kernel */
#ifndef VFIO_MIGRATION_PRE_COPY
#define VFIO_MIGRATION_PRE_COPY		4
#define VFIO_DEVICE_STATE_PRE_COPY	6
#define VFIO_DEVICE_STATE_PRE_COPY_P2P	7
#define VFIO_MIG_GET_PRECOPY_INFO	_IO(VFIO_TYPE, VFIO_BASE + 21)
struct vfio_precopy_info {
	__u32 argsz;
	__u32 flags;
	__u64 initial_bytes;
	__u64 dirty_bytes;
};
#endif
#ifndef VFIO_DEVICE_FEATURE_MIG_DATA_SIZE
#define VFIO_DEVICE_FEATURE_MIG_DATA_SIZE 9
#endif

/* Reason for which a test is skipped */
#define VFIO_LACKS_DATA_SIZE \
	"VFIO of this kernel does not have VFIO_DEVICE_FEATURE_MIG_DATA_SIZE"

struct vfio_test_device {
	char uuid[MDEV_UUID_SIZE];
	int container;
	int group;
	int fd;
	/* File of the migration data, or -1 */
	int data_fd;
};

static const struct vfio_test_device vfio_no_device = {
	.container = -1, .group = -1, .fd = -1, .data_fd = -1,
};

/**
 * vfio_close_fd - close a file if it is open
 * @fd: its descriptor, -1 afterwards
 */
static inline void vfio_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/**
 * vfio_close - close a device and its migration
 * @dev: the device
 */
static inline void vfio_close(struct vfio_test_device *dev)
{
	vfio_close_fd(&dev->data_fd);
	vfio_close_fd(&dev->fd);
	vfio_close_fd(&dev->group);
	vfio_close_fd(&dev->container);
}

/**
 * vfio_open - open a device through its group
 * @dev: the device, which has a UUID
 *
 * Return: 0 or a negative errno.
 */
static inline int vfio_open(struct vfio_test_device *dev)
{
	char path[MDEV_PATH_SIZE], link[MDEV_PATH_SIZE];
	ssize_t len;

	snprintf(path, sizeof(path), MDEV_DEVICES "%s/iommu_group", dev->uuid);
	len = readlink(path, link, sizeof(link) - 1);
	if (len < 0)
		return -errno;
	link[len] = '\0';
	snprintf(path, sizeof(path), "/dev/vfio%s", strrchr(link, '/'));

	dev->container = open("/dev/vfio/vfio", O_RDWR);
	dev->group = open(path, O_RDWR);
	if (dev->container < 0 || dev->group < 0 ||
	    ioctl(dev->group, VFIO_GROUP_SET_CONTAINER, &dev->container) ||
	    ioctl(dev->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return -errno;

	dev->fd = ioctl(dev->group, VFIO_GROUP_GET_DEVICE_FD, dev->uuid);
	return dev->fd < 0 ? -errno : 0;
}

/**
 * vfio_create - create and open a device
 * @dev: filled in
 * @type_dir: directory of the type
 *
 * Return: 0 or a negative errno.
 */
static inline int vfio_create(struct vfio_test_device *dev,
			      const char *type_dir)
{
	return mdev_create(type_dir, dev->uuid) ?: vfio_open(dev);
}

/**
 * vfio_remove - close and remove a device if it exists
 * @dev: the device
 *
 * Return: 0 or a negative errno.
 */
static inline int vfio_remove(struct vfio_test_device *dev)
{
	vfio_close(dev);
	return dev->uuid[0] ? mdev_remove(dev->uuid) : 0;
}

/**
 * vfio_feature - get or set a feature of a device
 * @dev: the device
 * @flags: the feature, with VFIO_DEVICE_FEATURE_GET or VFIO_DEVICE_FEATURE_SET
 * @data: data of the feature, changed by a get
 * @size: size of @data
 *
 * Return: 0 or a negative errno.
 */
static inline int vfio_feature(struct vfio_test_device *dev, __u32 flags,
			       void *data, size_t size)
{
	__u64 buf[8];
	struct vfio_device_feature *feature = (void *)buf;
	int ret;

	feature->argsz = sizeof(*feature) + size;
	feature->flags = flags;
	memcpy(feature->data, data, size);
	ret = mdev_result(ioctl(dev->fd, VFIO_DEVICE_FEATURE, feature));
	memcpy(data, feature->data, size);
	return ret;
}

/**
 * vfio_data_size - get the estimated length of a stream
 * @dev: the device
 * @size: filled with the length
 *
 * Return: 0 or a negative errno: -ENOTTY if VFIO does not have this feature.
 */
static inline int vfio_data_size(struct vfio_test_device *dev, __u64 *size)
{
	*size = 0;
	return vfio_feature(dev, VFIO_DEVICE_FEATURE_GET |
			    VFIO_DEVICE_FEATURE_MIG_DATA_SIZE, size,
			    sizeof(*size));
}

/**
 * vfio_migration_flags - get the ways in which a device migrates
 * @dev: the device
 *
 * Return: VFIO_MIGRATION_*, or a negative errno.
 */
static inline int vfio_migration_flags(struct vfio_test_device *dev)
{
	struct vfio_device_feature_migration mig = {};
	int ret;

	ret = vfio_feature(dev, VFIO_DEVICE_FEATURE_GET |
			   VFIO_DEVICE_FEATURE_MIGRATION, &mig, sizeof(mig));
	return ret ?: (int)mig.flags;
}

/**
 * vfio_state - get the state of migration
 * @dev: the device
 *
 * Return: VFIO_DEVICE_STATE_*, or a negative errno.
 */
static inline int vfio_state(struct vfio_test_device *dev)
{
	struct vfio_device_feature_mig_state mig = {};
	int ret;

	ret = vfio_feature(dev, VFIO_DEVICE_FEATURE_GET |
			   VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, &mig,
			   sizeof(mig));
	return ret ?: (int)mig.device_state;
}

/**
 * vfio_set_state - change the state of migration
 * @dev: the device, with the file of the new migration
 * @state: VFIO_DEVICE_STATE_*
 *
 * Return: 0 or a negative errno.
 */
static inline int vfio_set_state(struct vfio_test_device *dev, __u32 state)
{
	struct vfio_device_feature_mig_state mig = { .device_state = state };
	int ret;

	ret = vfio_feature(dev, VFIO_DEVICE_FEATURE_SET |
			   VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, &mig,
			   sizeof(mig));
	if (!ret && mig.data_fd >= 0) {
		vfio_close_fd(&dev->data_fd);
		dev->data_fd = mig.data_fd;
	}
	return ret;
}

/**
 * vfio_reset - reset a device
 * @dev: the device
 *
 * Return: 0 or a negative errno.
 */
static inline int vfio_reset(struct vfio_test_device *dev)
{
	return mdev_result(ioctl(dev->fd, VFIO_DEVICE_RESET));
}

/**
 * vfio_region - find a region of a device
 * @dev: the device
 * @index: number of the region
 * @size: filled with the size of the region, 0 if it does not exist
 *
 * Return: the offset of the region in the file of the device.
 */
static inline __u64 vfio_region(struct vfio_test_device *dev, __u32 index,
				__u64 *size)
{
	struct vfio_region_info info = {
		.argsz = sizeof(info),
		.index = index,
	};

	*size = 0;
	if (!ioctl(dev->fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		*size = info.size;
	return info.offset;
}

/**
 * vfio_read_stream - read all bytes that a stream has at present
 * @dev: the device, which saves
 * @buf: filled from @len on
 * @size: size of @buf
 * @len: number of bytes in @buf
 *
 * Return: 0 at the end of the stream, or a negative errno.
 */
static inline int vfio_read_stream(struct vfio_test_device *dev,
				   unsigned char *buf, size_t size, size_t *len)
{
	ssize_t ret;

	while (*len < size) {
		ret = mdev_result(read(dev->data_fd, buf + *len, size - *len));
		if (ret <= 0)
			return ret;
		*len += ret;
	}
	return -EOVERFLOW;
}

/**
 * vfio_write_stream - write a stream
 * @dev: the device, which resumes
 * @buf: the stream
 * @len: length of @buf
 * @chunk: number of bytes in a write
 *
 * Return: 0 or a negative errno.
 */
static inline int vfio_write_stream(struct vfio_test_device *dev,
				    const unsigned char *buf, size_t len,
				    size_t chunk)
{
	ssize_t ret;
	size_t n;

	for (; len; len -= n, buf += n) {
		n = len < chunk ? len : chunk;
		ret = mdev_result(write(dev->data_fd, buf, n));
		if (ret != (ssize_t)n)
			return ret < 0 ? ret : -EIO;
	}
	return 0;
}

/**
 * vfio_save - stop a device, read the rest of its stream, and let it run again
 * @dev: the device
 * @buf: filled from @len on
 * @size: size of @buf
 * @len: number of bytes that were read before
 *
 * Return: the length of the stream, or a negative errno.
 */
static inline ssize_t vfio_save(struct vfio_test_device *dev,
				unsigned char *buf, size_t size, size_t len)
{
	int ret;

	ret = vfio_set_state(dev, VFIO_DEVICE_STATE_STOP_COPY);
	ret = ret ?: vfio_read_stream(dev, buf, size, &len);
	ret = ret ?: vfio_set_state(dev, VFIO_DEVICE_STATE_RUNNING);
	vfio_close_fd(&dev->data_fd);
	return ret ?: (ssize_t)len;
}

#endif /* VFIO_TEST_UTILS_H */
