// SPDX-License-Identifier: GPL-2.0-only
/*
 * changing_parent SECONDS ASKERS PARENT TYPE VERSION UUID - ask a parent that is switched on
 * and off as fast as it goes
 *
 * PARENT is a directory of mdev_sim's configfs, and UUID is the UUID of a device that it has
 * now and then.  One of four askers uses the library, and the others use /mdev-precheck.  If
 * some answers or some questions that were not asked are still missing after SECONDS, the
 * program goes on, because a machine can be slow.  It prints a line for each form of the
 * question, with the number of yes, no, not asked, mistakes in the command line, and other
 * results, such as a signal that ended an asker; and a line with how often the parent was
 * switched on, and its device made.  A no is printed with its reason.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mdev-precheck.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))
#define CONFIGFS		"/sys/kernel/config/mdev-sim"
#define DEFAULT_TIMEOUT_MS	10000
#define SLOW_SECONDS		300

enum { YES, NO, MISTAKE, NOT_ASKED, ELSE, NUM_RESULTS };

static const char *const result_names[NUM_RESULTS] = {
	[YES] = "yes",
	[NO] = "no",
	[NOT_ASKED] = "not-asked",
	[MISTAKE] = "mistake",
	[ELSE] = "else",
};

/* Arguments of the command; PARENT, TYPE and so on are replaced by names */
static const char *const commands[] = {
	"check --type TYPE VERSION PARENT/TYPE",
	"check --timeout 0 --type TYPE VERSION PARENT/TYPE",
	"check --type TYPE VERSION PARENT",
	"check --timeout 0 --type TYPE VERSION PARENT",
	"check --type TYPE VERSION TYPE",
	"check --timeout 0 --type TYPE VERSION TYPE",
	"check --timeout 0 --type TYPE VERSION",
	"check --type TYPE VERSION UUID",
	"check --timeout 0 --type TYPE VERSION UUID",
	"check --json PARENT/TYPE PARENT/TYPE",
	"check --timeout 0 PARENT/TYPE PARENT",
	"check --timeout 0 PARENT/TYPE",
	"check PARENT/TYPE UUID",
	"check UUID",
	"check --timeout 0 UUID UUID",
	"check --timeout 0 UUID PARENT",
	"matrix --timeout 0 --type TYPE",
};

/**
 * struct counts - counts in memory that all processes share
 * @commands: results of each command
 * @places: results of the library about PARENT/TYPE
 * @all: results of the library about TYPE at all parents
 * @switched_on: number of times that the parent was switched on
 * @devices: number of devices that were made
 */
struct counts {
	unsigned long commands[ARRAY_SIZE(commands)][NUM_RESULTS];
	unsigned long places[NUM_RESULTS];
	unsigned long all[NUM_RESULTS];
	unsigned long switched_on;
	unsigned long devices;
};

static struct counts *counts;
static const char *uuid;
static struct mdev_precheck_place place;
static struct mdev_precheck_source string = { .state = MDEV_PRECHECK_SOURCE_READ };
static time_t deadline;

static void count(unsigned long *number)
{
	__atomic_add_fetch(number, 1, __ATOMIC_RELAXED);
}

/* has_both - return whether there are a yes and a question that was not asked */
static bool has_both(const unsigned long (*results)[NUM_RESULTS], size_t num)
{
	unsigned long yes = 0, not_asked = 0;
	size_t i;

	for (i = 0; i < num; i++) {
		yes += results[i][YES];
		not_asked += results[i][NOT_ASKED];
	}
	return yes && not_asked;
}

static bool ended(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec < deadline || now.tv_sec > deadline + SLOW_SECONDS)
		return now.tv_sec >= deadline;
	return has_both(&counts->places, 1) && has_both(&counts->all, 1) &&
	       has_both(counts->commands, ARRAY_SIZE(commands));
}

/* store - write a text to a file; returns 0, or -1 if the file did not take it */
static int store(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len = strlen(text), written;

	if (fd < 0)
		return -1;
	written = write(fd, text, len);
	close(fd);
	return written == len ? 0 : -1;
}

/* switch_parent - switch the parent on and off; every other time it has a device */
static void switch_parent(const char *name)
{
	char live[PATH_MAX], create[PATH_MAX];
	unsigned int turn;

	snprintf(live, sizeof(live), CONFIGFS "/%s/live", name);
	snprintf(create, sizeof(create),
		 "/sys/class/mdev_bus/%s/mdev_supported_types/%s/create", place.parent,
		 place.type);
	for (turn = 0; !ended(); turn++) {
		if (store(live, "0") || store(live, "1"))
			exit(1);
		count(&counts->switched_on);
		if (turn % 2)
			continue;
		if (store(create, uuid))
			exit(1);
		count(&counts->devices);
	}
	exit(0);
}

static int result_of(const struct mdev_precheck_answer *answer)
{
	static const int results[] = {
		[MDEV_PRECHECK_NOT_ASKED] = NOT_ASKED,
		[MDEV_PRECHECK_COMPATIBLE] = YES,
		[MDEV_PRECHECK_INCOMPATIBLE] = NO,
	};

	if (answer->verdict == MDEV_PRECHECK_INCOMPATIBLE)
		printf("# a no of the library: %s\n", answer->reason);
	return results[answer->verdict];
}

