// SPDX-License-Identifier: GPL-2.0-only
/* A libvirt domain: its mediated devices, its stamps, and a count of its other VFIO devices */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "output.h"
#include "parse-stamps.h"
#include "xml.h"

#define QEMU_NAMESPACE	"http://libvirt.org/schemas/domain/qemu/1.0"

/* number_of - parse an attribute in C's notation, such as 0x1f; -1 if it is not such a number */
static long number_of(const xmlNode *node, const char *name)
{
	char *text = attribute(node, name), *end;
	long number = -1;

	if (text && *text) {
		number = strtol(text, &end, 0);
		if (*end || number < 0 || number > UINT16_MAX)
			number = -1;
	}
	free(text);
	return number;
}

/* guest_address - return the address at which the guest sees a device; allocated, or NULL */
static char *guest_address(const xmlNode *hostdev)
{
	const xmlNode *address = child_element(hostdev, NULL, "address");
	long domain, bus, slot, function;

	if (address && has_value(address, "type", "pci")) {
		domain = number_of(address, "domain");
		bus = number_of(address, "bus");
		slot = number_of(address, "slot");
		function = number_of(address, "function");
		if (domain >= 0 && bus >= 0 && slot >= 0 && function >= 0)
			return format_text("pci:%04lx:%02lx:%02lx.%lx", domain, bus, slot,
					   function);
	}
	if (address && has_value(address, "type", "ccw")) {
		domain = number_of(address, "cssid");
		bus = number_of(address, "ssid");
		slot = number_of(address, "devno");
		if (domain >= 0 && bus >= 0 && slot >= 0)
			return format_text("ccw:%02lx.%lx.%04lx", domain, bus, slot);
	}
	return NULL;
}

static char *alias_name(const xmlNode *hostdev)
{
	const xmlNode *alias = child_element(hostdev, NULL, "alias");

	return alias ? attribute(alias, "name") : NULL;
}

static bool has_device(const struct domain *domain, const char *uuid)
{
	size_t i;

	for (i = 0; i < domain->num; i++) {
		if (!strcmp(domain->devices[i].uuid, uuid))
			return true;
	}
	return false;
}

/* add_mediated_device - add a device; NULL, or the fault of the XML, allocated */
static char *add_mediated_device(struct domain *domain, const xmlNode *hostdev)
{
	const xmlNode *source = child_element(hostdev, NULL, "source");
	const xmlNode *address = source ? child_element(source, NULL, "address") : NULL;
	char *text = address ? attribute(address, "uuid") : NULL;
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	struct guest_device *device;
	char *wrong = NULL;

	if (!text || mdev_precheck_parse_uuid(text, uuid)) {
		wrong = format_text("a mediated device has the address \"%.*s\": %s", VALUE_SHOWN,
				    text ? text : "", "a UUID was expected");
	} else if (has_device(domain, uuid)) {
		wrong = format_text("the device %s is there twice", uuid);
	} else {
		domain->devices = grow(domain->devices, domain->num,
				       sizeof(*domain->devices));
		device = &domain->devices[domain->num++];
		memcpy(device->uuid, uuid, sizeof(device->uuid));
		device->address = guest_address(hostdev);
		device->alias = alias_name(hostdev);
	}
	free(text);
	return wrong;
}

static char *add_vfio_devices(struct domain *domain, const xmlNode *devices)
{
	char *wrong = NULL;
	xmlNode *node;

	for (node = devices->children; node && !wrong; node = node->next) {
		if (is_element(node, NULL, "hostdev") && has_value(node, "mode", "subsystem")) {
			if (has_value(node, "type", "mdev"))
				wrong = add_mediated_device(domain, node);
			else if (has_value(node, "type", "pci"))
				domain->num_pci++;
		} else if (is_element(node, NULL, "interface") &&
			   has_value(node, "type", "hostdev")) {
			domain->num_pci++;
		}
	}
	return wrong;
}

/* is_vfio_device - is @value a VFIO device, in either notation that QEMU takes after -device? */
static bool is_vfio_device(const char *value)
{
	static const char *const drivers[] = { "vfio-pci", "vfio-ap", "vfio-ccw" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(drivers); i++) {
		if (strstr(value, drivers[i]))
			return true;
	}
	return false;
}

