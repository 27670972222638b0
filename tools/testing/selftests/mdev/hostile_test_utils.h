/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers of the tests of a hostile VMM: the drivers, the bytes that their devices
 * keep, functions that save and load devices, and one that looks whether a driver
 * still works
 *
 * Functions return a negative errno where a system call would set errno.
 */

#ifndef HOSTILE_TEST_UTILS_H
#define HOSTILE_TEST_UTILS_H

#include <stddef.h>
#include <linux/types.h>

#include "mdev_sim_device_test_utils.h"
#include "mdpy_test_utils.h"
#include "mtty_test_utils.h"
#include "random_test_utils.h"
#include "version_test_utils.h"
#include "vfio_test_utils.h"

/* The buffer of a simulated device has this size, which is not a multiple of a page */
#define HOSTILE_SIM_STATE	5000

#define HOSTILE_PLACES		3
/* A place has this number of bytes at most */
#define HOSTILE_PLACE_SIZE	64

/**
 * struct hostile_place - bytes of a device that keep the bytes written to them, and
 *	that migrate
 * @region: index of the region
 * @offset: offset in the region; from its end if it is negative
 * @len: number of bytes
 */
struct hostile_place {
	__u32 region;
	long offset;
	size_t len;
};

/**
 * struct hostile_driver - a driver that is attacked, and one of its types
 * @module: name of the module
 * @type_dir: directory of the type
 * @other_type_dir: directory of a type whose streams @type_dir does not load
 * @version: version that migration_version of the type shows
 * @header_size: bytes that a stream begins with, and that the driver judges
 * @payload: where the state of the device begins in a stream
 * @trailer: bytes of a stream behind the state of the device
 * @stream_max: room for a stream, and for the bytes that are appended to it
 * @ports: number of ports, for mtty only
 * @sim: the driver is the simulator, with parents that a test makes
 * @pre_copy: the source is saved while it runs
 * @end_of_read: result of a read outside of all regions
 * @end_of_write: result of a write there
 * @place: places that keep the bytes that are written
 */
struct hostile_driver {
	const char *module;
	const char *type_dir;
	const char *other_type_dir;
	const char *version;
	size_t header_size;
	size_t payload;
	size_t trailer;
	size_t stream_max;
	int ports;
	bool sim;
	bool pre_copy;
	int end_of_read;
	int end_of_write;
	struct hostile_place place[HOSTILE_PLACES];
};

static const struct hostile_driver hostile_mtty_one_port = {
	.module = "mtty",
	.type_dir = MDEV_TYPE_DIR("mtty", "mtty-1"),
	.other_type_dir = MDEV_TYPE_DIR("mtty", "mtty-2"),
	.version = MTTY_VERSION,
	.header_size = MTTY_HEADER_SIZE,
	.payload = MTTY_HEADER_SIZE,
	.stream_max = 2 * MTTY_STREAM_MAX,
	.ports = 1,
	.end_of_read = -EFAULT,
	.end_of_write = -EFAULT,
	.place = {
		{ VFIO_PCI_BAR0_REGION_INDEX, UART_SCR, 1 },
		{ VFIO_PCI_BAR0_REGION_INDEX, UART_MCR, 1 },
	},
};

static const struct hostile_driver hostile_mtty_two_ports = {
	.module = "mtty",
	.type_dir = MDEV_TYPE_DIR("mtty", "mtty-2"),
	.other_type_dir = MDEV_TYPE_DIR("mtty", "mtty-1"),
	.version = MTTY_VERSION,
	.header_size = MTTY_HEADER_SIZE,
	.payload = MTTY_HEADER_SIZE,
	.stream_max = 2 * MTTY_STREAM_MAX,
	.ports = 2,
	.end_of_read = -EFAULT,
	.end_of_write = -EFAULT,
	.place = {
		{ VFIO_PCI_BAR0_REGION_INDEX, UART_SCR, 1 },
		{ VFIO_PCI_BAR1_REGION_INDEX, UART_SCR, 1 },
		{ VFIO_PCI_BAR1_REGION_INDEX, UART_MCR, 1 },
	},
};

