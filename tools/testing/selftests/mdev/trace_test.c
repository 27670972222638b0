// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracepoint mdev:mdev_migration_check: one event for each question that the core or
 * a vendor driver has answered
 */

#include <sys/mount.h>

#include "version_test_utils.h"

#define TRACEFS		"/sys/kernel/tracing"
#define EVENT		"events/mdev/mdev_migration_check"
#define MTTY_1		MDEV_TYPE_DIR("mtty", "mtty-1")
#define MTTY_2		MDEV_TYPE_DIR("mtty", "mtty-2")
#define MDPY_VGA	MDEV_TYPE_DIR("mdpy", "mdpy-vga")

/* Bytes of a version string that the event keeps */
#define KEPT_MAX	1024

/* Filled by get_events(): the text behind the name of the event, a line each */
static char events[16384];

FIXTURE(trace) {
	char instance[MDEV_PATH_SIZE / 2];
};

static ssize_t write_trace(const char *instance, const char *name,
			   const char *value)
{
	return mdev_write_attr(instance, name, value, strlen(value));
}

FIXTURE_SETUP(trace)
{
	snprintf(self->instance, sizeof(self->instance),
		 TRACEFS "/instances/mdev_test_%d", getpid());
	ASSERT_EQ(0, mkdir(self->instance, 0700));
	EXPECT_EQ(1, write_trace(self->instance, EVENT "/enable", "1"));
}

FIXTURE_TEARDOWN(trace)
{
	EXPECT_EQ(1, write_trace(self->instance, EVENT "/enable", "0"));
	EXPECT_EQ(0, rmdir(self->instance));
}

/* Read the events since the last call; returns their number */
static int get_events(const char *instance)
{
	static const char name[] = " mdev_migration_check: ";
	char path[MDEV_PATH_SIZE], line[8192];
	size_t len = 0;
	int count = 0;
	char *start;
	FILE *file;

	events[0] = '\0';
	snprintf(path, sizeof(path), "%s/trace", instance);
	file = fopen(path, "r");
	if (!file)
		return -errno;

	while (fgets(line, sizeof(line), file)) {
		start = strstr(line, name);
		if (line[0] == '#' || !start)
			continue;
		len += snprintf(events + len, sizeof(events) - len, "%s",
				start + sizeof(name) - 1);
		count++;
		if (len >= sizeof(events))
			break;
	}
	fclose(file);

	/* Opening the file with O_TRUNC empties it */
	file = fopen(path, "w");
	if (!file)
		return -errno;
	fclose(file);

	return count;
}

TEST_F(trace, event_has_its_fields)
{
	static const char * const fields[] = {
		" parent;", " type;", " version;", "int result;",
	};
	char format[4096];
	size_t i;

	ASSERT_LT(0, mdev_read_attr(self->instance, EVENT "/format", format,
				    sizeof(format)));
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		EXPECT_NE(NULL, strstr(format, fields[i])) {
			TH_LOG("the event does not have the field%s", fields[i]);
		}
	}
}

TEST_F(trace, accepted_version_leaves_an_event)
{
	EXPECT_EQ(13, mdev_check_string(MTTY_1, "4348:3253-1.0"));
	EXPECT_EQ(14, mdev_check_string(MTTY_2, "4348:3253-1.0\n"));

	EXPECT_EQ(2, get_events(self->instance));
	EXPECT_STREQ("parent=mtty type=mtty-1 version=\"4348:3253-1.0\" result=0\n"
		     "parent=mtty type=mtty-2 version=\"4348:3253-1.0\" result=0\n",
		     events);
}

TEST_F(trace, rejection_by_the_driver_leaves_an_event)
{
	char expected[512];

	EXPECT_EQ(-EXDEV, mdev_check_string(MTTY_1, OTHER_VERSION));
	EXPECT_EQ(-EPROTONOSUPPORT, mdev_check_string(MTTY_1, "4348:3253-2.0"));
	EXPECT_EQ(-EINVAL, mdev_check_string(MTTY_2, "help\n"));

	snprintf(expected, sizeof(expected),
		 "parent=mtty type=mtty-1 version=\"" OTHER_VERSION "\" result=%d\n"
		 "parent=mtty type=mtty-1 version=\"4348:3253-2.0\" result=%d\n"
		 "parent=mtty type=mtty-2 version=\"help\" result=%d\n",
		 -EXDEV, -EPROTONOSUPPORT, -EINVAL);
	EXPECT_EQ(3, get_events(self->instance));
	EXPECT_STREQ(expected, events);
}

TEST_F(trace, questions_to_another_driver_leave_events)
{
	char expected[512];

	EXPECT_EQ(13, mdev_check_string(MDPY_VGA, "1b36:000f-1.0"));
	EXPECT_EQ(-EINVAL, mdev_check_string(MDPY_VGA, "help\n"));

	snprintf(expected, sizeof(expected),
		 "parent=mdpy type=mdpy-vga version=\"1b36:000f-1.0\" result=0\n"
		 "parent=mdpy type=mdpy-vga version=\"help\" result=%d\n",
		 -EINVAL);
	EXPECT_EQ(2, get_events(self->instance));
	EXPECT_STREQ(expected, events);
}

