// SPDX-License-Identifier: GPL-2.0-only
/* SOURCE and TARGET of the command line, and what a mistake in one is near to */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "operand.h"

/* The longest operand: two names and a slash */
#define OPERAND_MAX	(2 * MDEV_PRECHECK_NAME_SIZE)

/**
 * struct known - the names that this host has, compared with an operand
 * @text: the operand
 * @places: is it PARENT/TYPE? Otherwise parents, types and devices are compared
 * @measured: the names are compared by their differences, and not only for being equal
 * @is_parent: it is a parent
 * @is_type: it is a type of a parent
 * @is_place: it is a type of the parent that it names
 * @has_parent: the parent that it names exists
 * @unreadable: that parent, or the parent that it is, cannot be looked into
 * @nearest: name that has the fewest differences, or ""
 * @distance: number of these differences
 */
struct known {
	const char *text;
	bool places;
	bool measured;
	bool is_parent;
	bool is_type;
	bool is_place;
	bool has_parent;
	bool unreadable;
	char nearest[OPERAND_MAX];
	size_t distance;
};

static size_t min_of_three(size_t one, size_t two, size_t three)
{
	size_t least = one < two ? one : two;

	return least < three ? least : three;
}

static bool same_letter(char one, char other)
{
	return tolower((unsigned char)one) == tolower((unsigned char)other);
}

/* edit_distance - characters to insert, delete, replace or swap, in whatever case */
static size_t edit_distance(const char *from, const char *to)
{
	size_t rows[3][OPERAND_MAX], len = strlen(to), i, j;
	size_t *above = rows[0], *now = rows[1], *next = rows[2], *swap;

	for (j = 0; j <= len; j++)
		now[j] = j;
	for (i = 1; from[i - 1]; i++) {
		next[0] = i;
		for (j = 1; j <= len; j++) {
			next[j] = min_of_three(now[j] + 1, next[j - 1] + 1,
					       now[j - 1] + !same_letter(from[i - 1], to[j - 1]));
			if (i > 1 && j > 1 && same_letter(from[i - 1], to[j - 2]) &&
			    same_letter(from[i - 2], to[j - 1]) && above[j - 2] + 1 < next[j])
				next[j] = above[j - 2] + 1;
		}
		swap = above;
		above = now;
		now = next;
		next = swap;
	}
	return now[len];
}

static void compare(struct known *known, const char *name)
{
	size_t distance;

	if (!known->measured || strlen(name) >= OPERAND_MAX)
		return;
	distance = edit_distance(known->text, name);
	if (*known->nearest && distance >= known->distance)
		return;
	known->distance = distance;
	snprintf(known->nearest, sizeof(known->nearest), "%s", name);
}

/* compare_parent - a parent, which does not depend on what can be seen in it */
static void compare_parent(struct known *known, const char *parent, int error)
{
	size_t len = strcspn(known->text, "/");

	if (!known->places)
		compare(known, parent);
	if (strncmp(known->text, parent, len) || parent[len])
		return;
	known->is_parent |= !known->places;
	known->has_parent |= known->places;
	known->unreadable |= error;
}

static int compare_place(const struct mdev_precheck_place *place, int error, void *data)
{
	struct known *known = data;
	char name[OPERAND_MAX];

	if (!*place->type) {
		compare_parent(known, place->parent, error);
		return 0;
	}
	snprintf(name, sizeof(name), "%s/%s", place->parent, place->type);
	known->is_place = !strcmp(known->text, name);
	known->is_type |= !strcmp(known->text, place->type);
	compare(known, known->places ? name : place->type);
	/* Nothing else that this host has makes a difference to it */
	return known->is_place;
}

static int compare_device(const char *uuid, void *data)
{
	compare(data, uuid);
	return 0;
}

/* look_around - compare @known->text with what this host has; no driver is called */
static enum outcome look_around(struct mdev_precheck *host, struct known *known)
{
	int ret;

	ret = mdev_precheck_walk_places(host, compare_place, known);
	if (!ret && !known->places && known->measured)
		ret = mdev_precheck_walk_devices(host, compare_device, known);
	return ret < 0 ? failed(ret, "reading the types of this host") : DONE;
}

/* find_name - whether this host has @text, and as what */
static enum outcome find_name(struct mdev_precheck *host, const char *text, struct known *known)
{
	memset(known, 0, sizeof(*known));
	known->text = text;
	known->places = strchr(text, '/');
	return look_around(host, known);
}

/*
 * mistaken - with the nearest name, if it is near: a quarter of the characters may differ.
 * A farther one would only mislead.  The host is looked at a second time for it, because the
 * differences of thousands of names take longer than the question about one.
 */
static enum outcome mistaken(struct mdev_precheck *host, struct known *known,
			     const char *expected)
{
	size_t limit = strlen(known->text) / 4;

	known->measured = true;
	if (look_around(host, known))
		return FAILED;
	if (*known->nearest && known->distance <= (limit ? limit : 1))
		return misused("%s: this host does not have it: did you mean %s?", known->text,
			       known->nearest);
	return misused("%s: this host does not have it: %s was expected, see mdev-precheck list",
		       known->text, expected);
}

