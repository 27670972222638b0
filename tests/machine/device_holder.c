// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hold a reference to the device "name" for as long as this module is loaded, as any
 * part of the kernel may do that has found the device
 */

#include <linux/device.h>
#include <linux/err.h>
#include <linux/kobject.h>
#include <linux/module.h>

static char *name = "";
module_param(name, charp, 0444);
MODULE_PARM_DESC(name, "name of the device");

static struct kobject *held;

static int __init device_holder_init(void)
{
	/* All devices are in one set, and any device leads to it */
	struct device *own = root_device_register("device_holder");

	if (IS_ERR(own))
		return PTR_ERR(own);
	held = kset_find_obj(own->kobj.kset, name);
	root_device_unregister(own);
	return held ? 0 : -ENODEV;
}

static void __exit device_holder_exit(void)
{
	kobject_put(held);
}

module_init(device_holder_init)
module_exit(device_holder_exit)

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Holds a reference to a device");
