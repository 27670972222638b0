// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names of the library's values */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))

/* name_of - return the entry of @value, or NULL if @value does not have one */
static const char *name_of(const char *const *names, size_t num, unsigned int value)
{
	return value < num ? names[value] : NULL;
}

const char *mdev_precheck_host_state_text(enum mdev_precheck_host_state state)
{
	static const char *const texts[] = {
		[MDEV_PRECHECK_HOST_UNKNOWN] =
			"the directory class/mdev_bus of the host cannot be read",
		[MDEV_PRECHECK_HOST_NO_SYSFS] =
			"no sysfs is mounted in the directory",
		[MDEV_PRECHECK_HOST_NO_MDEV] =
			"the host does not have class/mdev_bus: the module mdev is not loaded, or the kernel does not have it (newer NVIDIA drivers offer vGPUs without mdev, which cannot be asked)",
		[MDEV_PRECHECK_HOST_NO_PARENT] =
			"no parent is registered with mdev on the host: no vendor driver with mdev types is loaded (newer NVIDIA drivers offer vGPUs without mdev, which cannot be asked)",
		[MDEV_PRECHECK_HOST_HIDDEN] =
			"parents are registered with mdev, and none can be looked into, as in a container without /sys/devices",
		[MDEV_PRECHECK_HOST_READY] =
			"the host has a parent that can be asked",
	};

	return name_of(texts, ARRAY_SIZE(texts), state);
}

const char *mdev_precheck_verdict_name(enum mdev_precheck_verdict verdict)
{
	static const char *const names[] = {
		[MDEV_PRECHECK_NOT_ASKED] = "not asked",
		[MDEV_PRECHECK_COMPATIBLE] = "compatible",
		[MDEV_PRECHECK_INCOMPATIBLE] = "not compatible",
	};

	return name_of(names, ARRAY_SIZE(names), verdict);
}

const char *mdev_precheck_condition_name(enum mdev_precheck_condition condition)
{
	static const char *const names[] = {
		[MDEV_PRECHECK_ALL_HOLD] = "all-hold",
		[MDEV_PRECHECK_SAME_TYPE] = "same-type",
		[MDEV_PRECHECK_SOURCE_VERSION] = "source-version",
		[MDEV_PRECHECK_TARGET_VERSION] = "target-version",
		[MDEV_PRECHECK_ACCEPTED] = "accepted",
	};

	return name_of(names, ARRAY_SIZE(names), condition);
}

const char *mdev_precheck_method_name(enum mdev_precheck_method method)
{
	static const char *const names[] = {
		[MDEV_PRECHECK_ATTRIBUTE] = "attribute",
		[MDEV_PRECHECK_FIXTURE] = "fixture",
	};

	return name_of(names, ARRAY_SIZE(names), method);
}

const char *mdev_precheck_source_state_name(enum mdev_precheck_source_state state)
{
	static const char *const names[] = {
		[MDEV_PRECHECK_SOURCE_UNKNOWN] = "unknown",
		[MDEV_PRECHECK_SOURCE_READ] = "read",
		[MDEV_PRECHECK_SOURCE_NONE] = "none",
		[MDEV_PRECHECK_SOURCE_FAILED] = "failed",
	};

	return name_of(names, ARRAY_SIZE(names), state);
}

const char *mdev_precheck_error_name(int error, char buffer[MDEV_PRECHECK_ERROR_SIZE])
{
	const char *name = error > 0 ? strerrorname_np(error) : NULL;

	if (name)
		return name;
	snprintf(buffer, MDEV_PRECHECK_ERROR_SIZE, "%d", error);
	return buffer;
}

int mdev_precheck_error_number(const char *name)
{
	/* strerrorname_np() does not have the second names of errno.h */
	static const struct {
		const char *name;
		int error;
	} others[] = {
		{ "ENOTSUP", ENOTSUP },
		{ "EWOULDBLOCK", EWOULDBLOCK },
		{ "EDEADLOCK", EDEADLOCK },
	};
	char buffer[MDEV_PRECHECK_ERROR_SIZE];
	const char *known;
	long number;
	size_t i;
	int error;

	if (!name)
		return 0;
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		if (!strcmp(name, others[i].name))
			return others[i].error;
	}
	for (error = 1; error <= MAX_ERRNO; error++) {
		known = strerrorname_np(error);
		if (known && !strcmp(name, known))
			return error;
	}

	number = strtol(name, NULL, 10);
	if (number <= 0 || number > MAX_ERRNO ||
	    strcmp(name, mdev_precheck_error_name(number, buffer)))
		return 0;
	return number;
}

const char *mdev_precheck_library_version(void)
{
	return PRECHECK_VERSION;
}
