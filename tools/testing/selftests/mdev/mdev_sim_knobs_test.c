// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulated vendor driver: parents, types and their knobs, and the answers that
 * follow from the knobs
 */

#include <signal.h>
#include <sys/time.h>

#include "mdev_sim_test_utils.h"

/* Knobs */

FIXTURE(knobs) {
};

FIXTURE_SETUP(knobs)
{
	ASSERT_EQ(0, sim_begin());
	ASSERT_EQ(0, sim_make(SIM_TARGET));
}

FIXTURE_TEARDOWN(knobs)
{
	EXPECT_EQ(0, sim_remove_all());
}

TEST_F(knobs, knobs_have_their_defaults)
{
	static const struct sim_value defaults[] = {
		{ .knob = "version", .shown = SIM_VERSION },
		{ .knob = "description", .shown = "Simulated mediated device" },
		{ .knob = "accept_min", .shown = "" },
		{ .knob = "accept_max", .shown = "" },
		{ .knob = "show_errno", .shown = "0" },
		{ .knob = "check_errno", .shown = "0" },
		{ .knob = "show_result", .shown = "" },
		{ .knob = "check_result", .shown = "" },
		{ .knob = "description_result", .shown = "" },
		{ .knob = "probe_result", .shown = "" },
		{ .knob = "delay_ms", .shown = "0" },
		{ .knob = "no_migration_version", .shown = "0" },
		{ .knob = "instances", .shown = "16" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(defaults); i++)
		sim_expect_shown(_metadata, &defaults[i]);
	EXPECT_EQ(0, sim_is_live(SIM_TARGET));
}

TEST_F(knobs, valid_values_are_taken)
{
	static const struct sim_value taken[] = {
		{ "accept_min", "0.0", "0.0" },
		{ "accept_min", "4294967295.4294967295",
		  "4294967295.4294967295" },
		{ "accept_min", "", "" },
		{ "accept_max", "1.10", "1.10" },
		{ "accept_max", "", "" },
		{ "show_errno", "95", "95" },
		{ "show_errno", "511", "511" },
		{ "show_errno", "0", "0" },
		{ "check_errno", "1", "1" },
		{ "check_errno", "511", "511" },
		{ "show_result", "-4096", "-4096" },
		{ "show_result", "4096", "4096" },
		{ "show_result", "-0x10", "-16" },
		{ "show_result", "", "" },
		{ "check_result", "0", "0" },
		{ "check_result", "", "" },
		{ "description_result", "-529", "-529" },
		{ "description_result", "", "" },
		{ "probe_result", "1", "1" },
		{ "probe_result", "", "" },
		{ "delay_ms", "4294967295", "4294967295" },
		{ "delay_ms", "0", "0" },
		{ "no_migration_version", "1", "1" },
		{ "no_migration_version", "0", "0" },
		{ "instances", "0", "0" },
		{ "instances", "4294967295", "4294967295" },
		{ "description", "two words", "two words" },
		{ "description", "", "" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(taken); i++)
		sim_expect_taken(_metadata, &taken[i]);
}

TEST_F(knobs, refused_values_change_nothing)
{
	static const struct {
		const char *knob;
		const char *value;
		int error;
	} refused[] = {
		{ "accept_min", "1", EINVAL },
		{ "accept_min", "1.", EINVAL },
		{ "accept_min", ".1", EINVAL },
		{ "accept_min", "1.0.0", EINVAL },
		{ "accept_min", "01.0", EINVAL },
		{ "accept_min", "-1.0", EINVAL },
		{ "accept_min", "+1.0", EINVAL },
		{ "accept_min", " 1.0", EINVAL },
		{ "accept_min", "1.0 ", EINVAL },
		{ "accept_min", "1.0\n", EINVAL },
		{ "accept_min", "1.4294967296", EINVAL },
		{ "accept_min", "4294967295.42949672950", EINVAL },
		{ "accept_max", "x", EINVAL },
		{ "show_errno", "512", ERANGE },
		{ "show_errno", "-1", EINVAL },
		{ "show_errno", "", EINVAL },
		{ "check_errno", "512", ERANGE },
		{ "check_errno", "EINVAL", EINVAL },
		{ "show_result", "-4097", ERANGE },
		{ "show_result", "4097", ERANGE },
		{ "check_result", "-2147483648", ERANGE },
		{ "check_result", "2147483648", ERANGE },
		{ "check_result", "ENOENT", EINVAL },
		{ "description_result", "1 2", EINVAL },
		{ "probe_result", "--1", EINVAL },
		{ "delay_ms", "4294967296", ERANGE },
		{ "delay_ms", "1s", EINVAL },
		{ "no_migration_version", "2", ERANGE },
		{ "no_migration_version", "yes", EINVAL },
		{ "instances", "-1", EINVAL },
		{ "instances", "4294967296", ERANGE },
	};
	size_t i;

	EXPECT_EQ(0, sim_set(SIM_TARGET, "accept_min", "0.9"));
	EXPECT_EQ(0, sim_set(SIM_TARGET, "accept_max", "1.1"));
	EXPECT_EQ(0, sim_set(SIM_TARGET, "show_result", "1"));
	EXPECT_EQ(0, sim_set(SIM_TARGET, "check_result", "-2"));
	EXPECT_EQ(0, sim_set(SIM_TARGET, "description_result", "3"));
	EXPECT_EQ(0, sim_set(SIM_TARGET, "probe_result", "-4"));
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		sim_expect_refused(_metadata, refused[i].knob, refused[i].value,
				   refused[i].error);

	/* Bytes behind a NUL count, too */
	EXPECT_EQ(-EINVAL, sim_set_bytes(SIM_TARGET, "instances", "5\0", 3));
	EXPECT_EQ(-EINVAL, sim_set_bytes(SIM_TARGET, "accept_min", "1.0\0", 5));
}

TEST_F(knobs, a_version_can_be_any_bytes)
{
	char longest[SIM_VERSION_MAX], buf[SIM_VERSION_MAX + 2];
	static const struct {
		const char *bytes;
		size_t len;
	} any[] = {
		{ "", 0 }, { "\0", 1 }, { "a\0b", 3 }, { "\n", 1 },
		{ "\t\xff\x80\x1b", 4 }, { "a\nb", 3 }, { " ", 1 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(any); i++) {
		memcpy(buf, any[i].bytes, any[i].len);
		buf[any[i].len] = '\n';
		EXPECT_EQ((ssize_t)any[i].len + 1,
			  sim_set_bytes(SIM_TARGET, "version", buf,
					any[i].len + 1));
		memset(buf, 'x', sizeof(buf));
		EXPECT_EQ((ssize_t)any[i].len,
			  sim_get(SIM_TARGET, "version", buf, sizeof(buf)));
		EXPECT_EQ(0, memcmp(buf, any[i].bytes, any[i].len));
	}

	memset(longest, 'v', sizeof(longest));
	EXPECT_EQ(SIM_VERSION_MAX, sim_set_bytes(SIM_TARGET, "version", longest,
						 sizeof(longest)));
	EXPECT_EQ(SIM_VERSION_MAX, sim_get(SIM_TARGET, "version", buf,
					   sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, longest, sizeof(longest)));
}

TEST_F(knobs, live_registers_and_unregisters_the_parent)
{
	static const char * const no[] = { "2", "-1", "", "yes", "1x", "\n" };
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(no); i++) {
		/* A write of zero bytes does not reach the kernel's file */
		EXPECT_EQ(*no[i] ? *no[i] == '2' ? -ERANGE : -EINVAL : -EFAULT,
			  sim_live(SIM_TARGET, no[i])) {
			TH_LOG("\"%s\"", no[i]);
		}
	}
	EXPECT_EQ(-1, stat(SIM_PARENTS SIM_TARGET, &st));

	/* A write of the present value succeeds */
	EXPECT_EQ(0, sim_live(SIM_TARGET, "0"));
	EXPECT_EQ(0, sim_live(SIM_TARGET, "1\n"));
	EXPECT_EQ(0, sim_live(SIM_TARGET, "1"));
	EXPECT_EQ(1, sim_is_live(SIM_TARGET));
	EXPECT_EQ(0, stat(SIM_TARGET_DIR, &st));

	EXPECT_EQ(0, sim_live(SIM_TARGET, "0"));
	EXPECT_EQ(0, sim_is_live(SIM_TARGET));
	EXPECT_EQ(-1, stat(SIM_PARENTS SIM_TARGET, &st));
	EXPECT_EQ(0, sim_live(SIM_TARGET, "1"));
	EXPECT_EQ(0, stat(SIM_TARGET_DIR, &st));
}

TEST_F(knobs, live_parent_is_busy)
{
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	EXPECT_EQ(-EBUSY, sim_mkdir(SIM_TARGET, "another"));
	EXPECT_EQ(-EBUSY, sim_set(SIM_TARGET, "no_migration_version", "1"));
	EXPECT_EQ(-EBUSY, sim_set(SIM_TARGET, "no_migration_version", "0"));
	/* The parent was busy because it was live, and not because it had a directory */
	EXPECT_GT(0, sim_rmdir(SIM_TARGET, NULL));
	EXPECT_EQ(0, sim_rmdir(SIM_TARGET, SIM_TYPE));
	EXPECT_EQ(-EBUSY, sim_rmdir(SIM_TARGET, NULL));
	EXPECT_EQ(-EBUSY, sim_mkdir(SIM_TARGET, SIM_TYPE));

	ASSERT_EQ(0, sim_live(SIM_TARGET, "0"));
	EXPECT_EQ(0, sim_mkdir(SIM_TARGET, "another"));
	EXPECT_EQ(0, sim_rmdir(SIM_TARGET, "another"));
	EXPECT_EQ(0, sim_rmdir(SIM_TARGET, NULL));
}

/* The answers of a type without a directory do not change until its parent goes */
TEST_F(knobs, type_without_a_directory_stays_until_its_parent_goes)
{
	struct stat st;
	int fd;

	ASSERT_EQ(0, sim_set(SIM_TARGET, "version", "gone-2.3"));
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	fd = open(SIM_ROOT "/" SIM_TARGET "/" SIM_TYPE "/version", O_WRONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sim_rmdir(SIM_TARGET, SIM_TYPE));
	EXPECT_EQ(-ENOENT, mdev_result(write(fd, "new", 3)));
	close(fd);

	EXPECT_EQ(8, mdev_check_string(SIM_TARGET_DIR, "gone-2.3"));
	EXPECT_EQ(-EXDEV, mdev_check_string(SIM_TARGET_DIR, SIM_VERSION));

	EXPECT_EQ(0, sim_live(SIM_TARGET, "0"));
	EXPECT_EQ(-1, stat(SIM_TARGET_DIR, &st));
	/* The type does not come back with its parent */
	EXPECT_EQ(0, sim_live(SIM_TARGET, "1"));
	EXPECT_EQ(0, stat(SIM_PARENTS SIM_TARGET, &st));
	EXPECT_EQ(-1, stat(SIM_TARGET_DIR, &st));
}

TEST_F(knobs, names_are_unique_and_not_too_long)
{
	char name[NAME_MAX + 1];
	struct stat st;
	size_t longest = NAME_MAX - strlen(SIM_PREFIX);
	char path[PATH_MAX];

	EXPECT_EQ(-EEXIST, sim_mkdir(SIM_TARGET, NULL));
	EXPECT_EQ(-EEXIST, sim_mkdir(SIM_TARGET, SIM_TYPE));

	memset(name, 'n', sizeof(name));
	name[longest + 1] = '\0';
	EXPECT_EQ(-ENAMETOOLONG, sim_mkdir(SIM_TARGET, name));
	name[longest] = '\0';
	EXPECT_EQ(0, sim_mkdir(SIM_TARGET, name));
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	snprintf(path, sizeof(path), SIM_TYPE_DIR(SIM_TARGET, "%s"), name);
	EXPECT_EQ(0, stat(path, &st));

	/* The name of a parent has the same limit */
	memcpy(name, SIM_OURS, strlen(SIM_OURS));
	name[longest] = 'n';
	EXPECT_EQ(-ENAMETOOLONG, sim_mkdir(name, NULL));
	name[longest] = '\0';
	ASSERT_EQ(0, sim_mkdir(name, NULL));
	EXPECT_EQ(0, sim_live(name, "1"));
	snprintf(path, sizeof(path), SIM_PARENTS "%s", name);
	EXPECT_EQ(0, stat(path, &st));
}

/* The parents of all drivers have their names in one directory */
TEST_F(knobs, parent_can_have_the_name_of_another_driver)
{
	bool loaded = mdev_module_loaded("mtty");
	char before[PATH_MAX], after[PATH_MAX];
	ssize_t len;
	int log;

	ASSERT_EQ(0, mdev_module_ensure("mtty"));
	len = readlink("/sys/class/mdev_bus/mtty", before, sizeof(before));
	ASSERT_LT(0, len);
	log = mdev_log_open();
	ASSERT_LE(0, log);

	EXPECT_EQ(0, sim_mkdir("mtty", NULL));
	EXPECT_EQ(0, sim_live("mtty", "1"));
	EXPECT_EQ(0, access(SIM_PARENTS "mtty/mdev_supported_types", F_OK));
	EXPECT_EQ(0, sim_live("mtty", "0"));
	EXPECT_EQ(0, sim_rmdir("mtty", NULL));
	EXPECT_EQ(len, readlink("/sys/class/mdev_bus/mtty", after,
				sizeof(after)));
	EXPECT_EQ(0, memcmp(before, after, len));
	EXPECT_FALSE(mdev_log_has(log, "duplicate filename"));
	close(log);
	EXPECT_EQ(0, loaded ? 0 : mdev_module_unload("mtty"));
}

TEST_F(knobs, parent_without_types_can_be_registered)
{
	struct stat st;

	ASSERT_EQ(0, sim_mkdir(SIM_OURS "empty", NULL));
	EXPECT_EQ(0, sim_live(SIM_OURS "empty", "1"));
	EXPECT_EQ(0, stat(SIM_PARENTS SIM_OURS "empty", &st));
}

/* Types that answer questions */

FIXTURE(answers) {
};

FIXTURE_SETUP(answers)
{
	ASSERT_EQ(0, sim_begin());
	ASSERT_EQ(0, sim_make(SIM_TARGET));
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
}

FIXTURE_TEARDOWN(answers)
{
	EXPECT_EQ(0, sim_remove_all());
}

TEST_F(answers, attributes_show_what_is_set)
{
	char version[SIM_VERSION_MAX + 1], buf[SIM_VERSION_MAX + 1];

	EXPECT_EQ((ssize_t)strlen(SIM_VERSION) + 1,
		  sim_read_target("migration_version", buf, sizeof(buf)));
	EXPECT_STREQ(SIM_VERSION "\n", buf);

	ASSERT_EQ(0, sim_set(SIM_TARGET, "version", "anything ~ else"));
	sim_read_target("migration_version", buf, sizeof(buf));
	EXPECT_STREQ("anything ~ else\n", buf);

	/* This version is the longest that fits into a page of 4 KiB with its newline */
	memset(version, 'v', 4094);
	version[4094] = '\0';
	ASSERT_EQ(0, sim_set(SIM_TARGET, "version", version));
	EXPECT_EQ(4095, sim_read_target("migration_version", buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(version, buf, 4094));

	ASSERT_EQ(0, sim_set(SIM_TARGET, "description", "a b"));
	EXPECT_EQ(4, sim_read_target("description", buf, sizeof(buf)));
	EXPECT_STREQ("a b\n", buf);
	ASSERT_EQ(0, sim_set(SIM_TARGET, "description", version));
	EXPECT_EQ(4095, sim_read_target("description", buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(version, buf, 4094));
	EXPECT_EQ(5, sim_read_target("name", buf, sizeof(buf)));
	EXPECT_STREQ(SIM_TYPE "\n", buf);
}

TEST_F(answers, read_of_an_invalid_version_gives_eio)
{
	static const struct {
		const char *bytes;
		ssize_t len;
	} wrong[] = {
		{ "\n", 1 }, { "a\tb\n", 4 }, { "a\0b\n", 4 }, { "\x7f\n", 2 },
		{ "a\x80\n", 3 }, { "a\n\n", 3 }, { "a\nb\n", 4 },
	};
	char buf[SIM_VERSION_MAX + 2];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		ASSERT_EQ(wrong[i].len,
			  sim_set_bytes(SIM_TARGET, "version", wrong[i].bytes,
					wrong[i].len));
		EXPECT_EQ(-EIO, sim_read_target("migration_version", buf,
						sizeof(buf))) {
			TH_LOG("string %zu", i);
		}
	}

	if (sysconf(_SC_PAGESIZE) == 4096) {
		memset(buf, 'v', SIM_VERSION_MAX);
		ASSERT_EQ(SIM_VERSION_MAX,
			  sim_set_bytes(SIM_TARGET, "version", buf,
					SIM_VERSION_MAX));
		EXPECT_EQ(-EIO, sim_read_target("migration_version", buf,
						sizeof(buf)));
	}
}

TEST_F(answers, errnos_of_the_knobs_are_returned)
{
	static const int errnos[] = { EPERM, EIO, EOPNOTSUPP, 511 };
	char number[8], buf[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errnos); i++) {
		snprintf(number, sizeof(number), "%d", errnos[i]);
		ASSERT_EQ(0, sim_set(SIM_TARGET, "show_errno", number));
		EXPECT_EQ(-errnos[i], sim_read_target("migration_version", buf,
						      sizeof(buf)));
		EXPECT_EQ(0, sim_verdict(SIM_VERSION, strlen(SIM_VERSION)));
		ASSERT_EQ(0, sim_set(SIM_TARGET, "show_errno", "0"));

		ASSERT_EQ(0, sim_set(SIM_TARGET, "check_errno", number));
		EXPECT_EQ(-errnos[i], sim_verdict(SIM_VERSION,
						  strlen(SIM_VERSION)));
		EXPECT_LT(0, sim_read_target("migration_version", buf,
					     sizeof(buf)));
		ASSERT_EQ(0, sim_set(SIM_TARGET, "check_errno", "0"));
	}
	EXPECT_EQ(0, sim_verdict(SIM_VERSION, strlen(SIM_VERSION)));
}

TEST_F(answers, verdict_follows_the_rules)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sim_rules); i++) {
		ASSERT_EQ(0, sim_set_rule(&sim_rules[i]));
		EXPECT_EQ(-sim_rules[i].error,
			  sim_verdict(sim_rules[i].source,
				      strlen(sim_rules[i].source))) {
			TH_LOG("%s", sim_rule_text(&sim_rules[i]));
		}
	}
}

