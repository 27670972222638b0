/* SPDX-License-Identifier: GPL-2.0-only */
/* A libvirt domain: its mediated devices, and what their source has stamped on it */
#ifndef DOMAIN_H
#define DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "mdev-precheck.h"

/*
 * The stamp is one element in the domain's <metadata>, so that it migrates with the
 * domain.  Its elements and attributes are described in mdev-precheck-hook(8).
 */
#define STAMP_NAMESPACE		"urn:mdev-precheck:stamp:1"

/**
 * struct guest_device - by what a device of a domain is found again
 * @uuid: its UUID, in lower case; "" if it is not one
 * @address: its address in the guest, such as "pci:0000:00:05.0", or NULL
 * @alias: libvirt's name of it, or NULL
 *
 * A stack above libvirt may change the UUID on the way, because it makes the target's
 * device itself.  The address stays, because the guest sees it.  An alias migrates only if
 * it is the user's own.
 */
struct guest_device {
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	char *address;
	char *alias;
};

/**
 * struct stamp - what a source has stamped on a domain about one of its devices
 * @device: the device, as the source had it
 * @source: type, state and version; NULL if @wrong is not
 * @wrong: what is wrong with the stamp, allocated, or NULL
 */
struct stamp {
	struct guest_device device;
	struct mdev_precheck_source *source;
	char *wrong;
};

/**
 * struct domain - what matters here of a domain
 * @uuid: its UUID, or "" if it does not have one
 * @devices: its mediated devices, in their order
 * @num: their number
 * @stamps: its stamps, in their order, also of devices that it does not have
 * @num_stamps: their number
 * @has_stamp: is there an element for stamps, even if it is empty?
 * @shut_off: the stamps are those of a configuration, and nothing in the XML shows that the
 *	domain runs
 * @host: UUID of the host that wrote the stamps, allocated, or NULL
 * @num_command_line: VFIO devices that qemu:commandline has, which libvirt passes on as they are
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
 * parse_domain - take a domain's XML apart, which anybody may have written
 * @text: the XML; it need not end with a NUL
 * @len: its length
 * @domain: result, also to be freed if there was an error
 *
 * Return: NULL, or what is wrong with it but for the stamps, allocated.
 */
char *parse_domain(const char *text, size_t len, struct domain *domain);

struct _xmlDoc;
/* take_domain - the same with XML that parse_xml() has taken apart, which stays the caller's */
char *take_domain(struct _xmlDoc *document, struct domain *domain);

void domain_free(struct domain *domain);

/**
 * find_stamp - the stamp of a device
 * @domain: the domain
 * @device: one of @devices of @domain
 * @type: its type on this host, or NULL if that is not known
 *
 * A stamp with the device's UUID is its stamp.  If there is none, it is the one stamp with
 * its address, or else with its alias, of the stamps that do not fit another device as well or
 * better; with @type, only one of that type.
 *
 * Return: the stamp, which may be wrong; NULL if none fits.
 */
const struct stamp *find_stamp(const struct domain *domain, const struct guest_device *device,
			       const char *type);

/* stamps_text - what the stamps are of, as far as a line has room for them; allocated */
char *stamps_text(const struct domain *domain);

/**
 * unasked_text - what of a domain nobody asks a driver about
 * @domain: the domain
 * @number: from 0 on
 *
 * Return: a phrase for people, allocated; NULL if there are not so many.
 */
char *unasked_text(const struct domain *domain, unsigned int number);

#endif
