// SPDX-License-Identifier: GPL-2.0-only
/*
 * A migration of mtty by userspace cannot harm the kernel: a stream is loaded only if it
 * is whole and valid, and neither a stream nor a state of the migration outlives the use
 * of the device
 */

#include "mtty_test_utils.h"
#include "userfault_test_utils.h"

FIXTURE(mtty) {
	struct mtty_pair pair;
	struct userfault uf;
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
	self->uf = userfault_none;
	ASSERT_EQ(0, mtty_pair_begin(&self->pair, variant->type_dir,
				     variant->nr_ports));
}

FIXTURE_TEARDOWN(mtty)
{
	userfault_end(&self->uf);
	EXPECT_EQ(0, mtty_pair_end(&self->pair));
}

/*
 * A stream that was rejected is not loaded, in however many pieces it came, and also not if
 * valid bytes follow.  Only a reset ends the migration.
 */
TEST_F(mtty, rejected_stream_is_not_loaded)
{
	static const size_t offsets[] = {
		offsetof(struct mtty_header, magic),
		offsetof(struct mtty_header, major),
		offsetof(struct mtty_header, minor),
		offsetof(struct mtty_header, nr_ports),
		offsetof(struct mtty_header, flags),
	};
	struct mtty_pair *pair = &self->pair;
	union mtty_stream good = pair->stream;
	size_t i, j, chunk, taken;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		pair->stream.bytes[offsets[i]] ^= 0x10;
		pair->stream.ports[0].uart_reg[UART_SCR] ^= 0xff;
		for (j = 0; j < ARRAY_SIZE(mtty_chunks); j++) {
			chunk = mtty_chunks[j];
			EXPECT_EQ(-EFAULT, mtty_load(&pair->target,
						     &pair->stream, pair->len,
						     chunk));
			/* The header was complete with the last of these bytes */
			taken = (MTTY_HEADER_SIZE + chunk - 1) / chunk * chunk;
			if (taken < pair->len)
				EXPECT_EQ(-EFAULT,
					  vfio_write_stream(&pair->target,
							    pair->stream.bytes +
							    taken,
							    pair->len - taken,
							    MTTY_STREAM_MAX));
			EXPECT_EQ(-EINVAL,
				  vfio_set_state(&pair->target,
						 VFIO_DEVICE_STATE_RUNNING)) {
				TH_LOG("byte %zu, in pieces of %zu", offsets[i],
				       chunk);
			}
			EXPECT_EQ(VFIO_DEVICE_STATE_RESUMING,
				  vfio_state(&pair->target));
			EXPECT_EQ(0, vfio_reset(&pair->target));
			EXPECT_FALSE(mtty_target_has_stream(pair));
		}
		pair->stream = good;
	}
	EXPECT_EQ(0, mtty_load(&pair->target, &pair->stream, pair->len,
			       MTTY_STREAM_MAX));
	MTTY_FINISH_LOAD(pair);
}

/* Load the whole stream; returns 0 or the errno of the change to RUNNING */
static int load_ports(struct mtty_pair *pair)
{
	return mtty_load(&pair->target, &pair->stream, pair->len,
			 MTTY_STREAM_MAX) ?:
	       vfio_set_state(&pair->target, VFIO_DEVICE_STATE_RUNNING);
}

/* Look whether a FIFO can hold @count bytes from @tail to @head */
static bool is_fifo(int head, int tail, int count)
{
	return head < MTTY_FIFO_SIZE && tail < MTTY_FIFO_SIZE &&
	       count <= MTTY_FIFO_SIZE &&
	       (tail + count) % MTTY_FIFO_SIZE == head;
}