TEST_F(answers, longest_version_is_judged)
{
	char version[SIM_VERSION_MAX + 1];

	memset(version, 'v', SIM_VERSION_MAX);
	memcpy(version + SIM_VERSION_MAX - 4, "-1.2", 5);
	ASSERT_EQ(SIM_VERSION_MAX, sim_set_bytes(SIM_TARGET, "version", version,
						 SIM_VERSION_MAX));
	EXPECT_EQ(0, sim_verdict(version, SIM_VERSION_MAX));
	version[0] = 'w';
	EXPECT_EQ(-EXDEV, sim_verdict(version, SIM_VERSION_MAX));
	version[0] = 'v';
	version[SIM_VERSION_MAX - 1] = '3';
	EXPECT_EQ(-EPROTONOSUPPORT, sim_verdict(version, SIM_VERSION_MAX));
}

TEST_F(answers, delay_ends_with_a_signal)
{
	static const struct itimerval soon = { { 0, 20000 }, { 0, 20000 } };
	static const struct itimerval never;
	struct sigaction action = { .sa_handler = sim_on_alarm };
	struct sigaction before;
	ssize_t shown, checked;
	char buf[64];
	int fd;

	ASSERT_EQ(0, sim_set(SIM_TARGET, "delay_ms", "3600000"));
	fd = open(SIM_TARGET_DIR "/migration_version", O_RDWR);
	ASSERT_LE(0, fd);

	ASSERT_EQ(0, sigaction(SIGALRM, &action, &before));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &soon, NULL));
	shown = mdev_result(pread(fd, buf, sizeof(buf), 0));
	checked = mdev_result(write(fd, SIM_VERSION, strlen(SIM_VERSION)));
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);

	EXPECT_EQ(-EINTR, shown);
	EXPECT_EQ(-EINTR, checked);
	close(fd);

	ASSERT_EQ(0, sim_set(SIM_TARGET, "delay_ms", "1"));
	EXPECT_EQ(0, sim_verdict(SIM_VERSION, strlen(SIM_VERSION)));
	EXPECT_LT(0, sim_read_target("migration_version", buf, sizeof(buf)));
}

