// SPDX-License-Identifier: GPL-2.0-only
/* mdev-precheck domain: would a target take the devices of a libvirt domain? */

#include <stdlib.h>
#include <string.h>
#include <libxml/uri.h>

#include "connection.h"
#include "document.h"
#include "domain.h"
#include "host.h"
#include "remote.h"
#include "report.h"

/* A source has to have a type, which can be unknown if the device is not on this host */
#define UNKNOWN_TYPE	"?"

/**
 * struct domain_target - the host that is asked
 * @settings: the command line, with @host alone and the options of ssh that the URI adds
 * @uri: the parsed URI, or NULL if --to has a host
 * @host: the host for ssh, allocated
 * @port: the port in the URI, as text
 */
struct domain_target {
	struct settings settings;
	xmlURI *uri;
	char *host;
	char port[12];
};

/* has_transport - is the scheme of the URI SCHEME+TRANSPORT? */
static bool has_transport(const xmlURI *uri, const char *transport)
{
	const char *plus = uri->scheme ? strchr(uri->scheme, '+') : NULL;

	return plus && !strcmp(plus + 1, transport);
}

/* server_of - return the host without the brackets of an IPv6 address; allocated */
static char *server_of(const xmlURI *uri)
{
	const char *server = uri->server ? uri->server : "";
	size_t len = strlen(server);

	if (len >= 2 && *server == '[' && server[len - 1] == ']')
		return format_text("%.*s", (int)(len - 2), server + 1);
	return duplicate(server);
}

/* parse_target - take the host of --to, or of libvirt's URI there; MISUSED after a message */
static enum outcome parse_target(const struct settings *settings, struct domain_target *target)
{
	const char *text = *settings->to.items;
	const struct list *ssh = &settings->ssh;
	struct list *options = &target->settings.ssh;
	size_t i;

	target->settings = *settings;
	memset(options, 0, sizeof(*options));
	memset(&target->settings.to, 0, sizeof(target->settings.to));
	/* ssh takes the first of two values: the command line goes before the URI */
	for (i = 0; i < ssh->num; i++)
		list_add(options, ssh->items[i]);
	/* ssh has URIs of its own */
	if (!strstr(text, "://") || !strncmp(text, "ssh://", 6)) {
		target->host = duplicate(text);
		return DONE;
	}

	target->uri = xmlParseURI(text);
	target->host = target->uri ? server_of(target->uri) : NULL;
	/* ssh would take a name with a dash for an option of its own */
	if (!target->host || !*target->host || *target->host == '-' ||
	    (target->uri->user && *target->uri->user == '-'))
		return misused("--to %s: a host, or libvirt's URI of one, was expected", text);
	if (target->uri->user) {
		list_add(options, "-l");
		list_add(options, target->uri->user);
	}
	/* A port of another transport is not the port of ssh */
	if (target->uri->port > 0 &&
	    (has_transport(target->uri, "ssh") || has_transport(target->uri, "libssh") ||
	     has_transport(target->uri, "libssh2"))) {
		snprintf(target->port, sizeof(target->port), "%d", target->uri->port);
		list_add(options, "-p");
		list_add(options, target->port);
	}
	return DONE;
}

static void target_free(struct domain_target *target)
{
	free(target->settings.to.items);
	free(target->settings.ssh.items);
	free(target->host);
	xmlFreeURI(target->uri);
}

/**
 * struct domain_question - a domain, and the answers of the target
 * @settings: the command line
 * @target: the host that is asked
 * @host: this host
 * @name: the name of the domain
 * @domain: its devices and stamps
 * @sources: the types and versions of its devices, in the order of the XML
 * @answers: the answers about @sources
 */
struct domain_question {
	const struct settings *settings;
	const struct domain_target *target;
	struct mdev_precheck *host;
	const char *name;
	struct domain domain;
	struct sources sources;
	struct answers answers;
};

/*
 * stamp_again - print a fault of stamps, and the cure
 *
 * The cure has the domain's UUID, because a name can look like the UUID of another domain.
 */
static void stamp_again(const struct domain_question *question, const char *wrong)
{
	complain("domain %s: %s: mdev-precheck stamp %s", question->name, wrong,
		 question->domain.uuid);
}

