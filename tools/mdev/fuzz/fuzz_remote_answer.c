// SPDX-License-Identifier: GPL-2.0-only
/*
 * A whole answer of another host.  The first byte is its exit status.  A yes is believed only
 * if the document has it and does not contradict it; count_yes() checks that independently.
 */

#include "fuzz.h"
#include "documents.h"

/* options.c refers to the commands of a program */
const struct command *const commands[] = { NULL };

static struct mdev_precheck_source one = {
	.parent = "mtty",
	.type = "mtty-1",
	.state = MDEV_PRECHECK_SOURCE_READ,
	.version = "4348:3253-1.0",
};

static struct mdev_precheck_source *items[] = { &one };
static const struct sources sources = { .items = items, .num = 1 };

static const char *text_member(json_object *object, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(object, key, &value) &&
	       json_object_is_type(value, json_type_string) ?
	       json_object_get_string(value) : NULL;
}

static bool is_null(json_object *object, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(object, key, &value) && !value;
}

/* count_yes - count the answers about @parent in a document, and require that each is a yes */
static size_t count_yes(json_object *document, const char *parent)
{
	json_object *verdicts, *item, *target;
	size_t num = 0, yes = 0, i;

	REQUIRE(json_object_object_get_ex(document, "verdicts", &verdicts));
	for (i = 0; i < json_object_array_length(verdicts); i++) {
		item = json_object_array_get_idx(verdicts, i);
		REQUIRE(json_object_object_get_ex(item, "target", &target));
		if (!same_text(text_member(target, "parent"), parent))
			continue;
		num++;
		yes += same_text(text_member(item, "verdict"), "compatible") &&
		       same_text(text_member(target, "type"), "mtty-1") &&
		       is_null(item, "failed_condition") && is_null(item, "errno");
	}
	REQUIRE(num == yes);
	return yes;
}

static void require_yes(const char *text, size_t len, int status,
			const struct mdev_precheck_answer *answer)
{
	json_tokener *tokener = json_tokener_new_ex(2000);
	json_object *document;

	document = json_tokener_parse_ex(tokener, text, len);
	REQUIRE(json_tokener_get_error(tokener) == json_tokener_success);
	REQUIRE(!status);
	REQUIRE(same_text(text_member(document, "verdict"), "compatible"));
	REQUIRE(same_text(answer->type, "mtty-1") && answer->parent);
	REQUIRE(!answer->error && answer->condition == MDEV_PRECHECK_ALL_HOLD);
	REQUIRE(count_yes(document, answer->parent) == 1);
	json_object_put(document);
	json_tokener_free(tokener);
}

static void ask(const char *text, size_t len, int status, const char *target)
{
	const struct mdev_precheck_answer *answer;
	struct answers answers = {};
	size_t i;
	struct reader *reader;
	char *wrong;

	reader = read_answers("answering", &sources, target, true);
	feed(reader, text, len, target);
	wrong = end_answers(reader, status, &answers);
	REQUIRE(wrong ? *wrong && !answers.num : answers.num);
	for (i = 0; i < answers.num; i++) {
		answer = answers.items[i].answer;
		REQUIRE(!answers.items[i].source && same_text(answer->host, "answering"));
		REQUIRE(valid_utf8(answer->reason) && *answer->reason);
		REQUIRE(mdev_precheck_method_name(answer->method));
		if (answer->verdict != MDEV_PRECHECK_COMPATIBLE)
			continue;
		require_yes(text, len, status, answer);
		REQUIRE(!target || same_text(answer->parent, "mtty"));
	}
	answers_free(&answers);
	free(wrong);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int status;

	if (!size)
		return 0;
	status = *data % 4;
	ask((const char *)data + 1, size - 1, status, NULL);
	ask((const char *)data + 1, size - 1, status, "mtty");
	ask((const char *)data + 1, size - 1, status, "mtty/mtty-1");
	return 0;
}
