// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulated vendor driver: its devices and their knobs, and that the outcome of a
 * migration is the verdict
 */

#include <endian.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "mdev_sim_device_test_utils.h"
#include "userfault_test_utils.h"

/* Look whether a child has ended, but leave it for waitpid() */
static bool has_ended(pid_t pid)
{
	siginfo_t info = {};

	waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT);
	return info.si_pid == pid;
}

static ssize_t sim_write_bar(struct vfio_test_device *dev, const void *buf,
			     size_t len, size_t offset)
{
	__u64 size;

	return mdev_result(pwrite(dev->fd, buf, len, offset +
				  vfio_region(dev, VFIO_PCI_BAR0_REGION_INDEX,
					      &size)));
}

/* Bytes that differ from place to place and from seed to seed */
static void sim_pattern(unsigned char *buf, size_t len, unsigned int seed)
{
	while (len--) {
		seed = seed * 1103515245 + 12345;
		*buf++ = seed >> 16;
	}
}

static int sim_fill(struct vfio_test_device *dev, size_t state_size,
		    unsigned int seed)
{
	unsigned char *buf = malloc(SIM_REGS_SIZE + state_size);
	int ret = -EIO;

	if (!buf)
		return -ENOMEM;
	sim_pattern(buf, SIM_REGS_SIZE + state_size, seed);
	if (sim_write_bar(dev, buf, SIM_REGS_SIZE, 0) == SIM_REGS_SIZE &&
	    (!state_size ||
	     sim_write_bar(dev, buf + SIM_REGS_SIZE, state_size, SIM_BUFFER) ==
	     (ssize_t)state_size))
		ret = 0;
	free(buf);
	return ret;
}

/* Look whether the device has the bytes of sim_fill(); seed 0 stands for zeros */
static bool sim_has(struct vfio_test_device *dev, size_t state_size,
		    unsigned int seed)
{
	size_t len = SIM_REGS_SIZE + state_size;
	unsigned char *buf = calloc(2, len);
	bool same = false;

	if (buf && seed)
		sim_pattern(buf, len, seed);
	if (buf &&
	    sim_read_bar(dev, buf + len, SIM_REGS_SIZE, 0) == SIM_REGS_SIZE &&
	    (!state_size ||
	     sim_read_bar(dev, buf + len + SIM_REGS_SIZE, state_size,
			  SIM_BUFFER) == (ssize_t)state_size))
		same = !memcmp(buf, buf + len, len);
	free(buf);
	return same;
}

/* Migration */

/*
 * Load a stream into @dev, which runs afterwards in each case.  Returns 0, or the errno
 * with which the write or the change of the state fails; -ENOTRECOVERABLE if a rejected
 * stream was loaded.
 */
static int sim_load(struct vfio_test_device *dev, const unsigned char *buf,
		    size_t len, size_t chunk)
{
	int ret, stop;

	ret = vfio_set_state(dev, VFIO_DEVICE_STATE_RESUMING);
	if (ret)
		return ret;
	ret = vfio_write_stream(dev, buf, len, chunk);
	if (ret && vfio_write_stream(dev, buf, len, chunk) != ret)
		ret = -ENOTRECOVERABLE;
	/* The state goes on without the file */
	vfio_close_fd(&dev->data_fd);

	stop = vfio_set_state(dev, VFIO_DEVICE_STATE_RUNNING);
	if (ret && stop != ret)
		return -ENOTRECOVERABLE;
	if (!stop)
		return vfio_state(dev) == VFIO_DEVICE_STATE_RUNNING ?
		       0 : -ENOTRECOVERABLE;

	if (vfio_state(dev) != VFIO_DEVICE_STATE_ERROR ||
	    vfio_set_state(dev, VFIO_DEVICE_STATE_RUNNING) != -EINVAL ||
	    vfio_reset(dev) || vfio_state(dev) != VFIO_DEVICE_STATE_RUNNING)
		return -ENOTRECOVERABLE;
	return stop;
}

/* Knobs */

FIXTURE(device_knobs) {
};

FIXTURE_SETUP(device_knobs)
{
	ASSERT_EQ(0, sim_begin());
	ASSERT_EQ(0, sim_make(SIM_TARGET));
}

FIXTURE_TEARDOWN(device_knobs)
{
	EXPECT_EQ(0, sim_remove_all());
}

