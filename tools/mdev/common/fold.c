// SPDX-License-Identifier: GPL-2.0-only
/* Many names as a short text: ranges and a count */

#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "terminal.h"

/* Most ranges in a text that does not have all of them */
#define RANGES_MAX	4

/* Separators in the names of PCI devices, of types with a parent, of parents with a host */
static const char separators[] = ":/";

static size_t count_separators(const char *name)
{
	size_t num = 0;

	while (*(name += strcspn(name, separators))) {
		num++;
		name++;
	}
	return num;
}

static int compare_folded(const void *one, const void *other)
{
	const struct fold_name *a = one, *b = other;
	size_t parts_of_a = count_separators(a->name), parts_of_b = count_separators(b->name);

	if (parts_of_a != parts_of_b)
		return parts_of_a < parts_of_b ? -1 : 1;
	return a->position < b->position ? -1 : a->position > b->position;
}

/* tail - cut off the parts that @name shares with @before, if both have as many parts */
static const char *tail(const char *name, const char *before)
{
	size_t same = 0, i;

	if (count_separators(name) != count_separators(before))
		return name;
	for (i = 0; name[i] && name[i] == before[i]; i++) {
		if (strchr(separators, name[i]))
			same = i + 1;
	}
	return name + same;
}

/* range_end - find the index after the range that begins at @first */
static size_t range_end(const struct fold_name *names, size_t num, size_t first)
{
	size_t parts = count_separators(names[first].name), i;

	for (i = first + 1; i < num; i++) {
		if (names[i].position != names[i - 1].position + 1 ||
		    count_separators(names[i].name) != parts)
			break;
	}
	return i;
}

/* drop_repeated - keep one name for each position; return the number of names */
static size_t drop_repeated(struct fold_name *names, size_t num)
{
	size_t left = 0, i;

	for (i = 0; i < num; i++) {
		if (!left || names[left - 1].position != names[i].position)
			names[left++] = names[i];
	}
	return left;
}

static void write_ranges(FILE *file, const struct fold_name *names, size_t num, bool all)
{
	const char *before = "";
	size_t first, end, ranges;

	for (first = 0, ranges = 0; first < num; first = end, ranges++) {
		if (!all && ranges == RANGES_MAX) {
			fprintf(file, ", and %zu more", num - first);
			return;
		}
		end = range_end(names, num, first);
		fputs(first ? ", " : "", file);
		write_escaped(file, tail(names[first].name, before));
		before = names[first].name;
		if (end - first == 1)
			continue;
		fputs(ellipsis(), file);
		write_escaped(file, tail(names[end - 1].name, before));
		before = names[end - 1].name;
	}
}

void fold_add(struct fold *fold, const char *name, size_t position)
{
	fold->names = grow(fold->names, fold->num, sizeof(*fold->names));
	fold->names[fold->num++] = (struct fold_name){
		.name = name,
		.position = position,
	};
}

/* different_names - allocate an array of @num names, each once, in the order of the text */
static struct fold_name *different_names(const struct fold *fold, size_t *num)
{
	struct fold_name *names = allocate(fold->num * sizeof(*names));

	memcpy(names, fold->names, fold->num * sizeof(*names));
	qsort(names, fold->num, sizeof(*names), compare_folded);
	*num = drop_repeated(names, fold->num);
	return names;
}

char *fold_text(const struct fold *fold, const char *noun, bool all)
{
	struct fold_name *names;
	char *text = NULL;
	size_t len, num;
	FILE *file;

	names = different_names(fold, &num);
	file = checked(open_memstream(&text, &len));
	write_ranges(file, names, num, all);
	if (noun && num > 1)
		fprintf(file, " (%zu %s)", num, noun);
	if (fclose(file))
		checked(NULL);
	free(names);
	return text;
}

size_t fold_num(const struct fold *fold)
{
	size_t num;

	free(different_names(fold, &num));
	return num;
}

void fold_free(struct fold *fold)
{
	free(fold->names);
	memset(fold, 0, sizeof(*fold));
}
