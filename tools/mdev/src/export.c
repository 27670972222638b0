// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck export: write this host as a document, or in the format of another program */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "document.h"
#include "host.h"
#include "publish.h"
#include "selection.h"
#include "takes.h"
#include "write-file.h"

/* write_host - write the document of this host, as it is now */
static enum outcome write_host(const struct settings *settings, FILE *file)
{
	struct takes takes = { .settings = settings };
	enum outcome outcome, read = DONE;
	struct types_document document;

	if (settings->takes)
		read = takes_read(&takes);
	if (read == FAILED)
		return FAILED;
	takes.host = open_host(settings, settings->takes ? ASK_TIMEOUT_MS : 0);
	if (!takes.host) {
		sources_free(&takes.known);
		return FAILED;
	}
	types_document_begin(&document, file, time(NULL));
	outcome = for_selected_types(takes.host, settings, types_document_add,
				     types_document_add, &document);
	outcome = types_document_end(&document, outcome, settings->takes ? takes_write : NULL,
				     &takes);
	mdev_precheck_free(takes.host);
	sources_free(&takes.known);
	return outcome == DONE ? read : outcome;
}

/* copy_file - copy a document of --from; FAILED after a message */
static enum outcome copy_file(const char *name, FILE *copy)
{
	FILE *file = strcmp(name, "-") ? fopen(name, "re") : stdin;
	size_t count, len = 0;
	char part[65536];
	int error;

	if (!file)
		return failed(errno, "%s", name);
	while ((count = fread(part, 1, sizeof(part), file)) && len <= DOCUMENT_MAX) {
		fwrite(part, 1, count, copy);
		len += count;
	}
	error = ferror(file) ? errno : len > DOCUMENT_MAX ? EFBIG : 0;
	if (file != stdin)
		fclose(file);
	return error ? failed(error, "%s", name) : DONE;
}

/**
 * struct export - the state of an export
 * @settings: the command line
 * @format: format of --format
 * @read: outcome of reading this host or the document
 * @status: exit status if all was written
 */
struct export {
	const struct settings *settings;
	const struct publish_format *format;
	enum outcome read;
	enum exit_status status;
};

/* check_publication - refuse a document that is too old, or that is of a fixture */
static enum outcome check_publication(const struct settings *settings, const char *name,
				      const struct publication *publication)
{
	long long age = time(NULL) - publication->time;

	if (publication->fixture && !settings->fixture)
		return failed(0, "%s has answers of a fixture, and --fixture was not given",
			      name);
	if (!settings->max_age)
		return DONE;
	if (age > settings->max_age)
		return failed(0, "%s is %lld seconds old: %ld at most were expected, see --max-age",
			      name, age, settings->max_age);
	/* The clock of this host or of the other one is wrong */
	if (-age > settings->max_age)
		return failed(0, "%s is %lld seconds in the future: is its host's clock right?",
			      name, -age);
	return DONE;
}

/* publish - parse a document and write it in the format */
static enum outcome publish(struct export *export, const char *name, const char *text, size_t len,
			    FILE *file)
{
	struct publication publication;
	enum outcome outcome;
	char *wrong = parse_publication(text, len, &publication);

	if (wrong) {
		outcome = failed(0, "%s is not a document of mdev-precheck export: %s", name,
				 wrong);
		free(wrong);
		return outcome;
	}
	outcome = check_publication(export->settings, name, &publication);
	publication.valid = export->settings->max_age;
	publication.fixture |= !!export->settings->fixture;
	publication.partly |= export->read == PARTLY;
	if (!outcome)
		outcome = export->format->publish(file, &publication);
	if (export->format->is_verdict)
		export->status = verdict_status(whole_verdict(&publication));
	free_publication(&publication);
	return outcome;
}

static enum outcome write_format(struct export *export, FILE *file)
{
	const struct settings *settings = export->settings;
	const char *name = settings->from.num ? settings->from.items[0] : "this host";
	enum outcome published;
	char *text = NULL;
	size_t len;
	FILE *copy;

	/* The types are not kept in memory, because a host can have thousands of them */
	if (!settings->format && !settings->from.num)
		return write_host(settings, file);
	copy = checked(open_memstream(&text, &len));
	export->read = settings->from.num ? copy_file(name, copy) : write_host(settings, copy);
	if (fclose(copy))
		checked(NULL);
	published = export->read;
	if (published == DONE || published == PARTLY)
		published = publish(export, name, text, len, file);
	free(text);
	/* The exit status of a verdict notes already that a part was left out */
	return published || export->format->is_verdict ? published : export->read;
}

/* check_usage - refuse options that cannot be used together */
static enum outcome check_usage(const struct settings *settings)
{
	const char *input = settings->from.num ? settings->from.items[0] : settings->takes;

	if (settings->num_operands)
		return misused("export: %s: no operand was expected", settings->operands[0]);
	if (settings->from.num > 1)
		return misused("--from %s: one document was expected", settings->from.items[1]);
	if (settings->from.num && settings->given & (OPTION_TAKES | OPTION_PARENT | OPTION_TYPE |
						     OPTION_DEVICE))
		return misused("--from excludes --takes, --parent, --type and --device");
	if (input && !*input)
		return misused("%s is empty: a file was expected",
			       settings->from.num ? "--from" : "--takes");
	if (settings->takes && settings->given & (OPTION_PARENT | OPTION_DEVICE))
		return misused("--takes excludes --parent and --device: it asks each parent");
	return DONE;
}

static enum exit_status run_export(const struct settings *settings)
{
	struct export export = { .settings = settings };
	enum outcome outcome = check_usage(settings);
	struct new_file file;

	if (outcome)
		return outcome_status(outcome);
	export.format = find_format(settings);
	if (!export.format)
		return STATUS_USAGE;
	outcome = open_new_file(&file, "--output", settings->output ? settings->output : "-");
	if (!outcome)
		outcome = close_new_file(&file, write_format(&export, file.file));
	return outcome ? outcome_status(outcome) : export.status;
}

static const struct option_text own_options[] = {
	{
		OPTION_FROM, "FILE",
		"the types in FILE, which export wrote, and not the types of this host (-: standard input)",
	},
	{}
};

const struct command export_command = {
	.name = "export",
	.operands = "",
	.summary = "write the versions of this host for other hosts and programs",
	.help =
		"Write the types of this host and their versions, as a JSON document or for\n"
		"another program.  With --takes, also write which versions of other hosts this\n"
		"host takes.\n",
	.own = own_options,
	.options = OPTION_PARENT | OPTION_TYPE | OPTION_DEVICE | OPTION_FROM | OPTION_TAKES |
		   OPTION_FORMAT | OPTION_MAX_AGE | OPTION_OUTPUT,
	.run = run_export,
};
