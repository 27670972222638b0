// SPDX-License-Identifier: GPL-2.0-only
/*
 * The drivers withstand a hostile VMM, whichever calls of VFIO it makes: a driver does not
 * return memory that is not the device's, load a stream that it has refused, or stop
 * working
 *
 * After each test, devices of the driver are created, migrated and removed, and
 * migration_version is asked, because the driver must still work.  A kernel with KASAN,
 * KCSAN or lockdep also finds faults that these tests do not see.
 *
 * MDEV_HOSTILE_STEPS is the number of random steps of all drivers together, and
 * MDEV_HOSTILE_VALUES the number of values that each byte of a header is set to, up
 * to 256.  The random choices depend on MDEV_HOSTILE_SEED, so that equal seeds give
 * equal choices.
 */

#include <sys/eventfd.h>

#include "hostile_test_utils.h"

#define STEPS_DEFAULT		3000
#define VALUES_DEFAULT		12
#define VALUES_MAX		256

/* Seconds.  100,000 steps take minutes in a kernel with KASAN. */
#define LONG_TIMEOUT		7200

/* Each test begins with two devices and a stream */
FIXTURE(hostile) {
	struct hostile_pair pair;
};

FIXTURE_VARIANT(hostile) {
	const struct hostile_driver *driver;
	/* Number of variants before this one */
	unsigned int index;
};

FIXTURE_VARIANT_ADD(hostile, mtty_one_port) {
	.driver = &hostile_mtty_one_port,
	.index = 0,
};

FIXTURE_VARIANT_ADD(hostile, mtty_two_ports) {
	.driver = &hostile_mtty_two_ports,
	.index = 1,
};

FIXTURE_VARIANT_ADD(hostile, mdpy) {
	.driver = &hostile_mdpy,
	.index = 2,
};

FIXTURE_VARIANT_ADD(hostile, sim) {
	.driver = &hostile_sim,
	.index = 3,
};

FIXTURE_VARIANT_ADD(hostile, sim_pre_copy) {
	.driver = &hostile_sim_pre_copy,
	.index = 4,
};

#define VARIANTS	5

FIXTURE_SETUP(hostile)
{
	ASSERT_EQ(0, hostile_pair_begin(&self->pair, variant->driver));
}

FIXTURE_TEARDOWN(hostile)
{
	const char *wrong = hostile_pair_end(&self->pair);

	EXPECT_EQ(NULL, wrong) {
		TH_LOG("after the test, %s", wrong ?: "the driver works");
	}
}

/* Streams */

/* The outcome that a load of a stream must have */
enum outcome {
	REFUSED,
	LOADED,
	EITHER,
};

/**
 * struct attempt - the outcome of a stream
 * @loaded: the target was loaded
 * @write_failed: a write of the stream failed
 */
struct attempt {
	bool loaded;
	bool write_failed;
};

/*
 * Load a stream into the target, which has mark 2 before and after that.  Returns
 * NULL, or a text about the fault.
 */
static const char *try_stream(struct hostile_pair *pair,
			      const unsigned char *stream, size_t len,
			      size_t first, enum outcome wanted,
			      struct attempt *attempt)
{
	const struct hostile_driver *driver = pair->driver;
	size_t state = pair->len - driver->payload - driver->trailer;
	struct vfio_test_device *dev = &pair->target;
	const char *wrong = NULL;
	ssize_t saved;
	int ret;

	ret = hostile_load(dev, driver, stream, len, first,
			   &attempt->write_failed);
	attempt->loaded = !ret;
	if (ret == -ENOTRECOVERABLE)
		return "the device is not in the state that follows from the result";
	if (ret <= -512 || ret > 0)
		return "the result is not an errno";
	if (ret && wanted == LOADED)
		return "a valid stream was refused";
	if (ret) {
		if (!hostile_has_mark(dev, driver, 2))
			wrong = "a refused stream has changed the device";
		else if (!vfio_set_state(dev, VFIO_DEVICE_STATE_RUNNING))
			wrong = "a refused stream was loaded by the next change of the state";
		else if (vfio_reset(dev))
			wrong = "the device cannot be reset";
		if (vfio_state(dev) != VFIO_DEVICE_STATE_RUNNING)
			wrong = wrong ?: "the device does not run after a reset";
	} else {
		saved = hostile_save(dev, driver, pair->saved);
		if (wanted == REFUSED)
			wrong = "an invalid stream was loaded";
		else if (saved != (ssize_t)pair->len)
			wrong = "the loaded device cannot be saved";
		else if (memcmp(pair->saved + driver->payload,
				stream + driver->payload, state))
			wrong = "the device does not have the state of the stream";
		wrong = wrong ?: hostile_use(dev, driver, (void *)stream);
	}
	if (hostile_mark(dev, driver, 2))
		wrong = wrong ?: "the device does not keep the bytes that are written";
	return wrong;
}

