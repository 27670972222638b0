// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vendor driver goes away: while the file is open, and while it is being
 * read and written and devices come and go
 */

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "version_test_utils.h"

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

/* The device went with the module, unless the test did not come so far */
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

	/* and does not come back with it */
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
 * Processes that read, write, create and remove without a pause, while the
 * module is unloaded and loaded.  Every few cycles the test waits after each of
 * the two until all of them have done a round more, so that it is certain that
 * they have met both states; what else they meet is the race that this is
 * about.  Whenever it is, the driver is there and answers, or it is gone.
 */

#define CYCLES_A_WAIT	5
#define WORKERS		3

/*
 * For each driver, if MDEV_UNLOAD_CYCLES is not another number: a cycle takes 45 ms on
 * an emulated machine, and half a second if its kernel has KASAN and lockdep
 */
#define CYCLES_DEFAULT	125
#define CYCLES_MIN	20

struct progress {
	unsigned long rounds;
	/* If set, the number of rounds after which to wake the test */
	unsigned long goal;
	/* How often the driver gave the right result, and how often it was gone */
	unsigned long done;
	unsigned long gone;
	/* The first fault */
	const char *wrong;
	ssize_t wrong_result;
};

struct shared {
	int stop;
	struct progress workers[WORKERS];
};

FIXTURE(race) {
	struct shared *shared;
	/* One for each worker, with a byte whenever a goal is met */
	int pipes[WORKERS];
	pid_t pids[WORKERS];
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

static void stop_workers(struct shared *shared, pid_t *pids)
{
	int i;

	__atomic_store_n(&shared->stop, 1, __ATOMIC_SEQ_CST);
	for (i = 0; i < WORKERS; i++) {
		if (pids[i] > 0)
			waitpid(pids[i], NULL, 0);
		pids[i] = 0;
	}
}

FIXTURE_SETUP(race)
{
	ASSERT_EQ(0, mdev_module_ensure(variant->sample->module));
	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->shared);
}

FIXTURE_TEARDOWN(race)
{
	stop_workers(self->shared, self->pids);
	munmap(self->shared, sizeof(*self->shared));
	EXPECT_EQ(0, mdev_module_ensure(variant->sample->module));
}

/* Note a result: the wanted one, the driver being gone, or a failure */
static bool got(struct progress *p, const char *what, ssize_t wanted,
		ssize_t result)
{
	if (result == wanted) {
		p->done++;
		return true;
	}

	if (result == -ENODEV || result == -ENOENT) {
		p->gone++;
	} else if (!p->wrong) {
		p->wrong = what;
		p->wrong_result = result;
	}
	return false;
}

/* The length of the version if @buf has nothing else, for got() */
static ssize_t judge_text(const char *own, const char *buf, ssize_t ret)
{
	ssize_t len = strlen(own);

	if (ret > 0 && (ret != len + 1 || memcmp(buf, own, len) ||
			buf[len] != '\n'))
		return -EBADMSG;
	return ret;
}

static void read_and_write(struct progress *p, const char *dir, const char *own)
{
	ssize_t len = strlen(own);
	char buf[64];
	ssize_t ret;

	ret = mdev_read_attr(dir, "migration_version", buf, sizeof(buf));
	got(p, "read", len + 1, judge_text(own, buf, ret));
	got(p, "accepted write", len, mdev_check(dir, own, len));
	got(p, "rejected write", -EXDEV,
	    mdev_check_string(dir, "0000:0000-1.0"));
	got(p, "refused write", -EINVAL, mdev_check_string(dir, "\n"));
}

/* A file that stays open for as long as it can be used */
static void keep_open(struct progress *p, const char *dir, const char *own)
{
	static int fd = -1;
	ssize_t len = strlen(own);
	char buf[MDEV_PATH_SIZE];
	ssize_t ret;

	if (fd < 0) {
		snprintf(buf, sizeof(buf), "%s/migration_version", dir);
		fd = open(buf, O_RDWR);
		if (fd < 0) {
			got(p, "open", 0, -errno);
			return;
		}
	}

	ret = mdev_result(pread(fd, buf, sizeof(buf), 0));
	got(p, "pread", len + 1, judge_text(own, buf, ret));
	if (!got(p, "write again", len, mdev_result(write(fd, own, len)))) {
		close(fd);
		fd = -1;
	}
}