TEST_F(answers, type_that_opts_out_does_not_have_the_attribute)
{
	struct stat st;
	char buf[64];

	ASSERT_EQ(0, sim_live(SIM_TARGET, "0"));
	ASSERT_EQ(0, sim_mkdir(SIM_TARGET, "other"));
	ASSERT_EQ(0, sim_set(SIM_TARGET, "no_migration_version", "1"));
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));

	EXPECT_EQ(-ENOENT, sim_read_target("migration_version", buf, sizeof(buf)));
	EXPECT_LT(0, sim_read_target("description", buf, sizeof(buf)));
	EXPECT_EQ(0, stat(SIM_TYPE_DIR(SIM_TARGET, "other/migration_version"),
			  &st));

	ASSERT_EQ(0, sim_live(SIM_TARGET, "0"));
	ASSERT_EQ(0, sim_set(SIM_TARGET, "no_migration_version", "0"));
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	EXPECT_LT(0, sim_read_target("migration_version", buf, sizeof(buf)));
}

/* One host can play two hosts, because two parents can have one type with other knobs */
TEST_F(answers, parents_are_independent)
{
	char buf[64];

	ASSERT_EQ(0, sim_make(SIM_SOURCE));
	ASSERT_EQ(0, sim_live(SIM_SOURCE, "1"));
	ASSERT_EQ(0, sim_set(SIM_SOURCE, "version", "mdev-sim-1.1"));
	ASSERT_EQ(0, sim_set(SIM_SOURCE, "accept_min", "1.0"));

	mdev_read_attr(SIM_SOURCE_DIR, "migration_version", buf, sizeof(buf));
	EXPECT_STREQ("mdev-sim-1.1\n", buf);
	sim_read_target("migration_version", buf, sizeof(buf));
	EXPECT_STREQ(SIM_VERSION "\n", buf);

	EXPECT_EQ(-EPROTONOSUPPORT, mdev_check_string(SIM_TARGET_DIR,
						      "mdev-sim-1.1"));
	EXPECT_EQ(12, mdev_check_string(SIM_SOURCE_DIR, SIM_VERSION));
}

