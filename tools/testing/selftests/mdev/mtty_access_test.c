// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to the regions of mtty stay inside of them, return only bytes of the device,
 * and find a new device after a reset and after a close
 */

#include <sys/eventfd.h>

#include "mtty_test_utils.h"

/* Size of a function's configuration space, and the size that is reported */
#define CONFIG_SIZE	256
#define CONFIG_REPORTED	255
#define BAR_SIZE	8

/* Registers of the configuration space */
#define CONFIG_BAR0		0x10
#define CONFIG_BAR1		0x14
#define CONFIG_INTERRUPT_LINE	0x3c

/* A byte that the kernel must not overwrite */
#define CANARY	0x5a

FIXTURE(mtty) {
	struct vfio_test_device dev;
	__u64 config;
	__u64 bar[2];
};

FIXTURE_VARIANT(mtty) {
	const char *type_dir;
	int nr_ports;
};

FIXTURE_VARIANT_ADD(mtty, one_port) {
	.type_dir = MDEV_TYPE_DIR("mtty", "mtty-1"),
	.nr_ports = 1,
};

FIXTURE_VARIANT_ADD(mtty, two_ports) {
	.type_dir = MDEV_TYPE_DIR("mtty", "mtty-2"),
	.nr_ports = 2,
};

FIXTURE_SETUP(mtty)
{
	__u64 size;
	int i;

	self->dev = vfio_no_device;
	ASSERT_EQ(0, vfio_create(&self->dev, variant->type_dir));
	self->config = vfio_region(&self->dev, VFIO_PCI_CONFIG_REGION_INDEX,
				   &size);
	ASSERT_EQ((__u64)CONFIG_REPORTED, size);
	for (i = 0; i < 2; i++) {
		self->bar[i] = vfio_region(&self->dev,
					   VFIO_PCI_BAR0_REGION_INDEX + i,
					   &size);
		ASSERT_EQ(i < variant->nr_ports ? BAR_SIZE : 0ull, size);
	}
}

FIXTURE_TEARDOWN(mtty)
{
	EXPECT_EQ(0, vfio_remove(&self->dev));
}

/* Return the length of an access to a region of @size bytes, or -EFAULT */
static ssize_t inside(__u64 offset, size_t len, size_t size)
{
	if (offset >= size)
		return -EFAULT;
	return len < size - offset ? len : size - offset;
}

/* Return the result of a read, or -EOVERFLOW if it has written more bytes than that */
static ssize_t read_at(struct vfio_test_device *dev, __u64 pos, void *buf,
		       size_t len)
{
	unsigned char bytes[512];
	ssize_t ret, i;

	memset(bytes, CANARY, sizeof(bytes));
	ret = mdev_result(pread(dev->fd, bytes, len, pos));
	for (i = ret < 0 ? 0 : ret; i < (ssize_t)sizeof(bytes); i++)
		if (bytes[i] != CANARY)
			return -EOVERFLOW;
	if (ret > 0 && buf)
		memcpy(buf, bytes, ret);
	return ret;
}

static const size_t lengths[] = { 1, 2, 3, 4, 7, 8, 16, 255, 256, 300 };
/* Offsets behind the end of each region, up to the beginning of the next region */
static const __u64 far_offsets[] = {
	0x100, 0x1000, 0xfffe, 0x10000, 0x10004, 0xffffffff, 0x100000000,
	0xfffffffff0, 0xfffffffffc, 0xffffffffff,
};

TEST_F(mtty, config_space_ends_a_read)
{
	unsigned char whole[CONFIG_SIZE], part[512];
	__u64 offset;
	ssize_t ret;
	size_t i;

	EXPECT_EQ(CONFIG_SIZE, read_at(&self->dev, self->config, whole, 300));
	EXPECT_EQ(0, whole[CONFIG_REPORTED]);
	for (offset = 0; offset < 0x110; offset++)
		for (i = 0; i < ARRAY_SIZE(lengths); i++) {
			ret = read_at(&self->dev, self->config + offset, part,
				      lengths[i]);
			EXPECT_EQ(inside(offset, lengths[i], CONFIG_SIZE),
				  ret) {
				TH_LOG("%zu bytes at offset 0x%llx", lengths[i],
				       offset);
			}
			if (ret > 0)
				EXPECT_EQ(0, memcmp(whole + offset, part, ret));
		}
	for (i = 0; i < ARRAY_SIZE(far_offsets); i++) {
		EXPECT_EQ(-EFAULT, read_at(&self->dev,
					   self->config + far_offsets[i], part,
					   4)) {
			TH_LOG("at offset 0x%llx", far_offsets[i]);
		}
	}
}

