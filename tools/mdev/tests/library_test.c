// SPDX-License-Identifier: GPL-2.0-only
/* Unit tests of libmdev-precheck on directories that look like sysfs */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "inject.h"
#include "internal.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))

/* No access in these tests takes this long, on any machine */
#define LONG_LIMIT_MS		100000
/* For a driver that never answers, so that a short limit is enough */
#define SHORT_LIMIT_MS		20

#define BUS			"class/mdev_bus"
#define PARENT			BUS "/card"
#define TYPE			PARENT "/mdev_supported_types/port"
#define VERSION			TYPE "/migration_version"
#define UUID			"01234567-89ab-4cde-8f01-23456789abcd"

static const struct mdev_precheck_place place = { "card", "port" };

static const struct mdev_precheck_source some_source = {
	.type = "port",
	.state = MDEV_PRECHECK_SOURCE_READ,
	.version = "4348:3253-1.0",
};

/* Each access is tried in this process and in a child, on a fixture and on a sysfs */
static const struct way {
	unsigned int limit;
	bool sysfs;
} ways[] = {
	{ 0, false },
	{ LONG_LIMIT_MS, false },
	{ 0, true },
	{ LONG_LIMIT_MS, true },
};

/* Absolute path of a test's sysfs, because the library's child leaves the current directory */
static char root[PATH_MAX / 2];
static int files_before;

static int count_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int num = 0;

	assert_non_null(dir);
	while (readdir(dir))
		num++;
	closedir(dir);
	return num;
}

static int remove_entry(const char *path, const struct stat *stat, int flag,
			struct FTW *ftw)
{
	(void)stat;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void remove_tree(const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	assert_int_equal(nftw(full, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* make_path - join the path of a file in the sysfs, and make the directories above it */
static void make_path(const char *path, char full[PATH_MAX])
{
	char *slash;

	snprintf(full, PATH_MAX, "%s/%s", root, path);
	for (slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		assert_true(!mkdir(full, 0755) || errno == EEXIST);
		*slash = '/';
	}
}

static void put_bytes(const char *path, const void *bytes, size_t len)
{
	char full[PATH_MAX];
	FILE *file;

	make_path(path, full);
	file = fopen(full, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void put(const char *path, const char *text)
{
	put_bytes(path, text, strlen(text));
}

static void put_dir(const char *path)
{
	char full[PATH_MAX];

	make_path(path, full);
	assert_int_equal(mkdir(full, 0755), 0);
}

static void put_link(const char *path, const char *target)
{
	char full[PATH_MAX];

	make_path(path, full);
	assert_int_equal(symlink(target, full), 0);
}

/* put_fifo - make a file at which a process that opens it blocks */
static void put_fifo(const char *path, char full[PATH_MAX])
{
	make_path(path, full);
	assert_int_equal(mkfifo(full, 0600), 0);
}

static int begin_test(void **state)
{
	(void)state;
	if (!getcwd(root, sizeof(root) - sizeof("/library_test.XXXXXX")))
		return -1;
	strcat(root, "/library_test.XXXXXX");
	if (!mkdtemp(root) || inject_reset())
		return -1;
	files_before = count_files();
	/* SIGALRM ends a test that hangs */
	alarm(300);
	return 0;
}

static int end_test(void **state)
{
	int files = count_files();
	pid_t child = waitpid(-1, NULL, WNOHANG);

	(void)state;
	if (files != files_before)
		print_error("# %d files were open before, %d now\n", files_before, files);
	if (child >= 0)
		print_error("# a child is left: %d\n", child);
	if (inject_reset() || nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS))
		return -1;
	return files == files_before && child < 0 ? 0 : -1;
}

static struct mdev_precheck *begin_host(const struct way *way)
{
	struct mdev_precheck *host;

	inject->sysfs = way->sysfs;
	inject->sysfs_attribute = way->sysfs;
	assert_int_equal(way->sysfs ? mdev_precheck_new(root, &host) :
				      mdev_precheck_new_fixture(root, &host), 0);
	mdev_precheck_set_timeout(host, way->limit);
	return host;
}

static struct mdev_precheck *begin_fixture(unsigned int limit)
{
	return begin_host(&(struct way){ .limit = limit });
}

/* repeated - write @c @len times; not inline, because gcc would warn about each format with it */
__attribute__((__noinline__))
static const char *repeated(size_t len, char c)
{
	static char text[3 * MDEV_PRECHECK_VERSION_MAX];

	assert_true(len < sizeof(text));
	memset(text, c, len);
	text[len] = '\0';
	return text;
}

/* Names on a command line */

static void uuid_is_checked(void **state)
{
	static const char *const good[][2] = {
		{ UUID, UUID },
		{ "01234567-89AB-4CDE-8F01-23456789ABCD", UUID },
		{ "01234567-89aB-4Cde-8f01-23456789AbCd", UUID },
		{ "00000000-0000-0000-0000-000000000000",
		  "00000000-0000-0000-0000-000000000000" },
		{ "ffffffff-ffff-ffff-ffff-ffffffffffff",
		  "ffffffff-ffff-ffff-ffff-ffffffffffff" },
	};
	static const char *const bad[] = {
		"", "-", "0", "01234567", "01234567-89ab-4cde-8f01",
		"01234567-89ab-4cde-8f01-23456789abc",
		"01234567-89ab-4cde-8f01-23456789abcde",
		"0123456789ab4cde8f0123456789abcd",
		"0123456-789ab-4cde-8f01-23456789abcd",
		"01234567-89ab-4cde-8f0-123456789abcd",
		"01234567-89ab-4cde-8f0123456789abcd-",
		"{01234567-89ab-4cde-8f01-23456789abcd}",
		" 01234567-89ab-4cde-8f01-23456789abcd",
		"01234567-89ab-4cde-8f01-23456789abcd ",
		"01234567-89ab-4cde-8f01-23456789abcd\n",
		"g1234567-89ab-4cde-8f01-23456789abcd",
		"0123456/-89ab-4cde-8f01-23456789abcd",
		"0123456:-89ab-4cde-8f01-23456789abcd",
		"0123456@-89ab-4cde-8f01-23456789abcd",
		"0123456`-89ab-4cde-8f01-23456789abcd",
		"01234567_89ab_4cde_8f01_23456789abcd",
		"01234567-89ab-4cde-8f01-23456789ab\303\241",
		"0x234567-89ab-4cde-8f01-23456789abcd",
		"+1234567-89ab-4cde-8f01-23456789abcd",
	};
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(mdev_precheck_parse_uuid(good[i][0], uuid), 0);
		assert_string_equal(uuid, good[i][1]);
	}
	snprintf(uuid, sizeof(uuid), "as it was");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (mdev_precheck_parse_uuid(bad[i], uuid) != -EINVAL)
			fail_msg("\"%s\" is taken for a UUID", bad[i]);
	}
	assert_int_equal(mdev_precheck_parse_uuid(NULL, uuid), -EINVAL);
	assert_int_equal(mdev_precheck_parse_uuid(UUID, NULL), -EINVAL);
	assert_string_equal(uuid, "as it was");
}

static void place_is_checked(void **state)
{
	static const char *const good[][3] = {
		{ "a/b", "a", "b" },
		{ "0000:00:02.0/i915-GVTg_V5_4", "0000:00:02.0", "i915-GVTg_V5_4" },
		{ ".../..b", "...", "..b" },
		{ "two words/ and \033\n", "two words", " and \033\n" },
		{ "\377/\300", "\377", "\300" },
		{ "--json/-", "--json", "-" },
	};
	static const char *const bad[] = {
		"", "/", "//", "a", "a/", "/b", "/a/b", "a//b", "a/b/", "a/b/c",
		".", "..", "./b", "../b", "a/.", "a/..", "../..", UUID,
	};
	struct mdev_precheck_place result;
	char text[2 * NAME_MAX + 4];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(mdev_precheck_parse_place(good[i][0], &result), 0);
		assert_string_equal(result.parent, good[i][1]);
		assert_string_equal(result.type, good[i][2]);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if (mdev_precheck_parse_place(bad[i], &result) != -EINVAL)
			fail_msg("\"%s\" is taken for a place", bad[i]);
	}
	/* Names that are not valid leave the result unchanged */
	assert_string_equal(result.parent, good[ARRAY_SIZE(good) - 1][1]);
	assert_string_equal(result.type, good[ARRAY_SIZE(good) - 1][2]);

	snprintf(text, sizeof(text), "%s/b", repeated(NAME_MAX, 'x'));
	assert_int_equal(mdev_precheck_parse_place(text, &result), 0);
	assert_string_equal(result.parent, repeated(NAME_MAX, 'x'));
	snprintf(text, sizeof(text), "%s/b", repeated(NAME_MAX + 1, 'x'));
	assert_int_equal(mdev_precheck_parse_place(text, &result), -EINVAL);
	snprintf(text, sizeof(text), "a/%s", repeated(NAME_MAX, 'x'));
	assert_int_equal(mdev_precheck_parse_place(text, &result), 0);
	assert_string_equal(result.type, repeated(NAME_MAX, 'x'));
	snprintf(text, sizeof(text), "a/%s", repeated(NAME_MAX + 1, 'x'));
	assert_int_equal(mdev_precheck_parse_place(text, &result), -EINVAL);
	assert_int_equal(mdev_precheck_parse_place(NULL, &result), -EINVAL);
	assert_int_equal(mdev_precheck_parse_place("a/b", NULL), -EINVAL);
}

/* Strings, sources and answers */

static void version_is_checked(void **state)
{
	char text[MDEV_PRECHECK_VERSION_MAX + 1];
	size_t offset;
	unsigned int c;

	(void)state;
	assert_int_equal(mdev_precheck_check_version(NULL, &offset), -EINVAL);
	offset = 42;
	assert_int_equal(mdev_precheck_check_version("", &offset), -EINVAL);
	assert_int_equal(offset, 0);
	assert_int_equal(mdev_precheck_check_version("4348:3253-1.0", NULL), 0);
	assert_int_equal(mdev_precheck_check_version("1.0\n", &offset), -EINVAL);
	assert_int_equal(offset, 3);
	for (c = 1; c < 256; c++) {
		const char bytes[] = { '1', c, '2', '\0' };
		bool good = c >= 0x20 && c <= 0x7e;

		offset = 42;
		assert_int_equal(mdev_precheck_check_version(bytes, &offset),
				 good ? 0 : -EINVAL);
		assert_int_equal(offset, good ? 0 : 1);
	}

	memset(text, 'v', sizeof(text));
	/* The text does not have a NUL: the sanitizers find a read behind its end */
	assert_int_equal(mdev_precheck_check_version(text, &offset), -E2BIG);
	text[MDEV_PRECHECK_VERSION_MAX] = '\0';
	assert_int_equal(mdev_precheck_check_version(text, &offset), 0);
	text[MDEV_PRECHECK_VERSION_MAX - 1] = '\x7f';
	assert_int_equal(mdev_precheck_check_version(text, &offset), -EINVAL);
	assert_int_equal(offset, MDEV_PRECHECK_VERSION_MAX - 1);
}

/* A string of the longest length without a NUL, at the end of its memory */
static char *unterminated(void)
{
	char *text = malloc(MDEV_PRECHECK_VERSION_MAX + 1);

	assert_non_null(text);
	memset(text, 'v', MDEV_PRECHECK_VERSION_MAX + 1);
	return text;
}

static const struct mdev_precheck_source bad_sources[] = {
	{ .type = NULL, .state = MDEV_PRECHECK_SOURCE_READ, .version = "1" },
	{ .type = "", .state = MDEV_PRECHECK_SOURCE_READ, .version = "1" },
	{ .type = "a/b", .state = MDEV_PRECHECK_SOURCE_READ, .version = "1" },
	{ .type = "..", .state = MDEV_PRECHECK_SOURCE_READ, .version = "1" },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_READ },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_READ, .version = "" },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_READ, .version = "1\n" },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_READ, .version = "\xe9" },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_READ, .version = "1", .error = EIO },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_NONE, .version = "1" },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_NONE, .error = EINVAL },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_FAILED },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_FAILED, .error = -EINVAL },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_FAILED, .error = 4096 },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_FAILED, .error = 5, .version = "1" },
	{ .type = "port", .version = "1" },
	{ .type = "port", .error = -1 },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_FAILED + 1 },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_FAILED + 1, .version = "1" },
	{ .type = "port", .state = -1, .version = "1" },
};

static const struct mdev_precheck_source good_sources[] = {
	{ .type = "port" },
	{ .type = "port", .error = EACCES },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_READ, .version = "1" },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_NONE },
	{ .type = "port", .state = MDEV_PRECHECK_SOURCE_FAILED, .error = 4095 },
	{ .host = "", .parent = "card", .type = "port", .state = MDEV_PRECHECK_SOURCE_READ,
	  .version = " ~" },
};

static void source_is_checked(void **state)
{
	struct mdev_precheck_source source = some_source, *copy;
	char *text = unterminated();
	size_t i;

	(void)state;
	assert_non_null(mdev_precheck_source_check(NULL));
	for (i = 0; i < ARRAY_SIZE(bad_sources); i++) {
		if (!mdev_precheck_source_check(&bad_sources[i]))
			fail_msg("the bad source %zu is taken", i);
		assert_int_equal(mdev_precheck_source_new(&bad_sources[i], &copy), -EINVAL);
	}
	for (i = 0; i < ARRAY_SIZE(good_sources); i++) {
		if (mdev_precheck_source_check(&good_sources[i]))
			fail_msg("the good source %zu is not taken", i);
	}
	source.version = text;
	assert_non_null(mdev_precheck_source_check(&source));
	free(text);
}

static void source_is_copied(void **state)
{
	char host[] = "host", parent[] = "card", type[] = "port", version[] = "1.0";
	struct mdev_precheck_source source = {
		.host = host,
		.parent = parent,
		.type = type,
		.state = MDEV_PRECHECK_SOURCE_READ,
		.version = version,
	};
	struct mdev_precheck_source *copy;

	(void)state;
	assert_int_equal(mdev_precheck_source_new(&source, &copy), 0);
	host[0] = 'x';
	parent[0] = 'x';
	type[0] = 'x';
	version[0] = 'x';
	assert_string_equal(copy->host, "host");
	assert_string_equal(copy->parent, "card");
	assert_string_equal(copy->type, "port");
	assert_string_equal(copy->version, "1.0");
	assert_int_equal(copy->state, MDEV_PRECHECK_SOURCE_READ);
	assert_int_equal(copy->error, 0);
	mdev_precheck_source_free(copy);

	assert_int_equal(mdev_precheck_source_new(&good_sources[1], &copy), 0);
	assert_null(copy->host);
	assert_null(copy->parent);
	assert_null(copy->version);
	assert_int_equal(copy->error, EACCES);
	mdev_precheck_source_free(copy);

	assert_int_equal(mdev_precheck_source_new(NULL, &copy), -EINVAL);
	assert_int_equal(mdev_precheck_source_new(&source, NULL), -EINVAL);
	inject->fail_allocation = 1;
	assert_int_equal(mdev_precheck_source_new(&source, &copy), -ENOMEM);
	mdev_precheck_source_free(NULL);
}

static void answer_begins_as_not_asked(void **state)
{
	char host[] = "host", parent[] = "card", type[] = "port";
	struct mdev_precheck_answer zero = {}, *answer;

	(void)state;
	assert_int_equal(zero.verdict, MDEV_PRECHECK_NOT_ASKED);
	assert_int_equal(mdev_precheck_answer_new(host, parent, type, &answer), 0);
	host[0] = 'x';
	parent[0] = 'x';
	type[0] = 'x';
	assert_string_equal(answer->host, "host");
	assert_string_equal(answer->parent, "card");
	assert_string_equal(answer->type, "port");
	assert_int_equal(answer->verdict, MDEV_PRECHECK_NOT_ASKED);
	assert_int_not_equal(answer->condition, MDEV_PRECHECK_ALL_HOLD);
	assert_int_equal(answer->method, MDEV_PRECHECK_ATTRIBUTE);
	assert_int_equal(answer->available_instances, -1);
	assert_non_null(answer->reason);
	assert_int_equal(answer->num_log, 0);
	mdev_precheck_answer_free(answer);

	assert_int_equal(mdev_precheck_answer_new(NULL, NULL, "port", &answer), 0);
	assert_null(answer->host);
	assert_null(answer->parent);
	mdev_precheck_answer_free(answer);
	assert_int_equal(mdev_precheck_answer_new(NULL, NULL, NULL, &answer), -EINVAL);
	assert_int_equal(mdev_precheck_answer_new(NULL, NULL, "", &answer), -EINVAL);
	assert_int_equal(mdev_precheck_answer_new(NULL, NULL, "port", NULL), -EINVAL);
	mdev_precheck_answer_free(NULL);
}

/* goes_with - is @error right for an answer?  The test has its own copy of the library's rules. */
static bool goes_with(int verdict, int condition, int error)
{
	bool no_answer = error == EINTR || error == EAGAIN || error == ENOMEM ||
			 error == ENODEV || error == EIO;

	if (error < 0 || error > 4095 || condition < 0 || condition > 4)
		return false;
	if (verdict == MDEV_PRECHECK_COMPATIBLE)
		return condition == MDEV_PRECHECK_ALL_HOLD && !error;
	if (condition == MDEV_PRECHECK_ALL_HOLD)
		return false;
	if (verdict == MDEV_PRECHECK_NOT_ASKED)
		return true;
	if (verdict != MDEV_PRECHECK_INCOMPATIBLE || no_answer)
		return false;
	if (condition == MDEV_PRECHECK_ACCEPTED)
		return error;
	return !error || condition == MDEV_PRECHECK_SOURCE_VERSION;
}

static void set_before(struct mdev_precheck_answer *answer)
{
	assert_int_equal(mdev_precheck_answer_set(answer, MDEV_PRECHECK_NOT_ASKED,
						  MDEV_PRECHECK_TARGET_VERSION, ENOSPC,
						  "as it was"), 0);
}

static void assert_set(const struct mdev_precheck_answer *answer, int verdict, int condition,
		       int error, const char *reason)
{
	assert_int_equal(answer->verdict, verdict);
	assert_int_equal(answer->condition, condition);
	assert_int_equal(answer->error, error);
	assert_string_equal(answer->reason, reason);
}

