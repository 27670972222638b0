// SPDX-License-Identifier: GPL-2.0-only
/* Stamps: what the devices of a domain are on this host, written on it */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <libvirt/virterror.h>
#include <libxml/tree.h>

#include "connection.h"
#include "domain.h"
#include "report.h"
#include "stamp.h"

/* The prefix of the elements; libvirt knows them by their namespace */
#define STAMP_PREFIX	"mdev-precheck"

/* RFC 3339, in UTC */
#define TIME_SIZE	sizeof("2026-11-22T12:00:00Z")

/**
 * struct reading - a device as it is on this host
 * @uuid: the device
 * @error: negative errno of finding it or its version, or 0
 * @source: its type and version, if @error is 0
 * @time: when it was read
 * @printed: was a line printed about its stamp?
 */
struct reading {
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	int error;
	struct mdev_precheck_source *source;
	char time[TIME_SIZE];
	bool printed;
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

static void readings_free(struct readings *readings)
{
	size_t i;

	for (i = 0; i < readings->num; i++)
		mdev_precheck_source_free(readings->items[i].source);
	free(readings->items);
}

/* read_source - the type and the version of a device; 0 or a negative errno */
static int read_source(struct mdev_precheck *host, const char *uuid,
		       struct mdev_precheck_source **source)
{
	struct mdev_precheck_place place;
	int ret;

