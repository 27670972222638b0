// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to an mdpy device through its file: its config space and its video memory, at
 * each offset and of each size, and their content after a reset and after a close
 */

#include <stdint.h>
#include <sys/mman.h>

#include "mdev_test_utils.h"
#include "vfio_test_utils.h"

/* The smallest type */
#define TYPE_DIR	MDEV_TYPE_DIR("mdpy", "mdpy-vga")

/* This byte is not in the config space; it fills buffers and memory before an access */
#define POISON		0xa5

/* Config space */
#define PCI_BAR0	0x10
#define PCI_BAR0_FLAGS	0x0f

/* The largest access that is tried at each offset; buffers have room for one byte more */
#define MOST		16ul

FIXTURE(access) {
	struct vfio_test_device dev;
	__u64 config;
	__u64 config_size;
	__u64 bar;
	__u64 bar_size;
	/* The video memory, mapped */
	unsigned char *memory;
};

FIXTURE_SETUP(access)
{
	self->dev = vfio_no_device;
	ASSERT_EQ(0, vfio_create(&self->dev, TYPE_DIR));
	self->config = vfio_region(&self->dev, VFIO_PCI_CONFIG_REGION_INDEX,
				   &self->config_size);
	/* The config space of a PCI function has one byte more than the reported size */
	ASSERT_EQ(255ull, self->config_size);
	self->config_size++;
	self->bar = vfio_region(&self->dev, VFIO_PCI_BAR0_REGION_INDEX,
				&self->bar_size);
	ASSERT_LT(MOST, self->config_size);
	ASSERT_LT(MOST, self->bar_size);
	self->memory = mmap(NULL, self->bar_size, PROT_READ | PROT_WRITE,
			    MAP_SHARED, self->dev.fd, self->bar);
	ASSERT_NE(MAP_FAILED, self->memory);
}

FIXTURE_TEARDOWN(access)
{
	munmap(self->memory, self->bar_size);
	vfio_close(&self->dev);
	EXPECT_EQ(0, mdev_remove(self->dev.uuid));
}

static ssize_t read_at(struct vfio_test_device *dev, void *buf, size_t size,
		       __u64 pos)
{
	memset(buf, POISON, size);
	return mdev_result(pread(dev->fd, buf, size, pos));
}

static ssize_t write_at(struct vfio_test_device *dev, const void *buf,
			size_t size, __u64 pos)
{
	return mdev_result(pwrite(dev->fd, buf, size, pos));
}

/* The byte differs from neighbours, and at the same place of each word and each page */
static unsigned char pattern(size_t i)
{
	return (i * 2654435761u + i / 4096) >> 8;
}

TEST_F(access, config_space_can_be_read_at_each_offset)
{
	unsigned char bytes[256], buf[MOST];
	size_t offset, size;

	ASSERT_GE(sizeof(bytes), self->config_size);
	for (offset = 0; offset < self->config_size; offset++)
		ASSERT_EQ(1, read_at(&self->dev, bytes + offset, 1,
				     self->config + offset));

	for (offset = 0; offset < self->config_size; offset++) {
		for (size = 1; size <= MOST &&
		     offset + size <= self->config_size; size++) {
			EXPECT_EQ((ssize_t)size,
				  read_at(&self->dev, buf, size,
					  self->config + offset)) {
				TH_LOG("%zu bytes at 0x%zx", size, offset);
			}
			EXPECT_EQ(0, memcmp(bytes + offset, buf, size)) {
				TH_LOG("%zu bytes at 0x%zx", size, offset);
			}
		}
	}
}

TEST_F(access, whole_config_space_can_be_read)
{
	unsigned char bytes[256];
	__u16 vendor;

	ASSERT_GE(sizeof(bytes), self->config_size);
	EXPECT_EQ((ssize_t)self->config_size,
		  read_at(&self->dev, bytes, self->config_size, self->config));
	memcpy(&vendor, bytes, sizeof(vendor));
	EXPECT_EQ(0x1b36, vendor);
}

