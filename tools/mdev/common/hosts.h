/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of other hosts, on the command line and in files */
#ifndef HOSTS_H
#define HOSTS_H

#include "options.h"

/* is_host - can ssh take @name for a host?  It has no blank, and does not begin with "-". */
bool is_host(const char *name);

/* hosts_add - add a copy of @name, unless @hosts has it, so that each host is asked once */
void hosts_add(struct list *hosts, const char *name);

/**
 * hosts_read - add the hosts of a file of --hosts
 * @hosts: list that gets the hosts
 * @name: file, or - for standard input, with one host in a line; empty lines, and lines that
 *	begin with "#", are left out
 *
 * Return: DONE; MISUSED after a message with the line, or if the file does not name a host.
 */
enum outcome hosts_read(struct list *hosts, const char *name);

void hosts_free(struct list *hosts);

#endif
