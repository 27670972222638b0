// SPDX-License-Identifier: GPL-2.0-only
/* Tables for people, with the columns that the options ask for */

#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "table.h"
#include "terminal.h"

/* Width below which a column is made narrower only if cutting others is not enough */
#define WIDTH_MIN	18

void done_scols(int ret)
{
	if (ret)
		checked(NULL);
}

/* find_column - find the number of the column @name of @len bytes; @num if it does not exist */
static size_t find_column(const struct table *table, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < table->num; i++) {
		if (!strncasecmp(table->columns[i].name, name, len) && !table->columns[i].name[len])
			break;
	}
	return i;
}

/* unknown_column - print a message that names all columns; MISUSED */
static enum outcome unknown_column(const struct table *table, const char *option,
				   const char *value, const char *name, size_t len)
{
	char *names = NULL;
	enum outcome outcome;
	FILE *file;
	size_t size, i;

	file = checked(open_memstream(&names, &size));
	for (i = 0; i < table->num; i++)
		fprintf(file, "%s%s", i ? i + 1 < table->num ? ", " : " or " : "",
			table->columns[i].name);
	if (fclose(file))
		checked(NULL);
	if (len)
		outcome = misused("%s %s: %.*s is not a column: %s was expected", option,
				  value, (int)len, name, names);
	else
		outcome = misused("%s %s: the name of a column is empty: %s was expected",
				  option, value, names);
	free(names);
	return outcome;
}

/* cell_number - return the value of a cell; -1 for "-", which comes first */
static long long cell_number(const struct libscols_cell *cell)
{
	const char *text = scols_cell_get_data(cell);

	return *text == '-' ? -1 : strtoll(text, NULL, 10);
}

static int compare_number_cells(struct libscols_cell *one, struct libscols_cell *other, void *data)
{
	long long a = cell_number(one), b = cell_number(other);

	(void)data;
	return (a > b) - (a < b);
}

static int compare_text_cells(struct libscols_cell *one, struct libscols_cell *other, void *data)
{
	(void)data;
	return strcmp(scols_cell_get_data(one), scols_cell_get_data(other));
}

/* show_column - add a column to the table of libsmartcols, which gets @flags, too */
static void show_column(struct table *table, size_t number, int flags)
{
	const struct column *column = &table->columns[number];
	struct libscols_column *shown;

	if (column->flags & COLUMN_NUMBER)
		flags |= SCOLS_FL_RIGHT;
	shown = checked(scols_table_new_column(table->scols, column->name, 0, flags));
	done_scols(scols_column_set_cmpfunc(shown, column->flags & COLUMN_NUMBER ?
					    compare_number_cells : compare_text_cells, NULL));
	table->shown[number].column = shown;
	table->shown[number].width = strlen(column->name);
}

/* show_list - show the columns of --columns, in its order */
static enum outcome show_list(struct table *table, const char *list)
{
	const char *name = list;
	size_t len, number;

	for (;; name += len + 1) {
		len = strcspn(name, ",");
		number = find_column(table, name, len);
		if (number == table->num)
			return unknown_column(table, "--columns", list, name, len);
		if (table->shown[number].column)
			return misused("--columns %s: %s is there twice", list,
				       table->columns[number].name);
		show_column(table, number, 0);
		if (!name[len])
			return DONE;
	}
}

static enum outcome show_columns(struct table *table, const struct settings *settings)
{
	const char *sort = settings->sort;
	size_t i;

	if (settings->columns && show_list(table, settings->columns))
		return MISUSED;
	for (i = 0; i < table->num && !settings->columns; i++) {
		if (!(table->columns[i].flags & COLUMN_EXTRA))
			show_column(table, i, 0);
	}
	if (!sort)
		return DONE;

	i = find_column(table, sort, strlen(sort));
	if (i == table->num)
		return unknown_column(table, "--sort", sort, sort, strlen(sort));
	if (!table->shown[i].column)
		show_column(table, i, SCOLS_FL_HIDDEN);
	table->sort = table->shown[i].column;
	return DONE;
}

