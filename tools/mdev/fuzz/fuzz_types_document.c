// SPDX-License-Identifier: GPL-2.0-only
/* The document of types, which export writes, and about which another host is asked */

#include "fuzz.h"
#include "documents.h"

/* options.c refers to the commands of a program */
const struct command *const commands[] = { NULL };

static void require_sane(const struct mdev_precheck_source *source)
{
	bool read = source->state == MDEV_PRECHECK_SOURCE_READ;

	REQUIRE(!mdev_precheck_source_check(source));
	REQUIRE(!!source->version == read);
	REQUIRE(!read || !mdev_precheck_check_version(source->version, NULL));
	REQUIRE(valid_utf8(source->type));
	REQUIRE(!source->host || valid_utf8(source->host));
	REQUIRE(!source->parent || valid_utf8(source->parent));
}

static void free_list(struct list *list)
{
	size_t i;

	for (i = 0; i < list->num; i++) {
		REQUIRE(list->items[i] && *list->items[i]);
		free((char *)list->items[i]);
	}
	free(list->items);
}

/* again - write @sources, and read them again */
static struct sources again(const struct sources *sources)
{
	struct sources result = {};
	struct list left_out = {};
	char *wrong, *text;
	size_t len;
	FILE *file;

	file = open_memstream(&text, &len);
	REQUIRE(file);
	write_sources(file, sources);
	REQUIRE(!fclose(file));
	wrong = parse_sources(text, len, true, &result, &left_out);
	if (wrong)
		fprintf(stderr, "%s\n", wrong);
	REQUIRE(!wrong && !left_out.num);
	free(text);
	return result;
}

static void require_same(const struct sources *ones, const struct sources *others)
{
	size_t i;

	REQUIRE(ones->num == others->num);
	for (i = 0; i < ones->num; i++) {
		const struct mdev_precheck_source *one = ones->items[i];
		const struct mdev_precheck_source *other = others->items[i];

		/* A source without a host gets the host of the document */
		REQUIRE(!one->host || same_text(one->host, other->host));
		REQUIRE(same_text(one->parent, other->parent));
		REQUIRE(same_text(one->type, other->type));
		REQUIRE(one->state == other->state);
		REQUIRE(one->error == other->error);
		REQUIRE(same_text(source_name(ones, i), source_name(others, i)));
		REQUIRE(same_text(one->version, other->version));
	}
}

/* require_same_sources - require the same sources from the parts of a document */
static void require_same_sources(const char *text, size_t len, const char *wrong,
				 const struct sources *sources, const struct list *left_out)
{
	struct sources others = {};
	struct list other_list = {};
	char *other;
	size_t i;

	sources_copy(&others, sources->items[0], source_name(sources, 0));
	other = parse_sources(text, len, true, &others, &other_list);
	REQUIRE(same_text(wrong, other));
	require_same(sources, &others);
	REQUIRE(left_out->num == other_list.num);
	for (i = 0; i < left_out->num; i++)
		REQUIRE(same_text(left_out->items[i], other_list.items[i]));
	free(other);
	free_list(&other_list);
	sources_free(&others);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mdev_precheck_source before = {
		.host = "before",
		.type = "mtty-1",
		.state = MDEV_PRECHECK_SOURCE_READ,
		.version = "4348:3253-1.0",
	};
	struct sources sources = {}, parsed;
	struct list left_out = {};
	size_t i;
	char *wrong;

	/* A source that was in the array before stays as it is */
	sources_copy(&sources, &before, "Before");

	/* The input does not end in a NUL */
	wrong = parse_sources((const char *)data, size, false, &sources, &left_out);
	require_same_sources((const char *)data, size, wrong, &sources, &left_out);
	REQUIRE(sources.num >= 1);
	REQUIRE(same_text(sources.items[0]->host, "before") && !sources.items[0]->parent);
	REQUIRE(same_text(sources.items[0]->version, "4348:3253-1.0"));
	if (wrong) {
		REQUIRE(*wrong && sources.num == 1);
	} else {
		for (i = 0; i < sources.num; i++)
			require_sane(sources.items[i]);
		parsed = again(&sources);
		require_same(&sources, &parsed);
		sources_free(&parsed);
	}
	free(wrong);
	free_list(&left_out);
	sources_free(&sources);
	return 0;
}
