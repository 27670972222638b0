// SPDX-License-Identifier: GPL-2.0-only
/* Names of other hosts, on the command line and in files */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hosts.h"

/* The name of a host has at most 253 characters, and a URI adds user, port and escapes */
#define LINE_MAX_LENGTH	1023

bool is_host(const char *name)
{
	/* ssh would take such a name for an option */
	if (*name == '-' || !*name)
		return false;
	for (; *name; name++) {
		if ((unsigned char)*name <= ' ' || *name == 0x7f)
			return false;
	}
	return true;
}

void hosts_add(struct list *hosts, const char *name)
{
	size_t i;

	for (i = 0; i < hosts->num; i++) {
		if (!strcmp(hosts->items[i], name))
			return;
	}
	list_add(hosts, duplicate(name));
}

void hosts_free(struct list *hosts)
{
	size_t i;

	for (i = 0; i < hosts->num; i++)
		free((char *)hosts->items[i]);
	free(hosts->items);
	memset(hosts, 0, sizeof(*hosts));
}

/* take_line - add the host of a line; DONE also if the line does not name a host */
static enum outcome take_line(struct list *hosts, const char *name, size_t number, char *line,
			      size_t length)
{
	/* A NUL counts as a control character, and not as the end of the line */
	bool whole = strlen(line) == length;

	line += strspn(line, " \t");
	for (length = strlen(line); length && strchr(" \t", line[length - 1]); length--)
		line[length - 1] = '\0';
	if (whole && (!*line || *line == '#'))
		return DONE;
	if (!whole || !is_host(line))
		return misused("%s: line %zu: %s: one host was expected", name, number, line);
	hosts_add(hosts, line);
	return DONE;
}

static enum outcome read_lines(struct list *hosts, const char *name, FILE *file)
{
	char line[LINE_MAX_LENGTH + 1];
	enum outcome outcome = DONE;
	size_t length = 0, number = 1;
	int byte;

	do {
		byte = getc(file);
		if (byte != '\n' && byte != EOF) {
			if (length == LINE_MAX_LENGTH)
				return misused("%s: line %zu is too long: one host was expected",
					       name, number);
			line[length++] = byte;
			continue;
		}
		line[length] = '\0';
		outcome = take_line(hosts, name, number++, line, length);
		length = 0;
	} while (byte != EOF && outcome == DONE);
	return outcome;
}

enum outcome hosts_read(struct list *hosts, const char *name)
{
	FILE *file = !strcmp(name, "-") ? stdin : fopen(name, "re");
	struct list own = {};
	enum outcome outcome;
	size_t i;

	if (!file)
		return misused("--hosts %s: %s: a file with hosts was expected", name,
			       strerror(errno));
	outcome = read_lines(&own, name, file);
	if (outcome == DONE && ferror(file))
		outcome = misused("--hosts %s: %s: a file with hosts was expected", name,
				  strerror(errno));
	else if (outcome == DONE && !own.num)
		outcome = misused("--hosts %s: the file does not name a host", name);
	if (file != stdin)
		fclose(file);
	for (i = 0; outcome == DONE && i < own.num; i++)
		hosts_add(hosts, own.items[i]);
	hosts_free(&own);
	return outcome;
}
