// SPDX-License-Identifier: GPL-2.0-only
/* Commands on libvirt's domains, as both programs have them: see options.h */

#include "options.h"

const struct command stamp_command = {
	.name = "stamp",
	.operands = "DOMAIN... | --all | --watch",
	.summary = "write on libvirt's domains what version their source has",
	.help =
		"DOMAIN is a name or a UUID.  Each mediated device of it gets a stamp with its type\n"
		"and version, for the hook of the host that the domain migrates to.  A stamp that is\n"
		"for no device any more is removed.\n\n"
		"Options:\n"
		"  --all                all domains\n"
		"  --watch              all domains, and each that changes, until it is told to end\n"
		"  --connect URI        libvirt's, if that is not its own default\n",
	.options = OPTION_CONNECT | OPTION_ALL | OPTION_WATCH,
	.run = run_stamp,
};

const struct command domain_command = {
	.name = "domain",
	.operands = "--to HOST|URI [--json] DOMAIN",
	.summary = "ask whether a target takes the devices of a libvirt domain",
	.help =
		"DOMAIN is a name or a UUID.  The target is asked about each mediated device of it,\n"
		"and has to have a device of the same UUID.\n\n"
		"Options:\n"
		"  --json               verdicts as a JSON document\n"
		"  --to HOST|URI        ask HOST, where mdev-precheck is installed, over ssh; or the\n"
		"                       one of a libvirt URI, as qemu+ssh://root@east/system;\n"
		"                       HOST, -p, -l, -o, -i, -F and -J are as ssh has them\n"
		"  --remote COMMAND     how to call it there, as \"sudo mdev-precheck\"\n"
		"  --connect URI        libvirt's here, if that is not its own default\n",
	.options = OPTION_CONNECT | OPTION_TO | OPTION_SSH | OPTION_JSON,
	.run = run_domain,
};
