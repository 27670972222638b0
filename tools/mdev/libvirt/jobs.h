/* SPDX-License-Identifier: GPL-2.0-only */
/* The domains that a watch is to stamp, and the processes that do it */
#ifndef JOBS_H
#define JOBS_H

#include "stamp.h"

struct late_parent;
struct job;

/**
 * struct jobs - domains that are to be stamped, each once
 * @stamping: what they are stamped with
 * @items: the domains
 * @num: their number
 * @num_running: how many of them a process stamps now
 * @late: parents whose drivers do not answer
 * @num_late: their number
 */
struct jobs {
	struct stamping *stamping;
	struct job **items;
	size_t num;
	size_t num_running;
	struct late_parent *late;
	size_t num_late;
};

/**
 * note_domain - a domain is due
 * @jobs: where it is added
 * @domain: libvirt's
 * @arrived: its migration to this host ends now
 */
void note_domain(struct jobs *jobs, virDomainPtr domain, bool arrived);

/* begin_arrival - a domain begins to come to this host */
void begin_arrival(struct jobs *jobs, virDomainPtr domain);
/* end_arrival - it has come, or does not come any more; was it on its way? */
bool end_arrival(struct jobs *jobs, virDomainPtr domain);

/**
 * run_jobs - start processes for domains that are due, and end those that take too long
 * @jobs: the domains
 *
 * Return: milliseconds until there is more to do, -1 for none, as virEventUpdateTimeout()
 * takes them.
 */
int run_jobs(struct jobs *jobs);

/* forget_jobs - end all processes: no domain is due any more */
void forget_jobs(struct jobs *jobs);
/* jobs_free - after forget_jobs(), without waiting for the processes */
void jobs_free(struct jobs *jobs);

#endif
