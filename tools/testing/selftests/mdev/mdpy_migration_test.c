// SPDX-License-Identifier: GPL-2.0-only
/*
 * Migration of mdpy: its stream, each arc of the state machine, and that a target
 * loads a stream exactly if migration_version accepts it
 */

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>

#include "mdpy_test_utils.h"
#include "stream_test_utils.h"
#include "userfault_test_utils.h"
#include "version_test_utils.h"
#include "vfio_test_utils.h"

#define HEADER_SIZE	sizeof(struct mdpy_header)
#define CONFIG_SIZE	255
#define MEMORY_OFFSET	(HEADER_SIZE + CONFIG_SIZE)
#define CHECKSUM_SIZE	sizeof(__u32)

/* Configuration space */
#define PCI_COMMAND	0x04
#define PCI_BAR0	0x10
#define PCI_BAR0_FLAGS	0x0f
#define MDPY_HEIGHT	0x4c

/* The smallest type, and a larger one */
#define TYPE_DIR	MDEV_TYPE_DIR("mdpy", "mdpy-vga")
#define OTHER_TYPE_DIR	MDEV_TYPE_DIR("mdpy", "mdpy-xga")

/* Sizes of a write: the whole stream, the header, one byte less, one byte more */
static const size_t chunks[] = {
	SIZE_MAX, HEADER_SIZE, HEADER_SIZE - 1, HEADER_SIZE + 1, 4096, 100000,
};

FIXTURE(mdpy) {
	struct vfio_test_device source;
	struct vfio_test_device target;
	unsigned char *source_memory;
	unsigned char *target_memory;
	size_t memory_size;
	/* Content of the memory of a new device */
	unsigned char *new_memory;
	/* Stream of the source, which each test may change */
	unsigned char *stream;
	/* The header at the beginning of @stream */
	struct mdpy_header *header;
	/* Length of @stream; the size of its buffer follows */
	size_t len;
	size_t size;
};

/* Map the video memory, as a guest has it; returns MAP_FAILED if the device lacks it */
static unsigned char *map_memory(struct vfio_test_device *dev, size_t *size)
{
	__u64 offset, len;

	offset = vfio_region(dev, VFIO_PCI_BAR0_REGION_INDEX, &len);
	*size = len;
	return mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, dev->fd,
		    offset);
}

/* Fill the memory with a picture that does not repeat itself, another one for each @seed */
static void draw(unsigned char *memory, size_t size, unsigned int seed)
{
	__u32 *words = (__u32 *)memory;
	size_t i;

	for (i = 0; i < size / sizeof(*words); i++)
		words[i] = (i + seed) * 2654435761u;
}

static bool drawn(const unsigned char *memory, size_t size, unsigned int seed)
{
	const __u32 *words = (const __u32 *)memory;
	size_t i;

	for (i = 0; i < size / sizeof(*words); i++)
		if (words[i] != (__u32)((i + seed) * 2654435761u))
			return false;
	return true;
}

/* Set the checksum for the bytes in the stream */
static void renew_checksum(unsigned char *stream, size_t len)
{
	__u32 checksum = mdpy_crc32(0, stream, len - CHECKSUM_SIZE);

	memcpy(stream + len - CHECKSUM_SIZE, &checksum, CHECKSUM_SIZE);
}

static __u32 read_bar(struct vfio_test_device *dev)
{
	__u32 bar = 0;
	__u64 offset, size;

	offset = vfio_region(dev, VFIO_PCI_CONFIG_REGION_INDEX, &size);
	if (pread(dev->fd, &bar, sizeof(bar), offset + PCI_BAR0) != sizeof(bar))
		return 0;
	return bar;
}

static int write_bar(struct vfio_test_device *dev, __u32 bar)
{
	__u64 offset, size;

	offset = vfio_region(dev, VFIO_PCI_CONFIG_REGION_INDEX, &size);
	return pwrite(dev->fd, &bar, sizeof(bar), offset + PCI_BAR0) ==
	       sizeof(bar) ? 0 : -errno;
}

/* Begin a load; the target may be anywhere in a load that was given up */
static int begin_load(struct vfio_test_device *dev)
{
	vfio_close_fd(&dev->data_fd);
	return vfio_set_state(dev, VFIO_DEVICE_STATE_RESUMING);
}

/* Begin a load and write a stream; returns 0 or the errno of a write */
static int load(struct vfio_test_device *dev, const unsigned char *stream,
		size_t len, size_t chunk)
{
	size_t head = len < 2 * HEADER_SIZE ? len : 2 * HEADER_SIZE;
	int ret;

	ret = begin_load(dev);
	if (ret)
		return -ENOTRECOVERABLE;

	/* The rest is megabytes, which would take long in chunks of some bytes */
	if (chunk < 4096) {
		ret = vfio_write_stream(dev, stream, head, chunk);
		if (ret)
			return ret;
		return vfio_write_stream(dev, stream + head, len - head, len);
	}
	return vfio_write_stream(dev, stream, len, chunk);
}

FIXTURE_SETUP(mdpy)
{
	ssize_t len;

	self->source = vfio_no_device;
	self->target = vfio_no_device;
	ASSERT_EQ(0, vfio_create(&self->source, TYPE_DIR));
	ASSERT_EQ(0, vfio_create(&self->target, TYPE_DIR));
	self->source_memory = map_memory(&self->source, &self->memory_size);
	ASSERT_NE(MAP_FAILED, self->source_memory);
	self->target_memory = map_memory(&self->target, &self->memory_size);
	ASSERT_NE(MAP_FAILED, self->target_memory);

	self->new_memory = malloc(self->memory_size);
	ASSERT_NE(NULL, self->new_memory);
	memcpy(self->new_memory, self->target_memory, self->memory_size);
	ASSERT_EQ(0u, read_bar(&self->target) & ~PCI_BAR0_FLAGS);

	/* Both devices differ from a new device */
	draw(self->source_memory, self->memory_size, 1);
	draw(self->target_memory, self->memory_size, 2);
	ASSERT_EQ(0, write_bar(&self->source, 0xe1000000));
	ASSERT_EQ(0, write_bar(&self->target, 0xd2000000));

	self->size = MEMORY_OFFSET + self->memory_size + CHECKSUM_SIZE + 4096;
	self->stream = malloc(self->size);
	ASSERT_NE(NULL, self->stream);
	self->header = (void *)self->stream;
	len = vfio_save(&self->source, self->stream, self->size, 0);
	ASSERT_EQ((ssize_t)(MEMORY_OFFSET + self->memory_size + CHECKSUM_SIZE),
		  len);
	self->len = len;
}

FIXTURE_TEARDOWN(mdpy)
{
	free(self->stream);
	free(self->new_memory);
	munmap(self->source_memory, self->memory_size);
	munmap(self->target_memory, self->memory_size);
	EXPECT_EQ(0, vfio_remove(&self->source));
	EXPECT_EQ(0, vfio_remove(&self->target));
}

/* The target has the state from before the load */
#define EXPECT_UNTOUCHED() do { \
	EXPECT_TRUE(drawn(self->target_memory, self->memory_size, 2)); \
	EXPECT_EQ(0xd2000000, read_bar(&self->target) & ~PCI_BAR0_FLAGS); \
} while (0)

/* The target does not have a byte that was drawn, loaded or set in it */
#define EXPECT_NEW() do { \
	EXPECT_EQ(0, memcmp(self->new_memory, self->target_memory, \
			    self->memory_size)); \
	EXPECT_EQ(0u, read_bar(&self->target) & ~PCI_BAR0_FLAGS); \
	EXPECT_NE(0u, read_bar(&self->target)); \
} while (0)

