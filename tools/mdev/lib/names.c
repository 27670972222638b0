// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names that people write, and names in directories */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

bool is_file_name(const char *name)
{
	size_t len = strnlen(name, NAME_MAX + 1);

	return len && len <= NAME_MAX && !strchr(name, '/') &&
	       strcmp(name, ".") && strcmp(name, "..");
}

void copy_name(char to[MDEV_PRECHECK_NAME_SIZE], const char *name)
{
	memcpy(to, name, strlen(name) + 1);
}

int mdev_precheck_parse_place(const char *text,
			      struct mdev_precheck_place *place)
{
	struct mdev_precheck_place result;
	const char *slash;

	if (!text || !place)
		return -EINVAL;
	slash = strchr(text, '/');
	if (!slash || slash - text > NAME_MAX || strlen(slash + 1) > NAME_MAX)
		return -EINVAL;

	memcpy(result.parent, text, slash - text);
	result.parent[slash - text] = '\0';
	copy_name(result.type, slash + 1);
	if (!is_file_name(result.parent) || !is_file_name(result.type))
		return -EINVAL;

	*place = result;
	return 0;
}

int mdev_precheck_parse_uuid(const char *text,
			     char uuid[MDEV_PRECHECK_UUID_SIZE])
{
	char result[MDEV_PRECHECK_UUID_SIZE];
	size_t i;

	if (!text || !uuid)
		return -EINVAL;
	for (i = 0; i < sizeof(result) - 1; i++) {
		unsigned char c = text[i];

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (c != '-')
				return -EINVAL;
		} else if (c >= 'A' && c <= 'F') {
			c += 'a' - 'A';
		} else if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
			return -EINVAL;
		}
		result[i] = c;
	}
	if (text[i])
		return -EINVAL;

	result[i] = '\0';
	memcpy(uuid, result, sizeof(result));
	return 0;
}

void names_free(struct names *names)
{
	free(names->names);
	free(names->text);
	memset(names, 0, sizeof(*names));
}

static int names_add(struct names *names, const char *name)
{
	size_t len = strlen(name) + 1;

	if (names->text_size - names->text_len < len) {
		size_t size = 2 * names->text_size + len + 256;
		char *text = realloc(names->text, size);

		if (!text)
			return -ENOMEM;
		names->text = text;
		names->text_size = size;
	}
	memcpy(names->text + names->text_len, name, len);
	names->text_len += len;
	names->num++;
	return 0;
}

static int compare_names(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* names_sort - set the pointers, after the last name, because the text moves until then */
static int names_sort(struct names *names)
{
	const char *name = names->text;
	size_t i;

	if (!names->num)
		return 0;

	names->names = calloc(names->num, sizeof(*names->names));
	if (!names->names)
		return -ENOMEM;
	for (i = 0; i < names->num; i++) {
		names->names[i] = name;
		name += strlen(name) + 1;
	}
	qsort(names->names, names->num, sizeof(*names->names), compare_names);
	return 0;
}

/* opendir() would allocate 32 KiB for each of thousands of small directories */
int list_dir(int dir, const char *path, struct names *names)
{
	union {
		struct dirent64 first;
		char bytes[4096];
	} buffer;
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = 0;
	ssize_t len;

	memset(names, 0, sizeof(*names));
	if (fd < 0)
		return -errno;

	while (!ret && (len = getdents64(fd, &buffer, sizeof(buffer))) > 0) {
		ssize_t offset = 0;

		while (!ret && offset < len) {
			struct dirent64 *entry =
				(struct dirent64 *)&buffer.bytes[offset];

			if (is_file_name(entry->d_name))
				ret = names_add(names, entry->d_name);
			offset += entry->d_reclen;
		}
	}
	if (!ret && len < 0)
		ret = -errno;
	close(fd);

	if (!ret)
		ret = names_sort(names);
	if (ret)
		names_free(names);
	return ret;
}
