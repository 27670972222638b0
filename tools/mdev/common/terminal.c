// SPDX-License-Identifier: GPL-2.0-only
/* Width, characters and colours of standard output */

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal.h"

bool on_terminal(void)
{
	return isatty(STDOUT_FILENO);
}

size_t terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return 80;
	return size.ws_col;
}

bool utf8_locale(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

const char *ellipsis(void)
{
	return utf8_locale() ? "\342\200\246" : "...";
}

bool wants_colors(const struct settings *settings)
{
	const char *unwanted = getenv("NO_COLOR"), *term = getenv("TERM");

	if (settings->color != COLOR_AUTO)
		return settings->color == COLOR_ALWAYS;
	return on_terminal() && !(unwanted && *unwanted) && term && strcmp(term, "dumb");
}

const char *verdict_color(enum mdev_precheck_verdict verdict)
{
	switch (verdict) {
	case MDEV_PRECHECK_COMPATIBLE:
		return "\033[32m";
	case MDEV_PRECHECK_INCOMPATIBLE:
		return "\033[31m";
	default:
		return "\033[33m";
	}
}
