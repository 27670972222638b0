// SPDX-License-Identifier: GPL-2.0-only
/* Another host: its own mdev-precheck is asked, by ssh and in JSON */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"
#include "remote.h"

/* An answer has at most some lines for each type of a host */
#define ANSWER_MAX	(64 * 1024 * 1024)

static const char *remote_program(const struct settings *settings)
{
	return settings->remote ? settings->remote : "mdev-precheck";
}

/* The limit of this command is one there as well, whatever that has of its own */
static char *remote_limit(const struct settings *settings)
{
	long limit = settings->timeout < 0 ? ASK_TIMEOUT_MS : settings->timeout;

	return format_text("--timeout %ld.%03ld", limit / 1000, limit % 1000);
}

static char *remote_check(const struct settings *settings, const char *target)
{
	char *place = target ? quoted(target) : NULL;
	char *limit = remote_limit(settings);
	char *command;

	command = format_text("%s check --json %s --from -%s%s",
			      remote_program(settings), limit,
			      place ? " -- " : "", place ? place : "");
	free(place);
	free(limit);
	return command;
}

/* Never returns */
static void run_ssh(const struct settings *settings, const char *host,
		    char *command, int end)
{
	struct list arguments = {};
	size_t i;

	list_add(&arguments, "ssh");
	for (i = 0; i < settings->ssh.num; i++)
		list_add(&arguments, settings->ssh.items[i]);
	list_add(&arguments, "--");
	list_add(&arguments, host);
	list_add(&arguments, command);
	list_add(&arguments, NULL);

	if (dup2(end, STDIN_FILENO) >= 0 && dup2(end, STDOUT_FILENO) >= 0)
		execvp("ssh", (char *const *)arguments.items);
	not_done(errno, "ssh");
	_exit(255);
}

/**
 * struct exchange - a question and its answer on their way
 * @question: what is sent
 * @left: bytes of it that are not sent yet
 * @answer: what has been received
 * @len: its length
 * @size: bytes there is room for
 */
struct exchange {
	const char *question;
	size_t left;
	char *answer;
	size_t len;
	size_t size;
};

/* exchange - until the other end is closed; 0 or a negative errno */
static int exchange_all(int fd, struct exchange *exchange)
{
	for (;;) {
		struct pollfd end = {
			.fd = fd,
			.events = POLLIN | (exchange->left ? POLLOUT : 0),
		};
		ssize_t count;

		if (poll(&end, 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (end.revents & POLLOUT) {
			count = send(fd, exchange->question, exchange->left,
				     MSG_NOSIGNAL | MSG_DONTWAIT);
			/* It may have ended with an answer, or in an error */
			if (count < 0 && errno != EAGAIN && errno != EINTR)
				exchange->left = 0;
			if (count > 0) {
				exchange->question += count;
				exchange->left -= count;
			}
			if (!exchange->left)
				shutdown(fd, SHUT_WR);
		}
		if (!(end.revents & (POLLIN | POLLHUP | POLLERR)))
			continue;

		if (exchange->size - exchange->len < 4096) {
			if (exchange->size >= ANSWER_MAX)
				return -EFBIG;
			exchange->size = 2 * exchange->size + 8192;
			exchange->answer = reallocate(exchange->answer,
						      exchange->size);
		}
		count = recv(fd, exchange->answer + exchange->len,
			     exchange->size - exchange->len, MSG_DONTWAIT);
		if (!count || (count < 0 && errno == ECONNRESET))
			return 0;
		if (count < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (count > 0)
			exchange->len += count;
	}
}

/* explain - an exit status that is none of mdev-precheck's with an answer */
static enum status explain(const char *host, int status)
{
	if (WIFSIGNALED(status)) {
		complain("%s: ssh was ended by signal %d", host, WTERMSIG(status));
		return STATUS_NOT_ASKED;
	}
	switch (WEXITSTATUS(status)) {
	case STATUS_COMPATIBLE:
	case STATUS_INCOMPATIBLE:
	case STATUS_NOT_ASKED:
		return STATUS_COMPATIBLE;
	case 255:
		complain("%s: could not be reached", host);
		break;
	case 126:
	case 127:
		complain("%s: mdev-precheck is not installed there", host);
		break;
	default:
		complain("%s: its mdev-precheck is of another version: exit status %d",
			 host, WEXITSTATUS(status));
		break;
	}
	return STATUS_NOT_ASKED;
}

/**
 * run_remote - run mdev-precheck on another host
 * @settings: options for ssh
 * @host: as ssh takes it
 * @command: for the shell there
 * @exchange: its standard input and output; the answer is to be freed
 *
 * Return: STATUS_COMPATIBLE with an answer, STATUS_NOT_ASKED after a message.
 */
static enum status run_remote(const struct settings *settings, const char *host,
			      char *command, struct exchange *exchange)
{
	int ends[2], status, error;
	enum status result;
	pid_t pid;

	if (settings->verbosity > 0)
		complain("%s: %s", host, command);
	/* What is left to print would be printed twice */
	fflush(stdout);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return not_done(errno, "%s", host);
	pid = fork();
	if (pid < 0) {
		result = not_done(errno, "%s", host);
		close(ends[0]);
		close(ends[1]);
		return result;
	}
	if (!pid)
		run_ssh(settings, host, command, ends[1]);
	close(ends[1]);

	error = exchange_all(ends[0], exchange);
	close(ends[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (error)
		return not_done(error, "the answer of %s", host);
	result = explain(host, status);
	/* It may have said why */
	if (!result && !exchange->len) {
		complain("%s: it has given no answer", host);
		result = STATUS_NOT_ASKED;
	}
	return result;
}

static enum status not_understood(const char *host, const char *wrong)
{
	complain("%s: its answer is not to be understood: %s", host, wrong);
	return STATUS_NOT_ASKED;
}

enum status ask_remote(const struct settings *settings, const char *host,
		       const struct sources *sources, const char *target,
		       struct verdicts *verdicts)
{
	struct exchange exchange = {};
	const char *wrong = NULL;
	char *command, *question;
	enum status status;
	size_t len;
	FILE *file;

	file = open_memstream(&question, &len);
	if (!file)
		return not_done(errno, "the question to %s", host);
	write_sources(file, sources);
	fclose(file);
	exchange.question = question;
	exchange.left = len;

	command = remote_check(settings, target);
	status = run_remote(settings, host, command, &exchange);
	if (!status)
		wrong = parse_verdicts(exchange.answer, exchange.len, host,
				       sources, verdicts);
	if (wrong)
		status = not_understood(host, wrong);
	free(exchange.answer);
	free(question);
	free(command);
	return status;
}

enum status export_remote(const struct settings *settings, const char *host,
			  struct sources *sources)
{
	struct exchange exchange = {};
	size_t first = sources->num, i;
	const char *wrong = NULL;
	enum status status;
	char *limit = remote_limit(settings);
	char *command;

	command = format_text("%s export %s", remote_program(settings), limit);
	free(limit);
	status = run_remote(settings, host, command, &exchange);
	if (!status)
		wrong = parse_sources(exchange.answer, exchange.len, sources);
	if (wrong)
		status = not_understood(host, wrong);
	/* Its name for itself may be that of another one */
	for (i = first; i < sources->num; i++) {
		free(sources->items[i].host);
		sources->items[i].host = duplicate(host);
	}
	free(exchange.answer);
	free(command);
	return status;
}
