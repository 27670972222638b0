// SPDX-License-Identifier: LGPL-2.1-or-later
/* The question to a target: four conditions, in their order */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* Two names, the name and the text of an errno, and the words in between */
#define REASON_SIZE	(2 * NAME_MAX + 256)

/* conclude - set an answer, with the errno in its reason; as mdev_precheck_answer_set() */
__printf(5, 6)
static int conclude(struct mdev_precheck_answer *answer,
		    enum mdev_precheck_verdict verdict,
		    enum mdev_precheck_condition condition, int error,
		    const char *format, ...)
{
	const char *description = strerrordesc_np(error);
	char buffer[MDEV_PRECHECK_ERROR_SIZE];
	char reason[REASON_SIZE];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);

	if (error && description)
		snprintf(reason + len, sizeof(reason) - len, " (%s: %s)",
			 mdev_precheck_error_name(error, buffer), description);
	else if (error)
		snprintf(reason + len, sizeof(reason) - len, " (error %d)", error);
	return mdev_precheck_answer_set(answer, verdict, condition, error, reason);
}

/**
 * same_type - judge by the first condition: the target has the source's type
 * @source: source of the question
 * @dir: parent and type of the target
 * @opened: result of open_place() for @dir
 * @answer: answer about the target
 *
 * Return: 0 if it holds, 1 if the answer is set, or a negative errno.
 */
static int same_type(const struct mdev_precheck_source *source,
		     const struct type_dir *dir, int opened,
		     struct mdev_precheck_answer *answer)
{
	int ret;

	if (dir->types < 0 && (opened == -ENODEV || opened == -ENOTDIR))
		ret = conclude(answer, MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE,
			       ENODEV, "the parent %s does not exist", answer->parent);
	else if (dir->types < 0)
		ret = conclude(answer, MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE,
			       -opened, opened == -EMEDIUMTYPE ?
			       "the parent %s is not of a sysfs" :
			       "the parent %s cannot be looked into", answer->parent);
	else if (opened == -ENODEV)
		ret = conclude(answer, MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE,
			       ENODEV, "the parent %s went away", answer->parent);
	else if (strcmp(source->type, answer->type))
		ret = conclude(answer, MDEV_PRECHECK_INCOMPATIBLE,
			       MDEV_PRECHECK_SAME_TYPE, 0,
			       "the source's type is %s, the target's is %s",
			       source->type, answer->type);
	else if (opened == -ENOENT)
		ret = conclude(answer, MDEV_PRECHECK_INCOMPATIBLE,
			       MDEV_PRECHECK_SAME_TYPE, 0,
			       "the target %s has no type %s", answer->parent, answer->type);
	else if (opened)
		ret = conclude(answer, MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE,
			       -opened, "the target's type %s cannot be opened",
			       answer->type);
	else
		return 0;
	return ret ? ret : 1;
}

/* unread_text - return the reason why a source is FAILED or UNKNOWN */
static const char *unread_text(const struct mdev_precheck_source *source)
{
	if (source->error == EIO)
		return "the source's driver gave no valid answer";
	if (source->state == MDEV_PRECHECK_SOURCE_UNKNOWN)
		return "the source's " MIGRATION_VERSION " could not be read";
	if (source->error == EBADMSG)
		return "the source's " MIGRATION_VERSION " is not a version string";
	return is_no_answer(source->error) ? "the source's driver did not answer" :
					     "the source's driver shows no version";
}

/* source_version - judge by the second condition, as same_type(): the source has a version */
static int source_version(const struct mdev_precheck_source *source,
			  struct mdev_precheck_answer *answer)
{
	int ret = -EINVAL;

	switch (source->state) {
	case MDEV_PRECHECK_SOURCE_READ:
		return 0;
	case MDEV_PRECHECK_SOURCE_NONE:
		ret = conclude(answer, MDEV_PRECHECK_INCOMPATIBLE,
			       MDEV_PRECHECK_SOURCE_VERSION, 0,
			       "the source's type has no " MIGRATION_VERSION);
		break;
	case MDEV_PRECHECK_SOURCE_FAILED:
		ret = conclude(answer, is_no_answer(source->error) ? MDEV_PRECHECK_NOT_ASKED :
								     MDEV_PRECHECK_INCOMPATIBLE,
			       MDEV_PRECHECK_SOURCE_VERSION, source->error, "%s",
			       unread_text(source));
		break;
	case MDEV_PRECHECK_SOURCE_UNKNOWN:
		ret = conclude(answer, MDEV_PRECHECK_NOT_ASKED,
			       MDEV_PRECHECK_SOURCE_VERSION, source->error, "%s",
			       unread_text(source));
		break;
	}
	return ret ? ret : 1;
}

