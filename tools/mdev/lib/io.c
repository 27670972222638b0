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
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "internal.h"

/**
 * struct io_call - an access to an attribute that calls the vendor driver
 * @dir: directory of the type
 * @name: name of the attribute
 * @fixture: plain files and links are taken for the attribute
 * @flags: O_RDONLY or O_WRONLY
 * @to: where a read goes to
 * @from: what is written
 * @size: of either
 */
struct io_call {
	int dir;
	const char *name;
	bool fixture;
	int flags;
	char *to;
	const char *from;
	size_t size;
};

/* open_attribute - a descriptor of a file of a sysfs, or a negative errno */
static int open_attribute(const struct io_call *call)
{
	/* A FIFO or a terminal in its place must not block, nor become our terminal */
	int flags = call->fixture ? 0 : O_NOFOLLOW | O_NONBLOCK;
	int fd;

	fd = openat(call->dir, call->name, call->flags | flags | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return call->fixture ? fd : require_sysfs(fd);
}

/* It is called in a child as well, so that it calls nothing but system calls */
static void access_version(const struct io_call *call, struct io_result *result)
{
	ssize_t count;
	int fd;

	memset(result, 0, sizeof(*result));
	result->step = IO_OPEN;
	fd = open_attribute(call);
	if (fd < 0) {
		result->error = -fd;
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

/* end_with - end when the process @parent does, also if it already has */
static void end_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
}

/* The type's directory is descriptor 0, and the result goes to descriptor 1 */
static void worker(const struct io_call *call)
{
	struct io_call own = *call;
	char text[VERSION_SIZE];
	struct io_result result;
	bool sent;

	own.dir = 0;
	own.to = text;
	access_version(&own, &result);

	sent = write(1, &result, sizeof(result)) == sizeof(result);
	if (sent && call->flags == O_RDONLY && !result.error)
		sent = write(1, text, result.count) == (ssize_t)result.count;
	_exit(!sent);
}

/*
 * keeper - never returns
 *
 * The worker may hang in a driver, where no signal reaches it.  It is a child of the
 * keeper, so that the asker has a child that can be killed and reaped at once.  Neither
 * keeps the asker's files, because somebody may wait for the end of its output.
 */
static void keeper(const struct io_call *call, int to_asker, pid_t asker)
{
	pid_t own, pid;

	end_with(asker);
	if (dup2(call->dir, 0) < 0 || dup2(to_asker, 1) < 0)
		_exit(1);
	close_range(2, ~0U, 0);

	own = getpid();
	/* fork() would run what the asker's program has for pthread_atfork() */
	pid = _Fork();
	if (!pid) {
		end_with(own);
		worker(call);
	}
	if (pid < 0) {
		struct io_result result = { .step = IO_NO_ANSWER, .error = errno };

		_exit(write(1, &result, sizeof(result)) != sizeof(result));
	}
	/* The asker sees the end of the pipe when the worker ends */
	close_range(0, 1, 0);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	_exit(0);
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

/* start_keeper - the keeper's process id, and the end of its pipe; or a negative errno */
static pid_t start_keeper(const struct io_call *call, int *from_worker)
{
	pid_t asker = getpid(), pid;
	int ends[2], ret;

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
		keeper(call, ends[1], asker);
	close(ends[1]);
	*from_worker = ends[0];
	return pid;
}

static int access_in_child(const struct io_call *call, unsigned int timeout,
			   struct io_result *result)
{
	long long deadline = now_ms() + timeout;
	int from_worker = -1;
	bool whole;
	pid_t pid;

	pid = start_keeper(call, &from_worker);
	if (pid < 0)
		return pid;

	whole = receive(from_worker, result, sizeof(*result), deadline) ==
		sizeof(*result);
	if (whole && call->flags == O_RDONLY && !result->error)
		whole = receive(from_worker, call->to, result->count, deadline) ==
			result->count;
	close(from_worker);

	if (!whole) {
		memset(result, 0, sizeof(*result));
		result->step = IO_NO_ANSWER;
		result->error = now_ms() < deadline ? EIO : ETIMEDOUT;
		kill(pid, SIGKILL);
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

/* access_in_time - 0, or a negative errno of making a child, or -ENOMEM */
static int access_in_time(struct mdev_precheck *precheck, const char *parent,
			  const struct io_call *call, struct io_result *result)
{
	int ret;

	if (is_late(precheck, parent)) {
		memset(result, 0, sizeof(*result));
		result->step = IO_NO_ANSWER;
		result->error = ETIMEDOUT;
		return 0;
	}
	if (!precheck->timeout) {
		access_version(call, result);
		return 0;
	}
	ret = access_in_child(call, precheck->timeout, result);
	if (!ret && result->step == IO_NO_ANSWER && result->error == ETIMEDOUT)
		ret = add_late(precheck, parent);
	return ret;
}

/* access_type - as access_in_time(), and ENOENT is confirmed */
static int access_type(struct mdev_precheck *precheck, const struct type_dir *dir,
		       struct io_call *call, struct io_result *result)
{
	int ret;

	call->dir = dir->type;
	call->name = MIGRATION_VERSION;
	call->fixture = precheck->fixture;
	ret = access_in_time(precheck, dir->parent, call, result);
	if (ret || result->step != IO_OPEN || result->error != ENOENT)
		return ret;

	ret = look_again(precheck, dir, dir->type, MIGRATION_VERSION);
	if (ret) {
		result->error = -ret;
		return 0;
	}
	ret = access_in_time(precheck, dir->parent, call, result);
	/* It has come and gone */
	if (!ret && result->step == IO_OPEN && result->error == ENOENT)
		result->error = ENODEV;
	return ret;
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

int read_limited(struct mdev_precheck *precheck, const struct type_dir *dir,
		 const char *name, char text[ATTRIBUTE_SIZE], size_t *len)
{
	struct io_call call = {
		.dir = dir->type,
		.name = name,
		.fixture = precheck->fixture,
		.flags = O_RDONLY,
		.to = text,
		.size = ATTRIBUTE_SIZE - 1,
	};
	struct io_result result;
	int ret;

	ret = access_in_time(precheck, dir->parent, &call, &result);
	if (ret)
		return ret;
	*len = result.count;
	return -result.error;
}

static void set_source(struct mdev_precheck_source *source,
		       enum mdev_precheck_source_state state, int error, const char *version)
{
	source->state = state;
	source->error = error;
	source->version = version;
}

int read_version(struct mdev_precheck *precheck, const struct type_dir *dir,
		 char text[VERSION_SIZE], struct mdev_precheck_source *source)
{
	/* A byte of the buffer is left for the NUL */
	struct io_call call = {
		.flags = O_RDONLY,
		.to = text,
		.size = VERSION_SIZE - 1,
	};
	struct io_result result;
	size_t len;
	int ret;

	ret = access_type(precheck, dir, &call, &result);
	if (ret)
		return ret;

	if (result.step == IO_OPEN && result.error == ENOENT) {
		set_source(source, MDEV_PRECHECK_SOURCE_NONE, 0, NULL);
	} else if (result.step != IO_CALL || is_no_answer(result.error)) {
		set_source(source, MDEV_PRECHECK_SOURCE_UNKNOWN, result.error, NULL);
	} else if (result.error) {
		set_source(source, MDEV_PRECHECK_SOURCE_FAILED, result.error, NULL);
	} else {
		len = result.count;
		if (len && text[len - 1] == '\n')
			len--;
		text[len] = '\0';
		if (strlen(text) == len && !mdev_precheck_check_version(text, NULL))
			set_source(source, MDEV_PRECHECK_SOURCE_READ, 0, text);
		else
			set_source(source, MDEV_PRECHECK_SOURCE_FAILED, EBADMSG, NULL);
	}
	return 0;
}

int write_version(struct mdev_precheck *precheck, const struct type_dir *dir,
		  const char *version, struct io_result *result)
{
	struct io_call call = {
		.flags = O_WRONLY,
		.from = version,
		.size = strlen(version),
	};

	return access_type(precheck, dir, &call, result);
}
