// SPDX-License-Identifier: GPL-2.0-only
/* Another host: its own mdev-precheck is asked, by ssh and in JSON */

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "document.h"
#include "host.h"
#include "remote.h"

/* An answer has at most some lines for each type of a host */
#define ANSWER_MAX	(64 * 1024 * 1024)

/*
 * A host has so many times the limit of a question: ssh takes a part of it, and one driver or
 * two that hang are waited for there
 */
#define HOST_LIMITS	3

/* ssh has so long to end by itself */
#define END_MS		1000

/* If nothing comes, it may have ended although somebody else has its output open */
#define LOOK_MS		100

static long question_limit(const struct settings *settings)
{
	return settings->timeout < 0 ? ASK_TIMEOUT_MS : settings->timeout;
}

/* remote_command - for the shell there, allocated; @target can be NULL */
static char *remote_command(const struct settings *settings, const char *command,
			    const char *target)
{
	char *place = target ? quoted(target) : NULL;
	long limit = question_limit(settings);
	char *text;

	/* The limit is the same there, whatever that program has as its own */
	text = format_text("%s %s --timeout %ld.%03ld%s%s",
			   settings->remote ? settings->remote : "mdev-precheck", command,
			   limit / 1000, limit % 1000, place ? " -- " : "",
			   place ? place : "");
	free(place);
	return text;
}

/* run_ssh - in a child, which ends if its parent does; never returns */
static void run_ssh(const struct settings *settings, const char *host, char *command, int end,
		    pid_t parent)
{
	struct list arguments = {};
	sigset_t none;
	size_t i;

	/* Whoever ignores or blocks the signal would have ssh do so, too */
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

	if (dup2(end, STDIN_FILENO) >= 0 && dup2(end, STDOUT_FILENO) >= 0)
		execvp("ssh", (char *const *)arguments.items);
	failed(errno, "ssh");
	_exit(255);
}

/**
 * struct exchange - a question and its answer on their way
 * @fd: socket
 * @ssh: process id of ssh
 * @ended: ssh has ended
 * @deadline: of now_ms(), or LLONG_MAX
 * @question: what is sent
 * @left: bytes of it that are not sent yet
 * @answer: stream for what is received
 * @len: length of that
 */
struct exchange {
	int fd;
	pid_t ssh;
	bool ended;
	long long deadline;
	const char *question;
	size_t left;
	FILE *answer;
	size_t len;
};

static void send_part(struct exchange *exchange)
{
	ssize_t count = send(exchange->fd, exchange->question, exchange->left,
			     MSG_NOSIGNAL | MSG_DONTWAIT);

	/* It may have ended with an answer, or in an error */
	if (count < 0 && errno != EAGAIN && errno != EINTR)
		exchange->left = 0;
	if (count > 0) {
		exchange->question += count;
		exchange->left -= count;
	}
	if (!exchange->left)
		shutdown(exchange->fd, SHUT_WR);
}

