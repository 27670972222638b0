// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev-precheck stamp --watch: keep the stamps of all domains true
 *
 * A callback only notes the domain, because a call of libvirt in it would wait for the
 * callback itself.  The loop writes the stamps.
 */

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <libvirt/virterror.h>

#include "connection.h"
#include "watch.h"

/* How long to wait without a connection, and for a domain that could not be stamped */
#define RECONNECT_MS	1000
#define RETRY_MS	5000

/* libvirt's own defaults for its server */
#define KEEPALIVE_S	5
#define KEEPALIVE_COUNT	5

/* A domain begins, ends or goes on, and gets or loses a device */
#define NUM_EVENTS	3

/**
 * struct due - a domain that is to be stamped
 * @uuid: the domain
 * @later: not now, but when the timer has run out
 */
struct due {
	char uuid[VIR_UUID_STRING_BUFLEN];
	bool later;
};

/**
 * struct watch - a watch
 * @stamping: for stamp_domain()
 * @connection: to libvirt, or NULL
 * @callbacks: numbers that libvirt has for the callbacks of events
 * @num_callbacks: number of them
 * @closed: libvirt has closed it
 * @ended: a signal asked for the end
 * @timer: of libvirt's loop, to reconnect or for domains that are due later
 * @due: domains that are to be stamped, each once
 * @num: their number
 */
struct watch {
	struct stamping *stamping;
	virConnectPtr connection;
	int callbacks[NUM_EVENTS];
	size_t num_callbacks;
	bool closed;
	bool ended;
	int timer;
	struct due *due;
	size_t num;
};

/* A handler of signals does not have an argument for these */
static int end_fd;
static atomic_bool in_loop;

/*
 * A call of libvirt may wait for half a minute, or for ever.  If it does not come back,
 * nothing is lost, because a stamp is written or not, and each line was printed at once.
 */
static void end_watch(int signum)
{
	int error = errno;

	(void)signum;
	if (!in_loop)
		_exit(outcome_status(DONE));
	eventfd_write(end_fd, 1);
	errno = error;
}

static void on_end(int handle, int fd, int events, void *data)
{
	struct watch *watch = data;

	(void)handle;
	(void)fd;
	(void)events;
	watch->ended = true;
}

static void note_domain(struct watch *watch, virDomainPtr domain)
{
	struct due due = {};
	size_t i = 0;

	virDomainGetUUIDString(domain, due.uuid);
	while (i < watch->num && strcmp(watch->due[i].uuid, due.uuid))
		i++;
	if (i == watch->num) {
		watch->due = grow(watch->due, watch->num, sizeof(*watch->due));
		watch->num++;
	}
	watch->due[i] = due;
}

static int on_lifecycle(virConnectPtr connection, virDomainPtr domain, int event, int detail,
			void *data)
{
	(void)connection;
	switch (event) {
	case VIR_DOMAIN_EVENT_STARTED:
		/* It waits for its memory; when that has come, it is resumed or suspended */
		if (detail == VIR_DOMAIN_EVENT_STARTED_MIGRATED)
			return 0;
		break;
	case VIR_DOMAIN_EVENT_SUSPENDED:
		/* It is on its way to another host */
		if (detail == VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED)
			return 0;
		break;
	case VIR_DOMAIN_EVENT_DEFINED:
	case VIR_DOMAIN_EVENT_RESUMED:
		break;
	default:
		return 0;
	}
	note_domain(data, domain);
	return 0;
}

static void on_device(virConnectPtr connection, virDomainPtr domain, const char *alias,
		      void *data)
{
	(void)connection;
	(void)alias;
	note_domain(data, domain);
}

static void on_closed(virConnectPtr connection, int reason, void *data)
{
	struct watch *watch = data;

	(void)connection;
	(void)reason;
	watch->closed = true;
}

static void on_timer(int timer, void *data)
{
	struct watch *watch = data;
	size_t i;

	virEventUpdateTimeout(timer, -1);
	for (i = 0; i < watch->num; i++)
		watch->due[i].later = false;
}

static int watch_events(struct watch *watch)
{
	static const struct {
		int id;
		virConnectDomainEventGenericCallback callback;
	} events[NUM_EVENTS] = {
		{ VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle) },
		{ VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, VIR_DOMAIN_EVENT_CALLBACK(on_device) },
		{ VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK(on_device) },
	};
	virConnectPtr connection = watch->connection;
	int callback;
	size_t i;

	/* A driver of this process has neither, and is not closed */
	virConnectRegisterCloseCallback(connection, on_closed, watch, NULL);
	virConnectSetKeepAlive(connection, KEEPALIVE_S, KEEPALIVE_COUNT);

	watch->num_callbacks = 0;
	for (i = 0; i < NUM_EVENTS; i++) {
		callback = virConnectDomainEventRegisterAny(connection, NULL, events[i].id,
							    events[i].callback, watch, NULL);
		if (callback < 0)
			return -1;
		watch->callbacks[watch->num_callbacks++] = callback;
	}
	return 0;
}

