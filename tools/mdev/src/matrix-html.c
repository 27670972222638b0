// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write the matrix as a page for a browser
 *
 * The page does not have a script.  A cell that is not a yes is a link to its reason, for the
 * mouse, the keyboard and a screen reader.  A reader can open a list of names that is cut.
 */

#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "matrix-html.h"
#include "matrix-parts.h"

/* Cells of a table that also have their reason as a title; more would need megabytes */
#define TITLES_MAX	20000

/**
 * struct page - a page that is being written
 * @file: output
 * @view: the matrix
 */
struct page {
	FILE *file;
	const struct matrix_view *view;
};

/* Class of a verdict in the style; its word is in html_words */
static const char *const html_classes[] = {
	[MDEV_PRECHECK_NOT_ASKED] = "unknown",
	[MDEV_PRECHECK_COMPATIBLE] = "yes",
	[MDEV_PRECHECK_INCOMPATIBLE] = "no",
};

static const char *const html_words[] = {
	[MDEV_PRECHECK_NOT_ASKED] = "not asked",
	[MDEV_PRECHECK_COMPATIBLE] = "yes",
	[MDEV_PRECHECK_INCOMPATIBLE] = "no",
};

/* put_text - write @text without markup and without characters that reorder the text beside it */
static void put_text(FILE *file, const char *text)
{
	/* escaped() does not change a text that is escaped already */
	char *shown = escaped(text);
	const char *from;

	for (from = shown; *from; from++) {
		switch (*from) {
		case '&':
			fputs("&amp;", file);
			break;
		case '<':
			fputs("&lt;", file);
			break;
		case '>':
			fputs("&gt;", file);
			break;
		case '"':
			fputs("&quot;", file);
			break;
		case '\'':
			fputs("&#39;", file);
			break;
		default:
			putc(*from, file);
		}
	}
	free(shown);
}

/* put_names - write @some names, which open to @all names; both are freed */
static void put_names(FILE *file, char *some, char *all)
{
	if (strcmp(some, all)) {
		fputs("<details><summary>", file);
		put_text(file, some);
		fputs("</summary>", file);
		put_text(file, all);
		fputs("</details>", file);
	} else {
		put_text(file, some);
	}
	free(some);
	free(all);
}

static void put_hosts(const struct page *page, const struct groups *groups, size_t group)
{
	const size_t *hosts = group_members(groups, group);
	size_t num = group_size(groups, group);

	put_names(page->file, hosts_text(page->view, hosts, num, false),
		  hosts_text(page->view, hosts, num, true));
}

static void put_types(const struct page *page, const size_t *types, size_t num)
{
	put_names(page->file, types_text(page->view, types, num, false),
		  types_text(page->view, types, num, true));
}

/* put_type_names - write the names of types whose grids are equal, for a heading */
static void put_type_names(const struct page *page, size_t types)
{
	size_t num = group_size(&page->view->types, types);
	char *text = types_text(page->view, group_members(&page->view->types, types), num, false);

	fprintf(page->file, "Type%s ", num > 1 ? "s" : "");
	put_text(page->file, text);
	free(text);
}

/* begin_table - begin a region that scrolls, because a table can be larger than the window */
static void begin_table(FILE *file, const char *kind, const char *id, const char *caption,
			const char *corner)
{
	fprintf(file, "<div class=\"scroll\" role=\"region\" tabindex=\"0\"\n"
		"aria-labelledby=\"%s\">\n<table class=\"%s\">\n<caption id=\"%s\">%s</caption>\n"
		"<thead>\n<tr><th scope=\"col\">%s</th>", id, kind, id, caption, corner);
}

static void end_head(FILE *file)
{
	fputs("</tr>\n</thead>\n<tbody>\n", file);
}

static void end_table(FILE *file)
{
	fputs("</tbody>\n</table>\n</div>\n", file);
}

static void begin_page(FILE *file)
{
	char host[HOST_NAME_MAX + 1] = "", when[] = "YYYY-MM-DDTHH:MM:SSZ";
	time_t now = time(NULL);
	struct tm utc;

	if (gethostname(host, sizeof(host) - 1))
		host[0] = '\0';
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));

	fprintf(file, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src '%s'; base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<title>Mediated devices and the hosts that take them, asked on ",
		html_style.policy);
	put_text(file, host);
	fprintf(file, ", %.10s</title>\n<style>%s</style>\n</head>\n<body>\n"
		"<a class=\"skip\" href=\"#summary\">Skip to the hosts</a>\n<header>\n"
		"<h1>Mediated devices and the hosts that take them</h1>\n"
		"<p class=\"soft\">Asked on <b>", when, html_style.text);
	put_text(file, host);
	fprintf(file, "</b> by mdev-precheck %s, the last answer before\n"
		"<time datetime=\"%s\">%.10s %.8s UTC</time>.</p>\n</header>\n",
		PRECHECK_VERSION, when, when, when + 11);
}

