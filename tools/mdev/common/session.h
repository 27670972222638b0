/* SPDX-License-Identifier: GPL-2.0-only */
/* An ssh process, and what goes to it and comes from it without waiting */
#ifndef SESSION_H
#define SESSION_H

#include <sys/types.h>

#include "options.h"

/* A process that is to end has so many milliseconds for it */
#define END_MS		1000

/**
 * struct session - an ssh process
 * @host: name of the host, for messages
 * @pid: process id, or 0 if it does not have to be waited for
 * @status: of waitpid(), once @pid is 0
 * @stopped: it was sent a signal, so that it ends
 * @fd: socket, its standard input and output, or -1
 * @messages: pipe, its standard error, or -1
 * @said: what has come of that and was not printed, allocated, or NULL
 * @length: bytes in @said
 * @question: what is still to be sent
 * @left: bytes of it
 * @more: another question can follow, so that its standard input is not closed
 */
struct session {
	const char *host;
	pid_t pid;
	int status;
	bool stopped;
	int fd;
	int messages;
	char *said;
	size_t length;
	const char *question;
	size_t left;
	bool more;
};

/**
 * session_start - execute ssh
 * @session: result
 * @settings: options for ssh
 * @host: as ssh takes it
 * @command: for the shell there
 *
 * ssh ends when this program does.
 *
 * Return: 0 or a negative errno.
 */
int session_start(struct session *session, const struct settings *settings, const char *host,
		  const char *command);

/* session_send - as much of the question as ssh takes; its end is the end of the input */
void session_send(struct session *session);

/* session_receive - bytes of its output, 0 at the end, or a negative errno, as -EAGAIN */
ssize_t session_receive(struct session *session, char *part, size_t size);

/* session_listen - keep what has come of its standard error */
void session_listen(struct session *session);

/* session_report - print the lines of that, each with the host; lines of two hosts never mix */
void session_report(struct session *session);

/* session_ended - has the process ended? Its status is kept. */
bool session_ended(struct session *session);

/* session_close - close its input and all output; a host that waits for a question ends then */
void session_close(struct session *session);

/* session_stop - close them, and send it a signal */
void session_stop(struct session *session, int signal);

#endif
