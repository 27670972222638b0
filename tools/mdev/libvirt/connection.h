/* SPDX-License-Identifier: GPL-2.0-only */
/* libvirt, with messages of our own */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <libvirt/libvirt.h>

#include "options.h"

/* open_libvirt - that of --connect, only to read or for all; NULL without a message */
virConnectPtr open_libvirt(const struct settings *settings, bool read_only);
/* not_connected - print why it is NULL */
enum outcome not_connected(const struct settings *settings);

/**
 * check_host - is libvirt on this host?  The devices are.
 * @connection: libvirt
 * @settings: the command line
 *
 * Return: DONE; after a message MISUSED if the command line has a URI of another host,
 * FAILED if it does not have a URI.
 */
enum outcome check_host(virConnectPtr connection, const struct settings *settings);

/* own_uuid - what libvirt has as the UUID of its host, allocated; NULL if it does not have one */
char *own_uuid(virConnectPtr connection);

/* find_domain - by its UUID or name; NULL after a message */
virDomainPtr find_domain(virConnectPtr connection, const char *operand);

/* libvirt_error - print libvirt's last error, which is about the domain @name */
enum outcome libvirt_error(const char *name);

/**
 * unread_reason - why the type or the version of a device could not be read
 * @host: this host
 * @error: negative errno of the library
 *
 * Return: a phrase for people, allocated.
 */
char *unread_reason(struct mdev_precheck *host, int error);

#endif
