// SPDX-License-Identifier: GPL-2.0-only
/*
 * Simulated mediated devices: parents, types and their knobs
 *
 * A directory in configfs is a parent, and a directory in it is a type.  The files of
 * a type set its migration version and the versions that it accepts at run time, see
 * Documentation/driver-api/vfio-mdev-sim.rst.
 *
 * Objects of configfs and of mdev have different lifetimes.  A registered parent is a
 * struct mdev_sim_parent_dev, with an array of types that refer to the items of
 * configfs.  It is freed with the last reference to its device.  Each type of mdev has
 * such a reference, so that a type is not freed while mdev still uses it.
 *
 * The release functions of parents and of VFIO devices are in this module, so that
 * each of these devices has a reference to the module.
 */

#include <linux/configfs.h>
#include <linux/ctype.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/vfio.h>

#include "mdev_sim.h"

#define MDEV_SIM_NAME		"mdev-sim"

/*
 * The directory <name> in configfs is mdev-sim-<name> in sysfs, which must not be
 * longer than NAME_MAX.  mdev puts the name of the driver in front of the name of
 * a type.  This module does the same for a parent, because /sys/class/mdev_bus/ has
 * the parents of all drivers.  A parent whose name is taken would get a warning and
 * not an entry.
 */
#define MDEV_SIM_NAME_MAX	(NAME_MAX - sizeof(MDEV_SIM_NAME "-") + 1)

/* <major>.<minor> and a NUL */
#define MDEV_SIM_NUMBER_SIZE	sizeof("4294967295.4294967295")

/* Errnos for userspace end before ERESTARTSYS */
#define MDEV_SIM_ERRNO_MAX	(ERESTARTSYS - 1)

/* A result can be one beyond the largest errno, with both signs */
#define MDEV_SIM_RESULT_MAX	(MAX_ERRNO + 1)

/* Characters of a device in the reason of a rejection */
#define MDEV_SIM_LOG_MAX	64

/**
 * struct mdev_sim_parent_dev - parent that is or was registered
 * @dev: device of the parent; a reference to it keeps the structure
 * @parent: structure of mdev
 * @nr_types: entries in @mtypes and in @list
 * @mtypes: types of the parent when it was registered
 * @list: pointers to @mtypes, which mdev keeps
 */
struct mdev_sim_parent_dev {
	struct device dev;
	struct mdev_parent parent;
	unsigned int nr_types;
	struct mdev_sim_mtype *mtypes;
	struct mdev_type **list;
};

/**
 * struct mdev_sim_parent - directory of a parent in configfs
 * @group: group of configfs
 * @lock: protects the members after it; not held while mdev registers or
 *	unregisters, because mdev waits for the callbacks and for the users of
 *	the devices
 * @types: types that have a directory
 * @nr_types: entries in @types
 * @changing: the parent is being registered or unregistered
 * @parent_dev: registered parent, or NULL
 */
struct mdev_sim_parent {
	struct config_group group;
	struct mutex lock; /* see above */
	struct list_head types;
	unsigned int nr_types;
	bool changing;
	struct mdev_sim_parent_dev *parent_dev;
};

static struct configfs_subsystem mdev_sim_subsys;
static struct mdev_driver mdev_sim_driver;
static const struct class mdev_sim_class = { .name = MDEV_SIM_NAME };

static struct mdev_sim_parent *to_mdev_sim_parent(struct config_item *item)
{
	return container_of(to_config_group(item), struct mdev_sim_parent,
			    group);
}

static struct mdev_sim_type *item_to_type(struct config_item *item)
{
	return container_of(item, struct mdev_sim_type, item);
}

/* Versions */

/* sscanf() takes several spellings of a version, and mdev_sim takes one */
static bool mdev_sim_parse_number(const char *text, u64 *number)
{
	char canonical[MDEV_SIM_NUMBER_SIZE];
	u32 major, minor;

	if (sscanf(text, "%u.%u", &major, &minor) != 2)
		return false;

	snprintf(canonical, sizeof(canonical), "%u.%u", major, minor);
	*number = (u64)major << 32 | minor;
	return !strcmp(text, canonical);
}

/*
 * Parse <device>-<major>.<minor>.  The device may have dashes itself, and
 * must be printable, because a reason names it.
 */
