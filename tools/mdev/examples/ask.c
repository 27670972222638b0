// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Would a type of this host take a device of another host?
 *
 *	cc ask.c -o ask $(pkg-config --cflags --libs libmdev-precheck)
 *	./ask mtty/mtty-2 4348:3253-1.0
 *
 * The exit status is 0 for yes, 1 for no, 2 for a wrong call, and 3 if the question
 * could not be asked.
 */

#include <mdev-precheck.h>
#include <stdio.h>
#include <string.h>

/* status_of - choose the exit status of a verdict: 3, not asked, is not a no */
static int status_of(enum mdev_precheck_verdict verdict)
{
	switch (verdict) {
	case MDEV_PRECHECK_COMPATIBLE:
		return 0;
	case MDEV_PRECHECK_INCOMPATIBLE:
		return 1;
	case MDEV_PRECHECK_NOT_ASKED:
		break;
	}
	return 3;
}

int main(int argc, char **argv)
{
	struct mdev_precheck_source source = { .state = MDEV_PRECHECK_SOURCE_READ };
	struct mdev_precheck_answer *answer;
	struct mdev_precheck_place target;
	struct mdev_precheck *host;
	const char *wrong;
	size_t i;
	int ret;

	if (argc != 3 || mdev_precheck_parse_place(argv[1], &target)) {
		fprintf(stderr, "usage: ask PARENT/TYPE VERSION\n");
		return 2;
	}

	/* The string is passed on as the source has read it: only drivers understand it */
	source.type = target.type;
	source.version = argv[2];
	wrong = mdev_precheck_source_check(&source);
	if (wrong) {
		fprintf(stderr, "ask: %s\n", wrong);
		return 2;
	}

	ret = mdev_precheck_new(NULL, &host);
	if (!ret) {
		/* A driver that hangs must not hang the migration of others */
		mdev_precheck_set_timeout(host, 5000);
		ret = mdev_precheck_ask(host, &source, &target, &answer);
		mdev_precheck_free(host);
	}
	if (ret) {
		fprintf(stderr, "ask: %s\n", strerror(-ret));
		return status_of(MDEV_PRECHECK_NOT_ASKED);
	}

	printf("%s: %s\n", mdev_precheck_verdict_name(answer->verdict), answer->reason);
	for (i = 0; i < answer->num_log; i++)
		printf("the kernel logged meanwhile: %s\n", answer->log[i]);

	ret = status_of(answer->verdict);
	mdev_precheck_answer_free(answer);
	return ret;
}
