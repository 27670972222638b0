/* SPDX-License-Identifier: GPL-2.0-only */
/* The types and answers of a host, in the groups that the engines of a fleet read */
#ifndef PUBLICATION_H
#define PUBLICATION_H

#include "options.h"

/* Half of a SHA-256 in hexadecimal digits, and NUL */
#define VERSION_HASH_SIZE	33

/**
 * struct shown_version - parents of the host that show the same string for a type, or no string
 * @type: name of the type, UTF-8
 * @version: string; NULL if @state is not MDEV_PRECHECK_SOURCE_READ
 * @state: state of the type as a source
 * @error: positive errno, or 0
 * @parents: number of these parents
 * @room: sum of their available_instances; -1 if the number of a parent is not known
 */
struct shown_version {
	const char *type;
	const char *version;
	enum mdev_precheck_source_state state;
	int error;
	size_t parents;
	long room;
};

/**
 * struct known_version - a string of the fleet, and the answers of this host about it
 * @type: name of the type, UTF-8
 * @version: string
 * @verdict: verdict of the whole host: yes if a parent took the string, otherwise not asked if a
 *	parent could not be asked, otherwise no
 * @taking: parents that took the string
 * @refusing: parents that refused it
 * @not_asked: parents that could not be asked
 * @room: sum of the available_instances of the parents that took it; -1 if the number of a
 *	parent is not known
 *
 * No parent is counted if the answer is about the whole host, which does not have the type or
 * could not be asked.
 */
struct known_version {
	const char *type;
	const char *version;
	enum mdev_precheck_verdict verdict;
	size_t taking;
	size_t refusing;
	size_t not_asked;
	long room;
};

/**
 * struct publication - a document of types that was read
 * @host: name of the host, or NULL
 * @time: time at which it began to be written, in seconds since 1970
 * @valid: seconds after @time in which an engine may use it, see --max-age; 0: no limit
 * @fixture: an answer comes from a fixture
 * @parents: parents that have types
 * @unread: parents and types that could not be looked into
 * @partly: a parent, a type or a string of --takes was left out
 * @shown: types by name, state, errno and string, each once
 * @num_shown: entries in @shown
 * @asked: the host was asked about strings of the fleet; otherwise @known is empty
 * @known: strings of the fleet by type and string, each once
 * @num_known: entries in @known
 * @text: the document, which belongs to the caller
 */
struct publication {
	const char *host;
	long long time;
	long valid;
	bool fixture;
	size_t parents;
	size_t unread;
	bool partly;
	struct shown_version *shown;
	size_t num_shown;
	bool asked;
	struct known_version *known;
	size_t num_known;
	const char *text;
};

/**
 * is_taken_by_all - does each parent that has the type take the string?
 * @known: string
 *
 * An engine that does not choose the parent needs this.
 *
 * Return: false also if the host does not have a parent with the type.
 */
bool is_taken_by_all(const struct known_version *known);

/**
 * hash_version - hash a type and a string for the name of a label or a trait
 * @type: type
 * @version: string
 * @hash: result, 32 lower-case hexadecimal digits of: printf '%s\n' TYPE VERSION | sha256sum |
 *	cut -c 1-32
 */
void hash_version(const char *type, const char *version, char hash[VERSION_HASH_SIZE]);

/* write_time - write seconds since 1970 in the form of the documents */
void write_time(FILE *file, long long time);

/*
 * The formats of export --format, except json.  A function writes a whole file and returns DONE,
 * or returns FAILED after a message if the engine would not accept the file.
 */
enum outcome publish_prometheus(FILE *file, const struct publication *publication);
enum outcome publish_nfd(FILE *file, const struct publication *publication);
enum outcome publish_provider_yaml(FILE *file, const struct publication *publication);
enum outcome publish_facter(FILE *file, const struct publication *publication);
enum outcome publish_nagios(FILE *file, const struct publication *publication);

#endif
