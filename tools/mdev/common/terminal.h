/* SPDX-License-Identifier: GPL-2.0-only */
/* Width, characters and colours that standard output and its reader can show */
#ifndef TERMINAL_H
#define TERMINAL_H

#include "options.h"

/* The sequence after coloured text, see verdict_color() */
#define COLOR_END	"\033[0m"

/* on_terminal - is standard output a terminal? */
bool on_terminal(void);

/* terminal_width - columns of standard output's terminal; 80 if it does not report them */
size_t terminal_width(void);

/* utf8_locale - is the locale's LC_CTYPE, which main() sets, in UTF-8? */
bool utf8_locale(void);

/* ellipsis - what stands for text that is left out: one character if the locale has it */
const char *ellipsis(void);

/**
 * wants_colors - are colours expected on standard output?
 * @settings: the command line
 *
 * --color=always and --color=never decide.  Otherwise there are colours on a terminal,
 * unless NO_COLOR is in the environment and not empty, or TERM is missing or "dumb".
 */
bool wants_colors(const struct settings *settings);

/* verdict_color - the sequence before a verdict: green, red, or yellow if it was not asked */
const char *verdict_color(enum mdev_precheck_verdict verdict);

#endif