TEST_F(access, access_across_the_end_of_the_config_space_fails)
{
	unsigned char buf[MOST] = {};
	const size_t end = self->config_size;
	size_t offset, size;

	for (offset = end - MOST + 1; offset <= end; offset++) {
		for (size = end - offset + 1; size <= MOST; size++) {
			EXPECT_EQ(-EFAULT, read_at(&self->dev, buf, size,
						   self->config + offset)) {
				TH_LOG("%zu bytes at 0x%zx", size, offset);
			}
			memset(buf, 0, sizeof(buf));
			EXPECT_EQ(-EFAULT, write_at(&self->dev, buf, size,
						    self->config + offset)) {
				TH_LOG("%zu bytes at 0x%zx", size, offset);
			}
		}
	}
}

TEST_F(access, access_between_the_regions_fails)
{
	const __u64 end = self->config + self->config_size;
	const __u64 positions[] = { end, end + 1, 0x100, 0x104, 0x1fe,
				    self->bar - 4, self->bar - 2,
				    self->bar - 1 };
	unsigned char buf[MOST] = {};
	size_t i, size;

	/* An access fails that ends between the regions, or goes on into the memory */
	for (i = 0; i < ARRAY_SIZE(positions); i++) {
		for (size = 1; size <= 8; size++) {
			EXPECT_EQ(-EFAULT, read_at(&self->dev, buf, size,
						   positions[i])) {
				TH_LOG("%zu bytes at 0x%llx", size,
				       positions[i]);
			}
			EXPECT_EQ(-EFAULT, write_at(&self->dev, buf, size,
						    positions[i])) {
				TH_LOG("%zu bytes at 0x%llx", size,
				       positions[i]);
			}
		}
	}
}

TEST_F(access, access_far_from_any_region_fails)
{
	static const struct {
		__u64 pos;
		int error;
	} positions[] = {
		/* These would equal an offset in a region if they were cut to fewer bits */
		{ 1ull << 16, 0 },
		{ 1ull << 32, -EFAULT },
		{ (1ull << 32) + PCI_BAR0, -EFAULT },
		{ (1ull << 32) + 0x10000, -EFAULT },
		{ 1ull << 40, -EFAULT },
		{ 1ull << 62, -EFAULT },
		{ INT64_MAX - 4, -EFAULT },
		/* The VFS refuses an access that ends behind the last position */
		{ INT64_MAX - 3, -EINVAL },
		{ INT64_MAX, -EINVAL },
		{ INT64_MIN, -EINVAL },
		{ -4, -EINVAL },
		{ -1, -EINVAL },
	};
	unsigned char buf[4] = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(positions); i++) {
		ssize_t expected = positions[i].error ?: (int)sizeof(buf);

		EXPECT_EQ(expected, read_at(&self->dev, buf, sizeof(buf),
					    positions[i].pos)) {
			TH_LOG("at 0x%llx", positions[i].pos);
		}
		EXPECT_EQ(expected, write_at(&self->dev, buf, sizeof(buf),
					     positions[i].pos)) {
			TH_LOG("at 0x%llx", positions[i].pos);
		}
	}
}

/* A write to a part of the register of the address does not change another part */
TEST_F(access, short_write_of_the_bar_register_changes_what_it_writes)
{
	static const __u32 addresses[] = { 0xe1d2c000, 0, 0x12345670, ~0u };
	const __u64 pos = self->config + PCI_BAR0;
	__u32 before, after;
	__u8 byte = 0x50;
	__u16 half = 0xb3a0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		ASSERT_EQ(4, write_at(&self->dev, &addresses[i], 4, pos));
		ASSERT_EQ(4, read_at(&self->dev, &before, 4, pos));

		EXPECT_EQ(1, write_at(&self->dev, &byte, 1, pos));
		EXPECT_EQ(4, read_at(&self->dev, &after, 4, pos));
		EXPECT_EQ((before & 0xffffff00) | byte |
			  (before & PCI_BAR0_FLAGS), after);

		EXPECT_EQ(2, write_at(&self->dev, &half, 2, pos));
		EXPECT_EQ(4, read_at(&self->dev, &after, 4, pos));
		EXPECT_EQ((before & 0xffff0000) | half |
			  (before & PCI_BAR0_FLAGS), after);
	}
}

