// SPDX-License-Identifier: GPL-2.0-only
/*
 * migrate - ask for the verdict about each pair of a source and a target, migrate a guest whether
 *           it is a yes or a no, and compare the verdict with the outcome
 *
 *	migrate pairs FILE	migrate all pairs, from this host and to the other one
 *	migrate serve PORT	be the other host
 *	migrate read FILE	read the file once, and print the time that it took
 *	migrate write FILE TEXT	write to the file once, and print the time that it took
 *
 * README.md describes the measurements, and pairs.sh describes a pair.  Prints TAP, and lines
 * that begin with "row" and a tab: the results of a pair, separated by tabs.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "migrate.h"

#define SHELL_PORT		4443
#define MONITOR_PORT		4444
#define STREAM_PORT		4445

/* Limit of a migration; each MiB of memory adds a second */
#define MIGRATION_SECONDS	120
/* Limit from the end of the migration until the target's guest runs */
#define RESUME_SECONDS		120

/* A version and its newline */
#define VERSION_SIZE		4097
#define MIB			1048576.0

/* Expected result: verdict and outcome agree, or differ for a control, which has to be found */
enum want {
	WANT_YES,
	WANT_NO,
	WANT_WRONG_YES,
	WANT_WRONG_NO,
};

static const char * const want_names[] = {
	[WANT_YES] = "yes",
	[WANT_NO] = "no",
	[WANT_WRONG_YES] = "wrong-yes",
	[WANT_WRONG_NO] = "wrong-no",
};

#define WANTS	(sizeof(want_names) / sizeof(*want_names))

/**
 * struct pair - a line of pairs.sh
 * @title: title in the results
 * @want: expected result
 * @mib: memory of the guest
 * @state: MiB of the devices' state that may be sent while the guest is stopped
 * @hops: number of migrations in a row, to and fro
 * @value: value that the guest puts into its first device
 * @blind: the target does not have a way back on which it could report that it failed
 * @picture: compare the screen on both sides
 * @sides: arguments of make_side for the source and the target
 */
struct pair {
	char *title;
	enum want want;
	int mib;
	int state;
	int hops;
	unsigned int value;
	bool blind;
	bool picture;
	char *sides[2];
};

struct verdict {
	bool yes;
	char *reason;
	double seconds;
};

/**
 * struct outcome - result of a migration
 * @yes: it has ended, the guest runs on the target, and its devices are as they were
 * @how: reason in a word or two
 * @seconds: time until @yes was known
 * @bytes: bytes of memory and devices that QEMU has counted
 * @link: bytes that were sent to the other host during that time
 * @source: state of the guest on the source at the end
 * @target: state of the guest on the target at the end
 * @values: values that the guest reads in its devices, on either host
 */
struct outcome {
	bool yes;
	char *how;
	double seconds;
	double bytes;
	double link;
	char *source;
	char *target;
	char *values;
};

/**
 * struct kept - a guest that still runs on the source, as after a migration that failed
 * @mib: memory of the guest
 * @side: devices of the guest, or NULL if such a guest does not exist
 * @value: value that the guest has put into its first device
 */
static struct kept {
	int mib;
	char *side;
	unsigned int value;
} kept;

static int tests, failures;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void nap(void)
{
	static const struct timespec time = { .tv_nsec = 50000000 };

	nanosleep(&time, NULL);
}

/* replace - replace a string that was allocated */
static void replace(char **old, char *new)
{
	free(*old);
	*old = new;
}

static void result(bool good, const char *title, const char *what)
{
	tests++;
	failures += !good;
	printf("%s %d - %s: %s\n", good ? "ok" : "not ok", tests, title, what);
	fflush(stdout);
}

/* The question */

/* ask - read the file, or write the version; prints seconds, errno and the text of a read */
static int ask(const char *path, const char *version)
{
	char buffer[VERSION_SIZE] = "";
	double began = now();
	int fd = open(path, version ? O_WRONLY : O_RDONLY);
	ssize_t done = -1;
	int error;

	if (fd >= 0)
		done = version ? write(fd, version, strlen(version)) :
				 read(fd, buffer, sizeof(buffer) - 1);
	error = done < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	printf("%.9f %d %s", now() - began, error, buffer);
	return 0;
}

