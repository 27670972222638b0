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

/* A test may set any bytes, also a NUL or bytes that are not printable */
struct mdev_sim_text {
	char *bytes;
	size_t len;
};

/* The major number is in the upper half, so that numbers compare as versions */
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
 * struct mdev_sim_type - directory of a type in configfs, and its knobs
 * @item: item of configfs; a reference to it keeps the structure
 * @siblings: entry in &mdev_sim_parent.types
 * @lock: protects the members after it; the callbacks of mdev take it, so that it
 *	must not be held during a wait for them
 * @version: version string of the type
 * @description: description of the type
 * @accept_min: lowest version of a source that is accepted
 * @accept_max: highest version of a source that is accepted
 * @show_errno: errno of show_migration_version, or 0
 * @check_errno: errno of check_migration_version, or 0
 * @show_result: result of show_migration_version, if it is set
 * @check_result: result of check_migration_version, if it is set
 * @description_result: result of show_description, if it is set
 * @probe_result: result of probe, if it is not 0
 * @delay_ms: time that a read or write of migration_version takes
 * @no_migration_version: 1 if devices of the type cannot migrate
 * @instances: devices that the type can have
 * @used: devices that the type has
 * @state_size: bytes in the buffer of a new device
 * @pre_copy: 1 if a new device can be saved while it runs
 * @load: verdict of the load path
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
 * struct mdev_sim_mtype - type of a registered parent
 * @mtype: structure of mdev
 * @type: knobs of the type, a reference
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