TEST_F(mtty, indexes_of_a_port_are_those_of_its_fifo)
{
	static const __u8 indexes[] = { 0, 1, 7, 14, 15, 16, 17, 128, 255 };
	struct mtty_pair *pair = &self->pair;
	struct mtty_port *port = &pair->stream.ports[variant->nr_ports - 1];
	size_t i, j, k;
	int loaded = 0;
	bool valid;

	for (i = 0; i < ARRAY_SIZE(indexes); i++)
		for (j = 0; j < ARRAY_SIZE(indexes); j++)
			for (k = 0; k < ARRAY_SIZE(indexes); k++) {
				port->head = indexes[i];
				port->tail = indexes[j];
				port->count = indexes[k];
				valid = is_fifo(port->head, port->tail,
						port->count);
				loaded += valid;
				EXPECT_EQ(valid ? 0 : -EINVAL,
					  load_ports(pair)) {
					TH_LOG("head %u, tail %u, count %u",
					       port->head, port->tail,
					       port->count);
				}
				EXPECT_EQ(valid ? VFIO_DEVICE_STATE_RUNNING :
					  VFIO_DEVICE_STATE_RESUMING,
					  vfio_state(&pair->target));
				if (valid)
					EXPECT_TRUE(mtty_target_has_stream(pair));
			}
	EXPECT_LT(5, loaded);
}

TEST_F(mtty, other_fields_of_a_port_have_values_that_a_port_has)
{
	static const struct {
		size_t offset;
		/* The highest value that is loaded */
		int max;
	} fields[] = {
		{ offsetof(struct mtty_port, dlab), 1 },
		{ offsetof(struct mtty_port, overrun), 1 },
		{ offsetof(struct mtty_port, intr_trigger_level), 16 },
		{ offsetof(struct mtty_port, uart_reg), 255 },
		{ offsetof(struct mtty_port, fcr), 255 },
	};
	struct mtty_pair *pair = &self->pair;
	struct mtty_port *port = &pair->stream.ports[variant->nr_ports - 1];
	union mtty_stream good = pair->stream;
	int value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		for (value = 0; value <= 255; value++) {
			((__u8 *)port)[fields[i].offset] = value;
			EXPECT_EQ(value <= fields[i].max ? 0 : -EINVAL,
				  load_ports(pair)) {
				TH_LOG("byte %zu is %d", fields[i].offset,
				       value);
			}
		}
		pair->stream = good;
	}

	for (value = 0; value <= 255; value++) {
		port->max_fifo_size = value;
		EXPECT_EQ(value == 1 || value == MTTY_FIFO_SIZE ? 0 : -EINVAL,
			  load_ports(pair)) {
			TH_LOG("size of the FIFO is %d", value);
		}
	}
	pair->stream = good;
	EXPECT_EQ(0, load_ports(pair));
	EXPECT_TRUE(mtty_target_has_stream(pair));
}

/* The target reads the bytes of the source's FIFO, and no others */
TEST_F(mtty, fifo_of_the_source_arrives_at_the_target)
{
	struct mtty_pair *pair = &self->pair;
	__u8 lsr, byte;
	__u64 bar, size;
	int i;

	bar = vfio_region(&pair->source, VFIO_PCI_BAR0_REGION_INDEX, &size);
	for (i = 0; i < 5; i++) {
		byte = 'a' + i;
		EXPECT_EQ(1, pwrite(pair->source.fd, &byte, 1, bar));
	}
	EXPECT_EQ(1, pread(pair->source.fd, &byte, 1, bar));
	EXPECT_EQ('a', byte);

	EXPECT_EQ((ssize_t)pair->len,
		  vfio_save(&pair->source, pair->stream.bytes, MTTY_STREAM_MAX,
			    0));
	EXPECT_EQ(0, load_ports(pair));
	for (i = 1; i < 5; i++) {
		EXPECT_EQ(1, pread(pair->target.fd, &byte, 1, bar));
		EXPECT_EQ('a' + i, byte);
	}
	EXPECT_EQ(1, pread(pair->target.fd, &lsr, 1, bar + UART_LSR));
	EXPECT_EQ(0, lsr & UART_LSR_DR);
}

static ssize_t write_stream(struct userfault *uf, void *arg)
{
	struct mtty_pair *pair = arg;

	return mdev_result(write(pair->target.data_fd, uf->page, pair->len));
}

static ssize_t read_stream(struct userfault *uf, void *arg)
{
	struct mtty_pair *pair = arg;

	return mdev_result(read(pair->source.data_fd, uf->page,
				MTTY_HEADER_SIZE));
}

