// SPDX-License-Identifier: GPL-2.0-only
/* Types and versions of a domain's devices on this host, each read once */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <libxml/chvalid.h>
#include <libxml/xmlstring.h>

#include "host.h"
#include "readings.h"

/* is_xml - can XML have the text?  A file name can have control characters, or not be UTF-8. */
static bool is_xml(const char *text)
{
	int left = strlen(text), len, character;

	for (; left; text += len, left -= len) {
		len = left;
		character = xmlGetUTF8Char((const xmlChar *)text, &len);
		if (character < 0 || !xmlIsCharQ((unsigned int)character))
			return false;
	}
	return true;
}

static bool is_left_alone(const struct late_parents *late, const char *parent)
{
	size_t i;

	for (i = 0; i < late->known.num; i++) {
		if (!strcmp(late->known.items[i], parent))
			return true;
	}
	return false;
}

/* unanswered - make the source that the library returns for a parent that did not answer */
static struct mdev_precheck_source *unanswered(const struct mdev_precheck_place *place)
{
	const struct mdev_precheck_source from = {
		.parent = place->parent,
		.type = place->type,
		.state = MDEV_PRECHECK_SOURCE_UNKNOWN,
		.error = ETIMEDOUT,
	};
	struct mdev_precheck_source *source;

	return mdev_precheck_source_new(&from, &source) ? checked(NULL) : source;
}

/* read_device - read the type and the version of a device; 0 or a negative errno */
static int read_device(struct mdev_precheck *host, const struct late_parents *late,
		       struct reading *reading)
{
	struct mdev_precheck_place place;
	ssize_t written;
	int ret;

	ret = mdev_precheck_find_device(host, reading->uuid, &place);
	if (ret)
		return ret;
	if (!is_xml(place.type))
		return -EILSEQ;
	memcpy(reading->type, place.type, sizeof(reading->type));
	if (is_left_alone(late, place.parent)) {
		reading->source = unanswered(&place);
		return 0;
	}
	if (late->deadline)
		share_time(host, late->deadline, late->limit);
	ret = mdev_precheck_source_read(host, &place, &reading->source);
	if (ret)
		return ret;
	if (late->fd >= 0 && is_unknown(reading) && reading->source->error == ETIMEDOUT) {
		/* If nobody reads the name, the next process finds the parent again */
		written = write(late->fd, place.parent, strlen(place.parent) + 1);
		(void)written;
	}
	return 0;
}

bool is_unknown(const struct reading *reading)
{
	return reading->source && reading->source->state == MDEV_PRECHECK_SOURCE_UNKNOWN;
}

struct reading *read_once(struct mdev_precheck *host, const struct late_parents *late,
			  struct readings *readings, const char *uuid)
{
	struct reading *reading;
	time_t now = time(NULL);
	struct tm parts;
	size_t i;

	for (i = 0; i < readings->num; i++) {
		if (!strcmp(readings->items[i].uuid, uuid))
			return &readings->items[i];
	}
	readings->items = grow(readings->items, readings->num, sizeof(*readings->items));
	reading = &readings->items[readings->num++];
	memset(reading, 0, sizeof(*reading));
	memcpy(reading->uuid, uuid, sizeof(reading->uuid));
	strftime(reading->time, sizeof(reading->time), "%Y-%m-%dT%H:%M:%SZ",
		 gmtime_r(&now, &parts));
	reading->error = read_device(host, late, reading);
	return reading;
}

void readings_free(struct readings *readings)
{
	size_t i;

	for (i = 0; i < readings->num; i++)
		mdev_precheck_source_free(readings->items[i].source);
	free(readings->items);
}
