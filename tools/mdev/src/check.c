// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck check: would a target take a source's device? */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "host.h"
#include "remote.h"
#include "report.h"

/* keep_type - forget the sources of other types */
static void keep_type(struct sources *sources, const char *type)
{
	struct sources all = *sources;
	struct sources others = {};
	size_t i;

	memset(sources, 0, sizeof(*sources));
	for (i = 0; i < all.num; i++)
		*add_source(strcmp(all.items[i].type, type) ? &others : sources) =
			all.items[i];
	free(all.items);
	sources_free(&others);
}

static enum status add_files(const struct settings *settings,
			     struct sources *sources)
{
	enum status status;
	size_t i;

	for (i = 0; i < settings->from.num; i++) {
		status = add_file(settings->from.items[i], sources);
		if (status)
			return status;
	}
	if (settings->type)
		keep_type(sources, settings->type);
	if (sources->num)
		return STATUS_COMPATIBLE;
	complain("%s: there is no type%s%s in it", settings->from.items[0],
		 settings->type ? " " : "", settings->type ? settings->type : "");
	return STATUS_NOT_ASKED;
}

static enum status add_string(const char *type, const char *text,
			      struct sources *sources)
{
	struct mdev_precheck_version version;
	struct source *source;

	switch (mdev_precheck_set_version(&version, text)) {
	case 0:
		break;
	case -E2BIG:
		return usage_error("the source's version is longer than %d characters",
				   MDEV_PRECHECK_VERSION_MAX);
	default:
		return usage_error("the source's version is empty: nothing would be asked");
	}

	source = add_source(sources);
	source->type = duplicate(type);
	source->version = duplicate(text);
	return STATUS_COMPATIBLE;
}

static enum status add_place(struct mdev_precheck *host, const char *text,
			     struct sources *sources)
{
	struct mdev_precheck_version version;
	struct mdev_precheck_place place;
	enum status status;
	int ret;

	status = find_place(host, text, &place);
	if (status == STATUS_USAGE)
		return usage_error("%s: a UUID or PARENT/TYPE was expected; a version needs --type",
				   text);
	if (status)
		return status;

	ret = mdev_precheck_read_version(host, &place, &version);
	if (ret == -ENOENT) {
		complain("this host has no type %s/%s", place.parent, place.type);
		return STATUS_NOT_ASKED;
	}
	if (ret)
		return not_done(ret, "%s/%s", place.parent, place.type);

	add_local_source(sources, &place, &version);
	return STATUS_COMPATIBLE;
}

static enum status check_sources(const struct settings *settings,
				 struct mdev_precheck *host,
				 const struct sources *sources,
				 const char *target)
{
	enum mdev_precheck_verdict result;
	struct verdicts verdicts = {};
	enum status status;
	size_t i;

	if (settings->to.num)
		status = ask_remote(settings, settings->to.items[0], sources,
				    target, &verdicts);
	else
		status = ask_host(settings, host, sources, target, &verdicts);

	if (!status) {
		result = overall(sources, &verdicts);
		status = (enum status)result;
		if (settings->given & OPTION_JSON)
			write_verdicts(stdout, sources, &verdicts, result);
		for (i = 0; i < verdicts.num && settings->verbosity >= 0 &&
		     !(settings->given & OPTION_JSON); i++)
			print_verdict(&verdicts.items[i],
				      &sources->items[verdicts.items[i].source]);
	}
	verdicts_free(&verdicts);
	return status;
}

/* is_target - another host is asked about it only if it can be one */
static bool is_target(const char *text)
{
	struct mdev_precheck_place place;

	return strchr(text, '/') ? !mdev_precheck_parse_place(text, &place) : *text;
}

static enum status run_check(const struct settings *settings)
{
	char **operands = settings->operands;
	size_t num = settings->num_operands;
	struct sources sources = {};
	struct mdev_precheck *host;
	const char *target;
	enum status status;

	if (settings->from.num && num > 1)
		return usage_error("check: %s: one target at most was expected after --from",
				   operands[1]);
	if (num > 2)
		return usage_error("check: %s: only a source and a target were expected",
				   operands[2]);
	if (!settings->from.num && !num)
		return usage_error("check: %s was expected", settings->type ?
				   "a version after --type" : "a source");
	if (settings->to.num > 1)
		return usage_error("check: one --to was expected");
	target = settings->from.num ? *operands : num > 1 ? operands[1] : NULL;
	if (target && !is_target(target))
		return usage_error("%s: a UUID, PARENT/TYPE or TYPE was expected",
				   target);

	host = open_host(settings, ASK_TIMEOUT_MS);
	if (!host)
		return STATUS_NOT_ASKED;
	if (settings->from.num) {
		status = add_files(settings, &sources);
	} else {
		if (settings->type)
			status = add_string(settings->type, *operands, &sources);
		else
			status = add_place(host, *operands, &sources);
	}
	if (!status)
		status = check_sources(settings, host, &sources, target);
	sources_free(&sources);
	mdev_precheck_free(host);
	return status;
}

const struct command check_command = {
	.name = "check",
	.operands = "[--to HOST] [--json] SOURCE [TARGET]",
	.summary = "ask whether a target takes a source's device",
	.help =
		"SOURCE is a device's UUID, PARENT/TYPE, or one of\n"
		"  --type TYPE VERSION  a version string that was read from TYPE\n"
		"  --from FILE          what export wrote on the source (-: standard input);\n"
		"                       with --type TYPE, only of this type\n"
		"TARGET is a device's UUID, PARENT/TYPE, or TYPE for each parent that has it.\n"
		"Without it, that is the source's type.  Several targets: one yes is enough.\n\n"
		"Options:\n"
		"  --json               verdicts as a JSON document\n"
		"  --to HOST            ask HOST, where mdev-precheck is installed, over ssh;\n"
		"                       HOST, -p, -l, -o, -i, -F and -J are as ssh has them\n"
		"  --remote COMMAND     how to call it there, as \"sudo mdev-precheck\"\n",
	.options = OPTION_TYPE | OPTION_FROM | OPTION_TO | OPTION_SSH | OPTION_JSON,
	.run = run_check,
};
