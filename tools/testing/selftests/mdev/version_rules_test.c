// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two operations of migration_version, and the verdicts of the sample drivers on
 * their own versions, on versions of other devices, and on other strings
 */

#include "version_test_utils.h"

struct verdict {
	const char *version;
	int error; /* 0: accepted */
};

/* mtty loads a stream of exactly its own version */
static const struct verdict mtty_verdicts[] = {
	{ MTTY_VERSION, 0 },
	{ "4348:3253-1.1", EPROTONOSUPPORT },
	{ "4348:3253-0.0", EPROTONOSUPPORT },
	{ "4348:3253-0.9", EPROTONOSUPPORT },
	{ "4348:3253-2.0", EPROTONOSUPPORT },
	{ "4348:3253-10.0", EPROTONOSUPPORT },
	{ "4348:3253-4294967295.4294967295", EPROTONOSUPPORT },
	{ "4348:3254-1.0", EXDEV },
	{ "4349:3253-1.0", EXDEV },
	{ "3253:4348-1.0", EXDEV },
	{ "0000:0000-1.0", EXDEV },
	{ "ffff:ffff-9.9", EXDEV },
	{ OTHER_VERSION, EXDEV },
	{ MDPY_VERSION, EXDEV },
	{ }
};

/* mdpy also loads a state of an older minor version of the same major version */
static const struct verdict mdpy_verdicts[] = {
	{ MDPY_VERSION, 0 },
	{ "1b36:000f-1.0", 0 },
	{ "1b36:000f-1.2", EPROTONOSUPPORT },
	{ "1b36:000f-1.10", EPROTONOSUPPORT },
	{ "1b36:000f-0.0", EPROTONOSUPPORT },
	{ "1b36:000f-0.1", EPROTONOSUPPORT },
	{ "1b36:000f-2.0", EPROTONOSUPPORT },
	{ "1b36:000f-2.1", EPROTONOSUPPORT },
	{ "1b36:0010-1.1", EXDEV },
	{ "1b37:000f-1.1", EXDEV },
	{ MTTY_VERSION, EXDEV },
	{ }
};

/* A version can be written in one way only, and these are others */
static const char * const no_versions[] = {
	"1", "-", " ", "help", "x4348:3253-1.0",
	" 4348:3253-1.0", "4348:3253-1.0 ", "4348: 3253-1.0", "4348:3253-1. 0",
	"4348:3253-1.0-1.0", "4348:3253-1.0.0", "4348:3253-1.", "4348:3253-1",
	"4348:3253-", "4348:3253", "4348-1.0", "43483253-1.0",
	"4348:3253-01.0", "4348:3253-1.00", "4348:3253-+1.0", "4348:3253--1.0",
	"4348:3253-0x1.0", "4348:3253-1.4294967296", "4348:3253-4294967297.0",
	"04348:3253-1.0", "4348:03253-1.0", "0x4348:3253-1.0", "448:3253-1.0",
	"1b36:f-1.1", "1b36:00f-1.1", "1B36:000F-1.1", "1b36:000f-1.1a",
};

FIXTURE(version_rules) {
	struct mdev_node node;
};

FIXTURE_VARIANT(version_rules) {
	const char *type_dir;
	bool by_device;
	const char *own;
	const struct verdict *verdicts;
};

FIXTURE_VARIANT_ADD(version_rules, mtty_type) {
	.type_dir = MDEV_TYPE_DIR("mtty", "mtty-2"),
	.own = MTTY_VERSION,
	.verdicts = mtty_verdicts,
};

FIXTURE_VARIANT_ADD(version_rules, mtty_device) {
	.type_dir = MDEV_TYPE_DIR("mtty", "mtty-2"),
	.by_device = true,
	.own = MTTY_VERSION,
	.verdicts = mtty_verdicts,
};

FIXTURE_VARIANT_ADD(version_rules, mdpy_type) {
	.type_dir = MDEV_TYPE_DIR("mdpy", "mdpy-xga"),
	.own = MDPY_VERSION,
	.verdicts = mdpy_verdicts,
};

FIXTURE_VARIANT_ADD(version_rules, mdpy_device) {
	.type_dir = MDEV_TYPE_DIR("mdpy", "mdpy-xga"),
	.by_device = true,
	.own = MDPY_VERSION,
	.verdicts = mdpy_verdicts,
};

FIXTURE_SETUP(version_rules)
{
	ASSERT_EQ(0, mdev_node_get(&self->node, variant->type_dir,
				   variant->by_device));
}

FIXTURE_TEARDOWN(version_rules)
{
	EXPECT_EQ(0, mdev_node_put(&self->node));
}

