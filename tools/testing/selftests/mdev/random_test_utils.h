/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random choices of the selftests, which are the same again if the seed is the same
 */

#ifndef RANDOM_TEST_UTILS_H
#define RANDOM_TEST_UTILS_H

/**
 * mdev_random - return the next number of a sequence (splitmix64)
 * @state: changed; a sequence can start with any seed, zero too
 *
 * Return: the number.
 */
static inline unsigned long long mdev_random(unsigned long long *state)
{
	unsigned long long z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

#endif /* RANDOM_TEST_UTILS_H */
