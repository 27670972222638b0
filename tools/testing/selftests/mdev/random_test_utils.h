/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Choices of the selftests, which a test makes again if it has the same seed
 */

#ifndef RANDOM_TEST_UTILS_H
#define RANDOM_TEST_UTILS_H

/**
 * mdev_random - the next one of a sequence of numbers (splitmix64)
 * @state: changed; at the start of a sequence any seed is good, zero too
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
