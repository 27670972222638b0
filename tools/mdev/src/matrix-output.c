// SPDX-License-Identifier: GPL-2.0-only
/* The matrix as tables, and as a document */

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "matrix.h"
#include "table.h"

static const char *const origin_names[] = {
	[ORIGIN_LOCAL] = "local",
	[ORIGIN_DOCUMENT] = "document",
	[ORIGIN_SSH] = "ssh",
};

/* place_name - of a parent and its host, as far as they are known; allocated */
static char *place_name(const char *host, const char *parent)
{
	if (!host && !parent)
		return duplicate("this host");
	return format_text("%s%s%s", host ? host : "", host && parent ? ":" : "",
			   parent ? parent : "");
}

static char *version_text(const struct mdev_precheck_source *source)
{
	char buffer[MDEV_PRECHECK_ERROR_SIZE];

	if (source->version)
		return duplicate(source->version);
	if (source->state == MDEV_PRECHECK_SOURCE_NONE)
		return duplicate("(no migration_version)");
	if (!source->error)
		return duplicate("(version not known)");
	return format_text("(no version: %s)", mdev_precheck_error_name(source->error, buffer));
}

static char *member_names(const struct matrix *matrix, size_t question)
{
	const struct mdev_precheck_source *member;
	char *names = NULL, *name;
	FILE *file;
	size_t len, i;

	file = checked(open_memstream(&names, &len));
	for (i = 0; (member = question_member(matrix, question, i)); i++) {
		name = place_name(member->host, member->parent);
		fprintf(file, "%s%s", i ? ", " : "", name);
		free(name);
	}
	if (fclose(file))
		checked(NULL);
	return names;
}

static void add_text(struct table *table, char *text)
{
	table_add(table, text);
	free(text);
}

static void print_sources(const struct matrix *matrix, size_t first, size_t end)
{
	struct table table = { .columns = 3 };
	size_t i;

	table_add(&table, "#");
	table_add(&table, "VERSION");
	table_add(&table, "PARENTS");
	for (i = first; i < end; i++) {
		add_text(&table, format_text("%zu", i - first + 1));
		add_text(&table, version_text(matrix->questions.asked.items[i]));
		add_text(&table, member_names(matrix, i));
	}
	table_print(&table, stdout);
	table_free(&table);
}

/**
 * struct cell - an answer in a table
 * @answer: answer, or NULL if the target was gone when it was asked
 */
struct cell {
	const struct mdev_precheck_answer *answer;
};

/**
 * struct rows - the targets of a type, in the order of their first answers
 * @index: number of the row of each target, by its name
 * @names: name of each row, allocated
 * @num: number of rows
 * @cells: answers, those of a row beside each other
 */
struct rows {
	json_object *index;
	char **names;
	size_t num;
	struct cell *cells;
};

/* row_of - number of the row of a host's target; a new one if it does not have one */
static size_t row_of(struct rows *rows, size_t host,
		     const struct mdev_precheck_answer *answer)
{
	/* Two hosts can have the same name: one of a document, and one that is asked */
	char *key = format_text("%zu/%s", host, answer->parent ? answer->parent : "");
	json_object *row;
	size_t number;

	if (json_object_object_get_ex(rows->index, key, &row)) {
		number = json_object_get_int64(row);
	} else {
		number = rows->num;
		add_member(rows->index, key, number_value(number));
		rows->names = grow(rows->names, rows->num, sizeof(*rows->names));
		rows->names[rows->num++] = place_name(answer->host, answer->parent);
	}
	free(key);
	return number;
}

/**
 * collect_rows - find the rows of a type, or put its answers into them
 * @matrix: matrix
 * @first: number of the first question about the type
 * @end: number after that of the last one
 * @rows: result; without cells the rows are found, with cells these are filled
 */
static void collect_rows(const struct matrix *matrix, size_t first, size_t end,
			 struct rows *rows)
{
	size_t host, i, row;

	for (host = 0; host < matrix->num_hosts; host++) {
		const struct answers *answers = &matrix->hosts[host].answers;

		for (i = first_answer(answers, first); i < answers->num; i++) {
			const struct answered *answered = &answers->items[i];

			if (answered->source >= end)
				break;
			row = row_of(rows, host, answered->answer);
			if (rows->cells)
				rows->cells[row * (end - first) + answered->source - first].answer =
					answered->answer;
		}
	}
}

static void rows_free(struct rows *rows)
{
	size_t i;

	for (i = 0; i < rows->num; i++)
		free(rows->names[i]);
	free(rows->names);
	free(rows->cells);
	json_object_put(rows->index);
}

static const char *cell_text(const struct mdev_precheck_answer *answer)
{
	if (answer && answer->verdict == MDEV_PRECHECK_COMPATIBLE)
		return "yes";
	if (answer && answer->verdict == MDEV_PRECHECK_INCOMPATIBLE)
		return "no";
	return "?";
}

static void print_cells(const struct rows *rows, size_t columns)
{
	struct table table = { .columns = columns + 1 };
	size_t i;

	table_add(&table, "TO\\FROM");
	for (i = 0; i < columns; i++)
		add_text(&table, format_text("%zu", i + 1));
	for (i = 0; i < rows->num * columns; i++) {
		if (i % columns == 0)
			table_add(&table, rows->names[i / columns]);
		table_add(&table, cell_text(rows->cells[i].answer));
	}
	table_print(&table, stdout);
	table_free(&table);
}

