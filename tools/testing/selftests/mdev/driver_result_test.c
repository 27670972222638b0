// SPDX-License-Identifier: GPL-2.0-only
/*
 * Results of read(2) and write(2) for each number that a callback of a vendor
 * driver can return, valid or not
 *
 * An errno below -511 belongs to the kernel.  If one gets as far as the VFS, the
 * machine that runs this may stop: -529 is a BUG_ON() there.
 */

#include <endian.h>
#include <signal.h>
#include <sys/time.h>

#include "core_test_utils.h"
#include "mdev_sim_device_test_utils.h"

#define VERSION		"mdev-sim-1.0"
#define VERSION_LEN	((int)sizeof(VERSION) - 1)

/* The last errno for userspace, and the range of the tests in both directions */
#define ERRNO_MAX	511
#define RESULTS_MAX	4096

/* Internal errnos of the kernel that have a meaning to mdev or its callers */
#define ERESTARTSYS	512
#define ERESTARTNOINTR	513
#define EPROBE_DEFER	517
#define EIOCBQUEUED	529

/* The limit of the lines about faulty drivers, until mdev is loaded again */
#define REPORTS_MAX	10

#define STREAM_MAX	(sizeof(struct sim_header) + SIM_VERSION_MAX + \
			 SIM_REGS_SIZE + 4096)

static bool is_errno(int result)
{
	return result < 0 && result >= -ERRNO_MAX;
}

static int set_result(const char *knob, int result)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", result);
	return sim_set(SIM_TARGET, knob, text);
}

/* In a debug kernel, a path takes longer than all the rest: files stay open */

static int open_in(const char *dir, const char *name, int flags)
{
	char path[MDEV_PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return mdev_result(open(path, flags));
}

static int open_knob(const char *knob)
{
	return open_in(SIM_ROOT "/" SIM_TARGET "/" SIM_TYPE, knob, O_WRONLY);
}

static int open_attr(const char *attr, int flags)
{
	return open_in(SIM_TARGET_DIR, attr, flags);
}

static int put_result(int knob, int result)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", result);

	return mdev_result(pwrite(knob, text, len, 0)) == len ? 0 : -EIO;
}

/*
 * Count the reports of a faulty @callback of @parent from here to the end of the log
 */
static int count_reports_of(int log, const char *parent, const char *callback)
{
	char record[8192], expected[128];
	int count = 0;
	ssize_t len;

	snprintf(expected, sizeof(expected),
		 "%s: mdev driver mdev_sim, type " SIM_PREFIX SIM_TYPE
		 ": %s returned ", parent, callback);
	while ((len = read(log, record, sizeof(record) - 1)) > 0) {
		record[len] = '\0';
		count += !!strstr(record, expected);
	}
	return count;
}

static int count_reports(int log, const char *callback)
{
	return count_reports_of(log, SIM_TARGET, callback);
}

/*
 * Load mdev again, and the vendor drivers that were loaded, because all parents share
 * the limit of the reports of a faulty driver, and only a new module has a new limit
 */
static int reload_mdev(void)
{
	struct mdev_vendors vendors;
	int ret, error, i;

	ret = mdev_vendors_unload(&vendors) ?: mdev_module_reload("mdev");
	/* The tests that follow need the drivers, also after a failure */
	for (i = 0; i < vendors.count; i++) {
		error = mdev_module_ensure(vendors.names[i]);
		ret = ret ?: error;
	}
	return ret;
}

FIXTURE(driver_result) {
	int log;
	int knob;
	int attr;
	char buf[2 * 65536];
};

