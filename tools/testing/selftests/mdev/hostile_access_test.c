// SPDX-License-Identifier: GPL-2.0-only
/*
 * The drivers withstand a hostile VMM, part two: the VMM accesses each region around
 * its edges, keeps files for too long, stalls copies, and asks migration_version while
 * the parents go and come
 *
 * Streams and random steps are in hostile_vmm_test.
 */

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "hostile_test_utils.h"
#include "userfault_test_utils.h"

FIXTURE(hostile) {
	struct hostile_pair pair;
	struct userfault uf;
};

FIXTURE_VARIANT(hostile) {
	const struct hostile_driver *driver;
};

FIXTURE_VARIANT_ADD(hostile, mtty_one_port) {
	.driver = &hostile_mtty_one_port,
};

FIXTURE_VARIANT_ADD(hostile, mtty_two_ports) {
	.driver = &hostile_mtty_two_ports,
};

FIXTURE_VARIANT_ADD(hostile, mdpy) {
	.driver = &hostile_mdpy,
};

FIXTURE_VARIANT_ADD(hostile, sim) {
	.driver = &hostile_sim,
};

FIXTURE_VARIANT_ADD(hostile, sim_pre_copy) {
	.driver = &hostile_sim_pre_copy,
};

FIXTURE_SETUP(hostile)
{
	self->uf = userfault_none;
	ASSERT_EQ(0, hostile_pair_begin(&self->pair, variant->driver));
}

FIXTURE_TEARDOWN(hostile)
{
	const char *wrong;

	userfault_end(&self->uf);
	wrong = hostile_pair_end(&self->pair);
	EXPECT_EQ(NULL, wrong) {
		TH_LOG("after the test, %s", wrong ?: "the driver works");
	}
}

/* Regions */

#define CONFIG_SIZE	256
/* Number of offsets on each side of an edge that are accessed */
#define NEAR		9
#define CANARY		0xc5

/**
 * struct region - a region and its bytes
 * @index: its index
 * @start: position of its first byte
 * @size: number of bytes that can be accessed, 0 if the region does not exist
 * @bytes: bytes that a read returns
 * @registers: a read returns the register at its offset, and zeros behind that
 * @config: a write changes some bits only
 */
struct region {
	__u32 index;
	__u64 start;
	__u64 size;
	unsigned char *bytes;
	bool registers;
	bool config;
};

/* Return the result that a read must have, and fill in the bytes @want */
static ssize_t wanted_read(const struct hostile_driver *driver,
			   const struct region *region, __u64 offset,
			   size_t len, unsigned char *want)
{
	size_t done, piece;

	if (offset >= region->size)
		return driver->end_of_read;
	/* mdpy refuses an access across the end of a region, other drivers clip it */
	if (offset + len > region->size) {
		if (driver->trailer)
			return driver->end_of_read;
		len = region->size - offset;
	}
	if (!region->registers) {
		memcpy(want, region->bytes + offset, len);
		return len;
	}
	memset(want, 0, len);
	for (done = 0; done < len; done += piece) {
		piece = len - done >= 4 && (offset + done) % 4 == 0 ? 4 :
			len - done >= 2 && (offset + done) % 2 == 0 ? 2 : 1;
		want[done] = region->bytes[offset + done];
	}
	return len;
}

static const size_t widths[] = { 1, 2, 3, 4, 7, 8, 16, 300 };

/* Return NULL, or a text about the fault */
static const char *try_read(struct hostile_pair *pair,
			    const struct region *region, __u64 offset,
			    size_t len)
{
	unsigned char bytes[400], want[400];
	ssize_t ret, wanted;
	__u32 id;
	size_t i;

	/* This read leaves its bytes in the driver's variables on the stack */
	if (pread(pair->target.fd, &id, len < 4 ? len : 4,
		  hostile_position(&pair->target, VFIO_PCI_CONFIG_REGION_INDEX,
				   0)) <= 0)
		return "the configuration space cannot be read";
	memset(bytes, CANARY, sizeof(bytes));
	ret = mdev_result(pread(pair->target.fd, bytes, len,
				region->start + offset));
	wanted = wanted_read(pair->driver, region, offset, len, want);
	if (ret != wanted)
		return "a read of a region has a wrong result";
	for (i = len; i < sizeof(bytes); i++)
		if (bytes[i] != CANARY)
			return "a read writes behind the buffer";
	for (i = wanted > 0 ? wanted : 0; !pair->driver->trailer && i < len; i++)
		if (bytes[i] != CANARY)
			return "a read writes more than it returns";
	return wanted > 0 && memcmp(bytes, want, wanted) ?
	       "a read returns bytes that are not the region's" : NULL;
}

/* Read a region byte by byte */
static const char *read_region(struct hostile_pair *pair,
			       const struct region *region, unsigned char *bytes)
{
	__u64 offset;

	for (offset = 0; offset < region->size; offset++)
		if (pread(pair->target.fd, bytes + offset, 1,
			  region->start + offset) != 1)
			return "a byte of a region cannot be read";
	return NULL;
}

/* BAR 0 of the simulator has gaps behind the registers and behind the buffer */
static bool is_gap(const struct hostile_driver *driver, __u64 offset)
{
	return driver->sim &&
	       ((offset >= SIM_REGS_SIZE && offset < SIM_BUFFER) ||
		offset >= SIM_BUFFER + HOSTILE_SIM_STATE);
}

static const char *try_write(struct hostile_pair *pair, struct region *region,
			     const struct region *config, __u64 offset,
			     size_t len, unsigned long long *random)
{
	const struct hostile_driver *driver = pair->driver;
	unsigned char bytes[400], now[CONFIG_SIZE];
	const char *wrong = NULL;
	ssize_t ret, wanted;
	size_t taken, i;

	/* If a base address register were all ones, it would read as the size of the BAR */
	hostile_pattern(bytes, len, mdev_random(random));
	wanted = len;
	taken = len;
	if (offset >= region->size) {
		wanted = driver->end_of_write;
		taken = 0;
	} else if (offset + len > region->size) {
		taken = region->size - offset;
		wanted = driver->trailer ? driver->end_of_write :
			 (ssize_t)taken;
	}
	ret = mdev_result(pwrite(pair->target.fd, bytes, len,
				 region->start + offset));
	if (ret != wanted)
		return "a write to a region has a wrong result";

	/* A write changes these bytes and no others, except bytes in a gap */
	for (i = 0; i < taken && !region->config; i++)
		if (!is_gap(driver, offset + i))
			region->bytes[offset + i] = bytes[i];
	if (pread(pair->target.fd, now, CONFIG_SIZE, config->start) !=
	    CONFIG_SIZE)
		return "the configuration space cannot be read";
	for (i = 0; i < CONFIG_SIZE; i++) {
		if (config->bytes[i] != now[i] &&
		    (region != config || i < offset || i >= offset + taken))
			wrong = "a write changes other bytes of the configuration space";
	}
	memcpy(config->bytes, now, CONFIG_SIZE);
	return wrong;
}