enum outcome table_begin(struct table *table, const struct settings *settings,
			 const struct column *columns, size_t num)
{
	memset(table, 0, sizeof(*table));
	table->columns = columns;
	table->num = num;
	table->shown = allocate(num * sizeof(*table->shown));
	table->raw = settings->given & OPTION_RAW;
	table->scols = checked(scols_new_table());
	done_scols(scols_table_set_column_separator(table->scols,
						    table->raw ? " " : COLUMN_SEPARATOR));
	done_scols(scols_table_enable_noheadings(table->scols,
						 !!(settings->given & OPTION_NOHEADINGS)));
	done_scols(scols_table_enable_raw(table->scols, table->raw));
	/* Cells are escaped here, more strictly; libsmartcols would escape the escapes */
	done_scols(scols_table_enable_noencoding(table->scols, !table->raw));
	done_scols(scols_table_enable_colors(table->scols,
					     !table->raw && wants_colors(settings)));
	if (show_columns(table, settings)) {
		table_free(table);
		return MISUSED;
	}
	return DONE;
}

static bool is_visible(const struct shown_column *shown)
{
	return shown->column && !scols_column_is_hidden(shown->column);
}

bool table_has(const struct table *table, size_t column)
{
	return table->shown[column].column;
}

/* character_width - return the bytes of an escaped character, and add its columns to @width */
static size_t character_width(const char *text, size_t *width)
{
	mbstate_t state = {};
	wchar_t character;
	size_t len;

	if (*text >= ' ' && *text <= '~') {
		(*width)++;
		return 1;
	}
	len = mbrtowc(&character, text, MB_CUR_MAX, &state);
	*width += wcwidth(character);
	return len;
}

size_t text_width(const char *text)
{
	size_t width = 0;

	while (*text)
		text += character_width(text, &width);
	return width;
}

/* add_cell - add the next cell; NULL if its column is not in the table of libsmartcols */
static struct libscols_cell *add_cell(struct table *table, const char *text)
{
	struct shown_column *shown = &table->shown[table->next];
	struct libscols_cell *cell = NULL;
	size_t width;
	char *safe;

	if (!table->next)
		table->line = checked(scols_table_new_line(table->scols, NULL));
	if (shown->column) {
		if (!text || !*text)
			text = "-";
		safe = table->raw ? duplicate(text) : escaped(text);
		cell = checked(scols_line_get_column_cell(table->line, shown->column));
		done_scols(scols_cell_refer_data(cell, safe));
		width = table->raw ? 0 : text_width(safe);
		if (width > shown->width)
			shown->width = width;
	}
	table->next = (table->next + 1) % table->num;
	return cell;
}

void table_add(struct table *table, const char *text)
{
	add_cell(table, text);
}

void table_add_number(struct table *table, long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", number);
	add_cell(table, number < 0 ? NULL : text);
}

void table_add_colored(struct table *table, const char *text,
		       enum mdev_precheck_verdict verdict)
{
	struct libscols_cell *cell = add_cell(table, text);

	if (cell)
		done_scols(scols_cell_set_color(cell, verdict_color(verdict)));
}

/**
 * find_widest - find the column that is made narrower next
 * @table: table
 * @flag: COLUMN_WRAP or COLUMN_CUT, a flag of the column
 * @least: width, beside the width of its heading, below which a column is not made narrower
 *
 * Return: number of the widest column that can be narrower; the number of columns if each of
 * them is narrow.
 */
static size_t find_widest(const struct table *table, enum column_flag flag, size_t least)
{
	size_t widest = table->num, width, i;

	for (i = 0; i < table->num; i++) {
		width = table->shown[i].width;
		if (!(table->columns[i].flags & flag) || !is_visible(&table->shown[i]) ||
		    width <= least || width <= strlen(table->columns[i].name))
			continue;
		if (widest == table->num || width > table->shown[widest].width)
			widest = i;
	}
	return widest;
}

