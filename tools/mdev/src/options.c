// SPDX-License-Identifier: GPL-2.0-only
/* The command line: options are the same for all commands that have them */

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

/* Options without a letter */
enum {
	LONG_SYSFS = 0x100,
	LONG_TIMEOUT,
	LONG_VERSION,
	LONG_JSON,
	LONG_PARENT,
	LONG_TYPE,
	LONG_DEVICE,
	LONG_FROM,
	LONG_TO,
	LONG_OUTPUT,
	LONG_REMOTE,
	LONG_CONNECT,
	LONG_ALL,
	LONG_WATCH,
};

static const char letters[] = "hqvp:l:o:i:F:J:";

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, LONG_VERSION },
	{ "sysfs", required_argument, NULL, LONG_SYSFS },
	{ "timeout", required_argument, NULL, LONG_TIMEOUT },
	{ "json", no_argument, NULL, LONG_JSON },
	{ "parent", required_argument, NULL, LONG_PARENT },
	{ "type", required_argument, NULL, LONG_TYPE },
	{ "device", required_argument, NULL, LONG_DEVICE },
	{ "from", required_argument, NULL, LONG_FROM },
	{ "to", required_argument, NULL, LONG_TO },
	{ "output", required_argument, NULL, LONG_OUTPUT },
	{ "remote", required_argument, NULL, LONG_REMOTE },
	{ "connect", required_argument, NULL, LONG_CONNECT },
	{ "all", no_argument, NULL, LONG_ALL },
	{ "watch", no_argument, NULL, LONG_WATCH },
	{ }
};

static const struct {
	unsigned int bit;
	const char *name;
} option_names[] = {
	{ OPTION_JSON, "--json" },
	{ OPTION_PARENT, "--parent" },
	{ OPTION_TYPE, "--type" },
	{ OPTION_DEVICE, "--device" },
	{ OPTION_FROM, "--from" },
	{ OPTION_TO, "--to" },
	{ OPTION_OUTPUT, "--output" },
	{ OPTION_CONNECT, "--connect" },
	{ OPTION_ALL, "--all" },
	{ OPTION_WATCH, "--watch" },
	{ OPTION_SSH, "ssh's -p, -l, -o, -i, -F and -J, and --remote" },
};

static const char common_help[] =
	"Options of all commands:\n"
	"  --sysfs DIR        use DIR in place of /sys\n"
	"  --timeout SECONDS  limit for each question to a driver; 0: none\n"
	"  -q, --quiet        print no verdicts but as JSON, the exit status has the answer\n"
	"  -v, --verbose      tell what is done, on standard error\n"
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
	printf("\nWithout a command: list.  mdev-precheck COMMAND --help tells more.\n\n%s\n%s",
	       common_help, exit_help);
}

/* ssh_option - the option of ssh with the same letter */
static const char *ssh_option(int letter)
{
	static const char *const options[] = { "-p", "-l", "-o", "-i", "-F", "-J" };
	size_t i = 0;

	while (options[i][1] != letter)
		i++;
	return options[i];
}