static void answer_does_not_contradict_itself(void **state)
{
	static const int errors[] = {
		0, 1, EINTR, EAGAIN, ENOMEM, ENODEV, EIO, EINVAL, EOPNOTSUPP, ETIMEDOUT, 4095,
		4096, -1, -EINVAL, INT_MAX, INT_MIN,
	};
	struct mdev_precheck_answer *answer;
	int verdict, condition, ret;
	size_t i, num, num_good = 0;

	(void)state;
	assert_int_equal(mdev_precheck_answer_new(NULL, "card", "port", &answer), 0);
	for (num = 0; num < 5 * 7 * ARRAY_SIZE(errors); num++) {
		verdict = (int)(num % 5) - 1;
		condition = (int)(num / 5 % 7) - 1;
		i = num / (5 * 7);
		set_before(answer);
		ret = mdev_precheck_answer_set(answer, verdict, condition, errors[i], "new");
		if (goes_with(verdict, condition, errors[i])) {
			num_good++;
			assert_int_equal(ret, 0);
			assert_set(answer, verdict, condition, errors[i], "new");
		} else {
			assert_int_equal(ret, -EINVAL);
			assert_set(answer, MDEV_PRECHECK_NOT_ASKED,
				   MDEV_PRECHECK_TARGET_VERSION, ENOSPC, "as it was");
		}
	}
	/* One yes, 4 * 11 not asked, and the noes: 1 + 6 + 1 + 5 */
	assert_int_equal(num_good, 1 + 44 + 13);

	assert_int_equal(mdev_precheck_answer_set(answer, MDEV_PRECHECK_COMPATIBLE,
						  MDEV_PRECHECK_ALL_HOLD, 0, NULL), -EINVAL);
	assert_int_equal(mdev_precheck_answer_set(answer, MDEV_PRECHECK_COMPATIBLE,
						  MDEV_PRECHECK_ALL_HOLD, 0, ""), -EINVAL);
	assert_int_equal(mdev_precheck_answer_set(NULL, MDEV_PRECHECK_COMPATIBLE,
						  MDEV_PRECHECK_ALL_HOLD, 0, "x"), -EINVAL);
	inject->fail_allocation = 1;
	assert_int_equal(mdev_precheck_answer_set(answer, MDEV_PRECHECK_COMPATIBLE,
						  MDEV_PRECHECK_ALL_HOLD, 0, "x"), -ENOMEM);
	assert_int_not_equal(answer->verdict, MDEV_PRECHECK_COMPATIBLE);
	mdev_precheck_answer_free(answer);
}

static void answer_has_64_lines(void **state)
{
	struct mdev_precheck_answer *answer;
	char line[16];
	size_t i;

	(void)state;
	assert_int_equal(mdev_precheck_answer_new(NULL, "card", "port", &answer), 0);
	for (i = 0; i < 64; i++) {
		snprintf(line, sizeof(line), "line %zu", i);
		assert_int_equal(mdev_precheck_answer_add_log(answer, line), 0);
	}
	assert_int_equal(mdev_precheck_answer_add_log(answer, "65"), -E2BIG);
	assert_int_equal(answer->num_log, 64);
	for (i = 0; i < 64; i++) {
		snprintf(line, sizeof(line), "line %zu", i);
		assert_string_equal(answer->log[i], line);
	}
	mdev_precheck_answer_free(answer);

	/* The first line stays if memory for the array or for the text is missing */
	assert_int_equal(mdev_precheck_answer_new(NULL, "card", "port", &answer), 0);
	assert_int_equal(mdev_precheck_answer_add_log(answer, "first"), 0);
	for (i = 1; i <= 2; i++) {
		inject->fail_allocation = i;
		assert_int_equal(mdev_precheck_answer_add_log(answer, "second"), -ENOMEM);
	}
	assert_int_equal(answer->num_log, 1);
	assert_string_equal(answer->log[0], "first");
	assert_int_equal(mdev_precheck_answer_add_log(answer, ""), 0);
	assert_string_equal(answer->log[0], "first");
	assert_string_equal(answer->log[1], "");
	assert_int_equal(mdev_precheck_answer_add_log(answer, NULL), -EINVAL);
	assert_int_equal(mdev_precheck_answer_add_log(NULL, "x"), -EINVAL);
	mdev_precheck_answer_free(answer);
}

static void value_has_name(void **state)
{
	(void)state;
	assert_string_equal(mdev_precheck_verdict_name(0), "not asked");
	assert_string_equal(mdev_precheck_verdict_name(1), "compatible");
	assert_string_equal(mdev_precheck_verdict_name(2), "not compatible");
	assert_null(mdev_precheck_verdict_name(3));
	assert_null(mdev_precheck_verdict_name(-1));
	assert_string_equal(mdev_precheck_condition_name(0), "all-hold");
	assert_string_equal(mdev_precheck_condition_name(1), "same-type");
	assert_string_equal(mdev_precheck_condition_name(2), "source-version");
	assert_string_equal(mdev_precheck_condition_name(3), "target-version");
	assert_string_equal(mdev_precheck_condition_name(4), "accepted");
	assert_null(mdev_precheck_condition_name(5));
	assert_string_equal(mdev_precheck_method_name(0), "attribute");
	assert_string_equal(mdev_precheck_method_name(1), "fixture");
	assert_null(mdev_precheck_method_name(2));
	assert_string_equal(mdev_precheck_source_state_name(0), "unknown");
	assert_string_equal(mdev_precheck_source_state_name(1), "read");
	assert_string_equal(mdev_precheck_source_state_name(2), "none");
	assert_string_equal(mdev_precheck_source_state_name(3), "failed");
	assert_null(mdev_precheck_source_state_name(4));
	assert_non_null(mdev_precheck_host_state_text(MDEV_PRECHECK_HOST_READY));
	assert_null(mdev_precheck_host_state_text(MDEV_PRECHECK_HOST_READY + 1));
	assert_non_null(strchr(mdev_precheck_library_version(), '.'));
}

static void errno_has_name(void **state)
{
	static const struct {
		const char *name;
		int error;
	} others[] = {
		{ "ENOTSUP", EOPNOTSUPP }, { "EWOULDBLOCK", EAGAIN }, { "EDEADLOCK", EDEADLK },
		{ "524", 524 }, { "4095", 4095 },
		/* Numbers of errnos that have a name, and other text */
		{ "22", 0 }, { "4096", 0 }, { "0", 0 }, { "-22", 0 }, { "", 0 }, { "einval", 0 },
		{ "EINVAL ", 0 }, { " EINVAL", 0 }, { "E", 0 }, { "0524", 0 }, { "+524", 0 },
		{ "524x", 0 }, { "99999999999999999999", 0 },
	};
	char buffer[MDEV_PRECHECK_ERROR_SIZE];
	size_t i;
	int error;

	(void)state;
	assert_string_equal(mdev_precheck_error_name(EINVAL, buffer), "EINVAL");
	assert_string_equal(mdev_precheck_error_name(EOPNOTSUPP, buffer), "EOPNOTSUPP");
	assert_string_equal(mdev_precheck_error_name(524, buffer), "524");
	assert_string_equal(mdev_precheck_error_name(0, buffer), "0");
	assert_string_equal(mdev_precheck_error_name(INT_MIN, buffer), "-2147483648");
	for (error = 1; error <= 4095; error++) {
		const char *name = mdev_precheck_error_name(error, buffer);

		assert_int_equal(mdev_precheck_error_number(name), error);
	}
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		if (mdev_precheck_error_number(others[i].name) != others[i].error)
			fail_msg("\"%s\" is another errno", others[i].name);
	}
	assert_int_equal(mdev_precheck_error_number(NULL), 0);
}

/* Directories */

static void directory_is_listed(void **state)
{
	char name[NAME_MAX + 16];
	struct names names;
	size_t i;
	int dir;

	(void)state;
	dir = open(root, O_PATH | O_CLOEXEC);
	assert_int_equal(list_dir(dir, ".", &names), 0);
	assert_int_equal(names.num, 0);
	names_free(&names);

	put("some/b", "");
	put("some/a", "");
	put("some/\377", "");
	put("some/A B\n", "");
	put_link("some/...", "nowhere");
	snprintf(name, sizeof(name), "some/%s", repeated(NAME_MAX, 'c'));
	put_dir(name);
	assert_int_equal(list_dir(dir, "some", &names), 0);
	assert_int_equal(names.num, 6);
	assert_string_equal(names.names[0], "...");
	assert_string_equal(names.names[1], "A B\n");
	assert_string_equal(names.names[2], "a");
	assert_string_equal(names.names[3], "b");
	assert_string_equal(names.names[4], repeated(NAME_MAX, 'c'));
	assert_string_equal(names.names[5], "\377");
	names_free(&names);
	names_free(&names);

	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "many/%04zu", 4999 - i);
		put_link(name, "nowhere");
	}
	assert_int_equal(list_dir(dir, "many", &names), 0);
	assert_int_equal(names.num, 5000);
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "%04zu", i);
		assert_string_equal(names.names[i], name);
	}
	names_free(&names);

	assert_int_equal(list_dir(dir, "nowhere", &names), -ENOENT);
	assert_null(names.names);
	assert_int_equal(list_dir(dir, "some/a", &names), -ENOTDIR);
	inject->getdents_error = EIO;
	assert_int_equal(list_dir(dir, "some", &names), -EIO);
	assert_null(names.names);
	assert_int_equal(names.num, 0);
	close(dir);
}

static void host_is_opened(void **state)
{
	struct mdev_precheck *host = NULL;
	char full[PATH_MAX];

	(void)state;
	make_path("nowhere", full);
	assert_int_equal(mdev_precheck_new(full, &host), -ENOENT);
	assert_int_equal(mdev_precheck_new_fixture(full, &host), -ENOENT);
	put("file", "");
	make_path("file", full);
	assert_int_equal(mdev_precheck_new(full, &host), -ENOTDIR);
	assert_int_equal(mdev_precheck_new_fixture(NULL, &host), -EINVAL);
	assert_int_equal(mdev_precheck_new(root, NULL), -EINVAL);
	inject->fail_allocation = 1;
	assert_int_equal(mdev_precheck_new(root, &host), -ENOMEM);
	assert_null(host);
	mdev_precheck_free(NULL);

	assert_int_equal(mdev_precheck_new(NULL, &host), 0);
	mdev_precheck_free(host);
}

static int take_answer(struct mdev_precheck_answer *answer, void *data)
{
	struct mdev_precheck_answer **kept = data;

	/* mdev_precheck_ask_all() returns one answer */
	assert_null(*kept);
	*kept = answer;
	return 0;
}

/* assert_host - require that a host has a state, and answers only if it is ready */
static void assert_host(bool sysfs, enum mdev_precheck_host_state expected, int error)
{
	struct mdev_precheck *host = begin_host(&(struct way){ .sysfs = sysfs });
	struct mdev_precheck_answer *answer = NULL;

	assert_int_equal(mdev_precheck_host_state(host), expected);
	if (expected != MDEV_PRECHECK_HOST_READY) {
		assert_int_equal(mdev_precheck_ask_all(host, &some_source, NULL, take_answer,
						       &answer), 0);
		assert_null(answer->parent);
		assert_string_equal(answer->type, "port");
		assert_int_equal(answer->verdict, MDEV_PRECHECK_NOT_ASKED);
		assert_int_equal(answer->condition, MDEV_PRECHECK_SAME_TYPE);
		assert_int_equal(answer->error, error);
		assert_int_equal(answer->method, sysfs ? MDEV_PRECHECK_ATTRIBUTE :
							 MDEV_PRECHECK_FIXTURE);
		assert_string_equal(answer->reason, mdev_precheck_host_state_text(expected));
		mdev_precheck_answer_free(answer);
	}
	mdev_precheck_free(host);
}

static void assert_both_hosts(enum mdev_precheck_host_state expected, int error)
{
	assert_host(false, expected, error);
	assert_host(true, expected, error);
}

static void host_has_state(void **state)
{
	(void)state;
	assert_both_hosts(MDEV_PRECHECK_HOST_NO_MDEV, ENODEV);
	put_dir("class");
	put_dir("bus");
	assert_both_hosts(MDEV_PRECHECK_HOST_NO_MDEV, ENODEV);
	put_dir(BUS);
	assert_both_hosts(MDEV_PRECHECK_HOST_NO_PARENT, ENODEV);
	put_link(BUS "/dangling", "../../devices/card");
	assert_both_hosts(MDEV_PRECHECK_HOST_HIDDEN, ENODEV);
	put_dir(BUS "/without");
	put(BUS "/file", "");
	assert_both_hosts(MDEV_PRECHECK_HOST_HIDDEN, ENODEV);
	put_dir(TYPE);
	assert_both_hosts(MDEV_PRECHECK_HOST_READY, 0);

	inject->path = "card/mdev_supported_types";
	inject->path_error = EACCES;
	assert_both_hosts(MDEV_PRECHECK_HOST_HIDDEN, EACCES);
	inject->path = BUS;
	assert_both_hosts(MDEV_PRECHECK_HOST_UNKNOWN, EACCES);
	inject->path = NULL;
	remove_tree("class/mdev_bus");
	put(BUS, "");
	assert_both_hosts(MDEV_PRECHECK_HOST_UNKNOWN, ENOTDIR);
	assert_int_equal(mdev_precheck_host_state(NULL), MDEV_PRECHECK_HOST_UNKNOWN);
}

/* A directory that is not a sysfs never leads to a no, not even with files of types in it */
static void plain_directory_is_not_a_sysfs(void **state)
{
	static const struct mdev_precheck_place others[] = {
		{ "card", "port" }, { "card", "other" }, { "card2", "port" },
		{ "nowhere", "port" },
	};
	struct mdev_precheck_answer *answer = NULL;
	struct mdev_precheck_source *source;
	struct mdev_precheck *host;
	size_t i;

	(void)state;
	put(VERSION, "as it was");
	put_dir(BUS "/card2/mdev_supported_types/port");
	assert_int_equal(mdev_precheck_new(root, &host), 0);
	assert_int_equal(mdev_precheck_host_state(host), MDEV_PRECHECK_HOST_NO_SYSFS);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		assert_int_equal(mdev_precheck_ask(host, &some_source, &others[i], &answer), 0);
		assert_int_equal(answer->verdict, MDEV_PRECHECK_NOT_ASKED);
		mdev_precheck_answer_free(answer);
		assert_true(mdev_precheck_source_read(host, &others[i], &source) < 0);
	}
	answer = NULL;
	assert_int_equal(mdev_precheck_ask_all(host, &some_source, NULL, take_answer, &answer),
			 0);
	assert_int_equal(answer->verdict, MDEV_PRECHECK_NOT_ASKED);
	mdev_precheck_answer_free(answer);
	mdev_precheck_free(host);
	assert_int_equal(inject->opens, 0);
}

/* The module mdev can be loaded, or loaded again, while an object exists */
static void host_state_is_read_again(void **state)
{
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;
	int i;

	(void)state;
	host = begin_fixture(0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(mdev_precheck_host_state(host), MDEV_PRECHECK_HOST_NO_MDEV);
		assert_int_equal(mdev_precheck_ask(host, &some_source, &place, &answer), 0);
		assert_int_equal(answer->verdict, MDEV_PRECHECK_NOT_ASKED);
		mdev_precheck_answer_free(answer);
		put(VERSION, "1.0\n");
		assert_int_equal(mdev_precheck_host_state(host), MDEV_PRECHECK_HOST_READY);
		assert_int_equal(mdev_precheck_ask(host, &some_source, &place, &answer), 0);
		assert_int_equal(answer->verdict, MDEV_PRECHECK_COMPATIBLE);
		mdev_precheck_answer_free(answer);
		remove_tree("class");
	}
	mdev_precheck_free(host);
}

/* Types */

/**
 * struct walked - types that mdev_precheck_walk_types() visited
 * @seen: "PARENT/TYPE " for each type; a type with an errno is "PARENT/TYPE:ERRNO "
 * @remove: path to remove in the first visit
 * @stop: return value of the second visit
 */
struct walked {
	char seen[512];
	const char *remove;
	int stop;
};

static int note_type(const struct mdev_precheck_type *type, void *data)
{
	struct walked *walked = data;
	size_t len = strlen(walked->seen);
	char error[16] = "";

	assert_int_equal(!type->source, !!type->error);
	if (type->source) {
		assert_string_equal(type->source->type, type->place->type);
		assert_string_equal(type->source->parent, type->place->parent);
		assert_null(type->source->host);
		assert_null(mdev_precheck_source_check(type->source));
	}
	if (type->error)
		snprintf(error, sizeof(error), ":%d", type->error);
	snprintf(walked->seen + len, sizeof(walked->seen) - len, "%s/%s%s ",
		 type->place->parent, type->place->type, error);
	if (walked->remove) {
		remove_tree(walked->remove);
		walked->remove = NULL;
	}
	return len ? walked->stop : 0;
}

static void assert_walk(const char *parent, const char *type, const char *seen)
{
	struct mdev_precheck *host;
	size_t i;

	/* valgrind is slow with a child for each type of each walk */
	for (i = 0; i < ARRAY_SIZE(ways); i += 2) {
		struct walked walked = {};

		host = begin_host(&ways[i]);
		assert_int_equal(mdev_precheck_walk_types(host, parent, type, note_type,
							  &walked), 0);
		assert_string_equal(walked.seen, seen);
		mdev_precheck_free(host);
	}
}

static void put_types(void)
{
	put_dir("class/mdev_bus/b/mdev_supported_types/2");
	put_dir("class/mdev_bus/b/mdev_supported_types/10");
	put_dir("class/mdev_bus/a/mdev_supported_types/2");
	put_dir("class/mdev_bus/a/mdev_supported_types/1");
	put_dir("class/mdev_bus/c/mdev_supported_types/3");
}

