/* SPDX-License-Identifier: GPL-2.0-only */
/* The matrix in the order and the groups of the output, for the tables and the page */
#ifndef MATRIX_VIEW_H
#define MATRIX_VIEW_H

#include "matrix-grid.h"

/**
 * struct summary_cell - types of a host that another host takes
 * @taken: types for which a parent of the other host takes each string
 * @unknown: types that are not taken, because the other host could not be asked
 * @all: types that the first host shows with a string
 */
struct summary_cell {
	unsigned int taken;
	unsigned int unknown;
	unsigned int all;
};

/**
 * struct summary - the types of each host that each other host takes
 * @hosts: groups of hosts that are equal as sources and as targets
 * @cells: a cell for each pair of @hosts; the cells of a source are contiguous
 * @lacks: for each host and type: the host was asked, and does not have the type
 * @without: groups of hosts that lack the same types, or no type
 * @states: groups of hosts with the same reason, or without a reason, and the same method
 */
struct summary {
	struct groups hosts;
	struct summary_cell *cells;
	bool *lacks;
	struct groups without;
	struct groups states;
};

/**
 * struct matrix_view - the matrix in the order and the groups of the output
 * @matrix: the matrix
 * @order: indices of the hosts in the order of their names; this host is first
 * @labels: name of each host, allocated; hosts of the same name differ in their origin
 * @positions: position of each host for fold_add(); this host is not next to another one,
 *	because a range that begins with it would not be a range of names
 * @places: parents of all hosts that have a type or an answer, in the order of their names, so
 *	that a range of names has all parents between its ends
 * @num_places: entries in @places
 * @fixture: for each host: a directory that looks like a sysfs answered
 * @grids: a grid for each type
 * @num_grids: entries in @grids
 * @types: groups of grids that differ only in their strings
 * @summary: answers between hosts
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
 * view_make - order a matrix, and group equal parts of it
 * @view: result, for view_free()
 * @matrix: matrix, which has to stay until view_free()
 * @folded: group equal parts; otherwise each target, question, type and host is its own group
 */
void view_make(struct matrix_view *view, const struct matrix *matrix, bool folded);
void view_free(struct matrix_view *view);

/* summary_make - make the summary of a view that has its grids */
void summary_make(struct matrix_view *view, bool folded);
void summary_free(struct summary *summary);
/*
 * summary_verdict - return yes if all types are taken, "not asked" if each other type is unknown,
 * and otherwise no
 */
enum mdev_precheck_verdict summary_verdict(const struct summary_cell *cell);

/* place_number - find the index of a parent in @places of @view */
size_t place_number(const struct matrix_view *view, size_t host, const char *parent);

/* type_name - return the name of the type of a grid */
const char *type_name(const struct matrix_view *view, size_t grid);

/*
 * These functions return a text with the names of some indices, allocated and escaped.
 *
 * Names that are beside each other are a range.  Unless @all is set, a text with many ranges is
 * cut.
 */
char *hosts_text(const struct matrix_view *view, const size_t *hosts, size_t num, bool all);
/* types_text - name types; a single type also has its attribute "name" */
char *types_text(const struct matrix_view *view, const size_t *grids, size_t num, bool all);
/* targets_text - name targets of @grid: HOST:PARENT, PARENT of this host, or the host */
char *targets_text(const struct matrix_view *view, const struct grid *grid,
		   const size_t *targets, size_t num, bool all);
/* members_text - name the places that show the strings of questions, counted from @grid->first */
char *members_text(const struct matrix_view *view, const struct grid *grid,
		   const size_t *questions, size_t num, bool all);
/* versions_text - list the strings of questions, counted from @grid->first */
char *versions_text(const struct matrix_view *view, const struct grid *grid,
		    const size_t *questions, size_t num, bool all);
/* numbers_text - list numbers, counted from 1 */
char *numbers_text(const size_t *numbers, size_t num, bool all);

#endif