static void set_region(struct __test_metadata *_metadata,
		       struct hostile_pair *pair, struct region *region,
		       __u32 index)
{
	const char *wrong;

	memset(region, 0, sizeof(*region));
	region->index = index;
	region->start = vfio_region(&pair->target, index, &region->size);
	if (!region->size) {
		/* If the region existed, it would have this position */
		region->start = (__u64)index << 40;
		return;
	}
	region->config = index == VFIO_PCI_CONFIG_REGION_INDEX;
	region->registers = !region->config && pair->driver->ports;
	/* The samples report 255 bytes, but all 256 can be accessed */
	if (region->config)
		region->size = CONFIG_SIZE;
	region->bytes = malloc(region->size);
	ASSERT_NE(NULL, region->bytes);
	if (region->size > 0x10000) {
		/* One read is enough, because the driver splits it */
		ASSERT_EQ((ssize_t)region->size,
			  pread(pair->target.fd, region->bytes, region->size,
				region->start));
		return;
	}
	wrong = read_region(pair, region, region->bytes);
	ASSERT_EQ(NULL, wrong);
}

/* Look whether the region has the bytes that it is expected to have */
static bool is_unchanged(struct hostile_pair *pair,
			 const struct region *region)
{
	unsigned char *now = malloc(region->size + 1);
	bool same = false;

	if (now && !region->size)
		same = true;
	else if (now && region->registers)
		same = !read_region(pair, region, now) &&
		       !memcmp(now, region->bytes, region->size);
	else if (now)
		same = pread(pair->target.fd, now, region->size,
			     region->start) == (ssize_t)region->size &&
		       !memcmp(now, region->bytes, region->size);
	free(now);
	return same;
}

/* Fill in the offsets at which an object in memory begins or ends, return their number */
static size_t edges_of(const struct region *region, __u64 *edges)
{
	const __u64 all[] = {
		0, 0x40, 0x1000, SIM_BUFFER + HOSTILE_SIM_STATE,
		0x10000, 0x100000, 0x100000000, 1ull << 39,
	};
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i] <= region->size || all[i] >= 0x100000000)
			edges[n++] = all[i];
	if (region->size)
		edges[n++] = region->size;
	return n;
}

#define EDGES	9

/*
 * An access with any offset and length returns and changes bytes of its region, and no
 * others
 */
TEST_F(hostile, access_stays_inside_of_its_region)
{
	static const __u32 indexes[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255, 256, 0xffff, 0x7ffffe,
	};
	struct hostile_pair *pair = &self->pair;
	unsigned long long random = pair->seed;
	struct region config, own, *region;
	unsigned long tried = 0;
	__u64 edges[EDGES], offset;
	size_t i, j, k, count;
	const char *wrong;

	if (pair->absent)
		SKIP(return, "%s", pair->absent);
	ASSERT_EQ(0, vfio_reset(&pair->target));
	set_region(_metadata, pair, &config, VFIO_PCI_CONFIG_REGION_INDEX);
	for (i = 0; i < ARRAY_SIZE(indexes); i++) {
		region = &config;
		if (indexes[i] != VFIO_PCI_CONFIG_REGION_INDEX) {
			region = &own;
			set_region(_metadata, pair, &own, indexes[i]);
		}
		count = edges_of(region, edges);
		for (j = 0; j < count; j++)
			for (offset = edges[j] < NEAR ? 0 : edges[j] - NEAR;
			     offset < edges[j] + NEAR; offset++)
				for (k = 0; k < ARRAY_SIZE(widths); k++) {
					wrong = try_read(pair, region, offset,
							 widths[k]);
					/* A write to another register of a port changes more */
					if (!region->registers ||
					    offset >= UART_SCR)
						wrong = wrong ?:
							try_write(pair, region,
								  &config,
								  offset,
								  widths[k],
								  &random);
					tried++;
					EXPECT_EQ(NULL, wrong) {
						TH_LOG("region %u, %zu bytes at 0x%llx: %s",
						       indexes[i], widths[k],
						       offset, wrong);
					}
				}
		if (region == &own) {
			EXPECT_TRUE(is_unchanged(pair, &own));
			free(own.bytes);
		}
	}
	free(config.bytes);
	TH_LOG("%lu accesses were tried", tried);
}

/* The next user of a device */

/* Read a device and its stream, return the length of both or a negative errno */
static ssize_t read_device(struct vfio_test_device *dev,
			   const struct hostile_pair *pair,
			   unsigned char *image)
{
	const struct hostile_place *place = pair->driver->place;
	unsigned char *at = image;
	ssize_t ret, i;

	ret = pread(dev->fd, at, CONFIG_SIZE,
		    hostile_position(dev, VFIO_PCI_CONFIG_REGION_INDEX, 0));
	at += CONFIG_SIZE;
	for (i = 0; ret > 0 && i < HOSTILE_PLACES && place[i].len; i++) {
		ret = pread(dev->fd, at, place[i].len,
			    hostile_position(dev, place[i].region,
					     place[i].offset));
		at += place[i].len;
	}
	if (ret <= 0)
		return mdev_result(ret) ?: -ENODATA;
	if (!pair->migrates)
		return at - image;
	ret = vfio_save(dev, at, pair->driver->stream_max - (at - image), 0);
	return ret < 0 ? ret : at + ret - image;
}