static void walk_visits_all_types(void **state)
{
	(void)state;
	assert_walk(NULL, NULL, "");
	assert_walk("a", "1", "");
	put_dir("class/mdev_bus");
	assert_walk(NULL, NULL, "");
	put_types();
	put_link("class/mdev_bus/dangling", "nowhere");
	put("class/mdev_bus/file", "");
	put_dir("class/mdev_bus/without");
	put("class/mdev_bus/odd/mdev_supported_types", "");
	put("class/mdev_bus/a/mdev_supported_types/file", "");
	put_link("class/mdev_bus/a/mdev_supported_types/dangling", "nowhere");

	/* 2 is ENOENT */
	assert_walk(NULL, NULL,
		    "a/1 a/2 a/dangling:2 b/10 b/2 c/3 dangling/:2 odd/:2 without/:2 ");
	assert_walk("b", NULL, "b/10 b/2 ");
	assert_walk(NULL, "2", "a/2 b/2 dangling/:2 odd/:2 without/:2 ");
	assert_walk("a", "2", "a/2 ");
	assert_walk("a", "10", "");
	assert_walk("a", "dangling", "a/dangling:2 ");
	assert_walk("nowhere", NULL, "");
	assert_walk("nowhere", "1", "");
	assert_walk("file", NULL, "");
	assert_walk("without", NULL, "without/:2 ");
	assert_walk("odd", NULL, "odd/:2 ");
	assert_walk("dangling", NULL, "dangling/:2 ");
	/* Names that cannot be a parent or a type */
	assert_walk("", NULL, "");
	assert_walk(".", NULL, "");
	assert_walk("..", NULL, "");
	assert_walk("../mdev_bus/a", NULL, "");
	assert_walk("a", "", "");
	assert_walk("a", "../mdev_supported_types/1", "");
	assert_walk("a", repeated(NAME_MAX + 1, 'x'), "");
	assert_walk(repeated(NAME_MAX + 1, 'x'), NULL, "");
	assert_walk(repeated(NAME_MAX, 'x'), NULL, "");
}

static void walk_ends_when_a_visit_does_not_return_0(void **state)
{
	struct walked walked = { .stop = 42 };
	struct mdev_precheck *host;

	(void)state;
	put_types();
	host = begin_fixture(0);
	assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, note_type, &walked), 42);
	assert_string_equal(walked.seen, "a/1 a/2 ");
	walked.seen[0] = '\0';
	walked.stop = -EBADF;
	assert_int_equal(mdev_precheck_walk_types(host, "b", NULL, note_type, &walked),
			 -EBADF);
	assert_string_equal(walked.seen, "b/10 b/2 ");
	assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, NULL, NULL), -EINVAL);
	assert_int_equal(mdev_precheck_walk_types(NULL, NULL, NULL, note_type, &walked),
			 -EINVAL);
	mdev_precheck_free(host);
}

static void walk_leaves_out_types_that_vanish(void **state)
{
	static const struct {
		const char *remove;
		const char *seen;
	} cases[] = {
		{ "class/mdev_bus/a/mdev_supported_types/2", "a/1 b/10 b/2 c/3 " },
		{ "class/mdev_bus/a/mdev_supported_types/1", "a/1 a/2 b/10 b/2 c/3 " },
		{ "class/mdev_bus/a/mdev_supported_types", "a/1 b/10 b/2 c/3 " },
		{ "class/mdev_bus/a", "a/1 b/10 b/2 c/3 " },
		{ "class/mdev_bus/b", "a/1 a/2 c/3 " },
		{ "class/mdev_bus/b/mdev_supported_types", "a/1 a/2 b/:2 c/3 " },
		{ "class/mdev_bus/c", "a/1 a/2 b/10 b/2 " },
		{ "class/mdev_bus", "a/1 " },
	};
	struct mdev_precheck *host;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct walked walked = { .remove = cases[i].remove };

		put_types();
		host = begin_fixture(0);
		assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, note_type,
							  &walked), 0);
		assert_string_equal(walked.seen, cases[i].seen);
		mdev_precheck_free(host);
		remove_tree("class");
	}
}

/* An error of a parent, a type or an attribute does not affect the others */
static void walk_goes_on_after_an_error(void **state)
{
	static const struct {
		const char *path;
		int error;
		const char *seen;
	} cases[] = {
		{ "b/mdev_supported_types", EACCES, "a/1 a/2 b/:13 c/3 " },
		{ "b/mdev_supported_types", ELOOP, "a/1 a/2 b/:40 c/3 " },
		{ "b/mdev_supported_types", ENODEV, "a/1 a/2 c/3 " },
		{ "10", EACCES, "a/1 a/2 b/10:13 b/2 c/3 " },
		{ "10", ELOOP, "a/1 a/2 b/10:40 b/2 c/3 " },
		/* The type exists, but opening it fails twice */
		{ "10", ENOENT, "a/1 a/2 b/10:19 b/2 c/3 " },
		{ ".", EMFILE, "a/:24 b/:24 c/:24 " },
		/* A walk leaves out an attribute that cannot be read */
		{ "name", EACCES, "a/1 a/2 b/10 b/2 c/3 " },
		{ "device_api", EACCES, "a/1 a/2 b/10 b/2 c/3 " },
		{ "available_instances", EACCES, "a/1 a/2 b/10 b/2 c/3 " },
		{ "devices", EACCES, "a/1 a/2 b/10 b/2 c/3 " },
		{ "migration_version", EACCES, "a/1 a/2 b/10 b/2 c/3 " },
	};
	struct mdev_precheck *host;
	size_t i;

	(void)state;
	put_types();
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		inject->path = cases[i].path;
		inject->path_error = cases[i].error;
		assert_walk(NULL, NULL, cases[i].seen);
	}

	host = begin_fixture(LONG_LIMIT_MS);
	inject->path = BUS;
	inject->path_error = EACCES;
	assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, note_type,
						  &(struct walked){}), -EACCES);
	inject->path = NULL;
	/* A child cannot be made */
	inject->fork_error = EAGAIN;
	assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, note_type,
						  &(struct walked){}), -EAGAIN);
	inject->fork_error = 0;
	inject->socketpair_error = EMFILE;
	assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, note_type,
						  &(struct walked){}), -EMFILE);
	mdev_precheck_free(host);
}

static struct mdev_precheck_type seen;
static char seen_name[4096];
static char seen_description[4096];

static int remember_type(const struct mdev_precheck_type *type, void *data)
{
	long *available = data;
	size_t i;

	seen = *type;
	if (type->name)
		snprintf(seen_name, sizeof(seen_name), "%s", type->name);
	if (type->description)
		snprintf(seen_description, sizeof(seen_description), "%s", type->description);
	if (available)
		*available = type->available_instances;
	if (type->num_devices == 2) {
		assert_string_equal(type->devices[0], UUID);
		assert_string_equal(type->devices[1], "f" UUID);
	}
	for (i = 0; i < type->num_devices; i++)
		assert_non_null(type->devices[i]);
	return 0;
}

static void walk_for_one(struct mdev_precheck *host, long *available)
{
	assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, remember_type, available), 0);
}

static void instances_are_a_number(void **state)
{
	static const struct {
		const char *text;
		long number;
	} numbers[] = {
		{ "0\n", 0 }, { "24\n", 24 }, { "24", 24 }, { "-1\n", -1 }, { "-5\n", -1 },
		{ "", -1 }, { "\n", -1 }, { "many\n", -1 }, { "3x\n", -1 }, { "3 4\n", -1 },
		{ "3\n4\n", -1 }, { "9223372036854775807\n", LONG_MAX },
		{ "9223372036854775808\n", -1 }, { "99999999999999999999999\n", -1 },
		{ "0x10\n", -1 },
	};
	struct mdev_precheck *host;
	long number;
	size_t i;

	(void)state;
	put_dir(TYPE);
	host = begin_fixture(0);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		put(TYPE "/available_instances", numbers[i].text);
		walk_for_one(host, &number);
		if (number != numbers[i].number)
			fail_msg("\"%s\" is read as %ld", numbers[i].text, number);
	}
	mdev_precheck_free(host);
}

static void type_has_attributes(void **state)
{
	struct mdev_precheck *host;

	(void)state;
	put_dir(TYPE);
	host = begin_fixture(0);
	walk_for_one(host, NULL);
	assert_null(seen.name);
	assert_null(seen.device_api);
	assert_int_equal(seen.available_instances, -1);
	assert_int_equal(seen.num_devices, 0);

	put(TYPE "/name", "a\nname\n");
	put_link(TYPE "/devices/f" UUID, "nowhere");
	put_link(TYPE "/devices/" UUID, "nowhere");
	walk_for_one(host, NULL);
	assert_string_equal(seen_name, "a\nname");
	assert_int_equal(seen.num_devices, 2);
	put(TYPE "/name", repeated(10000, 'n'));
	walk_for_one(host, NULL);
	assert_string_equal(seen_name, repeated(4095, 'n'));
	put(TYPE "/name", "");
	walk_for_one(host, NULL);
	assert_string_equal(seen_name, "");
	remove_tree(TYPE "/name");
	put_dir(TYPE "/name");
	walk_for_one(host, NULL);
	assert_null(seen.name);
	mdev_precheck_free(host);
}

/* With a limit, a child reads the description, because the driver writes it */
static void type_has_a_description(void **state)
{
	struct mdev_precheck *host;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		put_dir(TYPE);
		host = begin_host(&ways[i]);
		walk_for_one(host, NULL);
		assert_null(seen.description);
		put(TYPE "/description", "two\nlines\n");
		walk_for_one(host, NULL);
		assert_string_equal(seen_description, "two\nlines");
		put(TYPE "/description", repeated(10000, 'd'));
		walk_for_one(host, NULL);
		assert_string_equal(seen_description, repeated(4095, 'd'));
		put(TYPE "/description", "");
		walk_for_one(host, NULL);
		assert_string_equal(seen_description, "");
		remove_tree(TYPE "/description");
		put_dir(TYPE "/description");
		walk_for_one(host, NULL);
		assert_null(seen.description);
		mdev_precheck_free(host);
		remove_tree("class");
	}
}

/**
 * struct noted - names that a walk visited
 * @text: each name with a blank behind it
 * @stop: return value of the second visit
 */
struct noted {
	char text[512];
	int stop;
};

static int note_name(struct noted *noted, const char *name)
{
	size_t len = strlen(noted->text);

	snprintf(noted->text + len, sizeof(noted->text) - len, "%s ", name);
	return len ? noted->stop : 0;
}

static int note_place(const struct mdev_precheck_place *visited, int error, void *data)
{
	char name[2 * MDEV_PRECHECK_NAME_SIZE + 16];

	snprintf(name, sizeof(name), "%s/%s:%d", visited->parent, visited->type, error);
	return note_name(data, name);
}

static int note_device(const char *uuid, void *data)
{
	return note_name(data, uuid);
}

static void walk_for_names_does_not_call_a_driver(void **state)
{
	static const char other[] = "11234567-89ab-4cde-8f01-23456789abcd";
	struct noted noted = {};
	struct mdev_precheck *host;

	(void)state;
	host = begin_fixture(0);
	assert_int_equal(mdev_precheck_walk_places(host, note_place, &noted), 0);
	assert_int_equal(mdev_precheck_walk_devices(host, note_device, &noted), 0);
	assert_string_equal(noted.text, "");

	put_types();
	put(VERSION, "1.0\n");
	put_link(BUS "/dangling", "nowhere");
	put(BUS "/file", "");
	assert_int_equal(mdev_precheck_walk_places(host, note_place, &noted), 0);
	assert_string_equal(noted.text,
			    "a/:0 a/1:0 a/2:0 b/:0 b/10:0 b/2:0 c/:0 c/3:0 card/:0 card/port:0 dangling/:2 ");
	noted = (struct noted){ .stop = 42 };
	assert_int_equal(mdev_precheck_walk_places(host, note_place, &noted), 42);
	assert_string_equal(noted.text, "a/:0 a/1:0 ");

	put_link("bus/mdev/devices/11234567-89ab-4cde-8f01-23456789abcd", "nowhere");
	put_link("bus/mdev/devices/" UUID, "nowhere");
	put_link("bus/mdev/devices/not-a-uuid", "nowhere");
	noted = (struct noted){};
	assert_int_equal(mdev_precheck_walk_devices(host, note_device, &noted), 0);
	assert_memory_equal(noted.text, UUID " ", strlen(UUID " "));
	assert_memory_equal(noted.text + strlen(UUID " "), other, strlen(other));
	assert_int_equal(strlen(noted.text), 2 * strlen(UUID " "));
	noted = (struct noted){ .stop = -EBADF };
	assert_int_equal(mdev_precheck_walk_devices(host, note_device, &noted), -EBADF);

	assert_int_equal(mdev_precheck_walk_places(NULL, note_place, &noted), -EINVAL);
	assert_int_equal(mdev_precheck_walk_places(host, NULL, &noted), -EINVAL);
	assert_int_equal(mdev_precheck_walk_devices(NULL, note_device, &noted), -EINVAL);
	assert_int_equal(mdev_precheck_walk_devices(host, NULL, &noted), -EINVAL);
	mdev_precheck_free(host);
	assert_int_equal(inject->opens, 0);
}

static void device_is_found(void **state)
{
	char upper[] = UUID;
	struct mdev_precheck_place result;
	struct mdev_precheck_source *source;
	struct mdev_precheck *host;
	char *c;

	(void)state;
	host = begin_fixture(0);
	assert_int_equal(mdev_precheck_find_device(host, UUID, &result), -ENODEV);
	assert_int_equal(mdev_precheck_find_device(host, "not a uuid", &result), -EINVAL);
	assert_int_equal(mdev_precheck_find_device(host, "../devices", &result), -EINVAL);

	/* The link names a directory that does not exist */
	put_link("bus/mdev/devices/" UUID, "../../../devices/pci/0000:00:02.0/" UUID);
	assert_int_equal(mdev_precheck_find_device(host, UUID, &result), -ENOENT);
	put_dir("devices/pci/0000:00:02.0/" UUID);
	assert_int_equal(mdev_precheck_find_device(host, UUID, &result), -ENOENT);
	put_link("devices/pci/0000:00:02.0/" UUID "/mdev_type",
		 "../mdev_supported_types/i915 4");
	assert_int_equal(mdev_precheck_find_device(host, UUID, &result), 0);
	assert_string_equal(result.parent, "0000:00:02.0");
	assert_string_equal(result.type, "i915 4");
	for (c = upper; *c; c++) {
		if (*c >= 'a' && *c <= 'f')
			*c -= 'a' - 'A';
	}
	assert_int_equal(mdev_precheck_find_device(host, upper, &result), 0);
	assert_string_equal(result.type, "i915 4");

	/* The link mdev_type leads nowhere */
	assert_int_equal(mdev_precheck_source_read(host, &result, &source), -ENODEV);

	mdev_precheck_free(host);
}

static void device_that_is_made_again_is_not_mixed(void **state)
{
	struct mdev_precheck_place result;
	struct mdev_precheck *host;

	(void)state;
	host = begin_fixture(0);
	put_link("bus/mdev/devices/" UUID, "../../../devices/pci/old/" UUID);
	put_dir("devices/pci/old/" UUID);
	put_link("devices/pci/old/" UUID "/mdev_type", "../mdev_supported_types/small");
	put_dir("devices/pci/new/" UUID);
	put_link("devices/pci/new/" UUID "/mdev_type", "../mdev_supported_types/large");
	inject->link = "devices/" UUID;
	inject->link_to = "../../../devices/pci/new/" UUID;
	assert_int_equal(mdev_precheck_find_device(host, UUID, &result), -ENODEV);
	assert_null(inject->link);
	assert_int_equal(mdev_precheck_find_device(host, UUID, &result), 0);
	assert_string_equal(result.parent, "new");
	assert_string_equal(result.type, "large");
	mdev_precheck_free(host);
}

static void device_without_type_is_not_found(void **state)
{
	struct mdev_precheck_place result;
	struct mdev_precheck *host;

	(void)state;
	host = begin_fixture(0);
	put_link("bus/mdev/devices/" UUID, "../../../devices/pci/0000:00:02.0/" UUID);
	put_link("devices/pci/0000:00:02.0/" UUID "/mdev_type",
		 "../mdev_supported_types/i915 4");
	assert_int_equal(mdev_precheck_find_device(host, UUID, &result), 0);

	/* Links that do not name a type, or a parent */
	remove_tree("devices/pci/0000:00:02.0/" UUID "/mdev_type");
	put_link("devices/pci/0000:00:02.0/" UUID "/mdev_type", "port");
	assert_int_equal(mdev_precheck_find_device(host, UUID, &result), -ENOENT);
	remove_tree("devices/pci/0000:00:02.0/" UUID "/mdev_type");
	put_link("devices/pci/0000:00:02.0/" UUID "/mdev_type", "..");
	assert_int_equal(mdev_precheck_find_device(host, UUID, &result), -ENOENT);
	remove_tree("devices/pci/0000:00:02.0/" UUID "/mdev_type");
	put_link("devices/pci/0000:00:02.0/" UUID "/mdev_type", "../types/..");
	assert_int_equal(mdev_precheck_find_device(host, UUID, &result), -ENOENT);
	remove_tree("devices/pci/0000:00:02.0/" UUID "/mdev_type");
	put("devices/pci/0000:00:02.0/" UUID "/mdev_type", "not a link");
	assert_int_equal(mdev_precheck_find_device(host, UUID, &result), -EINVAL);
	remove_tree("bus/mdev/devices/" UUID);
	put_link("bus/mdev/devices/" UUID, "nothing-above");
	assert_int_equal(mdev_precheck_find_device(host, UUID, &result), -ENOENT);
	remove_tree("bus/mdev/devices/" UUID);
	put_link("bus/mdev/devices/" UUID, "../" UUID);
	assert_int_equal(mdev_precheck_find_device(host, UUID, &result), -ENOENT);
	remove_tree("bus/mdev/devices/" UUID);
	put_dir("bus/mdev/devices/" UUID);
	assert_int_equal(mdev_precheck_find_device(host, UUID, &result), -EINVAL);
	assert_int_equal(mdev_precheck_find_device(NULL, UUID, &result), -EINVAL);
	assert_int_equal(mdev_precheck_find_device(host, NULL, &result), -EINVAL);
	assert_int_equal(mdev_precheck_find_device(host, UUID, NULL), -EINVAL);
	mdev_precheck_free(host);
}

/* Reading a version */

static void assert_read_by(const struct way *way, enum mdev_precheck_source_state expected,
			   int error, const char *version)
{
	struct mdev_precheck *host = begin_host(way);
	struct mdev_precheck_source *source;

	assert_int_equal(mdev_precheck_source_read(host, &place, &source), 0);
	assert_null(mdev_precheck_source_check(source));
	assert_null(source->host);
	assert_string_equal(source->parent, "card");
	assert_string_equal(source->type, "port");
	assert_int_equal(source->state, expected);
	assert_int_equal(source->error, error);
	if (version)
		assert_string_equal(source->version, version);
	else
		assert_null(source->version);
	mdev_precheck_source_free(source);
	mdev_precheck_free(host);
}