/* The target has the source's state; give it another state for the next load */
#define FINISH_LOAD() do { \
	EXPECT_EQ(0, vfio_set_state(&self->target, \
				    VFIO_DEVICE_STATE_RUNNING)); \
	EXPECT_TRUE(drawn(self->target_memory, self->memory_size, 1)); \
	EXPECT_EQ(read_bar(&self->source), read_bar(&self->target)); \
	draw(self->target_memory, self->memory_size, 2); \
	EXPECT_EQ(0, write_bar(&self->target, 0xd2000000)); \
} while (0)

/* The load fails, also at the second attempt; only a reset ends the migration */
#define EXPECT_NOT_LOADED(error) do { \
	int not_loaded = (error); \
	EXPECT_EQ(not_loaded, vfio_set_state(&self->target, \
					     VFIO_DEVICE_STATE_RUNNING)); \
	EXPECT_EQ(not_loaded, vfio_set_state(&self->target, \
					     VFIO_DEVICE_STATE_STOP)); \
	EXPECT_EQ(VFIO_DEVICE_STATE_RESUMING, vfio_state(&self->target)); \
	EXPECT_UNTOUCHED(); \
	EXPECT_EQ(0, vfio_reset(&self->target)); \
	EXPECT_EQ(VFIO_DEVICE_STATE_RUNNING, vfio_state(&self->target)); \
	draw(self->target_memory, self->memory_size, 2); \
	EXPECT_EQ(0, write_bar(&self->target, 0xd2000000)); \
} while (0)

/* Ask the attribute about the version in @header; returns 0 or an errno */
static int verdict(const struct mdpy_header *header)
{
	char version[64];
	ssize_t ret, len;

	len = snprintf(version, sizeof(version), "%04x:%04x-%u.%u",
		       header->vendor, header->device, header->major,
		       header->minor);
	ret = mdev_check(TYPE_DIR, version, len);
	return ret == len ? 0 : ret < 0 ? ret : -EIO;
}

/* Make the stream as a source with this minor version would have saved it */
static void set_minor(unsigned char *stream, size_t *len, __u32 minor)
{
	struct mdpy_header *header = (void *)stream;

	/* The stream of an older source does not have a checksum */
	if (header->minor >= 1 && !minor)
		*len -= CHECKSUM_SIZE;
	header->minor = minor;
	if (minor)
		renew_checksum(stream, *len);
}

TEST_F(mdpy, flags_are_stop_copy_and_p2p)
{
	EXPECT_EQ(VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P,
		  vfio_migration_flags(&self->source));
}

TEST_F(mdpy, reported_data_size_is_the_length_of_the_stream)
{
	__u64 size;
	int ret;

	ret = vfio_data_size(&self->source, &size);
	if (ret == -ENOTTY)
		SKIP(return, VFIO_LACKS_DATA_SIZE);
	ASSERT_EQ(0, ret);
	EXPECT_EQ(self->len, size);
}

TEST_F(mdpy, stream_has_the_version_of_the_attribute)
{
	const struct mdpy_header *header = self->header;
	char shown[64], version[64];
	__u32 checksum;

	ASSERT_LT(0, mdev_read_attr(TYPE_DIR, "migration_version",
				    shown, sizeof(shown)));
	snprintf(version, sizeof(version), "%04x:%04x-%u.%u\n",
		 header->vendor, header->device, header->major, header->minor);
	EXPECT_STREQ(shown, version);
	EXPECT_EQ(CONFIG_SIZE, (int)header->config_size);
	EXPECT_EQ(self->memory_size, header->memory_size);
	EXPECT_EQ(0, (int)header->flags);

	memcpy(&checksum, self->stream + self->len - CHECKSUM_SIZE,
	       CHECKSUM_SIZE);
	EXPECT_EQ(mdpy_crc32(0, self->stream, self->len - CHECKSUM_SIZE),
		  checksum);
}

TEST_F(mdpy, state_of_the_source_arrives_at_the_target)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(chunks); i++) {
		EXPECT_EQ(0, load(&self->target, self->stream, self->len,
				  chunks[i])) {
			TH_LOG("in pieces of %zu", chunks[i]);
		}
		EXPECT_UNTOUCHED();
		FINISH_LOAD();
	}
}

TEST_F(mdpy, state_written_byte_by_byte_arrives)
{
	EXPECT_EQ(0, load(&self->target, self->stream, self->len, 1));
	FINISH_LOAD();
}

/* The stream does not change with the memory of the source after the stop */
TEST_F(mdpy, stream_has_the_state_of_the_moment_of_the_stop)
{
	size_t len = 0;

	ASSERT_EQ(0, vfio_set_state(&self->source,
				    VFIO_DEVICE_STATE_STOP_COPY));
	draw(self->source_memory, self->memory_size, 3);
	ASSERT_EQ(0, vfio_read_stream(&self->source, self->stream,
				      self->size, &len));
	ASSERT_EQ(self->len, len);
	EXPECT_EQ(0, load(&self->target, self->stream, self->len, SIZE_MAX));
	FINISH_LOAD();
}

/* A guest goes from host to host, and back */
TEST_F(mdpy, device_migrates_there_and_back)
{
	struct vfio_test_device *from = &self->source, *to = &self->target;
	struct vfio_test_device *swap;
	ssize_t len;
	int i;

	for (i = 0; i < 4; i++) {
		draw(i % 2 ? self->target_memory : self->source_memory,
		     self->memory_size, 10 + i);
		ASSERT_EQ(0, write_bar(from, 0xc0000000 + (i << 24)));
		len = vfio_save(from, self->stream, self->size, 0);
		ASSERT_EQ((ssize_t)self->len, len);
		ASSERT_EQ(0, load(to, self->stream, len, SIZE_MAX));
		EXPECT_EQ(0, vfio_set_state(to, VFIO_DEVICE_STATE_RUNNING));
		EXPECT_TRUE(drawn(i % 2 ? self->source_memory :
				  self->target_memory, self->memory_size,
				  10 + i));
		EXPECT_EQ(read_bar(from), read_bar(to));
		swap = from;
		from = to;
		to = swap;
	}
}

TEST_F(mdpy, stream_of_an_older_source_is_loaded)
{
	const __u32 minors[] = { 0, self->header->minor };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(minors); i++) {
		for (j = 0; j < ARRAY_SIZE(chunks); j++) {
			size_t len = self->len;
			unsigned char *stream = malloc(len);

			ASSERT_NE(NULL, stream);
			memcpy(stream, self->stream, len);
			set_minor(stream, &len, minors[i]);
			EXPECT_EQ(0, verdict((void *)stream));
			EXPECT_EQ(0, load(&self->target, stream, len,
					  chunks[j]));
			FINISH_LOAD();
			free(stream);
		}
	}
}

TEST_F(mdpy, verdict_is_the_outcome_of_the_load)
{
	struct mdpy_header *header = self->header;
	int expected, accepted = 0;
	size_t i, len = self->len;

	for (i = 0; i < ARRAY_SIZE(stream_test_versions); i++) {
		len = self->len;
		set_minor(self->stream, &len, stream_test_versions[i][1]);
		header->major = stream_test_versions[i][0];
		if (header->minor)
			renew_checksum(self->stream, len);
		expected = verdict(header);
		EXPECT_EQ(expected ? -EPROTONOSUPPORT : 0, expected);
		accepted += !expected;

		EXPECT_EQ(expected, load(&self->target, self->stream, len,
					 SIZE_MAX)) {
			TH_LOG("version %u.%u", header->major, header->minor);
		}
		if (!expected)
			FINISH_LOAD();
		else
			EXPECT_NOT_LOADED(expected);
		/* The next version has a checksum again */
		header->minor = 1;
	}
	EXPECT_EQ(2, accepted);
}

