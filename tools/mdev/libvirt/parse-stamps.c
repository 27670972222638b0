// SPDX-License-Identifier: GPL-2.0-only
/* The stamps in a domain's metadata, and the search for the stamp of a device */

#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "parse-stamps.h"
#include "report.h"

/* Stamps that a message names: a guest has few devices, but its metadata may have many stamps */
#define STAMPS_SHOWN	8

/* parse_stamped_source - parse type, state and version; NULL, or their fault, allocated */
static char *parse_stamped_source(const xmlNode *node, struct mdev_precheck_source **source)
{
	char *type = attribute(node, "type");
	char *state = attribute(node, "state");
	char *version = attribute(node, "version");
	char *error = attribute(node, "errno");
	struct mdev_precheck_source from = {
		.type = type,
		.error = error ? mdev_precheck_error_number(error) : 0,
		.version = version,
	};
	int found = find_source_state(state);
	const char *contradiction;
	char *wrong = NULL;

	if (found < 0) {
		wrong = format_text("its state is \"%.*s\": %s was expected", VALUE_SHOWN,
				    state ? state : "", "read, none, failed or unknown");
	} else if (error && !from.error) {
		wrong = format_text("its errno is \"%.*s\": a name of errno.h was expected",
				    VALUE_SHOWN, error);
	} else {
		from.state = found;
		contradiction = mdev_precheck_source_check(&from);
		if (contradiction)
			wrong = duplicate(contradiction);
		else if (mdev_precheck_source_new(&from, source))
			checked(NULL);
	}
	free(type);
	free(state);
	free(version);
	free(error);
	return wrong;
}

/* spoil - make a stamp wrong, because another stamp has the same device */
static void spoil(struct stamp *stamp, char *wrong)
{
	mdev_precheck_source_free(stamp->source);
	stamp->source = NULL;
	free(stamp->wrong);
	stamp->wrong = wrong;
}

static struct stamp *stamp_of_uuid(const struct domain *domain, const char *uuid)
{
	size_t i;

	for (i = 0; i < domain->num_stamps; i++) {
		if (!strcmp(domain->stamps[i].device.uuid, uuid))
			return &domain->stamps[i];
	}
	return NULL;
}

static void add_stamp(struct domain *domain, const xmlNode *node)
{
	char uuid[MDEV_PRECHECK_UUID_SIZE] = "";
	char *text = attribute(node, "uuid");
	struct stamp *stamp;

	if (text)
		mdev_precheck_parse_uuid(text, uuid);
	stamp = *uuid ? stamp_of_uuid(domain, uuid) : NULL;
	if (stamp) {
		spoil(stamp, format_text("the device %s has two stamps", uuid));
		free(text);
		return;
	}
	domain->stamps = grow(domain->stamps, domain->num_stamps, sizeof(*domain->stamps));
	stamp = &domain->stamps[domain->num_stamps++];
	memset(stamp, 0, sizeof(*stamp));
	memcpy(stamp->device.uuid, uuid, sizeof(uuid));
	stamp->device.address = attribute(node, "address");
	stamp->device.alias = attribute(node, "alias");
	if (*uuid)
		stamp->wrong = parse_stamped_source(node, &stamp->source);
	else
		stamp->wrong = format_text("it is of the device \"%.*s\": a UUID was expected",
					   VALUE_SHOWN, text ? text : "");
	free(text);
}

void parse_stamps(const xmlNode *metadata, struct domain *domain)
{
	const xmlNode *stamps = child_element(metadata, STAMP_NAMESPACE, "devices");
	xmlNode *node;

	/* libvirt keeps one element of a namespace */
	if (!stamps)
		return;
	domain->has_stamp = true;
	/* Older stamps do not have these attributes */
	domain->shut_off = has_value(stamps, "running", "no");
	free(domain->host);
	domain->host = attribute(stamps, "host");
	for (node = child_element(stamps, STAMP_NAMESPACE, "device"); node;
	     node = next_element(node->next, STAMP_NAMESPACE, "device"))
		add_stamp(domain, node);
}

static bool is_same(const char *one, const char *other)
{
	return one && other && !strcmp(one, other);
}

/* is_taken - does the stamp fit another device of the domain as well, or better? */
static bool is_taken(const struct domain *domain, const struct stamp *stamp,
		     const struct guest_device *device, bool by_address)
{
	const struct guest_device *other;
	size_t i;

	for (i = 0; i < domain->num; i++) {
		other = &domain->devices[i];
		if (other == device)
			continue;
		if (is_same(other->uuid, stamp->device.uuid) ||
		    is_same(other->address, stamp->device.address) ||
		    (!by_address && is_same(other->alias, stamp->device.alias)))
			return true;
	}
	return false;
}

/* the_one_stamp - find a stamp by address or alias; NULL if not exactly one fits */
static const struct stamp *the_one_stamp(const struct domain *domain,
					 const struct guest_device *device, bool by_address,
					 const char *type)
{
	const struct stamp *found = NULL, *stamp;
	size_t i;

	for (i = 0; i < domain->num_stamps; i++) {
		stamp = &domain->stamps[i];
		if (by_address ? !is_same(stamp->device.address, device->address) :
				 !is_same(stamp->device.alias, device->alias))
			continue;
		if (stamp->wrong || is_taken(domain, stamp, device, by_address) ||
		    (type && strcmp(stamp->source->type, type)))
			continue;
		if (found)
			return NULL;
		found = stamp;
	}
	return found;
}

const struct stamp *find_stamp(const struct domain *domain, const struct guest_device *device,
			       const char *type)
{
	const struct stamp *stamp = stamp_of_uuid(domain, device->uuid);

	if (!stamp)
		stamp = the_one_stamp(domain, device, true, type);
	if (!stamp)
		stamp = the_one_stamp(domain, device, false, type);
	return stamp;
}

/* stamp_text - name the device of a stamp; allocated */
static char *stamp_text(const struct stamp *stamp)
{
	const char *uuid = *stamp->device.uuid ? stamp->device.uuid : "?";
	const char *address = stamp->device.address, *alias = stamp->device.alias;

	if (stamp->wrong)
		return format_text("%s (%s)", uuid, stamp->wrong);
	return format_text("%s (type %.*s%s%.*s%s%.*s)", uuid, VALUE_SHOWN, stamp->source->type,
			   address ? ", address " : "", VALUE_SHOWN, address ? address : "",
			   alias ? ", alias " : "", VALUE_SHOWN, alias ? alias : "");
}

char *stamps_text(const struct domain *domain)
{
	char *all = duplicate(""), *one, *longer;
	size_t i;

	for (i = 0; i < domain->num_stamps && i < STAMPS_SHOWN; i++) {
		one = stamp_text(&domain->stamps[i]);
		longer = format_text("%s%s%s", all, i ? ", " : "", one);
		free(one);
		free(all);
		all = longer;
	}
	if (i == domain->num_stamps)
		return all;
	longer = format_text("%s and %zu more", all, domain->num_stamps - i);
	free(all);
	return longer;
}
