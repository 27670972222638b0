/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages, exit statuses, and memory that ends the program if there is none */
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
 * @STATUS_NOT_ASKED: the question could not be asked, or the work not be done
 */
enum exit_status {
	STATUS_COMPATIBLE = 0,
	STATUS_INCOMPATIBLE = 1,
	STATUS_USAGE = 2,
	STATUS_NOT_ASKED = 3,
};

/**
 * enum outcome - what a function came to
 * @DONE: it has done its work
 * @PARTLY: it has done its work but for a part, and a message has the reason
 * @FAILED: it did not do its work, and a message has the reason
 * @MISUSED: the command line is wrong, and a message has the reason
 */
enum outcome {
	DONE,
	PARTLY,
	FAILED,
	MISUSED,
};

/* verdict_status, outcome_status - the exit status of a program that ends with it */
enum exit_status verdict_status(enum mdev_precheck_verdict verdict);
enum exit_status outcome_status(enum outcome outcome);

/* complain - one line on standard error, with the name of the program */
__printf(1, 2) void complain(const char *format, ...);
/* misused - the same, and where to look; MISUSED */
__printf(1, 2) enum outcome misused(const char *format, ...);
/* set_help_command - the command to whose help misused() points; it stays for ever */
void set_help_command(const char *name);
/* try_help - print where to look; MISUSED */
enum outcome try_help(void);
/* failed - a message with the text of an errno, positive or negative, or 0; FAILED */
__printf(2, 3) enum outcome failed(int error, const char *format, ...);

/**
 * log_complaints - should each line that the functions above print go to syslog, too?
 * @wanted: as a warning, when send_log() is called
 *
 * Return: what was wanted before.
 */
bool log_complaints(bool wanted);
/* send_log - the lines so far; syslog(3) waits for ever if the system's log hangs */
void send_log(void);

/* checked - @memory; this and those below end the program if there is none */
void *checked(void *memory);
/* allocate - zeroed */
void *allocate(size_t size);
/* grow - array_grow() */
void *grow(void *items, size_t num, size_t size);
/* duplicate - NULL is copied as NULL */
char *duplicate(const char *text);
__printf(1, 2) char *format_text(const char *format, ...);
/* compare_optional - as strcmp(); NULL comes first, and is equal to NULL */
int compare_optional(const char *one, const char *other);
/* add_room - the sum of two available_instances, of which -1 is one that is not known */
long add_room(long sum, long room);
/* add_each_room - the same; -1 if one of the two is not known */
long add_each_room(long sum, long room);

/**
 * find_value - the value of a name
 * @name: name, or NULL
 * @name_of: names of the values from 0 on, and NULL after the last
 *
 * Return: the value, or -1.
 */
int find_value(const char *name, const char *(*name_of)(int value));

/* is_utf8 - are @len bytes UTF-8?  A NUL is. */
bool is_utf8(const char *text, size_t len);
/* utf8 - @text, allocated, with U+FFFD for what is not UTF-8 */
char *utf8(const char *text);
/**
 * escaped - make a text safe for a terminal
 * @text: any bytes; NULL is "-"
 *
 * Printable ASCII is kept and, if the locale of the program has UTF-8, what else is printable,
 * takes a place of its own and does not move its neighbours.  Every other byte is "\xHH".  An
 * escaped text is not changed if it is escaped again.
 *
 * Return: the text, allocated.
 */
char *escaped(const char *text);
/* write_escaped - the same into a file */
void write_escaped(FILE *file, const char *text);
/* quoted - for a shell, allocated */
char *quoted(const char *text);
/* shell_word - the same for people: without quotes, if it needs none */
char *shell_word(const char *text);

#endif
