// SPDX-License-Identifier: GPL-2.0-only
/* The types that --parent, --type and --device select */

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "host.h"
#include "operand.h"
#include "selection.h"

static bool is_pattern(const char *text)
{
	return text && strpbrk(text, "*?[\\");
}

bool name_matches(const char *text, bool literal, const char *name)
{
	return literal || !is_pattern(text) ? !strcmp(text, name) : !fnmatch(text, name, 0);
}

/**
 * struct match - names of this host that match patterns
 * @parent: name or pattern of parents, or NULL
 * @type: name or pattern of types, or NULL
 * @literal_parent: there is a parent whose name is equal to @parent
 * @literal_type: there is a type whose name is equal to @type
 * @places: places that match; the type is "" for all types of a parent
 * @num: number of places
 */
struct match {
	const char *parent;
	const char *type;
	bool literal_parent;
	bool literal_type;
	struct mdev_precheck_place *places;
	size_t num;
};

static int look_for_literal(const struct mdev_precheck_place *place, int error, void *data)
{
	struct match *match = data;

	(void)error;
	match->literal_parent |= match->parent && !strcmp(place->parent, match->parent);
	match->literal_type |= match->type && *place->type && !strcmp(place->type, match->type);
	return 0;
}

static int add_match(const struct mdev_precheck_place *place, int error, void *data)
{
	struct match *match = data;

	if (match->parent && !name_matches(match->parent, match->literal_parent, place->parent))
		return 0;
	/* A type is looked up by its name, which is faster than comparing thousands of names */
	if (!*place->type ? !error && is_pattern(match->type) && !match->literal_type :
			    !is_pattern(match->type) || match->literal_type ||
			    !name_matches(match->type, false, place->type))
		return 0;
	match->places = grow(match->places, match->num, sizeof(*match->places));
	match->places[match->num++] = *place;
	return 0;
}

int walk_matching(struct mdev_precheck *host, const char *parent, const char *type,
		  mdev_precheck_visit_type visit, void *data)
{
	struct match match = { .parent = parent, .type = type };
	int ret = 0;
	size_t i;

	if (!is_pattern(parent) && !is_pattern(type))
		return mdev_precheck_walk_types(host, parent, type, visit, data);
	ret = mdev_precheck_walk_places(host, look_for_literal, &match);
	if (!ret)
		ret = mdev_precheck_walk_places(host, add_match, &match);
	if (is_pattern(type) && !match.literal_type)
		type = NULL;
	for (i = 0; !ret && i < match.num; i++)
		ret = mdev_precheck_walk_types(host, match.places[i].parent,
					       *match.places[i].type ? match.places[i].type : type,
					       visit, data);
	free(match.places);
	return ret;
}

/**
 * struct selection - a walk through the types of the options
 * @visit: called for each type that could be looked into
 * @skipped: called for each type that could not be looked into, or NULL
 * @data: for @visit and @skipped
 * @any: could a type be looked into?
 * @outcome: PARTLY if a type could not be looked into
 */
struct selection {
	mdev_precheck_visit_type visit;
	mdev_precheck_visit_type skipped;
	void *data;
	bool any;
	enum outcome outcome;
};

static int visit_selected(const struct mdev_precheck_type *type, void *data)
{
	struct selection *selection = data;
	const struct mdev_precheck_place *place = type->place;

	if (!type->error) {
		selection->any = true;
		return selection->visit(type, selection->data);
	}
	failed(type->error, "%s%s%s cannot be looked into", place->parent,
	       *place->type ? "/" : "", place->type);
	selection->outcome = PARTLY;
	return selection->skipped ? selection->skipped(type, selection->data) : 0;
}

/* select_device - find the place of --device, which --parent and --type must not contradict */
static enum outcome select_device(struct mdev_precheck *host, const struct settings *settings,
				  const char *parent, struct mdev_precheck_place *device)
{
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	struct spelling spelling = {};
	enum outcome outcome;

	if (mdev_precheck_parse_uuid(settings->device, uuid)) {
		if (parse_spelling(settings, settings->device, &spelling) != SPELLING_DEVICE)
			return misused("--device %s: a UUID was expected", settings->device);
		memcpy(uuid, spelling.text, sizeof(uuid));
	}
	outcome = locate_device(host, settings->device, uuid, device);
	if (!outcome)
		outcome = check_parent(settings->device, &spelling, device);
	if (outcome)
		return outcome;
	if ((parent && !name_matches(parent, !strcmp(parent, device->parent), device->parent)) ||
	    (settings->type && !name_matches(settings->type, !strcmp(settings->type, device->type),
					     device->type)))
		return failed(0, "device %s has the type %s/%s, which --parent or --type excludes",
			      settings->device, device->parent, device->type);
	return DONE;
}

/* select_parent - find the canonical form of --parent, unless it is a name of this host */
static enum outcome select_parent(struct mdev_precheck *host, const struct settings *settings,
				  struct spelling *spelling, const char **parent)
{
	struct match match = { .parent = settings->parent };
	int ret;

