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

int main(int argc, char **argv)
{
	struct mdev_precheck_answer *answer;
	struct mdev_precheck_version version;
	struct mdev_precheck_place target;
	struct mdev_precheck *host;
	size_t i;
	int ret;

	/* The string comes as the source has read it, and goes on unread */
	if (argc != 3 || mdev_precheck_parse_place(argv[1], &target) ||
	    mdev_precheck_set_version(&version, argv[2])) {
		fprintf(stderr, "usage: ask PARENT/TYPE VERSION\n");
		return 2;
	}

	ret = mdev_precheck_new(NULL, &host);
	if (!ret) {
		/* A driver that hangs must not hang the migration of others */
		mdev_precheck_set_timeout(host, 5000);
		ret = mdev_precheck_ask(host, target.type, &version, &target,
					&answer);
		mdev_precheck_free(host);
	}
	if (ret) {
		fprintf(stderr, "ask: %s\n", strerror(-ret));
		return MDEV_PRECHECK_NOT_ASKED;
	}

	/* Only COMPATIBLE is a yes */
	printf("%s: %s\n", answer->verdict == MDEV_PRECHECK_COMPATIBLE ? "yes" :
	       answer->verdict == MDEV_PRECHECK_INCOMPATIBLE ? "no" : "not asked",
	       answer->reason);
	for (i = 0; i < answer->num_log; i++)
		printf("kernel: %s\n", answer->log[i]);

	ret = answer->verdict;
	mdev_precheck_answer_free(answer);
	return ret;
}