/* Write to each place of a device, and to its configuration space */
static int fill_device(struct vfio_test_device *dev,
		       const struct hostile_driver *driver)
{
	const __u64 config = hostile_position(dev, VFIO_PCI_CONFIG_REGION_INDEX,
					      0);
	static const unsigned char address[] = { 0, 0, 0xcd, 0xab }, line = 11;

	if (pwrite(dev->fd, address, sizeof(address), config + 0x10) < 0 ||
	    pwrite(dev->fd, &line, 1, config + 0x3c) < 0)
		return -errno;
	return hostile_mark(dev, driver, 5);
}

/* The next user of a device must not find any byte of the user before */
TEST_F(hostile, reset_and_close_leave_a_new_device)
{
	struct hostile_pair *pair = &self->pair;
	struct vfio_test_device *dev = &pair->target;
	ssize_t new, len;
	int closes;

	if (pair->absent)
		SKIP(return, "%s", pair->absent);
	ASSERT_EQ(0, vfio_remove(&pair->source));
	pair->source = vfio_no_device;
	ASSERT_EQ(0, vfio_create(&pair->source, pair->driver->type_dir));
	new = read_device(&pair->source, pair, pair->saved);
	ASSERT_LT(0, new);
	for (closes = 0; closes < 2; closes++) {
		ASSERT_EQ(0, fill_device(dev, pair->driver));
		len = read_device(dev, pair, pair->other);
		EXPECT_EQ(new, len);
		EXPECT_NE(0, memcmp(pair->saved, pair->other, new));
		if (closes) {
			vfio_close(dev);
			ASSERT_EQ(0, vfio_open(dev));
		} else {
			EXPECT_EQ(0, vfio_reset(dev));
		}
		len = read_device(dev, pair, pair->other);
		EXPECT_EQ(new, len);
		EXPECT_EQ(0, memcmp(pair->saved, pair->other, new)) {
			TH_LOG("a %s leaves bytes behind", closes ? "close" : "reset");
		}
	}
}

/* Files that are kept */

static void *remove_in_thread(void *uuid)
{
	return (void *)(long)mdev_remove(uuid);
}

/* Return NULL if the file of a migration is dead, or a text about the access that works */
static const char *is_alive(int fd)
{
	struct vfio_precopy_info info = { .argsz = sizeof(info) };
	char byte = 0;
	int ret;

	ret = mdev_result(read(fd, &byte, 1));
	if (ret != -ENODEV && ret != -EBADF)
		return "a read of the file has a wrong result";
	if (mdev_result(write(fd, &byte, 1)) !=
	    (ret == -ENODEV ? -EBADF : -ENODEV))
		return "a write to the file has a wrong result";
	ret = mdev_result(ioctl(fd, VFIO_MIG_GET_PRECOPY_INFO, &info));
	return ret == -ENODEV || ret == -ENOTTY ?
	       NULL : "an ioctl of the file has a wrong result";
}

#define EXPECT_DEAD(file, when) do { \
	const char *_wrong = is_alive(file); \
	\
	EXPECT_EQ(NULL, _wrong) { \
		TH_LOG("%s: %s", when, _wrong); \
	} \
} while (0)

/*
 * The file of a migration can be open for longer than its device exists.  Each access
 * fails then, and the module stays until the file is closed.
 */
TEST_F(hostile, kept_stream_is_dead_when_its_device_is_gone)
{
	static const __u32 states[] = {
		VFIO_DEVICE_STATE_STOP_COPY, VFIO_DEVICE_STATE_RESUMING,
		VFIO_DEVICE_STATE_PRE_COPY,
	};
	struct hostile_pair *pair = &self->pair;
	const struct hostile_driver *driver = pair->driver;
	struct vfio_test_device *dev = &pair->target, next[4];
	int fd, copy, ret;
	size_t i, j;

	if (hostile_lacks(pair))
		SKIP(return, "%s", hostile_lacks(pair));
	ret = vfio_migration_flags(dev);
	ASSERT_EQ(0, vfio_remove(&pair->source));
	pair->source = vfio_no_device;
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		if (states[i] == VFIO_DEVICE_STATE_PRE_COPY &&
		    !(ret & VFIO_MIGRATION_PRE_COPY))
			continue;

		/* The device is closed in the middle of a migration */
		ASSERT_EQ(0, vfio_set_state(dev, states[i]));
		fd = dev->data_fd;
		dev->data_fd = -1;
		copy = dup(fd);
		if (states[i] == VFIO_DEVICE_STATE_RESUMING)
			EXPECT_EQ((ssize_t)driver->header_size,
				  write(fd, pair->stream, driver->header_size));
		vfio_close(dev);
		EXPECT_DEAD(fd, "the device is closed");
		ASSERT_EQ(0, vfio_open(dev));
		EXPECT_EQ(VFIO_DEVICE_STATE_RUNNING, vfio_state(dev));
		EXPECT_FALSE(hostile_has_mark(dev, driver, 2));
		EXPECT_DEAD(fd, "the device is open again");
		close(fd);
		EXPECT_DEAD(copy, "the other descriptor is closed");
		close(copy);

		/* The device is reset, and the next migration begins */
		ASSERT_EQ(0, vfio_set_state(dev, states[i]));
		fd = dev->data_fd;
		dev->data_fd = -1;
		ASSERT_EQ(0, vfio_reset(dev));
		ASSERT_EQ(0, vfio_set_state(dev, states[i]));
		EXPECT_DEAD(fd, "the next migration goes on");
		close(fd);
		vfio_close_fd(&dev->data_fd);
		ASSERT_EQ(0, vfio_reset(dev));

		/* The device is removed, and new devices may get its memory */
		ASSERT_EQ(0, vfio_set_state(dev, states[i]));
		fd = dev->data_fd;
		dev->data_fd = -1;
		ASSERT_EQ(0, vfio_remove(dev));
		for (j = 0; j < ARRAY_SIZE(next); j++) {
			next[j] = vfio_no_device;
			EXPECT_EQ(0, vfio_create(&next[j], driver->type_dir));
		}
		EXPECT_DEAD(fd, "the device is removed");
		for (j = 0; j < ARRAY_SIZE(next); j++)
			EXPECT_EQ(0, vfio_remove(&next[j]));
		/* The file keeps the module, because its functions are the module's */
		EXPECT_EQ(-EAGAIN, mdev_module_unload(driver->module));
		EXPECT_DEAD(fd, "the module cannot be unloaded");
		close(fd);
		EXPECT_EQ(0, hostile_unload_driver(driver));
		ASSERT_EQ(0, hostile_load_driver(driver));
		*dev = vfio_no_device;
		ASSERT_EQ(0, vfio_create(dev, driver->type_dir));
		ASSERT_EQ(0, hostile_mark(dev, driver, 2));
	}
}

