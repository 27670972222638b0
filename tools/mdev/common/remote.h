/* SPDX-License-Identifier: GPL-2.0-only */
/* Other hosts, asked over ssh, all at once */
#ifndef REMOTE_H
#define REMOTE_H

#include "answers.h"

struct exchange;

/**
 * struct remote - another host
 * @name: name of the host for ssh; it belongs to the command line
 * @reason: reason why the host did not answer, allocated, or NULL; a host with a reason is not
 *	asked again
 * @sources: result of remotes_export(): its types, each with @name as its host.  A caller that
 *	moves them elsewhere sets the array to zero.
 * @left_out: sentences of end_sources(), for report_texts()
 * @answers: result of remotes_ask(): one answer or more for each question, in their order;
 *	empty if the host has a reason.  A caller that moves them elsewhere sets the array to
 *	zero.
 * @exchange: state of its session, or NULL
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
 * @items: one item for each host of --to and --hosts, in their order
 * @num: number of hosts
 *
 * A host has one ssh session, from the first of the functions below that needs it until
 * remotes_end().  One loop in remotes_export() and remotes_ask() serves all sessions, so that a
 * host that is slow, hangs or breaks the protocol does not delay the others.  Such a host has a
 * reason then.  For each of the two functions, a host has HOST_LIMITS times the limit of a
 * question.  No limit runs between them.
 */
struct remotes {
	const struct settings *settings;
	struct remote *items;
	size_t num;
};

/* remotes_begin - list the hosts of @settings, without a session */
void remotes_begin(struct remotes *remotes, const struct settings *settings);

/* remotes_export - get the types of all hosts, until each has sources or a reason */
void remotes_export(struct remotes *remotes);

/**
 * remotes_ask - ask all hosts that do not have a reason the same questions
 * @remotes: hosts, after remotes_export() or without it
 * @questions: sources of the questions; without a source no host is asked
 * @target: operand for each host; NULL for each parent that has the source's type
 *
 * Return: DONE, and each host has answers or a reason; MISUSED after messages if each host calls
 * @target a mistake.  If only some hosts do, the mistake is their reason.
 */
enum outcome remotes_ask(struct remotes *remotes, const struct sources *questions,
			 const char *target);

/**
 * remotes_answers - move the answers of all hosts into one array
 * @remotes: hosts, after remotes_ask()
 * @questions: sources of the questions
 * @answers: array that gets the answers, by question, and then by host; the answers of a host
 *	with a reason are "not asked"
 */
void remotes_answers(struct remotes *remotes, const struct sources *questions,
		     struct answers *answers);

/* remotes_end - end all sessions, here and on the hosts, and free @remotes */
void remotes_end(struct remotes *remotes);

#endif
