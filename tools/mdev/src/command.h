/* SPDX-License-Identifier: GPL-2.0-only */
/* What the subcommands share */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stdio.h>

#include "mdev-precheck.h"

#define __printf(format, first)	__attribute__((__format__(__printf__, format, first)))

/**
 * enum status - exit status; the verdicts are the library's
 * @STATUS_COMPATIBLE: yes, or the command has done what it was told
 * @STATUS_INCOMPATIBLE: no
 * @STATUS_USAGE: the command line is wrong
 * @STATUS_NOT_ASKED: the question could not be asked, or the work not be done
 */
enum status {
	STATUS_COMPATIBLE = MDEV_PRECHECK_COMPATIBLE,
	STATUS_INCOMPATIBLE = MDEV_PRECHECK_INCOMPATIBLE,
	STATUS_USAGE = 2,
	STATUS_NOT_ASKED = MDEV_PRECHECK_NOT_ASKED,
};

/* Options of some commands, as bits */
enum option_bit {
	OPTION_JSON = 1 << 0,
	OPTION_PARENT = 1 << 1,
	OPTION_TYPE = 1 << 2,
	OPTION_DEVICE = 1 << 3,
	OPTION_FROM = 1 << 4,
	OPTION_TO = 1 << 5,
	OPTION_OUTPUT = 1 << 6,
	OPTION_SSH = 1 << 7,
	OPTION_CONNECT = 1 << 8,
	OPTION_ALL = 1 << 9,
	OPTION_WATCH = 1 << 10,
};

/**
 * struct list - strings, in the order in which they were added
 * @items: they belong to somebody else
 * @num: their number
 */
struct list {
	const char **items;
	size_t num;
};

/**
 * struct settings - the command line
 * @sysfs: --sysfs, or NULL
 * @timeout: --timeout in milliseconds, or -1
 * @verbosity: -v less -q
 * @given: bits of the options that were given
 * @parent: --parent
 * @type: --type
 * @device: --device, in lower case
 * @output: --output
 * @from: files of --from
 * @to: hosts of --to
 * @ssh: options for ssh, with their values
 * @remote: --remote, or NULL
 * @connect: --connect, or NULL
 * @argv: all of it, for another program
 * @operands: what is no option, without the name of the command
 * @num_operands: their number
 */
struct settings {
	const char *sysfs;
	long timeout;
	int verbosity;
	unsigned int given;
	const char *parent;
	const char *type;
	char device[MDEV_PRECHECK_UUID_SIZE];
	const char *output;
	struct list from;
	struct list to;
	struct list ssh;
	const char *remote;
	const char *connect;
	char **argv;
	char **operands;
	size_t num_operands;
};

/**
 * struct command - a subcommand
 * @name: its name
 * @operands: for the usage line
 * @summary: for the list of commands
 * @help: text of its --help, on the options of its own
 * @options: bits of options that it has
 * @run: returns the exit status
 */
struct command {
	const char *name;
	const char *operands;
	const char *summary;
	const char *help;
	unsigned int options;
	enum status (*run)(const struct settings *settings);
};

extern const struct command list_command;
extern const struct command check_command;
extern const struct command export_command;
extern const struct command matrix_command;
extern const struct command stamp_command;
extern const struct command domain_command;

/*
 * What stamp and domain do is in libvirt/, and is linked into mdev-precheck-libvirt.
 * Those of mdev-precheck, in exec.c, call that program.
 */
enum status run_stamp(const struct settings *settings);
enum status run_domain(const struct settings *settings);

/* Those of a program; the first one needs no name */
extern const struct command *const commands[];

/* options.c */
const struct command *parse_command_line(int argc, char **argv,
					 struct settings *settings,
					 enum status *status);
void list_add(struct list *list, const char *item);

/* output.c */
/* complain - one line on standard error, with the name of the program */
__printf(1, 2) void complain(const char *format, ...);
/* usage_error - the same, and where to look */
__printf(1, 2) enum status usage_error(const char *format, ...);
/* not_done - the same with the text of an errno, positive or negative */
__printf(2, 3) enum status not_done(int error, const char *format, ...);
/* checked - @memory; this and those below end the program if there is none */
void *checked(void *memory);
/* allocate - zeroed */
void *allocate(size_t size);
void *reallocate(void *memory, size_t size);
char *duplicate(const char *text);
__printf(1, 2) char *format_text(const char *format, ...);
/* error_name - as in errno.h; static or in @buffer */
const char *error_name(int error, char buffer[24]);
/* error_number - of a name as error_name() gives it; 0 if there is no such name */
int error_number(const char *name);
/* is_utf8 - are @len bytes UTF-8?  A NUL is. */
bool is_utf8(const char *text, size_t len);
/* utf8 - @text, allocated, with U+FFFD for what is not UTF-8 */
char *utf8(const char *text);
/* write_escaped - without what could change the terminal, or NULL as "-" */
void write_escaped(FILE *file, const char *text);
/* escaped - the same as an allocated string */
char *escaped(const char *text);
/* quoted - for a shell, allocated */
char *quoted(const char *text);
/* shell_word - the same for people: without quotes, if it needs none */
char *shell_word(const char *text);

/* version.c */
/* state_name - as it is written down */
const char *state_name(enum mdev_precheck_version_state state);
/* shown_version - the string in quotes, or why there is none; allocated */
char *shown_version(const struct mdev_precheck_version *version);
/**
 * parse_state - what a type's version was read as
 * @name: as of state_name(), or NULL
 * @error: of error_number(), 0 if there is none, -1 if it is not the name of one
 * @version: the string, or NULL
 * @state: result
 *
 * Return: NULL, or what is wrong with them.
 */
const char *parse_state(const char *name, int error, const char *version,
			enum mdev_precheck_version_state *state);

/**
 * struct table - rows of cells, printed when all widths are known
 * @columns: cells of a row
 * @num: cells there are
 * @size: cells there is room for
 * @cells: allocated strings, row after row
 */
struct table {
	size_t columns;
	size_t num;
	size_t size;
	char **cells;
};

/* table_add - a cell of @text, escaped; NULL is shown as "-" */
void table_add(struct table *table, const char *text);
void table_print(struct table *table, FILE *file);
void table_free(struct table *table);

#endif
