// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck domain: would a target take the devices of a libvirt domain? */

#include <stdlib.h>
#include <string.h>
#include <libxml/uri.h>

#include "ask.h"
#include "connection.h"
#include "domain.h"
#include "host.h"
#include "remote.h"
#include "report.h"

/**
 * struct target - the host that is asked
 * @settings: the command line, with what the URI says to ssh
 * @uri: what was parsed of it, or NULL
 * @host: as ssh takes it, allocated
 * @port: of the URI, as text
 */
struct target {
	struct settings settings;
	xmlURI *uri;
	char *host;
	char port[12];
};

/* has_transport - is it SCHEME+TRANSPORT? */
static bool has_transport(const xmlURI *uri, const char *transport)
{
	const char *plus = uri->scheme ? strchr(uri->scheme, '+') : NULL;

	return plus && !strcmp(plus + 1, transport);
}

/* server_of - allocated, and without the brackets of an IPv6 address */
static char *server_of(const xmlURI *uri)
{
	const char *server = uri->server ? uri->server : "";
	size_t len = strlen(server);

	if (len >= 2 && *server == '[' && server[len - 1] == ']')
		return format_text("%.*s", (int)(len - 2), server + 1);
	return duplicate(server);
}

/* parse_target - a host as it is, or that of libvirt's URI; STATUS_USAGE after a message */
static enum status parse_target(const struct settings *settings, struct target *target)
{
	const char *text = *settings->to.items;
	const struct list *ssh = &settings->ssh;
	struct list *options = &target->settings.ssh;
	size_t i;

	target->settings = *settings;
	memset(options, 0, sizeof(*options));
	/* ssh takes the first of two: what was given goes before what the URI says */
	for (i = 0; i < ssh->num; i++)
		list_add(options, ssh->items[i]);
	/* ssh has URIs of its own */
	if (!strstr(text, "://") || !strncmp(text, "ssh://", 6)) {
		target->host = duplicate(text);
		return STATUS_COMPATIBLE;
	}

	target->uri = xmlParseURI(text);
	target->host = target->uri ? server_of(target->uri) : NULL;
	/* ssh would take it for an option of its own */
	if (!target->host || !*target->host || *target->host == '-' ||
	    (target->uri->user && *target->uri->user == '-'))
		return usage_error("--to %s: a host, or libvirt's URI of one, was expected",
				   text);
	if (target->uri->user) {
		list_add(options, "-l");
		list_add(options, target->uri->user);
	}
	/* Another port is not ssh's */
	if (target->uri->port > 0 &&
	    (has_transport(target->uri, "ssh") || has_transport(target->uri, "libssh") ||
	     has_transport(target->uri, "libssh2"))) {
		snprintf(target->port, sizeof(target->port), "%d", target->uri->port);
		list_add(options, "-p");
		list_add(options, target->port);
	}
	return STATUS_COMPATIBLE;
}

static void target_free(struct target *target)
{
	free(target->settings.ssh.items);
	free(target->host);
	xmlFreeURI(target->uri);
}

/**
 * struct question - a domain and what the target says
 * @settings: the command line
 * @target: whom to ask
 * @host: this host
 * @name: of the domain
 * @sources: its devices, in their order
 * @verdicts: about them
 */
struct question {
	const struct settings *settings;
	const struct target *target;
	struct mdev_precheck *host;
	const char *name;
	struct sources sources;
	struct verdicts verdicts;
};

static bool same_version(const struct mdev_precheck_version *one,
			 const struct mdev_precheck_version *other)
{
	return one->state == other->state && one->error == other->error &&
	       !strcmp(one->text, other->text);
}

/* check_stamp - it is what the target's hook will ask about */
static void check_stamp(const struct question *question, const struct domain *domain,
			const struct domain_device *device,
			const struct mdev_precheck_place *place,
			const struct mdev_precheck_version *version)
{
	const char *wrong = NULL;
	char *name;

	if (domain->wrong_stamp)
		wrong = domain->wrong_stamp;
	else if (!device->stamped)
		wrong = "it has no stamp, which a hook on the target goes by";
	else if (strcmp(device->type, place->type) || !same_version(&device->version, version))
		wrong = "its stamp, which a hook on the target goes by, is not what this host has";
	if (!wrong)
		return;
	name = shell_word(question->name);
	complain("domain %s: device %s: %s: mdev-precheck stamp %s", question->name,
		 device->uuid, wrong, name);
	free(name);
}

/* not_asked - a verdict on a device that has none */
static void not_asked(struct question *question)
{
	struct verdict *verdict = add_verdict(&question->verdicts);

	verdict->host = duplicate(question->target->host);
	verdict->type = duplicate(question->sources.items[question->sources.num - 1].type);
	verdict->verdict = MDEV_PRECHECK_NOT_ASKED;
	verdict->condition = MDEV_PRECHECK_SAME_TYPE;
	verdict->reason = duplicate("the target could not be asked, or does not have the device");
}

