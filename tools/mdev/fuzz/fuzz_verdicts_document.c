// SPDX-License-Identifier: GPL-2.0-only
/* The document of verdicts: what another host answers */

#include "fuzz.h"
#include "document.h"

/* What it was asked about */
static struct source items[] = {
	{ .parent = "mtty", .type = "mtty-1", .version = "4348:3253-1.0" },
	{ .host = "a", .type = "mdpy-vga", .state = MDEV_PRECHECK_VERSION_NONE },
};

static const struct sources sources = { items, sizeof(items) / sizeof(*items) };

static void require_sane(const struct verdict *verdict)
{
	size_t i;

	REQUIRE(verdict->source < sources.num);
	REQUIRE(same_text(verdict->host, "answering"));
	REQUIRE(verdict->type && valid_utf8(verdict->type));
	REQUIRE(!verdict->parent || valid_utf8(verdict->parent));
	REQUIRE(verdict->reason && valid_utf8(verdict->reason));
	REQUIRE(verdict->verdict == MDEV_PRECHECK_COMPATIBLE ||
		verdict->verdict == MDEV_PRECHECK_INCOMPATIBLE ||
		verdict->verdict == MDEV_PRECHECK_NOT_ASKED);
	REQUIRE(verdict->condition >= MDEV_PRECHECK_ALL_HOLD &&
		verdict->condition <= MDEV_PRECHECK_ACCEPTED);
	REQUIRE((verdict->verdict == MDEV_PRECHECK_COMPATIBLE) ==
		(verdict->condition == MDEV_PRECHECK_ALL_HOLD));
	REQUIRE(verdict->error >= 0 && verdict->error <= 4095);
	REQUIRE(verdict->log_error >= 0 && verdict->log_error <= 4095);
	REQUIRE(!verdict->log_error || !verdict->num_log);
	for (i = 0; i < verdict->num_log; i++)
		REQUIRE(verdict->log[i] && valid_utf8(verdict->log[i]));
}

/* again - @verdicts, written and parsed */
static struct verdicts again(const struct verdicts *verdicts)
{
	struct verdicts result = {};
	const char *wrong;
	char *text;
	size_t len;
	FILE *file;

	file = open_memstream(&text, &len);
	REQUIRE(file);
	write_verdicts(file, &sources, verdicts, MDEV_PRECHECK_NOT_ASKED);
	REQUIRE(!fclose(file));
	wrong = parse_verdicts(text, len, "answering", &sources, &result);
	if (wrong)
		fprintf(stderr, "%s\n", wrong);
	REQUIRE(!wrong);
	free(text);
	return result;
}

static void require_same(const struct verdicts *ones,
			 const struct verdicts *others)
{
	size_t i, line;

	REQUIRE(ones->num == others->num);
	for (i = 0; i < ones->num; i++) {
		const struct verdict *one = &ones->items[i];
		const struct verdict *other = &others->items[i];

		REQUIRE(one->source == other->source);
		REQUIRE(same_text(one->host, other->host));
		REQUIRE(same_text(one->parent, other->parent));
		REQUIRE(same_text(one->type, other->type));
		REQUIRE(one->verdict == other->verdict);
		REQUIRE(one->condition == other->condition);
		REQUIRE(one->error == other->error);
		REQUIRE(same_text(one->reason, other->reason));
		REQUIRE(one->log_error == other->log_error);
		REQUIRE(one->num_log == other->num_log);
		for (line = 0; line < one->num_log; line++)
			REQUIRE(same_text(one->log[line], other->log[line]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verdicts verdicts = {}, parsed;
	const char *wrong;
	size_t i;

	/* The input ends where libFuzzer says, and not in a NUL */
	wrong = parse_verdicts((const char *)data, size, "answering", &sources,
			       &verdicts);
	if (wrong) {
		REQUIRE(*wrong && is_printable(wrong));
	} else {
		for (i = 0; i < verdicts.num; i++)
			require_sane(&verdicts.items[i]);
		parsed = again(&verdicts);
		require_same(&verdicts, &parsed);
		verdicts_free(&parsed);
	}
	verdicts_free(&verdicts);
	return 0;
}