/* quoted - quote a string for a shell */
static char *quoted(const char *string)
{
	char *made = text("'");

	for (; *string; string++)
		replace(&made, *string == '\'' ? text("%s'\\''", made) :
						text("%s%c", made, *string));
	replace(&made, text("%s'", made));
	return made;
}

/* ask_host - return the string of a read, or NULL and a reason in the verdict */
static char *ask_host(struct host *host, struct verdict *verdict, const char *path,
		      const char *version)
{
	char *argument = version ? quoted(version) : text("%s", "");
	char *said, *answer = NULL;
	int error, at = 0;
	double seconds;

	if (host_run(host, &said, "/migrate %s %s/migration_version %s",
		     version ? "write" : "read", path, argument) ||
	    sscanf(said, "%lf %d%n", &seconds, &error, &at) != 2 || !at)
		bail_out("%s could not be asked: %s", host->name, said);
	verdict->seconds += seconds;
	if (error)
		replace(&verdict->reason, text("%s: %s", version ? "target" : "source",
					       error == ENOENT ? "no attribute" :
					       strerrorname_np(error)));
	else
		answer = text("%s", said + at + !!said[at]);
	free(argument);
	free(said);
	return answer;
}

/* ask_type - ask the four conditions about a type, from the lines of make_side on each side */
static bool ask_type(struct host *source, struct host *target, struct verdict *verdict,
		     const char *source_line, const char *target_line)
{
	const char *source_path = strchr(source_line, ' ');
	const char *target_path = strchr(target_line, ' ');
	char *version, *answer;

	if (!source_path || !target_path)
		bail_out("make_side: %s, %s", source_line, target_line);
	if (source_path - source_line != target_path - target_line ||
	    strncmp(source_line, target_line, source_path - source_line)) {
		replace(&verdict->reason, text("another type"));
		return false;
	}
	version = ask_host(source, verdict, source_path + 1, NULL);
	if (!version)
		return false;
	answer = ask_host(target, verdict, target_path + 1, version);
	free(version);
	if (!answer)
		return false;
	free(answer);
	return true;
}

static struct verdict ask_verdict(struct host *source, struct host *target, char *sides[2])
{
	char *source_line, *target_line, *source_rest = sides[0], *target_rest = sides[1];
	struct verdict verdict = { .yes = true, .reason = text("accepted") };

	while (verdict.yes) {
		source_line = strsep(&source_rest, "\n");
		target_line = strsep(&target_rest, "\n");
		if (!source_line && !target_line)
			break;
		if (!source_line || !target_line)
			bail_out("the sides have different numbers of types");
		verdict.yes = ask_type(source, target, &verdict, source_line, target_line);
	}
	return verdict;
}

/* The migration */

static double link_bytes(struct host *host)
{
	char *said;
	double bytes;

	if (host_run(host, &said, "cat /sys/class/net/eth0/statistics/tx_bytes"))
		bail_out("%s: %s", host->name, said);
	bytes = atof(said);
	free(said);
	return bytes;
}

/* guest_state - return the state of the guest by its QEMU, or "gone" without a QEMU */
static char *guest_state(struct host *host)
{
	struct json_object *answer, *status;
	char *state;

	answer = monitor_query(host, "query-status");
	if (!answer)
		return text("gone");
	if (!json_object_object_get_ex(answer, "status", &status))
		bail_out("query-status: %s", json_object_to_json_string(answer));
	state = text("%s", json_object_get_string(status));
	json_object_put(answer);
	return state;
}

/* migration_status - return the status on the source, and set the bytes that were sent */
static char *migration_status(struct host *source, struct outcome *outcome)
{
	struct json_object *info, *part;
	char *name;

	info = monitor_query(source, "query-migrate");
	if (!info)
		return text("gone");
	name = text("%s", json_object_object_get_ex(info, "status", &part) ?
		    json_object_get_string(part) : "none");
	/* This number counts all bytes, of the devices' state too */
	if (json_object_object_get_ex(info, "ram", &part) &&
	    json_object_object_get_ex(part, "transferred", &part))
		outcome->bytes = json_object_get_double(part);
	json_object_put(info);
	return name;
}

static bool is_one_of(const char *name, const char * const names[])
{
	for (; *names; names++)
		if (!strcmp(name, *names))
			return true;
	return false;
}