static void put_contents(const struct page *page)
{
	FILE *file = page->file;
	size_t i;

	fputs("<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">Contents</h2>\n<ul>\n"
	      "<li><a href=\"#meaning\">Meaning of the answers</a></li>\n"
	      "<li><a href=\"#summary\">From host to host</a></li>\n"
	      "<li><a href=\"#hosts\">Hosts that were asked</a></li>\n", file);
	for (i = 0; i < page->view->types.num; i++) {
		fprintf(file, "<li><a href=\"#t%zu\">", i + 1);
		put_type_names(page, i);
		fputs("</a></li>\n", file);
	}
	fputs("</ul>\n</nav>\n", file);
}

static void put_meaning(const struct page *page)
{
	bool fixture = false;
	size_t i;

	for (i = 0; i < page->view->matrix->num_hosts; i++)
		fixture |= page->view->fixture[i];
	fputs("<section aria-labelledby=\"meaning\">\n"
	      "<h2 id=\"meaning\">Meaning of the answers</h2>\n"
	      "<dl class=\"legend\">\n<dt class=\"yes\">yes</dt>\n"
	      "<dd>The driver of the target took the version string of the source: a write of it\n"
	      "to the target succeeded before the time above. The answer is a hint for later,\n"
	      "because a driver or a configuration can change: the target has to be asked again\n"
	      "before a migration.</dd>\n"
	      "<dt class=\"no\">no</dt>\n"
	      "<dd>The target does not take a device of the source. The cell leads to the\n"
	      "reason.</dd>\n"
	      "<dt class=\"unknown\">not asked</dt>\n"
	      "<dd>The target could not be asked, or did not answer: the answer is neither a yes\n"
	      "nor a no. The cell leads to the reason.</dd>\n</dl>\n", page->file);
	if (fixture)
		fputs("<p><b>Some hosts answered by a fixture:</b> a directory that looks like a\n"
		      "sysfs, and not a driver. The list of hosts marks them.</p>\n", page->file);
	fputs("</section>\n", page->file);
}

/* put_count - write a cell of the summary; @state is the state of the host in the column */
static void put_count(FILE *file, const struct summary_cell *cell, size_t state)
{
	const char *word = cell->taken ? "some" : "none";

	if (!cell->all) {
		fputs("<td class=\"empty\">no types</td>", file);
		return;
	}
	switch (summary_verdict(cell)) {
	case MDEV_PRECHECK_COMPATIBLE:
		fprintf(file, "<td class=\"yes\">all, %u/%u</td>", cell->taken, cell->all);
		break;
	case MDEV_PRECHECK_NOT_ASKED:
		fprintf(file, "<td class=\"unknown\"><a href=\"#h%zu\">not asked", state + 1);
		if (cell->taken)
			fprintf(file, ", %u/%u", cell->taken, cell->all);
		fputs("</a></td>", file);
		break;
	default:
		fprintf(file, "<td class=\"%s\">%s, %u/%u", cell->taken ? "some" : "no", word,
			cell->taken, cell->all);
		if (cell->unknown)
			fprintf(file, ", %u not asked", cell->unknown);
		fputs("</td>", file);
	}
}

/* states_of_hosts - allocate the index of each host's state */
static size_t *states_of_hosts(const struct matrix_view *view)
{
	const struct groups *states = &view->summary.states;
	size_t *state_of = allocate((view->matrix->num_hosts + 1) * sizeof(*state_of));
	size_t state, i;

	for (state = 0; state < states->num; state++) {
		for (i = 0; i < group_size(states, state); i++)
			state_of[group_members(states, state)[i]] = state;
	}
	return state_of;
}

static void put_counts(const struct page *page)
{
	const struct groups *hosts = &page->view->summary.hosts;
	size_t *state_of = states_of_hosts(page->view);
	FILE *file = page->file;
	size_t from, to;

	begin_table(file, "grid", "summary-table",
		    "From the host of a row to the host of a column", "From \\ to");
	for (to = 0; to < hosts->num; to++) {
		fputs("<th scope=\"col\">", file);
		put_hosts(page, hosts, to);
		fputs("</th>", file);
	}
	end_head(file);
	for (from = 0; from < hosts->num; from++) {
		fputs("<tr><th scope=\"row\">", file);
		put_hosts(page, hosts, from);
		fputs("</th>", file);
		for (to = 0; to < hosts->num; to++)
			put_count(file, &page->view->summary.cells[from * hosts->num + to],
				  state_of[group_first(hosts, to)]);
		fputs("</tr>\n", file);
	}
	end_table(file);
	free(state_of);
}

