// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck list: print the types of this host as a table, or as JSON */

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "document.h"
#include "fold.h"
#include "host.h"
#include "report.h"
#include "selection.h"
#include "table.h"

/* The columns, in the order of list_columns */
enum list_column {
	LIST_TYPE,
	LIST_NAME,
	LIST_API,
	LIST_PARENT,
	LIST_AVAILABLE,
	LIST_DEVICES,
	LIST_VERSION,
	LIST_DESCRIPTION,
	LIST_COLUMNS,
};

static const struct column list_columns[LIST_COLUMNS] = {
	[LIST_TYPE] = { "TYPE", 0 },
	[LIST_NAME] = { "NAME", COLUMN_CUT },
	[LIST_API] = { "DEVICE-API", COLUMN_CUT },
	[LIST_PARENT] = { "PARENT", COLUMN_WRAP },
	[LIST_AVAILABLE] = { "AVAILABLE", COLUMN_NUMBER },
	/* With -v or --device, begin_listing() makes this a column of UUIDs */
	[LIST_DEVICES] = { "DEVICES", COLUMN_NUMBER },
	[LIST_VERSION] = { "MIGRATION-VERSION", COLUMN_WRAP },
	[LIST_DESCRIPTION] = { "DESCRIPTION", COLUMN_WRAP | COLUMN_EXTRA },
};

/**
 * struct list_row - types of several parents in one row
 * @table: table of the row
 * @cells: texts that the types have in common, allocated; NULL in the other columns
 * @state: state of the types as sources
 * @parents: parents that have these types
 * @available: sum of the instances that are available; -1 if no parent has a number
 * @devices: devices of these types
 * @uuids: UUIDs of the devices, allocated; NULL if their number is shown
 */
struct list_row {
	const struct table *table;
	char *cells[LIST_COLUMNS];
	enum mdev_precheck_source_state state;
	struct fold parents;
	long available;
	size_t devices;
	char *uuids;
};

/**
 * struct listing - the rows while the types are visited
 * @columns: columns of @table
 * @table: table for the rows
 * @whole: each parent has a row of its own, and names are not shortened
 * @uuids: devices are shown as UUIDs
 * @faulty: a driver gave an answer that is not valid
 * @parents: names of all parents of this host, allocated; parents that came during the walk are
 *	last
 * @num_parents: names in @parents
 * @num_known: names in @parents before the parents that came during the walk
 * @parent: index in @parents of the parent that is visited
 * @index: tree of the rows, by the texts that their types have in common
 * @rows: the rows, each allocated
 * @num: rows in @rows
 */
struct listing {
	struct column columns[LIST_COLUMNS];
	struct table table;
	bool whole;
	bool uuids;
	bool faulty;
	char **parents;
	size_t num_parents;
	size_t num_known;
	size_t parent;
	void *index;
	struct list_row **rows;
	size_t num;
};

/* uuids_of - join the UUIDs of a type's devices; NULL if the type does not have devices */
static char *uuids_of(const struct mdev_precheck_type *type)
{
	char *text = NULL;
	FILE *file;
	size_t len, i;

	if (!type->num_devices)
		return NULL;
	file = checked(open_memstream(&text, &len));
	for (i = 0; i < type->num_devices; i++)
		fprintf(file, "%s%s", i ? "," : "", type->devices[i]);
	if (fclose(file))
		checked(NULL);
	return text;
}

/* version_cell - allocate the string, or the reason why the type does not show one */
static char *version_cell(const struct mdev_precheck_source *source)
{
	char buffer[MDEV_PRECHECK_ERROR_SIZE];

	switch (source->state) {
	case MDEV_PRECHECK_SOURCE_READ:
		return duplicate(source->version);
	case MDEV_PRECHECK_SOURCE_NONE:
		return duplicate("(no migration_version)");
	case MDEV_PRECHECK_SOURCE_FAILED:
		return format_text("(%s: %s)", source->error == EBADMSG ?
				   "not a version string" : "cannot migrate",
				   mdev_precheck_error_name(source->error, buffer));
	default:
		return format_text("(%s: %s)", source->error == EIO ?
				   "no valid answer" : "not readable",
				   mdev_precheck_error_name(source->error, buffer));
	}
}