static bool mdev_sim_parse_version(const struct mdev_sim_text *text,
				   size_t *device_len, u64 *number)
{
	char tail[MDEV_SIM_NUMBER_SIZE];
	size_t len = text->len, i;

	while (len && text->bytes[len - 1] != '-')
		len--;
	if (len < 2 || text->len - len >= sizeof(tail))
		return false;

	for (i = 0; i < len; i++)
		if (!isascii(text->bytes[i]) || !isprint(text->bytes[i]))
			return false;

	memcpy(tail, text->bytes + len, text->len - len);
	tail[text->len - len] = '\0';
	*device_len = len - 1;
	/* A NUL would hide the bytes behind it */
	return strlen(tail) == text->len - len &&
	       mdev_sim_parse_number(tail, number);
}

static bool mdev_sim_same_bytes(const char *a, size_t a_len, const char *b,
				size_t b_len)
{
	return a_len == b_len && !memcmp(a, b, a_len);
}

static int mdev_sim_judge(struct mdev_type *mtype, struct mdev_sim_type *type,
			  const char *version)
{
	const struct mdev_sim_text source = {
		.bytes = (char *)version,
		.len = strlen(version),
	};
	const struct mdev_sim_text *own = &type->version;
	size_t source_len, own_len;
	u64 number, min, max;

	lockdep_assert_held(&type->lock);

	if (type->check_result.set) {
		if (type->check_result.value)
			mdev_migration_version_rejected(mtype, version,
							"check_result is %d",
							type->check_result.value);
		return type->check_result.value;
	}

	if (type->check_errno) {
		mdev_migration_version_rejected(mtype, version,
						"check_errno is %u",
						type->check_errno);
		return -(int)type->check_errno;
	}

	if (!mdev_sim_parse_version(own, &own_len, &min)) {
		if (mdev_sim_same_bytes(source.bytes, source.len, own->bytes,
					own->len))
			return 0;
		mdev_migration_version_rejected(mtype, version,
						"target accepts its own version only");
		return -EINVAL;
	}

	if (!mdev_sim_parse_version(&source, &source_len, &number)) {
		mdev_migration_version_rejected(mtype, version,
						"expected <device>-<major>.<minor>");
		return -EINVAL;
	}

	if (!mdev_sim_same_bytes(source.bytes, source_len, own->bytes,
				 own_len)) {
		mdev_migration_version_rejected(mtype, version,
						"source is device %.*s, target is device %.*s",
						(int)min_t(size_t, source_len, MDEV_SIM_LOG_MAX),
						source.bytes,
						(int)min_t(size_t, own_len, MDEV_SIM_LOG_MAX),
						own->bytes);
		return -EXDEV;
	}

	max = type->accept_max.set ? type->accept_max.number : min;
	min = type->accept_min.set ? type->accept_min.number : min;
	if (number < min || number > max) {
		mdev_migration_version_rejected(mtype, version,
						"source has version %u.%u, target accepts %u.%u to %u.%u",
						upper_32_bits(number),
						lower_32_bits(number),
						upper_32_bits(min),
						lower_32_bits(min),
						upper_32_bits(max),
						lower_32_bits(max));
		return -EPROTONOSUPPORT;
	}

	return 0;
}

/**
 * mdev_sim_check - judge whether a type loads the state of a source
 * @mtype: type that is asked
 * @version: version string of the source, printable and not empty
 *
 * The attribute and the load path both call this, so that they agree.
 *
 * Context: Process context, may sleep.
 * Return: 0 or a negative errno; or the number that a test has set.
 */
int mdev_sim_check(struct mdev_type *mtype, const char *version)
{
	struct mdev_sim_type *type = to_mdev_sim_type(mtype);
	int ret;

	mutex_lock(&type->lock);
	ret = mdev_sim_judge(mtype, type, version);
	mutex_unlock(&type->lock);

	return ret;
}

/* Callbacks of mdev */

static int mdev_sim_delay(struct mdev_sim_type *type)
{
	u32 delay_ms = READ_ONCE(type->delay_ms);

	/* In some kernels, msleep_interruptible(0) sleeps for a tick */
	return delay_ms && msleep_interruptible(delay_ms) ? -ERESTARTSYS : 0;
}

/* mdev strips the newline that is added here, and so gets the bytes of a test */
static ssize_t mdev_sim_emit(const struct mdev_sim_text *text, char *buf)
{
	memcpy(buf, text->bytes, text->len);
	buf[text->len] = '\n';
	return text->len + 1;
}

/**
 * mdev_sim_show_migration_version - implement &mdev_driver.show_migration_version
 * @mtype: type that is asked
 * @buf: page to fill
 *
 * Return: Number of bytes in @buf, or a negative errno; or the number
 * that a test has set.
 */
