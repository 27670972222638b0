// SPDX-License-Identifier: GPL-2.0-only
/* Other spellings of parents, types and devices, and mistakes in typing */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "spelling.h"

/* Names that a path of sysfs has at most; a longer path is not a spelling */
#define NAMES_MAX	64

/* Characters of a UUID */
#define UUID_LENGTH	(MDEV_PRECHECK_UUID_SIZE - 1)

/**
 * parse_numbers - take hexadecimal numbers apart
 * @text: numbers and separators; the last number must end it
 * @widths: number of digits of each number; 0 ends the array
 * @separators: the character after each number but the last
 * @to: result in lower case, with @wanted in place of @separators
 * @wanted: separators of the result
 *
 * Return: false if @text has any other form.
 */
static bool parse_numbers(const char *text, const int *widths, const char *separators,
			  char *to, const char *wanted)
{
	size_t i;
	int j;

	for (i = 0; widths[i]; i++) {
		for (j = 0; j < widths[i]; j++) {
			if (!isxdigit((unsigned char)*text))
				return false;
			*to++ = tolower((unsigned char)*text++);
		}
		if (!widths[i + 1])
			break;
		if (*text++ != separators[i])
			return false;
		*to++ = wanted[i];
	}
	*to = '\0';
	return !*text;
}

/* parse_pci - read a PCI address with its domain; a domain of VMD has five digits */
static bool parse_pci(const char *text, const char *separators, char *to)
{
	size_t domain = strcspn(text, separators);
	const int widths[] = { (int)domain, 2, 2, 1, 0 };

	if (domain < 4 || domain > 8 || !parse_numbers(text, widths, separators, to, "::."))
		return false;
	/* A slot has eight functions */
	return to[strlen(to) - 1] <= '7';
}

static bool parse_short_pci(const char *text, char *to)
{
	static const int widths[] = { 2, 2, 1, 0 };

	memcpy(to, "0000:", 5);
	return parse_numbers(text, widths, ":.", to + 5, ":.") && to[strlen(to) - 1] <= '7';
}

/* parse_css - read the number of a subchannel of s390 */
static bool parse_css(const char *text, const char *separators, char *to)
{
	static const int widths[] = { 1, 1, 4, 0 };

	return parse_numbers(text, widths, separators, to, "..");
}

/* parse_parent - read a parent as libvirt or lspci has it; false if @text is canonical */
static bool parse_parent(const char *text, struct spelling *spelling)
{
	char *to = spelling->text;

	if (strlen(text) >= MDEV_PRECHECK_NAME_SIZE)
		return false;
	if (!strcmp(text, "ap_matrix")) {
		memcpy(to, "matrix", sizeof("matrix"));
		return true;
	}
	if (!strncmp(text, "pci_", 4))
		return parse_pci(text + 4, "___", to);
	if (!strncmp(text, "css_", 4))
		return parse_css(text + 4, "__", to);
	if (parse_short_pci(text, to)) {
		spelling->any_domain = true;
		return true;
	}
	return (parse_pci(text, "::.", to) || parse_css(text, "..", to)) && strcmp(text, to);
}

/* parse_device - read libvirt's mdev_UUID or mdev_UUID_PARENT */
static bool parse_device(const char *text, struct spelling *spelling)
{
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	size_t i;

	if (strncmp(text, "mdev_", 5) || strlen(text) < 5 + UUID_LENGTH ||
	    strlen(text) >= OPERAND_MAX)
		return false;
	text += 5;
	for (i = 0; i < UUID_LENGTH; i++)
		uuid[i] = text[i] == '_' ? '-' : text[i];
	uuid[i] = '\0';
	text += UUID_LENGTH;
	if (mdev_precheck_parse_uuid(uuid, spelling->text) || (*text && *text != '_') ||
	    strlen(text) > MDEV_PRECHECK_NAME_SIZE)
		return false;
	if (*text)
		memcpy(spelling->of_parent, text + 1, strlen(text));
	return true;
}