TEST_F(device_knobs, knobs_have_their_defaults)
{
	static const struct sim_value defaults[] = {
		{ .knob = "state_size", .shown = "4096" },
		{ .knob = "pre_copy", .shown = "0" },
		{ .knob = "load", .shown = "as-check" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(defaults); i++)
		sim_expect_shown(_metadata, &defaults[i]);
}

TEST_F(device_knobs, valid_values_are_taken)
{
	static const struct sim_value taken[] = {
		/* knob, written, shown */
		{ "state_size", "0", "0" },
		{ "state_size", "67108864", "67108864" },
		{ "state_size", "0x1000", "4096" },
		{ "pre_copy", "0", "0" },
		{ "load", "accept", "accept" },
		{ "load", "reject", "reject" },
		{ "load", "as-check", "as-check" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(taken); i++)
		sim_expect_taken(_metadata, &taken[i]);
}

/* A driver that cannot offer PRE_COPY refuses to have it set */
TEST_F(device_knobs, pre_copy_can_be_set_if_vfio_has_it)
{
	int ret = sim_set(SIM_TARGET, "pre_copy", "1");
	char buf[64];

	ASSERT_LE(0, sim_get(SIM_TARGET, "pre_copy", buf, sizeof(buf)));
	ASSERT_STREQ(ret ? "0" : "1", buf);
	if (ret == -EOPNOTSUPP)
		SKIP(return, SIM_LACKS_PRE_COPY);
	EXPECT_EQ(0, ret);
}

TEST_F(device_knobs, refused_values_change_nothing)
{
	static const struct {
		const char *knob;
		const char *value;
		int error;
	} refused[] = {
		{ "state_size", "67108865", ERANGE },
		{ "state_size", "1M", EINVAL },
		{ "pre_copy", "2", ERANGE },
		{ "pre_copy", "on", EINVAL },
		{ "load", "", EINVAL },
		{ "load", "accep", EINVAL },
		{ "load", "acceptx", EINVAL },
		{ "load", "As-Check", EINVAL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refused); i++)
		sim_expect_refused(_metadata, refused[i].knob, refused[i].value,
				   refused[i].error);
}

/* The devices of a type, limited by its knobs and its directory */

FIXTURE(type) {
};

FIXTURE_SETUP(type)
{
	ASSERT_EQ(0, sim_begin());
	ASSERT_EQ(0, sim_make(SIM_TARGET));
}

FIXTURE_TEARDOWN(type)
{
	EXPECT_EQ(0, sim_remove_all());
}

TEST_F(type, instances_limit_the_devices)
{
	char uuid[3][MDEV_UUID_SIZE], buf[16];

	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	ASSERT_EQ(0, sim_set(SIM_TARGET, "instances", "2"));
	sim_read_target("available_instances", buf, sizeof(buf));
	EXPECT_STREQ("2\n", buf);
	ASSERT_EQ(0, mdev_create(SIM_TARGET_DIR, uuid[0]));
	sim_read_target("available_instances", buf, sizeof(buf));
	EXPECT_STREQ("1\n", buf);
	ASSERT_EQ(0, mdev_create(SIM_TARGET_DIR, uuid[1]));
	EXPECT_EQ(-ENOSPC, mdev_create(SIM_TARGET_DIR, uuid[2]));

	/* A type can allow fewer devices than it has */
	ASSERT_EQ(0, sim_set(SIM_TARGET, "instances", "1"));
	sim_read_target("available_instances", buf, sizeof(buf));
	EXPECT_STREQ("0\n", buf);
	EXPECT_EQ(0, mdev_remove(uuid[0]));
	EXPECT_EQ(-ENOSPC, mdev_create(SIM_TARGET_DIR, uuid[0]));
	EXPECT_EQ(0, mdev_remove(uuid[1]));
	EXPECT_EQ(0, mdev_create(SIM_TARGET_DIR, uuid[0]));

	/* The devices go with the parent, and make room for others */
	ASSERT_EQ(0, sim_live(SIM_TARGET, "0"));
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	sim_read_target("available_instances", buf, sizeof(buf));
	EXPECT_STREQ("1\n", buf);
}

TEST_F(type, device_of_a_type_without_a_directory_goes_with_the_parent)
{
	char uuid[MDEV_UUID_SIZE], path[MDEV_PATH_SIZE];

	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	ASSERT_EQ(0, sim_rmdir(SIM_TARGET, SIM_TYPE));
	ASSERT_EQ(0, mdev_create(SIM_TARGET_DIR, uuid));
	snprintf(path, sizeof(path), MDEV_DEVICES "%s", uuid);
	EXPECT_EQ(0, access(path, F_OK));

	EXPECT_EQ(0, sim_live(SIM_TARGET, "0"));
	EXPECT_EQ(-1, access(path, F_OK));
}

TEST_F(type, device_of_a_type_that_opts_out_cannot_migrate)
{
	struct vfio_test_device dev = vfio_no_device;

	ASSERT_EQ(0, sim_set(SIM_TARGET, "no_migration_version", "1"));
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	EXPECT_EQ(0, sim_create(&dev, SIM_TARGET));
	EXPECT_EQ(-ENOTTY, vfio_migration_flags(&dev));
	vfio_close(&dev);
}

/* Devices */

FIXTURE(device) {
	struct vfio_test_device dev;
};

FIXTURE_SETUP(device)
{
	self->dev = vfio_no_device;
	ASSERT_EQ(0, sim_begin());
	ASSERT_EQ(0, sim_make(SIM_TARGET));
	ASSERT_EQ(0, sim_set(SIM_TARGET, "state_size", "5000"));
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	ASSERT_EQ(0, sim_create(&self->dev, SIM_TARGET));
}

FIXTURE_TEARDOWN(device)
{
	vfio_close(&self->dev);
	EXPECT_EQ(0, sim_remove_all());
}

TEST_F(device, device_is_a_pci_function_with_one_bar)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct vfio_irq_info irq = { .argsz = sizeof(irq) };
	unsigned char config[256];
	__u64 offset, size;
	__u32 i, bar;

	ASSERT_EQ(0, ioctl(self->dev.fd, VFIO_DEVICE_GET_INFO, &info));
	EXPECT_EQ(VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,
		  (int)info.flags);
	EXPECT_EQ(VFIO_PCI_NUM_REGIONS, (int)info.num_regions);
	EXPECT_EQ(VFIO_PCI_NUM_IRQS, (int)info.num_irqs);

	for (i = 0; i < VFIO_PCI_NUM_IRQS; i++) {
		irq.index = i;
		irq.count = 1;
		EXPECT_EQ(0, ioctl(self->dev.fd, VFIO_DEVICE_GET_IRQ_INFO,
				   &irq));
		EXPECT_EQ(0, (int)irq.count);
	}
	irq.index = VFIO_PCI_NUM_IRQS;
	EXPECT_EQ(-1, ioctl(self->dev.fd, VFIO_DEVICE_GET_IRQ_INFO, &irq));

	for (i = 0; i < VFIO_PCI_NUM_REGIONS; i++) {
		vfio_region(&self->dev, i, &size);
		EXPECT_EQ(i == VFIO_PCI_BAR0_REGION_INDEX ? 16384 :
			  i == VFIO_PCI_CONFIG_REGION_INDEX ? 256 : 0,
			  (int)size);
	}

	offset = vfio_region(&self->dev, VFIO_PCI_CONFIG_REGION_INDEX, &size);
	ASSERT_EQ(256, pread(self->dev.fd, config, 256, offset));
	EXPECT_EQ(0, memcmp(config, "\x34\x12\x73\x6d", 4));
	EXPECT_EQ(0xff, config[11]);

	/* A guest writes all ones to find the size of the BAR, and then an address */
	bar = htole32(0xffffffff);
	EXPECT_EQ(4, pwrite(self->dev.fd, &bar, 4, offset + 0x10));
	EXPECT_EQ(4, pread(self->dev.fd, &bar, 4, offset + 0x10));
	EXPECT_EQ(0xffffc000, le32toh(bar));
	bar = htole32(0xfe00c123);
	EXPECT_EQ(4, pwrite(self->dev.fd, &bar, 4, offset + 0x10));
	EXPECT_EQ(4, pread(self->dev.fd, &bar, 4, offset + 0x10));
	EXPECT_EQ(0xfe00c000, le32toh(bar));
	/* The IDs cannot be changed */
	EXPECT_EQ(4, pwrite(self->dev.fd, &bar, 4, offset));
	EXPECT_EQ(4, pread(self->dev.fd, config, 4, offset));
	EXPECT_EQ(0, memcmp(config, "\x34\x12\x73\x6d", 4));
}

TEST_F(device, registers_and_buffer_keep_what_is_written)
{
	unsigned char buf[16384];
	void *nowhere;
	size_t i;

	memset(buf, 0x5a, sizeof(buf));
	ASSERT_EQ(16384, sim_write_bar(&self->dev, buf, sizeof(buf), 0));
	memset(buf, 0xee, sizeof(buf));
	ASSERT_EQ(16384, sim_read_bar(&self->dev, buf, sizeof(buf), 0));
	for (i = 0; i < sizeof(buf); i++) {
		bool there = i < SIM_REGS_SIZE ||
			     (i >= SIM_BUFFER && i < SIM_BUFFER + 5000);

		ASSERT_EQ(there ? 0x5a : 0, buf[i]) {
			TH_LOG("offset %zu", i);
		}
	}

	/* An access ends where the BAR ends */
	EXPECT_EQ(4, sim_read_bar(&self->dev, buf, 100, 16380));
	EXPECT_EQ(0, sim_read_bar(&self->dev, buf, 100, 16384));
	EXPECT_EQ(4, sim_write_bar(&self->dev, buf, 100, 16380));
	EXPECT_EQ(-ENOSPC, sim_write_bar(&self->dev, buf, 100, 16384));
	/* A write of zero bytes succeeds inside of a region and beyond it */
	EXPECT_EQ(0, sim_write_bar(&self->dev, buf, 0, 0));
	EXPECT_EQ(0, sim_write_bar(&self->dev, buf, 0, 16384));
	EXPECT_EQ(0, pread(self->dev.fd, buf, 1,
			   (__u64)VFIO_PCI_NUM_REGIONS << 40));

	/* An access with a bad address fails, and does not reach a page of the kernel */
	nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);
	ASSERT_NE(MAP_FAILED, nowhere);
	EXPECT_EQ(-EFAULT, sim_read_bar(&self->dev, nowhere, 8, SIM_BUFFER));
	EXPECT_EQ(-EFAULT, sim_read_bar(&self->dev, nowhere, 8, 0x100));
	EXPECT_EQ(-EFAULT, sim_write_bar(&self->dev, nowhere, 8, SIM_BUFFER));
	munmap(nowhere, 4096);
}

