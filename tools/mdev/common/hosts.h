/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of other hosts, of the command line and of files */
#ifndef HOSTS_H
#define HOSTS_H

#include "options.h"

/* is_host - can it be one for ssh? It does not begin with "-", and has no blank in it. */
bool is_host(const char *name);

/* hosts_add - a copy of @name, unless the host is there already; it is asked once */
void hosts_add(struct list *hosts, const char *name);

/**
 * hosts_read - add the hosts of a file of --hosts
 * @hosts: where they are added
 * @name: file, or - for standard input: one host a line; empty lines, and those that begin with
 *	"#", are left out
 *
 * Return: DONE; MISUSED after a message with the line, or if the file does not name a host.
 */
enum outcome hosts_read(struct list *hosts, const char *name);

void hosts_free(struct list *hosts);

#endif
