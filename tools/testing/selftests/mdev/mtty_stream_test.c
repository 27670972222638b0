// SPDX-License-Identifier: GPL-2.0-only
/*
 * mtty loads a stream exactly if migration_version accepts the version of the stream, and
 * judges the stream when its header is complete
 */

#include <stddef.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "mtty_test_utils.h"
#include "stream_test_utils.h"
#include "version_test_utils.h"

FIXTURE(mtty) {
	struct mtty_pair pair;
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

FIXTURE_SETUP(mtty)
{
	ASSERT_EQ(0, mtty_pair_begin(&self->pair, variant->type_dir,
				     variant->nr_ports));
}

FIXTURE_TEARDOWN(mtty)
{
	EXPECT_EQ(0, mtty_pair_end(&self->pair));
}

/* Ask the attribute about the version in @header; returns 0 or an errno */
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
	struct mtty_pair *pair = &self->pair;
	char shown[64], version[64];

	ASSERT_LT(0, mdev_read_attr(variant->type_dir, "migration_version",
				    shown, sizeof(shown)));
	snprintf(version, sizeof(version), "4348:3253-%u.%u\n",
		 pair->stream.header.major, pair->stream.header.minor);
	EXPECT_STREQ(shown, version);
	EXPECT_EQ(variant->nr_ports, (int)pair->stream.header.nr_ports);
	EXPECT_EQ(0, (int)pair->stream.header.flags);
}

TEST_F(mtty, state_of_the_source_arrives_at_the_target)
{
	struct mtty_pair *pair = &self->pair;
	size_t i;

	EXPECT_FALSE(mtty_target_has_stream(pair));
	for (i = 0; i < ARRAY_SIZE(mtty_chunks); i++) {
		/* The state differs from the state of the load before */
		pair->stream.bytes[MTTY_HEADER_SIZE + UART_SCR]++;
		EXPECT_EQ(0, mtty_load(&pair->target, &pair->stream, pair->len,
				       mtty_chunks[i])) {
			TH_LOG("in pieces of %zu", mtty_chunks[i]);
		}
		MTTY_FINISH_LOAD(pair);
	}
}

TEST_F(mtty, verdict_is_the_outcome_of_the_load)
{
	struct mtty_pair *pair = &self->pair;
	struct mtty_header *header = &pair->stream.header;
	int expected, accepted = 0;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(stream_test_versions); i++) {
		header->major = stream_test_versions[i][0];
		header->minor = stream_test_versions[i][1];
		expected = verdict(variant->type_dir, header);
		EXPECT_EQ(expected ? -EPROTONOSUPPORT : 0, expected);
		accepted += !expected;

		for (j = 0; j < ARRAY_SIZE(mtty_chunks); j++) {
			EXPECT_EQ(expected ? -EFAULT : 0,
				  mtty_load(&pair->target, header, pair->len,
					    mtty_chunks[j])) {
				TH_LOG("version %u.%u in pieces of %zu",
				       header->major, header->minor, mtty_chunks[j]);
			}
			if (!expected)
				MTTY_FINISH_LOAD(pair);
		}
	}
	EXPECT_EQ(1, accepted);
}

/* Each bit of the version counts in the verdict exactly if it counts in the load */
TEST_F(mtty, verdict_is_the_outcome_for_each_bit_of_the_version)
{
	struct mtty_pair *pair = &self->pair;
	struct mtty_header *header = &pair->stream.header;
	__u32 *number;
	int i;

	for (i = 0; i < 64; i++) {
		number = i < 32 ? &header->major : &header->minor;
		*number ^= 1u << i % 32;
		EXPECT_EQ(-EPROTONOSUPPORT, verdict(variant->type_dir, header));
		EXPECT_EQ(-EFAULT, mtty_load(&pair->target, header, MTTY_HEADER_SIZE,
					     MTTY_HEADER_SIZE)) {
			TH_LOG("version %u.%u", header->major, header->minor);
		}
		*number ^= 1u << i % 32;
	}
	EXPECT_EQ(0, verdict(variant->type_dir, header));
	EXPECT_EQ(0, mtty_load(&pair->target, header, pair->len, pair->len));
	MTTY_FINISH_LOAD(pair);
}