static const struct hostile_driver hostile_mdpy = {
	.module = "mdpy",
	.type_dir = MDEV_TYPE_DIR("mdpy", "mdpy-vga"),
	.other_type_dir = MDEV_TYPE_DIR("mdpy", "mdpy-xga"),
	.version = MDPY_VERSION,
	.header_size = sizeof(struct mdpy_header),
	.payload = sizeof(struct mdpy_header),
	.trailer = sizeof(__u32),
	.stream_max = 9 << 20,
	.end_of_read = -EFAULT,
	.end_of_write = -EFAULT,
	.place = {
		{ VFIO_PCI_BAR0_REGION_INDEX, 0, 64 },
		{ VFIO_PCI_BAR0_REGION_INDEX, 0x100000, 64 },
		{ VFIO_PCI_BAR0_REGION_INDEX, -64, 64 },
	},
};

#define HOSTILE_SIM \
	.module = "mdev_sim", \
	.type_dir = SIM_TARGET_DIR, \
	.other_type_dir = SIM_SOURCE_DIR, \
	.version = SIM_VERSION, \
	.header_size = sizeof(struct sim_header), \
	.payload = sizeof(struct sim_header) + \
		   sizeof(SIM_VERSION) - 1, \
	.stream_max = 0x8000, \
	.sim = true, \
	.end_of_write = -ENOSPC, \
	.place = { \
		{ VFIO_PCI_BAR0_REGION_INDEX, 0, SIM_REGS_SIZE }, \
		{ VFIO_PCI_BAR0_REGION_INDEX, SIM_BUFFER, 64 }, \
		{ VFIO_PCI_BAR0_REGION_INDEX, \
		  SIM_BUFFER + HOSTILE_SIM_STATE - 64, 64 }, \
	}

static const struct hostile_driver hostile_sim = { HOSTILE_SIM };
static const struct hostile_driver hostile_sim_pre_copy = {
	HOSTILE_SIM,
	.pre_copy = true,
};

/**
 * hostile_load_driver - load the module, and make the parents of the simulator
 * @driver: driver
 *
 * Return: 0 or a negative errno: -EOPNOTSUPP if VFIO does not have PRE_COPY.
 */
static inline int hostile_load_driver(const struct hostile_driver *driver)
{
	char size[16], other[16];
	int ret;

	ret = mdev_module_ensure(driver->module);
	if (ret || !driver->sim)
		return ret;

	snprintf(size, sizeof(size), "%d", HOSTILE_SIM_STATE);
	snprintf(other, sizeof(other), "%d", HOSTILE_SIM_STATE + 1000);
	ret = sim_begin() ?: sim_make(SIM_TARGET) ?: sim_make(SIM_SOURCE);
	ret = ret ?: sim_set(SIM_TARGET, "state_size", size);
	ret = ret ?: sim_set(SIM_SOURCE, "state_size", other);
	if (driver->pre_copy)
		ret = ret ?: sim_set(SIM_TARGET, "pre_copy", "1");
	return ret ?: sim_live(SIM_TARGET, "1") ?: sim_live(SIM_SOURCE, "1");
}

/**
 * hostile_unload_driver - remove the parents of the simulator, unload the module
 * @driver: driver, whose devices are all closed
 *
 * Return: 0 or a negative errno: -EAGAIN if something needs the module.
 */
static inline int hostile_unload_driver(const struct hostile_driver *driver)
{
	if (driver->sim && sim_remove_all())
		return -EBUSY;
	return mdev_module_unload(driver->module);
}

/* Bytes of a device */

/**
 * hostile_position - position of an offset in a region
 * @dev: device
 * @region: index of a region that exists
 * @offset: offset, from the end of the region if it is negative
 *
 * Return: position in the file of the device.
 */
