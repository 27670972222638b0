// SPDX-License-Identifier: GPL-2.0-only
/* The table of all commands */

#include <stddef.h>

#include "options.h"

const struct command *const commands[] = {
	&list_command,
	&check_command,
	&export_command,
	&merge_command,
	&matrix_command,
	&stamp_command,
	&domain_command,
	&help_command,
	NULL
};
