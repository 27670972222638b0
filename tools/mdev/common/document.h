/* SPDX-License-Identifier: GPL-2.0-only */
/* The documents of types and of verdicts; see mdev-precheck(5) */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include "json.h"
#include "reader.h"
#include "questions.h"

/**
 * struct types_document - a document of types that is being written
 * @file: where to; a type is written as soon as it was read, because all of them as
 *	objects of json-c would take megabytes
 * @any: a type was written
 * @unread: array of what could not be looked into, or cannot be in a document
 * @outcome: PARTLY if there is something that cannot be in a document
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
 * @file: where to
 * @time: when that is, in seconds since 1970, which the document has; -1 for none
 */
void types_document_begin(struct types_document *document, FILE *file, long long time);
/* types_document_add - mdev_precheck_visit_type, @data is the document */
int types_document_add(const struct mdev_precheck_type *type, void *data);
/**
 * types_document_end - write the rest of a document
 * @document: document, of which all that it has is freed
 * @outcome: of reading the types; after FAILED the document has no end, so that nobody
 *	takes it for the whole
 * @write_takes: writes the elements of the array "takes"; NULL if no driver was asked
 * @data: for @write_takes
 *
 * Return: @outcome, or PARTLY in place of DONE; or what @write_takes came to, if that is worse.
 */
enum outcome types_document_end(struct types_document *document, enum outcome outcome,
				enum outcome (*write_takes)(FILE *file, void *data), void *data);

/* write_sources - the same document, of the sources that another host is asked about */
void write_sources(FILE *file, const struct sources *sources);
/* write_merged - the same document, of strings that hosts show, without one of the hosts */
void write_merged(FILE *file, const struct sources *sources);
/**
 * parse_source - add an element of the array "types"
 * @item: element
 * @host: host of the document, or NULL
 * @sources: where it is added
 *
 * Return: NULL, or why the element cannot be a source, static.
 */
const char *parse_source(json_object *item, const char *host, struct sources *sources);
/* read_sources - begin to read a document of types, for reader_feed() and end_sources() */
struct reader *read_sources(void);
/**
 * end_sources - add the types of a document that was read
 * @reader: reader of read_sources(), which is freed
 * @sources: where they are added; a type that its host could not look into is added, and
 *	its state is unknown
 * @left_out: where sentences are added about what cannot be a source, see report_texts()
 *
 * Return: NULL; or what is wrong with the document, allocated, and then nothing is added.
 */
char *end_sources(struct reader *reader, struct sources *sources, struct list *left_out);

/**
 * write_answers - write the document of verdicts
 * @file: where to
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
 * @sources: what it was asked about
 * @target: the operand with which it was asked, or NULL
 * @fixture: can an answer come from a fixture?
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
 * @answers: where they are added
 *
 * Return: NULL; or what is wrong with it or contradicts itself, allocated, and then
 * nothing is added.
 */
char *end_answers(struct reader *reader, enum exit_status status, struct answers *answers);

/**
 * parse_result - what an answer of a document comes to, as far as that goes together
 * @item: object with the members of an answer, of which those about the log are not read
 * @verdict: the value of its verdict, from parse_verdict()
 * @answer: result
 *
 * Return: NULL, or what is wrong, static.
 */
const char *parse_result(json_object *item, int verdict, struct mdev_precheck_answer *answer);
/**
 * check_string - does an answer go together with what a driver was asked about?
 * @source: source; one without a version string has nothing that a driver could be asked about,
 *	and one whose attribute could not be read is not known to be without one
 * @answer: answer about it
 *
 * Return: NULL, or what is wrong, static.
 */
const char *check_string(const struct mdev_precheck_source *source,
			 const struct mdev_precheck_answer *answer);
/* parse_verdict - the value of the member "verdict", or -1 */
int parse_verdict(json_object *item);

#endif