/* Each bit of the version counts in the verdict exactly if it counts in the load */
TEST_F(mdpy, verdict_is_the_outcome_for_each_bit_of_the_version)
{
	const size_t begin = offsetof(struct mdpy_header, vendor);
	const size_t end = offsetof(struct mdpy_header, config_size);
	struct mdpy_header *header = self->header;
	int expected, accepted = 0;
	size_t i;

	for (i = 8 * begin; i < 8 * end; i++) {
		self->stream[i / 8] ^= 1 << i % 8;
		expected = verdict(header);
		accepted += !expected;
		EXPECT_EQ(expected, load(&self->target, self->stream,
					 HEADER_SIZE, HEADER_SIZE)) {
			TH_LOG("bit %zu of byte %zu", i % 8, i / 8);
		}
		EXPECT_EQ(0, vfio_reset(&self->target));
		self->stream[i / 8] ^= 1 << i % 8;
	}
	/* Only minor version 0, without the only bit of minor version 1, is accepted */
	EXPECT_EQ(1, accepted);
}

/* Each field of the header beside the version has one right value */
TEST_F(mdpy, flipped_bit_beside_the_version_is_refused)
{
	const size_t begin = offsetof(struct mdpy_header, vendor);
	const size_t end = offsetof(struct mdpy_header, config_size);
	size_t i;

	for (i = 0; i < 8 * HEADER_SIZE; i++) {
		if (i / 8 >= begin && i / 8 < end)
			continue;
		self->stream[i / 8] ^= 1 << i % 8;
		EXPECT_EQ(0, verdict(self->header));
		EXPECT_EQ(-EINVAL, load(&self->target, self->stream,
					HEADER_SIZE, HEADER_SIZE)) {
			TH_LOG("bit %zu of byte %zu", i % 8, i / 8);
		}
		EXPECT_EQ(0, vfio_reset(&self->target));
		self->stream[i / 8] ^= 1 << i % 8;
	}
}

/* A write after an error fails with the same errno, until the device is reset */
TEST_F(mdpy, rejected_stream_is_not_loaded)
{
	static const struct {
		size_t offset;
		int error;
	} bytes[] = {
		{ offsetof(struct mdpy_header, magic), -EINVAL },
		{ offsetof(struct mdpy_header, vendor), -EXDEV },
		{ offsetof(struct mdpy_header, device), -EXDEV },
		{ offsetof(struct mdpy_header, major), -EPROTONOSUPPORT },
		{ offsetof(struct mdpy_header, minor), -EPROTONOSUPPORT },
		{ offsetof(struct mdpy_header, config_size), -EINVAL },
		{ offsetof(struct mdpy_header, memory_size), -EINVAL },
		{ offsetof(struct mdpy_header, flags), -EINVAL },
	};
	size_t i, rest = self->len - HEADER_SIZE;

	for (i = 0; i < ARRAY_SIZE(bytes); i++) {
		self->stream[bytes[i].offset] ^= 0x10;
		renew_checksum(self->stream, self->len);
		EXPECT_EQ(bytes[i].error, load(&self->target, self->stream,
					       self->len, SIZE_MAX));
		EXPECT_NOT_LOADED(bytes[i].error);

		EXPECT_EQ(bytes[i].error, load(&self->target, self->stream,
					       self->len, HEADER_SIZE));
		EXPECT_EQ(bytes[i].error,
			  vfio_write_stream(&self->target,
					    self->stream + HEADER_SIZE,
					    rest, rest));
		EXPECT_EQ(bytes[i].error,
			  mdev_result(write(self->target.data_fd, "", 0)));
		EXPECT_NOT_LOADED(bytes[i].error);
		self->stream[bytes[i].offset] ^= 0x10;
	}
	renew_checksum(self->stream, self->len);
	EXPECT_EQ(0, load(&self->target, self->stream, self->len, SIZE_MAX));
	FINISH_LOAD();
}

/* The checksum is at the end of the stream; no byte of the device changes before it */
TEST_F(mdpy, corrupt_stream_is_not_loaded)
{
	const size_t offsets[] = {
		HEADER_SIZE, HEADER_SIZE + PCI_BAR0 + 2,
		MEMORY_OFFSET - 1, MEMORY_OFFSET,
		MEMORY_OFFSET + self->memory_size / 2 + 1,
		self->len - CHECKSUM_SIZE - 1, self->len - CHECKSUM_SIZE,
		self->len - 1,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		self->stream[offsets[i]] ^= 0x10;
		EXPECT_EQ(0, load(&self->target, self->stream, self->len,
				  SIZE_MAX));
		EXPECT_NOT_LOADED(-EINVAL);
		self->stream[offsets[i]] ^= 0x10;
	}
	EXPECT_EQ(0, load(&self->target, self->stream, self->len, SIZE_MAX));
	FINISH_LOAD();
}

/* Only the address in the configuration space can differ from source to target */
TEST_F(mdpy, configuration_of_another_device_is_not_loaded)
{
	static const size_t offsets[] = {
		0, PCI_COMMAND, PCI_BAR0 - 1, PCI_BAR0 + 4, MDPY_HEIGHT,
		CONFIG_SIZE - 1,
	};
	unsigned char *config = self->stream + HEADER_SIZE;
	size_t i, len = self->len;

	/* A stream of this version does not have a checksum, which would be wrong */
	set_minor(self->stream, &len, 0);
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		config[offsets[i]] ^= 1;
		EXPECT_EQ(0, load(&self->target, self->stream, len, SIZE_MAX));
		EXPECT_NOT_LOADED(-EINVAL);
		config[offsets[i]] ^= 1;
	}
	for (i = 0; i < 4; i++) {
		config[PCI_BAR0] ^= 1 << i;
		EXPECT_EQ(0, load(&self->target, self->stream, len, SIZE_MAX));
		EXPECT_NOT_LOADED(-EINVAL);
		config[PCI_BAR0] ^= 1 << i;
	}

	memset(config + PCI_BAR0 + 1, 0xff, 3);
	EXPECT_EQ(0, write_bar(&self->source, 0xffffff00));
	EXPECT_EQ(0, load(&self->target, self->stream, len, SIZE_MAX));
	FINISH_LOAD();
}

TEST_F(mdpy, stream_of_another_type_is_not_loaded)
{
	struct vfio_test_device other = vfio_no_device;
	unsigned char *stream;
	ssize_t len = 0, size = 16 << 20;

	stream = malloc(size);
	ASSERT_NE(NULL, stream);
	EXPECT_EQ(0, vfio_create(&other, OTHER_TYPE_DIR));
	len = vfio_save(&other, stream, size, 0);
	EXPECT_EQ(0, vfio_remove(&other));
	EXPECT_LT((ssize_t)HEADER_SIZE, len);

	/* The version is the same, because the type is compared before the version */
	EXPECT_EQ(0, verdict((void *)stream));
	EXPECT_EQ(-EINVAL, load(&self->target, stream, HEADER_SIZE,
				HEADER_SIZE));
	EXPECT_NOT_LOADED(-EINVAL);
	free(stream);
}

