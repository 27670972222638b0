// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks of the answers of another host
 *
 * A yes starts a migration, so that it counts only in a document that is consistent.  Its
 * answers are about sources and targets that were asked, and verdict, errno, condition, the
 * verdict on the whole and the exit status agree.  If one answer contradicts itself, the
 * whole document is refused.
 */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"

/**
 * struct belief - a document that is being read
 * @host: name of the host
 * @sources: sources of the questions
 * @target: operand of the questions, or NULL
 * @uuid: is the operand a UUID?
 * @fixture: may an answer come from a fixture?
 * @answers: answers so far
 * @wrong: sentence about the first mistake, allocated, or NULL
 * @number: number of the source of the last answer
 * @seen: places that have answered about this source
 * @about_host: one of these places is the host as a whole
 * @best: the host's verdict on this source, for which one yes is enough
 * @whole: the host's verdict on the sources before
 * @missing: number of the first source that does not have an answer so far
 */
struct belief {
	const char *host;
	const struct sources *sources;
	const char *target;
	bool uuid;
	bool fixture;
	struct answers answers;
	char *wrong;
	size_t number;
	struct seen seen;
	bool about_host;
	enum mdev_precheck_verdict best;
	enum mdev_precheck_verdict whole;
	size_t missing;
};

/* same_text - does the member @key have the value that text_value() makes of @text? */
static bool same_text(json_object *object, const char *key, const char *text)
{
	const char *value = get_text(object, key);
	char *valid = text ? utf8(text) : NULL;
	bool same = value && valid ? !strcmp(value, valid) : !value && !valid;

	free(valid);
	return same;
}

static const char *name_of_verdict(int value)
{
	return mdev_precheck_verdict_name(value);
}

static const char *name_of_condition(int value)
{
	return mdev_precheck_condition_name(value);
}

static const char *name_of_method(int value)
{
	return mdev_precheck_method_name(value);
}

/* parse_question - find the number of an answer's source; NULL, or the mistake */
static const char *parse_question(const struct belief *belief, json_object *item,
				  size_t *number)
{
	const struct mdev_precheck_source *source;
	json_object *asked, *value;

	if (!json_object_is_type(item, json_type_object) ||
	    !json_object_object_get_ex(item, "source", &asked) ||
	    !json_object_is_type(asked, json_type_object) ||
	    !json_object_object_get_ex(asked, "number", &value) ||
	    !json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0 ||
	    (size_t)json_object_get_int64(value) >= belief->sources->num)
		return "it is not about one of the sources";
	*number = json_object_get_int64(value);
	if (*number < belief->number)
		return "it is not in the order of the sources";
	source = belief->sources->items[*number];
	if (!same_text(asked, "type", source->type) ||
	    !same_text(asked, "migration_version", source->version))
		return "it is about another source";
	return NULL;
}

/* is_asked - does the operand mean a place? */
static bool is_asked(const struct belief *belief, json_object *place,
		     const struct mdev_precheck_source *source)
{
	struct mdev_precheck_place asked;
	const char *target = belief->target;

	if (!target)
		return same_text(place, "type", source->type);
	if (belief->uuid)
		return get_text(place, "parent");
	if (!mdev_precheck_parse_place(target, &asked))
		return same_text(place, "parent", asked.parent) &&
		       same_text(place, "type", asked.type);
	if (same_text(place, "type", target))
		return get_text(place, "parent") || !strcmp(target, source->type);
	return same_text(place, "parent", target) && same_text(place, "type", source->type);
}

/* check_target - return NULL, or the mistake in an answer's target */
static const char *check_target(const struct belief *belief, json_object *place,
				const struct mdev_precheck_source *source, int verdict)
{
	if (verdict != MDEV_PRECHECK_NOT_ASKED && !is_asked(belief, place, source))
		return "it is about a target that was not asked";
	if (verdict == MDEV_PRECHECK_COMPATIBLE &&
	    (!get_text(place, "parent") || !same_text(place, "type", source->type)))
		return "it is compatible, and the target is not a parent's type of the source";
	return NULL;
}

