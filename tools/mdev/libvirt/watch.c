// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev-precheck stamp --watch: keep the stamps of all domains true
 *
 * The loop has the events of libvirt, timers, and processes that write the stamps, and does
 * not wait for any of them.  Domains that hang delay others only if they have all processes.
 */

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <libvirt/virterror.h>

#include "clock.h"
#include "connection.h"
#include "daemon.h"
#include "jobs.h"
#include "watch.h"

/* The wait before the next try to connect, also if an administrator stopped libvirt's daemon */
#define RECONNECT_MS	1000
#define STOPPED_MS	5000

/* The time for the end, because libvirt may hang when it is asked to forget its callbacks */
#define END_S		1

/* libvirt's own defaults for its server */
#define KEEPALIVE_S	5
#define KEEPALIVE_COUNT	5

/* The kinds of events: a domain begins, ends or goes on; it gets a device; it loses one */
#define NUM_EVENTS	3

/**
 * struct watch - the state of the loop
 * @stamping: the context for stamp_domain()
 * @jobs: domains that are to be stamped
 * @uri: URI of libvirt, allocated, or NULL before the first connection
 * @connection: connection to libvirt, or NULL
 * @callbacks: numbers that libvirt has for the callbacks of events
 * @num_callbacks: entries in @callbacks
 * @closed: libvirt closed @connection
 * @ended: a signal asked for the end
 * @timer: number that libvirt's loop has for the timer of the next try or job
 * @reconnect: time of now_ms() before which it does not try to connect
 */
struct watch {
	struct stamping *stamping;
	struct jobs jobs;
	char *uri;
	virConnectPtr connection;
	int callbacks[NUM_EVENTS];
	size_t num_callbacks;
	bool closed;
	bool ended;
	int timer;
	long long reconnect;
};

/* A handler of signals does not have an argument for these */
static int end_fd;
static atomic_bool in_loop;

/*
 * A call of libvirt may wait for half a minute, or for ever, so the handler does not wait for
 * its end.  Nothing is lost, because each line is printed at once, and libvirt writes a stamp
 * as a whole.
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

static int on_lifecycle(virConnectPtr connection, virDomainPtr domain, int event, int detail,
			void *data)
{
	struct jobs *jobs = &((struct watch *)data)->jobs;
	bool arrived = false;

	(void)connection;
	switch (event) {
	case VIR_DOMAIN_EVENT_STARTED:
		/* The domain waits for its memory, and is resumed or suspended after that */
		if (detail == VIR_DOMAIN_EVENT_STARTED_MIGRATED) {
			begin_arrival(jobs, domain);
			return 0;
		}
		break;
	case VIR_DOMAIN_EVENT_SUSPENDED:
		/* The domain is on its way to another host */
		if (detail == VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED ||
		    detail == VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY ||
		    detail == VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY_FAILED)
			return 0;
		arrived = end_arrival(jobs, domain);
		break;
	case VIR_DOMAIN_EVENT_RESUMED:
		/* The domain still waits for a part of its memory */
		if (detail == VIR_DOMAIN_EVENT_RESUMED_POSTCOPY ||
		    detail == VIR_DOMAIN_EVENT_RESUMED_POSTCOPY_FAILED)
			return 0;
		arrived = end_arrival(jobs, domain) ||
			  detail == VIR_DOMAIN_EVENT_RESUMED_MIGRATED;
		break;
	case VIR_DOMAIN_EVENT_STOPPED:
		end_arrival(jobs, domain);
		return 0;
	case VIR_DOMAIN_EVENT_DEFINED:
		break;
	default:
		return 0;
	}
	note_domain(jobs, domain, arrived);
	return 0;
}

static void on_device(virConnectPtr connection, virDomainPtr domain, const char *alias,
		      void *data)
{
	struct watch *watch = data;

	(void)connection;
	(void)alias;
	note_domain(&watch->jobs, domain, false);
}

static void on_closed(virConnectPtr connection, int reason, void *data)
{
	struct watch *watch = data;

	(void)connection;
	(void)reason;
	watch->closed = true;
}

