/* SPDX-License-Identifier: GPL-2.0-only */
/* The matrix as a page for a browser */
#ifndef MATRIX_HTML_H
#define MATRIX_HTML_H

#include "matrix.h"

/**
 * struct html_style - style of the page
 * @policy: SHA-256 of @text, in the form of a Content-Security-Policy
 * @text: style sheet
 */
struct html_style {
	const char *policy;
	const char *text;
};

extern const struct html_style html_style;

/**
 * write_matrix_html - write the matrix as one page, which needs no other file
 * @file: output, which is written as a stream
 * @matrix: matrix
 *
 * A browser loads no other file for the page and executes nothing in it, even if a
 * host sends names and reasons with markup.
 */
void write_matrix_html(FILE *file, const struct matrix *matrix);

#endif
