// SPDX-License-Identifier: GPL-2.0-only
/* Rows of cells, printed when all widths are known */

#include <string.h>

#include "table.h"

void table_add(struct table *table, const char *text)
{
	table->cells = grow(table->cells, table->num, sizeof(*table->cells));
	table->cells[table->num++] = escaped(text);
}

void table_print(struct table *table, FILE *file)
{
	size_t *widths = allocate(table->columns * sizeof(*widths));
	size_t i, column, width;

	for (i = 0; i < table->num; i++) {
		width = strlen(table->cells[i]);
		column = i % table->columns;
		if (width > widths[column])
			widths[column] = width;
	}
	for (i = 0; i < table->num; i++) {
		column = i % table->columns;
		if (column == table->columns - 1)
			fprintf(file, "%s\n", table->cells[i]);
		else
			fprintf(file, "%-*s  ", (int)widths[column],
				table->cells[i]);
	}
	free(widths);
}

void table_free(struct table *table)
{
	size_t i;

	for (i = 0; i < table->num; i++)
		free(table->cells[i]);
	free(table->cells);
	table->cells = NULL;
	table->num = 0;
}