/* parse_two - read a parent as parse_parent() does, a slash and a type */
static bool parse_two(const char *text, struct spelling *spelling)
{
	struct mdev_precheck_place place;
	char *end;

	if (mdev_precheck_parse_place(text, &place) || !parse_parent(place.parent, spelling))
		return false;
	end = spelling->text + strlen(spelling->text);
	snprintf(end, OPERAND_MAX - (end - spelling->text), "/%s", place.type);
	return true;
}

/* below - return the part of @text after @directory, or NULL for a path elsewhere */
static const char *below(const char *text, const char *directory)
{
	size_t len = strlen(directory);

	while (len && directory[len - 1] == '/')
		len--;
	if (strncmp(text, directory, len) || text[len] != '/')
		return NULL;
	return text + len;
}

/* split_path - split @path into names; return their number, or 0 if one is "." or ".." */
static size_t split_path(char *path, const char *names[NAMES_MAX])
{
	char *rest, *name;
	size_t num = 0;

	for (name = strtok_r(path, "/", &rest); name; name = strtok_r(NULL, "/", &rest)) {
		if (num == NAMES_MAX || !strcmp(name, ".") || !strcmp(name, "..") ||
		    strlen(name) >= MDEV_PRECHECK_NAME_SIZE)
			return 0;
		names[num++] = name;
	}
	return num;
}

static bool is_uuid(const char *text)
{
	char uuid[MDEV_PRECHECK_UUID_SIZE];

	return !mdev_precheck_parse_uuid(text, uuid);
}

static enum spelling_kind set_device(struct spelling *spelling, const char *name)
{
	return mdev_precheck_parse_uuid(name, spelling->text) ? SPELLING_NONE : SPELLING_DEVICE;
}

/* set_place - set the spelling to a parent, or to a type of it if @type is not NULL */
static enum spelling_kind set_place(struct spelling *spelling, const char *parent,
				    const char *type)
{
	snprintf(spelling->text, OPERAND_MAX, "%s%s%s", parent, type ? "/" : "",
		 type ? type : "");
	return type ? SPELLING_PLACE : SPELLING_PARENT;
}

/* least_names - return the fewest names that the path of a device has; 0 for another path */
static size_t least_names(const char *const *names, size_t num)
{
	if (!strcmp(names[0], "devices"))
		return 2;
	if (!strcmp(names[0], "class"))
		return 3;
	return !strcmp(names[0], "bus") && num > 2 && !strcmp(names[2], "devices") ? 4 : 0;
}

/* parse_in_types - read names after mdev_supported_types: a type, its version or a device */
static enum spelling_kind parse_in_types(const char *parent, const char *const *names,
					 size_t num, struct spelling *spelling)
{
	if (num < 2 || (num == 2 && !strcmp(names[1], "migration_version")))
		return set_place(spelling, parent, num ? names[0] : NULL);
	return num == 3 && !strcmp(names[1], "devices") ? set_device(spelling, names[2]) :
							   SPELLING_NONE;
}

/* is_in_device - do names after a device lead to its version, its type, or the type's version? */
static bool is_in_device(const char *const *names, size_t num)
{
	if (num && !strcmp(names[num - 1], "migration_version"))
		num--;
	return !num || (num == 1 && !strcmp(names[0], "mdev_type"));
}

/*
 * parse_names - read the names of a path below sysfs
 *
 * mdev_supported_types stands between a parent and a type.  A parent is a device: devices/...,
 * bus/BUS/devices/NAME, or class/CLASS/NAME; a mediated device is a directory of its parent.
 * A type can follow the path of a parent, but not below devices/..., where the name would be a
 * device.
 */
static enum spelling_kind parse_names(const char *const *names, size_t num,
				      struct spelling *spelling)
{
	size_t least = least_names(names, num), i;