static ssize_t ask_precopy_info(struct userfault *uf, void *arg)
{
	struct mtty_pair *pair = arg;

	return mdev_result(ioctl(pair->source.data_fd,
				 VFIO_MIG_GET_PRECOPY_INFO, uf->page));
}

struct second_writer {
	struct mtty_pair *pair;
	pid_t tid;
	ssize_t result;
};

static void *second_writer(void *arg)
{
	struct second_writer *writer = arg;
	struct mtty_pair *pair = writer->pair;

	__atomic_store_n(&writer->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	writer->result = mdev_result(write(pair->target.data_fd,
					   &pair->stream, pair->len));
	return NULL;
}

/*
 * The first writer stalls while the kernel copies from its buffer: the room for the second
 * writer depends on the number of bytes that the first one writes
 */
TEST_F(mtty, second_writer_does_not_write_behind_the_stream)
{
	struct mtty_pair *pair = &self->pair;
	struct second_writer writer = { .pair = pair };
	pthread_t thread;

	ASSERT_EQ(0, mtty_begin_load(&pair->target));
	ASSERT_EQ(0, userfault_begin(&self->uf));
	ASSERT_EQ(0, userfault_stall(&self->uf, write_stream, pair));

	ASSERT_EQ(0, pthread_create(&thread, NULL, second_writer, &writer));
	while (!__atomic_load_n(&writer.tid, __ATOMIC_ACQUIRE) ||
	       !userfault_is_blocked(writer.tid))
		usleep(1000);

	EXPECT_EQ(0, userfault_release(&self->uf, &pair->stream, pair->len));
	EXPECT_EQ((ssize_t)pair->len, userfault_result(&self->uf));
	EXPECT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(-ENOMEM, writer.result);
	MTTY_FINISH_LOAD(pair);
}

/* Seconds.  A call that waits for a stalled call waits until this timeout. */
#define STALL_TIMEOUT	20

static const struct stalled_call {
	__u32 state;
	ssize_t (*call)(struct userfault *uf, void *arg);
} stalled_calls[] = {
	{ VFIO_DEVICE_STATE_RESUMING, write_stream },
	{ VFIO_DEVICE_STATE_PRE_COPY, read_stream },
	{ VFIO_DEVICE_STATE_PRE_COPY, ask_precopy_info },
};

/* Make a call that stalls, and set @dev to its device; returns 0 or a negative errno */
static int begin_stalled_call(const struct stalled_call *stalled,
			      struct mtty_pair *pair, struct userfault *uf,
			      struct vfio_test_device **dev)
{
	*dev = stalled->call == write_stream ? &pair->target : &pair->source;
	return vfio_set_state(*dev, stalled->state) ?:
	       userfault_begin(uf) ?:
	       userfault_stall(uf, stalled->call, pair);
}

/* While user space holds up a copy, the state can be read and the device can be reset */
TEST_F_TIMEOUT(mtty, stalled_copy_does_not_hold_up_a_reset, STALL_TIMEOUT)
{
	struct vfio_precopy_info info = { .argsz = sizeof(info) };
	struct mtty_pair *pair = &self->pair;
	struct vfio_test_device *dev;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(stalled_calls); i++) {
		ASSERT_EQ(0, begin_stalled_call(&stalled_calls[i], pair,
						&self->uf, &dev));
		EXPECT_EQ((int)stalled_calls[i].state, vfio_state(dev));
		EXPECT_EQ(0, vfio_reset(dev));
		EXPECT_EQ(VFIO_DEVICE_STATE_RUNNING, vfio_state(dev));
		EXPECT_EQ(0, userfault_release(&self->uf, &info, sizeof(info)));
		EXPECT_EQ(-ENODEV, userfault_result(&self->uf)) {
			TH_LOG("call %zu", i);
		}
		userfault_end(&self->uf);
		vfio_close_fd(&dev->data_fd);
	}
}

