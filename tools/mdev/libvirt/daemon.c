// SPDX-License-Identifier: GPL-2.0-only
/* The daemon that a connection to libvirt may start */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <libxml/uri.h>

#include "daemon.h"

/* sd_booted(3) looks at the same directory */
#define SYSTEMD_RUNS	"/run/systemd/system"

/* Exit statuses of systemctl if no unit is active, or none exists; an error has another status */
#define NOT_ACTIVE	3
#define NO_SUCH_UNIT	4

/* The shell's status for a program that cannot be executed */
#define NO_PROGRAM	127

/* is_socket_of_systemd - does the URI name libvirt's usual socket, which systemd can have? */
static bool is_socket_of_systemd(const char *uri)
{
	xmlURI *parsed = xmlParseURI(uri);
	bool is;

	is = parsed && parsed->path && !strcmp(parsed->path, "/system") && !parsed->server &&
	     (!parsed->query_raw || !strstr(parsed->query_raw, "socket="));
	xmlFreeURI(parsed);
	return is;
}

/* run_systemctl - execute systemctl in the child, which ends if its parent does; never returns */
static void run_systemctl(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	if (getppid() == parent)
		execlp("systemctl", "systemctl", "is-active", "--quiet", "libvirtd.service",
		       "virtqemud.service", NULL);
	_exit(NO_PROGRAM);
}

bool is_stopped(const char *uri)
{
	pid_t parent = getpid(), pid;
	int status = 0;

	if (!is_socket_of_systemd(uri) || access(SYSTEMD_RUNS, F_OK))
		return false;
	pid = fork();
	if (!pid)
		run_systemctl(parent);
	if (pid < 0)
		return false;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) &&
	       (WEXITSTATUS(status) == NOT_ACTIVE || WEXITSTATUS(status) == NO_SUCH_UNIT);
}