static ssize_t mdev_sim_show_migration_version(struct mdev_type *mtype,
					       char *buf)
{
	struct mdev_sim_type *type = to_mdev_sim_type(mtype);
	ssize_t ret = mdev_sim_delay(type);

	if (ret)
		return ret;

	mutex_lock(&type->lock);
	if (type->show_errno)
		ret = -(int)type->show_errno;
	else
		ret = mdev_sim_emit(&type->version, buf);
	if (type->show_result.set)
		ret = type->show_result.value;
	mutex_unlock(&type->lock);

	return ret;
}

/**
 * mdev_sim_check_migration_version - implement &mdev_driver.check_migration_version
 * @mtype: type that is asked
 * @version: version string of the source
 *
 * Return: 0 or a negative errno; or the number that a test has set.
 */
static int mdev_sim_check_migration_version(struct mdev_type *mtype,
					    const char *version)
{
	return mdev_sim_delay(to_mdev_sim_type(mtype)) ?:
	       mdev_sim_check(mtype, version);
}

/**
 * mdev_sim_show_description - implement &mdev_driver.show_description
 * @mtype: type that is asked
 * @buf: page to fill
 *
 * Return: Number of bytes in @buf; or the number that a test has set.
 */
static ssize_t mdev_sim_show_description(struct mdev_type *mtype, char *buf)
{
	struct mdev_sim_type *type = to_mdev_sim_type(mtype);
	ssize_t ret;

	/* sysfs takes less than a page, and mdev does not cut a description */
	mutex_lock(&type->lock);
	ret = sysfs_emit(buf, "%.*s\n", (int)type->description.len,
			 type->description.bytes);
	if (type->description_result.set)
		ret = type->description_result.value;
	mutex_unlock(&type->lock);

	return ret;
}

/**
 * mdev_sim_get_available - implement &mdev_driver.get_available
 * @mtype: type that is asked
 *
 * Return: Number of devices that the type can still get.
 */
static unsigned int mdev_sim_get_available(struct mdev_type *mtype)
{
	struct mdev_sim_type *type = to_mdev_sim_type(mtype);
	unsigned int available;

	mutex_lock(&type->lock);
	available = type->instances - min(type->used, type->instances);
	mutex_unlock(&type->lock);

	return available;
}

/**
 * mdev_sim_probe - implement &mdev_driver.probe
 * @mdev: device that is created
 *
 * Return: Number that a test has set, if it is not 0; else 0 or a negative errno.
 */
static int mdev_sim_probe(struct mdev_device *mdev)
{
	struct mdev_sim_type *type = to_mdev_sim_type(mdev->type);
	int ret;

	mutex_lock(&type->lock);
	ret = type->probe_result.value;
	mutex_unlock(&type->lock);

	return ret ?: mdev_sim_create(mdev);
}

static struct mdev_driver mdev_sim_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.driver = {
		.name = "mdev_sim",
		.owner = THIS_MODULE,
		.mod_name = KBUILD_MODNAME,
	},
	.probe = mdev_sim_probe,
	.remove = mdev_sim_remove,
	.get_available = mdev_sim_get_available,
	.show_description = mdev_sim_show_description,
	.show_migration_version = mdev_sim_show_migration_version,
	.check_migration_version = mdev_sim_check_migration_version,
};

/* Registered parents */

/**
 * mdev_sim_parent_dev_release - implement &device.release for a parent
 * @dev: device of the parent
 */
static void mdev_sim_parent_dev_release(struct device *dev)
{
	struct mdev_sim_parent_dev *parent_dev =
		container_of(dev, struct mdev_sim_parent_dev, dev);
	unsigned int i;

	for (i = 0; i < parent_dev->nr_types; i++)
		config_item_put(&parent_dev->mtypes[i].type->item);
	kvfree(parent_dev->list);
	kvfree(parent_dev->mtypes);
	kfree(parent_dev);
	/* mdev_sim_exit() waits until this function has returned */
	module_put(THIS_MODULE);
}

static int mdev_sim_set_types(struct mdev_sim_parent *parent,
			      struct mdev_sim_parent_dev *parent_dev)
{
	struct mdev_sim_mtype *entry;
	struct mdev_sim_type *type;
	int ret = -ENOMEM;

	mutex_lock(&parent->lock);
	parent_dev->mtypes = kvzalloc_objs(*parent_dev->mtypes,
					   parent->nr_types);
	parent_dev->list = kvzalloc_objs(*parent_dev->list, parent->nr_types);
	if (!parent_dev->mtypes || !parent_dev->list)
		goto out_unlock;

