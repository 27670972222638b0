// SPDX-License-Identifier: GPL-2.0-only
/* Other hosts: their own mdev-precheck is asked, by ssh and in JSON, all at once */

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

/* An answer has at most some lines for each type of a host */
#define ANSWER_MAX	(64 * 1024 * 1024)

/*
 * A host has so many times the limit of a question for each phase: ssh takes a part of it, and
 * one driver or two that hang are waited for there
 */
#define HOST_LIMITS	3

/*
 * So many sessions are set up at once: with -J all of them come to one sshd, which refuses some
 * when ten did not log in yet, see MaxStartups in sshd_config(5)
 */
#define SET_UP_MAX	8

/* A host that does not print anything for so long does not keep others from being asked */
#define SET_UP_MS	1000

/* If nothing comes, ssh may have ended although somebody else has its output open */
#define LOOK_MS		100

/* The same when its output has ended, and its exit status is waited for */
#define LOOK_AT_END_MS	5

/* Files that are open beside the two of each session: standard ones, and those of questions */
#define OTHER_FILES	64

/* Between the types of a host and its answer it prints this and the exit status of export */
#define MARK	"mdev-precheck-export-status"

/* It waits for this line, which comes before the question */
#define GO_ON	"ask\n"

/**
 * enum phase - how far the session of a host is
 * @PHASE_NONE: it was not started
 * @PHASE_EXPORT: the host prints its types
 * @PHASE_READY: it waits for questions
 * @PHASE_CHECK: it is sent the questions, and prints its answers
 * @PHASE_OVER: there is nothing to come
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
 * @ssh: its process
 * @phase: how far it is
 * @begun: when ssh was started, as now_ms() counts
 * @heard: something has come from the host
 * @deadline: when the phase ends, or LLONG_MAX
 * @gone: when somebody else's hold on the output of an ssh that has ended no longer counts, or 0
 * @closed: the output has ended, and the exit status is waited for
 * @reader: reads the document of the phase as it comes, or NULL
 * @len: bytes that have come in the phase
 * @line: the last line, while it is as MARK begins; it is not read as a part of the document
 * @held: bytes in @line
 * @plain: the last line is another one
 * @misused: the host calls the target a mistake
 * @ends: its output and its messages, for poll(), while something is awaited
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
 * @command: of a session that is started
 * @question: GO_ON, and the document of the sources that are sent
 * @len: length of that
 * @sources: all sources
 * @sent: those of them that can be sent
 * @target: operand, or NULL
 * @next: number of the next host that may have to be started
 * @most: number of hosts for which there are files
 * @ends: for poll(), of the hosts of which something is awaited
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

/* remote_command - for a shell there, allocated; @target can be NULL */
static char *remote_command(const struct settings *settings, const char *command,
			    const char *target)
{
	char *place = target ? quoted(target) : NULL;
	long limit = question_limit(settings);
	char *text;

	/* The limit is the same there, whatever that program has as its own */
	text = format_text("%s %s --timeout %ld.%03ld%s%s",
			   settings->remote ? settings->remote : DEFAULT_REMOTE, command,
			   limit / 1000, limit % 1000, place ? " -- " : "",
			   place ? place : "");
	free(place);
	return text;
}

static const char check_words[] = "check --json --from -";

/*
 * both_command - types, their status, and answers to what comes then.  The login shell can be
 * one without the words of sh.  Whoever writes --remote can write "exec", so that each command
 * has a shell of its own.
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

/* wrong_answer - the sentence for what is wrong with an answer, allocated */
static char *wrong_answer(const char *wrong)
{
	return format_text("the host's answer is not believed: %s", wrong);
}

/* settle - nothing more comes of the host; @reason, which may be NULL, belongs to it then */
static void settle(struct remote *remote, char *reason)
{
	struct exchange *exchange = remote->exchange;

	remote->reason = reason;
	exchange->phase = PHASE_OVER;
	reader_free(exchange->reader);
	exchange->reader = NULL;
	/* Its own messages can explain the reason */
	session_listen(&exchange->ssh);
	if (exchange->ssh.pid)
		session_stop(&exchange->ssh, SIGTERM);
	else
		session_close(&exchange->ssh);
}

/* status_reason - why a program with this status did not answer, allocated, or NULL */
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

/* end_reason - the same for ssh */
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

/* begin_phase - @reader, for its document, belongs to the exchange then */
static void begin_phase(struct exchange *exchange, enum phase phase, struct reader *reader,
			const struct settings *settings)
{
	exchange->phase = phase;
	exchange->deadline = phase_deadline(settings);
	exchange->reader = reader;
	exchange->len = 0;
}

