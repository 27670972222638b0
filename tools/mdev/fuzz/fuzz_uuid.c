// SPDX-License-Identifier: GPL-2.0-only
/* The UUID of a device, as people write it and as sysfs has it */

#include <errno.h>
#include <regex.h>
#include <strings.h>

#include "fuzz.h"
#include "mdev-precheck.h"

/* is_uuid - does the regular expression of a UUID match @text? */
static bool is_uuid(const char *text)
{
	static regex_t expression;
	static bool compiled;

	if (!compiled) {
		REQUIRE(!regcomp(&expression,
				 "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
				 REG_EXTENDED | REG_NOSUB));
		compiled = true;
	}
	return !regexec(&expression, text, 0, NULL, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char uuid[MDEV_PRECHECK_UUID_SIZE], again[MDEV_PRECHECK_UUID_SIZE];
	char *text = text_of(data, size);
	size_t i;
	int ret;

	memset(uuid, '#', sizeof(uuid));
	ret = mdev_precheck_parse_uuid(text, uuid);
	REQUIRE(ret == (is_uuid(text) ? 0 : -EINVAL));

	if (ret) {
		for (i = 0; i < sizeof(uuid); i++)
			REQUIRE(uuid[i] == '#');
	} else {
		REQUIRE(!uuid[36] && strlen(uuid) == 36);
		REQUIRE(strspn(uuid, "0123456789abcdef-") == 36);
		REQUIRE(!strcasecmp(uuid, text));
		REQUIRE(!mdev_precheck_parse_uuid(uuid, again));
		REQUIRE(!strcmp(uuid, again));
	}
	free(text);
	return 0;
}