	list_for_each_entry(type, &parent->types, siblings) {
		entry = &parent_dev->mtypes[parent_dev->nr_types];
		config_item_get(&type->item);
		entry->type = type;
		entry->mtype.sysfs_name = config_item_name(&type->item);
		entry->mtype.no_migration_version = type->no_migration_version;
		parent_dev->list[parent_dev->nr_types++] = &entry->mtype;
	}
	ret = 0;

out_unlock:
	mutex_unlock(&parent->lock);
	return ret;
}

static struct mdev_sim_parent_dev *
mdev_sim_parent_dev_register(struct mdev_sim_parent *parent)
{
	struct mdev_sim_parent_dev *parent_dev;
	int ret;

	parent_dev = kzalloc_obj(*parent_dev);
	if (!parent_dev)
		return ERR_PTR(-ENOMEM);

	/* The directory in configfs has a reference, so the module stays */
	__module_get(THIS_MODULE);
	device_initialize(&parent_dev->dev);
	parent_dev->dev.class = &mdev_sim_class;
	parent_dev->dev.release = mdev_sim_parent_dev_release;

	ret = dev_set_name(&parent_dev->dev, MDEV_SIM_NAME "-%s",
			   config_item_name(&parent->group.cg_item));
	if (ret)
		goto err_put;

	ret = mdev_sim_set_types(parent, parent_dev);
	if (ret)
		goto err_put;

	ret = device_add(&parent_dev->dev);
	if (ret)
		goto err_put;

	ret = mdev_register_parent(&parent_dev->parent, &parent_dev->dev,
				   &mdev_sim_driver, parent_dev->list,
				   parent_dev->nr_types);
	if (ret)
		goto err_del;

	return parent_dev;

err_del:
	device_del(&parent_dev->dev);
err_put:
	put_device(&parent_dev->dev);
	return ERR_PTR(ret);
}

static void
mdev_sim_parent_dev_unregister(struct mdev_sim_parent_dev *parent_dev)
{
	mdev_unregister_parent(&parent_dev->parent);
	device_unregister(&parent_dev->dev);
}

/* Knobs: each takes the text that it shows */

static int mdev_sim_parse_u32(const char *page, size_t count, u32 max,
			      u32 *value)
{
	u32 parsed;
	int ret;

	if (strlen(page) != count)
		return -EINVAL;
	ret = kstrtou32(page, 0, &parsed);
	if (ret)
		return ret;
	if (parsed > max)
		return -ERANGE;

	*value = parsed;
	return 0;
}

static size_t mdev_sim_strip_newline(const char *page, size_t count)
{
	return count && page[count - 1] == '\n' ? count - 1 : count;
}

/*
 * The functions of a kind of knob get its offset in &struct mdev_sim_type,
 * because configfs does not pass the attribute.
 */

static ssize_t mdev_sim_text_show(struct config_item *item, size_t knob,
				  char *page)
{
	struct mdev_sim_type *type = item_to_type(item);
	struct mdev_sim_text *text = (void *)type + knob;
	ssize_t ret;

	mutex_lock(&type->lock);
	ret = mdev_sim_emit(text, page);
	mutex_unlock(&type->lock);

	return ret;
}

static ssize_t mdev_sim_text_store(struct config_item *item, size_t knob,
				   const char *page, size_t count)
{
	struct mdev_sim_type *type = item_to_type(item);
	struct mdev_sim_text *text = (void *)type + knob;
	struct mdev_sim_text new = {
		.len = mdev_sim_strip_newline(page, count),
	};

	new.bytes = kmemdup(page, new.len, GFP_KERNEL);
	if (!new.bytes)
		return -ENOMEM;

	mutex_lock(&type->lock);
	swap(*text, new);
	mutex_unlock(&type->lock);

	kfree(new.bytes);
	return count;
}

static ssize_t mdev_sim_bound_show(struct config_item *item, size_t knob,
				   char *page)
{
	struct mdev_sim_type *type = item_to_type(item);
	const struct mdev_sim_bound *bound = (void *)type + knob;
	ssize_t ret;

	mutex_lock(&type->lock);
	if (bound->set)
		ret = sysfs_emit(page, "%u.%u\n", upper_32_bits(bound->number),
				 lower_32_bits(bound->number));
	else
		ret = sysfs_emit(page, "\n");
	mutex_unlock(&type->lock);

	return ret;
}

static ssize_t mdev_sim_bound_store(struct config_item *item, size_t knob,
				    const char *page, size_t count)
{
	size_t len = mdev_sim_strip_newline(page, count);
	struct mdev_sim_type *type = item_to_type(item);
	struct mdev_sim_bound *bound = (void *)type + knob;
	struct mdev_sim_bound new = { .set = len };
	char text[MDEV_SIM_NUMBER_SIZE];

	if (len >= sizeof(text) || strnlen(page, len) != len)
		return -EINVAL;
	strscpy(text, page, len + 1);
	if (new.set && !mdev_sim_parse_number(text, &new.number))
		return -EINVAL;

	mutex_lock(&type->lock);
	*bound = new;
	mutex_unlock(&type->lock);

	return count;
}

