// SPDX-License-Identifier: GPL-2.0-only
/* Unit tests of libmdev-precheck, in directories that look like sysfs */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "inject.h"
#include "internal.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))

/* Longer than anything here takes, on any machine */
#define LONG_LIMIT_MS		100000
/* For what never comes, so that it does not matter how short it is */
#define SHORT_LIMIT_MS		20

#define PARENT			"class/mdev_bus/card"
#define TYPE			PARENT "/mdev_supported_types/port"
#define VERSION			TYPE "/migration_version"
#define UUID			"01234567-89ab-4cde-8f01-23456789abcd"

static const struct mdev_precheck_place place = { "card", "port" };

/* Every access is tried here, and in a child */
static const unsigned int limits[] = { 0, LONG_LIMIT_MS };

/* The sysfs of a test, in the current directory */
#define ROOT	"library_test.XXXXXX"
static char root[sizeof(ROOT)];
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

/* make_path - @path in the sysfs, with the directories above it */
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

/* put_fifo - a file that blocks who opens it */
static void put_fifo(const char *path, char full[PATH_MAX])
{
	make_path(path, full);
	assert_int_equal(mkfifo(full, 0600), 0);
}

static int setup(void **state)
{
	(void)state;
	memcpy(root, ROOT, sizeof(root));
	if (!mkdtemp(root) || inject_reset())
		return -1;
	files_before = count_files();
	/* What hangs is an error */
	alarm(300);
	return 0;
}

static int teardown(void **state)
{
	int files = count_files();
	pid_t child = waitpid(-1, NULL, WNOHANG);

	(void)state;
	if (files != files_before)
		print_error("# %d files were open, now it is %d\n", files_before, files);
	if (child >= 0)
		print_error("# a child is left: %d\n", child);
	if (inject_reset() || nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS))
		return -1;
	return files == files_before && child < 0 ? 0 : -1;
}

static struct mdev_precheck *open_host(unsigned int limit)
{
	struct mdev_precheck *host;

	assert_int_equal(mdev_precheck_new(root, &host), 0);
	mdev_precheck_set_timeout(host, limit);
	return host;
}

/* text_of - @len times @c.  Not inline: gcc would warn of the longest in each format */
__attribute__((__noinline__))
static const char *text_of(size_t len, char c)
{
	static char text[3 * MDEV_PRECHECK_VERSION_MAX];

	assert_true(len < sizeof(text));
	memset(text, c, len);
	text[len] = '\0';
	return text;
}

/* What people write */

static void uuids(void **state)
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
	assert_string_equal(uuid, "as it was");
}

static void places(void **state)
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
	/* As they were */
	assert_string_equal(result.parent, good[ARRAY_SIZE(good) - 1][1]);
	assert_string_equal(result.type, good[ARRAY_SIZE(good) - 1][2]);

	snprintf(text, sizeof(text), "%s/b", text_of(NAME_MAX, 'x'));
	assert_int_equal(mdev_precheck_parse_place(text, &result), 0);
	assert_string_equal(result.parent, text_of(NAME_MAX, 'x'));
	snprintf(text, sizeof(text), "%s/b", text_of(NAME_MAX + 1, 'x'));
	assert_int_equal(mdev_precheck_parse_place(text, &result), -EINVAL);
	snprintf(text, sizeof(text), "a/%s", text_of(NAME_MAX, 'x'));
	assert_int_equal(mdev_precheck_parse_place(text, &result), 0);
	assert_string_equal(result.type, text_of(NAME_MAX, 'x'));
	snprintf(text, sizeof(text), "a/%s", text_of(NAME_MAX + 1, 'x'));
	assert_int_equal(mdev_precheck_parse_place(text, &result), -EINVAL);
}

static void strings_of_other_hosts(void **state)
{
	static const char bytes[] = "as\tit \"is\" \\ \177\n";
	struct mdev_precheck_version version = {
		.state = MDEV_PRECHECK_VERSION_FAILED,
		.error = EIO,
		.text = "as it was",
	};
	const char *long_text = text_of(MDEV_PRECHECK_VERSION_MAX + 1, 'x');

	(void)state;
	assert_int_equal(mdev_precheck_set_version(&version, ""), -EINVAL);
	assert_int_equal(mdev_precheck_set_version(&version, long_text), -E2BIG);
	assert_int_equal(version.state, MDEV_PRECHECK_VERSION_FAILED);
	assert_string_equal(version.text, "as it was");

	assert_int_equal(mdev_precheck_set_version(&version, bytes), 0);
	assert_int_equal(version.state, MDEV_PRECHECK_VERSION_READ);
	assert_int_equal(version.error, 0);
	assert_string_equal(version.text, bytes);
	long_text = text_of(MDEV_PRECHECK_VERSION_MAX, 'x');
	assert_int_equal(mdev_precheck_set_version(&version, long_text), 0);
	assert_string_equal(version.text, long_text);
}

/* What directories hold */

static void directories(void **state)
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
	snprintf(name, sizeof(name), "some/%s", text_of(NAME_MAX, 'c'));
	put_dir(name);
	assert_int_equal(list_dir(dir, "some", &names), 0);
	assert_int_equal(names.num, 6);
	assert_string_equal(names.names[0], "...");
	assert_string_equal(names.names[1], "A B\n");
	assert_string_equal(names.names[2], "a");
	assert_string_equal(names.names[3], "b");
	assert_string_equal(names.names[4], text_of(NAME_MAX, 'c'));
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

static void hosts(void **state)
{
	struct mdev_precheck *host = NULL;
	char full[PATH_MAX];

	(void)state;
	make_path("nowhere", full);
	assert_int_equal(mdev_precheck_new(full, &host), -ENOENT);
	make_path("class/mdev_bus", full);
	put("class/mdev_bus", "");
	assert_int_equal(mdev_precheck_new(full, &host), -ENOTDIR);
	assert_int_equal(mdev_precheck_new(root, &host), -ENOTDIR);
	inject->path = "class/mdev_bus";
	inject->path_error = EACCES;
	assert_int_equal(mdev_precheck_new(root, &host), -EACCES);
	assert_null(host);
	mdev_precheck_free(NULL);
	mdev_precheck_answer_free(NULL);

	inject->path = NULL;
	assert_int_equal(mdev_precheck_new(NULL, &host), 0);
	mdev_precheck_free(host);
}

