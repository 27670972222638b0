// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Reading and writing migration_version, which calls the vendor driver: here, or
 * in a child, if there is a limit to the time that it may take
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

/* One byte more than a string and a newline, to see what is too long */
#define BUFFER_SIZE	(MDEV_PRECHECK_VERSION_MAX + 2)

/**
 * struct io_call - an access to migration_version
 * @dir: directory of the type
 * @flags: O_RDONLY or O_WRONLY
 * @to: where a read goes to
 * @from: what is written
 * @size: of either
 */
struct io_call {
	int dir;
	int flags;
	char *to;
	const char *from;
	size_t size;
};

/* Also called in a child, so that it calls nothing but system calls */
static void access_version(const struct io_call *call, struct io_result *result)
{
	ssize_t count;
	int fd;

	memset(result, 0, sizeof(*result));
	result->step = IO_OPEN;
	fd = openat(call->dir, MIGRATION_VERSION, call->flags | O_CLOEXEC);
	if (fd < 0) {
		result->error = errno;
		return;
	}

	result->step = IO_CALL;
	if (call->flags == O_WRONLY)
		count = write(fd, call->from, call->size);
	else
		count = read(fd, call->to, call->size);
	if (count < 0)
		result->error = errno;
	else
		result->count = count;
	close(fd);
}

/*
 * Never returns.  Of the caller's files it keeps none: if it is left behind in a
 * driver, nobody shall wait for the end of its output.
 */
static void child(const struct io_call *call, int to_parent)
{
	struct io_call own = *call;
	char text[BUFFER_SIZE];
	struct io_result result;
	bool sent;

	if (dup2(call->dir, 0) < 0 || dup2(to_parent, 1) < 0)
		_exit(1);
	close_range(2, ~0U, 0);
	own.dir = 0;
	own.to = text;
	access_version(&own, &result);

	sent = write(1, &result, sizeof(result)) == sizeof(result);
	if (sent && call->flags == O_RDONLY && !result.error)
		sent = write(1, text, result.count) == (ssize_t)result.count;
	_exit(!sent);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* receive - all of @size, or what came before the end or until @deadline */
static size_t receive(int fd, void *to, size_t size, long long deadline)
{
	struct pollfd from = { .fd = fd, .events = POLLIN };
	size_t received = 0;

	while (received < size) {
		long long left = deadline - now_ms();
		ssize_t count;
		int ready;

		if (left < 0)
			left = 0;
		ready = poll(&from, 1, left > INT_MAX ? INT_MAX : (int)left);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			break;

		count = read(fd, (char *)to + received, size - received);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			break;
		received += count;
	}
	return received;
}

static int access_in_child(const struct io_call *call, unsigned int timeout,
			   struct io_result *result)
{
	long long deadline = now_ms() + timeout;
	int ends[2], ret;
	bool whole;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;

	pid = fork();
	if (pid < 0) {
		ret = -errno;
		close(ends[0]);
		close(ends[1]);
		return ret;
	}
	if (!pid)
		child(call, ends[1]);
	close(ends[1]);

	whole = receive(ends[0], result, sizeof(*result), deadline) ==
		sizeof(*result);
	if (whole && call->flags == O_RDONLY && !result->error)
		whole = receive(ends[0], call->to, result->count, deadline) ==
			result->count;
	close(ends[0]);

	if (!whole) {
		memset(result, 0, sizeof(*result));
		result->step = IO_NO_ANSWER;
		result->error = now_ms() < deadline ? EIO : ETIMEDOUT;
		/* It ends when the driver lets it go, and is not waited for */
		kill(pid, SIGKILL);
		waitpid(pid, NULL, WNOHANG);
		return 0;
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

static int access_in_time(const struct mdev_precheck *precheck,
			  const struct io_call *call, struct io_result *result)
{
	if (precheck->timeout)
		return access_in_child(call, precheck->timeout, result);

	access_version(call, result);
	return 0;
}

static bool is_version(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	}
	return len && len <= MDEV_PRECHECK_VERSION_MAX;
}

/* has_version - is the attribute there?  It goes with its type. */
static bool has_version(int dir)
{
	return !faccessat(dir, MIGRATION_VERSION, F_OK, 0);
}

static int fail(struct mdev_precheck_version *version,
		enum mdev_precheck_version_state state, int error)
{
	version->state = state;
	version->error = error;
	version->text[0] = '\0';
	return 0;
}

bool is_no_answer(int error)
{
	switch (error) {
	case EINTR:
	case EAGAIN:
	case ENOMEM:
	case ENODEV:
	case EIO:
		return true;
	default:
		return false;
	}
}

int read_version(const struct mdev_precheck *precheck, int dir,
		 struct mdev_precheck_version *version)
{
	char text[BUFFER_SIZE];
	struct io_call call = {
		.dir = dir,
		.flags = O_RDONLY,
		.to = text,
		.size = sizeof(text),
	};
	struct io_result result;
	size_t len;
	int ret;

	ret = access_in_time(precheck, &call, &result);
	if (ret)
		return ret;

	if (result.step == IO_OPEN && result.error == ENOENT)
		return fail(version, MDEV_PRECHECK_VERSION_NONE, 0);
	if (result.step != IO_CALL || is_no_answer(result.error))
		return fail(version, MDEV_PRECHECK_VERSION_UNKNOWN, result.error);
	if (result.error)
		return fail(version, MDEV_PRECHECK_VERSION_FAILED, result.error);

	len = result.count;
	if (len && text[len - 1] == '\n')
		len--;
	if (!is_version(text, len))
		return fail(version, MDEV_PRECHECK_VERSION_FAILED, EBADMSG);

	version->state = MDEV_PRECHECK_VERSION_READ;
	version->error = 0;
	memcpy(version->text, text, len);
	version->text[len] = '\0';
	return 0;
}

int write_version(const struct mdev_precheck *precheck, int dir,
		  const char *version, struct io_result *result)
{
	struct io_call call = {
		.dir = dir,
		.flags = O_WRONLY,
		.from = version,
		.size = strlen(version),
	};
	int ret;

	ret = access_in_time(precheck, &call, result);
	if (ret)
		return ret;

	/* The parent was unregistered while the question was on its way */
	if (result->step == IO_CALL && result->error == ENODEV &&
	    !has_version(dir))
		result->step = IO_OPEN;
	return 0;
}
