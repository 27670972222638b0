// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck export: the types of this host as a document for another one */

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "document.h"
#include "host.h"

static enum outcome write_types(const struct settings *settings, FILE *file)
{
	struct mdev_precheck *host = open_host(settings, 0);
	struct types_document document;
	enum outcome outcome;

	if (!host)
		return FAILED;
	types_document_begin(&document, file);
	outcome = for_selected_types(host, settings, types_document_add, types_document_add,
				     &document);
	outcome = types_document_end(&document, outcome);
	mdev_precheck_free(host);
	return outcome;
}

/* The temporary file, because a signal does not have an argument; "" if there is none */
static char unfinished[PATH_MAX];

static void remove_unfinished(int signum)
{
	if (*unfinished)
		unlink(unfinished);
	/* Because of SA_RESETHAND, the signal has its default action now */
	raise(signum);
}

static void set_signals(void)
{
	static const int signals[] = {
		SIGALRM, SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGXCPU, SIGXFSZ
	};
	struct sigaction action = {
		.sa_handler = remove_unfinished,
		.sa_flags = SA_RESETHAND,
	};
	struct sigaction old;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		/* nohup, and a shell in the background, have signals ignored */
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

/**
 * find_output - the file that is meant by --output
 * @name: as it was written
 * @path: result, the file that a link leads to
 * @now: result, what is there; st_mode is 0 if nothing is
 *
 * A new file in the place of a device or of a link is not what is meant.
 */
static enum outcome find_output(const char *name, char path[PATH_MAX], struct stat *now)
{
	memset(now, 0, sizeof(*now));
	if (realpath(name, path)) {
		if (stat(path, now))
			return failed(errno, "%s", name);
		if (!S_ISREG(now->st_mode))
			return failed(0, "%s: it is not a file: a file was expected", name);
		return DONE;
	}
	if (errno != ENOENT || strlen(name) >= PATH_MAX)
		return failed(errno == ENOENT ? ENAMETOOLONG : errno, "%s", name);
	if (!lstat(name, now))
		return failed(0, "%s: it is a link that leads nowhere: a file was expected",
			      name);
	memset(now, 0, sizeof(*now));
	snprintf(path, PATH_MAX, "%s", name);
	return DONE;
}

/* set_owner - of the old file, if there is one; mkstemp() lets nobody else read it */
static int set_owner(int fd, const struct stat *now)
{
	mode_t mask;

	if (now->st_mode) {
		/* First the owner, because a change of it can take bits of the mode away */
		if (fchown(fd, now->st_uid, now->st_gid))
			return -1;
		return fchmod(fd, now->st_mode & 07777);
	}
	mask = umask(0);
	umask(mask);
	return fchmod(fd, 0666 & ~mask);
}

/* write_temporary - the whole document, on the disk, to @fd, which is closed */
static enum outcome write_temporary(const struct settings *settings, int fd,
				    const struct stat *now)
{
	FILE *file = fdopen(fd, "w");
	enum outcome outcome;

	if (!file) {
		close(fd);
		return failed(errno, "%s", settings->output);
	}
	outcome = write_types(settings, file);
	if (outcome != FAILED && (fflush(file) || set_owner(fd, now) || fsync(fd)))
		outcome = failed(errno, "%s", settings->output);
	if (fclose(file) && outcome != FAILED)
		outcome = failed(errno, "%s", settings->output);
	return outcome;
}

/* write_file - a new file beside the one that is meant, which it then replaces */
static enum outcome write_file(const struct settings *settings)
{
	char path[PATH_MAX];
	enum outcome outcome;
	struct stat now;
	char *slash;
	int len, fd;

	if (find_output(settings->output, path, &now))
		return FAILED;
	slash = strrchr(path, '/');
	len = slash ? slash + 1 - path : 0;
	/*
	 * Programs that read all files of a directory leave out hidden ones.  The name of a
	 * file can have 255 bytes, of which the dots and the letters take eight.
	 */
	if (snprintf(unfinished, sizeof(unfinished), "%.*s.%.247s.XXXXXX", len, path,
		     path + len) >= (int)sizeof(unfinished)) {
		*unfinished = '\0';
		return failed(ENAMETOOLONG, "%s", settings->output);
	}
	set_signals();
	fd = mkstemp(unfinished);
	if (fd < 0) {
		outcome = failed(errno, "%s", settings->output);
		*unfinished = '\0';
		return outcome;
	}

	outcome = write_temporary(settings, fd, &now);
	if (outcome != FAILED && rename(unfinished, path))
		outcome = failed(errno, "%s", settings->output);
	if (outcome == FAILED)
		unlink(unfinished);
	*unfinished = '\0';
	return outcome;
}

static enum exit_status run_export(const struct settings *settings)
{
	if (settings->num_operands)
		return outcome_status(misused("export: %s: no operand was expected",
					      settings->operands[0]));
	if (settings->output && !*settings->output)
		return outcome_status(misused("--output is empty: a file was expected"));
	if (!settings->output || !strcmp(settings->output, "-"))
		return outcome_status(write_types(settings, stdout));
	return outcome_status(write_file(settings));
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
		"  --output FILE      replace FILE, once all is written; default, and -:\n"
		"                     standard output\n",
	.options = OPTION_PARENT | OPTION_TYPE | OPTION_DEVICE | OPTION_OUTPUT,
	.run = run_export,
};
