/* SPDX-License-Identifier: GPL-2.0-only */
/* The documents of types and of verdicts; see mdev-precheck(5) */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include "json.h"
#include "reader.h"
#include "questions.h"

/**
 * struct types_document - a document of types that is being written
 * @file: file of the document; a type is written as soon as it was read, because all types
 *	as objects of json-c would take megabytes
 * @any: a type was written
 * @unread: array of the parents and types that could not be looked into, or whose names
 *	cannot be in a document
 * @outcome: PARTLY if a name cannot be in a document
 */
struct types_document {
	FILE *file;
	bool any;
	json_object *unread;
	enum outcome outcome;
};

/**
 * types_document_begin - begin a document about this host
 * @document: result
 * @file: file of the document
 * @time: time of the document, in seconds since 1970; -1 for a document without a time
 */
void types_document_begin(struct types_document *document, FILE *file, long long time);
/* types_document_add - add a type; mdev_precheck_visit_type with the document as @data */
int types_document_add(const struct mdev_precheck_type *type, void *data);
/**
 * types_document_end - write the rest of a document
 * @document: document, whose members are freed
 * @outcome: outcome of reading the types; after FAILED the end of the document is not
 *	written, so that nobody takes it for the whole
 * @write_takes: writes the elements of the array "takes"; NULL if no driver was asked
 * @data: for @write_takes
 *
 * Return: the outcome of @write_takes unless it is DONE; otherwise @outcome, with PARTLY in
 * place of DONE if a name cannot be in a document.
 */
enum outcome types_document_end(struct types_document *document, enum outcome outcome,
				enum outcome (*write_takes)(FILE *file, void *data), void *data);

/* write_sources - write the document of types for a host that is asked about @sources */
void write_sources(FILE *file, const struct sources *sources);
/* write_merged - write the document of merge, whose sources do not have a host */
void write_merged(FILE *file, const struct sources *sources);
/**
 * parse_source - add an element of the array "types"
 * @item: element
 * @host: host of the document, or NULL
 * @sources: array that gets the source
 *
 * Return: NULL, or a sentence about the reason why the element cannot be a source, static.
 */
const char *parse_source(json_object *item, const char *host, struct sources *sources);
/* read_sources - begin to read a document of types, for reader_feed() and end_sources() */
struct reader *read_sources(void);
/**
 * end_sources - add the types of a document that was read
 * @reader: reader of read_sources(), which is freed
 * @sources: array that gets the types; a type that its host could not look into has the
 *	state unknown
 * @left_out: list that gets sentences about elements that cannot be a source, see
 *	report_texts()
 *
 * Return: NULL; or a sentence about the mistake in the document, allocated, and then nothing
 * is added.
 */
char *end_sources(struct reader *reader, struct sources *sources, struct list *left_out);

/**
 * write_answers - write the document of verdicts
 * @file: file of the document
 * @sources: sources, each of which has an entry for each answer to its question
 * @questions: questions of the sources, or NULL if each source was asked itself
 * @answers: answers to the questions
 * @verdict: verdict on the whole
 */
void write_answers(FILE *file, const struct sources *sources,
		   const struct questions *questions, const struct answers *answers,
		   enum mdev_precheck_verdict verdict);

/**
 * read_answers - begin to read the document with which a host answers to write_sources()
 * @host: name of the host
 * @sources: sources of the questions
 * @target: operand of the questions, or NULL
 * @fixture: may an answer come from a fixture?
 *
 * The arguments have to stay until the reader is freed.
 *
 * Return: the reader, for reader_feed() and end_answers().
 */
struct reader *read_answers(const char *host, const struct sources *sources,
			    const char *target, bool fixture);
/**
 * end_answers - add the answers of a document that was read, if it can be believed
 * @reader: reader of read_answers(), which is freed
 * @status: exit status of the host's program
 * @answers: array that gets the answers
 *
 * Return: NULL; or a sentence about the mistake or the contradiction, allocated, and then
 * nothing is added.
 */
char *end_answers(struct reader *reader, enum exit_status status, struct answers *answers);

/**
 * parse_result - read the result of an answer, without its lines of the kernel log
 * @item: object with the members of an answer
 * @verdict: value of its verdict, from parse_verdict()
 * @answer: result
 *
 * Return: NULL; or a sentence about a mistake, or about values that do not go together, static.
 */
const char *parse_result(json_object *item, int verdict, struct mdev_precheck_answer *answer);
/**
 * check_string - do an answer and the state of its source go together?
 * @source: source
 * @answer: answer about it
 *
 * A driver can only be asked about a source with a version string.  A source whose attribute
 * could not be read may have one.
 *
 * Return: NULL if they do; otherwise a sentence about the mistake, static.
 */
const char *check_string(const struct mdev_precheck_source *source,
			 const struct mdev_precheck_answer *answer);
/* parse_verdict - return the value of the member "verdict", or -1 */
int parse_verdict(json_object *item);

#endif
