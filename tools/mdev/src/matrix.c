// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev-precheck matrix: ask which parents and hosts take each other's devices
 *
 * Sources that show the same string are one question.  Each target is asked each question,
 * because targets that show the same string can answer differently.
 */

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "matrix-html.h"
#include "remote.h"
#include "selection.h"
#include "write-file.h"

static const char only_document[] = "the host is known only by a document";

/**
 * struct collection - a matrix whose types are collected
 * @matrix: the matrix
 * @type: pattern of --type, or NULL
 * @named: hosts of documents as struct named_host, for tsearch(3)
 * @remotes: hosts that are asked over ssh
 * @first_remote: index in the matrix of the first host of @remotes
 */
struct collection {
	struct matrix *matrix;
	const char *type;
	void *named;
	struct remotes remotes;
	size_t first_remote;
};

/**
 * struct named_host - a host that a document names
 * @name: name of the host, allocated
 * @number: index of the host in the matrix
 */
struct named_host {
	char *name;
	size_t number;
};

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

/* collect_type - move type number @i of @from, which is on host number @host, if it is selected */
static void collect_type(struct collection *collection, size_t host, struct sources *from,
			 size_t i)
{
	struct matrix *matrix = collection->matrix;

	if (collection->type && !is_selected(collection->type, from->items[i]->type))
		return;
	matrix->member_hosts = grow(matrix->member_hosts, matrix->members.num,
				    sizeof(*matrix->member_hosts));
	matrix->member_hosts[matrix->members.num] = host;
	sources_take(&matrix->members, from, i);
}

static int collect_local_type(const struct mdev_precheck_type *type, void *data)
{
	struct sources one = {};

	/* An answer reports a parent that cannot be looked into */
	if (type->error)
		return 0;
	sources_copy(&one, type->source, type->name);
	collect_type(data, 0, &one, 0);
	sources_free(&one);
	return 0;
}

const char *origin_name(enum origin origin)
{
	static const char *const names[] = {
		[ORIGIN_LOCAL] = "local",
		[ORIGIN_DOCUMENT] = "document",
		[ORIGIN_SSH] = "ssh",
	};

	return names[origin];
}

static int compare_named_hosts(const void *one, const void *other)
{
	return strcmp(((const struct named_host *)one)->name,
		      ((const struct named_host *)other)->name);
}

static void free_named_host(void *named)
{
	free(((struct named_host *)named)->name);
	free(named);
}

/* document_host - find the index of a document's host, or add the host with @reason */
static size_t document_host(struct collection *collection, const char *name, const char *reason)
{
	struct named_host *new = allocate(sizeof(*new)), *named;

	new->name = duplicate(name);
	new->number = collection->matrix->num_hosts;
	named = *(struct named_host **)checked(tsearch(new, &collection->named,
						       compare_named_hosts));
	if (named == new)
		add_host(collection->matrix, ORIGIN_DOCUMENT, name, reason);
	else
		free_named_host(new);
	return named->number;
}

/* add_document - add the types of a document and their hosts */
static void add_document(struct collection *collection, const char *file)
{
	struct sources own = {};
	enum outcome outcome;
	size_t host, i;

	outcome = add_file(file, &own);
	if (outcome)
		collection->matrix->partly = true;
	if (outcome == FAILED)
		document_host(collection, file, "the document could not be read");
	else if (!own.num)
		document_host(collection, file, "the document does not have a type");
	/* Types in a document without a host are not types of this host */
	sources_set_host(&own, 0, file, false);
	for (i = 0; i < own.num; i++) {
		host = document_host(collection, own.items[i]->host, only_document);
		collect_type(collection, host, &own, i);
	}
	sources_free(&own);
}

/* add_remotes - add the hosts that are asked over ssh, and their types */
static void add_remotes(struct collection *collection, const struct settings *settings)
{
	struct remotes *remotes = &collection->remotes;
	size_t i, j;

	collection->first_remote = collection->matrix->num_hosts;
	remotes_begin(remotes, settings);
	remotes_export(remotes);
	for (i = 0; i < remotes->num; i++) {
		struct remote *remote = &remotes->items[i];

		add_host(collection->matrix, ORIGIN_SSH, remote->name, remote->reason);
		for (j = 0; j < remote->sources.num; j++)
			collect_type(collection, collection->first_remote + i, &remote->sources, j);
		sources_free(&remote->sources);
		collection->matrix->partly |= remote->left_out.num;
		report_texts(remote->name, &remote->left_out);
	}
}

/* add_members - add the types of all hosts */
static void add_members(struct collection *collection, const struct settings *settings,
			struct mdev_precheck *host)
{
	struct matrix_host *local = add_host(collection->matrix, ORIGIN_LOCAL, NULL, NULL);
	size_t i;
	int ret;

	ret = walk_matching(host, NULL, settings->type, collect_local_type, collection);
	if (ret)
		local->reason = format_text("its types could not be read: %s", strerror(-ret));
	for (i = 0; i < settings->from.num; i++)
		add_document(collection, settings->from.items[i]);
	add_remotes(collection, settings);
}

/* note_reason - set the reason of a host if none of its parents was asked */
static void note_reason(struct matrix_host *host)
{
	const struct mdev_precheck_answer *answer;
	size_t i;

	for (i = 0; i < host->answers.num; i++) {
		answer = host->answers.items[i].answer;
		if (answer->parent || answer->verdict != MDEV_PRECHECK_NOT_ASKED)
			return;
	}
	if (host->answers.num && !host->reason)
		host->reason = duplicate(host->answers.items[0].answer->reason);
}

