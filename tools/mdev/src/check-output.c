// SPDX-License-Identifier: GPL-2.0-only
/* Print the verdicts of check, as lines or as a table */

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "check-output.h"
#include "fold.h"
#include "report.h"
#include "spelling.h"
#include "terminal.h"

const struct column check_columns[CHECK_COLUMNS] = {
	[CHECK_VERDICT] = { "VERDICT", 0 },
	[CHECK_SOURCE] = { "SOURCE", COLUMN_WRAP },
	[CHECK_VERSION] = { "VERSION", COLUMN_WRAP },
	[CHECK_HOST] = { "HOST", COLUMN_EXTRA },
	[CHECK_TARGET] = { "TARGET", COLUMN_WRAP },
	[CHECK_AVAILABLE] = { "AVAILABLE", COLUMN_NUMBER },
	[CHECK_CONDITION] = { "CONDITION", COLUMN_EXTRA },
	[CHECK_ERRNO] = { "ERRNO", COLUMN_EXTRA },
	[CHECK_REASON] = { "REASON", COLUMN_WRAP },
};

/**
 * struct known_place - a parent of a host, or a host, that a folded name can have
 * @host: name of the host; NULL for this host
 * @parent: name of the parent; NULL for the whole host
 * @name: host and parent, allocated by sort_known()
 */
struct known_place {
	const char *host;
	const char *parent;
	char *name;
};

/**
 * struct known_places - places in the order of their hosts and parents
 * @items: the places; sort_known() leaves each of them once
 * @num: places in @items
 * @parents: names that belong to this array, and not to a source or an answer
 */
struct known_places {
	struct known_place *items;
	size_t num;
	struct list parents;
};

/**
 * struct answer_group - targets that give the same answer to a question
 * @sample: one of their answers
 * @apart: groups of different hosts stay apart
 * @targets: names of the targets
 * @num: answers in the group
 * @available: sum of the instances that are available; -1 if none of the answers has a number
 * @reason: reason of all answers, with the lines of the kernel log; allocated
 * @logs_differ: the answers have different lines of the kernel log
 */
struct answer_group {
	const struct mdev_precheck_answer *sample;
	bool apart;
	struct fold targets;
	size_t num;
	long available;
	char *reason;
	bool logs_differ;
};

/**
 * struct answer_groups - the groups of a question
 * @index: tree of the groups, for tsearch(3)
 * @items: groups in the order of their first answers
 * @num: groups in @items
 */
struct answer_groups {
	void *index;
	struct answer_group **items;
	size_t num;
};

/**
 * struct block - questions whose answers are the same lines
 * @answers: the text of these lines; allocated
 * @questions: a line for each question
 */
struct block {
	char *answers;
	struct list questions;
};

/**
 * struct blocks - the blocks of all questions
 * @index: tree of the blocks, for tsearch(3)
 * @items: blocks in the order of their first questions
 * @num: blocks in @items
 */
struct blocks {
	void *index;
	struct block **items;
	size_t num;
};

/**
 * struct counts - answers by their verdicts
 * @all: all answers
 * @yes: answers that are yes
 * @room: answers that are yes, and whose target has an instance left
 * @room_known: answers that are yes, and whose target has a number of instances
 * @not_asked: answers to questions that could not be asked
 */
struct counts {
	size_t all;
	size_t yes;
	size_t room;
	size_t room_known;
	size_t not_asked;
};

/* compare_known_places - compare hosts so that host-9 precedes host-10, and parents by bytes */
static int compare_known_places(const void *one, const void *other)
{
	const struct known_place *a = one, *b = other;
	int order;

	if (a->host && b->host)
		order = strverscmp(a->host, b->host);
	else
		order = !!a->host - !!b->host;
	return order ? order : compare_optional(a->parent, b->parent);
}

static void add_known(struct known_places *places, const char *host, const char *parent)
{
	places->items = grow(places->items, places->num, sizeof(*places->items));
	places->items[places->num++] = (struct known_place){
		.host = host,
		.parent = parent,
	};
}

static int add_parent_of_host(const struct mdev_precheck_place *place, int error, void *data)
{
	struct known_places *places = data;

	(void)error;
	if (!*place->type) {
		list_add(&places->parents, duplicate(place->parent));
		add_known(places, NULL, places->parents.items[places->parents.num - 1]);
	}
	return 0;
}

