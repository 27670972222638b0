/* SPDX-License-Identifier: GPL-2.0-only */
/* An ssh process, whose input and output never block */
#ifndef SESSION_H
#define SESSION_H

#include <sys/types.h>

#include "options.h"

/* Milliseconds in which a process has to end */
#define END_MS		1000

/**
 * struct session - an ssh process
 * @host: name of the host, for messages
 * @pid: process id, or 0 if the process has ended or was not started
 * @status: result of waitpid(), once @pid is 0
 * @stopped: a signal was sent to end the process
 * @fd: socket, the other end of its standard input and output, or -1
 * @messages: pipe, the other end of its standard error, or -1
 * @said: text of standard error that was not printed yet, allocated, or NULL
 * @length: bytes in @said
 * @question: text that has to be sent
 * @left: bytes of @question
 * @more: another question can follow, so that standard input stays open
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
 * @settings: the command line with options for ssh
 * @host: name of the host for ssh
 * @command: command for the shell there
 *
 * ssh ends when this program does.
 *
 * Return: 0 or a negative errno.
 */
int session_start(struct session *session, const struct settings *settings, const char *host,
		  const char *command);

/* session_send - send as much of the question as ssh takes, and the end of the input after it */
void session_send(struct session *session);

/* session_receive - read output; the number of bytes, 0 at the end, or a negative errno */
ssize_t session_receive(struct session *session, char *part, size_t size);

/* session_listen - keep the text that has come from standard error */
void session_listen(struct session *session);

/* session_report - print the lines of standard error, each with the name of the host */
void session_report(struct session *session);

/* session_ended - has the process ended?  If it has, @status is set. */
bool session_ended(struct session *session);

/* session_close - close input and output, which ends a host that waits for a question */
void session_close(struct session *session);

/* session_stop - close input and output, and send a signal */
void session_stop(struct session *session, int signal);

#endif
