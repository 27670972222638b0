// SPDX-License-Identifier: GPL-2.0-only
/* Sources, and what targets answer about them */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "document.h"
#include "operand.h"

/* A document of a host with thousands of types is a few megabytes */
#define DOCUMENT_MAX	(64 * 1024 * 1024)

/* done - @ret of the library; of what it can return, only a lack of memory is left */
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

static int compare_strings(const char *one, const char *other)
{
	if (!one || !other)
		return !!one - !!other;
	return strcmp(one, other);
}

int compare_sources(const struct mdev_precheck_source *one,
		    const struct mdev_precheck_source *other)
{
	int order = strcmp(one->type, other->type);

	if (!order)
		order = (int)one->state - (int)other->state;
	if (!order)
		order = one->error - other->error;
	return order ? order : compare_strings(one->version, other->version);
}

void answers_add(struct answers *answers, size_t source,
		 struct mdev_precheck_answer *answer)
{
	answers->items = grow(answers->items, answers->num, sizeof(*answers->items));
	answers->items[answers->num++] = (struct answered){
		.source = source,
		.answer = answer,
	};
}

void answers_add_not_asked(struct answers *answers, size_t source, const char *host,
			   const char *parent, const char *type, int error,
			   const char *reason)
{
	struct mdev_precheck_answer *answer;

	done(mdev_precheck_answer_new(host, parent, type, &answer));
	done(mdev_precheck_answer_set(answer, MDEV_PRECHECK_NOT_ASKED,
				      MDEV_PRECHECK_SAME_TYPE, error, reason));
	answers_add(answers, source, answer);
}

void answers_free(struct answers *answers)
{
	size_t i;

	for (i = 0; i < answers->num; i++)
		mdev_precheck_answer_free(answers->items[i].answer);
	free(answers->items);
	memset(answers, 0, sizeof(*answers));
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

enum mdev_precheck_verdict overall(const struct sources *sources,
				   const struct answers *answers)
{
	enum mdev_precheck_verdict worst = MDEV_PRECHECK_COMPATIBLE;
	size_t i, j;

	if (!sources->num)
		return MDEV_PRECHECK_NOT_ASKED;
	for (i = 0, j = 0; i < sources->num; i++) {
		enum mdev_precheck_verdict best = MDEV_PRECHECK_NOT_ASKED;
		bool any = false;

		/* They are in the order of their sources */
		for (; j < answers->num && answers->items[j].source == i; j++) {
			enum mdev_precheck_verdict each = answers->items[j].answer->verdict;

			if (!any || rank(each) < rank(best))
				best = each;
			any = true;
		}
		worst = worse_verdict(worst, best);
	}
	return worst;
}

/* read_all - of a file, allocated; NULL after a message */
static char *read_all(FILE *file, const char *name, size_t *len)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	char part[65536];
	size_t count;

	checked(memory);
	*len = 0;
	do {
		count = fread(part, 1, sizeof(part), file);
		*len += count;
		fwrite(part, 1, count, memory);
	} while (count && *len <= DOCUMENT_MAX);

	if (fclose(memory))
		checked(NULL);
	if (ferror(file) || *len > DOCUMENT_MAX) {
		failed(ferror(file) ? errno : EFBIG, "%s", name);
		free(text);
		return NULL;
	}
	return text;
}

enum outcome add_file(const char *name, struct sources *sources)
{
	bool standard_input = !strcmp(name, "-");
	FILE *file = standard_input ? stdin : fopen(name, "re");
	struct list left_out = {};
	char *text, *wrong;
	enum outcome outcome;
	size_t len;

	if (!file)
		return failed(errno, "%s", name);
	text = read_all(file, name, &len);
	if (!standard_input)
		fclose(file);
	if (!text)
		return FAILED;

	wrong = parse_sources(text, len, sources, &left_out);
	free(text);
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
 * @fixture: it is a directory that looks like a sysfs
 * @target: operand, or NULL
 * @number: number of the source
 * @source: the source
 * @answers: where the answers go to
 */
struct question {
	struct mdev_precheck *host;
	bool fixture;
	const char *target;
	size_t number;
	const struct mdev_precheck_source *source;
	struct answers *answers;
};

static int keep_answer(struct mdev_precheck_answer *answer, void *data)
{
	struct question *question = data;

	answers_add(question->answers, question->number, answer);
	return 0;
}

/* not_put - the answer to a question that the library was not asked; @reason is freed */
static void not_put(struct question *question, const char *parent, int error, char *reason)
{
	answers_add_not_asked(question->answers, question->number, NULL, parent,
			      question->source->type, error, reason);
	if (question->fixture)
		question->answers->items[question->answers->num - 1].answer->method =
			MDEV_PRECHECK_FIXTURE;
	free(reason);
}

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
		      const struct sources *sources, const char *text,
		      struct answers *answers)
{
	struct question question = {
		.host = host,
		.fixture = settings->fixture,
		.target = text,
		.answers = answers,
	};
	struct target target;
	enum outcome outcome;
	size_t i;
	int ret;

	outcome = resolve_target(host, text, sources, &target);
	if (outcome)
		return outcome;
	for (i = 0; i < sources->num; i++) {
		question.number = i;
		question.source = sources->items[i];
		if (settings->verbosity > 0)
			complain("asking %s about %s %s", text ? text : question.source->type,
				 question.source->type, question.source->version ?
				 question.source->version : "without a version");
		ret = ask_target(&question, &target);
		/* The others are asked all the same */
		if (ret)
			not_put(&question, *target.place.parent ? target.place.parent : NULL, -ret,
				format_text("the question could not be put: %s",
					    strerror(-ret)));
	}
	return DONE;
}
