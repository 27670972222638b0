/* SPDX-License-Identifier: GPL-2.0-only */
/* Width, characters and colours of standard output */
#ifndef TERMINAL_H
#define TERMINAL_H

#include "options.h"

/* The sequence after coloured text, see verdict_color() */
#define COLOR_END	"\033[0m"

/* on_terminal - is standard output a terminal? */
bool on_terminal(void);

/* terminal_width - return the columns of standard output's terminal; 80 if they are unknown */
size_t terminal_width(void);

/* utf8_locale - is the locale's LC_CTYPE, which main() sets, in UTF-8? */
bool utf8_locale(void);

/* ellipsis - return the mark for text that is left out: one character, or "..." in ASCII */
const char *ellipsis(void);

/**
 * wants_colors - are colours expected on standard output?
 * @settings: the command line
 *
 * --color=always and --color=never decide.  Otherwise there are colours on a terminal,
 * unless NO_COLOR is in the environment and not empty, or TERM is missing or "dumb".
 */
bool wants_colors(const struct settings *settings);

/* verdict_color - return the sequence of a verdict: green, red, or yellow if it was not asked */
const char *verdict_color(enum mdev_precheck_verdict verdict);

#endif