static void sort_known(struct known_places *places)
{
	struct known_place *items = places->items;
	size_t num = 0, i;

	if (!places->num)
		return;
	qsort(items, places->num, sizeof(*items), compare_known_places);
	for (i = 0; i < places->num; i++) {
		if (!num || compare_known_places(&items[num - 1], &items[i]))
			items[num++] = items[i];
	}
	places->num = num;
	for (i = 0; i < num; i++)
		items[i].name = format_text("%s%s%s", items[i].host ? items[i].host : "",
					    items[i].host && items[i].parent ? ":" : "",
					    items[i].parent ? items[i].parent : "");
}

static void known_places_free(struct known_places *places)
{
	size_t i;

	for (i = 0; i < places->num; i++)
		free(places->items[i].name);
	free(places->items);
	free_texts(&places->parents);
}

/* fold_known - add the name of a place of @places to @fold */
static void fold_known(struct fold *fold, const struct known_places *places, const char *host,
		       const char *parent)
{
	struct known_place wanted = { .host = host, .parent = parent }, *found;

	if (!places->num)
		return;
	found = bsearch(&wanted, places->items, places->num, sizeof(wanted), compare_known_places);
	fold_add(fold, found->name, found - places->items);
}

static int compare_groups(const void *one, const void *other)
{
	const struct answer_group *group = one;
	const struct mdev_precheck_answer *a = group->sample;
	const struct mdev_precheck_answer *b = ((const struct answer_group *)other)->sample;
	int order = compare_results(a, b);

	if (!order)
		order = !!a->parent - !!b->parent;
	if (!order)
		order = strcmp(a->type, b->type);
	if (!order && group->apart)
		order = compare_optional(a->host, b->host);
	return order;
}

/* find_group - find the group of an answer, or add a new group */
static struct answer_group *find_group(struct answer_groups *groups,
				       const struct mdev_precheck_answer *answer, bool apart)
{
	struct answer_group wanted = { .sample = answer, .apart = apart }, **found, *group;

	found = tfind(&wanted, &groups->index, compare_groups);
	if (found)
		return *found;
	group = allocate(sizeof(*group));
	group->sample = answer;
	group->apart = apart;
	group->available = -1;
	group->reason = explained_reason(answer);
	checked(tsearch(group, &groups->index, compare_groups));
	groups->items = grow(groups->items, groups->num, sizeof(*groups->items));
	groups->items[groups->num++] = group;
	return group;
}

static void add_to_group(struct answer_group *group, const struct mdev_precheck_answer *answer,
			 const struct known_places *targets)
{
	char *reason = explained_reason(answer);

	group->logs_differ |= strcmp(group->reason, reason);
	free(reason);
	group->num++;
	fold_known(&group->targets, targets, answer->host, answer->parent);
	group->available = add_room(group->available, answer->available_instances);
}

static void free_group(void *data)
{
	struct answer_group *group = data;

	fold_free(&group->targets);
	free(group->reason);
	free(group);
}

static void answer_groups_free(struct answer_groups *groups)
{
	tdestroy(groups->index, free_group);
	free(groups->items);
}

/*
 * names_text - join names with their type and the UUID of the command line; "" leaves either out
 */
static char *names_text(const struct fold *names, const char *type, bool whole_host,
			const char *device)
{
	char *folded = fold_text(names, NULL, false), *safe = escaped(type), *text, *with_device;
	size_t num = fold_num(names);

	text = format_text("%s%s%s", folded, !*folded || !*type ? "" : whole_host ? ":" : "/",
			   safe);
	free(folded);
	free(safe);
	if (num > 1) {
		folded = text;
		text = format_text("%s (%zu %s)", folded, num, whole_host ? "hosts" : "parents");
		free(folded);
	}
	if (!*device)
		return text;
	with_device = format_text("%s (%s)", device, text);
	free(text);
	return with_device;
}

/* group_reason - escape the reason of a group; allocated */
static char *group_reason(const struct answer_group *group)
{
	char *text, *safe;

	if (!group->logs_differ)
		return escaped(group->reason);
	text = format_text("%s; the kernel log has lines about them, which -v prints",
			   group->sample->reason);
	safe = escaped(text);
	free(text);
	return safe;
}

