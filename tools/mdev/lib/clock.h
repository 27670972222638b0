/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The clock for time limits, in the library and in the programs */
#ifndef CLOCK_H
#define CLOCK_H

#include <time.h>

/* now_ms - return milliseconds of a clock that nobody can set */
static inline long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

#endif
