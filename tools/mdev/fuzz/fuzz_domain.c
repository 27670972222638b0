// SPDX-License-Identifier: GPL-2.0-only
/* A domain's XML, as libvirt sends it to the hook */

#include "fuzz.h"
#include "domain.h"

static bool is_canonical(const char *text)
{
	char uuid[MDEV_PRECHECK_UUID_SIZE];

	return !mdev_precheck_parse_uuid(text, uuid) && !strcmp(text, uuid);
}

static bool is_equal(const char *one, const char *other)
{
	return one && other && !strcmp(one, other);
}

static void require_sane_source(const struct mdev_precheck_source *source)
{
	REQUIRE(!mdev_precheck_source_check(source));
	REQUIRE(*source->type);
	REQUIRE(source->error >= 0 && source->error <= 4095);
	REQUIRE((source->state == MDEV_PRECHECK_SOURCE_READ) == !!source->version);
	REQUIRE(!source->version || !mdev_precheck_check_version(source->version, NULL));
	/* A stamp does not have these */
	REQUIRE(!source->host && !source->parent);
}

static void require_sane_stamp(const struct domain *domain, size_t number)
{
	const struct stamp *stamp = &domain->stamps[number];
	size_t i;

	REQUIRE(!stamp->source == !!stamp->wrong);
	REQUIRE(!stamp->wrong || *stamp->wrong);
	if (stamp->source)
		require_sane_source(stamp->source);
	if (!*stamp->device.uuid) {
		REQUIRE(stamp->wrong);
		return;
	}
	REQUIRE(is_canonical(stamp->device.uuid));
	for (i = 0; i < number; i++)
		REQUIRE(strcmp(stamp->device.uuid, domain->stamps[i].device.uuid));
}

/* require_sane_find - require a device's own stamp, or a stamp without a device of its own */
static void require_sane_find(const struct domain *domain, const struct guest_device *device,
			      const char *type)
{
	const struct stamp *stamp = find_stamp(domain, device, type);
	size_t i;

	if (stamp && !strcmp(stamp->device.uuid, device->uuid))
		return;
	for (i = 0; i < domain->num_stamps; i++)
		REQUIRE(strcmp(domain->stamps[i].device.uuid, device->uuid));
	if (!stamp)
		return;
	REQUIRE(stamp >= domain->stamps && stamp < domain->stamps + domain->num_stamps);
	REQUIRE(stamp->source && (!type || !strcmp(stamp->source->type, type)));
	REQUIRE(is_equal(stamp->device.address, device->address) ||
		is_equal(stamp->device.alias, device->alias));
	for (i = 0; i < domain->num; i++)
		REQUIRE(strcmp(domain->devices[i].uuid, stamp->device.uuid));
}

static void require_sane_device(const struct domain *domain, size_t number)
{
	const struct guest_device *device = &domain->devices[number];
	size_t i;

	/* The hook makes a name in sysfs of the UUID */
	REQUIRE(is_canonical(device->uuid));
	for (i = 0; i < number; i++)
		REQUIRE(strcmp(device->uuid, domain->devices[i].uuid));

	require_sane_find(domain, device, NULL);
	require_sane_find(domain, device, "mtty-1");
}

static void require_sane_domain(const struct domain *domain)
{
	unsigned int number;
	char *text;
	size_t i;

	REQUIRE(!*domain->uuid || is_canonical(domain->uuid));
	/* A domain without devices does not have an array */
	REQUIRE(!domain->num == !domain->devices);
	REQUIRE(!domain->num_stamps == !domain->stamps);
	REQUIRE(domain->has_stamp || (!domain->num_stamps && !domain->shut_off && !domain->host));
	for (i = 0; i < domain->num; i++)
		require_sane_device(domain, i);
	for (i = 0; i < domain->num_stamps; i++)
		require_sane_stamp(domain, i);

	text = stamps_text(domain);
	REQUIRE(!*text == !domain->num_stamps);
	free(text);
	for (number = 0; (text = unasked_text(domain, number)); number++) {
		REQUIRE(*text && number < 3);
		free(text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct domain domain;
	char *wrong;

	wrong = parse_domain((const char *)data, size, &domain);
	REQUIRE(!wrong || *wrong);
	if (!wrong)
		require_sane_domain(&domain);
	free(wrong);
	domain_free(&domain);
	return 0;
}
