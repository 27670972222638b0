// SPDX-License-Identifier: GPL-2.0-only
/* XML of libvirt: elements and their attributes */

#include <stdlib.h>
#include <string.h>
#include <libxml/parser.h>

#include "output.h"
#include "xml.h"

bool is_element(const xmlNode *node, const char *namespace, const char *name)
{
	if (node->type != XML_ELEMENT_NODE || strcmp((const char *)node->name, name))
		return false;
	if (!namespace || !node->ns)
		return !namespace && !node->ns;
	return !strcmp((const char *)node->ns->href, namespace);
}

xmlNode *next_element(xmlNode *node, const char *namespace, const char *name)
{
	while (node && !is_element(node, namespace, name))
		node = node->next;
	return node;
}

xmlNode *child_element(const xmlNode *node, const char *namespace, const char *name)
{
	return next_element(node->children, namespace, name);
}

char *attribute(const xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
	char *copy = duplicate((const char *)value);

	xmlFree(value);
	return copy;
}

bool has_value(const xmlNode *node, const char *name, const char *wanted)
{
	char *value = attribute(node, name);
	bool same = value && !strcmp(value, wanted);

	free(value);
	return same;
}

/* libvirt does not write a document type, and an attacker could define entities that grow there */
static void stop_at_document_type(void *data, const xmlChar *name,
				  const xmlChar *external, const xmlChar *system)
{
	xmlParserCtxt *parser = data;
	bool *stopped = parser->_private;

	(void)name;
	(void)external;
	(void)system;
	*stopped = true;
	xmlStopParser(parser);
}

xmlDocPtr parse_xml(const char *text, size_t len, char **wrong)
{
	xmlParserCtxt *parser = xmlNewParserCtxt();
	bool stopped = false;
	const xmlError *error;
	xmlDoc *document;

	/* libxml2 would end at a NUL and ignore the rest */
	if (memchr(text, '\0', len)) {
		*wrong = duplicate("it has a NUL");
		xmlFreeParserCtxt(parser);
		return NULL;
	}
	if (!parser) {
		*wrong = duplicate("out of memory");
		return NULL;
	}
	parser->_private = &stopped;
	parser->sax->internalSubset = stop_at_document_type;
	document = xmlCtxtReadMemory(parser, text, (int)len, NULL, NULL, XML_PARSE_NONET |
				     XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (stopped) {
		*wrong = duplicate("it has a document type, which no domain has");
		xmlFreeDoc(document);
		document = NULL;
	} else if (!document) {
		error = xmlCtxtGetLastError(parser);
		*wrong = error && error->message ?
			 format_text("it is not XML: line %d: %.*s", error->line,
				     (int)strcspn(error->message, "\n"), error->message) :
			 duplicate("it is not XML");
	}
	xmlFreeParserCtxt(parser);
	return document;
}