static int parse_timeout(const char *text, long *milliseconds)
{
	char *end;
	double seconds = strtod(text, &end);

	/* Not a number compares as false */
	if (end == text || *end || !(seconds >= 0 && seconds <= 86400))
		return -EINVAL;
	*milliseconds = seconds * 1000;
	/* 0 is no limit, and a short one is not none */
	if (seconds > 0 && !*milliseconds)
		*milliseconds = 1;
	return 0;
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

/* check_options - an option that a command has not is a mistake */
static int check_options(const struct command *command,
			 const struct settings *settings)
{
	unsigned int unknown = settings->given & ~command->options;
	size_t i;

	for (i = 0; i < sizeof(option_names) / sizeof(*option_names); i++) {
		if (unknown & option_names[i].bit) {
			usage_error("%s does not have %s", command->name,
				    option_names[i].name);
			return -EINVAL;
		}
	}
	if (settings->given & OPTION_SSH && !settings->to.num) {
		usage_error("%s are for --to", option_names[i - 1].name);
		return -EINVAL;
	}
	return 0;
}

const struct command *parse_command_line(int argc, char **argv,
					 struct settings *settings,
					 enum status *status)
{
	const struct command *command;
	bool help = false;
	int option;

	memset(settings, 0, sizeof(*settings));
	settings->timeout = -1;
	settings->argv = argv;
	*status = STATUS_USAGE;

	/* The messages are ours */
	opterr = 0;
	while ((option = getopt_long(argc, argv, letters, long_options, NULL)) >= 0) {
		switch (option) {
		case 'h':
			help = true;
			break;
		case 'q':
			settings->verbosity--;
			break;
		case 'v':
			settings->verbosity++;
			break;
		case LONG_VERSION:
			printf("mdev-precheck %s\n", PRECHECK_VERSION);
			*status = STATUS_COMPATIBLE;
			return NULL;
		case LONG_SYSFS:
			settings->sysfs = optarg;
			break;
		case LONG_TIMEOUT:
			if (parse_timeout(optarg, &settings->timeout)) {
				usage_error("--timeout %s: seconds from 0 to 86400 were expected",
					    optarg);
				return NULL;
			}
			break;
		case LONG_JSON:
			settings->given |= OPTION_JSON;
			break;
		case LONG_PARENT:
			settings->given |= OPTION_PARENT;
			settings->parent = optarg;
			break;
		case LONG_TYPE:
			settings->given |= OPTION_TYPE;
			settings->type = optarg;
			break;
		case LONG_DEVICE:
			settings->given |= OPTION_DEVICE;
			if (mdev_precheck_parse_uuid(optarg, settings->device)) {
				usage_error("--device %s: a UUID was expected", optarg);
				return NULL;
			}
			break;
		case LONG_FROM:
			settings->given |= OPTION_FROM;
			list_add(&settings->from, optarg);
			break;
		case LONG_TO:
			settings->given |= OPTION_TO;
			/* ssh would take it for an option of its own */
			if (*optarg == '-' || !*optarg) {
				usage_error("--to %s: a host was expected", optarg);
				return NULL;
			}
			list_add(&settings->to, optarg);
			break;
		case LONG_OUTPUT:
			settings->given |= OPTION_OUTPUT;
			settings->output = optarg;
			break;
		case LONG_REMOTE:
			settings->given |= OPTION_SSH;
			settings->remote = optarg;
			break;
		case LONG_CONNECT:
			settings->given |= OPTION_CONNECT;
			settings->connect = optarg;
			break;
		case LONG_ALL:
			settings->given |= OPTION_ALL;
			break;
		case LONG_WATCH:
			settings->given |= OPTION_WATCH;
			break;
		case 'p':
		case 'l':
		case 'o':
		case 'i':
		case 'F':
		case 'J':
			settings->given |= OPTION_SSH;
			list_add(&settings->ssh, ssh_option(option));
			list_add(&settings->ssh, optarg);
			break;
		default:
			/* Of letters that share a dash it is that letter */
			if (optopt > ' ' && optopt < LONG_SYSFS)
				usage_error("-%c: unknown option, or its value is missing",
					    optopt);
			else
				usage_error("%s: unknown option, or its value is missing",
					    argv[optind - 1]);
			return NULL;
		}
	}

	settings->operands = argv + optind;
	settings->num_operands = argc - optind;
	command = commands[0];
	if (settings->num_operands) {
		command = find_command(settings->operands[0]);
		if (!command) {
			usage_error("%s: unknown command", settings->operands[0]);
			return NULL;
		}
		settings->operands++;
		settings->num_operands--;
	} else if (help) {
		command = NULL;
	}

	if (help) {
		print_help(command);
		*status = STATUS_COMPATIBLE;
		return NULL;
	}
	return check_options(command, settings) ? NULL : command;
}