/* put_lacking - write which types hosts do not have */
static void put_lacking(const struct page *page)
{
	const struct groups *without = &page->view->summary.without;
	size_t group, num, *types;
	bool any = false;

	for (group = 0; group < without->num; group++) {
		types = lacked_types(page->view, group, &num);
		if (num) {
			fputs(any ? "<li>" : "<p>Types that a host does not have:</p>\n<ul>\n<li>",
			      page->file);
			any = true;
			put_hosts(page, without, group);
			fputs(": ", page->file);
			put_types(page, types, num);
			fputs("</li>\n", page->file);
		}
		free(types);
	}
	if (any)
		fputs("</ul>\n", page->file);
}

static void put_summary(const struct page *page)
{
	fputs("<section aria-labelledby=\"summary\">\n"
	      "<h2 id=\"summary\">From host to host</h2>\n", page->file);
	if (page->view->num_grids) {
		fputs("<p>A cell counts the types of the host of its row, each with a version\n"
		      "string of its own, that a parent of the host of its column takes.</p>\n",
		      page->file);
		put_counts(page);
	} else {
		fputs("<p>No host has a type to ask about.</p>\n", page->file);
	}
	put_lacking(page);
	fputs("</section>\n", page->file);
}

static void put_states(const struct page *page)
{
	const struct groups *states = &page->view->summary.states;
	FILE *file = page->file;
	size_t i;

	fputs("<section aria-labelledby=\"hosts\">\n<h2 id=\"hosts\">Hosts that were asked</h2>\n"
	      "<ul class=\"reasons\">\n", file);
	for (i = 0; i < states->num; i++) {
		size_t host = group_first(states, i);
		const char *reason = page->view->matrix->hosts[host].reason;

		fprintf(file, "<li id=\"h%zu\" tabindex=\"-1\">", i + 1);
		put_hosts(page, states, i);
		fprintf(file, ": <b>%sasked%s</b>", reason ? "not " : "",
			page->view->fixture[host] ? " (fixture)" : "");
		if (reason) {
			fputs(": ", file);
			put_text(file, reason);
		}
		fputs("</li>\n", file);
	}
	fputs("</ul>\n</section>\n", file);
}

static void put_source_row(const struct page *page, const struct source_rows *rows, size_t equal)
{
	const struct source_row *row = &rows->rows[group_first(&rows->equal, equal)];
	const struct grid *grid = &page->view->grids[row->grid];
	FILE *file = page->file;
	size_t *types, num;

	fprintf(file, "<tr><th scope=\"row\">%zu</th>", row->column + 1);
	if (rows->typed) {
		fputs("<td>", file);
		types = source_types(rows, equal, &num);
		put_types(page, types, num);
		free(types);
		fputs("</td>", file);
	}
	fputs("<td class=\"version\">", file);
	put_names(file, duplicate(row->version),
		  versions_text(page->view, grid, row->questions, row->num, true));
	fputs("</td><td>", file);
	put_names(file, duplicate(row->members),
		  members_text(page->view, grid, row->questions, row->num, true));
	fputs("</td></tr>\n", file);
}

static void put_sources(const struct page *page, size_t types)
{
	char *id = format_text("t%zu-sources", types + 1);
	struct source_rows rows;
	size_t i;

	source_rows_make(&rows, page->view, types, false);
	fputs("<h3>Sources</h3>\n", page->file);
	begin_table(page->file, "list", id, "Version strings, and the parents that have them",
		    "Number");
	fprintf(page->file, "%s<th scope=\"col\">Version</th><th scope=\"col\">Parents</th>",
		rows.typed ? "<th scope=\"col\">Type</th>" : "");
	end_head(page->file);
	for (i = 0; i < rows.equal.num; i++)
		put_source_row(page, &rows, i);
	end_table(page->file);
	source_rows_free(&rows);
	free(id);
}

/* put_columns - write the number of each column, and its string if there is a single type */
static void put_columns(const struct page *page, const struct grid *grid, size_t types)
{
	bool single = group_size(&page->view->types, types) == 1;
	FILE *file = page->file;
	size_t column;
	char *version;

	for (column = 0; column < grid->columns.num; column++) {
		fprintf(file, "<th scope=\"col\">%zu", column + 1);
		if (single) {
			version = versions_text(page->view, grid,
						group_members(&grid->columns, column),
						group_size(&grid->columns, column), false);
			fputs("<code>", file);
			put_text(file, version);
			fputs("</code>", file);
			free(version);
		}
		fputs("</th>", file);
	}
}

