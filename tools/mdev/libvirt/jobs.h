/* SPDX-License-Identifier: GPL-2.0-only */
/* The domains that a watch is to stamp, and the processes that stamp them */
#ifndef JOBS_H
#define JOBS_H

#include "stamp.h"

struct late_parent;
struct job;

/**
 * struct jobs - domains that are to be stamped, each once
 * @stamping: the context for stamp_domain()
 * @items: the domains
 * @num: entries in @items
 * @num_running: domains that a process stamps now
 * @late: parents whose drivers do not answer
 * @num_late: entries in @late
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
 * note_domain - make a domain due
 * @jobs: the domains, to which it is added
 * @domain: the domain
 * @arrived: its migration to this host ends now
 */
void note_domain(struct jobs *jobs, virDomainPtr domain, bool arrived);

/* begin_arrival - note that a domain begins to come to this host */
void begin_arrival(struct jobs *jobs, virDomainPtr domain);
/* end_arrival - note that it arrived, or will not; true if it was on its way */
bool end_arrival(struct jobs *jobs, virDomainPtr domain);

/**
 * run_jobs - start processes for domains that are due, and end processes that take too long
 * @jobs: the domains
 *
 * Return: milliseconds until the next job, or -1 if no job waits, as for
 * virEventUpdateTimeout().
 */
int run_jobs(struct jobs *jobs);

/* forget_jobs - end all processes, so that no domain is due any more */
void forget_jobs(struct jobs *jobs);
/* jobs_free - free all after forget_jobs(), without waiting for the processes */
void jobs_free(struct jobs *jobs);

#endif
