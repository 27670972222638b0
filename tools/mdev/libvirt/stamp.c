// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck stamp: write on a domain what its devices are on this host */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <libvirt/virterror.h>
#include <libxml/tree.h>

#include "connection.h"
#include "domain.h"
#include "host.h"
#include "stamp.h"

/* The prefix of the elements; libvirt knows them by their namespace */
#define STAMP_PREFIX	"mdev-precheck"

/* RFC 3339, in UTC */
#define TIME_SIZE	sizeof("2026-11-22T12:00:00Z")

/**
 * struct reading - what sysfs says of a device
 * @uuid: the device
 * @error: negative errno of finding it or its version, or 0
 * @place: its type, if that was found
 * @version: of the type
 * @time: when it was read
 * @stamped: is it stamped, and that was said?
 */
struct reading {
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	int error;
	struct mdev_precheck_place place;
	struct mdev_precheck_version version;
	char time[TIME_SIZE];
	bool stamped;
};

/**
 * struct readings - those of a domain, where a device is running and configured
 * @items: each device once
 * @num: their number
 */
struct readings {
	struct reading *items;
	size_t num;
};

static struct reading *read_device(struct stamping *stamping, struct readings *readings,
				   const char *uuid)
{
	struct reading *reading;
	time_t now = time(NULL);
	struct tm parts;
	size_t i;

	for (i = 0; i < readings->num; i++) {
		if (!strcmp(readings->items[i].uuid, uuid))
			return &readings->items[i];
	}
	readings->items = reallocate(readings->items, (readings->num + 1) *
				     sizeof(*readings->items));
	reading = &readings->items[readings->num++];
	memset(reading, 0, sizeof(*reading));
	memcpy(reading->uuid, uuid, sizeof(reading->uuid));
	strftime(reading->time, sizeof(reading->time), "%Y-%m-%dT%H:%M:%SZ",
		 gmtime_r(&now, &parts));
	reading->error = mdev_precheck_find_device(stamping->host, uuid, &reading->place);
	if (!reading->error)
		reading->error = mdev_precheck_read_version(stamping->host, &reading->place,
							    &reading->version);
	/* What is no UTF-8 is no XML either */
	if (!reading->error && !is_utf8(reading->place.type, strlen(reading->place.type)))
		reading->error = -EILSEQ;
	return reading;
}

static void set(xmlNode *node, const char *name, const char *value)
{
	checked(xmlNewProp(node, (const xmlChar *)name, (const xmlChar *)value));
}

static void add_device(xmlNode *stamp, const struct reading *reading)
{
	xmlNode *node = checked(xmlNewChild(stamp, NULL, (const xmlChar *)"device", NULL));
	const struct mdev_precheck_version *version = &reading->version;
	char buffer[24];

	set(node, "uuid", reading->uuid);
	set(node, "type", reading->place.type);
	set(node, "state", state_name(version->state));
	if (version->state == MDEV_PRECHECK_VERSION_READ)
		set(node, "version", version->text);
	if (version->error)
		set(node, "errno", error_name(version->error, buffer));
	set(node, "read", reading->time);
}

static char *as_text(xmlNode *node)
{
	xmlBuffer *buffer = checked(xmlBufferCreate());
	char *text;

	if (xmlNodeDump(buffer, NULL, node, 0, 0) < 0)
		checked(NULL);
	text = duplicate((const char *)xmlBufferContent(buffer));
	xmlBufferFree(buffer);
	return text;
}

/* failed - because of libvirt, unless the domain is gone and that is no failure */
static enum status failed(struct stamping *stamping, const char *name)
{
	switch (virGetLastErrorCode()) {
	case VIR_ERR_NO_DOMAIN:
		if (stamping->may_be_gone)
			return STATUS_COMPATIBLE;
		break;
	case VIR_ERR_OPERATION_TIMEOUT:
	case VIR_ERR_OPERATION_FAILED:
	case VIR_ERR_OPERATION_INVALID:
	case VIR_ERR_RESOURCE_BUSY:
		stamping->may_pass = true;
		break;
	default:
		break;
	}
	return libvirt_error(name);
}

static void say(struct stamping *stamping, const char *name, struct reading *reading)
{
	char *version;

	if (reading->stamped || stamping->settings->verbosity < 0)
		return;
	reading->stamped = true;
	version = shown_version(&reading->version);
	printf("domain ");
	write_escaped(stdout, name);
	printf(": device %s: type ", reading->uuid);
	write_escaped(stdout, reading->place.type);
	printf(", version ");
	write_escaped(stdout, version);
	putchar('\n');
	free(version);
}

/* no_reading - may a device have no stamp?  A configured one need not be made yet. */
static enum status no_reading(struct stamping *stamping, const char *name,
			      const struct reading *reading, unsigned int affected)
{
	bool may = reading->error == -ENODEV && affected == VIR_DOMAIN_AFFECT_CONFIG;

	if (may && stamping->settings->verbosity <= 0)
		return STATUS_COMPATIBLE;
	no_device(name, reading->uuid, reading->error, may ? " yet" : "");
	return may ? STATUS_COMPATIBLE : STATUS_NOT_ASKED;
}