/* share_width - make columns narrower until all fit into @left, or until all are narrow */
static void share_width(struct table *table, size_t left)
{
	size_t width = 0, i;

	for (i = 0; i < table->num; i++) {
		if (is_visible(&table->shown[i]))
			width += (width ? strlen(COLUMN_SEPARATOR) : 0) + table->shown[i].width;
	}
	for (; width > left; width--) {
		i = find_widest(table, COLUMN_WRAP, WIDTH_MIN);
		if (i == table->num)
			i = find_widest(table, COLUMN_CUT, 0);
		if (i == table->num)
			i = find_widest(table, COLUMN_WRAP, 0);
		if (i == table->num)
			return;
		table->shown[i].width--;
	}
}

/* wrapped - break @text into lines of @width, if possible at a blank, a comma or a slash */
static char *wrapped(const char *text, size_t width)
{
	const char *at, *line = text, *end = NULL;
	size_t used = 0, len;
	char *result, *to;

	result = allocate(2 * strlen(text) + 1);
	to = result;
	for (at = text; *at; at += len) {
		len = character_width(at, &used);
		if (*at == ' ')
			end = at;
		else if ((*at == ',' || *at == '/') && used <= width)
			end = at + 1;
		if (used <= width || at == line)
			continue;
		if (!end)
			end = at;
		to = mempcpy(to, line, end - line);
		*to++ = '\n';
		line = end + (*end == ' ');
		end = NULL;
		at = line;
		len = 0;
		used = 0;
	}
	stpcpy(to, line);
	return result;
}

/* cut - cut @text to @width, with an ellipsis at the end if it does not fit; allocated */
static char *cut(const char *text, size_t width)
{
	size_t used = text_width(ellipsis()), len;
	const char *at;

	if (text_width(text) <= width)
		return duplicate(text);
	for (at = text; *at; at += len) {
		len = character_width(at, &used);
		if (used > width)
			break;
	}
	return format_text("%.*s%s", (int)(at - text), text, ellipsis());
}

/* narrow_column - make the cells of a column fit into @width by wrapped() or cut() */
static void narrow_column(struct libscols_table *table, struct libscols_column *column,
			  size_t width, char *(*narrowed)(const char *text, size_t width))
{
	struct libscols_iter *rows = checked(scols_new_iter(SCOLS_ITER_FORWARD));
	struct libscols_line *line;
	struct libscols_cell *cell;

	while (!scols_table_next_line(table, rows, &line)) {
		cell = checked(scols_line_get_column_cell(line, column));
		done_scols(scols_cell_refer_data(cell, narrowed(scols_cell_get_data(cell),
								width)));
	}
	scols_free_iter(rows);
}

void wrap_column(struct libscols_table *table, struct libscols_column *column, size_t width)
{
	int flags = scols_column_get_flags(column);

	narrow_column(table, column, width, wrapped);
	done_scols(scols_column_set_flags(column, flags | SCOLS_FL_WRAP));
	done_scols(scols_column_set_wrapfunc(column, scols_wrapnl_chunksize,
					     scols_wrapnl_nextchunk, NULL));
}

static void fit_terminal(struct table *table)
{
	size_t width = terminal_width(), *before, i;

	done_scols(scols_table_set_termforce(table->scols, SCOLS_TERMFORCE_ALWAYS));
	done_scols(scols_table_set_termwidth(table->scols, width));
	before = allocate(table->num * sizeof(*before));
	for (i = 0; i < table->num; i++)
		before[i] = table->shown[i].width;
	share_width(table, width);
	for (i = 0; i < table->num; i++) {
		const struct shown_column *shown = &table->shown[i];

		if (shown->width == before[i])
			continue;
		if (table->columns[i].flags & COLUMN_WRAP)
			wrap_column(table->scols, shown->column, shown->width);
		else
			narrow_column(table->scols, shown->column, shown->width, cut);
	}
	free(before);
}

void table_print(struct table *table, FILE *file)
{
	scols_table_set_stream(table->scols, file);
	if (table->sort)
		done_scols(scols_sort_table(table->scols, table->sort));
	if (file == stdout && on_terminal() && !table->raw)
		fit_terminal(table);
	else
		done_scols(scols_table_set_termforce(table->scols, SCOLS_TERMFORCE_NEVER));
	done_scols(scols_print_table(table->scols));
}

void table_free(struct table *table)
{
	scols_unref_table(table->scols);
	free(table->shown);
	memset(table, 0, sizeof(*table));
}