static void assert_read(enum mdev_precheck_source_state expected, int error,
			const char *version)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		assert_read_by(&ways[i], expected, error, version);
}

static void version_is_read(void **state)
{
	char text[2 * MDEV_PRECHECK_VERSION_MAX];

	(void)state;
	put(VERSION, "4348:3253-1.0\n");
	assert_read(MDEV_PRECHECK_SOURCE_READ, 0, "4348:3253-1.0");
	put(VERSION, "4348:3253-1.0");
	assert_read(MDEV_PRECHECK_SOURCE_READ, 0, "4348:3253-1.0");
	put(VERSION, " ~\n");
	assert_read(MDEV_PRECHECK_SOURCE_READ, 0, " ~");

	/* The string ends before one newline, and a second newline is not valid */
	put(VERSION, "1.0\n\n");
	assert_read(MDEV_PRECHECK_SOURCE_FAILED, EBADMSG, NULL);
	put(VERSION, "\n");
	assert_read(MDEV_PRECHECK_SOURCE_FAILED, EBADMSG, NULL);
	put(VERSION, "");
	assert_read(MDEV_PRECHECK_SOURCE_FAILED, EBADMSG, NULL);

	put(VERSION, repeated(MDEV_PRECHECK_VERSION_MAX, 'v'));
	assert_read(MDEV_PRECHECK_SOURCE_READ, 0, repeated(MDEV_PRECHECK_VERSION_MAX, 'v'));
	snprintf(text, sizeof(text), "%s\n", repeated(MDEV_PRECHECK_VERSION_MAX, 'v'));
	put(VERSION, text);
	assert_read(MDEV_PRECHECK_SOURCE_READ, 0, repeated(MDEV_PRECHECK_VERSION_MAX, 'v'));
	snprintf(text, sizeof(text), "%s\nv", repeated(MDEV_PRECHECK_VERSION_MAX, 'v'));
	put(VERSION, text);
	assert_read(MDEV_PRECHECK_SOURCE_FAILED, EBADMSG, NULL);
	put(VERSION, repeated(MDEV_PRECHECK_VERSION_MAX + 1, 'v'));
	assert_read(MDEV_PRECHECK_SOURCE_FAILED, EBADMSG, NULL);
	snprintf(text, sizeof(text), "%s\n", repeated(MDEV_PRECHECK_VERSION_MAX + 1, 'v'));
	put(VERSION, text);
	assert_read(MDEV_PRECHECK_SOURCE_FAILED, EBADMSG, NULL);
	put(VERSION, repeated(2 * MDEV_PRECHECK_VERSION_MAX, 'v'));
	assert_read(MDEV_PRECHECK_SOURCE_FAILED, EBADMSG, NULL);
}

static void version_is_printable_ascii(void **state)
{
	unsigned int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		const unsigned char bytes[] = { '1', c, '2', '\n' };
		const char expected[] = { '1', c, '2', '\0' };

		put_bytes(VERSION, bytes, sizeof(bytes));
		if (c >= 0x20 && c <= 0x7e)
			assert_read_by(&ways[0], MDEV_PRECHECK_SOURCE_READ, 0, expected);
		else
			assert_read_by(&ways[0], MDEV_PRECHECK_SOURCE_FAILED, EBADMSG, NULL);
	}
	put_bytes(VERSION, "1\0002\n", 4);
	assert_read(MDEV_PRECHECK_SOURCE_FAILED, EBADMSG, NULL);
}

static void source_does_not_have_a_version(void **state)
{
	static const int errors[] = {
		EOPNOTSUPP, EPROTONOSUPPORT, EACCES, ENOENT, EINVAL, ENXIO, EBUSY, EPERM,
	};
	static const int no_answers[] = { EINTR, EAGAIN, ENOMEM, ENODEV, EIO };
	static const int open_errors[] = { EACCES, EPERM, EIO, ENODEV, EMFILE, EINTR };
	size_t i;

	(void)state;
	put_dir(TYPE);
	assert_read(MDEV_PRECHECK_SOURCE_NONE, 0, NULL);
	put_dir(VERSION);
	assert_read(MDEV_PRECHECK_SOURCE_FAILED, EISDIR, NULL);
	remove_tree(VERSION);
	put_link(VERSION, "migration_version");
	assert_read(MDEV_PRECHECK_SOURCE_UNKNOWN, ELOOP, NULL);
	remove_tree(VERSION);

	put(VERSION, "1.0\n");
	for (i = 0; i < ARRAY_SIZE(open_errors); i++) {
		inject->open_error = open_errors[i];
		assert_read(MDEV_PRECHECK_SOURCE_UNKNOWN, open_errors[i], NULL);
	}
	/* The attribute exists, but opening it fails twice */
	inject->open_error = ENOENT;
	assert_read(MDEV_PRECHECK_SOURCE_UNKNOWN, ENODEV, NULL);
	inject->open_error = 0;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		inject->call_error = errors[i];
		assert_read(MDEV_PRECHECK_SOURCE_FAILED, errors[i], NULL);
	}
	for (i = 0; i < ARRAY_SIZE(no_answers); i++) {
		inject->call_error = no_answers[i];
		assert_read(MDEV_PRECHECK_SOURCE_UNKNOWN, no_answers[i], NULL);
	}
}

static void source_does_not_have_the_type(void **state)
{
	static const struct mdev_precheck_place bad[] = {
		{ "", "port" }, { "card", "" }, { "..", "port" }, { "card", ".." },
		{ "card/mdev_supported_types/port/..", "port" }, { "card", "a/b" },
	};
	struct mdev_precheck_source *source;
	struct mdev_precheck *host;
	size_t i;

	(void)state;
	host = begin_fixture(0);
	assert_int_equal(mdev_precheck_source_read(host, &place, &source), -ENODEV);
	/* A directory without types hides the parent, as in a container */
	put_dir(PARENT);
	assert_int_equal(mdev_precheck_source_read(host, &place, &source), -ENODEV);
	put_dir(PARENT "/mdev_supported_types");
	assert_int_equal(mdev_precheck_source_read(host, &place, &source), -ENOENT);
	put(TYPE, "");
	assert_int_equal(mdev_precheck_source_read(host, &place, &source), -ENOTDIR);
	remove_tree(PARENT);
	put_link(PARENT, "nowhere");
	assert_int_equal(mdev_precheck_source_read(host, &place, &source), -ENODEV);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(mdev_precheck_source_read(host, &bad[i], &source), -EINVAL);
	assert_int_equal(mdev_precheck_source_read(NULL, &place, &source), -EINVAL);
	assert_int_equal(mdev_precheck_source_read(host, NULL, &source), -EINVAL);
	assert_int_equal(mdev_precheck_source_read(host, &place, NULL), -EINVAL);
	mdev_precheck_free(host);
}

/* Asking */

/**
 * struct expected - the members of an expected answer
 * @verdict: see the library
 * @condition: see the library
 * @error: see the library
 * @reason: the whole reason
 */
struct expected {
	enum mdev_precheck_verdict verdict;
	enum mdev_precheck_condition condition;
	int error;
	const char *reason;
};

static void assert_answer(const struct mdev_precheck_answer *answer,
			  const struct expected *expected)
{
	assert_string_equal(answer->reason, expected->reason);
	assert_int_equal(answer->verdict, expected->verdict);
	assert_int_equal(answer->condition, expected->condition);
	assert_int_equal(answer->error, expected->error);
}

static void assert_ask_by(const struct way *way, const struct mdev_precheck_source *source,
			  const struct mdev_precheck_place *target,
			  const struct expected *expected)
{
	struct mdev_precheck *host = begin_host(way);
	struct mdev_precheck_answer *answer;

	assert_int_equal(mdev_precheck_ask(host, source, target, &answer), 0);
	assert_answer(answer, expected);
	assert_null(answer->host);
	assert_string_equal(answer->parent, target->parent);
	assert_string_equal(answer->type, target->type);
	assert_int_equal(answer->method, way->sysfs ? MDEV_PRECHECK_ATTRIBUTE :
						      MDEV_PRECHECK_FIXTURE);
	assert_int_equal(answer->log_error, 0);
	assert_int_equal(answer->num_log, 0);
	assert_false(answer->log_lost);
	mdev_precheck_answer_free(answer);
	mdev_precheck_free(host);
}

static void assert_ask(const struct mdev_precheck_source *source,
		       const struct mdev_precheck_place *target,
		       const struct expected *expected)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		assert_ask_by(&ways[i], source, target, expected);
}

static void target_has_another_type(void **state)
{
	static const struct mdev_precheck_source other_source = {
		.type = "mtty-1",
		.state = MDEV_PRECHECK_SOURCE_READ,
		.version = "1",
	};
	static const struct mdev_precheck_place nowhere = { "nowhere", "port" };
	static const struct mdev_precheck_place hidden = { "hidden", "port" };
	static const struct expected no_parent = {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE, ENODEV,
		"the parent nowhere does not exist (ENODEV: No such device)" };
	static const struct expected hidden_parent = {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE, ENOENT,
		"the parent hidden cannot be looked into (ENOENT: No such file or directory)" };

	(void)state;
	put(VERSION, "as it was");
	put_link(BUS "/hidden", "../../devices/hidden");
	assert_ask(&other_source, &place, &(struct expected) {
		MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_SAME_TYPE, 0,
		"the source's type is mtty-1, the target's is port" });
	/* A type that is missing is a no only if its parent exists */
	assert_ask(&other_source, &nowhere, &no_parent);
	assert_ask(&some_source, &nowhere, &no_parent);
	assert_ask(&other_source, &hidden, &hidden_parent);
	assert_ask(&some_source, &hidden, &hidden_parent);
	assert_int_equal(inject->writes, 0);
}

static void target_does_not_have_the_type(void **state)
{
	static const struct mdev_precheck_source other_source = {
		.type = "other",
		.state = MDEV_PRECHECK_SOURCE_READ,
		.version = "1",
	};
	static const struct mdev_precheck_place other = { "card", "other" };
	static const struct expected no_card = {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE, ENODEV,
		"the parent card does not exist (ENODEV: No such device)" };

	(void)state;
	/* A host without mdev, and entries that are not parents */
	assert_ask(&some_source, &place, &no_card);
	put(PARENT, "");
	assert_ask(&some_source, &place, &no_card);
	remove_tree(PARENT);
	put_dir(PARENT);
	assert_ask(&some_source, &place, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE, ENOENT,
		"the parent card cannot be looked into (ENOENT: No such file or directory)" });

	put(VERSION, "as it was");
	assert_ask(&other_source, &other, &(struct expected) {
		MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_SAME_TYPE, 0,
		"the target card has no type other" });
	put_link(PARENT "/mdev_supported_types/other", "other");
	assert_ask(&other_source, &other, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE, ELOOP,
		"the target's type other cannot be opened (ELOOP: Too many levels of symbolic links)"
		});
	inject->path = "port";
	inject->path_error = EACCES;
	assert_ask(&some_source, &place, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE, EACCES,
		"the target's type port cannot be opened (EACCES: Permission denied)" });
	inject->path = "card/mdev_supported_types";
	assert_ask(&some_source, &place, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE, EACCES,
		"the parent card cannot be looked into (EACCES: Permission denied)" });
	assert_int_equal(inject->writes, 0);
}

static void source_state_decides_the_verdict(void **state)
{
	static const struct {
		enum mdev_precheck_source_state source;
		int error;
		struct expected expected;
	} cases[] = {
		{ MDEV_PRECHECK_SOURCE_NONE, 0,
		  { MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_SOURCE_VERSION, 0,
		    "the source's type has no migration_version" } },
		{ MDEV_PRECHECK_SOURCE_FAILED, EOPNOTSUPP,
		  { MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_SOURCE_VERSION, EOPNOTSUPP,
		    "the source's driver shows no version (EOPNOTSUPP: Operation not supported)"
		    } },
		{ MDEV_PRECHECK_SOURCE_FAILED, EBADMSG,
		  { MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_SOURCE_VERSION, EBADMSG,
		    "the source's migration_version is not a version string (EBADMSG: Bad message)"
		    } },
		/* Source of a document of an earlier version */
		{ MDEV_PRECHECK_SOURCE_FAILED, EIO,
		  { MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SOURCE_VERSION, EIO,
		    "the source's driver gave no valid answer (EIO: Input/output error)" } },
		{ MDEV_PRECHECK_SOURCE_FAILED, EINTR,
		  { MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SOURCE_VERSION, EINTR,
		    "the source's driver did not answer (EINTR: Interrupted system call)"
		    } },
		{ MDEV_PRECHECK_SOURCE_UNKNOWN, EIO,
		  { MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SOURCE_VERSION, EIO,
		    "the source's driver gave no valid answer (EIO: Input/output error)" } },
		{ MDEV_PRECHECK_SOURCE_UNKNOWN, 0,
		  { MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SOURCE_VERSION, 0,
		    "the source's migration_version could not be read" } },
		{ MDEV_PRECHECK_SOURCE_UNKNOWN, EACCES,
		  { MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SOURCE_VERSION, EACCES,
		    "the source's migration_version could not be read (EACCES: Permission denied)"
		    } },
		{ MDEV_PRECHECK_SOURCE_UNKNOWN, ETIMEDOUT,
		  { MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SOURCE_VERSION, ETIMEDOUT,
		    "the source's migration_version could not be read (ETIMEDOUT: Connection timed out)"
		    } },
	};
	size_t i;

	(void)state;
	put(VERSION, "as it was");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct mdev_precheck_source source = {
			.type = "port",
			.state = cases[i].source,
			.error = cases[i].error,
		};

		assert_ask(&source, &place, &cases[i].expected);
	}
	assert_int_equal(inject->writes, 0);
}

/* A wrong argument is an error and never a yes, because a write of 0 bytes would succeed */
static void wrong_argument_is_refused(void **state)
{
	static const struct mdev_precheck_place bad[] = {
		{ "", "port" }, { "card", "" }, { "..", "port" }, { "card", ".." },
		{ "a/b", "port" }, { "card", "a/b" },
	};
	struct mdev_precheck_source source = some_source;
	struct mdev_precheck_answer *answer = NULL;
	struct mdev_precheck *host;
	char *text = unterminated();
	size_t i;

	(void)state;
	put(VERSION, "as it was");
	host = begin_fixture(0);
	for (i = 0; i < ARRAY_SIZE(bad_sources); i++) {
		assert_int_equal(mdev_precheck_ask(host, &bad_sources[i], &place, &answer),
				 -EINVAL);
		assert_int_equal(mdev_precheck_ask_all(host, &bad_sources[i], "port",
						       take_answer, &answer), -EINVAL);
	}
	source.version = text;
	assert_int_equal(mdev_precheck_ask(host, &source, &place, &answer), -EINVAL);
	free(text);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(mdev_precheck_ask(host, &some_source, &bad[i], &answer),
				 -EINVAL);
	assert_int_equal(mdev_precheck_ask(NULL, &some_source, &place, &answer), -EINVAL);
	assert_int_equal(mdev_precheck_ask(host, NULL, &place, &answer), -EINVAL);
	assert_int_equal(mdev_precheck_ask(host, &some_source, NULL, &answer), -EINVAL);
	assert_int_equal(mdev_precheck_ask(host, &some_source, &place, NULL), -EINVAL);
	assert_int_equal(mdev_precheck_ask_all(NULL, &some_source, NULL, take_answer, &answer),
			 -EINVAL);
	assert_int_equal(mdev_precheck_ask_all(host, NULL, NULL, take_answer, &answer),
			 -EINVAL);
	assert_int_equal(mdev_precheck_ask_all(host, &some_source, "a/b", take_answer, &answer),
			 -EINVAL);
	assert_int_equal(mdev_precheck_ask_all(host, &some_source, "", take_answer, &answer),
			 -EINVAL);
	assert_int_equal(mdev_precheck_ask_all(host, &some_source, NULL, NULL, &answer),
			 -EINVAL);
	mdev_precheck_free(host);
	assert_null(answer);
	assert_int_equal(inject->writes, 0);
}

static void target_does_not_have_a_version(void **state)
{
	static const struct {
		int error;
		const char *reason;
	} cases[] = {
		{ EACCES, "EACCES: Permission denied" },
		{ EPERM, "EPERM: Operation not permitted" },
		{ EROFS, "EROFS: Read-only file system" },
		{ ENODEV, "ENODEV: No such device" },
	};
	char reason[128];
	size_t i;

	(void)state;
	put_dir(TYPE);
	assert_ask(&some_source, &place, &(struct expected) {
		MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_TARGET_VERSION, 0,
		"the target's type has no migration_version" });
	put_dir(VERSION);
	assert_ask(&some_source, &place, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_TARGET_VERSION, EISDIR,
		"the target's migration_version cannot be opened for write (EISDIR: Is a directory)"
		});
	remove_tree(VERSION);
	put(VERSION, "as it was");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(reason, sizeof(reason),
			 "the target's migration_version cannot be opened for write (%s)",
			 cases[i].reason);
		inject->open_error = cases[i].error;
		assert_ask(&some_source, &place, &(struct expected) {
			MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_TARGET_VERSION,
			cases[i].error, reason });
	}
	assert_int_equal(inject->writes, 0);
}

static void assert_content(const char *path, const char *expected)
{
	char full[PATH_MAX], text[64] = "";
	FILE *file;

	make_path(path, full);
	file = fopen(full, "re");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) || !*expected);
	fclose(file);
	assert_string_equal(text, expected);
}

/* assert_not_touched - require that a file which is not an attribute is not asked on a sysfs */
static void assert_not_touched(const char *path, const struct expected *expected)
{
	struct mdev_precheck_source *source;
	struct mdev_precheck *host;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		if (!ways[i].sysfs)
			continue;
		/* The directories are on a sysfs, as if a file system were mounted on the file */
		host = begin_host(&ways[i]);
		inject->sysfs_attribute = false;
		assert_int_equal(mdev_precheck_source_read(host, &place, &source), 0);
		assert_int_equal(source->state, MDEV_PRECHECK_SOURCE_UNKNOWN);
		mdev_precheck_source_free(source);
		mdev_precheck_free(host);
		assert_int_equal(inject->writes, 0);
	}
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		struct mdev_precheck_answer *answer;

		if (!ways[i].sysfs)
			continue;
		host = begin_host(&ways[i]);
		inject->sysfs_attribute = false;
		assert_int_equal(mdev_precheck_ask(host, &some_source, &place, &answer), 0);
		assert_answer(answer, expected);
		mdev_precheck_answer_free(answer);
		mdev_precheck_free(host);
		assert_int_equal(inject->writes, 0);
		if (path)
			assert_content(path, "as it was");
	}
}