/* A guest writes all ones to find the size of the BAR */
TEST_F(access, bar_register_gives_the_size_of_the_bar)
{
	const __u64 pos = self->config + PCI_BAR0;
	__u32 ones = ~0u, mask;

	ASSERT_EQ(4, write_at(&self->dev, &ones, 4, pos));
	ASSERT_EQ(4, read_at(&self->dev, &mask, 4, pos));
	EXPECT_EQ(self->bar_size, -(mask & ~PCI_BAR0_FLAGS));
}

/* Return an offset near the beginning, a page boundary, the middle or the end */
static size_t place(size_t i, size_t size)
{
	const size_t places[] = { 0, 4096, 65536, size / 2, size - 3 * MOST };

	return i < ARRAY_SIZE(places) ? places[i] : SIZE_MAX;
}

TEST_F(access, memory_is_read_at_its_offset)
{
	size_t i, offset, size, begin;
	unsigned char buf[MOST];

	for (i = 0; i < self->bar_size; i++)
		self->memory[i] = pattern(i);

	for (i = 0; (begin = place(i, self->bar_size)) != SIZE_MAX; i++) {
		for (offset = begin; offset < begin + MOST; offset++) {
			for (size = 1; size <= MOST; size++) {
				EXPECT_EQ((ssize_t)size,
					  read_at(&self->dev, buf, size,
						  self->bar + offset));
				EXPECT_EQ(0, memcmp(self->memory + offset, buf,
						    size)) {
					TH_LOG("%zu bytes at 0x%zx", size,
					       offset);
				}
			}
		}
	}
}

TEST_F(access, memory_is_written_at_its_offset)
{
	size_t i, j, offset, size, begin;
	int changed;
	unsigned char buf[MOST];

	for (i = 0; (begin = place(i, self->bar_size)) != SIZE_MAX; i++) {
		for (offset = begin; offset < begin + MOST; offset++) {
			for (size = 1; size <= MOST; size++) {
				/* The bytes change their place and no other place */
				memset(self->memory, POISON, 3 * MOST);
				memset(self->memory + begin, POISON, 3 * MOST);
				for (j = 0; j < size; j++)
					buf[j] = j + 1;
				EXPECT_EQ((ssize_t)size,
					  write_at(&self->dev, buf, size,
						   self->bar + offset));
				EXPECT_EQ(0, memcmp(self->memory + offset, buf,
						    size)) {
					TH_LOG("%zu bytes at 0x%zx", size,
					       offset);
				}
				memset(self->memory + offset, POISON, size);
				for (changed = 0, j = 0; j < 3 * MOST; j++)
					changed += self->memory[j] != POISON ||
						self->memory[begin + j] != POISON;
				EXPECT_EQ(0, changed) {
					TH_LOG("%zu bytes at 0x%zx", size,
					       offset);
				}
			}
		}
	}
}

TEST_F(access, whole_memory_can_be_written_and_read)
{
	unsigned char *bytes = malloc(self->bar_size);
	size_t i;

	ASSERT_NE(NULL, bytes);
	for (i = 0; i < self->bar_size; i++)
		bytes[i] = pattern(i);
	EXPECT_EQ((ssize_t)self->bar_size,
		  write_at(&self->dev, bytes, self->bar_size, self->bar));
	EXPECT_EQ(0, memcmp(bytes, self->memory, self->bar_size));
	EXPECT_EQ((ssize_t)self->bar_size,
		  read_at(&self->dev, bytes, self->bar_size, self->bar));
	EXPECT_EQ(0, memcmp(bytes, self->memory, self->bar_size));
	free(bytes);
}

