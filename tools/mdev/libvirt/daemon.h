/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon that a connection to libvirt may start */
#ifndef DAEMON_H
#define DAEMON_H

#include <stdbool.h>

/**
 * is_stopped - would connecting start a daemon that somebody has stopped?
 * @uri: of libvirt
 *
 * systemd has libvirt's usual socket, and starts the daemon when somebody connects to it.
 *
 * Return: true if systemd runs, @uri is that of the system's libvirt by its usual socket, and
 * neither libvirtd nor virtqemud is active.
 */
bool is_stopped(const char *uri);

#endif