/* compare_listed - compare types by name, and then by the texts of the columns in the table */
static int compare_listed(const void *one, const void *other)
{
	const struct list_row *a = one, *b = other;
	int order = strcmp(a->cells[LIST_TYPE], b->cells[LIST_TYPE]);
	size_t i;

	for (i = 0; i < LIST_COLUMNS && !order; i++) {
		if (a->cells[i] && table_has(a->table, i))
			order = strcmp(a->cells[i], b->cells[i]);
	}
	return order;
}

/* compare_shown - compare rows by type, and then by parent */
static int compare_shown(const void *one, const void *other)
{
	const struct list_row *a = *(struct list_row *const *)one;
	const struct list_row *b = *(struct list_row *const *)other;
	size_t first = a->parents.names->position, second = b->parents.names->position;
	int order = strcmp(a->cells[LIST_TYPE], b->cells[LIST_TYPE]);

	return order ? order : (first > second) - (first < second);
}

static void free_row(void *data)
{
	struct list_row *row = data;
	size_t i;

	for (i = 0; i < LIST_COLUMNS; i++)
		free(row->cells[i]);
	fold_free(&row->parents);
	free(row->uuids);
	free(row);
}

static struct list_row *new_row(const struct listing *listing,
				const struct mdev_precheck_type *type)
{
	struct list_row *row = allocate(sizeof(*row));

	row->table = &listing->table;
	row->cells[LIST_TYPE] = duplicate(type->place->type);
	row->cells[LIST_NAME] = duplicate(type->name ? type->name : "");
	row->cells[LIST_API] = duplicate(type->device_api ? type->device_api : "");
	row->cells[LIST_VERSION] = version_cell(type->source);
	row->cells[LIST_DESCRIPTION] = duplicate(type->description ? type->description : "");
	row->state = type->source->state;
	row->available = -1;
	return row;
}

/* find_listed - find the row of the types that are equal to @type, or add a row */
static struct list_row *find_listed(struct listing *listing, const struct mdev_precheck_type *type)
{
	struct list_row *row = new_row(listing, type), **found;

	if (!listing->whole) {
		found = checked(tsearch(row, &listing->index, compare_listed));
		if (*found != row) {
			free_row(row);
			return *found;
		}
	}
	listing->rows = grow(listing->rows, listing->num, sizeof(*listing->rows));
	listing->rows[listing->num++] = row;
	return row;
}

/* find_parent - find the index of a parent, or add it; parents are visited in byte order */
static size_t find_parent(struct listing *listing, const char *parent)
{
	size_t i = listing->parent;

	if (i < listing->num_parents && !strcmp(listing->parents[i], parent))
		return i;
	for (i = i < listing->num_known ? i : 0; i < listing->num_known; i++) {
		if (!strcmp(listing->parents[i], parent))
			return i;
	}
	listing->parents = grow(listing->parents, listing->num_parents,
				sizeof(*listing->parents));
	listing->parents[listing->num_parents] = duplicate(parent);
	return listing->num_parents++;
}

static int add_type(const struct mdev_precheck_type *type, void *data)
{
	struct listing *listing = data;
	struct list_row *row = find_listed(listing, type);
	size_t number = find_parent(listing, type->place->parent);

	listing->parent = number;
	/* A parent that came during the walk has an unknown place, so that it ends a range */
	if (number >= listing->num_known)
		number += number - listing->num_known + 1;
	fold_add(&row->parents, listing->parents[listing->parent], number);
	row->available = add_room(row->available, type->available_instances);
	row->devices += type->num_devices;
	listing->faulty |= type->source->error == EIO;
	if (listing->uuids)
		row->uuids = uuids_of(type);
	return 0;
}

static int add_parent(const struct mdev_precheck_place *place, int error, void *data)
{
	struct listing *listing = data;

	(void)error;
	if (*place->type)
		return 0;
	listing->parents = grow(listing->parents, listing->num_parents,
				sizeof(*listing->parents));
	listing->parents[listing->num_parents++] = duplicate(place->parent);
	listing->num_known = listing->num_parents;
	return 0;
}

static void add_row(struct table *table, const struct list_row *row, bool whole, bool uuids)
{
	char *parents = whole ? NULL : fold_text(&row->parents, "parents", false);

	table_add(table, row->cells[LIST_TYPE]);
	table_add(table, row->cells[LIST_NAME]);
	table_add(table, row->cells[LIST_API]);
	table_add(table, whole ? row->parents.names->name : parents);
	table_add_number(table, row->available);
	if (uuids)
		table_add(table, row->uuids);
	else
		table_add_number(table, row->devices);
	if (row->state == MDEV_PRECHECK_SOURCE_READ)
		table_add(table, row->cells[LIST_VERSION]);
	else
		table_add_colored(table, row->cells[LIST_VERSION],
				  row->state == MDEV_PRECHECK_SOURCE_UNKNOWN ?
				  MDEV_PRECHECK_NOT_ASKED : MDEV_PRECHECK_INCOMPATIBLE);
	table_add(table, row->cells[LIST_DESCRIPTION]);
	free(parents);
}