/* receive_part - 0, 1 at the end, or a negative errno */
static int receive_part(struct exchange *exchange)
{
	char part[65536];
	ssize_t count = recv(exchange->fd, part, sizeof(part), MSG_DONTWAIT);

	if (!count || (count < 0 && errno == ECONNRESET))
		return 1;
	if (count < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	exchange->len += count;
	if (exchange->len > ANSWER_MAX)
		return -EFBIG;
	fwrite(part, 1, count, exchange->answer);
	return 0;
}

/* has_ended - has a child ended? It is not waited for */
static bool has_ended(pid_t pid)
{
	siginfo_t info = {};

	return waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid;
}

/* exchange_part - what can be done until @deadline; 1 at the end, or a negative errno */
static int exchange_part(struct exchange *exchange, long long deadline)
{
	struct pollfd end = {
		.fd = exchange->fd,
		.events = POLLIN | (exchange->left ? POLLOUT : 0),
	};
	long long left = deadline - now_ms();
	int ready;

	if (left <= 0)
		return exchange->ended ? 1 : -ETIMEDOUT;
	ready = poll(&end, 1, left > LOOK_MS ? LOOK_MS : (int)left);
	if (ready < 0)
		return errno == EINTR ? 0 : -errno;
	if (!ready)
		exchange->ended = has_ended(exchange->ssh);
	if (end.revents & POLLOUT)
		send_part(exchange);
	return end.revents & (POLLIN | POLLHUP | POLLERR) ? receive_part(exchange) : 0;
}

/* exchange_all - until the other end is closed, or ssh has ended; 0 or a negative errno */
static int exchange_all(struct exchange *exchange)
{
	long long deadline = exchange->deadline;
	bool ended = false;
	int ret = 0;

	/* A program there that reads its input to the end must find that */
	if (!exchange->left)
		shutdown(exchange->fd, SHUT_WR);
	while (!ret) {
		ret = exchange_part(exchange, deadline);
		/* A connection that ssh keeps for others can have the other end as well */
		if (exchange->ended && !ended)
			deadline = now_ms() + END_MS;
		ended = exchange->ended;
	}
	return ret < 0 ? ret : 0;
}

/* wait_until - wait for a child; false if it runs on at @deadline */
static bool wait_until(pid_t pid, long long deadline, int *status)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	pid_t ended;

	for (;;) {
		ended = waitpid(pid, status, WNOHANG);
		if (ended == pid || (ended < 0 && errno != EINTR))
			return true;
		if (now_ms() >= deadline)
			return false;
		nanosleep(&pause, NULL);
	}
}

/* end_ssh - wait for it, or end it; false if it was ended here */
static bool end_ssh(pid_t pid, long long deadline, int *status)
{
	if (wait_until(pid, deadline, status))
		return true;
	kill(pid, SIGTERM);
	if (!wait_until(pid, now_ms() + END_MS, status)) {
		kill(pid, SIGKILL);
		while (waitpid(pid, status, 0) < 0 && errno == EINTR)
			;
	}
	return false;
}

/* no_answer_reason - why the answer is missing, allocated; NULL if it can be there */
static char *no_answer_reason(int error, bool in_time, int status)
{
	if (error == -ETIMEDOUT || (!error && !in_time))
		return duplicate("the host did not answer in time");
	if (error)
		return format_text("the host's answer was not received: %s", strerror(-error));
	if (WIFSIGNALED(status))
		return format_text("the host could not be asked: ssh was ended by signal %d",
				   WTERMSIG(status));
	switch (WEXITSTATUS(status)) {
	case 255:
		return duplicate("the host could not be reached");
	case 126:
	case 127:
		return duplicate("mdev-precheck is not installed on the host");
	case STATUS_COMPATIBLE:
	case STATUS_INCOMPATIBLE:
	case STATUS_USAGE:
	case STATUS_NOT_ASKED:
		return NULL;
	default:
		return format_text("the host's mdev-precheck ended with the exit status %d",
				   WEXITSTATUS(status));
	}
}

/**
 * run_remote - run mdev-precheck on another host
 * @settings: options for ssh, and the limit
 * @host: as ssh takes it
 * @command: for the shell there
 * @question: its standard input, and where it ends
 * @len: length of that
 * @answer: result, its standard output, allocated, or NULL
 * @size: length of that
 * @status: result, its exit status
 *
 * Return: NULL with an answer, or the reason why there is none, allocated.
 */
static char *run_remote(const struct settings *settings, const char *host, char *command,
			const char *question, size_t len, char **answer, size_t *size,
			enum exit_status *status)
{
	long limit = question_limit(settings);
	long long deadline = limit ? now_ms() + HOST_LIMITS * limit : LLONG_MAX;
	struct exchange exchange = {
		.deadline = deadline,
		.question = question,
		.left = len,
	};
	int ends[2], ended = 0, error;
	pid_t pid, self = getpid();
	bool in_time;
	char *reason;