/* Equal strings promise nothing: two parents that show one version can accept others */
TEST_F(answers, parents_that_show_the_same_accept_different_versions)
{
	char source[64], target[64];

	ASSERT_EQ(0, sim_make(SIM_SOURCE));
	ASSERT_EQ(0, sim_set(SIM_SOURCE, "version", "acme-1.1"));
	ASSERT_EQ(0, sim_set(SIM_SOURCE, "accept_min", "1.0"));
	ASSERT_EQ(0, sim_live(SIM_SOURCE, "1"));
	ASSERT_EQ(0, sim_set(SIM_TARGET, "version", "acme-1.1"));
	ASSERT_EQ(0, sim_set(SIM_TARGET, "accept_max", "1.2"));

	ASSERT_EQ(9, mdev_read_attr(SIM_SOURCE_DIR, "migration_version", source,
				    sizeof(source)));
	ASSERT_EQ(9, sim_read_target("migration_version", target, sizeof(target)));
	EXPECT_STREQ(source, target);

	EXPECT_EQ(8, mdev_check_string(SIM_SOURCE_DIR, "acme-1.0"));
	EXPECT_EQ(-EPROTONOSUPPORT, mdev_check_string(SIM_TARGET_DIR,
						      "acme-1.0"));
	EXPECT_EQ(-EPROTONOSUPPORT, mdev_check_string(SIM_SOURCE_DIR,
						      "acme-1.2"));
	EXPECT_EQ(8, mdev_check_string(SIM_TARGET_DIR, "acme-1.2"));

	/* A parent need not accept its own string */
	ASSERT_EQ(0, sim_set(SIM_TARGET, "accept_min", "1.2"));
	EXPECT_EQ(8, mdev_check_string(SIM_SOURCE_DIR, "acme-1.1"));
	EXPECT_EQ(-EPROTONOSUPPORT, mdev_check_string(SIM_TARGET_DIR,
						      "acme-1.1"));
}

