// SPDX-License-Identifier: GPL-2.0-only
/* The hook's questions about a device that is made only when the domain comes */

#include <stdlib.h>
#include <string.h>

#include "ask-device.h"
#include "report.h"

/**
 * struct reply - an answer that one or more parents gave
 * @places: the parents, as PARENT/TYPE; allocated
 * @what: the version of their type, and the reason; allocated
 * @status: the exit status for this answer
 */
struct reply {
	char *places;
	char *what;
	enum exit_status status;
};

/**
 * struct possible - the parents where a device could be made
 * @asking: the questions
 * @stamp: the stamp of the device
 * @replies: answers of the parents, each different from the one before
 * @num: entries in @replies
 */
struct possible {
	const struct asking *asking;
	const struct stamp *stamp;
	struct reply *replies;
	size_t num;
};

/* add_reply - add an answer, or add its place to an equal last answer; @what is kept or freed */
static void add_reply(struct possible *possible, const struct mdev_precheck_place *place,
		      enum exit_status status, char *what)
{
	struct reply *last = possible->num ? &possible->replies[possible->num - 1] : NULL;
	const char *slash = *place->type ? "/" : "";
	char *places;

	if (last && last->status == status && !strcmp(last->what, what)) {
		places = format_text("%s, %s%s%s", last->places, place->parent, slash, place->type);
		free(last->places);
		last->places = places;
		free(what);
		return;
	}
	possible->replies = grow(possible->replies, possible->num, sizeof(*possible->replies));
	last = &possible->replies[possible->num++];
	last->places = format_text("%s%s%s", place->parent, slash, place->type);
	last->status = status;
	last->what = what;
}

/* ask_place - ask the type of one parent; 0, or a negative errno of mdev_precheck_ask() */
static int ask_place(struct possible *possible, const struct mdev_precheck_type *type)
{
	const struct asking *asking = possible->asking;
	struct mdev_precheck_answer *answer;
	enum exit_status status;
	char *own, *reason;
	int ret;

	limit_question(asking);
	ret = mdev_precheck_ask(asking->host, possible->stamp->source, type->place, &answer);
	if (ret)
		return ret;
	status = allows(asking, answer) ? STATUS_NOT_ASKED : answer_status(asking, answer);
	own = shown_version(type->source);
	reason = explained_reason(answer);
	add_reply(possible, type->place, status, format_text("%s: %s", own, reason));
	free(reason);
	free(own);
	mdev_precheck_answer_free(answer);
	return 0;
}

/* visit_possible - ask a type that has room for a device; a mdev_precheck_visit_type */
static int visit_possible(const struct mdev_precheck_type *type, void *data)
{
	struct possible *possible = data;
	int ret = 0;

	if (type->error)
		add_reply(possible, type->place, STATUS_NOT_ASKED,
			  format_text("unknown: it cannot be looked into: %s",
				      strerror(type->error)));
	else if (type->available_instances)
		ret = ask_place(possible, type);
	/* The walk reads the version of the next parent */
	limit_question(possible->asking);
	return ret;
}

static bool all_refuse(const struct possible *possible)
{
	size_t i;

	for (i = 0; i < possible->num; i++) {
		if (possible->replies[i].status != STATUS_INCOMPATIBLE)
			return false;
	}
	return possible->num;
}

/* report_parents - print a line for each answer, and return the status for all of them */
static enum exit_status report_parents(const struct possible *possible,
				       const struct guest_device *device)
{
	enum exit_status status = all_refuse(possible) ? STATUS_INCOMPATIBLE : STATUS_COMPATIBLE;
	const struct stamp *stamp = possible->stamp;
	const struct asking *asking = possible->asking;
	char *source = shown_version(stamp->source);
	char *what = format_text("device %s, which this host does not have, type %s", device->uuid,
				 stamp->source->type);
	enum exit_status worst = STATUS_COMPATIBLE;
	size_t i;

	for (i = 0; i < possible->num; i++)
		worst = refuse(asking, status, !status,
			       format_text("%s, source's version %s, version of %s here %s", what,
					   source, possible->replies[i].places,
					   possible->replies[i].what));
	if (!possible->num)
		worst = refuse(asking, STATUS_NOT_ASKED, true,
			       format_text("%s: no parent has this type and room for a device",
					   what));
	free(what);
	free(source);
	return worst;
}

enum exit_status ask_parents(const struct asking *asking, const struct guest_device *device,
			     const struct stamp *stamp)
{
	struct possible possible = { .asking = asking, .stamp = stamp };
	enum exit_status status;
	size_t i;
	int ret;

	limit_question(asking);
	ret = mdev_precheck_walk_types(asking->host, NULL, stamp->source->type, visit_possible,
				       &possible);
	if (ret)
		status = refuse(asking, STATUS_NOT_ASKED, false,
				format_text("device %s: this host's parents could not be asked: %s",
					    device->uuid, strerror(-ret)));
	else
		status = report_parents(&possible, device);
	for (i = 0; i < possible.num; i++) {
		free(possible.replies[i].places);
		free(possible.replies[i].what);
	}
	free(possible.replies);
	return status;
}
