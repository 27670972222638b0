// SPDX-License-Identifier: GPL-2.0-only
/*
 * The documented way to ask whether a device can migrate: the target has the type of the
 * source, the version of the source can be read, the target has the attribute, and a
 * write of the source's version there succeeds
 */

#include <libgen.h>

#include "version_test_utils.h"

enum answer {
	COMPATIBLE,
	OTHER_TYPE,
	SOURCE_HAS_NO_VERSION,
	TARGET_HAS_NO_VERSION,
	NOT_ACCEPTED,
};

/* Facts about a source, which may be on another host */
struct source {
	char type[64];
	char version[PATH_MAX];
	ssize_t len; /* or the errno of the read */
};

static void type_name(const char *dir, char *name, size_t size)
{
	char path[PATH_MAX];

	name[0] = '\0';
	if (realpath(dir, path))
		snprintf(name, size, "%s", basename(path));
}

static void get_source(const char *dir, struct source *source)
{
	type_name(dir, source->type, sizeof(source->type));
	source->len = mdev_read_attr(dir, "migration_version", source->version,
				     sizeof(source->version));
}

static int ask_target(const struct source *source, const char *dir)
{
	char name[64], path[MDEV_PATH_SIZE];

	type_name(dir, name, sizeof(name));
	if (!name[0] || strcmp(name, source->type))
		return OTHER_TYPE;
	if (source->len < 0)
		return SOURCE_HAS_NO_VERSION;
	snprintf(path, sizeof(path), "%s/migration_version", dir);
	if (access(path, F_OK))
		return TARGET_HAS_NO_VERSION;
	if (mdev_check(dir, source->version, source->len) != source->len)
		return NOT_ACCEPTED;
	return COMPATIBLE;
}

/* Ask the target about a source that could be on another host */
static int ask_about(const char *type, const char *version,
		     const char *target_dir)
{
	struct source source;

	snprintf(source.type, sizeof(source.type), "%s", type);
	source.len = snprintf(source.version, sizeof(source.version), "%s\n",
			      version);
	return ask_target(&source, target_dir);
}

/* Types of a sample, and the answers of its driver */
struct types {
	const char *name;
	const char *dir;
	const char *other_dir;
	const char *refused;
	const char *older;
	enum answer about_older;
};

static const struct types mtty_types = {
	.name = "mtty-1",
	.dir = MDEV_TYPE_DIR("mtty", "mtty-1"),
	.other_dir = MDEV_TYPE_DIR("mtty", "mtty-2"),
	.refused = "4348:3253-1.1",
	.older = "4348:3253-0.9",
	.about_older = NOT_ACCEPTED,
};

static const struct types mdpy_types = {
	.name = "mdpy-vga",
	.dir = MDEV_TYPE_DIR("mdpy", "mdpy-vga"),
	.other_dir = MDEV_TYPE_DIR("mdpy", "mdpy-hd"),
	.refused = "1b36:000f-1.2",
	.older = "1b36:000f-1.0",
	.about_older = COMPATIBLE,
};

FIXTURE(conditions) {
	struct mdev_node source;
	struct mdev_node target;
	struct mdev_node other;
};

FIXTURE_VARIANT(conditions) {
	const struct types *types;
	bool source_device;
	bool target_device;
};

FIXTURE_VARIANT_ADD(conditions, mtty_type_to_type) {
	.types = &mtty_types,
};

FIXTURE_VARIANT_ADD(conditions, mtty_type_to_device) {
	.types = &mtty_types,
	.target_device = true,
};

FIXTURE_VARIANT_ADD(conditions, mtty_device_to_type) {
	.types = &mtty_types,
	.source_device = true,
};

FIXTURE_VARIANT_ADD(conditions, mtty_device_to_device) {
	.types = &mtty_types,
	.source_device = true,
	.target_device = true,
};

FIXTURE_VARIANT_ADD(conditions, mdpy_type_to_type) {
	.types = &mdpy_types,
};

FIXTURE_VARIANT_ADD(conditions, mdpy_device_to_type) {
	.types = &mdpy_types,
	.source_device = true,
};

FIXTURE_VARIANT_ADD(conditions, mdpy_device_to_device) {
	.types = &mdpy_types,
	.source_device = true,
	.target_device = true,
};

FIXTURE_SETUP(conditions)
{
	const struct types *types = variant->types;

	ASSERT_EQ(0, mdev_node_get(&self->source, types->dir,
				   variant->source_device));
	ASSERT_EQ(0, mdev_node_get(&self->target, types->dir,
				   variant->target_device));
	ASSERT_EQ(0, mdev_node_get(&self->other, types->other_dir,
				   variant->target_device));
}

FIXTURE_TEARDOWN(conditions)
{
	EXPECT_EQ(0, mdev_node_put(&self->other));
	EXPECT_EQ(0, mdev_node_put(&self->target));
	EXPECT_EQ(0, mdev_node_put(&self->source));
}

TEST_F(conditions, same_version_is_compatible)
{
	struct source source;

	get_source(self->source.dir, &source);
	EXPECT_EQ(COMPATIBLE, ask_target(&source, self->target.dir));
}

/* A string that is accepted does not make a migration to another type possible */
TEST_F(conditions, another_type_is_not_a_target)
{
	struct source source;

	get_source(self->source.dir, &source);
	EXPECT_EQ(OTHER_TYPE, ask_target(&source, self->other.dir));

	/* The caller compares the types, because the driver sees the same version */
	EXPECT_EQ(source.len,
		  mdev_check(self->other.dir, source.version, source.len));
}

