// SPDX-License-Identifier: GPL-2.0-only
/* stamp and domain: execute another program, because a host can lack libvirt */

#include <errno.h>
#include <unistd.h>

#include "options.h"

#define PROGRAM		LIBEXECDIR "/mdev-precheck-libvirt"

/* run_program - execute the program; return only after a message */
static enum exit_status run_program(const char *command, const struct settings *settings)
{
	execv(PROGRAM, settings->argv);
	if (errno == ENOENT)
		failed(0,
		       "%s: %s is not installed: make install-libvirt, or apt install ./mdev-precheck-libvirt_*.deb",
		       command, PROGRAM);
	else
		failed(errno, "%s: %s", command, PROGRAM);
	return STATUS_NOT_ASKED;
}

enum exit_status run_stamp(const struct settings *settings)
{
	return run_program("stamp", settings);
}

enum exit_status run_domain(const struct settings *settings)
{
	return run_program("domain", settings);
}