TEST_F(mtty, config_space_ends_a_write)
{
	unsigned char before[CONFIG_SIZE], after[CONFIG_SIZE], bytes[512] = {};
	__u64 offset;
	size_t i;

	EXPECT_EQ(CONFIG_SIZE, read_at(&self->dev, self->config, before, 300));
	for (offset = 0xf0; offset < 0x110; offset++)
		for (i = 0; i < ARRAY_SIZE(lengths); i++) {
			EXPECT_EQ(inside(offset, lengths[i], CONFIG_SIZE),
				  mdev_result(pwrite(self->dev.fd, bytes,
						     lengths[i],
						     self->config + offset))) {
				TH_LOG("%zu bytes at offset 0x%llx", lengths[i],
				       offset);
			}
		}
	for (i = 0; i < ARRAY_SIZE(far_offsets); i++)
		EXPECT_EQ(-EFAULT,
			  mdev_result(pwrite(self->dev.fd, bytes, 4,
					     self->config + far_offsets[i])));
	EXPECT_EQ(CONFIG_SIZE, read_at(&self->dev, self->config, after, 300));
	EXPECT_EQ(0, memcmp(before, after, CONFIG_SIZE));
}

TEST_F(mtty, bar_ends_an_access)
{
	unsigned char bytes[16];
	size_t len, i;
	__u64 offset;

	/* The scratch register is the last one that keeps a value */
	for (offset = 0; offset < 0x20; offset++)
		for (len = 1; len <= 16; len++) {
			EXPECT_EQ(inside(offset, len, BAR_SIZE),
				  read_at(&self->dev, self->bar[0] + offset,
					  NULL, len)) {
				TH_LOG("%zu bytes at offset 0x%llx", len,
				       offset);
			}
			if (offset < UART_SCR)
				continue;
			memset(bytes, offset, sizeof(bytes));
			EXPECT_EQ(inside(offset, len, BAR_SIZE),
				  mdev_result(pwrite(self->dev.fd, bytes, len,
						     self->bar[0] + offset)));
		}
	for (i = 0; i < ARRAY_SIZE(far_offsets); i++) {
		EXPECT_EQ(-EFAULT, read_at(&self->dev,
					   self->bar[0] + far_offsets[i],
					   bytes, 1));
		EXPECT_EQ(-EFAULT,
			  mdev_result(pwrite(self->dev.fd, bytes, 1,
					     self->bar[0] + far_offsets[i])));
	}
	EXPECT_EQ(1, read_at(&self->dev, self->bar[0] + UART_SCR, bytes, 1));
	EXPECT_EQ(UART_SCR, bytes[0]);
}

/* A device with one port does not have the BAR1 of a device with two ports either */
TEST_F(mtty, bars_that_are_not_there_refuse_each_access)
{
	unsigned char byte = 0xff;
	__u32 index, offset;
	__u64 pos, size;

	for (index = VFIO_PCI_BAR0_REGION_INDEX + variant->nr_ports;
	     index < VFIO_PCI_NUM_REGIONS + 3; index++) {
		if (index == VFIO_PCI_CONFIG_REGION_INDEX)
			continue;
		vfio_region(&self->dev, index, &size);
		EXPECT_EQ(0ull, size);
		/* All BARs have the distance of BAR0 and BAR1 */
		pos = self->bar[0] + index * (self->bar[1] - self->bar[0]);
		for (offset = 0; offset < BAR_SIZE; offset++) {
			EXPECT_EQ(-EFAULT, read_at(&self->dev, pos + offset,
						   &byte, 1)) {
				TH_LOG("region %u, offset %u", index, offset);
			}
			EXPECT_EQ(-EFAULT,
				  mdev_result(pwrite(self->dev.fd, &byte, 1,
						     pos + offset)));
		}
	}
}

static __u32 config_dword(struct vfio_test_device *dev, __u64 pos)
{
	__le32 value = 0;

	return read_at(dev, pos, &value, 4) == 4 ? le32toh(value) : ~0u;
}

