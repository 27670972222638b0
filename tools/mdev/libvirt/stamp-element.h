/* SPDX-License-Identifier: GPL-2.0-only */
/* The element of a domain's metadata that has its stamps */
#ifndef STAMP_ELEMENT_H
#define STAMP_ELEMENT_H

#include "domain.h"
#include "readings.h"
#include "xml.h"

/**
 * stamp_element_new - make an element without the stamp of a device
 * @running: the element is for a running domain, and not for a configuration
 *
 * Return: the element, for xmlFreeNode().
 */
struct _xmlNode *stamp_element_new(bool running);
/* mark_host - set the host that wrote all stamps of the element; NULL sets nothing */
void mark_host(struct _xmlNode *element, const char *host_uuid);

/* add_reading - add the stamp of a device as it was read */
void add_reading(struct _xmlNode *element, const struct guest_device *device,
		 const struct reading *reading);
/* add_kept - add the stamp that a device has in the element @old */
void add_kept(struct _xmlNode *element, const struct guest_device *device,
	      const struct _xmlNode *old);

/* old_element - find the element in a domain's document, or return NULL */
const struct _xmlNode *old_element(struct _xmlDoc *document);
/* is_same_element - are two elements equal, but for the times when devices were read? */
bool is_same_element(const struct _xmlNode *element, const struct _xmlNode *old);

/* element_text - return the element as text for libvirt, allocated */
char *element_text(struct _xmlNode *element);

#endif
