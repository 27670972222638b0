// SPDX-License-Identifier: GPL-2.0-only
/* The command line, whose options have the same meaning in all commands */

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "hosts.h"
#include "options.h"
#include "spelling.h"
#include "table.h"

/**
 * struct option_kind - an option
 * @name: long name, or NULL
 * @letter: letter, or 0
 * @take: keeps the value; NULL for an option without a value
 * @member: offset in struct settings of the member that @take writes
 * @help: bit of the option, name of its value, and text for --help; the text is NULL if
 *	another option has it
 */
struct option_kind {
	const char *name;
	char letter;
	enum outcome (*take)(const struct option_kind *kind, struct settings *settings,
			     const char *value);
	size_t member;
	struct option_text help;
};

#define STRING(value)	#value
#define NUMBER(macro)	STRING(macro)

/* A year: a larger number is a mistake for 0, which sets no limit */
#define AGE_LIMIT_S	31536000

static void *member_of(struct settings *settings, const struct option_kind *kind)
{
	return (char *)settings + kind->member;
}

static enum outcome take_text(const struct option_kind *kind, struct settings *settings,
			      const char *value)
{
	const char **member = member_of(settings, kind);

	*member = value;
	return DONE;
}

static enum outcome take_item(const struct option_kind *kind, struct settings *settings,
			      const char *value)
{
	list_add(member_of(settings, kind), value);
	return DONE;
}

static enum outcome take_host(const struct option_kind *kind, struct settings *settings,
			      const char *value)
{
	(void)kind;
	if (!is_host(value))
		return misused("--to %s: a host was expected", value);
	hosts_add(&settings->to, value);
	return DONE;
}

/* take_ssh - keep an option that ssh gets, too */
static enum outcome take_ssh(const struct option_kind *kind, struct settings *settings,
			     const char *value)
{
	static const char *const options[] = { "-p", "-l", "-o", "-i", "-F", "-J" };
	size_t i = 0;

	while (options[i][1] != kind->letter)
		i++;
	list_add(&settings->ssh, options[i]);
	list_add(&settings->ssh, value);
	return DONE;
}

static enum outcome take_timeout(const struct option_kind *kind,
				 struct settings *settings, const char *value)
{
	double seconds;
	char *end;

	(void)kind;
	/* A number too near to 0 becomes 0 with an errno, and 0 would mean no limit */
	errno = 0;
	seconds = strtod(value, &end);
	/* A comparison with "nan" is false */
	if (errno || end == value || *end || !(seconds >= 0 && seconds <= 86400))
		return misused("--timeout %s: seconds from 0 to 86400 were expected", value);
	settings->timeout = seconds * 1000;
	/* A short limit does not become 0, which means no limit */
	if (seconds > 0 && !settings->timeout)
		settings->timeout = 1;
	return DONE;
}

static enum outcome take_age(const struct option_kind *kind, struct settings *settings,
			     const char *value)
{
	char *end;

	(void)kind;
	errno = 0;
	settings->max_age = strtol(value, &end, 10);
	/* strtol() accepts blanks and signs */
	if (errno || !isdigit((unsigned char)*value) || *end || settings->max_age > AGE_LIMIT_S)
		return misused("--max-age %s: seconds from 0 to " NUMBER(AGE_LIMIT_S)
			       " were expected", value);
	return DONE;
}

static enum outcome take_color(const struct option_kind *kind, struct settings *settings,
			       const char *value)
{
	static const char *const names[] = {
		[COLOR_AUTO] = "auto",
		[COLOR_ALWAYS] = "always",
		[COLOR_NEVER] = "never",
	};
	size_t i;

	(void)kind;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(value, names[i])) {
			settings->color = i;
			return DONE;
		}
	}
	return misused("--color %s: auto, always or never was expected", value);
}

#define MEMBER(name)	offsetof(struct settings, name)

