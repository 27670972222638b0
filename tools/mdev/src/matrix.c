// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev-precheck matrix: who takes whose devices, among parents and hosts
 *
 * Sources that show the same string are one question.  Each target is asked each question,
 * because targets that show the same string can answer differently.
 */

#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "matrix.h"
#include "remote.h"

static const char only_document[] = "the host is known only by a document";

static struct matrix_host *add_host(struct matrix *matrix, enum origin origin,
				    const char *name, const char *reason)
{
	struct matrix_host *host;

	matrix->hosts = grow(matrix->hosts, matrix->num_hosts, sizeof(*matrix->hosts));
	host = &matrix->hosts[matrix->num_hosts++];
	host->origin = origin;
	host->name = duplicate(name);
	host->reason = duplicate(reason);
	memset(&host->answers, 0, sizeof(host->answers));
	return host;
}

static int add_member_type(const struct mdev_precheck_type *type, void *data)
{
	struct matrix *matrix = data;

	/* A parent that cannot be looked into is in the answers */
	if (!type->error)
		sources_copy(&matrix->members, type->source, type->name);
	return 0;
}

bool same_host(const char *one, const char *other)
{
	return one && other ? !strcmp(one, other) : one == other;
}

static bool has_document_host(const struct matrix *matrix, const char *name)
{
	size_t i;

	for (i = 0; i < matrix->num_hosts; i++) {
		if (matrix->hosts[i].origin == ORIGIN_DOCUMENT &&
		    same_host(matrix->hosts[i].name, name))
			return true;
	}
	return false;
}

/* add_document - the types of a document, and the hosts that they come from */
static void add_document(struct matrix *matrix, const char *file)
{
	struct mdev_precheck_source named;
	struct sources own = {};
	enum outcome outcome;
	size_t i;

	outcome = add_file(file, &own);
	if (outcome)
		matrix->partly = true;
	if (outcome == FAILED)
		add_host(matrix, ORIGIN_DOCUMENT, file, "the document could not be read");
	else if (!own.num)
		add_host(matrix, ORIGIN_DOCUMENT, file, "there is no type in the document");
	for (i = 0; i < own.num; i++) {
		named = *own.items[i];
		/* A type without the name of its host is not of this one */
		if (!named.host)
			named.host = file;
		sources_copy(&matrix->members, &named, source_name(&own, i));
		if (!has_document_host(matrix, named.host))
			add_host(matrix, ORIGIN_DOCUMENT, named.host, only_document);
	}
	sources_free(&own);
}

/* add_remotes - hosts that are asked, and their types */
static void add_remotes(const struct settings *settings, struct matrix *matrix)
{
	size_t i, j;

	remotes_begin(&matrix->remotes, settings);
	remotes_export(&matrix->remotes);
	for (i = 0; i < matrix->remotes.num; i++) {
		struct remote *remote = &matrix->remotes.items[i];

		add_host(matrix, ORIGIN_SSH, remote->name, remote->reason);
		for (j = 0; j < remote->sources.num; j++)
			sources_copy(&matrix->members, remote->sources.items[j],
				     source_name(&remote->sources, j));
		sources_free(&remote->sources);
		matrix->partly |= remote->left_out.num;
		report_texts(remote->name, &remote->left_out);
	}
}

/* add_members - the types of all hosts; @type is NULL for all types */
static void add_members(const struct settings *settings, struct matrix *matrix,
			struct mdev_precheck *host)
{
	struct matrix_host *added;
	size_t i;
	int ret;

	added = add_host(matrix, ORIGIN_LOCAL, NULL, NULL);
	ret = mdev_precheck_walk_types(host, NULL, NULL, add_member_type, matrix);
	if (ret)
		added->reason = format_text("its types could not be read: %s", strerror(-ret));
	for (i = 0; i < settings->from.num; i++)
		add_document(matrix, settings->from.items[i]);
	add_remotes(settings, matrix);
}

/* note_reason - a host is not asked if there is an answer that is not about a parent */
static void note_reason(struct matrix_host *host)
{
	const struct mdev_precheck_answer *answer;
	size_t i;

	for (i = 0; i < host->answers.num && !host->reason; i++) {
		answer = host->answers.items[i].answer;
		if (!answer->parent && answer->verdict == MDEV_PRECHECK_NOT_ASKED)
			host->reason = duplicate(answer->reason);
	}
}

const struct mdev_precheck_source *question_member(const struct matrix *matrix,
						   size_t question, size_t number)
{
	const struct questions *questions = &matrix->questions;

	number += questions->begin[question];
	return number < questions->begin[question + 1] ?
	       matrix->members.items[questions->members[number]] : NULL;
}

static void not_asked_host(const struct matrix *matrix, struct matrix_host *host)
{
	size_t i;

	for (i = 0; i < matrix->questions.asked.num; i++)
		answers_add_not_asked(&host->answers, i, host->name, NULL,
				      matrix->questions.asked.items[i]->type, 0, host->reason);
}

/* take_remote - the answers of a host that was asked over ssh, or the reason */
static enum outcome take_remote(struct matrix *matrix, struct matrix_host *host)
{
	struct remote *remote = matrix->remotes.items;

