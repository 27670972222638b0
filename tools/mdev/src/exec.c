// SPDX-License-Identifier: GPL-2.0-only
/* Commands that another program has: there are hosts that have no libvirt */

#include <errno.h>
#include <unistd.h>

#include "command.h"

#define PROGRAM		LIBEXECDIR "/mdev-precheck-libvirt"

/* run_program - returns only after a message */
static enum status run_program(const char *command, const struct settings *settings)
{
	execv(PROGRAM, settings->argv);
	if (errno != ENOENT)
		return not_done(errno, "%s: %s", command, PROGRAM);
	complain("%s: %s is not installed: make install-libvirt", command, PROGRAM);
	return STATUS_NOT_ASKED;
}

enum status run_stamp(const struct settings *settings)
{
	return run_program("stamp", settings);
}

enum status run_domain(const struct settings *settings)
{
	return run_program("domain", settings);
}