/* run_migration - migrate until the source reports an end; returns its status or a reason */
static char *run_migration(struct pair *pair, struct host *source, struct host *target,
			   struct outcome *outcome)
{
	static const char * const ends[] = {
		"completed", "failed", "cancelled", "gone", NULL
	};
	double limit = now() + MIGRATION_SECONDS + pair->mib;
	struct json_object *answer;
	char *status, *error;
	bool never = false;

	monitor_tell(source, "migrate-set-capabilities",
		     "'capabilities': [{'capability': 'return-path', 'state': %s}]",
		     pair->blind ? "false" : "true");
	/*
	 * QEMU stops the guest when the rest can be sent within the limit.  If hardly
	 * a byte is sent any more, QEMU takes the link for a slow one, and would never
	 * stop the guest.
	 */
	monitor_tell(source, "migrate-set-parameters",
		     "'downtime-limit': 1000, 'avail-switchover-bandwidth': %.0f",
		     pair->state * MIB);
	answer = monitor_ask(source, &error, "migrate", "'uri': 'tcp:%s:%d'",
			     target->address, STREAM_PORT);
	if (!answer) {
		free(error);
		return text("not begun");
	}
	json_object_put(answer);

	for (;;) {
		status = migration_status(source, outcome);
		if (is_one_of(status, ends))
			break;
		free(status);
		if (now() > limit) {
			if (never)
				bail_out("a migration cannot be cancelled");
			never = true;
			limit += MIGRATION_SECONDS;
			json_object_put(monitor_query(source, "migrate_cancel"));
		}
		nap();
	}
	if (never)
		replace(&status, text("never ends"));
	return status;
}

/* wait_for_target - wait until the guest runs on the target, or cannot run there */
static bool wait_for_target(struct host *target)
{
	double limit = now() + RESUME_SECONDS;
	bool runs = false, gone = false;
	char *state;

	while (!runs && !gone && now() < limit) {
		state = guest_state(target);
		runs = !strcmp(state, "running");
		gone = !strcmp(state, "gone");
		free(state);
		nap();
	}
	return runs;
}

/* expected_values - return the line of guest.c, which gives each device the next value */
static char *expected_values(unsigned int value, const char *like)
{
	char *values = text("%02x", value & 0xff);

	for (; *like; like++)
		if (*like == ' ')
			replace(&values, text("%s %02x", values, ++value & 0xff));
	return values;
}

static char *read_values(struct host *host)
{
	char *values;

	if (host_run(host, &values, "read_values"))
		replace(&values, text("QEMU is gone"));
	return values;
}

/* screenshot - save the screen as /tmp/NAME.ppm and .png on that host */
static void screenshot(struct host *host, const char *name)
{
	static const char * const formats[] = { "ppm", "png" };
	unsigned int i;

	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		monitor_tell(host, "screendump",
			     "'device': 'device1', 'format': '%s', 'filename': '/tmp/%s.%s'",
			     formats[i], name, formats[i]);
}

/* print_file - print a file for the program that reads this output */
static void print_file(struct host *host, const char *name)
{
	char *said;

	if (host_run(host, &said, "gzip -c /tmp/%s | base64 -w 0", name))
		bail_out("%s: %s: %s", host->name, name, said);
	printf("file\t%s\t%s\n", name, said);
	free(said);
}

static void print_pictures(struct host *source, struct host *target)
{
	print_file(source, "source.ppm");
	print_file(source, "source.png");
	print_file(target, "target.ppm");
	print_file(target, "target.png");
}

/* look_after - find the guest and the values of its devices after a migration */
static void look_after(struct pair *pair, struct host *source, struct host *target,
		       struct outcome *outcome)
{
	char *expected, *values;

	outcome->source = guest_state(source);
	outcome->target = guest_state(target);
	if (outcome->yes)
		values = read_values(target);
	else if (!strcmp(outcome->source, "running"))
		values = read_values(source);
	else
		values = text("-");
	expected = expected_values(pair->value, values);
	if (outcome->yes && strcmp(values, expected)) {
		outcome->yes = false;
		replace(&outcome->how, text("device state lost"));
	}
	outcome->values = text("%s", strcmp(values, expected) ? values : "intact");
	free(expected);
	free(values);
}

static void try_migration(struct pair *pair, struct host *source, struct host *target,
			  struct outcome *outcome)
{
	double bytes = link_bytes(source), began = now();