static int note_all(struct watch *watch)
{
	virDomainPtr *domains;
	int num, i;

	num = virConnectListAllDomains(watch->connection, &domains, 0);
	for (i = 0; i < num; i++) {
		note_domain(watch, domains[i]);
		virDomainFree(domains[i]);
	}
	if (num >= 0)
		free(domains);
	return num < 0 ? -1 : 0;
}

static void disconnect_watch(struct watch *watch)
{
	/* Each callback keeps the connection, and with it its files */
	while (watch->num_callbacks)
		virConnectDomainEventDeregisterAny(watch->connection,
						   watch->callbacks[--watch->num_callbacks]);
	virConnectUnregisterCloseCallback(watch->connection, on_closed);
	virConnectClose(watch->connection);
	watch->connection = NULL;
}

/* connect_watch - all domains are due, and events come first, so that none is missed */
static enum outcome connect_watch(struct watch *watch, bool complains)
{
	const struct settings *settings = watch->stamping->settings;

	watch->connection = open_libvirt(settings, false);
	watch->closed = false;
	watch->num = 0;
	if (watch->connection && !watch_events(watch) && !note_all(watch))
		return DONE;
	if (complains)
		not_connected(settings);
	if (watch->connection)
		disconnect_watch(watch);
	return FAILED;
}

/* reconnect_watch - or try so later */
static void reconnect_watch(struct watch *watch)
{
	if (connect_watch(watch, watch->stamping->settings->verbosity > 0) != DONE)
		virEventUpdateTimeout(watch->timer, RECONNECT_MS);
	else
		complain("libvirt is there again");
}

/*
 * is_busy - would a stamp wait for a migration?  The source has a job for it; on the
 * target the domain waits for its memory.
 */
static bool is_busy(virDomainPtr domain)
{
	virDomainJobInfo job;
	int state, reason;

	if (!virDomainGetState(domain, &state, &reason, 0) && state == VIR_DOMAIN_PAUSED &&
	    reason == VIR_DOMAIN_PAUSED_MIGRATION)
		return true;
	return !virDomainGetJobInfo(domain, &job) && job.type != VIR_DOMAIN_JOB_NONE;
}

/* leave_busy - leave a busy domain for later; true */
static bool leave_busy(const struct watch *watch, virDomainPtr domain)
{
	if (watch->stamping->settings->verbosity > 0)
		complain("domain %s: it is busy: later", virDomainGetName(domain));
	return true;
}

/* stamp_due - one of them; is it due again? */
static bool stamp_due(struct watch *watch, const char *uuid)
{
	virDomainPtr domain = virDomainLookupByUUIDString(watch->connection, uuid);
	bool again;

	/* The domain is gone, or the connection is, after which all are due */
	if (!domain)
		return false;
	if (is_busy(domain))
		again = leave_busy(watch, domain);
	else
		again = stamp_domain(watch->stamping, domain) != DONE && watch->stamping->blocked;
	virDomainFree(domain);
	return again;
}

static void stamp_all_due(struct watch *watch)
{
	size_t i, left = 0;

	for (i = 0; i < watch->num; i++) {
		struct due due = watch->due[i];

		if (!due.later) {
			due.later = stamp_due(watch, due.uuid);
			if (due.later)
				virEventUpdateTimeout(watch->timer, RETRY_MS);
		}
		if (due.later)
			watch->due[left++] = due;
	}
	watch->num = left;
}

static enum outcome run_loop(struct watch *watch)
{
	enum outcome outcome = connect_watch(watch, true);
	int ret = 0;

	if (outcome != DONE)
		return outcome;
	while (!watch->ended && ret >= 0) {
		if (watch->connection && watch->closed) {
			complain("libvirt has closed the connection: waiting for it");
			disconnect_watch(watch);
		}
		if (!watch->connection)
			reconnect_watch(watch);
		if (watch->connection)
			stamp_all_due(watch);
		in_loop = true;
		ret = virEventRunDefaultImpl();
		in_loop = false;
	}
	if (watch->connection)
		disconnect_watch(watch);
	if (ret < 0)
		outcome = failed(0, "the events of libvirt: %s", virGetLastErrorMessage());
	return outcome;
}

enum outcome watch_domains(struct stamping *stamping)
{
	struct sigaction action = { .sa_handler = end_watch };
	struct watch watch = { .stamping = stamping };
	enum outcome outcome;

	/* Each line is printed at once, because the program does not end */
	setvbuf(stdout, NULL, _IOLBF, 0);
	end_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (end_fd < 0)
		return failed(errno, "waiting for signals");
	if (virEventRegisterDefaultImpl() < 0 ||
	    virEventAddHandle(end_fd, VIR_EVENT_HANDLE_READABLE, on_end, &watch, NULL) < 0)
		return failed(0, "the events of libvirt: %s", virGetLastErrorMessage());
	watch.timer = virEventAddTimeout(-1, on_timer, &watch, NULL);
	/* The stamps matter, and not whether somebody reads about them */
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);

	outcome = run_loop(&watch);
	free(watch.due);
	return outcome;
}
