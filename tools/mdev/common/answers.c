// SPDX-License-Identifier: GPL-2.0-only
/* Sources, and the answers of targets about them */

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "document.h"
#include "hint.h"
#include "operand.h"
#include "progress.h"
#include "selection.h"

/* done - end the program after an error of the library, which can only be a lack of memory */
static void done(int ret)
{
	if (!ret)
		return;
	failed(ret, "an answer cannot be kept");
	exit(STATUS_NOT_ASKED);
}

void sources_add(struct sources *sources, struct mdev_precheck_source *source,
		 const char *name)
{
	sources->items = grow(sources->items, sources->num, sizeof(*sources->items));
	sources->names = grow(sources->names, sources->num, sizeof(*sources->names));
	sources->items[sources->num] = source;
	sources->names[sources->num++] = duplicate(name);
}

void sources_copy(struct sources *sources, const struct mdev_precheck_source *source,
		  const char *name)
{
	struct mdev_precheck_source *copy;

	done(mdev_precheck_source_new(source, &copy));
	sources_add(sources, copy, name);
}

void sources_take(struct sources *sources, struct sources *from, size_t i)
{
	sources->items = grow(sources->items, sources->num, sizeof(*sources->items));
	sources->names = grow(sources->names, sources->num, sizeof(*sources->names));
	sources->items[sources->num] = from->items[i];
	sources->names[sources->num++] = from->names[i];
	from->items[i] = NULL;
	from->names[i] = NULL;
}

void sources_move(struct sources *sources, struct sources *from)
{
	size_t i;

	for (i = 0; i < from->num; i++)
		sources_take(sources, from, i);
	sources_free(from);
}

void sources_set_host(struct sources *sources, size_t first, const char *host, bool always)
{
	struct mdev_precheck_source named, *copy;
	size_t i;

	for (i = first; i < sources->num; i++) {
		named = *sources->items[i];
		if (named.host && !always)
			continue;
		named.host = host;
		done(mdev_precheck_source_new(&named, &copy));
		mdev_precheck_source_free(sources->items[i]);
		sources->items[i] = copy;
	}
}

const char *source_name(const struct sources *sources, size_t number)
{
	return sources->names ? sources->names[number] : NULL;
}

void sources_free(struct sources *sources)
{
	size_t i;

	for (i = 0; i < sources->num; i++) {
		mdev_precheck_source_free(sources->items[i]);
		free(sources->names[i]);
	}
	free(sources->items);
	free(sources->names);
	memset(sources, 0, sizeof(*sources));
}

bool is_selected(const char *pattern, const char *type)
{
	/* A name can have characters that are special in a pattern */
	return name_matches(pattern, !strcmp(pattern, type), type);
}

void sources_keep(struct sources *sources, const char *pattern)
{
	size_t num = sources->num, i;
	bool literal = false;

	for (i = 0; i < num; i++)
		literal |= !strcmp(sources->items[i]->type, pattern);
	sources->num = 0;
	for (i = 0; i < num; i++) {
		if (!name_matches(pattern, literal, sources->items[i]->type)) {
			mdev_precheck_source_free(sources->items[i]);
			if (sources->names)
				free(sources->names[i]);
			continue;
		}
		sources->items[sources->num] = sources->items[i];
		if (sources->names)
			sources->names[sources->num] = sources->names[i];
		sources->num++;
	}
}

int compare_sources(const struct mdev_precheck_source *one,
		    const struct mdev_precheck_source *other)
{
	int order = strcmp(one->type, other->type);

	if (!order)
		order = (int)one->state - (int)other->state;
	if (!order)
		order = one->error - other->error;
	return order ? order : compare_optional(one->version, other->version);
}

/**
 * struct shared - an answer that items of arrays share
 * @answer: answer of the library
 * @uses: number of these items
 */
struct shared {
	struct mdev_precheck_answer *answer;
	size_t uses;
};

/* Tree of all answers that are in an array, for tsearch(3) */
static void *shared_answers;

