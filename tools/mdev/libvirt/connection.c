// SPDX-License-Identifier: GPL-2.0-only
/* libvirt, with messages of our own */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <libvirt/virterror.h>
#include <libxml/uri.h>

#include "connection.h"
#include "xml.h"

/* libvirt prints each error itself, also an expected one, unless it has a function */
static void be_silent(void *data, virErrorPtr error)
{
	(void)data;
	(void)error;
}

virConnectPtr open_libvirt(const struct settings *settings, bool read_only)
{
	virSetErrorFunc(NULL, be_silent);
	return read_only ? virConnectOpenReadOnly(settings->connect) :
			   virConnectOpen(settings->connect);
}

enum outcome not_connected(const struct settings *settings)
{
	return failed(0, "libvirt%s%s: %s", settings->connect ? " at " : "",
		      settings->connect ? settings->connect : "", virGetLastErrorMessage());
}

/* is_same_name - "host" and "host.example.org" are names of the same host */
static bool is_same_name(const char *one, const char *other)
{
	size_t len = strcspn(one, "."), others = strcspn(other, ".");

	if (one[len] && other[others])
		return !strcasecmp(one, other);
	return len == others && !strncasecmp(one, other, len);
}

static bool is_this_host(const char *server)
{
	static const char *const loopback[] = {
		"", "localhost", "localhost.localdomain", "127.0.0.1", "::1", "[::1]",
	};
	char name[HOST_NAME_MAX + 1] = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(loopback); i++) {
		if (!strcasecmp(server, loopback[i]))
			return true;
	}
	return !gethostname(name, sizeof(name) - 1) && is_same_name(server, name);
}

/* check_server - of a URI, which @name is from; @error after a message */
static enum outcome check_server(const char *name, const char *text, enum outcome error)
{
	xmlURI *uri = xmlParseURI(text);
	enum outcome outcome = DONE;

	if (uri && uri->server && !is_this_host(uri->server)) {
		complain("%s %s: libvirt of this host was expected, because the devices are here",
			 name, text);
		outcome = error;
	}
	xmlFreeURI(uri);
	return outcome;
}

enum outcome check_uri(const struct settings *settings)
{
	const char *environment = getenv("LIBVIRT_DEFAULT_URI");

	if (settings->connect)
		return check_server("--connect", settings->connect, MISUSED);
	return environment ? check_server("LIBVIRT_DEFAULT_URI", environment, FAILED) : DONE;
}

enum outcome check_host(virConnectPtr connection, const struct settings *settings)
{
	char *text = virConnectGetURI(connection);
	enum outcome outcome = DONE;

	if (text)
		outcome = check_server("libvirt at", text, settings->connect ? MISUSED : FAILED);
	free(text);
	return outcome;
}

/* uuid_of - in libvirt's description of its host */
static char *uuid_of(const xmlNode *capabilities)
{
	const xmlNode *host = capabilities ? child_element(capabilities, NULL, "host") : NULL;
	const xmlNode *node = host ? child_element(host, NULL, "uuid") : NULL;
	xmlChar *text = node ? xmlNodeGetContent(node) : NULL;
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	char *copy = NULL;

	if (text && !mdev_precheck_parse_uuid((const char *)text, uuid))
		copy = duplicate(uuid);
	xmlFree(text);
	return copy;
}

bool own_uuid(virConnectPtr connection, char **uuid)
{
	char *text = virConnectGetCapabilities(connection), *wrong = NULL;
	xmlDoc *document;

	*uuid = NULL;
	if (!text)
		return false;
	document = parse_xml(text, strlen(text), &wrong);
	*uuid = uuid_of(document ? xmlDocGetRootElement(document) : NULL);
	xmlFreeDoc(document);
	free(wrong);
	free(text);
	return true;
}

virDomainPtr find_domain(virConnectPtr connection, const char *operand)
{
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	virDomainPtr domain = NULL;

	/* A name can look like the UUID of another domain, which comes first */
	if (!mdev_precheck_parse_uuid(operand, uuid))
		domain = virDomainLookupByUUIDString(connection, uuid);
	if (!domain)
		domain = virDomainLookupByName(connection, operand);
	if (!domain)
		libvirt_error(operand);
	return domain;
}

enum outcome libvirt_error(const char *name)
{
	return failed(0, "domain %s: %s", name, virGetLastErrorMessage());
}

char *unread_reason(struct mdev_precheck *host, int error)
{
	enum mdev_precheck_host_state state;

	if (error == -EILSEQ)
		return duplicate("the name of its type has bytes that XML cannot have");
	if (error != -ENODEV)
		return format_text("its type could not be read: %s", strerror(-error));
	state = mdev_precheck_host_state(host);
	if (state == MDEV_PRECHECK_HOST_READY)
		return duplicate("this host does not have this mediated device");
	return format_text("this host does not have this mediated device: %s",
			   mdev_precheck_host_state_text(state));
}