/* Types */

/**
 * struct walk - what for_each_type() visited
 * @seen: "PARENT/TYPE " each
 * @remove: what to remove in the first visit
 * @stop: what the second visit returns
 */
struct walk {
	char seen[512];
	const char *remove;
	int stop;
};

static int visit(const struct mdev_precheck_type *type, void *data)
{
	struct walk *walk = data;
	size_t len = strlen(walk->seen);

	snprintf(walk->seen + len, sizeof(walk->seen) - len, "%s/%s ",
		 type->place->parent, type->place->type);
	if (walk->remove) {
		remove_tree(walk->remove);
		walk->remove = NULL;
	}
	return len ? walk->stop : 0;
}

static void assert_walk(const char *parent, const char *type, const char *seen)
{
	struct mdev_precheck *host = open_host(0);
	struct walk walk = {};

	assert_int_equal(mdev_precheck_walk_types(host, parent, type, visit, &walk),
			 0);
	assert_string_equal(walk.seen, seen);
	mdev_precheck_free(host);
}

static void put_types(void)
{
	put_dir("class/mdev_bus/b/mdev_supported_types/2");
	put_dir("class/mdev_bus/b/mdev_supported_types/10");
	put_dir("class/mdev_bus/a/mdev_supported_types/2");
	put_dir("class/mdev_bus/a/mdev_supported_types/1");
	put_dir("class/mdev_bus/c/mdev_supported_types/3");
}

static void walks(void **state)
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

	assert_walk(NULL, NULL, "a/1 a/2 b/10 b/2 c/3 ");
	assert_walk("b", NULL, "b/10 b/2 ");
	assert_walk(NULL, "2", "a/2 b/2 ");
	assert_walk("a", "2", "a/2 ");
	assert_walk("a", "10", "");
	assert_walk("nowhere", NULL, "");
	assert_walk("nowhere", "1", "");
	assert_walk("file", NULL, "");
	assert_walk("dangling", NULL, "");
	/* None of these is a name */
	assert_walk("", NULL, "");
	assert_walk(".", NULL, "");
	assert_walk("..", NULL, "");
	assert_walk("../mdev_bus/a", NULL, "");
	assert_walk("a", "", "");
	assert_walk("a", "../mdev_supported_types/1", "");
	assert_walk("a", text_of(NAME_MAX + 1, 'x'), "");
	assert_walk(text_of(NAME_MAX + 1, 'x'), NULL, "");
	assert_walk(text_of(NAME_MAX, 'x'), NULL, "");
}

static void walks_that_end(void **state)
{
	struct walk walk = { .stop = 42 };
	struct mdev_precheck *host;

	(void)state;
	put_types();
	host = open_host(0);
	assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, visit, &walk), 42);
	assert_string_equal(walk.seen, "a/1 a/2 ");
	walk.seen[0] = '\0';
	walk.stop = -EBADF;
	assert_int_equal(mdev_precheck_walk_types(host, "b", NULL, visit, &walk),
			 -EBADF);
	assert_string_equal(walk.seen, "b/10 b/2 ");
	mdev_precheck_free(host);
}

static void what_vanishes_is_left_out(void **state)
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
		{ "class/mdev_bus/b/mdev_supported_types", "a/1 a/2 c/3 " },
		{ "class/mdev_bus/c", "a/1 a/2 b/10 b/2 " },
		{ "class/mdev_bus", "a/1 " },
	};
	struct mdev_precheck *host;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct walk walk = { .remove = cases[i].remove };

		put_types();
		host = open_host(0);
		assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, visit,
							  &walk), 0);
		assert_string_equal(walk.seen, cases[i].seen);
		mdev_precheck_free(host);
		remove_tree("class");
	}
}

static void walks_with_errors(void **state)
{
	static const struct {
		const char *path;
		int error;
		int result;
	} cases[] = {
		{ "b/mdev_supported_types", EACCES, -EACCES },
		{ "b/mdev_supported_types", ENODEV, 0 },
		{ "b/mdev_supported_types/2", EACCES, -EACCES },
		{ "b/mdev_supported_types/2", ELOOP, -ELOOP },
		{ "b/mdev_supported_types/2", ENODEV, 0 },
		{ "b/mdev_supported_types/2", ENOENT, 0 },
		{ ".", EMFILE, -EMFILE },
		/* What of a type cannot be read is not in it */
		{ "name", EACCES, 0 },
		{ "device_api", EACCES, 0 },
		{ "available_instances", EACCES, 0 },
		{ "devices", EACCES, 0 },
		{ "migration_version", EACCES, 0 },
	};
	struct mdev_precheck *host;
	size_t i;

	(void)state;
	put_types();
	host = open_host(0);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct walk walk = {};

		inject->path = cases[i].path;
		inject->path_error = cases[i].error;
		assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, visit,
							  &walk),
				 cases[i].result);
	}
	inject->path = NULL;

	/* A child cannot be made */
	mdev_precheck_set_timeout(host, LONG_LIMIT_MS);
	inject->fork_error = EAGAIN;
	assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, visit,
						  &(struct walk){}), -EAGAIN);
	inject->fork_error = 0;
	inject->pipe_error = EMFILE;
	assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, visit,
						  &(struct walk){}), -EMFILE);
	mdev_precheck_free(host);
}

static struct mdev_precheck_type seen;
static char seen_name[4096];

static int visit_one(const struct mdev_precheck_type *type, void *data)
{
	long *available = data;
	size_t i;

	seen = *type;
	if (type->name)
		snprintf(seen_name, sizeof(seen_name), "%s", type->name);
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

static void attributes(void **state)
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
	host = open_host(0);
	assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, visit_one, NULL),
			 0);
	assert_null(seen.name);
	assert_null(seen.device_api);
	assert_int_equal(seen.available_instances, -1);
	assert_int_equal(seen.num_devices, 0);

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		put(TYPE "/available_instances", numbers[i].text);
		assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, visit_one,
							  &number), 0);
		if (number != numbers[i].number)
			fail_msg("\"%s\" is read as %ld", numbers[i].text, number);
	}

	put(TYPE "/name", "a\nname\n");
	put_link(TYPE "/devices/f" UUID, "nowhere");
	put_link(TYPE "/devices/" UUID, "nowhere");
	assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, visit_one, NULL),
			 0);
	assert_string_equal(seen_name, "a\nname");
	assert_int_equal(seen.num_devices, 2);
	put(TYPE "/name", text_of(10000, 'n'));
	assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, visit_one, NULL),
			 0);
	assert_string_equal(seen_name, text_of(4095, 'n'));
	put(TYPE "/name", "");
	assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, visit_one, NULL),
			 0);
	assert_string_equal(seen_name, "");
	remove_tree(TYPE "/name");
	put_dir(TYPE "/name");
	assert_int_equal(mdev_precheck_walk_types(host, NULL, NULL, visit_one, NULL),
			 0);
	assert_null(seen.name);
	mdev_precheck_free(host);
}

