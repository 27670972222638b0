// SPDX-License-Identifier: GPL-2.0-only
/* The document of verdicts, which can be written and read again if a host is believed */

#include "fuzz.h"
#include "documents.h"

/* options.c refers to the commands of a program */
const struct command *const commands[] = { NULL };

static struct mdev_precheck_source first = {
	.parent = "mtty",
	.type = "mtty-1",
	.state = MDEV_PRECHECK_SOURCE_READ,
	.version = "4348:3253-1.0",
};

static struct mdev_precheck_source second = {
	.host = "a",
	.type = "mdpy-vga",
	.state = MDEV_PRECHECK_SOURCE_NONE,
};

/* Sources of the questions */
static struct mdev_precheck_source *items[] = { &first, &second };
static const struct sources sources = { .items = items, .num = 2 };

/* parse_answers - read a document that is in memory, and call end_answers() */
static char *parse_answers(const char *text, size_t len, bool parts, int status,
			   struct answers *answers)
{
	struct reader *reader = read_answers("answering", &sources, NULL, true);

	feed(reader, text, len, parts);
	return end_answers(reader, status, answers);
}

/* again - write @answers, and read them again */
static struct answers again(const struct answers *answers)
{
	enum mdev_precheck_verdict verdict = overall(&sources, answers, false);
	struct answers result = {};
	char *wrong, *text;
	size_t len;
	FILE *file;

	file = open_memstream(&text, &len);
	REQUIRE(file);
	write_answers(file, &sources, NULL, answers, verdict);
	REQUIRE(!fclose(file));
	wrong = parse_answers(text, len, true, verdict_status(verdict), &result);
	if (wrong)
		fprintf(stderr, "%s\n", wrong);
	REQUIRE(!wrong);
	free(text);
	return result;
}

static void require_same(const struct answers *ones, const struct answers *others)
{
	size_t i, line;

	REQUIRE(ones->num == others->num);
	for (i = 0; i < ones->num; i++) {
		const struct mdev_precheck_answer *one = ones->items[i].answer;
		const struct mdev_precheck_answer *other = others->items[i].answer;

		REQUIRE(ones->items[i].source == others->items[i].source);
		REQUIRE(same_text(one->parent, other->parent));
		REQUIRE(same_text(one->type, other->type));
		REQUIRE(same_text(one->reason, other->reason));
		REQUIRE(one->verdict == other->verdict);
		REQUIRE(one->condition == other->condition);
		REQUIRE(one->method == other->method);
		REQUIRE(one->available_instances == other->available_instances);
		REQUIRE(one->available_instances == -1 ||
			(one->available_instances >= 0 &&
			 one->verdict == MDEV_PRECHECK_COMPATIBLE));
		REQUIRE(one->error == other->error);
		REQUIRE(one->log_error == other->log_error);
		REQUIRE(one->num_log == other->num_log);
		for (line = 0; line < one->num_log; line++)
			REQUIRE(same_text(one->log[line], other->log[line]));
	}
}

/* require_same_answers - require the same answers from the parts of a document */
static void require_same_answers(const char *text, size_t len, int status, const char *wrong,
				 const struct answers *answers)
{
	struct answers others = {};
	char *other = parse_answers(text, len, true, status, &others);

	REQUIRE(same_text(wrong, other));
	require_same(answers, &others);
	answers_free(&others);
	free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct answers answers, parsed;
	int status;
	char *wrong;

	/* The input does not end in a NUL */
	for (status = STATUS_COMPATIBLE; status <= STATUS_NOT_ASKED; status++) {
		memset(&answers, 0, sizeof(answers));
		wrong = parse_answers((const char *)data, size, false, status, &answers);
		REQUIRE(!wrong || (*wrong && !answers.num));
		require_same_answers((const char *)data, size, status, wrong, &answers);
		if (!wrong) {
			parsed = again(&answers);
			require_same(&answers, &parsed);
			answers_free(&parsed);
		}
		answers_free(&answers);
		free(wrong);
	}
	return 0;
}
