// SPDX-License-Identifier: LGPL-2.1-or-later
/* The types of a host */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* The attributes are a line; sysfs delivers at most a page */
#define ATTRIBUTE_SIZE	4096

/* read_attribute - the text of @name in @dir without its newline, or NULL */
static const char *read_attribute(int dir, const char *name,
				  char text[ATTRIBUTE_SIZE])
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
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

static long read_number(int dir, const char *name)
{
	char text[ATTRIBUTE_SIZE];
	char *end;
	long number;

	if (!read_attribute(dir, name, text))
		return -1;
	errno = 0;
	number = strtol(text, &end, 10);
	return errno || end == text || *end || number < 0 ? -1 : number;
}

/* visit_type - 0 also if it has vanished */
static int visit_type(struct mdev_precheck *precheck,
		      const struct mdev_precheck_place *place,
		      mdev_precheck_visit_type visit, void *data)
{
	char name[ATTRIBUTE_SIZE], device_api[ATTRIBUTE_SIZE];
	struct mdev_precheck_type type = { .place = place };
	struct mdev_precheck_version version;
	struct names devices;
	int dir, ret;

	dir = open_type(precheck, place);
	if (dir == -ENOENT || dir == -ENODEV || dir == -ENOTDIR)
		return 0;
	if (dir < 0)
		return dir;

	type.name = read_attribute(dir, "name", name);
	type.device_api = read_attribute(dir, "device_api", device_api);
	type.available_instances = read_number(dir, "available_instances");

	/* Without: a type that vanishes, or may not be looked into */
	ret = list_dir(dir, "devices", &devices);
	if (ret == -ENOMEM)
		goto out_close;
	type.devices = devices.names;
	type.num_devices = devices.num;

	ret = read_version(precheck, dir, &version);
	if (ret)
		goto out_free;
	type.version = &version;

	ret = visit(&type, data);

out_free:
	names_free(&devices);
out_close:
	close(dir);
	return ret;
}

int mdev_precheck_read_version(struct mdev_precheck *precheck,
			       const struct mdev_precheck_place *place,
			       struct mdev_precheck_version *version)
{
	int dir = open_type(precheck, place);
	int ret;

	if (dir < 0)
		return dir;
	ret = read_version(precheck, dir, version);
	close(dir);
	return ret;
}

int mdev_precheck_set_version(struct mdev_precheck_version *version,
			      const char *text)
{
	size_t len = strlen(text);

	if (!len)
		return -EINVAL;
	if (len > MDEV_PRECHECK_VERSION_MAX)
		return -E2BIG;

	version->state = MDEV_PRECHECK_VERSION_READ;
	version->error = 0;
	memcpy(version->text, text, len + 1);
	return 0;
}

static int visit_parent(struct mdev_precheck *precheck, const char *parent,
			const char *only_type, mdev_precheck_visit_type visit,
			void *data)
{
	struct mdev_precheck_place place;
	char path[sizeof(place.parent) + sizeof("/" SUPPORTED_TYPES)];
	struct names types;
	size_t i;
	int ret;

	if (!is_file_name(parent) || (only_type && !is_file_name(only_type)))
		return 0;

	copy_name(place.parent, parent);
	if (only_type) {
		copy_name(place.type, only_type);
		return visit_type(precheck, &place, visit, data);
	}

	snprintf(path, sizeof(path), "%s/" SUPPORTED_TYPES, parent);
	ret = list_dir(precheck->parents, path, &types);
	if (ret == -ENOENT || ret == -ENODEV || ret == -ENOTDIR)
		return 0;
	for (i = 0; !ret && i < types.num; i++) {
		copy_name(place.type, types.names[i]);
		ret = visit_type(precheck, &place, visit, data);
	}
	names_free(&types);
	return ret;
}

int mdev_precheck_walk_types(struct mdev_precheck *precheck,
			     const char *parent, const char *type,
				mdev_precheck_visit_type visit, void *data)
{
	struct names parents;
	size_t i;
	int ret;

	if (precheck->parents < 0)
		return 0;
	if (parent)
		return visit_parent(precheck, parent, type, visit, data);

	ret = list_dir(precheck->parents, ".", &parents);
	for (i = 0; !ret && i < parents.num; i++)
		ret = visit_parent(precheck, parents.names[i], type, visit, data);
	names_free(&parents);
	return ret;
}