/* A removal waits until the last file of the device is closed; the file works until then */
TEST_F(hostile, kept_device_works_until_it_is_closed)
{
	struct hostile_pair *pair = &self->pair;
	const struct hostile_driver *driver = pair->driver;
	struct vfio_test_device *dev = &pair->target;
	char path[MDEV_PATH_SIZE];
	pthread_t thread;
	void *removed;
	int copy;

	if (pair->absent)
		SKIP(return, "%s", pair->absent);
	ASSERT_EQ(0, vfio_remove(&pair->source));
	pair->source = vfio_no_device;
	copy = dup(dev->fd);
	EXPECT_EQ(-EAGAIN, mdev_module_unload(driver->module));
	ASSERT_EQ(0, pthread_create(&thread, NULL, remove_in_thread,
				    dev->uuid));
	/* The removal has begun when this file is gone */
	snprintf(path, sizeof(path), MDEV_DEVICES "%s/remove", dev->uuid);
	while (!access(path, F_OK))
		sched_yield();

	EXPECT_TRUE(hostile_has_mark(dev, driver, 2));
	EXPECT_EQ(0, vfio_reset(dev));
	EXPECT_EQ(-EAGAIN, mdev_module_unload(driver->module));
	close(dev->fd);
	dev->fd = copy;
	EXPECT_EQ(0, hostile_mark(dev, driver, 4));
	EXPECT_TRUE(hostile_has_mark(dev, driver, 4));
	if (pair->migrates) {
		EXPECT_EQ(0, vfio_set_state(dev, VFIO_DEVICE_STATE_STOP_COPY));
		copy = dev->data_fd;
		dev->data_fd = -1;
	}
	vfio_close(dev);
	ASSERT_EQ(0, pthread_join(thread, &removed));
	EXPECT_EQ(NULL, removed);
	dev->uuid[0] = '\0';
	if (pair->migrates) {
		EXPECT_DEAD(copy, "the device is removed");
		close(copy);
	}
	EXPECT_EQ(0, hostile_unload_driver(driver));
	ASSERT_EQ(0, hostile_load_driver(driver));
}

/* Copies that are stalled */

/* Seconds.  If a call waits for a stalled call, the test ends with this timeout. */
#define STALL_TIMEOUT	60

/* A stalled access has this number of bytes before the page, and as many in it */
#define HALF		8

struct stalled {
	struct hostile_pair *pair;
	struct vfio_test_device *dev;
	int fd;
};

static ssize_t stall_stream_read(struct userfault *uf, void *arg)
{
	struct stalled *stalled = arg;

	return mdev_result(read(stalled->fd, uf->page - HALF, 2 * HALF));
}

/* Return the length of a stalled write: a small stream is written as a whole */
static size_t stalled_write_size(const struct hostile_pair *pair)
{
	return pair->len < 1000 ? pair->len : 2 * HALF;
}

static ssize_t stall_stream_write(struct userfault *uf, void *arg)
{
	struct stalled *stalled = arg;

	return mdev_result(write(stalled->fd, uf->page - HALF,
				 stalled_write_size(stalled->pair)));
}

static ssize_t stall_precopy_info(struct userfault *uf, void *arg)
{
	struct vfio_precopy_info info = { .argsz = sizeof(info) };
	struct stalled *stalled = arg;

	memcpy(uf->page - HALF, &info, HALF);
	return mdev_result(ioctl(stalled->fd, VFIO_MIG_GET_PRECOPY_INFO,
				 uf->page - HALF));
}

static ssize_t stall_region_read(struct userfault *uf, void *arg)
{
	struct stalled *stalled = arg;
	__u64 config = hostile_position(stalled->dev,
					VFIO_PCI_CONFIG_REGION_INDEX, 0);

	return mdev_result(pread(stalled->fd, uf->page - HALF, 2 * HALF,
				 config));
}

static ssize_t stall_region_write(struct userfault *uf, void *arg)
{
	struct stalled *stalled = arg;
	const struct hostile_place *place = stalled->pair->driver->place;

	return mdev_result(pwrite(stalled->fd, uf->page, place->len,
				  hostile_position(stalled->dev, place->region,
						   place->offset)));
}

static ssize_t stall_info(struct userfault *uf, void *arg)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct stalled *stalled = arg;

	memcpy(uf->page - HALF, &info, HALF);
	return mdev_result(ioctl(stalled->fd, VFIO_DEVICE_GET_INFO,
				 uf->page - HALF));
}

static ssize_t stall_set_state(struct userfault *uf, void *arg)
{
	struct vfio_device_feature feature = {
		.argsz = sizeof(feature) +
			 sizeof(struct vfio_device_feature_mig_state),
		.flags = VFIO_DEVICE_FEATURE_SET |
			 VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE,
	};
	struct stalled *stalled = arg;

	memcpy(uf->page - sizeof(feature), &feature, sizeof(feature));
	return mdev_result(ioctl(stalled->fd, VFIO_DEVICE_FEATURE,
				 uf->page - sizeof(feature)));
}

static ssize_t stall_irqs(struct userfault *uf, void *arg)
{
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = VFIO_IRQ_SET_ACTION_TRIGGER | VFIO_IRQ_SET_DATA_NONE,
	};
	struct stalled *stalled = arg;

	memcpy(uf->page - HALF, &set, HALF);
	return mdev_result(ioctl(stalled->fd, VFIO_DEVICE_SET_IRQS,
				 uf->page - HALF));
}

