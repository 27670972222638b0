// SPDX-License-Identifier: GPL-2.0-only
/* The commands of mdev-precheck-libvirt */

#include <stddef.h>

#include "options.h"

const struct command *const commands[] = {
	&stamp_command,
	&domain_command,
	NULL
};