TEST_F(device, reset_and_close_leave_a_new_device)
{
	ASSERT_EQ(0, sim_fill(&self->dev, 5000, 1));
	ASSERT_TRUE(sim_has(&self->dev, 5000, 1));
	EXPECT_EQ(0, vfio_reset(&self->dev));
	EXPECT_TRUE(sim_has(&self->dev, 5000, 0));

	ASSERT_EQ(0, sim_fill(&self->dev, 5000, 2));
	vfio_close(&self->dev);
	ASSERT_EQ(0, vfio_open(&self->dev));
	EXPECT_TRUE(sim_has(&self->dev, 5000, 0));

	/* A reset and a close also end a migration, in any state */
	ASSERT_EQ(0, vfio_set_state(&self->dev, VFIO_DEVICE_STATE_STOP_COPY));
	EXPECT_EQ(0, vfio_reset(&self->dev));
	EXPECT_EQ(VFIO_DEVICE_STATE_RUNNING, vfio_state(&self->dev));
	ASSERT_EQ(0, vfio_set_state(&self->dev, VFIO_DEVICE_STATE_RESUMING));
	vfio_close(&self->dev);
	ASSERT_EQ(0, vfio_open(&self->dev));
	EXPECT_EQ(VFIO_DEVICE_STATE_RUNNING, vfio_state(&self->dev));
}

/* As for any vendor driver, unregistering a parent waits until its devices are closed */
TEST_F(device, parent_waits_for_an_open_device)
{
	int ret, status;
	pid_t pid;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* The child would wait for its own copy of the file */
		vfio_close(&self->dev);
		_exit(-sim_live(SIM_TARGET, "0"));
	}

	/* The parent is busy as soon as the child unregisters it */
	while (!(ret = sim_live(SIM_TARGET, "1")) && !has_ended(pid))
		usleep(1000);
	EXPECT_EQ(-EBUSY, ret);
	EXPECT_EQ(1, sim_is_live(SIM_TARGET));
	EXPECT_EQ(-EBUSY, sim_live(SIM_TARGET, "0"));
	EXPECT_EQ(-EBUSY, sim_mkdir(SIM_TARGET, "another"));
	EXPECT_EQ(0, sim_rmdir(SIM_TARGET, SIM_TYPE));
	EXPECT_EQ(-EBUSY, sim_rmdir(SIM_TARGET, NULL));
	/* Other parents can still change */
	EXPECT_EQ(0, sim_make(SIM_SOURCE));
	EXPECT_EQ(0, sim_live(SIM_SOURCE, "1"));

	vfio_close(&self->dev);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, sim_is_live(SIM_TARGET));
	EXPECT_EQ(0, sim_rmdir(SIM_TARGET, NULL));
}

/* A module stays for as long as a device or a stream needs it, and no longer */
TEST_F(device, module_is_busy_while_anything_needs_it)
{
	char buf[8];

	ASSERT_EQ(0, vfio_set_state(&self->dev, VFIO_DEVICE_STATE_STOP_COPY));
	EXPECT_EQ(-EAGAIN, mdev_module_unload("mdev_sim"));
	vfio_close_fd(&self->dev.fd);
	vfio_close_fd(&self->dev.group);
	EXPECT_EQ(-EAGAIN, mdev_module_unload("mdev_sim"));
	EXPECT_EQ(0, sim_live(SIM_TARGET, "0"));
	EXPECT_EQ(-EAGAIN, mdev_module_unload("mdev_sim"));
	EXPECT_EQ(0, sim_rmdir(SIM_TARGET, SIM_TYPE));
	EXPECT_EQ(0, sim_rmdir(SIM_TARGET, NULL));

	/* The file is a stream whose device is gone */
	EXPECT_EQ(-ENODEV, mdev_result(read(self->dev.data_fd, buf, 1)));
	EXPECT_EQ(-EAGAIN, mdev_module_unload("mdev_sim"));
	vfio_close_fd(&self->dev.data_fd);
	EXPECT_EQ(0, mdev_module_unload("mdev_sim"));
	EXPECT_EQ(0, mdev_module_load("mdev_sim"));
}

/*
 * Copies from and to user space that stall: the owner of the memory decides when they go
 * on, and no other program may have to wait for that
 */

/* Seconds.  A test that fails would wait for a release that never comes. */
#define STALL_TIMEOUT	300

/* The page stalls each access in the middle */
#define STALL_BYTES	8

#define STALL_AT(uf)	((uf)->page - STALL_BYTES / 2)

static ssize_t stall_bar_read(struct userfault *uf, void *dev)
{
	return sim_read_bar(dev, STALL_AT(uf), STALL_BYTES, SIM_BUFFER);
}

static ssize_t stall_bar_write(struct userfault *uf, void *dev)
{
	return sim_write_bar(dev, STALL_AT(uf), STALL_BYTES, SIM_BUFFER);
}

static __u64 sim_config(struct vfio_test_device *dev)
{
	__u64 size;

	return vfio_region(dev, VFIO_PCI_CONFIG_REGION_INDEX, &size);
}

static ssize_t stall_config_read(struct userfault *uf, void *dev)
{
	return mdev_result(pread(((struct vfio_test_device *)dev)->fd,
				 STALL_AT(uf), STALL_BYTES, sim_config(dev)));
}

static ssize_t stall_config_write(struct userfault *uf, void *dev)
{
	return mdev_result(pwrite(((struct vfio_test_device *)dev)->fd,
				  STALL_AT(uf), STALL_BYTES, sim_config(dev)));
}

static ssize_t stall_save_read(struct userfault *uf, void *dev)
{
	return mdev_result(read(((struct vfio_test_device *)dev)->data_fd,
				STALL_AT(uf), STALL_BYTES));
}

static ssize_t stall_resume_write(struct userfault *uf, void *dev)
{
	return mdev_result(write(((struct vfio_test_device *)dev)->data_fd,
				 STALL_AT(uf), STALL_BYTES));
}

FIXTURE(stalled) {
	struct vfio_test_device dev;
	struct userfault uf;
	/* File of the migration in which the call is made */
	int data_fd;
};

FIXTURE_VARIANT(stalled) {
	ssize_t (*call)(struct userfault *uf, void *dev);
	/* State of migration in which the call is made */
	__u32 state;
	/* Result if the device is reset or removed meanwhile */
	ssize_t result;
	/* The call is made with the file of the stream, which does not keep the device */
	bool by_data_fd;
};

FIXTURE_VARIANT_ADD(stalled, bar_read) {
	.call = stall_bar_read,
	.state = VFIO_DEVICE_STATE_RUNNING,
	.result = STALL_BYTES,
};

FIXTURE_VARIANT_ADD(stalled, bar_write) {
	.call = stall_bar_write,
	.state = VFIO_DEVICE_STATE_RUNNING,
	.result = STALL_BYTES,
};

FIXTURE_VARIANT_ADD(stalled, config_read) {
	.call = stall_config_read,
	.state = VFIO_DEVICE_STATE_RUNNING,
	.result = STALL_BYTES,
};

FIXTURE_VARIANT_ADD(stalled, config_write) {
	.call = stall_config_write,
	.state = VFIO_DEVICE_STATE_RUNNING,
	.result = STALL_BYTES,
};

FIXTURE_VARIANT_ADD(stalled, save_read) {
	.call = stall_save_read,
	.state = VFIO_DEVICE_STATE_STOP_COPY,
	.result = STALL_BYTES,
	.by_data_fd = true,
};

FIXTURE_VARIANT_ADD(stalled, resume_write) {
	.call = stall_resume_write,
	.state = VFIO_DEVICE_STATE_RESUMING,
	.result = -ENODEV,
	.by_data_fd = true,
};

static ssize_t stall_precopy_info(struct userfault *uf, void *dev)
{
	__u32 argsz = sizeof(struct vfio_precopy_info);

	memcpy(STALL_AT(uf), &argsz, sizeof(argsz));
	return mdev_result(ioctl(((struct vfio_test_device *)dev)->data_fd,
				 VFIO_MIG_GET_PRECOPY_INFO, STALL_AT(uf)));
}

FIXTURE_VARIANT_ADD(stalled, precopy_info) {
	.call = stall_precopy_info,
	.state = VFIO_DEVICE_STATE_PRE_COPY,
	.result = -ENODEV,
	.by_data_fd = true,
};

