// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev-precheck matrix: who takes whose devices, among parents and hosts
 *
 * Types that show the same string are interchangeable.  They are a group here, and
 * of each two groups only one member is asked about one string.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "host.h"
#include "remote.h"

/* Where a member is: a document, this host, or one of --to from FIRST_REMOTE on */
enum {
	ONLY_DOCUMENT = -2,
	THIS_HOST = -1,
	FIRST_REMOTE = 0,
};

/**
 * struct group - types of one name that have one answer to what they are
 * @sample: one of them, as a number in struct matrix
 * @members: how many there are
 * @askable: one that can be asked, or -1
 */
struct group {
	size_t sample;
	size_t members;
	ssize_t askable;
};

/**
 * struct matrix - the types of all hosts, and the answers
 * @settings: the command line
 * @host: this host
 * @members: types of all hosts
 * @where: where each of them is, in the same order
 * @group_of: number of the group of each of them
 * @groups: groups, those of a type beside each other
 * @num_groups: their number
 * @verdicts: answers: the source is the number of a group
 * @target_of: group that each answer is from
 * @pairs: questions there would be without groups
 * @writes: questions there were
 */
struct matrix {
	const struct settings *settings;
	struct mdev_precheck *host;
	struct sources members;
	int *where;
	size_t *group_of;
	struct group *groups;
	size_t num_groups;
	struct verdicts verdicts;
	size_t *target_of;
	size_t pairs;
	size_t writes;
};

static int add_local_type(const struct mdev_precheck_type *type, void *data)
{
	add_local_source(data, type->place, type->version);
	return 0;
}

/* located - what was added since the last time is at @where */
static void located(struct matrix *matrix, size_t *num, int where)
{
	matrix->where = reallocate(matrix->where, (matrix->members.num + 1) *
				   sizeof(*matrix->where));
	for (; *num < matrix->members.num; (*num)++)
		matrix->where[*num] = where;
}

static enum status add_members(struct matrix *matrix)
{
	const struct settings *settings = matrix->settings;
	enum status status;
	size_t i, num = 0;
	int ret;

	ret = mdev_precheck_walk_types(matrix->host, NULL, settings->type,
				       add_local_type, &matrix->members);
	if (ret)
		return not_done(ret, "reading the types of this host");
	located(matrix, &num, THIS_HOST);

	for (i = 0; i < settings->from.num; i++) {
		status = add_file(settings->from.items[i], &matrix->members);
		if (status)
			return status;
		located(matrix, &num, ONLY_DOCUMENT);
	}
	for (i = 0; i < settings->to.num; i++) {
		status = export_remote(settings, settings->to.items[i],
				       &matrix->members);
		if (status)
			return status;
		located(matrix, &num, FIRST_REMOTE + i);
	}
	return STATUS_COMPATIBLE;
}

static int compare_text(const char *one, const char *other)
{
	if (!one || !other)
		return !!one - !!other;
	return strcmp(one, other);
}

/* compare_groups - 0 if two types belong together; by type first */
static int compare_groups(const struct source *one, const struct source *other)
{
	int order = strcmp(one->type, other->type);

	if (!order)
		order = (int)one->state - (int)other->state;
	if (!order)
		order = one->error - other->error;
	return order ? order : compare_text(one->version, other->version);
}

static int compare_members(const void *one, const void *other, void *data)
{
	const struct matrix *matrix = data;
	size_t i = *(const size_t *)one, j = *(const size_t *)other;
	int order = compare_groups(&matrix->members.items[i],
				   &matrix->members.items[j]);

	return order ? order : (i > j) - (i < j);
}