static int compare_numbers(long long one, long long other)
{
	return (one > other) - (one < other);
}

int compare_results(const struct mdev_precheck_answer *one,
		    const struct mdev_precheck_answer *other)
{
	int order = compare_numbers(one->verdict, other->verdict);

	if (!order)
		order = compare_numbers(one->condition, other->condition);
	if (!order)
		order = compare_numbers(one->error, other->error);
	if (!order)
		order = compare_numbers(one->method, other->method);
	return order ? order : strcmp(one->reason, other->reason);
}

static int compare_logs(const struct mdev_precheck_answer *one,
			const struct mdev_precheck_answer *other)
{
	int order = compare_numbers(one->num_log, other->num_log);
	size_t i;

	if (!order)
		order = compare_numbers(one->log_error, other->log_error);
	if (!order)
		order = compare_numbers(one->log_lost, other->log_lost);
	for (i = 0; !order && i < one->num_log; i++)
		order = strcmp(one->log[i], other->log[i]);
	return order;
}

/* compare_shared - compare two answers; 0 if each of their members is equal */
static int compare_shared(const void *first, const void *second)
{
	const struct mdev_precheck_answer *one = ((const struct shared *)first)->answer;
	const struct mdev_precheck_answer *other = ((const struct shared *)second)->answer;
	int order;

	if (one == other)
		return 0;
	order = compare_optional(one->host, other->host);
	if (!order)
		order = compare_optional(one->parent, other->parent);
	if (!order)
		order = strcmp(one->type, other->type);
	if (!order)
		order = compare_results(one, other);
	if (!order)
		order = compare_numbers(one->available_instances, other->available_instances);
	return order ? order : compare_logs(one, other);
}

/* use_answer - share an answer; if an equal one is shared already, @answer is freed */
static const struct mdev_precheck_answer *use_answer(struct mdev_precheck_answer *answer)
{
	struct shared *new = allocate(sizeof(*new)), *shared;

	new->answer = answer;
	shared = *(struct shared **)checked(tsearch(new, &shared_answers, compare_shared));
	shared->uses++;
	if (shared != new) {
		mdev_precheck_answer_free(answer);
		free(new);
	}
	return shared->answer;
}

/* drop_answer - end the use of @answer by an item; the last one frees it */
static void drop_answer(const struct mdev_precheck_answer *answer)
{
	struct shared key = { .answer = (struct mdev_precheck_answer *)answer };
	struct shared *shared = *(struct shared **)tfind(&key, &shared_answers, compare_shared);

	if (--shared->uses)
		return;
	tdelete(shared, &shared_answers, compare_shared);
	mdev_precheck_answer_free(shared->answer);
	free(shared);
}

void answers_move(struct answers *answers, size_t source, const struct answered *answered)
{
	answers->items = grow(answers->items, answers->num, sizeof(*answers->items));
	answers->items[answers->num++] = (struct answered){
		.source = source,
		.answer = answered->answer,
	};
}

bool answers_add(struct answers *answers, size_t source,
		 struct mdev_precheck_answer *answer)
{
	const struct answered answered = { .answer = use_answer(answer) };

	answers_move(answers, source, &answered);
	return answered.answer == answer;
}

/* not_asked_answer - make an answer that was not asked; @method would have been the method */
static struct mdev_precheck_answer *not_asked_answer(const char *host, const char *parent,
						     const char *type, int error,
						     const char *reason,
						     enum mdev_precheck_method method)
{
	struct mdev_precheck_answer *answer;

	done(mdev_precheck_answer_new(host, parent, type, &answer));
	done(mdev_precheck_answer_set(answer, MDEV_PRECHECK_NOT_ASKED,
				      MDEV_PRECHECK_SAME_TYPE, error, reason));
	answer->method = method;
	return answer;
}