static inline __u64 hostile_position(struct vfio_test_device *dev,
				     __u32 region, long offset)
{
	__u64 size, start = vfio_region(dev, region, &size);

	return start + offset + (offset < 0 ? size : 0);
}

/**
 * hostile_pattern - make bytes that are not zero, and that every register can keep
 * @bytes: filled in
 * @len: number of bytes
 * @seed: number of the pattern
 */
static inline void hostile_pattern(unsigned char *bytes, size_t len,
				   unsigned long long seed)
{
	while (len--)
		*bytes++ = (mdev_random(&seed) & 0x0f) | 0x40;
}

/**
 * hostile_mark - write a pattern of its own to each place of a device
 * @dev: device
 * @driver: its driver
 * @seed: number of the pattern
 *
 * Return: 0 or a negative errno.
 */
static inline int hostile_mark(struct vfio_test_device *dev,
			       const struct hostile_driver *driver,
			       unsigned long long seed)
{
	const struct hostile_place *place = driver->place;
	unsigned char bytes[HOSTILE_PLACE_SIZE];
	ssize_t ret;
	int i;

	for (i = 0; i < HOSTILE_PLACES && place[i].len; i++) {
		hostile_pattern(bytes, place[i].len, seed + 1000 * i);
		ret = mdev_result(pwrite(dev->fd, bytes, place[i].len,
					 hostile_position(dev, place[i].region,
							  place[i].offset)));
		if (ret != (ssize_t)place[i].len)
			return ret < 0 ? ret : -EIO;
	}
	return 0;
}

/**
 * hostile_has_mark - look for the pattern that hostile_mark() has written
 * @dev: device
 * @driver: its driver
 * @seed: number of the pattern
 *
 * Return: whether each place has the pattern.
 */
static inline bool hostile_has_mark(struct vfio_test_device *dev,
				    const struct hostile_driver *driver,
				    unsigned long long seed)
{
	unsigned char wanted[HOSTILE_PLACE_SIZE], bytes[HOSTILE_PLACE_SIZE];
	const struct hostile_place *place = driver->place;
	int i;

	for (i = 0; i < HOSTILE_PLACES && place[i].len; i++) {
		hostile_pattern(wanted, place[i].len, seed + 1000 * i);
		if (pread(dev->fd, bytes, place[i].len,
			  hostile_position(dev, place[i].region,
					   place[i].offset)) !=
		    (ssize_t)place[i].len ||
		    memcmp(wanted, bytes, place[i].len))
			return false;
	}
	return true;
}

/* Streams */

/**
 * hostile_save - save a device, which runs again afterwards
 * @dev: device
 * @driver: its driver
 * @stream: filled in
 *
 * Return: length of the stream, or a negative errno.
 */
static inline ssize_t hostile_save(struct vfio_test_device *dev,
				   const struct hostile_driver *driver,
				   unsigned char *stream)
{
	return sim_save(dev, driver->pre_copy, stream, driver->stream_max);
}

/**
 * hostile_load - load a stream into a device, and let the device run
 * @dev: device, which runs
 * @driver: its driver
 * @stream: stream
 * @len: length of @stream
 * @first: number of bytes in the first write; the second one has the rest
 * @write_failed: set to whether a write failed, or NULL
 *
 * A hostile VMM ignores an error, so this function goes on after a write that fails.
 *
 * Return: 0 if the device runs with the stream's state, or a negative errno:
 * -ENOTRECOVERABLE if the device is not in the state that it should be in.
 */