	outcome->how = run_migration(pair, source, target, outcome);
	if (!strcmp(outcome->how, "completed")) {
		outcome->yes = wait_for_target(target);
		if (!outcome->yes)
			replace(&outcome->how, text("target failed"));
	}
	outcome->seconds = now() - began;
	outcome->link = link_bytes(source) - bytes;

	look_after(pair, source, target, outcome);
	if (outcome->yes && pair->picture) {
		screenshot(target, "target");
		print_pictures(source, target);
	}
}

/* start_source - start the guest, and wait until it has put its values into its devices */
static void start_source(struct pair *pair, struct host *source)
{
	char *said, *expected;

	if (host_finish(source, &said))
		bail_out("%s: the guest does not start on the source: %s", pair->title, said);
	free(said);
	monitor_open(source, MONITOR_PORT);
	said = read_values(source);
	expected = expected_values(pair->value, said);
	if (strcmp(said, expected))
		bail_out("%s: the guest reads %s on the source", pair->title, said);
	free(expected);
	free(said);
	if (pair->picture)
		screenshot(source, "source");
}

static bool is_kept(struct pair *pair)
{
	/* A picture of the source is taken when it has started */
	if (!kept.side || pair->picture)
		return false;
	return kept.mib == pair->mib && !strcmp(kept.side, pair->sides[0]);
}

/* make_sides - make the devices on both hosts, and set @sides to the output of make_side */
static void make_sides(struct pair *pair, struct host *source, struct host *target, int hop,
		       bool starts, char *sides[2])
{
	int status[2];

	if (starts) {
		monitor_close(source);
		host_begin(source, "clear_side && make_side %s", pair->sides[0]);
	} else {
		host_begin(source, "echo \"$made\"");
	}
	host_begin(target, "clear_side && make_side %s", pair->sides[!(hop % 2)]);
	status[0] = host_finish(source, &sides[0]);
	status[1] = host_finish(target, &sides[1]);
	if (status[0] || status[1])
		bail_out("%s: make_side: %s, %s", pair->title, sides[0], sides[1]);
}

/* as_wanted - compare with the expected result; @runs_on: the guest runs on the source as before */
static bool as_wanted(struct pair *pair, bool verdict, bool outcome, bool runs_on)
{
	/* A failure must not have another consequence, for whichever reason the pair failed */
	if (!outcome && !pair->blind && !runs_on)
		return false;
	switch (pair->want) {
	case WANT_YES:
		return verdict && outcome;
	case WANT_NO:
		return !verdict && !outcome;
	case WANT_WRONG_YES:
		return verdict && !outcome;
	default:
		return !verdict && outcome;
	}
}

static void tell(struct pair *pair, const char *title, struct verdict *verdict,
		 struct outcome *outcome, bool runs_on)
{
	char *what = text("verdict %s, outcome %s%s%s", verdict->yes ? "yes" : "no",
			  outcome->yes ? "yes" : "no",
			  outcome->yes || pair->blind || runs_on ? "" :
			  ", and the guest does not run on",
			  pair->want < WANT_WRONG_YES ? "" : ", as a control has to be");

	printf("row\t%s\t%s\t%s\t%s\t%.6f\t%s\t%s\t%.3f\t%.2f\t%.2f\t%s\t%s\t%s\n", title,
	       want_names[pair->want], verdict->yes ? "yes" : "no", verdict->reason,
	       verdict->seconds, outcome->yes ? "yes" : "no", outcome->how, outcome->seconds,
	       outcome->bytes / MIB, outcome->link / MIB, outcome->source, outcome->target,
	       outcome->values);
	result(as_wanted(pair, verdict->yes, outcome->yes, runs_on), title, what);
	free(what);
}

