// SPDX-License-Identifier: GPL-2.0-only
/*
 * mtty loads a stream exactly if migration_version accepts the stream's version,
 * and judges it when the header is complete
 */

#include <stddef.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "mdev_test_utils.h"
#include "stream_test_utils.h"
#include "vfio_test_utils.h"

#define HEADER_SIZE	sizeof(struct mtty_header)
#define STREAM_MAX	256

union stream {
	struct mtty_header header;
	unsigned char bytes[STREAM_MAX];
};

/* A register that keeps what is written to it and does nothing else */
#define UART_SCR	7

/* As one write, with its last byte apart, with the ports after it, in pieces */
static const size_t chunks[] = {
	HEADER_SIZE, HEADER_SIZE - 1, HEADER_SIZE + 1, STREAM_MAX, 7, 1,
};

/* A target may be anywhere in a load that was given up */
static int begin_load(struct vfio_test_device *dev)
{
	vfio_close_fd(&dev->data_fd);
	return vfio_reset(dev) ?:
	       vfio_set_state(dev, VFIO_DEVICE_STATE_RESUMING);
}

/*
 * 0, or what the write that completed the header failed with; -ENOTRECOVERABLE
 * if it was another one
 */
static int load(struct vfio_test_device *dev, const void *stream, size_t len,
		size_t chunk)
{
	const unsigned char *bytes = stream;
	size_t done, n;
	int ret;

	ret = begin_load(dev);
	if (ret)
		return -ENOTRECOVERABLE;

	for (done = 0; done < len; done += n) {
		n = len - done < chunk ? len - done : chunk;
		ret = vfio_write_stream(dev, bytes + done, n, n);
		if (ret)
			return done < HEADER_SIZE && done + n >= HEADER_SIZE ?
			       ret : -ENOTRECOVERABLE;
	}
	return 0;
}

FIXTURE(mtty) {
	struct vfio_test_device source;
	struct vfio_test_device target;
	/* As saved from the source; each test changes it as it likes */
	union stream stream;
	size_t len;
};

FIXTURE_VARIANT(mtty) {
	const char *type_dir;
	const char *other_type_dir;
	int nr_ports;
};

FIXTURE_VARIANT_ADD(mtty, one_port) {
	.type_dir = MDEV_TYPE_DIR("mtty", "mtty-1"),
	.other_type_dir = MDEV_TYPE_DIR("mtty", "mtty-2"),
	.nr_ports = 1,
};

FIXTURE_VARIANT_ADD(mtty, two_ports) {
	.type_dir = MDEV_TYPE_DIR("mtty", "mtty-2"),
	.other_type_dir = MDEV_TYPE_DIR("mtty", "mtty-1"),
	.nr_ports = 2,
};

static int remove_device(struct vfio_test_device *dev)
{
	vfio_close(dev);
	return dev->uuid[0] ? mdev_remove(dev->uuid) : 0;
}

FIXTURE_SETUP(mtty)
{
	unsigned char scratch;
	__u64 offset, size;
	ssize_t len;
	int i;

	self->source = vfio_no_device;
	self->target = vfio_no_device;
	ASSERT_EQ(0, vfio_create(&self->source, variant->type_dir));
	ASSERT_EQ(0, vfio_create(&self->target, variant->type_dir));

	/* The source is not as a new device is */
	for (i = 0; i < variant->nr_ports; i++) {
		offset = vfio_region(&self->source,
				     VFIO_PCI_BAR0_REGION_INDEX + i, &size);
		scratch = 0xa5 + i;
		ASSERT_EQ(1, pwrite(self->source.fd, &scratch, 1,
				    offset + UART_SCR));
	}
	len = vfio_save(&self->source, self->stream.bytes, STREAM_MAX, 0);
	ASSERT_LT((ssize_t)HEADER_SIZE, len);
	self->len = len;
}

FIXTURE_TEARDOWN(mtty)
{
	EXPECT_EQ(0, remove_device(&self->source));
	EXPECT_EQ(0, remove_device(&self->target));
}

/* Does the target save what is in the stream? */
static bool target_has(struct vfio_test_device *target,
		       const union stream *stream, size_t len)
{
	union stream own = {};

	return vfio_save(target, own.bytes, STREAM_MAX, 0) == (ssize_t)len &&
	       !memcmp(&own, stream, len);
}

#define TARGET_HAS_STREAM() target_has(&self->target, &self->stream, self->len)

