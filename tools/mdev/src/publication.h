/* SPDX-License-Identifier: GPL-2.0-only */
/* What a host shows and took, as the engines of a fleet are to read it */
#ifndef PUBLICATION_H
#define PUBLICATION_H

#include "options.h"

/* Half of a SHA-256 in hexadecimal digits, and NUL */
#define VERSION_HASH_SIZE	33

/**
 * struct shown_version - a string that parents of the host show for a type, or why they do not
 * @type: the type, UTF-8
 * @version: the string, or NULL if @state is not MDEV_PRECHECK_SOURCE_READ
 * @state: state of the source
 * @error: positive errno, or 0
 * @parents: number of parents that show this
 * @room: sum of their available_instances, or -1 if one of them is not known
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
 * struct known_version - a string of the fleet, and what this host answered when it was asked
 * @type: the type, UTF-8
 * @version: the string
 * @verdict: of the whole host, for which one yes is enough: otherwise it is not asked if a
 *	parent could not be asked, and then a no
 * @taking: number of parents that took it
 * @refusing: number of parents that did not
 * @not_asked: number of parents that could not be asked
 * @room: sum of the available_instances of the parents that took it, or -1 if one of them is
 *	not known
 *
 * All three numbers are 0 if the answer is about the whole host: it does not have the type,
 * which is a no, or could not be asked.
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
 * struct publication - a document of types that was read to its end
 * @host: name of the host, or NULL
 * @time: when it began to be written, in seconds since 1970
 * @valid: seconds from @time on in which an engine may go by it, see --max-age; 0: no limit
 * @fixture: an answer comes from a fixture
 * @parents: number of parents that have types
 * @unread: number of parents, and of types, that could not be looked into
 * @partly: one of these, or a string to ask about, was left out
 * @shown: by type, state, errno and string, each once
 * @num_shown: number of them
 * @asked: strings of the fleet were asked about; if not, @known is empty
 * @known: by type and string, each once
 * @num_known: number of them
 * @text: the document itself
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
 * is_taken_by_all - does each parent of the host that has the type take the string?
 * @known: string
 *
 * An engine that does not choose the parent itself needs this.
 *
 * Return: false also if the host does not have a parent with the type.
 */
bool is_taken_by_all(const struct known_version *known);

/**
 * hash_version - a name for a type and a string, with which engines can name them
 * @type: type
 * @version: string
 * @hash: result, 32 lower-case hexadecimal digits: the first half of the SHA-256 of both, each
 *	with a newline behind it, as of: printf '%s\n' TYPE VERSION | sha256sum | cut -c 1-32
 */
void hash_version(const char *type, const char *version, char hash[VERSION_HASH_SIZE]);

/* write_time - seconds since 1970, in the form that a document has */
void write_time(FILE *file, long long time);

/*
 * The formats of export --format but for json.  A function writes all of a file, and returns
 * DONE; or FAILED after a message if the engine would not take the file.
 */
enum outcome publish_prometheus(FILE *file, const struct publication *publication);
enum outcome publish_nfd(FILE *file, const struct publication *publication);
enum outcome publish_provider_yaml(FILE *file, const struct publication *publication);
enum outcome publish_facter(FILE *file, const struct publication *publication);
enum outcome publish_nagios(FILE *file, const struct publication *publication);

#endif
