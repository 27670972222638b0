// SPDX-License-Identifier: GPL-2.0-only
/*
 * scripts/bench measures the core with this vendor driver, whose callbacks
 * accept everything and do as little as possible.  Its parents have a file for
 * comparison, whose handler only copies the written bytes.
 *
 * The driver also compiles with the upstream mdev.h, and then does not have
 * callbacks.
 */

#include <linux/compiler.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>

static uint parents = 1;
module_param(parents, uint, 0444);
MODULE_PARM_DESC(parents, "number of parents, bench0 and so on");

static uint types = 2;
module_param(types, uint, 0444);
MODULE_PARM_DESC(types, "number of types of each parent, 0 and so on");

static bool callbacks = true;
module_param(callbacks, bool, 0444);
MODULE_PARM_DESC(callbacks, "register the callbacks for a migration version");

static uint burn;
module_param(burn, uint, 0644);
MODULE_PARM_DESC(burn, "rounds of an empty loop in each callback");

static bool lock;
module_param(lock, bool, 0644);
MODULE_PARM_DESC(lock, "hold a lock in each callback that all types share");

static uint meet;
module_param(meet, uint, 0644);
MODULE_PARM_DESC(meet, "calls that must begin before one returns");

struct bench_type {
	struct mdev_type type;
	char name[16];
};

struct bench_parent {
	struct mdev_parent parent;
	struct device *dev;
	struct bench_type *types;
	struct mdev_type **pointers;
};

static struct bench_parent *bench_parents;

static struct mdev_driver bench_driver = {
	.device_api = "none",
	.driver = {
		.name = "bench_driver",
		.owner = THIS_MODULE,
	},
};

#ifdef MDEV_MIGRATION_VERSION_MAX
static DEFINE_MUTEX(bench_lock);

static DEFINE_SPINLOCK(meet_lock);
static DECLARE_WAIT_QUEUE_HEAD(met);

/* Wait for the other calls, and fail if a lock keeps them away */
static int bench_meet(void)
{
	if (!READ_ONCE(meet))
		return 0;

	spin_lock(&meet_lock);
	WRITE_ONCE(meet, meet - 1);
	spin_unlock(&meet_lock);
	wake_up_all(&met);

	return wait_event_timeout(met, !READ_ONCE(meet), 10 * HZ) ? 0 :
								    -ETIMEDOUT;
}

static int bench_callback(void)
{
	bool locked = READ_ONCE(lock);
	uint rounds;
	int ret;

	if (locked)
		mutex_lock(&bench_lock);
	for (rounds = READ_ONCE(burn); rounds; rounds--)
		barrier();
	ret = bench_meet();
	if (locked)
		mutex_unlock(&bench_lock);

	return ret;
}

static ssize_t bench_show(struct mdev_type *mtype, char *buf)
{
	return bench_callback() ?: sysfs_emit(buf, "%s\n", mtype->pretty_name);
}

static int bench_check(struct mdev_type *mtype, const char *version)
{
	return bench_callback();
}

static void bench_set_callbacks(void)
{
	bench_driver.show_migration_version = bench_show;
	bench_driver.check_migration_version = bench_check;
}
#else
static void bench_set_callbacks(void)
{
}
#endif

static ssize_t copy_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	static char copy[PATH_MAX];

	memcpy(copy, buf, min(count, sizeof(copy)));
	barrier_data(copy);
	return count;
}
static DEVICE_ATTR_WO(copy);

static int bench_add_parent(struct bench_parent *bench, uint number)
{
	char name[16];
	uint i;
	int ret;

	bench->types = vzalloc(array_size(types, sizeof(*bench->types)));
	bench->pointers = vzalloc(array_size(types, sizeof(*bench->pointers)));
	if (!bench->types || !bench->pointers) {
		ret = -ENOMEM;
		goto err_free;
	}

	for (i = 0; i < types; i++) {
		struct bench_type *type = &bench->types[i];

		snprintf(type->name, sizeof(type->name), "%u", i);
		type->type.sysfs_name = type->name;
		/* The string has as many characters as mtty's version */
		type->type.pretty_name = "a measurement";
		bench->pointers[i] = &type->type;
	}

	snprintf(name, sizeof(name), "bench%u", number);
	bench->dev = root_device_register(name);
	if (IS_ERR(bench->dev)) {
		ret = PTR_ERR(bench->dev);
		goto err_free;
	}

	ret = device_create_file(bench->dev, &dev_attr_copy);
	if (ret)
		goto err_device;

	ret = mdev_register_parent(&bench->parent, bench->dev, &bench_driver,
				   bench->pointers, types);
	if (ret)
		goto err_device;

	return 0;

err_device:
	root_device_unregister(bench->dev);
err_free:
	vfree(bench->pointers);
	vfree(bench->types);
	return ret;
}

static void bench_remove_parents(uint count)
{
	while (count--) {
		struct bench_parent *bench = &bench_parents[count];

		mdev_unregister_parent(&bench->parent);
		root_device_unregister(bench->dev);
		vfree(bench->pointers);
		vfree(bench->types);
	}
}

static int __init bench_init(void)
{
	uint i;
	int ret;

	if (callbacks)
		bench_set_callbacks();

	bench_parents = vzalloc(array_size(parents, sizeof(*bench_parents)));
	if (!bench_parents)
		return -ENOMEM;

	ret = mdev_register_driver(&bench_driver);
	if (ret)
		goto err_free;

	for (i = 0; i < parents; i++) {
		ret = bench_add_parent(&bench_parents[i], i);
		if (ret)
			goto err_parents;
	}

	return 0;

err_parents:
	bench_remove_parents(i);
	mdev_unregister_driver(&bench_driver);
err_free:
	vfree(bench_parents);
	return ret;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
	bench_remove_parents(parents);
	mdev_unregister_driver(&bench_driver);
	vfree(bench_parents);
}
module_exit(bench_exit);

MODULE_DESCRIPTION("Vendor driver that does nothing, for scripts/bench");
MODULE_LICENSE("GPL");