TEST_F(conditions, rejected_version_is_not_compatible)
{
	const char * const versions[] = {
		variant->types->refused, OTHER_VERSION, "no version", "",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		EXPECT_EQ(NOT_ACCEPTED, ask_about(variant->types->name,
						  versions[i],
						  self->target.dir)) {
			TH_LOG("\"%s\"", versions[i]);
		}
	}
}

/* The target alone decides whether a version that differs from its own is compatible */
TEST_F(conditions, driver_decides_about_an_older_source)
{
	const struct types *types = variant->types;
	struct source source;

	get_source(self->target.dir, &source);
	EXPECT_NE(0, strncmp(types->older, source.version,
			     strlen(types->older)));
	EXPECT_EQ((int)types->about_older,
		  ask_about(types->name, types->older, self->target.dir));
}

/* A type without the attribute is neither a source nor a target */
FIXTURE(no_version) {
	struct mdev_node node;
};

FIXTURE_VARIANT(no_version) {
	bool by_device;
};

FIXTURE_VARIANT_ADD(no_version, type) {
	.by_device = false,
};

FIXTURE_VARIANT_ADD(no_version, device) {
	.by_device = true,
};

FIXTURE_SETUP(no_version)
{
	ASSERT_EQ(0, mdev_node_get(&self->node,
				   MDEV_TYPE_DIR("mbochs", "mbochs-small"),
				   variant->by_device));
}

FIXTURE_TEARDOWN(no_version)
{
	EXPECT_EQ(0, mdev_node_put(&self->node));
}

TEST_F(no_version, source_without_a_version_is_not_compatible)
{
	struct source source;

	get_source(self->node.dir, &source);
	EXPECT_EQ(-ENOENT, source.len);
	EXPECT_EQ(SOURCE_HAS_NO_VERSION, ask_target(&source, self->node.dir));
}

TEST_F(no_version, target_without_a_version_is_not_compatible)
{
	EXPECT_EQ(TARGET_HAS_NO_VERSION,
		  ask_about("mbochs-small", "1234:1111-1.0", self->node.dir));
}

/* A type has one attribute, which each of its devices leads to */
FIXTURE(identity) {
	struct mdev_node nodes[2];
};

FIXTURE_VARIANT(identity) {
	const char *type_dir;
};

FIXTURE_VARIANT_ADD(identity, mtty) {
	.type_dir = MDEV_TYPE_DIR("mtty", "mtty-1"),
};

FIXTURE_VARIANT_ADD(identity, mdpy) {
	.type_dir = MDEV_TYPE_DIR("mdpy", "mdpy-vga"),
};

FIXTURE_SETUP(identity)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(self->nodes); i++) {
		ASSERT_EQ(0, mdev_node_get(&self->nodes[i], variant->type_dir,
					   true));
	}
}

FIXTURE_TEARDOWN(identity)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(self->nodes); i++)
		EXPECT_EQ(0, mdev_node_put(&self->nodes[i]));
}

TEST_F(identity, devices_lead_to_the_file_of_their_type)
{
	char path[PATH_MAX], by_type[PATH_MAX], by_device[PATH_MAX];
	struct stat type_st, device_st;
	size_t i;

	snprintf(path, sizeof(path), "%s/migration_version",
		 variant->type_dir);
	ASSERT_EQ(0, stat(path, &type_st));
	ASSERT_NE(NULL, realpath(path, by_type));

	for (i = 0; i < ARRAY_SIZE(self->nodes); i++) {
		snprintf(path, sizeof(path), "%s/migration_version",
			 self->nodes[i].dir);
		ASSERT_EQ(0, stat(path, &device_st));
		EXPECT_EQ(type_st.st_dev, device_st.st_dev);
		EXPECT_EQ(type_st.st_ino, device_st.st_ino);
		EXPECT_EQ(type_st.st_mode, device_st.st_mode);
		ASSERT_NE(NULL, realpath(path, by_device));
		EXPECT_STREQ(by_type, by_device);
	}
}

TEST_F(identity, devices_answer_as_their_type)
{
	char by_type[64], by_device[64];
	const char *dir;
	ssize_t len;
	size_t i;

	len = mdev_read_attr(variant->type_dir, "migration_version", by_type,
			     sizeof(by_type));
	ASSERT_LT(0, len);

	for (i = 0; i < ARRAY_SIZE(self->nodes); i++) {
		dir = self->nodes[i].dir;
		EXPECT_EQ(len, mdev_read_attr(dir, "migration_version",
					      by_device, sizeof(by_device)));
		EXPECT_STREQ(by_type, by_device);
		EXPECT_EQ(len, mdev_check(dir, by_type, len));
		EXPECT_EQ(-EXDEV, mdev_check_string(dir, "0000:0000-1.0"));
	}
}

/* Only the type of the device has an attribute of this name */
TEST_F(identity, device_has_no_version_of_its_own)
{
	char dir[MDEV_PATH_SIZE], buf[64];

	snprintf(dir, sizeof(dir), MDEV_DEVICES "%s", self->nodes[0].uuid);
	EXPECT_EQ(-ENOENT, mdev_read_attr(dir, "migration_version", buf,
					  sizeof(buf)));
}

int main(int argc, char *argv[])
{
	mdev_require_samples();
	mdev_require_parent("mbochs");

	return test_harness_run(argc, argv);
}