static void find_device(void **state)
{
	char upper[] = UUID;
	struct mdev_precheck_place result;
	struct mdev_precheck_version version;
	struct mdev_precheck *host;
	char *c;

	(void)state;
	host = open_host(0);
	assert_int_equal(mdev_precheck_find_device(host, UUID, &result), -ENODEV);
	assert_int_equal(mdev_precheck_find_device(host, "no uuid", &result), -EINVAL);
	assert_int_equal(mdev_precheck_find_device(host, "../devices", &result), -EINVAL);

	/* The directory that the link names is not there: nothing is behind it */
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

	/* Its mdev_type dangles */
	assert_int_equal(mdev_precheck_read_version(host, &result, &version), -ENOENT);

	/* Links that name no type, no parent */
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
	put("devices/pci/0000:00:02.0/" UUID "/mdev_type", "no link");
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
	mdev_precheck_free(host);
}

/* Reading a version */

static void assert_read(enum mdev_precheck_version_state expected, int error,
			const char *text)
{
	struct mdev_precheck_version version;
	struct mdev_precheck *host;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		host = open_host(limits[i]);
		memset(&version, 0x55, sizeof(version));
		assert_int_equal(mdev_precheck_read_version(host, &place, &version), 0);
		assert_int_equal(version.state, expected);
		assert_int_equal(version.error, error);
		assert_string_equal(version.text, text);
		mdev_precheck_free(host);
	}
}

static void versions(void **state)
{
	char text[2 * MDEV_PRECHECK_VERSION_MAX];
	unsigned int c;

	(void)state;
	put(VERSION, "4348:3253-1.0\n");
	assert_read(MDEV_PRECHECK_VERSION_READ, 0, "4348:3253-1.0");
	put(VERSION, "4348:3253-1.0");
	assert_read(MDEV_PRECHECK_VERSION_READ, 0, "4348:3253-1.0");
	put(VERSION, " ~\n");
	assert_read(MDEV_PRECHECK_VERSION_READ, 0, " ~");

	/* One newline is no part of it, a second one is no version */
	put(VERSION, "1.0\n\n");
	assert_read(MDEV_PRECHECK_VERSION_FAILED, EBADMSG, "");
	put(VERSION, "\n");
	assert_read(MDEV_PRECHECK_VERSION_FAILED, EBADMSG, "");
	put(VERSION, "");
	assert_read(MDEV_PRECHECK_VERSION_FAILED, EBADMSG, "");

	put(VERSION, text_of(MDEV_PRECHECK_VERSION_MAX, 'v'));
	assert_read(MDEV_PRECHECK_VERSION_READ, 0,
		    text_of(MDEV_PRECHECK_VERSION_MAX, 'v'));
	snprintf(text, sizeof(text), "%s\n", text_of(MDEV_PRECHECK_VERSION_MAX, 'v'));
	put(VERSION, text);
	assert_read(MDEV_PRECHECK_VERSION_READ, 0,
		    text_of(MDEV_PRECHECK_VERSION_MAX, 'v'));
	snprintf(text, sizeof(text), "%s\nv", text_of(MDEV_PRECHECK_VERSION_MAX, 'v'));
	put(VERSION, text);
	assert_read(MDEV_PRECHECK_VERSION_FAILED, EBADMSG, "");
	put(VERSION, text_of(MDEV_PRECHECK_VERSION_MAX + 1, 'v'));
	assert_read(MDEV_PRECHECK_VERSION_FAILED, EBADMSG, "");
	snprintf(text, sizeof(text), "%s\n",
		 text_of(MDEV_PRECHECK_VERSION_MAX + 1, 'v'));
	put(VERSION, text);
	assert_read(MDEV_PRECHECK_VERSION_FAILED, EBADMSG, "");
	put(VERSION, text_of(2 * MDEV_PRECHECK_VERSION_MAX, 'v'));
	assert_read(MDEV_PRECHECK_VERSION_FAILED, EBADMSG, "");

	for (c = 0; c < 256; c++) {
		const unsigned char bytes[] = { '1', c, '2', '\n' };
		const char expected[] = { '1', c, '2', '\0' };

		put_bytes(VERSION, bytes, sizeof(bytes));
		if (c >= 0x20 && c <= 0x7e)
			assert_read(MDEV_PRECHECK_VERSION_READ, 0, expected);
		else
			assert_read(MDEV_PRECHECK_VERSION_FAILED, EBADMSG, "");
	}
}

static void no_version(void **state)
{
	static const int errors[] = {
		EOPNOTSUPP, EPROTONOSUPPORT, EACCES, ENOENT, EINVAL, ENXIO, EBUSY, EPERM,
	};
	static const int no_answers[] = { EINTR, EAGAIN, ENOMEM, ENODEV, EIO };
	static const int open_errors[] = { EACCES, EPERM, EIO, ENODEV, EMFILE, EINTR };
	size_t i;

	(void)state;
	put_dir(TYPE);
	assert_read(MDEV_PRECHECK_VERSION_NONE, 0, "");
	put_link(VERSION, "nowhere");
	assert_read(MDEV_PRECHECK_VERSION_NONE, 0, "");
	remove_tree(VERSION);
	put_link(VERSION, "migration_version");
	assert_read(MDEV_PRECHECK_VERSION_UNKNOWN, ELOOP, "");
	remove_tree(VERSION);
	put_dir(VERSION);
	assert_read(MDEV_PRECHECK_VERSION_FAILED, EISDIR, "");
	remove_tree(VERSION);

	put(VERSION, "1.0\n");
	for (i = 0; i < ARRAY_SIZE(open_errors); i++) {
		inject->open_error = open_errors[i];
		assert_read(MDEV_PRECHECK_VERSION_UNKNOWN, open_errors[i], "");
	}
	inject->open_error = ENOENT;
	assert_read(MDEV_PRECHECK_VERSION_NONE, 0, "");
	inject->open_error = 0;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		inject->call_error = errors[i];
		assert_read(MDEV_PRECHECK_VERSION_FAILED, errors[i], "");
	}
	for (i = 0; i < ARRAY_SIZE(no_answers); i++) {
		inject->call_error = no_answers[i];
		assert_read(MDEV_PRECHECK_VERSION_UNKNOWN, no_answers[i], "");
	}
}