/* The removal of the device does not wait either, and a copy does not touch its memory */
TEST_F_TIMEOUT(mtty, stalled_copy_does_not_hold_up_a_removal, STALL_TIMEOUT)
{
	struct vfio_precopy_info info = { .argsz = sizeof(info) };
	struct mtty_pair *pair = &self->pair;
	struct vfio_test_device *dev;
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(stalled_calls); i++) {
		ASSERT_EQ(0, begin_stalled_call(&stalled_calls[i], pair,
						&self->uf, &dev));
		fd = dev->data_fd;
		dev->data_fd = -1;
		EXPECT_EQ(0, vfio_remove(dev));
		*dev = vfio_no_device;
		EXPECT_EQ(0, vfio_create(dev, variant->type_dir));
		EXPECT_EQ(0, userfault_release(&self->uf, &info, sizeof(info)));
		EXPECT_EQ(-ENODEV, userfault_result(&self->uf)) {
			TH_LOG("call %zu", i);
		}
		userfault_end(&self->uf);
		close(fd);
	}
}

struct second_access {
	int fd;
	bool writes;
	bool ended;
	ssize_t result;
};

static void *second_access(void *arg)
{
	struct second_access *access = arg;
	char byte = 0;

	access->result = mdev_result(access->writes ?
				     write(access->fd, &byte, 1) :
				     read(access->fd, &byte, 1));
	__atomic_store_n(&access->ended, true, __ATOMIC_SEQ_CST);
	return NULL;
}

static void interrupted(int signal)
{
	(void)signal;
}

/* A signal ends the wait for a stalled access */
TEST_F_TIMEOUT(mtty, signal_interrupts_a_second_access, STALL_TIMEOUT)
{
	struct sigaction action = { .sa_handler = interrupted };
	struct mtty_pair *pair = &self->pair;
	struct second_access access;
	struct vfio_test_device *dev;
	pthread_t thread;
	size_t i;

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, begin_stalled_call(&stalled_calls[i], pair,
						&self->uf, &dev));
		access = (struct second_access){
			.fd = dev->data_fd,
			.writes = dev == &pair->target,
		};
		ASSERT_EQ(0, pthread_create(&thread, NULL, second_access,
					    &access));
		while (!__atomic_load_n(&access.ended, __ATOMIC_SEQ_CST)) {
			pthread_kill(thread, SIGUSR1);
			usleep(1000);
		}
		EXPECT_EQ(0, pthread_join(thread, NULL));
		EXPECT_EQ(-EINTR, access.result);
		userfault_end(&self->uf);
	}
}

/* Half of a stream is not loaded, because the other half may still be copied */
TEST_F_TIMEOUT(mtty, stalled_write_is_not_loaded, STALL_TIMEOUT)
{
	struct mtty_pair *pair = &self->pair;

	ASSERT_EQ(0, mtty_begin_load(&pair->target));
	ASSERT_EQ(0, userfault_begin(&self->uf));
	ASSERT_EQ(0, userfault_stall(&self->uf, write_stream, pair));
	EXPECT_EQ(-EINVAL, vfio_set_state(&pair->target,
					  VFIO_DEVICE_STATE_RUNNING));
	EXPECT_EQ(0, userfault_release(&self->uf, &pair->stream, pair->len));
	EXPECT_EQ((ssize_t)pair->len, userfault_result(&self->uf));
	MTTY_FINISH_LOAD(pair);
}

/* Close and remove the device, and keep only the file of its stream */
static int remove_under_stream(struct vfio_test_device *dev)
{
	int data_fd = dev->data_fd, ret;

	dev->data_fd = -1;
	ret = vfio_remove(dev);
	*dev = vfio_no_device;
	dev->data_fd = data_fd;
	return ret;
}

/* Linux 6.12 and earlier do not have version 2 of the precopy info */
#ifndef VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2
#define VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2	12
#endif

