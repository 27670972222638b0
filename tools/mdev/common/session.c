// SPDX-License-Identifier: GPL-2.0-only
/* An ssh process, whose input and output never block */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session.h"

/* Bytes of a host's messages that are printed; nobody would read more */
#define MESSAGES_MAX	8192

/* run_ssh - execute ssh in a child, which ends if its parent does; never returns */
static void run_ssh(const struct settings *settings, const char *host, const char *command,
		    int end, int messages, pid_t parent)
{
	struct list arguments = {};
	sigset_t none;
	size_t i;

	/* ssh would inherit from this program that the signal is ignored or blocked */
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(255);
	list_add(&arguments, "ssh");
	for (i = 0; i < settings->ssh.num; i++)
		list_add(&arguments, settings->ssh.items[i]);
	list_add(&arguments, "--");
	list_add(&arguments, host);
	list_add(&arguments, command);
	list_add(&arguments, NULL);

	if (dup2(end, STDIN_FILENO) >= 0 && dup2(end, STDOUT_FILENO) >= 0 &&
	    dup2(messages, STDERR_FILENO) >= 0)
		execvp("ssh", (char *const *)arguments.items);
	dprintf(messages, "ssh cannot be executed: %s\n", strerror(errno));
	_exit(255);
}

int session_start(struct session *session, const struct settings *settings, const char *host,
		  const char *command)
{
	int ends[2], messages[2], error;
	pid_t self = getpid();

	memset(session, 0, sizeof(*session));
	session->host = host;
	session->fd = -1;
	session->messages = -1;
	if (settings->verbosity > 0)
		complain("%s: %s", host, command);
	/* The child would print the text in the buffer once more */
	fflush(stdout);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	if (pipe2(messages, O_CLOEXEC)) {
		error = errno;
		close(ends[0]);
		close(ends[1]);
		return -error;
	}
	session->pid = fork();
	if (!session->pid)
		run_ssh(settings, host, command, ends[1], messages[1], self);
	error = errno;
	close(ends[1]);
	close(messages[1]);
	session->fd = ends[0];
	session->messages = messages[0];
	/* The flag is only for this end of the pipe, and not for the end of ssh */
	fcntl(messages[0], F_SETFL, O_NONBLOCK);
	if (session->pid > 0)
		return 0;
	session->pid = 0;
	session_close(session);
	return -error;
}

void session_send(struct session *session)
{
	ssize_t count = 0;

	if (session->left)
		count = send(session->fd, session->question, session->left,
			     MSG_NOSIGNAL | MSG_DONTWAIT);
	/* ssh may have ended, with an answer or with an error */
	if (count < 0 && errno != EAGAIN && errno != EINTR)
		session->left = 0;
	if (count > 0) {
		session->question += count;
		session->left -= count;
	}
	/* A program there that reads its input to the end must find the end */
	if (!session->left && !session->more)
		shutdown(session->fd, SHUT_WR);
}

ssize_t session_receive(struct session *session, char *part, size_t size)
{
	ssize_t count = recv(session->fd, part, size, MSG_DONTWAIT);

	if (count >= 0)
		return count;
	if (errno == ECONNRESET)
		return 0;
	return errno == EINTR ? -EAGAIN : -errno;
}

void session_listen(struct session *session)
{
	/* As many bytes as a pipe holds */
	char part[65536];
	ssize_t count, i;

	if (session->messages < 0)
		return;
	count = read(session->messages, part, sizeof(part));
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0) {
		close(session->messages);
		session->messages = -1;
		return;
	}
	session->said = checked(realloc(session->said, session->length + count + 1));
	for (i = 0; i < count && session->length < MESSAGES_MAX; i++)
		session->said[session->length++] = part[i] ? part[i] : ' ';
	session->said[session->length] = '\0';
}

void session_report(struct session *session)
{
	char *rest = session->said, *line;
	size_t len;

	while (session->said && (line = strsep(&rest, "\n"))) {
		len = strlen(line);
		/* ssh ends its lines with CR LF */
		if (len && line[len - 1] == '\r')
			line[--len] = '\0';
		if (len)
			complain("%s: %s", session->host, line);
	}
	if (session->length == MESSAGES_MAX)
		complain("%s: the host has printed more than %d bytes: the rest is left out",
			 session->host, MESSAGES_MAX);
	free(session->said);
	session->said = NULL;
	session->length = 0;
}

bool session_ended(struct session *session)
{
	pid_t ended;

	if (!session->pid)
		return true;
	ended = waitpid(session->pid, &session->status, WNOHANG);
	if (!ended || (ended < 0 && errno == EINTR))
		return false;
	session->pid = 0;
	return true;
}

void session_close(struct session *session)
{
	if (session->fd >= 0) {
		/* A child process that asks a driver meanwhile has a copy of the socket */
		shutdown(session->fd, SHUT_RDWR);
		close(session->fd);
	}
	session->fd = -1;
	if (session->messages >= 0)
		close(session->messages);
	session->messages = -1;
}

void session_stop(struct session *session, int signal)
{
	session_close(session);
	session->stopped = true;
	if (session->pid)
		kill(session->pid, signal);
}
