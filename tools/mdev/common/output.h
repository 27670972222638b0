/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages, exit statuses, and memory whose lack ends the program */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "array.h"
#include "mdev-precheck.h"

#define __printf(format, first)	__attribute__((__format__(__printf__, format, first)))
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))

/**
 * enum exit_status - how a program ends
 * @STATUS_COMPATIBLE: yes, or the command has done its work
 * @STATUS_INCOMPATIBLE: no
 * @STATUS_USAGE: the command line is wrong
 * @STATUS_NOT_ASKED: the question could not be asked, or the work could not be done
 */
enum exit_status {
	STATUS_COMPATIBLE = 0,
	STATUS_INCOMPATIBLE = 1,
	STATUS_USAGE = 2,
	STATUS_NOT_ASKED = 3,
};

/**
 * enum outcome - the outcome of a function
 * @DONE: the work is done
 * @PARTLY: a part of the work could not be done, and a message has the reason
 * @FAILED: the work could not be done, and a message has the reason
 * @MISUSED: the command line is wrong, and a message has the reason
 */
enum outcome {
	DONE,
	PARTLY,
	FAILED,
	MISUSED,
};

/* verdict_status, outcome_status - return the exit status for a verdict or an outcome */
enum exit_status verdict_status(enum mdev_precheck_verdict verdict);
enum exit_status outcome_status(enum outcome outcome);

/* complain - print one line on standard error, with the name of the program */
__printf(1, 2) void complain(const char *format, ...);
/* misused - complain(), and name the command that prints help; MISUSED */
__printf(1, 2) enum outcome misused(const char *format, ...);
/* set_help_command - choose the command whose help misused() names; @name must stay valid */
void set_help_command(const char *name);
/* try_help - print the command that prints help; MISUSED */
enum outcome try_help(void);
/* failed - print a message with the text of an errno, positive or negative, or 0; FAILED */
__printf(2, 3) enum outcome failed(int error, const char *format, ...);

/**
 * log_complaints - keep each line that the functions above print for syslog, too
 * @wanted: from now on, lines are kept for send_log()
 *
 * Return: the value before.
 */
bool log_complaints(bool wanted);
/* send_log - send the lines so far as warnings; syslog(3) waits for ever if the log hangs */
void send_log(void);

/* checked - return @memory, or end the program for NULL, as the functions below do */
void *checked(void *memory);
/* allocate - allocate zeroed memory */
void *allocate(size_t size);
/* grow - call array_grow() */
void *grow(void *items, size_t num, size_t size);
/* duplicate - copy a text; NULL stays NULL */
char *duplicate(const char *text);
__printf(1, 2) char *format_text(const char *format, ...);
/* compare_optional - call strcmp(); NULL comes first, and is equal to NULL */
int compare_optional(const char *one, const char *other);
/* add_room - add two available_instances; -1 is an unknown number, and counts as 0 */
long add_room(long sum, long room);
/* add_each_room - add two available_instances; -1 if one of them is -1 */
long add_each_room(long sum, long room);

/**
 * find_value - find the value of a name
 * @name: name of a value, or NULL
 * @name_of: returns the name of a value from 0 on, and NULL after the last one
 *
 * Return: the value, or -1.
 */
int find_value(const char *name, const char *(*name_of)(int value));

/* is_utf8 - are @len bytes UTF-8?  A NUL is UTF-8. */
bool is_utf8(const char *text, size_t len);
/* utf8 - copy @text with U+FFFD in place of each byte that is not UTF-8 */
char *utf8(const char *text);
/**
 * escaped - make a text safe for a terminal
 * @text: any bytes; NULL is "-"
 *
 * Printable ASCII is kept.  If the locale has UTF-8, another character is kept if it is
 * printable, takes a place of its own, and does not move its neighbours.  Every other byte is
 * "\xHH".  An escaped text does not change if it is escaped again.
 *
 * Return: the text, allocated.
 */
char *escaped(const char *text);
/* write_escaped - write an escaped text into a file */
void write_escaped(FILE *file, const char *text);
/* quoted - put a text in quotes for a shell; allocated */
char *quoted(const char *text);
/* shell_word - put a text in quotes if a shell needs them; allocated */
char *shell_word(const char *text);

#endif