/* In version 1 userspace sets the flags, and in version 2 the device sets them */
TEST_F(mtty, flags_of_precopy_info_are_cleared_in_version_2)
{
	struct vfio_precopy_info info = { .argsz = sizeof(info), .flags = ~0u };
	struct vfio_test_device *source = &self->pair.source;
	struct vfio_device_feature version_2 = {
		.argsz = sizeof(version_2),
		.flags = VFIO_DEVICE_FEATURE_SET |
			 VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2,
	};
	int ret;

	ASSERT_EQ(0, vfio_set_state(source, VFIO_DEVICE_STATE_PRE_COPY));
	EXPECT_EQ(0, mdev_result(ioctl(source->data_fd,
				       VFIO_MIG_GET_PRECOPY_INFO, &info)));
	EXPECT_EQ(~0u, info.flags);

	ret = mdev_result(ioctl(source->fd, VFIO_DEVICE_FEATURE, &version_2));
	if (ret)
		EXPECT_EQ(-ENOTTY, ret);
	EXPECT_EQ(0, mdev_result(ioctl(source->data_fd,
				       VFIO_MIG_GET_PRECOPY_INFO, &info)));
	EXPECT_EQ(ret ? ~0u : 0, info.flags);
}

/* Number of devices that take the memory of a removed one */
#define SUCCESSORS	4

TEST_F(mtty, file_of_a_save_outlives_its_device)
{
	struct vfio_precopy_info info = { .argsz = sizeof(info) };
	struct vfio_test_device *source = &self->pair.source;
	struct vfio_test_device successors[SUCCESSORS];
	char byte;
	int i;

	ASSERT_EQ(0, vfio_set_state(source, VFIO_DEVICE_STATE_PRE_COPY));
	EXPECT_EQ(0, mdev_result(ioctl(source->data_fd,
				       VFIO_MIG_GET_PRECOPY_INFO, &info)));
	EXPECT_EQ(MTTY_HEADER_SIZE, info.initial_bytes);
	EXPECT_EQ(0, remove_under_stream(source));
	for (i = 0; i < SUCCESSORS; i++) {
		successors[i] = vfio_no_device;
		EXPECT_EQ(0, vfio_create(&successors[i], variant->type_dir));
	}

	EXPECT_EQ(-ENODEV, mdev_result(ioctl(source->data_fd,
					     VFIO_MIG_GET_PRECOPY_INFO,
					     &info)));
	EXPECT_EQ(-ENODEV, mdev_result(read(source->data_fd, &byte, 1)));

	for (i = 0; i < SUCCESSORS; i++)
		EXPECT_EQ(0, vfio_remove(&successors[i]));
}

TEST_F(mtty, file_of_a_load_outlives_its_device)
{
	struct mtty_pair *pair = &self->pair;
	int fd;

	ASSERT_EQ(0, mtty_begin_load(&pair->target));
	ASSERT_EQ(0, remove_under_stream(&pair->target));
	fd = pair->target.data_fd;
	EXPECT_EQ(-ENODEV, mdev_result(write(fd, &pair->stream, pair->len)));
	EXPECT_EQ(-ENODEV, mdev_result(write(fd, &pair->stream,
					     MTTY_STREAM_MAX)));
	EXPECT_EQ(-ENODEV, mdev_result(write(fd, &pair->stream, 0)));
}

/* The ioctl fails once the device has left PRE_COPY and PRE_COPY_P2P */
TEST_F(mtty, precopy_info_fails_outside_of_pre_copy)
{
	struct vfio_precopy_info info = { .argsz = sizeof(info) };
	struct vfio_test_device *source = &self->pair.source;
	int fd;

	ASSERT_EQ(0, vfio_set_state(source, VFIO_DEVICE_STATE_PRE_COPY));
	fd = source->data_fd;
	info.argsz = 1;
	EXPECT_EQ(-EINVAL, mdev_result(ioctl(fd, VFIO_MIG_GET_PRECOPY_INFO,
					     &info)));
	EXPECT_EQ(-ENOTTY, mdev_result(ioctl(fd, VFIO_DEVICE_RESET)));
	EXPECT_EQ(-EFAULT, mdev_result(ioctl(fd, VFIO_MIG_GET_PRECOPY_INFO,
					     NULL)));
	info.argsz = sizeof(info);
	ASSERT_EQ(0, vfio_set_state(source, VFIO_DEVICE_STATE_PRE_COPY_P2P));
	EXPECT_EQ(0, mdev_result(ioctl(fd, VFIO_MIG_GET_PRECOPY_INFO, &info)));
	EXPECT_EQ(MTTY_HEADER_SIZE, info.initial_bytes);
	EXPECT_EQ(0ull, info.dirty_bytes);
	ASSERT_EQ(0, vfio_set_state(source, VFIO_DEVICE_STATE_STOP_COPY));
	EXPECT_EQ(-EINVAL, mdev_result(ioctl(fd, VFIO_MIG_GET_PRECOPY_INFO,
					     &info)));
	ASSERT_EQ(0, vfio_set_state(source, VFIO_DEVICE_STATE_RUNNING));
	EXPECT_EQ(-ENODEV, mdev_result(ioctl(fd, VFIO_MIG_GET_PRECOPY_INFO,
					     &info)));
}