/* The test before may have used up the limit, so that mdev is loaded again */
FIXTURE_SETUP(driver_result)
{
	ASSERT_EQ(0, sim_begin());
	ASSERT_EQ(0, reload_mdev());
	ASSERT_EQ(0, sim_make(SIM_TARGET));
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	self->knob = -1;
	self->attr = -1;
	self->log = mdev_log_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(driver_result)
{
	close(self->knob);
	close(self->attr);
	close(self->log);
	EXPECT_EQ(0, sim_remove_all());
}

/* A shorter result cuts the version, a longer one has a newline and NULs in it */
TEST_F(driver_result, invalid_result_of_show_migration_version_gives_eio)
{
	int result, expected;

	self->knob = open_knob("show_result");
	ASSERT_LE(0, self->knob);
	self->attr = open_attr("migration_version", O_RDONLY);
	ASSERT_LE(0, self->attr);
	for (result = -RESULTS_MAX; result <= RESULTS_MAX; result++) {
		expected = -EIO;
		if (is_errno(result))
			expected = result;
		else if (result >= 1 && result <= VERSION_LEN)
			expected = result + 1;
		else if (result == VERSION_LEN + 1)
			expected = result;

		ASSERT_EQ(0, put_result(self->knob, result));
		EXPECT_EQ(expected,
			  mdev_result(pread(self->attr, self->buf,
					    sizeof(self->buf), 0))) {
			TH_LOG("show_migration_version returned %d", result);
		}
	}
	EXPECT_EQ(REPORTS_MAX,
		  count_reports(self->log, "show_migration_version"));
}

TEST_F(driver_result, invalid_result_of_check_migration_version_gives_eio)
{
	int result, expected;

	self->knob = open_knob("check_result");
	ASSERT_LE(0, self->knob);
	self->attr = open_attr("migration_version", O_WRONLY);
	ASSERT_LE(0, self->attr);
	for (result = -RESULTS_MAX; result <= RESULTS_MAX; result++) {
		expected = -EIO;
		if (is_errno(result))
			expected = result;
		else if (!result)
			expected = VERSION_LEN;

		ASSERT_EQ(0, put_result(self->knob, result));
		EXPECT_EQ(expected,
			  mdev_result(pwrite(self->attr, VERSION, VERSION_LEN,
					     0))) {
			TH_LOG("check_migration_version returned %d", result);
		}
	}
	EXPECT_EQ(REPORTS_MAX,
		  count_reports(self->log, "check_migration_version"));
}

TEST_F(driver_result, invalid_result_of_show_description_gives_eio)
{
	int result, expected;

	self->knob = open_knob("description_result");
	ASSERT_LE(0, self->knob);
	self->attr = open_attr("description", O_RDONLY);
	ASSERT_LE(0, self->attr);
	for (result = -RESULTS_MAX; result <= RESULTS_MAX; result++) {
		expected = -EIO;
		if (is_errno(result) ||
		    (result >= 0 && result < getpagesize()))
			expected = result;

		ASSERT_EQ(0, put_result(self->knob, result));
		EXPECT_EQ(expected,
			  mdev_result(pread(self->attr, self->buf,
					    sizeof(self->buf), 0))) {
			TH_LOG("show_description returned %d", result);
		}
	}
	EXPECT_EQ(REPORTS_MAX, count_reports(self->log, "show_description"));
}

static ssize_t create_with(int result)
{
	static const char uuid[] = "0f9c9c52-8f0c-4a3c-8f9c-6a2b54f3f2b7";
	int ret = set_result("probe_result", result);

	return ret ?: mdev_write_attr(SIM_TARGET_DIR, "create", uuid,
				      strlen(uuid));
}

/*
 * The driver core logs each result, so that only some are tried.  It takes a positive
 * result for an errno, and has a use of its own for EPROBE_DEFER.
 */
TEST_F(driver_result, invalid_result_of_probe_gives_eio)
{
	static const int errors[] = {
		1, 2, 11, 22, 510, 511, 512, 513, 514, 515, 516, 517, 518, 519,
		520, 521, 522, 523, 524, 525, 526, 527, 528, 529, 530, 531, 532,
		1000, 4094, 4095, 4096,
	};
	int expected;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		expected = errors[i] <= ERRNO_MAX ? -errors[i] : -EIO;
		if (errors[i] == EPROBE_DEFER)
			expected = -EAGAIN;

		EXPECT_EQ(expected, create_with(-errors[i])) {
			TH_LOG("probe returned %d", -errors[i]);
		}
		EXPECT_EQ(expected, create_with(errors[i])) {
			TH_LOG("probe returned %d", errors[i]);
		}
	}
	EXPECT_EQ(REPORTS_MAX, count_reports(self->log, "probe"));
}