static const struct option_kind kinds[] = {
	{ "parent", 0, take_text, MEMBER(parent), {
		OPTION_PARENT, "PARENT",
		"only the types of PARENT, which can be a pattern, see fnmatch(3)",
	} },
	{ "type", 0, take_text, MEMBER(type), {
		OPTION_TYPE, "TYPE",
		"only the types called TYPE, which can be a pattern, see fnmatch(3)",
	} },
	{ "device", 0, take_text, MEMBER(device), {
		OPTION_DEVICE, "UUID",
		"only the type of this device",
	} },
	{ "from", 0, take_item, MEMBER(from), {
		OPTION_FROM, "FILE",
		"read the types that export wrote on another host (-: standard input)",
	} },
	{ "to", 0, take_host, 0, {
		OPTION_TO, "HOST",
		"ask HOST, where mdev-precheck is installed, over ssh; HOST, -p, -l, -o, -i, -F and -J are as ssh has them",
	} },
	{ "hosts", 0, take_item, MEMBER(hosts), {
		OPTION_HOSTS, "FILE",
		"ask each host in FILE, one in a line (-: standard input)",
	} },
	{ "remote", 0, take_text, MEMBER(remote), {
		OPTION_SSH, "COMMAND",
		"the command on HOST, as \"sudo mdev-precheck\" (default: " DEFAULT_REMOTE ")",
	} },
	{ NULL, 'p', take_ssh, 0, { OPTION_SSH, NULL, NULL } },
	{ NULL, 'l', take_ssh, 0, { OPTION_SSH, NULL, NULL } },
	{ NULL, 'o', take_ssh, 0, { OPTION_SSH, NULL, NULL } },
	{ NULL, 'i', take_ssh, 0, { OPTION_SSH, NULL, NULL } },
	{ NULL, 'F', take_ssh, 0, { OPTION_SSH, NULL, NULL } },
	{ NULL, 'J', take_ssh, 0, { OPTION_SSH, NULL, NULL } },
	{ "connect", 0, take_text, MEMBER(connect), {
		OPTION_CONNECT, "URI",
		"connect to the libvirt of URI (default: as virsh does)",
	} },
	{ "all", 0, NULL, 0, {
		OPTION_ALL, NULL,
		"require each target to take the device (default: one is enough)",
	} },
	{ "watch", 0, NULL, 0, {
		OPTION_WATCH, NULL,
		"stamp all domains, and each domain that changes, until a signal comes",
	} },
	{ "output", 0, take_text, MEMBER(output), {
		OPTION_OUTPUT, "FILE",
		"replace FILE when all is written (default, and -: standard output)",
	} },
	{ "takes", 0, take_text, MEMBER(takes), {
		OPTION_TAKES, "FILE",
		"ask this host, too, about each string in FILE, which merge or export wrote (-: standard input)",
	} },
	{ "format", 0, take_text, MEMBER(format), {
		OPTION_FORMAT, "FORMAT",
		"json, or for another program: prometheus, nfd, provider-yaml, facter or nagios (default: json)",
	} },
	{ "max-age", 0, take_age, 0, {
		OPTION_MAX_AGE, "SECONDS",
		"refuse an older document of --from; 0: no limit (default: " NUMBER(MAX_AGE_S)
		"); labels of nfd expire when the document has this age",
	} },
	{ "json", 0, NULL, 0, {
		OPTION_JSON, NULL,
		"print a JSON document, see mdev-precheck(5)",
	} },
	{ "html", 0, take_text, MEMBER(html), {
		OPTION_HTML, "FILE",
		"write a page for a browser to FILE, too (-: print it in place of the text)",
	} },
	{ "columns", 0, take_text, MEMBER(columns), {
		OPTION_COLUMNS, "LIST",
		"print these columns of the table, with commas in between",
	} },
	{ "noheadings", 0, NULL, 0, { OPTION_NOHEADINGS, NULL, "do not print the headings" } },
	{ "raw", 0, NULL, 0, {
		OPTION_RAW, NULL,
		"do not align columns or fold names, for scripts",
	} },
	{ "sort", 0, take_text, MEMBER(sort), {
		OPTION_SORT, "COLUMN",
		"sort the rows of the table by COLUMN",
	} },
	{ "color", 0, take_color, 0, {
		OPTION_COLOR, "WHEN",
		"colour verdicts and states: always, never, or auto: on a terminal, unless NO_COLOR is in the environment (default: auto)",
	} },
	{ "sysfs", 0, take_text, MEMBER(sysfs), {
		OPTION_SYSFS, "DIR",
		"use the sysfs that is mounted at DIR (default: " DEFAULT_SYSFS ")",
	} },
	{ "fixture", 0, take_text, MEMBER(fixture), {
		OPTION_FIXTURE, "DIR",
		"use a directory that looks like a sysfs, for tests",
	} },
	{ "timeout", 0, take_timeout, 0, {
		OPTION_TIMEOUT, "SECONDS",
		"limit each question to a driver; 0: no limit (default: " NUMBER(ASK_TIMEOUT_S)
		", or 0 if no target is asked); a remote host has three times as long",
	} },
	{ "quiet", 'q', NULL, 0, {
		OPTION_QUIET, NULL,
		"print verdicts only as JSON; the exit status has the answer",
	} },
	{ "verbose", 'v', NULL, 0, {
		OPTION_VERBOSE, NULL,
		"do not fold names, and report each step on standard error",
	} },
	{ "help", 'h', NULL, 0, { OPTION_HELP, NULL, "print this help" } },
	{ "version", 'V', NULL, 0, { OPTION_VERSION, NULL, "print the version of the program" } },
};

