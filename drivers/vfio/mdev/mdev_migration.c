// SPDX-License-Identifier: GPL-2.0-only
/*
 * Migration version of mediated device types
 *
 * Only the vendor driver of the target can judge whether it loads the device
 * state of a source, so the core does not interpret or compare version strings.
 * The core ensures that only one short line of printable text passes between
 * userspace and the vendor driver, that the result of a check is 0 or an errno,
 * and that each check is traced.
 *
 * This file does not depend on sysfs: the attribute is in mdev_sysfs.c.
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
 * Copy @len bytes and add a NUL.  Each byte that a version string cannot have
 * becomes '?'.  The function is noinline, because two functions of the event call it.
 */
noinline void mdev_trace_copy(char *to, const char *from, size_t len)
{
	for (; len; len--, from++)
		*to++ = mdev_migration_printable(*from) ? *from : '?';
	*to = '\0';
}

/*
 * A newline at the end of a line is not part of the string: echo writes one, and
 * a program need not.
 */
static size_t mdev_migration_length(const char *line, size_t count)
{
	return count && line[count - 1] == '\n' ? count - 1 : count;
}

/*
 * Count the bytes before the first invalid one.  Vendor drivers log the strings
 * that they reject, so that a control byte could forge a line of the log.
 */
static size_t mdev_migration_valid_bytes(const char *string, size_t len)
{
	size_t i;

	for (i = 0; i < len && mdev_migration_printable(string[i]); i++)
		;
	return i;
}

/* The driver is asked only if this returns 0, and userspace gets any other result */
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
 * PAGE_SIZE, because sysfs does not deliver more.  With pages of 4 KiB a driver
 * can show 4094 characters, one less than a write can have.
 *
 * Context: Process context, may sleep. The caller keeps the parent registered.
 * Return: Length of the string and its newline, or the driver's errno, which can
 * be a restart code while a signal is pending. -EIO if the driver returned neither
 * a version string nor an errno for userspace. Such a fault is logged, and for a
 * string the line has the rule that the string breaks.
 */
ssize_t mdev_migration_show(struct mdev_type *mtype, char *buf)
{
	struct mdev_driver *drv = mtype->parent->mdev_driver;
	const char *callback = "show_migration_version";
	/* Leave room for the newline, which the driver need not write */
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

	/* Userspace would take a positive number for the bytes that it wrote */
	return mdev_driver_result(mtype, "check_migration_version", ret, 0);
}

/**
 * mdev_migration_check - ask a type whether it takes a source's device state
 * @mtype: type of a driver that has the callbacks
 * @buf: version string of the source as written, with or without one newline
 * @count: length of @buf
 *
 * Context: Process context, may sleep. The caller keeps the parent registered.
 * Return: 0 if the driver accepts the version, or the driver's errno, which can
 * be a restart code while a signal is pending. -EIO if the driver returned neither
 * 0 nor an errno for userspace. The driver is not asked if the result is -EINVAL
 * because @buf is not one non-empty line of printable ASCII, -E2BIG because @buf
 * is too long, or -ENOMEM.
 */
int mdev_migration_check(struct mdev_type *mtype, const char *buf, size_t count)
{
	size_t len = mdev_migration_length(buf, count);
	int ret;

	/*
	 * A write of more than a page reaches sysfs in pieces of a page. With
	 * 4 KiB pages the first piece has 4096 bytes, one more than a string
	 * can have unless it ends in a newline. So a string that may have been
	 * cut off is refused here as too long.
	 */
	ret = mdev_migration_valid(buf, len);
	if (ret)
		/* The event shows a newline at the end, too */
		len = count;
	else
		ret = mdev_migration_ask_driver(mtype, buf, len);

	/* A restart code means that the check was interrupted */
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
 * A driver calls this in &mdev_driver.check_migration_version before it returns
 * an errno. The line has the first 256 characters of @version, and is rate-limited
 * for each parent. Its structured part (SUBSYSTEM= and DEVICE= in /dev/kmsg) names
 * the parent device as well, so that tools find the line.
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
