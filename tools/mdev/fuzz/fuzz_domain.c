// SPDX-License-Identifier: GPL-2.0-only
/* A domain's XML, as libvirt sends it to the hook */

#include "fuzz.h"
#include "domain.h"

static void require_sane_device(const struct domain *domain, size_t number)
{
	const struct domain_device *device = &domain->devices[number];
	const struct mdev_precheck_source *source = device->source;
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	size_t i;

	/* A name in sysfs is made of it */
	REQUIRE(!mdev_precheck_parse_uuid(device->uuid, uuid));
	REQUIRE(!strcmp(device->uuid, uuid));
	for (i = 0; i < number; i++)
		REQUIRE(strcmp(device->uuid, domain->devices[i].uuid));

	if (!source)
		return;
	REQUIRE(!mdev_precheck_source_check(source));
	REQUIRE(*source->type);
	REQUIRE(source->error >= 0 && source->error <= 4095);
	REQUIRE((source->state == MDEV_PRECHECK_SOURCE_READ) == !!source->version);
	REQUIRE(!source->version || !mdev_precheck_check_version(source->version, NULL));
	/* A stamp does not have these */
	REQUIRE(!source->host && !source->parent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct domain domain;
	char *wrong;
	size_t i;

	wrong = parse_domain((const char *)data, size, &domain);
	if (wrong || domain.wrong_stamp) {
		REQUIRE(!wrong || *wrong);
		REQUIRE(!domain.wrong_stamp || *domain.wrong_stamp);
	} else {
		/* A domain without devices does not have an array */
		REQUIRE(!domain.num == !domain.devices);
		for (i = 0; i < domain.num; i++)
			require_sane_device(&domain, i);
	}
	free(wrong);
	domain_free(&domain);
	return 0;
}
