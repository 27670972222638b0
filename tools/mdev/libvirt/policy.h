/* SPDX-License-Identifier: GPL-2.0-only */
/* What an administrator wants where there is no verdict */
#ifndef POLICY_H
#define POLICY_H

#include <stdbool.h>

/**
 * struct policy - the configuration of the hook
 * @allow_no_stamp: the domain does not say what the source's version is
 * @allow_no_attribute: one of both types has no migration_version
 * @allow_no_device: this host does not have the device
 * @sysfs: where sysfs is, allocated, or NULL for /sys
 */
struct policy {
	bool allow_no_stamp;
	bool allow_no_attribute;
	bool allow_no_device;
	char *sysfs;
};

/**
 * read_policy - the configuration in a file, or nothing allowed if there is none
 * @path: the file
 * @policy: result
 *
 * Return: 0, or -1 after a message.
 */
int read_policy(const char *path, struct policy *policy);
void policy_free(struct policy *policy);

#endif
