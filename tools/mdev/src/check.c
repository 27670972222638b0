// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck check: would a target take a source's device? */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check-output.h"
#include "document.h"
#include "host.h"
#include "operand.h"
#include "remote.h"
#include "report.h"

/* add_files - add the sources of --from; PARTLY if a part of a document was left out */
static enum outcome add_files(const struct settings *settings, struct sources *sources)
{
	enum outcome outcome = DONE;
	size_t i;

	for (i = 0; i < settings->from.num; i++) {
		if (add_file(settings->from.items[i], sources))
			outcome = PARTLY;
	}
	if (settings->type)
		sources_keep(sources, settings->type);
	if (sources->num)
		return outcome;
	/* add_file() has printed a message about the file */
	if (outcome)
		return FAILED;
	return failed(0, "%s: the document does not have a type%s%s", settings->from.items[0],
		      settings->type ? " that matches " : "",
		      settings->type ? settings->type : "");
}

static enum outcome add_string(const char *type, const char *text, struct sources *sources)
{
	struct mdev_precheck_source source = {
		.type = type,
		.state = MDEV_PRECHECK_SOURCE_READ,
		.version = text,
	};
	size_t offset;

	switch (mdev_precheck_check_version(text, &offset)) {
	case 0:
		break;
	case -E2BIG:
		return misused("the version is longer than %d characters",
			       MDEV_PRECHECK_VERSION_MAX);
	default:
		if (!*text)
			return misused("the version is empty: printable ASCII was expected");
		return misused("byte %zu of the version is 0x%02x: printable ASCII was expected",
			       offset + 1, (unsigned char)text[offset]);
	}
	if (!*type)
		return misused("--type is empty: the name of a type was expected");
	if (mdev_precheck_source_check(&source))
		return misused("--type %s: %s", type, mdev_precheck_source_check(&source));
	sources_copy(sources, &source, NULL);
	return DONE;
}

static enum outcome add_operand(const struct settings *settings, struct mdev_precheck *host,
				struct sources *sources)
{
	struct mdev_precheck_source *source;
	struct mdev_precheck_place place;
	enum outcome outcome;
	int ret;

	outcome = resolve_source(settings, host, *settings->operands, &place);
	if (outcome)
		return outcome;
	ret = mdev_precheck_source_read(host, &place, &source);
	if (ret)
		return failed(ret, "%s/%s cannot be looked into", place.parent, place.type);
	sources_add(sources, source, NULL);
	return DONE;
}

/* ask_remotes - ask the hosts of --to and --hosts, in place of this host */
static enum outcome ask_remotes(const struct settings *settings, const struct sources *asked,
				const char *target, struct answers *answers)
{
	struct remotes remotes;
	enum outcome outcome;

	remotes_begin(&remotes, settings);
	outcome = remotes_ask(&remotes, asked, target);
	if (!outcome)
		remotes_answers(&remotes, asked, answers);
	remotes_end(&remotes);
	return outcome;
}

/* is_enough - does a yes about a source decide the output and the exit status? */
static bool is_enough(const struct settings *settings)
{
	return settings->verbosity < 0 && !(settings->given & (OPTION_ALL | OPTION_JSON));
}

/* check_sources - ask and print; @added is PARTLY if a source was left out */
static enum exit_status check_sources(const struct settings *settings,
				      struct mdev_precheck *host,
				      const struct sources *sources, const char *target,
				      enum outcome added, struct check_output *output)
{
	enum mdev_precheck_verdict verdict;
	struct questions questions;
	struct answers answers = {};
	enum exit_status status;
	enum outcome outcome;

	questions_make(&questions, sources);
	if (settings->to.num)
		outcome = ask_remotes(settings, &questions.asked, target, &answers);
	else
		outcome = ask_host(settings, host, &questions.asked, target, is_enough(settings),
				   &answers);
	status = outcome_status(outcome);

