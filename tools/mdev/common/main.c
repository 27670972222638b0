// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck - ask whether a target's vendor driver takes a mediated device.  The
 * same for mdev-precheck-libvirt, which has other commands.
 */

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "hosts.h"
#include "options.h"

/* prepare_process - undo what whoever executes the program can have done to it */
static void prepare_process(void)
{
	int fd;

	/*
	 * A file that is opened in the place of standard error would get the messages.  What
	 * is written to a stream that was closed, or read from it, is an error all the same.
	 */
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
	/* A child whose end is ignored cannot be waited for */
	signal(SIGCHLD, SIG_DFL);
	/* Options may come after operands */
	unsetenv("POSIXLY_CORRECT");
}

int main(int argc, char **argv)
{
	const struct command *command;
	struct settings settings;
	enum exit_status status;

	prepare_process();
	/* Only for the characters of names: numbers in documents are the same everywhere */
	setlocale(LC_CTYPE, "");
	command = parse_command_line(argc, argv, &settings, &status);
	if (command)
		status = command->run(&settings);

	/* A full disk shows only now, because the text was kept until here */
	if (fflush(stdout) || ferror(stdout))
		status = outcome_status(failed(errno ? errno : EIO, "standard output"));

	free(settings.from.items);
	free(settings.hosts.items);
	hosts_free(&settings.to);
	free(settings.ssh.items);
	return status;
}
