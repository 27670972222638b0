// SPDX-License-Identifier: GPL-2.0-only
/* The domains that a watch is to stamp, and the processes that stamp them */

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "jobs.h"
#include "stamp-child.h"

/*
 * libvirtd has 20 threads for all its clients, and a process may make one of them wait: more
 * than half of them are left for others
 */
#define MAX_RUNNING	8

/* Processes for domains that could not be stamped before, so that others have room */
#define MAX_AGAIN	(MAX_RUNNING / 2)

/* Drivers have 20 seconds, and libvirt waits for 30 before it returns that a domain is stuck */
#define CHILD_MS	120000

/* The wait of a domain that is busy */
#define BUSY_MS		5000

/*
 * The first and the longest wait of a domain that could not be stamped, and of a parent whose
 * driver did not answer: the repair of a driver is seen soon, and a driver that hangs for good
 * costs one process in ten minutes
 */
#define RETRY_MS	5000
#define RETRY_MAX_MS	600000

#define NEVER		LLONG_MAX

/**
 * struct late_parent - a parent whose driver does not answer
 * @name: its name, allocated
 * @until: time of now_ms() when it may be asked again
 * @pause: the last time for which it was not asked, in milliseconds
 */
struct late_parent {
	char *name;
	long long until;
	long long pause;
};

/**
 * struct job - a domain that is to be stamped
 * @jobs: all jobs
 * @uuid: UUID of the domain
 * @name: name of the domain, allocated
 * @due: time of now_ms() when it is to be stamped, or NEVER
 * @failures: how often it could not be stamped since the last event
 * @failed: it could not be stamped the last time
 * @arrives: it is on its way to this host
 * @arrived: its migration to this host ended when it became due
 * @child: the process that stamps it, or 0
 * @end: time of now_ms() when the process is killed, or NEVER if it was
 * @pipe: end of the pipe from the process
 * @handle: number that libvirt's loop has for @pipe
 * @parent: the beginning of a name that has come from @pipe
 * @len: bytes in @parent
 */
struct job {
	struct jobs *jobs;
	char uuid[VIR_UUID_STRING_BUFLEN];
	char *name;
	long long due;
	unsigned int failures;
	bool failed;
	bool arrives;
	bool arrived;
	pid_t child;
	long long end;
	int pipe;
	int handle;
	char parent[MDEV_PRECHECK_NAME_SIZE];
	size_t len;
};

/* job_of - find the job of a domain, or add it */
static struct job *job_of(struct jobs *jobs, virDomainPtr domain)
{
	char uuid[VIR_UUID_STRING_BUFLEN];
	struct job *job;
	size_t i;

	virDomainGetUUIDString(domain, uuid);
	for (i = 0; i < jobs->num; i++) {
		if (!strcmp(jobs->items[i]->uuid, uuid))
			return jobs->items[i];
	}
	job = allocate(sizeof(*job));
	job->jobs = jobs;
	memcpy(job->uuid, uuid, sizeof(job->uuid));
	job->name = duplicate(virDomainGetName(domain));
	job->due = NEVER;
	jobs->items = grow(jobs->items, jobs->num, sizeof(*jobs->items));
	jobs->items[jobs->num++] = job;
	return job;
}

static bool is_needed(const struct job *job)
{
	return job->child || job->arrives || job->due != NEVER;
}

/* remove_jobs - remove the jobs that are not needed */
static void remove_jobs(struct jobs *jobs)
{
	size_t i, left = 0;

	for (i = 0; i < jobs->num; i++) {
		struct job *job = jobs->items[i];

		if (is_needed(job)) {
			jobs->items[left++] = job;
		} else {
			free(job->name);
			free(job);
		}
	}
	jobs->num = left;
}

void note_domain(struct jobs *jobs, virDomainPtr domain, bool arrived)
{
	struct job *job = job_of(jobs, domain);

	job->due = now_ms();
	job->failures = 0;
	job->arrived = arrived;
}

void begin_arrival(struct jobs *jobs, virDomainPtr domain)
{
	job_of(jobs, domain)->arrives = true;
}

bool end_arrival(struct jobs *jobs, virDomainPtr domain)
{
	struct job *job = job_of(jobs, domain);
	bool arrives = job->arrives;

	job->arrives = false;
	return arrives;
}

static long long longer_pause(long long pause)
{
	return pause < RETRY_MAX_MS / 2 ? 2 * pause : RETRY_MAX_MS;
}

/* note_late - note that a parent did not answer a process */
static void note_late(struct jobs *jobs, const char *name)
{
	struct late_parent *late = NULL;
	long long now = now_ms();
	size_t i;

	for (i = 0; i < jobs->num_late && !late; i++) {
		if (!strcmp(jobs->late[i].name, name))
			late = &jobs->late[i];
	}
	if (!late) {
		jobs->late = grow(jobs->late, jobs->num_late, sizeof(*jobs->late));
		late = &jobs->late[jobs->num_late++];
		*late = (struct late_parent){ .name = duplicate(name) };
	}
	/* Several processes may have waited for the parent */
	if (late->until > now)
		return;
	/* A domain was tried again meanwhile, and the parent answered */
	if (!late->pause || now - late->until > 2 * RETRY_MAX_MS)
		late->pause = RETRY_MS;
	else
		late->pause = longer_pause(late->pause);
	late->until = now + late->pause;
	complain("parent %s: its driver does not answer, so it is not asked for %lld seconds", name,
		 late->pause / 1000);
}

/* late_names - list the parents that are not asked now */
static struct list late_names(const struct jobs *jobs)
{
	struct list names = {};
	long long now = now_ms();
	size_t i;