static void make_groups(struct matrix *matrix)
{
	const struct settings *settings = matrix->settings;
	size_t num = matrix->members.num;
	size_t *order = allocate((num + 1) * sizeof(*order));
	const struct source *last = NULL;
	size_t i, kept = 0;

	matrix->groups = allocate((num + 1) * sizeof(*matrix->groups));
	matrix->group_of = allocate((num + 1) * sizeof(*matrix->group_of));
	for (i = 0; i < num; i++) {
		matrix->group_of[i] = SIZE_MAX;
		/* Documents have all types of their hosts, and a parent for each */
		if (matrix->members.items[i].parent &&
		    (!settings->type ||
		     !strcmp(matrix->members.items[i].type, settings->type)))
			order[kept++] = i;
	}
	qsort_r(order, kept, sizeof(*order), compare_members, matrix);

	for (i = 0; i < kept; i++) {
		const struct source *member = &matrix->members.items[order[i]];
		struct group *group;

		if (!last || compare_groups(last, member)) {
			group = &matrix->groups[matrix->num_groups++];
			group->sample = order[i];
			group->askable = -1;
		}
		last = member;
		group = &matrix->groups[matrix->num_groups - 1];
		group->members++;
		matrix->group_of[order[i]] = matrix->num_groups - 1;
		if (group->askable < 0 && matrix->where[order[i]] != ONLY_DOCUMENT)
			group->askable = order[i];
	}
	free(order);
}

static const struct source *sample(const struct matrix *matrix, size_t group)
{
	return &matrix->members.items[matrix->groups[group].sample];
}

static bool same_type(const struct matrix *matrix, size_t one, size_t other)
{
	return !strcmp(sample(matrix, one)->type, sample(matrix, other)->type);
}

/* is_pair - may a device go from one group to the other?  A group of one has no
 * other place for it.
 */
static bool is_pair(const struct matrix *matrix, size_t source, size_t target)
{
	return same_type(matrix, source, target) &&
	       (source != target || matrix->groups[source].members > 1);
}

static void not_askable(struct verdict *verdict)
{
	verdict->verdict = MDEV_PRECHECK_NOT_ASKED;
	verdict->condition = MDEV_PRECHECK_ACCEPTED;
	verdict->reason =
		duplicate("none of the hosts that can be asked has the target's version");
}

/* is_write - was the driver asked, or would it be? */
static bool is_write(const struct matrix *matrix, const struct verdict *verdict,
		     size_t target)
{
	return matrix->groups[target].askable >= 0 &&
	       (verdict->condition == MDEV_PRECHECK_ALL_HOLD ||
		verdict->condition == MDEV_PRECHECK_ACCEPTED);
}

/* keep_verdicts - those of one target; @groups has the group of each source */
static void keep_verdicts(struct matrix *matrix, const size_t *groups,
			  size_t target, struct verdicts *verdicts)
{
	size_t before = matrix->verdicts.num, i;

	for (i = 0; i < verdicts->num; i++) {
		struct verdict *verdict = add_verdict(&matrix->verdicts);

		*verdict = verdicts->items[i];
		verdict->source = groups[verdict->source];
		matrix->writes += is_write(matrix, verdict, target);
	}
	matrix->target_of = reallocate(matrix->target_of,
				       (matrix->verdicts.num + 1) *
				       sizeof(*matrix->target_of));
	for (i = before; i < matrix->verdicts.num; i++)
		matrix->target_of[i] = target;
	/* What they point to was kept */
	free(verdicts->items);
}

/* ask_group - ask a member of a group about the string of each group */
static enum status ask_group(struct matrix *matrix, size_t target)
{
	const struct group *group = &matrix->groups[target];
	size_t *groups = allocate(matrix->num_groups * sizeof(*groups));
	enum status status = STATUS_COMPATIBLE;
	struct verdicts verdicts = {};
	struct sources sources = {};
	const struct source *member;
	char *place;
	size_t i;

	for (i = 0; i < matrix->num_groups; i++) {
		if (!is_pair(matrix, i, target))
			continue;
		groups[sources.num] = i;
		*add_source(&sources) = *sample(matrix, i);
		if (group->askable < 0) {
			struct verdict *verdict = add_verdict(&verdicts);

			verdict->source = verdicts.num - 1;
			verdict->type = duplicate(sample(matrix, target)->type);
			not_askable(verdict);
		}
	}

	if (sources.num && group->askable >= 0) {
		member = &matrix->members.items[group->askable];
		place = format_text("%s/%s", member->parent, member->type);
		if (matrix->where[group->askable] == THIS_HOST)
			status = ask_host(matrix->settings, matrix->host, &sources,
					  place, &verdicts);
		else
			status = ask_remote(matrix->settings, member->host,
					    &sources, place, &verdicts);
		free(place);
	}

