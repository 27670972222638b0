// SPDX-License-Identifier: GPL-2.0-only
/* The hook's questions about the mediated devices of a domain */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ask-device.h"
#include "host.h"
#include "report.h"

void warn_about(const char *name, const char *what)
{
	bool before = log_complaints(true);

	complain("domain %s: %s", name, what);
	log_complaints(before);
}

enum exit_status answer_status(const struct asking *asking,
			       const struct mdev_precheck_answer *answer)
{
	if (asking->restore && answer->verdict == MDEV_PRECHECK_INCOMPATIBLE &&
	    answer->condition != MDEV_PRECHECK_ACCEPTED)
		return STATUS_NOT_ASKED;
	return verdict_status(answer->verdict);
}

bool allows(const struct asking *asking, const struct mdev_precheck_answer *answer)
{
	/* If there is an errno, the attribute exists */
	return asking->policy->allow_no_attribute && !answer->error &&
	       answer->verdict == MDEV_PRECHECK_INCOMPATIBLE &&
	       (answer->condition == MDEV_PRECHECK_SOURCE_VERSION ||
		answer->condition == MDEV_PRECHECK_TARGET_VERSION);
}

/* reason_to_pass - return why the domain passes after any answer, or NULL */
static const char *reason_to_pass(const struct asking *asking)
{
	if (asking->managed)
		return "libvirt can lose the state of a managed save that a hook refuses: ";
	if (asking->domain->shut_off && !asking->restore)
		return "the domain is shut off, so that no state of a device moves: ";
	return NULL;
}

enum exit_status refuse(const struct asking *asking, enum exit_status status, bool allow,
			char *what)
{
	const char *reason = reason_to_pass(asking);
	char *text = format_text("allowed all the same: %s%s", reason ? reason : "", what);

	if (reason || allow)
		status = STATUS_COMPATIBLE;
	if (status == STATUS_COMPATIBLE || (asking->restore && status != STATUS_INCOMPATIBLE))
		warn_about(asking->name, text);
	else if (asking->restore)
		complain("domain %s: %s", asking->name, what);
	else
		complain("%s", what);
	free(text);
	free(what);
	return status;
}

void limit_question(const struct asking *asking)
{
	share_time(asking->host, asking->deadline, ASK_TIMEOUT_MS);
}

/* own_version - return the target's string, or the reason why it is missing; allocated */
static char *own_version(const struct asking *asking, const struct mdev_precheck_place *target)
{
	struct mdev_precheck_source *own = NULL;
	struct mdev_precheck_source unread = {
		.type = target->type,
		.state = MDEV_PRECHECK_SOURCE_UNKNOWN,
	};
	char *text;

	limit_question(asking);
	unread.error = -mdev_precheck_source_read(asking->host, target, &own);
	text = shown_version(unread.error ? &unread : own);
	mdev_precheck_source_free(own);
	return text;
}

/* answer_text - return a line with the device, its type, both strings and the reason; allocated */
static char *answer_text(const struct asking *asking, const struct guest_device *device,
			 const struct stamp *stamp, const struct mdev_precheck_place *target,
			 const struct mdev_precheck_answer *answer)
{
	bool renamed = strcmp(device->uuid, stamp->device.uuid);
	char *source = shown_version(stamp->source);
	char *own = own_version(asking, target);
	char *reason = explained_reason(answer);
	char *text;

	text = format_text("device %s%s%s, type %s, source's version %s, %s %s/%s here %s: %s",
			   device->uuid, renamed ? ", on the source " : "",
			   renamed ? stamp->device.uuid : "", stamp->source->type, source,
			   "version of", target->parent, target->type, own, reason);
	free(reason);
	free(source);
	free(own);
	return text;
}

/* refuse_error - refuse a device because a function of the library failed */
static enum exit_status refuse_error(const struct asking *asking,
				     const struct guest_device *device, int error)
{
	return refuse(asking, STATUS_NOT_ASKED, false,
		      format_text("device %s: %s", device->uuid, strerror(-error)));
}

/* refuse_wrong_stamp - refuse a stamp that contradicts itself; no policy allows it */
static enum exit_status refuse_wrong_stamp(const struct asking *asking,
					   const struct guest_device *device,
					   const struct stamp *stamp)
{
	return refuse(asking, STATUS_NOT_ASKED, false,
		      format_text("device %s: its stamp is wrong: %s", device->uuid, stamp->wrong));
}

/* ask_about_device - ask about a device that is here and has a stamp */
static enum exit_status ask_about_device(const struct asking *asking,
					 const struct guest_device *device,
					 const struct stamp *stamp,
					 const struct mdev_precheck_place *target)
{
	struct mdev_precheck_answer *answer;
	enum exit_status status;
	int ret;

	limit_question(asking);
	ret = mdev_precheck_ask(asking->host, stamp->source, target, &answer);
	if (ret)
		return refuse_error(asking, device, ret);
	status = answer_status(asking, answer);
	if (status != STATUS_COMPATIBLE)
		status = refuse(asking, status, allows(asking, answer),
				answer_text(asking, device, stamp, target, answer));
	mdev_precheck_answer_free(answer);
	return status;
}

/* refuse_without_stamp - refuse a device that is here, and whose stamp is missing */
static enum exit_status refuse_without_stamp(const struct asking *asking,
					     const struct guest_device *device, const char *type)
{
	const struct domain *domain = asking->domain;
	/* The source may have the domain under another name */
	char *name = shell_word(*domain->uuid ? domain->uuid : asking->name);
	char *others = stamps_text(domain);
	char *what;

	/* libvirt may cut the end of a message off, so the advice comes first */
	what = format_text("device %s, type %s here: the domain does not have %s: %s %s%s%s",
			   device->uuid, type, domain->num_stamps ? "a stamp that fits" :
			   "the source's version", "stamp it on the source: mdev-precheck stamp",
			   name, *others ? ": it has stamps of " : "", others);
	free(others);
	free(name);
	return refuse(asking, STATUS_NOT_ASKED, asking->policy->allow_no_stamp, what);
}

/* check_missing_device - return the status for a device that is not here */
static enum exit_status check_missing_device(const struct asking *asking,
					     const struct guest_device *device)
{
	enum mdev_precheck_host_state state = mdev_precheck_host_state(asking->host);
	bool ready = state == MDEV_PRECHECK_HOST_READY, allow = asking->policy->allow_no_device;
	const struct stamp *stamp = find_stamp(asking->domain, device, NULL);
	const char *more = ready ? "create it here with the source's type" :
				   mdev_precheck_host_state_text(state);

	if (ready && allow) {
		if (stamp && stamp->wrong)
			return refuse_wrong_stamp(asking, device, stamp);
		if (stamp)
			return ask_parents(asking, device, stamp);
		more = "the domain does not have its stamp, so that no parent was asked";
	}
	return refuse(asking, STATUS_NOT_ASKED, allow,
		      format_text("device %s: this host does not have it: %s", device->uuid, more));
}

enum exit_status check_device(const struct asking *asking, const struct guest_device *device)
{
	struct mdev_precheck_place target;
	const struct stamp *stamp;
	int ret;

	ret = mdev_precheck_find_device(asking->host, device->uuid, &target);
	if (ret == -ENODEV)
		return check_missing_device(asking, device);
	if (ret)
		return refuse_error(asking, device, ret);

	stamp = find_stamp(asking->domain, device, target.type);
	if (!stamp)
		return refuse_without_stamp(asking, device, target.type);
	if (stamp->wrong)
		return refuse_wrong_stamp(asking, device, stamp);
	return ask_about_device(asking, device, stamp, &target);
}
