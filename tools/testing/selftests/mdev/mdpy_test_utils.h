/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers of the selftests that save and load devices of the sample mdpy
 */

#ifndef MDPY_TEST_UTILS_H
#define MDPY_TEST_UTILS_H

#include <linux/types.h>

#include "mdev_test_utils.h"

/* The configuration space follows the header, and then the video memory */
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

/* From this minor version on, a stream ends with a CRC-32 of the bytes before it */
#define MDPY_MINOR_CHECKSUM	1

/**
 * mdpy_crc32 - compute the checksum of a stream
 * @crc: checksum of the bytes before @bytes, 0 at the beginning
 * @bytes: the stream, or a piece of it
 * @len: length of @bytes
 *
 * Return: the CRC-32.
 */
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

#endif /* MDPY_TEST_UTILS_H */
