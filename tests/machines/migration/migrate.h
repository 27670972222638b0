/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MIGRATE_H
#define MIGRATE_H

#include <stdbool.h>
#include <stdio.h>

#include <json-c/json.h>

/* Seconds that a host, or QEMU, may take for an answer */
#define ANSWER_SECONDS	300

/**
 * struct host - a machine that has guests
 * @name: name in messages
 * @address: IPv4 address
 * @to_shell: commands for its shell
 * @from_shell: output of these commands
 * @to_monitor: QMP commands for its QEMU, or NULL
 * @from_monitor: replies and events
 */
struct host {
	const char *name;
	const char *address;
	FILE *to_shell;
	FILE *from_shell;
	FILE *to_monitor;
	FILE *from_monitor;
};

/* bail_out - print the reason for which the test cannot go on, and end the program */
__attribute__((noreturn, format(printf, 1, 2))) void bail_out(const char *format, ...);
__attribute__((format(printf, 1, 2))) char *text(const char *format, ...);

void host_here(struct host *host);
void host_there(struct host *host, int port);
int host_serve(int port);
void host_end(struct host *host);

/* host_begin - begin a command on one host, so that the other host can work meanwhile */
__attribute__((format(printf, 2, 3)))
void host_begin(struct host *host, const char *format, ...);
int host_finish(struct host *host, char **said);
__attribute__((format(printf, 3, 4)))
int host_run(struct host *host, char **said, const char *format, ...);

int connect_to(const char *address, int port);
void open_both(int fd, FILE **from, FILE **to);

void monitor_open(struct host *host, int port);
void monitor_close(struct host *host);
__attribute__((format(printf, 4, 5)))
struct json_object *monitor_ask(struct host *host, char **error, const char *command,
				const char *format, ...);
struct json_object *monitor_query(struct host *host, const char *command);
__attribute__((format(printf, 3, 4)))
void monitor_tell(struct host *host, const char *command, const char *format, ...);

#endif /* MIGRATE_H */