/* Bit 0 marks a BAR of I/O ports, and cannot be written */
TEST_F(mtty, short_write_of_a_bar_register_changes_what_it_writes)
{
	static const __u8 bytes[] = { 0x34, 0x12, 0xcd, 0xab };
	static const struct {
		size_t len;
		__u32 mask;
	} writes[] = { { 1, 0xff }, { 2, 0xffff }, { 4, 0xffffffff } };
	__u32 before, expected;
	__u64 pos;
	size_t i;
	int bar;

	for (bar = 0; bar < variant->nr_ports; bar++) {
		pos = self->config + CONFIG_BAR0 + 4 * bar;
		for (i = 0; i < ARRAY_SIZE(writes); i++) {
			before = htole32(0x56789ab0);
			EXPECT_EQ(4, pwrite(self->dev.fd, &before, 4, pos));
			EXPECT_EQ(0x56789ab1u, config_dword(&self->dev, pos));

			EXPECT_EQ((ssize_t)writes[i].len,
				  pwrite(self->dev.fd, bytes, writes[i].len,
					 pos));
			expected = (0x56789ab0 & ~writes[i].mask) |
				   (0xabcd1234 & writes[i].mask) | 1;
			EXPECT_EQ(expected, config_dword(&self->dev, pos)) {
				TH_LOG("BAR%d, %zu bytes", bar, writes[i].len);
			}
		}

		/* A guest finds the size of a BAR in this way */
		before = ~0u;
		EXPECT_EQ(4, pwrite(self->dev.fd, &before, 4, pos));
		EXPECT_EQ((~0u & ~(BAR_SIZE - 1)) | 1,
			  config_dword(&self->dev, pos));
	}
}

/* BAR2 to BAR4, and BAR1 of a device that does not have it */
TEST_F(mtty, registers_of_bars_that_are_not_there_stay_zero)
{
	__u32 address = htole32(0x56789ab0);
	__u64 pos;
	int bar;

	for (bar = variant->nr_ports; bar <= 4; bar++) {
		pos = self->config + CONFIG_BAR0 + 4 * bar;
		EXPECT_EQ(4, pwrite(self->dev.fd, &address, 4, pos));
		EXPECT_EQ(0u, config_dword(&self->dev, pos)) {
			TH_LOG("BAR%d", bar);
		}
	}
}

/* A guest can choose the interrupt line, but not the interrupt pin */
TEST_F(mtty, interrupt_pin_cannot_be_written)
{
	unsigned char before[2], after[2], line = 11, pin = 4;
	__u64 pos = self->config + CONFIG_INTERRUPT_LINE;

	EXPECT_EQ(2, read_at(&self->dev, pos, before, 2));
	EXPECT_EQ(1, pwrite(self->dev.fd, &line, 1, pos));
	EXPECT_EQ(1, pwrite(self->dev.fd, &pin, 1, pos + 1));
	EXPECT_EQ(2, read_at(&self->dev, pos, after, 2));
	EXPECT_EQ(line, after[0]);
	EXPECT_EQ(before[1], after[1]);
}

/* This address is in the first page, which is not mapped in any process */
#define UNMAPPED	((void *)8)

/* The driver splits an access into pieces of 4, 2 and 1 bytes */
TEST_F(mtty, access_with_a_faulty_buffer_gives_efault)
{
	static const struct {
		__u64 offset;
		size_t len;
	} pieces[] = { { 0, 4 }, { 2, 2 }, { 1, 1 } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pieces); i++) {
		EXPECT_EQ(-EFAULT,
			  mdev_result(pread(self->dev.fd, UNMAPPED, pieces[i].len,
					    self->config + pieces[i].offset)));
		EXPECT_EQ(-EFAULT,
			  mdev_result(pwrite(self->dev.fd, UNMAPPED, pieces[i].len,
					     self->config +
					     pieces[i].offset)));
	}
}

#define PORTS_MAX	24

TEST_F(mtty, create_fails_when_all_ports_are_in_use)
{
	char uuids[PORTS_MAX][MDEV_UUID_SIZE], uuid[MDEV_UUID_SIZE], text[16];
	int available, i;

	ASSERT_LT(0, mdev_read_attr(variant->type_dir, "available_instances",
				    text, sizeof(text)));
	available = atoi(text);
	ASSERT_LE(available, PORTS_MAX);
	for (i = 0; i < available; i++)
		EXPECT_EQ(0, mdev_create(variant->type_dir, uuids[i]));
	EXPECT_EQ(-ENOSPC, mdev_create(variant->type_dir, uuid));
	while (i--)
		EXPECT_EQ(0, mdev_remove(uuids[i]));
}

