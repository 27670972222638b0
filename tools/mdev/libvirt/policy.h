/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration of the hook: what it does where there is no verdict */
#ifndef POLICY_H
#define POLICY_H

#include "output.h"

/**
 * struct policy - the configuration of the hook
 * @allow_no_stamp: the domain does not have the source's version
 * @allow_no_attribute: one of both types does not have migration_version
 * @allow_no_device: this host does not have the device
 * @allow_restore: a saved domain is restored here, and no driver is asked
 * @sysfs: where sysfs is, allocated, or NULL for /sys
 * @fixture: directory in place of sysfs, allocated, or NULL, which it is outside the
 *	build with HOOK_FIXTURE: that is for tests
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
 * read_policy - the configuration in a file, or nothing allowed if there is none
 * @path: the file
 * @policy: result
 *
 * Return: DONE, or FAILED after a message.
 */
enum outcome read_policy(const char *path, struct policy *policy);
void policy_free(struct policy *policy);

#endif
