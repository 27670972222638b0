/* SPDX-License-Identifier: GPL-2.0-only */
/* A libvirt domain: its mediated devices, and the stamps of the source */
#ifndef DOMAIN_H
#define DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "mdev-precheck.h"

/*
 * The stamp is one element in the domain's <metadata>, so that it migrates with the
 * domain.  mdev-precheck-hook(8) describes its elements and attributes.
 */
#define STAMP_NAMESPACE		"urn:mdev-precheck:stamp:1"

/**
 * struct guest_device - names by which a device of a domain is found again
 * @uuid: UUID in lower case; "" in a stamp with another text
 * @address: address in the guest, such as "pci:0000:00:05.0", or NULL
 * @alias: libvirt's name of the device, or NULL
 *
 * A stack above libvirt may change the UUID on the way, because it makes the target's
 * device itself.  The address stays, because the guest sees it.  An alias migrates only if
 * the user chose it.
 */
struct guest_device {
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	char *address;
	char *alias;
};

/**
 * struct stamp - the part of a stamp about one device
 * @device: the device, as the source had it
 * @source: type, state and version; NULL if @wrong is set
 * @wrong: the fault of the stamp, allocated, or NULL
 */
struct stamp {
	struct guest_device device;
	struct mdev_precheck_source *source;
	char *wrong;
};

/**
 * struct domain - the devices and the stamps of a domain
 * @uuid: UUID of the domain, or "" if the XML does not have it
 * @devices: mediated devices, in the order of the XML
 * @num: entries in @devices
 * @stamps: stamps, in the order of the XML, also of devices that the domain does not have
 * @num_stamps: entries in @stamps
 * @has_stamp: does the XML have an element for stamps, even if it is empty?
 * @shut_off: the stamps belong to a configuration, and the XML does not show that the domain
 *	runs
 * @host: UUID of the host that wrote the stamps, allocated, or NULL
 * @num_command_line: VFIO devices in qemu:commandline, which libvirt passes on as they are
 * @num_pci: PCI host devices
 */
struct domain {
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	struct guest_device *devices;
	size_t num;
	struct stamp *stamps;
	size_t num_stamps;
	bool has_stamp;
	bool shut_off;
	char *host;
	size_t num_command_line;
	size_t num_pci;
};

/**
 * parse_domain - parse a domain's XML, which anybody may have written
 * @text: the XML; it need not end with a NUL
 * @len: bytes in @text
 * @domain: result; the caller frees it also after an error
 *
 * Return: NULL, or the fault of the XML, allocated.  A fault of a stamp is in that stamp.
 */
char *parse_domain(const char *text, size_t len, struct domain *domain);

struct _xmlDoc;
/* take_domain - read a domain from a document of parse_xml(), which stays the caller's */
char *take_domain(struct _xmlDoc *document, struct domain *domain);

void domain_free(struct domain *domain);

/**
 * find_stamp - find the stamp of a device
 * @domain: the domain
 * @device: one of @devices of @domain
 * @type: type of the device on this host, or NULL if it is unknown
 *
 * A stamp with the device's UUID is its stamp.  Otherwise the one stamp with its address, or
 * else with its alias, is its stamp, if it does not fit another device as well or better, and
 * if it has @type or @type is NULL.
 *
 * Return: the stamp, which may be wrong; NULL if no stamp, or more than one, fits.
 */
const struct stamp *find_stamp(const struct domain *domain, const struct guest_device *device,
			       const char *type);

/* stamps_text - name the devices of the stamps, as far as a line has room; allocated */
char *stamps_text(const struct domain *domain);

/**
 * unasked_text - describe devices of a domain that no driver is asked about
 * @domain: the domain
 * @number: number of the description, from 0 on
 *
 * Return: a phrase for people, allocated; NULL behind the last description.
 */
char *unasked_text(const struct domain *domain, unsigned int number);

#endif
