// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck - ask whether a target's vendor driver takes a mediated device.  The
 * same for mdev-precheck-libvirt, which has other commands.
 */

#include <errno.h>
#include <stdlib.h>

#include "command.h"

int main(int argc, char **argv)
{
	const struct command *command;
	struct settings settings;
	enum status status;

	command = parse_command_line(argc, argv, &settings, &status);
	if (command)
		status = command->run(&settings);

	/* A full disk shows only now, and what was not printed was not said */
	if (fflush(stdout) || ferror(stdout))
		status = not_done(errno ? errno : EIO, "standard output");

	free(settings.from.items);
	free(settings.to.items);
	free(settings.ssh.items);
	return status;
}
