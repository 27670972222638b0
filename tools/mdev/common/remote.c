// SPDX-License-Identifier: GPL-2.0-only
/* Other hosts, whose own mdev-precheck is asked over ssh, in JSON, all at once */

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "clock.h"
#include "document.h"
#include "host.h"
#include "progress.h"
#include "remote.h"
#include "session.h"

/* Bytes of an answer, which has some lines for each type of a host */
#define ANSWER_MAX	(64 * 1024 * 1024)

/*
 * A phase of a host may take this many times the limit of a question.  ssh takes a part of the
 * time, and the host may wait for one driver or two that hang.
 */
#define HOST_LIMITS	3

/*
 * Sessions that are set up at once.  With -J, all of them go to one sshd, which refuses some
 * when ten did not log in yet, see MaxStartups in sshd_config(5).
 */
#define SET_UP_MAX	8

/* Milliseconds without output after which a host does not delay the start of others */
#define SET_UP_MS	1000

/* Time between two looks at an ssh whose output somebody else may have open after its end */
#define LOOK_MS		100

/* Time between two looks at an ssh whose output has ended, for its exit status */
#define LOOK_AT_END_MS	5

/* Files that are open beside the two files of each session */
#define OTHER_FILES	64

/* A line of MARK and the exit status of export ends the types of a host */
#define MARK	"mdev-precheck-export-status"

/* The line for which a host waits after its types; the question follows it */
#define GO_ON	"ask\n"

/**
 * enum phase - how far the session of a host is
 * @PHASE_NONE: the session was not started
 * @PHASE_EXPORT: the host prints its types
 * @PHASE_READY: the host waits for questions
 * @PHASE_CHECK: the host gets the questions, and prints its answers
 * @PHASE_OVER: the session has ended
 */
enum phase {
	PHASE_NONE,
	PHASE_EXPORT,
	PHASE_READY,
	PHASE_CHECK,
	PHASE_OVER,
};

/**
 * struct exchange - the state of a host's session
 * @ssh: ssh process
 * @phase: how far the session is
 * @begun: start of ssh, as now_ms() counts
 * @heard: the host has printed something
 * @deadline: end of the phase, as now_ms() counts, or LLONG_MAX
 * @gone: after the end of ssh, the time until which its output is read if somebody else has it
 *	open; otherwise 0
 * @closed: the output has ended, and the exit status is awaited
 * @reader: reader of the document of the phase, or NULL
 * @len: bytes that have come in the phase
 * @line: the last line, held back from the reader as long as it begins like MARK
 * @held: bytes in @line
 * @plain: the last line does not begin like MARK
 * @misused: the host called the target a mistake
 * @ends: entries for poll() of its output and its messages, while they are awaited
 */
struct exchange {
	struct session ssh;
	enum phase phase;
	long long begun;
	bool heard;
	long long deadline;
	long long gone;
	bool closed;
	struct reader *reader;
	size_t len;
	char line[sizeof(MARK) + 5];
	size_t held;
	bool plain;
	bool misused;
	struct pollfd *ends;
};

/**
 * struct round - one phase of all hosts
 * @remotes: hosts
 * @phase: PHASE_EXPORT or PHASE_CHECK
 * @command: command for the sessions that are started
 * @question: GO_ON, and the document of the sources that are sent
 * @len: length of @question
 * @sources: all sources
 * @sent: sources that can be sent
 * @target: operand, or NULL
 * @next: number of the next host that may have to be started
 * @most: number of hosts for which the program may have files
 * @ends: entries for poll(), two for each host that is awaited
 */
struct round {
	struct remotes *remotes;
	enum phase phase;
	char *command;
	char *question;
	size_t len;
	const struct sources *sources;
	struct sources sent;
	const char *target;
	size_t next;
	size_t most;
	struct pollfd *ends;
};

static long question_limit(const struct settings *settings)
{
	return settings->timeout < 0 ? ASK_TIMEOUT_MS : settings->timeout;
}

static long long phase_deadline(const struct settings *settings)
{
	long limit = question_limit(settings);

	return limit ? now_ms() + HOST_LIMITS * limit : LLONG_MAX;
}