#define EXPECT_STREAM(wanted, stream, len, first, fmt, ...) do { \
	const char *_wrong = try_stream(pair, stream, len, first, wanted, \
					&attempt); \
	\
	EXPECT_EQ(NULL, _wrong) { \
		TH_LOG(fmt ": %s", ##__VA_ARGS__, _wrong); \
	} \
} while (0)

/*
 * Return the length of the first write.  For mdpy, it ends with the header or one byte
 * later: if the header is refused, the driver does not copy the megabytes of the second
 * write.
 */
static size_t first_piece(const struct hostile_driver *driver, size_t len,
			  unsigned long long *random)
{
	const size_t pieces[] = {
		driver->header_size, driver->header_size + 1,
		driver->header_size - 1, len,
	};

	return pieces[mdev_random(random) %
		      (driver->trailer ? 2 : ARRAY_SIZE(pieces))];
}

/* The simulator may wait for the bytes that a wrong length announces */
static bool is_length(const struct hostile_driver *driver, size_t offset)
{
	return driver->sim &&
	       offset >= offsetof(struct sim_header, version_len) &&
	       offset < offsetof(struct sim_header, state_size);
}

/* Return the @i-th of @count values for a byte; the values differ from each other */
static unsigned char header_value(unsigned long i, unsigned long count,
				  unsigned char right, unsigned long long random)
{
	/* The right value comes first, then values with one wrong bit, then others */
	if (count == VALUES_MAX)
		return i;
	if (!i)
		return right;
	if (i <= 8)
		return right ^ 1 << (i - 1);
	return right ^ (3 + 4 * ((i - 9 + random) % 63));
}

/*
 * The driver judges each byte of the header: if a byte has another value, the stream
 * is refused, and the device stays as it was
 */
TEST_F_TIMEOUT(hostile, header_byte_is_taken_with_one_value_only, LONG_TIMEOUT)
{
	struct hostile_pair *pair = &self->pair;
	unsigned long values = mdev_number_from("MDEV_HOSTILE_VALUES",
						VALUES_DEFAULT);
	unsigned long tried = 0, accepted = 0, i;
	unsigned long long random = pair->seed;
	unsigned char right;
	struct attempt attempt;
	size_t at;

	if (hostile_lacks(pair))
		SKIP(return, "%s", hostile_lacks(pair));
	ASSERT_LT(1ul, values);
	ASSERT_GE((unsigned long)VALUES_MAX, values);
	for (at = 0; at < pair->driver->header_size; at++) {
		right = pair->stream[at];
		for (i = 0; i < values; i++) {
			pair->stream[at] = header_value(i, values, right,
							pair->seed + at);
			EXPECT_STREAM(pair->stream[at] == right ? LOADED :
				      REFUSED, pair->stream, pair->len,
				      first_piece(pair->driver, pair->len,
						  &random),
				      "byte %zu is 0x%02x", at,
				      pair->stream[at]);
			tried++;
			accepted += attempt.loaded;
			/* A header is refused when it is complete, except for its lengths */
			EXPECT_TRUE(attempt.write_failed ||
				    pair->stream[at] == right ||
				    is_length(pair->driver, at)) {
				TH_LOG("byte %zu is 0x%02x: each write succeeds",
				       at, pair->stream[at]);
			}
		}
		pair->stream[at] = right;
	}
	TH_LOG("%lu headers were tried, %lu of them loaded", tried, accepted);
	EXPECT_EQ(pair->driver->header_size * values, tried);
	EXPECT_EQ(pair->driver->header_size, accepted);
}

/* Look whether a port can be in this state */
static bool port_is_valid(const struct mtty_port *port)
{
	return port->head < MTTY_FIFO_SIZE && port->tail < MTTY_FIFO_SIZE &&
	       port->count <= MTTY_FIFO_SIZE &&
	       (port->tail + port->count) % MTTY_FIFO_SIZE == port->head &&
	       port->dlab <= 1 && port->overrun <= 1 &&
	       port->intr_trigger_level <= MTTY_FIFO_SIZE &&
	       (port->max_fifo_size == 1 ||
		port->max_fifo_size == MTTY_FIFO_SIZE);
}

/* Return the outcome that a stream with a valid header must have */
static enum outcome payload_outcome(struct hostile_pair *pair,
				    const unsigned char *stream)
{
	const union mtty_stream *mtty = (const void *)stream;
	const struct hostile_driver *driver = pair->driver;
	size_t text = driver->payload - driver->header_size;
	size_t bar = driver->payload + 0x10, memory = driver->payload + 255;
	size_t i;

	if (driver->sim)
		return mdev_check(driver->type_dir,
				  stream + driver->header_size, text) ==
		       (ssize_t)text ? LOADED : REFUSED;

	if (driver->trailer) {
		/* A guest can change the address in BAR 0, but not the other registers */
		for (i = driver->payload; i < memory; i++)
			if ((stream[i] ^ pair->stream[i]) &
			    (i == bar ? 0x0f : i > bar && i < bar + 4 ?
			     0 : 0xff))
				return REFUSED;
		return LOADED;
	}

	for (i = 0; i < (size_t)driver->ports; i++)
		if (!port_is_valid(&mtty->ports[i]))
			return REFUSED;
	return LOADED;
}

