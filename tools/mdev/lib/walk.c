// SPDX-License-Identifier: LGPL-2.1-or-later
/* Walks through the names of a host, for which no driver is called */

#include <errno.h>
#include <unistd.h>

#include "internal.h"

static int walk_parent(struct mdev_precheck *precheck, const char *parent,
		       mdev_precheck_visit_place visit, void *data)
{
	struct mdev_precheck_place place = {};
	struct names types = {};
	int dir, error = 0, ret;
	size_t i;

	dir = open_parent(precheck, parent);
	/* The parent has gone, or the entry is not a parent */
	if (dir == -ENODEV || dir == -ENOTDIR)
		return 0;
	if (dir >= 0) {
		error = list_dir(dir, ".", &types);
		close(dir);
	} else {
		error = dir;
	}
	if (error == -ENOMEM)
		return error;

	copy_name(place.parent, parent);
	ret = visit(&place, -error, data);
	for (i = 0; !ret && i < types.num; i++) {
		copy_name(place.type, types.names[i]);
		ret = visit(&place, 0, data);
	}
	names_free(&types);
	return ret;
}

int mdev_precheck_walk_places(struct mdev_precheck *precheck,
			      mdev_precheck_visit_place visit, void *data)
{
	struct names parents;
	size_t i;
	int ret;

	if (!precheck || !visit)
		return -EINVAL;
	ret = list_dir(precheck->sysfs, MDEV_BUS, &parents);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	for (i = 0; !ret && i < parents.num; i++)
		ret = walk_parent(precheck, parents.names[i], visit, data);
	names_free(&parents);
	return ret;
}

int mdev_precheck_walk_devices(struct mdev_precheck *precheck,
			       mdev_precheck_visit_device visit, void *data)
{
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	struct names devices;
	size_t i;
	int ret;

	if (!precheck || !visit)
		return -EINVAL;
	ret = list_dir(precheck->sysfs, "bus/mdev/devices", &devices);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	for (i = 0; !ret && i < devices.num; i++) {
		if (!mdev_precheck_parse_uuid(devices.names[i], uuid))
			ret = visit(uuid, data);
	}
	names_free(&devices);
	return ret;
}