static const struct stalled_call {
	const char *name;
	ssize_t (*call)(struct userfault *uf, void *arg);
	/* State of the device, and whether the call is made with the file of the stream */
	__u32 state;
	bool of_stream;
} stalled_calls[] = {
	{ "read of a stream", stall_stream_read,
	  VFIO_DEVICE_STATE_STOP_COPY, true },
	{ "early read of a stream", stall_stream_read,
	  VFIO_DEVICE_STATE_PRE_COPY, true },
	{ "write of a stream", stall_stream_write,
	  VFIO_DEVICE_STATE_RESUMING, true },
	{ "ioctl of a stream", stall_precopy_info,
	  VFIO_DEVICE_STATE_PRE_COPY, true },
	{ "read of a region", stall_region_read,
	  VFIO_DEVICE_STATE_RUNNING, false },
	{ "write of a region", stall_region_write,
	  VFIO_DEVICE_STATE_RUNNING, false },
	{ "ioctl of a device", stall_info, VFIO_DEVICE_STATE_RUNNING, false },
	{ "change of a state", stall_set_state,
	  VFIO_DEVICE_STATE_RUNNING, false },
	{ "setting of an interrupt", stall_irqs,
	  VFIO_DEVICE_STATE_RUNNING, false },
};

/* The test does one of these while another thread is stalled */
enum meanwhile {
	RESET,
	CHANGE_STATE,
	MIGRATE_AGAIN,
	CLOSE,
	REMOVE,
	MEANWHILES,
};

static const char * const meanwhile_names[MEANWHILES] = {
	"a reset", "a change of state", "another migration", "a close",
	"a removal",
};

static const char *do_meanwhile(struct hostile_pair *pair,
				const struct stalled_call *stalled,
				enum meanwhile meanwhile)
{
	struct vfio_test_device *dev = &pair->target;
	const struct hostile_driver *driver = pair->driver;
	int ret, data_fd;

	switch (meanwhile) {
	case RESET:
		return vfio_reset(dev) ? "the device cannot be reset" : NULL;
	case CHANGE_STATE:
		ret = vfio_set_state(dev, stalled->of_stream ?
				     VFIO_DEVICE_STATE_RUNNING :
				     VFIO_DEVICE_STATE_STOP);
		if (stalled->state == VFIO_DEVICE_STATE_RESUMING ? !ret : ret)
			return "the change of the state has a wrong result";
		return vfio_state(dev) < 0 ? "the state cannot be read" : NULL;
	case MIGRATE_AGAIN:
		if (vfio_reset(dev) || hostile_save(dev, driver, pair->other) !=
				       (ssize_t)pair->len)
			return "the device cannot be saved";
		return hostile_load(dev, driver, pair->stream, pair->len,
				    pair->len, NULL) ?
		       "the device cannot be loaded" : NULL;
	case CLOSE:
		vfio_close(dev);
		/* A stalled call keeps the file of the device open */
		return stalled->of_stream && vfio_open(dev) ?
		       "the device cannot be opened again" : NULL;
	case REMOVE:
		data_fd = dev->data_fd;
		dev->data_fd = -1;
		if (stalled->of_stream && vfio_remove(dev))
			return "the device cannot be removed";
		dev->data_fd = data_fd;
		return NULL;
	default:
		return "nothing is done";
	}
}

/* Look whether the stalled call may have this result */
static bool may_return(struct hostile_pair *pair,
		       const struct stalled_call *stalled,
		       enum meanwhile meanwhile, ssize_t ret)
{
	if (!stalled->of_stream)
		return ret >= 0 || ret == -EINVAL || ret == -EBUSY ||
		       ret == -ENOTTY || ret == -EFAULT;
	/* The simulator may have taken the bytes before the stream ended */
	if (stalled->call == stall_stream_read && pair->driver->sim)
		return ret == 2 * HALF || ret == -ENODEV;
	/* The samples refuse to load an incomplete stream, and stay in RESUMING */
	if (stalled->call == stall_stream_write && meanwhile == CHANGE_STATE &&
	    !pair->driver->sim)
		return ret == (ssize_t)stalled_write_size(pair);
	return ret == -ENODEV;
}

/*
 * No other call waits for a stalled copy.  When the copy goes on, it does not touch a
 * device or a stream that no longer exists.
 */
TEST_F_TIMEOUT(hostile, stalled_copy_holds_up_nothing, STALL_TIMEOUT)
{
	struct hostile_pair *pair = &self->pair;
	const struct hostile_driver *driver = pair->driver;
	struct vfio_test_device *dev = &pair->target;
	const struct stalled_call *call;
	struct stalled stalled;
	enum meanwhile meanwhile;
	unsigned int done = 0;
	const char *wrong;
	size_t i, taken;
	ssize_t ret;
	int flags;

	if (hostile_lacks(pair))
		SKIP(return, "%s", hostile_lacks(pair));
	flags = vfio_migration_flags(dev);
	for (i = 0; i < ARRAY_SIZE(stalled_calls) * MEANWHILES; i++) {
		call = &stalled_calls[i / MEANWHILES];
		meanwhile = i % MEANWHILES;
		if (call->state == VFIO_DEVICE_STATE_PRE_COPY &&
		    !(flags & VFIO_MIGRATION_PRE_COPY))
			continue;
		ASSERT_EQ(0, vfio_set_state(dev, call->state));
		stalled = (struct stalled){
			.pair = pair,
			.dev = dev,
			.fd = call->of_stream ? dev->data_fd : dev->fd,
		};
		/* vfio_close() must not close the file of the stream, which this test closes */
		dev->data_fd = -1;
		ASSERT_EQ(0, userfault_begin(&self->uf)) {
			TH_LOG("the test needs userfaultfd(2)");
		}
		memcpy(self->uf.page - HALF, pair->stream, HALF);
		ret = userfault_stall(&self->uf, call->call, &stalled);
		/* A driver may refuse interrupts before it copies the argument */
		EXPECT_TRUE(!ret || (ret == -ENODATA &&
				     call->call == stall_irqs)) {
			TH_LOG("the %s was not stalled: %zd", call->name, ret);
		}
		done += !ret;
		wrong = do_meanwhile(pair, call, meanwhile);
		EXPECT_EQ(NULL, wrong) {
			TH_LOG("%s during the %s: %s", meanwhile_names[meanwhile],
			       call->name, wrong);
		}
		taken = stalled_write_size(pair) - HALF;
		if (!ret)
			EXPECT_EQ(0, userfault_release(&self->uf, pair->stream +
						       HALF, taken));
		ret = userfault_result(&self->uf);
		EXPECT_TRUE(may_return(pair, call, meanwhile, ret)) {
			TH_LOG("the %s after %s has the result %zd", call->name,
			       meanwhile_names[meanwhile], ret);
		}
		userfault_end(&self->uf);
		if (call->of_stream)
			close(stalled.fd);
		vfio_close(dev);
		if (meanwhile == REMOVE && call->of_stream)
			EXPECT_EQ(0, mdev_create(driver->type_dir, dev->uuid));
		ASSERT_EQ(0, vfio_open(dev));
		EXPECT_FALSE(hostile_has_mark(dev, driver, 1));
	}
	TH_LOG("%u calls were stalled", done);
}

