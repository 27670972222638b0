// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck stamp: stamp given domains, all domains, or each domain that changes */

#include <stdlib.h>
#include <libvirt/virterror.h>

#include "connection.h"
#include "host.h"
#include "stamp.h"
#include "watch.h"

static enum outcome stamp_all(struct stamping *stamping, virConnectPtr connection)
{
	enum outcome outcome = DONE;
	virDomainPtr *domains;
	int num, i;

	num = virConnectListAllDomains(connection, &domains, 0);
	if (num < 0)
		return failed(0, "the domains of libvirt could not be listed: %s",
			      virGetLastErrorMessage());
	for (i = 0; i < num; i++) {
		if (stamp_domain(stamping, domains[i]) != DONE)
			outcome = FAILED;
		virDomainFree(domains[i]);
	}
	free(domains);
	return outcome;
}

static enum outcome stamp_operands(struct stamping *stamping, virConnectPtr connection)
{
	const struct settings *settings = stamping->settings;
	enum outcome outcome = DONE;
	virDomainPtr domain;
	size_t i;

	for (i = 0; i < settings->num_operands; i++) {
		domain = find_domain(connection, settings->operands[i]);
		if (!domain || stamp_domain(stamping, domain) != DONE)
			outcome = FAILED;
		if (domain)
			virDomainFree(domain);
	}
	return outcome;
}

static enum outcome stamp_once(struct stamping *stamping)
{
	virConnectPtr connection = open_libvirt(stamping->settings, false);
	enum outcome outcome;

	if (!connection)
		return not_connected(stamping->settings);
	outcome = check_host(connection, stamping->settings);
	if (outcome == DONE && !own_uuid(connection, &stamping->host_uuid))
		outcome = failed(0, "libvirt did not return the UUID of this host: %s",
				 virGetLastErrorMessage());
	if (outcome == DONE && stamping->settings->num_operands)
		outcome = stamp_operands(stamping, connection);
	else if (outcome == DONE)
		outcome = stamp_all(stamping, connection);
	virConnectClose(connection);
	return outcome;
}

/* check_selection - check that the command line selects domains in one way */
static enum outcome check_selection(const struct settings *settings)
{
	unsigned int all = settings->given & (OPTION_ALL | OPTION_WATCH);

	if (all == (OPTION_ALL | OPTION_WATCH))
		return misused("stamp: --all or --watch was expected, and not both");
	if (all && settings->num_operands)
		return misused("stamp: %s: no domain was expected with %s", *settings->operands,
			       all == OPTION_ALL ? "--all" : "--watch");
	if (!all && !settings->num_operands)
		return misused("stamp: a domain, --all or --watch was expected");
	return DONE;
}

enum exit_status run_stamp(const struct settings *settings)
{
	struct stamping stamping = {
		.settings = settings,
		.may_be_gone = !settings->num_operands,
		.late = { .fd = -1 },
	};
	enum outcome outcome = check_selection(settings);

	if (outcome == DONE)
		outcome = check_uri(settings);
	if (outcome != DONE)
		return outcome_status(outcome);
	stamping.host = open_host(settings, ASK_TIMEOUT_MS);
	if (!stamping.host)
		return outcome_status(FAILED);
	if (settings->given & OPTION_WATCH)
		outcome = watch_domains(&stamping);
	else
		outcome = stamp_once(&stamping);
	mdev_precheck_free(stamping.host);
	free(stamping.host_uuid);
	return outcome_status(outcome);
}