FIXTURE_SETUP(stalled)
{
	bool pre_copy = variant->state == VFIO_DEVICE_STATE_PRE_COPY;

	if (pre_copy && sim_lacks_pre_copy())
		SKIP(return, SIM_LACKS_PRE_COPY);
	self->dev = vfio_no_device;
	self->uf = userfault_none;
	self->data_fd = -1;
	ASSERT_EQ(0, sim_begin());
	ASSERT_EQ(0, sim_make(SIM_TARGET));
	ASSERT_EQ(0, sim_set(SIM_TARGET, "pre_copy", pre_copy ? "1" : "0"));
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	ASSERT_EQ(0, sim_create(&self->dev, SIM_TARGET));
	ASSERT_EQ(0, sim_fill(&self->dev, 4096, 1));
	ASSERT_EQ(0, vfio_set_state(&self->dev, variant->state));
	if (self->dev.data_fd >= 0)
		self->data_fd = dup(self->dev.data_fd);
	ASSERT_EQ(0, userfault_begin(&self->uf));
	ASSERT_EQ(0, userfault_stall(&self->uf, variant->call, &self->dev));
}

FIXTURE_TEARDOWN(stalled)
{
	userfault_end(&self->uf);
	vfio_close_fd(&self->data_fd);
	vfio_close(&self->dev);
	EXPECT_EQ(0, sim_remove_all());
}

TEST_F_TIMEOUT(stalled, state_and_reset_do_not_wait, STALL_TIMEOUT)
{
	unsigned char stream[8192], bytes[SIM_REGS_SIZE + STALL_BYTES];
	struct vfio_test_device old = self->dev;

	old.data_fd = self->data_fd;
	EXPECT_EQ((int)variant->state, vfio_state(&self->dev));
	EXPECT_EQ(0, vfio_reset(&self->dev));
	EXPECT_EQ(VFIO_DEVICE_STATE_RUNNING, vfio_state(&self->dev));
	EXPECT_TRUE(sim_has(&self->dev, 4096, 0));
	/* The stalled call does not get in the way of another migration */
	EXPECT_LT(4096, vfio_save(&self->dev, stream, sizeof(stream), 0));
	EXPECT_EQ(0, sim_fill(&self->dev, 4096, 2));

	ASSERT_EQ(0, userfault_release(&self->uf, "", 0));
	EXPECT_EQ(variant->result, userfault_result(&self->uf));
	if (variant->call == stall_bar_read) {
		/* The bytes are from before the reset */
		sim_pattern(bytes, sizeof(bytes), 1);
		EXPECT_EQ(0, memcmp(bytes + SIM_REGS_SIZE,
				    STALL_AT(&self->uf), STALL_BYTES));
	}
	EXPECT_EQ(variant->call != stall_bar_write,
		  sim_has(&self->dev, 4096, 2));
	/* The page no longer stalls, and a migration that was reset is over */
	EXPECT_EQ(variant->by_data_fd ? -ENODEV : STALL_BYTES,
		  variant->call(&self->uf, &old));
}

/* Half a stream is not loaded, and a device that is stopped does not change */
TEST_F_TIMEOUT(stalled, set_state_does_not_wait, STALL_TIMEOUT)
{
	bool resumes = variant->call == stall_resume_write;
	bool stops = variant->call == stall_bar_write;

	EXPECT_EQ(resumes ? -EINVAL : 0,
		  vfio_set_state(&self->dev, stops ? VFIO_DEVICE_STATE_STOP :
				 VFIO_DEVICE_STATE_RUNNING));
	EXPECT_EQ(resumes ? VFIO_DEVICE_STATE_ERROR :
		  stops ? VFIO_DEVICE_STATE_STOP : VFIO_DEVICE_STATE_RUNNING,
		  vfio_state(&self->dev));

	ASSERT_EQ(0, userfault_release(&self->uf, "", 0));
	EXPECT_EQ(stops ? -EBUSY : variant->result,
		  userfault_result(&self->uf));
	EXPECT_TRUE(sim_has(&self->dev, 4096, 1));
}

static void *remove_device(void *uuid)
{
	return (void *)(long)mdev_remove(uuid);
}

/* The file of a stream does not keep the device, but the file of the device does */
TEST_F_TIMEOUT(stalled, device_can_be_closed_and_removed, STALL_TIMEOUT)
{
	pthread_t thread;
	void *removed;

	vfio_close(&self->dev);
	if (variant->by_data_fd) {
		EXPECT_EQ(0, mdev_remove(self->dev.uuid));
	} else {
		ASSERT_EQ(0, pthread_create(&thread, NULL, remove_device,
					    self->dev.uuid));
	}

	ASSERT_EQ(0, userfault_release(&self->uf, "", 0));
	EXPECT_EQ(variant->result, userfault_result(&self->uf));
	if (!variant->by_data_fd) {
		ASSERT_EQ(0, pthread_join(thread, &removed));
		EXPECT_EQ(NULL, removed);
	}
}

/* The next reader waits until the first one has its bytes, or until a signal comes */
static void signal_ends_the_wait(struct __test_metadata *_metadata,
				 struct vfio_test_device *dev,
				 struct userfault *uf, bool save)
{
	static const struct itimerval soon = { { 0, 20000 }, { 0, 20000 } };
	static const struct itimerval never;
	struct sigaction action = { .sa_handler = sim_on_alarm };
	struct sigaction before;
	char bytes[2] = {};
	sigset_t alarm;
	ssize_t ret;

	/* The alarm must not reach the thread that is stalled */
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	ASSERT_EQ(0, userfault_begin(uf));
	ASSERT_EQ(0, pthread_sigmask(SIG_BLOCK, &alarm, NULL));
	ASSERT_EQ(0, userfault_stall(uf, save ? stall_save_read :
				     stall_resume_write, dev));
	ASSERT_EQ(0, pthread_sigmask(SIG_UNBLOCK, &alarm, NULL));

	ASSERT_EQ(0, sigaction(SIGALRM, &action, &before));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &soon, NULL));
	if (save)
		ret = mdev_result(read(dev->data_fd, bytes, 1));
	else
		ret = mdev_result(write(dev->data_fd, bytes, 1));
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
	EXPECT_EQ(-EINTR, ret);
}

TEST_F_TIMEOUT(device, next_reader_of_a_stream_waits, STALL_TIMEOUT)
{
	struct userfault uf;
	char byte = 0;

	ASSERT_EQ(0, vfio_set_state(&self->dev, VFIO_DEVICE_STATE_STOP_COPY));
	signal_ends_the_wait(_metadata, &self->dev, &uf, true);

	ASSERT_EQ(0, userfault_release(&uf, "", 0));
	EXPECT_EQ(STALL_BYTES, userfault_result(&uf));
	userfault_end(&uf);
	/* The first reader has the magic number, so that the format is next */
	EXPECT_EQ(1, read(self->dev.data_fd, &byte, 1));
	EXPECT_EQ(1, byte);
}

TEST_F_TIMEOUT(device, next_writer_of_a_stream_waits, STALL_TIMEOUT)
{
	struct userfault uf;

	ASSERT_EQ(0, vfio_set_state(&self->dev, VFIO_DEVICE_STATE_RESUMING));
	signal_ends_the_wait(_metadata, &self->dev, &uf, false);

	ASSERT_EQ(0, userfault_release(&uf, "", 0));
	EXPECT_EQ(STALL_BYTES, userfault_result(&uf));
	userfault_end(&uf);
}