/* no_stamp_text - describe a missing stamp, and name the stamps of other devices; allocated */
static char *no_stamp_text(const struct domain *domain)
{
	static const char text[] = "it does not have a stamp, which a hook on the target needs";
	char *stamps, *all;

	if (!domain->num_stamps)
		return duplicate(text);
	stamps = stamps_text(domain);
	all = format_text("%s; the domain has stamps of: %s", text, stamps);
	free(stamps);
	return all;
}

/*
 * check_stamp - print a message if the target's hook would ask about another version
 *
 * A source that could not be read now does not count as different from a stamp.
 */
static void check_stamp(const struct domain_question *question,
			const struct guest_device *device,
			const struct mdev_precheck_source *source)
{
	static const char differs[] =
		"its stamp, which a hook on the target reads, differs from its type or version now";
	const struct stamp *stamp = find_stamp(&question->domain, device, source->type);
	char *wrong = NULL, *text;

	if (!stamp)
		wrong = no_stamp_text(&question->domain);
	else if (stamp->wrong)
		wrong = format_text("its stamp, which a hook on the target reads, is wrong: %s",
				    stamp->wrong);
	else if (source->state != MDEV_PRECHECK_SOURCE_UNKNOWN &&
		 compare_sources(stamp->source, source))
		wrong = duplicate(differs);
	if (!wrong)
		return;
	text = format_text("device %s: %s", device->uuid, wrong);
	stamp_again(question, text);
	free(text);
	free(wrong);
}

static void print_answers(const struct domain_question *question, const char *uuid,
			  size_t first)
{
	const struct answers *answers = &question->answers;
	size_t i;

	for (i = first; i < answers->num && question->settings->verbosity >= 0 &&
	     !(question->settings->given & OPTION_JSON); i++) {
		printf("device %s: ", uuid);
		print_answer(question->sources.items[answers->items[i].source],
			     answers->items[i].answer);
	}
}

/* add_unread_device - add the answer "not asked" for a device that could not be read */
static void add_unread_device(struct domain_question *question,
			      const struct guest_device *device, int error)
{
	const struct stamp *stamp = find_stamp(&question->domain, device, NULL);
	struct mdev_precheck_source source = {
		.type = stamp && stamp->source ? stamp->source->type : UNKNOWN_TYPE,
		.state = MDEV_PRECHECK_SOURCE_UNKNOWN,
		.error = -error,
	};
	char *reason = unread_reason(question->host, error);
	char *text = format_text("device %s: %s", device->uuid, reason);

	complain("domain %s: %s", question->name, text);
	answers_add_not_asked(&question->answers, question->sources.num,
			      question->target->host, NULL, source.type, -error, text);
	sources_copy(&question->sources, &source, NULL);
	free(text);
	free(reason);
}

/* ask_device - ask about the target's device of the same UUID */
static void ask_device(struct domain_question *question, const struct guest_device *device)
{
	const struct domain_target *target = question->target;
	struct answers *answers = &question->answers;
	size_t number = question->sources.num, first = answers->num, i;
	struct mdev_precheck_source *source;
	struct mdev_precheck_place place;
	struct sources one = { .items = &source, .num = 1 };
	struct remotes remotes;
	int ret;

	ret = mdev_precheck_find_device(question->host, device->uuid, &place);
	if (!ret)
		ret = mdev_precheck_source_read(question->host, &place, &source);
	if (ret) {
		add_unread_device(question, device, ret);
		return;
	}
	check_stamp(question, device, source);
	sources_add(&question->sources, source, NULL);
	remotes_begin(&remotes, &target->settings);
	if (remotes_ask(&remotes, &one, device->uuid) == DONE)
		remotes_answers(&remotes, &one, answers);
	else
		answers_add_not_asked(answers, 0, target->host, NULL, source->type, 0,
				      "the target's mdev-precheck does not take the UUID of a device");
	remotes_end(&remotes);
	for (i = first; i < answers->num; i++)
		answers->items[i].source = number;
	print_answers(question, device->uuid, first);
}

/* report_unasked - print the devices of the domain that no driver is asked about */
static void report_unasked(const struct domain_question *question)
{
	unsigned int number = 0;
	char *text;

	while ((text = unasked_text(&question->domain, number++))) {
		complain("domain %s: %s", question->name, text);
		free(text);
	}
}

static bool has_vfio_device(const struct domain *domain)
{
	return domain->num || domain->num_pci || domain->num_command_line;
}