/* getopt_long() returns the sum of this and the index in kinds[] for a long name */
#define FIRST_LONG	0x100

/* Columns where the texts of options begin, and where they end at the latest */
#define HELP_INDENT	23
#define HELP_WIDTH	79

static const char exit_help[] =
	"Exit status: 0 compatible, or done; 1 not compatible; 2 wrong usage;\n"
	"3 the question could not be asked, or the work could not be done.\n";

/* print_wrapped - print the words of @text in lines; the first begins at @column */
static void print_wrapped(const char *text, size_t column)
{
	size_t len;

	if (column >= HELP_INDENT) {
		putchar('\n');
		column = 0;
	}
	printf("%*s", (int)(HELP_INDENT - column), "");
	column = HELP_INDENT;
	for (; *text; text += len + strspn(text + len, " ")) {
		len = strcspn(text, " ");
		if (column > HELP_INDENT && column + 1 + len > HELP_WIDTH) {
			printf("\n%*s", HELP_INDENT, "");
			column = HELP_INDENT;
		}
		column += printf("%s%.*s", column > HELP_INDENT ? " " : "", (int)len, text);
	}
	putchar('\n');
}

/* text_of - find the text of an option of a command; @command can be NULL */
static const struct option_text *text_of(const struct option_kind *kind,
					 const struct command *command)
{
	const struct option_text *own = command ? command->own : NULL;

	for (; own && own->bit && kind->help.text; own++) {
		if (own->bit == kind->help.bit)
			return own;
	}
	return &kind->help;
}

/* add_columns - add the names of the columns that are shown by default, or of the others */
static char *add_columns(char *text, const struct command *command, bool extra)
{
	const char *before = extra ? "; only if named here: " : ": ";
	char *more;
	size_t i;

	/* The program as a whole does not have columns */
	for (i = 0; command && i < command->num_columns; i++) {
		const struct column *column = &command->columns[i];

		if (!(column->flags & COLUMN_EXTRA) == extra)
			continue;
		more = format_text("%s%s%s", text, before, column->name);
		free(text);
		text = more;
		before = ", ";
	}
	return text;
}

/* print_options - print the options with @bits, as @command has them */
static void print_options(const struct command *command, unsigned int bits)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct option_text *text = text_of(&kinds[i], command);
		char letter[] = { '-', kinds[i].letter, ',', ' ', '\0' };
		char *columns;
		int column;

		if (!(kinds[i].help.bit & bits) || !text->text)
			continue;
		column = printf("  %s--%s%s%s", kinds[i].letter ? letter : "", kinds[i].name,
				text->value ? " " : "", text->value ? text->value : "");
		/* At least two blanks are between the option and its text */
		column = column + 2 > HELP_INDENT ? HELP_INDENT : column;
		if (text->bit != OPTION_COLUMNS) {
			print_wrapped(text->text, column);
			continue;
		}
		columns = add_columns(duplicate(text->text), command, false);
		columns = add_columns(columns, command, true);
		print_wrapped(columns, column);
		free(columns);
	}
}

