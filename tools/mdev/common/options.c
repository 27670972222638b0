// SPDX-License-Identifier: GPL-2.0-only
/* The command line: options are the same for all commands that have them */

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "hosts.h"
#include "options.h"

/**
 * struct option_kind - an option
 * @name: long name, or NULL
 * @letter: letter, or 0
 * @bit: what it sets in struct settings, and what a command that has it has
 * @take: keeps the value; NULL if the option does not have one
 * @member: offset in struct settings of what @take writes
 */
struct option_kind {
	const char *name;
	char letter;
	enum option_bit bit;
	enum outcome (*take)(const struct option_kind *kind, struct settings *settings,
			     const char *value);
	size_t member;
};

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

static enum outcome take_device(const struct option_kind *kind, struct settings *settings,
				const char *value)
{
	if (mdev_precheck_parse_uuid(value, member_of(settings, kind)))
		return misused("--device %s: a UUID was expected", value);
	return DONE;
}

/* take_ssh - ssh gets the same letter */
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
	{ "help", 'h', OPTION_HELP, NULL, 0 },
	{ "version", 0, OPTION_VERSION, NULL, 0 },
	{ "quiet", 'q', OPTION_QUIET, NULL, 0 },
	{ "verbose", 'v', OPTION_VERBOSE, NULL, 0 },
	{ "sysfs", 0, OPTION_SYSFS, take_text, MEMBER(sysfs) },
	{ "fixture", 0, OPTION_FIXTURE, take_text, MEMBER(fixture) },
	{ "timeout", 0, OPTION_TIMEOUT, take_timeout, 0 },
	{ "json", 0, OPTION_JSON, NULL, 0 },
	{ "parent", 0, OPTION_PARENT, take_text, MEMBER(parent) },
	{ "type", 0, OPTION_TYPE, take_text, MEMBER(type) },
	{ "device", 0, OPTION_DEVICE, take_device, MEMBER(device) },
	{ "from", 0, OPTION_FROM, take_item, MEMBER(from) },
	{ "to", 0, OPTION_TO, take_host, 0 },
	{ "hosts", 0, OPTION_HOSTS, take_item, MEMBER(hosts) },
	{ "output", 0, OPTION_OUTPUT, take_text, MEMBER(output) },
	{ "connect", 0, OPTION_CONNECT, take_text, MEMBER(connect) },
	{ "all", 0, OPTION_ALL, NULL, 0 },
	{ "watch", 0, OPTION_WATCH, NULL, 0 },
	{ "columns", 0, OPTION_COLUMNS, take_text, MEMBER(columns) },
	{ "noheadings", 0, OPTION_NOHEADINGS, NULL, 0 },
	{ "raw", 0, OPTION_RAW, NULL, 0 },
	{ "sort", 0, OPTION_SORT, take_text, MEMBER(sort) },
	{ "color", 0, OPTION_COLOR, take_color, 0 },
	{ "html", 0, OPTION_HTML, take_text, MEMBER(html) },
	{ "remote", 0, OPTION_SSH, take_text, MEMBER(remote) },
	{ NULL, 'p', OPTION_SSH, take_ssh, 0 },
	{ NULL, 'l', OPTION_SSH, take_ssh, 0 },
	{ NULL, 'o', OPTION_SSH, take_ssh, 0 },
	{ NULL, 'i', OPTION_SSH, take_ssh, 0 },
	{ NULL, 'F', OPTION_SSH, take_ssh, 0 },
	{ NULL, 'J', OPTION_SSH, take_ssh, 0 },
};

/* getopt_long() returns this, and the number in kinds[], for a long name */
#define FIRST_LONG	0x100

static const char ssh_options[] = "ssh's -p, -l, -o, -i, -F and -J, and --remote";

static const char common_help[] =
	"Options of all commands:\n"
	"  --sysfs DIR        the sysfs that is mounted at DIR, in place of /sys\n"
	"  --fixture DIR      a directory that looks like a sysfs, for tests\n"
	"  --timeout SECONDS  limit for each question to a driver; 0: none; a whole remote\n"
	"                     host has three times as long\n"
	"  -q, --quiet        print no verdicts but as JSON, the exit status has the answer\n"
	"  -v, --verbose      report on standard error what is done\n"
	"  -h, --help         print this\n"
	"  --version          print the version of the program\n";

static const char exit_help[] =
	"Exit status: 0 compatible, or done; 1 not compatible; 2 wrong usage;\n"
	"3 the question could not be asked, or the work not be done.\n";