static void version_that_vanishes(void **state)
{
	struct mdev_precheck_version version;
	struct mdev_precheck *host;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		put(VERSION, "1.0\n");
		host = open_host(limits[i]);
		inject->vanish = true;
		inject->call_error = ENODEV;
		assert_int_equal(mdev_precheck_read_version(host, &place, &version), 0);
		assert_int_equal(version.state, MDEV_PRECHECK_VERSION_UNKNOWN);
		assert_int_equal(version.error, ENODEV);
		mdev_precheck_free(host);
	}
}

static void no_type(void **state)
{
	static const struct mdev_precheck_place bad[] = {
		{ "", "port" }, { "card", "" }, { "..", "port" }, { "card", ".." },
		{ "card/mdev_supported_types/port/..", "port" }, { "card", "a/b" },
	};
	struct mdev_precheck_version version;
	struct mdev_precheck *host;
	size_t i;

	(void)state;
	host = open_host(0);
	assert_int_equal(mdev_precheck_read_version(host, &place, &version), -ENOENT);
	mdev_precheck_free(host);
	put_dir(PARENT);
	host = open_host(0);
	assert_int_equal(mdev_precheck_read_version(host, &place, &version), -ENOENT);
	put(TYPE, "");
	assert_int_equal(mdev_precheck_read_version(host, &place, &version), -ENOTDIR);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(mdev_precheck_read_version(host, &bad[i], &version),
				 -EINVAL);
	mdev_precheck_free(host);
}

/* Asking */

/**
 * struct expected - an answer
 * @verdict: see the library
 * @condition: see the library
 * @error: see the library
 * @reason: the whole of it
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

static void assert_ask(const char *type, const struct mdev_precheck_version *version,
		       const struct mdev_precheck_place *target,
		       const struct expected *expected)
{
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		host = open_host(limits[i]);
		assert_int_equal(mdev_precheck_ask(host, type, version, target, &answer),
				 0);
		assert_answer(answer, expected);
		assert_int_equal(answer->log_error, 0);
		assert_int_equal(answer->num_log, 0);
		mdev_precheck_answer_free(answer);
		mdev_precheck_free(host);
	}
}

static const struct mdev_precheck_version some_version = {
	.state = MDEV_PRECHECK_VERSION_READ,
	.text = "4348:3253-1.0",
};

static void same_type(void **state)
{
	static const struct mdev_precheck_place other = { "card", "other" };
	static const struct mdev_precheck_place nowhere = { "nowhere", "port" };
	static const struct mdev_precheck_place bad = { "..", "port" };
	static const struct mdev_precheck_place slash = { "card", "a/b" };

	(void)state;
	/* A host without mdev */
	assert_ask("port", &some_version, &place, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE, ENODEV,
		"there is no parent card (ENODEV: No such device)" });

	put(VERSION, "as it was");
	assert_ask("mtty-1", &some_version, &place, &(struct expected) {
		MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_SAME_TYPE, 0,
		"the source's type is mtty-1, the target's is port" });
	assert_ask("other", &some_version, &other, &(struct expected) {
		MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_SAME_TYPE, 0,
		"the target card has no type other" });
	assert_ask("port", &some_version, &nowhere, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE, ENODEV,
		"there is no parent nowhere (ENODEV: No such device)" });
	assert_ask("port", &some_version, &bad, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE, EINVAL,
		"the target's type port cannot be opened (EINVAL: Invalid argument)" });
	assert_ask("a/b", &some_version, &slash, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE, EINVAL,
		"the target's type a/b cannot be opened (EINVAL: Invalid argument)" });

	put_link(PARENT "/mdev_supported_types/other", "other");
	assert_ask("other", &some_version, &other, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE, ELOOP,
		"the target's type other cannot be opened (ELOOP: Too many levels of symbolic links)"
		});
	inject->path = "mdev_supported_types/port";
	inject->path_error = EACCES;
	assert_ask("port", &some_version, &place, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SAME_TYPE, EACCES,
		"the target's type port cannot be opened (EACCES: Permission denied)" });
	/* A parent that cannot be looked into is there */
	inject->path = "card";
	assert_ask("other2", &some_version, &(struct mdev_precheck_place) {
		"card", "other2" }, &(struct expected) {
		MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_SAME_TYPE, 0,
		"the target card has no type other2" });
	assert_int_equal(inject->writes, 0);
}

static void source_version(void **state)
{
	static const struct {
		enum mdev_precheck_version_state version;
		int error;
		struct expected expected;
	} cases[] = {
		{ MDEV_PRECHECK_VERSION_NONE, 0,
		  { MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_SOURCE_VERSION, 0,
		    "the source's type has no migration_version" } },
		{ MDEV_PRECHECK_VERSION_FAILED, EOPNOTSUPP,
		  { MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_SOURCE_VERSION, EOPNOTSUPP,
		    "the source's driver shows no version (EOPNOTSUPP: Operation not supported)"
		    } },
		{ MDEV_PRECHECK_VERSION_FAILED, EBADMSG,
		  { MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_SOURCE_VERSION, EBADMSG,
		    "the source's driver shows no version (EBADMSG: Bad message)" } },
		/* As a document of an earlier version has it */
		{ MDEV_PRECHECK_VERSION_FAILED, EIO,
		  { MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SOURCE_VERSION, EIO,
		    "the source's driver did not answer (EIO: Input/output error)" } },
		{ MDEV_PRECHECK_VERSION_FAILED, EINTR,
		  { MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SOURCE_VERSION, EINTR,
		    "the source's driver did not answer (EINTR: Interrupted system call)"
		    } },
		{ MDEV_PRECHECK_VERSION_UNKNOWN, EACCES,
		  { MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SOURCE_VERSION, EACCES,
		    "the source's migration_version could not be read (EACCES: Permission denied)"
		    } },
		{ MDEV_PRECHECK_VERSION_UNKNOWN, ETIMEDOUT,
		  { MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_SOURCE_VERSION, ETIMEDOUT,
		    "the source's migration_version could not be read (ETIMEDOUT: Connection timed out)"
		    } },
	};
	size_t i;

	(void)state;
	put(VERSION, "as it was");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mdev_precheck_version version = {
			.state = cases[i].version,
			.error = cases[i].error,
			.text = "not to be written",
		};

		assert_ask("port", &version, &place, &cases[i].expected);
	}
	assert_int_equal(inject->writes, 0);
}