static inline int hostile_load(struct vfio_test_device *dev,
			       const struct hostile_driver *driver,
			       const unsigned char *stream, size_t len,
			       size_t first, bool *write_failed)
{
	__u32 refused = driver->sim ? VFIO_DEVICE_STATE_ERROR :
			VFIO_DEVICE_STATE_RESUMING;
	bool failed = false;
	int ret;

	vfio_close_fd(&dev->data_fd);
	if (vfio_set_state(dev, VFIO_DEVICE_STATE_RESUMING))
		return -ENOTRECOVERABLE;
	if (first > len)
		first = len;
	if (vfio_write_stream(dev, stream, first, len)) {
		vfio_write_stream(dev, stream, first, len);
		failed = true;
	}
	if (first < len &&
	    vfio_write_stream(dev, stream + first, len - first, len))
		failed = true;
	/* A write of zero bytes does not make up for a refused write */
	if (write(dev->data_fd, stream, 0))
		failed = true;
	if (write_failed)
		*write_failed = failed;

	ret = vfio_set_state(dev, VFIO_DEVICE_STATE_RUNNING);
	vfio_close_fd(&dev->data_fd);
	if (vfio_state(dev) != (int)(ret ? refused : VFIO_DEVICE_STATE_RUNNING))
		return -ENOTRECOVERABLE;
	return ret;
}

/**
 * hostile_renew_checksum - set the checksum for the bytes before it
 * @driver: driver; only the streams of mdpy have a checksum
 * @stream: stream
 * @len: length of @stream
 */
static inline void hostile_renew_checksum(const struct hostile_driver *driver,
					  unsigned char *stream, size_t len)
{
	__u32 checksum;

	if (!driver->trailer || len < driver->header_size + sizeof(checksum))
		return;
	checksum = mdpy_crc32(0, stream, len - sizeof(checksum));
	memcpy(stream + len - sizeof(checksum), &checksum, sizeof(checksum));
}

/* A driver after the attack */

/**
 * hostile_use - use each function of a device, as a guest would
 * @dev: device, which runs
 * @driver: its driver
 * @stream: stream that it was loaded from, or NULL
 *
 * Only devices of mtty have a function: a port receives each byte that it sends.
 *
 * Return: NULL, or a text about the fault.
 */
static inline const char *hostile_use(struct vfio_test_device *dev,
				      const struct hostile_driver *driver,
				      const union mtty_stream *stream)
{
	static const __u8 zero, clear_fifo = 0x07, out = 0x55;
	__u8 lsr, in;
	__u64 bar;
	int i, n;

	for (i = 0; i < driver->ports; i++) {
		bar = hostile_position(dev, VFIO_PCI_BAR0_REGION_INDEX + i, 0);
		/* If DLAB were set, the data register would be a part of the divisor */
		if (pwrite(dev->fd, &zero, 1, bar + UART_LCR) != 1)
			return "a register cannot be written";
		for (n = 0; pread(dev->fd, &lsr, 1, bar + UART_LSR) == 1 &&
		     lsr & UART_LSR_DR; n++) {
			if (n == MTTY_FIFO_SIZE)
				return "a FIFO has more bytes than it has room for";
			if (pread(dev->fd, &in, 1, bar) != 1)
				return "the FIFO cannot be read";
			if (stream && !memchr(stream->ports[i].fifo, in,
					      MTTY_FIFO_SIZE))
				return "a byte in the FIFO is not from the stream";
		}
		if (pwrite(dev->fd, &clear_fifo, 1, bar + 2) != 1 ||
		    pwrite(dev->fd, &out, 1, bar) != 1 ||
		    pread(dev->fd, &in, 1, bar) != 1 || in != out)
			return "a byte that a port sends does not come back";
	}
	return NULL;
}

/**
 * hostile_answers - ask the type for its version
 * @driver: driver
 *
 * Return: NULL, or a text about the fault.
 */
static inline const char *hostile_answers(const struct hostile_driver *driver)
{
	size_t len = strlen(driver->version);
	char shown[64];

	if (mdev_read_attr(driver->type_dir, "migration_version", shown,
			   sizeof(shown)) != (ssize_t)len + 1 ||
	    memcmp(shown, driver->version, len))
		return "migration_version cannot be read";
	if (mdev_check_string(driver->type_dir, driver->version) !=
	    (ssize_t)len)
		return "migration_version does not accept its own version";
	if (mdev_check_string(driver->type_dir, "no version") >= 0)
		return "migration_version accepts a text that is not a version";
	return NULL;
}