/* usage_line - write the usage of @command, or of the program for NULL; allocated */
static char *usage_line(const struct command *command)
{
	if (!command)
		return duplicate("usage: mdev-precheck [COMMAND] [OPTION]...");
	return format_text("usage: mdev-precheck %s [OPTION]...%s%s", command->name,
			   *command->operands ? " " : "", command->operands);
}

static void print_help(const struct command *command)
{
	const struct command *const *each;
	char *usage = usage_line(command);

	puts(usage);
	free(usage);
	if (command) {
		printf("\n%s\n", command->help);
		if (command->options) {
			printf("Options:\n");
			print_options(command, command->options);
			putchar('\n');
		}
	} else {
		puts("\nAsk whether a target's vendor driver takes a source's mediated device.\n\n"
		     "Commands:");
		each = commands;
		do {
			printf("  %-8s %s\n", (*each)->name, (*each)->summary);
		} while (*++each);
		printf("\nThe default is %s.  mdev-precheck help COMMAND prints more.\n\n",
		       commands[0]->name);
	}
	printf("Options of all commands:\n");
	print_options(command, ALL_COMMANDS);
	printf("\n%s", exit_help);
}

static const struct command *find_command(const char *name)
{
	const struct command *const *each;

	for (each = commands; *each; each++) {
		if (!strcmp((*each)->name, name))
			return *each;
	}
	return NULL;
}

static enum outcome unknown_command(const char *name)
{
	const struct command *const *each;
	struct nearest nearest = { .text = name };

	for (each = commands; *each; each++)
		compare_nearest(&nearest, (*each)->name);
	if (is_near(&nearest))
		return misused("%s: unknown command: did you mean %s?", name, nearest.name);
	return misused("%s: unknown command", name);
}

static enum exit_status run_help(const struct settings *settings)
{
	const struct command *command = NULL;

	if (settings->num_operands > 1)
		return outcome_status(misused("help: %s: one command was expected",
					      settings->operands[1]));
	if (settings->num_operands) {
		command = find_command(settings->operands[0]);
		if (!command)
			return outcome_status(unknown_command(settings->operands[0]));
	}
	print_help(command);
	return STATUS_COMPATIBLE;
}

const struct command help_command = {
	.name = "help",
	.operands = "[COMMAND]",
	.summary = "print the usage of the program, or of a command",
	.help = "Print the usage of the program, or of COMMAND, as --help does.\n",
	.run = run_help,
};

/* count_standard_input - count how often a list of files has standard input */
static size_t count_standard_input(const struct list *files)
{
	size_t i, count = 0;

	for (i = 0; i < files->num; i++)
		count += !strcmp(files->items[i], "-");
	return count;
}

/* read_hosts - add the hosts of all files behind the hosts of --to */
static enum outcome read_hosts(struct settings *settings)
{
	size_t hosts = count_standard_input(&settings->hosts), i;

	if (hosts && hosts + count_standard_input(&settings->from) > 1)
		return misused("--hosts -%s: standard input can be read only once",
			       hosts > 1 ? ", twice" : " and --from -");
	for (i = 0; i < settings->hosts.num; i++) {
		if (hosts_read(&settings->to, settings->hosts.items[i]))
			return MISUSED;
	}
	return DONE;
}

/* check_options - print a message if options do not go together */
static enum outcome check_options(const struct settings *settings)
{
	if (settings->given & OPTION_SSH && !(settings->given & (OPTION_TO | OPTION_HOSTS)))
		return misused("-p, -l, -o, -i, -F, -J and --remote need --to or --hosts");
	if (settings->given & OPTION_JSON && settings->given & (TABLE_OPTIONS & ~OPTION_COLOR))
		return misused("--json does not have --columns, --noheadings, --raw and --sort");
	if (settings->sysfs && settings->fixture)
		return misused("--sysfs and --fixture: one of them was expected");
	return DONE;
}