static void put_answer(FILE *file, const struct grid *grid, size_t row, size_t column,
		       size_t types)
{
	size_t number = grid->cells[row * grid->columns.num + column];
	const struct grid_result *result = &grid->results[number];
	const char *word = html_words[result->verdict];

	fprintf(file, "<td class=\"%s\">", html_classes[result->verdict]);
	if (result->verdict == MDEV_PRECHECK_COMPATIBLE) {
		fprintf(file, "%s</td>", word);
		return;
	}
	fprintf(file, "<a href=\"#t%zu-r%zu\"", types + 1, number + 1);
	if (grid->rows.num * grid->columns.num <= TITLES_MAX) {
		fputs(" title=\"", file);
		put_text(file, result->reason);
		putc('"', file);
	}
	fprintf(file, ">%s</a></td>", word);
}

static void put_answers(const struct page *page, const struct grid *grid, size_t types)
{
	char *id = format_text("t%zu-answers", types + 1);
	FILE *file = page->file;
	size_t row, column;

	fputs("<h3>Answers</h3>\n", file);
	begin_table(file, "grid", id, "From the source of a column to the target of a row",
		    "To \\ from");
	put_columns(page, grid, types);
	end_head(file);
	for (row = 0; row < grid->rows.num; row++) {
		const size_t *targets = group_members(&grid->rows, row);
		size_t num = group_size(&grid->rows, row);

		fputs("<tr><th scope=\"row\">", file);
		put_names(file, targets_text(page->view, grid, targets, num, false),
			  targets_text(page->view, grid, targets, num, true));
		fputs("</th>", file);
		for (column = 0; column < grid->columns.num; column++)
			put_answer(file, grid, row, column, types);
		fputs("</tr>\n", file);
	}
	end_table(file);
	free(id);
}

/* put_block - write the columns and targets of a reason */
static void put_block(const struct page *page, const struct grid *grid, size_t block)
{
	FILE *file = page->file;

	fputs("<li>from number ", file);
	put_names(file, block_columns(grid, block, false), block_columns(grid, block, true));
	fputs(" to ", file);
	put_names(file, block_targets(page->view, grid, block, false),
		  block_targets(page->view, grid, block, true));
	fputs("</li>\n", file);
}

static void put_reasons(const struct page *page, const struct grid *grid, size_t types)
{
	FILE *file = page->file;
	size_t block, end;

	if (!grid->blocks.num)
		return;
	fputs("<h3>Reasons</h3>\n<ul class=\"reasons\">\n", file);
	for (block = 0; block < grid->blocks.num; block = end) {
		size_t number = block_result(grid, block);
		const struct grid_result *result = &grid->results[number];

		fprintf(file, "<li id=\"t%zu-r%zu\" tabindex=\"-1\"><b>%s</b>: ", types + 1,
			number + 1, html_words[result->verdict]);
		put_text(file, result->reason);
		fputs("\n<ul>\n", file);
		for (end = blocks_end(grid, block); block < end; block++)
			put_block(page, grid, block);
		fputs("</ul>\n</li>\n", file);
	}
	fputs("</ul>\n", file);
}

/* put_group - write types whose grids are equal */
static void put_group(const struct page *page, size_t types)
{
	const struct groups *groups = &page->view->types;
	const struct grid *grid = &page->view->grids[group_first(groups, types)];
	FILE *file = page->file;

	fprintf(file, "<section aria-labelledby=\"t%zu\">\n<h2 id=\"t%zu\">", types + 1,
		types + 1);
	put_type_names(page, types);
	fputs("</h2>\n", file);
	if (group_size(groups, types) > 1) {
		fputs("<div>The targets answer equally about ", file);
		put_types(page, group_members(groups, types), group_size(groups, types));
		fputs("</div>\n", file);
	}
	put_sources(page, types);
	if (grid->num_targets) {
		put_answers(page, grid, types);
		put_reasons(page, grid, types);
	} else {
		fputs("<p>No host could be asked.</p>\n", file);
	}
	fputs("</section>\n", file);
}

void write_matrix_html(FILE *file, const struct matrix *matrix)
{
	struct matrix_view view;
	struct page page = {
		.file = file,
		.view = &view,
	};
	char *locale = duplicate(setlocale(LC_CTYPE, NULL));
	size_t i;

	/* The page is UTF-8 in each locale; escaped() returns ASCII if C.UTF-8 is missing */
	setlocale(LC_CTYPE, "C.UTF-8");
	view_make(&view, matrix, true);
	begin_page(file);
	put_contents(&page);
	fputs("<main>\n", file);
	put_meaning(&page);
	put_summary(&page);
	put_states(&page);
	for (i = 0; i < view.types.num; i++)
		put_group(&page, i);
	fputs("</main>\n</body>\n</html>\n", file);
	view_free(&view);
	setlocale(LC_CTYPE, locale);
	free(locale);
}