/* run_hop - ask for the verdict and migrate once */
static void run_hop(struct pair *pair, struct host *source, struct host *target, int hop)
{
	bool runs_on, starts = !hop && !is_kept(pair);
	struct outcome outcome = { };
	struct verdict verdict;
	char *title, *sides[2];

	title = pair->hops > 1 ? text("%s, hop %d", pair->title, hop + 1) : text("%s", pair->title);
	if (!hop && !starts)
		pair->value = kept.value;
	make_sides(pair, source, target, hop, starts, sides);
	if (starts)
		host_begin(source, "start_guest %d %02x", pair->mib, pair->value & 0xff);
	host_begin(target, "start_target %d", pair->mib);
	if (starts)
		start_source(pair, source);
	if (!host_finish(target, &outcome.how)) {
		free(outcome.how);
		monitor_open(target, MONITOR_PORT);
		/* The verdict is measured when QEMU has started on the same processors */
		verdict = ask_verdict(source, target, sides);
		try_migration(pair, source, target, &outcome);
	} else {
		printf("# %s: %s\n", title, outcome.how);
		replace(&outcome.how, text("target does not start"));
		verdict = ask_verdict(source, target, sides);
		look_after(pair, source, target, &outcome);
	}

	runs_on = !strcmp(outcome.source, "running") && !strcmp(outcome.values, "intact");
	tell(pair, title, &verdict, &outcome, runs_on);
	replace(&kept.side, NULL);
	if (!outcome.yes && runs_on && pair->hops == 1)
		kept = (struct kept) { pair->mib, text("%s", pair->sides[0]), pair->value };
	else
		monitor_close(source);
	/* The target of this hop is the source of the next one */
	if (hop + 1 == pair->hops)
		monitor_close(target);
	free(verdict.reason);
	free(outcome.how);
	free(outcome.source);
	free(outcome.target);
	free(outcome.values);
	free(sides[0]);
	free(sides[1]);
	free(title);
}

/* The pairs */

static void parse_options(struct pair *pair, char *options)
{
	char *option;

	pair->mib = 16;
	pair->state = 3;
	pair->hops = 1;
	while ((option = strsep(&options, " "))) {
		if (!strcmp(option, "blind"))
			pair->blind = true;
		else if (!strcmp(option, "picture"))
			pair->picture = true;
		else if (*option && sscanf(option, "mib=%d", &pair->mib) != 1 &&
			 sscanf(option, "state=%d", &pair->state) != 1 &&
			 sscanf(option, "hops=%d", &pair->hops) != 1)
			bail_out("%s: %s is not an option of a pair", pair->title, option);
	}
}

/* parse_pair - cut a line into its fields, which are separated by '|' */
static struct pair parse_pair(char *line)
{
	char *fields[5], *rest = line;
	struct pair pair = { };
	unsigned int i;

	line[strcspn(line, "\n")] = '\0';
	for (i = 0; i < 5; i++) {
		fields[i] = strsep(&rest, "|");
		if (!fields[i])
			bail_out("not a pair: %s", line);
	}
	pair.title = fields[0];
	for (i = 0; i < WANTS && strcmp(fields[1], want_names[i]); i++)
		;
	if (i == WANTS)
		bail_out("%s: %s is not an expected result", pair.title, fields[1]);
	pair.want = i;
	parse_options(&pair, fields[2]);
	pair.sides[0] = fields[3];
	pair.sides[1] = fields[4];
	return pair;
}

static int run_pairs(const char *path)
{
	struct host hosts[2] = {
		{ .name = "source", .address = "192.0.2.1" },
		{ .name = "target", .address = "192.0.2.2" },
	};
	FILE *file = fopen(path, "r");
	unsigned int value = 0x11;
	char *line = NULL, *said;
	struct pair pair;
	size_t size = 0;
	int hop;

	if (!file)
		bail_out("%s: %s", path, strerror(errno));
	host_here(&hosts[0]);
	host_there(&hosts[1], SHELL_PORT);
	while (getline(&line, &size, file) > 0) {
		pair = parse_pair(line);
		pair.value = value;
		for (hop = 0; hop < pair.hops; hop++)
			run_hop(&pair, &hosts[hop % 2], &hosts[!(hop % 2)], hop);
		/* Each pair has another value, which is not the value of a device before */
		value += 0x1d;
	}
	free(line);
	fclose(file);
	for (hop = 0; hop < 2; hop++) {
		if (host_run(&hosts[hop], &said, "clear_side"))
			bail_out("%s: %s", hosts[hop].name, said);
		free(said);
		host_end(&hosts[hop]);
	}
	printf("1..%d\n", tests);
	return failures > 0 || !tests;
}

int main(int argc, char **argv)
{
	/* QEMU may end while a command is written to it */
	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && !strcmp(argv[1], "pairs"))
		return run_pairs(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "serve"))
		return host_serve(atoi(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "read"))
		return ask(argv[2], NULL);
	if (argc == 4 && !strcmp(argv[1], "write"))
		return ask(argv[2], argv[3]);
	fprintf(stderr, "usage: migrate pairs FILE | serve PORT | read FILE | write FILE TEXT\n");
	return 2;
}
