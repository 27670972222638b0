// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck list: the types of this host as a table, or as JSON */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "host.h"
#include "selection.h"
#include "table.h"

static void add_devices(struct table *table, const struct mdev_precheck_type *type)
{
	char *text, *to;
	size_t i;

	if (!type->num_devices) {
		table_add(table, NULL);
		return;
	}

	text = allocate(type->num_devices * (NAME_MAX + 2));
	to = text;
	for (i = 0; i < type->num_devices; i++) {
		if (i)
			*to++ = ',';
		to = stpcpy(to, type->devices[i]);
	}
	table_add(table, text);
	free(text);
}

static void add_version_cell(struct table *table, const struct mdev_precheck_source *source)
{
	char buffer[MDEV_PRECHECK_ERROR_SIZE];
	char *text = NULL;

	switch (source->state) {
	case MDEV_PRECHECK_SOURCE_READ:
		table_add(table, source->version);
		return;
	case MDEV_PRECHECK_SOURCE_NONE:
		table_add(table, "(no migration_version)");
		return;
	case MDEV_PRECHECK_SOURCE_FAILED:
		text = format_text("(cannot migrate: %s)",
				   mdev_precheck_error_name(source->error, buffer));
		break;
	case MDEV_PRECHECK_SOURCE_UNKNOWN:
		text = format_text("(not readable: %s)",
				   mdev_precheck_error_name(source->error, buffer));
		break;
	}
	table_add(table, text);
	free(text);
}

static int add_row(const struct mdev_precheck_type *type, void *data)
{
	struct table *table = data;
	char number[24];

	table_add(table, type->place->parent);
	table_add(table, type->place->type);
	table_add(table, type->name);
	table_add(table, type->device_api);
	snprintf(number, sizeof(number), "%ld", type->available_instances);
	table_add(table, type->available_instances < 0 ? NULL : number);
	add_devices(table, type);
	add_version_cell(table, type->source);
	return 0;
}

static enum outcome write_list(const struct settings *settings, struct mdev_precheck *host)
{
	struct types_document document;
	enum outcome outcome;

	types_document_begin(&document, stdout);
	outcome = for_selected_types(host, settings, types_document_add, types_document_add,
				     &document);
	return types_document_end(&document, outcome);
}

static enum outcome print_list(const struct settings *settings, struct mdev_precheck *host)
{
	static const char *const heads[] = {
		"PARENT", "TYPE", "NAME", "DEVICE-API", "AVAILABLE", "DEVICES",
		"MIGRATION-VERSION"
	};
	struct table table = { .columns = ARRAY_SIZE(heads) };
	enum mdev_precheck_host_state state = mdev_precheck_host_state(host);
	enum outcome outcome;
	size_t i;

	for (i = 0; i < table.columns; i++)
		table_add(&table, heads[i]);
	outcome = for_selected_types(host, settings, add_row, NULL, &table);
	if (table.num > table.columns)
		table_print(&table, stdout);
	else if (!outcome && settings->verbosity >= 0 && state != MDEV_PRECHECK_HOST_READY)
		complain("there are no types: %s", mdev_precheck_host_state_text(state));
	if (!outcome && settings->verbosity >= 0)
		report_bare_parents(host, settings);
	table_free(&table);
	return outcome;
}

static enum exit_status run_list(const struct settings *settings)
{
	struct mdev_precheck *host;
	enum outcome outcome;

	if (settings->num_operands)
		return outcome_status(misused("list: %s: no operand was expected",
					      settings->operands[0]));
	/* A limit would cost children for each of thousands of types */
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
		"List the types of this host, or those of a parent, a name, a device.\n",
	.options = OPTION_PARENT | OPTION_TYPE | OPTION_DEVICE | OPTION_JSON,
	.run = run_list,
};
