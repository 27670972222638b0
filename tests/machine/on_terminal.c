// SPDX-License-Identifier: GPL-2.0-only
/*
 * "on_terminal COLUMNS COMMAND ARGUMENT..." runs a command on a terminal of that width, and
 * copies the output of the terminal to standard output.  It ends with the command's status.
 */

#include <errno.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* copy - copy until the other side has closed the terminal, which is EIO here */
static int copy(int terminal)
{
	char part[4096];
	ssize_t count;

	while ((count = read(terminal, part, sizeof(part))) > 0) {
		if (fwrite(part, 1, count, stdout) != (size_t)count)
			return -1;
	}
	return count < 0 && errno != EIO ? -1 : fflush(stdout);
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 50 };
	/* A newline stays one character, and input is not echoed */
	struct termios plain = { .c_cflag = CS8 | CREAD };
	int terminal, status;
	pid_t pid;

	size.ws_col = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
	if (!size.ws_col) {
		fputs("usage: on_terminal COLUMNS COMMAND ARGUMENT...\n", stderr);
		return 2;
	}
	pid = forkpty(&terminal, NULL, &plain, &size);
	if (!pid) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || copy(terminal) || waitpid(pid, &status, 0) != pid) {
		perror("on_terminal");
		return 126;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