static enum outcome write_list(const struct settings *settings, struct mdev_precheck *host)
{
	struct types_document document;
	enum outcome outcome;

	types_document_begin(&document, stdout, time(NULL));
	outcome = for_selected_types(host, settings, types_document_add, types_document_add,
				     &document);
	return types_document_end(&document, outcome, NULL, NULL);
}

static enum outcome begin_listing(struct listing *listing, const struct settings *settings,
				  struct mdev_precheck *host)
{
	memset(listing, 0, sizeof(*listing));
	listing->whole = settings->given & OPTION_RAW || settings->verbosity > 0;
	listing->uuids = settings->given & OPTION_DEVICE || settings->verbosity > 0;
	memcpy(listing->columns, list_columns, sizeof(list_columns));
	if (listing->uuids)
		listing->columns[LIST_DEVICES].flags = COLUMN_WRAP;
	if (table_begin(&listing->table, settings, listing->columns, LIST_COLUMNS))
		return MISUSED;
	/* A parent without a listed type ends a range; if this walk fails, each parent does */
	if (!listing->whole && mdev_precheck_walk_places(host, add_parent, listing))
		listing->num_known = 0;
	return DONE;
}

static void end_listing(struct listing *listing)
{
	size_t i;

	tdestroy(listing->index, free_row);
	for (i = 0; i < listing->num && listing->whole; i++)
		free_row(listing->rows[i]);
	free(listing->rows);
	for (i = 0; i < listing->num_parents; i++)
		free(listing->parents[i]);
	free(listing->parents);
	table_free(&listing->table);
}

/* report_state - print why the host does not have a parent that can be asked */
static void report_state(struct mdev_precheck *host)
{
	enum mdev_precheck_host_state state = mdev_precheck_host_state(host);

	if (state != MDEV_PRECHECK_HOST_READY)
		complain("this host does not have types: %s", mdev_precheck_host_state_text(state));
}

static enum outcome print_list(const struct settings *settings, struct mdev_precheck *host)
{
	struct listing listing;
	enum outcome outcome;
	size_t i;

	if (begin_listing(&listing, settings, host))
		return MISUSED;
	outcome = for_selected_types(host, settings, add_type, NULL, &listing);
	if (listing.num)
		qsort(listing.rows, listing.num, sizeof(*listing.rows), compare_shown);
	for (i = 0; i < listing.num; i++)
		add_row(&listing.table, listing.rows[i], listing.whole, listing.uuids);
	if (listing.num)
		table_print(&listing.table, stdout);
	else if (!outcome && settings->verbosity >= 0)
		report_state(host);
	if (listing.faulty && settings->verbosity >= 0)
		complain("a driver gave no valid answer; see the kernel log: " FIND_FAULTS);
	if (!outcome && settings->verbosity >= 0)
		report_bare_parents(host, settings);
	end_listing(&listing);
	return outcome;
}

static enum exit_status run_list(const struct settings *settings)
{
	struct mdev_precheck *host;
	enum outcome outcome;

	if (settings->num_operands)
		return outcome_status(misused("list: %s: no operand was expected",
					      settings->operands[0]));
	/* A limit would need a child process for each type, and a host can have thousands */
	host = open_host(settings, 0);
	if (!host)
		return STATUS_NOT_ASKED;
	outcome = settings->given & OPTION_JSON ? write_list(settings, host) :
						  print_list(settings, host);
	mdev_precheck_free(host);
	return outcome_status(outcome);
}

const struct command list_command = {
	.name = "list",
	.operands = "",
	.summary = "list the types of this host and their migration versions",
	.help =
		"List all types of this host, or only the types of a parent, a name or a device.\n",
	.options = OPTION_PARENT | OPTION_TYPE | OPTION_DEVICE | OPTION_JSON | TABLE_OPTIONS,
	.columns = list_columns,
	.num_columns = LIST_COLUMNS,
	.run = run_list,
};
