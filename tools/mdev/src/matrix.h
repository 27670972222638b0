/* SPDX-License-Identifier: GPL-2.0-only */
/* The matrix: parents and hosts, and whose devices they take */
#ifndef MATRIX_H
#define MATRIX_H

#include "questions.h"

/**
 * enum origin - where the types of a host come from
 * @ORIGIN_LOCAL: this host
 * @ORIGIN_DOCUMENT: a document, so that the host cannot be asked
 * @ORIGIN_SSH: another host that is asked
 */
enum origin {
	ORIGIN_LOCAL,
	ORIGIN_DOCUMENT,
	ORIGIN_SSH,
};

/**
 * struct matrix_host - a host that was named
 * @name: name, allocated, or NULL for this host
 * @origin: where its types come from
 * @reason: why it was not asked, allocated, or NULL
 * @answers: answers to the questions; none if there is a reason from the beginning
 */
struct matrix_host {
	char *name;
	enum origin origin;
	char *reason;
	struct answers answers;
};

/**
 * struct matrix - the types of all hosts, and the answers
 * @hosts: hosts in the order in which they were named
 * @num_hosts: number of hosts
 * @members: types of all hosts that are asked about
 * @member_hosts: number of the host of each member: two hosts can have the same name
 * @questions: questions of the members
 * @partly: there are more types than could be read
 */
struct matrix {
	struct matrix_host *hosts;
	size_t num_hosts;
	struct sources members;
	size_t *member_hosts;
	struct questions questions;
	bool partly;
};

/**
 * question_member - a member of a question
 * @matrix: matrix
 * @question: number of the question
 * @number: number of the member in the question, from 0
 *
 * Return: the member, or NULL if there are fewer.
 */
const struct mdev_precheck_source *question_member(const struct matrix *matrix,
						   size_t question, size_t number);

/* origin_name - as the document has it, static */
const char *origin_name(enum origin origin);

/* matrix_verdict - the worst of all answers; not asked if a host was not asked */
enum mdev_precheck_verdict matrix_verdict(const struct matrix *matrix);

/* print_matrix - for people; with --verbose, nothing is folded */
void print_matrix(const struct settings *settings, const struct matrix *matrix);
/* write_matrix - the document */
void write_matrix(FILE *file, const struct matrix *matrix);

#endif
