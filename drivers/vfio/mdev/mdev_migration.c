// SPDX-License-Identifier: GPL-2.0-only
/*
 * Migration version of mediated device types
 *
 * Only the vendor driver of the target knows whether it takes the device state
 * of a source, so the core neither reads nor compares version strings.  It
 * makes sure that what passes between userspace and the vendor driver is one
 * short line of printable text, that a driver cannot turn a verdict into
 * something that is neither yes nor no, and that every question leaves a trace.
 *
 * Nothing in this file depends on sysfs: the attribute is in mdev_sysfs.c.
 */

#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/mdev.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "mdev_migration.h"
#include "mdev_private.h"

#define CREATE_TRACE_POINTS
#include <trace/events/mdev.h>

#if IS_ENABLED(CONFIG_VFIO_MDEV_KUNIT_TEST)
EXPORT_TRACEPOINT_SYMBOL_GPL(mdev_migration_check);
#endif

/*
 * Longest version string, its NUL not counted.  The limit is PATH_MAX and not
 * PAGE_SIZE, so that source and target agree on it whatever their page sizes.
 */
#define MDEV_MIGRATION_VERSION_MAX	(PATH_MAX - 1)

/* How much of a string a debug message shows: enough to recognise it by */
#define MDEV_MIGRATION_LOG_MAX		256

/*
 * Look at a word of text: in the result, the top bit of a byte is set if any of
 * the bytes is not printable.  One below ' ' borrows in the subtraction; one
 * above '~' has the bit after it, or gets it in the addition.  What a borrow or
 * a carry does to the next byte does not matter, as a bad one was the cause.
 */
static inline unsigned long mdev_migration_unprintable(const char *text)
{
	unsigned long word;

	memcpy(&word, text, sizeof(word));
	word -= REPEAT_BYTE(' ');
	return word | (word + REPEAT_BYTE(0x7f - ('~' - ' ')));
}

/* Vendors log the strings that they reject: a control byte could forge a line */
static int mdev_migration_validate(const char *version, size_t len)
{
	const size_t step = 2 * sizeof(unsigned long);
	unsigned long bad = 0;

	if (len > MDEV_MIGRATION_VERSION_MAX)
		return -E2BIG;
	if (!len)
		return -EINVAL;

	/* Byte by byte, this would take longer than all the rest of a write */
	for (; len >= step; len -= step, version += step)
		bad |= mdev_migration_unprintable(version) |
		       mdev_migration_unprintable(version + step / 2);
	if (bad & REPEAT_BYTE(0x80))
		return -EINVAL;

	for (; len; len--, version++)
		if (*version < ' ' || *version > '~')
			return -EINVAL;

	return 0;
}

/**
 * mdev_migration_validate_driver - refuse a driver with half of the callbacks
 * @drv: driver that is about to be registered
 *
 * A driver that shows a version but cannot check one, or the other way round,
 * could be a source or a target only, and userspace could not tell which.
 *
 * Context: Any context.
 * Return: 0, or -EINVAL if exactly one of the two callbacks is set.
 */
int mdev_migration_validate_driver(const struct mdev_driver *drv)
{
	if (!drv->show_migration_version == !drv->check_migration_version)
		return 0;

	pr_err("mdev driver %s: %s_migration_version is set without %s_migration_version, a driver needs both or none\n",
	       drv->driver.name,
	       drv->show_migration_version ? "show" : "check",
	       drv->show_migration_version ? "check" : "show");
	return -EINVAL;
}
EXPORT_SYMBOL_FOR_KUNIT(mdev_migration_validate_driver);

/**
 * mdev_migration_offered - does a type have a migration version?
 * @mtype: type of a parent
 *
 * Context: Any context.
 * Return: true if the driver has the callbacks and the type has not opted out.
 */
bool mdev_migration_offered(const struct mdev_type *mtype)
{
	const struct mdev_driver *drv = mtype->parent->mdev_driver;

	return drv->show_migration_version && drv->check_migration_version &&
	       !mtype->no_migration_version;
}
EXPORT_SYMBOL_FOR_KUNIT(mdev_migration_offered);