#define PAYLOADS	24

/* Choose a byte behind the header, near it in most cases */
static size_t payload_byte(struct hostile_pair *pair,
			   unsigned long long *random)
{
	const struct hostile_driver *driver = pair->driver;
	size_t end = pair->len - driver->trailer;

	if (mdev_random(random) % 4 && end > driver->header_size + 300)
		end = driver->header_size + 300;
	return driver->header_size +
	       mdev_random(random) % (end - driver->header_size);
}

TEST_F_TIMEOUT(hostile, payload_is_loaded_only_if_it_is_valid, LONG_TIMEOUT)
{
	struct hostile_pair *pair = &self->pair;
	unsigned long long random = pair->seed;
	unsigned int i, j, times, counts[2] = {};
	size_t at = 0;
	struct attempt attempt;

	if (hostile_lacks(pair))
		SKIP(return, "%s", hostile_lacks(pair));
	times = pair->driver->trailer ? PAYLOADS : 10 * PAYLOADS;
	for (i = 0; i < times; i++) {
		memcpy(pair->other, pair->stream, pair->len);
		for (j = mdev_random(&random) % 3; j < 3; j++) {
			at = payload_byte(pair, &random);
			pair->other[at] = mdev_random(&random);
		}
		/* mdpy refuses each change, because the checksum is still the old one */
		if (pair->driver->trailer && i % 4 == 0 &&
		    memcmp(pair->other, pair->stream, pair->len))
			EXPECT_STREAM(REFUSED, pair->other, pair->len,
				      pair->len, "byte %zu", at);
		hostile_renew_checksum(pair->driver, pair->other, pair->len);
		EXPECT_STREAM(payload_outcome(pair, pair->other), pair->other,
			      pair->len, 1 + mdev_random(&random) % pair->len,
			      "up to byte %zu, case %u", at, i);
		counts[attempt.loaded]++;
	}
	TH_LOG("%u payloads were loaded, %u were refused", counts[true],
	       counts[false]);
	EXPECT_LT(0u, counts[true]);
	EXPECT_LT(0u, counts[false]);
}

/* Try each length near both ends and some in between, and return the number of lengths */
static unsigned long try_lengths(struct __test_metadata *_metadata,
				 struct hostile_pair *pair, size_t whole)
{
	unsigned long long random = pair->seed;
	struct attempt attempt;
	unsigned long tried = 0;
	size_t len, step;

	for (len = 0; len < whole; tried++) {
		EXPECT_STREAM(REFUSED, pair->stream, len,
			      first_piece(pair->driver, len, &random),
			      "%zu bytes of %zu", len, whole);
		step = 1;
		if (len >= 100 && len + 8 < whole)
			step += mdev_random(&random) % (whole / 16);
		if (len + 8 < whole && len + step + 8 > whole)
			step = whole - 8 - len;
		len += step;
	}
	EXPECT_STREAM(LOADED, pair->stream, whole, whole, "whole");
	return tried;
}

TEST_F_TIMEOUT(hostile, truncated_stream_is_refused, LONG_TIMEOUT)
{
	struct hostile_pair *pair = &self->pair;
	struct mdpy_header *header = (void *)pair->stream;
	unsigned long tried;

	if (hostile_lacks(pair))
		SKIP(return, "%s", hostile_lacks(pair));
	tried = try_lengths(_metadata, pair, pair->len);
	if (pair->driver->trailer) {
		/* A stream of minor version 0 ends without a checksum */
		header->minor = 0;
		tried += try_lengths(_metadata, pair,
				     pair->len - pair->driver->trailer);
	}
	TH_LOG("%lu lengths were tried", tried);
}

TEST_F_TIMEOUT(hostile, doubled_stream_is_not_half_loaded, LONG_TIMEOUT)
{
	struct hostile_pair *pair = &self->pair;
	const size_t sizes[] = {
		1, pair->driver->header_size, pair->len - 1, pair->len,
	};
	struct attempt attempt;
	bool loaded;
	size_t i;

	if (hostile_lacks(pair))
		SKIP(return, "%s", hostile_lacks(pair));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		memcpy(pair->other, pair->stream, pair->len);
		memcpy(pair->other + pair->len, pair->stream, sizes[i]);
		/* Each driver refuses the stream if it comes in one write */
		EXPECT_STREAM(REFUSED, pair->other, pair->len + sizes[i],
			      pair->len + sizes[i], "%zu bytes behind the end",
			      sizes[i]);
		/* mtty refuses the second write, and keeps the first one */
		EXPECT_EQ(0, vfio_set_state(&pair->target,
					    VFIO_DEVICE_STATE_RESUMING));
		EXPECT_EQ(0, vfio_write_stream(&pair->target, pair->other,
					       pair->len, pair->len));
		EXPECT_GT(0, vfio_write_stream(&pair->target,
					       pair->other + pair->len,
					       sizes[i], sizes[i]));
		loaded = !vfio_set_state(&pair->target,
					 VFIO_DEVICE_STATE_RUNNING);
		EXPECT_EQ(pair->driver->ports > 0, loaded);
		EXPECT_TRUE(hostile_has_mark(&pair->target, pair->driver,
					     loaded ? 1 : 2));
		vfio_close_fd(&pair->target.data_fd);
		EXPECT_EQ(0, vfio_reset(&pair->target));
		EXPECT_EQ(0, hostile_mark(&pair->target, pair->driver, 2));
	}
}

