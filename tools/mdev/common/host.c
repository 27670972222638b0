// SPDX-License-Identifier: GPL-2.0-only
/* Access of the commands to this host */

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "host.h"

const char *host_directory(const struct settings *settings)
{
	if (settings->fixture)
		return settings->fixture;
	return settings->sysfs ? settings->sysfs : DEFAULT_SYSFS;
}

struct mdev_precheck *open_host(const struct settings *settings,
				unsigned int timeout)
{
	const char *directory = host_directory(settings);
	struct mdev_precheck *host;
	int ret;

	ret = settings->fixture ? mdev_precheck_new_fixture(directory, &host) :
				  mdev_precheck_new(directory, &host);
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

enum outcome locate_device(struct mdev_precheck *host, const char *typed, const char *uuid,
			   struct mdev_precheck_place *place)
{
	int ret = mdev_precheck_find_device(host, uuid, place);

	if (ret == -ENODEV)
		return failed(0, "%s: this host does not have this mediated device", typed);
	return ret ? failed(ret, "the type of %s cannot be found", typed) : DONE;
}