/* remote_command - write a command for the shell of a host, allocated; @target can be NULL */
static char *remote_command(const struct settings *settings, const char *command,
			    const char *target)
{
	char *place = target ? quoted(target) : NULL;
	long limit = question_limit(settings);
	char *text;

	/* The command has --timeout, because the program there can have another default */
	text = format_text("%s %s --timeout %ld.%03ld%s%s",
			   settings->remote ? settings->remote : DEFAULT_REMOTE, command,
			   limit / 1000, limit % 1000, place ? " -- " : "",
			   place ? place : "");
	free(place);
	return text;
}

static const char check_words[] = "check --json --from -";

/*
 * both_command - write a command that prints the types, their status, and answers to questions
 *
 * The command calls sh, because the login shell can be another shell.  Each program has a shell
 * of its own, because --remote can begin with "exec".
 */
static char *both_command(const struct settings *settings)
{
	char *export = remote_command(settings, "export", NULL);
	char *check = remote_command(settings, check_words, NULL);
	char *text, *word, *result;

	text = format_text("(%s) </dev/null; s=$?; echo; echo %s $s; read -r go && (%s)",
			   export, MARK, check);
	word = quoted(text);
	result = format_text("sh -c %s", word);
	free(word);
	free(text);
	free(check);
	free(export);
	return result;
}

/* wrong_answer - write the reason for a mistake in an answer, allocated */
static char *wrong_answer(const char *wrong)
{
	return format_text("the host's answer is not believed: %s", wrong);
}

/* settle - end the session of a host, which gets @reason; that may be NULL */
static void settle(struct remote *remote, char *reason)
{
	struct exchange *exchange = remote->exchange;

	remote->reason = reason;
	exchange->phase = PHASE_OVER;
	reader_free(exchange->reader);
	exchange->reader = NULL;
	/* Messages of the host can explain the reason */
	session_listen(&exchange->ssh);
	if (exchange->ssh.pid)
		session_stop(&exchange->ssh, SIGTERM);
	else
		session_close(&exchange->ssh);
}

/* status_reason - write the reason for an exit status that is not an answer; NULL for others */
static char *status_reason(int status)
{
	switch (status) {
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
				   status);
	}
}

/* end_reason - write the reason if ssh ended without an answer, or NULL */
static char *end_reason(const struct exchange *exchange)
{
	int status = exchange->ssh.status;

	if (WIFSIGNALED(status))
		return format_text("the host could not be asked: ssh was ended by signal %d",
				   WTERMSIG(status));
	if (WEXITSTATUS(status) == 255)
		return duplicate(exchange->heard ? "the connection to the host has ended" :
						   "the host could not be reached");
	return status_reason(WEXITSTATUS(status));
}

/* begin_phase - begin a phase, whose document @reader reads; it belongs to the exchange */
static void begin_phase(struct exchange *exchange, enum phase phase, struct reader *reader,
			const struct settings *settings)
{
	exchange->phase = phase;
	exchange->deadline = phase_deadline(settings);
	exchange->reader = reader;
	exchange->len = 0;
}

/* keep_sources - keep the sources of the document; return NULL, or the reason */
static char *keep_sources(struct remote *remote)
{
	char *wrong, *reason;

	wrong = end_sources(remote->exchange->reader, &remote->sources, &remote->left_out);
	remote->exchange->reader = NULL;
	/* The host can have the name of another host in its document */
	sources_set_host(&remote->sources, 0, remote->name, true);
	reason = wrong ? wrong_answer(wrong) : NULL;
	free(wrong);
	return reason;
}

/* export_reason - check the types and the status of export; NULL, or the reason, allocated */
static char *export_reason(struct remote *remote, int status)
{
	char *reason = status_reason(status);

	/* With STATUS_NOT_ASKED, the host may have a parent that cannot be looked into */
	if (!reason && status != STATUS_COMPATIBLE && status != STATUS_NOT_ASKED)
		reason = format_text("the host's mdev-precheck ended with the exit status %d",
				     status);
	if (reason)
		return reason;
	reason = keep_sources(remote);
	/* If reading failed, the document does not have an end, and a message has the reason */
	if (reason && status == STATUS_NOT_ASKED) {
		free(reason);
		reason = duplicate("the host's types could not be read");
	}
	return reason;
}