/* on_timer - stop the timer, which only wakes the loop: its work follows each round */
static void on_timer(int timer, void *data)
{
	(void)data;
	virEventUpdateTimeout(timer, -1);
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

	/* Both calls fail for a driver of libvirt in this process, which closes no connection */
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
		note_domain(&watch->jobs, domains[i], false);
		virDomainFree(domains[i]);
	}
	if (num >= 0)
		free(domains);
	return num < 0 ? -1 : 0;
}

static void disconnect_watch(struct watch *watch)
{
	forget_jobs(&watch->jobs);
	if (!watch->connection)
		return;
	/* Each callback keeps the connection, and with it its files */
	while (watch->num_callbacks)
		virConnectDomainEventDeregisterAny(watch->connection,
						   watch->callbacks[--watch->num_callbacks]);
	virConnectUnregisterCloseCallback(watch->connection, on_closed);
	virConnectClose(watch->connection);
	watch->connection = NULL;
}

/* connect_watch - connect, watch events, then note all domains, so that no change is missed */
static enum outcome connect_watch(struct watch *watch, bool complains)
{
	struct stamping *stamping = watch->stamping;
	enum outcome outcome = DONE;

	watch->connection = open_libvirt(stamping->settings, false);
	watch->closed = false;
	if (watch->connection)
		outcome = check_host(watch->connection, stamping->settings);
	if (outcome == DONE && watch->connection && !watch_events(watch)) {
		/* The command line may have an alias of the URI, or libvirt's default */
		free(watch->uri);
		watch->uri = virConnectGetURI(watch->connection);
		free(stamping->host_uuid);
		if (own_uuid(watch->connection, &stamping->host_uuid) && !note_all(watch))
			return DONE;
	}
	if (outcome == DONE) {
		outcome = FAILED;
		if (complains)
			not_connected(stamping->settings);
	}
	disconnect_watch(watch);
	return outcome;
}

/* reconnect_watch - connect again, or set the time of the next try */
static void reconnect_watch(struct watch *watch)
{
	int delay = RECONNECT_MS;

	if (watch->uri && is_stopped(watch->uri)) {
		delay = STOPPED_MS;
	} else if (connect_watch(watch, watch->stamping->settings->verbosity > 0) == DONE) {
		complain("libvirt is connected again");
		return;
	}
	watch->reconnect = now_ms() + delay;
	virEventUpdateTimeout(watch->timer, delay);
}

static enum outcome run_loop(struct watch *watch)
{
	enum outcome outcome = connect_watch(watch, true);
	int ret = 0;

	if (outcome != DONE)
		return outcome;
	while (!watch->ended && ret >= 0) {
		if (watch->connection && watch->closed) {
			complain("libvirt has closed the connection: the watch waits for it");
			disconnect_watch(watch);
		}
		if (!watch->connection && now_ms() >= watch->reconnect)
			reconnect_watch(watch);
		if (watch->connection)
			virEventUpdateTimeout(watch->timer, run_jobs(&watch->jobs));
		in_loop = true;
		ret = virEventRunDefaultImpl();
		in_loop = false;
	}
	alarm(END_S);
	disconnect_watch(watch);
	alarm(0);
	if (ret < 0)
		outcome = failed(0, "the events of libvirt cannot be watched: %s",
				 virGetLastErrorMessage());
	return outcome;
}

enum outcome watch_domains(struct stamping *stamping)
{
	struct sigaction action = { .sa_handler = end_watch };
	struct watch watch = {
		.stamping = stamping,
		.jobs = { .stamping = stamping },
	};
	enum outcome outcome;

	stamping->only_changes = true;
	/* Each line is printed at once, because the program does not end */
	setvbuf(stdout, NULL, _IOLBF, 0);
	end_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (end_fd < 0)
		return failed(errno, "the watch cannot wait for signals");
	if (virEventRegisterDefaultImpl() < 0 ||
	    virEventAddHandle(end_fd, VIR_EVENT_HANDLE_READABLE, on_end, &watch, NULL) < 0)
		return failed(0, "the events of libvirt cannot be watched: %s",
			      virGetLastErrorMessage());
	watch.timer = virEventAddTimeout(-1, on_timer, &watch, NULL);
	/* Stamps are written even if nobody reads the messages */
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGALRM, &action, NULL);

	outcome = run_loop(&watch);
	jobs_free(&watch.jobs);
	free(watch.uri);
	return outcome;
}