/* A write of nothing says nothing, and so does an object that nobody has filled */
static void empty_version(void **state)
{
	static const struct mdev_precheck_version empty;
	struct mdev_precheck_answer *answer = NULL;
	struct mdev_precheck *host;
	bool yes;

	(void)state;
	put(VERSION, "as it was");
	host = open_host(0);
	yes = !mdev_precheck_ask(host, "port", &empty, &place, &answer) &&
	      answer->verdict == MDEV_PRECHECK_COMPATIBLE;
	mdev_precheck_answer_free(answer);
	mdev_precheck_free(host);
	assert_false(yes);
	assert_int_equal(inject->writes, 0);
}

static void target_version(void **state)
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
	assert_ask("port", &some_version, &place, &(struct expected) {
		MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_TARGET_VERSION, 0,
		"the target's type has no migration_version" });
	put_dir(VERSION);
	assert_ask("port", &some_version, &place, &(struct expected) {
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
		assert_ask("port", &some_version, &place, &(struct expected) {
			MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_TARGET_VERSION,
			cases[i].error, reason });
	}
	assert_int_equal(inject->writes, 0);
}

static void refused(void **state)
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
		/* Of the kernel alone */
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
		assert_ask("port", &some_version, &place, &(struct expected) {
			MDEV_PRECHECK_INCOMPATIBLE, MDEV_PRECHECK_ACCEPTED,
			cases[i].error, reason });
		/* Whatever it is, it is asked once */
		assert_int_equal(inject->writes, ARRAY_SIZE(limits));
	}
}

static void accepted(void **state)
{
	static const struct expected yes = {
		MDEV_PRECHECK_COMPATIBLE, MDEV_PRECHECK_ALL_HOLD, 0,
		"the target's driver accepts the version"
	};
	static const char *const texts[] = {
		"1", "4348:3253-1.0", " leading, and trailing ", "\"quoted\" \\ $(id)",
		"a newline\n", "caf\303\251 \377\001",
	};
	struct mdev_precheck_version version;
	size_t i;

	(void)state;
	put(VERSION, "as it was");
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		mdev_precheck_set_version(&version, texts[i]);
		inject->writes = 0;
		assert_ask("port", &version, &place, &yes);
		assert_int_equal(inject->writes, ARRAY_SIZE(limits));
		assert_int_equal(inject->written_len, strlen(texts[i]));
		assert_memory_equal(inject->written, texts[i], strlen(texts[i]));
	}
	mdev_precheck_set_version(&version, text_of(MDEV_PRECHECK_VERSION_MAX, 'v'));
	assert_ask("port", &version, &place, &yes);
	assert_int_equal(inject->written_len, MDEV_PRECHECK_VERSION_MAX);
	assert_memory_equal(inject->written, version.text, MDEV_PRECHECK_VERSION_MAX);
}

static void not_asked(void **state)
{
	static const struct {
		int error;
		const char *reason;
	} cases[] = {
		{ EIO, "EIO: Input/output error" },
		{ EAGAIN, "EAGAIN: Resource temporarily unavailable" },
		{ ENOMEM, "ENOMEM: Cannot allocate memory" },
		/* The attribute is still there */
		{ ENODEV, "ENODEV: No such device" },
	};
	char reason[128];
	size_t i;

	(void)state;
	put(VERSION, "as it was");
	inject->call_error = EINTR;
	assert_ask("port", &some_version, &place, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_ACCEPTED, EINTR,
		"the question was interrupted (EINTR: Interrupted system call)" });
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(reason, sizeof(reason),
			 "the target's driver did not answer (%s)",
			 cases[i].reason);
		inject->call_error = cases[i].error;
		inject->writes = 0;
		assert_ask("port", &some_version, &place, &(struct expected) {
			MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_ACCEPTED,
			cases[i].error, reason });
		assert_int_equal(inject->writes, ARRAY_SIZE(limits));
	}
	inject->call_error = 0;
	for (i = 1; i <= strlen(some_version.text); i++) {
		inject->short_write = i;
		assert_ask("port", &some_version, &place, &(struct expected) {
			MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_ACCEPTED, EIO,
			"the kernel has taken a part of the version only (EIO: Input/output error)"
			});
	}
}

/* The parent goes while it is asked: an ENODEV of nobody in particular */
static void target_that_vanishes(void **state)
{
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		put(VERSION, "1.0\n");
		host = open_host(limits[i]);
		inject->vanish = true;
		inject->call_error = ENODEV;
		assert_int_equal(mdev_precheck_ask(host, "port", &some_version, &place,
						   &answer), 0);
		assert_int_equal(answer->verdict, MDEV_PRECHECK_NOT_ASKED);
		assert_int_equal(answer->condition, MDEV_PRECHECK_TARGET_VERSION);
		assert_int_equal(answer->error, ENODEV);
		mdev_precheck_answer_free(answer);

		/* Any other errno is the driver's, though the attribute has gone */
		put(VERSION, "1.0\n");
		inject->call_error = EPROTONOSUPPORT;
		assert_int_equal(mdev_precheck_ask(host, "port", &some_version, &place,
						   &answer), 0);
		assert_int_equal(answer->verdict, MDEV_PRECHECK_INCOMPATIBLE);
		assert_int_equal(answer->condition, MDEV_PRECHECK_ACCEPTED);
		mdev_precheck_answer_free(answer);
		mdev_precheck_free(host);
	}
}

/* Limits */

