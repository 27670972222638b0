// SPDX-License-Identifier: GPL-2.0-only
/*
 * libvirt's hook: may a domain with mediated devices come here, or be restored?
 *
 * libvirt calls it as HOOK DOMAIN OPERATION SUBOPERATION EXTRA, with the domain's XML on
 * standard input.  At "migrate begin" libvirt did not create anything yet, and if the hook
 * fails, the domain runs on where it is.  At "restore begin" the XML comes from the saved
 * image, and if the hook fails, the domain stays off.
 *
 * libvirt prints standard error if the hook fails, and drops it if the hook succeeds.  Output
 * on standard output would replace the XML, and a call to libvirt would wait for itself.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "ask-device.h"
#include "clock.h"
#include "host.h"

/* libvirt does not send a longer string: VIR_NET_MESSAGE_STRING_MAX */
#define DOMAIN_MAX	(4 * 1024 * 1024)

/* libvirt has all of the XML when it calls the hook, and waits for the hook for ever */
#define DOMAIN_MS	10000

/* The entry ends the checker after 25 seconds, and the answers of drivers are lost then */
#define CHECK_MS	20000

/* The directory of the QEMU driver of the system's libvirt */
#define MANAGED_IMAGES	LOCALSTATEDIR "/lib/libvirt/qemu/save"

/* The time for all lines to the system's log */
#define LOG_S		2

/* The exit statuses of both verdicts for the entry, see entry.sh.in */
#define ENTRY_COMPATIBLE	100
#define ENTRY_INCOMPATIBLE	101

/* read_domain - read all of standard input; allocated, NULL after a message */
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
	failed(error, "the domain could not be read");
	free(text);
	return NULL;
}

/* check_devices - print a line for each refused device; a no outweighs "not asked" */
static enum exit_status check_devices(const struct asking *asking)
{
	enum exit_status status = STATUS_COMPATIBLE, each;
	size_t i;

	for (i = 0; i < asking->domain->num; i++) {
		each = check_device(asking, &asking->domain->devices[i]);
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

/* ask_drivers - ask about the domain's devices, and return the status for all of them */
static enum exit_status ask_drivers(struct asking *asking)
{
	const struct policy *policy = asking->policy;
	struct settings settings = {
		.sysfs = policy->sysfs,
		.fixture = policy->fixture,
		.timeout = -1,
	};
	enum mdev_precheck_host_state state;
	enum exit_status status;

	asking->host = open_host(&settings, ASK_TIMEOUT_MS);
	if (!asking->host)
		return STATUS_NOT_ASKED;
	state = mdev_precheck_host_state(asking->host);
	if (shows_parents(state))
		status = check_devices(asking);
	else
		status = refuse(asking, STATUS_NOT_ASKED, false,
				format_text("the drivers of this host could not be asked: %s: %s",
					    sysfs_name(policy),
					    mdev_precheck_host_state_text(state)));
	mdev_precheck_free(asking->host);
	return status;
}

/* warn_about_unasked - warn about devices that a yes does not cover, if their state moves */
static void warn_about_unasked(const char *name, const struct domain *domain)
{
	unsigned int i;
	char *what;

	for (i = 0; !domain->shut_off && (what = unasked_text(domain, i)); i++) {
		warn_about(name, what);
		free(what);
	}
}

/*
 * has_managed_image - look for an image of "virsh managedsave"
 *
 * If a hook refuses to restore such an image, libvirt 11.3 goes on as after a success: it ends
 * the start without an error, removes the image, and the state of the guest is lost.  If QEMU
 * refuses the state, libvirt keeps the image.  A hook does not get the name of the image.
 */
static bool has_managed_image(const char *name)
{
	char *path = format_text("%s/%s.save", MANAGED_IMAGES, name);
	bool may_have = !access(path, F_OK) || errno != ENOENT;

	free(path);
	return may_have;
}

/* check_domain - check the domain on standard input until @deadline */
static enum exit_status check_domain(const char *name, bool restore, long long deadline)
{
	enum exit_status status = STATUS_NOT_ASKED;
	struct policy policy = {};
	struct domain domain = {};
	struct asking asking = {
		.policy = &policy,
		.domain = &domain,
		.name = name,
		.restore = restore,
		.managed = restore && has_managed_image(name),
		.deadline = deadline,
	};
	char *text, *wrong;
	size_t len;

	text = read_domain(&len);
	if (!text)
		return status;
	wrong = parse_domain(text, len, &domain);
	if (wrong)
		complain("domain %s: %s", name, wrong);
	else if (!domain.num)
		status = STATUS_COMPATIBLE;
	else if (read_policy(SYSCONFDIR "/mdev-precheck/hook.conf", &policy) == DONE)
		status = restore && policy.allow_restore ? STATUS_COMPATIBLE : ask_drivers(&asking);
	if (!wrong && !restore)
		warn_about_unasked(name, &domain);
	policy_free(&policy);
	free(wrong);
	free(text);
	domain_free(&domain);
	return status;
}

/*
 * entry_status - return the exit status for the entry
 *
 * The entry cannot trust 0 and 1: a checker that the loader refuses can end with 1, and an
 * empty file in its place with 0.
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

/* A handler of signals does not have an argument for the status */
static int final_status;

static void end_at_once(int signum)
{
	(void)signum;
	_exit(final_status);
}

/* log_and_end - send the lines for the log; a system log that hangs does not delay the verdict */
static int log_and_end(int status)
{
	final_status = status;
	signal(SIGALRM, end_at_once);
	alarm(LOG_S);
	openlog("mdev-precheck-hook", LOG_PID, LOG_DAEMON);
	send_log();
	return status;
}

int main(int argc, char **argv)
{
	bool begins = argc >= 4 && !strcmp(argv[3], "begin");
	bool restore = begins && !strcmp(argv[2], "restore");
	/* The option comes after libvirt's arguments, because a domain can have any name */
	bool entry = argc == 6 && !strcmp(argv[5], "--entry");
	enum exit_status status = STATUS_COMPATIBLE;

	if (restore || (begins && !strcmp(argv[2], "migrate"))) {
		/* libvirt drops the output if a restore passes: the log has the reason */
		log_complaints(restore);
		status = check_domain(argv[1], restore, now_ms() + CHECK_MS);
	}
	return log_and_end(entry ? entry_status(status) : (int)status);
}
