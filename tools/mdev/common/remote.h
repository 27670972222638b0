/* SPDX-License-Identifier: GPL-2.0-only */
/* Other hosts, asked over ssh, all at once */
#ifndef REMOTE_H
#define REMOTE_H

#include "answers.h"

struct exchange;

/**
 * struct remote - another host
 * @name: as ssh takes it; it belongs to the command line
 * @reason: why it did not answer, allocated, or NULL; a host with a reason is not asked again
 * @sources: result of remotes_export(): its types, each with @name as its host.  Whoever takes
 *	them over sets the array to zero.
 * @left_out: as for end_sources(), for report_texts()
 * @answers: result of remotes_ask(), in the order of the questions, of which each has at least
 *	one; empty if there is a reason.  Whoever takes them over sets the array to zero.
 * @exchange: the state of its session, or NULL
 */
struct remote {
	const char *name;
	char *reason;
	struct sources sources;
	struct list left_out;
	struct answers answers;
	struct exchange *exchange;
};

/**
 * struct remotes - other hosts
 * @settings: the command line, with the options of ssh
 * @items: one for each host of --to and --hosts, in their order
 * @num: number of them
 *
 * There is one ssh session for each host, from the first of the functions below that needs it
 * until remotes_end().  All sessions are served by one loop while remotes_export() or
 * remotes_ask() runs, so that a host that is slow, that hangs, or that sends what it should not,
 * costs the others nothing; it has a reason then.  A host has HOST_LIMITS times the limit of a
 * question for each of the two functions.  No limit runs between them.
 */
struct remotes {
	const struct settings *settings;
	struct remote *items;
	size_t num;
};

/* remotes_begin - the hosts of @settings; nothing is started */
void remotes_begin(struct remotes *remotes, const struct settings *settings);

/* remotes_export - the types of all hosts; returns when each has sources or a reason */
void remotes_export(struct remotes *remotes);

/**
 * remotes_ask - put the same questions to all hosts that do not have a reason
 * @remotes: hosts, after remotes_export() or without it
 * @questions: what they are asked about; without a question no host is asked
 * @target: operand of each host; NULL for each parent that has the source's type
 *
 * Return: DONE, and each host has answers or a reason; MISUSED if each of them calls @target a
 * mistake, which was printed.  If only some do, that is the reason of these.
 */
enum outcome remotes_ask(struct remotes *remotes, const struct sources *questions,
			 const char *target);

/**
 * remotes_answers - move the answers of all hosts into one array
 * @remotes: hosts, after remotes_ask()
 * @questions: what they were asked about
 * @answers: where the answers are added: for each question those of each host, in the order of
 *	the hosts; a host with a reason has an answer that it was not asked
 */
void remotes_answers(struct remotes *remotes, const struct sources *questions,
		     struct answers *answers);

/* remotes_end - end all sessions, here and there, and free what the hosts have */
void remotes_end(struct remotes *remotes);

#endif