static ssize_t mdev_sim_u32_show(struct config_item *item, size_t knob,
				 char *page)
{
	const u32 *value = (void *)item_to_type(item) + knob;

	return sysfs_emit(page, "%u\n", READ_ONCE(*value));
}

static ssize_t mdev_sim_u32_store(struct config_item *item, size_t knob,
				  u32 max, const char *page, size_t count)
{
	struct mdev_sim_type *type = item_to_type(item);
	u32 value;
	int ret;

	ret = mdev_sim_parse_u32(page, count, max, &value);
	if (ret)
		return ret;

	mutex_lock(&type->lock);
	WRITE_ONCE(*(u32 *)((void *)type + knob), value);
	mutex_unlock(&type->lock);

	return count;
}

static ssize_t mdev_sim_result_show(struct config_item *item, size_t knob,
				    char *page)
{
	struct mdev_sim_type *type = item_to_type(item);
	const struct mdev_sim_result *result = (void *)type + knob;
	ssize_t ret;

	mutex_lock(&type->lock);
	if (result->set)
		ret = sysfs_emit(page, "%d\n", result->value);
	else
		ret = sysfs_emit(page, "\n");
	mutex_unlock(&type->lock);

	return ret;
}

static ssize_t mdev_sim_result_store(struct config_item *item, size_t knob,
				     const char *page, size_t count)
{
	struct mdev_sim_type *type = item_to_type(item);
	struct mdev_sim_result *result = (void *)type + knob;
	struct mdev_sim_result new = {
		.set = mdev_sim_strip_newline(page, count),
	};
	int ret;

	if (strlen(page) != count)
		return -EINVAL;
	ret = new.set ? kstrtoint(page, 0, &new.value) : 0;
	if (ret)
		return ret;
	if (new.value < -MDEV_SIM_RESULT_MAX || new.value > MDEV_SIM_RESULT_MAX)
		return -ERANGE;

	mutex_lock(&type->lock);
	*result = new;
	mutex_unlock(&type->lock);

	return count;
}

#define MDEV_SIM_SHOW(_kind, _name)					\
static ssize_t mdev_sim_type_##_name##_show(struct config_item *item,	\
					    char *page)			\
{									\
	return mdev_sim_##_kind##_show(item,				\
				       offsetof(struct mdev_sim_type, _name), \
				       page);				\
}

#define MDEV_SIM_STORE(_kind, _name)					\
static ssize_t mdev_sim_type_##_name##_store(struct config_item *item,	\
					     const char *page,		\
					     size_t count)		\
{									\
	return mdev_sim_##_kind##_store(item,				\
					offsetof(struct mdev_sim_type, _name), \
					page, count);			\
}

#define MDEV_SIM_STORE_U32(_name, _max)					\
static ssize_t mdev_sim_type_##_name##_store(struct config_item *item,	\
					     const char *page,		\
					     size_t count)		\
{									\
	return mdev_sim_u32_store(item,					\
				  offsetof(struct mdev_sim_type, _name), \
				  _max, page, count);			\
}

MDEV_SIM_SHOW(text, version)
MDEV_SIM_STORE(text, version)
CONFIGFS_ATTR(mdev_sim_type_, version);

MDEV_SIM_SHOW(text, description)
MDEV_SIM_STORE(text, description)
CONFIGFS_ATTR(mdev_sim_type_, description);

MDEV_SIM_SHOW(bound, accept_min)
MDEV_SIM_STORE(bound, accept_min)
CONFIGFS_ATTR(mdev_sim_type_, accept_min);

MDEV_SIM_SHOW(bound, accept_max)
MDEV_SIM_STORE(bound, accept_max)
CONFIGFS_ATTR(mdev_sim_type_, accept_max);

MDEV_SIM_SHOW(u32, show_errno)
MDEV_SIM_STORE_U32(show_errno, MDEV_SIM_ERRNO_MAX)
CONFIGFS_ATTR(mdev_sim_type_, show_errno);

MDEV_SIM_SHOW(u32, check_errno)
MDEV_SIM_STORE_U32(check_errno, MDEV_SIM_ERRNO_MAX)
CONFIGFS_ATTR(mdev_sim_type_, check_errno);