static void print_help(const struct command *command)
{
	const struct command *const *each;

	if (command) {
		printf("usage: mdev-precheck %s%s%s\n\n%s\n%s\n%s", command->name,
		       *command->operands ? " " : "", command->operands,
		       command->help, common_help, exit_help);
		return;
	}

	printf("usage: mdev-precheck [COMMAND] [OPTION...]\n\n"
	       "Ask whether a target's vendor driver takes a source's mediated device.\n\n"
	       "Commands:\n");
	for (each = commands; *each; each++)
		printf("  %-8s %s\n", (*each)->name, (*each)->summary);
	printf("\nWithout a command: list.  mdev-precheck COMMAND --help prints more.\n\n%s\n%s",
	       common_help, exit_help);
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

/* check_options - an option that a command does not have is a mistake */
static enum outcome check_options(const struct command *command,
				  const struct settings *settings)
{
	unsigned int unknown = settings->given & ~(command->options | ALL_COMMANDS);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (unknown & kinds[i].bit & OPTION_SSH)
			return misused("%s does not have %s", command->name, ssh_options);
		if (unknown & kinds[i].bit)
			return misused("%s does not have --%s", command->name,
				       kinds[i].name);
	}
	if (settings->given & OPTION_SSH && !(settings->given & (OPTION_TO | OPTION_HOSTS)))
		return misused("%s are for --to", ssh_options);
	if (settings->sysfs && settings->fixture)
		return misused("--sysfs and --fixture: one of them was expected");
	return DONE;
}

/* count_standard_input - how often a list of files has standard input */
static size_t count_standard_input(const struct list *files)
{
	size_t i, count = 0;

	for (i = 0; i < files->num; i++)
		count += !strcmp(files->items[i], "-");
	return count;
}

/* read_hosts - of all files; they come after those of --to */
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

/* prepare_getopt - the table as getopt_long() requires it */
static void prepare_getopt(char *letters, struct option *long_options)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i].letter)
			*letters++ = kinds[i].letter;
		if (kinds[i].letter && kinds[i].take)
			*letters++ = ':';
		if (!kinds[i].name)
			continue;
		long_options->name = kinds[i].name;
		long_options->has_arg = kinds[i].take ? required_argument : no_argument;
		long_options->val = FIRST_LONG + i;
		long_options++;
	}
}

/* find_kind - the option that getopt_long() has found; NULL if it is unknown */
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

static enum outcome unknown_option(char **argv)
{
	/* If letters share a dash, it is that letter */
	if (optopt > ' ' && optopt < FIRST_LONG)
		return misused("-%c: unknown option, or its value is missing", optopt);
	return misused("%s: unknown option, or its value is missing", argv[optind - 1]);
}

static enum outcome parse_options(int argc, char **argv, struct settings *settings)
{
	struct option long_options[ARRAY_SIZE(kinds) + 1] = {};
	char letters[2 * ARRAY_SIZE(kinds) + 1] = "";
	const struct option_kind *kind;
	int found;

	prepare_getopt(letters, long_options);
	/* The messages are ours */
	opterr = 0;
	while ((found = getopt_long(argc, argv, letters, long_options, NULL)) >= 0) {
		kind = find_kind(found);
		if (!kind)
			return unknown_option(argv);
		settings->given |= kind->bit;
		settings->verbosity += !!(kind->bit & OPTION_VERBOSE) -
				       !!(kind->bit & OPTION_QUIET);
		if (kind->take && kind->take(kind, settings, optarg))
			return MISUSED;
		/* Whatever follows may be a mistake */
		if (settings->given & OPTION_VERSION)
			break;
	}
	settings->operands = argv + optind;
	settings->num_operands = argc - optind;
	return DONE;
}

const struct command *parse_command_line(int argc, char **argv, struct settings *settings,
					 enum exit_status *status)
{
	const struct command *command = commands[0];

	memset(settings, 0, sizeof(*settings));
	settings->timeout = -1;
	settings->argv = argv;
	*status = STATUS_USAGE;
	if (parse_options(argc, argv, settings))
		return NULL;
	if (settings->given & OPTION_VERSION) {
		printf("mdev-precheck %s\n", PRECHECK_VERSION);
		*status = STATUS_COMPATIBLE;
		return NULL;
	}

	if (settings->num_operands) {
		command = find_command(settings->operands[0]);
		if (!command) {
			misused("%s: unknown command", settings->operands[0]);
			return NULL;
		}
		settings->operands++;
		settings->num_operands--;
	} else if (settings->given & OPTION_HELP) {
		command = NULL;
	}
	if (settings->given & OPTION_HELP) {
		print_help(command);
		*status = STATUS_COMPATIBLE;
		return NULL;
	}
	return check_options(command, settings) || read_hosts(settings) ? NULL : command;
}

void list_add(struct list *list, const char *item)
{
	list->items = grow(list->items, list->num, sizeof(*list->items));
	list->items[list->num++] = item;
}

void report_texts(const char *name, struct list *texts)
{
	size_t i;

	for (i = 0; i < texts->num; i++) {
		complain("%s: %s", name, texts->items[i]);
		free((char *)texts->items[i]);
	}
	free(texts->items);
	memset(texts, 0, sizeof(*texts));
}
