// SPDX-License-Identifier: GPL-2.0-only
/*
 * libvirt's hook on the target: may a domain with mediated devices come here?
 *
 * libvirt calls it as HOOK DOMAIN OPERATION SUBOPERATION EXTRA, with the domain's XML
 * on standard input.  At "migrate begin" nothing has been made yet, and if the hook
 * fails the domain runs on where it is.  What is on standard error then is what the
 * administrator sees who wanted to migrate.  Standard output would replace the XML, and
 * a call to libvirt would wait for itself.
 */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "domain.h"
#include "host.h"
#include "policy.h"

/* libvirt sends no string that is longer: VIR_NET_MESSAGE_STRING_MAX */
#define DOMAIN_MAX	(4 * 1024 * 1024)

/* libvirt has the whole of it when it calls, and waits for the hook for ever */
#define DOMAIN_MS	10000

/* The exit statuses of both verdicts for the entry, see entry.sh.in */
#define ENTRY_COMPATIBLE	100
#define ENTRY_INCOMPATIBLE	101

/* What is missing, and how to mend it */
static const char no_device[] =
	"this host does not have it: create it here with the source's type";
static const char no_stamp[] =
	"the domain does not have the source's version: stamp it there: mdev-precheck stamp";

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

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
	not_done(error, "reading the domain");
	free(text);
	return NULL;
}

/* let_pass - without a verdict, and say so where it is found later */
static enum status let_pass(const char *domain, const char *what)
{
	char *text = format_text("domain %s: allowed all the same: %s", domain, what);
	char *safe = escaped(text);

	complain("%s", text);
	syslog(LOG_WARNING, "%s", safe);
	free(safe);
	free(text);
	return STATUS_COMPATIBLE;
}

/* refused - with @status, unless the policy allows it all the same; @what is freed */
static enum status refused(enum status status, bool allow, const char *domain, char *what)
{
	if (allow)
		status = let_pass(domain, what);
	else
		complain("%s", what);
	free(what);
	return status;
}

/* answer_text - the device, its type, both strings, and why; allocated */
static char *answer_text(struct mdev_precheck *host, const struct domain_device *device,
			 const struct mdev_precheck_place *target,
			 const struct mdev_precheck_answer *answer)
{
	struct mdev_precheck_version version = {};
	char *source = shown_version(&device->version);
	char *own, *text, *longer;
	size_t i;
	int ret;

	ret = mdev_precheck_read_version(host, target, &version);
	if (ret) {
		version.state = MDEV_PRECHECK_VERSION_UNKNOWN;
		version.error = -ret;
	}
	own = shown_version(&version);
	text = format_text("device %s, type %s, source's version %s, version of %s/%s here %s: %s",
			   device->uuid, device->type, source, target->parent,
			   target->type, own, answer->reason);
	for (i = 0; i < answer->num_log; i++) {
		longer = format_text("%s; kernel: %s", text, answer->log[i]);
		free(text);
		text = longer;
	}
	free(source);
	free(own);
	return text;
}

static enum status check_device(struct mdev_precheck *host, const struct policy *policy,
				const char *domain, const struct domain_device *device)
{
	struct mdev_precheck_answer *answer;
	struct mdev_precheck_place target;
	enum status status;
	bool no_attribute;
	char *name;
	int ret;

	ret = mdev_precheck_find_device(host, device->uuid, &target);
	if (ret == -ENODEV)
		return refused(STATUS_NOT_ASKED, policy->allow_no_device, domain,
			       format_text("device %s: %s", device->uuid, no_device));
	if (ret)
		return not_done(ret, "device %s", device->uuid);
	if (!device->stamped) {
		name = shell_word(domain);
		status = refused(STATUS_NOT_ASKED, policy->allow_no_stamp, domain,
				 format_text("device %s, type %s here: %s %s", device->uuid,
					     target.type, no_stamp, name));
		free(name);
		return status;
	}

	ret = mdev_precheck_ask(host, device->type, &device->version, &target, &answer);
	if (ret)
		return not_done(ret, "device %s", device->uuid);
	status = (enum status)answer->verdict;
	if (status) {
		/* With an errno it is there, and cannot be read or written */
		no_attribute = !answer->error &&
			       (answer->condition == MDEV_PRECHECK_SOURCE_VERSION ||
				answer->condition == MDEV_PRECHECK_TARGET_VERSION);
		status = refused(status, no_attribute && policy->allow_no_attribute, domain,
				 answer_text(host, device, &target, answer));
	}
	mdev_precheck_answer_free(answer);
	return status;
}

static enum status check_domain(const char *name, const struct domain *domain)
{
	struct settings settings = { .timeout = -1 };
	enum status status = STATUS_COMPATIBLE, each;
	struct mdev_precheck *host;
	struct policy policy;
	size_t i;

	if (read_policy(SYSCONFDIR "/mdev-precheck/hook.conf", &policy)) {
		policy_free(&policy);
		return STATUS_NOT_ASKED;
	}
	settings.sysfs = policy.sysfs;
	host = open_host(&settings, ASK_TIMEOUT_MS);
	if (!host)
		status = STATUS_NOT_ASKED;
	/* Each that is refused has its line */
	for (i = 0; host && i < domain->num; i++) {
		each = check_device(host, &policy, name, &domain->devices[i]);
		if (each)
			status = each;
	}
	mdev_precheck_free(host);
	policy_free(&policy);
	return status;
}

static enum status check_migration(const char *name)
{
	enum status status = STATUS_NOT_ASKED;
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
static int entry_status(enum status status)
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
	enum status status = STATUS_COMPATIBLE;

	if (argc >= 4 && !strcmp(argv[2], "migrate") && !strcmp(argv[3], "begin")) {
		openlog("mdev-precheck-hook", LOG_PID, LOG_DAEMON);
		status = check_migration(argv[1]);
	}
	/* It comes after libvirt's arguments, because a domain can have any name */
	if (argc == 6 && !strcmp(argv[5], "--entry"))
		return entry_status(status);
	return status;
}
