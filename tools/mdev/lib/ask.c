// SPDX-License-Identifier: LGPL-2.1-or-later
/* The four conditions, which are the whole of the algorithm */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/**
 * struct own_answer - an answer with what it points to
 * @public: what the caller sees
 * @reason: allocated
 * @log: its lines
 */
struct own_answer {
	struct mdev_precheck_answer public;
	char *reason;
	struct log log;
};

void mdev_precheck_answer_free(struct mdev_precheck_answer *answer)
{
	struct own_answer *own = (struct own_answer *)answer;

	if (!own)
		return;
	log_free(&own->log);
	free(own->reason);
	free(own);
}

/* error_text - the errno by name and text */
static void error_text(int error, char *text, size_t size)
{
	const char *name = strerrorname_np(error);

	if (name)
		snprintf(text, size, "%s: %s", name, strerrordesc_np(error));
	else
		snprintf(text, size, "error %d", error);
}

__printf(5, 6)
static int answer(struct own_answer *own, enum mdev_precheck_verdict verdict,
		  enum mdev_precheck_condition condition, int error,
		  const char *format, ...)
{
	char text[128];
	va_list args;
	char *what;
	int len;

	va_start(args, format);
	len = vasprintf(&what, format, args);
	va_end(args);
	if (len < 0)
		return -ENOMEM;

	if (error) {
		error_text(error, text, sizeof(text));
		len = asprintf(&own->reason, "%s (%s)", what, text);
		free(what);
		if (len < 0) {
			own->reason = NULL;
			return -ENOMEM;
		}
	} else {
		own->reason = what;
	}

	own->public.verdict = verdict;
	own->public.condition = condition;
	own->public.error = error;
	own->public.reason = own->reason;
	return 0;
}

static int not_asked(struct own_answer *own,
		     enum mdev_precheck_condition condition, int error,
		     const char *what)
{
	return answer(own, MDEV_PRECHECK_NOT_ASKED, condition, error, "%s", what);
}

static bool has_parent(const struct mdev_precheck *precheck, const char *parent)
{
	struct names entries;
	int ret;

	if (precheck->parents < 0 || !is_file_name(parent))
		return false;
	ret = list_dir(precheck->parents, parent, &entries);
	names_free(&entries);
	return ret != -ENOENT;
}

/* same_type - the first condition: 0 if it holds, 1 if it is answered */
static int same_type(struct mdev_precheck *precheck, const char *type,
		     const struct mdev_precheck_place *target,
		     struct own_answer *own, int *dir)
{
	int ret;

	if (strcmp(type, target->type)) {
		ret = answer(own, MDEV_PRECHECK_INCOMPATIBLE,
			     MDEV_PRECHECK_SAME_TYPE, 0,
			     "the source's type is %s, the target's is %s", type,
			     target->type);
		return ret ? ret : 1;
	}

	*dir = open_type(precheck, target);
	if (*dir >= 0)
		return 0;
	if (*dir == -ENOENT && has_parent(precheck, target->parent))
		ret = answer(own, MDEV_PRECHECK_INCOMPATIBLE,
			     MDEV_PRECHECK_SAME_TYPE, 0,
			     "the target %s has no type %s", target->parent,
			     target->type);
	else if (*dir == -ENOENT)
		ret = answer(own, MDEV_PRECHECK_NOT_ASKED,
			     MDEV_PRECHECK_SAME_TYPE, ENODEV,
			     "there is no parent %s", target->parent);
	else
		ret = answer(own, MDEV_PRECHECK_NOT_ASKED,
			     MDEV_PRECHECK_SAME_TYPE, -*dir,
			     "the target's type %s cannot be opened",
			     target->type);
	return ret ? ret : 1;
}

/* The third and the fourth condition */
static int ask_driver(const struct mdev_precheck *precheck, int dir,
		      const char *version, const char *parent,
		      struct own_answer *own)
{
	struct io_result result;
	int ret;

	log_begin(&own->log);
	ret = write_version(precheck, dir, version, &result);
	if (!ret)
		ret = log_end(&own->log, precheck, parent);
	if (ret)
		return ret;
	own->public.log = (const char *const *)own->log.lines;
	own->public.num_log = own->log.num;
	own->public.log_error = own->log.error;

