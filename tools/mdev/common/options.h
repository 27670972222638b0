/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line, and the subcommands */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "output.h"

/* Defaults of --sysfs and --remote */
#define DEFAULT_SYSFS	"/sys"
#define DEFAULT_REMOTE	"mdev-precheck"

/* Seconds after which a driver counts as one that hangs */
#define ASK_TIMEOUT_S	10

/* Seconds after which a document is too old to be published */
#define MAX_AGE_S	1800

/* Bits of the options; each command has the options of ALL_COMMANDS */
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
	OPTION_HELP = 1 << 11,
	OPTION_VERSION = 1 << 12,
	OPTION_SYSFS = 1 << 13,
	OPTION_FIXTURE = 1 << 14,
	OPTION_TIMEOUT = 1 << 15,
	OPTION_QUIET = 1 << 16,
	OPTION_VERBOSE = 1 << 17,
	OPTION_COLUMNS = 1 << 18,
	OPTION_NOHEADINGS = 1 << 19,
	OPTION_RAW = 1 << 20,
	OPTION_SORT = 1 << 21,
	OPTION_COLOR = 1 << 22,
	OPTION_HOSTS = 1 << 23,
	OPTION_HTML = 1 << 24,
	OPTION_TAKES = 1 << 25,
	OPTION_FORMAT = 1 << 26,
	OPTION_MAX_AGE = 1 << 27,
	/* Options of each command that prints a table */
	TABLE_OPTIONS = OPTION_COLUMNS | OPTION_NOHEADINGS | OPTION_RAW | OPTION_SORT |
			OPTION_COLOR,
	ALL_COMMANDS = OPTION_HELP | OPTION_VERSION | OPTION_SYSFS | OPTION_FIXTURE |
		       OPTION_TIMEOUT | OPTION_QUIET | OPTION_VERBOSE,
};

/**
 * enum color_when - when verdicts have colours
 * @COLOR_AUTO: on a terminal, unless NO_COLOR is in the environment
 * @COLOR_ALWAYS: always
 * @COLOR_NEVER: never
 */
enum color_when {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/**
 * struct list - strings, in the order in which they were added
 * @items: strings, which belong to the caller of list_add()
 * @num: number of strings
 */
struct list {
	const char **items;
	size_t num;
};

/**
 * struct settings - the command line
 * @sysfs: --sysfs, or NULL for /sys
 * @fixture: --fixture, or NULL
 * @timeout: --timeout in milliseconds, or -1
 * @verbosity: how often -v was given, less how often -q was given
 * @given: bits of the options that were given
 * @parent: --parent, or NULL
 * @type: --type, or NULL
 * @device: --device, or NULL
 * @output: --output, or NULL
 * @from: files of --from
 * @hosts: files of --hosts
 * @to: hosts of --to and of the files of --hosts, each once; allocated, for hosts_free()
 * @ssh: options for ssh, with their values
 * @remote: --remote, or NULL
 * @connect: --connect, or NULL
 * @columns: --columns, or NULL
 * @sort: --sort, or NULL
 * @color: --color
 * @html: --html, or NULL
 * @takes: --takes, or NULL
 * @format: --format, or NULL
 * @max_age: --max-age in seconds, 0 for no limit
 * @argv: the whole command line, for another program
 * @operands: words that are not options, without the name of the command
 * @num_operands: number of operands
 */
struct settings {
	const char *sysfs;
	const char *fixture;
	long timeout;
	int verbosity;
	unsigned int given;
	const char *parent;
	const char *type;
	const char *device;
	const char *output;
	struct list from;
	struct list hosts;
	struct list to;
	struct list ssh;
	const char *remote;
	const char *connect;
	const char *columns;
	const char *sort;
	enum color_when color;
	const char *html;
	const char *takes;
	const char *format;
	long max_age;
	char **argv;
	char **operands;
	size_t num_operands;
};

/**
 * struct option_text - an option in the text of --help
 * @bit: bit of the option; 0 ends an array
 * @value: name of its value, or NULL
 * @text: text without a newline, which is wrapped when it is printed
 */
struct option_text {
	enum option_bit bit;
	const char *value;
	const char *text;
};

struct column;

/**
 * struct command - a subcommand
 * @name: word on the command line
 * @operands: operands in the usage line
 * @summary: text in the list of commands
 * @help: text of its --help before the options, in lines that end in a newline
 * @options: bits of its options
 * @own: texts of the options that have another text in this command, or NULL
 * @columns: columns of its table, or NULL; see table.h
 * @num_columns: number of columns
 * @run: runs the command and returns the exit status
 */
struct command {
	const char *name;
	const char *operands;
	const char *summary;
	const char *help;
	unsigned int options;
	const struct option_text *own;
	const struct column *columns;
	size_t num_columns;
	enum exit_status (*run)(const struct settings *settings);
};

extern const struct command list_command;
extern const struct command check_command;
extern const struct command export_command;
extern const struct command merge_command;
extern const struct command matrix_command;
extern const struct command stamp_command;
extern const struct command domain_command;
extern const struct command help_command;

/*
 * In mdev-precheck-libvirt, these functions do the work, see libvirt/.  In mdev-precheck, they
 * execute that program, see src/libvirt.c.
 */
enum exit_status run_stamp(const struct settings *settings);
enum exit_status run_domain(const struct settings *settings);

/* The commands of a program; the first one is the default */
extern const struct command *const commands[];

/* list_add - add @item at the end */
void list_add(struct list *list, const char *item);
/* free_texts - free a list and its texts, which are allocated */
void free_texts(struct list *texts);
/* report_texts - print a message for each text, after @name, and free the texts */
void report_texts(const char *name, struct list *texts);

/**
 * parse_command_line - read the command line
 * @argc: argument of main()
 * @argv: argument of main(), whose words are permuted
 * @settings: result
 * @status: exit status if the result is NULL
 *
 * Return: the command that is to be run; NULL after --help, --version or a message about a
 * mistake.
 */
const struct command *parse_command_line(int argc, char **argv, struct settings *settings,
					 enum exit_status *status);

#endif