static int not_opened(struct mdev_precheck_answer *answer, int error)
{
	if (error == ENOENT)
		return conclude(answer, MDEV_PRECHECK_INCOMPATIBLE,
				MDEV_PRECHECK_TARGET_VERSION, 0,
				"the target's type has no " MIGRATION_VERSION);
	return conclude(answer, MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_TARGET_VERSION,
			error, error == EMEDIUMTYPE ?
			"the target's " MIGRATION_VERSION " is not a file of a sysfs" :
			"the target's " MIGRATION_VERSION " cannot be opened for write");
}

static int not_answered(struct mdev_precheck_answer *answer, int error, const char *what)
{
	return conclude(answer, MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_ACCEPTED, error,
			"%s", what);
}

/* judge - set the answer by the result of a write of @len bytes */
static int judge(struct mdev_precheck_answer *answer, const struct io_result *result,
		 size_t len)
{
	if (result->step == IO_OPEN)
		return not_opened(answer, result->error);
	if (result->step == IO_NO_ANSWER)
		return not_answered(answer, result->error,
				    "the target's driver does not answer");
	if (result->error == EINTR)
		return not_answered(answer, result->error, "the question was interrupted");
	if (is_no_answer(result->error))
		return not_answered(answer, result->error, result->error == EIO ?
				    "the target's driver gave no valid answer" :
				    "the target's driver did not answer");
	if (result->error)
		return conclude(answer, MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_ACCEPTED,
				result->error,
				"the target's driver does not accept the version");
	/* The kernel did not ask the driver about the whole string */
	if (result->count != len)
		return not_answered(answer, EIO,
				    "the kernel has taken a part of the version only");
	return conclude(answer, MDEV_PRECHECK_COMPATIBLE, MDEV_PRECHECK_ALL_HOLD, 0,
			"the target's driver accepts the version");
}

/* ask_driver - judge by the third and the fourth condition: open and write the attribute */
static int ask_driver(struct mdev_precheck *precheck, const struct type_dir *dir,
		      const char *version, struct mdev_precheck_answer *answer)
{
	struct io_result result;
	struct log log;
	int ret, log_ret;
	bool faulty;

	log_begin(&log);
	ret = write_version(precheck, dir, version, &result);
	faulty = !ret && result.step == IO_CALL && result.error == EIO;
	log_ret = log_end(&log, precheck, version, faulty, answer);
	if (ret || log_ret)
		return ret ? ret : log_ret;
	return judge(answer, &result, strlen(version));
}

static enum mdev_precheck_method method_of(const struct mdev_precheck *precheck)
{
	return precheck->fixture ? MDEV_PRECHECK_FIXTURE : MDEV_PRECHECK_ATTRIBUTE;
}

/* ask_opened - ask about a target; @opened is the result of open_place() for @dir */
static int ask_opened(struct mdev_precheck *precheck,
		      const struct mdev_precheck_source *source, const char *type,
		      const struct type_dir *dir, int opened,
		      struct mdev_precheck_answer **answer)
{
	struct mdev_precheck_answer *new;
	int ret;

	ret = mdev_precheck_answer_new(NULL, dir->parent, type, &new);
	if (ret)
		return ret;
	new->method = method_of(precheck);

	ret = same_type(source, dir, opened, new);
	if (!ret)
		ret = source_version(source, new);
	if (!ret)
		ret = ask_driver(precheck, dir, source->version, new);
	/* A driver that hangs here costs the limit once more, and the yes stays */
	if (!ret && new->verdict == MDEV_PRECHECK_COMPATIBLE)
		new->available_instances = read_available(precheck, dir);
	if (ret < 0) {
		mdev_precheck_answer_free(new);
		return ret;
	}
	*answer = new;
	return 0;
}

int mdev_precheck_ask(struct mdev_precheck *precheck,
		      const struct mdev_precheck_source *source,
		      const struct mdev_precheck_place *target,
		      struct mdev_precheck_answer **answer)
{
	struct type_dir dir;
	int opened, ret;

