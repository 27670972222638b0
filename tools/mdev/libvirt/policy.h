/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration of the hook: which domains pass if a verdict is missing */
#ifndef POLICY_H
#define POLICY_H

#include "output.h"

/**
 * struct policy - the configuration of the hook
 * @allow_no_stamp: pass if the domain does not have the source's version
 * @allow_no_attribute: pass if one of both types does not have migration_version
 * @allow_no_device: pass if this host does not have the device
 * @allow_restore: restore a saved domain without a question
 * @sysfs: the directory of sysfs, allocated, or NULL for /sys
 * @fixture: directory in place of sysfs, allocated, or NULL.  It is for tests, and always
 *	NULL in a build without HOOK_FIXTURE.
 */
struct policy {
	bool allow_no_stamp;
	bool allow_no_attribute;
	bool allow_no_device;
	bool allow_restore;
	char *sysfs;
	char *fixture;
};

/**
 * read_policy - read the configuration; without a file, nothing is allowed
 * @path: the file
 * @policy: result
 *
 * Return: DONE, or FAILED after a message.
 */
enum outcome read_policy(const char *path, struct policy *policy);
void policy_free(struct policy *policy);

#endif