TEST_F(mdpy, foreign_streams_are_not_loaded)
{
	/* Zeros, all ones, and the beginning of a stream of mtty */
	static const __u64 foreign[][HEADER_SIZE / sizeof(__u64)] = {
		{ 0 }, { -1, -1, -1, -1 }, { 0x7e9d09898c3e2c4e, 1, 1 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(foreign); i++) {
		EXPECT_EQ(-EINVAL, load(&self->target, (void *)foreign[i],
					HEADER_SIZE, HEADER_SIZE));
		EXPECT_NOT_LOADED(-EINVAL);
	}
}

/*
 * A stream that ends too early can be continued.  If it does not have a checksum, only the
 * length shows that bytes are missing.
 */
TEST_F(mdpy, truncated_stream_is_not_loaded)
{
	const size_t lens[] = {
		0, 1, HEADER_SIZE - 1, HEADER_SIZE, HEADER_SIZE + 1,
		MEMORY_OFFSET - 1, MEMORY_OFFSET,
		self->len - CHECKSUM_SIZE - 1, self->len - CHECKSUM_SIZE,
		self->len - 1,
	};
	size_t i, len;
	__u32 minor;

	for (minor = 0; minor < 2; minor++) {
		len = self->len;
		set_minor(self->stream, &len, minor);
		for (i = 0; i < ARRAY_SIZE(lens) && lens[i] < len; i++) {
			EXPECT_EQ(0, load(&self->target, self->stream, lens[i],
					  SIZE_MAX));
			EXPECT_EQ(-EINVAL,
				  vfio_set_state(&self->target,
						 VFIO_DEVICE_STATE_RUNNING)) {
				TH_LOG("after %zu bytes of version 1.%u",
				       lens[i], minor);
			}
			EXPECT_EQ(VFIO_DEVICE_STATE_RESUMING,
				  vfio_state(&self->target));
			EXPECT_UNTOUCHED();
			EXPECT_EQ(0, vfio_write_stream(&self->target,
						       self->stream + lens[i],
						       len - lens[i],
						       SIZE_MAX));
			FINISH_LOAD();
		}
		self->header->minor = 1;
	}
}

TEST_F(mdpy, overlong_stream_is_not_loaded)
{
	size_t i, len;
	__u32 minor;

	for (minor = 0; minor < 2; minor++) {
		len = self->len;
		set_minor(self->stream, &len, minor);
		for (i = 0; i < ARRAY_SIZE(chunks); i++) {
			/* The byte too many is in the same write, or in the next one */
			EXPECT_EQ(-EINVAL, load(&self->target, self->stream,
						len + 1, chunks[i]));
			EXPECT_NOT_LOADED(-EINVAL);
			EXPECT_EQ(0, load(&self->target, self->stream, len,
					  chunks[i]));
			EXPECT_EQ(-EINVAL,
				  mdev_result(write(self->target.data_fd,
						    self->stream, 1)));
			EXPECT_NOT_LOADED(-EINVAL);
		}
		self->header->minor = 1;
	}
}

/* Nothing is taken from a buffer that cannot be read to its end */
TEST_F(mdpy, nothing_is_taken_from_a_faulty_buffer)
{
	size_t page = sysconf(_SC_PAGESIZE);
	const size_t readable[] = { 0, 1, HEADER_SIZE - 1, HEADER_SIZE };
	unsigned char *end;
	size_t i;

	end = mdev_guard_map();
	ASSERT_NE(NULL, end);

	for (i = 0; i < ARRAY_SIZE(readable); i++) {
		memset(end - page, 0xee, page);
		EXPECT_EQ(0, begin_load(&self->target));
		EXPECT_EQ(-EFAULT, mdev_result(write(self->target.data_fd,
						     end - readable[i],
						     HEADER_SIZE + 1)));
		EXPECT_EQ(0, vfio_write_stream(&self->target,
					       self->stream, self->len,
					       SIZE_MAX));
		FINISH_LOAD();
	}

	/* A read that fails does not lose a byte of the stream either */
	EXPECT_EQ(0, vfio_set_state(&self->source,
				    VFIO_DEVICE_STATE_STOP_COPY));
	EXPECT_EQ(-EFAULT, mdev_result(read(self->source.data_fd, end - 1, 2)));
	EXPECT_EQ(1, read(self->source.data_fd, end - 1, 1));
	EXPECT_EQ(self->stream[0], end[-1]);
	EXPECT_EQ(0, mdev_guard_unmap(end));
}

/* Calls that ask for a position in a stream fail */
TEST_F(mdpy, stream_does_not_have_positions)
{
	unsigned char byte;

	EXPECT_EQ(0, begin_load(&self->target));
	EXPECT_EQ(-ESPIPE, mdev_result(lseek(self->target.data_fd, 0,
					     SEEK_SET)));
	EXPECT_EQ(-ESPIPE, mdev_result(pwrite(self->target.data_fd,
					      self->stream, 1, 0)));
	EXPECT_EQ(-EBADF, mdev_result(read(self->target.data_fd, &byte, 1)));
	EXPECT_EQ(0, vfio_set_state(&self->source,
				    VFIO_DEVICE_STATE_STOP_COPY));
	EXPECT_EQ(-ESPIPE, mdev_result(pread(self->source.data_fd, &byte, 1,
					     0)));
	EXPECT_EQ(-EBADF, mdev_result(write(self->source.data_fd, "", 1)));
}

/* Only the debug message shows where a stream was rejected */
TEST_F(mdpy, debug_message_shows_where_a_stream_was_rejected)
{
	static const char on[] = "module mdpy +p", off[] = "module mdpy -p";
	int ret, log;

	if (access(MDEV_DEBUG_CONTROL, W_OK))
		SKIP(return, MDEV_DEBUG_CONTROL
		     " does not exist (CONFIG_DYNAMIC_DEBUG)");

	log = mdev_log_open();
	ASSERT_LE(0, log);
	self->header->flags = 1;
	EXPECT_LT(0, mdev_write_file(MDEV_DEBUG_CONTROL, on, strlen(on)));
	ret = load(&self->target, self->stream, HEADER_SIZE, HEADER_SIZE);
	EXPECT_LT(0, mdev_write_file(MDEV_DEBUG_CONTROL, off, strlen(off)));
	EXPECT_EQ(-EINVAL, ret);
	EXPECT_TRUE(mdev_log_has(log, "stream rejected after 32 bytes: -22"));
	close(log);
}

/* State machine */

/* States of migration, and states that a device without PRE_COPY does not have */
static const __u32 states[] = {
	VFIO_DEVICE_STATE_STOP,
	VFIO_DEVICE_STATE_RUNNING,
	VFIO_DEVICE_STATE_STOP_COPY,
	VFIO_DEVICE_STATE_RESUMING,
	VFIO_DEVICE_STATE_RUNNING_P2P,
};

static const __u32 no_states[] = {
	VFIO_DEVICE_STATE_ERROR,
	VFIO_DEVICE_STATE_PRE_COPY,
	VFIO_DEVICE_STATE_PRE_COPY + 1,
	VFIO_DEVICE_STATE_PRE_COPY + 2,
	0xffffffff,
};

static bool has_file(__u32 state)
{
	return state == VFIO_DEVICE_STATE_STOP_COPY ||
	       state == VFIO_DEVICE_STATE_RESUMING;
}

/* Bring the target into @state; in RESUMING, write a stream that can be loaded */
#define ENTER(state) do { \
	__u32 entered = (state); \
	EXPECT_EQ(0, vfio_reset(&self->target)); \
	vfio_close_fd(&self->target.data_fd); \
	EXPECT_EQ(0, vfio_set_state(&self->target, entered)); \
	EXPECT_EQ(has_file(entered), self->target.data_fd >= 0); \
	if (entered == VFIO_DEVICE_STATE_RESUMING) \
		EXPECT_EQ(0, vfio_write_stream(&self->target, \
					       self->stream, self->len, \
					       SIZE_MAX)); \
} while (0)