void answers_add_not_asked(struct answers *answers, size_t source, const char *host,
			   const char *parent, const char *type, int error,
			   const char *reason)
{
	answers_add(answers, source, not_asked_answer(host, parent, type, error, reason,
						      MDEV_PRECHECK_ATTRIBUTE));
}

void answers_free(struct answers *answers)
{
	size_t i;

	for (i = 0; i < answers->num; i++)
		drop_answer(answers->items[i].answer);
	free(answers->items);
	memset(answers, 0, sizeof(*answers));
}

size_t first_answer(const struct answers *answers, size_t source)
{
	size_t low = 0, high = answers->num, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (answers->items[middle].source < source)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int rank(enum mdev_precheck_verdict verdict)
{
	switch (verdict) {
	case MDEV_PRECHECK_COMPATIBLE:
		return 0;
	case MDEV_PRECHECK_INCOMPATIBLE:
		return 2;
	default:
		return 1;
	}
}

enum mdev_precheck_verdict worse_verdict(enum mdev_precheck_verdict one,
					 enum mdev_precheck_verdict other)
{
	return rank(one) > rank(other) ? one : other;
}

enum mdev_precheck_verdict better_verdict(enum mdev_precheck_verdict one,
					  enum mdev_precheck_verdict other)
{
	return rank(one) < rank(other) ? one : other;
}

/* verdict_of - unite the verdicts about @source, which begin at @i, and move @i behind them */
static enum mdev_precheck_verdict verdict_of(const struct answers *answers, size_t source,
					     bool all, size_t *i)
{
	enum mdev_precheck_verdict verdict = MDEV_PRECHECK_NOT_ASKED, each;
	bool any = false;

	for (; *i < answers->num && answers->items[*i].source == source; ++*i) {
		each = answers->items[*i].answer->verdict;
		if (!any)
			verdict = each;
		else if (all)
			verdict = worse_verdict(verdict, each);
		else
			verdict = better_verdict(verdict, each);
		any = true;
	}
	return verdict;
}

enum mdev_precheck_verdict overall(const struct sources *sources,
				   const struct answers *answers, bool all)
{
	enum mdev_precheck_verdict worst = MDEV_PRECHECK_COMPATIBLE;
	size_t source, i = 0;

	if (!sources->num)
		return MDEV_PRECHECK_NOT_ASKED;
	for (source = 0; source < sources->num; source++)
		worst = worse_verdict(worst, verdict_of(answers, source, all, &i));
	return worst;
}

/* feed_file - read a file to its end; false after a message */
static bool feed_file(struct reader *reader, FILE *file, const char *name)
{
	char part[65536];
	size_t count, len = 0;

	do {
		count = fread(part, 1, sizeof(part), file);
		len += count;
		reader_feed(reader, part, count);
	} while (count && len <= DOCUMENT_MAX);

	if (!ferror(file) && len <= DOCUMENT_MAX)
		return true;
	failed(ferror(file) ? errno : EFBIG, "%s", name);
	return false;
}

enum outcome add_file(const char *name, struct sources *sources)
{
	bool standard_input = !strcmp(name, "-"), whole;
	FILE *file = standard_input ? stdin : fopen(name, "re");
	struct list left_out = {};
	struct reader *reader;
	enum outcome outcome;
	char *wrong;

	if (!file)
		return failed(errno, "%s", name);
	reader = read_sources();
	whole = feed_file(reader, file, name);
	if (!standard_input)
		fclose(file);
	if (!whole) {
		reader_free(reader);
		return FAILED;
	}

	wrong = end_sources(reader, sources, &left_out);
	outcome = wrong ? FAILED : left_out.num ? PARTLY : DONE;
	if (wrong)
		failed(0, "%s is not a document of mdev-precheck export: %s", name, wrong);
	free(wrong);
	report_texts(name, &left_out);
	return outcome;
}

/**
 * struct question - one source and the targets of this host
 * @host: this host
 * @fixture: the host is a directory that looks like a sysfs
 * @target: operand, or NULL
 * @number: number of the source in struct sources
 * @source: source of the question
 * @name: name of its type, or NULL
 * @names: names of this host's types, for a hint
 * @enough: the targets after a yes are not asked
 * @answers: array that gets the answers
 */
struct question {
	struct mdev_precheck *host;
	bool fixture;
	const char *target;
	size_t number;
	const struct mdev_precheck_source *source;
	const char *name;
	struct type_names names;
	bool enough;
	struct answers *answers;
};

/* keep_answer - mdev_precheck_visit_answer; return 1 if no other target has to be asked */
static int keep_answer(struct mdev_precheck_answer *answer, void *data)
{
	struct question *question = data;
	bool last = question->enough && answer->verdict == MDEV_PRECHECK_COMPATIBLE;

	add_hint(&question->names, question->source->type, question->name, answer);
	answers_add(question->answers, question->number, answer);
	return last;
}

/* not_put - add an answer to a question that the library did not get; @reason is freed */
static void not_put(struct question *question, const char *parent, int error, char *reason)
{
	answers_add(question->answers, question->number,
		    not_asked_answer(NULL, parent, question->source->type, error, reason,
				     question->fixture ? MDEV_PRECHECK_FIXTURE :
							 MDEV_PRECHECK_ATTRIBUTE));
	free(reason);
}

/* ask_target - ask the targets of an operand; 0 or 1, as keep_answer(), or a negative errno */
static int ask_target(struct question *question, const struct target *target)
{
	const struct mdev_precheck_source *source = question->source;
	struct mdev_precheck_place place = target->place;
	struct mdev_precheck_answer *answer;
	int ret;

	switch (target->kind) {
	case TARGET_NO_HOST:
		not_put(question, NULL, ENODEV,
			duplicate(mdev_precheck_host_state_text(target->state)));
		return 0;
	case TARGET_NO_DEVICE:
		not_put(question, NULL, target->error, format_text(target->error == ENODEV ?
			"the host does not have the mediated device %s" :
			"the type of the mediated device %s cannot be found",
			question->target));
		return 0;
	case TARGET_SOURCE_TYPE:
		return mdev_precheck_ask_all(question->host, source, NULL, keep_answer,
					     question);
	case TARGET_TYPE:
		return mdev_precheck_ask_all(question->host, source, place.type, keep_answer,
					     question);
	case TARGET_PARENT:
		if (strlen(source->type) >= sizeof(place.type))
			return -ENAMETOOLONG;
		snprintf(place.type, sizeof(place.type), "%s", source->type);
		break;
	case TARGET_PLACE:
		break;
	}
	ret = mdev_precheck_ask(question->host, source, &place, &answer);
	return ret ? ret : keep_answer(answer, question);
}

enum outcome ask_host(const struct settings *settings, struct mdev_precheck *host,
		      const struct sources *sources, const char *text, bool enough,
		      struct answers *answers)
{
	struct question question = {
		.host = host,
		.fixture = settings->fixture,
		.target = text,
		.names = { .settings = settings },
		.enough = enough,
		.answers = answers,
	};
	struct target target;
	enum outcome outcome;
	size_t i;
	int ret;

	outcome = resolve_target(settings, host, text, sources, &target);
	if (outcome)
		return outcome;
	progress_begin(settings, sources->num, "versions");
	for (i = 0; i < sources->num; i++) {
		progress_step(i);
		question.number = i;
		question.source = sources->items[i];
		question.name = source_name(sources, i);
		if (settings->verbosity > 0)
			complain("asking %s about %s %s", text ? text : question.source->type,
				 question.source->type, question.source->version ?
				 question.source->version : "without a version");
		ret = ask_target(&question, &target);
		/* The other questions are asked all the same */
		if (ret < 0)
			not_put(&question, *target.place.parent ? target.place.parent : NULL, -ret,
				format_text("the question could not be put: %s",
					    strerror(-ret)));
	}
	progress_end();
	type_names_free(&question.names);
	return DONE;
}
