// SPDX-License-Identifier: GPL-2.0-only
/* The configuration of the hook: what it does where there is no verdict */

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
	if (!strcmp(name, "sysfs"))
		return set_directory(&policy->sysfs, value);
#ifdef HOOK_FIXTURE
	if (!strcmp(name, "fixture"))
		return set_directory(&policy->fixture, value);
#endif
	return WRONG;
}

enum outcome read_policy(const char *path, struct policy *policy)
{
	enum outcome outcome = DONE;
	FILE *file;
	int line;

	memset(policy, 0, sizeof(*policy));
	file = fopen(path, "re");
	if (!file)
		return errno == ENOENT ? DONE : failed(errno, "%s", path);
	line = ini_parse_file(file, set_line, policy);
	if (ferror(file))
		outcome = failed(EIO, "%s", path);
	else if (line)
		outcome = failed(0, "%s:%d: %s", path, line,
				 "no-stamp, no-attribute or no-device = refuse or allow, or "
				 DIRECTORY_LINES " = /DIRECTORY was expected");
	fclose(file);
	return outcome;
}

void policy_free(struct policy *policy)
{
	free(policy->sysfs);
	free(policy->fixture);
}
