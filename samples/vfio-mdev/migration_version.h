/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Migration version strings of the sample drivers: <pciid>-<swversion>
 *
 * <pciid> is vendor:device in four lower-case hexadecimal digits each,
 * <swversion> is major.minor in decimal, for example 4348:3253-1.0.  Each driver
 * decides which versions are compatible.
 */

#ifndef SAMPLE_MIGRATION_VERSION_H
#define SAMPLE_MIGRATION_VERSION_H

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mdev.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/types.h>

/* "ffff:ffff-4294967295.4294967295" and its NUL */
#define SAMPLE_MIGRATION_VERSION_SIZE	32

/**
 * struct sample_migration_version - the parts of a version string of a sample
 * @vendor: PCI vendor ID in the device's configuration space
 * @device: PCI device ID in the device's configuration space
 * @major: major number of the software version
 * @minor: minor number of the software version
 */
struct sample_migration_version {
	u16 vendor;
	u16 device;
	u32 major;
	u32 minor;
};

static inline int
sample_migration_version_format(const struct sample_migration_version *version,
				char *buf, size_t size)
{
	return scnprintf(buf, size, "%04x:%04x-%u.%u", version->vendor,
			 version->device, version->major, version->minor);
}

/**
 * sample_migration_version_parse - parse a version string
 * @text: string to parse
 * @version: filled in if @text is a version string of a sample
 *
 * Return: 0, or -EINVAL if @text is not such a string, exactly as
 * sample_migration_version_format() writes it.
 */
static inline int
sample_migration_version_parse(const char *text,
			       struct sample_migration_version *version)
{
	char canonical[SAMPLE_MIGRATION_VERSION_SIZE];

	if (sscanf(text, "%4hx:%4hx-%u.%u", &version->vendor, &version->device,
		   &version->major, &version->minor) != 4)
		return -EINVAL;

	/*
	 * sscanf() takes signs, blanks, upper case, numbers that overflow and
	 * anything at the end.  Format the numbers again to refuse all of these.
	 */
	sample_migration_version_format(version, canonical, sizeof(canonical));
	return strcmp(text, canonical) ? -EINVAL : 0;
}

/**
 * sample_migration_version_show - implement &mdev_driver.show_migration_version
 * @own: version of the driver
 * @buf: buffer of sysfs
 *
 * Return: Number of bytes written.
 */
static inline ssize_t
sample_migration_version_show(const struct sample_migration_version *own,
			      char *buf)
{
	char text[SAMPLE_MIGRATION_VERSION_SIZE];

	sample_migration_version_format(own, text, sizeof(text));
	return sysfs_emit(buf, "%s\n", text);
}

/**
 * sample_migration_version_compare - decide whether a source is compatible
 * @source: version of the source
 * @own: version of the driver
 * @accepts: returns whether the driver loads the state of this software version
 *
 * @accepts also decides about the version in a migration's stream, so that the
 * answer before the migration and its outcome cannot differ.
 *
 * Return: 0 if compatible, -EXDEV if @source is another device,
 * -EPROTONOSUPPORT if @accepts returns false.
 */
static inline int
sample_migration_version_compare(const struct sample_migration_version *source,
				 const struct sample_migration_version *own,
				 bool (*accepts)(u32 major, u32 minor))
{
	if (source->vendor != own->vendor || source->device != own->device)
		return -EXDEV;
	if (!accepts(source->major, source->minor))
		return -EPROTONOSUPPORT;

	return 0;
}

/**
 * sample_migration_version_check - implement
 *	&mdev_driver.check_migration_version
 * @mtype: type that is asked
 * @text: version string of the source
 * @own: version of the driver
 * @accepts: returns whether the driver loads the state of this software version
 *
 * A rejection is logged with its reason.
 *
 * Return: 0 if compatible, -EINVAL if @text is not a version string of a
 * sample, -EXDEV if it belongs to another device, -EPROTONOSUPPORT if @accepts
 * returns false.
 */
static inline int
sample_migration_version_check(struct mdev_type *mtype, const char *text,
			       const struct sample_migration_version *own,
			       bool (*accepts)(u32 major, u32 minor))
{
	struct sample_migration_version source;
	int ret;

	if (sample_migration_version_parse(text, &source)) {
		mdev_migration_version_rejected(mtype, text,
						"expected <vendor>:<device>-<major>.<minor>");
		return -EINVAL;
	}

	ret = sample_migration_version_compare(&source, own, accepts);
	if (ret == -EXDEV)
		mdev_migration_version_rejected(mtype, text,
						"source is device %04x:%04x, target is device %04x:%04x",
						source.vendor, source.device,
						own->vendor, own->device);
	else if (ret)
		mdev_migration_version_rejected(mtype, text,
						"source has version %u.%u, target has %u.%u",
						source.major, source.minor,
						own->major, own->minor);

	return ret;
}

#endif /* SAMPLE_MIGRATION_VERSION_H */