/**
 * hostile_works - create two devices, migrate one to the other, and ask for the version
 * @driver: driver
 * @migrates: devices of the driver migrate in this kernel
 * @stream: room for the stream
 *
 * Return: NULL, or a text about the fault.
 */
static inline const char *hostile_works(const struct hostile_driver *driver,
					bool migrates, unsigned char *stream)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct vfio_test_device source = vfio_no_device;
	struct vfio_test_device target = vfio_no_device;
	const char *wrong = NULL;
	ssize_t len;

	if (vfio_create(&source, driver->type_dir) ||
	    vfio_create(&target, driver->type_dir))
		wrong = "devices cannot be created";
	else if (ioctl(source.fd, VFIO_DEVICE_GET_INFO, &info) ||
		 !(info.flags & VFIO_DEVICE_FLAGS_RESET))
		wrong = "the device does not have VFIO_DEVICE_FLAGS_RESET";
	else if (hostile_has_mark(&source, driver, 1) ||
		 hostile_has_mark(&target, driver, 2))
		wrong = "a new device has the bytes of another one";
	else if (hostile_mark(&source, driver, 1) ||
		 hostile_mark(&target, driver, 2) ||
		 !hostile_has_mark(&source, driver, 1) ||
		 !hostile_has_mark(&target, driver, 2))
		wrong = "devices do not keep the bytes that are written";

	if (!wrong && migrates) {
		len = hostile_save(&source, driver, stream);
		if (len < 0)
			wrong = "the source cannot be saved";
		else if (hostile_load(&target, driver, stream, len, len,
				      NULL))
			wrong = "the target cannot be loaded";
		else if (!hostile_has_mark(&target, driver, 1))
			wrong = "the target does not have the state of the source";
	}
	wrong = wrong ?: hostile_use(&target, driver, NULL);
	if (vfio_remove(&source) | vfio_remove(&target))
		wrong = wrong ?: "devices cannot be removed";
	return wrong ?: hostile_answers(driver);
}

/* Devices of a test */

/**
 * struct hostile_pair - two devices of a driver, and a stream of the first one
 * @absent: reason for which the driver is not attacked at all, or NULL
 * @migrates: devices of the driver migrate in this kernel
 * @seed: MDEV_HOSTILE_SEED
 * @files: number of files that were open before the test
 * @source: device with mark 1
 * @target: device with mark 2
 * @stream: stream of @source, with room for the longest stream that the driver needs
 * @len: length of @stream, 0 if the driver does not migrate
 * @other: room of the same size, for a test
 * @saved: room of the same size, for the stream of @target
 */
struct hostile_pair {
	const struct hostile_driver *driver;
	const char *absent;
	bool migrates;
	unsigned long long seed;
	int files;
	struct vfio_test_device source;
	struct vfio_test_device target;
	unsigned char *stream;
	size_t len;
	unsigned char *other;
	unsigned char *saved;
};

#define HOSTILE_SEED_DEFAULT	1

/**
 * hostile_open_files - count the open files of this process
 *
 * Return: number of open files, or -1 if they cannot be counted.
 */
static inline int hostile_open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int files = -1;

	while (dir && readdir(dir))
		files++;
	if (dir)
		closedir(dir);
	return files;
}

/**
 * hostile_pair_begin - load a driver, create two devices and save one of them
 * @pair: filled in; the caller calls hostile_pair_end() also after a failure
 * @driver: driver
 *
 * Return: 0 or a negative errno.
 */
