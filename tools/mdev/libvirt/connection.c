// SPDX-License-Identifier: GPL-2.0-only
/* libvirt, with messages of our own */

#include <errno.h>
#include <string.h>
#include <libvirt/virterror.h>

#include "connection.h"

/* libvirt prints each error itself, also an expected one, unless it has a function */
static void be_silent(void *data, virErrorPtr error)
{
	(void)data;
	(void)error;
}

virConnectPtr open_libvirt(const struct settings *settings, bool read_only)
{
	virSetErrorFunc(NULL, be_silent);
	return read_only ? virConnectOpenReadOnly(settings->connect) :
			   virConnectOpen(settings->connect);
}

enum outcome not_connected(const struct settings *settings)
{
	return failed(0, "libvirt%s%s: %s", settings->connect ? " at " : "",
		      settings->connect ? settings->connect : "", virGetLastErrorMessage());
}

virDomainPtr find_domain(virConnectPtr connection, const char *operand)
{
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	virDomainPtr domain = NULL;

	/* A name can look like the UUID of another domain, which comes first */
	if (!mdev_precheck_parse_uuid(operand, uuid))
		domain = virDomainLookupByUUIDString(connection, uuid);
	if (!domain)
		domain = virDomainLookupByName(connection, operand);
	if (!domain)
		libvirt_error(operand);
	return domain;
}

enum outcome libvirt_error(const char *name)
{
	return failed(0, "domain %s: %s", name, virGetLastErrorMessage());
}

char *unread_reason(struct mdev_precheck *host, int error)
{
	enum mdev_precheck_host_state state;

	if (error != -ENODEV)
		return format_text("its type could not be read: %s", strerror(-error));
	state = mdev_precheck_host_state(host);
	if (state == MDEV_PRECHECK_HOST_READY)
		return duplicate("this host does not have this mediated device");
	return format_text("this host does not have this mediated device: %s",
			   mdev_precheck_host_state_text(state));
}