	switch (result.step) {
	case IO_OPEN:
		if (result.error == ENOENT)
			return answer(own, MDEV_PRECHECK_INCOMPATIBLE,
				      MDEV_PRECHECK_TARGET_VERSION, 0,
				      "the target's type has no " MIGRATION_VERSION);
		return not_asked(own, MDEV_PRECHECK_TARGET_VERSION, result.error,
				 "the target's " MIGRATION_VERSION
				 " cannot be opened for write");
	case IO_NO_ANSWER:
		return not_asked(own, MDEV_PRECHECK_ACCEPTED, result.error,
				 "the target's driver does not answer");
	case IO_CALL:
		break;
	}

	if (result.error == EINTR)
		return not_asked(own, MDEV_PRECHECK_ACCEPTED, result.error,
				 "the question was interrupted");
	if (is_no_answer(result.error))
		return not_asked(own, MDEV_PRECHECK_ACCEPTED, result.error,
				 "the target's driver did not answer");
	if (result.error)
		return answer(own, MDEV_PRECHECK_INCOMPATIBLE,
			      MDEV_PRECHECK_ACCEPTED, result.error,
			      "the target's driver does not accept the version");
	/* A string in pieces is not what the driver was to be asked about */
	if (result.count != strlen(version))
		return not_asked(own, MDEV_PRECHECK_ACCEPTED, EIO,
				 "the kernel has taken a part of the version only");
	return answer(own, MDEV_PRECHECK_COMPATIBLE, MDEV_PRECHECK_ALL_HOLD, 0,
		      "the target's driver accepts the version");
}

/* source_version - the second condition: 0 if it holds, 1 if it is answered */
static int source_version(const struct mdev_precheck_version *version,
			  struct own_answer *own)
{
	int ret = 0;

	switch (version->state) {
	case MDEV_PRECHECK_VERSION_READ:
		return 0;
	case MDEV_PRECHECK_VERSION_NONE:
		ret = answer(own, MDEV_PRECHECK_INCOMPATIBLE,
			     MDEV_PRECHECK_SOURCE_VERSION, 0,
			     "the source's type has no " MIGRATION_VERSION);
		break;
	case MDEV_PRECHECK_VERSION_FAILED:
		/* A document of an earlier version calls these a failure, too */
		if (is_no_answer(version->error)) {
			ret = not_asked(own, MDEV_PRECHECK_SOURCE_VERSION,
					version->error,
					"the source's driver did not answer");
			break;
		}
		ret = answer(own, MDEV_PRECHECK_INCOMPATIBLE,
			     MDEV_PRECHECK_SOURCE_VERSION, version->error,
			     "the source's driver shows no version");
		break;
	case MDEV_PRECHECK_VERSION_UNKNOWN:
		ret = not_asked(own, MDEV_PRECHECK_SOURCE_VERSION, version->error,
				"the source's " MIGRATION_VERSION
				" could not be read");
		break;
	}
	return ret ? ret : 1;
}

int mdev_precheck_ask(struct mdev_precheck *precheck, const char *type,
		      const struct mdev_precheck_version *version,
		      const struct mdev_precheck_place *target,
		      struct mdev_precheck_answer **result)
{
	struct own_answer *own;
	int dir = -1, ret;

	/* A write of nothing succeeds, whatever the driver thinks */
	if (version->state == MDEV_PRECHECK_VERSION_READ && !*version->text)
		return -EINVAL;

	own = calloc(1, sizeof(*own));
	if (!own)
		return -ENOMEM;
	own->log.fd = -1;

	ret = same_type(precheck, type, target, own, &dir);
	if (!ret)
		ret = source_version(version, own);
	if (!ret)
		ret = ask_driver(precheck, dir, version->text, target->parent,
				 own);
	if (dir >= 0)
		close(dir);
	if (ret < 0) {
		mdev_precheck_answer_free(&own->public);
		return ret;
	}

	*result = &own->public;
	return 0;
}
