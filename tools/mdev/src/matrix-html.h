/* SPDX-License-Identifier: GPL-2.0-only */
/* The matrix as a page for a browser */
#ifndef MATRIX_HTML_H
#define MATRIX_HTML_H

#include "matrix.h"

/**
 * struct html_style - how the page looks
 * @policy: its SHA-256, as the page's policy has it
 * @text: the style
 */
struct html_style {
	const char *policy;
	const char *text;
};

extern const struct html_style html_style;

/**
 * write_matrix_html - the matrix as one page, which needs no other file
 * @file: where to; it is written as a stream
 * @matrix: matrix
 *
 * A browser loads nothing for the page and executes nothing in it, whatever the names and the
 * reasons of the hosts are.
 */
void write_matrix_html(FILE *file, const struct matrix *matrix);

#endif
