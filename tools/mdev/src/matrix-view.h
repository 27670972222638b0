/* SPDX-License-Identifier: GPL-2.0-only */
/* The matrix as people see it, made once for the text and for the page */
#ifndef MATRIX_VIEW_H
#define MATRIX_VIEW_H

#include "matrix-grid.h"

/**
 * struct summary_cell - how many types of a host another host takes
 * @taken: types of which a parent of the other host takes each string
 * @unknown: types that are not taken because the other host could not be asked
 * @all: types that the first host has with a string
 */
struct summary_cell {
	unsigned int taken;
	unsigned int unknown;
	unsigned int all;
};

/**
 * struct summary - hosts whose types are taken, and hosts that take them
 * @hosts: hosts that are equal, whichever is the first and the other
 * @cells: one for each two of @hosts, those from the same one beside each other
 * @lacks: for each host and each type: was the host asked, and does not have the type?
 * @without: hosts that lack the same types, or none
 * @states: hosts with an equal reason, or without one, whose answers have the same method
 */
struct summary {
	struct groups hosts;
	struct summary_cell *cells;
	bool *lacks;
	struct groups without;
	struct groups states;
};

/**
 * struct matrix_view - a matrix as people see it
 * @matrix: the matrix
 * @order: numbers of the hosts in the order of their names; this host is the first
 * @labels: name of each host, allocated; hosts of the same name differ in what follows it
 * @positions: of each host in that order, for fold_add(): this host is not beside another
 *	one, because a range from it would not be a range of names
 * @places: parents of all hosts that have a type or an answer, in the order of their names:
 *	a range of names has all that are between its ends
 * @num_places: number of them
 * @fixture: does each host answer by a directory that looks like a sysfs?
 * @grids: one for each type
 * @num_grids: number of them
 * @types: numbers of grids that are equal but for the strings
 * @summary: the hosts
 */
struct matrix_view {
	const struct matrix *matrix;
	size_t *order;
	char **labels;
	size_t *positions;
	struct grid_target *places;
	size_t num_places;
	bool *fixture;
	struct grid *grids;
	size_t num_grids;
	struct groups types;
	struct summary summary;
};

/**
 * view_make - find out what is equal
 * @view: result
 * @matrix: matrix, which has to stay until view_free()
 * @folded: otherwise each target, question, type and host is a group of its own
 */
void view_make(struct matrix_view *view, const struct matrix *matrix, bool folded);
void view_free(struct matrix_view *view);

/* summary_make - @view has the grids */
void summary_make(struct matrix_view *view, bool folded);
void summary_free(struct summary *summary);
/* summary_verdict - yes if all are taken, not asked if the rest is not known, otherwise no */
enum mdev_precheck_verdict summary_verdict(const struct summary_cell *cell);

/* place_number - number of a parent in @places of @view */
size_t place_number(const struct matrix_view *view, size_t host, const char *parent);

/* type_name - the name of the type of a grid */
const char *type_name(const struct matrix_view *view, size_t grid);

/*
 * The functions below return a text for people of some numbers, escaped and allocated: names
 * that stand beside each other are a range, and if @all is not set, many ranges are cut.
 */
char *hosts_text(const struct matrix_view *view, const size_t *hosts, size_t num, bool all);
/* types_text - a single type has its attribute "name" behind it */
char *types_text(const struct matrix_view *view, const size_t *grids, size_t num, bool all);
/* targets_text - targets of @grid: HOST:PARENT, PARENT of this host, or the host */
char *targets_text(const struct matrix_view *view, const struct grid *grid,
		   const size_t *targets, size_t num, bool all);
/* members_text - the places that have the strings of questions, which count from @grid->first */
char *members_text(const struct matrix_view *view, const struct grid *grid,
		   const size_t *questions, size_t num, bool all);
/* versions_text - the strings of these questions */
char *versions_text(const struct matrix_view *view, const struct grid *grid,
		    const size_t *questions, size_t num, bool all);
/* numbers_text - numbers as people count them, from 1 */
char *numbers_text(const size_t *numbers, size_t num, bool all);

#endif
