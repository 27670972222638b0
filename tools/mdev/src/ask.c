// SPDX-License-Identifier: GPL-2.0-only
/* Sources, and what this host says to them */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "host.h"

/* A document of a host with thousands of types is a few megabytes */
#define DOCUMENT_MAX	(64 * 1024 * 1024)

/* read_all - of a file, allocated; NULL after a message */
static char *read_all(FILE *file, const char *name, size_t *len)
{
	size_t size = 0, count;
	char *text = NULL;

	*len = 0;
	do {
		if (size - *len < 4096) {
			size = 2 * size + 65536;
			text = reallocate(text, size);
		}
		count = fread(text + *len, 1, size - *len, file);
		*len += count;
	} while (count && *len <= DOCUMENT_MAX);

	if (ferror(file) || *len > DOCUMENT_MAX) {
		not_done(ferror(file) ? errno : EFBIG, "%s", name);
		free(text);
		return NULL;
	}
	return text;
}

enum status add_file(const char *name, struct sources *sources)
{
	bool standard_input = !strcmp(name, "-");
	FILE *file = standard_input ? stdin : fopen(name, "re");
	const char *wrong;
	size_t len;
	char *text;

	if (!file)
		return not_done(errno, "%s", name);
	text = read_all(file, name, &len);
	if (!standard_input)
		fclose(file);
	if (!text)
		return STATUS_NOT_ASKED;

	wrong = parse_sources(text, len, sources);
	free(text);
	if (!wrong)
		return STATUS_COMPATIBLE;
	complain("%s is not a document of mdev-precheck export: %s", name, wrong);
	return STATUS_NOT_ASKED;
}

void add_local_source(struct sources *sources,
		      const struct mdev_precheck_place *place,
		      const struct mdev_precheck_version *version)
{
	struct source *source = add_source(sources);

	source->parent = duplicate(place->parent);
	source->type = duplicate(place->type);
	source->state = version->state;
	source->error = version->error;
	if (version->state == MDEV_PRECHECK_VERSION_READ)
		source->version = duplicate(version->text);
}

enum status find_place(struct mdev_precheck *host, const char *text,
		       struct mdev_precheck_place *place)
{
	char uuid[MDEV_PRECHECK_UUID_SIZE];

	if (!mdev_precheck_parse_uuid(text, uuid))
		return find_device(host, uuid, place);
	return mdev_precheck_parse_place(text, place) ? STATUS_USAGE :
							STATUS_COMPATIBLE;
}

/**
 * struct question - one source and the targets of this host
 * @host: this host
 * @verbosity: see struct settings
 * @number: of the source
 * @source: the source
 * @version: its version
 * @verdicts: where the answers go to
 * @error: negative errno that ended the asking
 */
struct question {
	struct mdev_precheck *host;
	int verbosity;
	size_t number;
	const struct source *source;
	struct mdev_precheck_version version;
	struct verdicts *verdicts;
	int error;
};

static int ask_place(struct question *question,
		     const struct mdev_precheck_place *target)
{
	struct mdev_precheck_answer *answer;
	struct verdict *verdict;
	size_t i;
	int ret;

	if (question->verbosity > 0)
		complain("asking %s/%s about %s %s", target->parent, target->type,
			 question->source->type, question->source->version ?
			 question->source->version : "without a version");
	ret = mdev_precheck_ask(question->host, question->source->type,
				&question->version, target, &answer);
	if (ret)
		return ret;

	verdict = add_verdict(question->verdicts);
	verdict->source = question->number;
	verdict->parent = duplicate(target->parent);
	verdict->type = duplicate(target->type);
	verdict->verdict = answer->verdict;
	verdict->condition = answer->condition;
	verdict->error = answer->error;
	verdict->reason = duplicate(answer->reason);
	verdict->log_error = answer->log_error;
	verdict->log = allocate((answer->num_log + 1) * sizeof(*verdict->log));
	for (i = 0; i < answer->num_log; i++)
		verdict->log[verdict->num_log++] = duplicate(answer->log[i]);
	mdev_precheck_answer_free(answer);
	return 0;
}

static int ask_type(const struct mdev_precheck_type *type, void *data)
{
	return ask_place(data, type->place);
}

/* no_parent - none offers the type: a no without a question */
static void no_parent(struct question *question, const char *type)
{
	struct verdict *verdict = add_verdict(question->verdicts);

	verdict->source = question->number;
	verdict->type = duplicate(type);
	verdict->verdict = MDEV_PRECHECK_INCOMPATIBLE;
	verdict->condition = MDEV_PRECHECK_SAME_TYPE;
	verdict->reason = format_text("no parent of the target has the type %s",
				      type);
}

static enum status ask_source(struct question *question, const char *target)
{
	const struct source *source = question->source;
	struct mdev_precheck_place place;
	size_t before = question->verdicts->num;
	const char *type = source->type;
	enum status status;
	int ret;

	question->version.state = source->state;
	question->version.error = source->error;
	if (source->version)
		mdev_precheck_set_version(&question->version, source->version);

	status = target ? find_place(question->host, target, &place) : STATUS_USAGE;
	if (status == STATUS_NOT_ASKED)
		return status;
	if (status == STATUS_COMPATIBLE) {
		ret = ask_place(question, &place);
	} else {
		if (target)
			type = target;
		ret = mdev_precheck_walk_types(question->host, NULL, type,
					       ask_type, question);
		if (!ret && question->verdicts->num == before)
			no_parent(question, type);
	}
	return ret ? not_done(ret, "asking about %s", source->type) :
		     STATUS_COMPATIBLE;
}

enum status ask_host(const struct settings *settings, struct mdev_precheck *host,
		     const struct sources *sources, const char *target,
		     struct verdicts *verdicts)
{
	struct question *question = allocate(sizeof(*question));
	enum status status = STATUS_COMPATIBLE;
	size_t i;

	question->host = host;
	question->verbosity = settings->verbosity;
	question->verdicts = verdicts;
	for (i = 0; !status && i < sources->num; i++) {
		question->number = i;
		question->source = &sources->items[i];
		status = ask_source(question, target);
	}
	free(question);
	return status;
}
