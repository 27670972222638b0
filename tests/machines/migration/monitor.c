// SPDX-License-Identifier: GPL-2.0-only
/* QMP of the QEMU on a host, which has one QEMU at a time */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "migrate.h"

void monitor_close(struct host *host)
{
	if (!host->to_monitor)
		return;
	fclose(host->to_monitor);
	fclose(host->from_monitor);
	host->to_monitor = NULL;
}

/* receive - return the next object, or NULL at the end */
static struct json_object *receive(struct host *host)
{
	struct json_object *object = NULL;
	char *line = NULL;
	size_t size = 0;

	if (getline(&line, &size, host->from_monitor) > 0) {
		object = json_tokener_parse(line);
		if (!object)
			bail_out("QEMU on %s has printed: %s", host->name, line);
	}
	free(line);
	return object;
}

static void send(struct host *host, const char *command, const char *format, va_list args)
{
	if (!host->to_monitor)
		return;
	fprintf(host->to_monitor, "{'execute': '%s', 'arguments': {", command);
	vfprintf(host->to_monitor, format, args);
	fputs("}}\n", host->to_monitor);
	if (fflush(host->to_monitor))
		monitor_close(host);
}

/* take_answer - return the answer to a command, or NULL and an error */
static struct json_object *take_answer(struct host *host, char **error)
{
	struct json_object *answer, *part;

	*error = NULL;
	while (host->to_monitor && (answer = receive(host))) {
		if (json_object_object_get_ex(answer, "return", &part)) {
			json_object_get(part);
			json_object_put(answer);
			return part;
		}
		if (json_object_object_get_ex(answer, "error", &part) &&
		    json_object_object_get_ex(part, "desc", &part)) {
			*error = text("%s", json_object_get_string(part));
			json_object_put(answer);
			return NULL;
		}
		/* This object is an event */
		json_object_put(answer);
	}
	monitor_close(host);
	*error = text("QEMU is gone");
	return NULL;
}

/**
 * monitor_ask - execute a command, and return its result
 * @host: host of QEMU
 * @error: message of a command that failed, which the caller frees
 * @command: name of the command
 * @format: arguments of the command, as in an object
 *
 * Return: an object, or NULL.
 */
struct json_object *monitor_ask(struct host *host, char **error, const char *command,
				const char *format, ...)
{
	va_list args;

	va_start(args, format);
	send(host, command, format, args);
	va_end(args);
	return take_answer(host, error);
}

/* monitor_query - execute a command without arguments; returns NULL without a QEMU */
struct json_object *monitor_query(struct host *host, const char *command)
{
	struct json_object *answer;
	char *error;

	answer = monitor_ask(host, &error, command, " ");
	if (!answer && host->to_monitor)
		bail_out("%s: %s: %s", host->name, command, error);
	free(error);
	return answer;
}

/* monitor_tell - execute a command that cannot fail */
void monitor_tell(struct host *host, const char *command, const char *format, ...)
{
	struct json_object *answer;
	va_list args;
	char *error;

	va_start(args, format);
	send(host, command, format, args);
	va_end(args);
	answer = take_answer(host, &error);
	if (!answer)
		bail_out("%s: %s: %s", host->name, command, error);
	json_object_put(answer);
}

void monitor_open(struct host *host, int port)
{
	int fd = connect_to(host->address, port);
	struct json_object *greeting;

	if (fd < 0)
		bail_out("%s does not have a QEMU", host->name);
	open_both(fd, &host->from_monitor, &host->to_monitor);
	greeting = receive(host);
	if (!greeting)
		bail_out("QEMU on %s does not greet", host->name);
	json_object_put(greeting);
	monitor_tell(host, "qmp_capabilities", " ");
}
