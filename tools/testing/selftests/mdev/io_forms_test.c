// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each way to read and write the file: one write is one string at any position, a read
 * goes on where the last read ended, and the access rights hold
 */

#include <grp.h>
#include <sys/uio.h>

#include "version_test_utils.h"

#define LINE		MTTY_VERSION "\n"
#define LINE_LEN	((ssize_t)sizeof(LINE) - 1)
#define VERSION_LEN	(LINE_LEN - 1)
#define NOBODY		65534

FIXTURE(io_forms) {
	struct mdev_node node;
	char path[MDEV_PATH_SIZE];
	int fd;
};

FIXTURE_VARIANT(io_forms) {
	bool by_device;
};

FIXTURE_VARIANT_ADD(io_forms, type) {
	.by_device = false,
};

FIXTURE_VARIANT_ADD(io_forms, device) {
	.by_device = true,
};

FIXTURE_SETUP(io_forms)
{
	ASSERT_EQ(0, mdev_node_get(&self->node, MDEV_TYPE_DIR("mtty", "mtty-1"),
				   variant->by_device));
	snprintf(self->path, sizeof(self->path), "%s/migration_version",
		 self->node.dir);
	self->fd = open(self->path, O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(io_forms)
{
	close(self->fd);
	EXPECT_EQ(0, mdev_node_put(&self->node));
}

TEST_F(io_forms, reads_byte_by_byte_give_the_line)
{
	char buf[LINE_LEN + 1] = "";
	ssize_t i;

	for (i = 0; i < LINE_LEN; i++)
		EXPECT_EQ(1, read(self->fd, buf + i, 1));
	EXPECT_EQ(0, read(self->fd, buf + LINE_LEN, 1));
	EXPECT_EQ(0, read(self->fd, buf + LINE_LEN, 1));
	EXPECT_STREQ(LINE, buf);
}

TEST_F(io_forms, read_begins_where_lseek_went)
{
	char buf[4096];
	int i;

	for (i = 0; i < 3; i++) {
		memset(buf, 0, sizeof(buf));
		EXPECT_EQ(LINE_LEN, read(self->fd, buf, sizeof(buf) - 1));
		EXPECT_STREQ(LINE, buf);
		EXPECT_EQ(0, read(self->fd, buf, sizeof(buf)));
		EXPECT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	}

	/* The position is in the middle of the string, and a part of it is still unread */
	EXPECT_EQ(4, read(self->fd, buf, 4));
	EXPECT_EQ(5, lseek(self->fd, 5, SEEK_SET));
	memset(buf, 0, sizeof(buf));
	EXPECT_EQ(LINE_LEN - 5, read(self->fd, buf, sizeof(buf) - 1));
	EXPECT_STREQ(&LINE[5], buf);
}

TEST_F(io_forms, pread_at_every_offset_gives_the_rest)
{
	char buf[64];
	ssize_t i;

	for (i = LINE_LEN + 1; i >= 0; i--) {
		ssize_t rest = i < LINE_LEN ? LINE_LEN - i : 0;

		memset(buf, 0, sizeof(buf));
		EXPECT_EQ(rest, pread(self->fd, buf, sizeof(buf) - 1, i)) {
			TH_LOG("offset %zd", i);
		}
		EXPECT_EQ(0, memcmp(buf, &LINE[LINE_LEN - rest], rest));
	}

	/* pread() leaves the position where it was */
	EXPECT_EQ(LINE_LEN, read(self->fd, buf, sizeof(buf)));
}

TEST_F(io_forms, readv_fills_its_pieces_in_order)
{
	char first[5] = "", second[3] = "", third[64] = "";
	struct iovec iov[] = {
		{ first, sizeof(first) - 1 },
		{ second, sizeof(second) - 1 },
		{ third, sizeof(third) - 1 },
	};
	char all[80];

	EXPECT_EQ(LINE_LEN, readv(self->fd, iov, ARRAY_SIZE(iov)));
	snprintf(all, sizeof(all), "%s%s%s", first, second, third);
	EXPECT_STREQ(LINE, all);
}

/* Each write is a whole string, at any position */
TEST_F(io_forms, write_ignores_the_position)
{
	const off_t offsets[] = { 0, 1, 5, 13, 4095, 4096, 1L << 30 };
	char buf[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		EXPECT_EQ(LINE_LEN,
			  pwrite(self->fd, LINE, LINE_LEN, offsets[i])) {
			TH_LOG("offset %jd", (intmax_t)offsets[i]);
		}
		EXPECT_EQ(-EXDEV, mdev_result(pwrite(self->fd, OTHER_VERSION,
						     strlen(OTHER_VERSION),
						     offsets[i]))) {
			TH_LOG("offset %jd", (intmax_t)offsets[i]);
		}
		/* A part of a string is not a version */
		EXPECT_EQ(-EINVAL, mdev_result(pwrite(self->fd, &LINE[5],
						      LINE_LEN - 5,
						      offsets[i]))) {
			TH_LOG("offset %jd", (intmax_t)offsets[i]);
		}
	}

	/* A read or a write before does not change the result either */
	EXPECT_EQ(4, read(self->fd, buf, 4));
	EXPECT_EQ(LINE_LEN, write(self->fd, LINE, LINE_LEN));
	EXPECT_EQ(VERSION_LEN, write(self->fd, LINE, VERSION_LEN));
	EXPECT_EQ(-EXDEV, mdev_result(write(self->fd, OTHER_VERSION,
					    strlen(OTHER_VERSION))));
	EXPECT_EQ(LINE_LEN, write(self->fd, LINE, LINE_LEN));

	EXPECT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	memset(buf, 0, sizeof(buf));
	EXPECT_EQ(LINE_LEN, read(self->fd, buf, sizeof(buf) - 1));
	EXPECT_STREQ(LINE, buf);
}

/* Flags that ">" and ">>" of a shell add to open() */
TEST_F(io_forms, flags_of_a_shell_do_not_change_a_write)
{
	const int flags[] = {
		O_WRONLY | O_CREAT | O_TRUNC,
		O_WRONLY | O_CREAT | O_APPEND,
		O_RDWR | O_APPEND,
	};
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		fd = open(self->path, flags[i], 0666);
		ASSERT_LE(0, fd);
		EXPECT_EQ(LINE_LEN, write(fd, LINE, LINE_LEN));
		EXPECT_EQ(-EXDEV, mdev_result(write(fd, OTHER_VERSION,
						    strlen(OTHER_VERSION))));
		EXPECT_EQ(VERSION_LEN, write(fd, LINE, VERSION_LEN));
		close(fd);
	}
}

TEST_F(io_forms, writev_is_one_string)
{
	struct iovec accepted[] = {
		{ "4348", 4 }, { ":", 1 }, { "", 0 }, { "3253-", 5 },
		{ "1.0", 3 }, { "\n", 1 },
	};
	struct iovec refused[] = {
		{ "4348:3253-1.0", 13 }, { "0", 1 },
	};
	struct iovec other[] = {
		{ "1234:", 5 }, { "5678-1.0", 8 },
	};
	struct iovec later[] = {
		{ "4348:3253-", 10 }, { "2.0", 3 },
	};

	EXPECT_EQ(LINE_LEN, writev(self->fd, accepted, ARRAY_SIZE(accepted)));
	EXPECT_EQ(VERSION_LEN,
		  writev(self->fd, accepted, ARRAY_SIZE(accepted) - 1));
	/* The first piece alone would be accepted */
	EXPECT_EQ(-EINVAL, mdev_result(writev(self->fd, refused,
					      ARRAY_SIZE(refused))));
	EXPECT_EQ(-EXDEV, mdev_result(writev(self->fd, other,
					     ARRAY_SIZE(other))));
	EXPECT_EQ(-EPROTONOSUPPORT, mdev_result(writev(self->fd, later,
						       ARRAY_SIZE(later))));
	EXPECT_EQ(LINE_LEN, pwritev(self->fd, accepted, ARRAY_SIZE(accepted),
				    7));
}

TEST_F(io_forms, writev_has_the_limit_of_one_string)
{
	static char spaces[4096];
	struct iovec iov[] = {
		{ LINE, VERSION_LEN }, { spaces, sizeof(spaces) - VERSION_LEN },
	};

	memset(spaces, ' ', sizeof(spaces));
	EXPECT_EQ(-E2BIG, mdev_result(writev(self->fd, iov, ARRAY_SIZE(iov))));
}

TEST_F(io_forms, each_write_is_a_string_of_its_own)
{
	EXPECT_EQ(-EINVAL, mdev_result(write(self->fd, "4348:3253-", 10)));
	EXPECT_EQ(-EINVAL, mdev_result(write(self->fd, "1.0", 3)));
	EXPECT_EQ(-EINVAL, mdev_result(write(self->fd, "\n", 1)));
}

/* The write succeeds without a verdict: trace_test shows that the driver was not asked */
TEST_F(io_forms, write_of_nothing_succeeds)
{
	struct iovec iov[] = { { "", 0 }, { "", 0 } };

	EXPECT_EQ(0, write(self->fd, "", 0));
	EXPECT_EQ(0, pwrite(self->fd, "", 0, 5));
	EXPECT_EQ(0, writev(self->fd, iov, ARRAY_SIZE(iov)));
}

/* Call @func in a process of another user than root; returns its result or -errno */
static int as_nobody(int (*func)(const char *path), const char *path)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
		    setresuid(NOBODY, NOBODY, NOBODY))
			_exit(255);
		_exit(func(path));
	}
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