/* check_second - return the mistake if a place has a second answer about a source, or NULL */
static const char *check_second(struct belief *belief, struct reader *reader, size_t number,
				json_object *place)
{
	const char *parent = get_text(place, "parent"), *wrong = NULL;
	bool others;
	char *key;

	if (belief->number != number) {
		reader_forgets(reader, &belief->seen);
		belief->about_host = false;
	}
	others = belief->seen.size;
	key = format_text("%s/%s", parent ? parent : "", get_text(place, "type"));
	if (!reader_sees(reader, &belief->seen, key))
		wrong = "there are two answers about its source and target";
	/* An answer about the host is the only one about its source */
	else if (others && (!parent || belief->about_host))
		wrong = "there are answers about the host and about a parent of it";
	belief->about_host |= !parent;
	free(key);
	return wrong;
}

/* is_place - can @place be a target? */
static bool is_place(json_object *place)
{
	const char *parent = get_text(place, "parent"), *type = get_text(place, "type");
	struct mdev_precheck_place parsed;
	json_object *value;
	char *text;
	bool valid;

	if (!type || (!parent && (!json_object_object_get_ex(place, "parent", &value) || value)))
		return false;
	text = format_text("%s/%s", parent ? parent : "host", type);
	valid = !mdev_precheck_parse_place(text, &parsed);
	free(text);
	return valid;
}

/* parse_log - read up to 64 lines of the kernel log; NULL, or the mistake */
static const char *parse_log(json_object *item, struct mdev_precheck_answer *answer)
{
	json_object *value, *line;
	size_t i;

	if (json_object_object_get_ex(item, "kernel_log_lost", &value))
		answer->log_lost = json_object_get_boolean(value);
	if (!get_error(item, "kernel_log_errno", &answer->log_error)) {
		if (!get_text(item, "kernel_log_errno"))
			return "its kernel_log_errno is missing, or is not a string";
		/* An errno that is unknown here still means that lines are missing */
		answer->log_lost = true;
		return NULL;
	}
	if (answer->log_error)
		return NULL;
	if (!json_object_object_get_ex(item, "kernel_log", &value) ||
	    !json_object_is_type(value, json_type_array))
		return "its kernel_log is not an array";
	for (i = 0; i < json_object_array_length(value); i++) {
		line = json_object_array_get_idx(value, i);
		if (!json_object_is_type(line, json_type_string))
			return "a line of its kernel_log is not a string";
		mdev_precheck_answer_add_log(answer, json_object_get_string(line));
	}
	return NULL;
}

/* parse_condition - read failed_condition, which is null if all hold; NULL, or the mistake */
static const char *parse_condition(json_object *item, int verdict, int *condition)
{
	json_object *value;

	*condition = MDEV_PRECHECK_ALL_HOLD;
	if (!json_object_object_get_ex(item, "failed_condition", &value))
		return "it does not have a failed_condition";
	if (!value)
		return verdict == MDEV_PRECHECK_COMPATIBLE ? NULL :
		       "it is not a yes, and its failed_condition is null";
	*condition = find_value(get_text(item, "failed_condition"), name_of_condition);
	if (*condition <= MDEV_PRECHECK_ALL_HOLD)
		return "its failed_condition is unknown";
	return verdict == MDEV_PRECHECK_COMPATIBLE ?
	       "it is compatible, and has a failed_condition" : NULL;
}

/* parse_method - read the method; mdev-precheck 1.0 asked attributes only, and did not write it */
static const char *parse_method(json_object *item, enum mdev_precheck_method *method)
{
	int value = MDEV_PRECHECK_ATTRIBUTE;

	if (json_object_object_get_ex(item, "method", NULL))
		value = find_value(get_text(item, "method"), name_of_method);
	if (value < 0)
		return "its method is unknown";
	*method = value;
	return NULL;
}

/* parse_room - read available_instances, which mdev-precheck 1.0 did not write */
static const char *parse_room(json_object *item, int verdict, long *room)
{
	json_object *value;
	int64_t number;

	if (!json_object_object_get_ex(item, "available_instances", &value) || !value)
		return NULL;
	number = json_object_get_int64(value);
	if (!json_object_is_type(value, json_type_int) || number < 0 || number > LONG_MAX)
		return "its available_instances is neither a number of devices nor null";
	if (verdict != MDEV_PRECHECK_COMPATIBLE)
		return "it is not a yes, and has available_instances";
	*room = number;
	return NULL;
}

