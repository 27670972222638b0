// SPDX-License-Identifier: LGPL-2.1-or-later
/* A source: the type that a device comes from */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

int mdev_precheck_check_version(const char *version, size_t *offset)
{
	size_t len, i;

	if (offset)
		*offset = 0;
	if (!version)
		return -EINVAL;
	len = strnlen(version, MDEV_PRECHECK_VERSION_MAX + 1);
	if (len > MDEV_PRECHECK_VERSION_MAX)
		return -E2BIG;

	for (i = 0; i < len; i++) {
		if (version[i] >= 0x20 && version[i] <= 0x7e)
			continue;
		if (offset)
			*offset = i;
		return -EINVAL;
	}
	return len ? 0 : -EINVAL;
}

/* check_error - return a phrase if the state and the errno do not go together, or NULL */
static const char *check_error(const struct mdev_precheck_source *source)
{
	if (source->error < 0 || source->error > MAX_ERRNO)
		return "the error of the source is not an errno";

	switch (source->state) {
	case MDEV_PRECHECK_SOURCE_READ:
		return source->error ? "the version was read, and the source has an error" : NULL;
	case MDEV_PRECHECK_SOURCE_NONE:
		return source->error ?
			"the type does not have the attribute, and the source has an error" : NULL;
	case MDEV_PRECHECK_SOURCE_FAILED:
		return source->error ?
			NULL : "the driver failed, and the source does not have an error";
	case MDEV_PRECHECK_SOURCE_UNKNOWN:
		return NULL;
	}
	return "the state of the source is not one of the four states";
}

const char *mdev_precheck_source_check(const struct mdev_precheck_source *source)
{
	const char *wrong;

	if (!source)
		return "the source is missing";
	if (!source->type || !*source->type)
		return "the source does not have a type";
	if (!is_file_name(source->type))
		return "the type of the source is not the name of a file";
	wrong = check_error(source);
	if (wrong)
		return wrong;

	if (source->state != MDEV_PRECHECK_SOURCE_READ)
		return source->version ? "the version was not read, and the source has one" : NULL;
	if (!source->version)
		return "the version was read, and the source does not have it";
	switch (mdev_precheck_check_version(source->version, NULL)) {
	case 0:
		return NULL;
	case -E2BIG:
		return "the version of the source is longer than the kernel takes";
	default:
		return *source->version ?
			"the version of the source has a byte that is not printable ASCII" :
			"the version of the source is empty";
	}
}

int copy_string(const char *from, const char **to)
{
	*to = from ? strdup(from) : NULL;
	return from && !*to ? -ENOMEM : 0;
}

size_t string_size(const char *string)
{
	return string ? strlen(string) + 1 : 0;
}

char *put_string(const char *from, char *at, const char **to)
{
	*to = from ? memcpy(at, from, string_size(from)) : NULL;
	return at + string_size(from);
}

int mdev_precheck_source_new(const struct mdev_precheck_source *from,
			     struct mdev_precheck_source **source)
{
	struct mdev_precheck_source *new;
	size_t size = sizeof(*new);
	char *at;

	if (!source || mdev_precheck_source_check(from))
		return -EINVAL;
	/* One allocation: a fleet has hundreds of thousands of sources with short strings */
	size += string_size(from->host) + string_size(from->parent) + string_size(from->type) +
		string_size(from->version);
	new = calloc(1, size);
	if (!new)
		return -ENOMEM;

	new->state = from->state;
	new->error = from->error;
	at = put_string(from->host, (char *)(new + 1), &new->host);
	at = put_string(from->parent, at, &new->parent);
	at = put_string(from->type, at, &new->type);
	put_string(from->version, at, &new->version);
	*source = new;
	return 0;
}

int mdev_precheck_source_read(struct mdev_precheck *precheck,
			      const struct mdev_precheck_place *place,
			      struct mdev_precheck_source **source)
{
	struct mdev_precheck_source result = {};
	char text[VERSION_SIZE];
	struct type_dir dir;
	int ret;

	if (!precheck || !place || !source || !is_file_name(place->parent) ||
	    !is_file_name(place->type))
		return -EINVAL;

	ret = open_place(precheck, place, &dir);
	/* -ENOENT would mean a parent without the type; this entry is not a parent */
	if (dir.types < 0 && (ret == -ENOTDIR || ret == -ENOENT))
		ret = -ENODEV;
	if (!ret)
		ret = read_version(precheck, &dir, text, &result);
	close_place(&dir);
	if (ret)
		return ret;

	result.parent = place->parent;
	result.type = place->type;
	return mdev_precheck_source_new(&result, source);
}

void mdev_precheck_source_free(struct mdev_precheck_source *source)
{
	free(source);
}
