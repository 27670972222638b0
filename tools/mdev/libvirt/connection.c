// SPDX-License-Identifier: GPL-2.0-only
/* libvirt, with messages of our own */

#include <errno.h>
#include <libvirt/virterror.h>

#include "connection.h"

/* Without a function libvirt prints each error itself, also one that is expected */
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

enum status not_connected(const struct settings *settings)
{
	complain("libvirt%s%s: %s", settings->connect ? " at " : "",
		 settings->connect ? settings->connect : "", virGetLastErrorMessage());
	return STATUS_NOT_ASKED;
}

virDomainPtr find_domain(virConnectPtr connection, const char *operand)
{
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	virDomainPtr domain = NULL;

	/* Its name can look like the UUID of another one, and that comes first */
	if (!mdev_precheck_parse_uuid(operand, uuid))
		domain = virDomainLookupByUUIDString(connection, uuid);
	if (!domain)
		domain = virDomainLookupByName(connection, operand);
	if (!domain)
		libvirt_error(operand);
	return domain;
}

enum status libvirt_error(const char *name)
{
	complain("domain %s: %s", name, virGetLastErrorMessage());
	return STATUS_NOT_ASKED;
}

enum status no_device(const char *name, const char *uuid, int error, const char *yet)
{
	if (error != -ENODEV)
		return not_done(error, "domain %s: the type of device %s", name, uuid);
	complain("domain %s: device %s: this host has no such mediated device%s", name, uuid,
		 yet);
	return STATUS_NOT_ASKED;
}
