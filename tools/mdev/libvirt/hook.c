// SPDX-License-Identifier: GPL-2.0-only
/*
 * libvirt's hook on the target: may a domain with mediated devices come here?
 *
 * libvirt calls it as HOOK DOMAIN OPERATION SUBOPERATION EXTRA, with the domain's XML
 * on standard input.  At "migrate begin" libvirt has not created anything yet, and if
 * the hook fails the domain runs on where it is.  libvirt then shows standard error to the
 * administrator who wanted to migrate.  Standard output would replace the XML, and a
 * call to libvirt would wait for itself.
 */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "clock.h"
#include "domain.h"
#include "host.h"
#include "policy.h"
#include "report.h"

/* libvirt does not send a longer string: VIR_NET_MESSAGE_STRING_MAX */
#define DOMAIN_MAX	(4 * 1024 * 1024)

/* libvirt has all of the XML when it calls the hook, and waits for the hook for ever */
#define DOMAIN_MS	10000

/* The exit statuses of both verdicts for the entry, see entry.sh.in */
#define ENTRY_COMPATIBLE	100
#define ENTRY_INCOMPATIBLE	101

/* Advice about a device that is missing, and about its stamp */
static const char create_device[] = "create it here with the source's type";
static const char stamp_there[] =
	"the domain does not have the source's version: stamp it there: mdev-precheck stamp";

/* read_domain - all of standard input, allocated; NULL after a message */
static char *read_domain(size_t *len)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	long long deadline = now_ms() + DOMAIN_MS;
	char *text = allocate(DOMAIN_MAX + 1);
	int error = 0;
	ssize_t count;

	*len = 0;
	while (!error) {
		long long left = deadline - now_ms();

		count = poll(&input, 1, left < 0 ? 0 : (int)left);
		if (!count)
			error = ETIMEDOUT;
		if (count > 0)
			count = read(STDIN_FILENO, text + *len, DOMAIN_MAX + 1 - *len);
		if (count < 0 && errno != EINTR)
			error = errno;
		if (count > 0)
			*len += count;
		if (*len > DOMAIN_MAX)
			error = EFBIG;
		if (!count)
			break;
	}
	if (!error)
		return text;
	failed(error, "reading the domain");
	free(text);
	return NULL;
}

/* let_pass - without a verdict, and log it */
static enum exit_status let_pass(const char *domain, const char *what)
{
	char *text = format_text("domain %s: allowed all the same: %s", domain, what);
	char *safe = escaped(text);

	complain("%s", text);
	syslog(LOG_WARNING, "%s", safe);
	free(safe);
	free(text);
	return STATUS_COMPATIBLE;
}

/* refuse - with @status, unless the policy allows it all the same; @what is freed */
static enum exit_status refuse(enum exit_status status, bool allow, const char *domain,
			       char *what)
{
	if (allow)
		status = let_pass(domain, what);
	else
		complain("%s", what);
	free(what);
	return status;
}

/* own_version - the string of the target's type, or why there is none; allocated */
static char *own_version(struct mdev_precheck *host, const struct mdev_precheck_place *target)
{
	struct mdev_precheck_source *own = NULL;
	struct mdev_precheck_source unread = {
		.type = target->type,
		.state = MDEV_PRECHECK_SOURCE_UNKNOWN,
	};
	char *text;

	unread.error = -mdev_precheck_source_read(host, target, &own);
	text = shown_version(unread.error ? &unread : own);
	mdev_precheck_source_free(own);
	return text;
}

/* answer_text - the device, its type, both strings, and why; allocated */
static char *answer_text(struct mdev_precheck *host, const struct domain_device *device,
			 const struct mdev_precheck_place *target,
			 const struct mdev_precheck_answer *answer)
{
	char *source = shown_version(device->source);
	char *own = own_version(host, target);
	char *reason = explained_reason(answer);
	char *text;

	text = format_text("device %s, type %s, source's version %s, version of %s/%s here %s: %s",
			   device->uuid, device->source->type, source, target->parent,
			   target->type, own, reason);
	free(reason);
	free(source);
	free(own);
	return text;
}

/* ask_about_device - how the hook ends because of a device that is here and has a stamp */
static enum exit_status ask_about_device(struct mdev_precheck *host, const struct policy *policy,
					 const char *domain, const struct domain_device *device,
					 const struct mdev_precheck_place *target)
{
	struct mdev_precheck_answer *answer;
	enum exit_status status;
	bool no_attribute;
	int ret;

	ret = mdev_precheck_ask(host, device->source, target, &answer);
	if (ret)
		return outcome_status(failed(ret, "device %s", device->uuid));
	status = verdict_status(answer->verdict);
	if (status != STATUS_COMPATIBLE) {
		/* If there is an errno, the attribute exists */
		no_attribute = answer->verdict == MDEV_PRECHECK_INCOMPATIBLE && !answer->error &&
			       (answer->condition == MDEV_PRECHECK_SOURCE_VERSION ||
				answer->condition == MDEV_PRECHECK_TARGET_VERSION);
		status = refuse(status, no_attribute && policy->allow_no_attribute, domain,
				answer_text(host, device, target, answer));
	}
	mdev_precheck_answer_free(answer);
	return status;
}