	/* Another host may have said anything; half a matrix would be misread */
	if (!status && verdicts.num != sources.num) {
		complain("%s: its answer has %zu verdicts for %zu questions",
			 sample(matrix, target)->host ?
			 sample(matrix, target)->host : "this host",
			 verdicts.num, sources.num);
		status = STATUS_NOT_ASKED;
	}
	if (status)
		verdicts_free(&verdicts);
	else
		keep_verdicts(matrix, groups, target, &verdicts);
	/* Its items are the matrix's */
	free(sources.items);
	free(groups);
	return status;
}

/* count_pairs - what would be asked if each were asked about each other one */
static void count_pairs(struct matrix *matrix)
{
	size_t i;

	for (i = 0; i < matrix->verdicts.num; i++) {
		size_t from = matrix->verdicts.items[i].source;
		size_t to = matrix->target_of[i];
		size_t targets = matrix->groups[to].members;

		if (is_write(matrix, &matrix->verdicts.items[i], to))
			matrix->pairs += matrix->groups[from].members *
					 (from == to ? targets - 1 : targets);
	}
}

static const struct verdict *find_verdict(const struct matrix *matrix,
					  size_t source, size_t target)
{
	size_t i;

	for (i = 0; i < matrix->verdicts.num; i++) {
		if (matrix->verdicts.items[i].source == source &&
		    matrix->target_of[i] == target)
			return &matrix->verdicts.items[i];
	}
	return NULL;
}

static char *version_text(const struct source *source)
{
	char buffer[24];

	if (source->version)
		return duplicate(source->version);
	if (source->state == MDEV_PRECHECK_VERSION_NONE)
		return duplicate("(no migration_version)");
	return format_text("(no version: %s)", error_name(source->error, buffer));
}

static char *member_names(const struct matrix *matrix, size_t group)
{
	char *names = duplicate("");
	size_t i;

	for (i = 0; i < matrix->members.num; i++) {
		const struct source *member = &matrix->members.items[i];
		char *longer;

		if (matrix->group_of[i] != group)
			continue;
		longer = format_text("%s%s%s%s%s", names, *names ? ", " : "",
				     member->host ? member->host : "",
				     member->host ? ":" : "", member->parent);
		free(names);
		names = longer;
	}
	return names;
}

static void add_number(struct table *table, size_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", number);
	table_add(table, text);
}

/* print_type - the groups @first to @end of a type, with a row for each source */
static void print_type(const struct matrix *matrix, size_t first, size_t end)
{
	struct table versions = { .columns = 3 };
	struct table answers = { .columns = end - first + 1 };
	size_t source, target, reasons = 0;
	char *text;

	write_escaped(stdout, sample(matrix, first)->type);
	printf("\n\n");
	table_add(&versions, "#");
	table_add(&versions, "VERSION");
	table_add(&versions, "PARENTS");
	table_add(&answers, "FROM\\TO");
	for (source = first; source < end; source++) {
		add_number(&versions, source - first + 1);
		text = version_text(sample(matrix, source));
		table_add(&versions, text);
		free(text);
		text = member_names(matrix, source);
		table_add(&versions, text);
		free(text);
		add_number(&answers, source - first + 1);
	}
	for (source = first; source < end; source++) {
		add_number(&answers, source - first + 1);
		for (target = first; target < end; target++) {
			const struct verdict *verdict =
				find_verdict(matrix, source, target);

			if (!verdict)
				table_add(&answers, "-");
			else if (verdict->verdict == MDEV_PRECHECK_COMPATIBLE)
				table_add(&answers, "yes");
			else if (verdict->verdict == MDEV_PRECHECK_INCOMPATIBLE)
				table_add(&answers, "no");
			else
				table_add(&answers, "?");
		}
	}
	table_print(&versions, stdout);
	putchar('\n');
	table_print(&answers, stdout);
	for (source = first; source < end; source++) {
		for (target = first; target < end; target++) {
			const struct verdict *verdict =
				find_verdict(matrix, source, target);

			if (!verdict || !verdict->verdict)
				continue;
			printf("%s%zu to %zu: ", reasons++ ? "" : "\n",
			       source - first + 1, target - first + 1);
			write_escaped(stdout, verdict->reason);
			putchar('\n');
		}
	}
	table_free(&versions);
	table_free(&answers);
}