	while (strcmp(remote->name, host->name))
		remote++;
	host->answers = remote->answers;
	memset(&remote->answers, 0, sizeof(remote->answers));
	if (remote->reason) {
		host->reason = duplicate(remote->reason);
		not_asked_host(matrix, host);
	}
	return DONE;
}

static void ask_hosts(const struct settings *settings, struct matrix *matrix,
		      struct mdev_precheck *local)
{
	enum outcome outcome;
	size_t i;

	remotes_ask(&matrix->remotes, &matrix->questions.asked, NULL);
	for (i = 0; i < matrix->num_hosts && matrix->questions.asked.num; i++) {
		struct matrix_host *host = &matrix->hosts[i];

		outcome = DONE;
		if (host->reason)
			not_asked_host(matrix, host);
		else if (host->origin == ORIGIN_LOCAL)
			outcome = ask_host(settings, local, &matrix->questions.asked, NULL,
					   &host->answers);
		else
			outcome = take_remote(matrix, host);
		if (outcome) {
			host->reason = duplicate("the host could not be asked");
			not_asked_host(matrix, host);
		}
		note_reason(host);
	}
}

/* note_nothing - why no host was asked, if there is nothing to ask about */
static void note_nothing(struct matrix *matrix, struct mdev_precheck *local)
{
	enum mdev_precheck_host_state state = mdev_precheck_host_state(local);
	size_t i;

	for (i = 0; i < matrix->num_hosts && !matrix->questions.asked.num; i++) {
		struct matrix_host *host = &matrix->hosts[i];

		if (host->reason)
			continue;
		if (host->origin == ORIGIN_LOCAL && state != MDEV_PRECHECK_HOST_READY)
			host->reason = duplicate(mdev_precheck_host_state_text(state));
		else
			host->reason = duplicate("there is no type to ask about");
	}
}

enum mdev_precheck_verdict matrix_verdict(const struct matrix *matrix)
{
	enum mdev_precheck_verdict verdict = MDEV_PRECHECK_COMPATIBLE;
	size_t i, j;

	if (!matrix->questions.asked.num || matrix->partly)
		verdict = MDEV_PRECHECK_NOT_ASKED;
	for (i = 0; i < matrix->num_hosts; i++) {
		const struct matrix_host *host = &matrix->hosts[i];

		if (host->reason)
			verdict = worse_verdict(verdict, MDEV_PRECHECK_NOT_ASKED);
		for (j = 0; j < host->answers.num; j++)
			verdict = worse_verdict(verdict, host->answers.items[j].answer->verdict);
	}
	return verdict;
}

static void matrix_free(struct matrix *matrix)
{
	size_t i;

	for (i = 0; i < matrix->num_hosts; i++) {
		free(matrix->hosts[i].name);
		free(matrix->hosts[i].reason);
		answers_free(&matrix->hosts[i].answers);
	}
	free(matrix->hosts);
	remotes_end(&matrix->remotes);
	questions_free(&matrix->questions);
	sources_free(&matrix->members);
}

static enum exit_status run_matrix(const struct settings *settings)
{
	struct matrix matrix = {};
	struct mdev_precheck *host;
	enum exit_status status;

	if (settings->num_operands)
		return outcome_status(misused("matrix: %s: --from or --to was expected",
					      settings->operands[0]));
	host = open_host(settings, ASK_TIMEOUT_MS);
	if (!host)
		return STATUS_NOT_ASKED;
	add_members(settings, &matrix, host);
	if (settings->type)
		sources_keep(&matrix.members, settings->type);
	questions_make(&matrix.questions, &matrix.members);
	note_nothing(&matrix, host);
	ask_hosts(settings, &matrix, host);

	if (settings->given & OPTION_JSON)
		write_matrix(stdout, &matrix);
	else if (settings->verbosity >= 0)
		print_matrix(&matrix);
	/* There are only the hosts in the output then, and with -q nothing */
	if (!matrix.questions.asked.num)
		failed(0, "there is no type%s%s to ask about", settings->type ? " " : "",
		       settings->type ? settings->type : "");
	status = verdict_status(matrix_verdict(&matrix));
	matrix_free(&matrix);
	mdev_precheck_free(host);
	return status;
}

const struct command matrix_command = {
	.name = "matrix",
	.operands = "[--from FILE]... [--to HOST]... [--type TYPE] [--json]",
	.summary = "show which parents and hosts take devices of which",
	.help =
		"Ask each parent of this host, and of those below, about each version string that\n"
		"types of the same name have:\n\n"
		"Options:\n"
		"  --from FILE        the types that export wrote on another host, which is not\n"
		"                     asked itself\n"
		"  --to HOST          the types of HOST, which is asked over ssh;\n"
		"                     HOST, -p, -l, -o, -i, -F and -J are as ssh has them\n"
		"  --hosts FILE       the same with each line of FILE (-: standard input)\n"
		"  --remote COMMAND   how to call it there, as \"sudo mdev-precheck\"\n"
		"  --type TYPE        only types of this name\n"
		"  --json             as a JSON document\n\n"
		"The exit status is 0 only if all were asked and answered yes.\n",
	.options = OPTION_TYPE | OPTION_FROM | OPTION_TO | OPTION_HOSTS | OPTION_SSH | OPTION_JSON,
	.run = run_matrix,
};