TEST_F(version_rules, read_gives_the_version_and_one_newline)
{
	char expected[64], buf[4096];

	snprintf(expected, sizeof(expected), "%s\n", variant->own);
	ASSERT_EQ((ssize_t)strlen(expected),
		  mdev_read_attr(self->node.dir, "migration_version", buf,
				 sizeof(buf)));
	EXPECT_STREQ(expected, buf);
}

/* A target of the same version accepts the line as the source shows it */
TEST_F(version_rules, version_that_was_read_is_accepted)
{
	char buf[4096];
	ssize_t len;

	len = mdev_read_attr(self->node.dir, "migration_version", buf,
			     sizeof(buf));
	ASSERT_LT(1, len);
	EXPECT_EQ(len, mdev_check(self->node.dir, buf, len));
	EXPECT_EQ(len - 1, mdev_check(self->node.dir, buf, len - 1));
}

TEST_F(version_rules, write_returns_the_whole_count_or_the_reason)
{
	const struct verdict *v;
	ssize_t expected, len;
	char line[64];

	for (v = variant->verdicts; v->version; v++) {
		len = snprintf(line, sizeof(line), "%s\n", v->version);

		expected = v->error ? -v->error : len - 1;
		EXPECT_EQ(expected, mdev_check(self->node.dir, line, len - 1)) {
			TH_LOG("\"%s\"", v->version);
		}
		expected = v->error ? -v->error : len;
		EXPECT_EQ(expected, mdev_check(self->node.dir, line, len)) {
			TH_LOG("\"%s\" and a newline", v->version);
		}
	}
}

TEST_F(version_rules, string_that_is_not_a_version_is_invalid)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(no_versions); i++) {
		EXPECT_EQ(-EINVAL, mdev_check_string(self->node.dir,
						     no_versions[i])) {
			TH_LOG("\"%s\"", no_versions[i]);
		}
	}
}

TEST_F(version_rules, a_refusal_changes_nothing)
{
	ssize_t len = strlen(variant->own);
	char buf[64];

	EXPECT_EQ(-EXDEV, mdev_check_string(self->node.dir, "0000:0000-1.0"));
	EXPECT_EQ(len, mdev_check_string(self->node.dir, variant->own));
	EXPECT_EQ(len + 1, mdev_read_attr(self->node.dir, "migration_version",
					  buf, sizeof(buf)));
	EXPECT_EQ(0, strncmp(buf, variant->own, len));
}

/* All types of a sample driver have the version of that driver */
FIXTURE(all_types) {
};

FIXTURE_VARIANT(all_types) {
	const char *type_dir;
	const char *line;
};

FIXTURE_VARIANT_ADD(all_types, mtty_1) {
	MDEV_TYPE_DIR("mtty", "mtty-1"), MTTY_VERSION "\n"
};

FIXTURE_VARIANT_ADD(all_types, mtty_2) {
	MDEV_TYPE_DIR("mtty", "mtty-2"), MTTY_VERSION "\n"
};

FIXTURE_VARIANT_ADD(all_types, mdpy_vga) {
	MDEV_TYPE_DIR("mdpy", "mdpy-vga"), MDPY_VERSION "\n"
};

FIXTURE_VARIANT_ADD(all_types, mdpy_xga) {
	MDEV_TYPE_DIR("mdpy", "mdpy-xga"), MDPY_VERSION "\n"
};

FIXTURE_VARIANT_ADD(all_types, mdpy_hd) {
	MDEV_TYPE_DIR("mdpy", "mdpy-hd"), MDPY_VERSION "\n"
};

FIXTURE_SETUP(all_types)
{
}

FIXTURE_TEARDOWN(all_types)
{
}

TEST_F(all_types, version_is_that_of_the_driver)
{
	char buf[64];

	ASSERT_EQ((ssize_t)strlen(variant->line),
		  mdev_read_attr(variant->type_dir, "migration_version", buf,
				 sizeof(buf)));
	EXPECT_STREQ(variant->line, buf);
	EXPECT_EQ((ssize_t)strlen(variant->line),
		  mdev_check_string(variant->type_dir, variant->line));
}

TEST_F(all_types, mode_of_the_attribute_is_0644)
{
	char path[MDEV_PATH_SIZE];
	struct stat st;

	snprintf(path, sizeof(path), "%s/migration_version", variant->type_dir);
	ASSERT_EQ(0, lstat(path, &st));
	EXPECT_EQ(S_IFREG | 0644, (int)st.st_mode);
	EXPECT_EQ(0, (int)st.st_uid);
	EXPECT_EQ(0, (int)st.st_gid);
}

int main(int argc, char *argv[])
{
	mdev_require_samples();

	return test_harness_run(argc, argv);
}
