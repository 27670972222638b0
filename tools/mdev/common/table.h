/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables for people, with the columns that the options ask for */
#ifndef TABLE_H
#define TABLE_H

#include "options.h"

struct libscols_column;
struct libscols_table;

/**
 * enum column_flag - what a column is like
 * @COLUMN_NUMBER: it has numbers, which are on its right and are sorted by value
 * @COLUMN_EXTRA: it is shown only if --columns has it
 * @COLUMN_WRAP: on a terminal that is too narrow its cells have several lines
 * @COLUMN_CUT: if that is not enough its cells are cut, and end in an ellipsis
 */
enum column_flag {
	COLUMN_NUMBER = 1 << 0,
	COLUMN_EXTRA = 1 << 1,
	COLUMN_WRAP = 1 << 2,
	COLUMN_CUT = 1 << 3,
};

/**
 * struct column - a column that a table can have
 * @name: its heading, and what --columns and --sort call it, in whatever case
 * @flags: of enum column_flag
 */
struct column {
	const char *name;
	unsigned int flags;
};

/**
 * struct shown_column - a column of a table as it is printed
 * @column: of libsmartcols, or NULL if it is neither shown nor the key of the order
 * @width: of its longest cell, as the terminal counts
 */
struct shown_column {
	struct libscols_column *column;
	size_t width;
};

/**
 * struct table - a table that gets its cells row after row
 * @columns: all that it can have
 * @num: number of them
 * @shown: for each of them
 * @next: number of the next cell in its row
 * @raw: cells are as they are, and libsmartcols encodes them
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
 * @num: number of them
 *
 * Return: DONE; MISUSED after a message that names the column which it does not have, and
 * then there is nothing to free.
 */
enum outcome table_begin(struct table *table, const struct settings *settings,
			 const struct column *columns, size_t num);
/* table_has - is a column shown, or the key of the order? Its cells make a difference then. */
bool table_has(const struct table *table, size_t column);
/**
 * table_add - add a cell; after that of the last column comes the first one of another row
 * @table: table
 * @text: any text, which is escaped; NULL and "" are shown as "-"
 */
void table_add(struct table *table, const char *text);
/* table_add_number - the same with a number that is not negative; "-" for any other one */
void table_add_number(struct table *table, long number);
/* table_add_colored - the same with a text in the colour of a verdict */
void table_add_colored(struct table *table, const char *text,
		       enum mdev_precheck_verdict verdict);
/*
 * table_print - in the order of --sort, if it was given.  On a terminal the rows fit into its
 * width, unless they have too many columns; elsewhere they are as long as they are.
 */
void table_print(struct table *table, FILE *file);
void table_free(struct table *table);

/* Between two columns */
#define COLUMN_SEPARATOR	"  "

/* done_scols - @ret of libsmartcols, which has only a lack of memory to report */
void done_scols(int ret);

/* text_width - columns that an escaped text takes on a terminal */
size_t text_width(const char *text);
/*
 * wrap_column - break the cells of a column of libsmartcols, which are escaped, into lines of
 * @width, which end at a blank, a comma or a slash if they can
 */
void wrap_column(struct libscols_table *table, struct libscols_column *column, size_t width);

#endif