static const char *overall_name(const struct domain *domain, enum mdev_precheck_verdict verdict)
{
	if (!has_vfio_device(domain))
		return "it does not have a VFIO device";
	return verdict == MDEV_PRECHECK_NOT_ASKED ? "could not be asked" :
						    mdev_precheck_verdict_name(verdict);
}

/* ask_devices - ask about all devices, and return the exit status */
static enum exit_status ask_devices(struct domain_question *question)
{
	const struct settings *settings = question->settings;
	const struct domain *domain = &question->domain;
	enum mdev_precheck_verdict verdict;
	size_t i;

	for (i = 0; i < domain->num; i++)
		ask_device(question, &domain->devices[i]);
	report_unasked(question);
	verdict = overall(&question->sources, &question->answers, false);

	if (settings->given & OPTION_JSON) {
		write_answers(stdout, &question->sources, NULL, &question->answers, verdict);
	} else if (settings->verbosity >= 0) {
		printf("domain ");
		write_escaped(stdout, question->name);
		printf(": %s\n", overall_name(domain, verdict));
	}
	/* Nothing keeps a domain without VFIO devices here */
	return has_vfio_device(domain) ? verdict_status(verdict) : outcome_status(DONE);
}

static enum exit_status ask_domain(struct domain_question *question, virDomainPtr domain)
{
	static const char configuration[] =
		"it runs with its configuration's stamp, so that a hook on the target only warns";
	enum exit_status status;
	char *text, *wrong;

	question->name = virDomainGetName(domain);
	text = virDomainGetXMLDesc(domain, 0);
	if (!text)
		return outcome_status(libvirt_error(question->name));
	wrong = parse_domain(text, strlen(text), &question->domain);
	if (wrong) {
		status = outcome_status(failed(0, "domain %s: %s", question->name, wrong));
	} else {
		/* The domain was started after it was stamped; see mdev-precheck(8) */
		if (question->domain.shut_off && virDomainIsActive(domain) == 1)
			stamp_again(question, configuration);
		status = ask_devices(question);
	}
	free(wrong);
	free(text);
	return status;
}

/* ask_libvirt - find the domain, and ask; libvirt has to be on this host, as the devices are */
static enum exit_status ask_libvirt(struct domain_question *question, virConnectPtr connection)
{
	const struct settings *settings = question->settings;
	enum outcome outcome = check_host(connection, settings);
	enum exit_status status;
	virDomainPtr domain;

	if (outcome != DONE)
		return outcome_status(outcome);
	domain = find_domain(connection, *settings->operands);
	if (!domain)
		return outcome_status(FAILED);
	status = ask_domain(question, domain);
	virDomainFree(domain);
	return status;
}

static enum exit_status ask_about_domain(const struct settings *settings,
					 const struct domain_target *target)
{
	struct domain_question question = {
		.settings = settings,
		.target = target,
	};
	enum exit_status status;
	virConnectPtr connection;

	question.host = open_host(settings, ASK_TIMEOUT_MS);
	if (!question.host)
		return outcome_status(FAILED);
	connection = open_libvirt(settings, true);
	if (connection) {
		status = ask_libvirt(&question, connection);
		virConnectClose(connection);
	} else {
		status = outcome_status(not_connected(settings));
	}
	domain_free(&question.domain);
	sources_free(&question.sources);
	answers_free(&question.answers);
	mdev_precheck_free(question.host);
	return status;
}

static enum outcome check_domain_operands(const struct settings *settings)
{
	if (!settings->num_operands)
		return misused("domain: a domain was expected");
	if (settings->num_operands > 1)
		return misused("domain: %s: one domain was expected", settings->operands[1]);
	if (settings->to.num != 1)
		return misused("domain: one --to was expected");
	return DONE;
}

enum exit_status run_domain(const struct settings *settings)
{
	enum outcome outcome = check_domain_operands(settings);
	struct domain_target target = {};
	enum exit_status status;

	if (outcome == DONE)
		outcome = check_uri(settings);
	if (outcome == DONE)
		outcome = parse_target(settings, &target);
	if (outcome == DONE)
		list_add(&target.settings.to, target.host);
	status = outcome == DONE ? ask_about_domain(settings, &target) : outcome_status(outcome);
	target_free(&target);
	return status;
}
