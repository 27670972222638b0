/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Migration version of mediated device types: what the mdev core calls
 */

#ifndef MDEV_MIGRATION_H
#define MDEV_MIGRATION_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/types.h>

struct mdev_driver;
struct mdev_type;

#if IS_ENABLED(CONFIG_VFIO_MDEV_KUNIT_TEST)
#define EXPORT_SYMBOL_FOR_KUNIT(symbol)	EXPORT_SYMBOL_GPL(symbol)
#else
/* Nothing, but checkpatch wants an argument to be used */
#define EXPORT_SYMBOL_FOR_KUNIT(symbol)	static_assert(!__same_type(symbol, int))
#endif

#if IS_ENABLED(CONFIG_VFIO_MDEV_MIGRATION_VERSION)

int mdev_migration_validate_driver(const struct mdev_driver *drv);
bool mdev_migration_offered(const struct mdev_type *mtype);
ssize_t mdev_migration_show(struct mdev_type *mtype, char *buf);
int mdev_migration_check(struct mdev_type *mtype, char *buf, size_t count);

#else

static inline int mdev_migration_validate_driver(const struct mdev_driver *drv)
{
	return 0;
}

static inline bool mdev_migration_offered(const struct mdev_type *mtype)
{
	return false;
}

static inline ssize_t mdev_migration_show(struct mdev_type *mtype, char *buf)
{
	return -EOPNOTSUPP;
}

static inline int mdev_migration_check(struct mdev_type *mtype, char *buf,
				       size_t count)
{
	return -EOPNOTSUPP;
}

#endif /* CONFIG_VFIO_MDEV_MIGRATION_VERSION */

#endif /* MDEV_MIGRATION_H */
