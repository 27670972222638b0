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

#include <kunit/visibility.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/mdev.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/stdarg.h>
#include <linux/string.h>

#include "mdev_private.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

#if IS_ENABLED(CONFIG_KUNIT)
EXPORT_TRACEPOINT_SYMBOL_GPL(mdev_migration_check);
#endif

static bool mdev_migration_printable(char c)
{
	return c >= ' ' && c <= '~';
}

/*
 * Copy @len bytes and end them, with '?' for each byte that a version string cannot
 * have.  Not inline, because two functions of the event call it.
 */
noinline void mdev_trace_copy(char *to, const char *from, size_t len)
{
	for (; len; len--, from++)
		*to++ = mdev_migration_printable(*from) ? *from : '?';
	*to = '\0';
}

/*
 * The length of the string in a line.  A newline at the end is not part of the
 * string: echo writes one, and a program need not.
 */
static size_t mdev_migration_length(const char *line, size_t count)
{
	return count && line[count - 1] == '\n' ? count - 1 : count;
}

/*
 * The number of bytes before the first that a version string cannot have.  Vendors
 * log the strings that they reject, so that a control byte could forge a line.
 */
static size_t mdev_migration_valid_bytes(const char *string, size_t len)
{
	size_t i;

	for (i = 0; i < len && mdev_migration_printable(string[i]); i++)
		;
	return i;
}

/* Return 0 if the driver is given the string, or the errno that userspace gets */
static int mdev_migration_valid(const char *string, size_t len)
{
	if (!len)
		return -EINVAL;
	if (len > MDEV_MIGRATION_VERSION_MAX)
		return -E2BIG;
	if (mdev_migration_valid_bytes(string, len) < len)
		return -EINVAL;

	return 0;
}

/**
 * mdev_migration_show - get the version string of a type
 * @mtype: type of a driver that has the callbacks
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
 * version string nor an errno for userspace, which is logged: for a string, with
 * the rule that it breaks.
 */
ssize_t mdev_migration_show(struct mdev_type *mtype, char *buf)
{
	struct mdev_driver *drv = mtype->parent->mdev_driver;
	const char *callback = "show_migration_version";
	/* There must be room for a newline that the driver left to the core */
	const size_t max = min_t(size_t, MDEV_MIGRATION_VERSION_MAX,
				 PAGE_SIZE - 2);
	ssize_t ret = drv->show_migration_version(mtype, buf);
	size_t len, valid;

	if (ret < 0 || ret > PAGE_SIZE)
		return mdev_driver_result(mtype, callback, ret, -1);

	len = mdev_migration_length(buf, ret);
	if (!len)
		return mdev_driver_fault(mtype, callback, "an empty string");
	if (len > max)
		return mdev_driver_fault(mtype, callback,
					 "a string of %zu characters, at most %zu are allowed",
					 len, max);
	valid = mdev_migration_valid_bytes(buf, len);
	if (valid < len)
		return mdev_driver_fault(mtype, callback,
					 "a string whose byte %zu (counted from 0) is 0x%02x, expected 0x20 to 0x7e",
					 valid, (u8)buf[valid]);

	buf[len] = '\n';
	return len + 1;
}
EXPORT_SYMBOL_IF_KUNIT(mdev_migration_show);

static int mdev_migration_ask_driver(struct mdev_type *mtype, const char *buf,
				     size_t len)
{
	struct mdev_driver *drv = mtype->parent->mdev_driver;
	char *version;
	int ret;

	version = kmemdup_nul(buf, len, GFP_KERNEL);
	if (!version)
		return -ENOMEM;

	ret = drv->check_migration_version(mtype, version);
	kfree(version);

	/* Passed on, a positive number would read as a count of bytes written */
	return mdev_driver_result(mtype, "check_migration_version", ret, 0);
}

/**
 * mdev_migration_check - ask a type whether it takes a source's device state
 * @mtype: type of a driver that has the callbacks
 * @buf: version string of the source as written, with or without one newline
 * @count: length of @buf
 *
 * Context: Process context, may sleep. The caller keeps the parent registered.
 * Return: 0 if compatible. Otherwise the driver's errno, or without the driver
 * having been asked: -EINVAL if @buf is not one non-empty line of printable
 * ASCII, -E2BIG if it is longer than a version string can be, -ENOMEM. A restart
 * code of the driver while a signal is pending. -EIO for any other answer of the
 * driver that is neither 0 nor an errno for userspace.
 */
int mdev_migration_check(struct mdev_type *mtype, const char *buf, size_t count)
{
	size_t len = mdev_migration_length(buf, count);
	int ret;

	/*
	 * A write of more than a page reaches sysfs in pieces of a page. With
	 * 4 KiB pages the first piece has 4096 bytes, one more than a string
	 * can have unless it ends in a newline: what may have been cut off is
	 * refused here as too long.
	 */
	ret = mdev_migration_valid(buf, len);
	if (ret)
		/* The event has all that was written */
		len = count;
	else
		ret = mdev_migration_ask_driver(mtype, buf, len);

	/* Userspace does not see restart codes: the check was interrupted */
	trace_mdev_migration_check(mtype, buf, len,
				   ret <= -ERESTARTSYS ? -EINTR : ret);

	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(mdev_migration_check);

/**
 * mdev_migration_version_rejected - log why a source was not accepted
 * @mtype: type that was asked
 * @version: version string of the source, as &mdev_driver got it
 * @fmt: format of the reason, a phrase without a newline
 * @...: arguments of @fmt
 *
 * For &mdev_driver.check_migration_version, before it returns an errno. The
 * line names the parent device also in its structured part (SUBSYSTEM= and
 * DEVICE= in /dev/kmsg), so that tools find it, and is rate-limited for each
 * parent. It has the first 256 characters of @version.
 *
 * Context: Any context.
 */
void mdev_migration_version_rejected(struct mdev_type *mtype,
				     const char *version, const char *fmt, ...)
{
	struct mdev_parent *parent = mtype->parent;
	va_list args;
	struct va_format reason = { .fmt = fmt, .va = &args };

	if (!__ratelimit(&parent->rejection_limit))
		return;

	va_start(args, fmt);
	dev_notice(parent->dev,
		   "type %s: migration version \"%.256s\" rejected: %pV\n",
		   kobject_name(&mtype->kobj), version, &reason);
	va_end(args);
}
EXPORT_SYMBOL(mdev_migration_version_rejected);