	for (i = 0; i < jobs->num_late; i++) {
		if (jobs->late[i].until > now)
			list_add(&names, jobs->late[i].name);
	}
	return names;
}

/* conclude_job - set the time when the domain is due again */
static void conclude_job(struct job *job, int status)
{
	enum child_result result = WIFEXITED(status) ? WEXITSTATUS(status) : CHILD_AGAIN;
	long long delay = RETRY_MS;
	unsigned int i;

	job->failed = result != CHILD_DONE && result != CHILD_BUSY;
	if (WIFSIGNALED(status) && job->end != NEVER)
		complain("domain %s: the process that stamps it was ended by the signal %d",
			 job->name, WTERMSIG(status));
	if (result > CHILD_BUSY)
		complain("domain %s: the process that stamps it ended with the status %d",
			 job->name, result);
	/* An event has come since the process was started */
	if (job->due != NEVER || result == CHILD_DONE)
		return;
	if (result == CHILD_BUSY) {
		job->due = now_ms() + BUSY_MS;
		return;
	}
	for (i = 0; i < job->failures && delay < RETRY_MAX_MS; i++)
		delay = longer_pause(delay);
	job->failures++;
	job->due = now_ms() + delay;
}

/* end_job - reap the process, which has ended or is about to */
static void end_job(struct job *job)
{
	int status = 0;

	virEventRemoveHandle(job->handle);
	close(job->pipe);
	while (waitpid(job->child, &status, 0) < 0 && errno == EINTR)
		;
	job->child = 0;
	job->jobs->num_running--;
	conclude_job(job, status);
}

static void on_report(int handle, int fd, int events, void *data)
{
	struct job *job = data;
	char text[MDEV_PRECHECK_NAME_SIZE];
	ssize_t count, i;

	(void)handle;
	(void)events;
	count = read(fd, text, sizeof(text));
	if (count < 0 && errno == EINTR)
		return;
	if (count <= 0) {
		end_job(job);
		return;
	}
	for (i = 0; i < count; i++) {
		job->parent[job->len] = text[i];
		if (!text[i])
			note_late(job->jobs, job->parent);
		job->len = text[i] && job->len < sizeof(job->parent) - 1 ? job->len + 1 : 0;
	}
}

static void start_job(struct job *job)
{
	struct jobs *jobs = job->jobs;
	struct stamping *stamping = jobs->stamping;
	pid_t child;

	job->due = NEVER;
	job->len = 0;
	stamping->again = job->failures > 0;
	stamping->late.known = late_names(jobs);
	child = start_child(stamping, job->uuid, job->arrived, &job->pipe);
	free(stamping->late.known.items);
	job->arrived = false;
	if (child < 0) {
		failed(child, "domain %s: a process that stamps it cannot be started", job->name);
		job->due = now_ms() + RETRY_MS;
		return;
	}
	job->child = child;
	job->end = now_ms() + CHILD_MS;
	job->handle = virEventAddHandle(job->pipe, VIR_EVENT_HANDLE_READABLE, on_report, job, NULL);
	jobs->num_running++;
}

/* has_room - is a process left for a domain that could not be stamped before? */
static bool has_room(const struct jobs *jobs)
{
	size_t i, num = 0;

	for (i = 0; i < jobs->num; i++)
		num += jobs->items[i]->child && jobs->items[i]->failed;
	return num < MAX_AGAIN;
}

/* next_job - return the job that is due first and may have a process, or NULL */
static struct job *next_job(const struct jobs *jobs)
{
	bool again = has_room(jobs);
	struct job *next = NULL;
	size_t i;

	if (jobs->num_running >= MAX_RUNNING)
		return NULL;
	for (i = 0; i < jobs->num; i++) {
		struct job *job = jobs->items[i];

		if (!job->child && job->due != NEVER && (again || !job->failed) &&
		    (!next || job->due < next->due))
			next = job;
	}
	return next;
}

/* end_late_jobs - kill processes that take too long; return the time of the next one */
static long long end_late_jobs(struct jobs *jobs)
{
	long long next = NEVER;
	size_t i;

	for (i = 0; i < jobs->num; i++) {
		struct job *job = jobs->items[i];

		if (!job->child)
			continue;
		if (job->end <= now_ms()) {
			complain("domain %s: its stamp took over %d seconds: it is tried again",
				 job->name, CHILD_MS / 1000);
			kill(job->child, SIGKILL);
			job->end = NEVER;
		}
		if (job->end < next)
			next = job->end;
	}
	return next;
}

int run_jobs(struct jobs *jobs)
{
	struct job *job;
	long long next, now;

	remove_jobs(jobs);
	while ((job = next_job(jobs)) && job->due <= now_ms())
		start_job(job);
	next = end_late_jobs(jobs);
	job = next_job(jobs);
	if (job && job->due < next)
		next = job->due;
	if (next == NEVER)
		return -1;
	now = now_ms();
	return next > now ? next - now : 0;
}

void forget_jobs(struct jobs *jobs)
{
	size_t i;

	for (i = 0; i < jobs->num; i++) {
		struct job *job = jobs->items[i];

		job->due = NEVER;
		job->arrives = false;
		if (job->child) {
			kill(job->child, SIGKILL);
			job->end = NEVER;
		}
	}
	remove_jobs(jobs);
}

void jobs_free(struct jobs *jobs)
{
	size_t i;

	for (i = 0; i < jobs->num; i++) {
		virEventRemoveHandle(jobs->items[i]->handle);
		close(jobs->items[i]->pipe);
		free(jobs->items[i]->name);
		free(jobs->items[i]);
	}
	free(jobs->items);
	for (i = 0; i < jobs->num_late; i++)
		free(jobs->late[i].name);
	free(jobs->late);
}
