// SPDX-License-Identifier: GPL-2.0-only
/*
 * Strings that the mdev core lets through to a vendor driver, and strings that it refuses
 *
 * Both the core and a sample driver return EINVAL, so that the errno alone does
 * not show which of them refused a string.  But the driver logs each string that it rejects
 * and the core does not: after the module was loaded anew, the log has the first ten
 * rejections for certain, so that
 * - a line in the log means that the driver was asked;
 * - no line after any number of refusals means that the driver was asked about none of
 *   them: it would have logged the first.
 */

#include "version_test_utils.h"

/* Longest string that a vendor driver can be asked about, on any page size */
#define VERSION_MAX	(PATH_MAX - 1)

FIXTURE(string_rules) {
	int log;
};

FIXTURE_VARIANT(string_rules) {
	const struct mdev_sample *sample;
};

FIXTURE_VARIANT_ADD(string_rules, mtty) {
	.sample = &mtty_sample,
};

FIXTURE_VARIANT_ADD(string_rules, mdpy) {
	.sample = &mdpy_sample,
};

FIXTURE_SETUP(string_rules)
{
	ASSERT_EQ(0, mdev_module_reload(variant->sample->module));
	self->log = mdev_log_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(string_rules)
{
	close(self->log);
	EXPECT_EQ(0, mdev_module_ensure(variant->sample->module));
}

/* An empty log proves something only if the driver can write to it */
#define EXPECT_LOG_WORKS() do { \
	EXPECT_EQ(-EINVAL, mdev_check_string(variant->sample->type_dir, \
					     "control")); \
	EXPECT_EQ(1, mdev_log_count(self->log)); \
} while (0)

static bool allowed(int byte)
{
	return byte >= 0x20 && byte <= 0x7e;
}

/* Put @byte into @version at @pos; returns the length */
static size_t insert(char *buf, const char *version, size_t pos, int byte)
{
	size_t len = strlen(version);

	memcpy(buf, version, pos);
	buf[pos] = byte;
	memcpy(buf + pos + 1, version + pos, len - pos);
	return len + 1;
}

TEST_F(string_rules, forbidden_bytes_do_not_reach_the_driver)
{
	const struct mdev_sample *sample = variant->sample;
	size_t len = strlen(sample->version);
	size_t positions[] = { 0, len / 2, len };
	char buf[64];
	ssize_t ret;
	size_t i;
	int byte;

	for (byte = 0; byte <= 0xff; byte++) {
		if (allowed(byte))
			continue;
		for (i = 0; i < ARRAY_SIZE(positions); i++) {
			/* A newline at the end is allowed */
			if (byte == '\n' && positions[i] == len)
				continue;
			ret = mdev_check(sample->type_dir, buf,
					 insert(buf, sample->version,
						positions[i], byte));
			EXPECT_EQ(-EINVAL, ret) {
				TH_LOG("byte 0x%02x at %zu", byte,
				       positions[i]);
			}
		}
	}

	EXPECT_EQ(0, mdev_log_count(self->log));
	EXPECT_LOG_WORKS();
}

/*
 * No sample driver accepts a string with one byte too many.  The log shows for one
 * string at a time that the driver rejects it, and not the core.
 */
TEST_F(string_rules, printable_bytes_reach_the_driver_everywhere)
{
	const struct mdev_sample *sample = variant->sample;
	size_t len = strlen(sample->version);
	char one[64], two[64], three[64];
	int byte, asked = 0;

	for (byte = 0; byte <= 0xff; byte++) {
		if (!allowed(byte))
			continue;
		if (asked++ % MDEV_LOG_BURST == 0)
			ASSERT_EQ(0, mdev_module_reload(sample->module));

		one[insert(one, sample->version, len, byte)] = '\0';
		two[insert(two, one, len / 2, byte)] = '\0';
		three[insert(three, two, 0, byte)] = '\0';
		EXPECT_EQ(-EINVAL,
			  mdev_check_string(sample->type_dir, three)) {
			TH_LOG("byte 0x%02x", byte);
		}
		EXPECT_EQ(1, mdev_log_count(self->log)) {
			TH_LOG("byte 0x%02x", byte);
		}
	}

	EXPECT_EQ(0x7e - 0x20 + 1, asked);
}

