// SPDX-License-Identifier: GPL-2.0-only
/* The process that stamps one domain for a watch */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <libvirt/virterror.h>

#include "clock.h"
#include "connection.h"
#include "host.h"
#include "stamp-child.h"

/*
 * The drivers of a domain have this time together.  By default libvirtd closes a connection
 * that is silent for half a minute, and the mark of the domain has to be written also if no
 * driver answers.  A second connection could start a daemon that an administrator stopped.
 */
#define READ_MS		20000

/*
 * forget_files - replace all files but the standard ones and @keep; false after an error
 *
 * libvirt and GLib have the numbers of the watch's files in memory, and may write to them.
 * /dev/null takes these numbers, so that no file of this process gets one.
 */
static bool forget_files(int keep)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	bool done = true;
	int fd;

	if (null < 0 || !dir)
		return false;
	while ((entry = readdir(dir))) {
		fd = strtol(entry->d_name, NULL, 10);
		if (fd > STDERR_FILENO && fd != keep && fd != null && fd != dirfd(dir) &&
		    dup3(null, fd, O_CLOEXEC) < 0)
			done = false;
	}
	closedir(dir);
	close(null);
	return done;
}

static enum child_result stamp_found(struct stamping *stamping, virDomainPtr domain)
{
	if (stamp_domain(stamping, domain) == DONE)
		return CHILD_DONE;
	return stamping->busy == BUSY_JOB ? CHILD_BUSY : CHILD_AGAIN;
}

static enum child_result stamp_uuid(struct stamping *stamping, const char *uuid)
{
	virConnectPtr connection = open_libvirt(stamping->settings, false);
	enum child_result result = CHILD_AGAIN;
	virDomainPtr domain;

	/* If libvirt is gone, the watch prints a message about that */
	if (!connection)
		return result;
	domain = virDomainLookupByUUIDString(connection, uuid);
	if (domain) {
		result = stamp_found(stamping, domain);
		virDomainFree(domain);
	} else if (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN) {
		result = CHILD_DONE;
	}
	/* libvirtd logs an error about a client that ends without a close */
	virConnectClose(connection);
	fflush(stdout);
	return result;
}

/* run_child - stamp the domain in the child, which never returns, and ends if its parent does */
static void run_child(const struct stamping *stamping, const char *uuid, bool arrived, int pipe,
		      pid_t watch)
{
	struct stamping own = *stamping;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTERM, SIG_DFL);
	/* A terminal sends SIGINT to the watch as well, which ends this process */
	signal(SIGINT, SIG_IGN);
	if (getppid() != watch || !forget_files(pipe))
		_exit(CHILD_AGAIN);
	own.late.fd = pipe;
	own.late.limit = own.settings->timeout < 0 ? ASK_TIMEOUT_MS : own.settings->timeout;
	own.late.deadline = now_ms() + READ_MS;
	own.gives_way = true;
	own.arrived = arrived;
	own.host = open_host(stamping->settings, ASK_TIMEOUT_MS);
	_exit(own.host ? stamp_uuid(&own, uuid) : CHILD_AGAIN);
}

pid_t start_child(const struct stamping *stamping, const char *uuid, bool arrived, int *pipe)
{
	pid_t watch = getpid(), pid;
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	/* The child would print the text that is left in the buffer once more */
	fflush(stdout);
	pid = fork();
	error = errno;
	if (!pid)
		run_child(stamping, uuid, arrived, ends[1], watch);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -error;
	}
	*pipe = ends[0];
	return pid;
}