static void add_check_row(struct table *table, const struct answer_group *group,
			  const struct verdict_line *line)
{
	const struct mdev_precheck_answer *answer = group->sample;
	char buffer[MDEV_PRECHECK_ERROR_SIZE];
	char *verdict = verdict_text(answer->verdict, answer->method);

	table_add_colored(table, verdict, answer->verdict);
	table_add(table, line->source);
	table_add(table, line->version);
	table_add(table, answer->host);
	table_add(table, line->target);
	table_add_number(table, line->available);
	table_add(table, answer->condition == MDEV_PRECHECK_ALL_HOLD ? NULL :
		  mdev_precheck_condition_name(answer->condition));
	table_add(table, answer->error ? mdev_precheck_error_name(answer->error, buffer) : NULL);
	table_add(table, line->reason);
	free(verdict);
}

/* print_group - print a line, or add a row; @from has the places that show @source's string */
static void print_group(struct check_output *output, const struct answer_group *group,
			const struct fold *from, const struct mdev_precheck_source *source)
{
	const struct mdev_precheck_answer *answer = group->sample;
	char *version = source->version ? escaped(source->version) : NULL;
	char *reason = group_reason(group);
	char *source_names, *target_names;
	struct verdict_line line = {
		.verdict = answer->verdict,
		.method = answer->method,
		.colored = output->colored,
		.version = version,
		.reason = reason,
		/* A device that exists does not need another instance */
		.available = *output->target_device ? -1 : group->available,
	};

	source_names = names_text(from, source->type, !source->parent, output->source_device);
	target_names = names_text(&group->targets, answer->type, !answer->parent,
				  output->target_device);
	line.source = source_names;
	line.target = target_names;
	if (output->tabular)
		add_check_row(&output->table, group, &line);
	else
		print_verdict_line(&line);
	free(source_names);
	free(target_names);
	free(version);
	free(reason);
}

/**
 * struct printed - a check that is being printed
 * @output: options and table
 * @sources: all sources
 * @questions: questions of @sources
 * @answers: answers to @questions
 * @from: places of the sources
 * @to: places of the targets
 */
struct printed {
	struct check_output *output;
	const struct sources *sources;
	const struct questions *questions;
	const struct answers *answers;
	struct known_places from;
	struct known_places to;
};

/* print_whole - print a source with each of its answers */
static void print_whole(struct printed *printed, size_t source)
{
	const struct mdev_precheck_source *from = printed->sources->items[source];
	const struct answers *answers = printed->answers;
	size_t question = printed->questions->of[source], i;

	for (i = first_answer(answers, question);
	     i < answers->num && answers->items[i].source == question; i++) {
		const struct mdev_precheck_answer *answer = answers->items[i].answer;
		struct answer_group group = { .sample = answer, .available = -1 };
		struct fold name = {};

		group.reason = explained_reason(answer);
		add_to_group(&group, answer, &printed->to);
		fold_known(&name, &printed->from, from->host, from->parent);
		print_group(printed->output, &group, &name, from);
		fold_free(&name);
		fold_free(&group.targets);
		free(group.reason);
	}
}

/* fold_sources - fold the places that show a question's string; return one of the sources */
static const struct mdev_precheck_source *fold_sources(const struct printed *printed,
						       size_t question, struct fold *from)
{
	const struct questions *questions = printed->questions;
	const struct mdev_precheck_source *source = NULL;
	size_t i;

	for (i = questions->begin[question]; i < questions->begin[question + 1]; i++) {
		source = printed->sources->items[questions->members[i]];
		fold_known(from, &printed->from, source->host, source->parent);
	}
	return source;
}

static void group_answers(const struct printed *printed, size_t question,
			  struct answer_groups *groups)
{
	const struct answers *answers = printed->answers;
	bool apart = printed->output->tabular &&
		     table_has(&printed->output->table, CHECK_HOST);
	size_t i;

	for (i = first_answer(answers, question);
	     i < answers->num && answers->items[i].source == question; i++)
		add_to_group(find_group(groups, answers->items[i].answer, apart),
			     answers->items[i].answer, &printed->to);
}

static void print_folded(const struct printed *printed, size_t question)
{
	const struct mdev_precheck_source *source;
	struct answer_groups groups = {};
	struct fold from = {};
	size_t i;

	source = fold_sources(printed, question, &from);
	group_answers(printed, question, &groups);
	for (i = 0; i < groups.num; i++)
		print_group(printed->output, groups.items[i], &from, source);
	fold_free(&from);
	answer_groups_free(&groups);
}

static void count_verdict(struct counts *counts, const struct mdev_precheck_answer *answer)
{
	counts->all++;
	counts->yes += answer->verdict == MDEV_PRECHECK_COMPATIBLE;
	counts->not_asked += answer->verdict == MDEV_PRECHECK_NOT_ASKED;
	if (answer->verdict == MDEV_PRECHECK_COMPATIBLE) {
		counts->room += answer->available_instances > 0;
		counts->room_known += answer->available_instances >= 0;
	}
}