/*
 * The read before this one leaves bytes that are not zero where the driver has its
 * variables
 */
TEST_F(mtty, read_of_a_register_returns_only_the_register)
{
	unsigned char bytes[4];
	__u64 offset;
	size_t len, i;

	for (offset = 0; offset < BAR_SIZE; offset++)
		for (len = 2; len <= 4; len += 2) {
			if (offset % len)
				continue;
			EXPECT_EQ((ssize_t)len,
				  read_at(&self->dev, self->config, bytes,
					  len));
			EXPECT_NE(0, bytes[len - 1]);
			EXPECT_EQ((ssize_t)len,
				  read_at(&self->dev, self->bar[0] + offset,
					  bytes, len));
			for (i = 1; i < len; i++)
				EXPECT_EQ(0, bytes[i]) {
					TH_LOG("%zu bytes at offset %llu", len,
					       offset);
				}
		}

	/* The FIFO of the port is empty */
	EXPECT_EQ(1, read_at(&self->dev, self->config, bytes, 1));
	EXPECT_NE(0, bytes[0]);
	EXPECT_EQ(1, read_at(&self->dev, self->bar[0] + UART_DATA, bytes, 1));
	EXPECT_EQ(0, bytes[0]);
}

struct contents {
	unsigned char config[CONFIG_SIZE];
	/* All registers but the data register, because a read changes that one */
	unsigned char ports[2][BAR_SIZE - 1];
};

static int read_contents(struct vfio_test_device *dev, __u64 config,
			 const __u64 *bar, int nr_ports,
			 struct contents *contents)
{
	int i;

	memset(contents, 0, sizeof(*contents));
	if (read_at(dev, config, contents->config, CONFIG_SIZE) != CONFIG_SIZE)
		return -EIO;
	for (i = 0; i < nr_ports * (BAR_SIZE - 1); i++)
		if (read_at(dev, bar[i / (BAR_SIZE - 1)] + 1 +
			    i % (BAR_SIZE - 1),
			    &contents->ports[i / (BAR_SIZE - 1)]
					    [i % (BAR_SIZE - 1)], 1) != 1)
			return -EIO;
	return 0;
}

/* Fill each register and FIFO that keeps the bytes that are written to it */
static void use_device(struct vfio_test_device *dev, __u64 config,
		       const __u64 *bar, int nr_ports)
{
	static const unsigned char secret[] = "secret";
	__u32 address = htole32(0x1230);
	unsigned char byte;
	int i;

	byte = 11;
	pwrite(dev->fd, &byte, 1, config + CONFIG_INTERRUPT_LINE);
	for (i = 0; i < nr_ports; i++) {
		pwrite(dev->fd, &address, 4, config + CONFIG_BAR0 + 4 * i);
		for (byte = 1; byte < BAR_SIZE; byte++)
			pwrite(dev->fd, &byte, 1, bar[i] + byte);
		/* With DLAB set, the bytes would be the divisor */
		byte = 3;
		pwrite(dev->fd, &byte, 1, bar[i] + UART_LCR);
		for (byte = 0; byte < sizeof(secret); byte++)
			pwrite(dev->fd, &secret[byte], 1, bar[i] + UART_DATA);
	}
}

TEST_F(mtty, reset_and_close_leave_a_new_device)
{
	struct contents new, used, after;
	unsigned char byte;
	int i, close;

	ASSERT_EQ(0, read_contents(&self->dev, self->config, self->bar,
				   variant->nr_ports, &new));
	for (close = 0; close < 2; close++) {
		use_device(&self->dev, self->config, self->bar,
			   variant->nr_ports);
		ASSERT_EQ(0, read_contents(&self->dev, self->config, self->bar,
					   variant->nr_ports, &used));
		EXPECT_NE(0, memcmp(new.config, used.config, CONFIG_SIZE));
		for (i = 0; i < variant->nr_ports; i++)
			EXPECT_NE(0,
				  used.ports[i][UART_LSR - 1] & UART_LSR_DR);

		if (close) {
			vfio_close(&self->dev);
			ASSERT_EQ(0, vfio_open(&self->dev));
		} else {
			EXPECT_EQ(0, vfio_reset(&self->dev));
		}

		ASSERT_EQ(0, read_contents(&self->dev, self->config, self->bar,
					   variant->nr_ports, &after));
		EXPECT_EQ(0, memcmp(&new, &after, sizeof(new))) {
			TH_LOG("after a %s", close ? "close" : "reset");
		}
		for (i = 0; i < variant->nr_ports; i++) {
			EXPECT_EQ(1, read_at(&self->dev, self->bar[i] +
					     UART_DATA, &byte, 1));
			EXPECT_EQ(0, byte);
		}
	}
}

