// SPDX-License-Identifier: GPL-2.0-only
/* stub */

#include "publication.h"

enum outcome publish_prometheus(FILE *file, const struct publication *publication)
{
	(void)publication;
	fputs("\n", file);
	return DONE;
}