static void create_and_remove(struct progress *p, const char *dir,
			      const char *own)
{
	struct mdev_node node;

	if (!got(p, "create", 0, mdev_node_get(&node, dir, true)))
		return;
	read_and_write(p, node.dir, own);
	got(p, "remove", 0, mdev_node_put(&node));
}

static void (* const work[WORKERS])(struct progress *p, const char *dir,
				    const char *own) = {
	read_and_write,
	keep_open,
	create_and_remove,
};

static void run_worker(struct shared *shared, int i, int pipe, const char *dir,
		       const char *own)
{
	struct progress *p = &shared->workers[i];
	unsigned long goal;

	/* It never waits: let the kernel's threads go first, for speed */
	setpriority(PRIO_PROCESS, 0, 19);

	while (!__atomic_load_n(&shared->stop, __ATOMIC_SEQ_CST)) {
		work[i](p, dir, own);
		__atomic_add_fetch(&p->rounds, 1, __ATOMIC_SEQ_CST);

		goal = __atomic_load_n(&p->goal, __ATOMIC_SEQ_CST);
		if (goal && p->rounds >= goal) {
			__atomic_store_n(&p->goal, 0, __ATOMIC_SEQ_CST);
			if (write(pipe, "", 1) != 1)
				break;
		}
		sched_yield();
	}
}

/* Fork one, that does not outlive the test; returns the end of its pipe */
static int start_worker(struct shared *shared, int i, pid_t *pid,
			const char *dir, const char *own)
{
	pid_t parent = getpid();
	int pipes[2];

	if (pipe(pipes))
		return -errno;
	*pid = fork();
	if (*pid < 0)
		return -errno;
	if (!*pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			run_worker(shared, i, pipes[1], dir, own);
		_exit(0);
	}

	/* Now the end of the worker is the end of the file */
	close(pipes[1]);
	return pipes[0];
}

/* Wait until each worker has begun and ended a round from now on */
static bool wait_for_workers(struct shared *shared, const int *pipes)
{
	struct progress *p;
	char byte;
	int i;

	for (i = 0; i < WORKERS; i++) {
		p = &shared->workers[i];
		__atomic_store_n(&p->goal,
				 __atomic_load_n(&p->rounds,
						 __ATOMIC_SEQ_CST) + 2,
				 __ATOMIC_SEQ_CST);
	}
	for (i = 0; i < WORKERS; i++)
		if (read(pipes[i], &byte, 1) != 1)
			return false;

	return true;
}

TEST_F(race, driver_answers_or_is_gone)
{
	const struct mdev_sample *sample = variant->sample;
	struct progress *p;
	int cycles, wanted, i;
	bool wait;

	wanted = mdev_number_from("MDEV_UNLOAD_CYCLES", CYCLES_DEFAULT);
	ASSERT_LE(CYCLES_MIN, wanted);
	for (i = 0; i < WORKERS; i++) {
		self->pipes[i] = start_worker(self->shared, i, &self->pids[i],
					      sample->type_dir, sample->version);
		ASSERT_LE(0, self->pipes[i]);
	}

	for (cycles = 0; cycles < wanted; cycles++) {
		wait = cycles % CYCLES_A_WAIT == 0;
		ASSERT_EQ(0, mdev_module_unload(sample->module));
		ASSERT_TRUE(!wait || wait_for_workers(self->shared,
						      self->pipes));
		ASSERT_EQ(0, mdev_module_load(sample->module));
		ASSERT_TRUE(!wait || wait_for_workers(self->shared,
						      self->pipes));
	}
	stop_workers(self->shared, self->pids);
	TH_LOG("%d cycles", cycles);

	for (i = 0; i < WORKERS; i++) {
		p = &self->shared->workers[i];
		EXPECT_EQ(NULL, p->wrong) {
			TH_LOG("%s: %zd", p->wrong, p->wrong_result);
		}
		EXPECT_LE(cycles / CYCLES_A_WAIT, (long)p->done);
		EXPECT_LE(cycles / CYCLES_A_WAIT, (long)p->gone);
	}
}

int main(int argc, char *argv[])
{
	mdev_require_samples();
	mdev_require_modules();

	return test_harness_run(argc, argv);
}
