/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables for people, with the columns that the options ask for */
#ifndef TABLE_H
#define TABLE_H

#include "options.h"

struct libscols_column;
struct libscols_table;

/**
 * enum column_flag - flags of a column
 * @COLUMN_NUMBER: the cells are numbers, which are on the right and are sorted by value
 * @COLUMN_EXTRA: the column is shown only if --columns has it
 * @COLUMN_WRAP: on a narrow terminal the cells have several lines
 * @COLUMN_CUT: if several lines are not enough, the cells are cut, and end in an ellipsis
 */
enum column_flag {
	COLUMN_NUMBER = 1 << 0,
	COLUMN_EXTRA = 1 << 1,
	COLUMN_WRAP = 1 << 2,
	COLUMN_CUT = 1 << 3,
};

/**
 * struct column - a column that a table can have
 * @name: its heading, and its name in --columns and --sort, where case is ignored
 * @flags: bits of enum column_flag
 */
struct column {
	const char *name;
	unsigned int flags;
};

/**
 * struct shown_column - a column of a table as it is printed
 * @column: column of libsmartcols, or NULL if it is neither shown nor the key of the order
 * @width: columns of a terminal that its longest cell takes
 */
struct shown_column {
	struct libscols_column *column;
	size_t width;
};

/**
 * struct table - a table that gets its cells row after row
 * @columns: all columns that it can have
 * @num: number of columns in @columns and @shown
 * @shown: the columns as they are printed
 * @next: number of the next cell in its row
 * @raw: the cells are not escaped, because libsmartcols encodes them
 * @scols: table of libsmartcols
 * @line: the row that does not have all of its cells yet
 * @sort: the key of the order, or NULL
 */
struct table {
	const struct column *columns;
	size_t num;
	struct shown_column *shown;
	size_t next;
	bool raw;
	struct libscols_table *scols;
	struct libscols_line *line;
	struct libscols_column *sort;
};

/**
 * table_begin - begin a table
 * @table: result
 * @settings: the command line, with --columns, --noheadings, --raw, --sort and --color
 * @columns: all columns that it can have, which stay until table_free()
 * @num: number of columns
 *
 * Return: DONE; MISUSED after a message that names the column which does not exist, and
 * then @table does not have to be freed.
 */
enum outcome table_begin(struct table *table, const struct settings *settings,
			 const struct column *columns, size_t num);
/* table_has - is a column shown, or the key of the order?  Other cells may be NULL. */
bool table_has(const struct table *table, size_t column);
/**
 * table_add - add a cell; after the cell of the last column, the next row begins
 * @table: table
 * @text: any text, which is escaped; NULL and "" are shown as "-"
 */
void table_add(struct table *table, const char *text);
/* table_add_number - add a cell with a number; a negative one is shown as "-" */
void table_add_number(struct table *table, long number);
/* table_add_colored - add a cell with a text in the colour of a verdict */
void table_add_colored(struct table *table, const char *text,
		       enum mdev_precheck_verdict verdict);
/*
 * table_print - print the rows, in the order of --sort
 *
 * On a terminal the rows fit into its width, unless they have too many columns.  In a file or a
 * pipe they are not cut.
 */
void table_print(struct table *table, FILE *file);
void table_free(struct table *table);

/* Text between two columns */
#define COLUMN_SEPARATOR	"  "

/* done_scols - end the program after an error of libsmartcols, which is a lack of memory */
void done_scols(int ret);

/* text_width - count the columns that an escaped text takes on a terminal */
size_t text_width(const char *text);
/*
 * wrap_column - break the cells of a column of libsmartcols, which are escaped, into lines of
 * @width, if possible at a blank, a comma or a slash
 */
void wrap_column(struct libscols_table *table, struct libscols_column *column, size_t width);

#endif