/* The record names the parent, so that a tool finds the line of a device */
TEST_F(answers, a_rejection_is_logged_with_its_reason)
{
	static const struct {
		const char *knob;
		const char *value;
		const char *source;
		const char *reason;
	} reasons[] = {
		{ "version", "dev-1.2", "dev-1.3", "1.3, target accepts 1.2 to 1.2" },
		{ "version", "dev-1.2", "ved-1.2", "device ved, target is device dev" },
		{ "version", "dev-1.2", "dev", "expected <device>-<major>.<minor>" },
		{ "version", "text", "dev-1.2", "its own version only" },
		{ "check_errno", "1", "dev-1.2", "check_errno is 1" },
		{ "check_result", "-2", "dev-1.2", "check_result is -2" },
	};
	struct mdev_log_line line;
	size_t i;
	int fd;

	ASSERT_EQ(0, sim_remove_all());
	ASSERT_EQ(0, mdev_module_reload("mdev_sim"));
	ASSERT_EQ(0, sim_make(SIM_TARGET));
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		ASSERT_EQ(0, sim_set(SIM_TARGET, reasons[i].knob,
				     reasons[i].value));
		fd = mdev_log_open();
		ASSERT_LE(0, fd);
		EXPECT_GT(0, mdev_check_string(SIM_TARGET_DIR,
					       reasons[i].source));
		ASSERT_EQ(1, mdev_log_next(fd, &line));
		EXPECT_NE(NULL, strstr(line.text, reasons[i].reason)) {
			TH_LOG("%s", line.text);
		}
		EXPECT_STREQ("mdev-sim", line.subsystem);
		EXPECT_STREQ("+mdev-sim:" SIM_PREFIX SIM_TARGET, line.device);
		EXPECT_EQ(0, mdev_log_next(fd, &line));
		close(fd);
	}

	/* A result of 0 accepts the version, which is not logged */
	ASSERT_EQ(0, sim_set(SIM_TARGET, "check_result", "0"));
	fd = mdev_log_open();
	ASSERT_LE(0, fd);
	EXPECT_LT(0, mdev_check_string(SIM_TARGET_DIR, "dev-1.2"));
	EXPECT_EQ(0, mdev_log_next(fd, &line));
	close(fd);
}

