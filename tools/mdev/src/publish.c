// SPDX-License-Identifier: GPL-2.0-only
/* The formats of mdev-precheck export */

#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "json.h"
#include "publish.h"
#include "spelling.h"

static enum outcome publish_json(FILE *file, const struct publication *publication)
{
	size_t len = strlen(publication->text);

	fputs(publication->text, file);
	if (publication->text[len - 1] != '\n')
		putc('\n', file);
	return DONE;
}

static const struct publish_format formats[] = {
	{ .name = "json", .publish = publish_json },
	{ .name = "prometheus", .publish = publish_prometheus },
	{ .name = "nfd", .publish = publish_nfd },
	{ .name = "provider-yaml", .publish = publish_provider_yaml },
	{ .name = "facter", .publish = publish_facter },
	{ .name = "nagios", .publish = publish_nagios, .is_verdict = true },
};

static enum outcome unknown_format(const char *name)
{
	struct nearest nearest = { .text = name };
	enum outcome outcome;
	char *names, *more;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++)
		compare_nearest(&nearest, formats[i].name);
	if (is_near(&nearest))
		return misused("--format %s: unknown format: did you mean %s?", name,
			       nearest.name);
	names = duplicate(formats[0].name);
	for (i = 1; i < ARRAY_SIZE(formats); i++) {
		more = format_text("%s%s%s", names, i + 1 < ARRAY_SIZE(formats) ? ", " : " or ",
				   formats[i].name);
		free(names);
		names = more;
	}
	outcome = misused("--format %s: %s was expected", name, names);
	free(names);
	return outcome;
}

const struct publish_format *find_format(const struct settings *settings)
{
	size_t i;

	if (!settings->format)
		return formats;
	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		if (!strcmp(formats[i].name, settings->format))
			return &formats[i];
	}
	unknown_format(settings->format);
	return NULL;
}

bool is_taken_by_all(const struct known_version *known)
{
	return known->taking && !known->refusing && !known->not_asked;
}

enum mdev_precheck_verdict whole_verdict(const struct publication *publication)
{
	enum mdev_precheck_verdict whole = MDEV_PRECHECK_COMPATIBLE;
	size_t i;

	if (!publication->num_known)
		return MDEV_PRECHECK_NOT_ASKED;
	for (i = 0; i < publication->num_known; i++)
		whole = worse_verdict(whole, publication->known[i].verdict);
	return whole == MDEV_PRECHECK_COMPATIBLE && publication->partly ?
	       MDEV_PRECHECK_NOT_ASKED : whole;
}

void hash_version(const char *type, const char *version, char hash[VERSION_HASH_SIZE])
{
	char whole[SHA256_DIGEST_STRING_LENGTH];
	const char *const lines[] = { type, "\n", version, "\n" };
	SHA2_CTX context;
	size_t i;

	SHA256Init(&context);
	for (i = 0; i < ARRAY_SIZE(lines); i++)
		SHA256Update(&context, (const uint8_t *)lines[i], strlen(lines[i]));
	SHA256End(&context, whole);
	snprintf(hash, VERSION_HASH_SIZE, "%.*s", VERSION_HASH_SIZE - 1, whole);
}

void write_time(FILE *file, long long time)
{
	char text[TIME_SIZE];

	fputs(format_time(time, text), file);
}