/* Return 0 or an errno, which fits into an exit status */

static int reads_the_line(const char *path)
{
	char buf[64];
	ssize_t ret = mdev_read_file(path, buf, sizeof(buf));

	if (ret < 0)
		return -ret;
	return strcmp(buf, LINE) ? EBADMSG : 0;
}

static int opens_for_writing(const char *path)
{
	return open(path, O_WRONLY) < 0 ? errno : 0;
}

static int opens_for_both(const char *path)
{
	return open(path, O_RDWR) < 0 ? errno : 0;
}

static int truncates(const char *path)
{
	return open(path, O_RDONLY | O_TRUNC) < 0 ? errno : 0;
}

TEST_F(io_forms, anyone_may_read_and_root_may_write)
{
	struct stat st;

	ASSERT_EQ(0, fstat(self->fd, &st));
	EXPECT_EQ(S_IFREG | 0644, (int)st.st_mode);
	EXPECT_EQ(0, (int)st.st_uid);
	EXPECT_EQ(0, (int)st.st_gid);

	EXPECT_EQ(0, as_nobody(reads_the_line, self->path));
	EXPECT_EQ(EACCES, as_nobody(opens_for_writing, self->path));
	EXPECT_EQ(EACCES, as_nobody(opens_for_both, self->path));
	EXPECT_EQ(EACCES, as_nobody(truncates, self->path));
}

TEST_F(io_forms, descriptor_can_do_what_it_was_opened_for)
{
	char byte;
	int fd;

	fd = open(self->path, O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBADF, mdev_result(write(fd, LINE, LINE_LEN)));
	close(fd);

	fd = open(self->path, O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBADF, mdev_result(read(fd, &byte, 1)));
	close(fd);
}

int main(int argc, char *argv[])
{
	mdev_require_samples();

	return test_harness_run(argc, argv);
}
