// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck - ask whether a target's vendor driver takes a mediated device.  The
 * same for mdev-precheck-libvirt, which has other commands.
 */

#include <errno.h>
#include <stdlib.h>

#include "options.h"

int main(int argc, char **argv)
{
	const struct command *command;
	struct settings settings;
	enum exit_status status;

	command = parse_command_line(argc, argv, &settings, &status);
	if (command)
		status = command->run(&settings);

	/* A full disk shows only now, because the text was kept until here */
	if (fflush(stdout) || ferror(stdout))
		status = outcome_status(failed(errno ? errno : EIO, "standard output"));

	free(settings.from.items);
	free(settings.to.items);
	free(settings.ssh.items);
	return status;
}
