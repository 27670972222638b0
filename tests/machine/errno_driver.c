// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vendor driver without migration_version; a test sets the return values of its
 * callbacks by module parameters
 */

#include <linux/device.h>
#include <linux/err.h>
#include <linux/mdev.h>
#include <linux/module.h>

static int description_result;
module_param(description_result, int, 0644);
MODULE_PARM_DESC(description_result, "return value of show_description");

static int probe_result = -ENODEV;
module_param(probe_result, int, 0644);
MODULE_PARM_DESC(probe_result, "return value of probe, an errno");

static ssize_t errno_show_description(struct mdev_type *mtype, char *buf)
{
	return description_result;
}

static int errno_probe(struct mdev_device *mdev)
{
	return probe_result;
}

static void errno_remove(struct mdev_device *mdev)
{
}

static unsigned int errno_get_available(struct mdev_type *mtype)
{
	return 1;
}

static struct mdev_driver errno_driver = {
	.device_api = "none",
	.driver = {
		.name = "errno_driver",
		.owner = THIS_MODULE,
	},
	.probe = errno_probe,
	.remove = errno_remove,
	.get_available = errno_get_available,
	.show_description = errno_show_description,
};

static struct mdev_type errno_type = { .sysfs_name = "type" };
static struct mdev_type *errno_types[] = { &errno_type };
static struct mdev_parent errno_parent;
static struct device *errno_device;

static int __init errno_init(void)
{
	int ret;

	ret = mdev_register_driver(&errno_driver);
	if (ret)
		return ret;

	errno_device = root_device_register("errno");
	if (IS_ERR(errno_device)) {
		ret = PTR_ERR(errno_device);
		goto err_driver;
	}

	ret = mdev_register_parent(&errno_parent, errno_device, &errno_driver,
				   errno_types, ARRAY_SIZE(errno_types));
	if (ret)
		goto err_device;

	return 0;

err_device:
	root_device_unregister(errno_device);
err_driver:
	mdev_unregister_driver(&errno_driver);
	return ret;
}
module_init(errno_init);

static void __exit errno_exit(void)
{
	mdev_unregister_parent(&errno_parent);
	root_device_unregister(errno_device);
	mdev_unregister_driver(&errno_driver);
}
module_exit(errno_exit);

MODULE_DESCRIPTION("Vendor driver that returns errnos that a test sets");
MODULE_LICENSE("GPL");
