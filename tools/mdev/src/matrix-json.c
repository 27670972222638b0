// SPDX-License-Identifier: GPL-2.0-only
/* Write the matrix as a document, with one item at a time in memory */

#include "json.h"
#include "matrix.h"

static void write_hosts(FILE *file, const struct matrix *matrix)
{
	json_object *item;
	size_t i;

	for (i = 0; i < matrix->num_hosts; i++) {
		item = new_object();
		add_member(item, "host", text_value(matrix->hosts[i].name));
		add_member(item, "origin", text_value(origin_name(matrix->hosts[i].origin)));
		add_member(item, "reason", text_value(matrix->hosts[i].reason));
		write_item(file, item, !i);
	}
}

/* write_question - write a source and the parents that show its string, which can be many */
static void write_question(FILE *file, const struct matrix *matrix, size_t question)
{
	const struct mdev_precheck_source *asked = matrix->questions.asked.items[question];
	const struct mdev_precheck_source *member;
	json_object *item = new_object();
	size_t i;

	fputs(question ? ",\n" : "\n", file);
	add_member(item, "type", text_value(asked->type));
	add_version(item, asked);
	begin_array(file, item, "parents");
	for (i = 0; (member = question_member(matrix, question, i)); i++) {
		item = new_object();
		add_member(item, "host", text_value(member->host));
		add_member(item, "parent", text_value(member->parent));
		write_item(file, item, !i);
	}
	fputs("\n]}", file);
}

static void write_matrix_verdict(FILE *file, const struct answered *answered, bool first)
{
	json_object *item = new_object();

	add_member(item, "source", number_value(answered->source));
	add_member(item, "target", target_value(answered->answer));
	add_answer(item, answered->answer);
	write_item(file, item, first);
}

/* write_host_verdicts - write a host's verdicts; if it was not asked, all have the same reason */
static void write_host_verdicts(FILE *file, const struct matrix *matrix,
				const struct matrix_host *host, bool first)
{
	struct answers one = {};
	size_t i;

	for (i = 0; i < host->answers.num; i++)
		write_matrix_verdict(file, &host->answers.items[i], first && !i);
	if (!host->reason || host->answers.num)
		return;
	for (i = 0; i < matrix->questions.asked.num; i++) {
		answers_add_not_asked(&one, i, host->name, NULL,
				      matrix->questions.asked.items[i]->type, 0, host->reason);
		write_matrix_verdict(file, one.items, first && !i);
		answers_free(&one);
	}
}

void write_matrix(FILE *file, const struct matrix *matrix)
{
	size_t i;

	begin_array(file, new_document(MATRIX_FORMAT, MATRIX_VERSION), "hosts");
	write_hosts(file, matrix);
	fputs("\n],\"sources\":[", file);
	for (i = 0; i < matrix->questions.asked.num; i++)
		write_question(file, matrix, i);
	fputs("\n],\"verdicts\":[", file);
	/* This host is first, and has a verdict for each question */
	for (i = 0; i < matrix->num_hosts; i++)
		write_host_verdicts(file, matrix, &matrix->hosts[i], !i);
	fprintf(file, "\n],\"verdict\":\"%s\"}\n",
		mdev_precheck_verdict_name(matrix_verdict(matrix)));
}