TEST_F(driver_result, a_fault_is_logged_with_driver_and_result)
{
	static const struct {
		const char *knob;
		const char *callback;
		int result;
		const char *logged;
	} faults[] = {
		{ "show_result", "show_migration_version", -EIOCBQUEUED,
		  "an invalid answer (-529)" },
		{ "show_result", "show_migration_version", -ERESTARTSYS,
		  "an invalid answer (-512)" },
		{ "show_result", "show_migration_version", 0,
		  "an empty string" },
		/* The limit depends on the size of a page */
		{ "show_result", "show_migration_version", 4096,
		  "a string of 4096 characters, at most " },
		{ "check_result", "check_migration_version", -EIOCBQUEUED,
		  "an invalid answer (-529)" },
		{ "check_result", "check_migration_version", -ERESTARTNOINTR,
		  "an invalid answer (-513)" },
		{ "check_result", "check_migration_version", 1,
		  "an invalid answer (1)" },
		{ "description_result", "show_description", -EIOCBQUEUED,
		  "an invalid answer (-529)" },
		{ "probe_result", "probe", -EIOCBQUEUED,
		  "an invalid answer (-529)" },
	};
	char expected[256];
	size_t i;

	/* Each fault has a report */
	ASSERT_GE(REPORTS_MAX, (int)ARRAY_SIZE(faults));
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		ASSERT_EQ(0, set_result(faults[i].knob, faults[i].result));
		mdev_read_attr(SIM_TARGET_DIR, "migration_version", self->buf,
			       sizeof(self->buf));
		mdev_read_attr(SIM_TARGET_DIR, "description", self->buf,
			       sizeof(self->buf));
		mdev_check_string(SIM_TARGET_DIR, VERSION);
		if (!strcmp(faults[i].knob, "probe_result"))
			EXPECT_EQ(-EIO, create_with(faults[i].result));
		ASSERT_EQ(0, sim_set(SIM_TARGET, faults[i].knob, ""));

		snprintf(expected, sizeof(expected),
			 SIM_TARGET ": mdev driver mdev_sim, type "
			 SIM_PREFIX SIM_TYPE ": %s returned %s",
			 faults[i].callback, faults[i].logged);
		EXPECT_TRUE(mdev_log_has(self->log, expected)) {
			TH_LOG("the log does not have \"%s\"", expected);
		}
	}
}

static ssize_t read_description(const char *dir, char *buf, size_t size)
{
	return mdev_read_attr(dir, "description", buf, size);
}

/* Another parent, or a parent that is registered again, does not get more reports */
TEST_F(driver_result, fault_reports_are_limited_for_all_parents_together)
{
	int i;

	ASSERT_EQ(0, sim_make(SIM_SOURCE));
	ASSERT_EQ(0, sim_set(SIM_SOURCE, "description_result", "-512"));
	ASSERT_EQ(0, sim_live(SIM_SOURCE, "1"));
	ASSERT_EQ(0, set_result("description_result", -ERESTARTSYS));
	for (i = 0; i < REPORTS_MAX - 1; i++)
		EXPECT_EQ(-EIO, read_description(SIM_TARGET_DIR, self->buf,
						 sizeof(self->buf)));
	EXPECT_EQ(REPORTS_MAX - 1,
		  count_reports(self->log, "show_description"));

	for (i = 0; i < 2 * REPORTS_MAX; i++)
		EXPECT_EQ(-EIO, read_description(SIM_SOURCE_DIR, self->buf,
						 sizeof(self->buf)));
	EXPECT_EQ(1, count_reports_of(self->log, SIM_SOURCE,
				      "show_description"));

	ASSERT_EQ(0, sim_live(SIM_TARGET, "0"));
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	EXPECT_EQ(-EIO, read_description(SIM_TARGET_DIR, self->buf,
					 sizeof(self->buf)));
	EXPECT_EQ(0, count_reports(self->log, "show_description"));
}