/**
 * struct other_call - a call of another thread, which has to wait for a call before
 * @thread: the thread
 * @tid: its number, when it runs
 * @ended: @call has returned
 * @call: makes the call and returns its result
 * @fd: file of a stream
 * @bytes: bytes that are written to @fd
 * @len: number of @bytes
 * @result: result of @call
 */
struct other_call {
	pthread_t thread;
	pid_t tid;
	bool ended;
	ssize_t (*call)(const struct other_call *call);
	int fd;
	const unsigned char *bytes;
	size_t len;
	ssize_t result;
};

static void *make_other_call(void *arg)
{
	struct other_call *call = arg;

	__atomic_store_n(&call->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	call->result = call->call(call);
	__atomic_store_n(&call->ended, true, __ATOMIC_RELEASE);
	return NULL;
}

/* Begin a call, and return when it waits or has ended */
static int begin_other_call(struct other_call *call)
{
	int ret = pthread_create(&call->thread, NULL, make_other_call, call);

	while (!ret && (!__atomic_load_n(&call->tid, __ATOMIC_ACQUIRE) ||
			!userfault_is_blocked(call->tid)))
		sched_yield();
	return -ret;
}

static ssize_t read_stream(const struct other_call *call)
{
	unsigned char bytes[2 * HALF];

	return mdev_result(read(call->fd, bytes, sizeof(bytes)));
}

static ssize_t write_stream(const struct other_call *call)
{
	return mdev_result(write(call->fd, call->bytes, call->len));
}

static void do_nothing(int signal)
{
	(void)signal;
}

/* Send signals to a thread until it has ended */
static void interrupt_thread(pthread_t thread, const bool *ended)
{
	struct sigaction action = { .sa_handler = do_nothing };

	sigaction(SIGUSR1, &action, NULL);
	while (!__atomic_load_n(ended, __ATOMIC_ACQUIRE)) {
		pthread_kill(thread, SIGUSR1);
		usleep(1000);
	}
}

/*
 * Two threads access one stream: the second one waits until the first one has its
 * bytes, or until a signal comes
 */
TEST_F_TIMEOUT(hostile, second_access_comes_after_a_stalled_one, STALL_TIMEOUT)
{
	struct hostile_pair *pair = &self->pair;
	struct vfio_test_device *dev = &pair->target;
	struct other_call second;
	struct stalled stalled;
	size_t size;
	bool writes;
	int i;

	if (hostile_lacks(pair))
		SKIP(return, "%s", hostile_lacks(pair));
	for (i = 0; i < 4; i++) {
		writes = i % 2;
		size = writes ? stalled_write_size(pair) : 2 * HALF;
		ASSERT_EQ(0, vfio_set_state(dev, writes ?
					    VFIO_DEVICE_STATE_RESUMING :
					    VFIO_DEVICE_STATE_STOP_COPY));
		stalled = (struct stalled){
			.pair = pair,
			.dev = dev,
			.fd = dev->data_fd,
		};
		second = (struct other_call){
			.call = writes ? write_stream : read_stream,
			.fd = dev->data_fd,
			.bytes = pair->stream,
			.len = pair->len,
		};
		ASSERT_EQ(0, userfault_begin(&self->uf)) {
			TH_LOG("the test needs userfaultfd(2)");
		}
		memcpy(self->uf.page - HALF, pair->stream, HALF);
		ASSERT_EQ(0, userfault_stall(&self->uf, writes ?
					     stall_stream_write :
					     stall_stream_read, &stalled));
		ASSERT_EQ(0, begin_other_call(&second));
		if (i < 2)
			interrupt_thread(second.thread, &second.ended);
		EXPECT_EQ(0, userfault_release(&self->uf, pair->stream + HALF,
					       size - HALF));
		EXPECT_EQ((ssize_t)size, userfault_result(&self->uf));
		EXPECT_EQ(0, pthread_join(second.thread, NULL));
		/* A whole stream does not have room behind the bytes of the first write */
		EXPECT_TRUE(i < 2 ? second.result == -EINTR :
			    writes ? second.result < 0 :
			    second.result == 2 * HALF) {
			TH_LOG("the second %s has the result %zd", writes ? "write" : "read",
			       second.result);
		}
		userfault_end(&self->uf);
		vfio_close_fd(&dev->data_fd);
		ASSERT_EQ(0, vfio_reset(dev));
	}
}

/* A stalled write to a dead stream does not reach the memory of the next stream */
TEST_F_TIMEOUT(hostile, stalled_write_does_not_reach_the_next_stream,
	       STALL_TIMEOUT)
{
	struct hostile_pair *pair = &self->pair;
	struct vfio_test_device *dev = &pair->target;
	struct stalled stalled = { .pair = pair, .dev = dev };
	unsigned char wrong[256];

	if (hostile_lacks(pair))
		SKIP(return, "%s", hostile_lacks(pair));
	memset(wrong, 0xee, sizeof(wrong));
	ASSERT_EQ(0, vfio_set_state(dev, VFIO_DEVICE_STATE_RESUMING));
	stalled.fd = dev->data_fd;
	dev->data_fd = -1;
	ASSERT_EQ(0, userfault_begin(&self->uf)) {
		TH_LOG("the test needs userfaultfd(2)");
	}
	memcpy(self->uf.page - HALF, wrong, HALF);
	ASSERT_EQ(0, userfault_stall(&self->uf, stall_stream_write, &stalled));

	ASSERT_EQ(0, vfio_reset(dev));
	ASSERT_EQ(0, vfio_set_state(dev, VFIO_DEVICE_STATE_RESUMING));
	EXPECT_EQ(0, vfio_write_stream(dev, pair->stream, pair->len,
				       pair->len));
	EXPECT_EQ(0, userfault_release(&self->uf, wrong, sizeof(wrong)));
	EXPECT_EQ(-ENODEV, userfault_result(&self->uf));
	EXPECT_EQ(0, vfio_set_state(dev, VFIO_DEVICE_STATE_RUNNING));
	EXPECT_TRUE(hostile_has_mark(dev, pair->driver, 1));
	close(stalled.fd);
}

/* The memory of dead streams: the OOM killer does not find a process that has it */

#define DEAD_FILES	16
#define LARGE_STATE	0x200000

FIXTURE(memory) {
	struct vfio_test_device dev;
	struct userfault uf;
};

FIXTURE_VARIANT(memory) {
	const struct hostile_driver *driver;
};

FIXTURE_VARIANT_ADD(memory, mdpy) {
	.driver = &hostile_mdpy,
};

FIXTURE_VARIANT_ADD(memory, sim) {
	.driver = &hostile_sim,
};

FIXTURE_SETUP(memory)
{
	char size[16];

	self->dev = vfio_no_device;
	self->uf = userfault_none;
	ASSERT_EQ(0, hostile_load_driver(variant->driver));
	snprintf(size, sizeof(size), "%d", LARGE_STATE);
	if (variant->driver->sim)
		ASSERT_EQ(0, sim_set(SIM_TARGET, "state_size", size));
	ASSERT_EQ(0, vfio_create(&self->dev, variant->driver->type_dir));
}

FIXTURE_TEARDOWN(memory)
{
	userfault_end(&self->uf);
	EXPECT_EQ(0, vfio_remove(&self->dev));
	if (variant->driver->sim)
		EXPECT_EQ(0, sim_remove_all());
}

static ssize_t stall_any(struct userfault *uf, void *arg)
{
	int fd = *(int *)arg;
	ssize_t ret = mdev_result(read(fd, uf->page - HALF, 2 * HALF));

	return ret != -EBADF ? ret :
	       mdev_result(write(fd, uf->page - HALF, 2 * HALF));
}

/* The end of a migration whose file is kept */
enum ending {
	END_BY_RESET,
	END_BY_CLOSE,
	END_BY_REMOVAL,
	END_WHILE_STALLED,
	ENDINGS,
};

static const char * const ending_names[ENDINGS] = {
	"a reset", "a close", "a removal", "a reset with a stalled copy",
};

static int end_migration(struct vfio_test_device *dev,
			 const struct hostile_driver *driver,
			 struct userfault *uf, enum ending how, int *fd)
{
	int ret;

	*fd = dev->data_fd;
	dev->data_fd = -1;
	switch (how) {
	case END_BY_RESET:
		return vfio_reset(dev);
	case END_BY_CLOSE:
		vfio_close(dev);
		return vfio_open(dev);
	case END_BY_REMOVAL:
		ret = vfio_remove(dev);
		*dev = vfio_no_device;
		return ret ?: vfio_create(dev, driver->type_dir);
	default:
		ret = userfault_begin(uf);
		ret = ret ?: userfault_stall(uf, stall_any, fd);
		ret = ret ?: vfio_reset(dev);
		ret = ret ?: userfault_release(uf, "", 0);
		userfault_result(uf);
		userfault_end(uf);
		return ret;
	}
}

TEST_F(memory, dead_streams_do_not_hold_memory)
{
	static const __u32 states[] = {
		VFIO_DEVICE_STATE_STOP_COPY, VFIO_DEVICE_STATE_RESUMING,
	};
	int fds[DEAD_FILES], j;
	long long before, after;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(states) * ENDINGS; i++) {
		before = mdev_available_memory();
		ASSERT_LT(0, before);
		for (j = 0; j < DEAD_FILES; j++) {
			ASSERT_EQ(0, vfio_set_state(&self->dev, states[i % 2]));
			ASSERT_EQ(0, end_migration(&self->dev, variant->driver,
						   &self->uf, i / 2,
						   &fds[j]));
		}
		after = mdev_available_memory();
		EXPECT_GT(DEAD_FILES / 2 * LARGE_STATE, before - after) {
			TH_LOG("%d files of state %u hold memory after %s: %lld bytes",
			       DEAD_FILES, states[i % 2],
			       ending_names[i / 2], before - after);
		}
		for (j = 0; j < DEAD_FILES; j++)
			close(fds[j]);
	}
}