/* mark_status - read the exit status in a line that begins with MARK; -1 for another line */
static int mark_status(const char *line)
{
	unsigned long status;
	char *end;

	line += strlen(MARK);
	if (line[0] != ' ' || line[1] < '0' || line[1] > '9')
		return -1;
	status = strtoul(line + 1, &end, 10);
	return *end == '\n' && status <= 255 ? (int)status : -1;
}

/* feed_line - give the rest of a line to the document's reader; return its number of bytes */
static size_t feed_line(struct exchange *exchange, const char *bytes, size_t count)
{
	const char *end = memchr(bytes, '\n', count);
	size_t len = end ? (size_t)(end + 1 - bytes) : count;

	reader_feed(exchange->reader, bytes, len);
	exchange->plain = !end;
	return len;
}

/* hold_byte - hold back a byte of a line that begins like MARK; true at the end of that line */
static bool hold_byte(struct exchange *exchange, char byte)
{
	static const char mark[] = MARK;
	bool plain;

	if (exchange->held < strlen(mark))
		plain = byte != mark[exchange->held];
	else
		plain = byte != '\n' && exchange->held + 1 == sizeof(exchange->line);
	exchange->line[exchange->held++] = byte;
	if (plain) {
		feed_line(exchange, exchange->line, exchange->held);
		exchange->held = 0;
		return false;
	}
	return exchange->held > strlen(mark) && byte == '\n';
}

static const char came_early[] = "it came before the host was asked";

/* take_export - read a part of the types, and keep them after the last part */
static void take_export(struct remote *remote, const char *bytes, size_t count)
{
	struct exchange *exchange = remote->exchange;
	bool marked = false;
	size_t i = 0;
	char *reason;
	int status;

	while (i < count && !marked) {
		if (exchange->plain)
			i += feed_line(exchange, bytes + i, count - i);
		else
			marked = hold_byte(exchange, bytes[i++]);
	}
	if (!marked)
		return;
	status = mark_status(exchange->line);
	if (status < 0)
		reason = wrong_answer("an exit status does not follow the types");
	else if (i < count)
		reason = wrong_answer(came_early);
	else
		reason = export_reason(remote, status);
	if (reason)
		settle(remote, reason);
	else
		exchange->phase = PHASE_READY;
}

/* is_sendable - can a document have the name of the source's type without a change? */
static bool is_sendable(const struct mdev_precheck_source *source)
{
	return is_utf8(source->type, strlen(source->type));
}

/**
 * merge_answers - give a host one answer or more about each source
 * @remote: host, which gets the answers
 * @sources: all sources
 * @sent: answers about the sources that could be sent, in their order; they are moved
 */
static void merge_answers(struct remote *remote, const struct sources *sources,
			  struct answers *sent)
{
	size_t i, number = 0, next = 0;

	for (i = 0; i < sources->num; i++) {
		const char *type = sources->items[i]->type;

		if (!is_sendable(sources->items[i])) {
			answers_add_not_asked(&remote->answers, i, remote->name, NULL, type, EILSEQ,
					      "the name of the type is not UTF-8, so that it cannot be sent");
			continue;
		}
		for (; next < sent->num && sent->items[next].source == number; next++)
			answers_move(&remote->answers, i, &sent->items[next]);
		number++;
	}
	/* The answers belong to the other array now */
	free(sent->items);
}