	*answer = NULL;
	*size = 0;
	if (settings->verbosity > 0)
		complain("%s: %s", host, command);
	/* The child would print once more what is left to print */
	fflush(stdout);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return format_text("ssh cannot be started: %s", strerror(errno));
	pid = fork();
	if (!pid)
		run_ssh(settings, host, command, ends[1], self);
	error = errno;
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return format_text("ssh cannot be started: %s", strerror(error));
	}

	exchange.fd = ends[0];
	exchange.ssh = pid;
	exchange.answer = checked(open_memstream(answer, size));
	error = exchange_all(&exchange);
	close(ends[0]);
	if (fclose(exchange.answer))
		checked(NULL);
	in_time = end_ssh(pid, error ? 0 : deadline, &ended);
	reason = no_answer_reason(error, in_time, ended);
	*status = WEXITSTATUS(ended);
	return reason;
}

/* wrong_answer - the sentence for what is wrong with an answer; @wrong is freed */
static char *wrong_answer(char *wrong)
{
	char *reason = format_text("the host's answer is not believed: %s", wrong);

	free(wrong);
	return reason;
}

/* answer_of - the answers, or the reason why there are none */
static char *answer_of(const struct settings *settings, const char *host,
		       const struct sources *sources, const char *target,
		       enum exit_status *status, struct answers *answers)
{
	char *question = NULL, *answer, *command, *reason;
	size_t len, size;
	FILE *file;

	file = checked(open_memstream(&question, &len));
	write_sources(file, sources);
	if (fclose(file))
		checked(NULL);
	command = remote_command(settings, "check --json --from -", target);
	reason = run_remote(settings, host, command, question, len, &answer, &size, status);
	/* The target is the only part of the command line there that is from here */
	if (!reason && *status == STATUS_USAGE && (!target || size))
		reason = duplicate("the host's mdev-precheck is of another version");
	/* Whoever writes the command can have it ask a fixture */
	if (!reason && *status != STATUS_USAGE) {
		reason = parse_answers(answer, size, *status, host, sources, target,
				       settings->remote, answers);
		if (reason)
			reason = wrong_answer(reason);
	}
	free(answer);
	free(command);
	free(question);
	return reason;
}

/* is_sendable - a name that a document has to change would be that of another type */
static bool is_sendable(const struct mdev_precheck_source *source)
{
	return is_utf8(source->type, strlen(source->type));
}

/**
 * merge_answers - put answers about some sources among those about all
 * @host: name of the host
 * @sources: all sources
 * @sent: answers about those that could be sent, in their order
 * @reason: why there are none, or NULL
 * @answers: where they go to
 */
static void merge_answers(const char *host, const struct sources *sources,
			  struct answers *sent, const char *reason,
			  struct answers *answers)
{
	size_t i, number = 0, next = 0;

	for (i = 0; i < sources->num; i++) {
		const char *type = sources->items[i]->type;

		if (!is_sendable(sources->items[i])) {
			answers_add_not_asked(answers, i, host, NULL, type, EILSEQ,
					      "the name of the type is not UTF-8, so that it cannot be sent");
			continue;
		}
		if (reason)
			answers_add_not_asked(answers, i, host, NULL, type, 0, reason);
		for (; next < sent->num && sent->items[next].source == number; next++)
			answers_move(answers, i, &sent->items[next]);
		number++;
	}
	/* The answers belong to the other array now */
	free(sent->items);
}

enum outcome ask_remote(const struct settings *settings, const char *host,
			const struct sources *sources, const char *target,
			struct answers *answers)
{
	enum exit_status status = STATUS_NOT_ASKED;
	struct sources sendable = {};
	struct answers sent = {};
	char *reason = NULL;
	size_t i;
	bool any;

	for (i = 0; i < sources->num; i++) {
		if (is_sendable(sources->items[i]))
			sources_copy(&sendable, sources->items[i], source_name(sources, i));
	}
	if (sendable.num)
		reason = answer_of(settings, host, &sendable, target, &status, &sent);
	any = sendable.num;
	sources_free(&sendable);
	if (!reason && any && status == STATUS_USAGE) {
		complain("%s: the host calls the target %s, or another word, a mistake",
			 host, target);
		return MISUSED;
	}
	merge_answers(host, sources, &sent, reason, answers);
	free(reason);
	return DONE;
}

