// SPDX-License-Identifier: GPL-2.0-only
/* The document of types, which becomes files for the engines of a fleet */

#include "fuzz.h"
#include "publish.h"

/* options.c refers to the commands of a program */
const struct command *const commands[] = { NULL };

static const char *const names[] = { "json", "prometheus", "nfd", "provider-yaml", "facter",
				     "nagios" };

static void require_sane(const struct publication *publication)
{
	size_t i;

	REQUIRE(publication->time >= 0);
	for (i = 0; i < publication->num_shown; i++) {
		const struct shown_version *shown = &publication->shown[i];

		REQUIRE(valid_utf8(shown->type) && shown->parents && shown->room >= -1);
		REQUIRE(!!shown->version == (shown->state == MDEV_PRECHECK_SOURCE_READ));
	}
	REQUIRE(publication->asked || !publication->num_known);
	for (i = 0; i < publication->num_known; i++) {
		const struct known_version *known = &publication->known[i];

		REQUIRE(valid_utf8(known->type));
		REQUIRE(!mdev_precheck_check_version(known->version, NULL));
		/* A string is compatible if a parent takes it */
		REQUIRE((known->verdict == MDEV_PRECHECK_COMPATIBLE) == !!known->taking);
		REQUIRE(known->verdict != MDEV_PRECHECK_INCOMPATIBLE || !known->not_asked);
		REQUIRE(known->room >= -1);
	}
}

/* publish - write the publication in each format */
static void publish(const struct publication *publication)
{
	struct settings settings = {};
	FILE *file;
	char *text;
	size_t len, i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		settings.format = names[i];
		file = open_memstream(&text, &len);
		REQUIRE(file);
		if (!find_format(&settings)->publish(file, publication)) {
			REQUIRE(!fclose(file));
			REQUIRE(len && text[len - 1] == '\n' && strlen(text) == len);
			REQUIRE(valid_utf8(text));
		} else {
			fclose(file);
		}
		free(text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct publication publication;
	char *text, *wrong;

	/* export reads a document with a NUL behind it */
	text = malloc(size + 1);
	REQUIRE(text);
	memcpy(text, data, size);
	text[size] = '\0';
	wrong = parse_publication(text, size, &publication);
	if (wrong) {
		REQUIRE(*wrong);
	} else {
		require_sane(&publication);
		publication.valid = 1800;
		publish(&publication);
		free_publication(&publication);
	}
	free(wrong);
	free(text);
	return 0;
}
