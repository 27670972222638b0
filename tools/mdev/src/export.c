// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck export: the types of this host as a document for another one */

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "document.h"
#include "host.h"

/**
 * struct export - where the document goes
 * @file: stream
 * @any: has a type been written?
 */
struct export {
	FILE *file;
	bool any;
};

static int add_type(const struct mdev_precheck_type *type, void *data)
{
	struct export *export = data;

	types_document_add(export->file, type, !export->any);
	export->any = true;
	return 0;
}

static enum status write_types(const struct settings *settings, FILE *file)
{
	struct export export = { .file = file };
	struct mdev_precheck *host = open_host(settings, 0);
	enum status status;

	if (!host)
		return STATUS_NOT_ASKED;
	types_document_begin(file);
	status = for_selected_types(host, settings, add_type, &export);
	/* What lacks types has no end, so that nobody takes it for the whole */
	if (status)
		putc('\n', file);
	else
		types_document_end(file);
	mdev_precheck_free(host);
	return status;
}

/* A signal has no argument but this; "" if there is nothing to remove */
static char unfinished[PATH_MAX];

static void remove_unfinished(int signum)
{
	if (*unfinished)
		unlink(unfinished);
	/* SA_RESETHAND: now it does what it does without us */
	raise(signum);
}

static void set_signals(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM, SIGXFSZ };
	struct sigaction action = {
		.sa_handler = remove_unfinished,
		.sa_flags = SA_RESETHAND,
	};
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
}

/* write_file - a new file beside the one that is meant, which it then replaces */
static enum status write_file(const struct settings *settings)
{
	char *temporary = unfinished;
	enum status status;
	struct stat now;
	mode_t mask;
	FILE *file;
	int fd;

	/* A new file in the place of a device or a pipe is not what is meant */
	if (!stat(settings->output, &now) && !S_ISREG(now.st_mode)) {
		complain("%s: a file was expected, and it is none", settings->output);
		return STATUS_NOT_ASKED;
	}
	if (snprintf(temporary, sizeof(unfinished), "%s.XXXXXX",
		     settings->output) >= (int)sizeof(unfinished))
		return not_done(ENAMETOOLONG, "%s", settings->output);
	set_signals();
	fd = mkstemp(temporary);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file) {
		status = not_done(errno, "%s", settings->output);
		if (fd >= 0)
			unlink(temporary);
		return status;
	}

	status = write_types(settings, file);
	/* mkstemp() lets nobody else read it */
	mask = umask(0);
	umask(mask);
	if (!status && (fflush(file) || fchmod(fd, 0666 & ~mask) || fsync(fd)))
		status = not_done(errno, "%s", settings->output);
	if (fclose(file) && !status)
		status = not_done(errno, "%s", settings->output);
	if (!status && rename(temporary, settings->output))
		status = not_done(errno, "%s", settings->output);
	if (status)
		unlink(temporary);
	*unfinished = '\0';
	return status;
}

static enum status run_export(const struct settings *settings)
{
	if (settings->num_operands)
		return usage_error("export: %s: no operand was expected",
				   settings->operands[0]);
	return settings->output ? write_file(settings) :
				  write_types(settings, stdout);
}

const struct command export_command = {
	.name = "export",
	.operands = "[--parent PARENT] [--type TYPE] [--device UUID] [--output FILE]",
	.summary = "write the versions of this host for another host's check --from",
	.help =
		"Write the types of this host and their versions as a JSON document.\n\n"
		"Options:\n"
		"  --parent PARENT    only types of PARENT\n"
		"  --type TYPE        only types of this name\n"
		"  --device UUID      only the type of this device\n"
		"  --output FILE      replace FILE, once all is written; default: standard\n"
		"                     output\n",
	.options = OPTION_PARENT | OPTION_TYPE | OPTION_DEVICE | OPTION_OUTPUT,
	.run = run_export,
};