TEST_F(mdpy, each_arc_between_states_is_taken)
{
	struct vfio_test_device *dev = &self->target;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		for (j = 0; j < ARRAY_SIZE(states); j++) {
			ENTER(states[i]);
			vfio_close_fd(&dev->data_fd);
			EXPECT_EQ(0, vfio_set_state(dev, states[j])) {
				TH_LOG("from %u to %u", states[i], states[j]);
			}
			EXPECT_EQ((int)states[j], vfio_state(dev));
			/* A device that is in the state already does not return a file */
			EXPECT_EQ(has_file(states[j]) && i != j,
				  dev->data_fd >= 0) {
				TH_LOG("from %u to %u", states[i], states[j]);
			}
		}
		for (j = 0; j < ARRAY_SIZE(no_states); j++) {
			ENTER(states[i]);
			EXPECT_EQ(-EINVAL, vfio_set_state(dev, no_states[j])) {
				TH_LOG("from %u to %u", states[i],
				       no_states[j]);
			}
		}
	}
}

/* The stream is loaded when the device leaves RESUMING, for any state */
TEST_F(mdpy, arcs_out_of_resuming_load_a_whole_stream_only)
{
	struct vfio_test_device *dev = &self->target;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		if (states[i] == VFIO_DEVICE_STATE_RESUMING)
			continue;
		ENTER(VFIO_DEVICE_STATE_RESUMING);
		EXPECT_EQ(0, vfio_set_state(dev, states[i]));
		EXPECT_TRUE(drawn(self->target_memory, self->memory_size, 1));
		draw(self->target_memory, self->memory_size, 2);

		/* A device without a stream leaves RESUMING only by a reset */
		ENTER(VFIO_DEVICE_STATE_STOP);
		draw(self->target_memory, self->memory_size, 2);
		EXPECT_EQ(0, vfio_set_state(dev, VFIO_DEVICE_STATE_RESUMING));
		EXPECT_EQ(-EINVAL, vfio_set_state(dev, states[i]));
		EXPECT_EQ(VFIO_DEVICE_STATE_RESUMING, vfio_state(dev));
		EXPECT_TRUE(drawn(self->target_memory, self->memory_size, 2));
	}
}

/* Return the result of a read, or of a write if the file cannot be read */
static int use_file(int fd)
{
	char byte = 0;
	ssize_t ret;

	ret = mdev_result(read(fd, &byte, 1));
	return ret == -EBADF ? mdev_result(write(fd, &byte, 1)) : ret;
}

/* The file of an ended migration cannot be read or written */
#define EXPECT_FILE_ENDED(fd) do { \
	int left_over = (fd); \
	if (left_over >= 0) \
		EXPECT_EQ(-ENODEV, use_file(left_over)); \
} while (0)

TEST_F(mdpy, reset_in_each_state_leaves_a_new_device)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		ENTER(states[i]);
		draw(self->target_memory, self->memory_size, 2);
		EXPECT_EQ(0, write_bar(&self->target, 0xd2000000));
		EXPECT_EQ(0, vfio_reset(&self->target));
		EXPECT_EQ(VFIO_DEVICE_STATE_RUNNING, vfio_state(&self->target));
		EXPECT_FALSE(drawn(self->target_memory, self->memory_size, 1));
		EXPECT_NEW();
		EXPECT_FILE_ENDED(self->target.data_fd);
		EXPECT_EQ(0, load(&self->target, self->stream, self->len,
				  SIZE_MAX));
		FINISH_LOAD();
	}
}

/* The next user of the device finds it running, and without a byte of the last user */
TEST_F(mdpy, close_in_each_state_leaves_a_new_device)
{
	int file;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		ENTER(states[i]);
		draw(self->target_memory, self->memory_size, 2);
		EXPECT_EQ(0, write_bar(&self->target, 0xd2000000));
		munmap(self->target_memory, self->memory_size);
		file = self->target.data_fd;
		self->target.data_fd = -1;
		vfio_close(&self->target);
		EXPECT_FILE_ENDED(file);
		EXPECT_EQ(0, vfio_open(&self->target));
		EXPECT_FILE_ENDED(file);
		EXPECT_EQ(VFIO_DEVICE_STATE_RUNNING, vfio_state(&self->target));
		self->target_memory = map_memory(&self->target,
						 &self->memory_size);
		ASSERT_NE(MAP_FAILED, self->target_memory);
		EXPECT_NEW();
		EXPECT_EQ(0, load(&self->target, self->stream, self->len,
				  SIZE_MAX));
		FINISH_LOAD();
		vfio_close_fd(&file);
	}
}

/* A close also removes the state that was loaded from another device */
TEST_F(mdpy, close_after_a_load_leaves_a_new_device)
{
	EXPECT_EQ(0, load(&self->target, self->stream, self->len, SIZE_MAX));
	EXPECT_EQ(0, vfio_set_state(&self->target, VFIO_DEVICE_STATE_RUNNING));
	EXPECT_TRUE(drawn(self->target_memory, self->memory_size, 1));
	EXPECT_EQ(read_bar(&self->source), read_bar(&self->target));
	munmap(self->target_memory, self->memory_size);
	vfio_close(&self->target);
	EXPECT_EQ(0, vfio_open(&self->target));
	self->target_memory = map_memory(&self->target, &self->memory_size);
	ASSERT_NE(MAP_FAILED, self->target_memory);
	EXPECT_NEW();
}

/* A mapping keeps the device open, and its memory unchanged */
TEST_F(mdpy, mapping_keeps_the_device_open)
{
	vfio_close(&self->target);
	EXPECT_TRUE(drawn(self->target_memory, self->memory_size, 2));
	draw(self->target_memory, self->memory_size, 3);
	munmap(self->target_memory, self->memory_size);
	EXPECT_EQ(0, vfio_open(&self->target));
	self->target_memory = map_memory(&self->target, &self->memory_size);
	ASSERT_NE(MAP_FAILED, self->target_memory);
	EXPECT_NEW();
}

TEST_F(mdpy, reset_is_advertised)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };

	EXPECT_EQ(0, ioctl(self->target.fd, VFIO_DEVICE_GET_INFO, &info));
	EXPECT_EQ(VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI,
		  (int)info.flags);
}

struct reset {
	struct vfio_test_device *dev;
	bool ended;
	int result;
};

static void *resetter(void *arg)
{
	struct reset *reset = arg;

	reset->result = vfio_reset(reset->dev);
	__atomic_store_n(&reset->ended, true, __ATOMIC_SEQ_CST);
	return NULL;
}

