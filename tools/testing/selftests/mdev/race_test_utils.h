/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers of the selftests in which processes ask a vendor driver without a pause,
 * while it is unloaded and loaded
 *
 * Each process gets an answer of the driver, or finds that the driver is gone.  A test
 * waits for rounds of these processes and not for a time, because only then is it certain
 * that they have met a state.
 */

#ifndef RACE_TEST_UTILS_H
#define RACE_TEST_UTILS_H

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "version_test_utils.h"

#define RACE_WORKERS_MAX	3

/* A test waits for the workers after this number of cycles of unloading and loading */
#define RACE_CYCLES_A_WAIT	5
#define RACE_CYCLES_MIN		20

/* A worker that takes longer hangs: a round takes milliseconds */
#define RACE_LIMIT_MS		(120 * 1000)

/**
 * struct race_question - question of the workers
 * @dir: directory of the type
 * @own: version of the type
 * @own_result: result of a write of @own
 * @other: another version
 * @other_result: result of a write of @other
 */
struct race_question {
	const char *dir;
	const char *own;
	ssize_t own_result;
	const char *other;
	ssize_t other_result;
};

/**
 * struct race_progress - results that a worker has met
 * @rounds: number of its rounds
 * @goal: number of rounds after which it wakes the test, 0 if the test does not wait
 * @done: number of calls that the driver answered
 * @gone: number of calls that found the driver gone
 * @wrong: first call with another result, or NULL
 * @wrong_result: result of @wrong
 */
struct race_progress {
	unsigned long rounds;
	unsigned long goal;
	unsigned long done;
	unsigned long gone;
	const char *wrong;
	ssize_t wrong_result;
};

/* A round of a worker */
typedef void (*race_work)(struct race_progress *p,
			  const struct race_question *question);

struct race_shared {
	int stop;
	struct race_progress workers[RACE_WORKERS_MAX];
};

/**
 * struct race - the workers of a test
 * @shared: memory of all processes
 * @count: number of workers
 * @pipes: a pipe for each worker, with a byte whenever a goal is met
 * @pids: process of each worker
 */
struct race {
	struct race_shared *shared;
	int count;
	int pipes[RACE_WORKERS_MAX];
	pid_t pids[RACE_WORKERS_MAX];
};

/* Rounds */

/**
 * race_got - note a result: the expected one, an absent driver, or a failure
 * @p: progress of the worker
 * @what: the call
 * @wanted: result of the call if the driver is there
 * @result: result of the call
 *
 * Return: whether @result is @wanted.
 */
static inline bool race_got(struct race_progress *p, const char *what,
			    ssize_t wanted, ssize_t result)
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

/**
 * race_judge_text - compare the bytes of a read with a version and its newline
 * @own: version of the type
 * @buf: bytes of the read
 * @ret: result of the read
 *
 * Return: @ret, or -EBADMSG if the bytes are others.
 */
static inline ssize_t race_judge_text(const char *own, const char *buf,
				      ssize_t ret)
{
	ssize_t len = strlen(own);

	if (ret > 0 && (ret != len + 1 || memcmp(buf, own, len) ||
			buf[len] != '\n'))
		return -EBADMSG;
	return ret;
}

/**
 * race_read_and_write - ask, with a file that is opened for each question, as a round
 * @p: progress of the worker
 * @q: the question
 */
static inline void race_read_and_write(struct race_progress *p,
				       const struct race_question *q)
{
	char buf[PATH_MAX + 1];
	ssize_t ret;

	ret = mdev_read_attr(q->dir, "migration_version", buf, sizeof(buf));
	race_got(p, "read", strlen(q->own) + 1,
		 race_judge_text(q->own, buf, ret));
	race_got(p, "write of the own version", q->own_result,
		 mdev_check_string(q->dir, q->own));
	race_got(p, "write of another version", q->other_result,
		 mdev_check_string(q->dir, q->other));
	race_got(p, "write of an empty line", -EINVAL,
		 mdev_check_string(q->dir, "\n"));
}

/**
 * race_keep_open - ask, with a file that stays open until it is dead, as a round
 * @p: progress of the worker
 * @q: the question
 */
static inline void race_keep_open(struct race_progress *p,
				  const struct race_question *q)
{
	size_t len = strlen(q->own);
	static int fd = -1;
	char buf[PATH_MAX + 1];
	ssize_t ret;

	if (fd < 0) {
		snprintf(buf, sizeof(buf), "%s/migration_version", q->dir);
		fd = open(buf, O_RDWR);
		if (fd < 0) {
			race_got(p, "open", 0, -errno);
			return;
		}
	}

	ret = mdev_result(pread(fd, buf, sizeof(buf), 0));
	race_got(p, "pread", len + 1, race_judge_text(q->own, buf, ret));
	if (!race_got(p, "write to an open file", q->own_result,
		      mdev_result(write(fd, q->own, len)))) {
		close(fd);
		fd = -1;
	}
}

