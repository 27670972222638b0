/* SPDX-License-Identifier: GPL-2.0-only */
/* The hook's questions about the mediated devices of a domain */
#ifndef ASK_DEVICE_H
#define ASK_DEVICE_H

#include "domain.h"
#include "output.h"
#include "policy.h"

/**
 * struct asking - the context of all questions about a domain
 * @host: this host
 * @policy: the configuration of the hook
 * @domain: the domain
 * @name: the name of the domain, which can have any character
 * @restore: the domain comes from a saved image of this host, and not from another host
 * @managed: the image can be a managed save, which libvirt removes after a refusal
 * @deadline: the time of now_ms() when the last question has to end
 */
struct asking {
	struct mdev_precheck *host;
	const struct policy *policy;
	const struct domain *domain;
	const char *name;
	bool restore;
	bool managed;
	long long deadline;
};

/* warn_about - print and log a warning about the domain @name, which passes */
void warn_about(const char *name, const char *what);

/**
 * answer_status - turn an answer into an exit status
 * @asking: the questions
 * @answer: the answer
 *
 * A saved domain can be restored nowhere else, so only a driver that refuses the version
 * itself prevents a restore.
 *
 * Return: the status.
 */
enum exit_status answer_status(const struct asking *asking,
			       const struct mdev_precheck_answer *answer);

/* allows - does the policy allow an answer that is not a yes? */
bool allows(const struct asking *asking, const struct mdev_precheck_answer *answer);

/**
 * refuse - print an answer that is not a yes, and log it if the domain passes all the same
 * @asking: the questions
 * @status: the exit status for the answer
 * @allow: does the policy allow it?
 * @what: the answer as text, which this function frees
 *
 * Return: @status, or STATUS_COMPATIBLE if the domain passes all the same.
 */
enum exit_status refuse(const struct asking *asking, enum exit_status status, bool allow,
			char *what);

/* limit_question - set the limit of the next question, so that others have time left */
void limit_question(const struct asking *asking);

/* check_device - return the exit status for one device */
enum exit_status check_device(const struct asking *asking, const struct guest_device *device);

/**
 * ask_parents - ask each parent where a device that this host does not have could be made
 * @asking: the questions
 * @device: the device
 * @stamp: its stamp, which is not wrong
 *
 * Return: STATUS_INCOMPATIBLE if such parents exist and all refuse; STATUS_COMPATIBLE after a
 * warning for each answer; STATUS_NOT_ASKED if the parents cannot be listed.
 */
enum exit_status ask_parents(const struct asking *asking, const struct guest_device *device,
			     const struct stamp *stamp);

#endif
