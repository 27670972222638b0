/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers of the selftests that unload mdev itself, or compare the parents, types and
 * devices before a test and after it
 *
 * Functions return a negative errno where a system call would set errno.
 */

#ifndef CORE_TEST_UTILS_H
#define CORE_TEST_UTILS_H

#include <dirent.h>

#include "version_test_utils.h"

#define MDEV_VENDORS_MAX	16

/**
 * struct mdev_vendors - vendor drivers that were loaded
 * @names: names of the modules
 * @count: number of @names
 */
struct mdev_vendors {
	char names[MDEV_VENDORS_MAX][64];
	int count;
};

/**
 * mdev_vendors_unload - unload each module that uses mdev
 * @vendors: filled with the modules that were loaded, also if one of them stays
 *
 * Return: 0 or a negative errno.
 */
static inline int mdev_vendors_unload(struct mdev_vendors *vendors)
{
	struct dirent **entries;
	int i, n, ret = 0;

	vendors->count = 0;
	n = scandir("/sys/module/mdev/holders", &entries, NULL, alphasort);
	if (n < 0)
		return -errno;
	for (i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.' &&
		    vendors->count < MDEV_VENDORS_MAX)
			snprintf(vendors->names[vendors->count++],
				 sizeof(vendors->names[0]), "%.63s",
				 entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);

	for (i = 0; !ret && i < vendors->count; i++)
		ret = mdev_module_unload(vendors->names[i]);
	return ret;
}

/*
 * Snapshots: the parents, types and devices as text, so that each thing that a test has
 * left behind is a line that differs
 */

/**
 * mdev_snapshot_value - print the first line of a file
 * @out: output
 * @path: the file
 */
static inline void mdev_snapshot_value(FILE *out, const char *path)
{
	char value[MDEV_PATH_SIZE];
	ssize_t len = mdev_read_file(path, value, sizeof(value));

	if (len < 0)
		fprintf(out, "%s: %s\n", path, strerror(-len));
	else
		fprintf(out, "%s: %.*s\n", path, (int)strcspn(value, "\n"),
			value);
}

/**
 * mdev_snapshot_dir - print the names in a directory
 * @out: output
 * @dir: the directory
 * @deep: print the names in its directories, too
 */
static inline void mdev_snapshot_dir(FILE *out, const char *dir, bool deep)
{
	struct dirent **entries;
	char path[PATH_MAX];
	int i, n;

	n = scandir(dir, &entries, NULL, alphasort);
	for (i = 0; i < n; i++) {
		if (!strcmp(entries[i]->d_name, ".") ||
		    !strcmp(entries[i]->d_name, ".."))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		fprintf(out, "%s\n", path);
		if (!strcmp(entries[i]->d_name, "available_instances"))
			mdev_snapshot_value(out, path);
		if (deep && entries[i]->d_type == DT_DIR)
			mdev_snapshot_dir(out, path, true);
	}
	while (n > 0)
		free(entries[--n]);
	if (n >= 0)
		free(entries);
}

/**
 * mdev_snapshot_modules - print the references of each module
 * @out: output
 *
 * One file has all of them, because a file of each module in sysfs would take most of
 * a snapshot's time.
 */
static inline void mdev_snapshot_modules(FILE *out)
{
	FILE *modules = fopen("/proc/modules", "r");
	char line[1024], name[64];
	int references;

	while (modules && fgets(line, sizeof(line), modules))
		if (sscanf(line, "%63s %*s %d", name, &references) == 2)
			fprintf(out, "/proc/modules: %s, %d references\n", name,
				references);
	if (modules)
		fclose(modules);
}

/**
 * mdev_snapshot - describe the parents, types, devices and references that exist
 *
 * Return: the text, which the caller frees, or NULL.
 */
static inline char *mdev_snapshot(void)
{
	static const char * const dirs[] = {
		"/sys/bus", "/sys/bus/mdev/devices", "/sys/bus/mdev/drivers",
		"/sys/class", "/sys/class/vfio", "/sys/class/vfio-dev",
		"/sys/kernel/iommu_groups", "/sys/devices/virtual",
		"/sys/module",
	};
	char link[MDEV_PATH_SIZE + 32], *parent, *text = NULL;
	struct dirent *entry;
	size_t size, i;
	FILE *out;
	DIR *dir;

	out = open_memstream(&text, &size);
	if (!out)
		return NULL;

	for (i = 0; i < ARRAY_SIZE(dirs); i++)
		mdev_snapshot_dir(out, dirs[i], false);
	mdev_snapshot_modules(out);
	dir = opendir("/sys/class/mdev_bus");
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(link, sizeof(link), "/sys/class/mdev_bus/%s",
			 entry->d_name);
		fprintf(out, "%s\n", link);
		parent = realpath(link, NULL);
		if (parent)
			mdev_snapshot_dir(out, parent, true);
		free(parent);
	}
	if (dir)
		closedir(dir);

	return fclose(out) ? NULL : text;
}

/**
 * mdev_snapshot_diff - compare two snapshots
 * @text: one of them
 * @other: the other one
 * @len: length of the line that is found
 *
 * The order of the lines does not matter, because directories do not have an order.
 *
 * Return: the first line of @text that is not in @other, or NULL.
 */
static inline const char *mdev_snapshot_diff(const char *text,
					     const char *other, size_t *len)
{
	const char *found;

	for (; *text; text += *len + 1) {
		*len = strcspn(text, "\n");
		for (found = other; *found; found += strcspn(found, "\n") + 1)
			if (!strncmp(found, text, *len + 1))
				break;
		if (!*found)
			return text;
	}
	return NULL;
}

#endif /* CORE_TEST_UTILS_H */