/* A save beside a reset has the state before or after it, not parts of both */
TEST_F(mdpy, save_beside_a_reset_has_one_state)
{
	const unsigned char *memory = self->stream + MEMORY_OFFSET;
	struct vfio_test_device *dev = &self->target;
	struct reset reset = { .dev = dev };
	pthread_t thread;
	size_t len;
	int i, ret;

	for (i = 0; i < 100; i++) {
		draw(self->target_memory, self->memory_size, 2);
		reset.ended = false;
		ASSERT_EQ(0, pthread_create(&thread, NULL, resetter, &reset));
		while (!__atomic_load_n(&reset.ended, __ATOMIC_SEQ_CST)) {
			ret = vfio_set_state(dev, VFIO_DEVICE_STATE_STOP_COPY);
			EXPECT_EQ(0, ret);
			len = 0;
			ret = ret ?: vfio_read_stream(dev, self->stream,
						      self->size, &len);
			EXPECT_EQ(0, vfio_set_state(dev,
						    VFIO_DEVICE_STATE_RUNNING));
			vfio_close_fd(&dev->data_fd);
			/* The reset may have ended the migration with its stream */
			if (ret == -ENODEV)
				continue;
			EXPECT_EQ(0, ret);
			EXPECT_EQ(self->len, len);
			EXPECT_TRUE(drawn(memory, self->memory_size, 2) ||
				    !memcmp(memory, self->new_memory,
					    self->memory_size)) {
				TH_LOG("the stream has parts of both states, in round %d", i);
			}
		}
		ASSERT_EQ(0, pthread_join(thread, NULL));
		EXPECT_EQ(0, reset.result);
	}
}

static void *remover(void *uuid)
{
	return (void *)(long)mdev_remove(uuid);
}

/* A removal waits for the user of the device; the file of a stream may outlive both */
TEST_F(mdpy, device_can_be_removed_in_each_state)
{
	pthread_t thread;
	void *removed;
	int file;
	size_t i;

	munmap(self->target_memory, self->memory_size);
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		ENTER(states[i]);
		file = self->target.data_fd;
		self->target.data_fd = -1;
		ASSERT_EQ(0, pthread_create(&thread, NULL, remover,
					    self->target.uuid));
		vfio_close(&self->target);
		ASSERT_EQ(0, pthread_join(thread, &removed));
		EXPECT_EQ(NULL, removed);
		EXPECT_FILE_ENDED(file);
		vfio_close_fd(&file);
		ASSERT_EQ(0, vfio_create(&self->target, TYPE_DIR));
	}
	self->target_memory = map_memory(&self->target, &self->memory_size);
	ASSERT_NE(MAP_FAILED, self->target_memory);
}

/* The module stays for as long as a device or a stream needs it, and no longer */
TEST_F(mdpy, module_stays_while_anything_needs_it)
{
	__u32 state;
	int file;
	size_t i;

	munmap(self->source_memory, self->memory_size);
	munmap(self->target_memory, self->memory_size);
	EXPECT_EQ(0, vfio_remove(&self->source));
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		state = states[i];
		ENTER(state);
		EXPECT_EQ(-EAGAIN, mdev_module_unload("mdpy"));
		EXPECT_EQ((int)state, vfio_state(&self->target));
		file = self->target.data_fd;
		self->target.data_fd = -1;
		vfio_close(&self->target);
		EXPECT_FILE_ENDED(file);
		if (has_file(state))
			EXPECT_EQ(-EAGAIN, mdev_module_unload("mdpy"));
		vfio_close_fd(&file);

		/* The module takes its devices along */
		EXPECT_EQ(0, mdev_module_unload("mdpy"));
		ASSERT_EQ(0, mdev_module_load("mdpy"));
		ASSERT_EQ(0, vfio_create(&self->target, TYPE_DIR));
	}
	ASSERT_EQ(0, vfio_create(&self->source, TYPE_DIR));
	self->source_memory = map_memory(&self->source, &self->memory_size);
	self->target_memory = map_memory(&self->target, &self->memory_size);
	ASSERT_NE(MAP_FAILED, self->source_memory);
	ASSERT_NE(MAP_FAILED, self->target_memory);
}

/*
 * Accesses of user space that stall: only other accesses to the stream wait for them.  If
 * another call waits, it waits for ever, and the test runs into its timeout.
 */

#define STALL_TIMEOUT	120

/* The page stalls an access after this number of bytes, and as many follow */
#define STALL_HALF	64

static ssize_t stalled_read(struct userfault *uf, void *arg)
{
	struct vfio_test_device *dev = arg;

	return mdev_result(read(dev->data_fd, uf->page - STALL_HALF,
				2 * STALL_HALF));
}

static ssize_t stalled_write(struct userfault *uf, void *arg)
{
	struct vfio_test_device *dev = arg;

	return mdev_result(write(dev->data_fd, uf->page - STALL_HALF,
				 2 * STALL_HALF));
}

FIXTURE(stalled) {
	struct vfio_test_device dev;
	struct userfault uf;
	unsigned char *stream;
	size_t size;
	size_t len;
};

FIXTURE_VARIANT(stalled) {
	__u32 state;
	ssize_t (*call)(struct userfault *uf, void *arg);
};

FIXTURE_VARIANT_ADD(stalled, read) {
	.state = VFIO_DEVICE_STATE_STOP_COPY,
	.call = stalled_read,
};

FIXTURE_VARIANT_ADD(stalled, write) {
	.state = VFIO_DEVICE_STATE_RESUMING,
	.call = stalled_write,
};

FIXTURE_SETUP(stalled)
{
	ssize_t len;

	self->dev = vfio_no_device;
	self->uf = userfault_none;
	self->size = 9 << 20;
	self->stream = malloc(self->size);
	ASSERT_NE(NULL, self->stream);
	ASSERT_EQ(0, vfio_create(&self->dev, TYPE_DIR));
	len = vfio_save(&self->dev, self->stream, self->size, 0);
	ASSERT_LT((ssize_t)HEADER_SIZE, len);
	self->len = len;
	ASSERT_EQ(0, vfio_set_state(&self->dev, variant->state));
	ASSERT_EQ(0, userfault_begin(&self->uf));
	memcpy(self->uf.page - STALL_HALF, self->stream, STALL_HALF);
	ASSERT_EQ(0, userfault_stall(&self->uf, variant->call, &self->dev));
}

FIXTURE_TEARDOWN(stalled)
{
	userfault_end(&self->uf);
	free(self->stream);
	EXPECT_EQ(0, vfio_remove(&self->dev));
}

/* Let the stalled access go on; a write gets the next bytes of the stream */
#define RELEASE_STALLED() \
	ASSERT_EQ(0, userfault_release(&self->uf, self->stream + STALL_HALF, \
				       STALL_HALF))

TEST_F_TIMEOUT(stalled, state_can_be_read, STALL_TIMEOUT)
{
	EXPECT_EQ((int)variant->state, vfio_state(&self->dev));
	RELEASE_STALLED();
	EXPECT_EQ(2 * STALL_HALF, userfault_result(&self->uf));
	EXPECT_EQ(0, memcmp(self->stream, self->uf.page - STALL_HALF,
			    2 * STALL_HALF));
	EXPECT_EQ((int)variant->state, vfio_state(&self->dev));
}

TEST_F_TIMEOUT(stalled, device_can_be_reset, STALL_TIMEOUT)
{
	EXPECT_EQ(0, vfio_reset(&self->dev));
	EXPECT_EQ(VFIO_DEVICE_STATE_RUNNING, vfio_state(&self->dev));
	RELEASE_STALLED();
	EXPECT_EQ(-ENODEV, userfault_result(&self->uf));
	EXPECT_FILE_ENDED(self->dev.data_fd);
}

