// SPDX-License-Identifier: GPL-2.0-only
/*
 * instructions FILE [STRING] - count the instructions of one pread(2) of FILE,
 * or of one pwrite(2) of STRING to FILE
 *
 * The time stamp counter counts instructions in QEMU with "-icount shift=0" and
 * one CPU.  The program prints the median of 10,000 calls, the lowest count, and
 * the number of calls that took exactly the median.  All counts include the two
 * reads of the counter and the C library's part.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <x86intrin.h>

#define CALLS	10000

static unsigned long long counts[CALLS];

/* A copy takes a few instructions more or less if the buffer is not aligned */
static alignas(4096) char buf[8192];

static int compare(const void *a, const void *b)
{
	const unsigned long long *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

int main(int argc, char *argv[])
{
	bool string = argc > 2;
	int fd, i, equal = 0;
	size_t len = 0;
	unsigned long long start;
	ssize_t ret;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: instructions FILE [STRING]\n");
		return 2;
	}

	if (string) {
		len = strlen(argv[2]);
		if (len > sizeof(buf)) {
			fprintf(stderr, "the string has more than %zu characters\n",
				sizeof(buf));
			return 2;
		}
		memcpy(buf, argv[2], len);
	}

	fd = open(argv[1], string ? O_WRONLY : O_RDONLY);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}

	for (i = 0; i < CALLS; i++) {
		start = __rdtsc();
		ret = string ? pwrite(fd, buf, len, 0) :
			       pread(fd, buf, sizeof(buf), 0);
		counts[i] = __rdtsc() - start;
		/* The count of a call that fails would be too low */
		if (ret <= 0 || (string && (size_t)ret != len)) {
			fprintf(stderr, "%s: %zd, %s\n", argv[1], ret,
				ret < 0 ? strerror(errno) : "too short");
			return 1;
		}
	}

	qsort(counts, CALLS, sizeof(*counts), compare);
	for (i = 0; i < CALLS; i++)
		equal += counts[i] == counts[CALLS / 2];
	printf("%llu %llu %d\n", counts[CALLS / 2], counts[0], equal);
	return 0;
}