static inline int hostile_pair_begin(struct hostile_pair *pair,
				     const struct hostile_driver *driver)
{
	ssize_t len;
	int ret;

	*pair = (struct hostile_pair){
		.driver = driver,
		.source = vfio_no_device,
		.target = vfio_no_device,
		.seed = mdev_number_from("MDEV_HOSTILE_SEED",
					 HOSTILE_SEED_DEFAULT),
		.stream = malloc(driver->stream_max),
		.other = malloc(driver->stream_max),
		.saved = malloc(driver->stream_max),
		.files = hostile_open_files(),
	};
	if (!pair->stream || !pair->other || !pair->saved)
		return -ENOMEM;

	ret = hostile_load_driver(driver);
	if (ret == -EOPNOTSUPP && driver->pre_copy) {
		pair->absent = SIM_LACKS_PRE_COPY;
		return 0;
	}
	ret = ret ?: vfio_create(&pair->source, driver->type_dir);
	ret = ret ?: vfio_create(&pair->target, driver->type_dir);
	/* If the buffer were zero, a copy of it to a wrong place would not show */
	if (!ret && driver->sim) {
		memset(pair->other, 0x5a, driver->stream_max);
		if (pwrite(pair->source.fd, pair->other, HOSTILE_SIM_STATE,
			   hostile_position(&pair->source,
					    VFIO_PCI_BAR0_REGION_INDEX,
					    SIM_BUFFER)) != HOSTILE_SIM_STATE)
			ret = -EIO;
	}
	ret = ret ?: hostile_mark(&pair->source, driver, 1);
	ret = ret ?: hostile_mark(&pair->target, driver, 2);
	ret = ret ?: vfio_migration_flags(&pair->source);
	/* mtty does not migrate in each kernel, but the other drivers do */
	if (ret == -ENOTTY && driver->ports)
		return 0;
	if (ret < 0)
		return ret;

	pair->migrates = true;
	len = hostile_save(&pair->source, driver, pair->stream);
	if (len < 0)
		return len;
	pair->len = len;
	return pair->len > driver->payload ? 0 : -EPROTO;
}

/**
 * hostile_pair_remove - remove the devices, so that the module is not in use
 * @pair: from hostile_pair_begin()
 *
 * Return: 0 or a negative errno.
 */
static inline int hostile_pair_remove(struct hostile_pair *pair)
{
	int ret = vfio_remove(&pair->source);

	ret = vfio_remove(&pair->target) ?: ret;
	pair->source = vfio_no_device;
	pair->target = vfio_no_device;
	return ret;
}

/**
 * hostile_pair_end - look whether the driver still works, and free the pair
 * @pair: from hostile_pair_begin()
 *
 * Return: NULL, or a text about the fault.
 */
static inline const char *hostile_pair_end(struct hostile_pair *pair)
{
	const char *wrong = NULL;

	if (hostile_pair_remove(pair))
		wrong = "the devices cannot be removed";
	if (!wrong && !pair->absent)
		wrong = hostile_works(pair->driver, pair->migrates,
				      pair->other);
	if (pair->driver->sim && sim_remove_all())
		wrong = wrong ?: "the parents cannot be removed";
	free(pair->stream);
	free(pair->other);
	free(pair->saved);
	if (hostile_open_files() != pair->files)
		wrong = wrong ?: "files were left open, or closed";
	return wrong;
}

/**
 * hostile_lacks - return the reason for which a test of migration is skipped
 * @pair: from hostile_pair_begin()
 *
 * Return: the reason, or NULL if the driver migrates.
 */
static inline const char *hostile_lacks(const struct hostile_pair *pair)
{
	if (pair->absent)
		return pair->absent;
	return pair->migrates ? NULL : MTTY_LACKS_MIGRATION;
}

/**
 * hostile_require - skip all tests if a driver cannot be attacked
 */
static inline void hostile_require(void)
{
	mdev_require_samples();
	mdev_require_modules();
	sim_device_require();
}

#endif /* HOSTILE_TEST_UTILS_H */
