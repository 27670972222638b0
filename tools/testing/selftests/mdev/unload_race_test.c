// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vendor driver goes away: while the file is open, and while it is being
 * read and written and devices come and go
 */

#include "race_test_utils.h"

FIXTURE(unload) {
	struct mdev_node node;
	char path[MDEV_PATH_SIZE];
};

FIXTURE_VARIANT(unload) {
	const struct mdev_sample *sample;
	bool by_device;
};

FIXTURE_VARIANT_ADD(unload, mtty_type) {
	.sample = &mtty_sample,
};

FIXTURE_VARIANT_ADD(unload, mtty_device) {
	.sample = &mtty_sample,
	.by_device = true,
};

FIXTURE_VARIANT_ADD(unload, mdpy_type) {
	.sample = &mdpy_sample,
};

FIXTURE_VARIANT_ADD(unload, mdpy_device) {
	.sample = &mdpy_sample,
	.by_device = true,
};

FIXTURE_SETUP(unload)
{
	const struct mdev_sample *sample = variant->sample;

	ASSERT_EQ(0, mdev_module_ensure(sample->module));
	ASSERT_EQ(0, mdev_node_get(&self->node, sample->type_dir,
				   variant->by_device));
	snprintf(self->path, sizeof(self->path), "%s/migration_version",
		 self->node.dir);
}

/* The device went with the module, unless the test has ended before */
FIXTURE_TEARDOWN(unload)
{
	mdev_node_put(&self->node);
	EXPECT_EQ(0, mdev_module_ensure(variant->sample->module));
}

static void expect_enodev(struct __test_metadata *_metadata, int fd,
			  const char *own)
{
	size_t len = strlen(own);
	char buf[64];

	EXPECT_EQ(-ENODEV, mdev_result(pread(fd, buf, sizeof(buf), 0)));
	EXPECT_EQ(-ENODEV, mdev_result(write(fd, own, len)));
	EXPECT_EQ(-ENODEV, mdev_result(pwrite(fd, "0000:0000-1.0", 13, 0)));
	/* A string that the core refuses without the driver gets the same errno */
	EXPECT_EQ(-ENODEV, mdev_result(write(fd, "\n", 1)));
	EXPECT_EQ(-ENODEV, mdev_result(read(fd, buf, sizeof(buf))));
}

TEST_F(unload, open_file_gives_enodev_after_the_unload)
{
	const struct mdev_sample *sample = variant->sample;
	ssize_t len = strlen(sample->version);
	int unused, used;
	char buf[64];

	unused = open(self->path, O_RDWR);
	ASSERT_LE(0, unused);
	used = open(self->path, O_RDWR);
	ASSERT_LE(0, used);
	ASSERT_EQ(len + 1, read(used, buf, sizeof(buf)));
	ASSERT_EQ(len, write(used, sample->version, len));

	/* An open file does not keep the module */
	ASSERT_EQ(0, mdev_module_unload(sample->module));
	expect_enodev(_metadata, unused, sample->version);
	expect_enodev(_metadata, used, sample->version);

	/* The file stays dead when the module comes back */
	ASSERT_EQ(0, mdev_module_load(sample->module));
	expect_enodev(_metadata, unused, sample->version);
	expect_enodev(_metadata, used, sample->version);

	close(unused);
	close(used);
}

TEST_F(unload, open_gives_enoent_until_the_module_is_back)
{
	const struct mdev_sample *sample = variant->sample;
	ssize_t len = strlen(sample->version);

	ASSERT_EQ(0, mdev_module_unload(sample->module));
	EXPECT_EQ(-ENOENT, mdev_result(open(self->path, O_RDONLY)));
	EXPECT_EQ(-ENOENT, mdev_result(open(self->path, O_WRONLY)));

	ASSERT_EQ(0, mdev_module_load(sample->module));
	EXPECT_EQ(len, mdev_check_string(sample->type_dir, sample->version));
	/* Devices do not come back */
	EXPECT_EQ(variant->by_device ? -ENOENT : len,
		  mdev_check_string(self->node.dir, sample->version));
}

/*
 * Processes that read, write, create and remove without a pause, while the module is
 * unloaded and loaded.  Every few cycles the test waits after each of the two until
 * all processes have done a round more, because only then is it certain that they have
 * met both states.  The race is between the unload and their calls in the other cycles,
 * whose results are the driver's answer, or show that the driver is gone.
 */

/*
 * Number of cycles for each driver, without MDEV_UNLOAD_CYCLES: a cycle takes 45 ms on an
 * emulated machine, and half a second if its kernel has KASAN and lockdep
 */
#define CYCLES_DEFAULT	125

FIXTURE(race) {
	struct race race;
	struct race_question question;
};

FIXTURE_VARIANT(race) {
	const struct mdev_sample *sample;
};

FIXTURE_VARIANT_ADD(race, mtty) {
	.sample = &mtty_sample,
};

FIXTURE_VARIANT_ADD(race, mdpy) {
	.sample = &mdpy_sample,
};

FIXTURE_SETUP(race)
{
	const struct mdev_sample *sample = variant->sample;

	ASSERT_EQ(0, mdev_module_ensure(sample->module));
	ASSERT_EQ(0, race_begin(&self->race));
	self->question = (struct race_question) {
		.dir = sample->type_dir,
		.own = sample->version,
		.own_result = strlen(sample->version),
		.other = "0000:0000-1.0",
		.other_result = -EXDEV,
	};
}

FIXTURE_TEARDOWN(race)
{
	race_end(&self->race);
	EXPECT_EQ(0, mdev_module_ensure(variant->sample->module));
}

static void create_and_remove(struct race_progress *p,
			      const struct race_question *q)
{
	struct race_question by_device = *q;
	struct mdev_node node;

	if (!race_got(p, "create", 0, mdev_node_get(&node, q->dir, true)))
		return;
	by_device.dir = node.dir;
	race_read_and_write(p, &by_device);
	race_got(p, "remove", 0, mdev_node_put(&node));
}

static const race_work works[] = {
	race_read_and_write,
	race_keep_open,
	create_and_remove,
};

TEST_F(race, driver_answers_or_is_gone)
{
	const struct mdev_sample *sample = variant->sample;
	int cycles, wanted;
	size_t i;
	bool wait;

	wanted = mdev_number_from("MDEV_UNLOAD_CYCLES", CYCLES_DEFAULT);
	ASSERT_LE(RACE_CYCLES_MIN, wanted);
	for (i = 0; i < ARRAY_SIZE(works); i++)
		ASSERT_EQ(0, race_start(&self->race, works[i],
					&self->question));

	for (cycles = 0; cycles < wanted; cycles++) {
		wait = cycles % RACE_CYCLES_A_WAIT == 0;
		ASSERT_EQ(0, mdev_module_unload(sample->module));
		ASSERT_TRUE(!wait || race_wait(&self->race));
		ASSERT_EQ(0, mdev_module_load(sample->module));
		ASSERT_TRUE(!wait || race_wait(&self->race));
	}
	race_stop(&self->race);
	TH_LOG("%d cycles", cycles);
	race_expect_fair(_metadata, &self->race, cycles);
}

int main(int argc, char *argv[])
{
	mdev_require_samples();
	mdev_require_modules();

	return test_harness_run(argc, argv);
}