/* keep_sources - those of the document, with the host's name; the reason if it is wrong */
static char *keep_sources(struct remote *remote)
{
	char *wrong, *reason;

	wrong = end_sources(remote->exchange->reader, &remote->sources, &remote->left_out);
	remote->exchange->reader = NULL;
	/* Its name for itself may be that of another one */
	sources_set_host(&remote->sources, 0, remote->name, true);
	reason = wrong ? wrong_answer(wrong) : NULL;
	free(wrong);
	return reason;
}

/* export_reason - what is wrong with the types and the status of export, allocated, or NULL */
static char *export_reason(struct remote *remote, int status)
{
	char *reason = status_reason(status);

	/* A host with a parent that cannot be looked into has a document, too */
	if (!reason && status != STATUS_COMPATIBLE && status != STATUS_NOT_ASKED)
		reason = format_text("the host's mdev-precheck ended with the exit status %d",
				     status);
	if (reason)
		return reason;
	reason = keep_sources(remote);
	/* The document ends where reading failed, and a message has the reason */
	if (reason && status == STATUS_NOT_ASKED) {
		free(reason);
		reason = duplicate("the host's types could not be read");
	}
	return reason;
}

/* mark_status - the exit status in a line that begins with MARK, or -1 */
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

/* feed_line - a part of a line to the document's reader; the number of bytes in it */
static size_t feed_line(struct exchange *exchange, const char *bytes, size_t count)
{
	const char *end = memchr(bytes, '\n', count);
	size_t len = end ? (size_t)(end + 1 - bytes) : count;

	reader_feed(exchange->reader, bytes, len);
	exchange->plain = !end;
	return len;
}

/* hold_byte - of a line that is as MARK begins; true if it is the whole line with it */
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

/* take_export - a part of the types; when all have come, they are kept, and the host waits */
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

/* is_sendable - a name that a document has to change would be that of another type */
static bool is_sendable(const struct mdev_precheck_source *source)
{
	return is_utf8(source->type, strlen(source->type));
}

/**
 * merge_answers - put answers about some sources among those about all
 * @remote: host, which gets the answers
 * @sources: all sources
 * @sent: answers about those that could be sent, in their order
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

/* believe_answers - the whole answer has come; the reason if it is not one, allocated */
static char *believe_answers(const struct round *round, struct remote *remote)
{
	struct exchange *exchange = remote->exchange;
	enum exit_status status = WEXITSTATUS(exchange->ssh.status);
	struct answers sent = {};
	char *wrong, *reason;

	/* The target is the only part of the command line there that is from here */
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

/* finish - ssh has ended, and so has its output */
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

/* receive - what has come */
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
		/* Whoever has many hosts to serve reads on, long after ssh has ended */
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

/* new_reader - for what the host prints in this phase */
static struct reader *new_reader(const struct round *round, const struct remote *remote)
{
	if (round->phase == PHASE_EXPORT)
		return read_sources();
	/* Whoever writes the command can have it ask a fixture */
	return read_answers(remote->name, &round->sent, round->target,
			    round->remotes->settings->remote);
}

/* start - a session of a host */
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

/* ask_ready - the host has waited for the questions */
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

/* is_awaited - does something come of the host in this phase? */
static bool is_awaited(const struct remote *remote)
{
	const struct exchange *exchange = remote->exchange;

	return exchange && (exchange->phase == PHASE_EXPORT || exchange->phase == PHASE_CHECK);
}

/* start_some - as many as may be set up at once; true if a host is left */
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

/* look - what has become of ssh, and of the time */
static void look(const struct round *round, struct remote *remote)
{
	struct exchange *exchange = remote->exchange;
	long long now = now_ms();

	if (session_ended(&exchange->ssh)) {
		if (!exchange->gone)
			exchange->gone = now + END_MS;
		/* A connection that ssh keeps for others can have the other end as well */
		if (exchange->closed || now >= exchange->gone) {
			finish(round, remote);
			return;
		}
	}
	if (now >= exchange->deadline)
		settle(remote, duplicate("the host did not answer in time"));
}

/* wait_for_some - until something comes, or it is time to look */
static void wait_for_some(struct round *round)
{
	const struct remotes *remotes = round->remotes;
	long long left = LOOK_MS, now = now_ms();
	size_t num = 0, i;

	/* poll() does not take more of them than the program may have files */
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

/* serve_one - true if the host is still awaited */
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

/* allow_files - hosts of @remotes for which there are files, after the limit was raised */
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

/* serve - until each host has answered in this phase, or has a reason */
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

/* misused_by_all - after a message for each host, if it is a mistake for each */
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

/* wait_for_ends - of all sessions that were closed; false if one runs on after END_MS */
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

/* end_sessions - those that only wait for a question end by themselves */
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
