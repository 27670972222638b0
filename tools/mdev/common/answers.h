/* SPDX-License-Identifier: GPL-2.0-only */
/* Sources, and what targets answer about them */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "options.h"

/* A document of a host with thousands of types is a few megabytes */
#define DOCUMENT_MAX	(64 * 1024 * 1024)

/**
 * struct sources - sources in their order
 * @items: sources of the library, which belong to the array
 * @names: attribute "name" of the type of each, or NULL; without the array no name is known
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
 * @answer: answer of the library; equal answers, of whatever array, are one object, so
 *	that hundreds of hosts with hundreds of questions take some bytes for each answer
 */
struct answered {
	size_t source;
	const struct mdev_precheck_answer *answer;
};

/**
 * struct answers - answers, in the order of the sources that were asked
 * @items: answers, each of which is used by the array until answers_free()
 * @num: number of answers
 */
struct answers {
	struct answered *items;
	size_t num;
};

/**
 * sources_add - add a source
 * @sources: where it is added
 * @source: belongs to the array from now on
 * @name: attribute "name" of its type, which is copied, or NULL
 */
void sources_add(struct sources *sources, struct mdev_precheck_source *source,
		 const char *name);
/* sources_copy - the same with a copy of @source, which need not be of the library */
void sources_copy(struct sources *sources, const struct mdev_precheck_source *source,
		  const char *name);
/* sources_take - add source number @i of @from, of which sources_free() is all that follows */
void sources_take(struct sources *sources, struct sources *from, size_t i);
/* sources_move - add all sources of @from, which is empty then */
void sources_move(struct sources *sources, struct sources *from);
/**
 * sources_set_host - give sources a host
 * @sources: the sources
 * @first: number of the first one of them
 * @host: name of the host
 * @always: also those that have another one
 */
void sources_set_host(struct sources *sources, size_t first, const char *host, bool always);
/* source_name - attribute "name" of the type of a source, or NULL */
const char *source_name(const struct sources *sources, size_t number);
void sources_free(struct sources *sources);
/* is_selected - is @type the name @pattern, or does it match the pattern of fnmatch(3)? */
bool is_selected(const char *pattern, const char *type);
/*
 * sources_keep - forget the sources of types for which is_selected() is false; if a type has
 * the name @pattern, then of all others
 */
void sources_keep(struct sources *sources, const char *pattern);
/* compare_sources - 0 if two sources are the same question; by type first */
int compare_sources(const struct mdev_precheck_source *one,
		    const struct mdev_precheck_source *other);

/**
 * answers_add - add an answer
 * @answers: where it is added
 * @source: number of the source that was asked
 * @answer: belongs to the arrays from now on
 *
 * Return: false if an equal one is used in its place.
 */
bool answers_add(struct answers *answers, size_t source,
		 struct mdev_precheck_answer *answer);
/* answers_move - @answered of another array, of which free() is all that follows */
void answers_move(struct answers *answers, size_t source, const struct answered *answered);
/**
 * answers_add_not_asked - an answer of a host, or of a parent, that could not be asked
 * @answers: where it is added
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
/* first_answer - number of the first answer about @source, or about one after it, or @num */
size_t first_answer(const struct answers *answers, size_t source);

/* compare_results - what two answers came to, without their targets, rooms and kernel logs */
int compare_results(const struct mdev_precheck_answer *one,
		    const struct mdev_precheck_answer *other);

/* worse_verdict - the worse one of two: a no, and then not asked */
enum mdev_precheck_verdict worse_verdict(enum mdev_precheck_verdict one,
					 enum mdev_precheck_verdict other);

/* better_verdict - the better one of two: a yes, and then not asked */
enum mdev_precheck_verdict better_verdict(enum mdev_precheck_verdict one,
					  enum mdev_precheck_verdict other);

/**
 * overall - one verdict for all sources
 * @sources: the sources that were asked
 * @answers: about them, in their order
 * @all: each target has to take a source
 *
 * For a source it is enough that one target takes it, unless @all is set; one that could
 * not be asked might.  For the whole, each source has to be taken: the worst is a no, and
 * then not asked, which a source without an answer is, and the whole without a source.
 */
enum mdev_precheck_verdict overall(const struct sources *sources,
				   const struct answers *answers, bool all);

/**
 * add_file - add the types of a document
 * @name: file, or - for standard input
 * @sources: where they are added
 *
 * Return: DONE; PARTLY after a message if a part of it cannot be a source; FAILED after a
 * message, and then nothing is added.
 */
enum outcome add_file(const char *name, struct sources *sources);

/**
 * ask_host - ask this host about each source
 * @settings: the command line
 * @host: this host
 * @sources: the sources
 * @target: operand, see operand.h; NULL for each parent that has the source's type
 * @enough: no further target is asked about a source that one has taken
 * @answers: where the answers are added, in the order of their sources
 *
 * Return: DONE, whatever the answers are; FAILED or MISUSED after a message.
 */
enum outcome ask_host(const struct settings *settings, struct mdev_precheck *host,
		      const struct sources *sources, const char *target, bool enough,
		      struct answers *answers);

#endif