/* Bytes before a page that is absent are not lost, and are not taken twice */
TEST_F(device, an_access_ends_before_a_bad_address)
{
	unsigned char *end, bytes[5000];
	size_t before = 4096;

	end = mdev_guard_map();
	ASSERT_NE(NULL, end);
	ASSERT_EQ(0, sim_fill(&self->dev, 5000, 1));

	EXPECT_EQ((ssize_t)before, sim_read_bar(&self->dev, end - before, 5000,
						SIM_BUFFER));
	ASSERT_EQ(5000, sim_read_bar(&self->dev, bytes, 5000, SIM_BUFFER));
	EXPECT_EQ(0, memcmp(bytes, end - before, before));

	ASSERT_EQ(0, vfio_reset(&self->dev));
	EXPECT_EQ((ssize_t)before, sim_write_bar(&self->dev, end - before, 5000,
						 SIM_BUFFER));
	EXPECT_EQ(-EFAULT, sim_write_bar(&self->dev, end, 8, 0x100));

	ASSERT_EQ(0, sim_fill(&self->dev, 5000, 1));
	ASSERT_EQ(0, vfio_set_state(&self->dev, VFIO_DEVICE_STATE_STOP_COPY));
	EXPECT_EQ(-EFAULT, mdev_result(read(self->dev.data_fd,
					    end, 1)));
	EXPECT_EQ(0, mdev_result(read(self->dev.data_fd, bytes, 0)));
	EXPECT_EQ(4, read(self->dev.data_fd, bytes, 4));
	EXPECT_EQ(0, memcmp("\xfd\x44\x45\x56", bytes, 4));

	ASSERT_EQ(0, vfio_set_state(&self->dev, VFIO_DEVICE_STATE_RUNNING));
	ASSERT_EQ(0, vfio_set_state(&self->dev, VFIO_DEVICE_STATE_RESUMING));
	EXPECT_EQ(-EFAULT, mdev_result(write(self->dev.data_fd,
					     end, 1)));
	EXPECT_EQ(0, mdev_result(write(self->dev.data_fd, bytes, 0)));
	EXPECT_EQ(4, write(self->dev.data_fd, bytes, 4));
	EXPECT_EQ(0, mdev_guard_unmap(end));
}

/* Migrations */

#define STATE_SIZE	10000
#define STREAM_MAX	(sizeof(struct sim_header) + SIM_VERSION_MAX + \
			 SIM_REGS_SIZE + STATE_SIZE)

FIXTURE(migration) {
	struct vfio_test_device source;
	struct vfio_test_device target;
	unsigned char stream[STREAM_MAX + 1];
};

FIXTURE_VARIANT(migration) {
	bool pre_copy;
};

FIXTURE_VARIANT_ADD(migration, stop_copy) {
	.pre_copy = false,
};

FIXTURE_VARIANT_ADD(migration, pre_copy) {
	.pre_copy = true,
};

FIXTURE_SETUP(migration)
{
	static const char * const parents[] = { SIM_SOURCE, SIM_TARGET };
	size_t i;

	if (variant->pre_copy && sim_lacks_pre_copy())
		SKIP(return, SIM_LACKS_PRE_COPY);
	self->source = vfio_no_device;
	self->target = vfio_no_device;
	ASSERT_EQ(0, sim_begin());
	for (i = 0; i < ARRAY_SIZE(parents); i++) {
		ASSERT_EQ(0, sim_make(parents[i]));
		ASSERT_EQ(0, sim_set(parents[i], "state_size", "10000"));
		ASSERT_EQ(0, sim_set(parents[i], "pre_copy",
				     variant->pre_copy ? "1" : "0"));
		ASSERT_EQ(0, sim_live(parents[i], "1"));
	}
	ASSERT_EQ(0, sim_create(&self->source, SIM_SOURCE));
	ASSERT_EQ(0, sim_create(&self->target, SIM_TARGET));
	ASSERT_EQ(0, sim_fill(&self->source, STATE_SIZE, 1));
	ASSERT_EQ(0, sim_fill(&self->target, STATE_SIZE, 2));
}

FIXTURE_TEARDOWN(migration)
{
	vfio_close(&self->source);
	vfio_close(&self->target);
	EXPECT_EQ(0, sim_remove_all());
}

#define SAVE() sim_save(&self->source, variant->pre_copy, self->stream, \
			sizeof(self->stream))

TEST_F(migration, flags_have_pre_copy_if_it_is_set)
{
	int flags = VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P |
		    (variant->pre_copy ? VFIO_MIGRATION_PRE_COPY : 0);

	EXPECT_EQ(flags, vfio_migration_flags(&self->source));
	EXPECT_EQ(variant->pre_copy ? 0 : -EINVAL,
		  vfio_set_state(&self->source, VFIO_DEVICE_STATE_PRE_COPY));
}

TEST_F(migration, reported_data_size_is_the_length_of_the_stream)
{
	__u64 size;
	int ret;

	ret = vfio_data_size(&self->source, &size);
	if (ret == -ENOTTY)
		SKIP(return, VFIO_LACKS_DATA_SIZE);
	ASSERT_EQ(0, ret);
	EXPECT_EQ((ssize_t)size, SAVE());
}

TEST_F(migration, stream_is_header_version_and_state)
{
	struct sim_header *header = (void *)self->stream;
	size_t len = strlen(SIM_VERSION);
	unsigned char state[SIM_REGS_SIZE + STATE_SIZE];

	ASSERT_EQ((ssize_t)(sizeof(*header) + len + sizeof(state)), SAVE());
	EXPECT_EQ(1, (int)le32toh(header->format));
	EXPECT_EQ(len, le32toh(header->version_len));
	EXPECT_EQ(STATE_SIZE, (int)le64toh(header->state_size));
	EXPECT_EQ(0, memcmp(header + 1, SIM_VERSION, len));
	sim_pattern(state, sizeof(state), 1);
	EXPECT_EQ(0, memcmp((char *)(header + 1) + len, state, sizeof(state)));
}

TEST_F(migration, state_of_the_source_arrives_at_the_target)
{
	static const size_t chunks[] = { 1, 7, 24, 100, STREAM_MAX };
	ssize_t len = SAVE();
	size_t i;

	ASSERT_LT(0, len);
	for (i = 0; i < ARRAY_SIZE(chunks); i++) {
		ASSERT_EQ(0, sim_fill(&self->target, STATE_SIZE, 2));
		EXPECT_EQ(0, sim_load(&self->target, self->stream, len,
				      chunks[i])) {
			TH_LOG("in pieces of %zu", chunks[i]);
		}
		EXPECT_TRUE(sim_has(&self->target, STATE_SIZE, 1));
	}
	/* The source still has its state, and goes on */
	EXPECT_TRUE(sim_has(&self->source, STATE_SIZE, 1));
	EXPECT_EQ(0, sim_fill(&self->source, STATE_SIZE, 3));
}

/* A write to the attribute has the result of the load, for each pair of versions */
TEST_F(migration, verdict_is_the_outcome_of_the_load)
{
	static const char * const check_errnos[] = { "1", "95", "511" };
	const struct sim_rule *rule;
	ssize_t len;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sim_rules); i++) {
		rule = &sim_rules[i];
		ASSERT_EQ(0, sim_set_rule(rule));
		ASSERT_EQ(0, sim_set(SIM_SOURCE, "version", rule->source));
		len = SAVE();
		ASSERT_LT(0, len);

		ASSERT_EQ(0, sim_fill(&self->target, STATE_SIZE, 2));
		EXPECT_EQ(sim_verdict(rule->source, strlen(rule->source)),
			  sim_load(&self->target, self->stream, len, len)) {
			TH_LOG("%s", sim_rule_text(rule));
		}
		EXPECT_TRUE(sim_has(&self->target, STATE_SIZE,
				    rule->error ? 0 : 1)) {
			TH_LOG("%s", sim_rule_text(rule));
		}
	}

	for (i = 0; i < ARRAY_SIZE(check_errnos); i++) {
		ASSERT_EQ(0, sim_set(SIM_TARGET, "check_errno",
				     check_errnos[i]));
		EXPECT_EQ(-atoi(check_errnos[i]),
			  sim_load(&self->target, self->stream, len, len));
	}
}

