// SPDX-License-Identifier: GPL-2.0-only
/* A domain's XML, as libvirt hands it to the hook */

#include "fuzz.h"
#include "domain.h"

static void require_sane(const struct domain *domain, size_t number)
{
	const struct domain_device *device = &domain->devices[number];
	const struct mdev_precheck_version *version = &device->version;
	struct mdev_precheck_version again;
	char uuid[MDEV_PRECHECK_UUID_SIZE];
	size_t i;

	/* A name in sysfs is made of it */
	REQUIRE(!mdev_precheck_parse_uuid(device->uuid, uuid));
	REQUIRE(!strcmp(device->uuid, uuid));
	for (i = 0; i < number; i++)
		REQUIRE(strcmp(device->uuid, domain->devices[i].uuid));

	if (!device->stamped) {
		REQUIRE(!device->type);
		return;
	}
	REQUIRE(device->type && *device->type);
	REQUIRE(version->error >= 0 && version->error <= 4095);
	switch (version->state) {
	case MDEV_PRECHECK_VERSION_READ:
		REQUIRE(!mdev_precheck_set_version(&again, version->text));
		REQUIRE(!strcmp(again.text, version->text));
		REQUIRE(!version->error);
		break;
	case MDEV_PRECHECK_VERSION_NONE:
		REQUIRE(!version->error);
		break;
	default:
		REQUIRE(version->error);
	}
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
		/* Of no device nobody was told */
		REQUIRE(!domain.num == !domain.devices);
		for (i = 0; i < domain.num; i++)
			require_sane(&domain, i);
	}
	free(wrong);
	domain_free(&domain);
	return 0;
}