static int count_answer(struct mdev_precheck_answer *answer, void *data)
{
	unsigned long *results = data;

	count(&results[result_of(answer)]);
	mdev_precheck_answer_free(answer);
	return 0;
}

/* ask_by_library - ask about the place as a source and as a target, and about the type */
static void ask_by_library(unsigned int timeout)
{
	struct mdev_precheck_answer *answer;
	struct mdev_precheck_source *source;
	struct mdev_precheck *precheck;
	int ret;

	if (mdev_precheck_new(NULL, &precheck))
		exit(1);
	mdev_precheck_set_timeout(precheck, timeout);
	while (!ended()) {
		if (mdev_precheck_ask(precheck, &string, &place, &answer))
			exit(1);
		count_answer(answer, counts->places);
		if (mdev_precheck_ask_all(precheck, &string, NULL, count_answer, counts->all))
			exit(1);

		ret = mdev_precheck_source_read(precheck, &place, &source);
		if (ret) {
			if (ret != -ENODEV)
				printf("# reading a source: %s\n", strerror(-ret));
			count(&counts->places[ret == -ENODEV ? NOT_ASKED : ELSE]);
			continue;
		}
		if (mdev_precheck_ask(precheck, source, &place, &answer))
			exit(1);
		count_answer(answer, counts->places);
		mdev_precheck_source_free(source);
	}
	mdev_precheck_free(precheck);
	exit(0);
}

/* put_in - return @word, or the name that it stands for */
static const char *put_in(const char *word)
{
	static char parent_type[2 * MDEV_PRECHECK_NAME_SIZE];

	if (!strcmp(word, "PARENT/TYPE")) {
		snprintf(parent_type, sizeof(parent_type), "%s/%s", place.parent, place.type);
		return parent_type;
	}
	return !strcmp(word, "PARENT") ? place.parent :
	       !strcmp(word, "TYPE") ? place.type :
	       !strcmp(word, "VERSION") ? string.version :
	       !strcmp(word, "UUID") ? uuid : word;
}

/* run_command - execute a command with its output in the file @output; never returns */
static void run_command(const char *command, const char *output)
{
	char *words = strdup(command), *word, *rest;
	const char *arguments[16] = { "/mdev-precheck" };
	size_t num = 1;
	int fd;

	for (word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		arguments[num++] = put_in(word);
	fd = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0)
		execv(*arguments, (char *const *)arguments);
	_exit(127);
}

/* result_of_status - return the result that a command has ended with */
static int result_of_status(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) < ELSE ? WEXITSTATUS(status) : ELSE;
}

/* show - print the output of a command */
static void show(const char *command, int status, const char *output)
{
	FILE *file = fopen(output, "re");
	char line[4096];

	printf("# %s: status %#x\n", command, status);
	while (file && fgets(line, sizeof(line), file))
		printf("#   %s", line);
	if (file)
		fclose(file);
}

/* ask_by_command - run the commands; each asker begins with another one */
static void ask_by_command(size_t number)
{
	char output[sizeof("/tmp/asker-") + 20];
	int status, result;
	pid_t pid;

	snprintf(output, sizeof(output), "/tmp/asker-%zu", number);
	for (; !ended(); number++) {
		const char *command = commands[number % ARRAY_SIZE(commands)];

		fflush(stdout);
		pid = fork();
		if (!pid)
			run_command(command, output);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			exit(1);
		result = result_of_status(status);
		count(&counts->commands[number % ARRAY_SIZE(commands)][result]);
		if (result == NO || result == ELSE)
			show(command, status, output);
	}
	exit(0);
}

static pid_t begin(size_t number, const char *parent)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (!number)
		switch_parent(parent);
	if (number % 4 == 1)
		ask_by_library(number % 8 == 1 ? 0 : DEFAULT_TIMEOUT_MS);
	ask_by_command(number);
	_exit(1);
}

static void print_results(const char *form, const unsigned long *results)
{
	size_t i;

	printf("%s:", form);
	for (i = 0; i < NUM_RESULTS; i++)
		printf(" %s=%lu", result_names[i], results[i]);
	printf("\n");
}

static int print_counts(void)
{
	size_t i;

	print_results("library PARENT/TYPE", counts->places);
	print_results("library TYPE", counts->all);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		print_results(commands[i], counts->commands[i]);
	printf("parent: switched-on=%lu devices=%lu\n", counts->switched_on, counts->devices);
	return fflush(stdout) ? 1 : 0;
}

int main(int argc, char **argv)
{
	size_t askers, number;
	struct timespec now;
	int status;
	pid_t pid;

	if (argc != 7)
		return 2;
	askers = strtoul(argv[2], NULL, 10);
	snprintf(place.parent, sizeof(place.parent), "mdev-sim-%s", argv[3]);
	snprintf(place.type, sizeof(place.type), "%s", argv[4]);
	string.type = place.type;
	string.version = argv[5];
	uuid = argv[6];
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (counts == MAP_FAILED)
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &now);
	deadline = now.tv_sec + strtoul(argv[1], NULL, 10);

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (number = 0; number <= askers; number++) {
		if (begin(number, argv[3]) < 0)
			return 1;
	}
	for (;;) {
		pid = wait(&status);
		if (pid < 0)
			break;
		if (status) {
			printf("# an asker or the switching process ended: %#x\n", status);
			count(&counts->places[ELSE]);
		}
	}
	return print_counts();
}
