// SPDX-License-Identifier: GPL-2.0-only
/* SOURCE and TARGET of the command line, and the name that is near to a mistake */

#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "host.h"
#include "operand.h"

/**
 * struct known - the names that this host has, compared with an operand
 * @typed: operand as it was written, for messages
 * @text: operand in its canonical form
 * @places: the operand is PARENT/TYPE; otherwise parents, types and devices are compared
 * @measured: the differences are counted, to find the nearest name
 * @is_parent: the operand is a parent
 * @is_type: the operand is a type of a parent
 * @is_place: the operand is a type of the parent that it names
 * @has_parent: the parent that the operand names exists
 * @unreadable: the parent that the operand names, or is, cannot be looked into
 * @nearest: name with the fewest differences
 */
struct known {
	const char *typed;
	const char *text;
	bool places;
	bool measured;
	bool is_parent;
	bool is_type;
	bool is_place;
	bool has_parent;
	bool unreadable;
	struct nearest nearest;
};

static void compare(struct known *known, const char *name)
{
	if (known->measured)
		compare_nearest(&known->nearest, name);
}

/* compare_parent - compare the name of a parent, also of one that cannot be looked into */
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
	/* The walk can end, because further names of this host do not matter */
	return known->is_place;
}

static int compare_device(const char *uuid, void *data)
{
	compare(data, uuid);
	return 0;
}

/* look_around - compare @known->text with the names of this host; no driver is called */
static enum outcome look_around(struct mdev_precheck *host, struct known *known)
{
	int ret;

	ret = mdev_precheck_walk_places(host, compare_place, known);
	if (!ret && !known->places && known->measured)
		ret = mdev_precheck_walk_devices(host, compare_device, known);
	return ret < 0 ? failed(ret, "the types of this host cannot be read") : DONE;
}

/* find_name - find out whether @text is a parent, a type or a place of this host */
static enum outcome find_name(struct mdev_precheck *host, const char *typed, const char *text,
			      struct known *known)
{
	memset(known, 0, sizeof(*known));
	known->typed = typed;
	known->text = text;
	known->nearest.text = text;
	known->places = strchr(text, '/');
	return look_around(host, known);
}

/*
 * mistaken - print a message about a mistake, with the nearest name if one is near
 *
 * Only this second look at the host counts differences, because counting them in thousands of
 * names takes longer than the question about one.
 */
static enum outcome mistaken(struct mdev_precheck *host, struct known *known,
			     const char *expected)
{
	known->measured = true;
	if (look_around(host, known))
		return FAILED;
	if (is_near(&known->nearest))
		return misused("%s: this host does not have it: did you mean %s?", known->typed,
			       known->nearest.name);
	return misused("%s: this host does not have it: %s was expected, see mdev-precheck list",
		       known->typed, expected);
}

/**
 * struct domains - parents with the same PCI address in several domains
 * @name: address in domain 0000
 * @own: a parent has @name
 * @other: name of a parent in another domain, or ""
 */
struct domains {
	const char *name;
	bool own;
	char other[MDEV_PRECHECK_NAME_SIZE];
};

static int compare_domain(const struct mdev_precheck_place *place, int error, void *data)
{
	const char *colon = strchr(place->parent, ':');
	struct domains *domains = data;

	(void)error;
	if (*place->type || !colon || strcmp(colon, strchr(domains->name, ':')))
		return 0;
	if (!strcmp(place->parent, domains->name))
		domains->own = true;
	else
		snprintf(domains->other, sizeof(domains->other), "%s", place->parent);
	return 0;
}