static void no_child(void **state)
{
	struct mdev_precheck_version version;
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;

	(void)state;
	put(VERSION, "1.0\n");
	host = open_host(LONG_LIMIT_MS);
	inject->fork_error = EAGAIN;
	assert_int_equal(mdev_precheck_read_version(host, &place, &version), -EAGAIN);
	assert_int_equal(mdev_precheck_ask(host, "port", &some_version, &place, &answer),
			 -EAGAIN);
	inject->fork_error = 0;
	inject->pipe_error = ENFILE;
	assert_int_equal(mdev_precheck_read_version(host, &place, &version), -ENFILE);
	assert_int_equal(mdev_precheck_ask(host, "port", &some_version, &place, &answer),
			 -ENFILE);
	mdev_precheck_free(host);
	assert_int_equal(inject->opens, 0);
}

static const struct expected no_answer = {
	MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_ACCEPTED, ETIMEDOUT,
	"the target's driver does not answer (ETIMEDOUT: Connection timed out)"
};

/* reap - a child that was killed and not waited for */
static void reap(void)
{
	int status;

	if (waitpid(inject->child, &status, 0) < 0) {
		/* It was quick enough for the library */
		assert_int_equal(errno, ECHILD);
		return;
	}
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* A pipe without another end blocks who opens it, and then who reads or writes */
static void drivers_that_hang(void **state)
{
	struct mdev_precheck_version version;
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;
	char full[PATH_MAX];
	int fd;

	(void)state;
	put_fifo(VERSION, full);
	host = open_host(SHORT_LIMIT_MS);
	assert_int_equal(mdev_precheck_read_version(host, &place, &version), 0);
	assert_int_equal(version.state, MDEV_PRECHECK_VERSION_UNKNOWN);
	assert_int_equal(version.error, ETIMEDOUT);
	reap();
	assert_int_equal(mdev_precheck_ask(host, "port", &some_version, &place, &answer),
			 0);
	assert_answer(answer, &no_answer);
	mdev_precheck_answer_free(answer);
	reap();

	fd = open(full, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(mdev_precheck_read_version(host, &place, &version), 0);
	assert_int_equal(version.state, MDEV_PRECHECK_VERSION_UNKNOWN);
	assert_int_equal(version.error, ETIMEDOUT);
	reap();
	while (write(fd, full, 1) == 1)
		;
	assert_int_equal(mdev_precheck_ask(host, "port", &some_version, &place, &answer),
			 0);
	assert_answer(answer, &no_answer);
	mdev_precheck_answer_free(answer);
	reap();
	close(fd);
	mdev_precheck_free(host);
}

/* What hangs in a driver cannot be killed.  It has none of the caller's files. */
static void child_that_is_left_behind(void **state)
{
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;
	char full[PATH_MAX], byte;
	int ends[2];

	(void)state;
	put_fifo(VERSION, full);
	/* Not close-on-exec: nothing is executed */
	assert_int_equal(pipe(ends), 0);
	host = open_host(SHORT_LIMIT_MS);
	inject->no_kill = true;
	assert_int_equal(mdev_precheck_ask(host, "port", &some_version, &place, &answer),
			 0);
	assert_answer(answer, &no_answer);
	mdev_precheck_answer_free(answer);
	mdev_precheck_free(host);
	assert_int_equal(waitpid(inject->child, NULL, WNOHANG), 0);
	close(ends[1]);
	/* This waits for the child as long as it has the other end */
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
	inject->no_kill = false;
	kill(inject->child, SIGKILL);
	reap();
}

/* A child that ends without an answer has not run into the limit */
static void child_that_dies(void **state)
{
	struct mdev_precheck_version version;
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;

	(void)state;
	put(VERSION, "1.0\n");
	host = open_host(LONG_LIMIT_MS);
	inject->die = true;
	assert_int_equal(mdev_precheck_read_version(host, &place, &version), 0);
	assert_int_equal(version.state, MDEV_PRECHECK_VERSION_UNKNOWN);
	assert_int_equal(version.error, EIO);
	waitpid(inject->child, NULL, 0);
	assert_int_equal(mdev_precheck_ask(host, "port", &some_version, &place, &answer),
			 0);
	assert_answer(answer, &(struct expected) {
		MDEV_PRECHECK_NOT_ASKED, MDEV_PRECHECK_ACCEPTED, EIO,
		"the target's driver does not answer (EIO: Input/output error)" });
	mdev_precheck_answer_free(answer);
	waitpid(inject->child, NULL, 0);
	mdev_precheck_free(host);
}

static void answers_in_pieces(void **state)
{
	(void)state;
	put(VERSION, text_of(MDEV_PRECHECK_VERSION_MAX, 'v'));
	inject->piecemeal = true;
	assert_read(MDEV_PRECHECK_VERSION_READ, 0,
		    text_of(MDEV_PRECHECK_VERSION_MAX, 'v'));
	inject->piecemeal = false;
	/* By signals for which the caller has handlers */
	inject->interrupt_poll = 3;
	inject->interrupt_read = 3;
	inject->interrupt_wait = 3;
	assert_read(MDEV_PRECHECK_VERSION_READ, 0,
		    text_of(MDEV_PRECHECK_VERSION_MAX, 'v'));
	assert_int_equal(inject->interrupt_poll, 0);
	assert_int_equal(inject->interrupt_read, 0);
	assert_int_equal(inject->interrupt_wait, 0);
}

/* A program may have closed its standard files, before or after it opened ours */
static void without_standard_files(void **state)
{
	struct mdev_precheck_version version;
	struct mdev_precheck *before, *after;
	int saved[3], results[2], fd;
	unsigned int closed;

	(void)state;
	put(VERSION, "1.0\n");
	for (fd = 0; fd < 3; fd++)
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	for (closed = 1; closed < 8; closed++) {
		before = open_host(LONG_LIMIT_MS);
		for (fd = 0; fd < 3; fd++) {
			if (closed & 1 << fd)
				close(fd);
		}
		results[0] = mdev_precheck_read_version(before, &place, &version) ||
			     version.state;
		after = open_host(LONG_LIMIT_MS);
		results[1] = mdev_precheck_read_version(after, &place, &version) ||
			     version.state;
		mdev_precheck_free(after);
		for (fd = 0; fd < 3; fd++)
			dup2(saved[fd], fd);
		mdev_precheck_free(before);
		assert_int_equal(results[0], 0);
		assert_int_equal(results[1], 0);
	}
	for (fd = 0; fd < 3; fd++)
		close(saved[fd]);
}

/* The kernel log */

static void records(void **state)
{
	static const struct {
		const char *name;
		const char *number;
		const char *record;
		const char *message;
	} cases[] = {
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
		/* Another one, or a longer or shorter name */
		{ "card", "", "4,1,2,-;other\n DEVICE=+mtty:other\n", NULL },
		{ "card", "", "4,1,2,-;other\n DEVICE=+mtty:card2\n", NULL },
		{ "card", "", "4,1,2,-;other\n DEVICE=+mtty:car\n", NULL },
		{ "card", "", "4,1,2,-;other\n DEVICE=+card\n", NULL },
		{ "card", "", "4,1,2,-;other\n DEVICE=+mtty:a:card\n", NULL },
		{ "card", "", "4,1,2,-;other\n DEVICE=card\n", NULL },
		{ "card", "", "4,1,2,-;other\n DEVICE=\n", NULL },
		{ "card", "", "4,1,2,-;other\n DEVICE=n3\n", NULL },
		/* A name that has colons, as of PCI */
		{ "0000:00:02.0", "", "4,1,2,-;ours\n DEVICE=+pci:0000:00:02.0\n", "ours" },
		{ "00:02.0", "", "4,1,2,-;other\n DEVICE=+pci:0000:00:02.0\n", NULL },
		{ "two words", "", "4,1,2,-;ours\n DEVICE=+mtty:two words\n", "ours" },
		/* A name with bytes that the log writes as others */
		{ "caf\xc3\xa9", "", "4,1,2,-;ours\n DEVICE=+mtty:caf\\xc3\\xa9\n", "ours" },
		{ "a\\b\x7f\n", "", "4,1,2,-;ours\n DEVICE=+mtty:a\\x5cb\\x7f\\x0a\n",
		  "ours" },
		{ "a\\b", "", "4,1,2,-;other\n DEVICE=+mtty:a\\b\n", NULL },
		{ "\\x41", "", "4,1,2,-;other\n DEVICE=+mtty:A\n", NULL },
		{ "A", "", "4,1,2,-;other\n DEVICE=+mtty:\\x41\n", NULL },
		/* A name that the kernel cuts, after 47 bytes with what is before it */
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
		/* A number */
		{ "card", "c10:200", "4,1,2,-;ours\n DEVICE=c10:200\n", "ours" },
		{ "card", "c10:200", "4,1,2,-;ours\n DEVICE=+misc:card\n", "ours" },
		{ "card", "c10:200", "4,1,2,-;other\n DEVICE=b10:200\n", NULL },
		{ "card", "c10:200", "4,1,2,-;other\n DEVICE=c10:20\n", NULL },
		{ "card", "c10:200", "4,1,2,-;other\n DEVICE=c10:2000\n", NULL },
		{ "card", "b8:0", "4,1,2,-;ours\n DEVICE=b8:0\n", "ours" },
		/* A message that imitates a dictionary, and what else is none */
		{ "card", "", "4,1,2,-; DEVICE=+mtty:card\n", NULL },
		{ "card", "", "4,1,2,-;x\\x0a DEVICE=+mtty:card\n", NULL },
		{ "card", "", "4,1,2,-; DEVICE=+mtty:card\n DEVICE=+mtty:other\n", NULL },
		{ "card", "", "4,1,2,-;x\nDEVICE=+mtty:card\n", NULL },
		{ "card", "", "4,1,2,-;x\n NODEVICE=+mtty:card\n", NULL },
		{ "card", "", "4,1,2,-;x\n DEVICE\n", NULL },
		/* No records */
		{ "card", "", "", NULL },
		{ "card", "", "\n", NULL },
		{ "card", "", ";", NULL },
		{ "card", "", "no semicolon\n DEVICE=+mtty:card\n", NULL },
	};
	static const char head[] = "4,1,2,-;", end[] = "\n DEVICE=+mtty:card\n";
	static const char nul[] = "4,1,2,-;a\0b\n DEVICE=+mtty:card\n";
	char record[8193];
	const char *message;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *expected = cases[i].message;
		struct log_device device = { .name = cases[i].name };
		size_t len = strlen(cases[i].record);

		snprintf(device.number, sizeof(device.number), "%s", cases[i].number);
		memset(record, 'x', sizeof(record));
		memcpy(record, cases[i].record, len);
		message = log_record_message(record, len, &device);
		if (!message != !expected || (message && strcmp(message, expected))) {
			if (!message)
				message = "(none)";
			fail_msg("the message is \"%s\": %s", message, cases[i].record);
		}
	}
	/* As long as it may be, and with a NUL in it */
	memset(record, 'x', sizeof(record));
	memcpy(record, head, sizeof(head) - 1);
	memcpy(record + 8192 - (sizeof(end) - 1), end, sizeof(end) - 1);
	message = log_record_message(record, 8192,
				     &(struct log_device){ .name = "card" });
	assert_non_null(message);
	assert_int_equal(strlen(message), 8192 - (sizeof(head) - 1) - (sizeof(end) - 1));
	memcpy(record, nul, sizeof(nul) - 1);
	assert_null(log_record_message(record, sizeof(nul) - 1,
				       &(struct log_device){ .name = "card" }));
}

/* log_of - of a question, in @lines with a newline each */
static void log_of(unsigned int limit, const char *const *logged, char *lines,
		   size_t size, int error)
{
	struct mdev_precheck *host = open_host(limit);
	struct mdev_precheck_answer *answer;
	size_t i, len = 0;

	inject->records = logged;
	inject->call_error = EPROTONOSUPPORT;
	assert_int_equal(mdev_precheck_ask(host, "port", &some_version, &place, &answer),
			 0);
	assert_int_equal(answer->log_error, error);
	assert_int_equal(answer->verdict, MDEV_PRECHECK_INCOMPATIBLE);
	lines[0] = '\0';
	for (i = 0; i < answer->num_log; i++)
		len += snprintf(lines + len, size - len, "%s\n", answer->log[i]);
	mdev_precheck_answer_free(answer);
	mdev_precheck_free(host);
	inject->records = NULL;
	inject->call_error = 0;
}

static void reasons_of_the_kernel(void **state)
{
	static const char before[] = "4,1,2,-;before\n DEVICE=+mtty:card\n";
	static const char *const logged[] = {
		"4,2,2,-;of nobody\n",
		"4,3,2,-;first\n SUBSYSTEM=mtty\n DEVICE=+mtty:card\n",
		"4,4,2,-;of another\n SUBSYSTEM=mtty\n DEVICE=+mtty:card2\n",
		"4,5,2,-;by number\n SUBSYSTEM=misc\n DEVICE=c10:200\n",
		"4,6,2,-;a disk\n SUBSYSTEM=block\n DEVICE=b10:200\n",
		"4,7,2,-;second\n SUBSYSTEM=mtty\n DEVICE=+mtty:card\n",
		NULL
	};
	char lines[256];
	size_t i;

	(void)state;
	put(VERSION, "1.0\n");
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		assert_true(send(inject->kmsg_writer, before, strlen(before), 0) > 0);
		log_of(limits[i], logged, lines, sizeof(lines), 0);
		assert_string_equal(lines, "first\nsecond\n");
	}

	put(PARENT "/dev", "10:200\n");
	log_of(0, logged, lines, sizeof(lines), 0);
	assert_string_equal(lines, "first\nby number\nsecond\n");
	put_link(PARENT "/subsystem", "../../../class/misc");
	log_of(0, logged, lines, sizeof(lines), 0);
	assert_string_equal(lines, "first\nby number\nsecond\n");
	remove_tree(PARENT "/subsystem");
	put_link(PARENT "/subsystem", "../../../class/block");
	log_of(0, logged, lines, sizeof(lines), 0);
	assert_string_equal(lines, "first\na disk\nsecond\n");
	put(PARENT "/dev", "");
	log_of(0, logged, lines, sizeof(lines), 0);
	assert_string_equal(lines, "first\nsecond\n");
	put(PARENT "/dev", text_of(100, '1'));
	log_of(0, logged, lines, sizeof(lines), 0);
	assert_string_equal(lines, "first\nsecond\n");

	/* Records were overwritten; a signal came */
	inject->kmsg_read_errors[0] = EPIPE;
	inject->kmsg_read_errors[1] = EINTR;
	inject->kmsg_read_errors[2] = EPIPE;
	log_of(0, logged, lines, sizeof(lines), 0);
	assert_string_equal(lines, "first\nsecond\n");
	assert_int_equal(inject->kmsg_read_errors[0], 0);
}