/*
 * set_doubtful - set an answer to "not asked", because its errno is not a verdict here
 *
 * The errno was a verdict for the mdev-precheck of the host, because that is another version.
 * So the other members have to go together with an errno that is a verdict.
 */
static int set_doubtful(struct mdev_precheck_answer *answer, int verdict, int condition, int error,
			const char *reason)
{
	int ret = mdev_precheck_answer_set(answer, verdict, condition, EINVAL, reason);

	if (ret)
		return ret;
	return mdev_precheck_answer_set(answer, MDEV_PRECHECK_NOT_ASKED, condition, error, error ?
					"the errno of the host's answer is not a verdict" :
					"the errno of the host's answer is unknown");
}

const char *parse_result(json_object *item, int verdict, struct mdev_precheck_answer *answer)
{
	const char *reason = get_text(item, "reason");
	int condition, error, ret;
	const char *wrong;
	bool known;

	wrong = parse_condition(item, verdict, &condition);
	if (!wrong)
		wrong = parse_method(item, &answer->method);
	if (!wrong)
		wrong = parse_room(item, verdict, &answer->available_instances);
	if (wrong)
		return wrong;
	known = get_error(item, "errno", &error);
	if (!known && !get_text(item, "errno"))
		return "its errno is missing, or is not a string";
	if (verdict == MDEV_PRECHECK_COMPATIBLE && (!known || error))
		return "it is compatible, and has an errno";
	if (!reason || !*reason)
		return "it does not have a reason";

	ret = known ? mdev_precheck_answer_set(answer, verdict, condition, error, reason) :
		      -EINVAL;
	if (ret && (error || !known))
		ret = set_doubtful(answer, verdict, condition, error, reason);
	return ret ? "its verdict, failed_condition and errno contradict each other" : NULL;
}

int parse_verdict(json_object *item)
{
	return find_value(get_text(item, "verdict"), name_of_verdict);
}

/* parse_rest - read the members that are only in answers of hosts; NULL, or the mistake */
static const char *parse_rest(const struct belief *belief, json_object *item,
			      struct mdev_precheck_answer *answer)
{
	if (answer->method == MDEV_PRECHECK_FIXTURE && !belief->fixture)
		return "it comes from a fixture, and --remote was not given";
	return parse_log(item, answer);
}

/* end_source - add the verdict on the last source to the verdict on the whole */
static void end_source(struct belief *belief)
{
	if (belief->answers.num)
		belief->whole = worse_verdict(belief->whole, belief->best);
}

/* count_answer - compute the host's verdict on a source, of which one answer is @verdict */
static void count_answer(struct belief *belief, size_t number, enum mdev_precheck_verdict verdict)
{
	if (!belief->answers.num || belief->number != number) {
		end_source(belief);
		belief->best = verdict;
		if (belief->missing == number)
			belief->missing++;
	} else if (worse_verdict(belief->best, verdict) == belief->best) {
		belief->best = verdict;
	}
	belief->number = number;
}

/* answer_size - count the memory of an answer, with its place in the tree of all answers */
static size_t answer_size(const struct mdev_precheck_answer *answer)
{
	size_t size = 3 * sizeof(*answer), i;

	size += strlen(answer->type) + strlen(answer->reason);
	size += answer->parent ? strlen(answer->parent) : 0;
	for (i = 0; i < answer->num_log; i++)
		size += sizeof(answer->log[i]) + strlen(answer->log[i]) + 1;
	return size;
}

const char *check_string(const struct mdev_precheck_source *source,
			 const struct mdev_precheck_answer *answer)
{
	static const char has_version[] =
		"its failed_condition is source-version, and the source has a version";

	if (answer->verdict == MDEV_PRECHECK_NOT_ASKED ||
	    answer->condition == MDEV_PRECHECK_SAME_TYPE)
		return NULL;
	if (source->state == MDEV_PRECHECK_SOURCE_READ)
		return answer->condition == MDEV_PRECHECK_SOURCE_VERSION ? has_version : NULL;
	if (answer->condition != MDEV_PRECHECK_SOURCE_VERSION)
		return "the source does not have a version that a driver could be asked about";
	return source->state == MDEV_PRECHECK_SOURCE_UNKNOWN ?
	       "it is not compatible, and it is not known whether the source has a version" : NULL;
}

