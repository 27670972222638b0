// SPDX-License-Identifier: GPL-2.0-only
/* Text from elsewhere that goes into a document, which must be UTF-8 */

#include "fuzz.h"
#include "output.h"

static const char replacement[] = "\357\277\275";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);
	char *result = utf8(text), *again;
	const char *from = text, *to = result;
	size_t len;

	REQUIRE(valid_utf8(result));

	/* Characters stay, and each other byte becomes U+FFFD */
	while (*from) {
		len = character_length(from);
		if (len) {
			REQUIRE(!strncmp(to, from, len));
			from += len;
			to += len;
		} else {
			REQUIRE(!strncmp(to, replacement, 3));
			from++;
			to += 3;
		}
	}
	REQUIRE(!*to);

	again = utf8(result);
	REQUIRE(!strcmp(again, result));
	free(again);
	free(result);
	free(text);
	return 0;
}