/* has_option - does a command have an option?  NULL, an unknown command, has all. */
static bool has_option(const struct command *command, const struct option_kind *kind)
{
	return !command || (command->options | ALL_COMMANDS) & kind->help.bit;
}

/**
 * struct getopt_table - options as getopt_long() requires them
 * @letters: letters of the short options
 * @names: entries of the long options, and an empty entry
 */
struct getopt_table {
	char letters[2 * ARRAY_SIZE(kinds) + 2];
	struct option names[ARRAY_SIZE(kinds) + 1];
};

/* prepare_getopt - fill a zeroed table with the options of a command, or with all for NULL */
static void prepare_getopt(const struct command *command, struct getopt_table *table)
{
	struct option *name = table->names;
	char *letter = table->letters;
	size_t i;

	/* If a colon comes first, getopt_long() returns a colon for a missing value */
	*letter++ = ':';
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!has_option(command, &kinds[i]))
			continue;
		if (kinds[i].letter)
			*letter++ = kinds[i].letter;
		if (kinds[i].letter && kinds[i].take)
			*letter++ = ':';
		if (!kinds[i].name)
			continue;
		name->name = kinds[i].name;
		name->has_arg = kinds[i].take ? required_argument : no_argument;
		name->val = FIRST_LONG + i;
		name++;
	}
	/* getopt_long() must not print messages of its own */
	opterr = 0;
	/* getopt_long() begins again at the first word */
	optind = 0;
}

/* find_kind - find the option of a result of getopt_long(); NULL if it is unknown */
static const struct option_kind *find_kind(int found)
{
	size_t i;

	if (found >= FIRST_LONG)
		return &kinds[found - FIRST_LONG];
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i].letter == found)
			return &kinds[i];
	}
	return NULL;
}

/* misused_option - print a message, which is freed, and the usage of @command, or the program */
static enum outcome misused_option(const struct command *command, char *message)
{
	char *usage = usage_line(command);

	complain("%s", message);
	complain("%s", usage);
	free(usage);
	free(message);
	return try_help();
}

/* ambiguous - list the options that begin with @text; NULL if there are less than two */
static char *ambiguous(const struct command *command, const char *text)
{
	char *names = NULL, *more;
	size_t i, num = 0;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!kinds[i].name || !has_option(command, &kinds[i]) ||
		    strncmp(kinds[i].name, text, strlen(text)))
			continue;
		more = format_text("%s%s--%s", num ? names : "", num ? " or " : "",
				   kinds[i].name);
		free(names);
		names = more;
		num++;
	}
	if (num > 1)
		return names;
	free(names);
	return NULL;
}

/* unknown_name - write a message about a long option that @command does not have; allocated */
static char *unknown_name(const struct command *command, const char *text)
{
	struct nearest nearest = { .text = text };
	char *names = ambiguous(command, text), *message;
	size_t i;

	if (names) {
		message = format_text("--%s: ambiguous: %s", text, names);
		free(names);
		return message;
	}
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!kinds[i].name)
			continue;
		if (!strcmp(kinds[i].name, text))
			return format_text("%s does not have --%s", command->name, text);
		if (has_option(command, &kinds[i]))
			compare_nearest(&nearest, kinds[i].name);
	}
	if (is_near(&nearest))
		return format_text("--%s: unknown option: did you mean --%s?", text, nearest.name);
	return format_text("--%s: unknown option", text);
}

/* wrong_option - write a message about a word that getopt_long() refused; allocated */
static char *wrong_option(const struct command *command, int found, char **argv)
{
	const struct option_kind *kind = optopt ? find_kind(optopt) : NULL;
	const char *word = argv[optind - 1];
	char *text, *message;

	if (found == ':' && kind && optopt >= FIRST_LONG)
		return format_text("--%s: a value was expected: --%s %s", kind->name, kind->name,
				   text_of(kind, command)->value);
	if (found == ':')
		return format_text("-%c: a value was expected", optopt);
	if (kind && optopt >= FIRST_LONG)
		return format_text("--%s: no value was expected", kind->name);
	/* optopt is the letter, also if several letters share a dash */
	if (kind)
		return format_text("%s does not have -%c", command->name, optopt);
	if (optopt)
		return format_text("-%c: unknown option", optopt);
	text = duplicate(word + strspn(word, "-"));
	text[strcspn(text, "=")] = '\0';
	message = unknown_name(command, text);
	free(text);
	return message;
}

