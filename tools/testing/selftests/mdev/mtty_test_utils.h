/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers of the selftests that save and load devices of the sample mtty
 *
 * Functions return a negative errno where a system call would set errno.
 */

#ifndef MTTY_TEST_UTILS_H
#define MTTY_TEST_UTILS_H

#include <stddef.h>
#include <linux/types.h>

#include "mdev_test_utils.h"
#include "vfio_test_utils.h"

/* Registers of a port; only the last one keeps each byte that is written to it */
#define UART_DATA	0
#define UART_LCR	3
#define UART_MCR	4
#define UART_LSR	5
#define UART_LSR_DR	0x01
#define UART_SCR	7

#define MTTY_FIFO_SIZE	16

struct mtty_header {
	__u64 magic;
	__u32 major;
	__u32 minor;
	__u32 nr_ports;
	__u32 flags;
};

#define MTTY_HEADER_SIZE	sizeof(struct mtty_header)

/* One of these follows the header for each port, as in the memory of the driver */
struct mtty_port {
	__u8 uart_reg[8];
	__u8 fifo[MTTY_FIFO_SIZE];
	__u8 head;
	__u8 tail;
	__u8 count;
	__u8 dlab;
	__u8 overrun;
	__u16 divisor;
	__u8 fcr;
	__u8 max_fifo_size;
	__u8 intr_trigger_level;
};

#define MTTY_STREAM_MAX	256

/* Reason for which a test is skipped */
#define MTTY_LACKS_MIGRATION "mtty of this kernel does not have VFIO migration"

union mtty_stream {
	struct {
		struct mtty_header header;
		struct mtty_port ports[2];
	};
	unsigned char bytes[MTTY_STREAM_MAX];
};

/* Sizes of a write: the header, without its last byte, with a byte more, all, small */
static const size_t mtty_chunks[] = {
	MTTY_HEADER_SIZE, MTTY_HEADER_SIZE - 1, MTTY_HEADER_SIZE + 1,
	MTTY_STREAM_MAX, 7, 1,
};

/**
 * struct mtty_pair - two devices of one type, and a stream of the first one
 * @source: device whose registers differ from a new device
 * @target: new device
 * @stream: stream of @source, which each test may change
 * @len: length of @stream
 */
struct mtty_pair {
	struct vfio_test_device source;
	struct vfio_test_device target;
	union mtty_stream stream;
	size_t len;
};

/**
 * mtty_pair_begin - create a pair and save its source
 * @pair: filled in; the caller calls mtty_pair_end() also after a failure
 * @type_dir: directory of the type
 * @nr_ports: number of ports of the type
 *
 * Return: 0 or a negative errno.
 */
static inline int mtty_pair_begin(struct mtty_pair *pair, const char *type_dir,
				  int nr_ports)
{
	unsigned char scratch;
	__u64 offset, size;
	ssize_t len;
	int ret, i;

	*pair = (struct mtty_pair){
		.source = vfio_no_device,
		.target = vfio_no_device,
	};
	ret = vfio_create(&pair->source, type_dir) ?:
	      vfio_create(&pair->target, type_dir);
	if (ret)
		return ret;

	for (i = 0; i < nr_ports; i++) {
		offset = vfio_region(&pair->source,
				     VFIO_PCI_BAR0_REGION_INDEX + i, &size);
		scratch = 0xa5 + i;
		if (pwrite(pair->source.fd, &scratch, 1,
			   offset + UART_SCR) != 1)
			return -EIO;
	}

	len = vfio_save(&pair->source, pair->stream.bytes, MTTY_STREAM_MAX, 0);
	if (len < 0)
		return len;
	pair->len = len;
	return pair->len == offsetof(union mtty_stream, ports[nr_ports]) ?
	       0 : -EPROTO;
}

/**
 * mtty_pair_end - remove the devices of a pair
 * @pair: the pair
 *
 * Return: 0 or a negative errno.
 */
static inline int mtty_pair_end(struct mtty_pair *pair)
{
	int ret = vfio_remove(&pair->source);

	return vfio_remove(&pair->target) ?: ret;
}

/**
 * mtty_begin_load - begin a load
 * @dev: device, which may be anywhere in a load that was given up
 *
 * Return: 0 or a negative errno.
 */
static inline int mtty_begin_load(struct vfio_test_device *dev)
{
	vfio_close_fd(&dev->data_fd);
	return vfio_reset(dev) ?:
	       vfio_set_state(dev, VFIO_DEVICE_STATE_RESUMING);
}

/**
 * mtty_load - write a stream to a device
 * @dev: the device
 * @stream: the stream
 * @len: length of @stream
 * @chunk: number of bytes in a write
 *
 * Return: 0, or the errno of the write that completed the header; -ENOTRECOVERABLE if
 * another call has failed.
 */
static inline int mtty_load(struct vfio_test_device *dev, const void *stream,
			    size_t len, size_t chunk)
{
	const unsigned char *bytes = stream;
	size_t done, n;
	int ret;

	ret = mtty_begin_load(dev);
	if (ret)
		return -ENOTRECOVERABLE;

	for (done = 0; done < len; done += n) {
		n = len - done < chunk ? len - done : chunk;
		ret = vfio_write_stream(dev, bytes + done, n, n);
		if (ret)
			return done < MTTY_HEADER_SIZE &&
			       done + n >= MTTY_HEADER_SIZE ?
			       ret : -ENOTRECOVERABLE;
	}
	return 0;
}

/**
 * mtty_target_has_stream - look whether the target saves the bytes of the stream
 * @pair: the pair
 *
 * Return: whether it does.
 */
static inline bool mtty_target_has_stream(struct mtty_pair *pair)
{
	union mtty_stream own = {};

	return vfio_save(&pair->target, own.bytes, MTTY_STREAM_MAX, 0) ==
	       (ssize_t)pair->len &&
	       !memcmp(&own, &pair->stream, pair->len);
}

/* The load is completed, and the target has the state of the stream */
#define MTTY_FINISH_LOAD(pair) do { \
	struct mtty_pair *loaded = (pair); \
	EXPECT_EQ(0, vfio_set_state(&loaded->target, \
				    VFIO_DEVICE_STATE_RUNNING)); \
	EXPECT_TRUE(mtty_target_has_stream(loaded)); \
} while (0)

/**
 * mtty_require_migration - skip all tests if mtty does not migrate
 */
static inline void mtty_require_migration(void)
{
	struct vfio_test_device dev = vfio_no_device;
	int ret;

	mdev_require_parent("mtty");
	if (access("/dev/vfio/vfio", F_OK))
		mdev_skip_all("/dev/vfio/vfio does not exist");

	/* The tests find any other failure */
	ret = vfio_create(&dev, MDEV_TYPE_DIR("mtty", "mtty-1"));
	if (!ret)
		ret = vfio_migration_flags(&dev);
	vfio_remove(&dev);
	if (ret == -ENOTTY)
		mdev_skip_all(MTTY_LACKS_MIGRATION);
}

#endif /* MTTY_TEST_UTILS_H */
