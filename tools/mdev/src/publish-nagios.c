// SPDX-License-Identifier: GPL-2.0-only
/* export --format nagios: write the line of a monitoring plugin, with performance data */

#include <string.h>
#include <time.h>

#include "publish.h"

/* Strings that the line names, because some programs cut it after 1024 bytes */
#define NAMED_MAX	3
/* Characters of a type, or of a version, in the line */
#define SHOWN_MAX	60

/**
 * struct counts - known strings by their verdicts
 * @taken: strings that at least one parent takes
 * @by_all: strings that each parent with the type takes
 * @refused: strings that the host refuses
 * @not_asked: strings that the host could not be asked about
 */
struct counts {
	size_t taken;
	size_t by_all;
	size_t refused;
	size_t not_asked;
};

static void count(const struct publication *publication, struct counts *counts)
{
	size_t i;

	for (i = 0; i < publication->num_known; i++) {
		const struct known_version *known = &publication->known[i];

		counts->by_all += is_taken_by_all(known);
		switch (known->verdict) {
		case MDEV_PRECHECK_COMPATIBLE:
			counts->taken++;
			break;
		case MDEV_PRECHECK_INCOMPATIBLE:
			counts->refused++;
			break;
		default:
			counts->not_asked++;
		}
	}
}

/* write_cut - write the beginning of a text, without characters that end or change the line */
static void write_cut(FILE *file, const char *text)
{
	size_t i;

	for (i = 0; i < SHOWN_MAX && text[i]; i++)
		putc(text[i] < ' ' || text[i] > '~' || strchr("|<>", text[i]) ? '?' : text[i],
		     file);
	if (text[i])
		fputs("...", file);
}

/* name_strings - name the first strings with a verdict */
static void name_strings(FILE *file, const struct publication *publication,
			 enum mdev_precheck_verdict verdict, size_t num)
{
	size_t named = 0, i;

	for (i = 0; i < publication->num_known && named < NAMED_MAX; i++) {
		if (publication->known[i].verdict != verdict)
			continue;
		fputs(named++ ? ", " : ": ", file);
		write_cut(file, publication->known[i].type);
		putc(' ', file);
		write_cut(file, publication->known[i].version);
	}
	if (num > named)
		fprintf(file, ", and %zu more", num - named);
}

static void write_summary(FILE *file, const struct publication *publication,
			  const struct counts *counts)
{
	if (!publication->asked) {
		fputs("no string was asked about, see export --takes", file);
	} else if (!publication->num_known) {
		fputs("no string of the fleet is known", file);
	} else if (counts->refused) {
		fprintf(file, "%zu of %zu strings refused", counts->refused,
			publication->num_known);
		name_strings(file, publication, MDEV_PRECHECK_INCOMPATIBLE, counts->refused);
	} else if (counts->not_asked) {
		fprintf(file, "%zu of %zu strings not asked about", counts->not_asked,
			publication->num_known);
		name_strings(file, publication, MDEV_PRECHECK_NOT_ASKED, counts->not_asked);
	} else {
		fprintf(file, "%zu of %zu strings taken, %zu by each parent", counts->taken,
			publication->num_known, counts->by_all);
	}
	if (publication->partly)
		fputs(", and a parent, a type or a string was left out", file);
	if (publication->fixture)
		fputs(", of a fixture: no driver was asked", file);
}

enum outcome publish_nagios(FILE *file, const struct publication *publication)
{
	/* Names of the exit statuses 0, 1 and 3, which negate --substitute searches for */
	static const char *const states[] = {
		[MDEV_PRECHECK_NOT_ASKED] = "UNKNOWN",
		[MDEV_PRECHECK_COMPATIBLE] = "OK",
		[MDEV_PRECHECK_INCOMPATIBLE] = "WARNING",
	};
	long long age = time(NULL) - publication->time;
	struct counts counts = {};

	count(publication, &counts);
	fprintf(file, "MDEV %s - ", states[whole_verdict(publication)]);
	write_summary(file, publication, &counts);
	fprintf(file, "|known=%zu;;;0 taken=%zu;;;0;%zu taken_by_each_parent=%zu;;;0;%zu",
		publication->num_known, counts.taken, publication->num_known, counts.by_all,
		publication->num_known);
	fprintf(file, " refused=%zu;;;0;%zu not_asked=%zu;;;0;%zu", counts.refused,
		publication->num_known, counts.not_asked, publication->num_known);
	/* A clock of another host can be ahead */
	fprintf(file, " parents=%zu;;;0 unread=%zu;;;0 age=%llds;;;0\n", publication->parents,
		publication->unread, age > 0 ? age : 0);
	return DONE;
}
