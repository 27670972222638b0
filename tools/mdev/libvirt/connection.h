/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections to libvirt, and messages about its errors */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <libvirt/libvirt.h>

#include "options.h"

/* open_libvirt - connect to the libvirt of --connect; NULL without a message */
virConnectPtr open_libvirt(const struct settings *settings, bool read_only);
/* not_connected - print why open_libvirt() returned NULL */
enum outcome not_connected(const struct settings *settings);

/**
 * check_uri - check that the URI names this host, where the devices are
 * @settings: the command line
 *
 * Return: DONE; after a message MISUSED if --connect names another host, FAILED if the
 * environment does.
 */
enum outcome check_uri(const struct settings *settings);

/**
 * check_host - check that a connection leads to this host
 * @connection: libvirt
 * @settings: the command line
 *
 * libvirt has aliases of URIs and a default, so check_uri() alone is not enough.  A tunnel can
 * lead from this host to another one, so the names of both hosts are compared, unless the URI
 * names libvirt's usual socket.
 *
 * Return: as check_uri(); FAILED, after a message, also if libvirt does not return a name.
 */
enum outcome check_host(virConnectPtr connection, const struct settings *settings);

/**
 * own_uuid - ask libvirt for the UUID of its host
 * @connection: libvirt
 * @uuid: result: the UUID, allocated, or NULL if libvirt does not have one
 *
 * Return: false after an error of libvirt, after which the UUID is unknown.
 */
bool own_uuid(virConnectPtr connection, char **uuid);

/* find_domain - look a domain up by its UUID or name; NULL after a message */
virDomainPtr find_domain(virConnectPtr connection, const char *operand);

/* libvirt_error - print libvirt's last error, which is about the domain @name */
enum outcome libvirt_error(const char *name);

/**
 * unread_reason - explain why the type or the version of a device could not be read
 * @host: this host
 * @error: negative errno of the library
 *
 * Return: a phrase for people, allocated.
 */
char *unread_reason(struct mdev_precheck *host, int error);

#endif