/* Many parents and types at once */

FIXTURE(many) {
};

FIXTURE_SETUP(many)
{
	ASSERT_EQ(0, sim_begin());
}

FIXTURE_TEARDOWN(many)
{
	EXPECT_EQ(0, sim_remove_all());
}

/*
 * MDEV_SIM_PARENTS sets another number, because a parent takes half a second with KASAN
 * and kmemleak
 */
#define PARENTS_DEFAULT	200
#define PARENTS_MIN	20
#define TYPES		25

TEST_F(many, many_parents_and_types_answer)
{
	char parent[32], type[16], path[MDEV_PATH_SIZE], buf[32], own[32];
	int parents, i, j;

	parents = mdev_number_from("MDEV_SIM_PARENTS", PARENTS_DEFAULT);
	ASSERT_LE(PARENTS_MIN, parents);
	for (i = 0; i < parents; i++) {
		snprintf(parent, sizeof(parent), SIM_OURS "%d", i);
		ASSERT_EQ(0, sim_mkdir(parent, NULL));
		for (j = 0; j < TYPES; j++) {
			snprintf(type, sizeof(type), "t%d", j);
			ASSERT_EQ(0, sim_mkdir(parent, type));
			snprintf(path, sizeof(path), SIM_ROOT "/%s/%s/version",
				 parent, type);
			snprintf(own, sizeof(own), "dev%d-%d.0", i, j);
			ASSERT_LT(0, mdev_write_file(path, own, strlen(own)));
		}
	}
	for (i = 0; i < parents; i++) {
		snprintf(parent, sizeof(parent), SIM_OURS "%d", i);
		ASSERT_EQ(0, sim_live(parent, "1"));
	}

	for (i = 0; i < parents; i++) {
		for (j = 0; j < TYPES; j++) {
			snprintf(path, sizeof(path),
				 SIM_TYPE_DIR(SIM_OURS "%d", "t%d"), i, j);
			snprintf(own, sizeof(own), "dev%d-%d.0\n", i, j);
			ASSERT_LT(0, mdev_read_attr(path, "migration_version",
						    buf, sizeof(buf)));
			ASSERT_STREQ(own, buf);
		}
	}
}

int main(int argc, char *argv[])
{
	sim_require();
	return test_harness_run(argc, argv);
}
