/* SPDX-License-Identifier: GPL-2.0-only */
/* libvirt, with messages of our own */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <libvirt/libvirt.h>

#include "command.h"

/* open_libvirt - that of --connect, only to read or for all; NULL without a message */
virConnectPtr open_libvirt(const struct settings *settings, bool read_only);
/* not_connected - say why it is NULL */
enum status not_connected(const struct settings *settings);

/* find_domain - by its UUID or name; NULL after a message */
virDomainPtr find_domain(virConnectPtr connection, const char *operand);

/* libvirt_error - what libvirt has last said of the domain @name, as a message */
enum status libvirt_error(const char *name);
/* no_device - why the type or version of a domain's device could not be read */
enum status no_device(const char *name, const char *uuid, int error, const char *yet);

#endif
