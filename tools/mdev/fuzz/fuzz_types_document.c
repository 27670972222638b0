// SPDX-License-Identifier: GPL-2.0-only
/* The document of types: what export writes, and another host is asked about */

#include "fuzz.h"
#include "document.h"

static void require_sane(const struct source *source)
{
	struct mdev_precheck_version version;
	bool read = source->state == MDEV_PRECHECK_VERSION_READ;

	REQUIRE(source->type && *source->type);
	REQUIRE(source->state == MDEV_PRECHECK_VERSION_READ ||
		source->state == MDEV_PRECHECK_VERSION_NONE ||
		source->state == MDEV_PRECHECK_VERSION_FAILED ||
		source->state == MDEV_PRECHECK_VERSION_UNKNOWN);
	REQUIRE(source->error >= 0 && source->error <= 4095);
	REQUIRE(!!source->version == read);
	REQUIRE(!read || !mdev_precheck_set_version(&version, source->version));
	REQUIRE(!read || !strcmp(version.text, source->version));
	REQUIRE(valid_utf8(source->type));
	REQUIRE(!source->host || valid_utf8(source->host));
	REQUIRE(!source->parent || valid_utf8(source->parent));
	REQUIRE(!source->version || valid_utf8(source->version));
}

/* again - @sources, written and parsed */
static struct sources again(const struct sources *sources)
{
	struct sources result = {};
	const char *wrong;
	char *text;
	size_t len;
	FILE *file;

	file = open_memstream(&text, &len);
	REQUIRE(file);
	write_sources(file, sources);
	REQUIRE(!fclose(file));
	wrong = parse_sources(text, len, &result);
	if (wrong)
		fprintf(stderr, "%s\n", wrong);
	REQUIRE(!wrong);
	free(text);
	return result;
}

static void require_same(const struct sources *ones, const struct sources *others)
{
	size_t i;

	REQUIRE(ones->num == others->num);
	for (i = 0; i < ones->num; i++) {
		const struct source *one = &ones->items[i];
		const struct source *other = &others->items[i];

		/* Without a host it is the host of the document */
		REQUIRE(!one->host || same_text(one->host, other->host));
		REQUIRE(same_text(one->parent, other->parent));
		REQUIRE(same_text(one->type, other->type));
		REQUIRE(one->state == other->state);
		REQUIRE(one->error == other->error);
		REQUIRE(same_text(one->version, other->version));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sources sources = {}, parsed;
	struct source *first;
	const char *wrong;
	size_t i;

	/* One that was there before stays as it is */
	first = add_source(&sources);
	first->host = strdup("before");
	first->type = strdup("mtty-1");
	first->version = strdup("4348:3253-1.0");
	REQUIRE(first->host && first->type && first->version);

	/* The input ends where libFuzzer says, and not in a NUL */
	wrong = parse_sources((const char *)data, size, &sources);
	first = &sources.items[0];
	REQUIRE(sources.num >= 1);
	REQUIRE(same_text(first->host, "before") && !first->parent);
	REQUIRE(same_text(first->type, "mtty-1"));
	REQUIRE(same_text(first->version, "4348:3253-1.0"));

	if (wrong) {
		REQUIRE(*wrong && is_printable(wrong));
	} else {
		for (i = 0; i < sources.num; i++)
			require_sane(&sources.items[i]);
		parsed = again(&sources);
		require_same(&sources, &parsed);
		sources_free(&parsed);
	}
	sources_free(&sources);
	return 0;
}