/* The verdict comes while the source still runs */
TEST_F(mtty, verdict_is_the_outcome_before_the_source_stops)
{
	struct mtty_pair *pair = &self->pair;
	union mtty_stream stream = {};
	__u32 minor;
	size_t len;

	for (minor = 0; minor < 2; minor++) {
		len = 0;
		ASSERT_EQ(0, vfio_set_state(&pair->source,
					    VFIO_DEVICE_STATE_PRE_COPY));
		ASSERT_EQ(0, vfio_read_stream(&pair->source, stream.bytes,
					      MTTY_STREAM_MAX, &len));
		ASSERT_EQ(MTTY_HEADER_SIZE, len);
		stream.header.minor = minor;
		EXPECT_EQ(verdict(variant->type_dir, &stream.header) ?
			  -EFAULT : 0,
			  mtty_load(&pair->target, &stream, len, len));
		EXPECT_EQ(VFIO_DEVICE_STATE_PRE_COPY,
			  vfio_state(&pair->source));
		EXPECT_EQ(0, vfio_set_state(&pair->source,
					    VFIO_DEVICE_STATE_RUNNING));
	}
}

/* Each field of the header beside the version has one right value */
TEST_F(mtty, flipped_bit_beside_the_version_is_refused)
{
	struct mtty_pair *pair = &self->pair;
	struct mtty_header *header = &pair->stream.header;
	size_t i, offset;

	for (i = 0; i < 8 * MTTY_HEADER_SIZE; i++) {
		offset = i / 8;
		if (offset >= offsetof(struct mtty_header, major) &&
		    offset < offsetof(struct mtty_header, nr_ports))
			continue;
		pair->stream.bytes[offset] ^= 1 << i % 8;
		EXPECT_EQ(0, verdict(variant->type_dir, header));
		EXPECT_EQ(-EFAULT, mtty_load(&pair->target, header, MTTY_HEADER_SIZE,
					     mtty_chunks[i % ARRAY_SIZE(mtty_chunks)])) {
			TH_LOG("bit %zu of byte %zu", i % 8, offset);
		}
		pair->stream.bytes[offset] ^= 1 << i % 8;
	}
	EXPECT_EQ(0, mtty_load(&pair->target, header, pair->len, pair->len));
	MTTY_FINISH_LOAD(pair);
}

/* The version is the same, because the type is compared before the version */
TEST_F(mtty, stream_of_another_type_is_not_loaded)
{
	struct mtty_pair *pair = &self->pair;
	struct vfio_test_device other = vfio_no_device;
	union mtty_stream stream = {};
	ssize_t len;

	EXPECT_EQ(0, vfio_create(&other, variant->other_type_dir));
	len = vfio_save(&other, stream.bytes, MTTY_STREAM_MAX, 0);
	EXPECT_EQ(0, vfio_remove(&other));

	ASSERT_LT((ssize_t)MTTY_HEADER_SIZE, len);
	EXPECT_EQ(0, verdict(variant->type_dir, &stream.header));
	EXPECT_EQ(-EFAULT, mtty_load(&pair->target, &stream, MTTY_HEADER_SIZE,
				     MTTY_HEADER_SIZE));
	EXPECT_EQ(0, mtty_load(&pair->target, &pair->stream, pair->len, pair->len));
	MTTY_FINISH_LOAD(pair);
}

/* A write that does not fit is refused as a whole; the bytes that fit are taken later */
TEST_F(mtty, bytes_beyond_the_stream_are_not_taken)
{
	struct mtty_pair *pair = &self->pair;
	size_t starts[] = {
		0, 1, MTTY_HEADER_SIZE - 1, MTTY_HEADER_SIZE, pair->len - 1, pair->len,
	};
	size_t i;

	ASSERT_LT(pair->len, (size_t)MTTY_STREAM_MAX);
	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		pair->stream.bytes[MTTY_HEADER_SIZE + UART_SCR]++;
		EXPECT_EQ(0, mtty_load(&pair->target, &pair->stream, starts[i],
				       MTTY_STREAM_MAX));
		EXPECT_EQ(-ENOMEM,
			  vfio_write_stream(&pair->target,
					    pair->stream.bytes + starts[i],
					    pair->len - starts[i] + 1,
					    MTTY_STREAM_MAX)) {
			TH_LOG("after %zu bytes", starts[i]);
		}
		EXPECT_EQ(0, vfio_write_stream(&pair->target,
					       pair->stream.bytes + starts[i],
					       pair->len - starts[i],
					       MTTY_STREAM_MAX)) {
			TH_LOG("after %zu bytes", starts[i]);
		}
		MTTY_FINISH_LOAD(pair);
	}
}

/* A truncated stream is refused when it is to be loaded, and can still be continued */
TEST_F(mtty, truncated_stream_is_not_loaded)
{
	struct mtty_pair *pair = &self->pair;
	size_t i;

	for (i = 0; i < pair->len; i++) {
		pair->stream.bytes[MTTY_HEADER_SIZE + UART_SCR]++;
		EXPECT_EQ(0, mtty_load(&pair->target, &pair->stream, i, MTTY_STREAM_MAX));
		EXPECT_EQ(-EINVAL, vfio_set_state(&pair->target,
						  VFIO_DEVICE_STATE_RUNNING)) {
			TH_LOG("after %zu bytes", i);
		}
		EXPECT_EQ(VFIO_DEVICE_STATE_RESUMING,
			  vfio_state(&pair->target));
		EXPECT_EQ(0, vfio_write_stream(&pair->target,
					       pair->stream.bytes + i,
					       pair->len - i, MTTY_STREAM_MAX));
		MTTY_FINISH_LOAD(pair);
	}
}