static void file_that_is_not_an_attribute_is_not_written(void **state)
{
	static const struct expected not_sysfs = {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_TARGET_VERSION, EMEDIUMTYPE,
		"the target's migration_version is not a file of a sysfs (EMEDIUMTYPE: Wrong medium type)"
	};
	static const struct expected link = {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_TARGET_VERSION, ELOOP,
		"the target's migration_version cannot be opened for write (ELOOP: Too many levels of symbolic links)"
	};
	static const struct expected pipe = {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_TARGET_VERSION, ENXIO,
		"the target's migration_version cannot be opened for write (ENXIO: No such device or address)"
	};
	char full[PATH_MAX];
	int fd;

	(void)state;
	put(VERSION, "as it was");
	assert_not_touched(VERSION, &not_sysfs);
	remove_tree(VERSION);

	put("elsewhere", "as it was");
	put_link(VERSION, "../../../../../elsewhere");
	assert_not_touched("elsewhere", &link);
	/* A fixture accepts the same file */
	assert_ask_by(&ways[0], &some_source, &place, &(struct expected) {
		MDEV_PRECHECK_COMPATIBLE, MDEV_PRECHECK_ALL_HOLD, 0,
		"the target's driver accepts the version" });
	assert_content("elsewhere", some_source.version);
	inject->writes = 0;
	remove_tree(VERSION);
	put_link(VERSION, "nowhere");
	assert_not_touched(NULL, &link);
	assert_ask_by(&ways[0], &some_source, &place, &(struct expected) {
		MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_TARGET_VERSION, 0,
		"the target's type has no migration_version" });
	remove_tree(VERSION);

	/* Open a FIFO without a reader, and then with one */
	put_fifo(VERSION, full);
	assert_not_touched(NULL, &pipe);
	fd = open(full, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_not_touched(NULL, &not_sysfs);
	assert_int_equal(read(fd, full, 1), -1);
	close(fd);
}

static void driver_refuses_the_version(void **state)
{
	static const struct {
		int error;
		const char *reason;
	} cases[] = {
		{ EPROTONOSUPPORT, "EPROTONOSUPPORT: Protocol not supported" },
		{ EINVAL, "EINVAL: Invalid argument" },
		{ EXDEV, "EXDEV: Invalid cross-device link" },
		{ EOPNOTSUPP, "EOPNOTSUPP: Operation not supported" },
		{ E2BIG, "E2BIG: Argument list too long" },
		{ ENOENT, "ENOENT: No such file or directory" },
		{ EACCES, "EACCES: Permission denied" },
		/* The kernel uses this errno internally, so that it does not have a name */
		{ 524, "error 524" },
	};
	char reason[128];
	size_t i;

	(void)state;
	put(VERSION, "as it was");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(reason, sizeof(reason),
			 "the target's driver does not accept the version (%s)",
			 cases[i].reason);
		inject->call_error = cases[i].error;
		inject->writes = 0;
		assert_ask(&some_source, &place, &(struct expected) {
			MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_ACCEPTED,
			cases[i].error, reason });
		/* The attribute is written once, with any errno */
		assert_int_equal(inject->writes, ARRAY_SIZE(ways));
	}
}

static const struct expected yes = {
	MDEV_PRECHECK_COMPATIBLE, MDEV_PRECHECK_ALL_HOLD, 0,
	"the target's driver accepts the version"
};

static void driver_accepts_the_version(void **state)
{
	static const char *const texts[] = {
		"1", "4348:3253-1.0", " leading, and trailing ", "\"quoted\" \\ $(id)", "~",
	};
	struct mdev_precheck_source source = some_source;
	size_t i;

	(void)state;
	put(VERSION, "as it was");
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		source.version = texts[i];
		inject->writes = 0;
		assert_ask(&source, &place, &yes);
		assert_int_equal(inject->writes, ARRAY_SIZE(ways));
		assert_int_equal(inject->written_len, strlen(texts[i]));
		assert_memory_equal(inject->written, texts[i], strlen(texts[i]));
	}
	source.version = repeated(MDEV_PRECHECK_VERSION_MAX, 'v');
	assert_ask(&source, &place, &yes);
	assert_int_equal(inject->written_len, MDEV_PRECHECK_VERSION_MAX);
	assert_memory_equal(inject->written, source.version, MDEV_PRECHECK_VERSION_MAX);
}

static void driver_does_not_answer(void **state)
{
	static const struct {
		int error;
		const char *reason;
	} cases[] = {
		{ EIO, "gave no valid answer (EIO: Input/output error)" },
		{ EAGAIN, "did not answer (EAGAIN: Resource temporarily unavailable)" },
		{ ENOMEM, "did not answer (ENOMEM: Cannot allocate memory)" },
		{ ENODEV, "did not answer (ENODEV: No such device)" },
	};
	char reason[128];
	size_t i;

	(void)state;
	put(VERSION, "as it was");
	inject->call_error = EINTR;
	assert_ask(&some_source, &place, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_ACCEPTED, EINTR,
		"the question was interrupted (EINTR: Interrupted system call)" });
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(reason, sizeof(reason), "the target's driver %s", cases[i].reason);
		inject->call_error = cases[i].error;
		inject->writes = 0;
		assert_ask(&some_source, &place, &(struct expected) {
			MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_ACCEPTED,
			cases[i].error, reason });
		assert_int_equal(inject->writes, ARRAY_SIZE(ways));
	}
	inject->call_error = 0;
	for (i = 1; i <= strlen(some_source.version); i++) {
		inject->short_write = i;
		assert_ask(&some_source, &place, &(struct expected) {
			MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_ACCEPTED, EIO,
			"the kernel has taken a part of the version only (EIO: Input/output error)"
			});
	}
}

static long room_of(struct mdev_precheck *host, const struct mdev_precheck_source *source,
		    const struct expected *expected)
{
	struct mdev_precheck_answer *answer;
	long room;

	assert_int_equal(mdev_precheck_ask(host, source, &place, &answer), 0);
	assert_answer(answer, expected);
	room = answer->available_instances;
	mdev_precheck_answer_free(answer);
	return room;
}

static void assert_room(const struct mdev_precheck_source *source,
			const struct expected *expected, long room)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		struct mdev_precheck *host = begin_host(&ways[i]);

		assert_int_equal(room_of(host, source, expected), room);
		mdev_precheck_free(host);
	}
}

static const struct expected no_answer = {
	MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_ACCEPTED, ETIMEDOUT,
	"the target's driver does not answer (ETIMEDOUT: Connection timed out)"
};

static void yes_has_available_instances(void **state)
{
	static const struct mdev_precheck_source none = {
		.type = "port",
		.state = MDEV_PRECHECK_SOURCE_NONE,
	};
	struct mdev_precheck *host;
	char full[PATH_MAX];
	int i;

	(void)state;
	put(VERSION, "as it was");
	assert_room(&some_source, &yes, -1);
	put(TYPE "/available_instances", "16\n");
	assert_room(&some_source, &yes, 16);
	put(TYPE "/available_instances", "0\n");
	assert_room(&some_source, &yes, 0);
	put(TYPE "/available_instances", "many\n");
	assert_room(&some_source, &yes, -1);

	/* Only a yes has available_instances */
	put(TYPE "/available_instances", "16\n");
	assert_room(&none, &(struct expected) {
		MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_SOURCE_VERSION, 0,
		"the source's type has no migration_version" }, -1);
	inject->call_error = EIO;
	assert_room(&some_source, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_ACCEPTED, EIO,
		"the target's driver gave no valid answer (EIO: Input/output error)" }, -1);
	inject->call_error = 0;

	/* A driver that hangs in available_instances has answered yes, and is not asked again */
	remove_tree(TYPE "/available_instances");
	put_fifo(TYPE "/available_instances", full);
	/* The limit is long enough for the yes */
	host = begin_fixture(500);
	assert_int_equal(room_of(host, &some_source, &yes), -1);
	inject->writes = 0;
	for (i = 0; i < 3; i++)
		assert_int_equal(room_of(host, &some_source, &no_answer), -1);
	assert_int_equal(inject->writes, 0);
	mdev_precheck_free(host);
}

/* Asking all parents */

/**
 * struct asked - the answers of mdev_precheck_ask_all()
 * @seen: "PARENT VERDICT ERROR, " for each answer, with the number of the verdict
 * @stop: return value of the first visit
 */
struct asked {
	char seen[512];
	int stop;
};

static int note_answer(struct mdev_precheck_answer *answer, void *data)
{
	struct asked *asked = data;
	size_t len = strlen(asked->seen);

	snprintf(asked->seen + len, sizeof(asked->seen) - len, "%s %d %d, ",
		 answer->parent ? answer->parent : "-", answer->verdict, answer->error);
	mdev_precheck_answer_free(answer);
	return asked->stop;
}

static void assert_ask_all(const char *type, const char *expected)
{
	struct mdev_precheck *host;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		struct asked asked = {};

		host = begin_host(&ways[i]);
		assert_int_equal(mdev_precheck_ask_all(host, &some_source, type, note_answer,
						       &asked), 0);
		assert_string_equal(asked.seen, expected);
		mdev_precheck_free(host);
	}
}

static void all_parents_are_asked(void **state)
{
	struct mdev_precheck_answer *answer = NULL;
	struct asked asked = { .stop = 42 };
	struct mdev_precheck *host;

	(void)state;
	put_dir(BUS "/b/mdev_supported_types/other");
	put(BUS "/file", "");
	assert_ask_all(NULL, "- 2 0, ");
	assert_ask_all("port", "- 2 0, ");
	host = begin_fixture(0);
	assert_int_equal(mdev_precheck_ask_all(host, &some_source, NULL, take_answer, &answer),
			 0);
	assert_answer(answer, &(struct expected) {
		MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_SAME_TYPE, 0,
		"no parent of the target's host has a type port" });
	assert_int_equal(answer->method, MDEV_PRECHECK_FIXTURE);
	mdev_precheck_answer_free(answer);

	put(VERSION, "as it was");
	put_dir(BUS "/attached/mdev_supported_types/port");
	assert_ask_all(NULL, "attached 2 0, card 1 0, ");
	/* The target's type differs from the source's type */
	assert_ask_all("other", "b 2 0, ");
	assert_ask_all("third", "- 2 0, ");
	put_link(BUS "/hidden", "nowhere");
	assert_ask_all(NULL, "attached 2 0, card 1 0, hidden 0 2, ");
	/* A no about the host would be wrong, because the hidden parent may have the type */
	assert_ask_all("third", "hidden 0 2, ");
	inject->path = "b/mdev_supported_types";
	inject->path_error = EACCES;
	assert_ask_all(NULL, "attached 2 0, b 0 13, card 1 0, hidden 0 2, ");
	inject->path = NULL;

	assert_int_equal(mdev_precheck_ask_all(host, &some_source, NULL, note_answer, &asked),
			 42);
	assert_string_equal(asked.seen, "attached 2 0, ");
	mdev_precheck_free(host);
}

/* Parents that come and go; they are links, as in a sysfs */

static void register_parent(void)
{
	put("devices/card/mdev_supported_types/port/migration_version", "1.0\n");
	put_link(PARENT, "../../devices/card");
}

static void unregister_parent(void)
{
	remove_tree("class/mdev_bus/card");
	remove_tree("devices");
}

static void register_again(void)
{
	unregister_parent();
	register_parent();
}

static unsigned int looks_between;

static void unregister_and_register_later(void)
{
	unregister_parent();
	inject->hook = register_parent;
	inject->hook_after = looks_between;
}

static void register_and_unregister_later(void)
{
	register_parent();
	inject->hook = unregister_parent;
	inject->hook_after = looks_between;
}

/* clean_parent - end a case; the library may not have called the hook */
static void clean_parent(void)
{
	char full[PATH_MAX];

	inject->hook_after = 0;
	snprintf(full, sizeof(full), "%s/" PARENT, root);
	unlink(full);
	snprintf(full, sizeof(full), "%s/devices", root);
	if (!access(full, F_OK))
		remove_tree("devices");
}

/* never_a_no - ask question number @question, and call the hook before look number @after */
static void never_a_no(const struct way *way, void (*hook)(void), unsigned int after,
		       int question)
{
	struct mdev_precheck *host = begin_host(way);
	struct mdev_precheck_source *source = NULL;
	struct mdev_precheck_answer *answer = NULL;
	int ret;

	inject->writes = 0;
	inject->hook = hook;
	inject->hook_after = after;
	if (question == 0)
		ret = mdev_precheck_ask(host, &some_source, &place, &answer);
	else if (question == 1)
		ret = mdev_precheck_ask_all(host, &some_source, NULL, take_answer, &answer);
	else
		ret = mdev_precheck_source_read(host, &place, &source);

	if (source) {
		assert_int_not_equal(source->state, MDEV_PRECHECK_SOURCE_NONE);
		assert_int_not_equal(source->state, MDEV_PRECHECK_SOURCE_FAILED);
	} else if (question == 2) {
		assert_int_equal(ret, -ENODEV);
	} else {
		assert_int_equal(ret, 0);
		if (answer->verdict == MDEV_PRECHECK_INCOMPATIBLE)
			fail_msg("a no after %u and %u looks: %s", after, looks_between,
				 answer->reason);
		assert_int_equal(answer->verdict == MDEV_PRECHECK_COMPATIBLE, inject->writes);
	}
	mdev_precheck_source_free(source);
	mdev_precheck_answer_free(answer);
	mdev_precheck_free(host);
}

/* at_each_look - call a hook before each look at a file, for each question */
static unsigned int at_each_look(const struct way *way, bool registered, void (*hook)(void))
{
	unsigned int after = 0, num = 0;
	bool called = true;
	int question;

	for (question = 0; question < 3; question++) {
		for (after = 1, called = true; called; after++) {
			if (registered)
				register_parent();
			never_a_no(way, hook, after, question);
			called = inject->hook != hook || !inject->hook_after;
			clean_parent();
			num += called;
		}
	}
	return num;
}

static void parent_that_goes_is_not_a_no(void **state)
{
	unsigned int num = 0;
	size_t i;

	(void)state;
	put_dir(BUS);
	/* In this process, in a child, and in this process on a sysfs */
	for (i = 0; i < 3; i++) {
		num += at_each_look(&ways[i], true, unregister_parent);
		num += at_each_look(&ways[i], true, register_again);
		num += at_each_look(&ways[i], false, register_parent);
	}
	/* The library opens the parent, the type, the attribute and more */
	assert_true(num > 100);
}

static void parent_that_goes_and_comes_is_not_a_no(void **state)
{
	unsigned int num = 0;
	size_t i;

	(void)state;
	put_dir(BUS);
	for (looks_between = 1; looks_between <= 8; looks_between++) {
		/* Fewer cases with a child, because valgrind is slow with one */
		for (i = 0; i < 3; i += looks_between == 3 ? 1 : 2) {
			num += at_each_look(&ways[i], true, unregister_and_register_later);
			num += at_each_look(&ways[i], false, register_and_unregister_later);
		}
	}
	assert_true(num > 100);
}

/* All parents go after the first look, so that no parent is left for a no */
static void host_whose_parents_go_is_not_a_no(void **state)
{
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;
	unsigned int after;
	bool called = true;

	(void)state;
	for (after = 1; called; after++) {
		answer = NULL;
		put_dir(BUS);
		put("devices/card/mdev_supported_types/other/migration_version", "1.0\n");
		put_link(PARENT, "../../devices/card");
		host = begin_fixture(0);
		inject->hook = unregister_parent;
		inject->hook_after = after;
		assert_int_equal(mdev_precheck_ask_all(host, &some_source, NULL, take_answer,
						       &answer), 0);
		called = !inject->hook_after;
		/* The parent existed until the end, and does not have the type */
		if (!called)
			assert_int_equal(answer->verdict, MDEV_PRECHECK_INCOMPATIBLE);
		else
			assert_int_equal(answer->verdict, MDEV_PRECHECK_NOT_ASKED);
		mdev_precheck_answer_free(answer);
		mdev_precheck_free(host);
		clean_parent();
		remove_tree("class");
	}
	assert_true(after > 5);
}

/* Limits */

/* assert_no_child - require that this process does not have a child, not even a zombie */
static void assert_no_child(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void child_cannot_be_made(void **state)
{
	struct mdev_precheck_source *source;
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;

	(void)state;
	put(VERSION, "1.0\n");
	host = begin_fixture(LONG_LIMIT_MS);
	inject->fork_error = EAGAIN;
	assert_int_equal(mdev_precheck_source_read(host, &place, &source), -EAGAIN);
	assert_int_equal(mdev_precheck_ask(host, &some_source, &place, &answer), -EAGAIN);
	inject->fork_error = 0;
	inject->socketpair_error = ENFILE;
	assert_int_equal(mdev_precheck_source_read(host, &place, &source), -ENFILE);
	assert_int_equal(mdev_precheck_ask(host, &some_source, &place, &answer), -ENFILE);
	inject->socketpair_error = 0;
	/* The child can be made, but the question cannot be sent to it */
	inject->send_error = ETOOMANYREFS;
	assert_int_equal(mdev_precheck_source_read(host, &place, &source), -ETOOMANYREFS);
	assert_int_equal(mdev_precheck_ask(host, &some_source, &place, &answer),
			 -ETOOMANYREFS);
	mdev_precheck_free(host);
	assert_int_equal(inject->opens, 0);
}

static void assert_late_read(void)
{
	struct mdev_precheck *host = begin_fixture(SHORT_LIMIT_MS);
	struct mdev_precheck_source *source;

	assert_int_equal(mdev_precheck_source_read(host, &place, &source), 0);
	assert_no_child();
	assert_int_equal(source->state, MDEV_PRECHECK_SOURCE_UNKNOWN);
	assert_int_equal(source->error, ETIMEDOUT);
	mdev_precheck_source_free(source);
	mdev_precheck_free(host);
}

static void assert_late_answer(void)
{
	struct mdev_precheck *host = begin_fixture(SHORT_LIMIT_MS);
	struct mdev_precheck_answer *answer;

	assert_int_equal(mdev_precheck_ask(host, &some_source, &place, &answer), 0);
	assert_no_child();
	assert_answer(answer, &no_answer);
	mdev_precheck_answer_free(answer);
	mdev_precheck_free(host);
}

/* put_other_fifo - replace a FIFO from which a worker that was killed may still read */
static int put_other_fifo(bool open_it)
{
	char full[PATH_MAX];
	int fd = -1;

	remove_tree("class");
	put_fifo(VERSION, full);
	if (open_it) {
		fd = open(full, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		assert_true(fd >= 0);
	}
	return fd;
}

/* A pipe blocks an open without another end, a read if it is empty, and a write if it is full */
static void driver_that_hangs_is_left(void **state)
{
	int fd;

	(void)state;
	put_dir("class");
	put_other_fifo(false);
	assert_late_read();
	put_other_fifo(false);
	assert_late_answer();

	fd = put_other_fifo(true);
	assert_late_read();
	close(fd);
	fd = put_other_fifo(true);
	while (write(fd, "x", 1) == 1)
		;
	assert_late_answer();
	close(fd);
}

static int note_available(const struct mdev_precheck_type *type, void *data)
{
	long *available = data;

	*available = type->available_instances;
	assert_int_equal(type->source->state, MDEV_PRECHECK_SOURCE_UNKNOWN);
	assert_int_equal(type->source->error, ETIMEDOUT);
	return 0;
}

static void walk_leaves_a_driver_that_hangs_in_available_instances(void **state)
{
	struct mdev_precheck *host;
	char full[PATH_MAX];
	long available = 0;

	(void)state;
	put(VERSION, "1.0\n");
	put_fifo(PARENT "/mdev_supported_types/port/available_instances", full);
	host = begin_fixture(SHORT_LIMIT_MS);
	assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, note_available,
						  &available), 0);
	assert_int_equal(available, -1);
	assert_no_child();
	mdev_precheck_free(host);
}