TEST_F_TIMEOUT(hostile, spliced_stream_is_loaded_only_if_it_is_valid, LONG_TIMEOUT)
{
	struct hostile_pair *pair = &self->pair;
	struct vfio_test_device dev = vfio_no_device;
	unsigned long long random = pair->seed;
	unsigned char *second;
	struct attempt attempt;
	bool same;
	ssize_t len, other;
	size_t at;
	int i;

	if (hostile_lacks(pair))
		SKIP(return, "%s", hostile_lacks(pair));
	second = malloc(pair->driver->stream_max);
	ASSERT_NE(NULL, second);
	ASSERT_EQ(0, hostile_mark(&pair->source, pair->driver, 3));
	len = hostile_save(&pair->source, pair->driver, second);
	ASSERT_EQ((ssize_t)pair->len, len);

	/* The header of two devices of one type is the same */
	for (i = 0; i < PAYLOADS / 2; i++) {
		at = payload_byte(pair, &random);
		memcpy(pair->other, pair->stream, at);
		memcpy(pair->other + at, second + at, pair->len - at);
		same = !memcmp(pair->other, pair->stream, pair->len) ||
		       !memcmp(pair->other, second, pair->len);
		/* Only mdpy has a checksum */
		EXPECT_STREAM(same || !pair->driver->trailer ? LOADED : REFUSED,
			      pair->other, pair->len, at, "at byte %zu", at);
	}

	/* The state of a device of another type has another size */
	ASSERT_EQ(0, vfio_create(&dev, pair->driver->other_type_dir));
	other = vfio_save(&dev, second, pair->driver->stream_max, 0);
	EXPECT_EQ(0, vfio_remove(&dev));
	ASSERT_LT((ssize_t)pair->driver->payload, other);
	ASSERT_NE(other, (ssize_t)pair->len);
	EXPECT_STREAM(REFUSED, second, other, other, "stream of another type");
	EXPECT_STREAM(REFUSED, second, pair->len < (size_t)other ? pair->len :
		      (size_t)other, pair->driver->header_size,
		      "stream of another type, with the right length");
	memcpy(second, pair->stream, pair->driver->payload);
	EXPECT_STREAM(REFUSED, second, other, pair->driver->header_size,
		      "header of the right type");
	free(second);
}

/* Random steps */

#define STREAMS		6
#define MAPPINGS	2

/**
 * struct vmm - a VMM that takes random steps
 * @pair: driver, and a valid stream
 * @random: state of the random choices
 * @hash: hash of all choices and results so far
 * @guard: end of a page; an access behind it fails
 * @dev: the device, which may be closed
 * @device_dup: another descriptor of the device, or -1
 * @stream: files of migrations, which may have ended; -1 for an empty slot
 * @pos: number of bytes of the valid stream that were written to each of @stream
 * @map: mappings of the device
 * @map_size: size of each mapping, 0 for an empty slot
 * @eventfd: a file for interrupts
 * @wrong: text about a fault, or NULL
 */
struct vmm {
	struct hostile_pair *pair;
	unsigned long long random;
	__u64 hash;
	unsigned char *guard;
	struct vfio_test_device dev;
	int device_dup;
	int stream[STREAMS];
	size_t pos[STREAMS];
	void *map[MAPPINGS];
	size_t map_size[MAPPINGS];
	int eventfd;
	const char *wrong;
};

static void note(struct vmm *vmm, unsigned long long value)
{
	vmm->hash = (vmm->hash ^ value) * 0x100000001b3;
}

/* Choose a number, and add it to the hash */
static unsigned long long any(struct vmm *vmm, unsigned long long count)
{
	unsigned long long chosen = mdev_random(&vmm->random) % count;

	note(vmm, chosen);
	return chosen;
}

static bool coin(struct vmm *vmm)
{
	return any(vmm, 2);
}

/* Add a result to the hash */
static long record(struct vmm *vmm, long ret)
{
	ret = mdev_result(ret);
	note(vmm, ret);
	if (ret <= -512)
		vmm->wrong = "a result is an internal errno of the kernel";
	return ret;
}

static void any_bytes(struct vmm *vmm, void *bytes, size_t len)
{
	unsigned char *to = bytes;

	while (len--)
		*to++ = mdev_random(&vmm->random);
}

