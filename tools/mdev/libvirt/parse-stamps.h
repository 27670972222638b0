/* SPDX-License-Identifier: GPL-2.0-only */
/* The stamps in a domain's metadata */
#ifndef PARSE_STAMPS_H
#define PARSE_STAMPS_H

#include "domain.h"
#include "xml.h"

/* parse_stamps - add the stamps in the element <metadata> to the domain */
void parse_stamps(const struct _xmlNode *metadata, struct domain *domain);

#endif