/* Bytes that cannot be written to the buffer are kept for the next read */
TEST_F(mtty, save_to_a_faulty_buffer_gives_efault)
{
	size_t page = sysconf(_SC_PAGESIZE), len = 0;
	struct mtty_pair *pair = &self->pair;
	struct vfio_precopy_info *info;
	union mtty_stream stream = {};
	int fd;

	info = mmap(NULL, page, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, info);
	info->argsz = sizeof(*info);
	ASSERT_EQ(0, mprotect(info, page, PROT_READ));

	ASSERT_EQ(0, vfio_set_state(&pair->source, VFIO_DEVICE_STATE_PRE_COPY));
	fd = pair->source.data_fd;
	EXPECT_EQ(-EFAULT, mdev_result(ioctl(fd, VFIO_MIG_GET_PRECOPY_INFO,
					     info)));
	EXPECT_EQ(-EFAULT, mdev_result(read(fd, info, 1)));
	EXPECT_EQ(-EFAULT, mdev_result(read(fd, info, MTTY_HEADER_SIZE)));
	ASSERT_EQ(0, vfio_set_state(&pair->source,
				    VFIO_DEVICE_STATE_STOP_COPY));
	EXPECT_EQ(0, vfio_read_stream(&pair->source, stream.bytes,
				      MTTY_STREAM_MAX, &len));
	EXPECT_EQ(pair->len, len);
	EXPECT_EQ(0, memcmp(&stream, &pair->stream, len));
	EXPECT_EQ(0, munmap(info, page));
}

TEST_F(mtty, state_of_a_migration_ends_with_the_close)
{
	static const __u32 states[] = {
		VFIO_DEVICE_STATE_STOP, VFIO_DEVICE_STATE_STOP_COPY,
		VFIO_DEVICE_STATE_RESUMING, VFIO_DEVICE_STATE_RUNNING_P2P,
		VFIO_DEVICE_STATE_PRE_COPY, VFIO_DEVICE_STATE_PRE_COPY_P2P,
	};
	struct mtty_pair *pair = &self->pair;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		ASSERT_EQ(0, vfio_set_state(&pair->target, states[i]));
		vfio_close(&pair->target);
		ASSERT_EQ(0, vfio_open(&pair->target));
		EXPECT_EQ(VFIO_DEVICE_STATE_RUNNING,
			  vfio_state(&pair->target)) {
			TH_LOG("the device was closed in state %u", states[i]);
		}
		EXPECT_EQ(0, vfio_set_state(&pair->target,
					    VFIO_DEVICE_STATE_RUNNING));
	}

	/* A device that was closed after a refused stream loads a good one */
	pair->stream.header.minor++;
	EXPECT_EQ(-EFAULT, mtty_load(&pair->target, &pair->stream, pair->len,
				     MTTY_STREAM_MAX));
	pair->stream.header.minor--;
	vfio_close(&pair->target);
	ASSERT_EQ(0, vfio_open(&pair->target));
	EXPECT_EQ(0, load_ports(pair));
	EXPECT_TRUE(mtty_target_has_stream(pair));
}

int main(int argc, char *argv[])
{
	mtty_require_migration();
	return test_harness_run(argc, argv);
}