const struct mdev_precheck_source *question_member(const struct matrix *matrix,
						   size_t question, size_t number)
{
	const struct questions *questions = &matrix->questions;

	number += questions->begin[question];
	return number < questions->begin[question + 1] ?
	       matrix->members.items[questions->members[number]] : NULL;
}

/* take_answers - move the answers of hosts that were asked over ssh, and copy their reasons */
static void take_answers(struct collection *collection)
{
	size_t i;

	for (i = 0; i < collection->remotes.num; i++) {
		struct matrix_host *host =
			&collection->matrix->hosts[collection->first_remote + i];
		struct remote *remote = &collection->remotes.items[i];

		if (!host->reason)
			host->reason = duplicate(remote->reason);
		host->answers = remote->answers;
		memset(&remote->answers, 0, sizeof(remote->answers));
		note_reason(host);
	}
}

/* ask_hosts - ask the hosts that do not have a reason yet */
static void ask_hosts(struct collection *collection, const struct settings *settings,
		      struct mdev_precheck *host)
{
	const struct sources *asked = &collection->matrix->questions.asked;
	struct matrix_host *local = &collection->matrix->hosts[0];

	if (!asked->num)
		return;
	if (!local->reason) {
		if (ask_host(settings, host, asked, NULL, false, &local->answers))
			local->reason = duplicate("the host could not be asked");
		note_reason(local);
	}
	remotes_ask(&collection->remotes, asked, NULL);
	take_answers(collection);
}

/* note_nothing - set the reason of each host if no host has a type to ask about */
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
			host->reason = duplicate("no host has a type to ask about");
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
	free(matrix->member_hosts);
	questions_free(&matrix->questions);
	sources_free(&matrix->members);
}

/* fill_matrix - collect the types of all hosts, and ask */
static void fill_matrix(struct matrix *matrix, const struct settings *settings,
			struct mdev_precheck *host)
{
	struct collection collection = { .matrix = matrix, .type = settings->type };

	add_members(&collection, settings, host);
	questions_make(&matrix->questions, &matrix->members);
	note_nothing(matrix, host);
	ask_hosts(&collection, settings, host);
	remotes_end(&collection.remotes);
	tdestroy(collection.named, free_named_host);
}

/* open_page - create the file of --html before the questions, which can take long */
static enum outcome open_page(const struct settings *settings, struct new_file *page)
{
	if (!settings->html)
		return DONE;
	if (settings->given & OPTION_JSON)
		return misused("--json and --html: one of them was expected");
	return open_new_file(page, "--html", settings->html);
}

/* show_matrix - print the matrix; a page on standard output takes the place of the text */
static enum outcome show_matrix(const struct settings *settings, const struct matrix *matrix,
				struct new_file *page)
{
	if (settings->given & OPTION_JSON)
		write_matrix(stdout, matrix);
	else if (settings->verbosity >= 0 && !(settings->html && page->file == stdout))
		print_matrix(settings, matrix);
	if (!settings->html)
		return DONE;
	write_matrix_html(page->file, matrix);
	return close_new_file(page, DONE);
}

static enum exit_status run_matrix(const struct settings *settings)
{
	struct matrix matrix = {};
	struct mdev_precheck *host;
	enum exit_status status;
	enum outcome outcome;
	struct new_file page = {};

	if (settings->num_operands)
		return outcome_status(misused("matrix: %s: --from or --to was expected",
					      settings->operands[0]));
	host = open_host(settings, ASK_TIMEOUT_MS);
	if (!host)
		return STATUS_NOT_ASKED;
	outcome = open_page(settings, &page);
	if (outcome) {
		mdev_precheck_free(host);
		return outcome_status(outcome);
	}
	fill_matrix(&matrix, settings, host);
	outcome = show_matrix(settings, &matrix, &page);
	/* The output does not have this reason, and -q prints nothing */
	if (!matrix.questions.asked.num)
		failed(0, "no host has a type %s%s",
		       settings->type ? "that matches " : "to ask about",
		       settings->type ? settings->type : "");
	status = outcome ? outcome_status(outcome) : verdict_status(matrix_verdict(&matrix));
	matrix_free(&matrix);
	mdev_precheck_free(host);
	return status;
}

static const struct option_text own_options[] = {
	{
		OPTION_TO, "HOST",
		"also the types of HOST, which is asked over ssh; HOST, -p, -l, -o, -i, -F and -J are as ssh has them",
	}, {
		OPTION_FROM, "FILE",
		"also the types in FILE, which export wrote on another host; that host is not asked",
	},
	{}
};

const struct command matrix_command = {
	.name = "matrix",
	.operands = "",
	.summary = "show which parents and hosts take each other's devices",
	.help =
		"Ask each parent of this host, and of the hosts of --to and --hosts, about each\n"
		"version string that a type of the same name has on any of them, or in a file of\n"
		"--from.  The exit status is 0 only if all hosts were asked and answered yes.\n",
	.own = own_options,
	.options = OPTION_TYPE | OPTION_FROM | OPTION_TO | OPTION_HOSTS | OPTION_SSH | OPTION_JSON |
		   OPTION_HTML | OPTION_COLOR,
	.run = run_matrix,
};
