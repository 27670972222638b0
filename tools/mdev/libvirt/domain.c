// SPDX-License-Identifier: GPL-2.0-only
/* A libvirt domain: its mediated devices, and what their source has stamped on it */

#include <stdlib.h>
#include <string.h>
#include <libxml/parser.h>

#include "domain.h"
#include "report.h"

/* is_element - of this name, in this namespace or, if that is NULL, in none */
static bool is_element(const xmlNode *node, const char *namespace, const char *name)
{
	if (node->type != XML_ELEMENT_NODE || strcmp((const char *)node->name, name))
		return false;
	if (!namespace || !node->ns)
		return !namespace && !node->ns;
	return !strcmp((const char *)node->ns->href, namespace);
}

/* next_element - the first of @node and those after it that is one, or NULL */
static xmlNode *next_element(xmlNode *node, const char *namespace, const char *name)
{
	while (node && !is_element(node, namespace, name))
		node = node->next;
	return node;
}

/* attribute - the value, allocated, or NULL */
static char *attribute(xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
	char *copy = duplicate((const char *)value);

	xmlFree(value);
	return copy;
}

static bool has_value(xmlNode *node, const char *name, const char *wanted)
{
	char *value = attribute(node, name);
	bool same = value && !strcmp(value, wanted);

	free(value);
	return same;
}

static struct domain_device *device_with_uuid(struct domain *domain, const char *uuid)
{
	size_t i;

	for (i = 0; i < domain->num; i++) {
		if (!strcmp(domain->devices[i].uuid, uuid))
			return &domain->devices[i];
	}
	return NULL;
}

static char *add_mediated_device(struct domain *domain, xmlNode *hostdev)
{
	xmlNode *source = next_element(hostdev->children, NULL, "source");
	xmlNode *address = source ? next_element(source->children, NULL, "address") : NULL;
	char *text = address ? attribute(address, "uuid") : NULL;
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	struct domain_device *device;
	char *wrong = NULL;

	if (!text || mdev_precheck_parse_uuid(text, uuid)) {
		wrong = format_text("a mediated device has the address \"%s\", a UUID was expected",
				    text ? text : "");
	} else if (device_with_uuid(domain, uuid)) {
		wrong = format_text("the device %s is there twice", uuid);
	} else {
		domain->devices = grow(domain->devices, domain->num,
				       sizeof(*domain->devices));
		device = &domain->devices[domain->num++];
		memset(device, 0, sizeof(*device));
		memcpy(device->uuid, uuid, sizeof(device->uuid));
	}
	free(text);
	return wrong;
}

/* parse_stamp - what a stamp has of the source; NULL, or what is wrong with it, allocated */
static char *parse_stamp(xmlNode *stamp, struct mdev_precheck_source **source)
{
	char *type = attribute(stamp, "type");
	char *state = attribute(stamp, "state");
	char *version = attribute(stamp, "version");
	char *error = attribute(stamp, "errno");
	struct mdev_precheck_source from = {
		.type = type,
		.error = error ? mdev_precheck_error_number(error) : 0,
		.version = version,
	};
	int found = find_source_state(state);
	const char *contradiction;
	char *wrong = NULL;

	if (found < 0) {
		wrong = format_text("its state is \"%s\": %s was expected", state ? state : "",
				    "read, none, failed or unknown");
	} else if (error && !from.error) {
		wrong = format_text("its errno is \"%s\": a name of errno.h was expected", error);
	} else {
		from.state = found;
		contradiction = mdev_precheck_source_check(&from);
		if (contradiction)
			wrong = duplicate(contradiction);
		else if (mdev_precheck_source_new(&from, source))
			checked(NULL);
	}
	free(type);
	free(state);
	free(version);
	free(error);
	return wrong;
}

static char *add_stamp(struct domain *domain, xmlNode *stamp)
{
	char *text = attribute(stamp, "uuid");
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	struct domain_device *device;
	char *phrase, *wrong = NULL;

	if (!text || mdev_precheck_parse_uuid(text, uuid)) {
		wrong = format_text("a stamp is of the device \"%s\", a UUID was expected",
				    text ? text : "");
		free(text);
		return wrong;
	}
	free(text);
	device = device_with_uuid(domain, uuid);
	if (!device)
		return NULL;
	if (device->source)
		return format_text("the device %s has two stamps", uuid);

	phrase = parse_stamp(stamp, &device->source);
	if (phrase)
		wrong = format_text("the stamp of the device %s: %s", uuid, phrase);
	free(phrase);
	return wrong;
}