/* export_status - a host with a parent that cannot be looked into has a document, too */
static char *export_status(enum exit_status status)
{
	if (status == STATUS_COMPATIBLE || status == STATUS_NOT_ASKED)
		return NULL;
	return format_text("the host's mdev-precheck ended with the exit status %d", status);
}

char *export_remote(const struct settings *settings, const char *host,
		    struct sources *sources, struct list *left_out)
{
	enum exit_status status = STATUS_NOT_ASKED;
	size_t size, i;
	char *answer, *command, *reason;
	struct mdev_precheck_source named;
	struct sources own = {};

	command = remote_command(settings, "export", NULL);
	reason = run_remote(settings, host, command, NULL, 0, &answer, &size, &status);
	if (!reason)
		reason = export_status(status);
	if (!reason) {
		reason = parse_sources(answer, size, &own, left_out);
		if (reason)
			reason = wrong_answer(reason);
	}
	/* The document ends where reading failed, and a message has the reason */
	if (reason && status == STATUS_NOT_ASKED) {
		free(reason);
		reason = duplicate("the host's types could not be read");
	}
	/* Its name for itself may be that of another one */
	for (i = 0; !reason && i < own.num; i++) {
		named = *own.items[i];
		named.host = host;
		sources_copy(sources, &named, source_name(&own, i));
	}
	sources_free(&own);
	free(answer);
	free(command);
	return reason;
}

void remotes_begin(struct remotes *remotes, const struct settings *settings)
{
	size_t i;

	remotes->settings = settings;
	remotes->num = settings->to.num;
	remotes->items = allocate((remotes->num + 1) * sizeof(*remotes->items));
	for (i = 0; i < remotes->num; i++)
		remotes->items[i].name = settings->to.items[i];
}

void remotes_export(struct remotes *remotes)
{
	size_t i;

	for (i = 0; i < remotes->num; i++) {
		struct remote *remote = &remotes->items[i];

		remote->reason = export_remote(remotes->settings, remote->name, &remote->sources,
					       &remote->left_out);
	}
}

enum outcome remotes_ask(struct remotes *remotes, const struct sources *questions,
			 const char *target)
{
	size_t i, misused = 0;

	for (i = 0; i < remotes->num && questions->num; i++) {
		struct remote *remote = &remotes->items[i];

		if (remote->reason)
			continue;
		if (ask_remote(remotes->settings, remote->name, questions, target,
			       &remote->answers) == DONE)
			continue;
		misused++;
		remote->reason = format_text("the host calls the target %s, or another word, a mistake",
					     target);
	}
	return misused && misused == remotes->num ? MISUSED : DONE;
}

/* move_answers - those about one question, from the number @next on */
static void move_answers(struct remote *remote, size_t question, const char *type, size_t *next,
			 struct answers *answers)
{
	const struct answers *own = &remote->answers;

	if (remote->reason)
		answers_add_not_asked(answers, question, remote->name, NULL, type, 0,
				      remote->reason);
	for (; *next < own->num && own->items[*next].source == question; ++*next)
		answers_move(answers, question, &own->items[*next]);
}

void remotes_answers(struct remotes *remotes, const struct sources *questions,
		     struct answers *answers)
{
	size_t *next = allocate((remotes->num + 1) * sizeof(*next));
	size_t i, j;

	for (i = 0; i < questions->num; i++) {
		for (j = 0; j < remotes->num; j++)
			move_answers(&remotes->items[j], i, questions->items[i]->type, &next[j],
				     answers);
	}
	for (j = 0; j < remotes->num; j++) {
		free(remotes->items[j].answers.items);
		memset(&remotes->items[j].answers, 0, sizeof(remotes->items[j].answers));
	}
	free(next);
}

void remotes_end(struct remotes *remotes)
{
	size_t i, j;

	for (i = 0; i < remotes->num; i++) {
		struct remote *remote = &remotes->items[i];

		free(remote->reason);
		sources_free(&remote->sources);
		for (j = 0; j < remote->left_out.num; j++)
			free((char *)remote->left_out.items[j]);
		free(remote->left_out.items);
		answers_free(&remote->answers);
	}
	free(remotes->items);
	memset(remotes, 0, sizeof(*remotes));
}