static void count_command_line(struct domain *domain, const xmlNode *command_line)
{
	bool after_device = false;
	xmlNode *node;
	char *value;

	for (node = child_element(command_line, QEMU_NAMESPACE, "arg"); node;
	     node = next_element(node->next, QEMU_NAMESPACE, "arg")) {
		value = attribute(node, "value");
		if (value && after_device && is_vfio_device(value))
			domain->num_command_line++;
		/* QEMU takes both spellings */
		after_device = value && (!strcmp(value, "-device") || !strcmp(value, "--device"));
		free(value);
	}
}

static void set_uuid(struct domain *domain, const xmlNode *node)
{
	xmlChar *text = xmlNodeGetContent(node);

	if (!text || mdev_precheck_parse_uuid((const char *)text, domain->uuid))
		domain->uuid[0] = '\0';
	xmlFree(text);
}

static char *add_parts(struct domain *domain, const xmlNode *root)
{
	char *wrong = NULL;
	xmlNode *node;

	for (node = root->children; node && !wrong; node = node->next) {
		if (is_element(node, NULL, "uuid"))
			set_uuid(domain, node);
		else if (is_element(node, NULL, "devices"))
			wrong = add_vfio_devices(domain, node);
		else if (is_element(node, NULL, "metadata"))
			parse_stamps(node, domain);
		else if (is_element(node, QEMU_NAMESPACE, "commandline"))
			count_command_line(domain, node);
	}
	return wrong;
}

/*
 * has_started - look for elements that libvirt adds when it starts a domain
 *
 * libvirt starts a domain with the metadata of its configuration, and so with the mark of a
 * domain that is shut off.
 */
static bool has_started(const xmlNode *root)
{
	const xmlNode *cpu = child_element(root, NULL, "cpu");

	return child_element(root, NULL, "resource") || (cpu && has_value(cpu, "check", "full"));
}

char *take_domain(xmlDoc *document, struct domain *domain)
{
	const xmlNode *root = xmlDocGetRootElement(document);
	char *wrong = NULL;

	memset(domain, 0, sizeof(*domain));
	if (!root || !is_element(root, NULL, "domain"))
		wrong = duplicate("it is not a domain");
	else
		wrong = add_parts(domain, root);
	if (!wrong && has_started(root))
		domain->shut_off = false;
	return wrong;
}

char *parse_domain(const char *text, size_t len, struct domain *domain)
{
	char *wrong = NULL;
	xmlDoc *document = parse_xml(text, len, &wrong);

	memset(domain, 0, sizeof(*domain));
	if (document)
		wrong = take_domain(document, domain);
	xmlFreeDoc(document);
	return wrong;
}

static void guest_device_free(struct guest_device *device)
{
	free(device->address);
	free(device->alias);
}

void domain_free(struct domain *domain)
{
	size_t i;

	for (i = 0; i < domain->num; i++)
		guest_device_free(&domain->devices[i]);
	for (i = 0; i < domain->num_stamps; i++) {
		guest_device_free(&domain->stamps[i].device);
		mdev_precheck_source_free(domain->stamps[i].source);
		free(domain->stamps[i].wrong);
	}
	free(domain->devices);
	free(domain->stamps);
	free(domain->host);
	memset(domain, 0, sizeof(*domain));
}

/* nobody_asks - write that no driver is asked about one device, or several; allocated */
static char *nobody_asks(size_t number, const char *one, const char *several)
{
	if (number == 1)
		return format_text("no driver is asked about its %s", one);
	return format_text("no driver is asked about its %zu %s", number, several);
}

char *unasked_text(const struct domain *domain, unsigned int number)
{
	size_t vfio = domain->num + domain->num_pci + domain->num_command_line;

	if (domain->num_command_line && !number--)
		return nobody_asks(domain->num_command_line, "VFIO device in qemu:commandline",
				   "VFIO devices in qemu:commandline");
	if (domain->num_pci && !number--)
		return nobody_asks(domain->num_pci, "PCI host device", "PCI host devices");
	if (vfio > 1 && !number--)
		return format_text("QEMU migrates its %zu VFIO devices only if each has %s", vfio,
				   "the P2P states, which no driver is asked about");
	return NULL;
}