/* believe_answers - check and keep the whole answer; NULL, or the reason, allocated */
static char *believe_answers(const struct round *round, struct remote *remote)
{
	struct exchange *exchange = remote->exchange;
	enum exit_status status = WEXITSTATUS(exchange->ssh.status);
	struct answers sent = {};
	char *wrong, *reason;

	/* The target is the only word of the host's command line that a user chose here */
	if (status == STATUS_USAGE && (!round->target || exchange->len))
		return duplicate("the host's mdev-precheck is of another version");
	if (status == STATUS_USAGE) {
		exchange->misused = true;
		return format_text("the host refuses the target %s, or another word of the command",
				   round->target);
	}
	wrong = end_answers(exchange->reader, status, &sent);
	exchange->reader = NULL;
	if (!wrong)
		merge_answers(remote, round->sources, &sent);
	reason = wrong ? wrong_answer(wrong) : NULL;
	free(wrong);
	return reason;
}

/* finish - settle a host after the end of ssh and of its output */
static void finish(const struct round *round, struct remote *remote)
{
	struct exchange *exchange = remote->exchange;
	enum phase phase = exchange->phase;
	char *reason = end_reason(exchange);

	if (!reason && phase == PHASE_CHECK)
		reason = believe_answers(round, remote);
	else if (!reason)
		reason = wrong_answer(exchange->len ? "it ends before the exit status of export" :
						      "it is empty");
	settle(remote, reason);
}

/* receive - read the output that has come from a host */
static void receive(struct remote *remote)
{
	struct exchange *exchange = remote->exchange;
	char part[65536];
	ssize_t count = session_receive(&exchange->ssh, part, sizeof(part));

	if (count == -EAGAIN)
		return;
	if (!count) {
		exchange->closed = true;
		return;
	}
	exchange->heard = true;
	if (count > 0) {
		/* With many hosts, output can be read long after the end of ssh */
		exchange->gone = 0;
		exchange->len += count;
		if (exchange->len > ANSWER_MAX)
			count = -EFBIG;
	}
	if (count < 0)
		settle(remote, format_text("the host's answer was not received: %s",
					   strerror(-count)));
	else if (exchange->phase == PHASE_EXPORT)
		take_export(remote, part, count);
	else
		reader_feed(exchange->reader, part, count);
}

/* new_reader - make a reader for the document of this phase */
static struct reader *new_reader(const struct round *round, const struct remote *remote)
{
	if (round->phase == PHASE_EXPORT)
		return read_sources();
	/* The command of --remote can ask a fixture */
	return read_answers(remote->name, &round->sent, round->target,
			    round->remotes->settings->remote);
}

/* start - start the session of a host */
static void start(struct round *round, struct remote *remote)
{
	const struct settings *settings = round->remotes->settings;
	struct exchange *exchange;
	int ret;

	exchange = allocate(sizeof(*exchange));
	remote->exchange = exchange;
	exchange->begun = now_ms();
	ret = session_start(&exchange->ssh, settings, remote->name, round->command);
	if (ret) {
		settle(remote, format_text("ssh cannot be started: %s", strerror(-ret)));
		return;
	}
	begin_phase(exchange, round->phase, new_reader(round, remote), settings);
	exchange->ssh.more = round->phase == PHASE_EXPORT;
	if (round->phase == PHASE_CHECK) {
		exchange->ssh.question = round->question + strlen(GO_ON);
		exchange->ssh.left = round->len - strlen(GO_ON);
	}
}

/* ask_ready - send the questions to a host that waits for them */
static void ask_ready(struct round *round, struct remote *remote)
{
	struct exchange *exchange = remote->exchange;
	char byte;
	ssize_t count = session_receive(&exchange->ssh, &byte, 1);

	if (count > 0) {
		settle(remote, wrong_answer(came_early));
		return;
	}
	begin_phase(exchange, PHASE_CHECK, new_reader(round, remote), round->remotes->settings);
	exchange->ssh.more = false;
	exchange->ssh.question = round->question;
	exchange->ssh.left = round->len;
}

/* is_awaited - is output of the host awaited in this phase? */
static bool is_awaited(const struct remote *remote)
{
	const struct exchange *exchange = remote->exchange;

	return exchange && (exchange->phase == PHASE_EXPORT || exchange->phase == PHASE_CHECK);
}