/* Choose a number that has a meaning somewhere, or any number */
static __u32 any_number(struct vmm *vmm)
{
	static const __u32 numbers[] = {
		0, 1, 2, 3, 4, 7, 8, 9, 16, 24, 60, 255, 256, 4096, 0x7fffffff,
		0x80000000, 0xfffffff0, 0xffffffff,
	};

	return coin(vmm) ? numbers[any(vmm, ARRAY_SIZE(numbers))] :
	       any(vmm, 1ull << 32);
}

/* Keep a file that the device returned, in the place of another one */
static void keep_stream(struct vmm *vmm, int fd)
{
	int slot = any(vmm, STREAMS);

	vfio_close_fd(&vmm->stream[slot]);
	vmm->stream[slot] = fd;
	vmm->pos[slot] = 0;
}

static void vmm_close(struct vmm *vmm)
{
	int i;

	for (i = 0; i < MAPPINGS; i++) {
		if (vmm->map_size[i])
			munmap(vmm->map[i], vmm->map_size[i]);
		vmm->map_size[i] = 0;
	}
	vfio_close_fd(&vmm->device_dup);
	vfio_close(&vmm->dev);
}

static void vmm_open(struct vmm *vmm)
{
	if (vmm->dev.fd >= 0)
		return;
	if (vfio_open(&vmm->dev))
		vmm->wrong = "the device cannot be opened";
}

/* Choose an argument whose argsz can differ from the room that it has */
static void *any_argument(struct vmm *vmm, size_t *room)
{
	static const size_t sizes[] = {
		0, 4, 8, 12, 15, 16, 20, 24, 32, 40, 48, 64, 4096,
	};
	unsigned char *arg;
	__u32 argsz;

	*room = sizes[any(vmm, ARRAY_SIZE(sizes))];
	argsz = any(vmm, 4) ? *room : any_number(vmm);
	arg = vmm->guard - *room;
	any_bytes(vmm, arg, *room);
	if (*room >= sizeof(argsz))
		memcpy(arg, &argsz, sizeof(argsz));
	/* Some addresses are NULL, odd, or the kernel's */
	switch (any(vmm, 20)) {
	case 0:
		*room = 0;
		return NULL;
	case 1:
		*room -= *room > 0;
		return arg + 1;
	case 2:
		*room = 0;
		return (void *)-4096ul;
	}
	return arg;
}

static void set_number(struct vmm *vmm, void *arg, size_t room, size_t offset,
		       __u32 number)
{
	note(vmm, number);
	if (room >= offset + sizeof(number) && arg)
		memcpy((unsigned char *)arg + offset, &number, sizeof(number));
}

/* VFIO returns a new file in the argument */
static void feature(struct vmm *vmm, int fd)
{
	struct vfio_device_feature *arg;
	struct vfio_device_feature_mig_state *mig;
	__u32 number = coin(vmm) ? VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE :
		       any(vmm, 14), flags;
	size_t room;

	arg = any_argument(vmm, &room);
	flags = number | any(vmm, 8) << 16;
	if (!any(vmm, 8))
		flags |= any_number(vmm);
	set_number(vmm, arg, room, offsetof(struct vfio_device_feature, flags),
		   flags);
	if (any(vmm, 4))
		set_number(vmm, arg, room, sizeof(*arg), any(vmm, 9));
	/* A log of a long range takes time */
	set_number(vmm, arg, room, sizeof(*arg) + 12, any(vmm, 4));

	if (record(vmm, ioctl(fd, VFIO_DEVICE_FEATURE, arg)) ||
	    room < sizeof(*arg) + sizeof(*mig) ||
	    (flags & VFIO_DEVICE_FEATURE_MASK) !=
	    VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE ||
	    flags & VFIO_DEVICE_FEATURE_PROBE ||
	    !(flags & VFIO_DEVICE_FEATURE_SET))
		return;
	mig = (void *)arg->data;
	if (mig->data_fd >= 0)
		keep_stream(vmm, mig->data_fd);
}

static void step_feature(struct vmm *vmm)
{
	feature(vmm, vmm->dev.fd);
}

static void step_ioctl(struct vmm *vmm)
{
	unsigned long cmd = _IO(VFIO_TYPE, VFIO_BASE + any(vmm, 40));
	size_t room;
	void *arg;

	if (cmd == VFIO_DEVICE_FEATURE) {
		feature(vmm, vmm->dev.fd);
		return;
	}
	if (!any(vmm, 16))
		cmd = _IO(VFIO_TYPE, any(vmm, 256)) | any(vmm, 16) << 28;
	arg = any_argument(vmm, &room);
	/* Many arguments have an index at this offset */
	if (coin(vmm))
		set_number(vmm, arg, room, 8, any(vmm, 12));
	record(vmm, ioctl(vmm->dev.fd, cmd, arg));
}