static enum status stamp_devices(struct stamping *stamping, virDomainPtr domain,
				 const char *name, const struct domain *devices,
				 struct readings *readings, unsigned int affected)
{
	xmlNode *stamp = checked(xmlNewNode(NULL, (const xmlChar *)"devices"));
	enum status status = STATUS_COMPATIBLE;
	struct reading *reading;
	char *text = NULL;
	size_t i;

	for (i = 0; i < devices->num; i++) {
		reading = read_device(stamping, readings, devices->devices[i].uuid);
		if (!reading->error)
			add_device(stamp, reading);
		else if (no_reading(stamping, name, reading, affected))
			status = STATUS_NOT_ASKED;
	}
	if (stamp->children)
		text = as_text(stamp);
	xmlFreeNode(stamp);

	/* Nothing is removed only if there is something */
	if ((text || devices->has_stamp) &&
	    virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, text, STAMP_PREFIX,
				 STAMP_NAMESPACE, affected)) {
		free(text);
		return failed(stamping, name);
	}
	free(text);
	for (i = 0; i < devices->num; i++) {
		reading = read_device(stamping, readings, devices->devices[i].uuid);
		if (!reading->error)
			say(stamping, name, reading);
	}
	return status;
}

/* stamp_state - of the running domain, or of its configuration */
static enum status stamp_state(struct stamping *stamping, virDomainPtr domain,
			       const char *name, struct readings *readings,
			       unsigned int affected)
{
	unsigned int flags = affected == VIR_DOMAIN_AFFECT_CONFIG ? VIR_DOMAIN_XML_INACTIVE : 0;
	enum status status = STATUS_NOT_ASKED;
	struct domain devices;
	char *text, *wrong;

	text = virDomainGetXMLDesc(domain, flags);
	if (!text)
		return failed(stamping, name);
	/* What is wrong with a stamp goes with it */
	wrong = parse_domain(text, strlen(text), &devices);
	if (wrong)
		complain("domain %s: %s", name, wrong);
	else
		status = stamp_devices(stamping, domain, name, &devices, readings, affected);
	free(wrong);
	free(text);
	domain_free(&devices);
	return status;
}

enum status stamp_domain(struct stamping *stamping, virDomainPtr domain)
{
	const char *name = virDomainGetName(domain);
	enum status status = STATUS_COMPATIBLE;
	struct readings readings = {};
	int active, persistent;

	stamping->may_pass = false;
	active = virDomainIsActive(domain);
	persistent = active < 0 ? -1 : virDomainIsPersistent(domain);
	if (persistent < 0)
		return failed(stamping, name);
	if (active)
		status = stamp_state(stamping, domain, name, &readings, VIR_DOMAIN_AFFECT_LIVE);
	if (persistent && stamp_state(stamping, domain, name, &readings,
				      VIR_DOMAIN_AFFECT_CONFIG))
		status = STATUS_NOT_ASKED;
	free(readings.items);
	return status;
}

static enum status stamp_all(struct stamping *stamping, virConnectPtr connection)
{
	enum status status = STATUS_COMPATIBLE;
	virDomainPtr *domains;
	int num, i;

	num = virConnectListAllDomains(connection, &domains, 0);
	if (num < 0) {
		complain("the domains of libvirt: %s", virGetLastErrorMessage());
		return STATUS_NOT_ASKED;
	}
	for (i = 0; i < num; i++) {
		if (stamp_domain(stamping, domains[i]))
			status = STATUS_NOT_ASKED;
		virDomainFree(domains[i]);
	}
	free(domains);
	return status;
}

static enum status stamp_operands(struct stamping *stamping, virConnectPtr connection)
{
	const struct settings *settings = stamping->settings;
	enum status status = STATUS_COMPATIBLE;
	virDomainPtr domain;
	size_t i;

	for (i = 0; i < settings->num_operands; i++) {
		domain = find_domain(connection, settings->operands[i]);
		if (!domain || stamp_domain(stamping, domain))
			status = STATUS_NOT_ASKED;
		if (domain)
			virDomainFree(domain);
	}
	return status;
}

static enum status stamp_once(struct stamping *stamping)
{
	virConnectPtr connection = open_libvirt(stamping->settings, false);
	enum status status;

	if (!connection)
		return not_connected(stamping->settings);
	if (stamping->settings->num_operands)
		status = stamp_operands(stamping, connection);
	else
		status = stamp_all(stamping, connection);
	virConnectClose(connection);
	return status;
}

enum status run_stamp(const struct settings *settings)
{
	bool all = settings->given & (OPTION_ALL | OPTION_WATCH);
	struct stamping stamping = {
		.settings = settings,
		.may_be_gone = all,
	};
	enum status status;

	if (settings->given & OPTION_ALL && settings->given & OPTION_WATCH)
		return usage_error("stamp: --all or --watch was expected, and not both");
	if (all && settings->num_operands)
		return usage_error("stamp: %s: no domain was expected with %s",
				   *settings->operands, settings->given & OPTION_ALL ?
				   "--all" : "--watch");
	if (!all && !settings->num_operands)
		return usage_error("stamp: a domain, --all or --watch was expected");

	stamping.host = open_host(settings, ASK_TIMEOUT_MS);
	if (!stamping.host)
		return STATUS_NOT_ASKED;
	if (settings->given & OPTION_WATCH)
		status = watch(&stamping);
	else
		status = stamp_once(&stamping);
	mdev_precheck_free(stamping.host);
	return status;
}
