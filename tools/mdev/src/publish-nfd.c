// SPDX-License-Identifier: GPL-2.0-only
/* export --format nfd: write labels of a node for Kubernetes' node-feature-discovery */

#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "publication.h"

/* The prefix is written, because DisableAutoPrefix would leave a label without one */
#define LABEL_PREFIX	"feature.node.kubernetes.io/"
/* Kubernetes' limit for a name after its prefix, and for a value */
#define NAME_MAX_LEN	63
/* node-feature-discovery ignores a longer file, and reports that only in its log */
#define FILE_MAX_LEN	65536

/**
 * struct labelled - a type and a string that get a label
 * @type: name of the type
 * @version: string
 * @value: value of the label; NULL if the host does not take the string
 */
struct labelled {
	const char *type;
	const char *version;
	const char *value;
};

/**
 * struct labels - strings that the host shows, or strings that it takes
 * @kind: first word of the labels' names
 * @items: types and strings, each once
 * @num: entries in @items
 */
struct labels {
	const char *kind;
	struct labelled *items;
	size_t num;
};

static bool is_alphanumeric(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/**
 * is_label_name - does Kubernetes accept a label's name without prefix, or its value?
 * @text: name or value; Kubernetes also accepts an empty value, which this program does not
 *	write
 */
static bool is_label_name(const char *text)
{
	size_t len = strlen(text), i;

	if (!len || len > NAME_MAX_LEN)
		return false;
	for (i = 0; i < len; i++) {
		if (!is_alphanumeric(text[i]) && !strchr("-_.", text[i]))
			return false;
	}
	return is_alphanumeric(text[0]) && is_alphanumeric(text[len - 1]);
}

static enum outcome write_node_label(FILE *file, const char *name, const char *value)
{
	if (!is_label_name(name) || !is_label_name(value))
		return failed(0, "%s=%s is not a label of Kubernetes", name, value);
	fprintf(file, LABEL_PREFIX "%s=%s\n", name, value);
	return DONE;
}

/* write_string - write a label; its hash covers the whole type, whose beginning people can read */
static enum outcome write_string(FILE *file, const char *kind, const struct labelled *item)
{
	char hash[VERSION_HASH_SIZE], *name, *c;
	enum outcome outcome;
	int room;

	hash_version(item->type, item->version, hash);
	room = NAME_MAX_LEN - strlen(kind) - strlen(hash) - 2;
	name = format_text("%s.%.*s.%s", kind, room, item->type, hash);
	for (c = name; *c; c++) {
		if (!is_alphanumeric(*c) && !strchr("-_.", *c))
			*c = '-';
	}
	outcome = write_node_label(file, name, item->value);
	free(name);
	return outcome;
}

/* hash_set - hash as: printf '%s\n' VERSION TYPE... | sha256sum | cut -c 1-32 */
static void hash_set(const struct labelled *items, size_t num, char hash[VERSION_HASH_SIZE])
{
	char whole[SHA256_DIGEST_STRING_LENGTH];
	SHA2_CTX context;
	size_t i;

	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)items->version, strlen(items->version));
	SHA256Update(&context, (const uint8_t *)"\n", 1);
	for (i = 0; i < num; i++) {
		SHA256Update(&context, (const uint8_t *)items[i].type, strlen(items[i].type));
		SHA256Update(&context, (const uint8_t *)"\n", 1);
	}
	SHA256End(&context, whole);
	snprintf(hash, VERSION_HASH_SIZE, "%.*s", VERSION_HASH_SIZE - 1, whole);
}

/* value_of_set - unite the values of types with a string; NULL if the host refuses one of them */
static const char *value_of_set(const struct labelled *items, size_t num)
{
	const char *value = items->value;
	size_t i;

	for (i = 0; i < num; i++) {
		/* A newline in a type could give two sets the same hash */
		if (!items[i].value || strchr(items[i].type, '\n'))
			return NULL;
		if (strcmp(items[i].value, value))
			value = "some";
	}
	return value;
}

