// SPDX-License-Identifier: GPL-2.0-only
/* Connections to libvirt, and messages about its errors */

#include <arpa/inet.h>
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

/* libvirt prints each error itself, also an expected one, unless it has an error function */
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

/* is_loopback - is @server a loopback address?  In a URI, an IPv6 address has brackets. */
static bool is_loopback(const char *server)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct in6_addr address;
	struct in_addr old;

	if (inet_pton(AF_INET, server, &old) == 1)
		return ntohl(old.s_addr) >> 24 == IN_LOOPBACKNET;
	if (sscanf(server, "%*1[[]%45[^]]", text) != 1)
		snprintf(text, sizeof(text), "%s", server);
	if (inet_pton(AF_INET6, text, &address) != 1)
		return false;
	return IN6_IS_ADDR_LOOPBACK(&address) ||
	       (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == IN_LOOPBACKNET);
}

/*
 * is_this_host - does a URI name this host?
 *
 * If the name is "host", "host.example.org" is not this host: another site can have a "host".
 */
static bool is_this_host(const char *server)
{
	static const char *const names[] = { "", "localhost", "localhost.localdomain" };
	char name[HOST_NAME_MAX + 1] = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcasecmp(server, names[i]))
			return true;
	}
	return is_loopback(server) ||
	       (!gethostname(name, sizeof(name) - 1) && !strcasecmp(server, name));
}

/* check_server - check the host of the URI @text, the value of @name; @error after a message */
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

/* can_lead_away - can the URI name a tunnel?  libvirt's usual socket leads to this host. */
static bool can_lead_away(const char *text)
{
	xmlURI *uri = xmlParseURI(text);
	bool can = uri && ((uri->server && *uri->server) || uri->query_raw);

	xmlFreeURI(uri);
	return can;
}

/*
 * check_name - does libvirt's host have the name of this one?  @error after a message
 *
 * Only the part before the first dot is compared, because either name may have a domain.
 */
static enum outcome check_name(virConnectPtr connection, const char *text, enum outcome error)
{
	char *name = virConnectGetHostname(connection), own[HOST_NAME_MAX + 1] = "";
	enum outcome outcome = DONE;
	size_t len;

	if (!name)
		return failed(0, "libvirt at %s: it did not return the name of its host: %s", text,
			      virGetLastErrorMessage());
	len = strcspn(name, ".");
	if (gethostname(own, sizeof(own) - 1) || len != strcspn(own, ".") ||
	    strncasecmp(name, own, len)) {
		complain("libvirt at %s: it is on the host %s, and libvirt of %s was expected, %s",
			 text, name, own, "because the devices are here");
		outcome = error;
	}
	free(name);
	return outcome;
}

enum outcome check_host(virConnectPtr connection, const struct settings *settings)
{
	enum outcome outcome = DONE, error = settings->connect ? MISUSED : FAILED;
	char *text = virConnectGetURI(connection);

	if (text)
		outcome = check_server("libvirt at", text, error);
	if (text && outcome == DONE && can_lead_away(text))
		outcome = check_name(connection, text, error);
	free(text);
	return outcome;
}

/* uuid_of - return the UUID in libvirt's description of its host, or NULL */
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

	/* A name can look like the UUID of another domain: the UUID comes first */
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
