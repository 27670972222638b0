/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one way in which an array grows, of the library and of the programs */
#ifndef ARRAY_H
#define ARRAY_H

#include <stdlib.h>

/**
 * array_grow - make room for one more item
 * @items: array that only this function has grown, or NULL
 * @num: number of items in it
 * @size: bytes of an item
 *
 * There is room for a power of two of items, so that @num alone tells when it is full.
 *
 * Return: the array, which may have moved, or NULL, and then @items is as it was.
 */
static inline void *array_grow(void *items, size_t num, size_t size)
{
	if (num & (num - 1))
		return items;
	return reallocarray(items, num ? 2 * num : 1, size);
}

#endif