static sig_atomic_t alarms;

static void on_alarm(int signal)
{
	(void)signal;
	alarms++;
}

/*
 * The driver ends its wait with ERESTARTSYS.  Whether the signal comes in time or
 * not, the question has its answer in the end.
 */
TEST_F(driver_result, question_restarted_after_a_signal_is_answered)
{
	struct sigaction act = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct itimerval timer = { .it_value.tv_usec = 20000 };
	struct itimerval none = {};

	ASSERT_EQ(0, sim_set(SIM_TARGET, "delay_ms", "200"));
	ASSERT_EQ(0, sigaction(SIGALRM, &act, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &timer, NULL));
	EXPECT_EQ(VERSION_LEN, mdev_check_string(SIM_TARGET_DIR, VERSION));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &timer, NULL));
	EXPECT_EQ(VERSION_LEN + 1,
		  mdev_read_attr(SIM_TARGET_DIR, "migration_version", self->buf,
				 sizeof(self->buf)));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &none, NULL));
	EXPECT_LT(0, alarms);
	EXPECT_EQ(0, count_reports(self->log, "check_migration_version"));
}

/* The load path judges the version by the same check, without mdev in between */

FIXTURE(load_result) {
	struct vfio_test_device source;
	struct vfio_test_device target;
	unsigned char stream[STREAM_MAX];
	size_t head;
	int knob;
};

FIXTURE_SETUP(load_result)
{
	self->source = vfio_no_device;
	self->target = vfio_no_device;
	self->knob = -1;
	ASSERT_EQ(0, sim_begin());
	ASSERT_EQ(0, sim_make(SIM_SOURCE));
	ASSERT_EQ(0, sim_make(SIM_TARGET));
	ASSERT_EQ(0, sim_live(SIM_SOURCE, "1"));
	ASSERT_EQ(0, sim_live(SIM_TARGET, "1"));
	ASSERT_EQ(0, sim_create(&self->source, SIM_SOURCE));
	ASSERT_EQ(0, sim_create(&self->target, SIM_TARGET));
	self->head = sizeof(struct sim_header) + VERSION_LEN;
	ASSERT_LT((ssize_t)self->head,
		  sim_save(&self->source, false, self->stream,
			   sizeof(self->stream)));
}

FIXTURE_TEARDOWN(load_result)
{
	close(self->knob);
	vfio_close(&self->source);
	vfio_close(&self->target);
	EXPECT_EQ(0, sim_remove_all());
}

TEST_F(load_result, invalid_result_of_the_check_gives_eio_to_a_load)
{
	struct vfio_test_device *dev = &self->target;
	int result, expected;

	self->knob = open_knob("check_result");
	ASSERT_LE(0, self->knob);
	for (result = -RESULTS_MAX; result <= RESULTS_MAX; result++) {
		expected = !result || is_errno(result) ? result : -EIO;

		ASSERT_EQ(0, put_result(self->knob, result));
		ASSERT_EQ(0, vfio_set_state(dev, VFIO_DEVICE_STATE_RESUMING));
		EXPECT_EQ(expected ?: (ssize_t)self->head,
			  mdev_result(write(dev->data_fd, self->stream,
					    self->head))) {
			TH_LOG("the check returned %d", result);
		}
		/* Only a state that is whole can be loaded */
		EXPECT_EQ(expected ?: -EINVAL,
			  vfio_set_state(dev, VFIO_DEVICE_STATE_RUNNING)) {
			TH_LOG("the check returned %d", result);
		}
		ASSERT_EQ(0, vfio_reset(dev));
	}
}

int main(int argc, char *argv[])
{
	sim_device_require();
	mdev_require_module("mdev");

	return test_harness_run(argc, argv);
}
