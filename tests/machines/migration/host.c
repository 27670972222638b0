// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shells on both hosts: the shell of the other host is at the end of a connection that is not
 * encrypted and does not have a password.  The machines do not have another network.
 */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "migrate.h"

#define HOST_TRIES	300
/* Seconds after which a server without a connection gives up */
#define HOST_SECONDS	900

void bail_out(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("Bail out! ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	exit(1);
}

/* text - return a formatted string, which the caller frees */
char *text(const char *format, ...)
{
	va_list args;
	char *made;

	va_start(args, format);
	if (vasprintf(&made, format, args) < 0)
		bail_out("no memory");
	va_end(args);
	return made;
}

/* open_both - open both directions of a socket, with a limit for each answer */
void open_both(int fd, FILE **from, FILE **to)
{
	struct timeval limit = { .tv_sec = ANSWER_SECONDS };
	int copy = dup(fd);

	if (copy < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		bail_out("socket: %s", strerror(errno));
	*from = fdopen(fd, "r");
	*to = fdopen(copy, "w");
	if (!*from || !*to)
		bail_out("no memory");
}

/* connect_to - return a socket, or -1 */
int connect_to(const char *address, int port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 || inet_pton(AF_INET, address, &at.sin_addr) != 1)
		bail_out("a socket for %s cannot be made", address);
	if (connect(fd, (struct sockaddr *)&at, sizeof(at))) {
		close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void become_shell(int fd)
{
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	execl("/bin/sh", "sh", NULL);
	_exit(127);
}

static void prepare_shell(struct host *host)
{
	char *said;

	if (host_run(host, &said, ". /side.sh"))
		bail_out("%s: side.sh: %s", host->name, said);
	free(said);
}

void host_here(struct host *host)
{
	int ends[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		bail_out("socketpair: %s", strerror(errno));
	child = fork();
	if (child < 0)
		bail_out("fork: %s", strerror(errno));
	if (!child)
		become_shell(ends[1]);
	close(ends[1]);
	open_both(ends[0], &host->from_shell, &host->to_shell);
	prepare_shell(host);
}

/* host_there - connect to the shell of the other host, when that has booted */
void host_there(struct host *host, int port)
{
	int tries, fd;

	for (tries = 0; tries < HOST_TRIES; tries++) {
		fd = connect_to(host->address, port);
		if (fd >= 0) {
			open_both(fd, &host->from_shell, &host->to_shell);
			prepare_shell(host);
			return;
		}
		sleep(1);
	}
	bail_out("%s does not answer after %d tries", host->name, HOST_TRIES);
}

/* host_serve - be the shell of the other host until the connection ends; returns a failure */
int host_serve(int port)
{
	struct sockaddr_in any = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, idle = 60;

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) || listen(fd, 1))
		return 1;
	/* The other machine may fail to boot */
	alarm(HOST_SECONDS);
	fd = accept(fd, NULL, NULL);
	alarm(0);
	if (fd < 0)
		return 1;
	/* The other machine may end without closing the connection */
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	become_shell(fd);
	return 1;
}

void host_end(struct host *host)
{
	fclose(host->to_shell);
	fclose(host->from_shell);
}

static void host_vbegin(struct host *host, const char *format, va_list args)
{
	fputs("{ ", host->to_shell);
	vfprintf(host->to_shell, format, args);
	fputs("\n} < /dev/null > /tmp/said 2>&1\necho $? $(wc -c < /tmp/said); cat /tmp/said\n",
	      host->to_shell);
	fflush(host->to_shell);
}

void host_begin(struct host *host, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	host_vbegin(host, format, args);
	va_end(args);
}

/* host_finish - return the exit status; @said is the output without its last newline */
int host_finish(struct host *host, char **said)
{
	char line[64];
	size_t length;
	int status;

	if (!fgets(line, sizeof(line), host->from_shell) ||
	    sscanf(line, "%d %zu", &status, &length) != 2)
		bail_out("%s did not answer", host->name);
	*said = malloc(length + 1);
	if (!*said)
		bail_out("no memory");
	if (fread(*said, 1, length, host->from_shell) != length)
		bail_out("%s did not send its whole answer", host->name);
	if (length && (*said)[length - 1] == '\n')
		length--;
	(*said)[length] = '\0';
	return status;
}

int host_run(struct host *host, char **said, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	host_vbegin(host, format, args);
	va_end(args);
	return host_finish(host, said);
}