/* start_some - start as many sessions as may be set up at once; true if more have to be started */
static bool start_some(struct round *round)
{
	struct remotes *remotes = round->remotes;
	size_t num = 0, i;

	for (i = 0; i < round->next; i++) {
		const struct exchange *exchange = remotes->items[i].exchange;

		num += is_awaited(&remotes->items[i]) && !exchange->heard &&
		       now_ms() - exchange->begun < SET_UP_MS;
	}
	for (; round->next < remotes->num && num < SET_UP_MAX; round->next++) {
		struct remote *remote = &remotes->items[round->next];

		if (remote->reason || remote->exchange)
			continue;
		if (round->next >= round->most) {
			remote->reason = format_text("ulimit -n allows the files of %zu hosts",
						     round->most);
			continue;
		}
		start(round, remote);
		num++;
	}
	return round->next < remotes->num;
}

/* look - look whether ssh has ended, or the time of the phase */
static void look(const struct round *round, struct remote *remote)
{
	struct exchange *exchange = remote->exchange;
	long long now = now_ms();

	if (session_ended(&exchange->ssh)) {
		if (!exchange->gone)
			exchange->gone = now + END_MS;
		/* A connection that ssh keeps for other sessions can keep the output open */
		if (exchange->closed || now >= exchange->gone) {
			finish(round, remote);
			return;
		}
	}
	if (now >= exchange->deadline)
		settle(remote, duplicate("the host did not answer in time"));
}

/* wait_for_some - wait for output of some host, or until it is time to look */
static void wait_for_some(struct round *round)
{
	const struct remotes *remotes = round->remotes;
	long long left = LOOK_MS, now = now_ms();
	size_t num = 0, i;

	/* poll() does not take more entries than the program may have files */
	for (i = 0; i < remotes->num; i++) {
		struct exchange *exchange = remotes->items[i].exchange;
		struct pollfd *ends = &round->ends[num];

		if (!is_awaited(&remotes->items[i]))
			continue;
		exchange->ends = ends;
		num += 2;
		ends[0].fd = exchange->closed ? -1 : exchange->ssh.fd;
		ends[1].fd = exchange->ssh.messages;
		ends[0].events = POLLIN | (exchange->ssh.left ? POLLOUT : 0);
		ends[1].events = POLLIN;
		if (exchange->closed && left > LOOK_AT_END_MS)
			left = LOOK_AT_END_MS;
		if (exchange->deadline - now < left)
			left = exchange->deadline - now;
	}
	if (poll(round->ends, num, left < 0 ? 0 : (int)left) < 0) {
		for (i = 0; i < num; i++)
			round->ends[i].revents = 0;
	}
}

/* serve_one - read from and write to a host; true if the host is still awaited */
static bool serve_one(struct round *round, struct remote *remote)
{
	const struct pollfd *ends;

	if (!is_awaited(remote))
		return false;
	ends = remote->exchange->ends;
	if (ends[1].revents)
		session_listen(&remote->exchange->ssh);
	if (ends[0].revents & POLLOUT)
		session_send(&remote->exchange->ssh);
	if (ends[0].revents & (POLLIN | POLLHUP | POLLERR))
		receive(remote);
	if (is_awaited(remote))
		look(round, remote);
	return is_awaited(remote);
}

/* allow_files - raise the limit of files; return the number of hosts for which it is enough */
static size_t allow_files(const struct remotes *remotes)
{
	rlim_t needed = 2 * remotes->num + OTHER_FILES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return remotes->num;
	if (limit.rlim_cur < needed) {
		limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur >= needed)
		return remotes->num;
	return limit.rlim_cur > OTHER_FILES ? (limit.rlim_cur - OTHER_FILES) / 2 : 0;
}