/* An attribute does not show these strings, and a driver is not asked about them */
TEST_F(migration, invalid_version_string_is_not_loaded)
{
	static const struct {
		const char *bytes;
		size_t len;
	} wrong[] = {
		{ "", 0 }, { "a\tb", 3 }, { "a\0b", 3 }, { "\x7f", 1 },
		{ "a\x80", 2 }, { "a\nb", 3 },
	};
	char line[8];
	ssize_t len;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		memcpy(line, wrong[i].bytes, wrong[i].len);
		line[wrong[i].len] = '\n';
		ASSERT_EQ((ssize_t)wrong[i].len + 1,
			  sim_set_bytes(SIM_SOURCE, "version", line,
					wrong[i].len + 1));
		ASSERT_EQ((ssize_t)wrong[i].len + 1,
			  sim_set_bytes(SIM_TARGET, "version", line,
					wrong[i].len + 1));
		len = SAVE();
		ASSERT_LT(0, len);
		EXPECT_EQ(-EINVAL, sim_verdict(line, wrong[i].len + 1));
		EXPECT_EQ(-EINVAL, sim_load(&self->target, self->stream, len,
					    len)) {
			TH_LOG("string %zu", i);
		}
	}
}

TEST_F(migration, longest_version_can_migrate)
{
	char version[SIM_VERSION_MAX];
	ssize_t len;

	memset(version, 'v', sizeof(version));
	ASSERT_EQ(SIM_VERSION_MAX, sim_set_bytes(SIM_SOURCE, "version", version,
						 sizeof(version)));
	ASSERT_EQ(SIM_VERSION_MAX, sim_set_bytes(SIM_TARGET, "version", version,
						 sizeof(version)));
	len = SAVE();
	ASSERT_LT(SIM_VERSION_MAX, len);
	EXPECT_EQ(0, sim_load(&self->target, self->stream, len, 1000));
	EXPECT_TRUE(sim_has(&self->target, STATE_SIZE, 1));
}

/* The load knob makes the outcome differ from the verdict */
TEST_F(migration, load_knob_overrules_the_verdict)
{
	ssize_t len;

	ASSERT_EQ(0, sim_set(SIM_SOURCE, "version", "other-1.0"));
	len = SAVE();
	ASSERT_LT(0, len);

	ASSERT_EQ(0, sim_set(SIM_TARGET, "load", "accept"));
	EXPECT_EQ(-EXDEV, sim_verdict("other-1.0", 9));
	EXPECT_EQ(0, sim_load(&self->target, self->stream, len, len));
	EXPECT_TRUE(sim_has(&self->target, STATE_SIZE, 1));

	ASSERT_EQ(0, sim_set(SIM_TARGET, "version", "other-1.0"));
	ASSERT_EQ(0, sim_set(SIM_TARGET, "load", "reject"));
	EXPECT_EQ(0, sim_verdict("other-1.0", 9));
	EXPECT_EQ(-EPROTONOSUPPORT, sim_load(&self->target, self->stream, len,
					     len));
	EXPECT_TRUE(sim_has(&self->target, STATE_SIZE, 0));

	ASSERT_EQ(0, sim_set(SIM_TARGET, "load", "as-check"));
	EXPECT_EQ(0, sim_load(&self->target, self->stream, len, len));

	/* With this knob, any version is accepted, but not any stream */
	ASSERT_EQ(0, sim_set(SIM_TARGET, "load", "accept"));
	self->stream[0]++;
	EXPECT_EQ(-EINVAL, sim_load(&self->target, self->stream, len, len));
}

/* The version is judged as soon as it is complete, before any byte of the state */
TEST_F(migration, stream_is_rejected_with_the_last_byte_of_its_version)
{
	size_t len = sizeof(struct sim_header) + strlen("other-1.0");

	ASSERT_EQ(0, sim_set(SIM_SOURCE, "version", "other-1.0"));
	ASSERT_LT(0, SAVE());
	ASSERT_EQ(0, vfio_set_state(&self->target, VFIO_DEVICE_STATE_RESUMING));
	EXPECT_EQ(0, vfio_write_stream(&self->target, self->stream, len - 1,
				       len));
	EXPECT_EQ(-EXDEV, vfio_write_stream(&self->target,
					    self->stream + len - 1, 1, 1));
	/* A stream that was rejected stays rejected, also if its version is accepted now */
	ASSERT_EQ(0, sim_set(SIM_TARGET, "version", "other-1.0"));
	EXPECT_EQ(-EXDEV, vfio_write_stream(&self->target, self->stream + len,
					    SIM_REGS_SIZE + STATE_SIZE, 1000));
	EXPECT_EQ(-EXDEV,
		  vfio_set_state(&self->target, VFIO_DEVICE_STATE_STOP));
	EXPECT_EQ(VFIO_DEVICE_STATE_ERROR, vfio_state(&self->target));
	EXPECT_EQ(0, vfio_reset(&self->target));
	EXPECT_TRUE(sim_has(&self->target, STATE_SIZE, 0));
}

TEST_F(migration, truncated_stream_is_not_loaded)
{
	size_t version = sizeof(struct sim_header) + strlen(SIM_VERSION);
	ssize_t len = SAVE();
	size_t cuts[] = {
		0, 1, sizeof(struct sim_header) - 1, sizeof(struct sim_header),
		version - 1, version, version + SIM_REGS_SIZE - 1,
		version + SIM_REGS_SIZE, len - 1,
	};
	size_t i;

	ASSERT_LT(0, len);
	for (i = 0; i < ARRAY_SIZE(cuts); i++) {
		ASSERT_EQ(0, sim_fill(&self->target, STATE_SIZE, 2));
		EXPECT_EQ(-EINVAL, sim_load(&self->target, self->stream,
					    cuts[i], len)) {
			TH_LOG("after %zu bytes", cuts[i]);
		}
	}
}

TEST_F(migration, overlong_stream_is_not_loaded)
{
	ssize_t len = SAVE();

	ASSERT_LT(0, len);
	ASSERT_LT(len, (ssize_t)sizeof(self->stream));
	EXPECT_EQ(-EINVAL, sim_load(&self->target, self->stream, len + 1,
				    len + 1));
	EXPECT_EQ(-EINVAL, sim_load(&self->target, self->stream, len + 1, len));
	EXPECT_TRUE(sim_has(&self->target, STATE_SIZE, 0));
	EXPECT_EQ(0, sim_load(&self->target, self->stream, len, len));
}

/* A stream with another bit in its header is refused */
TEST_F(migration, stream_with_a_corrupt_header_is_not_loaded)
{
	struct sim_header *header = (void *)self->stream;
	ssize_t len = SAVE();
	size_t i;

	ASSERT_LT(0, len);
	for (i = 0; i < 8 * sizeof(*header); i++) {
		self->stream[i / 8] ^= 1 << i % 8;
		EXPECT_GT(0, sim_load(&self->target, self->stream, len, len)) {
			TH_LOG("bit %zu", i);
		}
		self->stream[i / 8] ^= 1 << i % 8;
	}

	header->version_len = htole32(SIM_VERSION_MAX + 1);
	EXPECT_EQ(-E2BIG, sim_load(&self->target, self->stream, len, len));
	header->version_len = htole32(0xffffffff);
	EXPECT_EQ(-E2BIG, sim_load(&self->target, self->stream, len, len));
	header->version_len = 0;
	EXPECT_EQ(-EINVAL, sim_load(&self->target, self->stream, len, len));
}

