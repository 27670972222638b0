// SPDX-License-Identifier: GPL-2.0-only
/* How a type's version is written down: in documents, and on a libvirt domain */

#include <string.h>

#include "command.h"

static const char *const state_names[] = {
	[MDEV_PRECHECK_VERSION_READ] = "read",
	[MDEV_PRECHECK_VERSION_NONE] = "none",
	[MDEV_PRECHECK_VERSION_FAILED] = "failed",
	[MDEV_PRECHECK_VERSION_UNKNOWN] = "unknown",
};

const char *state_name(enum mdev_precheck_version_state state)
{
	return state_names[state];
}

char *shown_version(const struct mdev_precheck_version *version)
{
	char buffer[24];

	switch (version->state) {
	case MDEV_PRECHECK_VERSION_READ:
		return format_text("\"%s\"", version->text);
	case MDEV_PRECHECK_VERSION_NONE:
		return duplicate("none");
	default:
		return format_text("none (%s)", error_name(version->error, buffer));
	}
}

const char *parse_state(const char *name, int error, const char *version,
			enum mdev_precheck_version_state *state)
{
	size_t num = sizeof(state_names) / sizeof(*state_names);
	size_t i = 0;
	bool is_failure;

	while (i < num && (!name || strcmp(name, state_names[i])))
		i++;
	if (i == num)
		return "the state of a type is none of read, none, failed, unknown";
	*state = i;

	if (error < 0)
		return "the errno of a type is no name of an errno";
	is_failure = *state == MDEV_PRECHECK_VERSION_FAILED ||
		     *state == MDEV_PRECHECK_VERSION_UNKNOWN;
	if (is_failure != !!error)
		return "a type has an errno that does not go with its state";
	if ((*state == MDEV_PRECHECK_VERSION_READ) != !!version)
		return "a type has a migration_version that does not go with its state";
	if (version && !*version)
		return "a migration_version is empty";
	if (version && strlen(version) > MDEV_PRECHECK_VERSION_MAX)
		return "a migration_version is longer than 4095 characters";
	return NULL;
}
