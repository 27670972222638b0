// SPDX-License-Identifier: GPL-2.0-only
/* The element of a domain's metadata that has its stamps */

#include <stdlib.h>
#include <string.h>

#include "stamp-element.h"

/* The attributes of a stamp about the source, and about the device */
static const char *const of_source[] = { "type", "state", "version", "errno" };
static const char *const of_device[] = { "uuid", "address", "alias" };

/* set_attribute - set the attribute if @value is not NULL */
static void set_attribute(xmlNode *node, const char *name, const char *value)
{
	if (value)
		checked(xmlNewProp(node, (const xmlChar *)name, (const xmlChar *)value));
}

xmlNode *stamp_element_new(bool running)
{
	xmlNode *element = checked(xmlNewNode(NULL, (const xmlChar *)"devices"));

	set_attribute(element, "running", running ? "yes" : "no");
	return element;
}

void mark_host(xmlNode *element, const char *host_uuid)
{
	set_attribute(element, "host", host_uuid);
}

static xmlNode *add_device_stamp(xmlNode *element, const struct guest_device *device)
{
	xmlNode *node = checked(xmlNewChild(element, NULL, (const xmlChar *)"device", NULL));

	set_attribute(node, "uuid", device->uuid);
	set_attribute(node, "address", device->address);
	set_attribute(node, "alias", device->alias);
	return node;
}

void add_reading(xmlNode *element, const struct guest_device *device,
		 const struct reading *reading)
{
	xmlNode *node = add_device_stamp(element, device);
	const struct mdev_precheck_source *source = reading->source;
	char buffer[MDEV_PRECHECK_ERROR_SIZE];

	set_attribute(node, "type", source->type);
	set_attribute(node, "state", mdev_precheck_source_state_name(source->state));
	set_attribute(node, "version", source->version);
	if (source->error)
		set_attribute(node, "errno", mdev_precheck_error_name(source->error, buffer));
	set_attribute(node, "read", reading->time);
}

static void copy_attribute(xmlNode *node, const xmlNode *from, const char *name)
{
	char *value = attribute(from, name);

	set_attribute(node, name, value);
	free(value);
}

/* is_of - is @stamp the stamp of the device?  A stamp written by hand can be in upper case. */
static bool is_of(const xmlNode *stamp, const char *uuid)
{
	char found[MDEV_PRECHECK_UUID_SIZE];
	char *text = attribute(stamp, "uuid");
	bool same = text && !mdev_precheck_parse_uuid(text, found) && !strcmp(found, uuid);

	free(text);
	return same;
}

static const xmlNode *next_stamp(xmlNode *node)
{
	return next_element(node, STAMP_NAMESPACE, "device");
}

void add_kept(xmlNode *element, const struct guest_device *device, const xmlNode *old)
{
	const xmlNode *stamp = next_stamp(old->children);
	xmlNode *node;
	size_t i;

	while (stamp && !is_of(stamp, device->uuid))
		stamp = next_stamp(stamp->next);
	if (!stamp)
		return;
	node = add_device_stamp(element, device);
	for (i = 0; i < ARRAY_SIZE(of_source); i++)
		copy_attribute(node, stamp, of_source[i]);
	copy_attribute(node, stamp, "read");
}

const xmlNode *old_element(xmlDoc *document)
{
	const xmlNode *root = document ? xmlDocGetRootElement(document) : NULL;
	const xmlNode *metadata = root ? child_element(root, NULL, "metadata") : NULL;

	return metadata ? child_element(metadata, STAMP_NAMESPACE, "devices") : NULL;
}

static bool is_same_attribute(const xmlNode *one, const xmlNode *other, const char *name)
{
	char *value = attribute(one, name), *others = attribute(other, name);
	bool same = value && others ? !strcmp(value, others) : value == others;

	free(value);
	free(others);
	return same;
}

static bool is_same_stamp(const xmlNode *one, const xmlNode *other)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(of_device); i++) {
		if (!is_same_attribute(one, other, of_device[i]))
			return false;
	}
	for (i = 0; i < ARRAY_SIZE(of_source); i++) {
		if (!is_same_attribute(one, other, of_source[i]))
			return false;
	}
	return true;
}

bool is_same_element(const xmlNode *element, const xmlNode *old)
{
	const xmlNode *node = element->children, *stamp = next_stamp(old->children);

	if (!is_same_attribute(element, old, "running") || !is_same_attribute(element, old, "host"))
		return false;
	while (node && stamp) {
		if (!is_same_stamp(node, stamp))
			return false;
		node = node->next;
		stamp = next_stamp(stamp->next);
	}
	return !node && !stamp;
}

char *element_text(xmlNode *element)
{
	xmlBuffer *buffer = checked(xmlBufferCreate());
	char *text;

	if (xmlNodeDump(buffer, NULL, element, 0, 0) < 0)
		checked(NULL);
	text = duplicate((const char *)xmlBufferContent(buffer));
	xmlBufferFree(buffer);
	return text;
}
