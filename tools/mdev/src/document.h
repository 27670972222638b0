/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON: what one host tells another, and programs */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "mdev-precheck.h"

/**
 * struct source - a type of a source's host
 * @host: name of the host, or NULL
 * @parent: the parent there, or NULL if only the string is known
 * @type: name of the type
 * @state: has it a version?
 * @error: positive errno if it has not
 * @version: the string, or NULL
 */
struct source {
	char *host;
	char *parent;
	char *type;
	enum mdev_precheck_version_state state;
	int error;
	char *version;
};

struct sources {
	struct source *items;
	size_t num;
};

/**
 * struct verdict - an answer, of this host or of another one
 * @source: which source it is about, as a number in struct sources
 * @host: target's host, or NULL for this one
 * @parent: target's parent, or NULL if the host has none with the type
 * @type: target's type
 * @verdict: see the library
 * @condition: see the library
 * @error: see the library
 * @reason: see the library
 * @log: lines of the kernel log
 * @num_log: their number
 * @log_error: see the library
 */
struct verdict {
	size_t source;
	char *host;
	char *parent;
	char *type;
	enum mdev_precheck_verdict verdict;
	enum mdev_precheck_condition condition;
	int error;
	char *reason;
	char **log;
	size_t num_log;
	int log_error;
};

struct verdicts {
	struct verdict *items;
	size_t num;
};

/* add_source, add_verdict - a new item at the end, zeroed; those before may move */
struct source *add_source(struct sources *sources);
struct verdict *add_verdict(struct verdicts *verdicts);
void sources_free(struct sources *sources);
void verdicts_free(struct verdicts *verdicts);

/* The document of types is written as it is read from sysfs, a type at a time */
void types_document_begin(FILE *file);
void types_document_add(FILE *file, const struct mdev_precheck_type *type,
			bool first);
void types_document_end(FILE *file);
/* write_sources - the same document of what another host is asked about */
void write_sources(FILE *file, const struct sources *sources);
/* parse_sources - add the types of a document; NULL, or what is wrong with it */
const char *parse_sources(const char *text, size_t len, struct sources *sources);

void write_verdicts(FILE *file, const struct sources *sources,
		    const struct verdicts *verdicts,
		    enum mdev_precheck_verdict overall);
/* parse_verdicts - add those of a document that answers write_sources(); NULL, or
 * what is wrong with it
 */
const char *parse_verdicts(const char *text, size_t len, const char *host,
			   const struct sources *sources,
			   struct verdicts *verdicts);

/*
 * The document of matrix: groups with their members are added one after the other,
 * verdicts are between groups, by their numbers
 */
struct matrix_document;
struct matrix_document *matrix_document_new(void);
void matrix_document_add_group(struct matrix_document *document,
			       const struct source *source);
void matrix_document_add_member(struct matrix_document *document,
				const struct source *source);
void matrix_document_add_verdict(struct matrix_document *document, size_t target,
				 const struct verdict *verdict);
/* matrix_document_write - and free it */
void matrix_document_write(FILE *file, struct matrix_document *document,
			   size_t pairs, size_t writes);

/* verdict_name - as documents and people have it */
const char *verdict_name(enum mdev_precheck_verdict verdict);

#endif
