// SPDX-License-Identifier: GPL-2.0-only
/* This host: what the commands need of the library */

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "host.h"

struct mdev_precheck *open_host(const struct settings *settings,
				unsigned int timeout)
{
	const char *directory = settings->sysfs ? settings->sysfs : "/sys";
	struct mdev_precheck *host;
	int ret;

	if (settings->fixture) {
		directory = settings->fixture;
		ret = mdev_precheck_new_fixture(directory, &host);
	} else {
		ret = mdev_precheck_new(directory, &host);
	}
	if (ret) {
		failed(ret, "%s", directory);
		return NULL;
	}
	mdev_precheck_set_timeout(host, settings->timeout < 0 ? timeout :
				  (unsigned int)settings->timeout);
	return host;
}

void share_time(struct mdev_precheck *host, long long deadline, unsigned int most)
{
	long long limit = (deadline - now_ms()) / 2;

	if (most && limit > most)
		limit = most;
	mdev_precheck_set_timeout(host, limit < 1 ? 1 : (unsigned int)limit);
}

bool shows_parents(enum mdev_precheck_host_state state)
{
	return state == MDEV_PRECHECK_HOST_READY || state == MDEV_PRECHECK_HOST_NO_MDEV ||
	       state == MDEV_PRECHECK_HOST_NO_PARENT;
}

enum outcome locate_device(struct mdev_precheck *host, const char *uuid,
			   struct mdev_precheck_place *place)
{
	int ret = mdev_precheck_find_device(host, uuid, place);

	if (ret == -ENODEV)
		return failed(0, "%s: this host does not have this mediated device", uuid);
	return ret ? failed(ret, "the type of %s", uuid) : DONE;
}

/**
 * struct selection - what is done with the types that the options ask for
 * @visit: for each type that could be looked into
 * @skipped: for each other one, or NULL
 * @data: for both
 * @any: was there one that could be looked into?
 * @outcome: PARTLY if there was one of the others
 */
struct selection {
	mdev_precheck_visit_type visit;
	mdev_precheck_visit_type skipped;
	void *data;
	bool any;
	enum outcome outcome;
};

static int visit_selected(const struct mdev_precheck_type *type, void *data)
{
	struct selection *selection = data;
	const struct mdev_precheck_place *place = type->place;

	if (!type->error) {
		selection->any = true;
		return selection->visit(type, selection->data);
	}
	failed(type->error, "%s%s%s cannot be looked into", place->parent,
	       *place->type ? "/" : "", place->type);
	selection->outcome = PARTLY;
	return selection->skipped ? selection->skipped(type, selection->data) : 0;
}

/*
 * no_types - why there is none; a host without parents simply does not have types.  @outcome
 * is PARTLY if something could not be looked into, which may have what is missing.
 */
static enum outcome no_types(struct mdev_precheck *host, const char *parent,
			     const char *type, enum outcome outcome)
{
	enum mdev_precheck_host_state state = mdev_precheck_host_state(host);
	enum outcome missing = outcome == PARTLY ? PARTLY : FAILED;

	if (!shows_parents(state)) {
		failed(0, "%s", mdev_precheck_host_state_text(state));
		return missing;
	}
	/* The message about a parent is enough if only its types were looked for */
	if ((!parent && !type) || (parent && outcome == PARTLY))
		return outcome;
	failed(0, "%s does not have a type %s/%s", outcome == PARTLY ?
	       "what can be looked into" : "this host", parent ? parent : "*",
	       type ? type : "*");
	return missing;
}

enum outcome for_selected_types(struct mdev_precheck *host,
				const struct settings *settings,
				mdev_precheck_visit_type visit,
				mdev_precheck_visit_type skipped, void *data)
{
	struct selection selection = {
		.visit = visit,
		.skipped = skipped,
		.data = data,
	};
	struct mdev_precheck_place device;
	const char *parent = settings->parent;
	const char *type = settings->type;
	enum outcome outcome;
	int ret;

	/* Every parent would have that as its reason */
	if (mdev_precheck_host_state(host) == MDEV_PRECHECK_HOST_NO_SYSFS)
		return failed(0, "%s: %s", settings->sysfs ? settings->sysfs : "/sys",
			      mdev_precheck_host_state_text(MDEV_PRECHECK_HOST_NO_SYSFS));
	if (settings->given & OPTION_DEVICE) {
		outcome = locate_device(host, settings->device, &device);
		if (outcome)
			return outcome;
		if ((parent && strcmp(parent, device.parent)) ||
		    (type && strcmp(type, device.type)))
			return failed(0, "device %s is of type %s/%s", settings->device,
				      device.parent, device.type);
		parent = device.parent;
		type = device.type;
	}

	ret = mdev_precheck_walk_types(host, parent, type, visit_selected, &selection);
	if (ret)
		return failed(ret, "reading the types of this host");
	return selection.any ? selection.outcome :
			       no_types(host, parent, type, selection.outcome);
}