TEST_F(migration, stream_of_another_size_is_not_loaded)
{
	ssize_t len = SAVE();

	ASSERT_LT(0, len);
	vfio_close(&self->target);
	ASSERT_EQ(0, sim_set(SIM_TARGET, "state_size", "9999"));
	ASSERT_EQ(0, sim_create(&self->target, SIM_TARGET));
	EXPECT_EQ(-EINVAL, sim_load(&self->target, self->stream, len, len));

	/* A size of 0 is a size, too; the devices from before still have their own size */
	ASSERT_EQ(0, sim_set(SIM_TARGET, "state_size", "0"));
	vfio_close(&self->target);
	ASSERT_EQ(0, sim_create(&self->target, SIM_TARGET));
	ASSERT_EQ(0, sim_fill(&self->target, 0, 5));
	len = sim_save(&self->target, variant->pre_copy, self->stream,
		       sizeof(self->stream));
	EXPECT_EQ((ssize_t)(sizeof(struct sim_header) + strlen(SIM_VERSION) +
			    SIM_REGS_SIZE), len);
	ASSERT_EQ(0, sim_fill(&self->target, 0, 6));
	EXPECT_EQ(0, sim_load(&self->target, self->stream, len, len));
	EXPECT_TRUE(sim_has(&self->target, 0, 5));
}

TEST_F(migration, stopped_device_does_not_change)
{
	char byte = 1;

	ASSERT_EQ(0, vfio_set_state(&self->source,
				    VFIO_DEVICE_STATE_STOP_COPY));
	EXPECT_EQ(-EBUSY, sim_write_bar(&self->source, &byte, 1, 0));
	EXPECT_EQ(-EBUSY, sim_write_bar(&self->source, &byte, 1, SIM_BUFFER));
	EXPECT_TRUE(sim_has(&self->source, STATE_SIZE, 1));
	EXPECT_EQ(0, vfio_set_state(&self->source, VFIO_DEVICE_STATE_RUNNING));
	EXPECT_EQ(1, sim_write_bar(&self->source, &byte, 1, 0));

	/* The transfer of this stream is over */
	EXPECT_EQ(-ENODEV, mdev_result(read(self->source.data_fd, &byte, 1)));
}

TEST_F(migration, device_runs_in_running_p2p)
{
	ASSERT_EQ(0, vfio_set_state(&self->source,
				    VFIO_DEVICE_STATE_RUNNING_P2P));
	EXPECT_EQ(0, sim_fill(&self->source, STATE_SIZE, 3));
	ASSERT_EQ(0, vfio_set_state(&self->source, VFIO_DEVICE_STATE_RUNNING));
	EXPECT_TRUE(sim_has(&self->source, STATE_SIZE, 3));
}

/* A source that runs while it sends its version, which the target judges */

FIXTURE(running_source) {
	struct vfio_test_device source;
	struct vfio_test_device target;
	unsigned char stream[STREAM_MAX + 1];
};

FIXTURE_SETUP(running_source)
{
	if (sim_lacks_pre_copy())
		SKIP(return, SIM_LACKS_PRE_COPY);
	self->source = vfio_no_device;
	self->target = vfio_no_device;
	ASSERT_EQ(0, sim_begin());
	ASSERT_EQ(0, sim_make(SIM_SOURCE));
	ASSERT_EQ(0, sim_make(SIM_TARGET));
	ASSERT_EQ(0, sim_set(SIM_SOURCE, "pre_copy", "1"));
	ASSERT_EQ(0, sim_set(SIM_SOURCE, "version", "other-1.0"));
	ASSERT_EQ(0, sim_live(SIM_SOURCE, "1"));
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	ASSERT_EQ(0, sim_create(&self->source, SIM_SOURCE));
	ASSERT_EQ(0, sim_create(&self->target, SIM_TARGET));
}

FIXTURE_TEARDOWN(running_source)
{
	vfio_close(&self->source);
	vfio_close(&self->target);
	EXPECT_EQ(0, sim_remove_all());
}

TEST_F(running_source, source_is_rejected_while_it_runs)
{
	size_t expected = sizeof(struct sim_header) + strlen("other-1.0");
	struct vfio_precopy_info info = { .argsz = sizeof(info) };
	size_t len = 0;

	ASSERT_EQ(0, vfio_set_state(&self->source, VFIO_DEVICE_STATE_PRE_COPY));
	ASSERT_EQ(0, ioctl(self->source.data_fd, VFIO_MIG_GET_PRECOPY_INFO,
			   &info));
	EXPECT_EQ(expected, info.initial_bytes);
	EXPECT_EQ(0, (int)info.dirty_bytes);
	EXPECT_EQ(-ENOMSG, vfio_read_stream(&self->source, self->stream,
					    sizeof(self->stream), &len));
	EXPECT_EQ(expected, len);
	ASSERT_EQ(0, ioctl(self->source.data_fd, VFIO_MIG_GET_PRECOPY_INFO,
			   &info));
	EXPECT_EQ(0, (int)info.initial_bytes);
	info.argsz = 8;
	EXPECT_EQ(-EINVAL, mdev_result(ioctl(self->source.data_fd,
					     VFIO_MIG_GET_PRECOPY_INFO,
					     &info)));
	EXPECT_EQ(-ENOTTY, mdev_result(ioctl(self->source.data_fd,
					     VFIO_DEVICE_RESET)));

	ASSERT_EQ(0, vfio_set_state(&self->target, VFIO_DEVICE_STATE_RESUMING));
	EXPECT_EQ(-EXDEV, vfio_write_stream(&self->target, self->stream, len,
					    len));
	/* The source still runs, and does not need to stop */
	EXPECT_EQ(0, sim_fill(&self->source, 4096, 7));
	EXPECT_EQ(0, vfio_set_state(&self->source, VFIO_DEVICE_STATE_RUNNING));
	EXPECT_TRUE(sim_has(&self->source, 4096, 7));
}

/* The source takes each way into PRE_COPY and out of it through PRE_COPY_P2P */
TEST_F(running_source, source_sends_in_pre_copy_p2p)
{
	size_t len = 0;

	ASSERT_EQ(0, sim_set(SIM_TARGET, "version", "other-1.0"));
	ASSERT_EQ(0, vfio_set_state(&self->source,
				    VFIO_DEVICE_STATE_RUNNING_P2P));
	ASSERT_EQ(0, vfio_set_state(&self->source,
				    VFIO_DEVICE_STATE_PRE_COPY_P2P));
	EXPECT_EQ(0, sim_fill(&self->source, 4096, 1));
	ASSERT_EQ(0, vfio_set_state(&self->source, VFIO_DEVICE_STATE_PRE_COPY));
	EXPECT_EQ(-ENOMSG, vfio_read_stream(&self->source, self->stream,
					    sizeof(self->stream), &len));
	ASSERT_EQ(0, vfio_set_state(&self->source,
				    VFIO_DEVICE_STATE_PRE_COPY_P2P));
	EXPECT_EQ(-ENOMSG, vfio_read_stream(&self->source, self->stream,
					    sizeof(self->stream), &len));
	EXPECT_EQ(0, sim_fill(&self->source, 4096, 2));
	ASSERT_EQ(0, vfio_set_state(&self->source,
				    VFIO_DEVICE_STATE_STOP_COPY));
	EXPECT_EQ(0, vfio_read_stream(&self->source, self->stream,
				      sizeof(self->stream), &len));
	EXPECT_EQ(0, sim_load(&self->target, self->stream, len, 1000));
	EXPECT_TRUE(sim_has(&self->target, 4096, 2));
}