/* serve - serve all hosts until each has answered in this phase, or has a reason */
static void serve(struct round *round)
{
	struct remotes *remotes = round->remotes;
	bool any = remotes->num;
	size_t i, awaited;

	round->most = allow_files(remotes);
	round->ends = allocate((2 * remotes->num + 1) * sizeof(*round->ends));
	progress_begin(remotes->settings, remotes->num, "hosts");
	while (any) {
		any = start_some(round);
		wait_for_some(round);
		awaited = 0;
		for (i = 0; i < remotes->num; i++)
			awaited += serve_one(round, &remotes->items[i]);
		any |= awaited > 0;
		progress_step(round->next - awaited);
	}
	progress_end();
	for (i = 0; i < remotes->num; i++) {
		if (remotes->items[i].exchange)
			session_report(&remotes->items[i].exchange->ssh);
	}
	free(round->ends);
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
	struct round round = {
		.remotes = remotes,
		.phase = PHASE_EXPORT,
		.command = both_command(remotes->settings),
	};

	serve(&round);
	free(round.command);
}

/* misused_by_all - print a message for each host if the target is a mistake for all of them */
static enum outcome misused_by_all(const struct remotes *remotes)
{
	size_t i;

	for (i = 0; i < remotes->num; i++) {
		if (!remotes->items[i].exchange || !remotes->items[i].exchange->misused)
			return DONE;
	}
	for (i = 0; i < remotes->num; i++)
		complain("%s: %s", remotes->items[i].name, remotes->items[i].reason);
	return remotes->num ? MISUSED : DONE;
}

enum outcome remotes_ask(struct remotes *remotes, const struct sources *questions,
			 const char *target)
{
	struct round round = {
		.remotes = remotes,
		.phase = PHASE_CHECK,
		.sources = questions,
		.target = target,
	};
	struct answers none = {};
	FILE *file;
	size_t i;

	for (i = 0; i < questions->num; i++) {
		if (is_sendable(questions->items[i]))
			sources_copy(&round.sent, questions->items[i],
				     source_name(questions, i));
	}
	if (round.sent.num) {
		round.command = remote_command(remotes->settings, check_words, target);
		file = checked(open_memstream(&round.question, &round.len));
		fputs(GO_ON, file);
		write_sources(file, &round.sent);
		if (fclose(file))
			checked(NULL);
	}
	for (i = 0; i < remotes->num; i++) {
		struct remote *remote = &remotes->items[i];

		if (remote->reason)
			continue;
		if (!round.sent.num)
			merge_answers(remote, questions, &none);
		else if (remote->exchange)
			ask_ready(&round, remote);
	}
	if (round.sent.num)
		serve(&round);
	sources_free(&round.sent);
	free(round.question);
	free(round.command);
	return misused_by_all(remotes);
}

/* move_answers - move the answers about one question, which begin at the number @next */
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

/* wait_for_ends - wait for the ends of all sessions; false if one still runs after END_MS */
static bool wait_for_ends(const struct remotes *remotes)
{
	const struct timespec pause = { .tv_nsec = LOOK_AT_END_MS * 1000000 };
	long long deadline = now_ms() + END_MS;
	size_t i, running;

	for (;;) {
		running = 0;
		for (i = 0; i < remotes->num; i++)
			running += remotes->items[i].exchange &&
				   !session_ended(&remotes->items[i].exchange->ssh);
		if (!running || now_ms() >= deadline)
			return !running;
		nanosleep(&pause, NULL);
	}
}

/* end_sessions - close all sessions, and send signals to sessions that do not end by that */
static void end_sessions(const struct remotes *remotes)
{
	size_t i;

	for (i = 0; i < remotes->num; i++) {
		if (remotes->items[i].exchange)
			session_close(&remotes->items[i].exchange->ssh);
	}
	while (!wait_for_ends(remotes)) {
		for (i = 0; i < remotes->num; i++) {
			struct exchange *exchange = remotes->items[i].exchange;

			if (exchange && exchange->ssh.pid)
				session_stop(&exchange->ssh, exchange->ssh.stopped ? SIGKILL :
										     SIGTERM);
		}
	}
}

static void exchange_free(struct exchange *exchange)
{
	if (!exchange)
		return;
	reader_free(exchange->reader);
	free(exchange->ssh.said);
	free(exchange);
}

void remotes_end(struct remotes *remotes)
{
	size_t i, j;

	end_sessions(remotes);
	for (i = 0; i < remotes->num; i++) {
		struct remote *remote = &remotes->items[i];

		exchange_free(remote->exchange);
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