	if (!outcome) {
		verdict = overall(&questions.asked, &answers, settings->given & OPTION_ALL);
		if (added && verdict == MDEV_PRECHECK_COMPATIBLE)
			verdict = MDEV_PRECHECK_NOT_ASKED;
		status = verdict_status(verdict);
		if (settings->given & OPTION_JSON)
			write_answers(stdout, sources, &questions, &answers, verdict);
		else if (settings->verbosity >= 0)
			print_check(output, settings->to.num ? NULL : host, sources, &questions,
				    &answers);
	}
	answers_free(&answers);
	questions_free(&questions);
	return status;
}

/*
 * check_operands - check the number of operands, and set @target to the last one, or NULL
 *
 * For another host, @target is in the canonical form, in the buffer @canonical.
 */
static enum outcome check_operands(const struct settings *settings, const char **target,
				   char canonical[OPERAND_MAX])
{
	char **operands = settings->operands;
	size_t num = settings->num_operands;

	if (settings->from.num && num > 1)
		return misused("check: %s: one target at most was expected after --from",
			       operands[1]);
	if (num > 2)
		return misused("check: %s: only a source and a target were expected",
			       operands[2]);
	if (!settings->from.num && !num)
		return misused("check: %s was expected", settings->type ?
			       "a version after --type" : "a source");
	*target = settings->from.num ? *operands : num > 1 ? operands[1] : NULL;
	if (*target && !is_target_form(settings, *target))
		return misused("%s: a UUID, PARENT/TYPE, PARENT or TYPE was expected", *target);
	return settings->to.num ? spell_target(settings, target, canonical) : DONE;
}

static enum exit_status run_check(const struct settings *settings)
{
	struct sources sources = {};
	struct mdev_precheck *host;
	char canonical[OPERAND_MAX];
	const char *target = NULL;
	struct check_output output;
	enum exit_status status;
	enum outcome outcome;

	outcome = check_operands(settings, &target, canonical);
	if (!outcome)
		outcome = check_output_begin(&output, settings, target);
	if (outcome)
		return outcome_status(outcome);
	host = open_host(settings, ASK_TIMEOUT_MS);
	if (!host) {
		check_output_end(&output);
		return STATUS_NOT_ASKED;
	}
	if (settings->from.num)
		outcome = add_files(settings, &sources);
	else if (settings->type)
		outcome = add_string(settings->type, *settings->operands, &sources);
	else
		outcome = add_operand(settings, host, &sources);
	if (outcome == DONE || outcome == PARTLY)
		status = check_sources(settings, host, &sources, target, outcome, &output);
	else
		status = outcome_status(outcome);
	sources_free(&sources);
	mdev_precheck_free(host);
	check_output_end(&output);
	return status;
}

static const struct option_text own_options[] = {
	{
		OPTION_TYPE, "TYPE",
		"SOURCE is a version string that was read from TYPE; with --from, only the types called TYPE, which can be a pattern, see fnmatch(3)",
	},
	{
		OPTION_FROM, "FILE",
		"SOURCE is in FILE, which export wrote on the source (-: standard input)",
	},
	{}
};

const struct command check_command = {
	.name = "check",
	.operands = "SOURCE [TARGET]",
	.summary = "ask whether a target takes a source's device",
	.help =
		"SOURCE is a device's UUID, PARENT/TYPE, or a version after --type; a file after\n"
		"--from has several sources.  TARGET is a device's UUID, PARENT/TYPE, PARENT for\n"
		"the source's type there, or TYPE for each parent that has it.  The default\n"
		"TARGET is the source's type.\n\n"
		"Parents and devices can have the names that libvirt, lspci or sysfs print, for\n"
		"example pci_0000_3b_00_4, 3b:00.4 or /sys/bus/pci/devices/0000:3b:00.4.\n",
	.own = own_options,
	.columns = check_columns,
	.num_columns = CHECK_COLUMNS,
	.options = OPTION_TYPE | OPTION_FROM | OPTION_TO | OPTION_HOSTS | OPTION_SSH |
		   OPTION_JSON | OPTION_ALL | TABLE_OPTIONS,
	.run = run_check,
};