/* check_device - how the hook ends because of a device */
static enum exit_status check_device(struct mdev_precheck *host, const struct policy *policy,
				     const char *domain, const struct domain_device *device)
{
	enum mdev_precheck_host_state state;
	struct mdev_precheck_place target;
	enum exit_status status;
	char *name;
	int ret;

	ret = mdev_precheck_find_device(host, device->uuid, &target);
	if (ret == -ENODEV) {
		state = mdev_precheck_host_state(host);
		return refuse(STATUS_NOT_ASKED, policy->allow_no_device, domain,
			      format_text("device %s: this host does not have it: %s", device->uuid,
					  state == MDEV_PRECHECK_HOST_READY ? create_device :
					  mdev_precheck_host_state_text(state)));
	}
	if (ret)
		return outcome_status(failed(ret, "device %s", device->uuid));
	if (!device->source) {
		name = shell_word(domain);
		status = refuse(STATUS_NOT_ASKED, policy->allow_no_stamp, domain,
				format_text("device %s, type %s here: %s %s", device->uuid,
					    target.type, stamp_there, name));
		free(name);
		return status;
	}
	return ask_about_device(host, policy, domain, device, &target);
}

/* check_devices - each that is refused has its line; a no comes before what was not asked */
static enum exit_status check_devices(struct mdev_precheck *host, const struct policy *policy,
				      const char *name, const struct domain *domain)
{
	enum exit_status status = STATUS_COMPATIBLE, each;
	size_t i;

	for (i = 0; i < domain->num; i++) {
		each = check_device(host, policy, name, &domain->devices[i]);
		if (each != STATUS_COMPATIBLE && status != STATUS_INCOMPATIBLE)
			status = each;
	}
	return status;
}

static const char *sysfs_name(const struct policy *policy)
{
	if (policy->fixture)
		return policy->fixture;
	return policy->sysfs ? policy->sysfs : "/sys";
}

static enum exit_status check_domain(const char *name, const struct domain *domain)
{
	struct settings settings = { .timeout = -1 };
	enum exit_status status = STATUS_NOT_ASKED;
	enum mdev_precheck_host_state state;
	struct mdev_precheck *host = NULL;
	struct policy policy;

	if (read_policy(SYSCONFDIR "/mdev-precheck/hook.conf", &policy) == DONE) {
		settings.sysfs = policy.sysfs;
		settings.fixture = policy.fixture;
		host = open_host(&settings, ASK_TIMEOUT_MS);
	}
	if (host) {
		state = mdev_precheck_host_state(host);
		if (shows_parents(state))
			status = check_devices(host, &policy, name, domain);
		else
			complain("domain %s: the drivers of this host could not be asked: %s: %s",
				 name, sysfs_name(&policy), mdev_precheck_host_state_text(state));
	}
	mdev_precheck_free(host);
	policy_free(&policy);
	return status;
}

static enum exit_status check_migration(const char *name)
{
	enum exit_status status = STATUS_NOT_ASKED;
	struct domain domain = {};
	char *text, *wrong;
	size_t len;

	text = read_domain(&len);
	if (!text)
		return status;
	wrong = parse_domain(text, len, &domain);
	if (wrong || domain.wrong_stamp)
		complain("domain %s: %s", name, wrong ? wrong : domain.wrong_stamp);
	else
		status = domain.num ? check_domain(name, &domain) : STATUS_COMPATIBLE;
	free(wrong);
	free(text);
	domain_free(&domain);
	return status;
}

/*
 * entry_status - the exit status for the entry
 *
 * A checker that the loader refuses can end with 1, and an empty file in its place with 0.
 */
static int entry_status(enum exit_status status)
{
	switch (status) {
	case STATUS_COMPATIBLE:
		return ENTRY_COMPATIBLE;
	case STATUS_INCOMPATIBLE:
		return ENTRY_INCOMPATIBLE;
	default:
		return status;
	}
}

int main(int argc, char **argv)
{
	enum exit_status status = STATUS_COMPATIBLE;

	if (argc >= 4 && !strcmp(argv[2], "migrate") && !strcmp(argv[3], "begin")) {
		openlog("mdev-precheck-hook", LOG_PID, LOG_DAEMON);
		status = check_migration(argv[1]);
	}
	/* It comes after libvirt's arguments, because a domain can have any name */
	if (argc == 6 && !strcmp(argv[5], "--entry"))
		return entry_status(status);
	return status;
}
