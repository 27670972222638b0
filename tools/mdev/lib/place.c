// SPDX-License-Identifier: LGPL-2.1-or-later
/* The places of parents, types and devices in a sysfs */

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "internal.h"

/* class/mdev_bus/PARENT/mdev_supported_types */
#define TYPES_PATH_SIZE	(sizeof(MDEV_BUS "/") + NAME_MAX + sizeof("/" SUPPORTED_TYPES))

static void types_path(char path[TYPES_PATH_SIZE], const char *parent)
{
	snprintf(path, TYPES_PATH_SIZE, MDEV_BUS "/%s/" SUPPORTED_TYPES, parent);
}

int is_sysfs(int fd)
{
	struct statfs stat;

	return fstatfs(fd, &stat) ? -errno : stat.f_type == SYSFS_MAGIC;
}

int require_sysfs(int fd)
{
	int ret = is_sysfs(fd);

	if (ret == 1)
		return fd;
	close(fd);
	return ret ? ret : -EMEDIUMTYPE;
}

static bool same_file(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

int open_parent(const struct mdev_precheck *precheck, const char *parent)
{
	char path[TYPES_PATH_SIZE], types[TYPES_PATH_SIZE];
	struct stat before, after;
	int dir, ret;

	snprintf(path, sizeof(path), MDEV_BUS "/%s", parent);
	types_path(types, parent);
	if (fstatat(precheck->sysfs, path, &before, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? -ENODEV : -errno;
	dir = openat(precheck->sysfs, types, OPEN_DIR);
	if (dir >= 0)
		return precheck->fixture ? dir : require_sysfs(dir);
	ret = -errno;
	if (ret != -ENOENT && ret != -ENOTDIR)
		return ret;

	/* The parent may have gone meanwhile, and may have come again */
	if (fstatat(precheck->sysfs, path, &after, AT_SYMLINK_NOFOLLOW) ||
	    !same_file(&before, &after))
		return -ENODEV;
	if (fstatat(precheck->sysfs, path, &after, 0))
		return -errno;
	/* A container can have an empty directory in the place of a device */
	return S_ISDIR(after.st_mode) ? -ENOENT : -ENOTDIR;
}

/* is_alive - is the directory that is open still the directory of the parent? */
static bool is_alive(const struct mdev_precheck *precheck, const struct type_dir *dir)
{
	char path[TYPES_PATH_SIZE];
	struct stat held, now;

	types_path(path, dir->parent);
	return !fstat(dir->types, &held) && !fstatat(precheck->sysfs, path, &now, 0) &&
	       same_file(&held, &now);
}

int look_again(const struct mdev_precheck *precheck, const struct type_dir *dir, int in,
	       const char *name)
{
	struct stat stat;
	int error;

	if (!is_alive(precheck, dir))
		return -ENODEV;
	if (!fstatat(in, name, &stat, 0))
		return 0;
	error = errno;
	return error == ENOENT && !is_alive(precheck, dir) ? -ENODEV : -error;
}

int open_type(const struct mdev_precheck *precheck, const char *name, struct type_dir *dir)
{
	int ret;

	dir->type = openat(dir->types, name, OPEN_DIR);
	if (dir->type >= 0)
		return 0;
	if (errno != ENOENT)
		return -errno;

	ret = look_again(precheck, dir, dir->types, name);
	if (ret)
		return ret;
	dir->type = openat(dir->types, name, OPEN_DIR);
	if (dir->type >= 0)
		return 0;
	/* The type has come and gone, and the parent with it */
	return errno == ENOENT ? -ENODEV : -errno;
}

int open_place(const struct mdev_precheck *precheck,
	       const struct mdev_precheck_place *place, struct type_dir *dir)
{
	dir->parent = place->parent;
	dir->type = -1;
	dir->types = open_parent(precheck, place->parent);
	if (dir->types < 0) {
		int ret = dir->types;

		dir->types = -1;
		return ret;
	}
	return open_type(precheck, place->type, dir);
}

void close_place(struct type_dir *dir)
{
	if (dir->type >= 0)
		close(dir->type);
	if (dir->types >= 0)
		close(dir->types);
	dir->type = -1;
	dir->types = -1;
}

/* link_target - read a symbolic link; 0 or a negative errno */
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

/* cut_last_name - take the last name off a path, and return it; NULL without a name */
static char *cut_last_name(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return NULL;

	*slash = '\0';
	return is_file_name(slash + 1) ? slash + 1 : NULL;
}

/* parent_of_device - find the parent in the device's link, which leads into the parent */
static int parent_of_device(const struct mdev_precheck *precheck, const char *uuid,
			    struct mdev_precheck_place *place)
{
	char path[sizeof("bus/mdev/devices/") + MDEV_PRECHECK_UUID_SIZE];
	char target[PATH_MAX];
	char *name = NULL;
	int ret;

	snprintf(path, sizeof(path), "bus/mdev/devices/%s", uuid);
	ret = link_target(precheck->sysfs, path, target);
	if (ret)
		return ret == -ENOENT ? -ENODEV : ret;
	if (cut_last_name(target))
		name = cut_last_name(target);
	if (!name)
		return -ENOENT;
	copy_name(place->parent, name);
	return 0;
}

/* type_of_device - find the type in the link mdev_type, which leads to the type's directory */
static int type_of_device(const struct mdev_precheck *precheck, const char *uuid,
			  struct mdev_precheck_place *place)
{
	char path[sizeof("bus/mdev/devices//mdev_type") + MDEV_PRECHECK_UUID_SIZE];
	char target[PATH_MAX];
	char *name;
	int ret;

	snprintf(path, sizeof(path), "bus/mdev/devices/%s/mdev_type", uuid);
	ret = link_target(precheck->sysfs, path, target);
	if (ret)
		return ret;
	name = cut_last_name(target);
	if (!name)
		return -ENOENT;
	copy_name(place->type, name);
	return 0;
}

int mdev_precheck_find_device(struct mdev_precheck *precheck, const char *uuid,
			      struct mdev_precheck_place *place)
{
	struct mdev_precheck_place found, again;
	char checked[MDEV_PRECHECK_UUID_SIZE];
	int ret;

	if (!precheck || !place || mdev_precheck_parse_uuid(uuid, checked))
		return -EINVAL;

	ret = parent_of_device(precheck, checked, &found);
	if (ret)
		return ret;
	ret = type_of_device(precheck, checked, &found);
	if (ret && ret != -ENOENT)
		return ret;
	/* The device may have been removed meanwhile, and made again with another parent */
	if (parent_of_device(precheck, checked, &again) || strcmp(found.parent, again.parent))
		return -ENODEV;
	if (!ret)
		*place = found;
	return ret;
}
