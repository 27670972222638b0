// SPDX-License-Identifier: GPL-2.0-only
/* PARENT/TYPE, as people write it */

#include <errno.h>

#include "fuzz.h"
#include "mdev-precheck.h"

/* could_be_file - can the first @len bytes of @text be a name in a directory? */
static bool could_be_file(const char *text, size_t len)
{
	return len >= 1 && len <= 255 && !memchr(text, '/', len) &&
	       !(text[0] == '.' && (len == 1 || (len == 2 && text[1] == '.')));
}

static bool is_place(const char *text)
{
	const char *slash = strchr(text, '/');

	return slash && could_be_file(text, slash - text) &&
	       could_be_file(slash + 1, strlen(slash + 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mdev_precheck_place place, before;
	char joined[sizeof(place)];
	char *text = text_of(data, size);
	int ret;

	memset(&before, '#', sizeof(before));
	place = before;
	ret = mdev_precheck_parse_place(text, &place);
	REQUIRE(ret == (is_place(text) ? 0 : -EINVAL));

	if (ret) {
		REQUIRE(!memcmp(&place, &before, sizeof(place)));
	} else {
		REQUIRE(memchr(place.parent, '\0', sizeof(place.parent)));
		REQUIRE(memchr(place.type, '\0', sizeof(place.type)));
		snprintf(joined, sizeof(joined), "%s/%s", place.parent, place.type);
		REQUIRE(!strcmp(joined, text));
	}
	free(text);
	return 0;
}