static void worker_cannot_be_made(void **state)
{
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;

	(void)state;
	put(VERSION, "1.0\n");
	host = begin_fixture(LONG_LIMIT_MS);
	inject->worker_error = EAGAIN;
	assert_int_equal(mdev_precheck_ask(host, &some_source, &place, &answer), 0);
	assert_int_equal(answer->verdict, MDEV_PRECHECK_NOT_ASKED);
	assert_int_equal(answer->error, EAGAIN);
	mdev_precheck_answer_free(answer);
	assert_int_equal(inject->opens, 0);
	assert_no_child();
	mdev_precheck_free(host);
}

static void late_parent_is_not_asked_again(void **state)
{
	static const struct mdev_precheck_place second = { "card", "second" };
	static const struct mdev_precheck_place other = { "other", "port" };
	struct mdev_precheck_source second_source = some_source, *source;
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;
	char full[PATH_MAX];
	int i;

	(void)state;
	put_fifo(VERSION, full);
	put(PARENT "/mdev_supported_types/second/migration_version", "1.0\n");
	put(BUS "/other/mdev_supported_types/port/migration_version", "1.0\n");
	second_source.type = "second";
	/* The worker needs this time to reach the driver */
	host = begin_fixture(500);
	for (i = 0; i < 3; i++) {
		assert_int_equal(mdev_precheck_ask(host, &some_source, &place, &answer), 0);
		assert_answer(answer, &no_answer);
		mdev_precheck_answer_free(answer);
		/* The next questions do not have a limit, and would wait for ever */
		mdev_precheck_set_timeout(host, 0);
	}
	assert_int_equal(inject->opens, 1);
	assert_int_equal(mdev_precheck_ask(host, &second_source, &second, &answer), 0);
	assert_answer(answer, &no_answer);
	mdev_precheck_answer_free(answer);
	assert_int_equal(mdev_precheck_source_read(host, &place, &source), 0);
	assert_int_equal(source->error, ETIMEDOUT);
	mdev_precheck_source_free(source);
	assert_int_equal(inject->opens, 1);

	/* Another parent, and a condition that does not need the driver */
	assert_int_equal(mdev_precheck_ask(host, &some_source, &other, &answer), 0);
	assert_int_equal(answer->verdict, MDEV_PRECHECK_COMPATIBLE);
	mdev_precheck_answer_free(answer);
	assert_int_equal(mdev_precheck_ask(host, &second_source, &place, &answer), 0);
	assert_int_equal(answer->condition, MDEV_PRECHECK_SAME_TYPE);
	mdev_precheck_answer_free(answer);
	mdev_precheck_free(host);
	/* A new object asks the driver again */
	assert_late_answer();
}

static void become_subreaper(bool become)
{
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, become, 0, 0, 0), 0);
}

/* A worker that hangs in a driver cannot be killed, so it must not keep the caller's files */
static void worker_that_is_left_does_not_keep_files(void **state)
{
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;
	char full[PATH_MAX], byte;
	int ends[2], status;
	pid_t worker;

	(void)state;
	put_fifo(VERSION, full);
	/* The pipe is not close-on-exec, because no program is executed */
	assert_int_equal(pipe(ends), 0);
	host = begin_fixture(500);
	become_subreaper(true);
	inject->no_kill = true;
	assert_int_equal(mdev_precheck_ask(host, &some_source, &place, &answer), 0);
	assert_answer(answer, &no_answer);
	mdev_precheck_answer_free(answer);
	mdev_precheck_free(host);
	become_subreaper(false);
	/* The worker is a child here only because this process adopts it */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
	close(ends[1]);
	/* This read waits for the worker as long as the worker holds the other end */
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
	/* The other end of the FIFO releases the worker, whose answer has no reader */
	close(open(full, O_RDONLY | O_CLOEXEC));
	worker = waitpid(-1, &status, 0);
	assert_true(worker > 0);
	assert_no_child();
}

/* asker_in_child - fork a process that asks and hangs; return its process id */
static pid_t asker_in_child(void)
{
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;
	pid_t asker = fork();

	assert_true(asker >= 0);
	if (asker)
		return asker;
	host = begin_fixture(LONG_LIMIT_MS);
	mdev_precheck_ask(host, &some_source, &place, &answer);
	_exit(1);
}

static void children_end_when_the_asker_is_killed(void **state)
{
	char full[PATH_MAX];
	int status, num;
	pid_t asker;

	(void)state;
	put_fifo(VERSION, full);
	become_subreaper(true);
	asker = asker_in_child();
	while (!__atomic_load_n(&inject->opens, __ATOMIC_RELAXED))
		usleep(1000);
	assert_int_equal(kill(asker, SIGKILL), 0);
	/* The asker, the keeper and the worker: this process adopts the keeper and the worker */
	for (num = 0; waitpid(-1, &status, 0) > 0; num++) {
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGKILL);
	}
	assert_int_equal(errno, ECHILD);
	assert_int_equal(num, 3);
	become_subreaper(false);
}

/* A child that dies without an answer is an error, and not a timeout */
static void worker_that_dies_is_not_an_answer(void **state)
{
	struct mdev_precheck_source *source;
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;

	(void)state;
	put(VERSION, "1.0\n");
	host = begin_fixture(LONG_LIMIT_MS);
	inject->die = true;
	assert_int_equal(mdev_precheck_source_read(host, &place, &source), 0);
	assert_no_child();
	assert_int_equal(source->state, MDEV_PRECHECK_SOURCE_UNKNOWN);
	assert_int_equal(source->error, EIO);
	mdev_precheck_source_free(source);
	assert_int_equal(mdev_precheck_ask(host, &some_source, &place, &answer), 0);
	assert_no_child();
	assert_answer(answer, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_ACCEPTED, EIO,
		"the target's driver does not answer (EIO: Input/output error)" });
	mdev_precheck_answer_free(answer);
	mdev_precheck_free(host);
}

/* The caller has handlers for these signals */
static void answer_is_waited_for_after_interruptions(void **state)
{
	(void)state;
	put(VERSION, repeated(MDEV_PRECHECK_VERSION_MAX, 'v'));
	inject->interrupt_poll = 3;
	inject->interrupt_receive = 3;
	inject->interrupt_wait = 3;
	assert_read(MDEV_PRECHECK_SOURCE_READ, 0, repeated(MDEV_PRECHECK_VERSION_MAX, 'v'));
	assert_int_equal(inject->interrupt_poll, 0);
	assert_int_equal(inject->interrupt_receive, 0);
	assert_int_equal(inject->interrupt_wait, 0);
}

/* read_quietly - read a version without an assertion, which would print to a closed file */
static bool read_quietly(struct mdev_precheck *host)
{
	struct mdev_precheck_source *source = NULL;
	bool done;

	done = !mdev_precheck_source_read(host, &place, &source) &&
	       source->state == MDEV_PRECHECK_SOURCE_READ;
	mdev_precheck_source_free(source);
	return done;
}

/* A program can close its standard files before or after it opens an object */
static void standard_files_are_not_needed(void **state)
{
	struct mdev_precheck *before, *after;
	unsigned int closed;
	bool results[2];
	int saved[3], fd;

	(void)state;
	put(VERSION, "1.0\n");
	for (fd = 0; fd < 3; fd++)
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	for (closed = 1; closed < 8; closed++) {
		before = begin_fixture(LONG_LIMIT_MS);
		for (fd = 0; fd < 3; fd++) {
			if (closed & 1 << fd)
				close(fd);
		}
		results[0] = read_quietly(before);
		after = begin_fixture(LONG_LIMIT_MS);
		results[1] = read_quietly(after);
		mdev_precheck_free(after);
		for (fd = 0; fd < 3; fd++)
			dup2(saved[fd], fd);
		mdev_precheck_free(before);
		assert_true(results[0]);
		assert_true(results[1]);
	}
	for (fd = 0; fd < 3; fd++)
		close(saved[fd]);
}

/* The child of an object */

#define OTHER	BUS "/other/mdev_supported_types/port/migration_version"

static const struct mdev_precheck_place other_place = { "other", "port" };

static int verdict_of(struct mdev_precheck *host, const struct mdev_precheck_place *target)
{
	struct mdev_precheck_answer *answer;
	int verdict;

	assert_int_equal(mdev_precheck_ask(host, &some_source, target, &answer), 0);
	verdict = answer->verdict;
	mdev_precheck_answer_free(answer);
	return verdict;
}

static void assert_yes(struct mdev_precheck *host)
{
	assert_int_equal(verdict_of(host, &place), MDEV_PRECHECK_COMPATIBLE);
}

/* assert_forks - require that @num keepers and workers were made since the last call */
static void assert_forks(unsigned int num)
{
	assert_int_equal(inject->forks, 2 * num);
	inject->forks = 0;
}

/* wait_for_end - wait until the child of an object has ended */
static void wait_for_end(const struct mdev_precheck *host)
{
	struct pollfd end = { .fd = host->child.socket };

	/* SIGCHLD can come meanwhile */
	while (poll(&end, 1, LONG_LIMIT_MS) < 0)
		assert_int_equal(errno, EINTR);
	assert_true(end.revents & POLLHUP);
}

/* assert_question - require that question @i gets its own answer; three kinds take turns */
static void assert_question(struct mdev_precheck *host, unsigned int i)
{
	static const struct mdev_precheck_place without = { "card", "without" };
	struct mdev_precheck_source source = some_source, *read;
	struct mdev_precheck_answer *answer;
	char version[32];

	snprintf(version, sizeof(version), "version %u", i);
	source.version = version;
	switch (i % 3) {
	case 0:
		assert_int_equal(mdev_precheck_ask(host, &source, &place, &answer), 0);
		assert_answer(answer, &yes);
		assert_int_equal(answer->available_instances, 16);
		assert_int_equal(inject->written_len, strlen(version));
		assert_memory_equal(inject->written, version, strlen(version));
		mdev_precheck_answer_free(answer);
		break;
	case 1:
		source.type = "without";
		assert_int_equal(mdev_precheck_ask(host, &source, &without, &answer), 0);
		assert_int_equal(answer->condition, MDEV_PRECHECK_TARGET_VERSION);
		mdev_precheck_answer_free(answer);
		break;
	default:
		assert_int_equal(mdev_precheck_source_read(host, &other_place, &read), 0);
		assert_string_equal(read->version, "other");
		mdev_precheck_source_free(read);
	}
}

static void one_child_answers_10000_questions(void **state)
{
	struct mdev_precheck *host;
	unsigned int i;
	int files;

	(void)state;
	put(VERSION, "1.0\n");
	put(TYPE "/available_instances", "16\n");
	put(OTHER, "other\n");
	put_dir(PARENT "/mdev_supported_types/without");
	host = begin_fixture(LONG_LIMIT_MS);
	assert_question(host, 0);
	files = count_files();
	for (i = 1; i < 10000; i++)
		assert_question(host, i);
	assert_forks(1);
	assert_int_equal(count_files(), files);
	mdev_precheck_free(host);
	assert_no_child();
	assert_forks(0);
}

static void object_without_a_limit_does_not_have_a_child(void **state)
{
	struct mdev_precheck *host;

	(void)state;
	put(VERSION, "1.0\n");
	host = begin_fixture(0);
	assert_yes(host);
	assert_forks(0);
	mdev_precheck_set_timeout(host, LONG_LIMIT_MS);
	assert_no_child();
	assert_yes(host);
	mdev_precheck_set_timeout(host, 0);
	assert_yes(host);
	mdev_precheck_set_timeout(host, LONG_LIMIT_MS);
	assert_yes(host);
	assert_forks(1);
	mdev_precheck_free(host);
}

static void child_that_was_killed_is_made_again(void **state)
{
	struct mdev_precheck *host;
	pid_t victim;
	int i;

	(void)state;
	put(VERSION, "1.0\n");
	host = begin_fixture(LONG_LIMIT_MS);
	assert_yes(host);
	assert_forks(1);
	for (i = 0; i < 4; i++) {
		victim = i % 2 ? host->child.keeper : inject->opener;
		assert_int_not_equal(victim, getpid());
		assert_int_equal(kill(victim, SIGKILL), 0);
		wait_for_end(host);
		inject->writes = 0;
		assert_yes(host);
		assert_int_equal(inject->writes, 1);
		assert_forks(1);
	}
	/* No question waits for an answer now */
	assert_int_equal(kill(inject->opener, SIGKILL), 0);
	wait_for_end(host);
	mdev_precheck_free(host);
	assert_no_child();
}

/* A question that killed the child is not asked again, but the next question is asked */
static void driver_that_kills_the_child_is_asked_once(void **state)
{
	struct mdev_precheck *host;
	int i;

	(void)state;
	put(VERSION, "1.0\n");
	host = begin_fixture(LONG_LIMIT_MS);
	for (i = 0; i < 3; i++) {
		assert_yes(host);
		inject->die = true;
		inject->opens = 0;
		assert_int_equal(verdict_of(host, &place), MDEV_PRECHECK_NOT_ASKED);
		assert_int_equal(inject->opens, 1);
		assert_no_child();
		inject->die = false;
	}
	assert_forks(3);
	mdev_precheck_free(host);
}

static void timeouts_come_between_good_answers(void **state)
{
	struct mdev_precheck *host;
	char path[PATH_MAX], full[PATH_MAX];
	unsigned int i;

	(void)state;
	put(VERSION, "1.0\n");
	host = begin_fixture(LONG_LIMIT_MS);
	for (i = 0; i < 5; i++) {
		struct mdev_precheck_place hangs = { .type = "port" };
		struct mdev_precheck_answer *answer;

		snprintf(hangs.parent, sizeof(hangs.parent), "hangs%u", 5 - i);
		snprintf(path, sizeof(path), BUS "/%s/mdev_supported_types/port/migration_version",
			 hangs.parent);
		put_fifo(path, full);
		assert_yes(host);
		assert_forks(1);
		mdev_precheck_set_timeout(host, SHORT_LIMIT_MS);
		assert_int_equal(mdev_precheck_ask(host, &some_source, &hangs, &answer), 0);
		assert_answer(answer, &no_answer);
		mdev_precheck_answer_free(answer);
		assert_no_child();
		mdev_precheck_set_timeout(host, LONG_LIMIT_MS);
	}
	/* The object remembers each parent that hung, in any order of their names */
	for (i = 1; i <= 5; i++) {
		snprintf(path, sizeof(path), "hangs%u", i);
		assert_true(is_late(host, path));
	}
	assert_false(is_late(host, "hangs"));
	assert_false(is_late(host, "hangs6"));
	assert_false(is_late(host, "card"));
	mdev_precheck_free(host);
}

/* The answer of a worker that was left does not belong to the next question */
static void late_answer_is_not_taken_for_the_next_one(void **state)
{
	struct mdev_precheck_source *source;
	struct mdev_precheck *host;
	char full[PATH_MAX];
	int fd, status;

	(void)state;
	put_fifo(VERSION, full);
	put(OTHER, "other\n");
	host = begin_fixture(500);
	become_subreaper(true);
	inject->no_kill = true;
	assert_int_equal(mdev_precheck_source_read(host, &place, &source), 0);
	assert_int_equal(source->error, ETIMEDOUT);
	mdev_precheck_source_free(source);
	mdev_precheck_set_timeout(host, LONG_LIMIT_MS);
	/* The worker gets its string now, and ends because the asker has closed the socket */
	fd = open(full, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "late\n", 5), 5);
	assert_true(waitpid(-1, &status, 0) > 0);
	close(fd);
	become_subreaper(false);
	assert_int_equal(mdev_precheck_source_read(host, &other_place, &source), 0);
	assert_string_equal(source->version, "other");
	mdev_precheck_source_free(source);
	mdev_precheck_free(host);
}

/* A child that answers another question is replaced */
static void answer_has_the_number_of_its_question(void **state)
{
	static const int numbers[] = { -1, 1, 1000, INT_MIN };
	struct mdev_precheck *host;
	size_t i;

	(void)state;
	put(VERSION, "1.0\n");
	host = begin_fixture(LONG_LIMIT_MS);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		assert_yes(host);
		inject->misnumber = numbers[i];
		assert_int_equal(verdict_of(host, &place), MDEV_PRECHECK_NOT_ASKED);
		assert_no_child();
		inject->misnumber = 0;
	}
	assert_forks(ARRAY_SIZE(numbers));
	mdev_precheck_free(host);
}

static void two_objects_have_two_children(void **state)
{
	struct mdev_precheck *one, *other;
	pid_t worker;

	(void)state;
	put(VERSION, "1.0\n");
	one = begin_fixture(LONG_LIMIT_MS);
	other = begin_fixture(LONG_LIMIT_MS);
	assert_yes(one);
	worker = inject->opener;
	assert_yes(other);
	assert_int_not_equal(inject->opener, worker);
	assert_yes(one);
	assert_int_equal(inject->opener, worker);
	assert_forks(2);
	mdev_precheck_free(other);
	assert_yes(one);
	assert_int_equal(inject->opener, worker);
	assert_forks(0);
	mdev_precheck_free(one);
}