/* lspci prints the domain 0000, too, if a device has another domain */
enum outcome check_pci_domain(struct mdev_precheck *host, const char *typed,
			      const struct spelling *spelling)
{
	char name[OPERAND_MAX];
	struct domains domains = { .name = name };
	int ret;

	if (!spelling->any_domain)
		return DONE;
	snprintf(name, sizeof(name), "%s", spelling->text);
	name[strcspn(name, "/")] = '\0';
	ret = mdev_precheck_walk_places(host, compare_domain, &domains);
	if (ret)
		return failed(ret, "the parents of this host cannot be read");
	if (!*domains.other)
		return DONE;
	if (!domains.own)
		return misused("%s: this host does not have it: did you mean %s?", typed,
			       domains.other);
	return misused("%s: this is %s, or %s without its domain: one of them was expected", typed,
		       name, domains.other);
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

/* is_literal - is the operand, as it was written, a name of this host? */
static bool is_literal(const struct known *known, const struct sources *sources)
{
	if (sources && is_source_type(sources, known->text))
		return true;
	return known->is_parent || known->is_type || known->is_place || known->unreadable;
}

/**
 * respell - find the canonical form of an operand
 * @settings: the command line
 * @host: this host
 * @typed: operand as it was written
 * @sources: sources whose types count as names of the host, or NULL
 * @spelling: result, of the kind SPELLING_NONE for an operand that is taken literally
 */
static enum outcome respell(const struct settings *settings, struct mdev_precheck *host,
			    const char *typed, const struct sources *sources,
			    struct spelling *spelling)
{
	struct known known;

	if (!parse_spelling(settings, typed, spelling))
		return DONE;
	if (find_name(host, typed, typed, &known))
		return FAILED;
	if (is_literal(&known, sources)) {
		spelling->kind = SPELLING_NONE;
		return DONE;
	}
	return check_pci_domain(host, typed, spelling);
}

enum outcome check_parent(const char *typed, const struct spelling *spelling,
			  const struct mdev_precheck_place *place)
{
	if (is_of_parent(spelling, place->parent))
		return DONE;
	return misused("%s: this is %s, which is a device of %s, and not of %s", typed,
		       spelling->text, place->parent, spelling->of_parent);
}

/*
 * has_place - is @text PARENT/TYPE of this host, literally?
 *
 * This common case takes one look.  All other meanings of an operand take a walk through the
 * whole host.
 */
static bool has_place(const struct settings *settings, const char *text,
		      struct mdev_precheck_place *place)
{
	struct mdev_precheck_place literal;
	struct statfs stat;
	char *path;
	bool has;

	if (mdev_precheck_parse_place(text, &literal))
		return false;
	path = format_text("%s/class/mdev_bus/%s/mdev_supported_types/%s",
			   host_directory(settings), literal.parent, literal.type);
	has = !statfs(path, &stat) && (settings->fixture || stat.f_type == SYSFS_MAGIC);
	free(path);
	if (has)
		*place = literal;
	return has;
}

/* is_form - is @text a UUID, PARENT/TYPE, PARENT or TYPE? */
static bool is_form(const char *text)
{
	struct mdev_precheck_place place;

	if (strchr(text, '/'))
		return !mdev_precheck_parse_place(text, &place);
	return *text && strlen(text) < MDEV_PRECHECK_NAME_SIZE;
}

bool is_target_form(const struct settings *settings, const char *text)
{
	struct spelling spelling;

	return is_form(text) || parse_spelling(settings, text, &spelling);
}

enum outcome spell_target(const struct settings *settings, const char **target,
			  char canonical[OPERAND_MAX])
{
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	struct spelling spelling;

	if (!*target || !parse_spelling(settings, *target, &spelling))
		return DONE;
	if (spelling.kind == SPELLING_PARENT && !mdev_precheck_parse_uuid(spelling.text, uuid))
		return misused("%s: this is a parent, and a UUID: PARENT/TYPE was expected",
			       *target);
	memcpy(canonical, spelling.text, OPERAND_MAX);
	*target = canonical;
	return DONE;
}

/* resolve_word - find the meaning of an operand without a slash; @found if this host has it */
static enum outcome resolve_word(const struct known *known, const struct sources *sources,
				 struct target *target, bool *found)
{
	bool spelled = known->text != known->typed;
	/* Only a parent has other spellings */
	bool is_type = !spelled && (known->is_type || is_source_type(sources, known->text));

	*found = is_type || known->is_parent || known->unreadable;
	/* A guess could ask a question that the user does not mean */
	if (is_type && known->is_parent)
		return misused("%s: this is a parent and a type: PARENT/TYPE was expected",
			       known->typed);
	target->kind = is_type ? TARGET_TYPE : TARGET_PARENT;
	snprintf(is_type ? target->place.type : target->place.parent,
		 MDEV_PRECHECK_NAME_SIZE, "%s", known->text);
	return DONE;
}

/* resolve_name - find the target of an operand that is not a device; @text is canonical */
static enum outcome resolve_name(struct mdev_precheck *host, const char *typed,
				 const char *text, const struct sources *sources,
				 struct target *target)
{
	enum outcome outcome = DONE;
	struct known known;
	bool found;

	if (find_name(host, typed, text, &known))
		return FAILED;
	if (!mdev_precheck_parse_place(text, &target->place)) {
		target->kind = TARGET_PLACE;
		/* If a parent does not have the source's type, the answer is a no */
		found = known.is_place || known.unreadable ||
			(known.has_parent && is_source_type(sources, target->place.type));
	} else {
		outcome = resolve_word(&known, sources, target, &found);
	}
	if (found)
		return outcome;
	/* If the last parent has gone meanwhile, the operand is not a mistake */
	target->state = mdev_precheck_host_state(host);
	if (target->state != MDEV_PRECHECK_HOST_READY) {
		target->kind = TARGET_NO_HOST;
		return DONE;
	}
	return mistaken(host, &known, "a UUID, PARENT/TYPE, PARENT or TYPE");
}

enum outcome resolve_target(const struct settings *settings, struct mdev_precheck *host,
			    const char *text, const struct sources *sources,
			    struct target *target)
{
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	struct spelling spelling;
	enum outcome outcome;

	memset(target, 0, sizeof(*target));
	target->kind = TARGET_SOURCE_TYPE;
	if (!text)
		return DONE;
	if (has_place(settings, text, &target->place)) {
		target->kind = TARGET_PLACE;
		return DONE;
	}
	if (!is_target_form(settings, text))
		return misused("%s: a UUID, PARENT/TYPE, PARENT or TYPE was expected", text);
	target->state = mdev_precheck_host_state(host);
	if (target->state != MDEV_PRECHECK_HOST_READY) {
		target->kind = TARGET_NO_HOST;
		return DONE;
	}
	outcome = respell(settings, host, text, sources, &spelling);
	if (outcome)
		return outcome;
	if (spelling.kind != SPELLING_DEVICE && mdev_precheck_parse_uuid(text, uuid))
		return resolve_name(host, text, spelling.kind ? spelling.text : text, sources,
				    target);
	target->kind = TARGET_PLACE;
	target->error = -mdev_precheck_find_device(host, spelling.kind ? spelling.text : uuid,
						   &target->place);
	if (!target->error)
		return check_parent(text, &spelling, &target->place);
	target->kind = TARGET_NO_DEVICE;
	return DONE;
}

/* resolve_source_name - find the source of an operand that is not a device; @text is canonical */
static enum outcome resolve_source_name(struct mdev_precheck *host, const char *typed,
					const char *text, struct mdev_precheck_place *place)
{
	enum mdev_precheck_host_state state;
	struct known known;

	if (find_name(host, typed, text, &known))
		return FAILED;
	if (!mdev_precheck_parse_place(text, place) && (known.is_place || known.unreadable))
		return DONE;
	/* A source has to be one type of one parent, and a target does not */
	if (known.is_parent || known.is_type)
		return misused("%s: this is a %s: a UUID or PARENT/TYPE was expected", typed,
			       known.is_parent ? "parent" : "type");
	/* If the last parent has gone meanwhile, the operand is not a mistake */
	state = mdev_precheck_host_state(host);
	if (state != MDEV_PRECHECK_HOST_READY)
		return failed(0, "%s: %s", typed, mdev_precheck_host_state_text(state));
	return mistaken(host, &known, "a UUID or PARENT/TYPE, or a version after --type,");
}

enum outcome resolve_source(const struct settings *settings, struct mdev_precheck *host,
			    const char *text, struct mdev_precheck_place *place)
{
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	enum mdev_precheck_host_state state;
	struct spelling spelling;
	enum outcome outcome;

	if (!is_target_form(settings, text))
		return misused("%s: a UUID or PARENT/TYPE was expected; a version needs --type",
			       text);
	if (has_place(settings, text, place))
		return DONE;
	state = mdev_precheck_host_state(host);
	if (state != MDEV_PRECHECK_HOST_READY)
		return failed(0, "%s: %s", text, mdev_precheck_host_state_text(state));
	outcome = respell(settings, host, text, NULL, &spelling);
	if (outcome)
		return outcome;
	if (spelling.kind != SPELLING_DEVICE && mdev_precheck_parse_uuid(text, uuid))
		return resolve_source_name(host, text, spelling.kind ? spelling.text : text,
					   place);
	outcome = locate_device(host, text, spelling.kind ? spelling.text : uuid, place);
	return outcome ? outcome : check_parent(text, &spelling, place);
}
