// SPDX-License-Identifier: LGPL-2.1-or-later
/* The types of a host */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* read_attribute - read the text of @name in @dir without its newline; NULL after an error */
static const char *read_attribute(int dir, const char *name,
				  char text[ATTRIBUTE_SIZE])
{
	int fd = openat(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return NULL;
	len = read(fd, text, ATTRIBUTE_SIZE - 1);
	close(fd);
	if (len < 0)
		return NULL;

	if (len && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	return text;
}

/* read_driver_attribute - read an attribute that calls the driver, as read_attribute() does */
static const char *read_driver_attribute(struct mdev_precheck *precheck,
					 const struct type_dir *dir, const char *name,
					 char text[ATTRIBUTE_SIZE])
{
	size_t len;

	if (read_limited(precheck, dir, name, text, &len))
		return NULL;
	if (len && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	return text;
}

long read_available(struct mdev_precheck *precheck, const struct type_dir *dir)
{
	char text[ATTRIBUTE_SIZE];
	char *end;
	long number;

	if (!read_driver_attribute(precheck, dir, "available_instances", text))
		return -1;
	errno = 0;
	number = strtol(text, &end, 10);
	return errno || end == text || *end || number < 0 ? -1 : number;
}

/* is_entry - does an entry exist, even if it is a link that leads nowhere? */
static bool is_entry(int dir, const char *name)
{
	return !faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW);
}

/* visit_unreadable - visit a type, or a parent if @type is "", that cannot be looked into */
static int visit_unreadable(const char *parent, const char *type, int error,
			    mdev_precheck_visit_type visit, void *data)
{
	struct mdev_precheck_place place;
	struct mdev_precheck_type unreadable = {
		.place = &place,
		.error = error,
		.available_instances = -1,
	};

	copy_name(place.parent, parent);
	copy_name(place.type, type);
	return visit(&unreadable, data);
}

/* visit_readable - read the attributes of a type whose directory is open, and visit it */
static int visit_readable(struct mdev_precheck *precheck, const struct type_dir *dir,
			  const struct mdev_precheck_place *place,
			  mdev_precheck_visit_type visit, void *data)
{
	char name[ATTRIBUTE_SIZE], device_api[ATTRIBUTE_SIZE], description[ATTRIBUTE_SIZE];
	char version[VERSION_SIZE];
	struct mdev_precheck_source source = {
		.parent = place->parent,
		.type = place->type,
	};
	struct mdev_precheck_type type = { .place = place, .source = &source };
	struct names devices;
	int ret;

	type.name = read_attribute(dir->type, "name", name);
	type.device_api = read_attribute(dir->type, "device_api", device_api);
	type.available_instances = read_available(precheck, dir);
	/* The look saves a question to the child for a driver that does not have a description */
	if (is_entry(dir->type, "description"))
		type.description = read_driver_attribute(precheck, dir, "description",
							 description);

	/* If a type vanishes, or its devices may not be read, it is visited without devices */
	ret = list_dir(dir->type, "devices", &devices);
	if (ret == -ENOMEM)
		return ret;
	type.devices = devices.names;
	type.num_devices = devices.num;

	ret = read_version(precheck, dir, version, &source);
	if (!ret)
		ret = visit(&type, data);
	names_free(&devices);
	return ret;
}

/* has_come_again - is a parent registered again, although the one that was open has gone? */
static bool has_come_again(const struct mdev_precheck *precheck, const char *parent)
{
	int types = open_parent(precheck, parent);

	if (types >= 0)
		close(types);
	return types >= 0;
}

/* visit_named - visit the type @name of a parent that is open, unless the type has vanished */
static int visit_named(struct mdev_precheck *precheck, struct type_dir *dir,
		       const char *name, mdev_precheck_visit_type visit, void *data)
{
	struct mdev_precheck_place place;
	int ret;

	ret = open_type(precheck, name, dir);
	if (ret == -ENOTDIR || (ret == -ENOENT && !is_entry(dir->types, name)) ||
	    (ret == -ENODEV && !has_come_again(precheck, dir->parent)))
		return 0;
	if (ret)
		return visit_unreadable(dir->parent, name, -ret, visit, data);

	copy_name(place.parent, dir->parent);
	copy_name(place.type, name);
	ret = visit_readable(precheck, dir, &place, visit, data);
	close(dir->type);
	dir->type = -1;
	return ret;
}

static int visit_types(struct mdev_precheck *precheck, struct type_dir *dir,
		       mdev_precheck_visit_type visit, void *data)
{
	struct names types;
	size_t i;
	int ret;

	ret = list_dir(dir->types, ".", &types);
	if (ret == -ENOMEM)
		return ret;
	/* A parent that has gone does not lead here: an open directory that was removed is empty */
	if (ret)
		return visit_unreadable(dir->parent, "", -ret, visit, data);

	for (i = 0; !ret && i < types.num; i++)
		ret = visit_named(precheck, dir, types.names[i], visit, data);
	names_free(&types);
	return ret;
}

static int visit_parent(struct mdev_precheck *precheck, const char *parent,
			const char *only_type, mdev_precheck_visit_type visit,
			void *data)
{
	struct type_dir dir = { .parent = parent, .type = -1 };
	int ret;

	dir.types = open_parent(precheck, parent);
	/* The parent does not exist, or the entry is not a parent */
	if (dir.types == -ENODEV || dir.types == -ENOTDIR)
		return 0;
	if (dir.types < 0)
		return visit_unreadable(parent, "", -dir.types, visit, data);

	if (only_type)
		ret = visit_named(precheck, &dir, only_type, visit, data);
	else
		ret = visit_types(precheck, &dir, visit, data);
	close_place(&dir);
	return ret;
}

int mdev_precheck_walk_types(struct mdev_precheck *precheck,
			     const char *parent, const char *type,
			     mdev_precheck_visit_type visit, void *data)
{
	struct names parents;
	size_t i;
	int ret;

	if (!precheck || !visit)
		return -EINVAL;
	if ((parent && !is_file_name(parent)) || (type && !is_file_name(type)))
		return 0;
	if (parent)
		return visit_parent(precheck, parent, type, visit, data);

	ret = list_dir(precheck->sysfs, MDEV_BUS, &parents);
	if (ret == -ENOENT)
		return 0;
	for (i = 0; !ret && i < parents.num; i++)
		ret = visit_parent(precheck, parents.names[i], type, visit, data);
	names_free(&parents);
	return ret;
}