static void step_irqs(struct vmm *vmm)
{
	static const __u32 data[] = {
		VFIO_IRQ_SET_DATA_NONE, VFIO_IRQ_SET_DATA_BOOL,
		VFIO_IRQ_SET_DATA_EVENTFD, VFIO_IRQ_SET_DATA_EVENTFD,
	};
	struct {
		struct vfio_irq_set set;
		__s32 fd[4];
	} irq = {
		.set.argsz = any(vmm, 4) ? sizeof(irq) : any_number(vmm),
		.set.flags = 8u << any(vmm, 3) | data[any(vmm, 4)],
		.set.index = any(vmm, 7),
		.set.start = any(vmm, 4) ? 0 : any_number(vmm),
		.set.count = any(vmm, 4) ? any(vmm, 2) : any_number(vmm),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(irq.fd); i++)
		irq.fd[i] = coin(vmm) ? vmm->eventfd :
			    coin(vmm) ? -1 : (int)any_number(vmm);
	if (!any(vmm, 16))
		irq.set.flags = any_number(vmm);
	record(vmm, ioctl(vmm->dev.fd, VFIO_DEVICE_SET_IRQS, &irq));
	/* A read empties the eventfd */
	record(vmm, read(vmm->eventfd, irq.fd, sizeof(irq.fd)) < 0);
}

static void step_state(struct vmm *vmm)
{
	int ret;

	ret = vfio_set_state(&vmm->dev, any(vmm, 9));
	note(vmm, ret);
	if (vmm->dev.data_fd >= 0)
		keep_stream(vmm, vmm->dev.data_fd);
	vmm->dev.data_fd = -1;
	ret = vfio_state(&vmm->dev);
	note(vmm, ret);
	if (ret > VFIO_DEVICE_STATE_PRE_COPY_P2P)
		vmm->wrong = "the device is in a state that does not exist";
}

/* Choose a position in a region, near its end, or far away */
static __u64 any_position(struct vmm *vmm)
{
	__u32 index = any(vmm, 11);
	__u64 size, position;

	position = vfio_region(&vmm->dev, index, &size);
	if (!size && coin(vmm))
		position = (__u64)any_number(vmm) << 40;
	switch (any(vmm, 4)) {
	case 0:
		position += any(vmm, 32);
		break;
	case 1:
		position += size + any(vmm, 32) - 16;
		break;
	case 2:
		position += any(vmm, 0x3000);
		break;
	case 3:
		position += any_number(vmm);
		break;
	}
	if (!any(vmm, 32))
		position = -position;
	note(vmm, position);
	return position;
}

static const size_t access_sizes[] = { 1, 2, 3, 4, 8, 16, 255, 256, 300 };

static void step_read(struct vmm *vmm)
{
	size_t len = access_sizes[any(vmm, ARRAY_SIZE(access_sizes))], i;
	unsigned char bytes[600];
	ssize_t ret;

	memset(bytes, 0xcd, sizeof(bytes));
	if (!any(vmm, 8)) {
		/* The buffer ends before a page that cannot be accessed */
		record(vmm, pread(vmm->dev.fd, vmm->guard - any(vmm, len), len,
				  any_position(vmm)));
		return;
	}
	ret = record(vmm, pread(vmm->dev.fd, bytes, len, any_position(vmm)));
	if (ret > (ssize_t)len)
		vmm->wrong = "a read returns more bytes than its length";
	for (i = len; i < sizeof(bytes); i++)
		if (bytes[i] != 0xcd)
			vmm->wrong = "a read writes behind the buffer";
	for (i = 0; (ssize_t)i < ret; i++)
		note(vmm, bytes[i]);
}

static void step_write(struct vmm *vmm)
{
	size_t len = access_sizes[any(vmm, ARRAY_SIZE(access_sizes))], room;

	room = any(vmm, 8) ? len : any(vmm, len);
	any_bytes(vmm, vmm->guard - room, room);
	record(vmm, pwrite(vmm->dev.fd, vmm->guard - room, len,
			   any_position(vmm)));
}

static void step_map(struct vmm *vmm)
{
	size_t page = sysconf(_SC_PAGESIZE), slot = any(vmm, MAPPINGS);
	size_t size = page << any(vmm, 11);
	__u64 position = any_position(vmm) & -page;
	unsigned char *bytes;

	if (vmm->map_size[slot])
		munmap(vmm->map[slot], vmm->map_size[slot]);
	vmm->map_size[slot] = 0;
	vmm->map[slot] = mmap(NULL, size, PROT_READ | PROT_WRITE,
			      any(vmm, 8) ? MAP_SHARED : MAP_PRIVATE,
			      vmm->dev.fd, position);
	note(vmm, vmm->map[slot] == MAP_FAILED);
	if (vmm->map[slot] == MAP_FAILED)
		return;
	vmm->map_size[slot] = size;
	bytes = vmm->map[slot];
	note(vmm, bytes[any(vmm, size)]);
	bytes[any(vmm, size)] = any(vmm, 256);
}