/* The attribute */

static const struct hostile_driver * const asked_drivers[] = {
	&hostile_mtty_one_port, &hostile_mdpy, &hostile_sim,
};

FIXTURE(attribute) {
};

FIXTURE_SETUP(attribute)
{
	struct sigaction action = { .sa_handler = do_nothing };
	size_t i;

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	for (i = 0; i < ARRAY_SIZE(asked_drivers); i++)
		ASSERT_EQ(0, hostile_load_driver(asked_drivers[i]));
}

FIXTURE_TEARDOWN(attribute)
{
	const char *wrong;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(asked_drivers); i++) {
		wrong = hostile_answers(asked_drivers[i]);
		EXPECT_EQ(NULL, wrong) {
			TH_LOG("%s: %s", asked_drivers[i]->module, wrong);
		}
	}
	EXPECT_EQ(0, sim_remove_all());
}

/* The simulator sleeps in its callbacks, so that a signal can end an answer */
static int load_asked_driver(const struct hostile_driver *driver)
{
	int ret = hostile_load_driver(driver);

	if (driver->sim)
		ret = ret ?: sim_set(SIM_TARGET, "delay_ms", "1");
	return ret;
}

enum presence {
	THERE,
	MOVING,
	AWAY,
};

struct asker {
	pthread_t id;
	const struct hostile_driver *driver;
	/* The presence of the drivers, plus 4 for each time that they went or came */
	const unsigned long *state;
	const bool *over;
	unsigned long asked;
	unsigned long answered;
	unsigned long interrupted;
	/* The number of wrong answers, and the first one */
	unsigned long wrong;
	ssize_t result;
};