	ret = mdev_precheck_find_device(host, uuid, &place);
	if (ret)
		return ret;
	/* A name that is not UTF-8 cannot be in XML */
	if (!is_utf8(place.type, strlen(place.type)))
		return -EILSEQ;
	return mdev_precheck_source_read(host, &place, source);
}

static struct reading *read_once(struct stamping *stamping, struct readings *readings,
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
	readings->items = grow(readings->items, readings->num, sizeof(*readings->items));
	reading = &readings->items[readings->num++];
	memset(reading, 0, sizeof(*reading));
	memcpy(reading->uuid, uuid, sizeof(reading->uuid));
	strftime(reading->time, sizeof(reading->time), "%Y-%m-%dT%H:%M:%SZ",
		 gmtime_r(&now, &parts));
	reading->error = read_source(stamping->host, uuid, &reading->source);
	return reading;
}

static void set_attribute(xmlNode *node, const char *name, const char *value)
{
	checked(xmlNewProp(node, (const xmlChar *)name, (const xmlChar *)value));
}

static void stamp_device(xmlNode *stamp, const struct reading *reading)
{
	xmlNode *node = checked(xmlNewChild(stamp, NULL, (const xmlChar *)"device", NULL));
	const struct mdev_precheck_source *source = reading->source;
	char buffer[MDEV_PRECHECK_ERROR_SIZE];

	set_attribute(node, "uuid", reading->uuid);
	set_attribute(node, "type", source->type);
	set_attribute(node, "state", mdev_precheck_source_state_name(source->state));
	if (source->version)
		set_attribute(node, "version", source->version);
	if (source->error)
		set_attribute(node, "errno", mdev_precheck_error_name(source->error, buffer));
	set_attribute(node, "read", reading->time);
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

/* not_stamped - after an error of libvirt; DONE if it is that the domain is gone, which may be */
static enum outcome not_stamped(struct stamping *stamping, const char *name)
{
	switch (virGetLastErrorCode()) {
	case VIR_ERR_NO_DOMAIN:
		if (stamping->may_be_gone)
			return DONE;
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

static void print_stamp(struct stamping *stamping, const char *name, struct reading *reading)
{
	char *version;

	if (reading->printed || stamping->settings->verbosity < 0)
		return;
	reading->printed = true;
	version = shown_version(reading->source);
	printf("domain ");
	write_escaped(stdout, name);
	printf(": device %s: type ", reading->uuid);
	write_escaped(stdout, reading->source->type);
	printf(", version ");
	write_escaped(stdout, version);
	putchar('\n');
	free(version);
}

/* no_reading - DONE for a configured device that is not here yet, otherwise FAILED */
static enum outcome no_reading(struct stamping *stamping, const char *name,
			       const struct reading *reading, unsigned int affected)
{
	bool may = reading->error == -ENODEV && affected == VIR_DOMAIN_AFFECT_CONFIG;
	char *reason;

	if (may && stamping->settings->verbosity <= 0)
		return DONE;
	reason = unread_reason(stamping->host, reading->error);
	complain("domain %s: device %s: %s%s", name, reading->uuid,
		 may ? "not stamped yet: " : "", reason);
	free(reason);
	return may ? DONE : FAILED;
}

/* stamp_text - the stamps of all @devices that could be read, allocated; NULL for none */
static char *stamp_text(struct stamping *stamping, const char *name, const struct domain *devices,
			struct readings *readings, unsigned int affected, enum outcome *outcome)
{
	xmlNode *stamp = checked(xmlNewNode(NULL, (const xmlChar *)"devices"));
	struct reading *reading;
	char *text = NULL;
	size_t i;

	for (i = 0; i < devices->num; i++) {
		reading = read_once(stamping, readings, devices->devices[i].uuid);
		if (!reading->error)
			stamp_device(stamp, reading);
		else if (no_reading(stamping, name, reading, affected) != DONE)
			*outcome = FAILED;
	}
	if (stamp->children)
		text = as_text(stamp);
	xmlFreeNode(stamp);
	return text;
}

static enum outcome stamp_devices(struct stamping *stamping, virDomainPtr domain,
				  const char *name, const struct domain *devices,
				  struct readings *readings, unsigned int affected)
{
	enum outcome outcome = DONE;
	struct reading *reading;
	char *text;
	int ret = 0;
	size_t i;

	text = stamp_text(stamping, name, devices, readings, affected, &outcome);
	/* If there is no text, libvirt removes the element, which fails if there is none */
	if (text || devices->has_stamp)
		ret = virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, text,
					   STAMP_PREFIX, STAMP_NAMESPACE, affected);
	free(text);
	if (ret)
		return not_stamped(stamping, name);
	for (i = 0; i < devices->num; i++) {
		reading = read_once(stamping, readings, devices->devices[i].uuid);
		if (!reading->error)
			print_stamp(stamping, name, reading);
	}
	return outcome;
}

/* stamp_state - of the running domain, or of its configuration */
static enum outcome stamp_state(struct stamping *stamping, virDomainPtr domain,
				const char *name, struct readings *readings,
				unsigned int affected)
{
	unsigned int flags = affected == VIR_DOMAIN_AFFECT_CONFIG ? VIR_DOMAIN_XML_INACTIVE : 0;
	enum outcome outcome;
	struct domain devices;
	char *text, *wrong;

	text = virDomainGetXMLDesc(domain, flags);
	if (!text)
		return not_stamped(stamping, name);
	/* A stamp that is wrong is replaced */
	wrong = parse_domain(text, strlen(text), &devices);
	if (wrong)
		outcome = failed(0, "domain %s: %s", name, wrong);
	else
		outcome = stamp_devices(stamping, domain, name, &devices, readings, affected);
	free(wrong);
	free(text);
	domain_free(&devices);
	return outcome;
}

enum outcome stamp_domain(struct stamping *stamping, virDomainPtr domain)
{
	const char *name = virDomainGetName(domain);
	struct readings readings = {};
	enum outcome outcome = DONE;
	int active, persistent;

	stamping->may_pass = false;
	active = virDomainIsActive(domain);
	persistent = active < 0 ? -1 : virDomainIsPersistent(domain);
	if (persistent < 0)
		return not_stamped(stamping, name);
	if (active)
		outcome = stamp_state(stamping, domain, name, &readings, VIR_DOMAIN_AFFECT_LIVE);
	if (persistent && stamp_state(stamping, domain, name, &readings,
				      VIR_DOMAIN_AFFECT_CONFIG) != DONE)
		outcome = FAILED;
	readings_free(&readings);
	return outcome;
}