/* process_link - read a link of a process in /proc; false if the process does not have it */
static bool process_link(pid_t pid, const char *name, char target[PATH_MAX])
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/%.32s", pid, name);
	len = readlink(path, target, PATH_MAX - 1);
	if (len < 0)
		return false;
	target[len] = '\0';
	return true;
}

static bool is_open_here(const char *file)
{
	char name[16], target[PATH_MAX];
	int fd;

	for (fd = 0; fd < 100; fd++) {
		snprintf(name, sizeof(name), "fd/%d", fd);
		if (process_link(getpid(), name, target) && !strcmp(target, file))
			return true;
	}
	return false;
}

/* assert_holds - require that a process has a socket and the root directory, and no file of ours */
static void assert_holds(pid_t pid)
{
	char path[64], target[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "fd/%.16s", entry->d_name);
		/* valgrind has files with higher numbers */
		if (strlen(entry->d_name) > 2 || !process_link(pid, path, target))
			continue;
		/* The types' directories are closed before the answers come */
		if (is_open_here(target) || !strncmp(target, root, strlen(root)))
			fail_msg("the child has %s", target);
	}
	closedir(dir);
	assert_true(process_link(pid, "fd/0", target));
	assert_memory_equal(target, "socket:", strlen("socket:"));
	assert_true(process_link(pid, "cwd", target));
	assert_string_equal(target, "/");
}

static void child_holds_nothing_of_the_caller(void **state)
{
	struct mdev_precheck *host;

	(void)state;
	put(VERSION, "1.0\n");
	host = begin_fixture(LONG_LIMIT_MS);
	assert_yes(host);
	assert_true(fcntl(host->child.socket, F_GETFD) & FD_CLOEXEC);
	assert_holds(host->child.keeper);
	assert_holds(inject->opener);
	mdev_precheck_free(host);
}

/* use_in_process - ask in a process that fork() made; return 0 if each answer is right */
static int use_in_process(struct mdev_precheck *host, pid_t worker)
{
	if (verdict_of(host, &place) != MDEV_PRECHECK_COMPATIBLE)
		return 1;
	if (inject->opener == worker)
		return 2;
	mdev_precheck_free(host);
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : 3;
}

static void caller_that_forks_has_two_children(void **state)
{
	struct mdev_precheck *host;
	int status;
	pid_t pid, worker;
	int i;

	(void)state;
	put(VERSION, "1.0\n");
	host = begin_fixture(LONG_LIMIT_MS);
	assert_yes(host);
	worker = inject->opener;
	assert_forks(1);
	for (i = 0; i < 2; i++) {
		pid = fork();
		if (!pid)
			_exit(use_in_process(host, worker));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		assert_forks(1);
		/* The first child is still the same */
		assert_yes(host);
		assert_int_equal(inject->opener, worker);
		assert_forks(0);
	}
	/* A process that frees the object without a question */
	pid = fork();
	if (!pid) {
		mdev_precheck_free(host);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_yes(host);
	assert_int_equal(inject->opener, worker);
	assert_forks(0);
	mdev_precheck_free(host);
}

/* has_gone - wait for a process that ends by itself, because this process may not kill it */
static bool has_gone(pid_t pid)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	int i;

	for (i = 0; i < 3000; i++) {
		if (kill(pid, 0) && errno == ESRCH)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* use_as_nobody - ask in a process that gives up root; return 0 if each answer is right */
static int use_as_nobody(void)
{
	struct mdev_precheck *host = begin_fixture(LONG_LIMIT_MS);
	pid_t worker, keeper;

	if (verdict_of(host, &place) != MDEV_PRECHECK_COMPATIBLE)
		return 1;
	worker = inject->opener;
	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		return 2;
	if (verdict_of(host, &place) != MDEV_PRECHECK_NOT_ASKED)
		return 3;
	if (inject->opener == worker || !has_gone(worker))
		return 4;
	keeper = host->child.keeper;
	mdev_precheck_free(host);
	return has_gone(keeper) ? 0 : 5;
}

/* free_as_nobody - free the object while its child, which this process may not kill, is stopped */
static int free_as_nobody(void)
{
	struct mdev_precheck *host = begin_fixture(LONG_LIMIT_MS);

	if (verdict_of(host, &place) != MDEV_PRECHECK_COMPATIBLE)
		return 1;
	if (kill(inject->opener, SIGSTOP) || setresuid(65534, 65534, 65534))
		return 2;
	mdev_precheck_free(host);
	return 0;
}

static void caller_that_gives_up_root_has_another_child(void **state)
{
	char full_path[PATH_MAX];
	int status;
	pid_t pid;

	(void)state;
	if (geteuid())
		skip();
	put(VERSION, "1.0\n");
	assert_int_equal(chmod(root, 0755), 0);
	make_path(VERSION, full_path);
	assert_int_equal(chmod(full_path, 0600), 0);

	pid = fork();
	if (!pid)
		_exit(use_as_nobody());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);

	pid = fork();
	if (!pid)
		_exit(free_as_nobody());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(kill(inject->opener, SIGKILL), 0);
}

static void *ask_in_thread(void *host)
{
	return verdict_of(host, &place) == MDEV_PRECHECK_COMPATIBLE ? host : NULL;
}

static void object_moves_from_thread_to_thread(void **state)
{
	struct mdev_precheck *host;
	pthread_t thread;
	void *asked;
	int i;

	(void)state;
	put(VERSION, "1.0\n");
	host = begin_fixture(LONG_LIMIT_MS);
	for (i = 0; i < 50; i++) {
		inject->writes = 0;
		/* The thread's child ends with the thread, while the next question is asked */
		assert_int_equal(pthread_create(&thread, NULL, ask_in_thread, host), 0);
		assert_int_equal(pthread_join(thread, &asked), 0);
		assert_ptr_equal(asked, host);
		assert_yes(host);
		assert_yes(host);
		assert_int_equal(inject->writes, 3);
		assert_forks(2);
	}
	mdev_precheck_free(host);
	assert_no_child();
}

static sig_atomic_t num_signals;

static void count_signal(int number)
{
	(void)number;
	num_signals++;
	inject->misnumber = 1;
}

static void reap_any(int number)
{
	int error = errno;

	(void)number;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		num_signals++;
	errno = error;
}

static void handler_of_the_caller_is_not_called_in_the_child(void **state)
{
	struct sigaction action = { .sa_handler = count_signal }, before;
	struct mdev_precheck *host;

	(void)state;
	put(VERSION, "1.0\n");
	host = begin_fixture(LONG_LIMIT_MS);
	assert_int_equal(sigaction(SIGTERM, &action, &before), 0);
	assert_yes(host);
	assert_int_equal(kill(host->child.keeper, SIGTERM), 0);
	assert_int_equal(kill(inject->opener, SIGTERM), 0);
	assert_yes(host);
	assert_int_equal(inject->misnumber, 0);
	assert_forks(1);
	/* The handler of this process is still installed */
	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(num_signals, 1);
	assert_int_equal(sigaction(SIGTERM, &before, NULL), 0);
	num_signals = 0;
	inject->misnumber = 0;
	mdev_precheck_free(host);
}

/* reaped_by - ask while a handler of the caller, or the kernel, reaps the keeper */
static void reaped_by(void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler }, before;
	struct mdev_precheck *host;
	int i;

	assert_int_equal(sigaction(SIGCHLD, &action, &before), 0);
	host = begin_fixture(LONG_LIMIT_MS);
	for (i = 0; i < 3; i++) {
		assert_yes(host);
		inject->die = true;
		assert_int_equal(verdict_of(host, &place), MDEV_PRECHECK_NOT_ASKED);
		inject->die = false;
		assert_yes(host);
		assert_int_equal(kill(host->child.keeper, SIGKILL), 0);
		wait_for_end(host);
	}
	assert_yes(host);
	mdev_precheck_free(host);
	assert_int_equal(sigaction(SIGCHLD, &before, NULL), 0);
	assert_no_child();
}

static void keeper_may_be_reaped_by_somebody_else(void **state)
{
	(void)state;
	put(VERSION, "1.0\n");
	num_signals = 0;
	reaped_by(reap_any);
	assert_true(num_signals > 0);
	num_signals = 0;
	reaped_by(SIG_IGN);
}

/* mdev_precheck_free() kills a child that is stopped */
static void child_that_is_stopped_is_killed(void **state)
{
	struct mdev_precheck *host;

	(void)state;
	put(VERSION, "1.0\n");
	host = begin_fixture(LONG_LIMIT_MS);
	assert_yes(host);
	assert_int_equal(kill(inject->opener, SIGSTOP), 0);
	mdev_precheck_free(host);
	assert_no_child();

	host = begin_fixture(LONG_LIMIT_MS);
	assert_yes(host);
	assert_int_equal(kill(host->child.keeper, SIGSTOP), 0);
	mdev_precheck_free(host);
	assert_no_child();
}

/* The kernel log */

static const struct {
	const char *name;
	const char *number;
	const char *record;
	const char *message;
} records[] = {
	{ "card", "", "4,1,2,-;not ours\n", NULL },
	{ "card", "", "4,1,2,-;ours\n SUBSYSTEM=mtty\n DEVICE=+mtty:card\n",
	  "ours" },
	{ "card", "", "4,1,2,-,caller=T1;ours\n DEVICE=+mtty:card\n", "ours" },
	{ "card", "", "4,1,2,-;ours\n DEVICE=+mtty:card", "ours" },
	{ "card", "", "4,1,2,-;ours\n DEVICE=+mtty:card\n MORE=x\n", "ours" },
	{ "card", "", "4,1,2,-;\n DEVICE=+mtty:card\n", "" },
	{ "card", "", "4,1,2,-;a;b; c\n DEVICE=+mtty:card\n", "a;b; c" },
	{ "card", "", "4,1,2,-;caf\\xc3\\xa9 \\x5c\\x0a\n DEVICE=+mtty:card\n",
	  "caf\\xc3\\xa9 \\x5c\\x0a" },
	/* A different name, or a longer or shorter one */
	{ "card", "", "4,1,2,-;other\n DEVICE=+mtty:other\n", NULL },
	{ "card", "", "4,1,2,-;other\n DEVICE=+mtty:card2\n", NULL },
	{ "card", "", "4,1,2,-;other\n DEVICE=+mtty:car\n", NULL },
	{ "card", "", "4,1,2,-;other\n DEVICE=+card\n", NULL },
	{ "card", "", "4,1,2,-;other\n DEVICE=+mtty:a:card\n", NULL },
	{ "card", "", "4,1,2,-;other\n DEVICE=card\n", NULL },
	{ "card", "", "4,1,2,-;other\n DEVICE=\n", NULL },
	{ "card", "", "4,1,2,-;other\n DEVICE=n3\n", NULL },
	/* A name with colons, as PCI has */
	{ "0000:00:02.0", "", "4,1,2,-;ours\n DEVICE=+pci:0000:00:02.0\n", "ours" },
	{ "00:02.0", "", "4,1,2,-;other\n DEVICE=+pci:0000:00:02.0\n", NULL },
	{ "two words", "", "4,1,2,-;ours\n DEVICE=+mtty:two words\n", "ours" },
	/* A name with bytes that the log escapes */
	{ "caf\xc3\xa9", "", "4,1,2,-;ours\n DEVICE=+mtty:caf\\xc3\\xa9\n", "ours" },
	{ "a\\b\x7f\n", "", "4,1,2,-;ours\n DEVICE=+mtty:a\\x5cb\\x7f\\x0a\n",
	  "ours" },
	{ "a\\b", "", "4,1,2,-;other\n DEVICE=+mtty:a\\b\n", NULL },
	{ "\\x41", "", "4,1,2,-;other\n DEVICE=+mtty:A\n", NULL },
	{ "A", "", "4,1,2,-;other\n DEVICE=+mtty:\\x41\n", NULL },
	/* The kernel cuts a name after 47 bytes, which include the subsystem */
	{ "a-name-of-41-characters-is-the-longest-ok", "",
	  "4,1,2,-;ours\n DEVICE=+mtty:a-name-of-41-characters-is-the-longest-ok\n",
	  "ours" },
	{ "a-name-of-41-characters-is-the-longest-ok-and-more", "",
	  "4,1,2,-;ours\n DEVICE=+mtty:a-name-of-41-characters-is-the-longest-ok\n",
	  "ours" },
	{ "a-name-of-41-characters-is-the-longest-o\t2", "",
	  "4,1,2,-;ours\n DEVICE=+mtty:a-name-of-41-characters-is-the-longest-o\\x09\n",
	  "ours" },
	{ "a-name-of-41-characters-is-the-longest-ok", "",
	  "4,1,2,-;other\n DEVICE=+mtty:a-name-of-41-characters-is-the-longest-o\n",
	  NULL },
	{ "a-name-of-41-characters-is-the-longest-ok", "",
	  "4,1,2,-;other\n DEVICE=+mtty:a-name-of-41-characters-is-the-longest-okay\n",
	  NULL },
	{ "card", "",
	  "4,1,2,-;other\n DEVICE=+a-subsystem-whose-name-is-so-long-that-none-is-left:card\n",
	  NULL },
	/* A device number */
	{ "card", "c10:200", "4,1,2,-;ours\n DEVICE=c10:200\n", "ours" },
	{ "card", "c10:200", "4,1,2,-;ours\n DEVICE=+misc:card\n", "ours" },
	{ "card", "c10:200", "4,1,2,-;other\n DEVICE=b10:200\n", NULL },
	{ "card", "c10:200", "4,1,2,-;other\n DEVICE=c10:20\n", NULL },
	{ "card", "c10:200", "4,1,2,-;other\n DEVICE=c10:2000\n", NULL },
	{ "card", "b8:0", "4,1,2,-;ours\n DEVICE=b8:0\n", "ours" },
	/* A message that imitates a dictionary, and records without a dictionary */
	{ "card", "", "4,1,2,-; DEVICE=+mtty:card\n", NULL },
	{ "card", "", "4,1,2,-;x\\x0a DEVICE=+mtty:card\n", NULL },
	{ "card", "", "4,1,2,-; DEVICE=+mtty:card\n DEVICE=+mtty:other\n", NULL },
	{ "card", "", "4,1,2,-;x\nDEVICE=+mtty:card\n", NULL },
	{ "card", "", "4,1,2,-;x\n NODEVICE=+mtty:card\n", NULL },
	{ "card", "", "4,1,2,-;x\n DEVICE\n", NULL },
	/* Records without a message */
	{ "card", "", "", NULL },
	{ "card", "", "\n", NULL },
	{ "card", "", ";", NULL },
	{ "card", "", "no semicolon\n DEVICE=+mtty:card\n", NULL },
};

static void record_is_taken_apart(void **state)
{
	static const char head[] = "4,1,2,-;", end[] = "\n DEVICE=+mtty:card\n";
	static const char nul[] = "4,1,2,-;a\0b\n DEVICE=+mtty:card\n";
	char record[8193];
	const char *message;
	bool ours;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(records); i++) {
		const char *expected = records[i].message;
		struct log_device device = { .name = records[i].name };
		size_t len = strlen(records[i].record);

		snprintf(device.number, sizeof(device.number), "%s", records[i].number);
		memset(record, 'x', sizeof(record));
		memcpy(record, records[i].record, len);
		message = log_record_message(record, len, &device, &ours);
		if (!ours)
			message = NULL;
		if (!message != !expected || (message && strcmp(message, expected))) {
			if (!message)
				message = "(not one)";
			fail_msg("the message is \"%s\": %s", message, records[i].record);
		}
	}
	/* A record of the longest length, and a record with a NUL */
	memset(record, 'x', sizeof(record));
	memcpy(record, head, sizeof(head) - 1);
	memcpy(record + 8192 - (sizeof(end) - 1), end, sizeof(end) - 1);
	message = log_record_message(record, 8192,
				     &(struct log_device){ .name = "card" }, &ours);
	assert_non_null(message);
	assert_true(ours);
	assert_int_equal(strlen(message), 8192 - (sizeof(head) - 1) - (sizeof(end) - 1));
	memcpy(record, nul, sizeof(nul) - 1);
	message = log_record_message(record, sizeof(nul) - 1,
				     &(struct log_device){ .name = "card" }, &ours);
	assert_string_equal(message, "a");
	assert_false(ours);
}

static const struct {
	const char *type;
	const char *version;
	const char *message;
	bool expected;
} messages[] = {
	{ "port", "1.0", "type port: migration version \"1.0\" rejected: old", true },
	{ "port", "1.0", "1.0 port", true },
	{ "port", "1.0", "port 1.0.", true },
	{ "port", "1.0", "(port) <1.0>: no", true },
	/* Another type, or another string */
	{ "port", "1.0", "type other: migration version \"1.0\" rejected: old", false },
	{ "port", "1.0", "type port2: migration version \"1.0\" rejected: old", false },
	{ "port", "1.0", "type a-port: migration version \"1.0\" rejected: old", false },
	{ "port", "1.0", "type port-2: migration version \"1.0\" rejected: old", false },
	{ "port", "1.0", "type port: migration version \"1.01\" rejected: old", false },
	{ "port", "1.0", "type port: migration version \"1.0.1\" rejected: old", false },
	{ "port", "1.0", "type port: migration version \"2:1.0\" rejected: old", false },
	{ "port", "1.0", "type port: migration version \"1.0-rc\" rejected: old", false },
	{ "port", "1.0", "type port: rejected", false },
	{ "port", "1.0", "version \"1.0\" rejected", false },
	{ "port", "1.0", "", false },
	/* The second match counts, too */
	{ "port", "1.0", "ports, port: 11.0 is not 1.0", true },
	{ "1", "1", "1", true },
	/* The text in the form of /dev/kmsg */
	{ "a\\b", "1\\0", "type a\\x5cb: migration version \"1\\x5c0\" rejected", true },
	{ "a\\b", "1\\0", "type a\\b: migration version \"1\\0\" rejected", false },
	{ "caf\xc3\xa9", "1", "type caf\\xc3\\xa9: migration version \"1\"", true },
	{ "a b", " 1 ", "type a b: migration version \" 1 \" rejected", true },
	{ "port", "(", "type port: migration version \"(\" rejected", true },
	{ "port", "(", "type port: migration version \"((\" rejected", true },
	{ "", "1", "1", false },
	{ "port", "", "port", false },
};