static ssize_t ask(const struct asker *asker, unsigned long how,
		   ssize_t *wanted)
{
	const struct hostile_driver *driver = asker->driver;
	char shown[64];
	ssize_t ret;

	switch (how % 3) {
	case 0:
		ret = mdev_read_attr(driver->type_dir, "migration_version",
				     shown, sizeof(shown));
		*wanted = strlen(driver->version) + 1;
		if (ret == *wanted &&
		    strncmp(shown, driver->version, ret - 1))
			return -EBADMSG;
		return ret;
	case 1:
		*wanted = strlen(driver->version);
		return mdev_check_string(driver->type_dir, driver->version);
	default:
		*wanted = -EINVAL;
		return mdev_check(driver->type_dir, "\n\n", 2);
	}
}

static void *run_asker(void *arg)
{
	struct asker *asker = arg;
	unsigned long before, after;
	enum presence presence;
	ssize_t ret, wanted;

	while (!__atomic_load_n(asker->over, __ATOMIC_ACQUIRE)) {
		before = __atomic_load_n(asker->state, __ATOMIC_SEQ_CST);
		ret = ask(asker, asker->asked, &wanted);
		after = __atomic_load_n(asker->state, __ATOMIC_SEQ_CST);
		presence = before == after ? before % 4 : MOVING;
		if (ret == -EINTR) {
			asker->interrupted++;
		} else if (ret == wanted && presence != AWAY) {
			asker->answered++;
		} else if (presence == THERE ||
			   (ret != -ENOENT && ret != -ENODEV)) {
			if (!asker->wrong++)
				asker->result = ret;
		}
		__atomic_fetch_add(&asker->asked, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

#define ASKERS		6
/* Questions of each asker before the drivers go, and again before they come */
#define ASKED_A_PHASE	4
#define ROUNDS		3

/* Send signals until each asker has asked ASKED_A_PHASE times */
static void let_ask(struct asker *askers)
{
	unsigned long until[ASKERS];
	int i;

	for (i = 0; i < ASKERS; i++)
		until[i] = __atomic_load_n(&askers[i].asked, __ATOMIC_SEQ_CST) +
			   ASKED_A_PHASE;
	for (i = 0; i < ASKERS; i++)
		while (__atomic_load_n(&askers[i].asked, __ATOMIC_SEQ_CST) <
		       until[i]) {
			pthread_kill(askers[i].id, SIGUSR1);
			sched_yield();
		}
}

/*
 * Readers and writers, interrupted by signals, while all parents go and come: each
 * result is the right answer, or an errno for a question that was not answered
 */
TEST_F(attribute, answers_while_its_parent_goes_and_comes)
{
	const size_t drivers = ARRAY_SIZE(asked_drivers);
	unsigned long state = THERE, asked = 0, interrupted = 0;
	struct asker askers[ASKERS] = {};
	bool over = false;
	size_t i;
	int round;

	for (i = 0; i < ASKERS; i++) {
		askers[i].driver = asked_drivers[i % drivers];
		askers[i].state = &state;
		askers[i].over = &over;
		ASSERT_EQ(0, pthread_create(&askers[i].id, NULL, run_asker,
					    &askers[i]));
	}
	for (round = 0; round < ROUNDS; round++) {
		let_ask(askers);
		__atomic_store_n(&state, state / 4 * 4 + 4 + MOVING,
				 __ATOMIC_SEQ_CST);
		for (i = 0; i < drivers; i++)
			EXPECT_EQ(0, hostile_unload_driver(asked_drivers[i]));
		__atomic_store_n(&state, state / 4 * 4 + AWAY,
				 __ATOMIC_SEQ_CST);
		let_ask(askers);
		__atomic_store_n(&state, state / 4 * 4 + 4 + MOVING,
				 __ATOMIC_SEQ_CST);
		for (i = 0; i < drivers; i++)
			EXPECT_EQ(0, load_asked_driver(asked_drivers[i]));
		__atomic_store_n(&state, state / 4 * 4 + THERE,
				 __ATOMIC_SEQ_CST);
	}
	let_ask(askers);
	__atomic_store_n(&over, true, __ATOMIC_RELEASE);
	for (i = 0; i < ASKERS; i++) {
		EXPECT_EQ(0, pthread_join(askers[i].id, NULL));
		EXPECT_EQ(0ul, askers[i].wrong) {
			TH_LOG("asker %zu of %s has the wrong result %zd", i,
			       askers[i].driver->module, askers[i].result);
		}
		EXPECT_LT(0ul, askers[i].answered);
		asked += askers[i].asked;
		interrupted += askers[i].interrupted;
	}
	TH_LOG("%lu questions were asked, %lu of them interrupted", asked,
	       interrupted);
}

static ssize_t show_version(const struct other_call *call)
{
	char shown[64];

	(void)call;
	return mdev_read_attr(SIM_TARGET_DIR, "migration_version", shown,
			      sizeof(shown));
}

static ssize_t check_version(const struct other_call *call)
{
	(void)call;
	return mdev_check_string(SIM_TARGET_DIR, SIM_VERSION);
}

static ssize_t kill_parent(const struct other_call *call)
{
	(void)call;
	return sim_live(SIM_TARGET, "0");
}

/* The removal of a parent waits for the driver's answer, which a signal ends */
TEST_F_TIMEOUT(attribute, signal_ends_the_answer_that_a_parent_waits_for, STALL_TIMEOUT)
{
	struct other_call question, end;
	int i;

	for (i = 0; i < 2; i++) {
		question = (struct other_call){
			.call = i ? check_version : show_version,
		};
		end = (struct other_call){ .call = kill_parent };
		ASSERT_EQ(0, sim_set(SIM_TARGET, "delay_ms", "4294967295"));
		ASSERT_EQ(0, begin_other_call(&question));
		ASSERT_EQ(0, begin_other_call(&end));
		interrupt_thread(question.thread, &question.ended);
		EXPECT_EQ(0, pthread_join(question.thread, NULL));
		EXPECT_EQ(0, pthread_join(end.thread, NULL));
		EXPECT_EQ(-EINTR, question.result);
		EXPECT_EQ(0, end.result);
		EXPECT_EQ(-ENOENT, mdev_check_string(SIM_TARGET_DIR, "a-1.0"));

		ASSERT_EQ(0, sim_set(SIM_TARGET, "delay_ms", "0"));
		ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	}
}

int main(int argc, char *argv[])
{
	hostile_require();
	return test_harness_run(argc, argv);
}