TEST_F(string_rules, one_newline_is_removed_and_no_more)
{
	const struct mdev_sample *sample = variant->sample;
	static const struct {
		/* Format of a line, for printf with the version */
		const char *format;
		bool accepted;
	} lines[] = {
		{ "%1$s", true },
		{ "%1$s\n", true },
		{ "%1$s\n\n", false },
		{ "%1$s\n\n\n", false },
		{ "%1$s\r\n", false },
		{ "\n%1$s\n", false },
		{ "%1$s\n%1$s\n", false },
	};
	char buf[64];
	size_t i;
	int len;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		len = snprintf(buf, sizeof(buf), lines[i].format,
			       sample->version);
		EXPECT_EQ(lines[i].accepted ? len : -EINVAL,
			  mdev_check_string(sample->type_dir, buf)) {
			TH_LOG("format %zu", i);
		}
	}

	/* The driver would not see the bytes behind a NUL */
	len = snprintf(buf, sizeof(buf), "%s", sample->version);
	EXPECT_EQ(-EINVAL, mdev_check(sample->type_dir, buf, len + 1));
	buf[len + 1] = '\n';
	EXPECT_EQ(-EINVAL, mdev_check(sample->type_dir, buf, len + 2));

	EXPECT_EQ(0, mdev_log_count(self->log));
	EXPECT_LOG_WORKS();
}

TEST_F(string_rules, empty_strings_do_not_reach_the_driver)
{
	const struct mdev_sample *sample = variant->sample;

	EXPECT_EQ(-EINVAL, mdev_check(sample->type_dir, "\n", 1));
	EXPECT_EQ(-EINVAL, mdev_check(sample->type_dir, "\n\n", 2));
	EXPECT_EQ(-EINVAL, mdev_check(sample->type_dir, "\0", 1));
	EXPECT_EQ(-EINVAL, mdev_check(sample->type_dir, "\0\n", 2));

	EXPECT_EQ(0, mdev_log_count(self->log));
	EXPECT_LOG_WORKS();
}

/*
 * A write of @size bytes, each an 'x' except for a newline at index @newline.  No sample
 * accepts so long a string, so that a driver which is asked returns EINVAL.
 */
struct long_write {
	size_t size;
	size_t newline;
	int error;
	bool asked;
};

#define NO_NEWLINE	SIZE_MAX

TEST_F(string_rules, strings_beyond_the_limit_do_not_reach_the_driver)
{
	/*
	 * sysfs cuts a write at the end of the page.  This matters only if a line
	 * ends there: with pages of 4 KiB, the first piece is a complete line of
	 * the longest kind; with larger pages, it is the beginning of a longer
	 * string that has a newline in it.
	 */
	bool small_page = sysconf(_SC_PAGESIZE) == VERSION_MAX + 1;
	const struct long_write writes[] = {
		{ 4094, NO_NEWLINE, EINVAL, true },
		{ 4094, 4093, EINVAL, true },
		{ 4095, NO_NEWLINE, EINVAL, true },
		{ 4095, 4094, EINVAL, true },
		{ 4096, NO_NEWLINE, E2BIG, false },
		{ 4096, 4095, EINVAL, true },
		{ 4097, NO_NEWLINE, E2BIG, false },
		{ 4097, 4096, E2BIG, false },
		{ 70000, NO_NEWLINE, E2BIG, false },
		{ 70000, 69999, E2BIG, false },
		{ 4097, 4095, small_page ? EINVAL : E2BIG, small_page },
		{ 70000, 4095, small_page ? EINVAL : E2BIG, small_page },
	};
	const struct long_write *w;
	static char buf[70000];

	for (w = writes; w < writes + ARRAY_SIZE(writes); w++) {
		memset(buf, 'x', w->size);
		if (w->newline != NO_NEWLINE)
			buf[w->newline] = '\n';

		EXPECT_EQ(-w->error,
			  mdev_check(variant->sample->type_dir, buf, w->size)) {
			TH_LOG("%zu bytes, newline at %zd", w->size,
			       (ssize_t)w->newline);
		}
		EXPECT_EQ(w->asked, mdev_log_count(self->log)) {
			TH_LOG("%zu bytes, newline at %zd", w->size,
			       (ssize_t)w->newline);
		}
	}

	EXPECT_LOG_WORKS();
}

/* The beginning of a text that is too long is not a version, even if it looks like one */
TEST_F(string_rules, beginning_of_a_cut_string_is_not_judged)
{
	const struct mdev_sample *sample = variant->sample;
	static char buf[70000];

	memset(buf, ' ', sizeof(buf));
	memcpy(buf, sample->version, strlen(sample->version));
	EXPECT_EQ(-E2BIG, mdev_check(sample->type_dir, buf, sizeof(buf)));
	EXPECT_EQ(-E2BIG, mdev_check(sample->type_dir, buf, VERSION_MAX + 1));

	EXPECT_EQ(0, mdev_log_count(self->log));
	EXPECT_LOG_WORKS();
}

int main(int argc, char *argv[])
{
	mdev_require_samples();
	mdev_require_modules();
	mdev_require_log();

	return test_harness_run(argc, argv);
}