	*parent = settings->parent;
	if (!*parent || !parse_spelling(settings, *parent, spelling))
		return DONE;
	ret = mdev_precheck_walk_places(host, look_for_literal, &match);
	if (ret)
		return failed(ret, "the parents of this host cannot be read");
	if (match.literal_parent)
		return DONE;
	if (spelling->kind != SPELLING_PARENT)
		return misused("--parent %s: a parent was expected", *parent);
	*parent = spelling->text;
	return check_pci_domain(host, settings->parent, spelling);
}

/**
 * struct bare_parents - parents that do not have types
 * @selected: name or pattern of --parent, or NULL
 * @literal: a name is equal to @selected
 * @last: the parent that was visited last if it does not have a type so far, or ""
 * @position: number of @last among all parents
 * @names: names of the parents without types, each allocated
 * @fold: the same names for people
 */
struct bare_parents {
	const char *selected;
	bool literal;
	char last[MDEV_PRECHECK_NAME_SIZE];
	size_t position;
	struct list names;
	struct fold fold;
};

static void add_bare_parent(struct bare_parents *bare)
{
	char *name;

	if (!*bare->last || (bare->selected &&
			     !name_matches(bare->selected, bare->literal, bare->last)))
		return;
	name = duplicate(bare->last);
	list_add(&bare->names, name);
	fold_add(&bare->fold, name, bare->position);
}

static int look_for_types(const struct mdev_precheck_place *place, int error, void *data)
{
	struct bare_parents *bare = data;

	if (*place->type) {
		*bare->last = '\0';
		return 0;
	}
	add_bare_parent(bare);
	bare->position++;
	/* A parent that cannot be looked into can have types */
	snprintf(bare->last, sizeof(bare->last), "%s", error ? "" : place->parent);
	return 0;
}

bool report_bare_parents(struct mdev_precheck *host, const struct settings *settings)
{
	struct match match = { .parent = settings->parent };
	struct bare_parents bare = {};
	struct spelling spelling;
	size_t num;
	char *text;

	if (settings->type || settings->device)
		return false;
	if (select_parent(host, settings, &spelling, &bare.selected) ||
	    mdev_precheck_walk_places(host, look_for_literal, &match) ||
	    mdev_precheck_walk_places(host, look_for_types, &bare))
		return false;
	bare.literal = match.literal_parent;
	add_bare_parent(&bare);
	num = bare.names.num;
	if (num) {
		text = fold_text(&bare.fold, NULL, settings->verbosity > 0);
		if (num == 1)
			complain("the parent %s does not have types", text);
		else
			complain("the %zu parents %s do not have types", num, text);
		free(text);
	}
	fold_free(&bare.fold);
	free_texts(&bare.names);
	return num;
}

/*
 * no_types - print the reason why no type was found
 *
 * If @outcome is PARTLY, a parent that could not be looked into may have the type.
 */
static enum outcome no_types(struct mdev_precheck *host, const struct settings *settings,
			     const char *parent, const char *type, enum outcome outcome)
{
	enum mdev_precheck_host_state state = mdev_precheck_host_state(host);
	enum outcome missing = outcome == PARTLY ? PARTLY : FAILED;

	if (!shows_parents(state)) {
		failed(0, "%s", mdev_precheck_host_state_text(state));
		return missing;
	}
	/* For --parent alone, the message about the parent is enough */
	if ((!parent && !type) || (parent && outcome == PARTLY))
		return outcome;
	if (report_bare_parents(host, settings))
		return missing;
	failed(0, "%s does not have a type %s/%s", outcome == PARTLY ?
	       "the part of this host that can be looked into" : "this host", parent ? parent : "*",
	       type ? type : "*");
	return missing;
}

enum outcome for_selected_types(struct mdev_precheck *host,
				const struct settings *settings,
				mdev_precheck_visit_type visit,
				mdev_precheck_visit_type skipped, void *data)
{
	struct selection selection = {
		.visit = visit,
		.skipped = skipped,
		.data = data,
	};
	struct mdev_precheck_place device;
	const char *parent, *type = settings->type;
	struct spelling spelling;
	enum outcome outcome;
	int ret;

	/* One message is enough, because each parent would have the same reason */
	if (mdev_precheck_host_state(host) == MDEV_PRECHECK_HOST_NO_SYSFS)
		return failed(0, "%s: %s", host_directory(settings),
			      mdev_precheck_host_state_text(MDEV_PRECHECK_HOST_NO_SYSFS));
	outcome = select_parent(host, settings, &spelling, &parent);
	if (!outcome && settings->device)
		outcome = select_device(host, settings, parent, &device);
	if (outcome)
		return outcome;
	/* The names of a device's place are not patterns */
	if (settings->device)
		ret = mdev_precheck_walk_types(host, device.parent, device.type, visit_selected,
					       &selection);
	else
		ret = walk_matching(host, parent, type, visit_selected, &selection);
	if (ret)
		return failed(ret, "the types of this host cannot be read");
	if (selection.any)
		return selection.outcome;
	if (settings->device)
		return no_types(host, settings, device.parent, device.type, selection.outcome);
	return no_types(host, settings, parent, type, selection.outcome);
}