/* Workers */

/**
 * race_begin - prepare a race without workers
 * @race: filled in
 *
 * Return: 0 or a negative errno.
 */
static inline int race_begin(struct race *race)
{
	void *shared;

	memset(race, 0, sizeof(*race));
	shared = mmap(NULL, sizeof(*race->shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -errno;
	race->shared = shared;
	return 0;
}

/**
 * race_run_worker - work until the test ends the race
 * @race: the race
 * @i: number of the worker
 * @pipe: gets a byte whenever a goal is met
 * @work: a round
 * @question: question of the worker
 */
static inline void race_run_worker(struct race *race, int i, int pipe,
				   race_work work,
				   const struct race_question *question)
{
	struct race_progress *p = &race->shared->workers[i];
	unsigned long goal;

	/* The worker never waits, so that the kernel's threads have to go first, for speed */
	setpriority(PRIO_PROCESS, 0, 19);

	while (!__atomic_load_n(&race->shared->stop, __ATOMIC_SEQ_CST)) {
		work(p, question);
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

/**
 * race_start - start a worker, which does not outlive the test
 * @race: the race
 * @work: a round of the worker
 * @question: question of the worker
 *
 * A worker that hangs in the kernel must not keep a reader of the test's output waiting,
 * so that the worker closes its copies of that output.
 *
 * Return: 0 or a negative errno.
 */
static inline int race_start(struct race *race, race_work work,
			     const struct race_question *question)
{
	pid_t pid, parent = getpid();
	int i = race->count, pipes[2], null;

	if (pipe(pipes))
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		null = open("/dev/null", O_RDWR);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		if (getppid() == parent)
			race_run_worker(race, i, pipes[1], work, question);
		_exit(0);
	}

	/* Only the worker has this end of the pipe now, so that a read finds its end */
	close(pipes[1]);
	race->pipes[i] = pipes[0];
	race->pids[i] = pid;
	race->count++;
	return 0;
}

/**
 * race_wait - wait until each worker has begun and ended a round from now on
 * @race: the race
 *
 * Return: whether each worker has, false if one of them ended or hangs.
 */
static inline bool race_wait(struct race *race)
{
	struct race_progress *p;
	struct pollfd poll_fd = { .events = POLLIN };
	char byte;
	int i;

	for (i = 0; i < race->count; i++) {
		p = &race->shared->workers[i];
		__atomic_store_n(&p->goal,
				 __atomic_load_n(&p->rounds,
						 __ATOMIC_SEQ_CST) + 2,
				 __ATOMIC_SEQ_CST);
	}
	for (i = 0; i < race->count; i++) {
		poll_fd.fd = race->pipes[i];
		if (poll(&poll_fd, 1, RACE_LIMIT_MS) != 1 ||
		    read(race->pipes[i], &byte, 1) != 1)
			return false;
	}

	return true;
}

/**
 * race_stop - end the workers
 * @race: the race
 */
static inline void race_stop(struct race *race)
{
	int i;

	__atomic_store_n(&race->shared->stop, 1, __ATOMIC_SEQ_CST);
	for (i = 0; i < race->count; i++) {
		if (race->pids[i] > 0)
			waitpid(race->pids[i], NULL, 0);
		race->pids[i] = 0;
	}
}

/**
 * race_end - end the workers, and free the race
 * @race: the race
 */
static inline void race_end(struct race *race)
{
	if (!race->shared)
		return;
	race_stop(race);
	munmap(race->shared, sizeof(*race->shared));
	race->shared = NULL;
}

/**
 * race_expect_fair - require that each worker has met both states, and nothing else
 * @_metadata: data of the test
 * @race: the race, whose workers have ended
 * @cycles: number of times that the driver was unloaded and loaded
 *
 * Return: whether each worker has.
 */
static inline bool race_expect_fair(struct __test_metadata *_metadata,
				    const struct race *race, int cycles)
{
	const struct race_progress *p;
	bool fair = true;
	int i, wanted = cycles / RACE_CYCLES_A_WAIT;

	for (i = 0; i < race->count; i++) {
		p = &race->shared->workers[i];
		EXPECT_EQ(NULL, p->wrong) {
			TH_LOG("%s: %zd, expected the answer of the driver, ENODEV or ENOENT",
			       p->wrong, p->wrong_result);
		}
		EXPECT_LE(wanted, (long)p->done);
		EXPECT_LE(wanted, (long)p->gone);
		if (p->wrong || wanted > (long)p->done || wanted > (long)p->gone)
			fair = false;
	}
	return fair;
}

#endif /* RACE_TEST_UTILS_H */