static void print_answers(const struct question *question, const char *uuid, size_t first)
{
	const struct verdicts *verdicts = &question->verdicts;
	size_t i;

	for (i = first; i < verdicts->num && question->settings->verbosity >= 0 &&
	     !(question->settings->given & OPTION_JSON); i++) {
		printf("device %s: ", uuid);
		print_verdict(&verdicts->items[i],
			      &question->sources.items[verdicts->items[i].source]);
	}
}

/* ask_device - about one, the target's of the same UUID; a status after a message */
static enum status ask_device(struct question *question, const struct domain *domain,
			      const struct domain_device *device)
{
	struct mdev_precheck_version version = {};
	struct mdev_precheck_place place;
	struct verdicts *verdicts = &question->verdicts;
	size_t first = verdicts->num, i;
	struct sources one;
	int ret;

	ret = mdev_precheck_find_device(question->host, device->uuid, &place);
	if (!ret)
		ret = mdev_precheck_read_version(question->host, &place, &version);
	if (ret)
		return no_device(question->name, device->uuid, ret, "");
	check_stamp(question, domain, device, &place, &version);

	add_local_source(&question->sources, &place, &version);
	one.items = &question->sources.items[question->sources.num - 1];
	one.num = 1;
	if (ask_remote(&question->target->settings, question->target->host, &one,
		       device->uuid, verdicts))
		not_asked(question);
	for (i = first; i < verdicts->num; i++)
		verdicts->items[i].source = question->sources.num - 1;
	print_answers(question, device->uuid, first);
	return STATUS_COMPATIBLE;
}

static const char *overall_name(enum mdev_precheck_verdict verdict)
{
	return verdict == MDEV_PRECHECK_NOT_ASKED ? "could not be asked" :
						    verdict_name(verdict);
}

static enum status ask_devices(struct question *question, const struct domain *domain)
{
	const struct settings *settings = question->settings;
	enum status status = STATUS_COMPATIBLE;
	enum mdev_precheck_verdict result;
	size_t i;

	for (i = 0; i < domain->num; i++) {
		if (ask_device(question, domain, &domain->devices[i]))
			status = STATUS_NOT_ASKED;
	}
	/* One without an answer is no yes, and a no is one all the same */
	result = overall(&question->sources, &question->verdicts);
	if (!result)
		result = (enum mdev_precheck_verdict)status;

	if (settings->given & OPTION_JSON) {
		write_verdicts(stdout, &question->sources, &question->verdicts, result);
	} else if (settings->verbosity >= 0) {
		printf("domain ");
		write_escaped(stdout, question->name);
		printf(": %s\n", domain->num ? overall_name(result) :
		       "it has no mediated device");
	}
	return (enum status)result;
}

static enum status ask_domain(struct question *question, virDomainPtr domain)
{
	enum status status = STATUS_NOT_ASKED;
	struct domain devices;
	char *text, *wrong;

	question->name = virDomainGetName(domain);
	text = virDomainGetXMLDesc(domain, 0);
	if (!text)
		return libvirt_error(question->name);
	wrong = parse_domain(text, strlen(text), &devices);
	if (wrong)
		complain("domain %s: %s", question->name, wrong);
	else
		status = ask_devices(question, &devices);
	free(wrong);
	free(text);
	domain_free(&devices);
	return status;
}

static enum status ask_target(const struct settings *settings, const struct target *target)
{
	struct question question = {
		.settings = settings,
		.target = target,
	};
	enum status status = STATUS_NOT_ASKED;
	virConnectPtr connection;
	virDomainPtr domain;

	question.host = open_host(settings, ASK_TIMEOUT_MS);
	if (!question.host)
		return status;
	connection = open_libvirt(settings, true);
	if (connection) {
		domain = find_domain(connection, *settings->operands);
		if (domain) {
			status = ask_domain(&question, domain);
			virDomainFree(domain);
		}
		virConnectClose(connection);
	} else {
		not_connected(settings);
	}
	sources_free(&question.sources);
	verdicts_free(&question.verdicts);
	mdev_precheck_free(question.host);
	return status;
}

enum status run_domain(const struct settings *settings)
{
	struct target target = {};
	enum status status;

	if (!settings->num_operands)
		return usage_error("domain: a domain was expected");
	if (settings->num_operands > 1)
		return usage_error("domain: %s: one domain was expected",
				   settings->operands[1]);
	if (settings->to.num != 1)
		return usage_error("domain: one --to was expected");
	status = parse_target(settings, &target);
	if (!status)
		status = ask_target(settings, &target);
	target_free(&target);
	return status;
}
