/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Growing arrays of the library and of the programs */
#ifndef ARRAY_H
#define ARRAY_H

#include <stdlib.h>

/**
 * array_grow - make room for one more item
 * @items: array that only this function has grown, or NULL
 * @num: number of items in it
 * @size: bytes of an item
 *
 * The array has room for a power of two of items, so that it is full if @num is one.
 *
 * Return: the array, which may have moved; NULL without memory, and then @items is as
 * before.
 */
static inline void *array_grow(void *items, size_t num, size_t size)
{
	if (num & (num - 1))
		return items;
	return reallocarray(items, num ? 2 * num : 1, size);
}

#endif
