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
 * struct domain_device - a mediated device that a domain has
 * @uuid: its UUID, in lower case
 * @source: what its stamp has of the source, or NULL if it does not have a stamp
 */
struct domain_device {
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	struct mdev_precheck_source *source;
};

/**
 * struct domain - what matters here of a domain
 * @devices: its mediated devices, in their order
 * @num: their number
 * @has_stamp: is there a stamp, of whatever devices?
 * @wrong_stamp: what is wrong with the stamp, allocated, or NULL; devices after the one
 *	that it is about have none then
 */
struct domain {
	struct domain_device *devices;
	size_t num;
	bool has_stamp;
	char *wrong_stamp;
};

/**
 * parse_domain - take a domain's XML apart, which anybody may have written
 * @text: the XML; it need not end with a NUL
 * @len: its length
 * @domain: result, also to be freed if there was an error
 *
 * A stamp of a device that the domain does not have is ignored, because the device was
 * detached.
 *
 * Return: NULL, or what is wrong with it but for the stamp, allocated.
 */
char *parse_domain(const char *text, size_t len, struct domain *domain);
void domain_free(struct domain *domain);

#endif