/* first_operand - find the word that names the command among any options; or NULL */
static const char *first_operand(int argc, char **argv)
{
	/* getopt_long() moves the words of the copy: in @argv, a value could become an operand */
	char **copy = allocate((argc + 1) * sizeof(*copy));
	struct getopt_table table = {};
	const char *first;

	memcpy(copy, argv, argc * sizeof(*copy));
	prepare_getopt(NULL, &table);
	while (getopt_long(argc, copy, table.letters, table.names, NULL) >= 0)
		;
	first = copy[optind];
	free(copy);
	return first;
}

/*
 * parse_options - read the options of @command, or of all commands if @command is NULL
 *
 * @name is NULL if the command line does not name a command.
 */
static enum outcome parse_options(int argc, char **argv, const struct command *command,
				  const char *name, struct settings *settings)
{
	const struct option_kind *kind;
	struct getopt_table table = {};
	int found;

	prepare_getopt(command, &table);
	while ((found = getopt_long(argc, argv, table.letters, table.names, NULL)) >= 0) {
		kind = found == '?' || found == ':' ? NULL : find_kind(found);
		if (!kind)
			return misused_option(name ? command : NULL,
					      wrong_option(command, found, argv));
		settings->given |= kind->help.bit;
		settings->verbosity += !!(kind->help.bit & OPTION_VERBOSE) -
				       !!(kind->help.bit & OPTION_QUIET);
		if (kind->take && kind->take(kind, settings, optarg))
			return MISUSED;
		/* After --version, mistakes do not matter */
		if (settings->given & OPTION_VERSION)
			break;
	}
	settings->operands = argv + optind;
	settings->num_operands = argc - optind;
	return DONE;
}

/* choose_command - find the command of a name, or the default command; NULL if it is unknown */
static const struct command *choose_command(const char *name)
{
	const struct command *command;

	if (!name)
		return commands[0];
	command = find_command(name);
	if (command)
		set_help_command(command->name);
	return command;
}

const struct command *parse_command_line(int argc, char **argv, struct settings *settings,
					 enum exit_status *status)
{
	const struct command *command;
	const char *name;

	memset(settings, 0, sizeof(*settings));
	settings->timeout = -1;
	settings->max_age = MAX_AGE_S;
	settings->argv = argv;
	*status = STATUS_USAGE;
	name = first_operand(argc, argv);
	command = choose_command(name);
	/* After a mistake in an option, the first operand can be the value of that option */
	if (parse_options(argc, argv, command, name, settings))
		return NULL;
	*status = STATUS_COMPATIBLE;
	if (settings->given & OPTION_VERSION) {
		printf("mdev-precheck %s\n", PRECHECK_VERSION);
		return NULL;
	}
	if (command && settings->given & OPTION_HELP) {
		print_help(name ? command : NULL);
		return NULL;
	}

	*status = STATUS_USAGE;
	if (!command)
		unknown_command(name);
	if (!command || check_options(settings))
		return NULL;
	if (settings->num_operands) {
		settings->operands++;
		settings->num_operands--;
	}
	return read_hosts(settings) ? NULL : command;
}

void list_add(struct list *list, const char *item)
{
	list->items = grow(list->items, list->num, sizeof(*list->items));
	list->items[list->num++] = item;
}

void report_texts(const char *name, struct list *texts)
{
	size_t i;

	for (i = 0; i < texts->num; i++)
		complain("%s: %s", name, texts->items[i]);
	free_texts(texts);
}

void free_texts(struct list *texts)
{
	size_t i;

	for (i = 0; i < texts->num; i++)
		free((char *)texts->items[i]);
	free(texts->items);
	memset(texts, 0, sizeof(*texts));
}