static void print_number(size_t number, const char *what, const char *then)
{
	printf("%zu %s%s%s", number, what, number == 1 ? "" : "s", then);
}

static void print_matrix(const struct matrix *matrix)
{
	size_t first, end;

	for (first = 0; first < matrix->num_groups; first = end) {
		for (end = first; end < matrix->num_groups &&
		     same_type(matrix, first, end); end++)
			;
		print_type(matrix, first, end);
		putchar('\n');
	}
	print_number(matrix->writes, "question", " for ");
	print_number(matrix->pairs, "pair", " of parents: ");
	print_number(matrix->pairs - matrix->writes, "write", " saved\n");
}

static enum status worst(const struct matrix *matrix)
{
	enum status status = STATUS_COMPATIBLE;
	size_t i;

	for (i = 0; i < matrix->verdicts.num; i++) {
		if (matrix->verdicts.items[i].verdict == MDEV_PRECHECK_INCOMPATIBLE)
			return STATUS_INCOMPATIBLE;
		if (matrix->verdicts.items[i].verdict == MDEV_PRECHECK_NOT_ASKED)
			status = STATUS_NOT_ASKED;
	}
	return status;
}

static void write_json(const struct matrix *matrix)
{
	size_t group, i;
	struct matrix_document *document = matrix_document_new();

	for (group = 0; group < matrix->num_groups; group++) {
		matrix_document_add_group(document, sample(matrix, group));
		for (i = 0; i < matrix->members.num; i++) {
			if (matrix->group_of[i] == group)
				matrix_document_add_member(document,
							   &matrix->members.items[i]);
		}
	}
	for (i = 0; i < matrix->verdicts.num; i++)
		matrix_document_add_verdict(document, matrix->target_of[i],
					    &matrix->verdicts.items[i]);
	matrix_document_write(stdout, document, matrix->pairs, matrix->writes);
}

static enum status ask_all(struct matrix *matrix)
{
	enum status status = STATUS_COMPATIBLE;
	size_t target;

	for (target = 0; !status && target < matrix->num_groups; target++)
		status = ask_group(matrix, target);
	return status;
}

static enum status run_matrix(const struct settings *settings)
{
	struct matrix matrix = { .settings = settings };
	enum status status;

	if (settings->num_operands)
		return usage_error("matrix: %s: no operand was expected, but --from or --to",
				   settings->operands[0]);

	matrix.host = open_host(settings, ASK_TIMEOUT_MS);
	if (!matrix.host)
		return STATUS_NOT_ASKED;
	status = add_members(&matrix);
	if (!status)
		make_groups(&matrix);
	if (!status && settings->type && !matrix.num_groups) {
		complain("no parent has the type %s", settings->type);
		status = STATUS_NOT_ASKED;
	}
	if (!status)
		status = ask_all(&matrix);
	if (!status) {
		count_pairs(&matrix);
		if (settings->given & OPTION_JSON)
			write_json(&matrix);
		else if (settings->verbosity >= 0)
			print_matrix(&matrix);
		status = worst(&matrix);
	}

	free(matrix.groups);
	free(matrix.group_of);
	free(matrix.where);
	free(matrix.target_of);
	verdicts_free(&matrix.verdicts);
	sources_free(&matrix.members);
	mdev_precheck_free(matrix.host);
	return status;
}

const struct command matrix_command = {
	.name = "matrix",
	.operands = "[--from FILE]... [--to HOST]... [--type TYPE] [--json]",
	.summary = "show which parents and hosts take devices of which",
	.help =
		"Ask about all pairs of parents that have the same type, on this host and:\n\n"
		"Options:\n"
		"  --from FILE        the types that export wrote on another host, which is not\n"
		"                     asked itself\n"
		"  --to HOST          the types of HOST, which is asked over ssh;\n"
		"                     HOST, -p, -l, -o, -i, -F and -J are as ssh has them\n"
		"  --remote COMMAND   how to call it there, as \"sudo mdev-precheck\"\n"
		"  --type TYPE        only types of this name\n"
		"  --json             as a JSON document\n\n"
		"Types that show the same version are interchangeable: each question is asked\n"
		"once for all of them.\n",
	.options = OPTION_TYPE | OPTION_FROM | OPTION_TO | OPTION_SSH | OPTION_JSON,
	.run = run_matrix,
};