/* Nothing less than the state is what a test has to see arrive */
#define FINISH_LOAD() do { \
	EXPECT_EQ(0, vfio_set_state(&self->target, \
				    VFIO_DEVICE_STATE_RUNNING)); \
	EXPECT_TRUE(TARGET_HAS_STREAM()); \
} while (0)

/* The attribute about the version that is in @header: 0 or an errno */
static int verdict(const char *type_dir, const struct mtty_header *header)
{
	char version[64];
	ssize_t ret, len;

	len = snprintf(version, sizeof(version), "4348:3253-%u.%u",
		       header->major, header->minor);
	ret = mdev_check(type_dir, version, len);
	return ret == len ? 0 : ret < 0 ? ret : -EIO;
}

TEST_F(mtty, stream_has_the_version_of_the_attribute)
{
	char shown[64], version[64];

	ASSERT_LT(0, mdev_read_attr(variant->type_dir, "migration_version",
				    shown, sizeof(shown)));
	snprintf(version, sizeof(version), "4348:3253-%u.%u\n",
		 self->stream.header.major, self->stream.header.minor);
	EXPECT_STREQ(shown, version);
	EXPECT_EQ(variant->nr_ports, (int)self->stream.header.nr_ports);
	EXPECT_EQ(0, (int)self->stream.header.flags);
}

TEST_F(mtty, state_arrives)
{
	size_t i;

	EXPECT_FALSE(TARGET_HAS_STREAM());
	for (i = 0; i < ARRAY_SIZE(chunks); i++) {
		/* Another state than the one before */
		self->stream.bytes[HEADER_SIZE + UART_SCR]++;
		EXPECT_EQ(0, load(&self->target, &self->stream, self->len,
				  chunks[i])) {
			TH_LOG("in pieces of %zu", chunks[i]);
		}
		FINISH_LOAD();
	}
}

TEST_F(mtty, verdict_is_outcome)
{
	struct mtty_header *header = &self->stream.header;
	int expected, accepted = 0;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(stream_test_versions); i++) {
		header->major = stream_test_versions[i][0];
		header->minor = stream_test_versions[i][1];
		expected = verdict(variant->type_dir, header);
		EXPECT_EQ(expected ? -EPROTONOSUPPORT : 0, expected);
		accepted += !expected;

		for (j = 0; j < ARRAY_SIZE(chunks); j++) {
			EXPECT_EQ(expected ? -EFAULT : 0,
				  load(&self->target, header, self->len,
				       chunks[j])) {
				TH_LOG("version %u.%u in pieces of %zu",
				       header->major, header->minor, chunks[j]);
			}
			if (!expected)
				FINISH_LOAD();
		}
	}
	EXPECT_EQ(1, accepted);
}

/* No bit of the version counts in one place only, nor in none */
TEST_F(mtty, verdict_is_outcome_for_each_bit)
{
	struct mtty_header *header = &self->stream.header;
	__u32 *number;
	int i;

	for (i = 0; i < 64; i++) {
		number = i < 32 ? &header->major : &header->minor;
		*number ^= 1u << i % 32;
		EXPECT_EQ(-EPROTONOSUPPORT, verdict(variant->type_dir, header));
		EXPECT_EQ(-EFAULT, load(&self->target, header, HEADER_SIZE,
					HEADER_SIZE)) {
			TH_LOG("version %u.%u", header->major, header->minor);
		}
		*number ^= 1u << i % 32;
	}
	EXPECT_EQ(0, verdict(variant->type_dir, header));
	EXPECT_EQ(0, load(&self->target, header, self->len, self->len));
	FINISH_LOAD();
}

/* The verdict comes while the source still runs */
TEST_F(mtty, verdict_is_outcome_before_the_source_stops)
{
	union stream stream = {};
	__u32 minor;
	size_t len;

	for (minor = 0; minor < 2; minor++) {
		len = 0;
		ASSERT_EQ(0, vfio_set_state(&self->source,
					    VFIO_DEVICE_STATE_PRE_COPY));
		ASSERT_EQ(0, vfio_read_stream(&self->source, stream.bytes,
					      STREAM_MAX, &len));
		ASSERT_EQ(HEADER_SIZE, len);
		stream.header.minor = minor;
		EXPECT_EQ(verdict(variant->type_dir, &stream.header) ?
			  -EFAULT : 0,
			  load(&self->target, &stream, len, len));
		EXPECT_EQ(VFIO_DEVICE_STATE_PRE_COPY,
			  vfio_state(&self->source));
		EXPECT_EQ(0, vfio_set_state(&self->source,
					    VFIO_DEVICE_STATE_RUNNING));
	}
}