/* count_question - add the answers to a question to @counts */
static void count_question(const struct answers *answers, size_t question, struct counts *counts)
{
	size_t i;

	for (i = first_answer(answers, question);
	     i < answers->num && answers->items[i].source == question; i++)
		count_verdict(counts, answers->items[i].answer);
}

static void write_counts(FILE *file, const struct counts *counts)
{
	size_t unknown = counts->yes - counts->room_known;

	if (counts->room_known)
		fprintf(file, ", %zu %s room", counts->room, counts->room == 1 ? "has" : "have");
	if (counts->room_known && unknown)
		fprintf(file, ", the room of %zu is not known", unknown);
	if (counts->not_asked)
		fprintf(file, ", %zu could not be asked", counts->not_asked);
	putc('\n', file);
}

/* write_closing - count the targets that take a string, unless a single line has its answers */
static void write_closing(FILE *file, const struct answers *answers, size_t question,
			  const char *indentation)
{
	struct counts counts = {};

	count_question(answers, question, &counts);
	if (counts.all < 2)
		return;
	fprintf(file, "%s%zu of %zu %s it", indentation, counts.yes, counts.all,
		counts.yes == 1 ? "takes" : "take");
	write_counts(file, &counts);
}

/* print_sum - count the strings that are taken, and all answers */
static void print_sum(const struct answers *answers, size_t num)
{
	struct counts sum = {};
	size_t taken = 0, i;

	for (i = 0; i < num; i++) {
		size_t before = sum.yes;

		count_question(answers, i, &sum);
		taken += sum.yes > before;
	}
	printf("%zu of %zu strings %s taken: %zu of %zu answers %s yes", taken, num,
	       taken == 1 ? "is" : "are", sum.yes, sum.all, sum.yes == 1 ? "is" : "are");
	write_counts(stdout, &sum);
}

/* question_text - join a type, its string and the places that show it; allocated */
static char *question_text(const struct printed *printed, size_t question)
{
	const struct mdev_precheck_source *source;
	char *version, *names, *type, *safe, *text;
	struct fold from = {};

	source = fold_sources(printed, question, &from);
	names = names_text(&from, "", !source->parent, "");
	type = escaped(source->type);
	version = shown_version(source);
	safe = escaped(version);
	text = format_text("%s %s%s%s", type, safe, *names ? " of " : "", names);
	fold_free(&from);
	free(names);
	free(type);
	free(version);
	free(safe);
	return text;
}

/*
 * write_group - write a line of a block, with the target's type if it is not @type
 *
 * Lines of the kernel log are left out.  They name the string, so that the blocks of two strings
 * with the same answers would differ.
 */
static void write_group(FILE *file, const struct check_output *output,
			const struct answer_group *group, const char *type)
{
	const struct mdev_precheck_answer *answer = group->sample;
	char *verdict = verdict_text(answer->verdict, answer->method);
	char *pointed = pointed_reason(answer), *reason = escaped(pointed);
	char *names = names_text(&group->targets, strcmp(answer->type, type) ? answer->type : "",
				 !answer->parent, output->target_device);

	fprintf(file, "  %s%s%s: %s", output->colored ? verdict_color(answer->verdict) : "",
		verdict, output->colored ? COLOR_END : "", *names ? names : "this host");
	/* The reason of a yes only repeats the verdict */
	if (answer->verdict != MDEV_PRECHECK_COMPATIBLE)
		fprintf(file, ": %s", reason);
	if (group->available >= 0 && !*output->target_device)
		fprintf(file, "; available_instances: %ld", group->available);
	putc('\n', file);
	free(verdict);
	free(pointed);
	free(reason);
	free(names);
}

/* answers_text - write a line for each group of a question's answers, and count them; allocated */
static char *answers_text(const struct printed *printed, size_t question)
{
	struct answer_groups groups = {};
	char *text = NULL;
	FILE *file;
	size_t len, i;

	group_answers(printed, question, &groups);
	file = checked(open_memstream(&text, &len));
	for (i = 0; i < groups.num; i++)
		write_group(file, printed->output, groups.items[i],
			    printed->questions->asked.items[question]->type);
	write_closing(file, printed->answers, question, "  ");
	if (fclose(file))
		checked(NULL);
	answer_groups_free(&groups);
	return text;
}

