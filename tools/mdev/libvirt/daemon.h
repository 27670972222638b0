/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon that a connection to libvirt may start */
#ifndef DAEMON_H
#define DAEMON_H

#include <stdbool.h>

/**
 * is_stopped - would a connection start a daemon that an administrator stopped?
 * @uri: the URI of libvirt
 *
 * systemd has libvirt's usual socket, and starts the daemon when a client connects to it.
 *
 * Return: true if systemd runs, @uri names the usual socket of the system's libvirt, and
 * neither libvirtd nor virtqemud is active.
 */
bool is_stopped(const char *uri);

#endif
