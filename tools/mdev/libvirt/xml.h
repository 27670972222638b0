/* SPDX-License-Identifier: GPL-2.0-only */
/* XML of libvirt: elements and their attributes */
#ifndef XML_H
#define XML_H

#include <stdbool.h>
#include <stddef.h>
#include <libxml/tree.h>

/* Bytes of a value that a message shows: libvirt cuts a hook's messages at 1024 */
#define VALUE_SHOWN	64

/**
 * parse_xml - take XML apart, which anybody may have written
 * @text: the XML; it need not end with a NUL
 * @len: its length
 * @wrong: result if there is no document: why, allocated
 *
 * Return: the document, for xmlFreeDoc(), or NULL.
 */
xmlDocPtr parse_xml(const char *text, size_t len, char **wrong);

/* is_element - of this name, in this namespace or, if that is NULL, in none */
bool is_element(const xmlNode *node, const char *namespace, const char *name);
/* next_element - the first of @node and those after it that is one, or NULL */
xmlNode *next_element(xmlNode *node, const char *namespace, const char *name);
/* child_element - the first child of @node that is one, or NULL */
xmlNode *child_element(const xmlNode *node, const char *namespace, const char *name);

/* attribute - the value, allocated, or NULL */
char *attribute(const xmlNode *node, const char *name);
/* has_value - does @node have the attribute, and is its value @wanted? */
bool has_value(const xmlNode *node, const char *name, const char *wanted);

#endif