static void log_that_is_not_readable(void **state)
{
	char lines[16];

	(void)state;
	put(VERSION, "1.0\n");
	inject->kmsg_error = EPERM;
	log_of(0, NULL, lines, sizeof(lines), EPERM);
	inject->kmsg_error = ENOENT;
	log_of(LONG_LIMIT_MS, NULL, lines, sizeof(lines), ENOENT);
	inject->kmsg_error = 0;
	inject->kmsg_seek_error = ESPIPE;
	log_of(0, NULL, lines, sizeof(lines), ESPIPE);
}

/* A parent that floods the log does not fill the memory */
static void long_log(void **state)
{
	static const char record[] = "4,1,2,-;x\n DEVICE=+mtty:card\n";
	const char *logged[101];
	char lines[256];
	size_t i;

	(void)state;
	put(VERSION, "1.0\n");
	for (i = 0; i < 100; i++)
		logged[i] = record;
	logged[100] = NULL;
	log_of(0, logged, lines, sizeof(lines), 0);
	assert_int_equal(strlen(lines), 2 * 64);
}

/* No memory: each allocation fails once, and nothing is left of the others */

static void no_memory(void **state)
{
	static const char *const logged[] = {
		"4,1,2,-;first\n DEVICE=+mtty:card\n",
		"4,1,2,-;second\n DEVICE=+mtty:card\n",
		NULL
	};
	struct mdev_precheck_answer *answer;
	struct mdev_precheck *host;
	unsigned int i, failed;
	int ret;

	(void)state;
	put(VERSION, "1.0\n");
	put_link(TYPE "/devices/" UUID, "nowhere");
	inject->fail_allocation = 1;
	assert_int_equal(mdev_precheck_new(root, &host), -ENOMEM);

	host = open_host(0);
	for (i = 1, failed = 0;; i++) {
		inject->fail_allocation = i;
		ret = mdev_precheck_walk_types(host, NULL, NULL, visit_one, NULL);
		if (inject->fail_allocation)
			break;
		assert_int_equal(ret, -ENOMEM);
		failed++;
	}
	assert_int_equal(ret, 0);
	/* Three directories, of which each has a text and pointers */
	assert_int_equal(failed, 6);

	inject->records = logged;
	inject->call_error = EPROTONOSUPPORT;
	for (i = 1, failed = 0;; i++) {
		inject->fail_allocation = i;
		ret = mdev_precheck_ask(host, "port", &some_version, &place, &answer);
		if (inject->fail_allocation)
			break;
		assert_int_equal(ret, -ENOMEM);
		failed++;
	}
	assert_int_equal(ret, 0);
	assert_int_equal(answer->num_log, 2);
	/* The answer, two lines with their pointers, the reason with its errno */
	assert_int_equal(failed, 7);
	inject->fail_allocation = 0;
	mdev_precheck_answer_free(answer);
	mdev_precheck_free(host);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(uuids),
		TEST(places),
		TEST(strings_of_other_hosts),
		TEST(directories),
		TEST(hosts),
		TEST(walks),
		TEST(walks_that_end),
		TEST(what_vanishes_is_left_out),
		TEST(walks_with_errors),
		TEST(attributes),
		TEST(find_device),
		TEST(versions),
		TEST(no_version),
		TEST(version_that_vanishes),
		TEST(no_type),
		TEST(same_type),
		TEST(source_version),
		TEST(empty_version),
		TEST(target_version),
		TEST(refused),
		TEST(accepted),
		TEST(not_asked),
		TEST(target_that_vanishes),
		TEST(no_child),
		TEST(drivers_that_hang),
		TEST(child_that_is_left_behind),
		TEST(child_that_dies),
		TEST(answers_in_pieces),
		TEST(without_standard_files),
		TEST(records),
		TEST(reasons_of_the_kernel),
		TEST(log_that_is_not_readable),
		TEST(long_log),
		TEST(no_memory),
	};

	if (inject_init())
		return 1;
	return cmocka_run_group_tests_name("library", tests, NULL, NULL);
}
