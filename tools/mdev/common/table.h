/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of cells, printed when all widths are known */
#ifndef TABLE_H
#define TABLE_H

#include "output.h"

/**
 * struct table - a table for people
 * @columns: cells of a row
 * @num: number of cells
 * @cells: allocated strings, row after row
 */
struct table {
	size_t columns;
	size_t num;
	char **cells;
};

/* table_add - a cell of @text, escaped; NULL is shown as "-" */
void table_add(struct table *table, const char *text);
void table_print(struct table *table, FILE *file);
void table_free(struct table *table);

#endif