/* What is no part of the version, and has one right value only */
TEST_F(mtty, rest_of_the_header)
{
	struct mtty_header *header = &self->stream.header;
	size_t i, offset;

	for (i = 0; i < 8 * HEADER_SIZE; i++) {
		offset = i / 8;
		if (offset >= offsetof(struct mtty_header, major) &&
		    offset < offsetof(struct mtty_header, nr_ports))
			continue;
		self->stream.bytes[offset] ^= 1 << i % 8;
		EXPECT_EQ(0, verdict(variant->type_dir, header));
		EXPECT_EQ(-EFAULT, load(&self->target, header, HEADER_SIZE,
					chunks[i % ARRAY_SIZE(chunks)])) {
			TH_LOG("bit %zu of byte %zu", i % 8, offset);
		}
		self->stream.bytes[offset] ^= 1 << i % 8;
	}
	EXPECT_EQ(0, load(&self->target, header, self->len, self->len));
	FINISH_LOAD();
}

/* The same version is not enough: to be of the same type comes before it */
TEST_F(mtty, stream_of_the_other_type)
{
	struct vfio_test_device other = vfio_no_device;
	union stream stream = {};
	ssize_t len;

	EXPECT_EQ(0, vfio_create(&other, variant->other_type_dir));
	len = vfio_save(&other, stream.bytes, STREAM_MAX, 0);
	EXPECT_EQ(0, remove_device(&other));

	ASSERT_LT((ssize_t)HEADER_SIZE, len);
	EXPECT_EQ(0, verdict(variant->type_dir, &stream.header));
	EXPECT_EQ(-EFAULT, load(&self->target, &stream, HEADER_SIZE,
				HEADER_SIZE));
	EXPECT_EQ(0, load(&self->target, &self->stream, self->len, self->len));
	FINISH_LOAD();
}

/*
 * What was rejected is not loaded, whatever is written after it and in how many
 * pieces it came.  Only a reset ends it.
 */
TEST_F(mtty, what_was_rejected_is_not_loaded)
{
	static const size_t offsets[] = {
		offsetof(struct mtty_header, magic),
		offsetof(struct mtty_header, major),
		offsetof(struct mtty_header, minor),
		offsetof(struct mtty_header, nr_ports),
		offsetof(struct mtty_header, flags),
	};
	union stream good = self->stream;
	size_t i, j, taken;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		self->stream.bytes[offsets[i]] ^= 0x10;
		self->stream.bytes[HEADER_SIZE + UART_SCR] ^= 0xff;
		for (j = 0; j < ARRAY_SIZE(chunks); j++) {
			EXPECT_EQ(-EFAULT, load(&self->target, &self->stream,
						self->len, chunks[j]));
			/* The write that completed the header took this */
			taken = (HEADER_SIZE + chunks[j] - 1) / chunks[j] *
				chunks[j];
			if (taken < self->len)
				EXPECT_EQ(-EFAULT,
					  vfio_write_stream(&self->target,
							    self->stream.bytes +
							    taken,
							    self->len - taken,
							    STREAM_MAX));
			EXPECT_EQ(-EINVAL,
				  vfio_set_state(&self->target,
						 VFIO_DEVICE_STATE_RUNNING)) {
				TH_LOG("byte %zu, in pieces of %zu", offsets[i],
				       chunks[j]);
			}
			EXPECT_EQ(VFIO_DEVICE_STATE_RESUMING,
				  vfio_state(&self->target));
			EXPECT_EQ(0, vfio_reset(&self->target));
			EXPECT_FALSE(TARGET_HAS_STREAM());
		}
		self->stream = good;
	}
	EXPECT_EQ(0, load(&self->target, &self->stream, self->len, STREAM_MAX));
	FINISH_LOAD();
}

/* Nothing is taken of what does not fit; what does is taken afterwards */
TEST_F(mtty, too_long)
{
	size_t starts[] = {
		0, 1, HEADER_SIZE - 1, HEADER_SIZE, self->len - 1, self->len,
	};
	size_t i;

	ASSERT_LT(self->len, (size_t)STREAM_MAX);
	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		self->stream.bytes[HEADER_SIZE + UART_SCR]++;
		EXPECT_EQ(0, load(&self->target, &self->stream, starts[i],
				  STREAM_MAX));
		EXPECT_EQ(-ENOMEM,
			  vfio_write_stream(&self->target,
					    self->stream.bytes + starts[i],
					    self->len - starts[i] + 1,
					    STREAM_MAX)) {
			TH_LOG("after %zu bytes", starts[i]);
		}
		EXPECT_EQ(0, vfio_write_stream(&self->target,
					       self->stream.bytes + starts[i],
					       self->len - starts[i],
					       STREAM_MAX)) {
			TH_LOG("after %zu bytes", starts[i]);
		}
		FINISH_LOAD();
	}
}

