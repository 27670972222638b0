// SPDX-License-Identifier: GPL-2.0-only
/*
 * list_types - open, read, print and close the files that mdev-precheck list reads
 *
 * A list of all types costs at least this much.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PARENTS	"/sys/class/mdev_bus"

static void join(char path[PATH_MAX], const char *dir, const char *name)
{
	if (snprintf(path, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX)
		exit(1);
}

static void copy(const char *type, const char *name)
{
	char path[PATH_MAX], text[4096];
	ssize_t len;
	int fd;

	join(path, type, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return;
	len = read(fd, text, sizeof(text));
	close(fd);
	if (len > 0)
		fwrite(text, 1, len, stdout);
}

/* each - call @visit for each entry of a directory */
static void each(const char *path, void (*visit)(const char *path))
{
	char entry_path[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir(path);

	if (!dir)
		exit(1);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		join(entry_path, path, entry->d_name);
		visit(entry_path);
	}
	closedir(dir);
}

static void print_device(const char *path)
{
	puts(path);
}

static void visit_type(const char *path)
{
	char devices[PATH_MAX];

	copy(path, "name");
	copy(path, "device_api");
	copy(path, "available_instances");
	join(devices, path, "devices");
	each(devices, print_device);
	copy(path, "migration_version");
}

static void visit_parent(const char *path)
{
	char types[PATH_MAX];

	join(types, path, "mdev_supported_types");
	each(types, visit_type);
}

int main(void)
{
	each(PARENTS, visit_parent);
	return fflush(stdout) || ferror(stdout);
}
