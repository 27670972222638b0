// SPDX-License-Identifier: GPL-2.0-only
/*
 * A type whose driver does not have a migration version: mbochs, whose types differ
 * from others by this attribute only
 */

#include <dirent.h>

#include "version_test_utils.h"

FIXTURE(absent) {
	struct mdev_node device;
};

FIXTURE_VARIANT(absent) {
	const char *type_dir;
};

FIXTURE_VARIANT_ADD(absent, mbochs_small) {
	.type_dir = MDEV_TYPE_DIR("mbochs", "mbochs-small"),
};

FIXTURE_VARIANT_ADD(absent, mbochs_medium) {
	.type_dir = MDEV_TYPE_DIR("mbochs", "mbochs-medium"),
};

FIXTURE_VARIANT_ADD(absent, mbochs_large) {
	.type_dir = MDEV_TYPE_DIR("mbochs", "mbochs-large"),
};

FIXTURE_SETUP(absent)
{
	ASSERT_EQ(0, mdev_node_get(&self->device, variant->type_dir, true));
}

FIXTURE_TEARDOWN(absent)
{
	EXPECT_EQ(0, mdev_node_put(&self->device));
}

TEST_F(absent, reads_and_writes_of_the_version_give_enoent)
{
	const char *device_dir = self->device.dir;
	char buf[64];

	EXPECT_EQ(-ENOENT, mdev_read_attr(variant->type_dir,
					  "migration_version", buf,
					  sizeof(buf)));
	EXPECT_EQ(-ENOENT, mdev_check_string(variant->type_dir, MTTY_VERSION));
	EXPECT_EQ(-ENOENT, mdev_read_attr(device_dir, "migration_version", buf,
					  sizeof(buf)));
	EXPECT_EQ(-ENOENT, mdev_check_string(device_dir, MTTY_VERSION));
}

TEST_F(absent, other_attributes_can_be_read)
{
	char buf[4096];

	EXPECT_LT(1, mdev_read_attr(variant->type_dir, "name", buf,
				    sizeof(buf)));
	EXPECT_LT(1, mdev_read_attr(variant->type_dir, "description", buf,
				    sizeof(buf)));
	EXPECT_LT(1, mdev_read_attr(variant->type_dir, "available_instances",
				    buf, sizeof(buf)));
	EXPECT_LT(1, mdev_read_attr(self->device.dir, "device_api", buf,
				    sizeof(buf)));
	EXPECT_STREQ("vfio-pci\n", buf);
}

static int count_entries(const char *dir)
{
	struct dirent *entry;
	int count = 0;
	DIR *d;

	d = opendir(dir);
	if (!d)
		return -errno;
	while ((entry = readdir(d)))
		count++;
	closedir(d);
	return count;
}

/* Types with the attribute, and the number of entries that only mbochs has */
static const struct {
	const char *dir;
	int more;
} with_attribute[] = {
	/* mtty does not have descriptions */
	{ MDEV_TYPE_DIR("mtty", "mtty-1"), 1 },
	{ MDEV_TYPE_DIR("mdpy", "mdpy-vga"), 0 },
};

/* Require each entry but the attribute, with the same mode, and @more entries beyond them */
static void expect_all_but_the_attribute(struct __test_metadata *_metadata,
					 const char *type_dir, const char *with,
					 int more)
{
	char path[PATH_MAX];
	struct stat st, other_st;
	struct dirent *entry;
	DIR *d;

	d = opendir(with);
	ASSERT_NE(NULL, d);
	while ((entry = readdir(d))) {
		if (!strcmp(entry->d_name, "migration_version"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", with, entry->d_name);
		ASSERT_EQ(0, lstat(path, &st));
		snprintf(path, sizeof(path), "%s/%s", type_dir, entry->d_name);
		ASSERT_EQ(0, lstat(path, &other_st)) {
			TH_LOG("%s does not exist", path);
		}
		EXPECT_EQ(st.st_mode, other_st.st_mode) {
			TH_LOG("%s has another mode", path);
		}
	}
	closedir(d);

	EXPECT_EQ(count_entries(with) - 1 + more, count_entries(type_dir));
}

TEST_F(absent, directory_differs_only_by_the_attribute)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(with_attribute); i++)
		expect_all_but_the_attribute(_metadata, variant->type_dir,
					     with_attribute[i].dir,
					     with_attribute[i].more);
}

int main(int argc, char *argv[])
{
	mdev_require_samples();
	mdev_require_parent("mbochs");

	return test_harness_run(argc, argv);
}
