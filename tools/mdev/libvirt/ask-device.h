/* SPDX-License-Identifier: GPL-2.0-only */
/* The hook's questions about the mediated devices of a domain */
#ifndef ASK_DEVICE_H
#define ASK_DEVICE_H

#include "domain.h"
#include "output.h"
#include "policy.h"

/**
 * struct asking - what all questions about a domain share
 * @host: this host
 * @policy: the configuration of the hook
 * @domain: the domain
 * @name: its name, which anybody may have chosen
 * @restore: the domain comes from a saved image of this host, and not from another host
 * @managed: the image can be the one that libvirt manages, and removes if it is refused
 * @deadline: when the last question ends, as now_ms() counts
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

/* warn_about - print and log what a domain passes with; @name is that of the domain */
void warn_about(const char *name, const char *what);

/**
 * answer_status - the exit status that an answer calls for
 * @asking: the questions
 * @answer: the answer
 *
 * A saved domain can be restored nowhere else, so only a driver that refuses the version
 * itself keeps it from that.
 *
 * Return: the status.
 */
enum exit_status answer_status(const struct asking *asking,
			       const struct mdev_precheck_answer *answer);

/* allows - does the policy allow an answer that is not a yes? */
bool allows(const struct asking *asking, const struct mdev_precheck_answer *answer);

/**
 * refuse - print what is not a yes, and log it if the domain passes all the same
 * @asking: the questions
 * @status: how the hook ends because of it
 * @allow: does the policy allow it?
 * @what: what it is; this function frees it
 *
 * Return: @status, or STATUS_COMPATIBLE if it does not matter.
 */
enum exit_status refuse(const struct asking *asking, enum exit_status status, bool allow,
			char *what);

/* limit_question - before each question: no driver takes the time of all others */
void limit_question(const struct asking *asking);

/* check_device - how the hook ends because of a device */
enum exit_status check_device(const struct asking *asking, const struct guest_device *device);

/**
 * ask_parents - ask each parent where a device that this host does not have could be made
 * @asking: the questions
 * @device: the device
 * @stamp: its stamp, which is not wrong
 *
 * Return: STATUS_INCOMPATIBLE if there are some and all refuse; STATUS_COMPATIBLE after a
 * warning for each; STATUS_NOT_ASKED if the parents cannot be listed.
 */
enum exit_status ask_parents(const struct asking *asking, const struct guest_device *device,
			     const struct stamp *stamp);

#endif
