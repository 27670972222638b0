/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Versions that the selftests put into the migration streams of the samples
 */

#ifndef STREAM_TEST_UTILS_H
#define STREAM_TEST_UTILS_H

#include <linux/types.h>

/* Versions around version 1, and others that equal it if they are cut to 16 bits */
static const __u32 stream_test_versions[][2] = {
	{ 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 }, { 1, 2 }, { 1, 10 },
	{ 2, 0 }, { 2, 1 }, { 10, 0 }, { 256, 0 }, { 256, 1 }, { 257, 0 },
	{ 257, 1 }, { 1, 256 }, { 65536, 0 }, { 65537, 0 }, { 1, 65536 },
	{ 65537, 65536 }, { 1, 0x80000000 }, { 0x80000001, 0 },
	{ 0x80000001, 1 }, { 1, 0xffffffff }, { 0xffffffff, 0 },
	{ 0xffffffff, 0xffffffff },
};

#endif /* STREAM_TEST_UTILS_H */
