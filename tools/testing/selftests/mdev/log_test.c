// SPDX-License-Identifier: GPL-2.0-only
/*
 * The line in the kernel log with the reason for which a vendor driver rejected a
 * source: tools find it by the device of the parent
 */

#include "version_test_utils.h"

#define LOG_NOTICE		5

/* Bytes of a version string that the line shows */
#define SHOWN_MAX		256

#define NO_VERSION_REASON	"expected <vendor>:<device>-<major>.<minor>"

#define REJECTIONS		1000

/*
 * The limit is ten lines in five seconds.  So a test that gets this many lines has run for
 * longer than the harness allows, and a slow machine cannot make the test fail.
 */
#define LINES_MAX		100

struct sample {
	const char *module;
	const char *type;
	const char *type_dir;
	const char *device;
	const char *own;
	const char *other_device;
	const char *other_device_reason;
	const char *other_version;
	const char *other_version_reason;
};

static const struct sample mtty = {
	.module = "mtty",
	.type = "mtty-2",
	.type_dir = MDEV_TYPE_DIR("mtty", "mtty-2"),
	.device = "+mtty:mtty",
	.own = MTTY_VERSION,
	.other_device = OTHER_VERSION,
	.other_device_reason = "source is device 1234:5678, target is device 4348:3253",
	.other_version = "4348:3253-2.3",
	.other_version_reason = "source has version 2.3, target has 1.0",
};

static const struct sample mdpy = {
	.module = "mdpy",
	.type = "mdpy-hd",
	.type_dir = MDEV_TYPE_DIR("mdpy", "mdpy-hd"),
	.device = "+mdpy:mdpy",
	.own = MDPY_VERSION,
	.other_device = MTTY_VERSION,
	.other_device_reason = "source is device 4348:3253, target is device 1b36:000f",
	.other_version = "1b36:000f-1.2",
	.other_version_reason = "source has version 1.2, target has 1.1",
};

FIXTURE(log) {
	int log;
};

FIXTURE_VARIANT(log) {
	const struct sample *sample;
};

FIXTURE_VARIANT_ADD(log, mtty) {
	.sample = &mtty,
};

FIXTURE_VARIANT_ADD(log, mdpy) {
	.sample = &mdpy,
};

/* A module that was just loaded has new limits, so its first lines are not dropped */
FIXTURE_SETUP(log)
{
	ASSERT_EQ(0, mdev_module_reload(variant->sample->module));
	self->log = mdev_log_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(log)
{
	close(self->log);
	EXPECT_EQ(0, mdev_module_ensure(variant->sample->module));
}

/* Require one more line in the log, which has @version and @reason */
static void expect_line(struct __test_metadata *_metadata, int log,
			const struct sample *sample, const char *version,
			const char *reason)
{
	struct mdev_log_line line;
	char expected[1024];

	snprintf(expected, sizeof(expected),
		 "type %s: migration version \"%.*s\" rejected: %s",
		 sample->type, SHOWN_MAX, version, reason);
	ASSERT_EQ(1, mdev_log_next(log, &line));
	EXPECT_NE(NULL, strstr(line.text, expected)) {
		TH_LOG("\"%s\" is not in \"%s\"", expected, line.text);
	}
	EXPECT_STREQ(sample->module, line.subsystem);
	EXPECT_STREQ(sample->device, line.device);
	EXPECT_EQ(LOG_NOTICE, line.level);

	EXPECT_EQ(0, mdev_log_next(log, &line));
}

TEST_F(log, rejection_names_parent_type_version_and_reason)
{
	const struct sample *s = variant->sample;

	EXPECT_EQ(-EINVAL, mdev_check_string(s->type_dir, "help"));
	expect_line(_metadata, self->log, s, "help", NO_VERSION_REASON);

	EXPECT_EQ(-EXDEV, mdev_check_string(s->type_dir, s->other_device));
	expect_line(_metadata, self->log, s, s->other_device,
		    s->other_device_reason);

	EXPECT_EQ(-EPROTONOSUPPORT,
		  mdev_check_string(s->type_dir, s->other_version));
	expect_line(_metadata, self->log, s, s->other_version,
		    s->other_version_reason);
}

/* The attribute belongs to the type, so the line names the parent and not the device */
TEST_F(log, rejection_through_a_device_names_the_parent)
{
	const struct sample *s = variant->sample;
	struct mdev_node node;

	ASSERT_EQ(0, mdev_node_get(&node, s->type_dir, true));
	EXPECT_EQ(-EXDEV, mdev_check_string(node.dir, s->other_device));
	expect_line(_metadata, self->log, s, s->other_device,
		    s->other_device_reason);
	EXPECT_EQ(0, mdev_node_put(&node));
}

TEST_F(log, version_in_the_line_has_no_newline)
{
	const struct sample *s = variant->sample;

	EXPECT_EQ(-EINVAL, mdev_check_string(s->type_dir, "help\n"));
	expect_line(_metadata, self->log, s, "help", NO_VERSION_REASON);
}

TEST_F(log, long_version_is_cut)
{
	const struct sample *s = variant->sample;
	static char big[PATH_MAX];

	memset(big, 'x', sizeof(big) - 1);
	EXPECT_EQ(-EINVAL, mdev_check_string(s->type_dir, big));
	expect_line(_metadata, self->log, s, big, NO_VERSION_REASON);
}

TEST_F(log, only_rejections_by_the_driver_are_logged)
{
	const struct sample *s = variant->sample;

	EXPECT_EQ((ssize_t)strlen(s->own),
		  mdev_check_string(s->type_dir, s->own));
	EXPECT_EQ(-EINVAL, mdev_check_string(s->type_dir, "\n"));
	EXPECT_EQ(-EINVAL, mdev_check_string(s->type_dir, "forged\n<0>line"));
	EXPECT_EQ(0, mdev_check(s->type_dir, "", 0));
	EXPECT_EQ(0, mdev_log_count(self->log));

	EXPECT_EQ(-EINVAL, mdev_check_string(s->type_dir, "help"));
	EXPECT_EQ(1, mdev_log_count(self->log));
}

TEST_F(log, lines_are_limited)
{
	const struct sample *s = variant->sample;
	int i, lines;

	for (i = 0; i < REJECTIONS; i++) {
		ASSERT_EQ(-EXDEV,
			  mdev_check_string(s->type_dir, s->other_device));
	}
	lines = mdev_log_count(self->log);
	EXPECT_LE(MDEV_LOG_BURST, lines);
	EXPECT_GE(LINES_MAX, lines);
}

int main(int argc, char *argv[])
{
	mdev_require_samples();
	mdev_require_modules();
	mdev_require_log();

	return test_harness_run(argc, argv);
}
