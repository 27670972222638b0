// SPDX-License-Identifier: GPL-2.0-only
/* The configuration of the hook: what it does where there is no verdict */

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"

/* of a handler of inih */
#define UNDERSTOOD	1
#define WRONG		0

#ifdef HOOK_FIXTURE
#define DIRECTORY_LINES	"sysfs or fixture"
#else
#define DIRECTORY_LINES	"sysfs"
#endif

static int set_allowed(bool *allowed, const char *value)
{
	if (strcmp(value, "allow") && strcmp(value, "refuse"))
		return WRONG;
	*allowed = !strcmp(value, "allow");
	return UNDERSTOOD;
}

static int set_directory(char **directory, const char *value)
{
	if (*value != '/')
		return WRONG;
	free(*directory);
	*directory = duplicate(value);
	return UNDERSTOOD;
}

static int set_line(void *data, const char *section, const char *name, const char *value)
{
	struct policy *policy = data;

	if (*section)
		return WRONG;
	if (!strcmp(name, "no-stamp"))
		return set_allowed(&policy->allow_no_stamp, value);
	if (!strcmp(name, "no-attribute"))
		return set_allowed(&policy->allow_no_attribute, value);
	if (!strcmp(name, "no-device"))
		return set_allowed(&policy->allow_no_device, value);
	if (!strcmp(name, "restore"))
		return set_allowed(&policy->allow_restore, value);
	if (!strcmp(name, "sysfs"))
		return set_directory(&policy->sysfs, value);
#ifdef HOOK_FIXTURE
	if (!strcmp(name, "fixture"))
		return set_directory(&policy->fixture, value);
#endif
	return WRONG;
}

/**
 * struct lines - the lines of a file on their way to inih
 * @file: the file
 * @line: buffer of getline()
 * @room: its size
 * @number: number of the line
 * @wrong: number of the first line that inih cannot take, or 0
 * @longest: how many characters a line can have, if that one has more; otherwise 0
 */
struct lines {
	FILE *file;
	char *line;
	size_t room;
	int number;
	int wrong;
	int longest;
};

/* cut_comment - at a semicolon after a blank, as inih does */
static void cut_comment(char *line)
{
	char *semicolon = strchr(line, ';');
	size_t len;

	while (semicolon && semicolon > line && semicolon[-1] != ' ' && semicolon[-1] != '\t')
		semicolon = strchr(semicolon + 1, ';');
	if (semicolon)
		*semicolon = '\0';
	/* Blanks before it, too */
	len = strlen(line);
	while (len && isspace((unsigned char)line[len - 1]))
		line[--len] = '\0';
}

/*
 * read_line - give inih a line
 *
 * inih takes the part of a line that does not fit into its buffer for another line, so that
 * the end of a comment would be a policy, and a line that begins with a blank for more of
 * the value before.
 */
static char *read_line(char *to, int size, void *data)
{
	struct lines *lines = data;
	ssize_t len = getline(&lines->line, &lines->room, lines->file);
	char *start;

	if (len < 0)
		return NULL;
	lines->number++;
	start = lines->line + strspn(lines->line, " \t");
	if (*start == '#')
		*start = '\0';
	else if (memchr(lines->line, '\0', len) && !lines->wrong)
		lines->wrong = lines->number;
	cut_comment(start);
	if ((int)strlen(start) >= size) {
		*start = '\0';
		if (!lines->wrong) {
			lines->wrong = lines->number;
			lines->longest = size - 1;
		}
	}
	snprintf(to, size, "%s", start);
	return to;
}

enum outcome read_policy(const char *path, struct policy *policy)
{
	enum outcome outcome = DONE;
	struct lines lines = {};
	int line;

	memset(policy, 0, sizeof(*policy));
	lines.file = fopen(path, "re");
	if (!lines.file)
		return errno == ENOENT ? DONE : failed(errno, "%s", path);
	line = ini_parse_stream(read_line, &lines, set_line, policy);
	if (lines.wrong && (!line || lines.wrong < line))
		line = lines.wrong;
	if (ferror(lines.file))
		outcome = failed(EIO, "%s", path);
	else if (line && line == lines.wrong && lines.longest)
		outcome = failed(0, "%s:%d: the line is longer than %d characters",
				 path, line, lines.longest);
	else if (line)
		outcome = failed(0, "%s:%d: %s = refuse or allow, or %s = /DIRECTORY was expected",
				 path, line, "no-stamp, no-attribute, no-device or restore",
				 DIRECTORY_LINES);
	free(lines.line);
	fclose(lines.file);
	return outcome;
}

void policy_free(struct policy *policy)
{
	free(policy->sysfs);
	free(policy->fixture);
}