/* add_all - of the children of @parent that have this name, until one is wrong */
static char *add_all(struct domain *domain, xmlNode *parent, const char *namespace,
		     const char *name, char *(*add)(struct domain *, xmlNode *))
{
	xmlNode *node;
	char *wrong = NULL;

	for (node = next_element(parent->children, namespace, name); node && !wrong;
	     node = next_element(node->next, namespace, name))
		wrong = add(domain, node);
	return wrong;
}

static char *add_hostdev(struct domain *domain, xmlNode *hostdev)
{
	if (!has_value(hostdev, "mode", "subsystem") || !has_value(hostdev, "type", "mdev"))
		return NULL;
	return add_mediated_device(domain, hostdev);
}

static char *add_hostdevs(struct domain *domain, xmlNode *devices)
{
	return add_all(domain, devices, NULL, "hostdev", add_hostdev);
}

static char *add_stamps(struct domain *domain, xmlNode *devices)
{
	domain->has_stamp = true;
	return add_all(domain, devices, STAMP_NAMESPACE, "device", add_stamp);
}

static char *add_metadata(struct domain *domain, xmlNode *metadata)
{
	return add_all(domain, metadata, STAMP_NAMESPACE, "devices", add_stamps);
}

/* libvirt does not write a document type, in which somebody could define entities that grow */
static void stop_at_document_type(void *data, const xmlChar *name,
				  const xmlChar *external, const xmlChar *system)
{
	xmlParserCtxt *parser = data;
	bool *stopped = parser->_private;

	(void)name;
	(void)external;
	(void)system;
	*stopped = true;
	xmlStopParser(parser);
}

static xmlDoc *parse_xml(const char *text, size_t len, char **wrong)
{
	xmlParserCtxt *parser = xmlNewParserCtxt();
	bool stopped = false;
	const xmlError *error;
	xmlDoc *document;

	if (!parser) {
		*wrong = duplicate("out of memory");
		return NULL;
	}
	parser->_private = &stopped;
	parser->sax->internalSubset = stop_at_document_type;
	document = xmlCtxtReadMemory(parser, text, (int)len, NULL, NULL, XML_PARSE_NONET |
				     XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (stopped) {
		*wrong = duplicate("it has a document type, which no domain has");
		xmlFreeDoc(document);
		document = NULL;
	} else if (!document) {
		error = xmlCtxtGetLastError(parser);
		*wrong = error && error->message ?
			 format_text("it is not XML: line %d: %.*s", error->line,
				     (int)strcspn(error->message, "\n"), error->message) :
			 duplicate("it is not XML");
	}
	xmlFreeParserCtxt(parser);
	return document;
}

char *parse_domain(const char *text, size_t len, struct domain *domain)
{
	char *wrong = NULL;
	xmlDoc *document;
	xmlNode *root;

	memset(domain, 0, sizeof(*domain));
	/* libxml2 ends there, whatever follows */
	if (memchr(text, '\0', len))
		return duplicate("it has a NUL");
	document = parse_xml(text, len, &wrong);
	if (!document)
		return wrong;

	root = xmlDocGetRootElement(document);
	if (!root || !is_element(root, NULL, "domain")) {
		wrong = duplicate("it is not a domain");
	} else {
		wrong = add_all(domain, root, NULL, "devices", add_hostdevs);
		/* Stamps are for devices that are known */
		if (!wrong)
			domain->wrong_stamp = add_all(domain, root, NULL, "metadata",
						      add_metadata);
	}
	xmlFreeDoc(document);
	return wrong;
}

void domain_free(struct domain *domain)
{
	size_t i;

	for (i = 0; i < domain->num; i++)
		mdev_precheck_source_free(domain->devices[i].source);
	free(domain->devices);
	free(domain->wrong_stamp);
	memset(domain, 0, sizeof(*domain));
}