/* A new migration begins while an access of the last one is still stalled */
TEST_F_TIMEOUT(stalled, device_can_migrate_again, STALL_TIMEOUT)
{
	int file = self->dev.data_fd;

	EXPECT_EQ(0, vfio_reset(&self->dev));
	self->dev.data_fd = -1;
	EXPECT_EQ(0, vfio_set_state(&self->dev, VFIO_DEVICE_STATE_RESUMING));
	EXPECT_EQ(0, vfio_write_stream(&self->dev, self->stream, self->len,
				       SIZE_MAX));
	EXPECT_EQ(0, vfio_set_state(&self->dev, VFIO_DEVICE_STATE_STOP));
	RELEASE_STALLED();
	EXPECT_EQ(-ENODEV, userfault_result(&self->uf));
	EXPECT_FILE_ENDED(file);
	close(file);
	EXPECT_EQ(VFIO_DEVICE_STATE_STOP, vfio_state(&self->dev));
}

TEST_F_TIMEOUT(stalled, device_can_be_closed, STALL_TIMEOUT)
{
	int file = self->dev.data_fd;

	self->dev.data_fd = -1;
	vfio_close(&self->dev);
	EXPECT_EQ(0, vfio_open(&self->dev));
	EXPECT_EQ(VFIO_DEVICE_STATE_RUNNING, vfio_state(&self->dev));
	RELEASE_STALLED();
	EXPECT_EQ(-ENODEV, userfault_result(&self->uf));
	EXPECT_FILE_ENDED(file);
	close(file);
}

TEST_F_TIMEOUT(stalled, device_can_be_removed, STALL_TIMEOUT)
{
	int file = self->dev.data_fd;

	self->dev.data_fd = -1;
	vfio_close(&self->dev);
	EXPECT_EQ(0, mdev_remove(self->dev.uuid));
	self->dev.uuid[0] = '\0';
	RELEASE_STALLED();
	EXPECT_EQ(-ENODEV, userfault_result(&self->uf));
	EXPECT_FILE_ENDED(file);
	close(file);
}

/* Bytes of a stalled write are loaded after they have arrived, and not before */
TEST_F_TIMEOUT(stalled, set_state_does_not_wait, STALL_TIMEOUT)
{
	if (variant->state == VFIO_DEVICE_STATE_STOP_COPY) {
		EXPECT_EQ(0, vfio_set_state(&self->dev,
					    VFIO_DEVICE_STATE_RUNNING));
		RELEASE_STALLED();
		EXPECT_EQ(-ENODEV, userfault_result(&self->uf));
		return;
	}

	EXPECT_EQ(-EINVAL, vfio_set_state(&self->dev,
					  VFIO_DEVICE_STATE_RUNNING));
	EXPECT_EQ(VFIO_DEVICE_STATE_RESUMING, vfio_state(&self->dev));
	RELEASE_STALLED();
	EXPECT_EQ(2 * STALL_HALF, userfault_result(&self->uf));
	EXPECT_EQ(0, vfio_write_stream(&self->dev,
				       self->stream + 2 * STALL_HALF,
				       self->len - 2 * STALL_HALF, SIZE_MAX));
	EXPECT_EQ(0, vfio_set_state(&self->dev, VFIO_DEVICE_STATE_RUNNING));
}

/* The state is not loaded while its last bytes are still to be copied */
TEST_F_TIMEOUT(mdpy, state_is_not_loaded_before_its_last_bytes, STALL_TIMEOUT)
{
	struct userfault uf = userfault_none;
	const unsigned char *end;

	/* Remove the checksum, which is wrong for as long as bytes are missing */
	set_minor(self->stream, &self->len, 0);
	end = self->stream + self->len;
	ASSERT_EQ(0, load(&self->target, self->stream,
			  self->len - 2 * STALL_HALF, SIZE_MAX));
	ASSERT_EQ(0, userfault_begin(&uf));
	memcpy(uf.page - STALL_HALF, end - 2 * STALL_HALF, STALL_HALF);
	ASSERT_EQ(0, userfault_stall(&uf, stalled_write, &self->target));
	EXPECT_EQ(-EINVAL, vfio_set_state(&self->target,
					  VFIO_DEVICE_STATE_RUNNING));
	EXPECT_EQ(VFIO_DEVICE_STATE_RESUMING, vfio_state(&self->target));
	EXPECT_UNTOUCHED();
	EXPECT_EQ(0, userfault_release(&uf, end - STALL_HALF, STALL_HALF));
	EXPECT_EQ(2 * STALL_HALF, userfault_result(&uf));
	FINISH_LOAD();
	userfault_end(&uf);
}

static void interrupted(int signal)
{
	(void)signal;
}

struct second_access {
	struct vfio_test_device *dev;
	struct userfault *uf;
	ssize_t (*call)(struct userfault *uf, void *arg);
	ssize_t result;
	bool ended;
};

static void *second_accessor(void *arg)
{
	struct second_access *second = arg;

	second->result = second->call(second->uf, second->dev);
	__atomic_store_n(&second->ended, true, __ATOMIC_SEQ_CST);
	return NULL;
}

/* A second access waits for the first one, and a signal ends that wait */
TEST_F_TIMEOUT(stalled, signal_interrupts_a_second_access, STALL_TIMEOUT)
{
	struct sigaction action = { .sa_handler = interrupted };
	struct second_access second = {
		.dev = &self->dev,
		.uf = &self->uf,
		.call = variant->call,
	};
	pthread_t thread;

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	ASSERT_EQ(0, pthread_create(&thread, NULL, second_accessor, &second));
	while (!__atomic_load_n(&second.ended, __ATOMIC_SEQ_CST)) {
		pthread_kill(thread, SIGUSR1);
		usleep(1000);
	}
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(-EINTR, second.result);

	RELEASE_STALLED();
	EXPECT_EQ(2 * STALL_HALF, userfault_result(&self->uf));
	EXPECT_EQ(0, memcmp(self->stream, self->uf.page - STALL_HALF,
			    2 * STALL_HALF));
}

/*
 * Files of migrations that have ended.  A process can have many of them, and keep them
 * open for as long as it likes, so that they must not hold the data of a stream, nor the
 * device.
 */

#define FILES	20

/* The data of the largest type is more than other changes of the free memory */
#define LARGE_TYPE_DIR	MDEV_TYPE_DIR("mdpy", "mdpy-hd")
#define LARGE_MEMORY	(8 << 20)

enum ending {
	END_BY_RESET,
	END_BY_STATE,
	END_BY_CLOSE,
	END_BY_REMOVAL,
	END_DURING_AN_ACCESS,
};

FIXTURE(ended) {
	struct vfio_test_device dev;
	unsigned char *stream;
	size_t size;
	size_t len;
	int files[FILES];
};

FIXTURE_VARIANT(ended) {
	__u32 state;
	enum ending ending;
};

FIXTURE_VARIANT_ADD(ended, save_reset) {
	.state = VFIO_DEVICE_STATE_STOP_COPY,
	.ending = END_BY_RESET,
};

FIXTURE_VARIANT_ADD(ended, save_finished) {
	.state = VFIO_DEVICE_STATE_STOP_COPY,
	.ending = END_BY_STATE,
};

FIXTURE_VARIANT_ADD(ended, save_closed) {
	.state = VFIO_DEVICE_STATE_STOP_COPY,
	.ending = END_BY_CLOSE,
};