static void message_names_its_question(void **state)
{
	char version[302], message[400];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(messages); i++) {
		if (log_names(messages[i].message, messages[i].type, messages[i].version) !=
		    messages[i].expected)
			fail_msg("the message %zu is classified wrongly: %s", i,
				 messages[i].message);
	}

	/* The kernel logs 256 characters of a string, but a driver can log all of them */
	snprintf(version, sizeof(version), "%sy", repeated(300, 'x'));
	snprintf(message, sizeof(message), "type port: migration version \"%.256s\"", version);
	assert_true(log_names(message, "port", version));
	snprintf(message, sizeof(message), "port: %s", version);
	assert_true(log_names(message, "port", version));
	snprintf(message, sizeof(message), "type port: migration version \"%.255s\"", version);
	assert_false(log_names(message, "port", version));
	/* A string of 256 characters is whole in the log */
	version[256] = '\0';
	snprintf(message, sizeof(message), "type port: migration version \"%s\"", version);
	assert_true(log_names(message, "port", version));
	snprintf(message, sizeof(message), "type port: migration version \"%sx\"", version);
	assert_false(log_names(message, "port", version));

	memset(version, '\\', 256);
	assert_false(log_names("type port: none", repeated(NAME_MAX, '\n'), version));
}

#define CHECK	"check_migration_version returned 1"

static const struct {
	const char *type;
	const char *message;
	bool expected;
} faults[] = {
	{ "port", "mtty card: mdev driver mtty, type port: " CHECK, true },
	{ "port", "mdev driver mtty, type port: " CHECK " or more", true },
	/* A driver can have such a name */
	{ "port", "mdev driver a, type b, type port: " CHECK, true },
	{ "port", "mdev driver a, type port: b, type c: " CHECK, false },
	/* Another type, another callback, another program's line */
	{ "port", "mdev driver mtty, type cart: " CHECK, false },
	{ "port", "mdev driver mtty, type port2: " CHECK, false },
	{ "port2", "mdev driver mtty, type port: " CHECK, false },
	{ "port", "mdev driver mtty, type a-port: " CHECK, false },
	{ "port", "mdev driver mtty, type port: show_migration_version returned 7", false },
	{ "port", "mdev driver mtty, type port: check_migration_version", false },
	{ "port", "the driver mtty, type port: " CHECK, false },
	{ "port", "mdev driver mtty", false },
	{ "port", "", false },
	/* The text in the form of /dev/kmsg */
	{ "a\\b", "mdev driver m, type a\\x5cb: " CHECK, true },
	{ "a\\b", "mdev driver m, type a\\b: " CHECK, false },
};

static void message_reports_fault(void **state)
{
	char type[NAME_MAX + 1], message[NAME_MAX + 100];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (log_has_fault(faults[i].message, faults[i].type) != faults[i].expected)
			fail_msg("the message %zu is classified wrongly: %s", i,
				 faults[i].message);
	}
	snprintf(type, sizeof(type), "%s", repeated(NAME_MAX, 'x'));
	snprintf(message, sizeof(message),
		 "mdev driver m, type %s: " CHECK, type);
	assert_true(log_has_fault(message, type));
	assert_false(log_has_fault("none", repeated(NAME_MAX, '\n')));
}

/* MESSAGE - the text of the kernel's macro for vendor drivers */
#define MESSAGE(type, version, reason)	\
	"type " type ": migration version \"" version "\" rejected: " reason
#define OURS(reason)	MESSAGE("port", "4348:3253-1.0", reason)

/**
 * struct logged - the log of a question
 * @lines: the lines, with a newline behind each
 * @error: errno of the answer
 * @lost: the answer notes that lines may be lost
 */
struct logged {
	char lines[8192];
	int error;
	bool lost;
};

static void log_of(unsigned int limit, const char *const *records, struct logged *logged)
{
	struct mdev_precheck *host = begin_fixture(limit);
	struct mdev_precheck_answer *answer;
	size_t i, len = 0;

	inject->records = records;
	inject->call_error = EPROTONOSUPPORT;
	assert_int_equal(mdev_precheck_ask(host, &some_source, &place, &answer), 0);
	/* The reason comes from the errno, and not from the log */
	assert_answer(answer, &(struct expected) {
		MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_ACCEPTED, EPROTONOSUPPORT,
		"the target's driver does not accept the version (EPROTONOSUPPORT: Protocol not supported)"
		});
	logged->error = answer->log_error;
	logged->lost = answer->log_lost;
	logged->lines[0] = '\0';
	for (i = 0; i < answer->num_log; i++)
		len += snprintf(logged->lines + len, sizeof(logged->lines) - len, "%s\n",
				answer->log[i]);
	mdev_precheck_answer_free(answer);
	mdev_precheck_free(host);
	inject->records = NULL;
	inject->call_error = 0;
}

static void assert_log(unsigned int limit, const char *const *records, const char *expected)
{
	struct logged logged;

	log_of(limit, records, &logged);
	assert_string_equal(logged.lines, expected);
	assert_int_equal(logged.error, 0);
	assert_false(logged.lost);
}

static void answer_has_log_of_its_question(void **state)
{
	static const char before[] = "4,1,2,-;" OURS("before") "\n DEVICE=+mtty:card\n";
	static const char *const records[] = {
		"4,2,2,-;" OURS("without a device") "\n",
		"4,3,2,-;" OURS("first") "\n SUBSYSTEM=mtty\n DEVICE=+mtty:card\n",
		"4,4,2,-;" OURS("another parent") "\n SUBSYSTEM=mtty\n DEVICE=+mtty:card2\n",
		"4,5,2,-;" OURS("by number") "\n SUBSYSTEM=misc\n DEVICE=c10:200\n",
		"4,6,2,-;" OURS("a disk") "\n SUBSYSTEM=block\n DEVICE=b10:200\n",
		"4,7,2,-;" MESSAGE("port2", "4348:3253-1.0", "type") "\n DEVICE=+mtty:card\n",
		"4,8,2,-;" MESSAGE("port", "4348:3253-1.01", "text") "\n DEVICE=+mtty:card\n",
		"4,9,2,-;the card is on fire\n DEVICE=+mtty:card\n",
		"4,10,2,-;" OURS("second") "\n SUBSYSTEM=mtty\n DEVICE=+mtty:card\n",
		NULL
	};
	static const char first[] = OURS("first") "\n" OURS("second") "\n";
	static const char number[] = OURS("first") "\n" OURS("by number") "\n" OURS("second") "\n";
	static const char disk[] = OURS("first") "\n" OURS("a disk") "\n" OURS("second") "\n";

	(void)state;
	put(VERSION, "1.0\n");
	assert_true(send(inject->kmsg_writer, before, strlen(before), 0) > 0);
	assert_log(0, records, first);
	assert_true(send(inject->kmsg_writer, before, strlen(before), 0) > 0);
	assert_log(LONG_LIMIT_MS, records, first);

	put(PARENT "/dev", "10:200\n");
	assert_log(0, records, number);
	put_link(PARENT "/subsystem", "../../../class/misc");
	assert_log(0, records, number);
	remove_tree(PARENT "/subsystem");
	put_link(PARENT "/subsystem", "../../../class/block");
	assert_log(0, records, disk);
	put(PARENT "/dev", "");
	assert_log(0, records, first);
	put(PARENT "/dev", repeated(100, '1'));
	assert_log(0, records, first);

	/* A signal interrupts the read */
	inject->kmsg_read_errors[0] = EINTR;
	assert_log(0, records, first);
	assert_int_equal(inject->kmsg_read_errors[0], 0);
}

/* assert_fault_log - require the line of a fault, or no line, in an answer with @error */
static void assert_fault_log(int error, const char *const *records, const char *expected)
{
	struct mdev_precheck *host = begin_fixture(0);
	struct mdev_precheck_answer *answer;

	inject->records = records;
	inject->call_error = error;
	assert_int_equal(mdev_precheck_ask(host, &some_source, &place, &answer), 0);
	assert_int_equal(answer->error, error);
	assert_int_equal(answer->num_log, !!expected);
	if (expected)
		assert_string_equal(answer->log[0], expected);
	mdev_precheck_answer_free(answer);
	mdev_precheck_free(host);
	inject->records = NULL;
	inject->call_error = 0;
}

/* FAULT - the line that the kernel logs about a fault */
#define FAULT(type, callback)	\
	"mtty card: mdev driver mtty, type " type ": " callback "_migration_version returned " \
	"an invalid answer (1)"

/* The kernel's line about an answer that is not valid does not have the string */
static void answer_has_fault_of_its_question(void **state)
{
	static const char before[] =
		"3,1,2,-;" FAULT("port", "check") " before\n DEVICE=+mtty:card\n";
	static const char *const records[] = {
		"3,2,2,-;" FAULT("port", "check") "\n DEVICE=+mtty:card2\n",
		"3,3,2,-;" FAULT("port2", "check") "\n DEVICE=+mtty:card\n",
		"3,4,2,-;" FAULT("port", "show") "\n DEVICE=+mtty:card\n",
		"3,5,2,-;" FAULT("port", "check") "\n DEVICE=+mtty:card\n",
		NULL
	};

	(void)state;
	put(VERSION, "1.0\n");
	assert_true(send(inject->kmsg_writer, before, strlen(before), 0) > 0);
	assert_fault_log(EIO, records, FAULT("port", "check"));
	/* With another errno, the line is about another question */
	assert_fault_log(EINVAL, records, NULL);
	assert_fault_log(ENODEV, records, NULL);
}

static void log_may_lose_lines(void **state)
{
	static const char *const records[] = {
		"4,3,2,-;" OURS("first") "\n DEVICE=+mtty:card\n", NULL
	};
	static const char *const suppressed[] = {
		"4,3,2,-;" OURS("first") "\n DEVICE=+mtty:card\n",
		"4,3,2,-;mtty_check: 12 callbacks suppressed\n", NULL
	};
	struct logged logged;

	(void)state;
	put(VERSION, "1.0\n");
	/* Records were overwritten before they were read */
	inject->kmsg_read_errors[0] = EPIPE;
	inject->kmsg_read_errors[1] = EINTR;
	inject->kmsg_read_errors[2] = EPIPE;
	log_of(0, records, &logged);
	assert_string_equal(logged.lines, OURS("first") "\n");
	assert_true(logged.lost);
	assert_int_equal(logged.error, 0);
	assert_int_equal(inject->kmsg_read_errors[0], 0);

	log_of(LONG_LIMIT_MS, suppressed, &logged);
	assert_string_equal(logged.lines, OURS("first") "\n");
	assert_true(logged.lost);

	inject->kmsg_read_errors[0] = EACCES;
	log_of(0, records, &logged);
	assert_string_equal(logged.lines, "");
	assert_int_equal(logged.error, EACCES);
}

static void log_may_not_be_readable(void **state)
{
	struct logged logged;

	(void)state;
	put(VERSION, "1.0\n");
	inject->kmsg_error = EPERM;
	log_of(0, NULL, &logged);
	assert_int_equal(logged.error, EPERM);
	inject->kmsg_error = ENOENT;
	log_of(LONG_LIMIT_MS, NULL, &logged);
	assert_int_equal(logged.error, ENOENT);
	inject->kmsg_error = 0;
	inject->kmsg_seek_error = ESPIPE;
	log_of(0, NULL, &logged);
	assert_int_equal(logged.error, ESPIPE);
}

/* A parent that logs very much does not fill the memory */
static void log_has_64_lines(void **state)
{
	static const char record[] = "4,1,2,-;" OURS("x") "\n DEVICE=+mtty:card\n";
	const char *records[101];
	struct logged logged;
	size_t i;

	(void)state;
	put(VERSION, "1.0\n");
	for (i = 0; i < 100; i++)
		records[i] = record;
	records[100] = NULL;
	log_of(0, records, &logged);
	assert_int_equal(strlen(logged.lines), 64 * strlen(OURS("x") "\n"));
	assert_true(logged.lost);
	records[64] = NULL;
	log_of(0, records, &logged);
	assert_int_equal(strlen(logged.lines), 64 * strlen(OURS("x") "\n"));
	assert_false(logged.lost);
}

/* Each allocation fails once, and the functions free all others */

static void walk_without_memory_fails(void **state)
{
	struct mdev_precheck *host;
	unsigned int i, failed;
	int ret;

	(void)state;
	put(VERSION, "1.0\n");
	put_link(TYPE "/devices/" UUID, "nowhere");
	host = begin_fixture(0);
	for (i = 1, failed = 0;; i++) {
		inject->fail_allocation = i;
		ret = mdev_precheck_walk_types(host, NULL, NULL, remember_type, NULL);
		if (inject->fail_allocation)
			break;
		assert_int_equal(ret, -ENOMEM);
		failed++;
	}
	inject->fail_allocation = 0;
	assert_int_equal(ret, 0);
	/* Three directories, each with a text and pointers */
	assert_int_equal(failed, 6);
	mdev_precheck_free(host);
}

static void question_without_memory_fails(void **state)
{
	static const char *const records[] = {
		"4,1,2,-;" OURS("first") "\n DEVICE=+mtty:card\n",
		"4,1,2,-;" OURS("second") "\n DEVICE=+mtty:card\n",
		NULL
	};
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;
	unsigned int i, failed;
	int ret;

	(void)state;
	put(VERSION, "1.0\n");
	host = begin_fixture(0);
	inject->records = records;
	inject->call_error = EPROTONOSUPPORT;
	for (i = 1, failed = 0;; i++) {
		inject->fail_allocation = i;
		ret = mdev_precheck_ask(host, &some_source, &place, &answer);
		if (inject->fail_allocation)
			break;
		assert_int_equal(ret, -ENOMEM);
		failed++;
	}
	inject->fail_allocation = 0;
	assert_int_equal(ret, 0);
	assert_int_equal(answer->num_log, 2);
	/* The answer and its first reason, two lines with two arrays, and the last reason */
	assert_int_equal(failed, 7);
	mdev_precheck_answer_free(answer);
	mdev_precheck_free(host);
}

static void late_parent_without_memory_fails(void **state)
{
	struct mdev_precheck_source *source;
	struct mdev_precheck *host;
	char full[PATH_MAX];
	unsigned int i;

	(void)state;
	put_fifo(VERSION, full);
	host = begin_fixture(SHORT_LIMIT_MS);
	for (i = 1; i <= 2; i++) {
		inject->fail_allocation = i;
		assert_int_equal(mdev_precheck_source_read(host, &place, &source), -ENOMEM);
		assert_no_child();
	}
	mdev_precheck_free(host);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, begin_test, end_test)

static const struct CMUnitTest tests[] = {
	TEST(uuid_is_checked),
	TEST(place_is_checked),
	TEST(version_is_checked),
	TEST(source_is_checked),
	TEST(source_is_copied),
	TEST(answer_begins_as_not_asked),
	TEST(answer_does_not_contradict_itself),
	TEST(answer_has_64_lines),
	TEST(value_has_name),
	TEST(errno_has_name),
	TEST(directory_is_listed),
	TEST(host_is_opened),
	TEST(host_has_state),
	TEST(plain_directory_is_not_a_sysfs),
	TEST(host_state_is_read_again),
	TEST(walk_visits_all_types),
	TEST(walk_ends_when_a_visit_does_not_return_0),
	TEST(walk_leaves_out_types_that_vanish),
	TEST(walk_goes_on_after_an_error),
	TEST(instances_are_a_number),
	TEST(type_has_attributes),
	TEST(type_has_a_description),
	TEST(walk_for_names_does_not_call_a_driver),
	TEST(device_is_found),
	TEST(device_that_is_made_again_is_not_mixed),
	TEST(device_without_type_is_not_found),
	TEST(version_is_read),
	TEST(version_is_printable_ascii),
	TEST(source_does_not_have_a_version),
	TEST(source_does_not_have_the_type),
	TEST(target_has_another_type),
	TEST(target_does_not_have_the_type),
	TEST(source_state_decides_the_verdict),
	TEST(wrong_argument_is_refused),
	TEST(target_does_not_have_a_version),
	TEST(file_that_is_not_an_attribute_is_not_written),
	TEST(driver_refuses_the_version),
	TEST(driver_accepts_the_version),
	TEST(driver_does_not_answer),
	TEST(yes_has_available_instances),
	TEST(all_parents_are_asked),
	TEST(parent_that_goes_is_not_a_no),
	TEST(parent_that_goes_and_comes_is_not_a_no),
	TEST(host_whose_parents_go_is_not_a_no),
	TEST(child_cannot_be_made),
	TEST(driver_that_hangs_is_left),
	TEST(walk_leaves_a_driver_that_hangs_in_available_instances),
	TEST(worker_cannot_be_made),
	TEST(late_parent_is_not_asked_again),
	TEST(worker_that_is_left_does_not_keep_files),
	TEST(children_end_when_the_asker_is_killed),
	TEST(worker_that_dies_is_not_an_answer),
	TEST(answer_is_waited_for_after_interruptions),
	TEST(standard_files_are_not_needed),
	TEST(one_child_answers_10000_questions),
	TEST(object_without_a_limit_does_not_have_a_child),
	TEST(child_that_was_killed_is_made_again),
	TEST(driver_that_kills_the_child_is_asked_once),
	TEST(timeouts_come_between_good_answers),
	TEST(late_answer_is_not_taken_for_the_next_one),
	TEST(answer_has_the_number_of_its_question),
	TEST(two_objects_have_two_children),
	TEST(child_holds_nothing_of_the_caller),
	TEST(caller_that_forks_has_two_children),
	TEST(caller_that_gives_up_root_has_another_child),
	TEST(object_moves_from_thread_to_thread),
	TEST(handler_of_the_caller_is_not_called_in_the_child),
	TEST(keeper_may_be_reaped_by_somebody_else),
	TEST(child_that_is_stopped_is_killed),
	TEST(record_is_taken_apart),
	TEST(message_names_its_question),
	TEST(message_reports_fault),
	TEST(answer_has_log_of_its_question),
	TEST(answer_has_fault_of_its_question),
	TEST(log_may_lose_lines),
	TEST(log_may_not_be_readable),
	TEST(log_has_64_lines),
	TEST(walk_without_memory_fails),
	TEST(question_without_memory_fails),
	TEST(late_parent_without_memory_fails),
};

int main(void)
{
	if (inject_init())
		return 1;
	return cmocka_run_group_tests_name("library", tests, NULL, NULL);
}