static void step_stream_read(struct vmm *vmm)
{
	static const size_t sizes[] = { 0, 1, 24, 60, 100, 4096 };
	int fd = vmm->stream[any(vmm, STREAMS)];
	size_t len = sizes[any(vmm, ARRAY_SIZE(sizes))];
	ssize_t ret;

	ret = record(vmm, read(fd, vmm->guard - (any(vmm, 8) ? len : len / 2),
			       len));
	if (ret > (ssize_t)len)
		vmm->wrong = "a read of a stream returns more bytes than its length";
}

/* Write the next bytes of the valid stream, some with a wrong bit, or random bytes */
static void step_stream_write(struct vmm *vmm)
{
	struct hostile_pair *pair = vmm->pair;
	const size_t sizes[] = { 1, pair->driver->header_size, 100, pair->len };
	int slot = any(vmm, STREAMS);
	size_t len = sizes[any(vmm, ARRAY_SIZE(sizes))], at;
	ssize_t ret;

	if (!pair->len || !any(vmm, 8)) {
		len = any(vmm, 200);
		any_bytes(vmm, vmm->guard - len, len);
		record(vmm, write(vmm->stream[slot], vmm->guard -
				  (any(vmm, 8) ? len : len / 2), len));
		return;
	}
	if (len > pair->len - vmm->pos[slot])
		len = pair->len - vmm->pos[slot];
	at = vmm->pos[slot] + (len ? any(vmm, len) : 0);
	if (any(vmm, 4))
		at = pair->len;
	pair->stream[at] ^= 1;
	ret = record(vmm, write(vmm->stream[slot],
				pair->stream + vmm->pos[slot], len));
	pair->stream[at] ^= 1;
	if (ret > 0)
		vmm->pos[slot] += ret;
}

static void step_stream_ioctl(struct vmm *vmm)
{
	int fd = vmm->stream[any(vmm, STREAMS)];
	unsigned long cmd = VFIO_MIG_GET_PRECOPY_INFO;
	size_t room;
	void *arg;

	if (!any(vmm, 4))
		cmd = _IO(VFIO_TYPE, VFIO_BASE + any(vmm, 40));
	arg = any_argument(vmm, &room);
	record(vmm, ioctl(fd, cmd, arg));
	record(vmm, lseek(fd, any_number(vmm), any(vmm, 3)));
	record(vmm, pread(fd, vmm->guard - 1, 1, any(vmm, 100)));
}

/* Duplicate the file of a migration, or close it */
static void step_stream_dup(struct vmm *vmm)
{
	int slot = any(vmm, STREAMS), fd;

	if (coin(vmm)) {
		vfio_close_fd(&vmm->stream[slot]);
		return;
	}
	fd = dup(vmm->stream[slot]);
	if (fd >= 0)
		keep_stream(vmm, fd);
}

static void step_reset(struct vmm *vmm)
{
	if (record(vmm, ioctl(vmm->dev.fd, VFIO_DEVICE_RESET)))
		vmm->wrong = "the device cannot be reset";
}

static void step_device_dup(struct vmm *vmm)
{
	vfio_close_fd(&vmm->device_dup);
	if (coin(vmm))
		vmm->device_dup = dup(vmm->dev.fd);
}

static void step_close(struct vmm *vmm)
{
	vmm_close(vmm);
	vmm_open(vmm);
}

/* Open the device once more */
static void step_open_again(struct vmm *vmm)
{
	struct vfio_test_device dev = vmm->dev;
	int container = open("/dev/vfio/vfio", O_RDWR);

	record(vmm, ioctl(vmm->dev.group, VFIO_GROUP_SET_CONTAINER,
			  &container));
	dev.data_fd = -1;
	dev.fd = ioctl(vmm->dev.group, VFIO_GROUP_GET_DEVICE_FD, dev.uuid);
	note(vmm, dev.fd >= 0);
	vfio_close_fd(&dev.fd);
	vfio_close_fd(&container);
}

static void step_remove(struct vmm *vmm)
{
	vmm_close(vmm);
	if (mdev_remove(vmm->dev.uuid))
		vmm->wrong = "the device cannot be removed";
	if (mdev_create(vmm->pair->driver->type_dir, vmm->dev.uuid))
		vmm->wrong = "a device cannot be created";
	vmm_open(vmm);
}

/* A module that is in use stays, and goes when it is no longer in use */
static void step_unload(struct vmm *vmm)
{
	const struct hostile_driver *driver = vmm->pair->driver;
	int i;

	if (record(vmm, syscall(SYS_delete_module, driver->module,
				O_NONBLOCK)) != -EAGAIN)
		vmm->wrong = "a module that is in use was unloaded";
	if (any(vmm, 4))
		return;
	vmm_close(vmm);
	for (i = 0; i < STREAMS; i++)
		vfio_close_fd(&vmm->stream[i]);
	/* The simulator's device is removed here, and a sample's when its module goes */
	if (driver->sim && mdev_remove(vmm->dev.uuid))
		vmm->wrong = "the device cannot be removed";
	if (hostile_unload_driver(driver))
		vmm->wrong = "a module that is not in use cannot be unloaded";
	if (hostile_load_driver(driver))
		vmm->wrong = "the module cannot be loaded";
	if (mdev_create(driver->type_dir, vmm->dev.uuid))
		vmm->wrong = "a device cannot be created";
	vmm_open(vmm);
}