TEST_F(access, access_across_the_end_of_the_memory_fails)
{
	const __u64 end = self->bar + self->bar_size;
	unsigned char buf[MOST] = {};
	size_t offset, size;

	for (offset = 0; offset < MOST; offset++) {
		for (size = offset + 1; size <= MOST; size++) {
			EXPECT_EQ(-EFAULT, read_at(&self->dev, buf, size,
						   end - offset)) {
				TH_LOG("%zu bytes, %zu before the end", size,
				       offset);
			}
			EXPECT_EQ(-EFAULT, write_at(&self->dev, buf, size,
						    end - offset)) {
				TH_LOG("%zu bytes, %zu before the end", size,
				       offset);
			}
		}
	}
}

/* A mapping begins where the memory begins, does not go beyond it, and does not grow */
TEST_F(access, mapping_beyond_the_memory_fails)
{
	const size_t page = sysconf(_SC_PAGESIZE), size = self->bar_size;
	const struct {
		size_t len;
		__u64 offset;
		int flags;
	} refused[] = {
		{ size + page, self->bar, MAP_SHARED },
		{ page, self->bar + page, MAP_SHARED },
		{ page, self->bar + size, MAP_SHARED },
		{ size, self->bar + page, MAP_SHARED },
		{ page, self->config, MAP_SHARED },
		{ page, 1ull << 40, MAP_SHARED },
		{ page, self->bar, MAP_PRIVATE },
	};
	unsigned char *part;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		EXPECT_EQ(MAP_FAILED, mmap(NULL, refused[i].len, PROT_READ,
					   refused[i].flags, self->dev.fd,
					   refused[i].offset)) {
			TH_LOG("%zu bytes at 0x%llx", refused[i].len,
			       refused[i].offset);
		}
		EXPECT_EQ(EINVAL, errno);
	}

	part = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED,
		    self->dev.fd, self->bar);
	ASSERT_NE(MAP_FAILED, part);
	EXPECT_EQ(MAP_FAILED, mremap(part, page, 2 * page, MREMAP_MAYMOVE));
	self->memory[page - 1] = POISON;
	EXPECT_EQ(POISON, part[page - 1]);
	munmap(part, page);
}

/* A reset clears the memory on the screen, the rest of it, and the address of the BAR */
TEST_F(access, reset_and_close_leave_a_new_device)
{
	unsigned char *new = malloc(self->bar_size);
	__u32 address = 0xabcd0000, new_bar, bar;
	int closed;

	ASSERT_NE(NULL, new);
	memcpy(new, self->memory, self->bar_size);
	ASSERT_EQ(4, read_at(&self->dev, &new_bar, 4,
			     self->config + PCI_BAR0));

	for (closed = 0; closed < 2; closed++) {
		memset(self->memory, POISON, self->bar_size);
		ASSERT_EQ(4, write_at(&self->dev, &address, 4,
				      self->config + PCI_BAR0));
		if (closed) {
			munmap(self->memory, self->bar_size);
			vfio_close(&self->dev);
			ASSERT_EQ(0, vfio_open(&self->dev));
			self->memory = mmap(NULL, self->bar_size,
					    PROT_READ | PROT_WRITE, MAP_SHARED,
					    self->dev.fd, self->bar);
			ASSERT_NE(MAP_FAILED, self->memory);
		} else {
			EXPECT_EQ(0, vfio_reset(&self->dev));
		}
		EXPECT_EQ(0, memcmp(new, self->memory, self->bar_size)) {
			TH_LOG("memory after a %s", closed ? "close" : "reset");
		}
		EXPECT_EQ(4, read_at(&self->dev, &bar, 4,
				     self->config + PCI_BAR0));
		EXPECT_EQ(new_bar, bar) {
			TH_LOG("BAR after a %s", closed ? "close" : "reset");
		}
	}
	free(new);
}

TEST_F(access, reset_is_advertised)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };

	ASSERT_EQ(0, ioctl(self->dev.fd, VFIO_DEVICE_GET_INFO, &info));
	EXPECT_NE(0u, info.flags & VFIO_DEVICE_FLAGS_RESET);
}

int main(int argc, char *argv[])
{
	mdev_require_parent("mdpy");
	if (access("/dev/vfio/vfio", F_OK))
		mdev_skip_all("/dev/vfio/vfio does not exist");

	return test_harness_run(argc, argv);
}
