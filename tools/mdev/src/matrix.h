/* SPDX-License-Identifier: GPL-2.0-only */
/* The matrix: types of parents and hosts, and the answers of all targets about them */
#ifndef MATRIX_H
#define MATRIX_H

#include "questions.h"

/**
 * enum origin - the way in which the types of a host are read
 * @ORIGIN_LOCAL: sysfs of this host
 * @ORIGIN_DOCUMENT: a document, so that the host cannot be asked
 * @ORIGIN_SSH: mdev-precheck on another host
 */
enum origin {
	ORIGIN_LOCAL,
	ORIGIN_DOCUMENT,
	ORIGIN_SSH,
};

/**
 * struct matrix_host - a host on the command line, or in a document
 * @name: name, allocated; NULL for this host
 * @origin: the way in which its types are read
 * @reason: reason why the host was not asked, allocated; or NULL
 * @answers: answers to the questions; empty if the host had a reason before the questions
 */
struct matrix_host {
	char *name;
	enum origin origin;
	char *reason;
	struct answers answers;
};

/**
 * struct matrix - the types of all hosts, and the answers
 * @hosts: hosts in the order of the command line
 * @num_hosts: entries in @hosts
 * @members: types of all hosts
 * @member_hosts: index of each member's host, because two hosts can have the same name
 * @questions: questions about the members
 * @partly: a type could not be read, or a document was not read wholly
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
 * question_member - return a member of a question
 * @matrix: matrix
 * @question: index of the question
 * @number: index of the member in the question
 *
 * Return: the member, or NULL after the last one.
 */
const struct mdev_precheck_source *question_member(const struct matrix *matrix,
						   size_t question, size_t number);

/* origin_name - return the name that the document has for an origin */
const char *origin_name(enum origin origin);

/* matrix_verdict - return the worst verdict; a host that was not asked counts as "not asked" */
enum mdev_precheck_verdict matrix_verdict(const struct matrix *matrix);

/* print_matrix - print tables for people */
void print_matrix(const struct settings *settings, const struct matrix *matrix);
/* write_matrix - write the document */
void write_matrix(FILE *file, const struct matrix *matrix);

#endif
