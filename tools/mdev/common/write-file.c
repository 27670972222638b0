// SPDX-License-Identifier: GPL-2.0-only
/* A file that is replaced when its new text is complete */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "write-file.h"

/* Name of the temporary file, or ""; static, because a signal handler does not have an argument */
static char unfinished[PATH_MAX];
/* Process that has made the file; a child of it gets signals, too, until it executes a program */
static pid_t owner;

static void remove_unfinished(void)
{
	if (*unfinished && getpid() == owner)
		unlink(unfinished);
	*unfinished = '\0';
}

static void remove_at_signal(int signum)
{
	remove_unfinished();
	/* Because of SA_RESETHAND, the signal has its default action now, and ends the program */
	raise(signum);
}

/* remove_at_end - let each end of the program remove the temporary file */
static void remove_at_end(void)
{
	static const int signals[] = {
		SIGALRM, SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGXCPU, SIGXFSZ
	};
	struct sigaction action = {
		.sa_handler = remove_at_signal,
		.sa_flags = SA_RESETHAND,
	};
	struct sigaction old;
	size_t i;

	owner = getpid();
	/* The program can end anywhere, for lack of memory */
	atexit(remove_unfinished);
	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		/* nohup ignores SIGHUP, and a shell ignores SIGINT for background programs */
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

/**
 * find_file - find the file that is replaced
 * @new: its @path and @now are the result
 *
 * A device, or a link that leads nowhere, is not replaced.
 */
static enum outcome find_file(struct new_file *new)
{
	if (realpath(new->name, new->path)) {
		if (stat(new->path, &new->now))
			return failed(errno, "%s", new->name);
		if (!S_ISREG(new->now.st_mode))
			return failed(0, "%s: it is not a file: a file was expected", new->name);
		return DONE;
	}
	if (errno != ENOENT || strlen(new->name) >= PATH_MAX)
		return failed(errno == ENOENT ? ENAMETOOLONG : errno, "%s", new->name);
	if (!lstat(new->name, &new->now))
		return failed(0, "%s: it is a link that leads nowhere: a file was expected",
			      new->name);
	memset(&new->now, 0, sizeof(new->now));
	snprintf(new->path, PATH_MAX, "%s", new->name);
	return DONE;
}

/* set_owner - set owner and mode of the old file, or the default mode in place of mkostemp()'s */
static int set_owner(int fd, const struct stat *now)
{
	mode_t mask;

	if (now->st_mode) {
		/* The owner comes first, because a change of it can remove bits of the mode */
		if (fchown(fd, now->st_uid, now->st_gid))
			return -1;
		return fchmod(fd, now->st_mode & 07777);
	}
	mask = umask(0);
	umask(mask);
	return fchmod(fd, 0666 & ~mask);
}

/* open_temporary - open a temporary file beside the file that is replaced */
static enum outcome open_temporary(struct new_file *new)
{
	const char *slash = strrchr(new->path, '/');
	int len = slash ? slash + 1 - new->path : 0;
	int fd;

	/*
	 * The name is hidden from programs that read all files of a directory.  A name can have
	 * 255 bytes; the dots and the letters take eight of them.
	 */
	if (snprintf(unfinished, sizeof(unfinished), "%.*s.%.247s.XXXXXX", len, new->path,
		     new->path + len) >= (int)sizeof(unfinished)) {
		*unfinished = '\0';
		return failed(ENAMETOOLONG, "%s", new->name);
	}
	remove_at_end();
	/* O_CLOEXEC keeps the file from a program that is executed meanwhile */
	fd = mkostemp(unfinished, O_CLOEXEC);
	if (fd < 0) {
		*unfinished = '\0';
		return failed(errno, "%s", new->name);
	}
	new->file = fdopen(fd, "w");
	if (!new->file) {
		failed(errno, "%s", new->name);
		close(fd);
		remove_unfinished();
		return FAILED;
	}
	return DONE;
}

enum outcome open_new_file(struct new_file *new, const char *option, const char *name)
{
	memset(new, 0, sizeof(*new));
	new->name = name;
	if (!*name)
		return misused("%s is empty: a file was expected", option);
	if (!strcmp(name, "-")) {
		new->file = stdout;
		return DONE;
	}
	if (find_file(new))
		return FAILED;
	return open_temporary(new);
}

enum outcome close_new_file(struct new_file *new, enum outcome outcome)
{
	/* main() looks for errors of standard output */
	if (!*new->path)
		return outcome;
	if (outcome != FAILED && (fflush(new->file) || ferror(new->file) ||
				  set_owner(fileno(new->file), &new->now) ||
				  fsync(fileno(new->file))))
		outcome = failed(errno, "%s", new->name);
	if (fclose(new->file) && outcome != FAILED)
		outcome = failed(errno, "%s", new->name);
	if (outcome != FAILED && rename(unfinished, new->path))
		outcome = failed(errno, "%s", new->name);
	if (outcome == FAILED)
		remove_unfinished();
	*unfinished = '\0';
	return outcome;
}
