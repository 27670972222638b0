// SPDX-License-Identifier: GPL-2.0-only
/* This host: what the commands need of the library */

#include <errno.h>
#include <string.h>

#include "host.h"

struct mdev_precheck *open_host(const struct settings *settings,
				unsigned int timeout)
{
	const char *sysfs = settings->sysfs ? settings->sysfs : "/sys";
	struct mdev_precheck *host;
	int ret;

	ret = mdev_precheck_new(sysfs, &host);
	if (ret) {
		not_done(ret, "%s", sysfs);
		return NULL;
	}
	mdev_precheck_set_timeout(host, settings->timeout < 0 ? timeout :
				  (unsigned int)settings->timeout);
	return host;
}

/**
 * struct selection - what is done with the types that the options ask for
 * @visit: for each type of them
 * @data: for @visit
 * @any: was there one?
 */
struct selection {
	mdev_precheck_visit_type visit;
	void *data;
	bool any;
};

static int visit_selected(const struct mdev_precheck_type *type, void *data)
{
	struct selection *selection = data;

	selection->any = true;
	return selection->visit(type, selection->data);
}

enum status find_device(struct mdev_precheck *host, const char *uuid,
			struct mdev_precheck_place *place)
{
	int ret = mdev_precheck_find_device(host, uuid, place);

	if (ret == -ENODEV) {
		complain("%s: this host has no such mediated device", uuid);
		return STATUS_NOT_ASKED;
	}
	return ret ? not_done(ret, "the type of %s", uuid) : STATUS_COMPATIBLE;
}

enum status for_selected_types(struct mdev_precheck *host,
			       const struct settings *settings,
			       mdev_precheck_visit_type visit, void *data)
{
	struct selection selection = {
		.visit = visit,
		.data = data,
	};
	struct mdev_precheck_place device;
	const char *parent = settings->parent;
	const char *type = settings->type;
	enum status status;
	int ret;

	if (settings->given & OPTION_DEVICE) {
		status = find_device(host, settings->device, &device);
		if (status)
			return status;
		if ((parent && strcmp(parent, device.parent)) ||
		    (type && strcmp(type, device.type))) {
			complain("device %s is of type %s/%s", settings->device,
				 device.parent, device.type);
			return STATUS_NOT_ASKED;
		}
		parent = device.parent;
		type = device.type;
	}

	ret = mdev_precheck_walk_types(host, parent, type, visit_selected,
				       &selection);
	if (ret)
		return not_done(ret, "reading the types of this host");
	if (!selection.any && (parent || type)) {
		complain("this host has no type %s%s%s", parent ? parent : "",
			 parent ? "/" : "", type ? type : "*");
		return STATUS_NOT_ASKED;
	}
	return STATUS_COMPATIBLE;
}
