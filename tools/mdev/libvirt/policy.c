// SPDX-License-Identifier: GPL-2.0-only
/* The configuration of the hook: which domains pass if a verdict is missing */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy.h"

#define POLICY_LINES	"no-stamp, no-attribute, no-device or restore = refuse or allow"
#ifdef HOOK_FIXTURE
#define DIRECTORY_LINES	"sysfs or fixture"
#else
#define DIRECTORY_LINES	"sysfs"
#endif

static bool set_allowed(bool *allowed, const char *value)
{
	*allowed = !strcmp(value, "allow");
	return *allowed || !strcmp(value, "refuse");
}

static bool set_directory(char **directory, const char *value)
{
	if (*value != '/')
		return false;
	free(*directory);
	*directory = duplicate(value);
	return true;
}

/* set_value - set the value of a name; false if the name or the value is wrong */
static bool set_value(struct policy *policy, const char *name, const char *value)
{
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
	return false;
}

/* cut_comment - end a line at a semicolon that begins it, or that comes after a blank */
static void cut_comment(char *line)
{
	char *semicolon = strchr(line, ';');

	while (semicolon && semicolon > line && !isspace((unsigned char)semicolon[-1]))
		semicolon = strchr(semicolon + 1, ';');
	if (semicolon)
		*semicolon = '\0';
}

/* trimmed - return @text without blanks at both ends; the blanks at its end are overwritten */
static char *trimmed(char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* set_line - set the value in a line of @len bytes; false if the line is wrong */
static bool set_line(struct policy *policy, char *line, size_t len)
{
	bool has_nul = strlen(line) != len;
	char *name = trimmed(line), *equals;

	if (*name == '#')
		return true;
	cut_comment(name);
	name = trimmed(name);
	if (has_nul || !*name)
		return !has_nul;
	equals = strchr(name, '=');
	if (!equals)
		return false;
	*equals = '\0';
	return set_value(policy, trimmed(name), trimmed(equals + 1));
}

/* open_policy - open the file; DONE with a NULL @file if it does not exist */
static enum outcome open_policy(const char *path, FILE **file)
{
	/* The open of a FIFO would wait for a writer */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;

	*file = NULL;
	if (fd < 0)
		return errno == ENOENT ? DONE : failed(errno, "%s", path);
	if (!fstat(fd, &status) && !S_ISREG(status.st_mode)) {
		close(fd);
		return failed(0, "%s: a regular file was expected", path);
	}
	*file = checked(fdopen(fd, "r"));
	return DONE;
}

enum outcome read_policy(const char *path, struct policy *policy)
{
	enum outcome outcome;
	char *line = NULL;
	int number = 0;
	size_t room = 0;
	ssize_t len;
	FILE *file;

	memset(policy, 0, sizeof(*policy));
	outcome = open_policy(path, &file);
	if (!file)
		return outcome;
	while (outcome == DONE && (len = getline(&line, &room, file)) >= 0) {
		number++;
		if (!set_line(policy, line, len))
			outcome = failed(0, "%s:%d: %s, or %s = /DIRECTORY was expected", path,
					 number, POLICY_LINES, DIRECTORY_LINES);
	}
	if (outcome == DONE && !feof(file))
		outcome = failed(errno, "%s", path);
	free(line);
	fclose(file);
	return outcome;
}

void policy_free(struct policy *policy)
{
	free(policy->sysfs);
	free(policy->fixture);
}