static int compare_blocks(const void *one, const void *other)
{
	return strcmp(((const struct block *)one)->answers, ((const struct block *)other)->answers);
}

static void add_to_block(struct blocks *blocks, char *question, char *answers)
{
	struct block wanted = { .answers = answers }, **found, *block;

	found = tfind(&wanted, &blocks->index, compare_blocks);
	if (found) {
		free(answers);
		block = *found;
	} else {
		block = allocate(sizeof(*block));
		block->answers = answers;
		checked(tsearch(block, &blocks->index, compare_blocks));
		blocks->items = grow(blocks->items, blocks->num, sizeof(*blocks->items));
		blocks->items[blocks->num++] = block;
	}
	list_add(&block->questions, question);
}

static void free_block(void *data)
{
	struct block *block = data;

	free(block->answers);
	free_texts(&block->questions);
	free(block);
}

/* print_blocks - print questions with the same answers together, and their answers once below */
static void print_blocks(const struct printed *printed)
{
	struct blocks blocks = {};
	size_t i, j;

	for (i = 0; i < printed->questions->asked.num; i++)
		add_to_block(&blocks, question_text(printed, i), answers_text(printed, i));
	for (i = 0; i < blocks.num; i++) {
		for (j = 0; j < blocks.items[i]->questions.num; j++)
			puts(blocks.items[i]->questions.items[j]);
		printf("%s\n", blocks.items[i]->answers);
	}
	tdestroy(blocks.index, free_block);
	free(blocks.items);
}

/* print_log_note - print that the blocks leave out lines of the kernel log */
static void print_log_note(const struct answers *answers)
{
	size_t i;

	for (i = 0; i < answers->num; i++) {
		if (answers->items[i].answer->num_log) {
			puts("the kernel log has lines about answers, which -v prints");
			return;
		}
	}
}

/* copy_device - copy the UUID in an operand; "" if the operand does not have one */
static void copy_device(const struct settings *settings, const char *text,
			char device[MDEV_PRECHECK_UUID_SIZE])
{
	struct spelling spelling;

	*device = '\0';
	if (!text || !mdev_precheck_parse_uuid(text, device))
		return;
	*device = '\0';
	if (parse_spelling(settings, text, &spelling) == SPELLING_DEVICE)
		mdev_precheck_parse_uuid(spelling.text, device);
}

enum outcome check_output_begin(struct check_output *output, const struct settings *settings,
				const char *target)
{
	memset(output, 0, sizeof(*output));
	output->settings = settings;
	output->tabular = settings->given & (TABLE_OPTIONS & ~OPTION_COLOR);
	output->whole = settings->given & OPTION_RAW || settings->verbosity > 0;
	output->colored = wants_colors(settings);
	if (!settings->from.num && !settings->type)
		copy_device(settings, *settings->operands, output->source_device);
	copy_device(settings, target, output->target_device);
	return output->tabular ? table_begin(&output->table, settings, check_columns,
					     CHECK_COLUMNS) : DONE;
}

void print_check(struct check_output *output, struct mdev_precheck *host,
		 const struct sources *sources, const struct questions *questions,
		 const struct answers *answers)
{
	struct printed printed = {
		.output = output,
		.sources = sources,
		.questions = questions,
		.answers = answers,
	};
	size_t i;

	for (i = 0; i < sources->num; i++)
		add_known(&printed.from, sources->items[i]->host, sources->items[i]->parent);
	for (i = 0; i < answers->num; i++)
		add_known(&printed.to, answers->items[i].answer->host,
			  answers->items[i].answer->parent);
	/* A range of names ends where a parent of the host is not a target */
	if (host && !output->whole && answers->num > questions->asked.num)
		mdev_precheck_walk_places(host, add_parent_of_host, &printed.to);
	sort_known(&printed.from);
	sort_known(&printed.to);
	if (output->whole)
		for (i = 0; i < sources->num; i++)
			print_whole(&printed, i);
	else if (output->tabular || questions->asked.num == 1)
		for (i = 0; i < questions->asked.num; i++)
			print_folded(&printed, i);
	else
		print_blocks(&printed);
	if (output->tabular)
		table_print(&output->table, stdout);
	else if (questions->asked.num == 1)
		write_closing(stdout, answers, 0, "");
	else
		print_sum(answers, questions->asked.num);
	if (!output->whole && !output->tabular && questions->asked.num > 1)
		print_log_note(answers);
	known_places_free(&printed.from);
	known_places_free(&printed.to);
}

void check_output_end(struct check_output *output)
{
	table_free(&output->table);
}
