// SPDX-License-Identifier: LGPL-2.1-or-later
/* An answer: a target, its verdict and the reason */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "internal.h"

/* The kernel logs a line or two for a question, because parents are asked one by one */
#define LINES_MAX	64

int mdev_precheck_answer_new(const char *host, const char *parent, const char *type,
			     struct mdev_precheck_answer **answer)
{
	struct mdev_precheck_answer *new;
	size_t size = sizeof(*new);
	char *at;

	if (!type || !*type || !answer)
		return -EINVAL;
	/* One allocation, because a fleet has hundreds of thousands of answers */
	size += string_size(host) + string_size(parent) + string_size(type);
	new = calloc(1, size);
	if (!new)
		return -ENOMEM;

	new->verdict = MDEV_PRECHECK_NOT_ASKED;
	new->condition = MDEV_PRECHECK_SAME_TYPE;
	new->available_instances = -1;
	at = put_string(host, (char *)(new + 1), &new->host);
	at = put_string(parent, at, &new->parent);
	put_string(type, at, &new->type);
	if (copy_string("the question was not asked", &new->reason)) {
		mdev_precheck_answer_free(new);
		return -ENOMEM;
	}
	*answer = new;
	return 0;
}

/* no_has_error - may a no because of @condition have the errno @error? */
static bool no_has_error(enum mdev_precheck_condition condition, int error)
{
	switch (condition) {
	case MDEV_PRECHECK_SAME_TYPE:
	case MDEV_PRECHECK_TARGET_VERSION:
		return !error;
	case MDEV_PRECHECK_SOURCE_VERSION:
		return !is_no_answer(error);
	case MDEV_PRECHECK_ACCEPTED:
		return error && !is_no_answer(error);
	case MDEV_PRECHECK_ALL_HOLD:
		break;
	}
	return false;
}

static bool goes_together(enum mdev_precheck_verdict verdict,
			  enum mdev_precheck_condition condition, int error)
{
	if (error < 0 || error > MAX_ERRNO || !mdev_precheck_condition_name(condition))
		return false;

	switch (verdict) {
	case MDEV_PRECHECK_NOT_ASKED:
		return condition != MDEV_PRECHECK_ALL_HOLD;
	case MDEV_PRECHECK_COMPATIBLE:
		return condition == MDEV_PRECHECK_ALL_HOLD && !error;
	case MDEV_PRECHECK_INCOMPATIBLE:
		return no_has_error(condition, error);
	}
	return false;
}

int mdev_precheck_answer_set(struct mdev_precheck_answer *answer,
			     enum mdev_precheck_verdict verdict,
			     enum mdev_precheck_condition condition, int error,
			     const char *reason)
{
	const char *copy;

	if (!answer || !reason || !*reason || !goes_together(verdict, condition, error))
		return -EINVAL;
	if (copy_string(reason, &copy))
		return -ENOMEM;

	free((char *)answer->reason);
	answer->reason = copy;
	answer->verdict = verdict;
	answer->condition = condition;
	answer->error = error;
	return 0;
}

int mdev_precheck_answer_add_log(struct mdev_precheck_answer *answer, const char *line)
{
	size_t num, used = 0, i;
	const char **lines;
	char *text;

	if (!answer || !line)
		return -EINVAL;
	num = answer->num_log;
	if (num == LINES_MAX)
		return -E2BIG;

	lines = array_grow((void *)answer->log, num, sizeof(*lines));
	if (!lines)
		return -ENOMEM;
	answer->log = lines;
	/* One text for all lines saves memory if thousands of answers have many lines */
	for (i = 0; i < num; i++)
		used += strlen(lines[i]) + 1;
	text = realloc(num ? (char *)lines[0] : NULL, used + strlen(line) + 1);
	if (!text)
		return -ENOMEM;
	memcpy(text + used, line, strlen(line) + 1);
	for (i = 0; i <= num; i++) {
		lines[i] = text;
		text += strlen(text) + 1;
	}
	answer->num_log++;
	return 0;
}

void mdev_precheck_answer_free(struct mdev_precheck_answer *answer)
{
	if (!answer)
		return;

	if (answer->num_log)
		free((char *)answer->log[0]);
	free((void *)answer->log);
	free((char *)answer->reason);
	free(answer);
}
