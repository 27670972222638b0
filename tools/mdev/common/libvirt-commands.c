// SPDX-License-Identifier: GPL-2.0-only
/* Commands on libvirt's domains, which both programs have: see options.h */

#include "options.h"

static const struct option_text stamp_options[] = {
	{ OPTION_ALL, NULL, "stamp all domains" },
	{}
};

const struct command stamp_command = {
	.name = "stamp",
	.operands = "DOMAIN... | --all | --watch",
	.summary = "write the versions of the devices into libvirt's domains",
	.help =
		"DOMAIN is a name or a UUID.  Each mediated device of it gets a stamp with its\n"
		"type and version, for the hook of the host that the domain migrates to.  A\n"
		"stamp is removed if its device is not in the domain any more.\n",
	.own = stamp_options,
	.options = OPTION_CONNECT | OPTION_ALL | OPTION_WATCH,
	.run = run_stamp,
};

static const struct option_text domain_options[] = {
	{
		OPTION_TO, "HOST|URI",
		"ask HOST, where mdev-precheck is installed, over ssh; or the host of a libvirt URI, as qemu+ssh://root@east/system; HOST, -p, -l, -o, -i, -F and -J are as ssh has them",
	},
	{}
};

const struct command domain_command = {
	.name = "domain",
	.operands = "--to HOST|URI DOMAIN",
	.summary = "ask whether a target takes the devices of a libvirt domain",
	.help =
		"DOMAIN is a name or a UUID.  The target is asked about each mediated device of\n"
		"it, and has to have a device of the same UUID.\n",
	.own = domain_options,
	.options = OPTION_CONNECT | OPTION_TO | OPTION_SSH | OPTION_JSON,
	.run = run_domain,
};