TEST_F(trace, refusal_by_the_core_leaves_an_event)
{
	static char big[PATH_MAX];
	char expected[4 * KEPT_MAX];

	EXPECT_EQ(-EINVAL, mdev_check(MTTY_1, "\n", 1));
	EXPECT_EQ(-EINVAL, mdev_check(MTTY_1, "a\nb\n", 4));
	memset(big, 'x', sizeof(big));
	EXPECT_EQ(-E2BIG, mdev_check(MTTY_1, big, sizeof(big)));

	snprintf(expected, sizeof(expected),
		 "parent=mtty type=mtty-1 version=\"?\" result=%d\n"
		 "parent=mtty type=mtty-1 version=\"a?b?\" result=%d\n"
		 "parent=mtty type=mtty-1 version=\"%.*s\" result=%d\n",
		 -EINVAL, -EINVAL, KEPT_MAX, big, -E2BIG);
	EXPECT_EQ(3, get_events(self->instance));
	EXPECT_STREQ(expected, events);
}

/* An event is one line of text, even if the version is not */
TEST_F(trace, every_byte_that_is_not_printable_is_a_question_mark)
{
	char all[256], shown[257], expected[512];
	int i;

	for (i = 0; i < 256; i++) {
		all[i] = i;
		shown[i] = i < 0x20 || i > 0x7e ? '?' : i;
	}
	shown[256] = '\0';

	EXPECT_EQ(-EINVAL, mdev_check(MTTY_1, all, sizeof(all)));
	snprintf(expected, sizeof(expected),
		 "parent=mtty type=mtty-1 version=\"%s\" result=%d\n",
		 shown, -EINVAL);
	EXPECT_EQ(1, get_events(self->instance));
	EXPECT_STREQ(expected, events);
}

TEST_F(trace, long_strings_are_cut)
{
	static const int lens[] = {
		KEPT_MAX - 1, KEPT_MAX, KEPT_MAX + 1, PATH_MAX - 1,
	};
	static char big[PATH_MAX];
	char expected[2 * KEPT_MAX];
	size_t i;

	memset(big, 'x', sizeof(big));
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		EXPECT_EQ(-EINVAL, mdev_check(MTTY_1, big, lens[i]));
		snprintf(expected, sizeof(expected),
			 "parent=mtty type=mtty-1 version=\"%.*s\" result=%d\n",
			 lens[i] < KEPT_MAX ? lens[i] : KEPT_MAX, big, -EINVAL);
		EXPECT_EQ(1, get_events(self->instance));
		EXPECT_STREQ(expected, events);
	}
}

/* A write of zero bytes, a read or an open does not ask the driver */
TEST_F(trace, only_a_question_leaves_an_event)
{
	char buf[64];

	EXPECT_EQ(0, mdev_check(MTTY_1, "", 0));
	EXPECT_EQ(14, mdev_read_attr(MTTY_1, "migration_version", buf,
				     sizeof(buf)));
	EXPECT_EQ(0, get_events(self->instance));

	EXPECT_EQ(13, mdev_check_string(MTTY_1, MTTY_VERSION));
	EXPECT_EQ(1, get_events(self->instance));
}

TEST_F(trace, events_can_be_filtered_by_type_and_result)
{
	char expected[256];

	ASSERT_LT(0, write_trace(self->instance, EVENT "/filter",
				 "type == \"mtty-2\" && result != 0"));
	EXPECT_EQ(-EXDEV, mdev_check_string(MTTY_1, OTHER_VERSION));
	EXPECT_EQ(13, mdev_check_string(MTTY_2, MTTY_VERSION));
	EXPECT_EQ(-EXDEV, mdev_check_string(MTTY_2, OTHER_VERSION));

	snprintf(expected, sizeof(expected),
		 "parent=mtty type=mtty-2 version=\"" OTHER_VERSION "\" result=%d\n",
		 -EXDEV);
	EXPECT_EQ(1, get_events(self->instance));
	EXPECT_STREQ(expected, events);
}

static void unmount_tracefs(void)
{
	umount(TRACEFS);
}

static void require_tracefs(void)
{
	if (!access(TRACEFS "/instances", F_OK))
		return;

	if (mount("tracefs", TRACEFS, "tracefs", 0, NULL))
		mdev_skip_all("cannot mount tracefs at " TRACEFS ": %s",
			      strerror(errno));
	atexit(unmount_tracefs);
	if (access(TRACEFS "/instances", F_OK))
		mdev_skip_all(TRACEFS "/instances does not exist");
}

int main(int argc, char *argv[])
{
	mdev_require_samples();
	require_tracefs();

	return test_harness_run(argc, argv);
}
