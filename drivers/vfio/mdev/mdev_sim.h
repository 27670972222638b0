/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Simulated mediated devices: types with their knobs
 */

#ifndef MDEV_SIM_H
#define MDEV_SIM_H

#include <linux/configfs.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/mdev.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/types.h>

/* Bytes that migration_version takes: PATH_MAX with the NUL */
#define MDEV_SIM_VERSION_MAX	(PATH_MAX - 1)

#define MDEV_SIM_STATE_SIZE_MAX	SZ_64M

/* Any bytes: what a test sets need be neither printable nor without a NUL */
struct mdev_sim_text {
	char *bytes;
	size_t len;
};

/* Major number in the upper half, so that the order is that of versions */
struct mdev_sim_bound {
	bool set;
	u64 number;
};

/* A number that a callback returns to mdev, valid or not */
struct mdev_sim_result {
	bool set;
	int value;
};

enum mdev_sim_load {
	MDEV_SIM_LOAD_AS_CHECK,
	MDEV_SIM_LOAD_ACCEPT,
	MDEV_SIM_LOAD_REJECT,
};

/**
 * struct mdev_sim_type - a directory of a type in configfs
 * @item: its item, a reference of which keeps the structure
 * @siblings: in &mdev_sim_parent.types
 * @lock: protects what follows; the callbacks of mdev take it, so that it must
 *	not be held over anything that waits for them
 * @version: version string of the type
 * @description: description of the type
 * @accept_min: lowest version of a source that is accepted
 * @accept_max: highest version of a source that is accepted
 * @show_errno: errno of show_migration_version, 0 for none
 * @check_errno: errno of check_migration_version, 0 for none
 * @show_result: what show_migration_version returns
 * @check_result: what check_migration_version returns
 * @description_result: what show_description returns
 * @probe_result: what probe returns, if that is not 0
 * @delay_ms: time that both take
 * @no_migration_version: devices of the type cannot migrate
 * @instances: how many devices there can be
 * @used: how many devices there are
 * @state_size: size of the buffer of a new device
 * @pre_copy: a new device can be saved while it runs
 * @load: whether the load path keeps to the check
 */
struct mdev_sim_type {
	struct config_item item;
	struct list_head siblings;
	struct mutex lock; /* see above */
	struct mdev_sim_text version;
	struct mdev_sim_text description;
	struct mdev_sim_bound accept_min;
	struct mdev_sim_bound accept_max;
	u32 show_errno;
	u32 check_errno;
	struct mdev_sim_result show_result;
	struct mdev_sim_result check_result;
	struct mdev_sim_result description_result;
	struct mdev_sim_result probe_result;
	u32 delay_ms;
	u32 no_migration_version;
	u32 instances;
	u32 used;
	u32 state_size;
	u32 pre_copy;
	enum mdev_sim_load load;
};

/**
 * struct mdev_sim_mtype - a type of a registered parent
 * @mtype: mdev's structure
 * @type: its knobs, a reference
 */
struct mdev_sim_mtype {
	struct mdev_type mtype;
	struct mdev_sim_type *type;
};

static inline struct mdev_sim_type *to_mdev_sim_type(struct mdev_type *mtype)
{
	return container_of(mtype, struct mdev_sim_mtype, mtype)->type;
}

int mdev_sim_check(struct mdev_type *mtype, const char *version);

int mdev_sim_create(struct mdev_device *mdev);
void mdev_sim_remove(struct mdev_device *mdev);

#endif /* MDEV_SIM_H */