/* The state is from the moment of the stop, but the version is from the start */
TEST_F(running_source, source_sends_the_state_it_stops_with)
{
	struct vfio_precopy_info info = { .argsz = sizeof(info) };
	size_t len = 0;

	ASSERT_EQ(0, sim_set(SIM_TARGET, "version", "other-1.0"));
	ASSERT_EQ(0, sim_fill(&self->source, 4096, 1));
	ASSERT_EQ(0, vfio_set_state(&self->source, VFIO_DEVICE_STATE_PRE_COPY));
	EXPECT_EQ(-ENOMSG, vfio_read_stream(&self->source, self->stream,
					    sizeof(self->stream), &len));
	ASSERT_EQ(0, sim_fill(&self->source, 4096, 2));
	ASSERT_EQ(0, sim_set(SIM_SOURCE, "version", "yet-another-1.0"));

	ASSERT_EQ(0, vfio_set_state(&self->source,
				    VFIO_DEVICE_STATE_STOP_COPY));
	EXPECT_EQ(-EINVAL, mdev_result(ioctl(self->source.data_fd,
					     VFIO_MIG_GET_PRECOPY_INFO,
					     &info)));
	EXPECT_EQ(0, vfio_read_stream(&self->source, self->stream,
				      sizeof(self->stream), &len));
	EXPECT_EQ(0, sim_load(&self->target, self->stream, len, 1000));
	EXPECT_TRUE(sim_has(&self->target, 4096, 2));
}

/* Many devices, and much at once */

FIXTURE(many) {
};

FIXTURE_SETUP(many)
{
	ASSERT_EQ(0, sim_begin());
}

FIXTURE_TEARDOWN(many)
{
	EXPECT_EQ(0, sim_remove_all());
}

#define DEAD_STATE_SIZE	(16 << 20)
#define DEAD_STREAMS	10

enum end_of_stream { BY_RESET, BY_FAILURE, BY_CLOSE, BY_REMOVE, ENDS };

static int end_stream(struct vfio_test_device *dev, enum end_of_stream end)
{
	int ret;

	switch (end) {
	case BY_RESET:
		return vfio_reset(dev);
	case BY_FAILURE:
		ret = vfio_set_state(dev, VFIO_DEVICE_STATE_STOP);
		return ret == -EINVAL ? vfio_reset(dev) : ret ?: -EIO;
	case BY_CLOSE:
		vfio_close(dev);
		return vfio_open(dev);
	default:
		vfio_close(dev);
		ret = mdev_remove(dev->uuid);
		return ret ?: sim_create(dev, SIM_TARGET);
	}
}

/* The OOM killer cannot free memory that does not belong to a process */
TEST_F(many, dead_streams_hold_no_data)
{
	struct vfio_test_device dev = vfio_no_device;
	int fds[ENDS][DEAD_STREAMS];
	long long before, after;
	char size[16];
	int end, i;

	snprintf(size, sizeof(size), "%d", DEAD_STATE_SIZE);
	ASSERT_EQ(0, sim_make(SIM_TARGET));
	ASSERT_EQ(0, sim_set(SIM_TARGET, "state_size", size));
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	ASSERT_EQ(0, sim_create(&dev, SIM_TARGET));

	for (end = 0; end < ENDS; end++) {
		before = mdev_available_memory();
		ASSERT_LT(0, before);
		for (i = 0; i < DEAD_STREAMS; i++) {
			ASSERT_EQ(0, vfio_set_state(&dev,
						    VFIO_DEVICE_STATE_RESUMING));
			fds[end][i] = dup(dev.data_fd);
			ASSERT_LE(0, fds[end][i]);
			ASSERT_EQ(0, end_stream(&dev, end));
			EXPECT_EQ(-ENODEV,
				  mdev_result(write(fds[end][i], "", 1)));
		}
		after = mdev_available_memory();
		ASSERT_LT(0, after);
		EXPECT_GT(DEAD_STREAMS / 2 * DEAD_STATE_SIZE, before - after) {
			TH_LOG("dead streams hold memory, end %d", end);
		}
	}

	for (end = 0; end < ENDS; end++)
		for (i = 0; i < DEAD_STREAMS; i++)
			close(fds[end][i]);
	vfio_close(&dev);
}

/*
 * Knobs change and the parent comes and goes, while others ask.  An answer is from one
 * setting or from the other, or the parent is gone.
 */

#define ASKERS	3
#define CYCLES	100

/* The lengths differ, so that a mixture of two settings would show */
static const char * const settings[] = {
	"dev-1.0", "a-device-with-a-longer-name-22.33",
};

static bool is_gone(ssize_t ret)
{
	return ret == -ENOENT || ret == -ENODEV;
}

static bool ask_once(int i)
{
	char uuid[MDEV_UUID_SIZE], buf[64];
	ssize_t ret;

	switch (i) {
	case 0:
		ret = sim_read_target("migration_version", buf, sizeof(buf));
		if (ret > 0)
			buf[strcspn(buf, "\n")] = '\0';
		return is_gone(ret) || (ret > 0 && (!strcmp(buf, settings[0]) ||
						    !strcmp(buf, settings[1])));
	case 1:
		ret = sim_verdict(settings[0], strlen(settings[0]));
		return is_gone(ret) || !ret || ret == -EXDEV;
	default:
		ret = mdev_create(SIM_TARGET_DIR, uuid);
		if (!ret)
			ret = mdev_remove(uuid);
		return is_gone(ret) || !ret || ret == -EAGAIN;
	}
}

TEST_F(many, answers_are_of_one_setting_while_knobs_change)
{
	/* An asker counts its questions in @rounds, and the test ends all askers by @stop */
	unsigned long *rounds;
	pid_t pids[ASKERS], parent = getpid();
	int i, cycle, status;
	int *stop;

	rounds = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, rounds);
	stop = (int *)(rounds + ASKERS);

	ASSERT_EQ(0, sim_make(SIM_TARGET));
	ASSERT_EQ(0, sim_set(SIM_TARGET, "version", settings[0]));
	ASSERT_EQ(0, sim_set(SIM_TARGET, "delay_ms", "1"));
	ASSERT_EQ(0, sim_set(SIM_TARGET, "state_size", "0"));
	for (i = 0; i < ASKERS; i++) {
		pids[i] = fork();
		ASSERT_LE(0, pids[i]);
		if (pids[i])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpriority(PRIO_PROCESS, 0, 19);
		while (getppid() == parent &&
		       !__atomic_load_n(stop, __ATOMIC_SEQ_CST)) {
			if (!ask_once(i))
				_exit(1);
			__atomic_add_fetch(&rounds[i], 1, __ATOMIC_SEQ_CST);
		}
		_exit(0);
	}

	for (cycle = 0; cycle < CYCLES; cycle++) {
		EXPECT_EQ(0, sim_live(SIM_TARGET, cycle % 2 ? "0" : "1"));
		EXPECT_EQ(0, sim_set(SIM_TARGET, "version",
				     settings[cycle / 2 % 2]));
		EXPECT_EQ(0, sim_set(SIM_TARGET, "accept_min",
				     cycle % 3 ? "" : "1.0"));
		/* In some cycles, wait until each asker has asked */
		for (i = 0; cycle % 10 < 2 && i < ASKERS; i++) {
			unsigned long now = __atomic_load_n(&rounds[i],
							    __ATOMIC_SEQ_CST);

			while (__atomic_load_n(&rounds[i], __ATOMIC_SEQ_CST) <
			       now + 2 && !has_ended(pids[i]))
				usleep(1000);
		}
	}

	__atomic_store_n(stop, 1, __ATOMIC_SEQ_CST);
	for (i = 0; i < ASKERS; i++) {
		EXPECT_EQ(pids[i], waitpid(pids[i], &status, 0));
		EXPECT_EQ(0, status) {
			TH_LOG("asker %d failed after %lu rounds", i, rounds[i]);
		}
		EXPECT_LT(CYCLES / 10, (long)rounds[i]);
	}
	munmap(rounds, 4096);
}

int main(int argc, char *argv[])
{
	sim_device_require();
	return test_harness_run(argc, argv);
}