/* Truncated is the stream only once it is to be used, until then not complete */
TEST_F(mtty, too_short)
{
	size_t i;

	for (i = 0; i < self->len; i++) {
		self->stream.bytes[HEADER_SIZE + UART_SCR]++;
		EXPECT_EQ(0, load(&self->target, &self->stream, i, STREAM_MAX));
		EXPECT_EQ(-EINVAL, vfio_set_state(&self->target,
						  VFIO_DEVICE_STATE_RUNNING)) {
			TH_LOG("after %zu bytes", i);
		}
		EXPECT_EQ(VFIO_DEVICE_STATE_RESUMING,
			  vfio_state(&self->target));
		EXPECT_EQ(0, vfio_write_stream(&self->target,
					       self->stream.bytes + i,
					       self->len - i, STREAM_MAX));
		FINISH_LOAD();
	}
}

/* A write of nothing, wherever it is */
TEST_F(mtty, empty_writes)
{
	size_t i;

	EXPECT_EQ(0, begin_load(&self->target));
	for (i = 0; i < self->len; i++) {
		EXPECT_EQ(0, write(self->target.data_fd, self->stream.bytes,
				   0));
		EXPECT_EQ(1, write(self->target.data_fd,
				   self->stream.bytes + i, 1));
	}
	EXPECT_EQ(0, write(self->target.data_fd, self->stream.bytes, 0));
	FINISH_LOAD();
}

/* A stream has no positions, and what asks for one changes nothing */
TEST_F(mtty, positions)
{
	static const off_t offsets[] = { 0, 8, HEADER_SIZE, LLONG_MAX };
	struct iovec iov = { &self->stream, 1 };
	size_t i, done;
	int fd;

	for (done = 0; done <= HEADER_SIZE; done += HEADER_SIZE) {
		EXPECT_EQ(0, load(&self->target, &self->stream, done,
				  STREAM_MAX));
		fd = self->target.data_fd;
		for (i = 0; i < ARRAY_SIZE(offsets); i++) {
			EXPECT_EQ(-ESPIPE, mdev_result(pwrite(fd, &self->stream,
							      1, offsets[i])));
			EXPECT_EQ(-ESPIPE, mdev_result(pwritev(fd, &iov, 1,
							       offsets[i])));
			EXPECT_EQ(-ESPIPE, mdev_result(lseek(fd, offsets[i],
							     SEEK_SET)));
		}
		EXPECT_EQ(-EINVAL, mdev_result(pwrite(fd, &self->stream, 1,
						      -1)));
		EXPECT_EQ(0, vfio_write_stream(&self->target,
					       self->stream.bytes + done,
					       self->len - done, STREAM_MAX));
		FINISH_LOAD();
		self->stream.bytes[HEADER_SIZE + UART_SCR]++;
	}
}

/*
 * Nothing is taken from a buffer that cannot be read to its end, and no header
 * is judged by what could be read of it
 */
TEST_F(mtty, faulty_buffer)
{
	size_t page = sysconf(_SC_PAGESIZE), readable[] = {
		0, 1, HEADER_SIZE - 1, HEADER_SIZE, HEADER_SIZE + 1,
		self->len - 1,
	};
	unsigned char *end;
	size_t i;

	end = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, end);
	end += page;
	ASSERT_EQ(0, mprotect(end, page, PROT_NONE));

	for (i = 0; i < ARRAY_SIZE(readable); i++) {
		self->stream.bytes[HEADER_SIZE + UART_SCR]++;
		EXPECT_EQ(0, begin_load(&self->target));

		/* A header that would be rejected, were it taken */
		self->stream.bytes[0] ^= 1;
		memcpy(end - readable[i], &self->stream, readable[i]);
		self->stream.bytes[0] ^= 1;
		EXPECT_EQ(-EFAULT, mdev_result(write(self->target.data_fd,
						     end - readable[i],
						     self->len))) {
			TH_LOG("%zu bytes are readable", readable[i]);
		}
		EXPECT_EQ(0, vfio_write_stream(&self->target,
					       self->stream.bytes, HEADER_SIZE,
					       HEADER_SIZE));

		/* And behind the header */
		EXPECT_EQ(-EFAULT, mdev_result(write(self->target.data_fd,
						     end, 1)));
		EXPECT_EQ(0, vfio_write_stream(&self->target,
					       self->stream.bytes + HEADER_SIZE,
					       self->len - HEADER_SIZE,
					       STREAM_MAX)) {
			TH_LOG("%zu bytes were readable", readable[i]);
		}
		FINISH_LOAD();
	}
	EXPECT_EQ(0, munmap(end - page, 2 * page));
}