	if (!precheck || !target || !answer || mdev_precheck_source_check(source) ||
	    !is_file_name(target->parent) || !is_file_name(target->type))
		return -EINVAL;

	opened = open_place(precheck, target, &dir);
	ret = ask_opened(precheck, source, target->type, &dir, opened, answer);
	close_place(&dir);
	return ret;
}

/**
 * struct asking_all - a question to all parents of a host
 * @precheck: object of the host
 * @source: source of the question
 * @type: type of the targets
 * @visit: called with each answer
 * @data: for @visit
 * @num: number of answers so far
 * @num_without: number of parents that are alive and do not have the type
 */
struct asking_all {
	struct mdev_precheck *precheck;
	const struct mdev_precheck_source *source;
	const char *type;
	mdev_precheck_visit_answer visit;
	void *data;
	size_t num;
	size_t num_without;
};

/* ask_parent - add an answer of a parent that has the type, or may have it */
static int ask_parent(struct asking_all *all, const char *parent)
{
	struct mdev_precheck_answer *answer;
	struct mdev_precheck_place place = {};
	struct type_dir dir;
	int opened, ret = 0;

	copy_name(place.parent, parent);
	copy_name(place.type, all->type);
	opened = open_place(all->precheck, &place, &dir);
	if (dir.types >= 0 && opened == -ENOENT) {
		all->num_without++;
		goto out_close;
	}
	/* The entry of class/mdev_bus is not a parent */
	if (dir.types < 0 && opened == -ENOTDIR)
		goto out_close;

	ret = ask_opened(all->precheck, all->source, all->type, &dir, opened, &answer);
	if (!ret) {
		all->num++;
		ret = all->visit(answer, all->data);
	}
out_close:
	close_place(&dir);
	return ret;
}

/* answer_for_all - make the one answer of a host without a parent that could be asked */
static int answer_for_all(struct asking_all *all, enum mdev_precheck_host_state state,
			  int error)
{
	struct mdev_precheck_answer *answer;
	int ret;

	ret = mdev_precheck_answer_new(NULL, NULL, all->type, &answer);
	if (ret)
		return ret;
	answer->method = method_of(all->precheck);

	if (state != MDEV_PRECHECK_HOST_READY)
		ret = mdev_precheck_answer_set(answer, MDEV_PRECHECK_NOT_ASKED,
					       MDEV_PRECHECK_SAME_TYPE, error,
					       mdev_precheck_host_state_text(state));
	else
		ret = conclude(answer, MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_SAME_TYPE,
			       0, "no parent of the target's host has a type %s",
			       all->type);
	if (ret) {
		mdev_precheck_answer_free(answer);
		return ret;
	}
	return all->visit(answer, all->data);
}

int mdev_precheck_ask_all(struct mdev_precheck *precheck,
			  const struct mdev_precheck_source *source,
			  const char *type, mdev_precheck_visit_answer visit,
			  void *data)
{
	struct asking_all all = {
		.precheck = precheck,
		.source = source,
		.type = type,
		.visit = visit,
		.data = data,
	};
	enum mdev_precheck_host_state state;
	struct names parents;
	int error, ret;
	size_t i;

	if (!precheck || !visit || mdev_precheck_source_check(source))
		return -EINVAL;
	if (!type)
		all.type = source->type;
	if (!is_file_name(all.type))
		return -EINVAL;

	state = look_at_host(precheck, &error);
	if (state != MDEV_PRECHECK_HOST_READY)
		return answer_for_all(&all, state, error);

	ret = list_dir(precheck->sysfs, MDEV_BUS, &parents);
	if (ret == -ENOMEM)
		return ret;
	if (ret)
		return answer_for_all(&all, MDEV_PRECHECK_HOST_UNKNOWN, -ret);
	for (i = 0; !ret && i < parents.num; i++)
		ret = ask_parent(&all, parents.names[i]);
	names_free(&parents);
	if (ret || all.num)
		return ret;
	if (!all.num_without)
		/* All parents have gone since look_at_host() */
		return answer_for_all(&all, MDEV_PRECHECK_HOST_NO_PARENT, ENODEV);
	return answer_for_all(&all, state, 0);
}