MDEV_SIM_SHOW(result, show_result)
MDEV_SIM_STORE(result, show_result)
CONFIGFS_ATTR(mdev_sim_type_, show_result);

MDEV_SIM_SHOW(result, check_result)
MDEV_SIM_STORE(result, check_result)
CONFIGFS_ATTR(mdev_sim_type_, check_result);

MDEV_SIM_SHOW(result, description_result)
MDEV_SIM_STORE(result, description_result)
CONFIGFS_ATTR(mdev_sim_type_, description_result);

MDEV_SIM_SHOW(result, probe_result)
MDEV_SIM_STORE(result, probe_result)
CONFIGFS_ATTR(mdev_sim_type_, probe_result);

MDEV_SIM_SHOW(u32, delay_ms)
MDEV_SIM_STORE_U32(delay_ms, U32_MAX)
CONFIGFS_ATTR(mdev_sim_type_, delay_ms);

MDEV_SIM_SHOW(u32, instances)
MDEV_SIM_STORE_U32(instances, U32_MAX)
CONFIGFS_ATTR(mdev_sim_type_, instances);

MDEV_SIM_SHOW(u32, state_size)
MDEV_SIM_STORE_U32(state_size, MDEV_SIM_STATE_SIZE_MAX)
CONFIGFS_ATTR(mdev_sim_type_, state_size);

MDEV_SIM_SHOW(u32, pre_copy)
MDEV_SIM_STORE_U32(pre_copy, 1)
CONFIGFS_ATTR(mdev_sim_type_, pre_copy);

MDEV_SIM_SHOW(u32, no_migration_version)

/**
 * mdev_sim_type_no_migration_version_store - implement &configfs_attribute.store
 * @item: a type
 * @page: text that was written
 * @count: length of @page
 *
 * The knob of a live parent is busy, because mdev looks at it only when it registers
 * the parent.
 *
 * Return: @count or a negative errno.
 */
static ssize_t mdev_sim_type_no_migration_version_store(struct config_item *item,
							const char *page,
							size_t count)
{
	struct mdev_sim_parent *parent = to_mdev_sim_parent(item->ci_parent);
	ssize_t ret;

	mutex_lock(&parent->lock);
	if (parent->changing || parent->parent_dev)
		ret = -EBUSY;
	else
		ret = mdev_sim_u32_store(item,
					 offsetof(struct mdev_sim_type,
						  no_migration_version),
					 1, page, count);
	mutex_unlock(&parent->lock);

	return ret;
}
CONFIGFS_ATTR(mdev_sim_type_, no_migration_version);

static const char * const mdev_sim_load_names[] = {
	[MDEV_SIM_LOAD_AS_CHECK] = "as-check",
	[MDEV_SIM_LOAD_ACCEPT] = "accept",
	[MDEV_SIM_LOAD_REJECT] = "reject",
};

/**
 * mdev_sim_type_load_show - implement &configfs_attribute.show
 * @item: a type
 * @page: page to fill
 *
 * Return: Number of bytes in @page.
 */
static ssize_t mdev_sim_type_load_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n",
			  mdev_sim_load_names[READ_ONCE(item_to_type(item)->load)]);
}

/**
 * mdev_sim_type_load_store - implement &configfs_attribute.store
 * @item: a type
 * @page: text that was written
 * @count: length of @page
 *
 * Return: @count or a negative errno.
 */
static ssize_t mdev_sim_type_load_store(struct config_item *item,
					const char *page, size_t count)
{
	int load = sysfs_match_string(mdev_sim_load_names, page);

	if (load < 0)
		return load;

	WRITE_ONCE(item_to_type(item)->load, load);
	return count;
}
CONFIGFS_ATTR(mdev_sim_type_, load);

static struct configfs_attribute *mdev_sim_type_attrs[] = {
	&mdev_sim_type_attr_version,
	&mdev_sim_type_attr_description,
	&mdev_sim_type_attr_accept_min,
	&mdev_sim_type_attr_accept_max,
	&mdev_sim_type_attr_show_errno,
	&mdev_sim_type_attr_check_errno,
	&mdev_sim_type_attr_show_result,
	&mdev_sim_type_attr_check_result,
	&mdev_sim_type_attr_description_result,
	&mdev_sim_type_attr_probe_result,
	&mdev_sim_type_attr_delay_ms,
	&mdev_sim_type_attr_no_migration_version,
	&mdev_sim_type_attr_instances,
	&mdev_sim_type_attr_state_size,
	&mdev_sim_type_attr_pre_copy,
	&mdev_sim_type_attr_load,
	NULL
};

/**
 * mdev_sim_type_release - implement &configfs_item_operations.release
 * @item: a type
 */
