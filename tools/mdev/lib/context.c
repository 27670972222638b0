// SPDX-License-Identifier: LGPL-2.1-or-later
/* The sysfs of a host, and the state that the host is in */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "internal.h"

static int new_context(const char *directory, bool fixture, struct mdev_precheck **precheck)
{
	struct mdev_precheck *new;
	int ret;

	if (!precheck)
		return -EINVAL;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;

	new->fixture = fixture;
	new->child.socket = -1;
	new->sysfs = open(directory, OPEN_DIR);
	if (new->sysfs < 0) {
		ret = -errno;
		free(new);
		return ret;
	}

	*precheck = new;
	return 0;
}

int mdev_precheck_new(const char *sysfs, struct mdev_precheck **precheck)
{
	return new_context(sysfs ? sysfs : "/sys", false, precheck);
}

int mdev_precheck_new_fixture(const char *directory, struct mdev_precheck **precheck)
{
	return directory ? new_context(directory, true, precheck) : -EINVAL;
}

void mdev_precheck_free(struct mdev_precheck *precheck)
{
	size_t i;

	if (!precheck)
		return;

	for (i = 0; i < precheck->num_late; i++)
		free(precheck->late[i]);
	free(precheck->late);
	end_child(&precheck->child);
	close(precheck->sysfs);
	free(precheck);
}

void mdev_precheck_set_timeout(struct mdev_precheck *precheck, unsigned int milliseconds)
{
	if (precheck)
		precheck->timeout = milliseconds;
}

/* late_place - find the index of @parent in the sorted array, or the index to insert it */
static size_t late_place(const struct mdev_precheck *precheck, const char *parent)
{
	size_t from = 0, to = precheck->num_late;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (strcmp(precheck->late[middle], parent) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

bool is_late(const struct mdev_precheck *precheck, const char *parent)
{
	size_t i = late_place(precheck, parent);

	return i < precheck->num_late && !strcmp(precheck->late[i], parent);
}

int add_late(struct mdev_precheck *precheck, const char *parent)
{
	char **late = array_grow(precheck->late, precheck->num_late, sizeof(*late));
	char *copy;
	size_t i;

	if (!late)
		return -ENOMEM;
	precheck->late = late;
	copy = strdup(parent);
	if (!copy)
		return -ENOMEM;

	i = late_place(precheck, parent);
	memmove(&late[i + 1], &late[i], (precheck->num_late - i) * sizeof(*late));
	late[i] = copy;
	precheck->num_late++;
	return 0;
}

/* path_is_sysfs - is the directory @path of a sysfs?  1, 0, or a negative errno */
static int path_is_sysfs(const struct mdev_precheck *precheck, const char *path)
{
	int dir = openat(precheck->sysfs, path, OPEN_DIR);
	int ret;

	if (dir < 0)
		return -errno;
	ret = is_sysfs(dir);
	close(dir);
	return ret;
}

/* has_sysfs - is a sysfs mounted?  A container may have one only below its /sys. */
static bool has_sysfs(const struct mdev_precheck *precheck)
{
	return precheck->fixture || path_is_sysfs(precheck, ".") == 1 ||
	       path_is_sysfs(precheck, "class") == 1 || path_is_sysfs(precheck, "bus") == 1;
}

static enum mdev_precheck_host_state look_at_parents(const struct mdev_precheck *precheck,
						     const struct names *parents, int *error)
{
	size_t i;
	int dir;

	*error = ENODEV;
	if (!parents->num)
		return MDEV_PRECHECK_HOST_NO_PARENT;

	for (i = 0; i < parents->num; i++) {
		dir = open_parent(precheck, parents->names[i]);
		if (dir >= 0) {
			close(dir);
			*error = 0;
			return MDEV_PRECHECK_HOST_READY;
		}
		/* With either errno the parent does not exist, so that the host has ENODEV */
		if (dir != -ENOENT && dir != -ENOTDIR)
			*error = -dir;
	}
	return MDEV_PRECHECK_HOST_HIDDEN;
}

enum mdev_precheck_host_state look_at_host(const struct mdev_precheck *precheck, int *error)
{
	enum mdev_precheck_host_state state;
	struct names parents;
	int ret;

	*error = ENODEV;
	ret = path_is_sysfs(precheck, MDEV_BUS);
	if (ret == -ENOENT)
		return has_sysfs(precheck) ? MDEV_PRECHECK_HOST_NO_MDEV :
					     MDEV_PRECHECK_HOST_NO_SYSFS;
	if (!ret && !precheck->fixture)
		return MDEV_PRECHECK_HOST_NO_SYSFS;
	if (ret >= 0)
		ret = list_dir(precheck->sysfs, MDEV_BUS, &parents);
	if (ret) {
		*error = -ret;
		return MDEV_PRECHECK_HOST_UNKNOWN;
	}

	state = look_at_parents(precheck, &parents, error);
	names_free(&parents);
	return state;
}

enum mdev_precheck_host_state mdev_precheck_host_state(struct mdev_precheck *precheck)
{
	int error;

	return precheck ? look_at_host(precheck, &error) : MDEV_PRECHECK_HOST_UNKNOWN;
}