static bool is_source_type(const struct sources *sources, const char *type)
{
	size_t i;

	for (i = 0; i < sources->num; i++) {
		if (!strcmp(sources->items[i]->type, type))
			return true;
	}
	return false;
}

bool is_target_form(const char *text)
{
	struct mdev_precheck_place place;

	if (strchr(text, '/'))
		return !mdev_precheck_parse_place(text, &place);
	return *text && strlen(text) < MDEV_PRECHECK_NAME_SIZE;
}

/* resolve_word - an operand without a slash; false if this host does not have it */
static enum outcome resolve_word(const struct known *known, const struct sources *sources,
				 struct target *target, bool *found)
{
	bool is_type = known->is_type || is_source_type(sources, known->text);

	*found = is_type || known->is_parent || known->unreadable;
	/* To guess could be to ask what nobody means */
	if (is_type && known->is_parent)
		return misused("%s: this is a parent and a type: PARENT/TYPE was expected",
			       known->text);
	target->kind = is_type ? TARGET_TYPE : TARGET_PARENT;
	snprintf(is_type ? target->place.type : target->place.parent,
		 MDEV_PRECHECK_NAME_SIZE, "%s", known->text);
	return DONE;
}

/* resolve_name - an operand that is not a UUID, on a host that has parents */
static enum outcome resolve_name(struct mdev_precheck *host, const char *text,
				 const struct sources *sources, struct target *target)
{
	enum outcome outcome = DONE;
	struct known known;
	bool found;

	if (find_name(host, text, &known))
		return FAILED;
	if (!mdev_precheck_parse_place(text, &target->place)) {
		target->kind = TARGET_PLACE;
		/* Its absence is a no if the type is the source's */
		found = known.is_place || known.unreadable ||
			(known.has_parent && is_source_type(sources, target->place.type));
	} else {
		outcome = resolve_word(&known, sources, target, &found);
	}
	if (found)
		return outcome;
	/* The last parent may have gone meanwhile, and that is not a mistake */
	target->state = mdev_precheck_host_state(host);
	if (target->state != MDEV_PRECHECK_HOST_READY) {
		target->kind = TARGET_NO_HOST;
		return DONE;
	}
	return mistaken(host, &known, "a UUID, PARENT/TYPE, PARENT or TYPE");
}

enum outcome resolve_target(struct mdev_precheck *host, const char *text,
			    const struct sources *sources, struct target *target)
{
	char uuid[MDEV_PRECHECK_UUID_SIZE];

	memset(target, 0, sizeof(*target));
	target->kind = TARGET_SOURCE_TYPE;
	if (!text)
		return DONE;
	if (!is_target_form(text))
		return misused("%s: a UUID, PARENT/TYPE, PARENT or TYPE was expected", text);
	target->state = mdev_precheck_host_state(host);
	if (target->state != MDEV_PRECHECK_HOST_READY) {
		target->kind = TARGET_NO_HOST;
		return DONE;
	}
	if (!mdev_precheck_parse_uuid(text, uuid)) {
		target->kind = TARGET_PLACE;
		target->error = -mdev_precheck_find_device(host, uuid, &target->place);
		if (target->error)
			target->kind = TARGET_NO_DEVICE;
		return DONE;
	}
	return resolve_name(host, text, sources, target);
}

/* resolve_source_name - an operand that is not a UUID, on a host that has parents */
static enum outcome resolve_source_name(struct mdev_precheck *host, const char *text,
					struct mdev_precheck_place *place)
{
	enum mdev_precheck_host_state state;
	struct known known;

	if (find_name(host, text, &known))
		return FAILED;
	if (!mdev_precheck_parse_place(text, place) && (known.is_place || known.unreadable))
		return DONE;
	/* A target can be one, and a source has to be a type of one parent */
	if (known.is_parent || known.is_type)
		return misused("%s: this is a %s: a UUID or PARENT/TYPE was expected", text,
			       known.is_parent ? "parent" : "type");
	/* The last parent may have gone meanwhile */
	state = mdev_precheck_host_state(host);
	if (state != MDEV_PRECHECK_HOST_READY)
		return failed(0, "%s: %s", text, mdev_precheck_host_state_text(state));
	return mistaken(host, &known, "a UUID or PARENT/TYPE, or a version after --type,");
}

enum outcome resolve_source(struct mdev_precheck *host, const char *text,
			    struct mdev_precheck_place *place)
{
	enum mdev_precheck_host_state state = mdev_precheck_host_state(host);
	char uuid[MDEV_PRECHECK_UUID_SIZE];

	if (!is_target_form(text))
		return misused("%s: a UUID or PARENT/TYPE was expected; a version needs --type",
			       text);
	if (state != MDEV_PRECHECK_HOST_READY)
		return failed(0, "%s: %s", text, mdev_precheck_host_state_text(state));
	if (!mdev_precheck_parse_uuid(text, uuid))
		return locate_device(host, uuid, place);
	return resolve_source_name(host, text, place);
}
