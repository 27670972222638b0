// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck export: the types of this host as a document for another one */

#include "document.h"
#include "host.h"
#include "selection.h"
#include "write-file.h"

static enum outcome write_types(const struct settings *settings, FILE *file)
{
	struct mdev_precheck *host = open_host(settings, 0);
	struct types_document document;
	enum outcome outcome;

	if (!host)
		return FAILED;
	types_document_begin(&document, file);
	outcome = for_selected_types(host, settings, types_document_add, types_document_add,
				     &document);
	outcome = types_document_end(&document, outcome);
	mdev_precheck_free(host);
	return outcome;
}

static enum exit_status run_export(const struct settings *settings)
{
	struct new_file file;
	enum outcome outcome;

	if (settings->num_operands)
		return outcome_status(misused("export: %s: no operand was expected",
					      settings->operands[0]));
	outcome = open_new_file(&file, "--output", settings->output ? settings->output : "-");
	if (!outcome)
		outcome = close_new_file(&file, write_types(settings, file.file));
	return outcome_status(outcome);
}

const struct command export_command = {
	.name = "export",
	.operands = "",
	.summary = "write the versions of this host for another host's check --from",
	.help =
		"Write the types of this host and their versions as a JSON document.\n",
	.options = OPTION_PARENT | OPTION_TYPE | OPTION_DEVICE | OPTION_OUTPUT,
	.run = run_export,
};