/* Whoever still has the file of a load that is over */
TEST_F(mtty, write_after_the_end)
{
	int *fd = &self->target.data_fd;

	EXPECT_EQ(0, load(&self->target, &self->stream, self->len, STREAM_MAX));
	EXPECT_EQ(0, vfio_set_state(&self->target, VFIO_DEVICE_STATE_STOP));
	EXPECT_EQ(-ENODEV, mdev_result(write(*fd, &self->stream, 1)));
	EXPECT_EQ(-ENODEV, mdev_result(write(*fd, &self->stream, self->len)));
	EXPECT_EQ(-ENODEV, mdev_result(write(*fd, &self->stream, 0)));

	EXPECT_EQ(0, load(&self->target, &self->stream, self->len, STREAM_MAX));
	EXPECT_EQ(0, vfio_set_state(&self->target, VFIO_DEVICE_STATE_RUNNING));
	EXPECT_EQ(-ENODEV, mdev_result(write(*fd, &self->stream, self->len)));

	EXPECT_EQ(0, load(&self->target, &self->stream, HEADER_SIZE - 1,
			  STREAM_MAX));
	EXPECT_EQ(0, vfio_reset(&self->target));
	EXPECT_EQ(-ENODEV, mdev_result(write(*fd, &self->stream, 1)));

	EXPECT_EQ(0, load(&self->target, &self->stream, HEADER_SIZE,
			  STREAM_MAX));
	vfio_close_fd(&self->target.fd);
	EXPECT_EQ(-ENODEV, mdev_result(write(*fd, &self->stream, 1)));
}

/* The only place that says why a load has failed */
TEST_F(mtty, debug_messages)
{
	static const char on[] = "module mtty +p", off[] = "module mtty -p";
	int i, ret, log;

	if (access(MDEV_DEBUG_CONTROL, W_OK))
		SKIP(return, "no " MDEV_DEBUG_CONTROL " (CONFIG_DYNAMIC_DEBUG)");

	for (i = 0; i < 2; i++) {
		self->stream.header.minor += i;
		log = mdev_log_open();
		ASSERT_LE(0, log);
		EXPECT_LT(0, mdev_write_file(MDEV_DEBUG_CONTROL, on, strlen(on)));
		ret = load(&self->target, &self->stream, HEADER_SIZE,
			   HEADER_SIZE);
		EXPECT_EQ(-EINVAL, vfio_set_state(&self->target,
						  VFIO_DEVICE_STATE_RUNNING));
		EXPECT_LT(0, mdev_write_file(MDEV_DEBUG_CONTROL, off, strlen(off)));
		EXPECT_EQ(i ? -EFAULT : 0, ret);
		EXPECT_TRUE(mdev_log_has(log, i ?
					 "mtty_resume_write failed validation" :
					 "mtty_resume_write header validated"));
		/* What was rejected is not looked at any more */
		EXPECT_EQ(!i, mdev_log_has(log, "mtty_load_state expected"));
		close(log);
	}
}

static void require_migration(void)
{
	struct vfio_test_device dev = vfio_no_device;
	int ret;

	mdev_require_parent("mtty");
	mdev_require_log();
	if (access("/dev/vfio/vfio", F_OK))
		mdev_skip_all("no /dev/vfio/vfio");

	/* Any other failure is for the tests to find */
	ret = vfio_create(&dev, MDEV_TYPE_DIR("mtty", "mtty-1"));
	if (!ret)
		ret = vfio_migration_flags(&dev);
	remove_device(&dev);
	if (ret == -ENOTTY)
		mdev_skip_all("mtty of this kernel has no VFIO migration");
}

int main(int argc, char *argv[])
{
	require_migration();
	return test_harness_run(argc, argv);
}