static int set_interrupt(struct vfio_test_device *dev, __u32 index, int evtfd)
{
	struct {
		struct vfio_irq_set set;
		__s32 evtfd;
	} irq = {
		.set = {
			.argsz = sizeof(irq),
			.flags = VFIO_IRQ_SET_ACTION_TRIGGER |
				 (evtfd < 0 ? VFIO_IRQ_SET_DATA_NONE :
				  VFIO_IRQ_SET_DATA_EVENTFD),
			.index = index,
			.count = evtfd >= 0,
		},
		.evtfd = evtfd,
	};

	return mdev_result(ioctl(dev->fd, VFIO_DEVICE_SET_IRQS, &irq));
}

/* Announce an eventfd, but do not pass one: the driver may refuse that, or do nothing */
static int set_no_eventfd(struct vfio_test_device *dev, __u32 index)
{
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = VFIO_IRQ_SET_ACTION_TRIGGER |
			 VFIO_IRQ_SET_DATA_EVENTFD,
		.index = index,
	};

	return mdev_result(ioctl(dev->fd, VFIO_DEVICE_SET_IRQS, &set));
}

/* An interrupt goes to its eventfd for as long as that is set, and to no other eventfd */
TEST_F(mtty, interrupts_end_with_their_eventfd)
{
	static const __u32 indexes[] = {
		VFIO_PCI_INTX_IRQ_INDEX, VFIO_PCI_MSI_IRQ_INDEX,
	};
	struct vfio_device_info info = { .argsz = sizeof(info) };
	__u8 transmitter_empty = 2;
	__u64 count;
	size_t i;
	int fd;

	/* An empty port has this interrupt as soon as it is enabled */
	EXPECT_EQ(1, pwrite(self->dev.fd, &transmitter_empty, 1,
			    self->bar[0] + 1));
	for (i = 0; i < ARRAY_SIZE(indexes); i++) {
		ASSERT_EQ(0, ioctl(self->dev.fd, VFIO_DEVICE_GET_INFO, &info));
		EXPECT_GE(0, set_no_eventfd(&self->dev, indexes[i]));
		fd = eventfd(0, EFD_NONBLOCK);
		ASSERT_LE(0, fd);
		EXPECT_EQ(0, set_interrupt(&self->dev, indexes[i], fd));
		EXPECT_EQ(1, pwrite(self->dev.fd, &transmitter_empty, 1,
				    self->bar[0] + 1));
		EXPECT_EQ(8, read(fd, &count, sizeof(count)));

		EXPECT_EQ(0, set_interrupt(&self->dev, indexes[i], -1));
		/* The second call may fail, but it must not release the eventfd twice */
		set_interrupt(&self->dev, indexes[i], -1);
		EXPECT_EQ(1, pwrite(self->dev.fd, &transmitter_empty, 1,
				    self->bar[0] + 1));
		EXPECT_EQ(-EAGAIN, mdev_result(read(fd, &count,
						    sizeof(count))));

		/* The close releases an eventfd that is still set */
		EXPECT_EQ(0, set_interrupt(&self->dev, indexes[i], fd));
		vfio_close(&self->dev);
		ASSERT_EQ(0, vfio_open(&self->dev));
		EXPECT_EQ(1, pwrite(self->dev.fd, &transmitter_empty, 1,
				    self->bar[0] + 1));
		EXPECT_EQ(-EAGAIN, mdev_result(read(fd, &count,
						    sizeof(count))));
		close(fd);
	}
}

TEST_F(mtty, reset_is_advertised)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };

	ASSERT_EQ(0, ioctl(self->dev.fd, VFIO_DEVICE_GET_INFO, &info));
	EXPECT_NE(0u,
		  info.flags & VFIO_DEVICE_FLAGS_RESET);
	EXPECT_EQ(0, vfio_reset(&self->dev));
}

int main(int argc, char *argv[])
{
	mdev_require_parent("mtty");
	if (access("/dev/vfio/vfio", F_OK))
		mdev_skip_all("/dev/vfio/vfio does not exist");
	return test_harness_run(argc, argv);
}