	if (!least || num < least)
		return SPELLING_NONE;
	for (i = least; i < num; i++) {
		if (!strcmp(names[i], "mdev_supported_types"))
			return parse_in_types(names[i - 1], names + i + 1, num - i - 1, spelling);
	}
	for (i = least - 1; i < num; i++) {
		/* A name in the place of a parent is a parent, even if it looks like a UUID */
		if (is_uuid(names[i]) && (i >= least || strcmp(names[1], "mdev_bus")))
			return is_in_device(names + i + 1, num - i - 1) ?
			       set_device(spelling, names[i]) : SPELLING_NONE;
	}
	if (num == least || !strcmp(names[0], "devices"))
		return set_place(spelling, names[num - 1], NULL);
	return num == least + 1 ? set_place(spelling, names[least - 1], names[least]) :
				  SPELLING_NONE;
}

static enum spelling_kind parse_path(const struct settings *settings, const char *text,
				     struct spelling *spelling)
{
	const char *own = settings->sysfs ? settings->sysfs : settings->fixture;
	const char *rest = own ? below(text, own) : NULL;
	enum spelling_kind kind = SPELLING_NONE;
	const char *names[NAMES_MAX];
	char *path;
	size_t num;

	if (!rest)
		rest = below(text, DEFAULT_SYSFS);
	if (!rest)
		return SPELLING_NONE;
	path = duplicate(rest);
	num = split_path(path, names);
	if (num)
		kind = parse_names(names, num, spelling);
	free(path);
	return kind;
}

enum spelling_kind parse_spelling(const struct settings *settings, const char *text,
				  struct spelling *spelling)
{
	memset(spelling, 0, sizeof(*spelling));
	spelling->kind = parse_path(settings, text, spelling);
	if (!spelling->kind && parse_device(text, spelling))
		spelling->kind = SPELLING_DEVICE;
	if (!spelling->kind && parse_parent(text, spelling))
		spelling->kind = SPELLING_PARENT;
	if (!spelling->kind && parse_two(text, spelling))
		spelling->kind = SPELLING_PLACE;
	return spelling->kind;
}

bool is_of_parent(const struct spelling *spelling, const char *parent)
{
	const char *name = spelling->of_parent;

	if (!*name)
		return true;
	for (; *name && *parent; name++, parent++) {
		if (*name != (isalnum((unsigned char)*parent) ? *parent : '_'))
			return false;
	}
	return !*name && !*parent;
}

static size_t min_of_three(size_t one, size_t two, size_t three)
{
	size_t least = one < two ? one : two;

	return least < three ? least : three;
}

static bool same_letter(char one, char other)
{
	return tolower((unsigned char)one) == tolower((unsigned char)other);
}

/* edit_distance - count the characters to insert, delete, replace or swap; case is ignored */
static size_t edit_distance(const char *from, const char *to)
{
	size_t rows[3][OPERAND_MAX], len = strlen(to), i, j;
	size_t *above = rows[0], *now = rows[1], *next = rows[2], *swap;

	for (j = 0; j <= len; j++)
		now[j] = j;
	for (i = 1; from[i - 1]; i++) {
		next[0] = i;
		for (j = 1; j <= len; j++) {
			next[j] = min_of_three(now[j] + 1, next[j - 1] + 1,
					       now[j - 1] + !same_letter(from[i - 1], to[j - 1]));
			if (i > 1 && j > 1 && same_letter(from[i - 1], to[j - 2]) &&
			    same_letter(from[i - 2], to[j - 1]) && above[j - 2] + 1 < next[j])
				next[j] = above[j - 2] + 1;
		}
		swap = above;
		above = now;
		now = next;
		next = swap;
	}
	return now[len];
}

void compare_nearest(struct nearest *nearest, const char *name)
{
	size_t distance;

	if (strlen(name) >= OPERAND_MAX)
		return;
	distance = edit_distance(nearest->text, name);
	if (*nearest->name && distance >= nearest->distance)
		return;
	nearest->distance = distance;
	snprintf(nearest->name, sizeof(nearest->name), "%s", name);
}

bool is_near(const struct nearest *nearest)
{
	size_t limit = strlen(nearest->text) / 4;

	return *nearest->name && nearest->distance <= (limit ? limit : 1);
}
