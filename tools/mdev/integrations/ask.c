// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Would the devices of this host take the state of the devices of a guest?
 *
 *	cc ask.c -o ask $(pkg-config --cflags --libs libmdev-precheck)
 *	./ask UUID TYPE VERSION [UUID TYPE VERSION]...
 *
 * UUID is a device here, TYPE and VERSION are from the source.  The exit status is 0 if each
 * device takes its version, 1 if one refuses, 3 if one could not be asked and none refuses, and
 * 2 if the call is wrong.
 */

#include <mdev-precheck.h>
#include <stdio.h>
#include <string.h>

/* ask - would the device @uuid of this host take the state of a device of @type? */
static enum mdev_precheck_verdict ask(struct mdev_precheck *host, const char *type,
				      const char *version, const char *uuid)
{
	const struct mdev_precheck_source source = {
		.type = type,
		.state = MDEV_PRECHECK_SOURCE_READ,
		.version = version,
	};
	enum mdev_precheck_verdict verdict;
	struct mdev_precheck_answer *answer;
	struct mdev_precheck_place target;
	int ret;

	ret = mdev_precheck_find_device(host, uuid, &target);
	if (!ret)
		ret = mdev_precheck_ask(host, &source, &target, &answer);
	if (ret) {
		printf("%s: %s: %s\n", mdev_precheck_verdict_name(MDEV_PRECHECK_NOT_ASKED), uuid,
		       strerror(-ret));
		return MDEV_PRECHECK_NOT_ASKED;
	}
	verdict = answer->verdict;
	printf("%s: %s: %s\n", mdev_precheck_verdict_name(verdict), uuid, answer->reason);
	mdev_precheck_answer_free(answer);
	return verdict;
}

/* wrong_call - print a fault in the operands of one question */
static int wrong_call(char **operands)
{
	const struct mdev_precheck_source source = {
		.type = operands[1],
		.state = MDEV_PRECHECK_SOURCE_READ,
		.version = operands[2],
	};
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	const char *wrong;

	wrong = mdev_precheck_parse_uuid(operands[0], uuid) ? "a UUID was expected" :
		mdev_precheck_source_check(&source);
	if (wrong)
		fprintf(stderr, "ask: %s %s %s: %s\n", operands[0], operands[1], operands[2],
			wrong);
	return wrong ? 1 : 0;
}

int main(int argc, char **argv)
{
	enum mdev_precheck_verdict verdict, worst = MDEV_PRECHECK_COMPATIBLE;
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	struct mdev_precheck *host;
	int i, ret;

	if (argc < 4 || (argc - 1) % 3) {
		fprintf(stderr, "usage: ask UUID TYPE VERSION [UUID TYPE VERSION]...\n");
		return 2;
	}
	for (i = 1; i < argc; i += 3) {
		if (wrong_call(argv + i))
			return 2;
	}

	ret = mdev_precheck_new(NULL, &host);
	if (ret) {
		fprintf(stderr, "ask: %s\n", strerror(-ret));
		return 3;
	}
	/* With one object, a parent that did not answer in time is not asked again */
	mdev_precheck_set_timeout(host, 5000);
	for (i = 1; i < argc; i += 3) {
		mdev_precheck_parse_uuid(argv[i], uuid);
		verdict = ask(host, argv[i + 1], argv[i + 2], uuid);
		if (verdict == MDEV_PRECHECK_INCOMPATIBLE || worst == MDEV_PRECHECK_COMPATIBLE)
			worst = verdict;
	}
	mdev_precheck_free(host);

	if (worst == MDEV_PRECHECK_COMPATIBLE)
		return 0;
	return worst == MDEV_PRECHECK_INCOMPATIBLE ? 1 : 3;
}
