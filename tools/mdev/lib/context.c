// SPDX-License-Identifier: LGPL-2.1-or-later
/* The sysfs of a host, and where in it types and devices are */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define OPEN_DIR	(O_PATH | O_DIRECTORY | O_CLOEXEC)

int mdev_precheck_new(const char *sysfs, struct mdev_precheck **precheck)
{
	struct mdev_precheck *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return -ENOMEM;

	new->parents = -1;
	new->sysfs = open(sysfs ? sysfs : "/sys", OPEN_DIR);
	if (new->sysfs < 0)
		goto err;

	/* It is there as soon as the module mdev is loaded */
	new->parents = openat(new->sysfs, "class/mdev_bus", OPEN_DIR);
	if (new->parents < 0 && errno != ENOENT)
		goto err;

	*precheck = new;
	return 0;

err:
	ret = -errno;
	mdev_precheck_free(new);
	return ret;
}

void mdev_precheck_free(struct mdev_precheck *precheck)
{
	if (!precheck)
		return;

	if (precheck->parents >= 0)
		close(precheck->parents);
	if (precheck->sysfs >= 0)
		close(precheck->sysfs);
	free(precheck);
}

void mdev_precheck_set_timeout(struct mdev_precheck *precheck,
			       unsigned int milliseconds)
{
	precheck->timeout = milliseconds;
}

int open_type(const struct mdev_precheck *precheck,
	      const struct mdev_precheck_place *place)
{
	char path[2 * NAME_MAX + sizeof("/" SUPPORTED_TYPES "/")];
	int dir;

	if (!is_file_name(place->parent) || !is_file_name(place->type))
		return -EINVAL;
	if (precheck->parents < 0)
		return -ENOENT;

	snprintf(path, sizeof(path), "%s/" SUPPORTED_TYPES "/%s", place->parent,
		 place->type);
	dir = openat(precheck->parents, path, OPEN_DIR);
	return dir < 0 ? -errno : dir;
}

/* link_target - the text of a symbolic link; 0 or a negative errno */
static int link_target(int dir, const char *path, char target[PATH_MAX])
{
	ssize_t len = readlinkat(dir, path, target, PATH_MAX);

	if (len < 0)
		return -errno;
	if (len == PATH_MAX)
		return -ENAMETOOLONG;

	target[len] = '\0';
	return 0;
}

/* cut_last_name - take the last name off a path; it, or NULL if there is none */
static char *cut_last_name(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return NULL;

	*slash = '\0';
	return is_file_name(slash + 1) ? slash + 1 : NULL;
}

int mdev_precheck_find_device(struct mdev_precheck *precheck, const char *uuid,
			      struct mdev_precheck_place *place)
{
	char path[sizeof("bus/mdev/devices//mdev_type") + MDEV_PRECHECK_UUID_SIZE];
	char checked[MDEV_PRECHECK_UUID_SIZE];
	char target[PATH_MAX];
	char *name;
	int ret;

	if (mdev_precheck_parse_uuid(uuid, checked))
		return -EINVAL;

	/* The device is a directory of its parent */
	snprintf(path, sizeof(path), "bus/mdev/devices/%s", checked);
	ret = link_target(precheck->sysfs, path, target);
	if (ret)
		return ret == -ENOENT ? -ENODEV : ret;
	if (!cut_last_name(target))
		return -ENOENT;
	name = cut_last_name(target);
	if (!name)
		return -ENOENT;
	copy_name(place->parent, name);

	/* Its type is a directory of its parent's mdev_supported_types */
	snprintf(path, sizeof(path), "bus/mdev/devices/%s/mdev_type", checked);
	ret = link_target(precheck->sysfs, path, target);
	if (ret)
		return ret;
	name = cut_last_name(target);
	if (!name)
		return -ENOENT;
	copy_name(place->type, name);
	return 0;
}
