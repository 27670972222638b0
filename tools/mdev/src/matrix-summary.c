// SPDX-License-Identifier: GPL-2.0-only
/* For each pair of hosts, count the types of one that the other takes */

#include <stdlib.h>
#include <string.h>

#include "matrix-view.h"

/**
 * struct own_question - a string that a host shows
 * @host: index of the host
 * @question: index of the question
 */
struct own_question {
	size_t host;
	size_t question;
};

/**
 * struct summary_work - a summary that is being made
 * @view: hosts and grids
 * @own: strings of all hosts, in the order of the hosts and of the questions
 * @begin: index in @own of each host's first string; the last entry is the end
 * @verdicts: for each host and question, the best verdict of the host's parents
 * @cells: a cell for each pair of hosts
 */
struct summary_work {
	const struct matrix_view *view;
	struct own_question *own;
	size_t *begin;
	unsigned char *verdicts;
	struct summary_cell *cells;
};

static int compare_own(const void *one, const void *other)
{
	const struct own_question *a = one, *b = other;

	if (a->host != b->host)
		return a->host < b->host ? -1 : 1;
	return (a->question > b->question) - (a->question < b->question);
}

/* find_own - find each string of each host once */
static void find_own(struct summary_work *work)
{
	const struct matrix *matrix = work->view->matrix;
	size_t num = matrix->members.num, kept = 0, i, host;

	work->own = allocate((num + 1) * sizeof(*work->own));
	work->begin = allocate((matrix->num_hosts + 1) * sizeof(*work->begin));
	for (i = 0; i < num; i++) {
		if (matrix->members.items[i]->version)
			work->own[kept++] = (struct own_question){
				.host = matrix->member_hosts[i],
				.question = matrix->questions.of[i],
			};
	}
	qsort(work->own, kept, sizeof(*work->own), compare_own);
	for (i = 0, num = 0; i < kept; i++) {
		if (!i || compare_own(&work->own[i - 1], &work->own[i]))
			work->own[num++] = work->own[i];
	}
	for (host = 0, i = 0; host <= matrix->num_hosts; host++) {
		while (i < num && work->own[i].host < host)
			i++;
		work->begin[host] = i;
	}
}

/*
 * find_verdicts - unite the verdicts of a host's parents: one parent that takes a string is
 * enough
 */
static void find_verdicts(struct summary_work *work)
{
	const struct matrix *matrix = work->view->matrix;
	size_t questions = matrix->questions.asked.num, host, i;

	work->verdicts = allocate(matrix->num_hosts * questions + 1);
	memset(work->verdicts, MDEV_PRECHECK_NOT_ASKED, matrix->num_hosts * questions);
	for (host = 0; host < matrix->num_hosts; host++) {
		const struct answers *answers = &matrix->hosts[host].answers;

		for (i = 0; i < answers->num; i++) {
			size_t source = answers->items[i].source;
			unsigned char *verdict = &work->verdicts[host * questions + source];
			bool first = !i || answers->items[i - 1].source != source;

			*verdict = first ? answers->items[i].answer->verdict :
				   better_verdict(*verdict, answers->items[i].answer->verdict);
		}
	}
}

/* summary_cell - count the types of @from for which the host @to takes each string */
static struct summary_cell summary_cell(const struct summary_work *work, size_t from, size_t to)
{
	const struct sources *asked = &work->view->matrix->questions.asked;
	const unsigned char *verdicts = work->verdicts + to * asked->num;
	struct summary_cell cell = {};
	size_t first, i;

	for (first = work->begin[from]; first < work->begin[from + 1]; first = i) {
		const char *type = asked->items[work->own[first].question]->type;
		enum mdev_precheck_verdict verdict = MDEV_PRECHECK_COMPATIBLE;

		for (i = first; i < work->begin[from + 1] &&
		     !strcmp(asked->items[work->own[i].question]->type, type); i++)
			verdict = worse_verdict(verdict, verdicts[work->own[i].question]);
		cell.all++;
		cell.taken += verdict == MDEV_PRECHECK_COMPATIBLE;
		cell.unknown += verdict == MDEV_PRECHECK_NOT_ASKED;
	}
	return cell;
}

