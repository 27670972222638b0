/* SPDX-License-Identifier: GPL-2.0-only */
/* Sources, and the answers of targets about them */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "options.h"

/* Bytes of a document; a host with thousands of types has a few megabytes */
#define DOCUMENT_MAX	(64 * 1024 * 1024)

/**
 * struct sources - sources in their order
 * @items: sources of the library, which belong to the array
 * @names: attribute "name" of the type of each source, or NULL; the array itself may be NULL
 * @num: number of sources
 */
struct sources {
	struct mdev_precheck_source **items;
	char **names;
	size_t num;
};

/**
 * struct answered - an answer and its question
 * @source: number of the source that was asked, in struct sources
 * @answer: answer of the library; equal answers of all arrays are one object, because
 *	hundreds of hosts with hundreds of questions have many equal answers
 */
struct answered {
	size_t source;
	const struct mdev_precheck_answer *answer;
};

/**
 * struct answers - answers, in the order of the sources that were asked
 * @items: answers, which the array uses until answers_free()
 * @num: number of answers
 */
struct answers {
	struct answered *items;
	size_t num;
};

/**
 * sources_add - add a source
 * @sources: array that gets the source
 * @source: source, which belongs to the array from now on
 * @name: attribute "name" of its type, which is copied, or NULL
 */
void sources_add(struct sources *sources, struct mdev_precheck_source *source,
		 const char *name);
/* sources_copy - add a copy of @source, which the caller may have made */
void sources_copy(struct sources *sources, const struct mdev_precheck_source *source,
		  const char *name);
/* sources_take - move source number @i of @from; the caller then only frees @from */
void sources_take(struct sources *sources, struct sources *from, size_t i);
/* sources_move - move all sources of @from, which is empty then */
void sources_move(struct sources *sources, struct sources *from);
/**
 * sources_set_host - give sources a host
 * @sources: array of the sources
 * @first: number of the first source that gets the host
 * @host: name of the host
 * @always: sources that have another host get this one, too
 */
void sources_set_host(struct sources *sources, size_t first, const char *host, bool always);
/* source_name - return the attribute "name" of the type of a source, or NULL */
const char *source_name(const struct sources *sources, size_t number);
void sources_free(struct sources *sources);
/* is_selected - is @type the name @pattern, or does it match the pattern of fnmatch(3)? */
bool is_selected(const char *pattern, const char *type);
/*
 * sources_keep - forget the sources of types for which is_selected() is false
 *
 * If a type has the name @pattern, the sources of all other types are forgotten.
 */
void sources_keep(struct sources *sources, const char *pattern);
/* compare_sources - compare sources by type first; 0 if they are the same question */
int compare_sources(const struct mdev_precheck_source *one,
		    const struct mdev_precheck_source *other);

/**
 * answers_add - add an answer
 * @answers: array that gets the answer
 * @source: number of the source that was asked
 * @answer: answer, which belongs to the arrays from now on
 *
 * Return: true if @answer is kept; false if it was freed, and an equal answer is in its place.
 */
bool answers_add(struct answers *answers, size_t source,
		 struct mdev_precheck_answer *answer);
/* answers_move - move @answered of another array; the caller then only frees that array */
void answers_move(struct answers *answers, size_t source, const struct answered *answered);
/**
 * answers_add_not_asked - add an answer of a host, or of a parent, that could not be asked
 * @answers: array that gets the answer
 * @source: number of the source
 * @host: name of the target's host, or NULL for this one
 * @parent: the target's parent, or NULL if the answer is about the host
 * @type: the target's type
 * @error: positive errno, or 0
 * @reason: sentence for people
 */
void answers_add_not_asked(struct answers *answers, size_t source, const char *host,
			   const char *parent, const char *type, int error,
			   const char *reason);
void answers_free(struct answers *answers);
/* first_answer - find the first answer about @source, or about a later source; or @num */
size_t first_answer(const struct answers *answers, size_t source);

/* compare_results - compare two answers, but for target, available_instances and log lines */
int compare_results(const struct mdev_precheck_answer *one,
		    const struct mdev_precheck_answer *other);

/* worse_verdict - choose the worse verdict: a no is the worst, and then "not asked" */
enum mdev_precheck_verdict worse_verdict(enum mdev_precheck_verdict one,
					 enum mdev_precheck_verdict other);

/* better_verdict - choose the better verdict: a yes is the best, and then "not asked" */
enum mdev_precheck_verdict better_verdict(enum mdev_precheck_verdict one,
					  enum mdev_precheck_verdict other);

/**
 * overall - unite all answers in one verdict
 * @sources: sources that were asked
 * @answers: answers about them, in their order
 * @all: each target has to take a source
 *
 * The verdict on a source is the best verdict of its targets, or, with @all, the worst one.  For
 * a source without an answer it is "not asked".
 *
 * Return: the worst verdict of the sources; "not asked" if @sources is empty.
 */
enum mdev_precheck_verdict overall(const struct sources *sources,
				   const struct answers *answers, bool all);

/**
 * add_file - add the types of a document
 * @name: file, or - for standard input
 * @sources: array that gets the types
 *
 * Return: DONE; PARTLY after a message if an entry cannot be a source; FAILED after a message,
 * and then nothing is added.
 */
enum outcome add_file(const char *name, struct sources *sources);

/**
 * ask_host - ask this host about each source
 * @settings: the command line
 * @host: this host
 * @sources: sources of the questions
 * @target: operand, see operand.h; NULL for each parent that has the source's type
 * @enough: the targets after a yes are not asked about this source
 * @answers: array that gets the answers, in the order of their sources
 *
 * Return: DONE if each source has answers of any verdict; FAILED or MISUSED after a message.
 */
enum outcome ask_host(const struct settings *settings, struct mdev_precheck *host,
		      const struct sources *sources, const char *target, bool enough,
		      struct answers *answers);

#endif