FIXTURE_VARIANT_ADD(ended, save_removed) {
	.state = VFIO_DEVICE_STATE_STOP_COPY,
	.ending = END_BY_REMOVAL,
};

FIXTURE_VARIANT_ADD(ended, save_stalled) {
	.state = VFIO_DEVICE_STATE_STOP_COPY,
	.ending = END_DURING_AN_ACCESS,
};

FIXTURE_VARIANT_ADD(ended, load_reset) {
	.state = VFIO_DEVICE_STATE_RESUMING,
	.ending = END_BY_RESET,
};

FIXTURE_VARIANT_ADD(ended, load_finished) {
	.state = VFIO_DEVICE_STATE_RESUMING,
	.ending = END_BY_STATE,
};

FIXTURE_VARIANT_ADD(ended, load_closed) {
	.state = VFIO_DEVICE_STATE_RESUMING,
	.ending = END_BY_CLOSE,
};

FIXTURE_VARIANT_ADD(ended, load_removed) {
	.state = VFIO_DEVICE_STATE_RESUMING,
	.ending = END_BY_REMOVAL,
};

FIXTURE_VARIANT_ADD(ended, load_stalled) {
	.state = VFIO_DEVICE_STATE_RESUMING,
	.ending = END_DURING_AN_ACCESS,
};

FIXTURE_SETUP(ended)
{
	ssize_t len;
	int i;

	for (i = 0; i < FILES; i++)
		self->files[i] = -1;
	self->dev = vfio_no_device;
	self->size = 9 << 20;
	self->stream = malloc(self->size);
	ASSERT_NE(NULL, self->stream);
	ASSERT_EQ(0, vfio_create(&self->dev, LARGE_TYPE_DIR));
	len = vfio_save(&self->dev, self->stream, self->size, 0);
	ASSERT_LT(LARGE_MEMORY, len);
	self->len = len;
}

FIXTURE_TEARDOWN(ended)
{
	int i;

	for (i = 0; i < FILES; i++)
		vfio_close_fd(&self->files[i]);
	free(self->stream);
	EXPECT_EQ(0, vfio_remove(&self->dev));
}

/* End the migration of @dev, which is in @state; its file stays open */
static int end_migration(struct vfio_test_device *dev, enum ending ending,
			 __u32 state)
{
	struct userfault uf = userfault_none;
	int file, ret = 0;

	switch (ending) {
	case END_BY_RESET:
		return vfio_reset(dev);
	case END_BY_STATE:
		return vfio_set_state(dev, VFIO_DEVICE_STATE_RUNNING);
	case END_BY_CLOSE:
	case END_BY_REMOVAL:
		file = dev->data_fd;
		dev->data_fd = -1;
		vfio_close(dev);
		if (ending == END_BY_REMOVAL)
			ret = mdev_remove(dev->uuid) ?:
			      mdev_create(LARGE_TYPE_DIR, dev->uuid);
		ret = ret ?: vfio_open(dev);
		dev->data_fd = file;
		return ret;
	case END_DURING_AN_ACCESS:
		ret = userfault_begin(&uf);
		ret = ret ?: userfault_stall(&uf, state ==
					     VFIO_DEVICE_STATE_RESUMING ?
					     stalled_write : stalled_read, dev);
		ret = ret ?: vfio_reset(dev);
		ret = ret ?: userfault_release(&uf, "", 0);
		if (!ret && userfault_result(&uf) != -ENODEV)
			ret = -EIO;
		userfault_end(&uf);
		return ret;
	}
	return -EINVAL;
}

TEST_F(ended, files_hold_no_memory)
{
	long long before = mdev_available_memory(), after;
	int i;

	ASSERT_LT(0, before);
	for (i = 0; i < FILES; i++) {
		ASSERT_EQ(0, vfio_set_state(&self->dev, variant->state));
		if (variant->ending == END_BY_STATE &&
		    variant->state == VFIO_DEVICE_STATE_RESUMING)
			ASSERT_EQ(0, vfio_write_stream(&self->dev, self->stream,
						       self->len, SIZE_MAX));
		ASSERT_EQ(0, end_migration(&self->dev, variant->ending,
					   variant->state));
		self->files[i] = self->dev.data_fd;
		self->dev.data_fd = -1;
	}

	/* Files that hold their data would take four times this limit */
	after = mdev_available_memory();
	EXPECT_GT(FILES / 4 * LARGE_MEMORY, before - after) {
		TH_LOG("%d files hold %lld bytes", FILES, before - after);
	}

	for (i = 0; i < FILES; i++)
		EXPECT_FILE_ENDED(self->files[i]);
}

/* Each type, and many devices at once */

#define MANY	16

/* Migrate a picture from a new device to another one, @times with another picture */
static int migrate(const char *type_dir, unsigned int seed, int times)
{
	struct vfio_test_device source = vfio_no_device;
	struct vfio_test_device target = vfio_no_device;
	unsigned char *memory, *stream;
	size_t size, room = 9 << 20;
	ssize_t len;
	int ret;

	stream = malloc(room);
	ret = stream ? 0 : -ENOMEM;
	ret = ret ?: vfio_create(&source, type_dir);
	ret = ret ?: vfio_create(&target, type_dir);
	for (; !ret && times; times--, seed += MANY) {
		memory = map_memory(&source, &size);
		draw(memory, size, seed);
		munmap(memory, size);
		len = vfio_save(&source, stream, room, 0);
		ret = len < 0 ? len : load(&target, stream, len, 100000);
		ret = ret ?: vfio_set_state(&target, VFIO_DEVICE_STATE_RUNNING);
		memory = map_memory(&target, &size);
		if (!ret && !drawn(memory, size, seed))
			ret = -EBADMSG;
		munmap(memory, size);
	}
	ret = vfio_remove(&source) ?: ret;
	ret = vfio_remove(&target) ?: ret;
	free(stream);
	return ret;
}

FIXTURE(types) {
};

FIXTURE_SETUP(types)
{
}

FIXTURE_TEARDOWN(types)
{
}

TEST_F(types, each_type_can_migrate)
{
	EXPECT_EQ(0, migrate(MDEV_TYPE_DIR("mdpy", "mdpy-vga"), 1, 1));
	EXPECT_EQ(0, migrate(MDEV_TYPE_DIR("mdpy", "mdpy-xga"), 2, 1));
	EXPECT_EQ(0, migrate(MDEV_TYPE_DIR("mdpy", "mdpy-hd"), 3, 1));
}

FIXTURE(many) {
};

FIXTURE_SETUP(many)
{
	ASSERT_EQ(0, mdev_module_unload("mdpy"));
	ASSERT_EQ(0, mdev_module_load_with("mdpy", "count=32"));
}

FIXTURE_TEARDOWN(many)
{
	EXPECT_EQ(0, mdev_module_reload("mdpy"));
}

static void *migrate_one(void *seed)
{
	return (void *)(long)migrate(TYPE_DIR, (long)seed, 4);
}

TEST_F(many, many_devices_migrate_at_once)
{
	pthread_t threads[MANY];
	void *ret;
	long i;

	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, migrate_one,
					    (void *)i));
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], &ret));
		EXPECT_EQ(0, (long)ret) {
			TH_LOG("device %ld", i);
		}
	}
}

int main(int argc, char *argv[])
{
	mdev_require_samples();
	mdev_require_module("mdpy");
	if (access("/dev/vfio/vfio", F_OK))
		mdev_skip_all("/dev/vfio/vfio does not exist");

	return test_harness_run(argc, argv);
}