static void find_cells(struct summary_work *work)
{
	size_t num = work->view->matrix->num_hosts, from, to;

	work->cells = allocate((num * num + 1) * sizeof(*work->cells));
	for (from = 0; from < num; from++) {
		for (to = 0; to < num; to++)
			work->cells[from * num + to] = summary_cell(work, from, to);
	}
}

/* compare_hosts - compare two hosts as sources, and then as targets */
static int compare_hosts(size_t one, size_t other, const void *data)
{
	const struct summary_work *work = data;
	size_t num = work->view->matrix->num_hosts, i;
	int order = memcmp(work->cells + one * num, work->cells + other * num,
			   num * sizeof(*work->cells));

	for (i = 0; i < num && !order; i++)
		order = memcmp(&work->cells[i * num + one], &work->cells[i * num + other],
			       sizeof(*work->cells));
	return order;
}

static void fold_hosts(struct summary_work *work, struct summary *summary, bool folded)
{
	size_t num = work->view->matrix->num_hosts, row, column;
	struct groups *hosts = &summary->hosts;

	groups_make(hosts, num, folded ? compare_hosts : NULL, work);
	summary->cells = allocate((hosts->num * hosts->num + 1) * sizeof(*summary->cells));
	for (row = 0; row < hosts->num; row++) {
		for (column = 0; column < hosts->num; column++)
			summary->cells[row * hosts->num + column] =
				work->cells[group_first(hosts, row) * num +
					    group_first(hosts, column)];
	}
}

/* find_lacks - find the hosts that answered that no parent has a type */
static void find_lacks(const struct matrix_view *view, struct summary *summary)
{
	const struct matrix *matrix = view->matrix;
	size_t host, grid, i;

	summary->lacks = allocate(matrix->num_hosts * view->num_grids + 1);
	for (host = 0; host < matrix->num_hosts; host++) {
		const struct answers *answers = &matrix->hosts[host].answers;

		for (grid = 0; grid < view->num_grids; grid++) {
			i = first_answer(answers, view->grids[grid].first);
			if (i < answers->num && answers->items[i].source < view->grids[grid].end)
				summary->lacks[host * view->num_grids + grid] =
					lacks_type(answers->items[i].answer);
		}
	}
}

static int compare_lacks(size_t one, size_t other, const void *data)
{
	const struct matrix_view *view = data;

	return memcmp(view->summary.lacks + one * view->num_grids,
		      view->summary.lacks + other * view->num_grids, view->num_grids);
}

static int compare_states(size_t one, size_t other, const void *data)
{
	const struct matrix_view *view = data;

	if (view->fixture[one] != view->fixture[other])
		return view->fixture[one] ? 1 : -1;
	return compare_optional(view->matrix->hosts[one].reason,
				view->matrix->hosts[other].reason);
}

void summary_make(struct matrix_view *view, bool folded)
{
	struct summary_work work = { .view = view };
	size_t num = view->matrix->num_hosts;

	find_own(&work);
	find_verdicts(&work);
	find_cells(&work);
	fold_hosts(&work, &view->summary, folded);
	find_lacks(view, &view->summary);
	groups_make(&view->summary.without, num, folded ? compare_lacks : NULL, view);
	groups_make(&view->summary.states, num, folded ? compare_states : NULL, view);
	free(work.own);
	free(work.begin);
	free(work.verdicts);
	free(work.cells);
}

void summary_free(struct summary *summary)
{
	groups_free(&summary->hosts);
	groups_free(&summary->without);
	groups_free(&summary->states);
	free(summary->cells);
	free(summary->lacks);
}

enum mdev_precheck_verdict summary_verdict(const struct summary_cell *cell)
{
	if (cell->taken == cell->all)
		return MDEV_PRECHECK_COMPATIBLE;
	return cell->taken + cell->unknown == cell->all ? MDEV_PRECHECK_NOT_ASKED :
							  MDEV_PRECHECK_INCOMPATIBLE;
}