static void step_attribute(struct vmm *vmm)
{
	const struct hostile_driver *driver = vmm->pair->driver;
	size_t len = any(vmm, 100);
	char version[5000];

	if (coin(vmm)) {
		vmm->wrong = vmm->wrong ?: hostile_answers(driver);
		return;
	}
	len = any(vmm, 4) ? len : any(vmm, sizeof(version));
	any_bytes(vmm, version, len);
	if (coin(vmm))
		memcpy(version, driver->version, strlen(driver->version));
	record(vmm, mdev_check(driver->type_dir, version, len));
}

static const struct {
	unsigned int weight;
	void (*step)(struct vmm *vmm);
} steps[] = {
	{ 10, step_feature },
	{ 15, step_ioctl },
	{ 8, step_irqs },
	{ 25, step_state },
	{ 15, step_read },
	{ 15, step_write },
	{ 4, step_map },
	{ 15, step_stream_read },
	{ 25, step_stream_write },
	{ 8, step_stream_ioctl },
	{ 4, step_stream_dup },
	{ 6, step_reset },
	{ 3, step_device_dup },
	{ 2, step_close },
	{ 2, step_open_again },
	{ 1, step_remove },
	{ 1, step_unload },
	{ 4, step_attribute },
};

/* Return NULL or a text about the fault, and set @hash to the hash of all steps */
static const char *take_steps(struct hostile_pair *pair,
			      unsigned long long seed, unsigned long count,
			      unsigned long *done, __u64 *hash)
{
	struct vmm vmm = {
		.pair = pair,
		.random = seed,
		.hash = 0xcbf29ce484222325,
		.dev = vfio_no_device,
		.device_dup = -1,
		.eventfd = eventfd(0, EFD_NONBLOCK),
		.guard = mdev_guard_map(),
	};
	unsigned int weights = 0, chosen;
	size_t i;

	for (i = 0; i < STREAMS; i++)
		vmm.stream[i] = -1;
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		weights += steps[i].weight;
	if (!vmm.guard || vfio_create(&vmm.dev, pair->driver->type_dir))
		vmm.wrong = "a device cannot be created";

	for (*done = 0; *done < count && !vmm.wrong; ++*done) {
		chosen = any(&vmm, weights);
		for (i = 0; chosen >= steps[i].weight; i++)
			chosen -= steps[i].weight;
		steps[i].step(&vmm);
	}
	*hash = vmm.hash;

	vmm_close(&vmm);
	for (i = 0; i < STREAMS; i++)
		vfio_close_fd(&vmm.stream[i]);
	close(vmm.eventfd);
	if (vmm.guard)
		mdev_guard_unmap(vmm.guard);
	if (vfio_remove(&vmm.dev))
		vmm.wrong = vmm.wrong ?: "the device cannot be removed";
	return vmm.wrong;
}

TEST_F_TIMEOUT(hostile, random_steps_break_nothing, LONG_TIMEOUT)
{
	struct hostile_pair *pair = &self->pair;
	unsigned long all = mdev_number_from("MDEV_HOSTILE_STEPS",
					     STEPS_DEFAULT);
	unsigned long count, done;
	const char *wrong;
	__u64 hash;

	if (pair->absent)
		SKIP(return, "%s", pair->absent);
	ASSERT_LT(0ul, all);
	ASSERT_EQ(0, hostile_pair_remove(pair));
	count = all * (variant->index + 1) / VARIANTS -
		all * variant->index / VARIANTS;
	wrong = take_steps(pair, pair->seed + variant->index, count, &done,
			   &hash);
	TH_LOG("%lu of %lu steps, MDEV_HOSTILE_SEED=%llu, hash %016llx", done,
	       all, pair->seed, hash);
	EXPECT_EQ(NULL, wrong) {
		TH_LOG("step %lu: %s", done, wrong);
	}
	EXPECT_EQ(count, done);
}

/* The choices depend only on the seed, and the results depend only on the choices */
TEST_F_TIMEOUT(hostile, steps_of_a_seed_are_the_same_again, LONG_TIMEOUT)
{
	struct hostile_pair *pair = &self->pair;
	__u64 hash[3];
	unsigned long done;
	int i;

	if (pair->absent)
		SKIP(return, "%s", pair->absent);
	ASSERT_EQ(0, hostile_pair_remove(pair));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(NULL, take_steps(pair, pair->seed + i / 2, 150, &done,
					   &hash[i]));
		EXPECT_EQ(150ul, done);
	}
	EXPECT_EQ(hash[0], hash[1]);
	EXPECT_NE(hash[0], hash[2]);
}

int main(int argc, char *argv[])
{
	hostile_require();
	return test_harness_run(argc, argv);
}