static void print_reasons(const struct rows *rows, size_t columns)
{
	const char *before = "\n";
	size_t i;

	for (i = 0; i < rows->num * columns; i++) {
		const struct mdev_precheck_answer *answer = rows->cells[i].answer;

		if (answer && answer->verdict == MDEV_PRECHECK_COMPATIBLE)
			continue;
		printf("%s%zu to ", before, i % columns + 1);
		write_escaped(stdout, rows->names[i / columns]);
		printf(": ");
		write_escaped(stdout, answer ? answer->reason : "the target was gone");
		putchar('\n');
		before = "";
	}
}

/* print_type - the questions @first to before @end, which are about a type */
static void print_type(const struct matrix *matrix, size_t first, size_t end)
{
	struct rows rows = { .index = new_object() };

	write_escaped(stdout, matrix->questions.asked.items[first]->type);
	printf("\n\n");
	print_sources(matrix, first, end);
	putchar('\n');
	collect_rows(matrix, first, end, &rows);
	rows.cells = allocate((rows.num * (end - first) + 1) * sizeof(*rows.cells));
	collect_rows(matrix, first, end, &rows);
	print_cells(&rows, end - first);
	print_reasons(&rows, end - first);
	putchar('\n');
	rows_free(&rows);
}

/* is_fixture - does a host answer by a directory that looks like a sysfs? */
static bool is_fixture(const struct matrix_host *host)
{
	size_t i;

	for (i = 0; i < host->answers.num; i++) {
		if (host->answers.items[i].answer->method == MDEV_PRECHECK_FIXTURE)
			return true;
	}
	return false;
}

static void print_hosts(const struct matrix *matrix)
{
	size_t i;

	for (i = 0; i < matrix->num_hosts; i++) {
		const struct matrix_host *host = &matrix->hosts[i];

		write_escaped(stdout, host->name ? host->name : "this host");
		printf(": %sasked%s", host->reason ? "not " : "",
		       is_fixture(host) ? " (fixture)" : "");
		if (host->reason) {
			printf(": ");
			write_escaped(stdout, host->reason);
		}
		putchar('\n');
	}
}

void print_matrix(const struct matrix *matrix)
{
	size_t first, end;

	for (first = 0; first < matrix->questions.asked.num; first = end) {
		const char *type = matrix->questions.asked.items[first]->type;

		for (end = first; end < matrix->questions.asked.num &&
		     !strcmp(matrix->questions.asked.items[end]->type, type); end++)
			;
		print_type(matrix, first, end);
	}
	print_hosts(matrix);
}

static json_object *hosts_value(const struct matrix *matrix)
{
	json_object *hosts = new_array();
	size_t i;

	for (i = 0; i < matrix->num_hosts; i++) {
		json_object *item = new_object();

		add_member(item, "host", text_value(matrix->hosts[i].name));
		add_member(item, "origin", text_value(origin_names[matrix->hosts[i].origin]));
		add_member(item, "reason", text_value(matrix->hosts[i].reason));
		add_element(hosts, item);
	}
	return hosts;
}

static json_object *parents_value(const struct matrix *matrix, size_t question)
{
	const struct mdev_precheck_source *member;
	json_object *parents = new_array(), *item;
	size_t i;

	for (i = 0; (member = question_member(matrix, question, i)); i++) {
		item = new_object();
		add_member(item, "host", text_value(member->host));
		add_member(item, "parent", text_value(member->parent));
		add_element(parents, item);
	}
	return parents;
}

static json_object *sources_value(const struct matrix *matrix)
{
	json_object *sources = new_array(), *item;
	size_t i;

	for (i = 0; i < matrix->questions.asked.num; i++) {
		item = new_object();
		add_member(item, "type", text_value(matrix->questions.asked.items[i]->type));
		add_version(item, matrix->questions.asked.items[i]);
		add_member(item, "parents", parents_value(matrix, i));
		add_element(sources, item);
	}
	return sources;
}

static json_object *verdict_value(const struct answered *answered)
{
	json_object *item = new_object();

	add_member(item, "source", number_value(answered->source));
	add_member(item, "target", target_value(answered->answer));
	add_answer(item, answered->answer);
	return item;
}

static json_object *verdicts_value(const struct matrix *matrix)
{
	json_object *verdicts = new_array();
	size_t host, i;

	for (host = 0; host < matrix->num_hosts; host++) {
		const struct answers *answers = &matrix->hosts[host].answers;

		for (i = 0; i < answers->num; i++)
			add_element(verdicts, verdict_value(&answers->items[i]));
	}
	return verdicts;
}

void write_matrix(FILE *file, const struct matrix *matrix)
{
	json_object *document = new_document(MATRIX_FORMAT, MATRIX_VERSION);

	add_member(document, "hosts", hosts_value(matrix));
	add_member(document, "sources", sources_value(matrix));
	add_member(document, "verdicts", verdicts_value(matrix));
	add_member(document, "verdict",
		   text_value(mdev_precheck_verdict_name(matrix_verdict(matrix))));
	fprintf(file, "%s\n", json_text(document));
	json_object_put(document);
}
