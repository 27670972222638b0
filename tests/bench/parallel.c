// SPDX-License-Identifier: GPL-2.0-only
/*
 * parallel ROUNDS FILE OTHER-FILE NAME OTHER-NAME - measure the speed-up of reads
 * by a second reader on another CPU
 *
 * The program counts the reads of a file within a moment, by one process and by
 * two at the same moment.  The quotient is the speed-up.  It prints the speed-up
 * of NAME and NAME, of NAME and OTHER-NAME, of FILE and FILE, and of FILE and
 * OTHER-FILE.  FILE is the attribute, and NAME is a file for comparison.  The
 * best of all rounds counts, because other work of the host makes a count smaller
 * and never larger.
 */

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOMENT_NS	20000000
#define START_NS	2000000

struct shared {
	int ready;
	long long start;	/* in ns, 0 until all readers are ready */
	unsigned long long reads[2];
};

static struct shared *shared;

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void reader(const char *path, int cpu)
{
	unsigned long long reads = 0;
	char buf[4096];
	cpu_set_t set;
	long long start;
	int fd, i;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	fd = open(path, O_RDONLY);
	if (fd < 0 || sched_setaffinity(0, sizeof(set), &set)) {
		perror(path);
		_exit(1);
	}

	__atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
	do
		start = __atomic_load_n(&shared->start, __ATOMIC_SEQ_CST);
	while (!start || now() < start);

	/* A reader that begins late ends at the same time */
	while (now() < start + MOMENT_NS) {
		for (i = 0; i < 4; i++) {
			if (pread(fd, buf, sizeof(buf), 0) <= 0) {
				perror(path);
				_exit(1);
			}
		}
		reads += i;
	}
	shared->reads[cpu] = reads;
	_exit(0);
}

/* measure - count the reads within a moment, by a process for each path */
static unsigned long long measure(const char * const *paths, int readers)
{
	unsigned long long sum = 0;
	int i, status;

	shared->ready = 0;
	shared->start = 0;
	for (i = 0; i < readers; i++) {
		pid_t pid = fork();

		if (pid < 0) {
			perror("fork");
			exit(1);
		}
		if (!pid)
			reader(paths[i], i);
	}

	/* The loop also ends if a reader fails, because that one is never ready */
	while (__atomic_load_n(&shared->ready, __ATOMIC_SEQ_CST) < readers &&
	       !waitpid(-1, &status, WNOHANG))
		sched_yield();
	__atomic_store_n(&shared->start, now() + START_NS, __ATOMIC_SEQ_CST);

	for (i = 0; i < readers; i++) {
		if (wait(&status) < 0 || status)
			exit(1);
		sum += shared->reads[i];
	}
	return sum;
}

int main(int argc, char *argv[])
{
	int rounds = argc == 6 ? atoi(argv[1]) : 0;
	unsigned long long best[4][2] = { };
	int i, readers;

	if (rounds < 1) {
		fprintf(stderr,
			"usage: parallel ROUNDS FILE OTHER-FILE NAME OTHER-NAME\n");
		return 2;
	}

	const char * const pairs[4][2] = {
		{ argv[4], argv[4] }, { argv[4], argv[5] },
		{ argv[2], argv[2] }, { argv[2], argv[3] },
	};

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		perror("mmap");
		return 1;
	}

	while (rounds--) {
		for (i = 0; i < 4; i++) {
			for (readers = 1; readers <= 2; readers++) {
				unsigned long long reads = measure(pairs[i], readers);

				if (reads > best[i][readers - 1])
					best[i][readers - 1] = reads;
			}
		}
	}

	for (i = 0; i < 4; i++) {
		if (!best[i][0])
			return 1;
		printf("%.3f ", (double)best[i][1] / best[i][0]);
	}
	printf("\n");
	return 0;
}