/**
 * mdev_migration_show - get the version string of a type
 * @mtype: type for which mdev_migration_offered() is true
 * @buf: page-aligned buffer of PAGE_SIZE bytes
 *
 * The driver may end the string with a newline or leave that to the core; the
 * result has exactly one.  The string and its newline must be shorter than
 * PAGE_SIZE, because sysfs delivers no more: with pages of 4 KiB the longest
 * string that a driver can show is one character short of the limit on write.
 *
 * Context: Process context, may sleep. The caller keeps the parent registered.
 * Return: Length of string and newline, the driver's errno, a restart code of
 * the driver while a signal is pending, or -EIO if the driver returned neither a
 * version string nor an errno for userspace.
 */
ssize_t mdev_migration_show(struct mdev_type *mtype, char *buf)
{
	ssize_t ret = mtype->parent->mdev_driver->show_migration_version(mtype,
									 buf);
	size_t len = ret;

	if (ret < 0)
		return mdev_driver_errno(mtype, "show_migration_version", ret);

	if (len && len < PAGE_SIZE && buf[len - 1] == '\n')
		len--;

	if (len + 1 >= PAGE_SIZE || mdev_migration_validate(buf, len)) {
		mdev_report_fault(mtype, "show_migration_version",
				  "no valid version string", ret);
		return -EIO;
	}

	buf[len] = '\n';
	return len + 1;
}
EXPORT_SYMBOL_FOR_KUNIT(mdev_migration_show);

static int mdev_migration_ask_driver(struct mdev_type *mtype,
				     const char *version)
{
	int ret = mtype->parent->mdev_driver->check_migration_version(mtype,
								      version);

	/* Passed on, a positive number would read as a count of bytes written */
	return ret ? mdev_driver_errno(mtype, "check_migration_version", ret) : 0;
}

/**
 * mdev_migration_check - ask a type whether it takes a source's device state
 * @mtype: type for which mdev_migration_offered() is true
 * @buf: version string of the source as written, with or without one newline,
 *	which is overwritten; there is a NUL at its end, as sysfs puts it there
 * @count: length of @buf, the NUL not counted
 *
 * Context: Process context, may sleep. The caller keeps the parent registered.
 * Return: 0 if compatible. Otherwise the driver's errno, or without the driver
 * having been asked: -EINVAL if @buf is not one non-empty line of printable
 * ASCII, -E2BIG if it is longer than a version string can be. A restart code of
 * the driver while a signal is pending. -EIO for any other answer of the driver
 * that is neither 0 nor an errno for userspace.
 */
int mdev_migration_check(struct mdev_type *mtype, char *buf, size_t count)
{
	size_t len = count;
	int ret, result;

	/* echo ends its line, a program need not: both mean the same string */
	if (len && buf[len - 1] == '\n')
		buf[--len] = '\0';

	/*
	 * A write of more than a page reaches sysfs in pieces of a page. With
	 * 4 KiB pages the first piece has 4096 bytes, one more than a string
	 * can have unless it ends in a newline: what may have been cut off is
	 * refused here as too long.
	 */
	ret = mdev_migration_validate(buf, len);
	if (!ret)
		ret = mdev_migration_ask_driver(mtype, buf);

	/* Userspace does not see restart codes: the check was interrupted */
	result = ret <= -ERESTARTSYS ? -EINTR : ret;
	trace_mdev_migration_check(mtype, buf, len, result);
	if (result)
		dev_dbg(mtype->parent->dev,
			"type %s: migration version \"%*pE\" not accepted: %pe\n",
			kobject_name(&mtype->kobj),
			(int)min_t(size_t, len, MDEV_MIGRATION_LOG_MAX), buf,
			ERR_PTR(result));

	return ret;
}
EXPORT_SYMBOL_FOR_KUNIT(mdev_migration_check);
