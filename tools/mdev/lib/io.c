// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Reading and writing attributes that call the vendor driver, in this process, or in a
 * child if there is a time limit
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* open_attribute - open an attribute if it is a file of a sysfs; negative errno otherwise */
static int open_attribute(const struct io_call *call)
{
	/* A FIFO in its place must not block, nor a terminal become the caller's terminal */
	int flags = call->fixture ? 0 : O_NOFOLLOW | O_NONBLOCK;
	int fd;

	fd = openat(call->dir, call->name, call->flags | flags | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return call->fixture ? fd : require_sysfs(fd);
}

void access_attribute(const struct io_call *call, struct io_result *result)
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

/*
 * access_in_time - access an attribute within the limit, unless the parent is late
 *
 * Return: 0; -ENOMEM; another negative errno of making a child.
 */
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
		access_attribute(call, result);
		return 0;
	}
	ret = access_in_child(&precheck->child, call, precheck->timeout, result);
	if (!ret && result->step == IO_NO_ANSWER && result->error == ETIMEDOUT)
		ret = add_late(precheck, parent);
	return ret;
}

/* access_type - access migration_version as access_in_time() does, and confirm ENOENT */
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
	/* The attribute has come and gone, and the parent with it */
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
