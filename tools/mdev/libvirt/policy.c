// SPDX-License-Identifier: GPL-2.0-only
/* What an administrator wants where there is no verdict */

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "policy.h"

/* of a handler of inih */
#define UNDERSTOOD	1
#define WRONG		0

static int set_allowed(bool *allowed, const char *value)
{
	if (strcmp(value, "allow") && strcmp(value, "refuse"))
		return WRONG;
	*allowed = !strcmp(value, "allow");
	return UNDERSTOOD;
}

static int set(void *data, const char *section, const char *name, const char *value)
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
	if (strcmp(name, "sysfs") || *value != '/')
		return WRONG;
	free(policy->sysfs);
	policy->sysfs = duplicate(value);
	return UNDERSTOOD;
}

int read_policy(const char *path, struct policy *policy)
{
	FILE *file;
	int line;

	memset(policy, 0, sizeof(*policy));
	file = fopen(path, "re");
	if (!file && errno == ENOENT)
		return 0;
	if (!file) {
		not_done(errno, "%s", path);
		return -1;
	}
	line = ini_parse_file(file, set, policy);
	if (ferror(file)) {
		not_done(EIO, "%s", path);
		line = -1;
	} else if (line) {
		complain("%s:%d: %s", path, line,
			 "no-stamp, no-attribute or no-device = refuse or allow, or sysfs = /DIRECTORY was expected");
	}
	fclose(file);
	return line ? -1 : 0;
}

void policy_free(struct policy *policy)
{
	free(policy->sysfs);
}
