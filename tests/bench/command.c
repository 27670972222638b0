// SPDX-License-Identifier: GPL-2.0-only
/*
 * command ROUNDS STATUS COMMAND ARGUMENT... - print the costs of a command
 *
 * The program runs the command without its output, and prints the least time stamps of the
 * rounds and the most memory in KiB.  Time stamps are instructions of the emulated CPU in a
 * machine with --icount.  The program fails if the command does not exit with STATUS.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

static void run(char **argv)
{
	int null = open("/dev/null", O_WRONLY);

	if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(126);
	execv(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

int main(int argc, char **argv)
{
	unsigned long long least = ~0ULL, start, count;
	struct rusage usage;
	long rounds, expected;
	int status;
	pid_t pid;

	rounds = argc > 3 ? strtol(argv[1], NULL, 10) : 0;
	expected = argc > 3 ? strtol(argv[2], NULL, 10) : 0;
	if (rounds < 1) {
		fputs("usage: command ROUNDS STATUS COMMAND ARGUMENT...\n", stderr);
		return 2;
	}

	for (; rounds; rounds--) {
		start = __rdtsc();
		pid = fork();
		if (!pid)
			run(argv + 3);
		/* The cost of a command that fails would be too low */
		if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
		    WEXITSTATUS(status) != expected) {
			fprintf(stderr, "command: %s: status %d\n", argv[3], status);
			return 1;
		}
		count = __rdtsc() - start;
		if (count < least)
			least = count;
	}
	getrusage(RUSAGE_CHILDREN, &usage);
	printf("%llu %ld\n", least, usage.ru_maxrss);
	return 0;
}