/* write_set - write one label for all types with a string, if each of them is taken */
static enum outcome write_set(FILE *file, const char *kind, const struct labelled *items,
			      size_t num)
{
	const char *value = num > 1 ? value_of_set(items, num) : NULL;
	enum outcome outcome = DONE;
	char hash[VERSION_HASH_SIZE], *name;
	size_t i;

	if (value) {
		hash_set(items, num, hash);
		name = format_text("%s-each.%s", kind, hash);
		outcome = write_node_label(file, name, value);
		free(name);
		return outcome;
	}
	for (i = 0; !outcome && i < num; i++) {
		if (items[i].value)
			outcome = write_string(file, kind, &items[i]);
	}
	return outcome;
}

/* write_labels - write a label for each type and string, or one for each string if @in_sets */
static enum outcome write_labels(FILE *file, const struct labels *labels, bool in_sets)
{
	enum outcome outcome = DONE;
	size_t begin, end;

	for (begin = 0; !outcome && begin < labels->num; begin = end) {
		end = begin + 1;
		while (in_sets && end < labels->num &&
		       !strcmp(labels->items[end].version, labels->items[begin].version))
			end++;
		outcome = write_set(file, labels->kind, &labels->items[begin], end - begin);
	}
	return outcome;
}

static int compare_labelled(const void *one, const void *other)
{
	const struct labelled *a = one, *b = other;
	int order = strcmp(a->version, b->version);

	return order ? order : strcmp(a->type, b->type);
}

/* get_labels - allocate the labels of a publication, in the order of strings and types */
static void get_labels(const struct publication *publication, struct labels *shows,
		       struct labels *takes)
{
	size_t i;

	shows->items = allocate((publication->num_shown + 1) * sizeof(*shows->items));
	for (i = 0; i < publication->num_shown; i++) {
		const struct shown_version *shown = &publication->shown[i];

		if (shown->version)
			shows->items[shows->num++] = (struct labelled){
				.type = shown->type,
				.version = shown->version,
				.value = "true",
			};
	}
	takes->items = allocate((publication->num_known + 1) * sizeof(*takes->items));
	for (i = 0; i < publication->num_known; i++) {
		const struct known_version *known = &publication->known[i];

		takes->items[takes->num++] = (struct labelled){
			.type = known->type,
			.version = known->version,
			.value = is_taken_by_all(known) ? "all" :
				 known->verdict == MDEV_PRECHECK_COMPATIBLE ? "some" : NULL,
		};
	}
	qsort(shows->items, shows->num, sizeof(*shows->items), compare_labelled);
	qsort(takes->items, takes->num, sizeof(*takes->items), compare_labelled);
}

/* write_directives - write the comments; labels do not expire if the time cannot be parsed */
static void write_directives(FILE *file, const struct publication *publication, bool in_sets)
{
	long long now = time(NULL);

	if (publication->valid) {
		fputs("# +expiry-time=", file);
		/* A clock of another host can be ahead */
		write_time(file, (publication->time < now ? publication->time : now) +
			   publication->valid);
		putc('\n', file);
	}
	if (publication->fixture)
		fputs("# fixture: no driver was asked\n", file);
	if (in_sets)
		fputs("# types with one string share a label, because a label each does not fit\n",
		      file);
}

/* render - write the whole file to @text, which is allocated */
static enum outcome render(const struct publication *publication, bool in_sets, char **text,
			   size_t *len)
{
	struct labels shows = { .kind = "mdev-shows" }, takes = { .kind = "mdev-takes" };
	FILE *file = checked(open_memstream(text, len));
	enum outcome outcome;

	get_labels(publication, &shows, &takes);
	write_directives(file, publication, in_sets);
	outcome = write_labels(file, &shows, in_sets);
	if (!outcome)
		outcome = write_labels(file, &takes, in_sets);
	if (fclose(file))
		checked(NULL);
	free(shows.items);
	free(takes.items);
	return outcome;
}

enum outcome publish_nfd(FILE *file, const struct publication *publication)
{
	enum outcome outcome;
	size_t len, one_each;
	char *text;

	outcome = render(publication, false, &text, &len);
	one_each = len;
	if (!outcome && len > FILE_MAX_LEN) {
		free(text);
		outcome = render(publication, true, &text, &len);
	}
	if (!outcome && len > FILE_MAX_LEN)
		outcome = failed(0,
				 "nfd: the labels have %zu bytes, and %zu if types with the same string share one: node-feature-discovery reads %d at most, export --type PATTERN writes fewer",
				 one_each, len, FILE_MAX_LEN);
	if (!outcome)
		fwrite(text, 1, len, file);
	free(text);
	return outcome;
}
