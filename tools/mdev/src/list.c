// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck list: the types of this host as a table, or as JSON */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "host.h"

/**
 * struct listing - what is printed
 * @json: as a document instead of a table
 * @any: has a type been printed?
 * @table: rows of the table
 */
struct listing {
	bool json;
	bool any;
	struct table table;
};

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

static void add_version(struct table *table,
			const struct mdev_precheck_version *version)
{
	char buffer[24];
	char *text = NULL;

	switch (version->state) {
	case MDEV_PRECHECK_VERSION_READ:
		table_add(table, version->text);
		return;
	case MDEV_PRECHECK_VERSION_NONE:
		table_add(table, "(no migration_version)");
		return;
	case MDEV_PRECHECK_VERSION_FAILED:
		text = format_text("(cannot migrate: %s)",
				   error_name(version->error, buffer));
		break;
	case MDEV_PRECHECK_VERSION_UNKNOWN:
		text = format_text("(not readable: %s)",
				   error_name(version->error, buffer));
		break;
	}
	table_add(table, text);
	free(text);
}

static int add_type(const struct mdev_precheck_type *type, void *data)
{
	struct listing *listing = data;
	struct table *table = &listing->table;
	char number[24];

	if (listing->json) {
		types_document_add(stdout, type, !listing->any);
		listing->any = true;
		return 0;
	}

	listing->any = true;
	table_add(table, type->place->parent);
	table_add(table, type->place->type);
	table_add(table, type->name);
	table_add(table, type->device_api);
	snprintf(number, sizeof(number), "%ld", type->available_instances);
	table_add(table, type->available_instances < 0 ? NULL : number);
	add_devices(table, type);
	add_version(table, type->version);
	return 0;
}

static enum status run_list(const struct settings *settings)
{
	static const char *const heads[] = {
		"PARENT", "TYPE", "NAME", "DEVICE-API", "AVAILABLE", "DEVICES",
		"MIGRATION-VERSION"
	};
	struct listing listing = {
		.json = settings->given & OPTION_JSON,
		.table.columns = sizeof(heads) / sizeof(*heads),
	};
	struct mdev_precheck *host;
	enum status status;
	size_t i;

	if (settings->num_operands)
		return usage_error("list: %s: no operand was expected",
				   settings->operands[0]);

	/* Without a limit there is no child for each of thousands of types */
	host = open_host(settings, 0);
	if (!host)
		return STATUS_NOT_ASKED;

	if (listing.json)
		types_document_begin(stdout);
	for (i = 0; i < listing.table.columns; i++)
		table_add(&listing.table, heads[i]);
	status = for_selected_types(host, settings, add_type, &listing);
	/* What lacks types has no end, so that nobody takes it for the whole */
	if (listing.json && !status)
		types_document_end(stdout);
	else if (listing.json)
		putchar('\n');
	else if (listing.any)
		table_print(&listing.table, stdout);
	else if (!status && settings->verbosity >= 0)
		complain("no types: no parent is registered with mdev");

	table_free(&listing.table);
	mdev_precheck_free(host);
	return status;
}

const struct command list_command = {
	.name = "list",
	.operands = "[--parent PARENT] [--type TYPE] [--device UUID] [--json]",
	.summary = "list the types of this host and their migration versions",
	.help =
		"List the types of this host, or those of a parent, a name, a device.\n\n"
		"Options:\n"
		"  --parent PARENT    only types of PARENT\n"
		"  --type TYPE        only types of this name\n"
		"  --device UUID      only the type of this device\n"
		"  --json             the document of mdev-precheck export\n",
	.options = OPTION_PARENT | OPTION_TYPE | OPTION_DEVICE | OPTION_JSON,
	.run = run_list,
};
