// SPDX-License-Identifier: GPL-2.0-only
/*
 * main() of mdev-precheck, which asks whether a target's vendor driver takes a mediated
 * device, and of mdev-precheck-libvirt, which has other commands
 */

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "hosts.h"
#include "options.h"

/* prepare_process - undo settings that the process can have from its parent */
static void prepare_process(void)
{
	int fd;

	/*
	 * If standard error was closed, the next file that is opened would get the messages.
	 * A read or a write of a file that was closed still fails.
	 */
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
	/* waitpid() would fail for children if SIGCHLD is ignored */
	signal(SIGCHLD, SIG_DFL);
	/* With POSIXLY_CORRECT, getopt_long() would refuse options after operands */
	unsetenv("POSIXLY_CORRECT");
}

int main(int argc, char **argv)
{
	const struct command *command;
	struct settings settings;
	enum exit_status status;

	prepare_process();
	/* The locale decides about the characters of names, and not about numbers in documents */
	setlocale(LC_CTYPE, "");
	command = parse_command_line(argc, argv, &settings, &status);
	if (command)
		status = command->run(&settings);

	/* A full disk is an error only now, because the text was in a buffer until here */
	if (fflush(stdout) || ferror(stdout))
		status = outcome_status(failed(errno ? errno : EIO, "standard output"));

	free(settings.from.items);
	free(settings.hosts.items);
	hosts_free(&settings.to);
	free(settings.ssh.items);
	return status;
}