static void mdev_sim_type_release(struct config_item *item)
{
	struct mdev_sim_type *type = item_to_type(item);

	mutex_destroy(&type->lock);
	kfree(type->description.bytes);
	kfree(type->version.bytes);
	kfree(type);
}

static const struct configfs_item_operations mdev_sim_type_item_ops = {
	.release = mdev_sim_type_release,
};

static const struct config_item_type mdev_sim_type_item_type = {
	.ct_item_ops = &mdev_sim_type_item_ops,
	.ct_attrs = mdev_sim_type_attrs,
	.ct_owner = THIS_MODULE,
};

/* Directories of parents */

/**
 * mdev_sim_make_type - implement &configfs_group_operations.make_item
 * @group: the parent
 * @name: name of the directory
 *
 * Return: the item of the type, or an ERR_PTR().
 */
static struct config_item *mdev_sim_make_type(struct config_group *group,
					      const char *name)
{
	struct mdev_sim_parent *parent = to_mdev_sim_parent(&group->cg_item);
	static const char version[] = "mdev-sim-1.0";
	static const char description[] = "Simulated mediated device";
	struct mdev_sim_type *type;

	if (strlen(name) > MDEV_SIM_NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);

	type = kzalloc_obj(*type);
	if (!type)
		return ERR_PTR(-ENOMEM);

	type->version.len = strlen(version);
	type->version.bytes = kmemdup(version, type->version.len, GFP_KERNEL);
	type->description.len = strlen(description);
	type->description.bytes = kmemdup(description, type->description.len,
					  GFP_KERNEL);
	type->instances = 16;
	type->state_size = SZ_4K;
	mutex_init(&type->lock);
	config_item_init_type_name(&type->item, name, &mdev_sim_type_item_type);
	if (!type->version.bytes || !type->description.bytes) {
		config_item_put(&type->item);
		return ERR_PTR(-ENOMEM);
	}

	mutex_lock(&parent->lock);
	if (parent->changing || parent->parent_dev) {
		mutex_unlock(&parent->lock);
		config_item_put(&type->item);
		return ERR_PTR(-EBUSY);
	}
	list_add_tail(&type->siblings, &parent->types);
	parent->nr_types++;
	mutex_unlock(&parent->lock);

	return &type->item;
}

/**
 * mdev_sim_drop_type - implement &configfs_group_operations.drop_item
 * @group: the parent
 * @item: type whose directory is removed
 */
static void mdev_sim_drop_type(struct config_group *group,
			       struct config_item *item)
{
	struct mdev_sim_parent *parent = to_mdev_sim_parent(&group->cg_item);

	mutex_lock(&parent->lock);
	list_del(&item_to_type(item)->siblings);
	parent->nr_types--;
	mutex_unlock(&parent->lock);

	config_item_put(item);
}

/**
 * mdev_sim_parent_live_show - implement &configfs_attribute.show
 * @item: a parent
 * @page: page to fill
 *
 * Return: Number of bytes in @page.
 */
static ssize_t mdev_sim_parent_live_show(struct config_item *item, char *page)
{
	struct mdev_sim_parent *parent = to_mdev_sim_parent(item);
	bool live;

	mutex_lock(&parent->lock);
	live = parent->parent_dev;
	mutex_unlock(&parent->lock);

	return sysfs_emit(page, "%u\n", live);
}

/* The directory of a registered parent must stay, so that rmdir fails */
static int mdev_sim_parent_go_live(struct mdev_sim_parent *parent)
{
	struct mdev_sim_parent_dev *parent_dev;
	int ret;

	ret = configfs_depend_item_unlocked(&mdev_sim_subsys,
					    &parent->group.cg_item);
	if (ret)
		return ret;

	parent_dev = mdev_sim_parent_dev_register(parent);
	if (IS_ERR(parent_dev)) {
		configfs_undepend_item_unlocked(&parent->group.cg_item);
		return PTR_ERR(parent_dev);
	}

	mutex_lock(&parent->lock);
	parent->parent_dev = parent_dev;
	mutex_unlock(&parent->lock);
	return 0;
}

static void mdev_sim_parent_end(struct mdev_sim_parent *parent)
{
	mdev_sim_parent_dev_unregister(parent->parent_dev);

	mutex_lock(&parent->lock);
	parent->parent_dev = NULL;
	mutex_unlock(&parent->lock);

	configfs_undepend_item_unlocked(&parent->group.cg_item);
}

/**
 * mdev_sim_parent_live_store - implement &configfs_attribute.store
 * @item: a parent
 * @page: text that was written
 * @count: length of @page
 *
 * Return: @count or a negative errno.
 */
