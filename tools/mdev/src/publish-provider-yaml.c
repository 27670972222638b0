// SPDX-License-Identifier: GPL-2.0-only
/* export --format provider-yaml: write traits of a compute node of OpenStack Nova */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "publication.h"

#define TRAIT_PREFIX	"CUSTOM_"
/* Placement's limit for the name of a trait */
#define TRAIT_MAX	255

/**
 * is_trait - does Nova accept a name as a custom trait?
 * @name: name of the trait
 *
 * nova-compute does not start if a name in the file is wrong.
 */
static bool is_trait(const char *name)
{
	size_t len = strlen(name), i;

	if (len > TRAIT_MAX || strncmp(name, TRAIT_PREFIX, strlen(TRAIT_PREFIX)) ||
	    len == strlen(TRAIT_PREFIX))
		return false;
	for (i = 0; i < len; i++) {
		if (!(name[i] >= 'A' && name[i] <= 'Z') && !(name[i] >= '0' && name[i] <= '9') &&
		    name[i] != '_')
			return false;
	}
	return true;
}

/* write_yaml_comment - write a comment without control characters, which YAML forbids */
static void write_yaml_comment(FILE *file, const char *text)
{
	for (; *text; text++)
		putc(*text < ' ' || *text > '~' ? '?' : *text, file);
}

/* write_trait - write a trait, and a comment with the type and the string behind its hash */
static enum outcome write_trait(FILE *file, const char *kind, const char *type,
				const char *version)
{
	char hash[VERSION_HASH_SIZE], *name, *c;
	enum outcome outcome = DONE;

	hash_version(type, version, hash);
	name = format_text(TRAIT_PREFIX "MDEV_%s_%s", kind, hash);
	for (c = name; *c; c++)
		*c = toupper((unsigned char)*c);
	if (is_trait(name)) {
		fputs("          # ", file);
		write_yaml_comment(file, type);
		putc(' ', file);
		write_yaml_comment(file, version);
		fprintf(file, "\n          - %s\n", name);
	} else {
		outcome = failed(0, "%s is not the name of a trait of Nova", name);
	}
	free(name);
	return outcome;
}

/*
 * write_traits - write the traits; Nova chooses the parent, so that each parent has to take a
 * string
 */
static enum outcome write_traits(FILE *file, const struct publication *publication)
{
	enum outcome outcome = DONE;
	size_t i;

	for (i = 0; !outcome && i < publication->num_shown; i++) {
		const struct shown_version *shown = &publication->shown[i];

		if (shown->version)
			outcome = write_trait(file, "SHOWS", shown->type, shown->version);
	}
	for (i = 0; !outcome && i < publication->num_known; i++) {
		const struct known_version *known = &publication->known[i];

		if (is_taken_by_all(known))
			outcome = write_trait(file, "TAKES", known->type, known->version);
	}
	return outcome;
}

enum outcome publish_provider_yaml(FILE *file, const struct publication *publication)
{
	enum outcome outcome;
	FILE *traits;
	char *text;
	size_t len;

	traits = checked(open_memstream(&text, &len));
	outcome = write_traits(traits, publication);
	if (fclose(traits))
		checked(NULL);
	if (!outcome) {
		fputs("# Asked at ", file);
		write_time(file, publication->time);
		fputs(", a hint: ask again right before the move\n", file);
		if (publication->fixture)
			fputs("# fixture: no driver was asked\n", file);
		fputs("meta:\n  schema_version: '1.0'\n", file);
		/* nova-compute does not start if a list is null */
		fputs(len ? "providers:\n"
			    "  - identification:\n"
			    "      uuid: $COMPUTE_NODE\n"
			    "    traits:\n"
			    "      additional:\n" : "providers: []\n", file);
		fputs(text, file);
	}
	free(text);
	return outcome;
}
