// SPDX-License-Identifier: GPL-2.0-only
/* A line on a terminal that counts while the program waits */

#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "clock.h"
#include "progress.h"

/* Work that takes less time is done before a person could read the line */
#define SHOW_AFTER_MS	1000

/* A number that changes more often cannot be read, and slows the work down */
#define SHOW_EVERY_MS	100

/**
 * struct progress - the line that counts
 * @wanted: standard error is a terminal, and something is counted
 * @total: number of things
 * @what: word for the things
 * @next: time when the line may be written again, as now_ms() counts
 * @shown: number in the line on the terminal
 * @width: columns of the line, or 0 if it is not shown
 */
static struct progress {
	bool wanted;
	size_t total;
	const char *what;
	long long next;
	size_t shown;
	int width;
} progress;

void progress_begin(const struct settings *settings, size_t total, const char *what)
{
	progress = (struct progress){
		.wanted = total && settings->verbosity >= 0 && isatty(STDERR_FILENO),
		.total = total,
		.what = what,
		.next = now_ms() + SHOW_AFTER_MS,
	};
}

/* is_prompting - does a program such as ssh wait for a password in the line? */
static bool is_prompting(void)
{
	struct termios mode;

	return !tcgetattr(STDERR_FILENO, &mode) && !(mode.c_lflag & ECHO);
}

void progress_step(size_t done)
{
	if (!progress.wanted || (progress.width && progress.shown == done) ||
	    now_ms() < progress.next || is_prompting())
		return;
	progress.next = now_ms() + SHOW_EVERY_MS;
	fputc('\r', stderr);
	progress.width = fprintf(stderr, "asked %zu of %zu %s", done, progress.total,
				 progress.what);
	progress.shown = done;
}

void progress_clear(void)
{
	if (progress.width > 0)
		fprintf(stderr, "\r%*s\r", progress.width, "");
	progress.width = 0;
}

void progress_end(void)
{
	progress_clear();
	progress.wanted = false;
}