static ssize_t mdev_sim_parent_live_store(struct config_item *item,
					  const char *page, size_t count)
{
	struct mdev_sim_parent *parent = to_mdev_sim_parent(item);
	u32 live;
	int ret;

	ret = mdev_sim_parse_u32(page, count, 1, &live);
	if (ret)
		return ret;

	mutex_lock(&parent->lock);
	if (parent->changing) {
		mutex_unlock(&parent->lock);
		return -EBUSY;
	}
	if (live == !!parent->parent_dev) {
		mutex_unlock(&parent->lock);
		return count;
	}
	parent->changing = true;
	mutex_unlock(&parent->lock);

	if (live)
		ret = mdev_sim_parent_go_live(parent);
	else
		mdev_sim_parent_end(parent);

	mutex_lock(&parent->lock);
	parent->changing = false;
	mutex_unlock(&parent->lock);

	return ret ?: count;
}
CONFIGFS_ATTR(mdev_sim_parent_, live);

static struct configfs_attribute *mdev_sim_parent_attrs[] = {
	&mdev_sim_parent_attr_live,
	NULL
};

/**
 * mdev_sim_parent_release - implement &configfs_item_operations.release
 * @item: a parent
 */
static void mdev_sim_parent_release(struct config_item *item)
{
	struct mdev_sim_parent *parent = to_mdev_sim_parent(item);

	mutex_destroy(&parent->lock);
	kfree(parent);
}

static const struct configfs_item_operations mdev_sim_parent_item_ops = {
	.release = mdev_sim_parent_release,
};

static const struct configfs_group_operations mdev_sim_parent_group_ops = {
	.make_item = mdev_sim_make_type,
	.drop_item = mdev_sim_drop_type,
};

static const struct config_item_type mdev_sim_parent_item_type = {
	.ct_item_ops = &mdev_sim_parent_item_ops,
	.ct_group_ops = &mdev_sim_parent_group_ops,
	.ct_attrs = mdev_sim_parent_attrs,
	.ct_owner = THIS_MODULE,
};

/**
 * mdev_sim_make_parent - implement &configfs_group_operations.make_group
 * @group: the subsystem
 * @name: name of the directory
 *
 * Return: the group of the parent, or an ERR_PTR().
 */
static struct config_group *mdev_sim_make_parent(struct config_group *group,
						 const char *name)
{
	struct mdev_sim_parent *parent;

	if (strlen(name) > MDEV_SIM_NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);

	parent = kzalloc_obj(*parent);
	if (!parent)
		return ERR_PTR(-ENOMEM);

	mutex_init(&parent->lock);
	INIT_LIST_HEAD(&parent->types);
	config_group_init_type_name(&parent->group, name,
				    &mdev_sim_parent_item_type);
	return &parent->group;
}

static const struct configfs_group_operations mdev_sim_group_ops = {
	.make_group = mdev_sim_make_parent,
};

static const struct config_item_type mdev_sim_item_type = {
	.ct_group_ops = &mdev_sim_group_ops,
	.ct_owner = THIS_MODULE,
};

static struct configfs_subsystem mdev_sim_subsys = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = MDEV_SIM_NAME,
			.ci_type = &mdev_sim_item_type,
		},
	},
	.su_mutex = __MUTEX_INITIALIZER(mdev_sim_subsys.su_mutex),
};

static int __init mdev_sim_init(void)
{
	int ret;

	ret = class_register(&mdev_sim_class);
	if (ret)
		return ret;

	ret = mdev_register_driver(&mdev_sim_driver);
	if (ret)
		goto err_class;

	config_group_init(&mdev_sim_subsys.su_group);
	ret = configfs_register_subsystem(&mdev_sim_subsys);
	if (ret)
		goto err_driver;

	return 0;

err_driver:
	mdev_unregister_driver(&mdev_sim_driver);
err_class:
	class_unregister(&mdev_sim_class);
	return ret;
}

static void __exit mdev_sim_exit(void)
{
	/* All directories and devices are gone, because each had a reference */
	configfs_unregister_subsystem(&mdev_sim_subsys);
	mdev_unregister_driver(&mdev_sim_driver);
	class_unregister(&mdev_sim_class);
	/*
	 * A release function may have put the last reference to the module and
	 * not have returned yet.  It does not sleep after that, so the task has
	 * left it once the task has called schedule() voluntarily.
	 */
	synchronize_rcu_tasks();
}

module_init(mdev_sim_init)
module_exit(mdev_sim_exit)

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Simulated mediated devices for tests");