/* A write of zero bytes succeeds at any place of the stream */
TEST_F(mtty, empty_writes_change_nothing)
{
	struct mtty_pair *pair = &self->pair;
	size_t i;

	EXPECT_EQ(0, mtty_begin_load(&pair->target));
	for (i = 0; i < pair->len; i++) {
		EXPECT_EQ(0, write(pair->target.data_fd, pair->stream.bytes,
				   0));
		EXPECT_EQ(1, write(pair->target.data_fd,
				   pair->stream.bytes + i, 1));
	}
	EXPECT_EQ(0, write(pair->target.data_fd, pair->stream.bytes, 0));
	MTTY_FINISH_LOAD(pair);
}

/* A call that asks for a position in a stream fails, and changes nothing */
TEST_F(mtty, stream_does_not_have_positions)
{
	struct mtty_pair *pair = &self->pair;
	static const off_t offsets[] = { 0, 8, MTTY_HEADER_SIZE, LLONG_MAX };
	struct iovec iov = { &pair->stream, 1 };
	size_t i, done;
	int fd;

	for (done = 0; done <= MTTY_HEADER_SIZE; done += MTTY_HEADER_SIZE) {
		EXPECT_EQ(0, mtty_load(&pair->target, &pair->stream, done,
				       MTTY_STREAM_MAX));
		fd = pair->target.data_fd;
		for (i = 0; i < ARRAY_SIZE(offsets); i++) {
			EXPECT_EQ(-ESPIPE, mdev_result(pwrite(fd, &pair->stream,
							      1, offsets[i])));
			EXPECT_EQ(-ESPIPE, mdev_result(pwritev(fd, &iov, 1,
							       offsets[i])));
			EXPECT_EQ(-ESPIPE, mdev_result(lseek(fd, offsets[i],
							     SEEK_SET)));
		}
		EXPECT_EQ(-EINVAL, mdev_result(pwrite(fd, &pair->stream, 1,
						      -1)));
		EXPECT_EQ(0, vfio_write_stream(&pair->target,
					       pair->stream.bytes + done,
					       pair->len - done, MTTY_STREAM_MAX));
		MTTY_FINISH_LOAD(pair);
		pair->stream.bytes[MTTY_HEADER_SIZE + UART_SCR]++;
	}
}

/*
 * Nothing is taken from a buffer that cannot be read to its end, and a header is not
 * judged by the part of it that could be read
 */
TEST_F(mtty, nothing_is_taken_from_a_faulty_buffer)
{
	struct mtty_pair *pair = &self->pair;
	const size_t readable[] = {
		0, 1, MTTY_HEADER_SIZE - 1, MTTY_HEADER_SIZE, MTTY_HEADER_SIZE + 1,
		pair->len - 1,
	};
	unsigned char *end;
	size_t i;

	end = mdev_guard_map();
	ASSERT_NE(NULL, end);

	for (i = 0; i < ARRAY_SIZE(readable); i++) {
		pair->stream.bytes[MTTY_HEADER_SIZE + UART_SCR]++;
		EXPECT_EQ(0, mtty_begin_load(&pair->target));

		/* The driver would reject this header, if it took the bytes */
		pair->stream.bytes[0] ^= 1;
		memcpy(end - readable[i], &pair->stream, readable[i]);
		pair->stream.bytes[0] ^= 1;
		EXPECT_EQ(-EFAULT, mdev_result(write(pair->target.data_fd,
						     end - readable[i],
						     pair->len))) {
			TH_LOG("%zu bytes are readable", readable[i]);
		}
		EXPECT_EQ(0, vfio_write_stream(&pair->target,
					       pair->stream.bytes, MTTY_HEADER_SIZE,
					       MTTY_HEADER_SIZE));

		/* A write of bytes behind the header fails, too */
		EXPECT_EQ(-EFAULT, mdev_result(write(pair->target.data_fd,
						     end, 1)));
		EXPECT_EQ(0, vfio_write_stream(&pair->target,
					       pair->stream.bytes + MTTY_HEADER_SIZE,
					       pair->len - MTTY_HEADER_SIZE,
					       MTTY_STREAM_MAX)) {
			TH_LOG("%zu bytes were readable", readable[i]);
		}
		MTTY_FINISH_LOAD(pair);
	}
	EXPECT_EQ(0, mdev_guard_unmap(end));
}