static const char *parse_answer(struct belief *belief, struct reader *reader, json_object *item)
{
	struct mdev_precheck_answer *answer;
	json_object *place;
	const char *wrong;
	size_t number, size;
	int verdict;

	wrong = parse_question(belief, item, &number);
	if (wrong)
		return wrong;
	verdict = parse_verdict(item);
	if (verdict < 0)
		return "its verdict is unknown";
	if (!json_object_object_get_ex(item, "target", &place) || !is_place(place))
		return "it does not have a target with the names of a parent and of a type";
	wrong = check_target(belief, place, belief->sources->items[number], verdict);
	if (wrong)
		return wrong;
	wrong = check_second(belief, reader, number, place);
	if (wrong)
		return wrong;

	checked(mdev_precheck_answer_new(belief->host, get_text(place, "parent"),
					 get_text(place, "type"), &answer) ? NULL : answer);
	wrong = parse_result(item, verdict, answer);
	if (!wrong)
		wrong = parse_rest(belief, item, answer);
	if (!wrong)
		wrong = check_string(belief->sources->items[number], answer);
	if (wrong) {
		mdev_precheck_answer_free(answer);
		return wrong;
	}
	count_answer(belief, number, verdict);
	size = answer_size(answer);
	if (answers_add(&belief->answers, number, answer))
		reader_keeps(reader, size);
	/* An array that grows has at most twice the size that it needs */
	reader_keeps(reader, 2 * sizeof(*belief->answers.items));
	return NULL;
}

static void take_verdict(struct reader *reader, const char *array, size_t number,
			 json_object *element, void *data)
{
	struct belief *belief = data;
	const char *wrong;

	if (strcmp(array, "verdicts") || belief->wrong)
		return;
	wrong = parse_answer(belief, reader, element);
	if (wrong)
		belief->wrong = format_text("verdicts[%zu]: %s", number, wrong);
}

/* check_whole - compare the verdict on the whole and the exit status with the answers */
static char *check_whole(struct belief *belief, const char *verdict, enum exit_status status)
{
	const char *name;

	if (belief->wrong)
		return duplicate(belief->wrong);
	if (belief->missing != belief->sources->num)
		return format_text("the source %zu does not have an answer", belief->missing);
	end_source(belief);
	name = mdev_precheck_verdict_name(belief->whole);
	if (!verdict || strcmp(verdict, name))
		return format_text("the verdict on the whole is %s, but the answers give %s",
				   verdict ? verdict : "missing", name);
	if (status != verdict_status(belief->whole))
		return format_text("the exit status is %d, but the answers give %d", status,
				   verdict_status(belief->whole));
	return NULL;
}

static void drop_belief(void *data)
{
	struct belief *belief = data;

	answers_free(&belief->answers);
	json_object_put(belief->seen.names);
	free(belief->wrong);
	free(belief);
}

struct reader *read_answers(const char *host, const struct sources *sources,
			    const char *target, bool fixture)
{
	static const struct reader_format format = {
		.format = VERDICTS_FORMAT,
		.newest = VERDICTS_VERSION,
		.array = "verdicts",
		.take = take_verdict,
		.drop = drop_belief,
	};
	struct belief *belief = allocate(sizeof(*belief));
	char uuid[MDEV_PRECHECK_UUID_SIZE];

	*belief = (struct belief){
		.host = host,
		.sources = sources,
		.target = target,
		.uuid = target && !mdev_precheck_parse_uuid(target, uuid),
		.fixture = fixture,
		.whole = sources->num ? MDEV_PRECHECK_COMPATIBLE : MDEV_PRECHECK_NOT_ASKED,
	};
	return reader_new(&format, belief);
}

char *end_answers(struct reader *reader, enum exit_status status, struct answers *answers)
{
	struct belief *belief = reader_data(reader);
	char *wrong = reader_end(reader);
	size_t i;

	if (!wrong)
		wrong = check_whole(belief, reader_text(reader, "verdict"), status);
	for (i = 0; !wrong && i < belief->answers.num; i++)
		answers_move(answers, belief->answers.items[i].source, &belief->answers.items[i]);
	/* The answers belong to the other array now */
	if (!wrong) {
		free(belief->answers.items);
		memset(&belief->answers, 0, sizeof(belief->answers));
	}
	reader_free(reader);
	return wrong;
}
