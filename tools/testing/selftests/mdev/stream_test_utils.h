/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the selftests share that know the migration streams of the samples
 */

#ifndef STREAM_TEST_UTILS_H
#define STREAM_TEST_UTILS_H

#include <linux/types.h>

#include "version_test_utils.h"

/* Then comes the configuration space, and then the video memory */
struct mdpy_header {
	__le64 magic;
	__le16 vendor;
	__le16 device;
	__le32 major;
	__le32 minor;
	__le32 config_size;
	__le32 memory_size;
	__le32 flags;
};

/* From this minor version on, a CRC-32 of all of it is the end of the stream */
#define MDPY_MINOR_CHECKSUM	1

/* With @crc of what comes before @bytes, 0 for nothing */
static inline __u32 mdpy_crc32(__u32 crc, const unsigned char *bytes,
			       size_t len)
{
	static __u32 table[256];
	__u32 i, bit;

	if (!table[1])
		for (i = 0; i < ARRAY_SIZE(table); i++)
			for (bit = 0, table[i] = i; bit < 8; bit++)
				table[i] = table[i] >> 1 ^
					   (table[i] & 1 ? 0xedb88320 : 0);

	for (crc = ~crc; len--; bytes++)
		crc = crc >> 8 ^ table[(crc ^ *bytes) & 0xff];
	return ~crc;
}

/* Around version 1, and what equals that if it is cut to 16 bits */
static const __u32 stream_test_versions[][2] = {
	{ 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 }, { 1, 2 }, { 1, 10 },
	{ 2, 0 }, { 2, 1 }, { 10, 0 }, { 256, 0 }, { 256, 1 }, { 257, 0 },
	{ 257, 1 }, { 1, 256 }, { 65536, 0 }, { 65537, 0 }, { 1, 65536 },
	{ 65537, 65536 }, { 1, 0x80000000 }, { 0x80000001, 0 },
	{ 0x80000001, 1 }, { 1, 0xffffffff }, { 0xffffffff, 0 },
	{ 0xffffffff, 0xffffffff },
};

#endif /* STREAM_TEST_UTILS_H */