/* The file of a load can be open after the load has ended */
TEST_F(mtty, write_after_the_end_of_a_load_fails)
{
	struct mtty_pair *pair = &self->pair;
	int *fd = &pair->target.data_fd;

	EXPECT_EQ(0, mtty_load(&pair->target, &pair->stream, pair->len, MTTY_STREAM_MAX));
	EXPECT_EQ(0, vfio_set_state(&pair->target, VFIO_DEVICE_STATE_STOP));
	EXPECT_EQ(-ENODEV, mdev_result(write(*fd, &pair->stream, 1)));
	EXPECT_EQ(-ENODEV, mdev_result(write(*fd, &pair->stream, pair->len)));
	EXPECT_EQ(-ENODEV, mdev_result(write(*fd, &pair->stream, 0)));

	EXPECT_EQ(0, mtty_load(&pair->target, &pair->stream, pair->len, MTTY_STREAM_MAX));
	EXPECT_EQ(0, vfio_set_state(&pair->target, VFIO_DEVICE_STATE_RUNNING));
	EXPECT_EQ(-ENODEV, mdev_result(write(*fd, &pair->stream, pair->len)));

	EXPECT_EQ(0, mtty_load(&pair->target, &pair->stream, MTTY_HEADER_SIZE - 1,
			       MTTY_STREAM_MAX));
	EXPECT_EQ(0, vfio_reset(&pair->target));
	EXPECT_EQ(-ENODEV, mdev_result(write(*fd, &pair->stream, 1)));

	EXPECT_EQ(0, mtty_load(&pair->target, &pair->stream, MTTY_HEADER_SIZE,
			       MTTY_STREAM_MAX));
	vfio_close_fd(&pair->target.fd);
	EXPECT_EQ(-ENODEV, mdev_result(write(*fd, &pair->stream, 1)));
}

/* Only the debug messages show why a load has failed */
TEST_F(mtty, debug_messages_show_why_a_load_failed)
{
	static const char on[] = "module mtty +p", off[] = "module mtty -p";
	struct mtty_pair *pair = &self->pair;
	int i, ret, log;
	ssize_t len;

	if (access(MDEV_DEBUG_CONTROL, W_OK))
		SKIP(return, MDEV_DEBUG_CONTROL " does not exist (CONFIG_DYNAMIC_DEBUG)");

	for (i = 0; i < 2; i++) {
		pair->stream.header.minor += i;
		log = mdev_log_open();
		ASSERT_LE(0, log);
		EXPECT_LT(0, mdev_write_file(MDEV_DEBUG_CONTROL, on, strlen(on)));
		ret = mtty_load(&pair->target, &pair->stream, MTTY_HEADER_SIZE,
				MTTY_HEADER_SIZE);
		EXPECT_EQ(-EINVAL, vfio_set_state(&pair->target,
						  VFIO_DEVICE_STATE_RUNNING));
		EXPECT_LT(0, mdev_write_file(MDEV_DEBUG_CONTROL, off, strlen(off)));
		EXPECT_EQ(i ? -EFAULT : 0, ret);
		EXPECT_TRUE(mdev_log_has(log, i ?
					 "mtty_resume_write failed validation" :
					 "mtty_resume_write header validated"));
		/* mtty no longer looks at a rejected stream */
		EXPECT_EQ(!i, mdev_log_has(log, "mtty_load_state expected"));
		close(log);
	}

	/* Save a device, and load a state that a port cannot have */
	log = mdev_log_open();
	ASSERT_LE(0, log);
	EXPECT_LT(0, mdev_write_file(MDEV_DEBUG_CONTROL, on, strlen(on)));
	len = vfio_save(&pair->source, pair->stream.bytes, MTTY_STREAM_MAX, 0);
	pair->stream.ports[0].tail = MTTY_FIFO_SIZE;
	ret = mtty_load(&pair->target, &pair->stream, pair->len,
			MTTY_STREAM_MAX) ?:
	      vfio_set_state(&pair->target, VFIO_DEVICE_STATE_RUNNING);
	EXPECT_LT(0, mdev_write_file(MDEV_DEBUG_CONTROL, off, strlen(off)));
	EXPECT_EQ((ssize_t)pair->len, len);
	EXPECT_EQ(-EINVAL, ret);
	EXPECT_TRUE(mdev_log_has(log, "mtty_save_read ask"));
	EXPECT_TRUE(mdev_log_has(log, "mtty_load_state port 0 is not valid"));
	close(log);
}

int main(int argc, char *argv[])
{
	mtty_require_migration();
	mdev_require_log();
	return test_harness_run(argc, argv);
}
